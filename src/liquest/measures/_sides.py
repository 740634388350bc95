"""One side of a comparison: the tracks of one or more venues, and their price at a second.

The price of a side is a median of medians: each venue's median over its fresh tracks,
then the median over the venues, so that a venue with three instruments of a coin has one
voice and not three. With one track a venue it is the plain median, with one venue its
price. Prices are per coin (1000PEPE is divided by 1000), in the quote currency.

Kernels find where something is with floats; `rows_at` and `Side.exact` then read the
decisive rows again and give the price as an exact decimal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from ..clock import SECOND, Window
from ..findings import Input
from ..instruments import DELIVERY, INVERSE, INVERSE_DELIVERY, LINEAR
from ..run.database import connection
from ..tape.tracks import Floats, Track

PERPETUALS = (LINEAR, INVERSE)
_FAMILIES = (PERPETUALS, (DELIVERY, INVERSE_DELIVERY))

ROWS_SQL = """
SELECT wanted.second, rows.ts, rows.close, coalesce(rows.n, 0) AS n, rows.source_id, rows.{row}
FROM (SELECT unnest([{seconds}]) AS second) AS wanted
JOIN {rows} AS rows
  ON rows.ts + {duration} <= wanted.second + 1000000
 AND rows.ts + {duration} > wanted.second + 1000000 - 1000000 * ({max_age} + 1)
QUALIFY row_number() OVER (
    PARTITION BY wanted.second ORDER BY rows.ts DESC, rows.source_id DESC, rows.row_no DESC
) = 1
ORDER BY wanted.second
"""


class Row(NamedTuple):
    """The row that gives a track's price at a second: its close per coin, exact.

    `row` is the line of the trade that closed it; for bars the line of the bar.
    """

    ts: int
    price: Decimal
    n: int
    source: str
    row: int


Rows = Mapping[str, Mapping[int, Row]]
"""By the key of the instrument, then by second (µs)."""


def rows_at(track: Track, seconds: Iterable[int], max_age: int) -> dict[int, Row]:
    """The row behind `at_seconds` for some seconds; those without a fresh price are left out."""
    wanted = sorted(set(seconds))
    if not wanted:
        return {}
    reach = Window("", wanted[0] - (max_age + 1) * SECOND - track.duration, wanted[-1] + SECOND)
    if not track.holds(reach):
        return {}
    query = ROWS_SQL.format(
        seconds=", ".join(map(str, wanted)),
        rows=track.table(reach),
        row="row_last" if track.record == "seconds" else "row_no",
        duration=max(track.duration, 1),
        max_age=max_age,
    )
    multiplier = track.instrument.multiplier
    return {
        second: Row(ts, close / multiplier, n, source, row)
        for second, ts, close, n, source, row in connection().execute(query).fetchall()
        if close > 0
    }


def median(values: Iterable[Decimal]) -> Decimal:
    """The exact median; the mean of the middle two when their number is even."""
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return low if low == high else (low + high) / 2


def medians(prices: Floats) -> tuple[Floats, Floats]:
    """The median of every column without its NaNs, and how many numbers it rests on."""
    count = (~np.isnan(prices)).sum(axis=0)
    if len(prices) == 1:
        return prices[0], count
    # NaN sorts last, so the numbers stand first.
    ordered = np.sort(prices, axis=0)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0)[None, :] // 2, axis=0)[0]
    high = np.take_along_axis(ordered, count[None, :] // 2, axis=0)[0]
    return (low + high) / 2, count


@dataclass(frozen=True)
class Side:
    """Tracks whose price is asked together; fewer than `least` fresh venues give none."""

    tracks: tuple[Track, ...]
    least: int = 1

    @property
    def venues(self) -> tuple[str, ...]:
        return tuple(sorted({t.instrument.venue for t in self.tracks}))

    @property
    def kinds(self) -> set[str]:
        return {t.instrument.kind for t in self.tracks}

    @property
    def quotes(self) -> set[str]:
        return {t.instrument.quote for t in self.tracks}

    @property
    def keys(self) -> list[str]:
        return [t.instrument.key for t in self.tracks]

    def _by_venue(self) -> list[list[str]]:
        return [
            [t.instrument.key for t in self.tracks if t.instrument.venue == venue]
            for venue in self.venues
        ]

    def prices(self, known: Mapping[str, Floats]) -> Floats:
        """The price at every second, NaN where there is none; `known` holds the tracks'."""
        voices = [medians(np.stack([known[k] for k in keys]))[0] for keys in self._by_venue()]
        prices, count = medians(np.stack(voices))
        return np.where(count >= self.least, prices, np.nan)

    def exact(self, rows: Rows, second: int) -> Decimal:
        """The same at one second, from the rows; there must be a fresh one."""
        voices = []
        for keys in self._by_venue():
            if fresh := [rows[k][second].price for k in keys if second in rows[k]]:
                voices.append(median(fresh))
        return median(voices)

    def decisive(self, rows: Rows, second: int) -> list[Input]:
        """The rows that `exact` takes."""
        at = [rows[k][second] for k in self.keys if second in rows[k]]
        return [Input(r.source, r.row, r.row, "extreme") for r in at]


def scanned(sides: Iterable[Side]) -> tuple[Input, ...]:
    """The spans of rows that the sides were read from, each once."""
    spans = (
        Input(p.source, p.row_min, p.row_max) for s in sides for t in s.tracks for p in t.parts
    )
    return tuple(dict.fromkeys(spans))


def nearest(own: Track, others: Sequence[Track]) -> tuple[Track, ...]:
    """Of each venue the tracks most like `own`: its kind first, then its family, then any.

    Like is compared with like where a venue has it, and across kinds only where not.
    """
    chosen: list[Track] = []
    for venue in sorted({t.instrument.venue for t in others}):
        there = [t for t in others if t.instrument.venue == venue]
        best = min(_distance(own, t) for t in there)
        chosen += [t for t in there if _distance(own, t) == best]
    return tuple(chosen)


def _distance(one: Track, other: Track) -> int:
    first, second = one.instrument.kind, other.instrument.kind
    if first == second:
        return 0
    return 1 if any(first in family and second in family for family in _FAMILIES) else 2


def mixed(top: Side, bottom: Side) -> list[str]:
    """The caveats of a comparison across kinds of contract or quote currencies."""
    caveats = []
    if len(top.kinds | bottom.kinds) > 1:
        caveats.append("mixed-kinds")
    if len(top.quotes | bottom.quotes) > 1:
        caveats.append("mixed-quotes")
    return caveats
