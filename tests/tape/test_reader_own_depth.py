"""Depth by minute that Liquest derives: read as it was written, and made as it says."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from _tape import read_path
from liquest.clock import MINUTE

ROOT = Path(__file__).parents[2]
D = Decimal


@pytest.fixture
def derive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """tools/derive_depth.py as a module."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    yield importlib.import_module("derive_depth")
    sys.modules.pop("derive_depth", None)


def test_the_facts_are_read_as_depth() -> None:
    got = read_path(ROOT / "cases" / "2025-10-11" / "facts" / "depth_bands.parquet")
    assert (got.loaded.format, got.loaded.record) == ("liquest-depth", "depth")
    assert got.keys == ["binance:linear-perpetual:BTCUSDT"] and got.codes == []
    assert {row["percentage"] for row in got.rows} == {-1, 1}
    assert {row["duration"] for row in got.rows} == {MINUTE}
    assert len(got.rows) == 2 * 1440 and sum(row["n"] for row in got.rows) == 2 * 2879
    for row in got.rows:
        assert row["low_depth"] <= row["depth"] <= row["high_depth"]
        # Each of the three is one snapshot: its average price is one that snapshots had.
        averages = [row[f"{k}notional"] / row[f"{k}depth"] for k in ("low_", "", "high_")]
        assert all(D(90_000) < a < D(130_000) for a in averages)


def test_the_minutes_hold_least_middle_and_most(derive: Any) -> None:
    rows = [
        (MINUTE + 1, D(-1), D(5), D(50)), (MINUTE + 30, D(-1), D(3), D(33)),
        (MINUTE + 59, D(-1), D(4), D(44)), (MINUTE, D(1), D(7), D(70)),
        (3 * MINUTE, D(1), D(1), D(9)),
    ]  # fmt: skip
    bids, asks, later = derive.minutes_of(rows)
    assert (bids.ts, bids.percentage, bids.n) == (MINUTE, -1, 3)
    assert [tuple(s) for s in (bids.least, bids.middle, bids.most)] == [(3, 33), (4, 44), (5, 50)]
    assert asks.least == asks.middle == asks.most == (7, 70)
    assert later.ts == 3 * MINUTE


def test_the_facts_are_made_again_from_the_file(
    derive: Any, shared_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "facts").mkdir()
    (folder,) = {p.parent.parent for p in shared_data.rglob("BTCUSDT-bookDepth-2025-10-10*")}
    derive.main(folder, tmp_path)
    again = read_path(tmp_path / "facts" / "depth_bands.parquet").rows
    held = read_path(ROOT / "cases" / "2025-10-11" / "facts" / "depth_bands.parquet").rows
    assert again == held
