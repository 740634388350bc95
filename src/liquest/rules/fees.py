"""The clearance fee: what the insurance fund takes of a liquidation that left something over.

    fee = rate · notional liquidated, but no more than the equity that is left; none when
    the account is bankrupt

Rates are per coin: Binance states 1.25 % for BTCUSDT and 1.75 % for ATOMUSDT, undated, and
that a bankrupt account pays none. That the fee stops at the equity left follows: a fee that
made an account bankrupt could not be collected.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..errors import InputError, Text
from .exact import ONE, ZERO, exact, finite


@dataclass(frozen=True)
class ClearanceFee:
    """`rate` of the notional, 0 ≤ rate < 1."""

    rate: Decimal

    def __post_init__(self) -> None:
        finite(Text("the clearance fee", "强平清算费率"), self.rate)
        if not ZERO <= self.rate < ONE:
            raise InputError(
                Text(
                    f"a clearance fee of {self.rate} is no share below one",
                    f"强平清算费率 {self.rate} 不在 0 与 1 之间",
                ),
                where="liquidation.fee",
                remedy=Text("Write 1.25 % as 0.0125.", "1.25% 请写作 0.0125。"),
            )

    @exact
    def charge(self, notional: Decimal, equity: Decimal) -> Decimal:
        """The fee on a notional closed (≥ 0), with `equity` left after the close, both in the
        settle currency."""
        finite(Text("the notional", "名义价值"), notional)
        finite(Text("the equity", "权益"), equity)
        if notional < 0:
            raise InputError(
                Text(f"the notional {notional} is negative", f"名义价值 {notional} 为负"),
                remedy=Text("Give its absolute value.", "请给出绝对值。"),
            )
        return min(self.rate * notional, max(equity, ZERO))
