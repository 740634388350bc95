"""linear: profit, notional, the venue's formula for one tier, and isolated bankruptcy."""

from __future__ import annotations

import pytest
from _margins import D

from liquest.errors import InputError
from liquest.findings import rounded
from liquest.rules import linear
from liquest.rules.linear import Part


def test_profit_and_notional() -> None:
    assert linear.pnl(1, D("0.1"), D(50000), D(49000)) == -100
    assert linear.pnl(-1, D("0.1"), D(50000), D(49000)) == 100
    assert linear.notional(D("0.1"), D(49000)) == 4900
    assert linear.size(-1, D(3)) == -3
    assert linear.coordinate(D(7)) == 7


def test_the_venues_example() -> None:
    """Wallet, other maintenance and profit, cum, quantity, entry and rate as Binance states."""
    part = Part(1, D("3683.979"), D("1456.84"), D("0.1"), D(135365))
    price = linear.liquidation_price(
        D("1535443.01"), D("71200.81144"), D("-56354.57"), [part]
    )  # fmt: skip
    assert price is not None and rounded(price, 2) == D("1153.26")


def test_hedge_mode_adds_long_and_short() -> None:
    # 1000 + 2·(P − 100) − 1·(P − 110) = 0.01·3·P  →  P = −910/0.97 below zero, no price.
    long, short = Part(1, D(2), D(100), D("0.01"), D(0)), Part(-1, D(1), D(110), D("0.01"), D(0))
    assert linear.liquidation_price(D(1000), D(0), D(0), [long, short]) is None
    # 50 − 200 + 110 + P = 0.03·P  →  P = 40/0.97.
    price = linear.liquidation_price(D(50), D(0), D(0), [long, short])
    assert price is not None and rounded(price, 6) == rounded(D(4000) / D(97), 6)


def test_parts_that_cancel_have_no_price() -> None:
    whole = [Part(1, D(1), D(100), D(1), D(0))]
    assert linear.liquidation_price(D(10), D(0), D(0), whole) is None


def test_isolated_bankruptcy_starts_from_the_entry_price() -> None:
    assert linear.bankruptcy_price(1, D(2), D(100), D(20)) == 90
    assert linear.bankruptcy_price(-1, D(2), D(100), D(20)) == 110
    assert linear.bankruptcy_price(1, D(2), D(100), D(200)) is None
    with pytest.raises(InputError, match="quantity"):
        linear.bankruptcy_price(1, D(0), D(100), D(200))
