"""`pro-rata`: a pot is shared in proportion to the loss that nobody has paid for yet.

Given out in whole cents by the largest remainder, so that the awards add up to the pot; a pot
that reaches all losses pays them in full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...errors import Text
from ..book import Rules
from ..claimant import Claimant
from ..compensation import PROPOSED, Award, Part, Policy, Terms, money, paid, refused
from ..compensation_pot import share_out
from ..exact import ZERO, exact

NAME = "pro-rata"
TITLE = Text("Pro-rata of a pot", "资金池按比例分配")
DEFINITION = Text(
    "A pot is shared among all claimants of the register in proportion to their loss less what "
    "was paid to them before, in whole cents by the largest remainder; nobody gets more than "
    "that loss.",
    "资金池在登记表全体申索人之间按（亏损 − 此前已获补偿）的比例分配，以分为单位按最大余数法取整；"
    "任何人所得不超过该亏损。",
)
ORIGIN = PROPOSED
PATHS = ("compensation.pot.size",)
ASKS: tuple[str, ...] = ()


@exact
def uncovered(claimant: Claimant) -> Decimal:
    """The loss less what was paid before, not below zero."""
    return max((claimant.loss or ZERO) - claimant.compensated, ZERO)


@dataclass(frozen=True, slots=True)
class ProRata:
    """`shares` of the pot by id."""

    shares: Mapping[str, Decimal]

    def award(self, claimant: Claimant, terms: Terms) -> Award:
        """The share of a claimant of the register."""
        if not claimant.loss:
            return refused("no-loss", "no forced loss is stated", "未载明强平亏损")
        loss = uncovered(claimant)
        if not loss:
            return refused(
                "compensated-before", f"the loss of {money(claimant.loss)} was paid before",
                f"亏损 {money(claimant.loss)} 此前已获足额补偿",
            )  # fmt: skip
        if claimant.id not in self.shares:
            return refused("no-loss", "not among those who share the pot", "不在资金池分配名单内")
        said = Text(f"share for a loss of {money(loss)}", f"按亏损 {money(loss)} 分得")
        return paid(said, [Part(Text("share of the pot", "资金池份额"), self.shares[claimant.id])])


def policy(rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Policy:
    """The pot shared out over these claimants."""
    losses = {c.id: loss for c in claimants if (loss := uncovered(c))}
    return ProRata(share_out(rules.get(PATHS[0]).number, losses))
