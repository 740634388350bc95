"""Who pays a deficit: allocation policies in wealth space.

A budget B is taken from winners with profits w. Winner i pays x_i ≤ w_i·β_i, and what the
winners together cannot pay is an explicit residual:

    Σ x_i + residual = B,  0 ≤ x_i ≤ w_i·β_i ≤ w_i,  residual > 0 only when a policy's caps bind

so nobody pays from more than profit, and no balance turns negative. Money is in any one unit;
shares are exact fractions and become money in whole units by `posted`. Names and policies
follow T. Chitra, "Autodeleveraging: Impossibilities and Optimization" (arXiv 2512.01112);
water-filling is the capped pro-rata rule h_i = min(η, β_i), Σ w_i·h_i = B.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from ..errors import InputError, Text
from .exact import ZERO, finite, positive

ONE = Decimal(1)
Shares = list[Fraction]


@dataclass(frozen=True)
class Winner:
    """An account with `profit` w ≥ 0, of which at most the share `cap` β from 0 to 1 may go.

    `equity` is what stands behind it (min-max pays in proportion to it), `leverage` its
    notional over equity, `score` its place in a queue, highest first. Raises InputError for
    anything negative but the score, or a cap above 1.
    """

    account: int
    profit: Decimal
    cap: Decimal = ONE
    leverage: Decimal = ONE
    equity: Decimal = ONE
    score: Decimal = ZERO

    def __post_init__(self) -> None:
        finite(Text("the score", "排序分值"), self.score, self.where)
        for name, value in (
            (Text("the profit", "盈利"), self.profit),
            (Text("the cap", "削减上限"), self.cap),
            (Text("the leverage", "杠杆"), self.leverage),
            (Text("the equity", "权益"), self.equity),
        ):
            finite(name, value, self.where)
            if value < 0:
                raise _unfit(
                    Text(f"{name.en} is negative: {value}", f"{name.zh}为负：{value}"), self.where
                )
        if self.cap > 1:
            raise _unfit(
                Text(f"the cap is above 100 %: {self.cap}", f"削减上限超过 100%：{self.cap}"),
                self.where,
            )

    @property
    def where(self) -> str:
        return f"account {self.account}"

    @property
    def room(self) -> Fraction:
        """The most that it pays: w·β."""
        return Fraction(self.profit) * Fraction(self.cap)


def _unfit(what: Text, where: str) -> InputError:
    return InputError(
        what,
        where=where,
        remedy=Text(
            "Give winners only: profit, equity and leverage from 0 on, a cap from 0 to 1.",
            "只列入盈利账户：盈利、权益、杠杆均不为负，上限为 0 至 1。",
        ),
    )


@dataclass(frozen=True)
class Allocation:
    """What each account pays of a budget. Raises InputError unless it adds up exactly."""

    budget: Fraction
    paid: Mapping[int, Fraction]
    residual: Fraction

    def __post_init__(self) -> None:
        parts = [*self.paid.values(), self.residual]
        if sum(parts) != self.budget or min(parts) < 0:
            raise _unfit(
                Text(
                    f"shares and residual do not make up the budget of {self.budget}",
                    f"各份额与剩余之和不等于预算 {self.budget}",
                ),
                "allocation",
            )

    def posted(self, unit: Decimal) -> dict[int, Decimal]:
        """The payments in whole units, which add up exactly to the budget less the residual
        when that is a whole number of units: each rounded down, then one unit more for the
        largest remainders, the lower account first."""
        positive(Text("the unit", "最小单位"), unit)
        grain = Fraction(unit)
        whole = {account: share // grain for account, share in self.paid.items()}
        left = int((self.budget - self.residual) // grain) - sum(whole.values())
        nearest = sorted(whole, key=lambda a: (whole[a] * grain - self.paid[a], a))
        for account in nearest[:left]:
            whole[account] += 1
        return {account: Decimal(count) * unit for account, count in whole.items()}


class AllocationPolicy(Protocol):
    """Shares a budget among winners."""

    def allocate(self, budget: Decimal, winners: Sequence[Winner]) -> Allocation: ...


def fill(budget: Fraction, weights: Sequence[Fraction], caps: Sequence[Fraction]) -> Shares:
    """Water-filling: x_i = min(η·weight_i, cap_i) with Σ x = min(budget, Σ caps), exact.

    Whoever has no weight pays nothing. Caps bind in the order of cap/weight, so one pass over
    them in that order finds the level η.
    """
    paid = [Fraction(0)] * len(weights)
    order = sorted(
        (i for i, weight in enumerate(weights) if weight > 0), key=lambda i: caps[i] / weights[i]
    )
    weight, left = sum((weights[i] for i in order), Fraction(0)), budget
    for i in order:
        paid[i] = min(left * weights[i] / weight, caps[i])
        left -= paid[i]
        weight -= weights[i]
    return paid


def _allocation(budget: Decimal, winners: Sequence[Winner], paid: Iterable[Fraction]) -> Allocation:
    shares = {w.account: x for w, x in zip(winners, paid, strict=True)}
    if len(shares) != len(winners):
        raise _unfit(Text("an account stands twice", "同一账户出现两次"), "winners")
    return Allocation(Fraction(budget), shares, Fraction(budget) - sum(shares.values()))


def _asked(budget: Decimal) -> Fraction:
    """A budget as a fraction; raises InputError for a negative one."""
    finite(Text("the budget", "预算"), budget)
    if budget < 0:
        raise _unfit(Text(f"a budget of {budget}", f"预算为 {budget}"), "budget")
    return Fraction(budget)


@dataclass(frozen=True)
class Queue:
    """By score from the top, each for all that it may pay; ties by account number.

    What an account pays depends on how it splits its profit: a queue is not sybil-proof.
    """

    def allocate(self, budget: Decimal, winners: Sequence[Winner]) -> Allocation:
        left = _asked(budget)
        paid = [Fraction(0)] * len(winners)
        for i in sorted(range(len(winners)), key=lambda i: (-winners[i].score, winners[i].account)):
            paid[i] = min(left, winners[i].room)
            left -= paid[i]
        return _allocation(budget, winners, paid)


@dataclass(frozen=True)
class ProRata:
    """x = B·w/Σw. A cap that binds is not made up by the others: it leaves a residual."""

    def allocate(self, budget: Decimal, winners: Sequence[Winner]) -> Allocation:
        profits = [Fraction(w.profit) for w in winners]
        paid = fill(_asked(budget), profits, profits)
        return _allocation(
            budget, winners, (min(x, w.room) for x, w in zip(paid, winners, strict=True))
        )


@dataclass(frozen=True)
class CappedProRata:
    """Water-filling: h = min(η, β), Σ w·h = B; the others make up for a cap that binds."""

    def allocate(self, budget: Decimal, winners: Sequence[Winner]) -> Allocation:
        return _filled(budget, winners, [Fraction(w.profit) for w in winners])


@dataclass(frozen=True)
class LeverageProRata:
    """x ∝ leverage · w, up to w·β each."""

    def allocate(self, budget: Decimal, winners: Sequence[Winner]) -> Allocation:
        weights = [Fraction(w.leverage) * Fraction(w.profit) for w in winners]
        return _filled(budget, winners, weights)


@dataclass(frozen=True)
class MinMax:
    """Makes the largest share of equity that anybody loses, max x/equity, as small as it can
    be: x ∝ equity, up to w·β each."""

    def allocate(self, budget: Decimal, winners: Sequence[Winner]) -> Allocation:
        return _filled(budget, winners, [Fraction(w.equity) for w in winners])


def _filled(budget: Decimal, winners: Sequence[Winner], weights: Sequence[Fraction]) -> Allocation:
    return _allocation(
        budget, winners, fill(_asked(budget), weights, [winner.room for winner in winners])
    )


POLICIES: Mapping[str, AllocationPolicy] = {
    "queue": Queue(),
    "pro-rata": ProRata(),
    "capped": CappedProRata(),
    "leverage": LeverageProRata(),
    "min-max": MinMax(),
}
"""Names in the rulebook (adl.allocation) → policies in wealth space."""
