"""What more of something does to an aftermath: fund, grace, time, workers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
from _aftermaths import Small, markets, policies, seeds, small, worlds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liquest.replay.aftermath_state import TAKEN, Events
from liquest.run.executor import Threads

D = Decimal
some = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def same_rows(one: Events, other: Events) -> bool:
    """Bit for bit."""
    pairs: list[tuple[Any, Any]] = list(zip(one, other, strict=True))
    return all(np.array_equal(np.nan_to_num(a), np.nan_to_num(b)) for a, b in pairs)


@some
@given(st.builds(
    small, seeds, markets, st.integers(2, 8), st.just(1), policies, fund=st.just(D(0)),
    pledges=st.just(False), gaps=st.just(0.3),
), st.integers(0, 3000), st.integers(0, 3000))  # fmt: skip
def test_a_larger_fund_leaves_less_in_a_wave(world: Small, one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert lacked(world, high) <= lacked(world, low) * (1 + 1e-9) + 1e-9


def lacked(world: Small, fund: int) -> float:
    """What the fund could not bear of the takeovers, in dollars."""
    ledger = world.with_(fund=D(fund)).ledger()
    events = ledger.events
    rows = np.flatnonzero(events.kind == TAKEN)
    units, first = np.unique(events.unit[rows], return_index=True)
    share = np.abs(events.passed / events.size)[rows[first]]
    return float((share * ledger.deficit[units]).sum())


@some
@given(worlds, st.integers(0, 12), st.integers(0, 12))
def test_a_longer_grace_liquidates_no_earlier(world: Small, one: int, other: int) -> None:
    low, high = sorted((one, other))
    free = world.with_(fund=None, clears="at-once")
    sooner, later = free.graced(low).ledger(), free.graced(high).ledger()
    assert (sooner.first == later.first).all()
    never = later.at < 0
    assert (never | ((sooner.at >= 0) & (later.at >= sooner.at))).all()


@some
@given(worlds)
def test_the_same_input_gives_the_same_ledger(world: Small) -> None:
    before = [np.array(getattr(world.units, n)) for n in ("wallet", "size", "entry")]
    ledgers = [world.ledger(), world.ledger(), world.ledger(Threads(3))]
    for later in ledgers[1:]:
        for name in ("first", "at", "outcome", "open_", "wallet", "size", "fee", "lost",
                     "deficit", "taken", "forgone", "second", "forced"):  # fmt: skip
            assert np.array_equal(getattr(ledgers[0], name), getattr(later, name)), name
        assert same_rows(ledgers[0].events, later.events)
        assert (later.residual, later.fund_net) == (ledgers[0].residual, ledgers[0].fund_net)
    after = [getattr(world.units, n) for n in ("wallet", "size", "entry")]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


@some
@given(worlds)
def test_a_fund_that_suffices_is_one_without_limit(world: Small) -> None:
    free, rich = world.with_(fund=None).ledger(), world.with_(fund=D(10) ** 12).ledger()
    assert np.array_equal(free.size, rich.size) and np.array_equal(free.at, rich.at)
    assert free.fund_net == rich.fund_net and free.fund_used == rich.fund_used


@some
@given(worlds, st.integers(0, 11))
def test_what_comes_later_changes_nothing_before(world: Small, cut: int) -> None:
    cut = 1 + cut % world.paths.seconds
    ledger = world.ledger()
    short = replace(
        world, paths=world.paths.marked(world.paths.x[:, :cut]), last=world.last[:, :cut]
    ).ledger()
    early = ledger.second < cut
    assert np.array_equal(ledger.second[early], short.second)
    assert same_rows(ledger.events.first(int(early.sum())), short.events)
    assert np.array_equal(np.where(ledger.at < cut, ledger.at, -1), short.at)
    assert np.array_equal(np.where(ledger.first < cut, ledger.first, -1), short.first)
