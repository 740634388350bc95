"""A case folder: case.toml names the windows, the sources and what their columns mean.

    [case]
    name = "2025-10-11"
    title = { en = "…", zh = "…" }

    [windows.crash]
    from = "2025-10-10T21:10:00Z"
    to = "2025-10-10T21:40:00Z"

    [[source]]
    path = "facts"                       # file or folder, relative to the case
    [[source]]
    env = "LIQUEST_DATA"                 # a folder that an environment variable names
    include = ["**/*_trades_*.csv.gz"]   # globs below it; all files when left out

    [[instrument]]                       # what the data cannot say of itself
    venue = "okx"
    symbol = "FIL-USDT-SWAP"
    contract_size = "0.1"

    [measures.dislocation]               # parameters other than the defaults
    max_age = 30
    [replay.window]                      # the same for the questions of the replay
    windows = ["150", "30"]
    [screens.phantom]                    # and for the screens of evidence

`[[map]]` tables are described in tape/mapped.py, `[[log]]` tables in logs/spec.py.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from .clock import Window, parse_time
from .errors import CaseError, Text, UsageError
from .logs.spec import LogSpec, parse_log
from .tape.mapped import ColumnMap, contract_size, parse_map
from .vault.intake import walk

_OWN = (
    "case.toml", "provenance.json", "claims.toml", "statements.toml", "questions.toml",
    "hypotheses.toml", "fetch.toml", "references.toml", "replies.toml", "claimants.csv",
    "reference_prices.csv",
)  # fmt: skip
"""Files of a case that are no evidence."""
_MADE = ("out", "vault")
"""Folders of a case that Liquest writes."""
_TABLES = {
    "case", "windows", "source", "map", "log", "measures", "instrument", "prove", "replay",
    "screens",
}  # fmt: skip


@dataclass(frozen=True)
class SourceSpec:
    """One `[[source]]`: a path of the case, or a folder that a variable names."""

    path: str = ""
    env: str = ""
    include: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """What case.toml says, checked. The first window is the main one."""

    root: Path
    name: str
    title: Text
    windows: Mapping[str, Window]
    sources: tuple[SourceSpec, ...] = ()
    maps: tuple[ColumnMap, ...] = ()
    measures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    contracts: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    replay: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    logs: tuple[LogSpec, ...] = ()
    screens: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def main(self) -> Window:
        """The first window of the case."""
        return next(iter(self.windows.values()))

    def window(self, name: str) -> Window:
        """The window of that name; raises UsageError with the names there are."""
        if name not in self.windows:
            raise UsageError(
                Text(f"there is no window '{name}'", f"没有名为“{name}”的时间窗"),
                remedy=Text(
                    f"The case has: {', '.join(self.windows)}", f"已有：{', '.join(self.windows)}"
                ),
            )
        return self.windows[name]

    def files(self) -> list[tuple[str, Path]]:
        """(name, path) of every file of the case, sorted by name within each source.

        What the case itself is made of is no source, where a source lies around it.
        """
        found: list[tuple[str, Path]] = []
        home = self.root.resolve()
        own = {home / name for name in _OWN}
        for label, root, spec in self._places():
            for path in walk(root, links=True):
                inner = path.relative_to(root) if path != root else Path(path.name)
                if spec.include and not any(_fits(inner, glob) for glob in spec.include):
                    continue
                real = Path(os.path.realpath(path))  # unlike resolve, bears a link to itself
                if real in own or any(real.is_relative_to(home / made) for made in _MADE):
                    continue
                name = label if path == root and not spec.env else f"{label}/{inner.as_posix()}"
                # A name need not be UTF-8 on disk, but whatever is written about it is.
                found.append((os.fsencode(name).decode("utf-8", "replace"), path))
        return found

    def labels(self) -> list[str]:
        """The names of the sources, those left out whose variable is not set."""
        return [label for label, _, _ in self._places()]

    def _places(self) -> Iterator[tuple[str, Path, SourceSpec]]:
        for spec in self.sources:
            if not spec.env:
                yield spec.path, self.root / spec.path, spec
            elif value := os.environ.get(spec.env):
                yield f"${spec.env}", Path(value), spec


def _fits(path: Path, glob: str) -> bool:
    """Whether a path below a source meets a glob; **/ stands for any folders, or for none."""
    return path.match(glob) or path.match(glob.removeprefix("**/"))


def read_case(folder: Path) -> Case:
    """The case in `folder`; raises CaseError with the key at fault."""
    path = folder / "case.toml"
    if not path.is_file():
        raise CaseError(
            Text("this folder is no case: it has no case.toml", "该文件夹不是案件：缺少 case.toml"),
            where=str(folder),
            remedy=Text(
                "Make one with: liquest new CASE DATA…", "请先创建：liquest new 案件 数据…"
            ),
        )
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CaseError(
            Text(f"case.toml is not valid TOML: {error}", f"case.toml 不是合法的 TOML：{error}"),
            where=str(path),
            remedy=Text("Mend the line named above.", "请修正上述行。"),
        ) from None
    return parse_case(table, folder, str(path))


def parse_case(table: Mapping[str, Any], root: Path, where: str) -> Case:
    """A case from its TOML table."""
    if unknown := sorted(set(table) - _TABLES):
        raise _refuse(where, f"unknown table: {', '.join(unknown)}", f"未知的表：{unknown[0]}")
    head = _table(table, "case", where)
    if unknown := sorted(set(head) - {"name", "title"}):
        raise _refuse(where, f"[case] has no key '{unknown[0]}'", f"[case] 没有“{unknown[0]}”")
    name = str(head.get("name", root.resolve().name))
    title = head.get("title", name)
    if isinstance(title, Mapping):
        title = Text(str(title.get("en", name)), str(title.get("zh", title.get("en", name))))
    else:
        title = Text(str(title), str(title))
    windows = {
        key: _window(key, span, where) for key, span in _table(table, "windows", where).items()
    }
    if not windows:
        raise _refuse(where, "no window is given", "未给出任何时间窗")
    measures, replay, screens = (
        _table(table, name, where) for name in ("measures", "replay", "screens")
    )
    for tables in (measures, replay, screens):
        for key in tables:
            _table(tables, key, where)
    return Case(
        root, name, title, windows,
        tuple(_source(spec, where) for spec in _tables(table, "source", where)),
        tuple(parse_map(m, where) for m in _tables(table, "map", where)),
        measures,
        dict(_contract(spec, where) for spec in _tables(table, "instrument", where)),
        replay,
        tuple(parse_log(spec, where) for spec in _tables(table, "log", where)),
        screens,
    )  # fmt: skip


def _window(key: str, span: Any, where: str) -> Window:
    """One [windows.KEY]."""
    if not isinstance(span, Mapping) or not {"from", "to"} <= set(span) <= {"from", "to", "tz"}:
        raise _refuse(
            where,
            f"[windows.{key}] needs 'from' and 'to', and takes 'tz' besides",
            f"[windows.{key}] 须有 from 与 to，另可有 tz",
        )
    zone = str(span.get("tz", "UTC"))
    try:
        start, end = (parse_time(str(span[edge]), zone) for edge in ("from", "to"))
        return Window(key, start, end)
    except UsageError as error:
        raise CaseError(
            error.what, where=f"{where}: [windows.{key}]", remedy=error.remedy
        ) from None


def _source(spec: Mapping[str, Any], where: str) -> SourceSpec:
    """One [[source]]."""
    if ("path" in spec) == ("env" in spec) or set(spec) - {"path", "env", "include"}:
        raise _refuse(
            where,
            "[[source]] needs 'path' or 'env', and takes 'include' besides",
            "[[source]] 须有 path 或 env 之一，另可有 include",
        )
    place = spec.get("path", spec.get("env"))
    include = spec.get("include", ())
    if not isinstance(place, str) or not place:
        raise _refuse(
            where, "[[source]] 'path' or 'env' is no text", "[[source]] 的 path 或 env 须为文本"
        )
    if not isinstance(include, list | tuple) or not all(isinstance(g, str) and g for g in include):
        raise _refuse(
            where,
            "[[source]] 'include' is no list of globs: write include = [\"*.csv\"]",
            '[[source]] 的 include 须为列表，如 include = ["*.csv"]',
        )
    return SourceSpec(str(spec.get("path", "")), str(spec.get("env", "")), tuple(include))


def _contract(spec: Mapping[str, Any], where: str) -> tuple[tuple[str, str], Decimal]:
    """One [[instrument]]."""
    if set(spec) == {"venue", "symbol", "contract_size"}:
        size = contract_size(spec["contract_size"])
        if size is not None:
            return (str(spec["venue"]), str(spec["symbol"])), size
    raise _refuse(
        where,
        "[[instrument]] needs venue, symbol and a contract_size above zero",
        "[[instrument]] 须有 venue、symbol 与大于零的 contract_size",
    )


def _table(table: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    found = table.get(key, {})
    if not isinstance(found, Mapping):
        raise _refuse(where, f"'{key}' is no table: write [{key}]", f"“{key}”须为表：[{key}]")
    return found


def _tables(table: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise _refuse(
            where, f"'{key}' is no list of tables: write [[{key}]]", f"“{key}”须写作 [[{key}]]"
        )
    return found


def _refuse(where: str, en: str, zh: str) -> CaseError:
    return CaseError(
        Text(en, zh), where=where,
        remedy=Text("See docs/case.md for every key.", "各键说明见 docs/case.md。"),
    )  # fmt: skip
