"""Forced fills against other prices: what each fill is worse by, summed up by contract.

Inverse fills are counted in coins and valued at the price that they are compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...errors import Text
from ..claimant import Claimant, ForcedClose, total
from ..compensation import Award, Part, Terms, no_price, paid, refused, unknown
from ..exact import ZERO, exact

EACH, ACCOUNT = "each", "account"
NET = "compensation.proposed.net"

Priced = Callable[[ForcedClose], Decimal | None]


def settled(gaps: Sequence[tuple[str, Decimal]], net: str) -> list[Part]:
    """One part for each contract; with `each` no fill counts below zero, with `account` the sum
    does not, and a part of its own says what that adds."""
    by_symbol: dict[str, Decimal] = {}
    for symbol, gap in gaps:
        counted = max(gap, ZERO) if net == EACH else gap
        by_symbol[symbol] = by_symbol.get(symbol, ZERO) + counted
    parts = [Part(Text(s, s), amount) for s, amount in sorted(by_symbol.items())]
    whole = total(by_symbol.values())
    if whole < 0:
        parts.append(Part(Text("not below zero", "不低于零"), -whole))
    return parts


@exact
def compared(closes: Sequence[ForcedClose], priced: Priced, what: Text, net: str) -> Award:
    """The award of what the fills were worse by than `priced`; missing are prices."""
    prices = [priced(one) for one in closes]
    absent = [
        no_price(what, one.symbol, one.at)
        for one, price in zip(closes, prices, strict=True)
        if price is None
    ]
    if absent:
        return unknown(absent)
    gaps = [
        (one.symbol, one.worse_by(price))
        for one, price in zip(closes, prices, strict=True)
        if price is not None
    ]
    count = len(closes)
    said = Text(
        f"forced fills against the {what.en}: {count}", f"{count} 笔强平成交与{what.zh}相比"
    )
    return paid(said, settled(gaps, net))


NO_FILLS = refused("no-fills", "no forced fills are stated", "未载明强平成交")


@dataclass(frozen=True, slots=True)
class Reexecution:
    """Every forced fill again at a fair price: the other venues' median, or that of venues in
    state money (`usd`). The loss is what the fills were worse by."""

    usd: bool
    net: str = ACCOUNT

    def award(self, claimant: Claimant, terms: Terms) -> Award:
        """The award to a claimant; missing are prices of the other venues."""
        if not claimant.closes:
            return NO_FILLS
        reference = terms.reference
        price = reference.others_usd if self.usd else reference.others
        what = (
            Text("median of the venues in USD", "美元场所中位价")
            if self.usd
            else Text("median of the other venues", "其他场所中位价")
        )
        return compared(claimant.closes, lambda one: price(one.symbol, one.at), what, self.net)
