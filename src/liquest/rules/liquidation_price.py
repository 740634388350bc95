"""Where the mark price of one symbol gets a margin unit liquidated, all others held at mark.

In the coordinate x of the symbol the surplus

    f(x) = equity − trigger · maintenance
         = c + Σ size·(x − entry) − trigger · Σ (rate_k·|size|·x − cum_k)

is piecewise linear, and concave, because maintenance is convex: f is the least of the lines
that its tiers give. So the prices at which the unit stands (f ≥ 0) are one interval, and it is
the intersection of one half-line per tier; the tier that counts is thereby the one at the
liquidation price, as the venues demand, not the one at the mark. A single position has
one liquidation price at most. A long and a short of one symbol (hedge mode) can have two,
because their maintenance grows with the price while their profits cancel.

Source: Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts" of 2020-08-14
and the same for COIN-M of 2021-02-05; the venue's formula for one tier is in `linear` and
`inverse`, and agrees.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from heapq import merge

from ..errors import InputError, Text
from .exact import ZERO, exact
from .leg import Leg, Marks, mark_of
from .margin import Wallet


@dataclass(frozen=True)
class Standing:
    """The mark prices at which a unit is not liquidated: low ≤ price ≤ high.

    None is no bound (down to zero, or up without end). `never`: no price above zero helps.
    """

    low: Decimal | None
    high: Decimal | None
    never: bool = False

    def __contains__(self, price: Decimal) -> bool:
        return not (
            self.never
            or (self.low is not None and price < self.low)
            or (self.high is not None and price > self.high)
        )


@exact
def standing(wallet: Wallet, marks: Marks) -> dict[str, Standing]:
    """For every symbol of the wallet, in order of first appearance; time grows with the legs.

    Raises InputError where a mark is missing. The symbol's own mark does not matter, so a
    wallet of one symbol needs none.
    """
    groups: dict[str, list[Leg]] = {}
    for leg in wallet.legs:
        groups.setdefault(leg.symbol, []).append(leg)
    if len(groups) < 2:
        return {s: _interval(wallet.balance, legs, wallet.trigger) for s, legs in groups.items()}
    surplus = {s: _surplus(legs, mark_of(marks, s), wallet.trigger) for s, legs in groups.items()}
    total = wallet.balance + sum(surplus.values(), ZERO)
    return {
        symbol: _interval(total - surplus[symbol], legs, wallet.trigger)
        for symbol, legs in groups.items()
    }


@exact
def standing_of(wallet: Wallet, symbol: str, marks: Marks) -> Standing:
    """For one symbol; marks of the others are needed. Raises InputError when it is not held."""
    own = [leg for leg in wallet.legs if leg.symbol == symbol]
    if not own:
        raise InputError(
            Text(f"the wallet holds no {symbol}", f"该钱包没有 {symbol} 持仓"),
            where=symbol,
            remedy=Text("Name a symbol that it holds.", "请指定其持有的合约。"),
        )
    others: dict[str, list[Leg]] = {}
    for leg in wallet.legs:
        if leg.symbol != symbol:
            others.setdefault(leg.symbol, []).append(leg)
    rest = wallet.balance + sum(
        (_surplus(legs, mark_of(marks, s), wallet.trigger) for s, legs in others.items()), ZERO
    )
    return _interval(rest, own, wallet.trigger)


def liquidation_price(wallet: Wallet, symbol: str, marks: Marks) -> Decimal | None:
    """The one that a venue shows: where the symbol's positions, taken together, lose.

    Of two (hedge mode) the bound towards which the net position loses. None where the unit
    stands at every price, or at none; `standing_of` tells the two apart.
    """
    net = sum((leg.side * leg.quantity for leg in wallet.legs if leg.symbol == symbol), ZERO)
    return _shown(standing_of(wallet, symbol, marks), net)


def liquidation_prices(wallet: Wallet, marks: Marks) -> dict[str, Decimal | None]:
    """As above for every symbol of the wallet at once."""
    net: dict[str, Decimal] = {}
    for leg in wallet.legs:
        net[leg.symbol] = net.get(leg.symbol, ZERO) + leg.side * leg.quantity
    return {s: _shown(found, net[s]) for s, found in standing(wallet, marks).items()}


def _shown(found: Standing, net: Decimal) -> Decimal | None:
    if found.never:
        return None
    first, second = (found.low, found.high) if net > 0 else (found.high, found.low)
    return second if first is None else first


def _surplus(legs: Sequence[Leg], mark: Decimal, trigger: Decimal) -> Decimal:
    """What the legs of one symbol add to equity − trigger · maintenance at their mark."""
    return sum((leg.pnl(mark) - trigger * leg.maintenance(mark) for leg in legs), ZERO)


def _lines(
    rest: Decimal, legs: Sequence[Leg], trigger: Decimal
) -> Iterator[tuple[Decimal, Decimal]]:
    """Intercept and slope of f in each stretch of x between two tier floors, from x = 0 up."""
    intercept, slope = rest, ZERO
    for leg in legs:
        size, rate = leg.size, leg.tiers.rates[0]
        # Linear in x: size · entry needs no 1/entry, which would have to be rounded.
        held = leg.quantity / leg.entry if leg.inverse else leg.quantity * leg.entry
        intercept -= held.copy_sign(size)
        slope += size - trigger * rate * leg.quantity
    yield intercept, slope
    floors = (
        [(floor / leg.quantity, place, k) for k, floor in enumerate(leg.tiers.floors) if k]
        for place, leg in enumerate(legs)
    )
    for _, place, k in merge(*floors):
        leg, tiers = legs[place], legs[place].tiers
        slope -= trigger * (tiers.rates[k] - tiers.rates[k - 1]) * leg.quantity
        intercept += trigger * (tiers.cums[k] - tiers.cums[k - 1])
        yield intercept, slope


def _interval(rest: Decimal, legs: Sequence[Leg], trigger: Decimal) -> Standing:
    """{x > 0 : f(x) ≥ 0} as prices; `rest` is what balance and other symbols leave over."""
    nothing = Standing(None, None, never=True)
    low: tuple[Decimal, Decimal, Decimal] | None = None
    high: tuple[Decimal, Decimal, Decimal] | None = None
    for a, b in _lines(rest, legs, trigger):
        if b == 0:
            if a < 0:
                return nothing
        elif b > 0:
            low = max(low or (-a / b, a, b), (-a / b, a, b))
        else:
            high = min(high or (-a / b, a, b), (-a / b, a, b))
    if low is not None and low[0] <= 0:
        low = None
    if high is not None and (high[0] <= 0 or (low is not None and low[0] > high[0])):
        return nothing
    if legs[0].inverse:
        # x = 1/P turns the interval round; b/−a spares rounding twice.
        return Standing(
            None if high is None else high[2] / -high[1], None if low is None else low[2] / -low[1]
        )
    return Standing(None if low is None else low[0], None if high is None else high[0])
