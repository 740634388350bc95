"""A pot given out to the cent: sums are exact, order does not matter, bounds are kept."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError
from liquest.rules.compensation_pot import calibrated, share_out

D = Decimal
LOSSES = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3), st.decimals(0, 10**6, places=2), max_size=12
)
FINE = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3), st.decimals(0, 10, places=6), max_size=12
)
POTS = st.decimals(0, 10**6, places=2)


def test_the_largest_remainder_by_hand() -> None:
    """10.00 over losses 1, 1, 1 (of 100 times as much): 3.33, 3.33, 3.33 and one cent more."""
    assert share_out(D(10), {"a": D(100), "b": D(100), "c": D(100)}) == {
        "a": D("3.34"), "b": D("3.33"), "c": D("3.33"),
    }  # fmt: skip
    # 1.00 over 100, 200, 400: 14.28…, 28.57…, 57.14… cents: the last cent to the second.
    assert share_out(D(1), {"a": D(100), "b": D(200), "c": D(400)}) == {
        "a": D("0.14"), "b": D("0.29"), "c": D("0.57"),
    }  # fmt: skip


@settings(max_examples=500)
@given(POTS, LOSSES, st.randoms(use_true_random=False))
def test_a_pot_is_used_up_or_every_loss_is_paid(
    pot: Decimal, losses: dict[str, Decimal], order: random.Random
) -> None:
    shares = share_out(pot, losses)
    whole = sum(losses.values(), D(0))
    assert sum(shares.values(), D(0)) == min(pot, whole)
    assert all(0 <= shares[k] <= losses[k] for k in losses)
    if pot < whole:
        for k, loss in losses.items():
            assert abs(Fraction(shares[k]) - Fraction(pot) * Fraction(loss) / Fraction(whole)) < D(
                "0.01"
            )
    keys = list(losses)
    order.shuffle(keys)
    assert share_out(pot, {k: losses[k] for k in keys}) == shares


@settings(max_examples=300)
@given(st.decimals(0, 20, places=2), FINE)
def test_a_pot_over_fractions_of_cents_is_used_up_too(
    pot: Decimal, losses: dict[str, Decimal]
) -> None:
    shares = share_out(pot, losses)
    assert sum(shares.values(), D(0)) == min(pot, sum(losses.values(), D(0)))
    assert all(v >= 0 for v in shares.values())


@settings(max_examples=500)
@given(POTS, LOSSES, st.integers(0, 2000), st.integers(0, 200_000))
def test_a_budget_between_bounds(
    budget: Decimal, losses: dict[str, Decimal], least: int, more: int
) -> None:
    low, high = D(least).scaleb(-2), D(least + more).scaleb(-2)
    made = calibrated(budget, losses, low, high)
    assert made.amounts.keys() == losses.keys()
    assert all(low <= a <= high for a in made.amounts.values())
    assert sum(made.amounts.values(), D(0)) + made.left == budget
    if made.share is None:
        # The bounds decide: everybody has the least, or whoever lost anything the most.
        spread = set(made.amounts.values())
        assert spread <= {low, high}
        assert made.left <= 0 or all(made.amounts[k] == high for k, v in losses.items() if v)
    else:
        assert made.left == 0
        for k, loss in losses.items():
            wanted = min(max(made.share * Fraction(loss), Fraction(low)), Fraction(high))
            assert abs(Fraction(made.amounts[k]) - wanted) < D("0.01")
    ordered = sorted(losses, key=lambda k: losses[k])
    for a, b in pairwise(ordered):
        assert made.amounts[a] <= made.amounts[b] + D("0.01")


@settings(max_examples=300)
@given(POTS, st.decimals(0, 1000, places=2), LOSSES)
def test_a_larger_budget_never_gives_less_than_a_cent_below(
    budget: Decimal, extra: Decimal, losses: dict[str, Decimal]
) -> None:
    one = calibrated(budget, losses, D(4), D(6000)).amounts
    two = calibrated(budget + extra, losses, D(4), D(6000)).amounts
    assert all(two[k] >= one[k] - D("0.01") for k in losses)


@pytest.mark.parametrize("pot", ["-1", "NaN", "Infinity"])
def test_what_is_no_pot(pot: str) -> None:
    with pytest.raises(InputError, match="below zero"):
        share_out(D(pot), {"a": D(1)})
    with pytest.raises(InputError, match="below zero"):
        calibrated(D(1), {"a": D(pot)}, D(0), D(1))
