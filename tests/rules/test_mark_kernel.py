"""mark_kernel: the path is the exact mark of every second, for every formula and hole."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import parse_time
from liquest.errors import UsageError
from liquest.rules.centre_kernel import Floats, median_of_known
from liquest.rules.index import HOLES
from liquest.rules.mark import FORMULAS, MarkRule, marks, to_funding
from liquest.rules.mark_kernel import MarkPath, mark_path, mark_walk, seconds_to_funding
from liquest.rules.second import STATES, Second

D = Decimal
WINDOWS = ((1, 1), (6, 3), (10, 2), (4, 4))
START = parse_time("2025-10-10T23:59:55Z")


def row(values: list[Decimal | None]) -> Floats:
    return np.array([np.nan if v is None else float(v) for v in values])


def walked(seconds: list[Second], rule: MarkRule, delivery_at: int | None) -> MarkPath:
    """The kernel over the same seconds."""
    others = [list(s.external) or [None] * 5 for s in seconds]
    rates = row([s.funding_rate for s in seconds])
    return mark_walk(
        row([s.index for s in seconds]), row([s.last for s in seconds]),
        row([s.mid for s in seconds]), rule, rates,
        np.array([s.to_funding_s for s in seconds], dtype=np.int64), delivery_at=delivery_at,
        bid=row([s.bid for s in seconds]), ask=row([s.ask for s in seconds]),
        external=np.array([row([o[k] for o in others]) for k in range(5)]),
    )  # fmt: skip


PRICE = st.none() | st.integers(500, 1500).map(D) | st.integers(1, 5000).map(D)
RATE = st.sampled_from((None, D(0), D("0.003"), D("-0.02")))


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Second], int | None]:
    """Up to 14 seconds, holes among them, and the second of delivery."""
    count = draw(st.integers(1, 14))
    delivery = draw(st.none() | st.integers(0, count + 3))
    blank = draw(st.integers(0, 2**count - 1))
    made = []
    for at in range(count):
        left = None if delivery is None else delivery - at
        if blank >> at & 1:
            made.append(Second(to_funding_s=to_funding(START, 28_800), to_delivery_s=left))
            continue
        index, last, mid, bid, ask = (draw(PRICE) for _ in range(5))
        others = tuple(draw(PRICE) for _ in range(5)) if draw(st.booleans()) else ()
        due = to_funding(START + at * 10**6)
        made.append(Second(index, last, mid, draw(RATE), due, left, bid, ask, others))
    return made, delivery


@pytest.mark.parametrize(("formula", "missing"), tuple(product(FORMULAS, HOLES)))
@given(
    history=histories(), window=st.sampled_from(WINDOWS), hold=st.none() | st.integers(1, 3),
    rate=st.sampled_from((None, D("0.01"))), settling=st.integers(1, 5),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_the_path_is_the_exact_mark(
    formula: str,
    missing: str,
    history: tuple[list[Second], int | None],
    window: tuple[int, int],
    hold: int | None,
    rate: Decimal | None,
    settling: int,
) -> None:
    seconds, delivery_at = history
    rule = MarkRule(
        formula, *window, funding_rate=rate, band=D("0.05"), missing=missing, hold_s=hold,
        settling_s=settling,
    )  # fmt: skip
    path = walked(seconds, rule, delivery_at)
    exact = list(marks(seconds, rule))
    assert [STATES[k] for k in path.state] == [e.state for e in exact]
    for value, wanted in zip(path.value, exact, strict=True):
        if wanted.value is None:
            assert np.isnan(value)
        else:  # the inputs reach to 5,000
            assert abs(D(float(value)) - wanted.value) <= D("1e-12") * 5000


@given(st.lists(st.none() | st.integers(1, 9), min_size=3, max_size=3))
@settings(deadline=None)
def test_the_median_of_three_of_which_some_are_missing(values: list[int | None]) -> None:
    known = sorted(v for v in values if v is not None)
    found = median_of_known(*(np.nan if v is None else float(v) for v in values))
    if not known:
        assert np.isnan(found)
    else:
        assert found == (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2


@pytest.mark.parametrize("nothing", [np.nan, 0.0, -1.0, np.inf])
@pytest.mark.parametrize("formula", tuple(FORMULAS))
def test_what_is_no_price_makes_no_mark(formula: str, nothing: float) -> None:
    none = np.array([nothing])
    assert np.isnan(mark_path(none, none, none, MarkRule(formula))[0])


def test_without_books_of_other_venues_hyperliquid_has_two_inputs() -> None:
    index, last, mid = np.array([100.0]), np.array([80.0]), np.array([90.0])
    path = mark_walk(index, last, mid, MarkRule("hyperliquid"))
    assert (path.value[0], STATES[path.state[0]]) == (90.0, "part")


def test_seconds_to_funding_count_as_a_moment_does() -> None:
    found = seconds_to_funding(START, 10)
    assert found.tolist() == [to_funding(START + k * 10**6) for k in range(10)]
    assert found.tolist() == [5, 4, 3, 2, 1, 28_800, 28_799, 28_798, 28_797, 28_796]


def test_the_same_input_gives_the_same_bits() -> None:
    random = np.random.default_rng(11)
    index = 100 * np.exp(np.cumsum(random.normal(0, 0.001, 2_000)))
    index[random.random(2_000) < 0.02] = np.nan
    last, mid = index * 1.001, np.where(random.random(2_000) < 0.1, np.nan, 99.0)
    for formula in FORMULAS:
        rule = MarkRule(formula, missing="hold")
        first, second = (mark_path(index, last, mid, rule) for _ in range(2))
        assert first.tobytes() == second.tobytes()
        spread = np.repeat(index, 2)[::2]
        assert mark_path(spread, last, mid, rule).tobytes() == first.tobytes()


def test_arrays_that_do_not_fit_are_refused() -> None:
    one, two = np.ones(1), np.ones(2)
    with pytest.raises(UsageError, match="'last'"):
        mark_path(one, two, one, MarkRule())
    with pytest.raises(UsageError, match="'bid'"):
        mark_path(one, one, one, MarkRule("hyperliquid"), bid=two)
    with pytest.raises(UsageError, match="'external'"):
        mark_path(one, one, one, MarkRule("hyperliquid"), external=np.ones((4, 1)))
    for rule, rate in ((MarkRule(), one), (MarkRule(funding_rate=D("0.01")), None)):
        with pytest.raises(UsageError, match="without the time"):
            mark_path(one, one, one, rule, rate)
    # A rate of zero, or a formula without a funding term, needs none.
    assert mark_path(one, one, one, MarkRule(), np.zeros(1))[0] == 1.0
    assert mark_path(one, one, one, MarkRule("index"), one)[0] == 1.0
