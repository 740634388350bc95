"""`collateral`: liquidated USDe, BNSOL, WBETH are paid up to the market price of a later moment.

    Σ over lots liquidated in the window:  (price at the reference moment − liquidation price)
    · quantity, none below zero,  + liquidation fees

Binance announcement of 2025-10-12 (relayed): futures, margin and loan users, 21:36–22:16 UTC,
price at 2025-10-11 00:00. A lot that was sold above the reference price is not set against the
others unless `compensation.collateral.net` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...errors import Text
from ..book import Rules
from ..claimant import Claimant, Lot, total
from ..compensation import (
    ANNOUNCED,
    ASSET_PRICE,
    Award,
    Part,
    Policy,
    Span,
    Terms,
    moment_of,
    no_price,
    paid,
    refused,
    span_of,
    unknown,
)
from ..exact import ZERO, exact

NAME = "collateral"
TITLE = Text("Collateral scheme", "抵押品补偿")
DEFINITION = Text(
    "For each lot of the listed assets that was liquidated as collateral within the window: "
    "market price at the reference moment minus liquidation price, times quantity, not below "
    "zero; plus the liquidation fees of these lots. Futures, margin and loan accounts alike.",
    "对时间窗内作为抵押品被强平的所列资产逐笔计算：（参考时刻市价 − 强平价）× 数量，不低于零；"
    "另加该等批次的强平费。合约、杠杆、借贷账户一体适用。",
)
ORIGIN = ANNOUNCED
HEAD = "compensation.collateral"
PATHS = tuple(f"{HEAD}.{k}" for k in ("from", "until", "edge", "reference", "fees", "net"))
ASKS: tuple[str, ...] = (ASSET_PRICE,)
EACH, ACCOUNT = "each", "account"
FEES = Text("liquidation fees", "强平费")
PRICE = Text("market price", "市价")


@dataclass(frozen=True, slots=True)
class Collateral:
    """`assets` that are covered, `reference` the moment whose price is paid."""

    window: Span
    reference: int
    assets: frozenset[str]
    fees: bool = True
    net: str = EACH

    @exact
    def award(self, claimant: Claimant, terms: Terms) -> Award:
        """The award to a claimant; missing is the market price of an asset that he lost."""
        if not claimant.lots:
            return refused(
                "no-collateral", "no collateral of this account was liquidated",
                "该账户没有抵押品被强平",
            )  # fmt: skip
        listed = [lot for lot in claimant.lots if lot.asset in self.assets]
        names = ", ".join(sorted(self.assets))
        if not listed:
            held = ", ".join(sorted({lot.asset for lot in claimant.lots}))
            return refused(
                "other-collateral", f"the collateral was {held}; the scheme covers {names}",
                f"抵押品为 {held}；方案仅涵盖 {names}",
            )  # fmt: skip
        inside = [lot for lot in listed if self.window.holds(lot.at)]
        if not inside:
            return refused(
                "outside-window", f"no lot was liquidated within {self.window.label}",
                f"没有批次在 {self.window.label} 内被强平",
            )  # fmt: skip
        prices = {
            a: terms.reference.asset(a, self.reference) for a in {lot.asset for lot in inside}
        }
        known = {a: p for a, p in prices.items() if p is not None}
        if len(known) < len(prices):
            return unknown(
                [no_price(PRICE, a, self.reference) for a in sorted(set(prices) - set(known))]
            )
        count = len(inside)
        said = Text(
            f"lots liquidated within {self.window.label}: {count}",
            f"{count} 笔在 {self.window.label} 内被强平",
        )
        return paid(said, self._parts(inside, known))

    def _parts(self, lots: Sequence[Lot], prices: dict[str, Decimal]) -> list[Part]:
        """One for each asset, one for the fees, and what a floor of zero adds."""
        differences: dict[str, Decimal] = {}
        for lot in lots:
            gap = (prices[lot.asset] - lot.price) * lot.quantity
            if self.net == EACH:
                gap = max(gap, ZERO)
            differences[lot.asset] = differences.get(lot.asset, ZERO) + gap
        parts = [
            Part(Text(f"difference of {a}", f"{a} 差额"), v) for a, v in sorted(differences.items())
        ]
        whole = total(differences.values())
        if whole < 0:
            parts.append(Part(Text("not below zero", "不低于零"), -whole))
        if self.fees:
            parts.append(Part(FEES, total(lot.fee for lot in lots)))
        return parts


def covered(rules: Rules) -> frozenset[str]:
    """The assets whose flag compensation.collateral.asset.* is set."""
    head = f"{HEAD}.asset."
    paths = {p for p in (*rules.book.paths(), *rules.asked) if p.startswith(head)}
    return frozenset(p.removeprefix(head) for p in paths if rules.get(p).flag)


def policy(rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Policy:
    """The scheme under these rules."""
    return Collateral(
        span_of(rules, HEAD), moment_of(rules, f"{HEAD}.reference"), covered(rules),
        rules.get(f"{HEAD}.fees").flag, rules.get(f"{HEAD}.net").text,
    )  # fmt: skip
