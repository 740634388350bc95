"""The insurance fund: what it takes of a loss, and what it leaves to auto-deleveraging.

Invariant: the fund never goes below zero; paid + shortfall = loss. A larger fund pays weakly
more of every sequence of losses, so it leaves weakly less. That needs a fund which takes part
of a loss when it cannot take all of it: one that takes a loss whole or not at all may, when
larger, take one big loss and then miss two small ones. That is money: the contracts that it
leaves over several liquidations can be more, where it spends early on dear ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from ..errors import InputError, Text, UsageError
from .exact import ZERO, exact, finite
from .lookup import Rules, one_of

UNLIMITED = "unlimited"


class Draw(NamedTuple):
    """One loss: the fund after it, what it paid, and the shortfall that it left."""

    fund: Fund
    paid: Decimal
    shortfall: Decimal


@dataclass(frozen=True)
class Fund:
    """`size` in settle currency, None without limit; `cap` the most that it pays for one loss,
    None without; `paid` and `received` so far. Raises InputError for a negative one."""

    size: Decimal | None
    cap: Decimal | None = None
    paid: Decimal = ZERO
    received: Decimal = ZERO

    def __post_init__(self) -> None:
        for name, value in (
            (Text("the insurance fund", "保险基金"), self.size),
            (Text("the cap of a payment", "单次赔付上限"), self.cap),
            (Text("what the fund paid", "保险基金已付金额"), self.paid),
            (Text("what the fund received", "保险基金已收金额"), self.received),
        ):
            if value is None:
                continue
            finite(name, value, "fund")
            if value < 0:
                raise InputError(
                    Text(f"{name.en} is below zero: {value}", f"{name.zh}为负：{value}"),
                    where="fund",
                    remedy=Text(
                        "Give an amount from 0 on, or 'unlimited' for a fund without limit.",
                        "请给出不小于 0 的金额；不设上限请写 unlimited。",
                    ),
                )

    @classmethod
    def of(cls, rules: Rules, symbol: str = "") -> Fund:
        """The fund of a rulebook: an amount in settle currency, or "unlimited"."""
        row = rules.get("fund.size", symbol)
        try:
            return cls(row.number)
        except UsageError:
            one_of("fund.size", row.text, (UNLIMITED,), where=symbol)
            return cls(None)

    def available(self) -> Decimal | None:
        """The most that it can pay for the next loss; None without limit."""
        limits = [limit for limit in (self.size, self.cap) if limit is not None]
        return min(limits) if limits else None

    @exact
    def pay(self, loss: Decimal) -> Draw:
        """What it takes of a loss ≥ 0, down to an empty fund or to its cap."""
        finite(Text("the loss", "损失"), loss, "fund")
        if loss < 0:
            raise InputError(
                Text(f"a loss of {loss}", f"损失为 {loss}"),
                where="fund",
                remedy=Text("A gain is received, not paid.", "收益应计入收入，而非赔付。"),
            )
        available = self.available()
        paid = loss if available is None else min(loss, available)
        size = None if self.size is None else self.size - paid
        return Draw(replace(self, size=size, paid=self.paid + paid), paid, loss - paid)

    @exact
    def receive(self, amount: Decimal) -> Fund:
        """The fund with an amount ≥ 0 more."""
        size = None if self.size is None else self.size + amount
        return replace(self, size=size, received=self.received + amount)
