"""collateral: the haircut on what is owned, none on what is owed, and whose price counts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from _margins import D, amounts
from hypothesis import given, settings

from liquest.errors import InputError, UsageError
from liquest.rules.collateral import NO_HAIRCUT, CollateralPrice, CollateralRule

RULE = CollateralRule({"USDE": D("0.9"), "BNSOL": D("0.95")})
QUOTES = {"venue": D("0.6567"), "onchain": D("1.0002"), "redemption": D(1)}


def test_a_positive_net_is_cut_and_a_debt_is_not() -> None:
    assert RULE.equity("USDE", D(1000), D("0.98")) == D(882)
    assert RULE.equity("USDE", D(-1000), D("0.98")) == D(-980)
    assert RULE.equity("USDE", D(0), D("0.98")) == 0
    assert NO_HAIRCUT.equity("ANY", D(7), D(2)) == 14


def test_the_slope_is_balance_times_rate() -> None:
    assert RULE.slope("BNSOL", D(200)) == 190
    assert RULE.slope("BNSOL", D(-200)) == -200


@settings(max_examples=500)
@given(amounts("-100000", "100000", 4), amounts("0.0001", "5000", 4), amounts("0.01", "1", 2))
def test_equity_is_the_lesser_of_both_and_linear_in_the_index(
    net: Decimal, index: Decimal, rate: Decimal
) -> None:
    rule = CollateralRule({"A": rate})
    found = rule.equity("A", net, index)
    assert found == min(net * index * rate, net * index)
    assert rule.equity("A", net, index + 1) - found == rule.slope("A", net)


def test_an_asset_without_a_rate_is_refused_not_guessed() -> None:
    with pytest.raises(InputError, match="no collateral rate for WBETH") as caught:
        RULE.rate("WBETH")
    assert "collateral.rate.WBETH" in caught.value.render("zh")
    assert CollateralRule({}, D("0.5")).rate("WBETH") == D("0.5")


@pytest.mark.parametrize("rate", ["0", "1.01", "-0.5", "NaN"])
def test_a_rate_is_a_share(rate: str) -> None:
    with pytest.raises(InputError, match="collateral rate"):
        CollateralRule({"A": D(rate)})
    with pytest.raises(InputError, match="collateral rate"):
        CollateralRule({}, D(rate))


def test_a_rule_keeps_its_rates_when_the_callers_change() -> None:
    rates = {"A": D("0.9")}
    rule = CollateralRule(rates)
    rates["A"] = D(5)
    assert rule.rate("A") == D("0.9")


def test_an_index_is_above_zero() -> None:
    with pytest.raises(InputError, match="the index price of USDE is not above zero"):
        RULE.equity("USDE", D(1), D(0))


@pytest.mark.parametrize(
    ("text", "price"),
    [("venue", "0.6567"), ("onchain", "1.0002"), ("redemption", "1"), ("floor:0.98", "0.98"),
     ("floor:0.5", "0.6567"), (" venue ", "0.6567")],
)  # fmt: skip
def test_whose_price_counts(text: str, price: str) -> None:
    assert CollateralPrice.of(text).price("USDE", QUOTES) == D(price)


@pytest.mark.parametrize(
    "text", ["", "par", "floor", "floor:", "floor:x", "floor:0", "floor:-1", "floor:NaN", "venue:1"]
)
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no price of collateral") as caught:
        CollateralPrice.of(text)
    assert "floor:0.98" in caught.value.render("zh")


def test_illegal_prices_cannot_be_built() -> None:
    for kind, least in (("venue", D(1)), ("floor", None), ("x", None)):
        with pytest.raises(UsageError):
            CollateralPrice(kind, least)
    with pytest.raises(InputError, match="floor of the price"):
        CollateralPrice("floor", D(0))


def test_a_price_that_is_not_there() -> None:
    with pytest.raises(InputError, match="no onchain price of USDE"):
        CollateralPrice("onchain").price("USDE", {"venue": D(1)})
    with pytest.raises(InputError, match="not above zero"):
        CollateralPrice("venue").price("USDE", {"venue": D(0)})
