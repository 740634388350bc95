"""What a scheme does to all claimants together: sums, coverage, evenness, who is left out.

Coverage is what was paid as a share of the loss, over those whose loss is stated and whose
award is determined (`measured`). Shares are rounded to PLACES decimals at the end, half-even;
everything before is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ...rules.claimant import COLLATERAL, Claimant, total
from ...rules.compensation import GROUNDS, Award, Scheme
from ...rules.exact import ZERO, exact
from .inequality import Point, gini, lorenz
from .pay import Outcome, Paid

PLACES = 6
BENCHMARK = COLLATERAL
"""The class whose coverage a uniform rule would give to all."""


@dataclass(frozen=True)
class Group:
    """Claimants of one class, or all of them: `loss` and `paid` are of those measured."""

    name: str
    claimants: int
    measured: int
    recipients: int
    loss: Decimal
    paid: Decimal

    @property
    def coverage(self) -> Fraction | None:
        """Paid as a share of the loss; None where no loss is measured."""
        return Fraction(self.paid) / Fraction(self.loss) if self.loss else None


@dataclass(frozen=True)
class LeftOut:
    """Claimants whom a scheme gives nothing for one and the same reason, or of whom it cannot be
    said; `loss` is what they state."""

    code: str
    claimants: int
    loss: Decimal


@dataclass(frozen=True)
class Uniform:
    """What it would take to give everybody the coverage of one class: `budget` from nothing,
    `more` on top of what the scheme pays, taking from nobody."""

    benchmark: str
    coverage: Fraction
    budget: Decimal
    more: Decimal


@dataclass(frozen=True)
class Summary:
    """One scheme over the register. `paid` holds every determined award, those of claimants who
    state no loss included; `uneven` is the Gini coefficient by head, `uneven_cover` that of
    payment for loss, `curve` its Lorenz curve."""

    scheme: Scheme
    claimants: int
    eligible: int
    undetermined: int
    paid: Decimal
    overall: Group
    groups: tuple[Group, ...]
    overpaid: int
    overpayment: Decimal
    left_out: tuple[LeftOut, ...]
    uneven: Fraction | None
    uneven_cover: Fraction | None
    curve: tuple[Point, ...]
    uniform: Uniform | None

    @property
    def nothing(self) -> int:
        """Claimants who get nothing or of whom it cannot be said."""
        return sum(one.claimants for one in self.left_out)

    def group(self, name: str) -> Group | None:
        """The group of a class."""
        return next((one for one in self.groups if one.name == name), None)


def summaries(paid: Paid, benchmark: str = BENCHMARK) -> list[Summary]:
    """One for each scheme."""
    return [summary(paid.claimants, one, benchmark) for one in paid.outcomes]


Pair = tuple[Claimant, Award]


@exact
def summary(claimants: Sequence[Claimant], outcome: Outcome, benchmark: str = BENCHMARK) -> Summary:
    """What a scheme does to these claimants."""
    pairs = list(zip(claimants, outcome.awards, strict=True))
    amounts = [a.amount for _, a in pairs if a.amount is not None]
    covered = [
        (a.amount, c.loss) for c, a in pairs if a.amount is not None and c.loss
    ]  # a loss of zero is no weight
    over = [a.amount - c.loss for c, a in pairs if a.amount is not None and c.loss is not None]
    shares, weights = [a for a, _ in covered], [w for _, w in covered]
    groups = tuple(_group(name, of) for name, of in _classes(pairs))
    return Summary(
        outcome.scheme, len(pairs), sum(a.eligible is True for _, a in pairs),
        sum(a.amount is None for _, a in pairs), total(amounts), _group("", pairs), groups,
        sum(v > 0 for v in over), total(v for v in over if v > 0), _left_out(pairs),
        gini(amounts), gini(shares, weights), tuple(lorenz(shares, weights)),
        _uniform(pairs, groups, benchmark),
    )  # fmt: skip


def _classes(pairs: Sequence[Pair]) -> Iterable[tuple[str, list[Pair]]]:
    held: dict[str, list[Pair]] = {}
    for pair in pairs:
        held.setdefault(pair[0].category, []).append(pair)
    return sorted(held.items())


def _group(name: str, pairs: Sequence[Pair]) -> Group:
    measured = [(c.loss, a.amount) for c, a in pairs if c.loss is not None and a.amount is not None]
    return Group(
        name, len(pairs), len(measured), sum(bool(a.amount) for _, a in pairs),
        total(loss for loss, _ in measured), total(amount for _, amount in measured),
    )  # fmt: skip


def _left_out(pairs: Sequence[Pair]) -> tuple[LeftOut, ...]:
    """By reason, the largest losses first; then in the order of GROUNDS."""
    held: dict[str, list[Decimal]] = {}
    for claimant, award in pairs:
        if not award.amount:
            held.setdefault(award.code, []).append(claimant.loss or ZERO)
    found = [LeftOut(code, len(losses), total(losses)) for code, losses in held.items()]
    order = list(GROUNDS)
    return tuple(sorted(found, key=lambda one: (-one.loss, order.index(one.code))))


def _uniform(pairs: Sequence[Pair], groups: Sequence[Group], benchmark: str) -> Uniform | None:
    """None where the class is not there, or its coverage is not known."""
    cover = next((one.coverage for one in groups if one.name == benchmark), None)
    if cover is None:
        return None
    losses = [(c.loss, a.amount or ZERO) for c, a in pairs if c.loss is not None]
    wanted = [(_times(cover, loss), amount) for loss, amount in losses]
    return Uniform(
        benchmark, cover, total(w for w, _ in wanted), total(max(w - a, ZERO) for w, a in wanted)
    )


def _times(share: Fraction, loss: Decimal) -> Decimal:
    return loss * share.numerator / share.denominator


@exact
def decimal_of(share: Fraction, places: int = PLACES) -> Decimal:
    """A share rounded half-even."""
    quotient = Decimal(share.numerator) / Decimal(share.denominator)
    return quotient.quantize(Decimal(1).scaleb(-places))
