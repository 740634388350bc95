"""A margin unit: what is liquidated as one, with its equity and its maintenance margin.

A cross wallet is one unit with all its legs, an isolated leg is one of its own.

    equity = wallet balance + Σ pnl at mark        maintenance = Σ MM(notional at mark)
    liquidated  ⇔  equity < trigger · maintenance

All legs of a unit settle in the currency of its balance. Source of the trigger: Binance
futures, liquidation when the margin balance falls below the maintenance margin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from ..errors import InputError, Text
from .exact import ONE, ZERO, exact, finite, positive, share
from .ladder import Tiers, flat
from .leg import BOTH, LONG, SHORT, Leg, Marks, mark_of

__all__ = ["BOTH", "LONG", "SHORT", "Leg", "Margin", "MarginRule", "Marks", "Wallet", "isolated"]


@dataclass(frozen=True)
class MarginRule:
    """Which tiers a contract is held under.

    `rate_factor` multiplies all maintenance rates; `inverse_rate` is the assumed rate of
    inverse contracts, whose tiers (in coins) the table does not hold.
    """

    inverse_rate: Decimal
    rate_factor: Decimal = ONE

    def __post_init__(self) -> None:
        share(Text("the rate of inverse contracts", "币本位合约维持保证金率"), self.inverse_rate)
        positive(Text("the factor of maintenance rates", "维持保证金率倍数"), self.rate_factor)

    def tiers(self, table: Mapping[str, Tiers], symbol: str, inverse: bool = False) -> Tiers:
        """The tiers of `symbol`; raises InputError for a linear contract not in the table."""
        found = table.get(symbol)
        if found is None and inverse:
            found = flat(symbol, self.inverse_rate)
        if found is None:
            raise InputError(
                Text(f"no maintenance tiers for {symbol}", f"没有 {symbol} 的维持保证金档位"),
                where=symbol,
                remedy=Text(
                    "Write the symbol as the venue does, or give a table that holds it.",
                    "请按交易场所的写法填写代码，或提供含该合约的档位表。",
                ),
            )
        return found if self.rate_factor == 1 else found.scaled(self.rate_factor)


class Margin(NamedTuple):
    """The margin of a unit at one moment, in its settle currency."""

    equity: Decimal
    unrealised: Decimal
    maintenance: Decimal
    trigger: Decimal

    @property
    @exact
    def liquidated(self) -> bool:
        """Equity at the maintenance margin still stands; below it, it does not."""
        return self.equity < self.trigger * self.maintenance


@dataclass(frozen=True)
class Wallet:
    """A margin unit: `balance` without unrealised profit, its legs, and the multiple of the
    maintenance margin at which it is liquidated (1; 1.05 for portfolio margin).

    Raises InputError for two positions in one place, and for linear and inverse legs in one
    wallet, which cannot settle in one currency.
    """

    balance: Decimal
    legs: tuple[Leg, ...] = ()
    trigger: Decimal = ONE

    def __post_init__(self) -> None:
        finite(Text("the wallet balance", "钱包余额"), self.balance)
        positive(Text("the trigger", "强平触发倍数"), self.trigger)
        seen: set[tuple[str, str]] = set()
        for leg in self.legs:
            if leg.key in seen:
                raise InputError(
                    Text(
                        f"two positions of {leg.symbol} in one place ({leg.position})",
                        f"{leg.symbol} 在同一仓位类型（{leg.position}）下有两个持仓",
                    ),
                    where=leg.symbol,
                    remedy=Text(
                        "Add them up, or mark long and short as L and S (hedge mode).",
                        "请合并，或在双向持仓模式下分别标为 L 与 S。",
                    ),
                )
            seen.add(leg.key)
        if len({leg.inverse for leg in self.legs}) > 1:
            raise InputError(
                Text(
                    "linear and inverse positions stand in one wallet",
                    "同一钱包中同时有 U 本位与币本位持仓",
                ),
                remedy=Text(
                    "Give each settle currency a wallet of its own.",
                    "请按结算币种分成不同的钱包。",
                ),
            )

    @exact
    def margin(self, marks: Marks) -> Margin:
        """Equity and maintenance at the marks; raises InputError where one is missing."""
        prices = [mark_of(marks, leg.symbol) for leg in self.legs]
        pairs = list(zip(self.legs, prices, strict=True))
        unrealised = sum((leg.pnl(price) for leg, price in pairs), ZERO)
        maintenance = sum((leg.maintenance(price) for leg, price in pairs), ZERO)
        return Margin(self.balance + unrealised, unrealised, maintenance, self.trigger)

    @exact
    def closed(self, at: int, price: Decimal, quantity: Decimal | None = None) -> Wallet:
        """The wallet after leg number `at` (from 0) is closed at a price, whole or in part:
        its profit is in the balance. Fees are charged apart."""
        positive(Text("the closing price", "平仓价"), price)
        leg = self.legs[at]
        left = leg.reduced(leg.quantity if quantity is None else quantity)
        done = leg if left is None else replace(leg, quantity=leg.quantity - left.quantity)
        rest = () if left is None else (left,)
        legs = (*self.legs[:at], *rest, *self.legs[at + 1 :])
        return replace(self, balance=self.balance + done.pnl(price), legs=legs)


def isolated(leg: Leg, margin: Decimal) -> Wallet:
    """An isolated position: its margin is all that stands behind it."""
    return Wallet(margin, (leg,))
