"""An exact price series out of the tape: the bars of one instrument, with the rows behind them.

What a question computes to the last digit (a threshold of a loan, the moment at which a
price passes it) needs decimals and, for each number, its row. A series holds the bars of one
track that lie whole in a window, in time order; prices are per coin. Arrays by the second,
for kernels, come from `tape.tracks`; a series is their exact counterpart.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np

from ..clock import SECOND, Window
from ..findings import Input
from ..run.database import connection
from ..tape.lake import Lake
from ..tape.tracks import Closes, Floats, Ints, Track, at_seconds, tracks

BARS_SQL = """
SELECT ts, open, high, low, close, coalesce(n, 0) AS n, source_id, row_no, {last} AS row_last
FROM {rows}
WHERE ts >= {start} AND ts + {duration} <= {end}
ORDER BY ts, source_id, row_no
"""


@dataclass(frozen=True)
class Bar:
    """One row: `ts` (µs) its opening, prices per coin, `n` its trades (0 where not known)."""

    ts: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    n: int
    source: str
    first: int
    last: int

    @property
    def decisive(self) -> Input:
        """The row as what a finding's value comes from."""
        return Input(self.source, self.first, self.last, "extreme")


@dataclass(frozen=True)
class Series:
    """The bars of a track that lie whole in the window, in time order."""

    track: Track
    window: Window
    bars: tuple[Bar, ...]

    def __iter__(self) -> Iterator[Bar]:
        return iter(self.bars)

    def __len__(self) -> int:
        return len(self.bars)

    @property
    def duration(self) -> int:
        """Length of a bar in µs."""
        return self.track.duration

    @property
    def inputs(self) -> tuple[Input, ...]:
        """For every source the span of rows that was looked through."""
        return scanned(self.bars)

    @property
    def coarse(self) -> bool:
        """Bars longer than a second: a moment is known to the length of a bar."""
        return self.duration > SECOND

    @cached_property
    def _known(self) -> list[int]:
        """The moment from which on each bar's close is known: its end."""
        return [b.ts + self.duration for b in self.bars]

    def at_seconds(self, max_age: int) -> tuple[Floats, Ints]:
        """The last close known at the end of every second of the window, as a double, and its
        age in seconds; NaN and -1 where there is none or it is older than `max_age`."""
        closes = Closes(
            np.array([b.ts for b in self.bars], dtype=np.int64),
            np.array([float(b.close) for b in self.bars]),
        )
        return at_seconds(closes, self.track, self.window, max_age)

    def at(self, second: int, max_age: int) -> Bar | None:
        """The bar behind `at_seconds` for the second that begins at `second` (µs)."""
        end = second + SECOND
        place = bisect_right(self._known, end) - 1
        if place < 0 or (end - self._known[place]) // SECOND > max_age:
            return None
        return self.bars[place]


def scanned(bars: Iterable[Bar]) -> tuple[Input, ...]:
    """The span of rows of each source, in the order of their first bar."""
    spans: dict[str, tuple[int, int]] = {}
    for bar in bars:
        first, last = spans.get(bar.source, (bar.first, bar.last))
        spans[bar.source] = (min(first, bar.first), max(last, bar.last))
    return tuple(Input(source, first, last) for source, (first, last) in spans.items())


def series(track: Track, window: Window) -> Series:
    """The bars of a track of seconds or bars; none where the tape has no row in the window.

    Ticks are no bars: ValueError for a track of trades.
    """
    if track.record == "trades":
        raise ValueError("a series is made of bars: ask for the tracks by the second")
    if not track.holds(window):
        return Series(track, window, ())
    query = BARS_SQL.format(
        rows=track.table(window),
        last="row_last" if track.record == "seconds" else "row_no",
        start=window.start,
        end=window.end,
        duration=track.duration,
    )
    many = track.instrument.multiplier
    return Series(
        track,
        window,
        tuple(
            Bar(ts, opened / many, high / many, low / many, close / many, n, source, first, last)
            for ts, opened, high, low, close, n, source, first, last in (
                connection().execute(query).fetchall()
            )
            if low > 0
        ),
    )


def finest(
    lake: Lake, window: Window, venue: str, symbol: str, kind: str, price: str = "trade"
) -> Series | None:
    """The finest series of one instrument and kind of price; None where the tape has none."""
    for track in tracks(lake, window, per_second=True):
        one = track.instrument
        if (one.venue, one.symbol, one.kind, track.price) == (venue, symbol, kind, price):
            made = series(track, window)
            return made if made.bars else None
    return None


def paths(
    lake: Lake, window: Window, *, longest: int = SECOND, price: str = "trade"
) -> list[Track]:
    """The tracks with bars no longer than `longest` µs, of one kind of price, by key."""
    return [
        t
        for t in tracks(lake, window, per_second=True)
        if t.price == price and t.coin and t.duration <= longest
    ]
