"""Gini and Lorenz: by hand, invariant to scale and order, convex, between 0 and 1."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError
from liquest.losses.schemes.inequality import gini, lorenz

D = Decimal
AMOUNTS = st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=20)
PAIRS = st.lists(
    st.tuples(st.decimals(0, 10**6, places=2), st.decimals("0.01", 10**5, places=2)),
    min_size=1, max_size=20,
)  # fmt: skip


def by_definition(amounts: list[Decimal]) -> Fraction:
    """Σᵢ Σⱼ |xᵢ − xⱼ| / (2 n² mean)."""
    values = [Fraction(a) for a in amounts]
    gaps = sum(abs(a - b) for a in values for b in values)
    return Fraction(gaps) / (2 * len(values) * Fraction(sum(values)))


@pytest.mark.parametrize(
    ("amounts", "found"),
    [
        (["5", "5", "5"], Fraction(0)),
        (["0", "0", "0", "12"], Fraction(3, 4)),
        (["1", "2", "3", "4"], Fraction(1, 4)),
        (["7"], Fraction(0)),
        (["0.1", "0.3"], Fraction(1, 4)),
    ],
)
def test_by_hand(amounts: list[str], found: Fraction) -> None:
    assert gini([D(a) for a in amounts]) == found


def test_with_weights_by_hand() -> None:
    """Losses 100 and 300. Paid 50 and 50: 50 % and 16.7 %; the worse covered first, so corners
    (3/4, 1/2), area 3/16 + 1/4·(1/2 + 1)/2 = 3/8: 1 − 2·3/8 = 1/4."""
    assert lorenz([D(50), D(50)], [D(100), D(300)])[1] == (Fraction(3, 4), Fraction(1, 2))
    assert gini([D(50), D(50)], [D(100), D(300)]) == Fraction(1, 4)
    assert gini([D(1), D(3)], [D(100), D(300)]) == 0


def test_where_nothing_is_given_there_is_no_gini() -> None:
    assert gini([D(0), D(0)]) is None and lorenz([D(0)]) == []
    assert gini([]) is None


@settings(max_examples=500)
@given(AMOUNTS)
def test_it_is_the_mean_difference(amounts: list[Decimal]) -> None:
    found = gini(amounts)
    if any(amounts):
        assert found == by_definition(amounts)
        assert found is not None and 0 <= found < 1
    else:
        assert found is None


@settings(max_examples=500)
@given(PAIRS, st.decimals("0.001", 1000, places=3), st.integers(0, 2**32))
def test_scale_and_order_do_not_matter(
    pairs: list[tuple[Decimal, Decimal]], scale: Decimal, seed: int
) -> None:
    amounts, weights = [a for a, _ in pairs], [w for _, w in pairs]
    found, curve = gini(amounts, weights), lorenz(amounts, weights)
    assert gini([a * scale for a in amounts], weights) == found
    assert gini(amounts, [w * scale for w in weights]) == found
    Random(seed).shuffle(pairs)
    mixed = [a for a, _ in pairs], [w for _, w in pairs]
    assert gini(*mixed) == found and lorenz(*mixed) == curve


@settings(max_examples=500)
@given(PAIRS)
def test_the_curve_is_convex_and_the_gini_its_area(pairs: list[tuple[Decimal, Decimal]]) -> None:
    amounts, weights = [a for a, _ in pairs], [w for _, w in pairs]
    curve = lorenz(amounts, weights)
    if not curve:
        assert not any(amounts)
        return
    assert [*curve[0], *curve[-1]] == [0, 0, 1, 1]
    slopes = [(b.y - a.y) / (b.x - a.x) for a, b in pairwise(curve)]
    assert all(a < b for a, b in pairwise(slopes))
    assert all(p.y <= p.x for p in curve)
    area = sum(((b.x - a.x) * (a.y + b.y) / 2 for a, b in pairwise(curve)), Fraction(0))
    assert gini(amounts, weights) == 1 - 2 * area


def test_splitting_a_claimant_in_two_does_not_change_the_cover() -> None:
    whole = gini([D(10), D(2)], [D(100), D(50)])
    assert gini([D(5), D(5), D(2)], [D(50), D(50), D(50)]) == whole


@pytest.mark.parametrize(
    ("amounts", "weights"), [(["-1"], ["1"]), (["1"], ["0"]), (["1"], ["1", "2"])]
)
def test_what_has_no_curve(amounts: list[str], weights: list[str]) -> None:
    with pytest.raises(InputError, match="weights"):
        lorenz([D(a) for a in amounts], [D(w) for w in weights])
