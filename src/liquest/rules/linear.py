"""Linear contracts: quoted and settled in one currency (USDT, USDC), quantity q in base units.

    coordinate x = P        size = s·q      (s = +1 long, −1 short)
    pnl = size·(x − x_entry)                notional = |size|·x

In x everything is linear, as it is for inverse contracts in theirs; what is written once in
x therefore holds for both. All functions are exact at the digits of `exact`; prices are
quote currency per base unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ..errors import Text
from .exact import ZERO, exact, finite, positive


class Part(NamedTuple):
    """A position with the tier that a formula takes for it: rate and maintenance amount."""

    side: int
    quantity: Decimal
    entry: Decimal
    rate: Decimal
    cum: Decimal


def coordinate(price: Decimal) -> Decimal:
    """x of a price."""
    return price


def size(side: int, quantity: Decimal) -> Decimal:
    """Signed size in x."""
    return side * quantity


@exact
def pnl(side: int, quantity: Decimal, entry: Decimal, price: Decimal) -> Decimal:
    """Profit of a position at a price, in quote currency."""
    return side * quantity * (price - entry)


@exact
def notional(quantity: Decimal, price: Decimal) -> Decimal:
    """Notional at a price, in quote currency."""
    return quantity * price


@exact
def liquidation_price(
    balance: Decimal, maintenance: Decimal, unrealised: Decimal, parts: Sequence[Part]
) -> Decimal | None:
    """The venue's own formula, with the tier of each part as given.

        LP = (WB − TMM + UPNL + Σ cum − Σ s·q·EP) / (Σ q·rate − Σ s·q)

    `maintenance` and `unrealised` are those of all other contracts (0 in isolated mode);
    `parts` are the positions of this contract: one in one-way mode, long and short in hedge
    mode. None where the result is not above zero or the parts cancel out. It is the
    liquidation price only if `rate` and `cum` are those of the tier at the result.

    Source: Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts" of
    2020-08-14.
    """
    above = balance - maintenance + unrealised
    above += sum((p.cum - p.side * p.quantity * p.entry for p in parts), ZERO)
    below = sum((p.quantity * (p.rate - p.side) for p in parts), ZERO)
    if below == 0:
        return None
    price = above / below
    return price if price > 0 else None


@exact
def bankruptcy_price(
    side: int, quantity: Decimal, entry: Decimal, margin: Decimal
) -> Decimal | None:
    """Where an isolated position has lost its margin: P_b = EP − s·margin/q.

    From the entry price, not from the current one. None where no price above zero can do
    that: a long whose margin is at least its notional.
    """
    positive(Text("the quantity", "数量"), quantity)
    finite(Text("the margin", "保证金"), margin)
    price = entry - side * margin / quantity
    return price if price > 0 else None
