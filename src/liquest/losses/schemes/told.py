"""What may be told of a register and of one scheme over it: numbers that are told, and numbers
that are kept back.

Totals of all schemes are told before any table of theirs, tables by class before those by reason:
what comes first has the better chance to be told (sums).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from ...findings import Value, rounded
from ...rules.claimant import CLASSES, Claimant
from ...rules.compensation import GROUNDS, Award
from ...rules.exact import ONE, ZERO, exact
from .schemes_findings import MONEY
from .summary import Summary, decimal_of
from .sums import Sums, Vector, vector

OTHER = "other"
"""Stands for classes of the register's own with fewer claimants than a cell needs: a word that
one claimant bears would be his name."""
UNDETERMINED = "not-determinable"


@dataclass(frozen=True)
class Statistic:
    """One number of a scheme; `kept` says that it is kept back, and `value` is None then."""

    key: str
    value: Value
    kept: bool = False
    subject: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)


class Everyone:
    """The claimants with their losses and classes. Where the register as a whole may not be
    told of, nothing of it is."""

    def __init__(self, claimants: Sequence[Claimant], sums: Sums) -> None:
        self.claimants, self.sums = claimants, sums
        self.losses = vector({k: c.loss for k, c in enumerate(claimants) if c.loss is not None})
        self.heads: Vector = dict.fromkeys(range(len(claimants)), ONE)
        self.told = sums.tells({"count": [self.heads], "loss": [self.losses]})
        self.classes = self._classes()

    def statistics(self) -> list[Statistic]:
        """How many there are, in all and of each class, and what they state."""
        open_ = self.cells(self.classes, {"count": self.heads, "loss": self.losses})
        return [
            self._of({}, self.heads, self.told),
            *(
                self._of({"class": label}, dict.fromkeys(members, ONE), label in open_)
                for label, members in self.classes.items()
            ),
        ]

    def cells(
        self, groups: Mapping[str, Sequence[int]], measures: Mapping[str, Vector]
    ) -> frozenset[str]:
        """The cells that may be told; none where the whole may not."""
        return self.sums.cells(groups, measures) if self.told else frozenset()

    def tells(self, asked: Mapping[str, Sequence[Vector]]) -> bool:
        """Whether these sums may be told; not where the whole may not."""
        return self.told and self.sums.tells(asked)

    def lost(self, members: Sequence[int] | Vector) -> Decimal:
        """What these claimants state as lost."""
        return _total([self.losses.get(k, ZERO) for k in members])

    @cached_property
    def _labels(self) -> list[str]:
        words = [c.category for c in self.claimants]
        least = self.sums.secrecy.least
        few = {w for w in words if w not in CLASSES and words.count(w) < least}
        return [OTHER if w in few else w for w in words]

    def _classes(self) -> dict[str, list[int]]:
        held: dict[str, list[int]] = {}
        for place, label in enumerate(self._labels):
            held.setdefault(label, []).append(place)
        return dict(sorted(held.items()))

    def _of(self, subject: Mapping[str, str], members: Vector, told: bool) -> Statistic:
        if not told:
            return Statistic("register", None, True, subject)
        params = {"loss": _money(self.lost(members))}
        return Statistic("register", len(members), False, subject, params)


class Over:
    """One scheme over everyone."""

    def __init__(self, everyone: Everyone, whole: Summary, awards: Sequence[Award]) -> None:
        self.everyone, self.whole, self.awards = everyone, whole, awards
        amounts = {k: a.amount for k, a in enumerate(awards) if a.amount is not None}
        self.paid = vector(amounts)
        stated = {k for k, c in enumerate(everyone.claimants) if c.loss is not None}
        self.measured = [k for k in amounts if k in stated]
        self._paid = self._cover = False

    def totals(self) -> list[Statistic]:
        """What is paid, and as a share of the loss."""
        tells, overall = self.everyone.tells, self.whole.overall
        self._paid = tells({"paid": [self.paid]})
        self._cover = tells({"loss": [self._losses], "paid": [self._covered]})
        sums = {"loss": _money(overall.loss), "paid": _money(overall.paid)}
        return [
            _statistic("paid", _money(self.whole.paid), self._paid),
            _statistic("coverage", _ratio(overall.coverage), self._cover, params=sums),
        ]

    @cached_property
    def _losses(self) -> Vector:
        losses = self.everyone.losses
        return {k: losses[k] for k in self.measured if k in losses}

    @cached_property
    def _covered(self) -> Vector:
        return {k: self.paid[k] for k in self.measured if k in self.paid}

    @cached_property
    def _reasons(self) -> dict[str, list[int]]:
        """Who gets something, and the others by the reason why not."""
        held: dict[str, list[int]] = {}
        for place, award in enumerate(self.awards):
            held.setdefault("paid" if award.amount else award.code, []).append(place)
        return held

    def _eligible(self, open_: frozenset[str]) -> bool:
        """Whether their number may be told beside the cells that are: what they leave on either
        side must be nothing, or safe."""
        yes = {k for k, a in enumerate(self.awards) if a.eligible is True}
        for side in (yes, set(range(len(self.awards))) - yes):
            cells = [set(self._reasons[label]) for label in open_]
            left = side.difference(*(cell for cell in cells if cell <= side))
            if not self.everyone.sums.secrecy.safe([ONE] * len(left)):
                return False
        return self.everyone.tells({"count": [dict.fromkeys(sorted(yes), ONE)]})

    def classes(self) -> list[Statistic]:
        """Coverage by class, and what a uniform rule would take."""
        measured = set(self.measured)
        held = {
            label: [k for k in members if k in measured]
            for label, members in self.everyone.classes.items()
        }
        open_ = self.everyone.cells(held, {"loss": self._losses, "paid": self._covered})
        made = []
        for label, members in held.items():
            loss = self.everyone.lost(members)
            paid = _total([self._covered.get(k, ZERO) for k in members])
            share = Fraction(paid) / Fraction(loss) if loss else None
            sums = {"loss": _money(loss), "paid": _money(paid)}
            subject = {"class": label}
            made.append(_statistic("coverage", _ratio(share), label in open_, subject, sums))
        return made + self._uniform(open_)

    def _uniform(self, open_: frozenset[str]) -> list[Statistic]:
        """The coverage of one class for all; nothing where that class is not there."""
        uniform = self.whole.uniform
        if uniform is None:
            return []
        told = uniform.benchmark in open_
        params: dict[str, Any] = {"benchmark": uniform.benchmark}
        if told:
            params["coverage"] = decimal_of(uniform.coverage)
        wanted = {k: _of(uniform.coverage, v) for k, v in self.everyone.losses.items()}
        more = told and self.everyone.tells({"more": [vector(_less(wanted, self.paid))]})
        return [
            _statistic("uniform_budget", _money(uniform.budget), told, params=params),
            _statistic("uniform_more", _money(uniform.more), more, params=params),
        ]

    def reasons(self) -> list[Statistic]:
        """How many get something, who is left out and why, and how evenly it falls."""
        whole, everyone = self.whole, self.everyone
        heads = {"count": everyone.heads, "loss": everyone.losses}
        open_ = everyone.cells(self._reasons, heads)
        some, known = (
            everyone.told and (code not in self._reasons or code in open_)
            for code in ("paid", UNDETERMINED)
        )
        rest = [k for k in range(len(self.awards)) if k not in self.paid]
        lost = {"loss": _money(everyone.lost(rest))}
        even = self._paid and some and known
        return [
            _statistic("recipients", whole.overall.recipients, some),
            _statistic("eligible", whole.eligible, self._eligible(open_)),
            _statistic("undetermined", whole.undetermined, known),
            _statistic("left_out", whole.nothing, some, params=lost),
            *(self._reason(one.code, one.claimants, one.loss, open_) for one in whole.left_out),
            _statistic("gini", _ratio(whole.uneven), even),
            _statistic("gini_coverage", _ratio(whole.uneven_cover), even and self._cover),
        ]

    def excess(self) -> list[Statistic]:
        """What is paid above the loss."""
        above = vector(_less(self._covered, self.everyone.losses))
        told = self.everyone.tells({"over": [above]})
        return [_statistic("overpaid", _money(self.whole.overpayment), told)]

    def _reason(self, code: str, count: int, loss: Decimal, open_: frozenset[str]) -> Statistic:
        params = {"reason": list(GROUNDS[code]), "loss": _money(loss)}
        return _statistic("left_out", count, code in open_, {"reason": code}, params)


def _statistic(
    key: str, value: Value, told: bool, subject: Mapping[str, str] | None = None,
    params: Mapping[str, Any] | None = None,
) -> Statistic:  # fmt: skip
    """Told with its value and parameters, or kept back without either."""
    if not told:
        return Statistic(key, None, True, subject or {}, _bare(params))
    return Statistic(key, value, False, subject or {}, params or {})


def _bare(params: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """What says of nobody: which class is the benchmark, which reason it is."""
    return {k: v for k, v in (params or {}).items() if k in ("benchmark", "reason")}


def _money(amount: Decimal) -> Decimal:
    return rounded(amount, MONEY)


def _ratio(share: Fraction | None) -> Decimal | None:
    return None if share is None else decimal_of(share)


@exact
def _less(amounts: Vector, others: Vector) -> dict[int, Decimal]:
    """What the first have above the second, never below zero."""
    return {k: max(amount - others.get(k, ZERO), ZERO) for k, amount in amounts.items()}


@exact
def _total(amounts: Sequence[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


@exact
def _of(share: Fraction, amount: Decimal) -> Decimal:
    return amount * share.numerator / share.denominator
