"""The compiled auto-deleveraging against its exact references."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liquest.rules.adl import AdlRule
from liquest.rules.adl_kernel import (
    ALLOCATIONS,
    PRICES,
    SCORES,
    Floats,
    Ints,
    closing_x,
    deleverage,
    realised,
    score,
)
from liquest.rules.allocation import Queue, Winner, fill
from liquest.rules.allocation_kernel import LEFT_OUT, fill_into, lots_into, queue_into
from liquest.rules.contract_space import Holder, split
from liquest.rules.scores import SCORES as EXACT
from liquest.rules.scores import Candidate

D = Decimal
F = Fraction
NAN = float("nan")
small = st.integers(0, 40)
positive = st.integers(1, 40)


def floats(values: list[int]) -> Floats:
    return np.array(values, dtype=np.float64)


def scratch(count: int) -> Ints:
    return np.full(count, -7, dtype=np.int64)


@settings(max_examples=1000, deadline=None)
@given(
    st.sampled_from([1, -1]), positive, positive, positive, st.integers(-5, 90),
    st.integers(-5, 40), small, st.booleans(),
)  # fmt: skip
def test_every_score_is_that_of_the_exact_policy(
    side: int, quantity: int, entry: int, mark: int, equity: int, wallet: int, margin: int,
    inverse: bool,
) -> None:  # fmt: skip
    one = Candidate(
        1, side, D(quantity), D(entry), D(mark), D(wallet), D(equity), D(margin), inverse
    )
    size = float(-side * quantity if inverse else side * quantity)
    x, x_entry = (1 / mark, 1 / entry) if inverse else (float(mark), float(entry))
    for name, code in SCORES.items():
        found = score(code, size, x_entry, x, float(wallet), float(equity), float(margin), inverse)
        expected = EXACT[name].score(one)
        if expected is None:
            assert found == LEFT_OUT, name
        else:
            assert found == pytest.approx(float(expected), rel=1e-12, abs=1e-14), name


candidates = st.lists(st.tuples(small, small), max_size=12)


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 200), candidates)
def test_the_queue_is_the_head_of_a_full_sort(quantity: int, pairs: list[tuple[int, int]]) -> None:
    count = len(pairs)
    closed = np.full(count, 9.0)
    scores, caps = floats([s for s, _ in pairs]), floats([c for _, c in pairs])
    left = queue_into(float(quantity), count, caps, scores, closed, scratch(count))
    winners = [Winner(a, D(c), score=D(s)) for a, (s, c) in enumerate(pairs)]
    exact = Queue().allocate(D(quantity), winners)
    assert closed.tolist() == [float(exact.paid[a]) for a in range(count)]
    assert left == float(exact.residual)


def test_those_left_out_are_never_closed() -> None:
    closed = np.zeros(3)
    scores = np.array([LEFT_OUT, -2.0, LEFT_OUT])
    assert queue_into(5.0, 3, floats([9, 3, 9]), scores, closed, scratch(3)) == 2.0
    assert closed.tolist() == [0.0, 3.0, 0.0]


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 200), candidates)
@example(7, [(1, 1), (2, 1), (4, 1), (8, 1), (16, 40)])
def test_shares_are_those_of_exact_water_filling(
    quantity: int, pairs: list[tuple[int, int]]
) -> None:
    count = len(pairs)
    closed = np.full(count, 9.0)
    weights, caps = floats([w for w, _ in pairs]), floats([c for _, c in pairs])
    left = fill_into(float(quantity), count, weights, caps, closed)
    exact = fill(F(quantity), [F(w) for w, _ in pairs], [F(c) for _, c in pairs])
    assert closed == pytest.approx([float(x) for x in exact], rel=1e-12, abs=1e-12)
    assert left == pytest.approx(float(quantity - sum(exact)), abs=1e-9)
    assert (closed <= caps).all()


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 200), candidates)
def test_lots_are_those_of_the_exact_split(quantity: int, pairs: list[tuple[int, int]]) -> None:
    count = len(pairs)
    closed = np.full(count, 9.0)
    weights, caps = floats([w for w, _ in pairs]), floats([c for _, c in pairs])
    left = lots_into(quantity, count, weights, caps, closed, scratch(count))
    exact = split(quantity, [Holder(a, c, F(w)) for a, (w, c) in enumerate(pairs)])
    assert closed.tolist() == [exact.closed[a] for a in range(count)]
    assert left == exact.residual


@st.composite
def some_group(draw: st.DrawFn) -> list[Candidate]:
    """Positions of one contract at one mark, on both sides."""
    mark, inverse = D(draw(positive)), draw(st.booleans())
    return [
        Candidate(
            account, draw(st.sampled_from([1, 1, -1])), D(draw(positive)), D(draw(positive)), mark,
            D(draw(small)), D(draw(st.integers(-3, 60))), D(draw(small)), inverse,
        )
        for account in range(draw(st.integers(1, 8)))
    ]  # fmt: skip


def run(
    group: list[Candidate], rule: AdlRule, quantity: int, side: int, price: float
) -> tuple[Floats, float]:
    """The kernel on a group, whose longs and shorts (`side` of the price) are candidates."""
    inverse = group[0].inverse
    turn = -1 if inverse else 1
    count = len(group)
    prices = [float(c.entry) for c in group]
    closed = np.full(count + 2, 9.0)
    left = deleverage(
        SCORES[rule.score], ALLOCATIONS[rule.allocation], float(quantity), turn * side,
        1 / float(group[0].mark) if inverse else float(group[0].mark), price, inverse,
        float(rule.cap), float(rule.lot), count,
        np.array([turn * c.side * float(c.quantity) for c in group]),
        np.array([1 / p if inverse else p for p in prices]),
        np.array([float(c.wallet) for c in group]),
        np.array([float(c.equity) for c in group]),
        np.array([float(c.maintenance) for c in group]),
        closed, np.full((3, count + 1), NAN), scratch(count),
    )  # fmt: skip
    assert closed[count:].tolist() == [9.0, 9.0]
    return closed[:count], left


@settings(max_examples=700, deadline=None)
@given(
    some_group(), positive, st.sampled_from([1, -1]), st.sampled_from(sorted(SCORES)),
    st.sampled_from(sorted(ALLOCATIONS)),
)  # fmt: skip
def test_a_whole_group_is_closed_as_the_exact_rule_closes_it(
    group: list[Candidate], quantity: int, side: int, scoring: str, allocation: str
) -> None:
    rule = AdlRule(scoring, allocation, cap=D("0.5") if allocation == "capped" else D(1))
    closed, left = run(group, rule, quantity, side, NAN)
    ours = [c for c in group if c.side == side]
    exact = rule.close(D(quantity), ours, group[0].mark)
    assert closed.sum() + left == pytest.approx(quantity, rel=1e-12)
    others = [c.account for c in group if c.side != side]
    assert not closed[others].any()
    expected = [float(exact.quantities.get(c.account, D(0))) for c in group]
    if allocation in ("queue", "contract-lots"):
        if not group[0].inverse and (allocation != "queue" or well_apart(ours, scoring)):
            assert closed.tolist() == expected
            assert left == float(exact.residual)
    else:
        # The kernel deals in fractions of a lot, the rule in whole ones.
        assert closed == pytest.approx(expected, abs=1.0 + 1e-9)
        if allocation != "capped":
            assert left == pytest.approx(float(exact.residual), abs=1e-9)


def well_apart(group: list[Candidate], scoring: str) -> bool:
    """Whether scores that differ do so by more than rounding: then a tie is a tie."""
    scores = sorted(s for c in group if (s := EXACT[scoring].score(c)) is not None)
    return all(b - a > D("1e-12") for a, b in pairwise(scores))


@settings(max_examples=250, deadline=None)
@given(some_group(), positive, positive, st.sampled_from(sorted(ALLOCATIONS)))
def test_nobody_is_closed_at_a_loss_when_a_price_is_given(
    group: list[Candidate], quantity: int, price: int, allocation: str
) -> None:
    rule = AdlRule("binance-2025", allocation, spare_cash=True)
    x = 1 / price if group[0].inverse else float(price)
    for side in (1, -1):
        closed, _ = run(group, rule, quantity, side, x)
        exact = rule.close(D(quantity), [c for c in group if c.side == side], D(price))
        for c in group:
            if closed[c.account] > 0:
                assert c.side == side and c.side * (price - c.entry) >= 0
        taken = float(sum(exact.quantities.values()))
        assert closed.sum() == pytest.approx(taken, abs=1e-9)


def test_closing_price_and_what_it_realises() -> None:
    found = [closing_x(code, 3.0, 1.0, 2.0) for code in PRICES.values()]
    assert found == [3.0, 1.0, 2.0]
    assert realised(10.0, 100.0, 4.0, 90.0) == -40.0
    assert realised(-10.0, 100.0, 4.0, 90.0) == 40.0


def test_a_large_group_is_closed_as_a_full_sort_closes_it() -> None:
    random = np.random.default_rng(7)
    count = 20_000
    scores = np.round(random.normal(size=count), 2)
    caps = random.integers(1, 9, count).astype(np.float64)
    for order_of in (np.arange(count), np.argsort(scores), np.argsort(-scores)):
        ranked, sizes = scores[order_of].copy(), caps[order_of].copy()
        for quantity in (1.0, 777.0, float(caps.sum()) - 3.0, float(caps.sum()) + 3.0):
            closed = np.zeros(count)
            left = queue_into(quantity, count, sizes, ranked, closed, scratch(count))
            head = np.argsort(-ranked, kind="stable")
            before = np.concatenate(([0.0], np.cumsum(sizes[head])[:-1]))
            expected = np.zeros(count)
            expected[head] = np.clip(quantity - before, 0.0, sizes[head])
            assert (closed == expected).all()
            assert left == max(0.0, quantity - caps.sum())
