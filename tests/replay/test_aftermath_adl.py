"""What the fund lacks: deleveraging, its prices, and what is left of a loss at the end."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from _worked import NONE, Own, Worked, told

from liquest.replay.aftermath_state import ALIVE
from liquest.rules.adl import AdlRule
from liquest.rules.ladder import Tiers

D = Decimal
near = pytest.approx
LONG = Own(10, [("A", 1, 100)])
"""Bankrupt at 90."""
FALL = Worked({"A": [100, 86]})


def short(quantity: float = 1, entry: float = 100, wallet: float = 100) -> Own:
    return Own(wallet, [("A", -quantity, entry)])


def test_a_winner_is_closed_at_the_bankruptcy_price() -> None:
    ledger = FALL.live(LONG, short(2), fund=0)
    assert told(ledger) == [(1, "taken", 0, 1), (1, "deleveraged", 1, -1)]
    assert ledger.events.at.tolist() == [86, near(90)] and ledger.events.passed.tolist() == [1, 0]
    assert ledger.wallet.tolist() == [0, near(110)] and ledger.size.tolist() == [0, -1]
    assert ledger.taken.tolist() == [0, near(86)] and ledger.forgone.tolist() == [0, near(4)]
    assert ledger.deficit.tolist() == [near(4), 0]
    assert ledger.fund_net == ledger.fund_used == 0 and ledger.residual == near(0)
    # Nothing of it went to the market.
    assert ledger.forced.tolist() == [[0, 0]] and ledger.deleveraged == near(86)
    assert ledger.outcome.tolist()[1] == ALIVE


@pytest.mark.parametrize(
    ("price", "at", "wallet", "residual"),
    [("bankruptcy", 90, 110, 0), ("mark", 86, 114, 4), ("previous-mark", 100, 100, 0)],
)
def test_the_price_decides_who_bears_the_deficit(
    price: str, at: float, wallet: float, residual: float
) -> None:
    ledger = FALL.live(LONG, short(), fund=0, adl=AdlRule(price=price))
    assert ledger.events.at[1] == near(at) and ledger.wallet[1] == near(wallet)
    assert ledger.residual == near(residual, abs=1e-12)
    # At the previous mark the winner pays ten more than is missing: they are the fund's.
    assert ledger.fund_net == near(max(0, at - 90))


def test_the_previous_mark_is_the_last_one_that_there_was() -> None:
    rule = AdlRule(price="previous-mark")
    ledger = Worked({"A": [95, NONE, NONE, 86]}, last={"A": [95, 95, 95, 86]}).live(
        LONG, short(), fund=0, adl=rule
    )
    assert ledger.events.at.tolist() == [86, 95]
    assert Worked({"A": [86]}).live(LONG, short(), fund=0, adl=rule).events.at[1] == 86


@pytest.mark.parametrize(("fund", "passed"), [(0, 1), (1, 0.75), (3, 0.25), (4, 0), (5, 0)])
def test_the_fund_leaves_the_share_that_it_lacks(fund: float, passed: float) -> None:
    ledger = FALL.live(LONG, short(), fund=fund)
    assert ledger.events.passed[0] == near(passed)
    assert ledger.fund_net == near(-min(fund, 4)) and ledger.fund_used == near(min(fund, 4))
    assert ledger.taken[1] == near(86 * passed) and ledger.residual == near(0, abs=1e-12)
    assert ledger.forced[0, 1] == near(-86 * (1 - passed))


def test_the_fund_is_spent_in_the_order_of_the_units() -> None:
    ledger = FALL.live(LONG, LONG, LONG, short(3), fund=5)
    assert ledger.events.passed.tolist() == [0, near(0.75), near(1), 0]
    # What was left of two orders is closed as one.
    assert told(ledger)[3] == (1, "deleveraged", 3, -1.75)


def test_fees_of_one_second_serve_who_comes_after() -> None:
    paying = Own(15, [("A", 1, 100)])
    worked = Worked({"A": [100, 86]}, charge=0.01)
    ledger = worked.live(paying, LONG, short(), fund=0, steps="full")
    assert ledger.fee[0] == near(0.86)
    assert ledger.events.passed[1] == near(1 - 0.86 / 4)
    later = worked.live(LONG, paying, short(), fund=0, steps="full")
    assert later.events.passed[0] == 1 and later.fund_net == near(0.86)


def test_the_lowest_point_of_the_fund_is_seen_within_a_second() -> None:
    # Four are lost, then 4.5 won by a unit whose market does not trade.
    worked = Worked({"A": [100, 86], "B": [10, 9.9]}, last={"B": [10, NONE]})
    ledger = worked.live(LONG, Own(5.5, [("B", 10, 10)]))
    assert ledger.fund_used == near(4) and ledger.fund_net == near(0.5)


def test_what_finds_nobody_is_the_residual() -> None:
    ledger = FALL.live(LONG, short(0.25), fund=0)
    assert told(ledger) == [
        (1, "taken", 0, 1), (1, "deleveraged", 1, -0.25), (1, "unclaimed", -1, 0.75),
    ]  # fmt: skip
    assert ledger.residual == near(3) and ledger.forced[0, 1] == near(-86 * 0.75)
    alone = FALL.live(LONG, fund=1)
    assert alone.residual == near(3) and alone.fund_net == near(-1)


def test_the_fund_keeps_what_is_left_over_and_pays_what_is_missing() -> None:
    # A short of B is bankrupt at 11 of 12; its longs are closed at the previous mark of 10.
    prices = {"A": [100, 86], "B": [10, 12]}
    owns = (LONG, Own(1, [("B", -1, 10)]), short(), Own(100, [("B", 1, 10)]))
    ledger = Worked(prices).live(*owns, fund=0, adl=AdlRule(price="previous-mark"))
    # 10 more than is missing of A, and one of B.
    assert ledger.fund_net == near(11) and ledger.residual == 0
    ledger = Worked(prices).live(*owns, fund=0, adl=AdlRule(price="mark"))
    assert ledger.fund_net == 0 and ledger.residual == near(5)


def test_a_bankruptcy_price_is_never_below_zero() -> None:
    # The short of B lost 60 of A: 12 − 56·… would be below nothing.
    tiers = {"B": Tiers("B", (D(0),), (D("0.5"),), (D(0),), (D(1),))}
    prices = {"A": [100, 40], "B": [10, 10]}
    own = Own(30, [("A", 1, 100), ("B", -1, 10)])
    other = Own(50, [("B", 1, 10)]), short(wallet=100)
    ledger = Worked(prices, tiers=tiers).live(own, *other, fund=0)
    # −30 over 2 and 5: B would go at 10 − 30·5/7.
    assert ledger.events.bankruptcy[:2].tolist() == [near(40 + 30 * 2 / 7), 0]
    assert told(ledger)[2:] == [(1, "deleveraged", 2, -1), (1, "deleveraged", 1, 1)]
    assert ledger.wallet.tolist() == [0, near(40), near(200 - 40 - 60 / 7)]
    assert ledger.residual == near(30 * 5 / 7 - 10)


def test_coins_are_told_in_dollars() -> None:
    worked = Worked({"A": [100, 80]}, inverse=["A"])
    owns = Own(2, [("A", 1000, 100)]), Own(50, [("A", -1000, 100)])
    ledger = worked.live(*owns, fund=10)
    # Half a coin of 80 is missing, three quarters of it beyond the fund.
    assert told(ledger) == [(1, "taken", 0, -1000), (1, "deleveraged", 1, 750)]
    assert ledger.taken[1] == near(750) and ledger.forgone[1] == near(30)
    assert 1 / ledger.events.at[1] == near(1000 / 12)
    assert ledger.wallet[1] == near(50 + 750 * (0.012 - 0.01))
    assert ledger.fund_net == near(-10) and ledger.residual == near(0, abs=1e-9)


def test_coins_are_worth_their_last_mark_where_a_debt_is_all_that_is_left() -> None:
    # −14 coins, 4 of them behind the short of A: its long is closed at 71.43 and owes 3.
    worked = Worked({"A": [100, 100, NONE], "D": [100, 40, 40]}, inverse=["A", "D"])
    broke = Own(1, [("A", -1000, 100), ("D", 1000, 100)])
    ledger = worked.live(broke, Own(1, [("A", 1000, 100)]), fund=0)
    assert told(ledger) == [
        (1, "taken", 0, 1000), (1, "taken", 0, -1000), (1, "deleveraged", 1, -1000),
        (1, "unclaimed", -1, -1000),
    ]  # fmt: skip
    assert ledger.at.tolist() == [1, 2] and ledger.wallet.tolist() == [0, 0]
    assert ledger.deficit.tolist() == [near(1400), near(300)]
    assert ledger.residual == near(10 * 40 + 300)


def test_the_other_leg_of_a_hedge_does_not_answer_for_its_own() -> None:
    # Long and short of one market, both taken over in a gap of another: each against its side.
    prices = {"A": [100, 86], "B": [10, 10]}
    own = Own(20, [("A", 3, 100), ("A", -1, 100)])
    ledger = Worked(prices).live(own, short(5), Own(100, [("A", 2, 80)]), fund=0)
    assert told(ledger) == [
        (1, "taken", 0, 3), (1, "taken", 0, -1), (1, "deleveraged", 1, -3),
        (1, "deleveraged", 2, 1),
    ]  # fmt: skip
    assert ledger.residual == near(0, abs=1e-9)


def test_two_bankrupt_units_do_not_deleverage_each_other() -> None:
    prices = {"A": [100, 86], "B": [10, 20]}
    broke = Own(8, [("B", -5, 10), ("A", -1, 100)])
    ledger = Worked(prices).live(LONG, broke, short(2), fund=0)
    assert told(ledger) == [
        (1, "taken", 0, 1), (1, "taken", 1, -5), (1, "taken", 1, -1),
        (1, "deleveraged", 2, -1), (1, "unclaimed", -1, -1), (1, "unclaimed", -1, -5),
    ]  # fmt: skip


def test_a_holder_without_a_mark_is_in_no_queue() -> None:
    worked = Worked({"A": [100, 86], "B": [10, NONE]})
    hidden = Own(100, [("A", -1, 100), ("B", 1, 10)])
    ledger = worked.live(LONG, hidden, short(0.5), fund=0)
    assert told(ledger)[1:] == [(1, "deleveraged", 2, -0.5), (1, "unclaimed", -1, 0.5)]


def test_whole_lots() -> None:
    rule = AdlRule(allocation="contract-lots")
    owns = LONG, short(1), short(2)
    ledger = Worked({"A": [100, 86]}, lot=0.25).live(*owns, fund=0, adl=rule)
    assert told(ledger)[1:] == [(1, "deleveraged", 1, -0.25), (1, "deleveraged", 2, -0.75)]
    # Three quarters are no whole number of halves: a quarter is sold.
    ledger = Worked({"A": [100, 86]}, lot=0.5).live(*owns, fund=1, adl=rule)
    assert told(ledger)[1:] == [(1, "deleveraged", 2, -0.5), (1, "unclaimed", -1, 0.25)]
    assert ledger.residual == near(1)


def test_half_a_position_at_most() -> None:
    rule = AdlRule(allocation="capped", cap=D("0.5"))
    ledger = FALL.live(LONG, short(1), fund=0, adl=rule)
    assert told(ledger)[1:] == [(1, "deleveraged", 1, -0.5), (1, "unclaimed", -1, 0.5)]


def test_whole_account_leaves_the_mark_to_the_smaller_leg() -> None:
    prices = {"A": [100, 86], "B": [10, 10]}
    own = Own(10, [("A", 1, 100), ("B", -2, 10)])
    ledger = Worked(prices).live(
        own, short(), Own(100, [("B", 2, 9)]), fund=0, bankruptcy="whole-account"
    )
    assert ledger.events.bankruptcy[:2].tolist() == [near(90), near(10)]
    assert ledger.wallet.tolist() == [0, near(110), near(102)]
    assert ledger.residual == near(0, abs=1e-12) and ledger.forgone.tolist() == [0, near(4), 0]


def test_without_a_limit_nobody_is_deleveraged() -> None:
    ledger = FALL.live(LONG, short())
    assert told(ledger) == [(1, "taken", 0, 1)]
    assert ledger.fund_used == near(4) and not np.count_nonzero(ledger.taken)
