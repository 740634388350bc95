"""Holding an exposure with much or little margin: by hand, and what holds on every path."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import UsageError
from liquest.rules.structure import (
    CROSS,
    ISOLATED,
    Costs,
    Outcome,
    Structure,
    follow,
    maintenance,
)
from liquest.rules.structure_kernel import follow_paths
from liquest.rules.tiers import Tiers, flat, tiers

D = Decimal
FREE = Costs(D(0), D(0), 1)
HALF = flat("X", D("0.005"))
NOTIONAL = D(10_000)
TWO_TIERS = Tiers("X", (D(0), D(8_000)), (D("0.01"), D("0.05")), (D(0), D(320)), (D(50), D(10)))


def held(
    path: list[str | None],
    structure: Structure,
    costs: Costs = FREE,
    ladder: Tiers = HALF,
    marks: list[str | None] | None = None,
) -> Outcome:
    """The exact outcome of a path written as texts."""
    trades = [None if p is None else D(p) for p in path]
    other = trades if marks is None else [None if p is None else D(p) for p in marks]
    return follow(other, trades, structure, maintenance(ladder, NOTIONAL), costs)


def test_small_margin_is_lost_whole_and_large_margin_holds() -> None:
    fall: list[str | None] = ["100", "96", "90", "80", "95"]
    small = held(fall, Structure(D(20), D("0.5")))
    # Margin .05 + result −.04 = .01 ≥ .0048 at 96; at 90 nothing is left: 0.05 lost, 0.05 borne.
    assert (small.liquidations, small.first, small.held) == (1, 2, False)
    assert (small.loss(D("0.5")), small.shortfall) == (D("0.05"), D("0.05"))
    large = held(fall, Structure(D(2), D("0.5"), CROSS))
    assert (large.liquidations, large.held, large.loss(D("0.5"))) == (0, True, D("0.05"))


def test_a_deep_fall_takes_all_of_the_large_margin() -> None:
    fall: list[str | None] = ["100", "55", "40", "90"]
    large = held(fall, Structure(D(2), D("0.5"), CROSS))
    assert (large.first, large.loss(D("0.5")), large.shortfall) == (2, D("0.5"), D("0.1"))
    small = held(fall, Structure(D(20), D("0.5")))
    assert (small.first, small.loss(D("0.5")), small.shortfall) == (1, D("0.05"), D("0.4"))


def test_cross_margin_does_not_bound_the_loss_by_the_leverage_setting() -> None:
    fall: list[str | None] = ["100", "80", "70"]
    assert held(fall, Structure(D(20), D("0.5"), CROSS)).loss(D("0.5")) == D("0.3")
    assert held(fall, Structure(D(20), D("0.5"))).loss(D("0.5")) == D("0.05")


def test_the_clearance_fee_comes_out_of_what_is_left() -> None:
    costs = Costs(D(0), D("0.01"), 1)
    # At 95.4: margin .05 − .046 = .004 < .00477; fee .00954 would exceed what is left.
    out = held(["100", "95.4"], Structure(D(20), D("0.5")), costs)
    assert (out.loss(D("0.5")), out.fees, out.shortfall) == (D("0.05"), D("0.004"), D(0))
    # With a rate of 5 % more is left: .05 − .01 = .04 < .0495; the fee is .0099.
    out = held(["100", "99"], Structure(D(20), D("0.5")), costs, flat("X", D("0.05")))
    assert (out.loss(D("0.5")), out.fees) == (D("0.0199"), D("0.0099"))


def test_a_stop_fills_a_second_later_and_slips() -> None:
    stopped = Structure(D(20), D("0.5"), CROSS, stop=D("0.05"))
    out = held(["100", "95", "80", "100"], stopped)
    assert (out.stops, out.liquidations, out.loss(D("0.5"))) == (1, 0, D("0.2"))
    slow = held(["100", "95", "80", "90"], stopped, Costs(D(0), D(0), 2))
    assert slow.loss(D("0.5")) == D("0.1")
    # A price that comes back before the order fills is filled there all the same.
    assert held(["100", "95", "101"], stopped).loss(D("0.5")) == D("-0.01")


def test_again_after_every_close_until_the_wallet_is_empty() -> None:
    again = Structure(D(20), D("0.12"), again_s=1, refill=True)
    # Each fall of 10 % takes .05; after two of them .02 is left, which opens nothing more.
    out = held(["100", "90", "90", "81", "81", "70", "70"], again)
    assert (out.entries, out.liquidations, out.held) == (2, 2, False)
    assert (out.equity, out.first) == (D("0.02"), 1)
    once = held(["100", "90", "90", "81"], Structure(D(20), D("0.12")))
    assert (once.entries, once.equity) == (1, D("0.07"))
    # Waiting longer misses the second fall and rides the recovery.
    patient = held(
        ["100", "90", "90", "81", "81", "89.1"], Structure(D(20), D("0.12"), again_s=3, refill=True)
    )
    assert (patient.entries, patient.equity) == (2, D("0.17"))


def test_again_with_the_same_coins_or_the_same_exposure() -> None:
    path: list[str | None] = ["100", "50", "50", "100"]
    coins = held(path, Structure(D(20), D("0.5"), again_s=1))
    # .05 lost; half the value is opened again at 50 and doubles: +.5.
    assert (coins.entries, coins.equity) == (2, D("0.95"))
    refilled = held(path, Structure(D(20), D("0.5"), again_s=1, refill=True))
    assert (refilled.entries, refilled.equity) == (2, D("1.45"))
    # The margin of what is opened again is that of its value: .025 stands behind it.
    twice = held(["100", "50", "50", "10"], Structure(D(20), D("0.5"), again_s=1))
    assert (twice.liquidations, twice.equity) == (2, D("0.425"))


def test_fees_of_opening_and_again() -> None:
    costs = Costs(D("0.001"), D(0), 1)
    again = Structure(D(20), D("0.5"), again_s=1, refill=True)
    out = held(["100", "90", "90", "90"], again, costs)
    assert (out.entries, out.fees, out.equity) == (2, D("0.002"), D("0.448"))
    # The whole capital as margin can be opened; the fee comes out of it.
    out = held(["100", "40"], Structure(D(2), D("0.5")), costs)
    assert (out.equity, out.shortfall) == (D(0), D("0.101"))


def test_the_mark_decides_and_the_trade_fills() -> None:
    dip: list[str | None] = ["100", "50", "100"]
    calm: list[str | None] = ["100", "99", "99"]
    assert held(dip, Structure(D(20), D("0.5")), marks=calm).liquidations == 0
    out = held(calm, Structure(D(20), D("0.5")), marks=dip)
    assert (out.liquidations, out.loss(D("0.5"))) == (1, D("0.01"))


def test_a_short_is_the_mirror() -> None:
    out = held(["100", "106"], Structure(D(20), D("0.5"), side=-1))
    assert (out.liquidations, out.loss(D("0.5")), out.shortfall) == (1, D("0.05"), D("0.01"))
    assert held(["100", "80"], Structure(D(20), D("0.5"), side=-1)).loss(D("0.5")) == D("-0.2")


def test_a_second_without_a_price_decides_nothing() -> None:
    out = held([None, "100", None, "90"], Structure(D(20), D("0.5")))
    assert (out.entries, out.first) == (1, 3)
    nothing = held([None, None], Structure(D(20), D("0.5")))
    assert (nothing.entries, nothing.equity, nothing.held) == (0, D("0.5"), False)


def test_the_tiers_follow_the_value() -> None:
    # Above 8,000 the upper tier: 5 % · 9,500 − 320 = 155; 3 % left of 10,000 is 300.
    at = maintenance(TWO_TIERS, NOTIONAL)
    assert at(D("0.95")) == D("0.0155")
    assert at(D("0.8")) == D("0.008")
    assert maintenance(tiers()["BTCUSDT"], NOTIONAL)(D(1)) == D("0.004")


@pytest.mark.parametrize(
    "wrong",
    [
        {"leverage": D(0)}, {"leverage": D(1)}, {"capital": D(0)}, {"mode": "hedge"},
        {"stop": D(1)}, {"again_s": 0}, {"side": 0}, {"reserve": D(-1)}, {"rescue_s": 0},
    ],
)  # fmt: skip
def test_a_structure_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="no exposure is held"):
        Structure(**{"leverage": D(20), "capital": D("0.5"), **wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"taker": D(1)}, {"clearance": D(-1)}, {"delay_s": 0}])
def test_costs_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="no exposure is held"):
        Costs(**wrong)  # type: ignore[arg-type]


PRICES = st.lists(
    st.one_of(st.none(), st.integers(1, 400).map(lambda n: D(n) / 4)), min_size=1, max_size=40
)
STRUCTURES = st.builds(
    Structure,
    leverage=st.sampled_from([D(2), D(3), D(5), D(10), D(20), D(50)]),
    capital=st.sampled_from([D("0.5"), D("0.6"), D(1)]),
    mode=st.sampled_from([ISOLATED, CROSS]),
    stop=st.sampled_from([None, D("0.05"), D("0.2")]),
    again_s=st.sampled_from([None, 1, 3]),
    refill=st.booleans(),
    side=st.sampled_from([1, -1]),
    reserve=st.sampled_from([D(0), D("0.07"), D(2)]),
    rescue_s=st.sampled_from([None, 1, 4]),
)
COSTS = st.builds(
    Costs,
    taker=st.sampled_from([D(0), D("0.0005"), D("0.01")]),
    clearance=st.sampled_from([D(0), D("0.0125")]),
    delay_s=st.integers(1, 3),
)
LADDERS = st.sampled_from([HALF, TWO_TIERS, flat("X", D("0.02"))])


def test_what_is_off_the_exchange_helps_only_when_it_is_there_in_time() -> None:
    # A cushion of .05 − .005; at 97 margin .02 − .00485 is less than half of it: called.
    fall: list[str | None] = ["100", "97", "96", "94", "94"]
    way = {"leverage": D(20), "capital": D("0.05"), "reserve": D("0.2")}
    alone = held(fall, Structure(**way))  # type: ignore[arg-type]
    assert (alone.first, alone.equity, alone.reserve, alone.left) == (3, D(0), D("0.2"), D("0.2"))
    saved = held(fall, Structure(**way, rescue_s=2))  # type: ignore[arg-type]
    assert (saved.first, saved.held, saved.reserve, saved.left) == (None, True, D(0), D("0.19"))
    late = held(fall, Structure(**way, rescue_s=3))  # type: ignore[arg-type]
    assert (late.first, late.equity, late.reserve) == (3, D("0.2"), D(0))
    # On its way at the end of the path it counts as outside.
    slow = held(fall, Structure(**way, rescue_s=9))  # type: ignore[arg-type]
    assert (slow.first, slow.reserve) == (3, D("0.2"))
    # What was added to an isolated margin can be lost with it.
    deep = held([*fall, "60"], Structure(**way, rescue_s=2))  # type: ignore[arg-type]
    assert (deep.first, deep.left, deep.shortfall) == (5, D(0), D("0.15"))


@settings(max_examples=500, deadline=None)
@given(PRICES, PRICES, STRUCTURES, COSTS, LADDERS)
def test_no_one_loses_more_than_stands_behind(
    marks: list[Decimal | None],
    trades: list[Decimal | None],
    structure: Structure,
    costs: Costs,
    ladder: Tiers,
) -> None:
    both = min(len(marks), len(trades))
    out = follow(marks[:both], trades[:both], structure, maintenance(ladder, NOTIONAL), costs)
    assert out.equity >= 0
    assert out.shortfall >= 0 and out.fees >= 0
    assert out.entries - out.held == out.liquidations + out.stops
    assert (out.first is None) == (out.liquidations == 0)
    if structure.again_s is None:
        assert out.entries <= 1
        assert (out.closed is None) == (out.liquidations + out.stops == 0)
        if structure.mode == ISOLATED and out.reserve == structure.reserve:
            assert out.loss(structure.capital) <= structure.margin + costs.taker + D("1e-60")


@settings(max_examples=300, deadline=None)
@given(PRICES, STRUCTURES, COSTS, LADDERS)
def test_more_margin_is_never_liquidated_earlier(
    path: list[Decimal | None], structure: Structure, costs: Costs, ladder: Tiers
) -> None:
    small, large = (
        Structure(leverage, D(1), ISOLATED, side=structure.side) for leverage in (D(10), D(5))
    )
    rule = maintenance(ladder, NOTIONAL)
    one, other = (follow(path, path, s, rule, costs) for s in (small, large))
    if other.first is not None:
        assert one.first is not None and one.first <= other.first


@settings(max_examples=500, deadline=None)
@given(PRICES, PRICES, st.lists(STRUCTURES, min_size=1, max_size=4), COSTS, LADDERS)
def test_the_kernel_agrees_with_the_exact_form(
    marks: list[Decimal | None],
    trades: list[Decimal | None],
    structures: list[Structure],
    costs: Costs,
    ladder: Tiers,
) -> None:
    both = min(len(marks), len(trades))
    marks, trades = marks[:both], trades[:both]
    rows = [np.array([[np.nan if p is None else float(p) for p in path]]) for path in
            (marks, trades)]  # fmt: skip
    fast = follow_paths(rows[0], rows[1], structures, ladder, NOTIONAL, costs)
    for k, structure in enumerate(structures):
        slow = follow(marks, trades, structure, maintenance(ladder, NOTIONAL), costs)
        first = -1 if slow.first is None else slow.first
        assert (
            fast.entries[0, k], fast.liquidations[0, k], fast.stops[0, k], fast.first[0, k],
            bool(fast.held[0, k]), fast.closed[0, k],
        ) == (
            slow.entries, slow.liquidations, slow.stops, first, slow.held,
            -1 if slow.closed is None else slow.closed,
        )  # fmt: skip
        for got, expected in (
            (fast.equity, slow.equity), (fast.fees, slow.fees), (fast.shortfall, slow.shortfall),
            (fast.reserve, slow.reserve), (fast.left, slow.left),
        ):  # fmt: skip
            assert got[0, k] == pytest.approx(float(expected), abs=1e-9)
