"""`together`: vouchers of the Together Initiative (同舟计划), 4 to 6,000 USDC each.

Binance announcement of 2025-10-14: forced losses in futures and margin from 2025-10-10 00:00 to
2025-10-11 23:59 UTC, at least 50 dollars and at least 30 % of net assets at the snapshot of
2025-10-09 23:59. That those compensated before are left out, and that vouchers are in USDC, is
relayed by press. How large a voucher is between the bounds is not public: here a share of the
loss, or that share at which the budget is spent on the register (`compensation.together.formula`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ...errors import Text, UsageError
from ..book import Rules
from ..claimant import FUTURES, MARGIN, Claimant, total
from ..compensation import (
    ANNOUNCED,
    USDC,
    Award,
    Part,
    Policy,
    Span,
    Terms,
    cents,
    money,
    paid,
    refused,
    span_of,
    unknown,
)
from ..compensation_pot import calibrated
from ..exact import exact

NAME = "together"
TITLE = Text("Together Initiative", "同舟计划")
DEFINITION = Text(
    "Forced losses in futures and margin within the window, if they come to the least amount and "
    "to the least share of net assets at the snapshot, and nothing was paid before. The formula "
    "between the bounds is not public; assumed is a share of the loss, clamped to the bounds, or "
    "the share at which the budget is spent over the claimants of the register.",
    "时间窗内合约与杠杆的强平亏损，须达到最低金额与快照净资产的最低占比，且此前未获补偿。上下限之间"
    "的公式未公开；假定为损失的一定比例并截断于上下限，或取使登记表恰好用尽预算的比例。",
)
ORIGIN = ANNOUNCED
HEAD = "compensation.together"
PATHS = tuple(
    f"{HEAD}.{k}"
    for k in (
        "from", "until", "edge", "least_loss", "least_share", "low", "high", "budget",
        "unpaid_only", "formula", "share",
    )
)  # fmt: skip
ASKS: tuple[str, ...] = ()
COVERED = (FUTURES, MARGIN)
SHARE, BUDGET = "share", "budget"


@dataclass(frozen=True, slots=True)
class Together:
    """`share` of the loss between `low` and `high`; `amounts` by id instead, where they were
    calibrated to a budget."""

    window: Span
    least_loss: Decimal
    least_share: Decimal
    low: Decimal
    high: Decimal
    share: Decimal
    unpaid_only: bool = True
    amounts: Mapping[str, Decimal] | None = None

    def __post_init__(self) -> None:
        if self.high < self.low:
            raise UsageError(
                Text("the largest voucher is below the smallest", "代金券上限低于下限"),
                where=HEAD,
                remedy=Text(
                    f"Set {HEAD}.low and {HEAD}.high.", f"请设定 {HEAD}.low 与 {HEAD}.high。"
                ),
            )

    @exact
    def award(self, claimant: Claimant, terms: Terms) -> Award:
        """The voucher; missing are net assets at the snapshot, or the loss."""
        if (fault := self._against(claimant)) is not None:
            return fault
        loss = self.counted(claimant)
        amount = None if self.amounts is None else self.amounts.get(claimant.id)
        if amount is None:
            amount = min(max(cents(self.share * loss), self.low), self.high)
        said = Text(
            f"forced loss of {money(loss)} within {self.window.label} meets both conditions",
            f"{self.window.label} 内强平亏损 {money(loss)}，两项条件均满足",
        )
        return paid(said, [Part(Text("voucher", "代金券"), amount)], USDC)

    def counted(self, claimant: Claimant) -> Decimal:
        """The forced losses that count: futures and margin, within the window."""
        return total(
            one.amount
            for one in claimant.losses
            if one.product in COVERED and self.window.holds(one.at)
        )

    def _against(self, claimant: Claimant) -> Award | None:
        """What stands against a voucher; None where nothing does."""
        if not claimant.losses:
            return refused("no-loss", "no forced loss is stated", "未载明强平亏损", USDC)
        if self.unpaid_only and claimant.compensated > 0:
            return refused(
                "compensated-before", f"compensated before with {money(claimant.compensated)}",
                f"此前已获补偿 {money(claimant.compensated)}", USDC,
            )  # fmt: skip
        ours = [one for one in claimant.losses if one.product in COVERED]
        if not ours:
            return refused(
                "other-product", "the forced loss was made in neither futures nor margin",
                "强平亏损不在合约或杠杆之内", USDC,
            )  # fmt: skip
        if not any(self.window.holds(one.at) for one in ours):
            return refused(
                "outside-window", f"no forced loss lies within {self.window.label}",
                f"没有强平亏损发生在 {self.window.label} 内", USDC,
            )  # fmt: skip
        loss = self.counted(claimant)
        if loss < self.least_loss:
            return refused(
                "below-least", f"forced loss of {money(loss)}, below {money(self.least_loss)}",
                f"强平亏损 {money(loss)}，低于 {money(self.least_loss)}", USDC,
            )  # fmt: skip
        net = claimant.net_assets
        if net is None:
            said = Text("net assets at the snapshot", "快照时的净资产")
            return unknown([said], eligible=None, currency=USDC)
        if loss < self.least_share * net:
            least = money(self.least_share * net)
            return refused(
                "below-share", f"forced loss of {money(loss)}, below the {least} that the share of "
                f"net assets ({money(net)}) asks for",
                f"强平亏损 {money(loss)}，低于净资产（{money(net)}）占比所要求的 {least}", USDC,
            )  # fmt: skip
        return None


def policy(rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Policy:
    """The scheme under these rules; calibrated over the eligible claimants where asked."""
    return of(rules, claimants, terms)


def of(rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Together:
    """The same, by its own name."""
    keys = ("least_loss", "least_share", "low", "high", "share")
    least_loss, least_share, low, high, share = (rules.get(f"{HEAD}.{k}").number for k in keys)
    bare = Together(
        span_of(rules, HEAD), least_loss, least_share, low, high, share,
        rules.get(f"{HEAD}.unpaid_only").flag,
    )  # fmt: skip
    if rules.get(f"{HEAD}.formula").text != BUDGET:
        return bare
    eligible = [c for c in claimants if bare.award(c, terms).eligible]
    losses = {c.id: bare.counted(c) for c in eligible}
    made = calibrated(rules.get(f"{HEAD}.budget").number, losses, bare.low, bare.high)
    return replace(bare, amounts=made.amounts)
