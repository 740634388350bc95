"""bankruptcy: two named definitions, and what closing at their prices leaves over."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from _margins import D, amounts, legs, marked, wallets
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import UsageError
from liquest.rules import inverse, linear
from liquest.rules.bankruptcy import DEFAULT, DEFINITIONS, WholeAccount, ZeroPrice, definition
from liquest.rules.ladder import flat
from liquest.rules.margin import Leg, Wallet, isolated

NEAR = D("1e-20")


def two() -> tuple[Wallet, dict[str, Decimal]]:
    """Equity 60; maintenance 10 of the long X and 30 of the short Y."""
    return Wallet(
        D(60),
        (
            Leg("X", 1, D(10), D(100), False, flat("X", D("0.01"))),
            Leg("Y", -1, D(20), D(50), False, flat("Y", D("0.03"))),
        ),
    ), {"X": D(100), "Y": D(50)}


def test_zero_price_shares_equity_out_by_maintenance() -> None:
    wallet, marks = two()
    # X: 100·(1 − 1 %·60/40), Y: 50·(1 + 3 %·60/40); they lose 15 and 45.
    assert ZeroPrice().prices(wallet, marks) == (D("98.5"), D("52.25"))


def test_whole_account_puts_all_equity_behind_each() -> None:
    wallet, marks = two()
    assert WholeAccount().prices(wallet, marks) == (D(94), D(53))
    first = wallet.closed(0, D(94))
    assert first.margin(marks).equity == 0
    assert first.closed(0, D(53)).balance == -60


def test_a_deficit_lies_beyond_the_mark() -> None:
    wallet, marks = two()
    broke = Wallet(D(-60), wallet.legs)
    assert ZeroPrice().prices(broke, marks) == (D("101.5"), D("47.75"))


def test_a_position_that_cannot_lose_what_stands_behind_it_has_no_price() -> None:
    covered = isolated(Leg("X", 1, D(10), D(100), False, flat("X", D("0.01"))), D(1000))
    coin = isolated(Leg("X", -1, D(100), D(50), True, flat("X", D("0.01"))), D(2))
    for one in DEFINITIONS.values():
        assert one.prices(covered, {"X": D(100)}) == (None,)
        assert one.prices(coin, {"X": D(50)}) == (None,)
        assert one.prices(Wallet(D(1)), {}) == ()


def test_definitions_by_name() -> None:
    assert (DEFAULT, definition()) == ("zero-price", ZeroPrice())
    assert definition("whole-account") == WholeAccount()
    assert {d.title.zh for d in DEFINITIONS.values()} == {"零权益破产价格", "全账户破产价格"}
    with pytest.raises(UsageError, match="no bankruptcy price is called 'half'") as caught:
        definition("half")
    assert "zero-price" in caught.value.render("zh")


@settings(max_examples=250, deadline=None)
@given(st.data(), st.booleans(), amounts("-0.9", "0.999", 3))
def test_closing_everything_at_zero_price_leaves_nothing(
    data: st.DataObject, hedged: bool, share: Decimal
) -> None:
    """In any order, from any share A/ΣMM of an account that is liquidated; the share does not
    change with a close, so the prices of the rest do not either."""
    drawn = data.draw(wallets(hedged=hedged))
    marks = data.draw(marked(drawn))
    first = drawn.margin(marks)
    wallet = replace(drawn, balance=share * first.maintenance - first.unrealised)
    scale = abs(wallet.balance) + sum(abs(g.pnl(marks[g.symbol])) for g in wallet.legs)
    while wallet.legs:
        prices = ZeroPrice().prices(wallet, marks)
        at = data.draw(st.integers(0, len(wallet.legs) - 1))
        price = prices[at]
        assert price is not None
        wallet = wallet.closed(at, price)
        if wallet.legs:
            now = wallet.margin(marks)
            assert abs(now.equity - share * now.maintenance) <= scale * NEAR
            rest = ZeroPrice().prices(wallet, marks)
            for one, other in zip(rest, prices[:at] + prices[at + 1 :], strict=True):
                assert one is not None and other is not None
                assert abs(one / other - 1) < NEAR
    assert abs(wallet.balance) <= scale * NEAR


@settings(max_examples=250, deadline=None)
@given(st.data(), wallets())
def test_the_first_close_at_the_whole_account_price_leaves_nothing(
    data: st.DataObject, wallet: Wallet
) -> None:
    marks = data.draw(marked(wallet))
    scale = abs(wallet.balance) + sum(abs(g.pnl(marks[g.symbol])) for g in wallet.legs)
    for at, price in enumerate(WholeAccount().prices(wallet, marks)):
        if price is not None:
            # The close moves its leg from the mark to the price, by exactly −A.
            left = wallet.closed(at, price).margin(marks).equity
            assert abs(left) <= scale * NEAR


@settings(max_examples=250, deadline=None)
@given(st.data(), st.booleans(), amounts("0.01", "100000", 2), amounts("0.5", "2", 3))
def test_alone_all_definitions_are_the_isolated_price(
    data: st.DataObject, is_inverse: bool, margin: Decimal, move: Decimal
) -> None:
    """Which knows neither mark nor tiers: EP − s·margin/q, or its like in 1/P."""
    leg = data.draw(legs("X", is_inverse))
    behind = margin.scaleb(-4) if is_inverse else margin
    form = inverse if is_inverse else linear
    expected = form.bankruptcy_price(leg.side, leg.quantity, leg.entry, behind)
    for one in DEFINITIONS.values():
        (found,) = one.prices(isolated(leg, behind), {"X": leg.entry * move})
        if expected is None or found is None:
            assert found == expected
        else:
            assert abs(found / expected - 1) < NEAR
