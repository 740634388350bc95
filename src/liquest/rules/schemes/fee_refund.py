"""`fee-refund`: the fees of forced liquidation are paid back, in contracts and on collateral."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import Text
from ..book import Rules
from ..claimant import Claimant, total
from ..compensation import PROPOSED, Award, Part, Policy, Terms, paid, refused
from ..exact import exact
from ._fills import NO_FILLS

NAME = "fee-refund"
TITLE = Text("Refund of liquidation fees", "退还强平费")
DEFINITION = Text(
    "The liquidation fees of all forced fills and of all liquidated lots of collateral.",
    "全部强平成交与被强平抵押品批次的强平费。",
)
ORIGIN = PROPOSED
PATHS: tuple[str, ...] = ()
ASKS: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeeRefund:
    """Every liquidation fee, whenever it was paid."""

    @exact
    def award(self, claimant: Claimant, terms: Terms) -> Award:
        """The fees of a claimant."""
        if not (claimant.closes or claimant.lots):
            return NO_FILLS
        fills = total(one.fee for one in claimant.closes)
        lots = total(one.fee for one in claimant.lots)
        if not fills + lots:
            return refused("no-fee", "no liquidation fee was paid", "未支付强平费")
        count = len(claimant.closes) + len(claimant.lots)
        said = Text(f"fees of forced fills and lots: {count}", f"{count} 笔强平成交与批次的费用")
        parts = [
            Part(Text("fees of forced fills", "强平成交费用"), fills),
            Part(Text("fees on collateral", "抵押品强平费用"), lots),
        ]
        return paid(said, [part for part in parts if part.amount])


def policy(rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Policy:
    """The scheme; it takes no rule."""
    return FeeRefund()
