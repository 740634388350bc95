"""The ledger's totals, by second and by market, and its events where they are kept."""

from __future__ import annotations

import numpy as np
import pytest
from _aftermaths import Small, worlds
from _worked import NONE, Own, Worked
from hypothesis import HealthCheck, given, settings

from liquest.errors import UsageError
from liquest.replay.aftermath_state import DELEVERAGED, EXECUTED, TAKEN, Events
from liquest.replay.ledger import Journal, notionals, outside
from liquest.replay.units import Paths

near = pytest.approx
PATHS = Paths.of(["A", "B"], np.array([[100.0, 90.0], [50.0, 40.0]]), [False, True], [None, None])


def rows(*of: tuple[int, int, int, float, float, float, float]) -> Events:
    """(kind, unit, market, size, x, at, passed) of each."""
    kind, unit, market, size, x, at, passed = (np.array(v) for v in zip(*of, strict=True))
    nothing = np.zeros(len(of))
    return Events(
        kind.astype(np.int8), unit, market, size, x, at, nothing, nothing, nothing, passed
    )


THREE = rows(
    (EXECUTED, 0, 0, 2.0, 90.0, 88.0, 0.0), (TAKEN, 1, 0, 4.0, 90.0, 85.0, 1.0),
    (TAKEN, 2, 1, -300.0, 0.025, 0.03, 0.0), (DELEVERAGED, 3, 0, -1.0, 90.0, 91.0, 0.0),
)  # fmt: skip


def test_notionals_and_what_goes_to_the_market() -> None:
    assert notionals(PATHS, THREE).tolist() == [180, 360, 300, 90]
    assert outside(THREE).tolist() == [2, 3, -300, 0]


def test_a_journal_adds_up() -> None:
    journal = Journal(PATHS, keep=False)
    journal.add(1, THREE)
    journal.add(1, THREE.until(1))
    journal.add(0, THREE.until(0))
    assert journal.flow.tolist() == [0, 840 + 180] and journal.taken_over == 660
    # Sales below zero, in dollars: a long in an inverse market has a negative size.
    assert journal.forced.tolist() == [[0, -(2 * 88 + 3 * 85 + 2 * 88)], [0, -300]]
    assert journal.kept is None


def test_kept_rows_are_copies() -> None:
    journal = Journal(PATHS, keep=True)
    shared = rows((EXECUTED, 0, 0, 2.0, 90.0, 88.0, 0.0))
    journal.add(0, shared)
    shared.size[0] = 7
    assert journal.kept is not None and journal.kept[0][1].size.tolist() == [2]


def test_events_that_were_not_kept_are_not_made_up() -> None:
    world = Worked({"A": [100, 88]}).world(Own(10, [("A", 1, 100)]))
    ledger = world.ledger(keep=False)
    assert ledger.bankrupt.tolist() == [0]
    with pytest.raises(UsageError, match="were not kept"):
        _ = ledger.events
    with pytest.raises(UsageError, match="were not kept"):
        _ = ledger.second


def test_without_any_event() -> None:
    ledger = Worked({"A": [100, 100]}).live(Own(50, [("A", 1, 100)]))
    assert len(ledger.events.kind) == len(ledger.second) == 0
    assert ledger.notional == ledger.deleveraged == ledger.fund_used == 0
    assert str(ledger.fund_used) == "0.0"
    flow, units = ledger.by_second()
    assert flow.tolist() == units.tolist() == [0, 0]


def test_by_second() -> None:
    ledger = Worked({"A": [100, 94, 94, 86]}).live(
        Own(10, [("A", 1, 100)]), Own(15, [("A", -1, 80)]), Own(13, [("A", 1, 100)]),
        steps="full",
    )  # fmt: skip
    flow, units = ledger.by_second()
    assert ledger.at.tolist() == [1, 0, 3] and units.tolist() == [1, 1, 0, 1]
    assert flow.tolist() == [near(100), near(94), 0, near(86)]
    assert ledger.notional == near(280) and ledger.liquidated.tolist() == [0, 1, 2]


def test_equity_at_the_end_is_unknown_without_a_mark() -> None:
    ledger = Worked({"A": [100, NONE], "B": [1, 2]}).live(
        Own(50, [("A", 1, 100)]), Own(50, [("B", 1, 1)])
    )
    assert np.isnan(ledger.equity[0]) and ledger.equity[1] == 51


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds)
def test_totals_are_those_of_the_events(world: Small) -> None:
    ledger, bare = world.ledger(), world.ledger(keep=False)
    events = ledger.events
    dollars = notionals(world.paths, events)
    hit = np.isin(events.kind, (EXECUTED, TAKEN))
    seconds = world.paths.seconds
    assert ledger.flow == near(np.bincount(ledger.second[hit], dollars[hit], seconds))
    assert ledger.taken_over == near(dollars[events.kind == TAKEN].sum())
    assert ledger.deleveraged == near(
        (np.where(world.paths.inverse[events.market], 1, events.x) * np.abs(events.size))[
            events.kind == DELEVERAGED
        ].sum()
    )
    fees = np.bincount(events.unit[hit], events.fee[hit], len(world.units))
    assert ledger.fee == near(fees)
    assert bare.kept is None
    for name in ("flow", "forced", "wallet", "size", "fee", "at", "outcome"):
        assert np.array_equal(getattr(ledger, name), getattr(bare, name))
