"""The given mark prices of one contract, from one file or several: Quoted.

A bar's close is known from the end of the bar on, its low and high for the whole of it; a
moment's price from that moment on. A price counts until the next one, at most FRESH seconds or
one bar: a hole in the file is a hole here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

import numpy as np

from ...clock import SECOND, Window, span
from ...errors import InputError, Text
from ...findings import Input
from ...problems import ASIDE, KEPT, Problem
from ...tape.tracks import Floats, seconds_of
from .prices import FRESH
from .rows import Row, Sheet

GIVEN, TRADED = "given-marks", "marks-from-trades"
"""Caveats: prices as the claimant gave them; bars of trades, not of marks."""


@dataclass(frozen=True)
class Quoted:
    """Prices of one contract in order of time: `opens` the moments (µs) as they stand, of bars
    of `duration` µs their opening, 0 for moments. `low` and `high` are empty for moments."""

    duration: int
    opens: tuple[int, ...]
    prices: tuple[Decimal, ...]
    low: tuple[Decimal, ...]
    high: tuple[Decimal, ...]
    caveats: tuple[str, ...]
    inputs: tuple[Input, ...]

    @cached_property
    def known(self) -> list[int]:
        """The end of the instant from which on each price is known."""
        return [ts + max(self.duration, 1) for ts in self.opens]

    @property
    def hold(self) -> int:
        """Seconds for which a price counts."""
        return max(FRESH, self.duration // SECOND)

    def at(self, second: int) -> Decimal | None:
        """The price known at the end of the second that begins at `second` (µs)."""
        end = second + SECOND
        place = bisect_right(self.known, end) - 1
        if place < 0 or (end - self.known[place]) // SECOND > self.hold:
            return None
        return self.prices[place]

    def extreme(self, second: int) -> tuple[Decimal, Decimal] | None:
        """Low and high of the bar, longer than a second, that the second lies in."""
        place = bisect_right(self.opens, second) - 1
        if self.duration <= SECOND or place < 0 or second >= self.opens[place] + self.duration:
            return None
        return self.low[place], self.high[place]

    def path(self, window: Window) -> Floats:
        """`at` for every second of the window."""
        ends = seconds_of(window) + SECOND
        known = np.array(self.known, dtype=np.int64)
        values = np.array([float(p) for p in self.prices])
        at = np.searchsorted(known, ends, side="right") - 1
        fresh = (at >= 0) & ((ends - known[at]) // SECOND <= self.hold)
        found = np.full(len(ends), np.nan)
        found[fresh] = values[at[fresh]]
        return found


def merged(sheets: Sequence[Sheet]) -> tuple[Quoted, list[Problem]]:
    """The prices of one contract from its files. What stands twice counts once; raises
    InputError for two prices of one moment and for bars of two lengths."""
    problems: list[Problem] = []
    first = sheets[0]
    rows: dict[int, tuple[Sheet, Row]] = {}
    for sheet in sheets:
        if sheet.duration != first.duration:
            raise InputError(
                Text(
                    f"{sheet.symbol}: {first.name} and this file hold prices of different length",
                    f"{sheet.symbol}：{first.name} 与本文件的价格周期不同",
                ),
                where=sheet.name,
                remedy=Text("Give files of one interval.", "请提供同一周期的文件。"),
            )
        problems += _disorder(sheet)
        doubles = []
        for row in sheet.rows:
            held = rows.setdefault(row.ts, (sheet, row))
            if held[1] is row:
                continue
            if held[1][:4] != row[:4]:
                raise _two_prices(held, sheet, row)
            doubles.append(row)
        if doubles:
            text = Text(
                f"{len(doubles)} prices stand twice and count once",
                f"有 {len(doubles)} 个价格重复，只计一次",
            )
            problems.append(_problem("duplicate", ASIDE, text, sheet, doubles))
    order = [rows[ts][1] for ts in sorted(rows)]
    bars = first.duration > 0
    made = Quoted(
        first.duration, tuple(r.ts for r in order), tuple(r.price for r in order),
        tuple(r.low for r in order if r.low is not None) if bars else (),
        tuple(r.high for r in order if r.high is not None) if bars else (),
        _caveats(sheets, order),
        tuple(Input(s.sha256, s.rows[0].row, s.rows[-1].row) for s in sheets),
    )  # fmt: skip
    return made, problems + _known_about(sheets, made)


def _caveats(sheets: Sequence[Sheet], order: Sequence[Row]) -> tuple[str, ...]:
    found = [GIVEN]
    if any(sheet.traded for sheet in sheets):
        found.append(TRADED)
    steps = [b.ts - a.ts for a, b in pairwise(order)]
    if max(sheets[0].duration, int(np.median(steps)) if steps else 0) > SECOND:
        found.append("bar-resolution")
    return tuple(found)


def _known_about(sheets: Sequence[Sheet], made: Quoted) -> list[Problem]:
    """Trades taken for marks, bars too long to be a path, holes."""
    problems = []
    first = sheets[0]
    for sheet in sheets:
        if sheet.traded:
            text = Text(
                f"{sheet.symbol}: these bars have a volume, so they are of trades and not of the "
                "mark price, which alone decides a liquidation; markPriceKlines would",
                f"{sheet.symbol}：这些 K 线有成交量，是成交价而非标记价格，而强平只看标记价格；"
                "应使用 markPriceKlines",
            )
            problems.append(_problem(TRADED, KEPT, text, sheet, sheet.rows))
    if first.duration > 60 * SECOND:
        length = span(first.duration)
        text = Text(
            f"{first.symbol}: bars of {length} are no path by the second; between two closes only "
            "their low and high are known",
            f"{first.symbol}：{length} 的 K 线不是逐秒价格，两次收盘之间只知最高与最低",
        )
        problems.append(_problem("bar-resolution", KEPT, text, first, first.rows))
    holes = [
        a for a, b in pairwise(made.known)
        if (b - a) // SECOND > made.hold + (0 if made.duration else 1)
    ]  # fmt: skip
    if holes:
        text = Text(
            f"{first.symbol}: {len(holes)} holes in the prices; nothing stands in for them",
            f"{first.symbol}：价格有 {len(holes)} 处缺口，未以其他价格填补",
        )
        problems.append(_problem("price-hole", KEPT, text, first, first.rows))
    return problems


def _disorder(sheet: Sheet) -> list[Problem]:
    """The rows that come after a later one, where there are any; they are put in order."""
    late = [b for a, b in pairwise(sheet.rows) if b.ts < a.ts]
    if not late:
        return []
    text = Text(
        "the rows do not stand in order of time and were put in order",
        "各行未按时间排列，已重新排序",
    )
    return [_problem("not-ascending", KEPT, text, sheet, late)]


def _problem(code: str, effect: str, text: Text, sheet: Sheet, rows: Sequence[Row]) -> Problem:
    return Problem(
        code, effect, text, sheet.name, sheet.sha256, min(r.row for r in rows),
        max(r.row for r in rows), len(rows),
    )  # fmt: skip


def _two_prices(held: tuple[Sheet, Row], sheet: Sheet, row: Row) -> InputError:
    place = f"{held[0].name}:{held[1].row}"
    return InputError(
        Text(
            f"two prices stand for one moment: {held[1].price} ({place}) and {row.price}",
            f"同一时刻有两个价格：{held[1].price}（{place}）与 {row.price}",
        ),
        where=f"{sheet.name}:{row.row}",
        remedy=Text(
            "Keep the one that is right; times need their milliseconds if there are several a "
            "second.",
            "请保留正确的一个；若一秒内有多个价格，时间须保留毫秒。",
        ),
    )
