"""`mitigation`: the loss counts only until a reasonable person could have acted again.

The moment is the claimant's own where his evidence gives one, else that of the rulebook. What
counts, by what is known, the best first:

    the loss as it stood at that moment (an equity path gives it), not above the whole loss
    each forced fill from its basis: at its own price up to the moment, at the mark of the moment
        where that is less for a later one; netted, not below zero, not above the whole loss
    the forced losses made up to the moment
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ...clock import SECOND, format_time
from ...errors import Text
from ..book import Rules
from ..claimant import Claimant, ForcedClose, total
from ..compensation import (
    MARK_PRICE,
    PROPOSED,
    Award,
    Part,
    Policy,
    Terms,
    moment_of,
    no_price,
    paid,
    refused,
    unknown,
)
from ..exact import ZERO, exact

NAME = "mitigation"
TITLE = Text("Loss up to a mitigation cut-off", "计至减损截止时刻的亏损")
DEFINITION = Text(
    "The loss counted only until a reasonable person could have acted again: the loss as it stood "
    "then where that is known; else forced fills from the price at which the loss began, later "
    "ones at the mark of that moment where that loss is less; else the forced losses made until "
    "then. Never more than the whole loss.",
    "亏损只计至合理之人可再行操作之时：已知当时亏损者取之；否则按强平成交自其起算价计，此后的成交若按"
    "该时刻标记价格亏损更小则取后者；再否则取该时刻之前的强平亏损。不超过全部亏损。",
)
ORIGIN = PROPOSED
PATHS = ("compensation.mitigation.until",)
ASKS: tuple[str, ...] = (MARK_PRICE,)
MARK = Text("mark price", "标记价格")


@dataclass(frozen=True, slots=True)
class Cutoff:
    """`until` is the moment for whoever has none of his own."""

    until: int

    @exact
    def award(self, claimant: Claimant, terms: Terms) -> Award:
        """The loss that counts; missing is the mark of a contract at the moment."""
        loss, own = claimant.loss, claimant.mitigation
        if loss is None:
            return refused("no-loss", "no forced loss is stated", "未载明强平亏损")
        moment = self.until if own is None else own.able
        if own is not None and own.loss is not None:
            parts = [(Text("loss as it stood then", "当时的亏损"), min(own.loss, loss))]
        elif claimant.closes and all(one.basis is not None for one in claimant.closes):
            gaps = [_counted(one, moment, terms) for one in claimant.closes]
            absent = [gap for gap in gaps if isinstance(gap, Text)]
            if absent:
                return unknown(absent)
            whole = total(gap for gap in gaps if isinstance(gap, Decimal))
            said = Text("forced fills from their basis", "强平成交自起算价计")
            parts = [(said, min(max(whole, ZERO), loss))]
        else:
            early = [one.amount for one in claimant.losses if _by(one.at, moment)]
            if not early:
                at = format_time(moment, digits=0)
                return refused(
                    "outside-window", f"no forced loss was made by {at}",
                    f"截至 {at} 没有强平亏损",
                )  # fmt: skip
            parts = [(Text("forced losses until then", "截至当时的强平亏损"), total(early))]
        at = format_time(moment, digits=0)
        said = Text(
            f"loss counted until {at}" + ("" if own is None else ", the claimant's own moment"),
            f"亏损计至 {at}" + ("" if own is None else "（申索人自身时刻）"),
        )
        return paid(said, [Part(what, amount) for what, amount in parts])


def _by(at: int, moment: int) -> bool:
    """Whether something happened up to the end of the second of a moment."""
    return at < moment + SECOND


def _counted(close: ForcedClose, moment: int, terms: Terms) -> Decimal | Text:
    """The loss of a fill that counts, with its fee; or the price that is missing."""
    basis = close.price if close.basis is None else close.basis
    lost = close.worse_by(basis) + close.fee
    if _by(close.at, moment):
        return lost
    price = terms.reference.price(close.symbol, moment)
    if price is None:
        return no_price(MARK, close.symbol, moment)
    return min(lost, replace(close, price=price).worse_by(basis) + close.fee)


def policy(rules: Rules, claimants: Sequence[Claimant], terms: Terms) -> Policy:
    """The scheme under these rules."""
    return Cutoff(moment_of(rules, PATHS[0]))
