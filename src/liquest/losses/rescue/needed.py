"""The sum that would have held a margin unit, and the second by which it had to be there.

    surplus(t) = balance + Σ pnl(mark_t) − trigger · Σ maintenance(mark_t)
    breach     = the first second with surplus < 0
    needed     = −min surplus(t) from the breach to the end of the window

Positions and balance as they stood before the liquidation, nothing closed, all else equal:
prices as recorded, later transfers not counted. A path of floats finds the seconds that can
decide; whether a second is a breach, and the smallest surplus, are computed exactly. `sum` is
the shortfall rounded up to the eighth decimal, the last that a wallet holds: with it the unit
stands in every second of the window, with one unit of that decimal less it does not.

Source: Binance futures, liquidation where the margin balance falls below maintenance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

import numpy as np

from ...clock import SECOND, Window
from ...errors import IntegrityError, Text
from ...rules.exact import exact
from ...rules.margin import Margin, Wallet
from ...tape.tracks import Floats, seconds_of
from ..prices.prices import Prices

PLACES = 8
_REACH = 1e-9
"""Share of the sums within a surplus by which a float may be off; ten thousand times more than
the arithmetic of doubles can be."""


@dataclass(frozen=True)
class Surplus:
    """Surplus of one unit for each second of `window` [S] (`seconds_of`), NaN where a mark is
    missing; `off` bounds how far a float is from the truth; `exactly` gives the margin of one
    second (µs), None where a mark is missing."""

    window: Window
    values: Floats
    off: float
    exactly: Callable[[int], Margin | None]

    def __post_init__(self) -> None:
        if len(self.values) != len(seconds_of(self.window)):
            raise IntegrityError(
                Text("a path does not fill its window", "路径长度与时间窗不符"),
                expected=str(len(seconds_of(self.window))),
                got=str(len(self.values)),
            )

    def at(self, ts: int) -> Decimal | None:
        """The exact surplus in a second."""
        margin = self.exactly(ts)
        return None if margin is None else surplus_of(margin)

    def breach(self, since: int) -> int | None:
        """The first second (µs) from that of `since` on in which the surplus is below zero."""
        seconds = seconds_of(self.window)
        here = (seconds + SECOND > since) & (self.values < self.off)
        for place in np.flatnonzero(here).tolist():
            ts = int(seconds[place])
            if self.values[place] < -self.off:
                return ts
            value = self.at(ts)
            if value is not None and value < 0:
                return ts
        return None

    def least(self, since: int) -> tuple[int, Margin] | None:
        """The second (µs) of the smallest surplus from `since` on, the first of equals, and the
        margin in it; None where no second has marks."""
        seconds = seconds_of(self.window)
        here = np.flatnonzero((seconds + SECOND > since) & np.isfinite(self.values))
        if not len(here):
            return None
        bound = float(self.values[here].min()) + 2 * self.off
        best: tuple[Decimal, int, Margin] | None = None
        for place in here[self.values[here] <= bound].tolist():
            margin = self.exactly(int(seconds[place]))
            if margin is not None and (best is None or surplus_of(margin) < best[0]):
                best = (surplus_of(margin), int(seconds[place]), margin)
        return None if best is None else (best[1], best[2])


@exact
def surplus_of(margin: Margin) -> Decimal:
    """Equity above what the unit is liquidated below."""
    return margin.equity - margin.trigger * margin.maintenance


def held_fixed(wallet: Wallet, prices: Prices) -> Surplus:
    """The surplus over the window of the prices, nothing being closed."""
    size = len(seconds_of(prices.window))
    total = np.full(size, float(wallet.balance))
    scale = abs(float(wallet.balance))
    trigger = float(wallet.trigger)
    for one in wallet.legs:
        mark = prices.mark_path(one.symbol)
        x = 1.0 / mark if one.inverse else mark
        entry, sized = float(one.coordinate(one.entry)), float(one.size)
        notional = abs(sized) * x
        floors = np.array([float(f) for f in one.tiers.floors])
        tier = np.searchsorted(floors[1:], notional, side="left")
        rates = np.array([float(r) for r in one.tiers.rates])[tier]
        cums = np.array([float(c) for c in one.tiers.cums])[tier]
        total = total + sized * (x - entry) - trigger * (rates * notional - cums)
        known = notional[np.isfinite(notional)]
        most = float(known.max()) if len(known) else 0.0
        scale += 2 * most + abs(sized * entry) + float(one.tiers.cums[-1])
    symbols = dict.fromkeys(one.symbol for one in wallet.legs)
    made: dict[tuple[Decimal, ...], Margin] = {}

    def exactly(ts: int) -> Margin | None:
        marks: dict[str, Decimal] = {}
        for symbol in symbols:
            price = prices.mark(symbol, ts)
            if price is None:
                return None
            marks[symbol] = price
        key = tuple(marks.values())
        if key not in made:
            made[key] = wallet.margin(marks)
        return made[key]

    return Surplus(prices.window, total, max(scale * _REACH, 1e-12), exactly)


@dataclass(frozen=True)
class Needed:
    """What a unit needed, in its asset. `by` is the second (µs) by which it had to be there,
    `breach` the first second below by the marks, `at` the second that needed most; `at_once` is
    the shortfall in the second of the breach, rounded up as `sum` is. `marks` are those of `at`.
    """

    by: int
    breach: int
    at: int
    until: int
    at_once: Decimal
    sum: Decimal
    shortfall: Decimal
    margin: Margin
    marks: Mapping[str, Decimal]

    def __post_init__(self) -> None:
        if not (self.by <= self.breach <= self.at < self.until and 0 < self.at_once <= self.sum):
            raise IntegrityError(
                Text("what a unit needed contradicts itself", "所需金额自相矛盾"),
                expected="by ≤ breach ≤ at < until, 0 < at once ≤ sum",
                got=f"{self.by}, {self.breach}, {self.at}, {self.until}; {self.at_once}, "
                f"{self.sum}",
            )


def needed(
    surplus: Surplus, since: int, prices: Prices, wallet: Wallet, forced: int | None = None
) -> Needed | None:
    """What would have held a unit from `since` to the end of the window; None where it is never
    below. With a forced order at `forced` the sum had to be there before it, whatever the
    marks say."""
    breach = surplus.breach(since)
    worst = None if breach is None else surplus.least(breach)
    first = None if breach is None else surplus.at(breach)
    if breach is None or worst is None or first is None:
        return None
    at, margin = worst
    short = -surplus_of(margin)
    by = breach if forced is None else min(breach, forced // SECOND * SECOND)
    marks = {one.symbol: prices.mark(one.symbol, at) for one in wallet.legs}
    return Needed(
        by, breach, at, surplus.window.end, payable(-first), payable(short), short, margin,
        {symbol: price for symbol, price in marks.items() if price is not None},
    )  # fmt: skip


@exact
def payable(value: Decimal) -> Decimal:
    """The least sum of eight decimals that is not below a value."""
    return value.quantize(Decimal(1).scaleb(-PLACES), rounding=ROUND_CEILING)
