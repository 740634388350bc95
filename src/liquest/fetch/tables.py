"""Sealed bytes as rows that can be told apart: plain lines, a header, and a key.

Row numbers are lines of the unpacked text, in JSON records from 1, as in every finding.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..clock import DAY, UNITS, epoch_unit, parse_time
from ..errors import LiquestError
from ..tape.unpack import unpack

_KLINES = (
    "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count",
    "taker_buy_volume", "taker_buy_quote_volume", "ignore",
)  # fmt: skip
_HEADLESS = {
    12: _KLINES,
    7: ("id", "price", "qty", "quote_qty", "time", "is_buyer_maker", "is_best_match"),
    8: ("agg_trade_id", "price", "quantity", "first_trade_id", "last_trade_id", "transact_time",
        "is_buyer_maker", "is_best_match"),
}  # fmt: skip
"""Columns of the files that Binance publishes without a header, by their number."""
_CANDLE = ("open_time", "open", "high", "low", "close", "volume")

_IDS = ("tradeid", "aggtradeid", "aggregatetradeid", "trdmatchid", "id")
_TIMES = (
    "opentime", "timestamp", "createtime", "calctime", "transacttime", "time", "createdtime",
    "timeutc",
)  # fmt: skip
_SUBJECTS = ("exchange", "symbol", "instrumentname", "percentage")
"""Columns that belong to a key where they are there: several series can share a file."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_MOST_JSON = 256 << 20


@dataclass(frozen=True)
class Table:
    """Rows in the text file `path`; `first` is the number of the first row of data.

    `key` holds the places of the columns that name a row, empty when only the whole line does.
    """

    path: Path
    delimiter: str
    header: str
    names: tuple[str, ...]
    key: tuple[int, ...]
    time: int | None
    first: int

    def cells(self, line: str) -> list[str]:
        """A line as its cells."""
        return next(csv.reader([line], delimiter=self.delimiter or "\x01"), [])

    def name(self, place: int) -> str:
        """The column there, by number where it has no name."""
        return self.names[place] if place < len(self.names) else f"column {place + 1}"

    def moment(self, line: str) -> int | None:
        """The row's own time in µs UTC, None where it has none."""
        if self.time is None:
            return None
        cells = self.cells(line)
        return _moment(cells[self.time]) if self.time < len(cells) else None


def table(path: Path, into: Path) -> Table | None:
    """The rows of sealed bytes, unpacked to the file `into`; None where it is no text."""
    try:
        unpack(path, into, name=path.name)
    except LiquestError as error:
        if error.exit_code == 4:
            raise
        return None
    with into.open("rb") as stream:
        start = stream.read(1 << 16)
    if b"\x00" in start:
        return None
    if start.lstrip()[:1] in (b"[", b"{") and (names := _flattened(into)) is not None:
        return _table(into, ",", "", names, 1)
    lines = start.decode("utf-8", errors="replace").split("\n")
    first = lines[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    if not first.count(delimiter):
        return Table(into, "", "", (), (), None, 1)
    cells = next(csv.reader([first], delimiter=delimiter), [])
    if not any(_NUMBER.fullmatch(c) for c in cells) and len(lines) > 1:
        return _table(into, delimiter, first, tuple(c.strip() for c in cells), 2)
    return _table(into, delimiter, "", _HEADLESS.get(len(cells), ()), 1)


def _table(path: Path, delimiter: str, header: str, names: Sequence[str], first: int) -> Table:
    plain = [n.lower().replace("_", "").split("/")[0].strip() for n in names]
    time = next((plain.index(t) for t in _TIMES if t in plain), None)
    own = next((plain.index(i) for i in _IDS if i in plain), time)
    key: tuple[int, ...] = ()
    if own is not None:
        key = (own, *(plain.index(s) for s in _SUBJECTS if s in plain))
    return Table(path, delimiter, header, tuple(names), key, time, first)


def _moment(text: str) -> int | None:
    whole, _, rest = text.strip().partition(".")
    if whole.isascii() and whole.isdecimal():
        unit = epoch_unit(int(whole))
        if unit == "s":
            return int(whole) * UNITS["s"] + int((rest + "000000")[:6] or 0)
        if unit in UNITS:
            return int(whole) * UNITS[unit]
        return int(whole) // 1000 if unit == "ns" else None
    try:
        found = parse_time(text)
    except LiquestError:
        return None
    return found if found > DAY else None


def _flattened(path: Path) -> tuple[str, ...] | None:
    """Rewrite a JSON document of candles or records as lines; their names, None if it is
    neither. Numbers keep their digits."""
    if path.stat().st_size > _MOST_JSON:
        return None
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"), parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
    ours = isinstance(data, dict) and "candles" in data
    if isinstance(data, dict):
        lists = [v for v in data.values() if isinstance(v, list) and v]
        data = lists[0] if len(lists) == 1 else None
    if not isinstance(data, list) or not data:
        return None
    names: tuple[str, ...] = ()
    if all(isinstance(r, list) for r in data):
        names = _CANDLE if ours else ("open_time",)
    elif all(isinstance(r, dict) for r in data):
        names = tuple(dict.fromkeys(str(k) for r in data for k in r))
        data = [[r.get(n) for n in names] for r in data]
    else:
        return None
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for row in data:
            writer.writerow(["" if c is None else _cell(c) for c in row])
    return names


def _cell(value: Any) -> str:
    """A value on one line, whatever it is."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text.replace("\r", "\\r").replace("\n", "\\n")
