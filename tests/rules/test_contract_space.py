"""Whole lots: floors, largest remainders, caps that bind, and contracts that net."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError
from liquest.rules.contract_space import Closing, Holder, line_up, split, whole_lots

F = Fraction


def holders(*pairs: tuple[int, int]) -> list[Holder]:
    """(lots, weight) of accounts 1, 2, …"""
    return [Holder(i, lots, F(weight)) for i, (lots, weight) in enumerate(pairs, start=1)]


def test_largest_remainders_get_the_lots_that_floors_leave() -> None:
    # Ideal 10·(8, 4, .5)/12.5 = 6.4, 3.2, 0.4: the tie of .4 goes to the lower account.
    assert split(10, holders((50, 16), (50, 8), (50, 1))) == Closing({1: 7, 2: 3, 3: 0}, 0)


def test_what_a_cap_cuts_off_goes_to_the_others() -> None:
    # Ideal 6.4, 3.2, 0.4; the first holds 2: 8 lots by 8 : 1 are 7.11 and 0.89.
    assert split(10, holders((2, 16), (50, 8), (50, 1))) == Closing({1: 2, 2: 7, 3: 1}, 0)


def test_a_residual_is_left_when_all_with_a_weight_are_closed_out() -> None:
    assert split(10, holders((2, 1), (3, 5), (9, 0))) == Closing({1: 2, 2: 3, 3: 0}, 5)


def test_a_line_takes_the_first_to_the_last_lot() -> None:
    assert line_up(20, holders((10, 0), (20, 0), (5, 0))) == Closing({1: 10, 2: 10, 3: 0}, 0)
    assert line_up(50, holders((10, 0), (20, 0))) == Closing({1: 10, 2: 20}, 20)


def test_quantities_are_whole_lots() -> None:
    assert whole_lots(Decimal("1.2"), Decimal("0.3")) == 4
    for wrong in ("1.25", "-3", "nan"):
        with pytest.raises(InputError):
            whole_lots(Decimal(wrong), Decimal("0.3"), "adl")
    with pytest.raises(InputError):
        whole_lots(Decimal(1), Decimal(0))


@pytest.mark.parametrize(("lots", "weight"), [(-1, 1), (1, -1)])
def test_what_is_no_holder_is_refused(lots: int, weight: int) -> None:
    with pytest.raises(InputError):
        Holder(1, lots, F(weight))


some = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 120), some)
def test_lots_net_exactly(lots: int, pairs: list[tuple[int, int]]) -> None:
    held = holders(*pairs)
    found = split(lots, held)
    assert sum(found.closed.values()) + found.residual == lots
    assert all(0 <= found.closed[h.account] <= h.lots for h in held)
    assert all(found.closed[h.account] == 0 for h in held if not h.weight)
    room = sum(h.lots for h in held if h.weight)
    assert found.residual == max(0, lots - room)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 8), st.lists(st.tuples(st.integers(0, 4), st.integers(1, 9)), max_size=3))
def test_no_other_whole_split_is_nearer_to_the_shares(
    lots: int, pairs: list[tuple[int, int]]
) -> None:
    held = holders(*pairs)
    found = split(lots, held)
    total = sum((h.weight for h in held), F(0))
    if any(lots * h.weight > h.lots * total for h in held):
        return
    ideal = [lots * h.weight / total for h in held]

    def distance(way: tuple[int, ...]) -> Fraction:
        return sum((abs(n - x) for n, x in zip(way, ideal, strict=True)), F(0))

    ways = [w for w in product(*(range(h.lots + 1) for h in held)) if sum(w) == sum(ideal)]
    best = min(distance(w) for w in ways)
    assert distance(tuple(found.closed[h.account] for h in held)) == best
