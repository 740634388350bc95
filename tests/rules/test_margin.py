"""margin: legs, wallets, and the moment at which a unit is liquidated."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from _margins import OLD_ETH, D, legs, marked, surplus, wallets
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError
from liquest.rules.ladder import flat
from liquest.rules.margin import BOTH, LONG, SHORT, Leg, MarginRule, Wallet, isolated

ONE_PERCENT = flat("X", D("0.01"))


def leg(side: int = 1, symbol: str = "X", position: str = BOTH, inverse: bool = False) -> Leg:
    return Leg(symbol, side, D(10), D(100), inverse, ONE_PERCENT, position)


def test_equity_maintenance_and_the_trigger() -> None:
    wallet = Wallet(D(50), (leg(), leg(-1, "Y")))
    margin = wallet.margin({"X": D(97), "Y": D(99)})
    assert margin == (D(30), D(-20), D("19.6"), D(1))
    assert not margin.liquidated
    lower = wallet.margin({"X": D("96"), "Y": D("99")})
    assert (lower.equity, lower.maintenance, lower.liquidated) == (D(20), D("19.5"), False)
    assert wallet.margin({"X": D("95.9"), "Y": D(99)}).liquidated


def test_equity_at_the_maintenance_margin_still_stands() -> None:
    wallet = isolated(leg(), D(109))
    # 109 + 10·(90 − 100) = 9 = 1 % of 900.
    assert not wallet.margin({"X": D(90)}).liquidated
    assert wallet.margin({"X": D("89.999999999999999999999999999999")}).liquidated


def test_a_trigger_above_the_maintenance_margin() -> None:
    # 109.45 − 100 = 9.45 = 1.05 · 9.
    wallet = Wallet(D("109.45"), (leg(),), D("1.05"))
    assert not wallet.margin({"X": D(90)}).liquidated
    assert wallet.margin({"X": D("89.99")}).liquidated


def test_an_inverse_leg_counts_in_the_coin() -> None:
    wallet = Wallet(D("0.05"), (leg(inverse=True),))
    margin = wallet.margin({"X": D(50)})
    assert (margin.unrealised, margin.maintenance) == (D("-0.1"), D("0.002"))
    assert margin.liquidated


def test_an_empty_wallet_is_only_liquidated_in_debt() -> None:
    assert not Wallet(D(0)).margin({}).liquidated
    assert Wallet(D(-1)).margin({}).liquidated


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"side": 0}, "no position has side 0"),
        ({"side": -1, "position": LONG}, "no position has side -1"),
        ({"side": 1, "position": SHORT}, "no position has side 1"),
        ({"position": "X"}, "place 'X'"),
        ({"quantity": D(0)}, "quantity is not above zero"),
        ({"quantity": D(-1)}, "quantity is not above zero"),
        ({"quantity": 1.5}, "no finite decimal"),
        ({"entry": D("NaN")}, "entry price is no finite decimal"),
    ],
)
def test_what_is_no_leg_cannot_be_built(change: dict[str, Any], words: str) -> None:
    good: dict[str, Any] = {
        "symbol": "X", "side": 1, "quantity": D(1), "entry": D(1), "inverse": False,
        "tiers": ONE_PERCENT,
    }  # fmt: skip
    with pytest.raises(InputError, match=words) as caught:
        Leg(**{**good, **change})
    assert caught.value.where == "X"


def test_what_is_no_wallet_cannot_be_built() -> None:
    Wallet(D(1), (leg(1, position=LONG), leg(-1, position=SHORT)))
    with pytest.raises(InputError, match="two positions of X in one place"):
        Wallet(D(1), (leg(1), leg(-1)))
    with pytest.raises(InputError, match="linear and inverse"):
        Wallet(D(1), (leg(), leg(symbol="Y", inverse=True)))
    with pytest.raises(InputError, match="balance"):
        Wallet(D("Infinity"))
    with pytest.raises(InputError, match="trigger"):
        Wallet(D(1), (), D(0))


def test_a_mark_that_is_missing_or_no_price_is_refused() -> None:
    wallet = isolated(leg(), D(1))
    with pytest.raises(InputError, match="no mark price for X"):
        wallet.margin({"Y": D(1)})
    with pytest.raises(InputError, match="the mark price of X is not above zero"):
        wallet.margin({"X": D(0)})


def test_the_rule_chooses_tiers() -> None:
    table = {"ETHUSDT": OLD_ETH}
    rule = MarginRule(inverse_rate=D("0.02"), rate_factor=D(2))
    assert rule.tiers(table, "ETHUSDT").rates[:2] == (D("0.01"), D("0.013"))
    assert rule.tiers(table, "ETHUSD_PERP", inverse=True).rates == (D("0.04"),)
    assert MarginRule(D("0.02")).tiers(table, "ETHUSDT") is OLD_ETH
    with pytest.raises(InputError, match="no maintenance tiers for ETHUSD_PERP"):
        rule.tiers(table, "ETHUSD_PERP")
    with pytest.raises(InputError, match="rate of inverse contracts"):
        MarginRule(D(2))
    with pytest.raises(InputError, match="factor"):
        MarginRule(D("0.02"), D(0))


def test_a_close_moves_its_profit_into_the_balance() -> None:
    wallet = Wallet(D(50), (leg(), leg(-1, "Y")))
    half = wallet.closed(0, D(98), D(5))
    assert (half.balance, half.legs[0].quantity, len(half.legs)) == (D(40), D(5), 2)
    done = half.closed(0, D(98)).closed(0, D(99))
    assert done.balance == 40 and not done.legs
    with pytest.raises(InputError, match="cannot close 11 of a position of 10"):
        wallet.closed(0, D(98), D(11))
    with pytest.raises(InputError, match="closing price"):
        wallet.closed(0, D(0))


@settings(max_examples=300)
@given(st.data(), wallets())
def test_a_close_at_the_mark_leaves_equity_as_it_is(data: st.DataObject, wallet: Wallet) -> None:
    marks = data.draw(marked(wallet))
    at = data.draw(st.integers(0, len(wallet.legs) - 1))
    leg = wallet.legs[at]
    before = wallet.margin(marks)
    after = wallet.closed(at, marks[leg.symbol], leg.quantity / 2).margin(marks)
    scale = sum(abs(one.pnl(marks[one.symbol])) for one in wallet.legs) + abs(wallet.balance)
    assert abs(before.equity - after.equity) <= scale * D("1e-25")
    assert after.maintenance < before.maintenance


@settings(max_examples=300)
@given(st.data(), st.booleans())
def test_one_position_loses_towards_its_side_and_its_surplus_is_concave(
    data: st.DataObject, inverse: bool
) -> None:
    leg = data.draw(legs("X", inverse))
    wallet = isolated(leg, D(1))
    draw = st.lists(st.integers(1, 10**7), min_size=3, max_size=3, unique=True)
    x = sorted(D(k) / 1000 * leg.coordinate(leg.entry) for k in data.draw(draw))
    low, mid, high = (surplus(wallet, {"X": 1 / one if inverse else one}) for one in x)
    rising: list[Decimal] = [low, mid, high] if leg.size > 0 else [high, mid, low]
    assert rising == sorted(rising)
    between = (low * (x[2] - x[1]) + high * (x[1] - x[0])) / (x[2] - x[0])
    assert mid >= between - abs(between) * D("1e-15") - D("1e-15")
