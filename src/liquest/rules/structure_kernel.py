"""Many paths under many structures at once: `structure.follow` in double precision.

The same steps in the same order as the exact form, one path and one structure at a time.
Where a comparison is a tie within 1e-12 of the exposure the tie stands, so that numbers in
binary decide as exact ones do. A price that is NaN is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled
from .structure import CROSS, Costs, Structure
from .tiers import Tiers

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
TIE = 1e-12
NEVER = -1


@dataclass(frozen=True)
class Outcomes:
    """Arrays over P paths and K structures, in units of the exposure; `first` is the second of
    the first liquidation and `closed` that of the first close of any kind, -1 where there is
    none; `held` is 1 where a position is left; `reserve` is what is still outside the wallet."""

    equity: Floats
    fees: Floats
    shortfall: Floats
    entries: Ints
    liquidations: Ints
    stops: Ints
    first: Ints
    held: Ints
    closed: Ints
    reserve: Floats

    @property
    def left(self) -> Floats:
        """All that is left, in the wallet and outside it."""
        return self.equity + self.reserve


def follow_paths(
    marks: Floats,
    trades: Floats,
    structures: Sequence[Structure],
    tiers: Tiers,
    notional: Decimal,
    costs: Costs,
) -> Outcomes:
    """`marks` and `trades` have one row a path and one column a second."""
    shape = (len(trades), len(structures))
    money = np.empty((4, *shape))
    counts = np.empty((6, *shape), dtype=np.int64)
    _follow(
        np.ascontiguousarray(marks), np.ascontiguousarray(trades),
        np.array([_row(one) for one in structures]), _ladder(tiers, float(notional)),
        np.array([float(costs.taker), float(costs.clearance), float(costs.delay_s)]),
        money, counts,
    )  # fmt: skip
    return Outcomes(
        money[0], money[1], money[2], counts[0], counts[1], counts[2], counts[3], counts[4],
        counts[5], money[3],
    )  # fmt: skip


def _row(one: Structure) -> tuple[float, ...]:
    """A structure as numbers, in the order in which the kernel takes them; -1 stands for none."""
    return (
        float(one.margin), float(one.capital), float(one.mode == CROSS), float(one.side),
        -1.0 if one.stop is None else float(one.stop),
        -1.0 if one.again_s is None else float(one.again_s), float(one.refill),
        float(one.reserve), -1.0 if one.rescue_s is None else float(one.rescue_s),
    )  # fmt: skip


def _ladder(tiers: Tiers, notional: float) -> Floats:
    """Floors, rates and cums, in units of the exposure, one row each."""
    floors, rates, cums = (
        np.array([float(v) for v in column]) for column in (tiers.floors, tiers.rates, tiers.cums)
    )
    return np.stack((floors / notional, rates, cums / notional))


@compiled
def _maintained(x: float, ladder: Floats) -> float:
    k = 0
    while k + 1 < ladder.shape[1] and ladder[0, k + 1] < x:
        k += 1
    return float(ladder[1, k] * x - ladder[2, k])


@compiled
def _one(
    marks: Floats, trades: Floats, row: Floats, ladder: Floats, terms: Floats,
    money: Floats, counts: Ints,
) -> None:  # fmt: skip
    """One path under one structure; what came of it is left in `money` and `counts`."""
    margin, wallet, cross, side, stop, again, refill, reserve, rescue = row
    taker, clearance, delay = terms
    behind, entry, last, open_from, due = 0.0, 0.0, 0.0, 0.0, -1.0
    size, started, cushion, arrives = 1.0, 0.0, 0.0, -1.0
    money[:] = 0.0
    counts[:] = 0
    counts[3] = NEVER
    counts[5] = NEVER
    for t in range(len(trades)):
        mark, trade = marks[t], trades[t]
        if np.isnan(mark) or np.isnan(trade):
            continue
        last = trade
        if arrives >= 0.0 and t >= arrives:
            wallet += reserve
            if entry > 0.0:
                behind += reserve
            reserve, arrives = 0.0, -1.0
        if entry == 0.0:
            if open_from < 0.0 and arrives < 0.0:
                break  # nothing is opened and nothing is on its way any more
            if open_from < 0.0 or t < open_from:
                continue
            if started > 0.0 and refill == 0.0:
                size = trade / started
            fee = taker * size
            needed = fee if counts[0] == 0 else size * margin + fee
            if wallet < needed - TIE:
                open_from = -1.0
                continue
            wallet -= fee
            money[1] += fee
            counts[0] += 1
            entry, due = trade, -1.0
            if started == 0.0:
                started = trade
            behind = wallet if cross == 1.0 else min(size * margin, wallet)
            cushion = behind - _maintained(size, ladder)
            continue
        x = size * trade / entry
        result = side * (x - size)
        at_mark = size * mark / entry
        rate = -1.0
        distance = behind + side * (at_mark - size) - _maintained(at_mark, ladder)
        if distance < -TIE:
            counts[1] += 1
            if counts[3] == NEVER:
                counts[3] = t
            rate = clearance
        elif due >= 0.0 and t >= due:
            counts[2] += 1
            rate = taker
        else:
            if due < 0.0 and stop > 0.0 and result <= -stop * size + TIE:
                due = t + delay
            if rescue > 0.0 and arrives < 0.0 and reserve > 0.0 and distance < cushion / 2 - TIE:
                arrives = t + rescue
        if rate >= 0.0:
            if counts[5] == NEVER:
                counts[5] = t
            left = behind + result
            fee = min(rate * x, max(left, 0.0))
            money[1] += fee
            money[2] += max(-left, 0.0)
            wallet += max(left, 0.0) - fee - behind
            entry, due = 0.0, -1.0
            open_from = -1.0 if again < 0.0 else t + again
    money[0], money[3] = wallet, reserve
    if entry > 0.0:
        money[0] += max(-behind, side * (size * last / entry - size))
        counts[4] = 1


@compiled
def _follow(
    marks: Floats, trades: Floats, rows: Floats, ladder: Floats, terms: Floats,
    money: Floats, counts: Ints,
) -> None:  # fmt: skip
    for p in range(trades.shape[0]):
        for k in range(rows.shape[0]):
            _one(marks[p], trades[p], rows[k], ladder, terms, money[:, p, k], counts[:, p, k])
