"""`collateral-overpaid`: the collateral scheme with what participants tell of it, 5 % too much.

The over-payment is a claim about some cases, so this is its upper end: every award of the
scheme, raised by that share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...errors import Text
from ..book import Rules
from ..claimant import Claimant
from ..compensation import ASSET_PRICE, TOLD, Award, Part, Policy, Terms, paid
from ..exact import exact
from . import collateral

NAME = "collateral-overpaid"
TITLE = Text("Collateral scheme, over-paid as told", "抵押品补偿（按所述多赔）")
DEFINITION = Text(
    "The award of the collateral scheme, raised by the share that participants tell of some cases.",
    "抵押品补偿的金额，另加参与者所述部分个案的多赔比例。",
)
ORIGIN = TOLD
PATHS = (*collateral.PATHS, "compensation.overpaid.share")
ASKS: tuple[str, ...] = (ASSET_PRICE,)


@dataclass(frozen=True, slots=True)
class Overpaid:
    """`share` (≥ 0) on top of what `scheme` gives."""

    scheme: Policy
    share: Decimal

    @exact
    def award(self, claimant: Claimant, terms: Terms) -> Award:
        """The award of the scheme, raised."""
        one = self.scheme.award(claimant, terms)
        if not one.amount:
            return one
        more = Part(Text("over-payment as told", "所述多赔"), one.amount * self.share)
        return paid(one.reason, (*one.parts, more), one.currency)


def policy(rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Policy:
    """The scheme under these rules."""
    share = rules.get("compensation.overpaid.share").number
    return Overpaid(collateral.policy(rules, claimants, terms), share)
