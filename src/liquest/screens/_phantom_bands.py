"""Phantom levels in a venue's depth by bands: a remainder that no trade can explain.

Rows hold what stands between the middle and p % of it (measures/_bands), so the average price of
a row, notional / depth, must lie on its own side of the market. It does not where the bids'
average is at or above that of the asks, or above everything traded around that moment (asks:
below). Where such rows hold the same depth at the same price again and again, what they hold is
no quote: it is what nobody took out of the file's book.

Once that remainder is the file's best bid, the middle from which the file measures its bands
lies between it and the market. The depth less the remainder is exact; the band that it is
within is not the one that the row names.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np
import numpy.typing as npt

from ..clock import Window
from ..run.database import connection
from ..tape.tracks import Floats, Ints, Track
from ._witness import Heard

Bools = npt.NDArray[np.bool_]

ROWS_SQL = """
SELECT ts, percentage, coalesce(low_depth, depth) AS depth,
       coalesce(low_notional, notional) AS notional,
       coalesce(high_depth, depth) AS most, coalesce(high_notional, notional) AS most_notional,
       coalesce(duration, 0) AS duration, source_id, row_no
FROM {rows} WHERE notional IS NOT NULL ORDER BY ts, percentage, source_id, row_no
"""
SAME = Decimal("0.001")
"""Depths within a thousandth of each other are the same remainder with a crumb more."""


@dataclass(frozen=True)
class Row:
    """One row: the snapshot with least in it. Of a minute `most` is that with most."""

    ts: int
    depth: Decimal
    notional: Decimal
    most: Decimal
    duration: int
    source: str
    row: int

    @property
    def price(self) -> Decimal | None:
        """The average price; None of an empty row."""
        with localcontext(prec=40):
            return self.notional / self.depth if self.depth > 0 else None


@dataclass(frozen=True)
class Remainder:
    """What one side holds that no trade can explain; places are those of `rows`.

    `depth` and `notional` are of the row that stands most often in the longest stretch that
    holds nothing else. `steady` is where that stretch begins, None where it is short or others
    follow it; `shown` counts the rows that show it, `breaks` those from `first` to `steady`
    that do not. `values` are its (depth, notional) pairs that recur.
    """

    side: str
    depth: Decimal
    notional: Decimal
    first: Row
    last: Row
    steady: Row | None
    shown: int
    breaks: int
    values: tuple[tuple[Decimal, Decimal], ...]

    @property
    def price(self) -> Decimal:
        """The average price of the remainder."""
        with localcontext(prec=40):
            return self.notional / self.depth


def rows_by_band(track: Track, window: Window) -> dict[Decimal, list[Row]]:
    """Every row of a track, by signed band."""
    found = connection().execute(ROWS_SQL.format(rows=track.table(window))).fetchall()
    made: dict[Decimal, list[Row]] = {}
    for ts, percentage, depth, notional, most, _, duration, source, row in found:
        made.setdefault(percentage, []).append(
            Row(ts, depth, notional, most, duration, source, row)
        )
    return made


def prices(rows: list[Row]) -> Floats:
    """Average prices, NaN of empty rows."""
    return np.array([np.nan if (p := r.price) is None else float(p) for r in rows])


def moments(rows: list[Row]) -> Ints:
    """Their moments; of a row that stands for a minute its middle."""
    return np.array([r.ts + r.duration // 2 for r in rows], dtype=np.int64)


def impossible(
    side: str, own: list[Row], other: list[Row], traded: Heard, tolerance: int
) -> tuple[Bools, Bools]:
    """Per row whether its average price is on the wrong side of the other side's of the same
    moment, and whether it is beyond everything traded within `tolerance` µs."""
    sign = 1 if side == "bid" else -1
    mine = prices(own)
    theirs = dict(zip((r.ts for r in other), prices(other), strict=True))
    against = np.array([theirs.get(r.ts, np.nan) for r in own])
    inverted = sign * (mine - against) >= 0
    reach = tolerance + max((r.duration for r in own), default=0) // 2
    low, high = traded.around(moments(own), reach)
    beyond = mine > high if side == "bid" else mine < low
    return inverted, beyond


def remainder(side: str, rows: list[Row], wrong: Bools) -> Remainder | None:
    """What the impossible rows hold in common; None where they are as different as quotes."""
    shown = [r for r, w in zip(rows, wrong, strict=True) if w]
    if not shown:
        return None
    common = Counter(r.depth for r in shown).most_common(1)[0][0]
    near = [abs(r.depth - common) <= common * SAME for r in rows]
    if 2 * sum(n for n, w in zip(near, wrong, strict=True) if w) < len(shown):
        return None
    first = next(at for at, w in enumerate(wrong) if w)
    last = max(at for at, w in enumerate(wrong) if w)
    start, end = _longest(near)
    usual = Counter((r.depth, r.notional) for r in rows[start : end + 1]).most_common(1)[0][0]
    # A minute that ends with the remainder alone begins the steady stretch.
    steady = rows[start] if end - start >= 2 and end >= last else None
    until = start if steady is not None else last + 1
    breaks = sum(not n for n in near[first:until])
    often = Counter((r.depth, r.notional) for r, n in zip(rows, near, strict=True) if n)
    least = max(3, len(shown) // 20)
    values = tuple(sorted(pair for pair, n in often.items() if n >= least or pair == usual))
    return Remainder(
        side, usual[0], usual[1], rows[first], rows[last], steady, int(wrong.sum()), breaks, values
    )


def _longest(true: list[bool]) -> tuple[int, int]:
    """First and last place of the longest run of true values; the first of equal ones."""
    best, start = (0, -1), 0
    for at, value in enumerate([*true, False]):
        if not value:
            if at - start > best[1] - best[0] + 1:
                best = (start, at - 1)
            start = at + 1
    return best


@dataclass(frozen=True)
class Corrected:
    """A row less the remainder: what is left, and its average price (None of nothing)."""

    row: Row
    depth: Decimal
    notional: Decimal

    @property
    def price(self) -> Decimal | None:
        with localcontext(prec=40):
            return self.notional / self.depth if self.depth > 0 else None


def corrected(rows: list[Row], narrow: list[Row], held: Remainder) -> list[Corrected]:
    """Every row from the first to the last that shows the remainder, less it.

    What is taken away is what the `narrow` rows held at that moment, or the last time before.
    """
    known = {r.ts: (r.depth, r.notional) for r in narrow if (r.depth, r.notional) in held.values}
    taken = (held.depth, held.notional)
    made = []
    for row in rows:
        if not held.first.ts <= row.ts <= held.last.ts:
            continue
        taken = known.get(row.ts, taken)
        with localcontext(prec=60):
            depth = max(row.depth - taken[0], Decimal(0))
            worth = row.notional - taken[1] if depth else Decimal(0)
            made.append(Corrected(row, depth, max(worth, Decimal(0))))
    return made
