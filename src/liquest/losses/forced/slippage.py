"""Slippage of fills against what the price was elsewhere in the same second.

With s = +1 for a buy and −1 for a sell, p the average price filled and r the reference,

    each = s·(p − r)                quote units; above zero: worse for the account
    bp   = each / r · 10⁴           basis points of the reference
    cost = s·(p − r)·q              linear contracts, spot: in quote units
         = s·(1/r − 1/p)·n·C        inverse contracts: n contracts of C, in the coin

Several fills: p and r are averages by quantity, harmonic for inverse contracts, whose money is
linear in 1/price, so that cost is the sum over the fills. Exact but for the quotients, which
are right to 80 digits. A reference that is missing in the second of one fill is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ...clock import SECOND
from ...rules.exact import ZERO, exact
from ..prices.prices import Prices

MARK, LAST, INDEX, OTHERS, OTHERS_USD = "mark", "last", "index", "others", "others-usd"
REFERENCES = (MARK, LAST, INDEX, OTHERS, OTHERS_USD)
"""Own mark, own last trade, index, median of the other venues, the same over USD venues."""

BASIS_POINTS = Decimal(10_000)


class Contract(NamedTuple):
    """What is traded: `size` is that of one contract, 1 for linear contracts and spot."""

    market: str
    symbol: str
    inverse: bool
    size: Decimal
    settle: str


class Fill(NamedTuple):
    """Quantity (base units or contracts, above zero) at a price, in a moment."""

    ts: int
    price: Decimal
    quantity: Decimal


class Slip(NamedTuple):
    """Fills against one reference; `price` is the reference, averaged over the fills."""

    against: str
    price: Decimal
    each: Decimal
    bp: Decimal
    cost: Decimal


def reference(prices: Prices, against: str, symbol: str, ts: int) -> Decimal | None:
    """One reference in the second of `ts`; None where it is not known or not above zero."""
    second = ts // SECOND * SECOND
    price = {
        MARK: prices.mark, LAST: prices.last, INDEX: prices.index, OTHERS: prices.others,
        OTHERS_USD: prices.others_usd,
    }[against](symbol, second)  # fmt: skip
    return price if price is not None and price > 0 else None


@exact
def mean(fills: Sequence[tuple[Decimal, Decimal]], inverse: bool) -> Decimal | None:
    """Average of (price, quantity); None for no quantity at all."""
    total = sum((quantity for _, quantity in fills), ZERO)
    if not total:
        return None
    if len({price for price, _ in fills}) == 1:
        return fills[0][0]
    if inverse:
        return total / sum((quantity / price for price, quantity in fills), ZERO)
    return sum((price * quantity for price, quantity in fills), ZERO) / total


@exact
def slip(
    contract: Contract, side: int, fills: Sequence[Fill], against: str, prices: Prices
) -> Slip | None:
    """The fills of one side against one reference; None where it is missing for a fill."""
    pairs: list[tuple[Decimal, Decimal]] = []
    cost = ZERO
    for fill in fills:
        price = reference(prices, against, contract.symbol, fill.ts)
        if price is None:
            return None
        pairs.append((price, fill.quantity))
        if contract.inverse:
            cost += side * (1 / price - 1 / fill.price) * fill.quantity * contract.size
        else:
            cost += side * (fill.price - price) * fill.quantity * contract.size
    paid = mean([(fill.price, fill.quantity) for fill in fills], contract.inverse)
    stood = mean(pairs, contract.inverse)
    if paid is None or stood is None:
        return None
    each = side * (paid - stood)
    return Slip(against, stood, each, each / stood * BASIS_POINTS, cost)


def slips(
    contract: Contract, side: int, fills: Sequence[Fill], prices: Prices | None,
    references: Sequence[str] = REFERENCES,
) -> tuple[Slip, ...]:  # fmt: skip
    """The fills against every reference that is known; nothing without prices or fills."""
    if prices is None or not fills:
        return ()
    found = (slip(contract, side, fills, against, prices) for against in references)
    return tuple(one for one in found if one is not None)
