"""inverse: profit in the coin, the venue's formula, and where a position is bankrupt."""

from __future__ import annotations

import pytest
from _margins import D, amounts
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError
from liquest.findings import rounded
from liquest.rules import inverse
from liquest.rules.linear import Part


def test_profit_and_notional_are_in_the_coin() -> None:
    assert inverse.pnl(1, D(100), D(40000), D(50000)) == D("0.0005")
    assert inverse.pnl(-1, D(100), D(40000), D(50000)) == D("-0.0005")
    assert inverse.notional(D(100), D(50000)) == D("0.002")
    assert inverse.size(1, D(100)) == -100
    assert inverse.coordinate(D(50000)) == D("0.00002")


@pytest.mark.parametrize(("side", "price"), [(1, "38846.15"), (-1, "41250.00")])
def test_the_venues_formula(side: int, price: str) -> None:
    """500 contracts of 100 USD at 40,000, 0.05 BTC in the wallet, a rate of 1 %."""
    part = Part(side, D(50000), D(40000), D("0.01"), D(0))
    found = inverse.liquidation_price(D("0.05"), D(0), D(0), [part])
    assert found is not None and rounded(found, 2) == D(price)


def test_no_price_where_the_denominator_has_the_wrong_sign() -> None:
    """A short whose wallet covers its notional at entry stands however far the price rises."""
    part = Part(-1, D(50000), D(40000), D("0.01"), D(0))
    assert inverse.liquidation_price(D("1.25"), D(0), D(0), [part]) is None
    assert inverse.liquidation_price(D("1.3"), D(0), D(0), [part]) is None
    assert inverse.liquidation_price(D("1.24"), D(0), D(0), [part]) == 4950000


def test_the_bankruptcy_price_of_bybit() -> None:
    """5,000 USD long at 7,890.08 and 50 times."""
    price = inverse.bankruptcy_at(1, D("7890.08"), D(50))
    assert price is not None and rounded(price, 4) == D("7735.3725")


def test_a_short_at_once_its_margin_is_never_bankrupt() -> None:
    assert inverse.bankruptcy_at(-1, D(100), D(1)) is None
    assert inverse.bankruptcy_at(-1, D(100), D(2)) == 200
    assert inverse.bankruptcy_at(1, D(100), D(1)) == 50
    with pytest.raises(InputError, match="leverage"):
        inverse.bankruptcy_at(1, D(100), D(0))


@settings(max_examples=500)
@given(
    st.sampled_from((1, -1)), amounts("10", "1000000", 0), amounts("0.001", "100000", 3),
    st.integers(2, 125),
)  # fmt: skip
def test_both_ways_to_the_isolated_bankruptcy_price_agree(
    side: int, quantity: D, entry: D, leverage: int
) -> None:
    margin = quantity / (entry * leverage)
    by_margin = inverse.bankruptcy_price(side, quantity, entry, margin)
    by_leverage = inverse.bankruptcy_at(side, entry, D(leverage))
    assert by_margin is not None and by_leverage is not None
    assert abs(by_margin / by_leverage - 1) < D("1e-20")
    # What is left there is nothing, in the coin.
    left = margin + inverse.pnl(side, quantity, entry, by_margin)
    assert abs(left) <= margin * D("1e-20")
