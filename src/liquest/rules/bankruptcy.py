"""Bankruptcy prices: where closing a position leaves nothing of what stands behind it.

For an isolated position that is one price, P_b = EP − s·margin/q (`linear`, `inverse`). For a
wallet of several positions no text of a venue says how its equity A is shared out among them,
so two definitions are named, each a policy with one method:

    whole-account   P_b = M − s·A/q                      all of A behind each position
    zero-price      P_b = M·(1 − s·mmr·A/ΣMM)            A in shares of the maintenance margin

M is the mark, mmr = MM(N)/N the effective rate of the whole position. In the coordinate x
both read x_b = x_M − part/size, with part = A or A·MM/ΣMM, so they hold for inverse contracts
too. Under zero-price, closing every position at its P_b in any order leaves equity 0, and
A/ΣMM stays the same from close to close; under whole-account only the first close can be at
its price. For a wallet of one position the two are equal, and are the isolated price.

Source of zero-price: dYdX v4 and Lighter, which close positions so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Protocol

from ..errors import Text, UsageError
from .exact import exact
from .leg import Leg, Marks, mark_of
from .margin import Margin, Wallet

Prices = tuple[Decimal | None, ...]
"""One a leg, in their order; None where no price above zero takes the part away."""


class Bankruptcy(Protocol):
    """A definition of bankruptcy prices."""

    name: ClassVar[str]
    title: ClassVar[Text]

    def prices(self, wallet: Wallet, marks: Marks) -> Prices:
        """The price of each leg at the marks, on money of the unit's settle currency."""
        ...


@dataclass(frozen=True)
class WholeAccount:
    """P_b = M − s·A/q: the other positions are held at mark, all equity stands behind one."""

    name: ClassVar[str] = "whole-account"
    title: ClassVar[Text] = Text("whole-account bankruptcy price", "全账户破产价格")

    @exact
    def prices(self, wallet: Wallet, marks: Marks) -> Prices:
        """As `Bankruptcy.prices`."""
        return _each(wallet, marks, lambda leg, mark, margin: margin.equity)


@dataclass(frozen=True)
class ZeroPrice:
    """P_b = M·(1 − s·mmr·A/ΣMM): equity is shared out by maintenance margin."""

    name: ClassVar[str] = "zero-price"
    title: ClassVar[Text] = Text("zero-price bankruptcy price", "零权益破产价格")

    @exact
    def prices(self, wallet: Wallet, marks: Marks) -> Prices:
        """As `Bankruptcy.prices`."""
        return _each(
            wallet,
            marks,
            lambda leg, mark, margin: margin.equity * leg.maintenance(mark) / margin.maintenance,
        )


DEFINITIONS: Mapping[str, Bankruptcy] = {d.name: d for d in (ZeroPrice(), WholeAccount())}
"""By name; the first is the default."""
DEFAULT = ZeroPrice.name


def definition(name: str = DEFAULT) -> Bankruptcy:
    """The definition of a name; raises UsageError for one that is not known."""
    if name not in DEFINITIONS:
        raise UsageError(
            Text(f"no bankruptcy price is called '{name}'", f"没有名为“{name}”的破产价格定义"),
            where="liquidation.bankruptcy",
            remedy=Text(f"Choose from: {', '.join(DEFINITIONS)}.",
                        f"可选：{'、'.join(DEFINITIONS)}。"),
        )  # fmt: skip
    return DEFINITIONS[name]


def _each(wallet: Wallet, marks: Marks, part: Callable[[Leg, Decimal, Margin], Decimal]) -> Prices:
    margin = wallet.margin(marks)
    found: list[Decimal | None] = []
    for leg in wallet.legs:
        mark = mark_of(marks, leg.symbol)
        at_stake = part(leg, mark, margin)
        if leg.inverse:
            # 1/P_b = 1/M + s·part/(n·C), written so that one division rounds.
            below = leg.quantity + leg.side * at_stake * mark
            found.append(mark * leg.quantity / below if below > 0 else None)
        else:
            price = mark - leg.side * at_stake / leg.quantity
            found.append(price if price > 0 else None)
    return tuple(found)
