"""Exports as the venue writes them, from a writer of its own: BOM, quotes, zeros as 0E-8."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import liquest.losses.exports
from liquest.losses.entries import Exports
from liquest.losses.exports import read_exports
from liquest.problems import Problem

TABLE: Mapping[str, Any] = tomllib.loads(
    Path(liquest.losses.exports.__file__).with_name("layouts.toml").read_text(encoding="utf-8")
)
LAYOUTS = [
    (layout, lang, generation)
    for layout in TABLE["layout"]
    for lang in ("en", "zh")
    for generation in ("", "_new")
    if lang + generation in layout
]
"""Every header that the venue writes: layout, language, generation."""


def fields_of(layout: Mapping[str, Any], generation: str) -> Sequence[str]:
    fields: Sequence[str] = layout.get(f"fields{generation}", layout["fields"])
    return fields


def layout_of(kind: str, market: str = "usdm", form: str | None = None) -> Mapping[str, Any]:
    """The first layout of a kind and market, or of a form."""
    return next(
        one
        for one in TABLE["layout"]
        if one["kind"] == kind and one.get("form") == form and one.get("market", market) == market
    )


def quoted(cells: Iterable[str]) -> str:
    return ",".join(f'"{cell}"' for cell in cells) + "\n"


def shown(value: Decimal, places: int | None = None) -> str:
    """A number as the venue writes it."""
    if places is not None:
        return "0E-8" if not value else f"{value:.{places}f}"
    return format(value, "f")


def moment(ts: int, *, short: bool = False, ms: bool = False) -> str:
    at = datetime.fromtimestamp(ts // 1_000_000, UTC)
    text = at.strftime("%y-%m-%d %H:%M:%S" if short else "%Y-%m-%d %H:%M:%S")
    return f"{text}.{ts // 1000 % 1000:03d}" if ms else text


def sheet(
    path: Path, layout: Mapping[str, Any], rows: Iterable[Mapping[str, str]], *,
    lang: str = "en", generation: str = "", encoding: str = "utf-8-sig", quotes: bool = True,
    delimiter: str = ",",
) -> Path:  # fmt: skip
    """Writes rows (field → cell) under the header of a layout."""
    fields = fields_of(layout, generation)
    lines = [layout[lang + generation], *([row.get(f, "") for f in fields] for row in rows)]
    text = "".join(
        quoted(line) if quotes else delimiter.join(line) + "\n" for line in lines
    )  # fmt: skip
    path.write_text(text, encoding=encoding)
    return path


def read(*paths: Path, **given: Any) -> tuple[Exports, list[Problem]]:
    return read_exports(paths, **given)


def codes(problems: Iterable[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def one(problems: Iterable[Problem], code: str) -> Problem:
    """The only problem of a code."""
    (found,) = [problem for problem in problems if problem.code == code]
    return found


TRADES = (
    "Uid,Time(UTC),Symbol,Side,Position Side,Price,Quantity,Amount,Fee,Realized Profit,Buyer,"
    "Maker,Trade Id,Order Id\n"
)
TRADE = (
    "123456789,2025-10-10 21:18:53,ATOMUSDT,SELL,BOTH,2.865,100,286.5,0.14325 USDT,-52.6,false,"
    "false,7001,9001\n"
)
"""A sound row, to be changed where a test wants it at fault."""


def trades(path: Path, *rows: str, header: str = TRADES, encoding: str = "utf-8") -> Path:
    path.write_text(header + "".join(rows), encoding=encoding)
    return path


def changed(**cells: str) -> str:
    """The sound row with other cells, named as in the header without blanks."""
    names = [name.replace(" ", "_").replace("(UTC)", "") for name in TRADES.strip().split(",")]
    values = dict(zip(names, TRADE.strip().split(","), strict=True)) | cells
    return ",".join(values.values()) + "\n"
