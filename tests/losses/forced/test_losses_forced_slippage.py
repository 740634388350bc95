"""Slippage: sign, averages and cost, linear and inverse."""

from __future__ import annotations

from decimal import Decimal

import pytest
from _forced_exports import D, Fake, at, ds
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.losses.entries import COINM, USDM
from liquest.losses.forced.slippage import (
    LAST,
    MARK,
    REFERENCES,
    Contract,
    Fill,
    mean,
    slip,
    slips,
)
from liquest.rules.exact import exact

ATOM = Contract(USDM, "ATOMUSDT", False, D(1), "USDT")
BTC = Contract(COINM, "BTCUSD_PERP", True, D(100), "BTC")


def test_a_sell_below_the_mark_is_worse() -> None:
    prices = Fake({("mark", "ATOMUSDT"): "4"})
    found = slip(ATOM, -1, [Fill(at(0), D("3"), D("10"))], MARK, prices)
    # −1·(3 − 4) = 1; 1/4 = 25 % = 2500 bp; 1·10 = 10
    assert found is not None
    assert (found.price, found.each, found.bp, found.cost) == ds(4, 1, 2500, 10)


def test_a_buy_below_the_mark_is_better() -> None:
    prices = Fake({("mark", "ATOMUSDT"): "4"})
    found = slip(ATOM, 1, [Fill(at(0), D("3"), D("10"))], MARK, prices)
    assert found is not None
    assert (found.each, found.bp, found.cost) == ds(-1, -2500, -10)


def test_fills_of_two_seconds_each_have_their_own_reference() -> None:
    prices = Fake({("mark", "ATOMUSDT"): {0: "4", 1: "3.6"}})
    fills = [Fill(at(0.9), D("3.9"), D("1")), Fill(at(1), D("3.1"), D("3"))]
    found = slip(ATOM, -1, fills, MARK, prices)
    # p = (3.9 + 9.3)/4 = 3.3; r = (4 + 10.8)/4 = 3.7; each .4; cost (4 − 3.9)·1 + (3.6 − 3.1)·3
    assert found is not None
    assert (found.price, found.each, found.cost) == (D("3.7"), D("0.4"), D("1.6"))


def test_an_inverse_close_costs_coins() -> None:
    prices = Fake({("mark", "BTCUSD_PERP"): "100000"})
    found = slip(BTC, -1, [Fill(at(0), D("80000"), D("50"))], MARK, prices)
    # 50·100·(1/80000 − 1/100000) = 0.0625 − 0.05
    assert found is not None
    assert (found.each, found.bp, found.cost) == ds(20000, 2000, "0.0125")


def test_an_inverse_average_is_harmonic() -> None:
    # 100 USD at 1 and 100 USD at 3: 200/(100 + 100/3) = 1.5
    assert mean([(D(1), D(100)), (D(3), D(100))], inverse=True) == D("1.5")
    assert mean([(D(1), D(100)), (D(3), D(100))], inverse=False) == 2
    assert mean([], inverse=False) is None


def test_a_missing_second_is_missing_not_guessed() -> None:
    prices = Fake({("mark", "ATOMUSDT"): {0: "4"}, ("last", "ATOMUSDT"): "3.5",
                   ("index", "ATOMUSDT"): "0"})  # fmt: skip
    fills = [Fill(at(0), D("3"), D("1")), Fill(at(1), D("3"), D("1"))]
    assert [one.against for one in slips(ATOM, -1, fills, prices)] == [LAST]
    assert slips(ATOM, -1, fills, None) == ()
    assert slips(ATOM, -1, [], prices) == ()


amounts = st.decimals(D("0.0001"), D("100000"), places=4)


@given(
    fills=st.lists(st.tuples(amounts, amounts, amounts), min_size=1, max_size=6),
    side=st.sampled_from((1, -1)),
    contract=st.sampled_from((ATOM, BTC)),
)
@settings(max_examples=500)
def test_cost_is_the_profit_missed_and_has_the_sign_of_the_price(
    fills: list[tuple[Decimal, Decimal, Decimal]], side: int, contract: Contract
) -> None:
    marks = {n: str(mark) for n, (_, mark, _) in enumerate(fills)}
    prices = Fake({("mark", contract.symbol): marks})
    made = [Fill(at(n), price, quantity) for n, (price, _, quantity) in enumerate(fills)]
    found = slip(contract, side, made, MARK, prices)
    assert found is not None
    assert abs(missed(contract, side, fills) - found.cost) <= D("1e-60") * (1 + abs(found.cost))
    if all(side * (price - mark) > 0 for price, mark, _ in fills):
        assert found.each > 0 and found.bp > 0 and found.cost > 0
    if all(price == mark for price, mark, _ in fills):
        assert found.each == found.bp == found.cost == 0


@exact
def missed(contract: Contract, side: int, fills: list[tuple[Decimal, Decimal, Decimal]]) -> Decimal:
    """Profit of the closed position at the marks less that at the prices."""

    def profit(price: Decimal, quantity: Decimal) -> Decimal:
        held = -side
        if contract.inverse:
            return held * quantity * contract.size * (1 - 1 / price)
        return held * quantity * (price - 1)

    return sum((profit(m, q) - profit(p, q) for p, m, q in fills), D(0))


@pytest.mark.parametrize("name", REFERENCES)
def test_every_reference_is_asked_for_by_its_own_name(name: str) -> None:
    prices = Fake({(name, "ATOMUSDT"): "5"})
    assert [s.against for s in slips(ATOM, -1, [Fill(at(0), D(4), D(1))], prices)] == [name]
