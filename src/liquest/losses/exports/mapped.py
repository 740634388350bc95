"""Exports of other venues through a column map, a TOML file that says which column is what.

[[map]]
files = "*okx*trades*.csv"          # glob on the name of the file
kind = "trades"                     # transactions, orders, positions, transfers, statement …
venue = "okx"
market = "usdm"                     # usdm: margined in dollars; coinm: in the coin, inverse
columns = { time = "Fill time", symbol = "Instrument", side = "Side", price = "Fill price",
            quantity = "Size", fee = "Fee", realised = "PnL", trade_id = "Trade ID" }
constants = { fee_asset = "USDT" }  # fields that are the same in every row
tz = "UTC+8"                        # for times without an offset
decimal = ","                       # decimals with a comma
fee_sign = -1                       # the venue writes a fee that was paid below zero

[map.words]                         # words of values: theirs → ours
side = { "Open long" = "buy", "Close long" = "sell" }

A field that the kind needs stands in `columns` or in `constants`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from ...clock import zone
from ...errors import InputError, Text, UsageError
from ..entries import COINM, USDM
from .layouts import Form, forms, plain

_KEYS = {
    "files", "kind", "venue", "market", "columns", "constants", "tz", "decimal", "fee_sign",
    "words",
}  # fmt: skip


@dataclass(frozen=True)
class ColumnMap:
    """One `[[map]]`, checked."""

    files: str
    form: Form
    venue: str
    columns: Mapping[str, str]
    market: str = USDM
    constants: Mapping[str, str] = field(default_factory=dict)
    tz: str = ""
    decimal: str = "."
    fee_sign: int = 1
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def takes(self, file_name: str) -> bool:
        """Whether the map is for a file of that name, or for all sheets of the workbook in it."""
        workbook, _, sheet = file_name.rpartition("!")
        return fnmatch(file_name, self.files) or (bool(sheet) and fnmatch(workbook, self.files))

    def places(self, header: Sequence[str]) -> dict[str, int] | None:
        """Field → column; None when the header lacks one that the map names."""
        at = {plain(cell): place for place, cell in reversed(list(enumerate(header)))}
        found = {ours: at.get(plain(theirs)) for ours, theirs in self.columns.items()}
        if None in found.values():
            return None
        return {ours: place for ours, place in found.items() if place is not None}


def read_maps(path: Path) -> tuple[ColumnMap, ...]:
    """The maps of a TOML file; raises InputError that names the key at fault."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise _refuse(path, f"it cannot be read ({error.strerror})", "无法读取该文件") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refuse(path, f"it is no TOML ({error})", f"不是有效的 TOML（{error}）") from None
    tables = data.get("map")
    if not isinstance(tables, list) or not tables:
        raise _refuse(path, "it has no [[map]]", "没有 [[map]]")
    return tuple(_map(path, one) for one in tables)


def _map(path: Path, given: Mapping[str, Any]) -> ColumnMap:
    if unknown := sorted(set(given) - _KEYS):
        raise _refuse(path, f"unknown keys: {', '.join(unknown)}", f"未知键：{', '.join(unknown)}")
    for key in ("files", "kind", "venue", "columns"):
        if key not in given:
            raise _refuse(path, f"a [[map]] needs '{key}'", f"[[map]] 缺少“{key}”")
    form = forms().get(str(given["kind"]))
    if form is None:
        known = ", ".join(forms())
        raise _refuse(
            path, f"kind '{given['kind']}' is none of {known}", f"kind 须为以下之一：{known}"
        )
    columns, constants = (_texts(path, given, key) for key in ("columns", "constants"))
    if unknown := sorted({*columns, *constants} - set(form.spelled.values())):
        raise _refuse(
            path, f"unknown fields: {', '.join(unknown)}", f"未知字段：{', '.join(unknown)}"
        )
    asked = [f for f in form.needs if f != "realised" and f not in {*columns, *constants}]
    if asked:
        raise _refuse(path, f"columns lacks {', '.join(asked)}", f"columns 缺少 {', '.join(asked)}")
    if given.get("market", USDM) not in (USDM, COINM):
        raise _refuse(path, "market must be usdm or coinm", "market 须为 usdm 或 coinm")
    if given.get("decimal", ".") not in (".", ","):
        raise _refuse(path, 'decimal must be "." or ","', 'decimal 须为 "." 或 ","')
    if given.get("fee_sign", 1) not in (1, -1):
        raise _refuse(path, "fee_sign must be 1 or -1", "fee_sign 须为 1 或 -1")
    words = given.get("words", {})
    if not isinstance(words, Mapping) or not all(
        isinstance(w, Mapping) and all(isinstance(v, str) for v in w.values())
        for w in words.values()
    ):
        raise _refuse(path, "'words' is of the wrong type", "“words”的类型不对")
    tz = str(given.get("tz", ""))
    try:
        zone(tz or "UTC")
    except UsageError as error:
        raise InputError(error.what, where=str(path), remedy=error.remedy) from None
    return ColumnMap(
        str(given["files"]), form, str(given["venue"]), columns, str(given.get("market", USDM)),
        constants, tz, str(given.get("decimal", ".")), int(given.get("fee_sign", 1)), words,
    )  # fmt: skip


def _texts(path: Path, given: Mapping[str, Any], key: str) -> dict[str, str]:
    value = given.get(key, {})
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise _refuse(path, f"'{key}' is of the wrong type", f"“{key}”的类型不对")
    return dict(value)


def _refuse(path: Path, en: str, zh: str) -> InputError:
    return InputError(
        Text(f"the column map: {en}", f"列映射：{zh}"), where=str(path),
        remedy=Text(
            'A map that works: [[map]] files = "*.csv", kind = "trades", venue = "okx", '
            'columns = { time = "Time", symbol = "Symbol", side = "Side", price = "Price", '
            'quantity = "Size" }.',
            '可用示例：[[map]] files = "*.csv"，kind = "trades"，venue = "okx"，columns = { time = '
            '"Time", symbol = "Symbol", side = "Side", price = "Price", quantity = "Size" }。',
        ),
    )  # fmt: skip
