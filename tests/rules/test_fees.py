"""fees: the clearance fee of what is liquidated, and none of the bankrupt."""

from __future__ import annotations

from decimal import Decimal

import pytest
from _margins import D, amounts
from hypothesis import given, settings

from liquest.errors import InputError
from liquest.rules.fees import ClearanceFee

BTC, ATOM = ClearanceFee(D("0.0125")), ClearanceFee(D("0.0175"))


def test_a_share_of_the_notional() -> None:
    assert BTC.charge(D(100_000), D(5000)) == 1250
    assert ATOM.charge(D(100_000), D(5000)) == 1750


def test_no_more_than_is_left_and_none_of_the_bankrupt() -> None:
    assert BTC.charge(D(100_000), D(1000)) == 1000
    assert BTC.charge(D(100_000), D(0)) == 0
    assert BTC.charge(D(100_000), D(-1)) == 0


@settings(max_examples=500)
@given(amounts("0", "1000000", 2), amounts("-100000", "100000", 2))
def test_a_fee_makes_nobody_bankrupt(notional: Decimal, equity: Decimal) -> None:
    fee = BTC.charge(notional, equity)
    assert 0 <= fee <= notional * BTC.rate
    assert equity - fee >= min(equity, D(0))


@pytest.mark.parametrize("rate", ["-0.01", "1", "1.25", "NaN"])
def test_a_rate_is_a_share_below_one(rate: str) -> None:
    with pytest.raises(InputError, match="clearance fee"):
        ClearanceFee(D(rate))


def test_amounts_are_checked() -> None:
    with pytest.raises(InputError, match="negative"):
        BTC.charge(D(-1), D(1))
    with pytest.raises(InputError, match="the equity"):
        BTC.charge(D(1), D("NaN"))
