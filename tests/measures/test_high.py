"""high: as low, upside down."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from _ticks import T0, Tick, measured, one, same_everywhere, small_lake, window
from liquest.clock import SECOND
from liquest.measures import measure

TRADES = [Tick("1", "2.0", "1"), Tick("2", "3.5", "2"), Tick("2.5", "3.5", "4"), Tick("9", "9")]


def test_the_highest_trade_and_the_first_moment_at_it(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {("coinbase", "ATOM-USD"): TRADES})
    found = measured("high", lake, window(0, 9))
    high = one(found, "high")
    assert (high.value, high.at) == (Decimal("3.5"), T0 + 2 * SECOND)
    assert high.inputs[0].first == 3
    assert (one(found, "high.n_at").value, one(found, "high.volume_at").value) == (2, 6)
    assert (one(found, "high.n_near").value, one(found, "high.volume_near").value) == (3, 7)


def test_high_and_low_are_two_methods() -> None:
    assert not {m.id for m in measure("high").METHODS} & {m.id for m in measure("low").METHODS}
    assert "max(price)" in measure("high").METHODS[0].sql
    assert "max(high)" in measure("high").METHODS[1].sql


def test_every_executor_finds_the_same(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {("coinbase", "ATOM-USD"): TRADES, ("gemini", "X"): TRADES})
    assert len(same_everywhere("high", lake, window(0, 9))) == 10
