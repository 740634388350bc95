"""The rows of one file of mark prices: bars of a venue's archive, or moments with a price.

    open_time,open,high,low,close,volume,close_time,…    Binance klines and markPriceKlines,
                                                         with or without a header, ms or µs
    time,price                                           header optional

Bars of one file have one length. Source of the layout: Binance public data, "Klines".
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ...clock import DAY, HOUR, MINUTE, SECOND
from ...errors import InputError, Text, UnknownFormat
from ...replay.positions_text import Line, split
from ...vault.intake import digest
from .cells import moment, price, zone_of
from .sheet import Given, at_fault, text_of

DELIMITERS = (",", ";", "\t")
INTERVALS = (
    SECOND, MINUTE, 3 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR,
    6 * HOUR, 8 * HOUR, 12 * HOUR, DAY,
)  # fmt: skip
"""Lengths of bars that venues publish."""
_BAR = 7
"""Columns that a bar has at least: up to close_time."""
_ORDER = ("open", "high", "low", "close")


class Row(NamedTuple):
    """`ts` the moment of the price, for a bar its opening; `price` the close of a bar."""

    ts: int
    price: Decimal
    low: Decimal | None
    high: Decimal | None
    row: int


@dataclass(frozen=True)
class Sheet:
    """What a file holds. `duration` (µs) of its bars, 0 for moments; `traded` says that its
    bars have a volume, so that they are bars of trades."""

    name: str
    sha256: str
    symbol: str
    duration: int
    rows: tuple[Row, ...]
    traded: bool = False


def read_sheet(given: Given, tz: str | None) -> Sheet:
    """Every row of a file; raises an InputError that names the first row at fault."""
    with text_of(given.path) as (text, name):
        lines = [line for line in text.lines() if line.text.strip("\ufeff \t,;")]
        if text.damaged:
            raise UnknownFormat(
                Text("its bytes are no text of any known encoding", "文件编码无法识别"),
                where=name,
                remedy=Text("Save the table as CSV (UTF-8).", "请将表格另存为 CSV（UTF-8）。"),
            )
    sha256 = digest(given.path)
    if not lines:
        raise _empty(name)
    delimiter = max(DELIMITERS, key=lines[0].text.count)
    table = [(line.number, _cells(line, delimiter, name)) for line in lines]
    head = table[0][1]
    headed = bool(head[0]) and not head[0][0].isdigit() and not head[0].startswith(("=", "+", "-"))
    zone = zone_of(head[0]) if headed else None
    body = table[1:] if headed else table
    if not body:
        raise _empty(name)
    width = len(body[0][1])
    if width == 2:
        rows = [_point(cells, zone or tz, name, row) for row, cells in body]
        return Sheet(name, sha256, given.symbol, 0, tuple(rows))
    if width < _BAR or (headed and not _is_bar(head)):
        raise _unknown(name, table[0][0])
    return _bars(given.symbol, name, sha256, body, zone or tz)


def _bars(
    symbol: str, name: str, sha256: str, body: list[tuple[int, list[str]]], tz: str | None
) -> Sheet:
    rows = []
    duration, traded = 0, False
    for row, cells in body:
        if len(cells) < _BAR:
            raise _short(name, row, len(cells))
        opened, closed = (moment(cells[k], tz, name, row) for k in (0, 6))
        first, high, low, close = (
            price(column, cells[k], name, row) for k, column in enumerate(_ORDER, 1)
        )
        if not low <= min(first, close) <= max(first, close) <= high:
            raise at_fault(
                name, row,
                Text("open or close is outside of low and high", "开盘价或收盘价超出最高最低价"),
                Text("Fetch the file again.", "请重新下载该文件。"),
            )  # fmt: skip
        length = _length(opened, closed)
        if not length or (duration and length != duration):
            raise at_fault(
                name, row,
                Text(
                    "the bar does not last as long as those before it, or not at all",
                    "该 K 线的时长与之前不同，或无效",
                ),
                Text("Give bars of one length in one file.", "请在一个文件中只放同一周期的 K 线。"),
            )  # fmt: skip
        duration = length
        traded = traded or cells[5].strip("0.") not in ("", "E-8", "e-8")
        rows.append(Row(opened, close, low, high, row))
    return Sheet(name, sha256, symbol, duration, tuple(rows), traded)


def _length(opened: int, closed: int) -> int:
    """A bar closes one tick before the next opens: a microsecond, a millisecond, or none at all;
    0 for what is no interval of a venue."""
    span = closed - opened
    return next((span + tick for tick in (1, 1_000, 0) if span + tick in INTERVALS), 0)


def _point(cells: list[str], tz: str | None, name: str, row: int) -> Row:
    if len(cells) != 2:
        raise _short(name, row, len(cells))
    return Row(moment(cells[0], tz, name, row), price("price", cells[1], name, row), None, None,
               row)  # fmt: skip


def _cells(line: Line, delimiter: str, name: str) -> list[str]:
    cells = None if line.cut else split(line.text.lstrip("\ufeff"), delimiter)
    if cells is None:
        raise at_fault(
            name, line.number,
            Text("the row is no CSV: a quote is not closed, or it is too long",
                 "该行不是有效的 CSV：引号未闭合或过长"),
            Text("Check its quotes; save the table as CSV again.", "请检查引号，或重新存为 CSV。"),
        )  # fmt: skip
    while len(cells) > 2 and not cells[-1]:
        cells.pop()  # What a spreadsheet leaves behind the last column.
    return cells


def _is_bar(head: list[str]) -> bool:
    named = [cell.lower().replace(" ", "_") for cell in head]
    return tuple(named[1:5]) == _ORDER and named[6].startswith("close")


def _short(name: str, row: int, count: int) -> InputError:
    return at_fault(
        name, row,
        Text(
            f"the row has {count} cells, unlike those before it",
            f"该行有 {count} 格，与之前不同",
        ),
        Text("Restore the row.", "请恢复该行。"),
    )  # fmt: skip


def _empty(name: str) -> UnknownFormat:
    return UnknownFormat(
        Text("the table has no rows", "表中没有数据行"), where=name,
        remedy=Text("Give the table with its rows.", "请提供含数据行的表格。"),
    )  # fmt: skip


def _unknown(name: str, row: int) -> UnknownFormat:
    return UnknownFormat(
        Text("these are no columns of a table of mark prices", "这些列不是标记价格表的列"),
        where=f"{name}:{row}",
        remedy=Text(
            "Give Binance's markPriceKlines as downloaded, or two columns: time,price.",
            "请提供币安下载的 markPriceKlines 原文件，或两列：time,price。",
        ),
    )
