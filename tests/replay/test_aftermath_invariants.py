"""What holds in every aftermath, whatever the rules: contracts, cash, and who is left alone."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from _aftermaths import (
    ASSET,
    INVERSE,
    LINEAR,
    Small,
    funds,
    policies,
    seeds,
    small,
    worlds,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liquest.replay.aftermath_state import (
    BANKRUPT,
    DELEVERAGED,
    EXECUTED,
    PARTLY,
    SEIZED,
    TAKEN,
    UNCLAIMED,
)
from liquest.replay.ledger import Ledger, outside

D = Decimal
many = settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def by_market(ledger: Ledger, world: Small, size: np.ndarray, *kinds: int) -> np.ndarray:
    events = ledger.events
    chosen = np.isin(events.kind, kinds)
    return np.bincount(events.market[chosen], weights=size[chosen], minlength=world.paths.markets)


@many
@given(worlds)
def test_what_holds_in_every_world(world: Small) -> None:
    ledger = world.ledger()
    contracts_add_up(world, ledger)
    nothing_grows_or_turns(world, ledger)
    nobody_else_is_touched(world, ledger)
    the_fund_is_never_below_zero(world, ledger)


def contracts_add_up(world: Small, ledger: Ledger) -> None:
    """What left the units is what the rows say; what takeovers passed on nets exactly, second
    by second and side by side, with what deleveraging closed and what found nobody."""
    units, events = world.units, ledger.events
    gone = np.bincount(
        units.market, weights=units.size - ledger.size, minlength=world.paths.markets
    )
    rows = by_market(ledger, world, events.size, EXECUTED, TAKEN, DELEVERAGED, SEIZED)
    scale = np.bincount(units.market, weights=np.abs(units.size), minlength=world.paths.markets)
    assert (np.abs(gone - rows) <= 1e-9 * scale).all()
    places = (ledger.second * world.paths.markets + events.market) * 2
    count = world.paths.seconds * world.paths.markets * 2
    passed = np.bincount(places + (events.passed < 0), np.abs(events.passed), count)
    # A winner is closed against the other side.
    side = np.where(events.kind == DELEVERAGED, events.size > 0, events.size < 0)
    met = np.bincount(
        places + side,
        np.abs(events.size) * np.isin(events.kind, (DELEVERAGED, UNCLAIMED)), count,
    )  # fmt: skip
    assert np.allclose(passed, met, rtol=1e-8, atol=0)
    sold = by_market(ledger, world, outside(events), EXECUTED, TAKEN, UNCLAIMED)
    contracts = world.contract * (rows - by_market(ledger, world, events.size, SEIZED))
    assert (np.abs(contracts - sold) <= 1e-8 * scale).all()


def nothing_grows_or_turns(world: Small, ledger: Ledger) -> None:
    """Whoever is taken over ends with nothing; everybody's times are in order."""
    units = world.units
    assert (np.abs(ledger.size) <= np.abs(units.size)).all()
    assert (ledger.size * units.size >= 0).all()
    owner = units.owners()
    over = ledger.outcome == BANKRUPT
    assert not ledger.wallet[over].any() and not ledger.size[over[owner]].any()
    assert (ledger.at[over] >= 0).all()
    known = ledger.first >= 0
    assert (known | (ledger.at < 0)).all() and (ledger.first <= ledger.at)[ledger.at >= 0].all()
    assert not (ledger.open_ & ~known).any()
    assert (ledger.open_ <= (units.grace > 0)).all()
    assert (np.diff(ledger.second) >= 0).all()


def nobody_else_is_touched(world: Small, ledger: Ledger) -> None:
    """Neither who was not liquidated, nor who holds the other side of nothing."""
    units, events, owner = world.units, ledger.events, world.units.owners()
    touched = np.zeros(len(units), dtype=bool)
    touched[ledger.liquidated] = touched[ledger.events.unit[ledger.events.unit >= 0]] = True
    assert (ledger.wallet == units.wallet)[~touched].all()
    assert (ledger.size == units.size)[~touched[owner]].all()
    for row in np.flatnonzero(events.kind == DELEVERAGED):
        same = (ledger.second == ledger.second[row]) & (events.market == events.market[row])
        assert (np.sign(events.passed[same]) == -np.sign(events.size[row])).any()
        assert abs(events.size[row]) > 0


def the_fund_is_never_below_zero(world: Small, ledger: Ledger) -> None:
    """And without a limit it leaves nothing to anybody."""
    fund = world.terms.fund
    assert ledger.fund_used >= 0 and ledger.residual >= 0
    assert ledger.fund_used >= -ledger.fund_net - 1e-9
    if fund is None:
        assert ledger.residual == 0 and not ledger.taken.any()
        assert not ledger.events.passed.any()
    else:
        assert ledger.fund_used <= float(fund) + 1e-9
    assert ledger.fee.min() >= 0 and ledger.deficit.min() >= 0
    if world.terms.steps == "full":
        assert not (ledger.outcome == PARTLY).any()


@settings(many, max_examples=700)
@given(st.builds(
    small, seeds, st.lists(st.sampled_from([LINEAR, ASSET]), max_size=3).map(
        lambda more: [LINEAR, *more]
    ), st.integers(2, 8), st.integers(2, 12), policies, fund=funds,
    graces=st.sampled_from([0, 0, 4]), gaps=st.sampled_from([0.0, 0.2]),
))  # fmt: skip
def test_cash_adds_up_in_dollars(world: Small) -> None:
    """Wallets less what positions cost, and the fund, less what nobody bore: they change by
    what the market paid."""
    ledger = world.ledger()
    assert total_change(world, ledger) == pytest.approx(0, abs=0.005)


@settings(many, max_examples=500)
@given(st.builds(
    small, seeds, st.just([LINEAR, INVERSE]), st.integers(2, 8), st.just(1), policies,
    fund=funds, gaps=st.just(0.3), holes=st.just(0.02),
))  # fmt: skip
def test_cash_adds_up_in_coins(world: Small) -> None:
    """The same in one second, whose mark tells every coin in dollars."""
    if not np.isnan(world.paths.x).any():
        assert total_change(world, world.ledger()) == pytest.approx(0, abs=0.005)


def total_change(world: Small, ledger: Ledger) -> float:
    units, events = world.units, ledger.events
    inverse = np.zeros(len(units), dtype=bool)
    inverse[units.owners()[world.paths.inverse[units.market]]] = True
    with np.errstate(divide="ignore"):
        coin = np.where(world.paths.inverse, 1 / world.paths.x[:, 0], 1.0)
    worth = np.ones(len(units))
    if inverse.any():
        worth[inverse] = coin[world.paths.inverse][0]
    spent = (units.size - ledger.size) * units.entry
    change = ledger.wallet - units.wallet + np.bincount(units.owners(), spent, len(units))
    paid = outside(events) * events.at + events.size * events.x * (events.kind == SEIZED)
    return float(
        (change * worth).sum() + ledger.fund_net - ledger.residual
        - (paid * coin[events.market]).sum()
    )  # fmt: skip
