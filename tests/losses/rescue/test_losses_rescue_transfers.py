"""Transfers: two records of one thing are one, each row once, and what is missing is named."""

from __future__ import annotations

from itertools import permutations

import pytest
from _rescue_exports import T0, D, Told, at
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import DAY, HOUR, Window
from liquest.errors import InputError, IntegrityError
from liquest.losses.entries import COINM, DONE, FAILED, OUTSIDE, PENDING, SPOT, USDM, Ref
from liquest.losses.rescue.transfers import (
    BOTH_SIDES,
    HISTORY_ONLY,
    WALLET_ONLY,
    Reach,
    Transfer,
    transfers,
)
from liquest.problems import Problem

AROUND = Window("w", T0 - HOUR, T0 + DAY)


def found(told: Told, window: Window = AROUND) -> tuple[list[Transfer], list[Problem]]:
    return transfers(told.exports, window)


def test_a_movement_and_its_row_are_one() -> None:
    told = Told()
    told.move(30, "500", 90)
    told.row(95, "TRANSFER", "500")
    (one,), problems = found(told)
    assert problems == []
    assert (one.asked, one.arrived, one.known_by) == (at(30), at(95), BOTH_SIDES)
    assert (one.took, one.inward, one.outward, one.status) == (65_000_000, True, False, DONE)


def test_out_of_the_wallet_is_below_zero_there() -> None:
    told = Told()
    told.move(30, "500", None, source=USDM, target=SPOT)
    told.row(30, "TRANSFER", "-500")
    (one,), problems = found(told)
    assert (one.outward, one.took, problems) == (True, 0, [])


def test_from_one_futures_wallet_to_the_other_is_one_transfer() -> None:
    told = Told()
    told.move(30, "2", None, asset="BTC", source=USDM, target=COINM)
    told.row(31, "TRANSFER", "-2", asset="BTC")
    told.row(33, "TRANSFER", "2", asset="BTC", market=COINM)
    (one,), problems = found(told)
    assert (one.arrived, one.inward, problems) == (at(33), True, [])


@pytest.mark.parametrize(
    ("amount", "asset", "market", "second"),
    [("500.00000001", "USDT", USDM, 40), ("-500", "USDT", USDM, 40), ("500", "USDC", USDM, 40),
     ("500", "USDT", COINM, 40), ("500", "USDT", USDM, 28), ("500", "USDT", USDM, 691)],
)  # fmt: skip
def test_what_differs_is_not_one(amount: str, asset: str, market: str, second: int) -> None:
    told = Told()
    told.move(30, "500", 90)
    told.row(second, "TRANSFER", amount, asset=asset, market=market)
    told.row(100, "FUNDING_FEE", "1")
    made, problems = found(told)
    assert sorted(one.known_by for one in made) == [HISTORY_ONLY, WALLET_ONLY]
    assert sorted(p.code for p in problems) == ["transfer-not-asked", "transfer-not-booked"]
    assert {(p.path, p.first) for p in problems} == {("transfers.csv", 2), ("transactions.csv", 2)}


def test_without_a_history_a_row_stands_alone_without_complaint() -> None:
    told = Told()
    told.row(30, "TRANSFER", "-500")
    (one,), problems = found(told)
    assert (one.asked, one.arrived, one.took, problems) == (None, at(30), None, [])
    assert (one.amount, one.source, one.target) == (D(500), USDM, "")


def test_what_failed_never_arrives_and_takes_no_row() -> None:
    told = Told()
    told.move(30, "500", 31, status=FAILED)
    told.move(40, "500", None, status=PENDING)
    told.row(45, "TRANSFER", "500")
    (failed, pending), problems = found(told)
    assert (failed.arrived, failed.took, failed.transaction) == (None, None, -1)
    assert (pending.arrived, problems) == (at(45), [])


def test_a_deposit_is_shown_though_no_wallet_row_can_be() -> None:
    told = Told()
    told.row(0, "FUNDING_FEE", "1")
    told.move(30, "500", 2000, source=OUTSIDE, target=SPOT)
    (one,), problems = found(told)
    assert (one.known_by, one.arrived, problems) == (HISTORY_ONLY, at(2000), [])


def test_a_wallet_without_an_export_is_not_blamed() -> None:
    told = Told()
    told.move(30, "500", 90, target=COINM)
    told.row(100, "FUNDING_FEE", "1")
    (one,), problems = found(told)
    assert (one.known_by, one.arrived, problems) == (HISTORY_ONLY, at(90), [])


def test_the_window_bounds_what_is_shown() -> None:
    told = Told()
    for second in (-3601, -3600, 86_399, 86_400):
        told.row(second, "TRANSFER", "1")
    assert [one.ts for one in found(told)[0]] == [at(-3600), at(86_399)]


def test_asked_for_before_the_window_and_there_within_it() -> None:
    told = Told()
    told.move(-3700, "500", None)
    told.row(-3500, "TRANSFER", "500")
    (one,), problems = found(told)
    assert (one.asked, one.arrived, problems) == (at(-3700), at(-3500), [])


moves = st.lists(
    st.tuples(st.integers(0, 40), st.none() | st.integers(0, 60)), min_size=0, max_size=5
)


@given(moves=moves, rows=st.lists(st.integers(0, 70), max_size=5))
@settings(max_examples=400, deadline=None)
def test_as_many_are_paired_as_can_be(moves: list[tuple[int, int | None]], rows: list[int]) -> None:
    told = Told()
    for second, length in moves:
        told.move(second, "5", None if length is None else second + length)
    for second in sorted(rows):
        told.row(second, "TRANSFER", "5")
    reach = Reach(5)
    made, _ = transfers(told.exports, AROUND, reach)
    paired = [one for one in made if one.known_by == BOTH_SIDES]
    assert len(paired) == most(told, reach)
    assert len({one.transaction for one in paired}) == len(paired)
    assert len(made) == len(moves) + len(rows) - len(paired)
    assert all(reach.fits(told.exports.movements[o.movement], o.arrived or 0) for o in paired)


def most(told: Told, reach: Reach) -> int:
    """By trying every order."""
    moves, rows = told.exports.movements, [t.ts for t in told.exports.transactions]
    rows += [-1] * max(len(moves) - len(rows), 0)
    return max(
        sum(ts >= 0 and reach.fits(m, ts) for m, ts in zip(moves, order, strict=True))
        for order in permutations(rows, len(moves))
    )


def test_nouns_refuse_what_cannot_be() -> None:
    with pytest.raises(InputError):
        Reach(-1)
    with pytest.raises(IntegrityError):
        Transfer("USDT", D(0), SPOT, USDM, 1, 2, DONE, BOTH_SIDES, 0, 0, Ref(0, 2))
    with pytest.raises(IntegrityError):
        Transfer("USDT", D(1), SPOT, USDM, 1, 2, DONE, BOTH_SIDES, -1, -1, Ref(0, 2))
