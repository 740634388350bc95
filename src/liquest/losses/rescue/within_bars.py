"""What a unit may have needed where marks are known by bars longer than a second.

A close of a minute hides what the mark did within it. The surplus of the legs of one symbol is
concave in its mark (maintenance is convex), so over a bar it is least at the low or the high:

    bound = −min over minutes (balance + Σ over symbols min(surplus at low, surplus at high))

which takes every symbol to be at its worst at once: the sum needed is not above it, and not
below that of the closes. Exact.
"""

from __future__ import annotations

from decimal import Decimal

from ...clock import MINUTE
from ...rules.exact import ZERO, exact
from ...rules.leg import Leg
from ...rules.margin import Wallet
from ..prices.prices import Prices
from .needed import payable


@exact
def bound(wallet: Wallet, prices: Prices, since: int) -> Decimal | None:
    """The bound from the minute of `since` to the end of the prices, rounded up to the eighth
    decimal, 0 where the unit stands even so; None where no symbol is known by bars."""
    groups: dict[str, list[Leg]] = {}
    for leg in wallet.legs:
        groups.setdefault(leg.symbol, []).append(leg)
    start = max(since, prices.window.start) // MINUTE * MINUTE
    most, barred = ZERO, False
    for minute in range(start, prices.window.end, MINUTE):
        ts = max(minute, prices.window.start)
        ends = {symbol: prices.extreme(symbol, ts) for symbol in groups}
        barred = barred or any(pair is not None for pair in ends.values())
        parts = [
            _least(legs, wallet.trigger, ends[symbol], prices.mark(symbol, ts))
            for symbol, legs in groups.items()
        ]
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            most = max(most, -(wallet.balance + sum(known, ZERO)))
    return payable(most) if barred else None


def _least(
    legs: list[Leg], trigger: Decimal, ends: tuple[Decimal, Decimal] | None, mark: Decimal | None
) -> Decimal | None:
    marks = ends if ends is not None else () if mark is None else (mark,)
    sums = (
        sum((leg.pnl(price) - trigger * leg.maintenance(price) for leg in legs), ZERO)
        for price in marks
    )
    return min(sums, default=None)
