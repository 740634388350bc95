"""spread: best ask less best bid, and what is no spread."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from _books import World, book_csv, crossed, shot, wide
from _ticks import T0, measured, one, outcome, pick, small_lake, window
from liquest.clock import SECOND

D = Decimal


def test_a_book_by_hand(tmp_path: Path) -> None:
    shots = [
        shot(0, "99.5x1", "100.5x1"), shot(2, "99x1", "101x1"), shot(4, "100x1", ""),
        shot(6, "101x1", "100x1"), shot(8, "100x1", "100x1"),
    ]  # fmt: skip
    lake = small_lake(tmp_path, {}, {"a.csv": book_csv("coinbase", "ATOM-USD", shots, 1)})
    found = measured("spread", lake, window(0, 10), beyond_bps=["100", "150"])
    assert one(found, "spread.covered").value == 10
    # 100 bps for two seconds and 200 for two; then no ask, crossed, locked.
    assert one(found, "spread.median").value == 150
    widest = one(found, "spread.widest")
    assert (widest.value, widest.unit, widest.at) == (200, "bps", T0 + 2 * SECOND)
    assert [i.first for i in widest.inputs if i.role == "extreme"] == [3]
    assert one(found, "spread.beyond", threshold="100").value == 2
    assert one(found, "spread.beyond", threshold="150").value == 2
    assert one(found, "spread.one_sided").value == 2
    assert one(found, "spread.inverted").value == 4


def test_planted_stretches_are_counted_exactly(tmp_path: Path) -> None:
    world = World(seconds=100).faulty(10, 14, wide("2")).faulty(50, 57, crossed("1"))
    lake = small_lake(tmp_path, {}, world.files())
    found = measured("spread", lake, window(0, 100), beyond_bps=["10"])
    assert one(found, "spread.beyond").value == 4
    assert one(found, "spread.inverted").value == 7
    (widest,) = pick(found, "spread.widest")
    assert widest.at is not None and 10 <= (widest.at - T0) // SECOND < 14
    assert abs(D(str(one(found, "spread.median").value)) - 1) < D("0.01")


def test_a_book_that_is_never_two_sided_has_no_spread(tmp_path: Path) -> None:
    shots = [shot(0, "99.5x1", ""), shot(1, "", "100x1")]
    lake = small_lake(tmp_path, {}, {"a.csv": book_csv("coinbase", "ATOM-USD", shots, 1)})
    found = measured("spread", lake, window(0, 3))
    assert {f.name: f.value for f in found} == {
        "spread.covered": 3, "spread.one_sided": 3, "spread.inverted": 0,
    }  # fmt: skip


def test_without_books_the_measure_says_so(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {("binance", "ATOMUSDT"): World(seconds=3).trades})
    found, problems = outcome("spread", lake, window(0, 5), window(5, 9, "later"))
    assert found == [] and [p.text.en for p in problems] == [
        "spread: no order books at hand in: w, later"
    ]
