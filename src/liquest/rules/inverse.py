"""Inverse contracts: quoted in USD, settled in the coin, quantity n·C in USD (contracts × size).

    coordinate x = 1/P      size = −s·n·C   (s = +1 long, −1 short)
    pnl = size·(x − x_entry) = s·n·C·(1/EP − 1/P)          notional = |size|·x

Profits and notionals are in the coin. A long contract in USD is short in x: it gains when
the coin buys more dollars. Source: Binance, "How to Calculate Liquidation Price of COIN-M
Futures Contracts" of 2021-02-05.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ..errors import Text
from .exact import ONE, ZERO, exact, finite, positive
from .linear import Part


@exact
def coordinate(price: Decimal) -> Decimal:
    """x of a price."""
    return ONE / price


def size(side: int, quantity: Decimal) -> Decimal:
    """Signed size in x."""
    return -side * quantity


@exact
def pnl(side: int, quantity: Decimal, entry: Decimal, price: Decimal) -> Decimal:
    """Profit of a position at a price, in the coin."""
    return side * (quantity / entry - quantity / price)


@exact
def notional(quantity: Decimal, price: Decimal) -> Decimal:
    """Notional at a price, in the coin."""
    return quantity / price


@exact
def liquidation_price(
    balance: Decimal, maintenance: Decimal, unrealised: Decimal, parts: Sequence[Part]
) -> Decimal | None:
    """The venue's own formula, with the tier of each part as given.

        LP = Σ n·C·(rate + s) / (WB − TMM + UPNL + Σ cum + Σ s·n·C/EP)

    As for linear contracts, with money in the coin. None where the denominator is zero or
    has the wrong sign: then no price above zero takes equity to the maintenance margin.
    """
    above = sum((p.quantity * (p.rate + p.side) for p in parts), ZERO)
    below = balance - maintenance + unrealised
    below += sum((p.cum + p.side * p.quantity / p.entry for p in parts), ZERO)
    if below == 0:
        return None
    price = above / below
    return price if price > 0 else None


@exact
def bankruptcy_price(
    side: int, quantity: Decimal, entry: Decimal, margin: Decimal
) -> Decimal | None:
    """Where an isolated position has lost its margin: 1/P_b = 1/EP + s·margin/(n·C).

    None where no price can do that: a short whose margin is at least its notional at entry.
    """
    positive(Text("the quantity", "数量"), quantity)
    finite(Text("the margin", "保证金"), margin)
    below = quantity + side * margin * entry
    return entry * quantity / below if below > 0 else None


@exact
def bankruptcy_at(side: int, entry: Decimal, leverage: Decimal) -> Decimal | None:
    """As above with the margin that a leverage L asks for, n·C/(EP·L):
    long EP·L/(L + 1), short EP·L/(L − 1); None for a short at L ≤ 1.

    Source: Bybit, "Bankruptcy Price (Inverse Contract)": 5,000 USD long at 7,890.08 and 50×
    is bankrupt at 7,735.3725.
    """
    positive(Text("the leverage", "杠杆"), leverage)
    below = leverage + side
    return entry * leverage / below if below > 0 else None
