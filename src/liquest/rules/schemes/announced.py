"""`announced`: both announced schemes together, as they would reach one and the same person.

The collateral scheme first; whoever is paid by it is left out of the Together Initiative, which
excludes those compensated before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import Text
from ..book import Rules
from ..claimant import Claimant
from ..compensation import ANNOUNCED, ASSET_PRICE, Award, Policy, Terms, paid
from . import collateral, together

NAME = "announced"
TITLE = Text("What was announced, together", "已公布方案合计")
DEFINITION = Text(
    "The award of the collateral scheme; for whoever it does not pay, the voucher of the Together "
    "Initiative.",
    "抵押品补偿的金额；未获该项补偿者，取同舟计划的代金券。",
)
ORIGIN = ANNOUNCED
PATHS = (*collateral.PATHS, *together.PATHS)
ASKS: tuple[str, ...] = (ASSET_PRICE,)


@dataclass(frozen=True, slots=True)
class Announced:
    """`first`, and `second` for those whom the first does not pay; for all where `both`."""

    first: Policy
    second: Policy
    both: bool = False

    def award(self, claimant: Claimant, terms: Terms) -> Award:
        """The first award that is paid, or not determinable; else the second."""
        one = self.first.award(claimant, terms)
        if one.amount is None or (one.amount > 0 and not self.both):
            return one
        two = self.second.award(claimant, terms)
        if not one.amount or not two.amount:
            return one if one.amount and two.amount == 0 else two
        said = Text(f"{one.reason.en}; {two.reason.en}", f"{one.reason.zh}；{two.reason.zh}")
        return paid(said, (*one.parts, *two.parts))


def policy(rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Policy:
    """The schemes under these rules; a budget of vouchers is for those not paid before."""
    first = collateral.policy(rules, claimants, terms)
    both = not rules.get(f"{together.HEAD}.unpaid_only").flag
    rest = [c for c in claimants if both or first.award(c, terms).amount == 0]
    return Announced(first, together.policy(rules, rest, terms), both)
