"""When a unit is dealt with: grace, missing marks, deleveraging in between, the end of the data."""

from __future__ import annotations

import pytest
from _worked import NONE, Own, Worked, told

from liquest.replay.aftermath_state import ALIVE, BANKRUPT, CLOSED, PARTLY
from liquest.rules.adl import AdlRule

near = pytest.approx
DIP = [100, 94, 94, 96, 94, 94, 94, 94]
"""1 at 100 with 10 is below its trigger under 94.74: at 1, 2 and from 4 on."""


def long(grace: int) -> Own:
    return Own(10, [("A", 1, 100)], grace=grace)


@pytest.mark.parametrize(
    ("grace", "clears", "at"),
    [
        (0, "at-once", 1), (1, "at-once", 2), (2, "at-once", 6), (3, "at-once", 7),
        (4, "at-once", -1), (1, "at-end", 2), (2, "at-end", 6), (3, "at-end", 4),
        (5, "at-end", 6), (6, "at-end", 7), (7, "at-end", -1),
    ],
)  # fmt: skip
def test_a_grace_ends_or_is_cleared(grace: int, clears: str, at: int) -> None:
    ledger = Worked({"A": DIP}).live(long(grace), clears=clears)
    assert ledger.at.tolist() == [at] and ledger.first.tolist() == [1]
    assert ledger.open_.tolist() == [at < 0]
    assert ledger.outcome.tolist() == [ALIVE if at < 0 else PARTLY]


def test_a_breach_that_was_cleared_does_not_stay_open() -> None:
    ledger = Worked({"A": [100, 94, 96, 96]}).live(long(3600), clears="at-once")
    assert ledger.first.tolist() == [1] and not ledger.open_.any()
    # Nobody looks before the hour is over.
    assert Worked({"A": [100, 94, 96, 96]}).live(long(3600), clears="at-end").open_.all()


@pytest.mark.parametrize("clears", ["at-once", "at-end"])
def test_nothing_is_decided_without_a_mark(clears: str) -> None:
    marks = [100, 94, NONE, NONE, 94, 94]
    ledger = Worked({"A": marks}, last={"A": [100, 94, 94, 94, 94, 94]}).live(
        long(2), clears=clears
    )
    assert ledger.at.tolist() == [4]
    back = [100, 94, NONE, NONE, 96, 96]
    assert Worked({"A": back}).live(long(2), clears=clears).at.tolist() == [-1]
    never = Worked({"A": [100, 94, NONE, NONE]}).live(long(1), clears=clears)
    assert never.at.tolist() == [-1] and never.open_.all()


def test_a_partial_step_begins_a_new_grace() -> None:
    ledger = Worked({"A": [100, 94, 94, 93, 93, 93]}).live(long(1))
    assert [second for second, *_ in told(ledger)] == [2, 4]


BROKE = Own(1, [("B", -1, 10)])
"""Bankrupt where B is above 11."""
SUNK = Own(2, [("B", -2, 10), ("C", 1, 10)])
"""Where C falls to 5, −3 are left: 2.4 of it behind B, which goes at 8.8."""
FALLS = {"A": [100, *[94] * 5], "B": [10] * 6, "C": [10, 10, *[5] * 4]}


def test_deleveraging_in_a_grace_does_not_stop_its_clock() -> None:
    held = Own(10, [("A", 1, 100), ("B", 2, 10)], grace=3)
    ledger = Worked(FALLS).live(held, SUNK, fund=0)
    assert told(ledger)[:3] == [
        (2, "taken", 1, -2), (2, "taken", 1, 1), (2, "deleveraged", 0, 2)
    ]  # fmt: skip
    # Below since 1, and still: 1.6 are left of 4.
    assert ledger.first.tolist() == [1, 2] and ledger.at.tolist() == [4, 2]
    assert told(ledger)[-1] == (4, "executed", 0, 1 - 1.6 / 4.7)
    looked = Worked(FALLS).live(held, SUNK, fund=0, clears="at-end")
    assert looked.at.tolist() == [4, 2]


@pytest.mark.parametrize("clears", ["at-once", "at-end"])
def test_deleveraging_in_a_grace_can_end_it(clears: str) -> None:
    # 5.5 against 4.7 and 1 for a B of which nothing is left when it was closed at the mark.
    held = Own(11.5, [("A", 1, 100), ("B", 2, 10)], grace=3)
    at_mark = AdlRule(price="mark")
    ledger = Worked(FALLS).live(held, SUNK, fund=0, adl=at_mark, clears=clears)
    assert ledger.first.tolist() == [1, 2] and ledger.at.tolist() == [-1, 2]
    assert not ledger.open_.any()
    assert Worked(FALLS).live(held, SUNK, clears=clears).at.tolist() == [4, 2]


def test_a_unit_that_is_due_and_deleveraged_in_one_second() -> None:
    # At 12 the short of B is bankrupt; the long of both has lost as much in A and is due too:
    # it is reduced as its own turn says, and deleveraging closes what is left of its B.
    prices = {"A": [100, 88, 88], "B": [10, 12, 12]}
    held = Own(13.2, [("A", 1, 100), ("B", 1, 10)])
    ledger = Worked(prices).live(held, BROKE, fund=0)
    words = told(ledger)
    part = 1 - 3.2 / 5
    assert words[:3] == [
        (1, "executed", 0, part), (1, "executed", 0, part), (1, "taken", 1, -1),
    ]  # fmt: skip
    assert words[3:5] == [(1, "deleveraged", 0, 1 - part), (1, "unclaimed", -1, -part)]
    assert ledger.outcome.tolist() == [PARTLY, BANKRUPT] and ledger.size[1] == 0


def test_a_breach_foreseen_on_what_was_closed_does_not_take_place() -> None:
    # B alone would have sunk the long at 3; it is closed at 11 in second 1.
    prices = {"B": [10, 12, 12, 5, 5]}
    ledger = Worked(prices).live(Own(2, [("B", 1, 10)]), BROKE, fund=0)
    assert told(ledger) == [(1, "taken", 1, -1), (1, "deleveraged", 0, 1)]
    assert ledger.first.tolist() == [-1, 1] and ledger.outcome.tolist() == [ALIVE, BANKRUPT]
    assert ledger.wallet.tolist() == [near(3), 0]


def test_deleveraging_may_sink_whom_it_takes_a_hedge_from() -> None:
    # The B that carried A is closed; from the next second on A stands alone.
    prices = {"A": [100, 95, 95, 95], "B": [10, 12, 12, 12]}
    held = Own(6, [("A", 1, 100), ("B", 2, 10)])
    short = Own(2, [("B", -2, 10)])
    ledger = Worked(prices, rate="0.04").live(held, short, fund=0)
    assert told(ledger)[:2] == [(1, "taken", 1, -2), (1, "deleveraged", 0, 2)]
    assert ledger.at.tolist() == [2, 1] and ledger.first.tolist() == [2, 1]
    assert ledger.outcome.tolist() == [PARTLY, BANKRUPT]


def test_the_last_second_is_one_like_the_others() -> None:
    ledger = Worked({"A": [100, 90.5]}).live(Own(10, [("A", 1, 100)]), fund=0)
    assert ledger.at.tolist() == [1]
    assert Worked({"A": [90.5]}).live(long(0), steps="full").outcome.tolist() == [CLOSED]
    due = Worked({"A": [100, 94, 94]}).live(long(1))
    assert due.at.tolist() == [2] and not due.open_.any()
    late = Worked({"A": [100, 94, 94]}).live(long(2))
    assert late.at.tolist() == [-1] and late.open_.all()
