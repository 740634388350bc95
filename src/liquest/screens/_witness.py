"""The tape as witness: what was traded around a moment, in whatever the tape has of it.

The witness of an instrument are its own trades: by the second where there are ticks, and bars,
the shortest first. Where a shorter one says nothing of a moment a longer one is asked. Another
instrument of the coin is no witness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ..clock import SECOND, Window
from ..findings import Input, rounded
from ..instruments import Instrument
from ..run.database import connection
from ..tape.lake import Lake, Part
from ..tape.tracks import Floats, Ints, Track

RANGE_SQL = """
SELECT ts, low::DOUBLE AS low, high::DOUBLE AS high FROM {rows} ORDER BY ts, source_id, row_no
"""


@dataclass(frozen=True)
class Witness:
    """Tracks of one instrument's trades, finest first; there may be none. Picklable."""

    tracks: tuple[Track, ...]

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The rows of the witness."""
        spans = (Input(p.source, p.row_min, p.row_max) for t in self.tracks for p in t.parts)
        return tuple(dict.fromkeys(spans))

    @property
    def by_the_second(self) -> bool:
        """Whether it knows single seconds."""
        return any(t.duration == SECOND for t in self.tracks)

    def heard(self, window: Window) -> Heard:
        """What was traded in a window."""
        return Heard(tuple(ranges(t, window) for t in self.tracks))

    def seconds(self, window: Window) -> tuple[Floats, Floats]:
        """Lowest and highest trade of every second from the window's first on; NaN without any,
        or where only longer bars tell of it."""
        count = -(-window.end // SECOND) - window.start // SECOND
        low, high = np.full(count, np.nan), np.full(count, np.nan)
        for track in self.tracks:
            if track.duration != SECOND:
                continue
            found = ranges(track, window)
            at = found.begin // SECOND - window.start // SECOND
            inside = (at >= 0) & (at < count)
            low[at[inside]] = np.fmin(low[at[inside]], found.low[inside])
            high[at[inside]] = np.fmax(high[at[inside]], found.high[inside])
        return low, high


@dataclass(frozen=True)
class Ranges:
    """Lowest and highest trade of stretches of time [begin, begin + length), in time order."""

    begin: Ints
    low: Floats
    high: Floats
    length: int

    def around(self, ts: Ints, tolerance: int) -> tuple[Floats, Floats]:
        """Lowest and highest trade within `tolerance` µs of each moment; NaN without any."""
        first = np.searchsorted(self.begin + self.length, ts - tolerance, side="right")
        last = np.searchsorted(self.begin, ts + tolerance, side="right")
        low, high = np.full(len(ts), np.nan), np.full(len(ts), np.nan)
        for at in np.flatnonzero(last > first):
            low[at] = self.low[first[at] : last[at]].min()
            high[at] = self.high[first[at] : last[at]].max()
        return low, high


@dataclass(frozen=True)
class Heard:
    """What the tracks of a witness say of a window, finest first."""

    ranges: Sequence[Ranges]

    def around(self, ts: Ints, tolerance: int) -> tuple[Floats, Floats]:
        """As `Ranges.around`, by the finest track that says anything of the moment."""
        low, high = np.full(len(ts), np.nan), np.full(len(ts), np.nan)
        for one in self.ranges:
            open_ = np.isnan(low)
            found = one.around(ts[open_], tolerance)
            low[open_], high[open_] = found
        return low, high

    def within(self, start: int, end: int) -> tuple[Decimal, Decimal] | None:
        """Lowest and highest trade from one moment to another; None without any.

        Bars that reach beyond are left out where something else is known.
        """
        lows, highs = [], []
        for one in self.ranges:
            own = (one.begin >= start) & (one.begin + one.length <= end + SECOND)
            if own.any():
                lows.append(float(one.low[own].min()))
                highs.append(float(one.high[own].max()))
        return (rounded(min(lows), 8), rounded(max(highs), 8)) if lows else None


def witness(lake: Lake, instrument: Instrument, window: Window) -> Witness:
    """The witness of an instrument in a window."""
    found = []
    if parts := lake.of("seconds", instrument, window):
        found.append(Track(lake.root, instrument, "trade", "seconds", SECOND, parts))
    lengths: dict[int, list[Part]] = {}
    for part in lake.of("bars", instrument):
        for series, duration in part.series:
            if series == "trade" and part.ts_min < window.end and part.last_end > window.start:
                lengths.setdefault(duration, []).append(part)
    found += [
        Track(lake.root, instrument, "trade", "bars", duration, tuple(parts))
        for duration, parts in sorted(lengths.items())
    ]
    return Witness(tuple(found))


def ranges(track: Track, window: Window) -> Ranges:
    """What a track says of a window."""
    if not track.holds(window):
        return Ranges(np.empty(0, np.int64), np.empty(0), np.empty(0), track.duration)
    query = RANGE_SQL.format(rows=track.table(window))
    found = connection().execute(query).fetchnumpy()
    return Ranges(
        np.asarray(found["ts"], np.int64), np.asarray(found["low"], np.float64),
        np.asarray(found["high"], np.float64), track.duration,
    )  # fmt: skip
