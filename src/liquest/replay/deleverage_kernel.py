"""Auto-deleveraging within a replay: what one market's holders of one side are closed by.

All groups of a second rank their holders by what stood behind them when the takeovers of that
second were done, so no market comes before another. Who is closed by how much is decided in
rules/adl_kernel.py. Invariant: a size never grows and never turns; nobody on the other side is
touched; a unit of which a mark is missing is in no queue.

A group looks at all holders of its market, second after second: sizes and entries stand by
market here as well, in a copy (`Book`), so that they are read in a row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..rules.adl_kernel import BINANCE_2019, deleverage, realised
from ..run.compiled import compiled
from ..tape.tracks import Floats, Ints
from .aftermath_kernel import TIE, margin, write
from .aftermath_state import DELEVERAGED, Events, Fixed, State, Tape
from .units import Places, Units

NEVER = -1


class Book(NamedTuple):
    """All legs by market, ascending: those of market m are the places start[m] to start[m+1].

    `leg`, `unit`, `entry` and `size` [P] by place, and the `place` [P] of each leg. `wallet`,
    `equity` and `maintenance` [U] of the units (wallet and maintenance where a score asks for
    them), and the second `at` [U] of which that is true, NEVER for none. `numbers` [9, H] and
    `places` [2, H] are scratch for the holders of one market.
    """

    start: Ints
    leg: Places
    unit: Places
    entry: Floats
    size: Floats
    place: Places
    wallet: Floats
    equity: Floats
    maintenance: Floats
    at: Places
    numbers: Floats
    places: Ints

    @classmethod
    def of(cls, units: Units, size: Floats, markets: int) -> Book:
        """Of all units, with the sizes [P] that they have now."""
        leg = np.argsort(units.market, kind="stable").astype(np.int32)
        place = np.empty(len(leg), dtype=np.int32)
        place[leg] = np.arange(len(leg), dtype=np.int32)
        start = np.searchsorted(units.market, np.arange(markets + 1), sorter=leg)
        most = int(np.diff(start).max(initial=0))
        wallet, equity, maintenance = np.empty((3, len(units)))
        return cls(
            start, leg, units.owners().astype(np.int32)[leg], units.entry[leg], size[leg], place,
            wallet, equity, maintenance, np.full(len(units), NEVER, dtype=np.int32),
            np.empty((9, most)), np.empty((2, most), dtype=np.int64),
        )  # fmt: skip

    def follow(self, legs: Ints, size: Floats) -> None:
        """Takes over the sizes [P] of some legs."""
        self.size[self.place[legs]] = size[legs]


@compiled
def last_mark(x: Floats, m: int, s: int) -> float:
    """The last mark of market m before second s; that of s where there is none."""
    for before in range(s - 1, -1, -1):
        if not np.isnan(x[m, before]):
            return float(x[m, before])
    return float(x[m, s])


@compiled
def value(
    fixed: Fixed, state: State, x: Floats, s: int, full: bool, book: Book, units: Ints
) -> None:  # fmt: skip
    """Equity of some units at second s, with `full` their wallet and maintenance too."""
    start, market, entry, size = fixed.start, fixed.market, fixed.entry, state.size
    wallet, equity, at = state.wallet, book.equity, book.at
    now = x[:, s].copy()
    for u in units:
        own = wallet[u]
        for p in range(start[u], start[u + 1]):
            if size[p] != 0.0:
                own += size[p] * (now[market[p]] - entry[p])
        equity[u] = own
        at[u] = s
        if full:
            book.wallet[u] = wallet[u]
            _, book.maintenance[u] = margin(fixed, state, x, u, s)


@compiled
def deleverage_market(
    fixed: Fixed, state: State, tape: Tape, s: int, m: int, side: int, quantity: float,
    bankruptcy: float, price: float, scoring: int, allocation: int, cap: float, book: Book,
    events: Events,
) -> tuple[int, float]:  # fmt: skip
    """Closes `quantity` of market m, taken over at x = `bankruptcy`, against its holders on
    `side` (+1 of positive, −1 of negative size) at x = `price`; the rows written, and the
    quantity for which there was nobody."""
    size, entry, wallet, equity, maintenance, closed = (
        book.numbers[0], book.numbers[1], book.numbers[2], book.numbers[3],
        book.numbers[4], book.numbers[5],
    )  # fmt: skip
    place, order = book.places[0], book.places[1]
    full = scoring == BINANCE_2019
    x, dollars = tape.x[m, s], tape.dollars[m, s]
    held = 0
    for i in range(book.start[m], book.start[m + 1]):
        # Without a branch: which side comes next is a coin's toss.
        size[held], entry[held], place[held] = book.size[i], book.entry[i], i
        held += book.size[i] * side > 0.0
    stale = 0
    for i in range(held):
        order[stale] = book.unit[place[i]]
        stale += book.at[book.unit[place[i]]] != s
    value(fixed, state, tape.x, s, full, book, order[:stale])
    for i in range(held):
        u = book.unit[place[i]]
        equity[i] = book.equity[u]
        if full:
            wallet[i], maintenance[i] = book.wallet[u], book.maintenance[u]
    left = deleverage(
        scoring, allocation, quantity, side, x, np.nan, fixed.inverse[m], cap,
        fixed.lot[m], held, size, entry, wallet, equity, maintenance, closed, book.numbers[6:],
        order,
    )  # fmt: skip
    rows = 0
    for i in range(held):
        if not closed[i] > 0.0:
            continue
        u, p = book.unit[place[i]], book.leg[place[i]]
        gone = side * closed[i]
        if closed[i] >= abs(size[i]) * (1.0 - TIE):
            gone = size[i]
        state.wallet[u] += realised(size[i], entry[i], abs(gone), price)
        state.size[p] = book.size[place[i]] = size[i] - gone
        state.taken[u] += abs(gone) * x * dollars
        state.forgone[u] += gone * (x - price) * dollars
        write(events, rows, DELEVERAGED, u, m, gone, x, price, bankruptcy, 0.0, 0.0, 0.0)
        rows += 1
    return rows, left if left > TIE * quantity else 0.0
