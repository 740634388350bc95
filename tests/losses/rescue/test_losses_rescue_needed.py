"""What would have held a unit: by hand, against brute force, and to the last unit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from _rescue_exports import FALL, D, Marks, at, ds, marks
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import IntegrityError
from liquest.losses.rescue.needed import Needed, Surplus, held_fixed, needed, payable, surplus_of
from liquest.losses.rescue.within_bars import bound
from liquest.rules.ladder import Tiers, cumulated, flat
from liquest.rules.leg import LONG, SHORT, Leg
from liquest.rules.margin import Wallet

ATOM = Leg("ATOMUSDT", 1, D(100), D(4), False, flat("ATOMUSDT", D("0.01")))
WALLET = Wallet(D(100), (ATOM,))
UNIT = D("1e-8")


def asked(prices: Marks, wallet: Wallet = WALLET, forced: int | None = None) -> Needed | None:
    return needed(held_fixed(wallet, prices), at(0), prices, wallet, forced)


def test_a_long_that_falls() -> None:
    found = asked(FALL)
    assert found is not None
    assert (found.by, found.breach, found.at) == (at(10), at(10), at(13))
    assert (found.at_once, found.sum) == ds(3, "52.5")
    assert (found.margin.equity, found.margin.maintenance) == ds(-50, "2.5")
    assert (found.marks, found.until) == ({"ATOMUSDT": D("2.5")}, at(30))


def test_a_forced_order_before_the_breach_by_the_marks_sets_the_second() -> None:
    found = asked(FALL, forced=at(8.4))
    assert found is not None
    assert (found.by, found.breach, found.sum) == (at(8), at(10), D("52.5"))


def test_exactly_at_maintenance_it_stands() -> None:
    # 99·m = 300: m = 100/33, no decimal; with a balance of 103 and m = 3: 103 − 100 − 3 = 0
    assert asked(marks("4", "3"), replace(WALLET, balance=D(103))) is None
    found = asked(marks("4", "3"), replace(WALLET, balance=D("102.99999999")))
    assert found is not None and found.sum == found.at_once == UNIT


def test_what_is_not_payable_is_rounded_up() -> None:
    assert payable(D("1.000000001")) == D("1.00000001")
    assert payable(D("1.00000001")) == D("1.00000001")
    # 99·2.999999999 − 300 = −3.000000099
    found = asked(marks("2.999999999"))
    assert found is not None and found.sum == D("3.00000010")


def test_an_inverse_long_needs_coins() -> None:
    leg = Leg("BTCUSD_PERP", 1, D(5000), D(100000), True, flat("BTCUSD_PERP", D("0.01")))
    prices = Marks({"BTCUSD_PERP": ["100000", "80000", "62500"]})
    found = asked(prices, Wallet(D("0.01"), (leg,)))
    # 0.01 + 5000/100000 − 5000/80000 − 0.01·0.0625 = −0.003125; at 62500: −0.0208
    assert found is not None
    assert (found.by, found.at_once, found.sum) == (at(1), D("0.003125"), D("0.0208"))


def test_of_equal_seconds_the_first_decides() -> None:
    found = asked(marks("4", "2.9", "2.5", "2.8", "2.5"))
    assert found is not None and (found.by, found.at) == (at(1), at(2))


def test_a_second_without_a_mark_decides_nothing() -> None:
    found = asked(marks("4", None, "2.9", None, "3.5"))
    assert found is not None and (found.by, found.at) == (at(2), at(2))
    assert asked(marks(None, None)) is None


def test_every_symbol_counts_and_one_missing_hides_the_second() -> None:
    xrp = Leg("XRPUSDT", -1, D(10), D(2), False, flat("XRPUSDT", D("0.01")))
    wallet = Wallet(D(100), (ATOM, xrp))
    prices = Marks({"ATOMUSDT": ["2.9", "2.9"], "XRPUSDT": [None, "3"]})
    found = asked(prices, wallet)
    # 100 − 110 − 10 − (290 + 30)/100 = −23.2
    assert found is not None and (found.by, found.sum) == (at(1), D("23.2"))


prices_of = st.lists(st.decimals(D("0.01"), D("9"), places=6), min_size=1, max_size=25)
LADDER = Tiers(
    "L", (D(0), D(200), D(600)), (D("0.01"), D("0.05"), D("0.2")),
    tuple(cumulated((D(0), D(200), D(600)), (D("0.01"), D("0.05"), D("0.2")))),
    (D(50), D(10), D(2)),
)  # fmt: skip


@given(
    path=prices_of,
    balance=st.decimals(D("-50"), D("400"), places=8),
    legs=st.lists(
        st.tuples(
            st.sampled_from((1, -1)),
            st.decimals(D("0.001"), D("200"), places=3),
            st.decimals(D("0.1"), D("9"), places=4),
        ),
        min_size=1, max_size=2, unique_by=lambda leg: leg[0],
    ),
    inverse=st.booleans(),
    since=st.integers(0, 5),
)  # fmt: skip
@settings(max_examples=400, deadline=None)
def test_the_sum_holds_the_unit_and_one_unit_less_does_not(
    path: list[Decimal], balance: Decimal, legs: list[tuple[int, Decimal, Decimal]],
    inverse: bool, since: int,
) -> None:  # fmt: skip
    made = tuple(
        Leg("X", side, quantity, entry, inverse, LADDER, LONG if side > 0 else SHORT)
        for side, quantity, entry in legs
    )
    wallet = Wallet(balance, made)
    prices = Marks({"X": [str(price) for price in path]})
    surplus = held_fixed(wallet, prices)
    found = needed(surplus, at(since), prices, wallet)
    every = [(n, wallet.margin({"X": price})) for n, price in enumerate(path) if n >= since]
    below = [n for n, margin in every if margin.liquidated]
    if found is None:
        assert not below
        return
    assert found.by == found.breach == at(below[0])
    after = [price for n, price in enumerate(path) if n >= below[0]]
    helped = replace(wallet, balance=balance + found.sum)
    short = replace(wallet, balance=balance + found.sum - UNIT)
    assert not any(helped.margin({"X": price}).liquidated for price in after)
    assert any(short.margin({"X": price}).liquidated for price in after)
    assert short.margin(found.marks).liquidated
    assert found.shortfall == max(-surplus_of(m) for n, m in every if n >= below[0])
    assert payable(found.shortfall) == found.sum >= found.at_once > 0


@given(at_which=st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_floats_that_cannot_tell_do_not_decide(at_which: int) -> None:
    """Thirty seconds that are equal as doubles, one of them lower by the 24th digit."""
    base = D("3.000000000000000000000000")
    path = [base] * 31
    path[at_which] = base - D("1e-24")
    wallet = replace(WALLET, balance=D(103))
    prices = Marks({"ATOMUSDT": [str(price) for price in path]})
    found = asked(prices, wallet)
    assert found is not None
    assert found.by == found.at == at(at_which)
    assert found.shortfall == D("99e-24") and found.sum == UNIT


# Bars


def bars(*rows: tuple[str, str, str]) -> Marks:
    return Marks(bars={"ATOMUSDT": rows})


def test_a_close_hides_what_the_low_shows() -> None:
    prices = bars(("4", "3.9", "4.1"), ("3.5", "2.5", "4"))
    assert asked(prices) is None
    assert bound(WALLET, prices, at(0)) == D("52.5")
    # A short is at its worst at the high: 100 − 100·(5 − 4) − 5 = −5
    short = Wallet(D(100), (replace(ATOM, side=-1),))
    assert bound(short, bars(("4", "3", "5")), at(0)) == 5


def test_by_the_second_there_is_no_bound() -> None:
    assert bound(WALLET, FALL, at(0)) is None
    assert bound(WALLET, bars(("4", "3.9", "4.1")), at(0)) == 0


@given(
    rows=st.lists(st.lists(st.decimals(D("1"), D("8"), places=3), min_size=3, max_size=3),
                  min_size=1, max_size=4),
    balance=st.decimals(D("1"), D("400"), places=3),
    side=st.sampled_from((1, -1)),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_the_bound_is_never_below_what_the_closes_need(
    rows: list[list[Decimal]], balance: Decimal, side: int
) -> None:
    made = [tuple(str(p) for p in (sorted(row)[1], min(row), max(row))) for row in rows]
    prices = bars(*[(close, low, high) for close, low, high in made])
    wallet = Wallet(balance, (replace(ATOM, side=side, tiers=LADDER),))
    found, most = asked(prices, wallet), bound(wallet, prices, at(0))
    assert most is not None and most >= (D(0) if found is None else found.sum)


# Illegal states


def test_a_path_that_does_not_fill_its_window_is_refused() -> None:
    with pytest.raises(IntegrityError):
        Surplus(FALL.window, np.zeros(3), 0.0, lambda ts: None)


def test_needed_refuses_what_contradicts_itself() -> None:
    found = asked(FALL)
    assert found is not None
    for change in ({"by": at(11)}, {"sum": D(1)}, {"at_once": D(0)}, {"at": at(30)}):
        with pytest.raises(IntegrityError):
            replace(found, **change)
