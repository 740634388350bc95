"""One position: symbol, side, quantity, entry, and the tiers that it is held under.

Linear and inverse contracts alike are linear in a coordinate x (the price, or one over it),
so a leg states its size and its entry in x and the rest of the rules need not ask which it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from ..errors import InputError, Text
from . import inverse, linear
from .exact import exact, positive
from .ladder import Tiers

BOTH, LONG, SHORT = "B", "L", "S"
"""The one position of one-way mode; the two of hedge mode."""
_SIDES = {BOTH: (1, -1), LONG: (1,), SHORT: (-1,)}

Marks = Mapping[str, Decimal]
"""Symbol → mark price, above zero."""


class _Form(Protocol):
    """What `linear` and `inverse` both give."""

    def coordinate(self, price: Decimal) -> Decimal: ...
    def size(self, side: int, quantity: Decimal) -> Decimal: ...
    def pnl(self, side: int, quantity: Decimal, entry: Decimal, price: Decimal) -> Decimal: ...
    def notional(self, quantity: Decimal, price: Decimal) -> Decimal: ...


@dataclass(frozen=True)
class Leg:
    """`side` +1 long, −1 short; `quantity` above zero, base units for linear contracts and
    USD (contracts × contract size) for inverse ones; `entry` in quote currency.

    Raises InputError for anything else. Money is in the contract's settle currency: the quote
    currency, or the coin for inverse contracts.
    """

    symbol: str
    side: int
    quantity: Decimal
    entry: Decimal
    inverse: bool
    tiers: Tiers
    position: str = BOTH

    def __post_init__(self) -> None:
        if self.side not in _SIDES.get(self.position, ()):
            raise InputError(
                Text(
                    f"no position has side {self.side!r} and place {self.position!r}",
                    f"不存在方向为 {self.side!r}、仓位类型为 {self.position!r} 的持仓",
                ),
                where=self.symbol,
                remedy=Text(
                    "Side +1 is long, −1 short; place B in one-way mode, in hedge mode L for "
                    "longs and S for shorts.",
                    "方向 +1 为多、−1 为空；单向持仓用 B，双向持仓的多仓用 L、空仓用 S。",
                ),
            )
        positive(Text("the quantity", "数量"), self.quantity, self.symbol)
        positive(Text("the entry price", "开仓价"), self.entry, self.symbol)

    @property
    def key(self) -> tuple[str, str]:
        """Symbol and place: an account holds at most one position of each."""
        return self.symbol, self.position

    @property
    def form(self) -> _Form:
        """The arithmetic of its kind of contract."""
        return inverse if self.inverse else linear

    @property
    def size(self) -> Decimal:
        """Signed size in x: what equity gains when x rises by one."""
        return self.form.size(self.side, self.quantity)

    def coordinate(self, price: Decimal) -> Decimal:
        """x of a price of this contract."""
        return self.form.coordinate(price)

    def pnl(self, price: Decimal) -> Decimal:
        """Profit against the entry price."""
        return self.form.pnl(self.side, self.quantity, self.entry, price)

    def notional(self, price: Decimal) -> Decimal:
        """Notional at a price."""
        return self.form.notional(self.quantity, price)

    def maintenance(self, price: Decimal) -> Decimal:
        """Maintenance margin at a price, by the tier of the notional there."""
        return self.tiers.maintenance(self.notional(price))

    @exact
    def reduced(self, quantity: Decimal) -> Leg | None:
        """What is left when `quantity` is closed; None when that is all of it."""
        positive(Text("the quantity to close", "平仓数量"), quantity, self.symbol)
        if quantity > self.quantity:
            raise InputError(
                Text(
                    f"cannot close {quantity} of a position of {self.quantity}",
                    f"持仓为 {self.quantity}，无法平掉 {quantity}",
                ),
                where=self.symbol,
                remedy=Text("Close at most the position.", "平仓数量不得超过持仓。"),
            )
        left = self.quantity - quantity
        return replace(self, quantity=left) if left else None


def mark_of(marks: Marks, symbol: str) -> Decimal:
    """The mark price of a symbol; raises InputError where there is none above zero."""
    if symbol not in marks:
        raise InputError(
            Text(f"no mark price for {symbol}", f"缺少 {symbol} 的标记价格"),
            where=symbol,
            remedy=Text(
                "Give a mark price for every symbol that the account holds.",
                "请为账户持有的每个合约提供标记价格。",
            ),
        )
    positive(Text(f"the mark price of {symbol}", f"{symbol} 的标记价格"), marks[symbol], symbol)
    return marks[symbol]
