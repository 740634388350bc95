"""The assumptions of a population as TOML: what is left out has its default, what is not known
is refused with the nearest key.

    [leverage]                 # weight of each leverage
    "5" = 17
    "20" = 18
    [size]
    law = "lognormal"          # median, sigma; or "pareto": minimum, alpha
    median = 1500
    sigma = 2
    [accounts]
    long = 0.6
    legs = [0.6, 0.25, 0.15]
    [class.vip]
    share = 0.03
    size = 20
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..errors import LiquestError, Text, UsageError
from ..findings import plain
from ..run.disk import whole, writing
from .population_law import Assumptions, ClassShare, LogNormal, Pareto

_LAWS: Mapping[str, type[LogNormal] | type[Pareto]] = {"lognormal": LogNormal, "pareto": Pareto}
_ACCOUNTS = ("least", "long", "isolated", "hedge", "legs", "spare", "hours", "counterparties",
             "counterparty_leverage")  # fmt: skip
_TABLES = ("leverage", "size", "accounts", "class")
_HEAD = (
    "# Assumptions of a synthetic population: stated, not measured.\n"
    "# 合成账户群的假设：仅为陈述，并非测量结果。\n"
)


def write_assumptions(path: Path, assumptions: Assumptions) -> None:
    """The table, whole or not at all."""
    with writing(path.parent), whole(path) as out:
        out.write(as_toml(assumptions))


def as_toml(one: Assumptions) -> str:
    """The table that reads back as the same assumptions."""
    law = next(name for name, kind in _LAWS.items() if isinstance(one.size, kind))
    lines = [_HEAD, "[leverage]"]
    lines += [f'"{leverage}" = {plain(weight)}' for leverage, weight in one.leverage.items()]
    lines += ["", "[size]", f'law = "{law}"']
    lines += [f"{f.name} = {plain(getattr(one.size, f.name))}" for f in fields(one.size)]
    lines += ["", "[accounts]"]
    for name in _ACCOUNTS:
        value = getattr(one, name)
        text = (
            f"[{', '.join(plain(v) for v in value)}]" if name == "legs" else plain(Decimal(value))
        )
        lines.append(f"{name} = {text}")
    for word, share in one.classes.items():
        lines += ["", f'[class."{word}"]', f"share = {plain(share.share)}",
                  f"size = {plain(share.size)}"]  # fmt: skip
    return "\n".join(lines) + "\n"


def read_assumptions(path: Path) -> Assumptions:
    """The assumptions of a file; raises UsageError with the key at fault."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            Text(f"the assumptions cannot be read: {error}", f"无法读取假设表：{error}"),
            where=str(path),
            remedy=Text("Check the path and the line named.", "请检查路径与所指的行。"),
        ) from None
    try:
        return parse_assumptions(table)
    except LiquestError as error:
        where = f"{path}: {error.where}" if error.where else str(path)
        raise UsageError(error.what, where=where, remedy=error.remedy) from None


def parse_assumptions(table: Mapping[str, Any]) -> Assumptions:
    """The assumptions of a TOML table."""
    _known("", table, _TABLES)
    given: dict[str, Any] = {}
    if "leverage" in table:
        rows = _table("leverage", table["leverage"])
        given["leverage"] = {_leverage(k): _number(f"leverage.{k}", v) for k, v in rows.items()}
    if "size" in table:
        given["size"] = _size(_table("size", table["size"]))
    accounts = _table("accounts", table.get("accounts", {}))
    _known("accounts", accounts, _ACCOUNTS)
    for name, value in accounts.items():
        if name == "legs":
            if not isinstance(value, list):
                raise _refuse(name, "no list", "不是列表", "Write legs = [0.6, 0.25, 0.15].")
            given[name] = tuple(_number("accounts.legs", one) for one in value)
        else:
            given[name] = _number(f"accounts.{name}", value)
    if "counterparties" in given:
        count = given["counterparties"]
        if count != count.to_integral_value():
            raise _refuse(
                "counterparties", f"{count} is no count", f"{count} 不是整数", "Write 10."
            )
        given["counterparties"] = int(count)
    if "class" in table:
        given["classes"] = {
            word: _share(word, _table(f"class.{word}", rows))
            for word, rows in _table("class", table["class"]).items()
        }
    return Assumptions(**given)


def _size(rows: Mapping[str, Any]) -> LogNormal | Pareto:
    law = rows.get("law", "lognormal")
    if law not in _LAWS:
        raise _refuse("size.law", f"there is no law '{law}'", f"没有“{law}”分布",
                      f"Write one of {', '.join(_LAWS)}.")  # fmt: skip
    kind = _LAWS[law]
    _known("size", rows, ("law", *(f.name for f in fields(kind))))
    return kind(**{k: _number(f"size.{k}", v) for k, v in rows.items() if k != "law"})


def _share(word: str, rows: Mapping[str, Any]) -> ClassShare:
    _known(f"class.{word}", rows, ("share", "size"))
    if "share" not in rows:
        raise _refuse(f"class.{word}", "no share", "缺少 share", "Write share = 0.03.")
    return ClassShare(**{k: _number(f"class.{word}.{k}", v) for k, v in rows.items()})


def _leverage(key: str) -> int:
    if not (key.isascii() and key.isdigit() and len(key) < 5):
        raise _refuse("leverage", f"'{key}' is no leverage", f"“{key}”不是杠杆倍数",
                      'Write "20" = 18.')  # fmt: skip
    return int(key)


def _number(name: str, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _refuse(name, f"{value!r} is no number", f"{value!r} 不是数字",
                      "Write a plain number.")  # fmt: skip
    return Decimal(value)


def _table(name: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _refuse(name, "no table", "不是表", f"Write [{name}].")
    return value


def _known(name: str, table: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    for key in table:
        if key not in keys:
            close = get_close_matches(key, keys, n=1)
            raise _refuse(
                f"{name}.{key}".lstrip("."), f"there is no key '{key}'", f"没有“{key}”这一项",
                f"Did you mean {close[0]}?" if close else f"Known: {', '.join(keys)}.",
            )  # fmt: skip


def _refuse(name: str, en: str, zh: str, remedy: str) -> UsageError:
    return UsageError(
        Text(f"assumptions: {en}", f"假设：{zh}"), where=name,
        remedy=Text(remedy, f"请更正 {name}：{remedy}"),
    )  # fmt: skip
