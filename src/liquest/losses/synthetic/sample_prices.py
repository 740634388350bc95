"""The prices that the sample account lives by: those of the embedded case, 20:50 to 22:20 UTC.

`sample_prices.csv` (symbol, time, last, mark) holds for four contracts the last trade and the
mark of a second: of every second from 21:16 to 21:26, every tenth from 21:10 to 21:40, every
sixtieth else, where it changed. Marks are those that the rules of the day give on the facts of
the case, to 4 or 5 decimals; SOLUSDT and XRPUSDT are known by the minute only.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from decimal import Decimal
from functools import cache
from pathlib import Path

from ...clock import parse_time
from .prices import Paths

FILE = Path(__file__).with_name("sample_prices.csv")
SAMPLE_DAY = "2025-10-10T"
SAMPLE_START = parse_time(f"{SAMPLE_DAY}20:50:00Z")
SAMPLE_SECONDS = 5400


def sample_time(text: str) -> int:
    """A time of that day, HH:MM:SS UTC, in µs."""
    return parse_time(f"{SAMPLE_DAY}{text}Z")


@cache
def sample_paths() -> Paths:
    """Marks and last trades by the second; each holds until the next."""
    rows: dict[str, list[tuple[int, Decimal, Decimal]]] = {}
    with FILE.open(encoding="utf-8", newline="") as file:
        for symbol, time, last, mark in list(csv.reader(file))[1:]:
            row = (sample_time(time), Decimal(last), Decimal(mark))
            rows.setdefault(symbol, []).append(row)
    times = {symbol: [r[0] for r in found] for symbol, found in rows.items()}

    return Paths.following(
        rows, SAMPLE_START, SAMPLE_SECONDS,
        lambda symbol, ts: rows[symbol][_at(times[symbol], ts)][2],
        lambda symbol, ts: rows[symbol][_at(times[symbol], ts)][1],
    )  # fmt: skip


def _at(times: list[int], ts: int) -> int:
    return max(bisect_right(times, ts) - 1, 0)
