"""Allocation in wealth space: the worked example, and what must hold for every budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError
from liquest.rules.allocation import (
    POLICIES,
    Allocation,
    CappedProRata,
    MinMax,
    ProRata,
    Queue,
    Winner,
    fill,
)

D = Decimal
F = Fraction

# Equities 10, 5, 1, −3, −12 with profits 8, 4, .5, −3, −12: half of the deficit of 15 is taken.
BUDGET = D("7.5")
EXAMPLE = [
    Winner(1, D(8), equity=D(10), score=D(2)),
    Winner(2, D(4), equity=D(5), score=D(3)),
    Winner(3, D("0.5"), equity=D(1), score=D(1)),
]


def shares(policy: str, winners: Sequence[Winner], budget: Decimal = BUDGET) -> list[Fraction]:
    found = POLICIES[policy].allocate(budget, winners)
    return [found.paid[w.account] for w in winners]


def haircuts(policy: str, winners: Sequence[Winner]) -> list[Fraction]:
    return [x / F(w.profit) for x, w in zip(shares(policy, winners), winners, strict=True)]


def test_the_worked_example_by_queue() -> None:
    assert haircuts("queue", EXAMPLE) == [F("0.4375"), 1, 0]
    assert shares("queue", EXAMPLE) == [F("3.5"), 4, 0]
    after = [F(w.equity) - x for w, x in zip(EXAMPLE, shares("queue", EXAMPLE), strict=True)]
    assert after == [F("6.5"), 1, 1]


def test_the_worked_example_pro_rata() -> None:
    assert haircuts("pro-rata", EXAMPLE) == [F("0.6")] * 3
    assert shares("pro-rata", EXAMPLE) == [F("4.8"), F("2.4"), F("0.3")]
    after = [F(w.equity) - x for w, x in zip(EXAMPLE, shares("pro-rata", EXAMPLE), strict=True)]
    assert after == [F("5.2"), F("2.6"), F("0.7")]


def test_the_worked_example_by_water_filling() -> None:
    capped = [replace(w, cap=c) for w, c in zip(EXAMPLE, (D("0.5"), D(1), D(1)), strict=True)]
    found = haircuts("capped", capped)
    assert found == [F(1, 2), F(7, 9), F(7, 9)]
    assert [round(float(h), 4) for h in found] == [0.5, 0.7778, 0.7778]
    # Plain pro-rata leaves what the cap cuts off.
    plain = ProRata().allocate(BUDGET, capped)
    assert plain.paid == {1: 4, 2: F("2.4"), 3: F("0.3")} and plain.residual == F("0.8")


def test_leverage_weighs_and_min_max_spares_the_poor() -> None:
    two = [Winner(1, D(6), leverage=D(2), equity=D(6)), Winner(2, D(6), equity=D(18))]
    assert shares("leverage", two, D(6)) == [4, 2]
    assert shares("min-max", two, D(6)) == [F("1.5"), F("4.5")]
    # A cap that binds is made up by the others.
    assert shares("leverage", two, D(11)) == [6, 5]


def test_a_budget_beyond_all_profits_leaves_a_residual() -> None:
    for name, policy in POLICIES.items():
        found = policy.allocate(D(20), EXAMPLE)
        assert found.residual == F("7.5"), name
        assert list(found.paid.values()) == [8, 4, F("0.5")], name


def test_without_winners_all_is_residual() -> None:
    for policy in POLICIES.values():
        assert policy.allocate(D(5), []) == Allocation(F(5), {}, F(5))


def test_a_queue_rewards_splitting_an_account() -> None:
    whole = [Winner(1, D(10), score=D(2)), Winner(2, D(10), score=D(1))]
    # The second half behind a lower score: less profit against its equity, say.
    split = [Winner(1, D(5), score=D(2)), Winner(3, D(5), score=D(0)), Winner(2, D(10), score=D(1))]
    before, after = (Queue().allocate(D(10), side).paid for side in (whole, split))
    assert before[1] == 10 and before[2] == 0
    assert after[1] + after[3] == 5 and after[2] == 5


def test_payments_in_cents_add_up() -> None:
    three = [Winner(a, D(1)) for a in (3, 1, 2)]
    found = ProRata().allocate(D("1.00"), three)
    assert found.posted(D("0.01")) == {1: D("0.34"), 2: D("0.33"), 3: D("0.33")}


@pytest.mark.parametrize(
    "fields",
    [{"profit": D(-1)}, {"cap": D(2)}, {"cap": D(-1)}, {"leverage": D(-1)}, {"equity": D("nan")}],
)
def test_what_is_no_winner_is_refused(fields: dict[str, Decimal]) -> None:
    with pytest.raises(InputError) as refused:
        Winner(**{"account": 7, "profit": D(1), **fields})  # type: ignore[arg-type]
    assert refused.value.where == "account 7"


def test_a_negative_budget_and_a_repeated_account_are_refused() -> None:
    with pytest.raises(InputError):
        ProRata().allocate(D(-1), EXAMPLE)
    with pytest.raises(InputError):
        ProRata().allocate(D(1), [EXAMPLE[0], EXAMPLE[0]])
    with pytest.raises(InputError):
        Allocation(F(2), {1: F(1)}, F(0))


cents = st.integers(0, 10_000).map(lambda n: D(n) / 100)
share = st.integers(0, 100).map(lambda n: D(n) / 100)


@st.composite
def some_winners(draw: st.DrawFn) -> list[Winner]:
    count = draw(st.integers(0, 6))
    return [
        Winner(a, draw(cents), draw(share), draw(cents), draw(cents), draw(cents))
        for a in range(count)
    ]


@settings(max_examples=500, deadline=None)
@given(some_winners(), cents, st.sampled_from(sorted(POLICIES)))
def test_what_winners_pay_is_the_budget_less_the_residual(
    winners: list[Winner], budget: Decimal, name: str
) -> None:
    found = POLICIES[name].allocate(budget, winners)
    assert sum(found.paid.values()) + found.residual == F(budget)
    assert all(0 <= found.paid[w.account] <= w.room <= F(w.profit) for w in winners)
    room = sum((w.room for w in winners), F(0))
    if name in ("queue", "capped"):
        assert found.residual == max(F(0), F(budget) - room)
    else:
        assert found.residual >= max(F(0), F(budget) - room)
    posted = found.posted(D("0.01"))
    assert sum(posted.values()) <= F(budget) - found.residual
    assert all(0 <= F(posted[a]) - x + F(1, 100) <= F(2, 100) for a, x in found.paid.items())


@settings(max_examples=300, deadline=None)
@given(some_winners(), cents, cents, st.sampled_from(sorted(POLICIES)))
def test_a_larger_budget_never_takes_less_of_anybody(
    winners: list[Winner], small: Decimal, more: Decimal, name: str
) -> None:
    low = POLICIES[name].allocate(small, winners).paid
    high = POLICIES[name].allocate(small + more, winners).paid
    assert all(low[a] <= high[a] for a in low)


@settings(max_examples=300, deadline=None)
@given(some_winners(), cents, st.integers(0, 100), st.sampled_from(["pro-rata", "capped"]))
def test_pro_rata_does_not_see_how_an_account_is_split(
    winners: list[Winner], budget: Decimal, part: int, name: str
) -> None:
    if not winners:
        return
    one = winners[0]
    first = replace(one, profit=one.profit * part / 100)
    second = replace(one, account=99, profit=one.profit - first.profit)
    before = POLICIES[name].allocate(budget, winners)
    after = POLICIES[name].allocate(budget, [first, second, *winners[1:]])
    assert after.paid[one.account] + after.paid[99] == before.paid[one.account]
    assert all(after.paid[w.account] == before.paid[w.account] for w in winners[1:])


@settings(max_examples=300, deadline=None)
@given(some_winners(), cents)
def test_water_filling_finds_one_level(winners: list[Winner], budget: Decimal) -> None:
    paid = CappedProRata().allocate(budget, winners).paid
    levels = {
        paid[w.account] / F(w.profit) for w in winners if w.profit and paid[w.account] < w.room
    }
    assert len(levels) <= 1
    for level in levels:
        assert all(min(level, F(w.cap)) * F(w.profit) == paid[w.account] for w in winners)


@settings(max_examples=300, deadline=None)
@given(some_winners(), cents, some_winners())
def test_nobody_can_lose_a_smaller_share_of_equity_than_under_min_max(
    winners: list[Winner], budget: Decimal, others: list[Winner]
) -> None:
    winners = [replace(w, equity=w.equity + 1) for w in winners]
    best = MinMax().allocate(budget, winners)
    worst = max((best.paid[w.account] / F(w.equity) for w in winners), default=F(0))
    # Any other way to raise as much takes at least as large a share from somebody.
    weights = [F(o.profit) + 1 for o in others][: len(winners)]
    weights += [F(1)] * (len(winners) - len(weights))
    other = fill(F(budget), weights, [w.room for w in winners])
    assert sum(other) <= sum(best.paid.values())
    if sum(other) == sum(best.paid.values()):
        assert (
            max((x / F(w.equity) for x, w in zip(other, winners, strict=True)), default=0) >= worst
        )
