"""Puts every claimant through the schemes: one award for each of both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...errors import InputError, Text
from ...rules.book import Rulebook, Rules
from ...rules.claimant import Claimant
from ...rules.compensation import Award, Nothing, Reference, Scheme, Terms
from ...rules.schemes import chosen

_HEAD = "compensation."


@dataclass(frozen=True)
class Outcome:
    """What one scheme gives, an award for each claimant, in their order."""

    scheme: Scheme
    awards: tuple[Award, ...]


@dataclass(frozen=True)
class Paid:
    """All claimants with what each scheme gives them, under which rules."""

    claimants: tuple[Claimant, ...]
    outcomes: tuple[Outcome, ...]
    rules: Rules

    def of(self, name: str) -> Outcome:
        """The outcome of a scheme that was asked for."""
        return next(one for one in self.outcomes if name == one.scheme.NAME)


def pay(
    claimants: Iterable[Claimant],
    rules: Rules,
    reference: Reference | None = None,
    schemes: Sequence[str] = (),
) -> Paid:
    """Every claimant through the schemes of these names, all without any.

    Raises InputError for no claimants or an id that stands twice, UsageError for a scheme that
    does not exist or a rule that is not known at the moment.
    """
    everyone = tuple(claimants)
    _once(everyone)
    terms = Terms(reference or Nothing())
    outcomes = []
    for scheme in chosen(schemes):
        policy = scheme.policy(rules, everyone, terms)
        outcomes.append(Outcome(scheme, tuple(policy.award(c, terms) for c in everyone)))
    return Paid(everyone, tuple(outcomes), rules)


def first_known(book: Rulebook, venue: str = "binance") -> int:
    """The first moment (µs) from which every rule of compensation is known: that of the last
    announcement to come."""
    begun = [0]
    for path in book.parameters:
        if path.startswith(_HEAD):
            dated = [row.begins for row in book.history(path, venue)]
            begun.append(min((0 if t is None else t for t in dated), default=0))
    return max(begun)


def _once(claimants: Sequence[Claimant]) -> None:
    seen: set[str] = set()
    for one in claimants:
        if one.id in seen:
            raise InputError(
                Text(f"the id {one.id} stands twice", f"编号 {one.id} 出现两次"),
                remedy=Text(
                    "Give every claimant an id of his own.", "请为每名申索人使用唯一编号。"
                ),
            )
        seen.add(one.id)
    if not claimants:
        raise InputError(
            Text("there are no claimants", "没有申索人"),
            remedy=Text("Give a register with at least one.", "请提供至少一名申索人的登记表。"),
        )
