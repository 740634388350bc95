"""depth: sums of levels and bands, in USD with contract sizes right."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from _books import World, book_csv, empty, shot, thinned
from _ticks import T0, lake_of, measured, one, outcome, pick, same_everywhere, small_lake, window
from liquest.clock import SECOND
from liquest.measures import _book

D = Decimal
HAND = [
    shot(0, "100x1 99.9x2 99x5", "100.1x1 100.5x4"),
    shot(5, "100x0.5 98x1", "100.1x3"),
    shot(8, "100x9", ""),
]


def test_levels_and_bands_of_a_book_by_hand(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, {"a.csv": book_csv("binance", "ATOMUSDT", HAND, 3)})
    found = measured("depth", lake, window(0, 10), levels=[1, 2], bands=["0.001", "0.02"])
    best = one(found, "depth.least", side="bid", levels="1")
    assert (best.value, best.unit, best.at) == (50, "USD", T0 + 5 * SECOND)
    assert best.caveats == ("stablecoin-unknown", "not-covered")
    assert [i.first for i in best.inputs if i.role == "extreme"] == [3]
    assert one(found, "depth.least", side="ask", levels="2").value == 0
    # Seconds 0-4 hold 1 and 2 at 100 and 99.9, 5-7 half a coin at 100, 8-9 nine.
    assert one(found, "depth.median", side="bid", levels="1").value == 100
    assert one(found, "depth.median", side="bid", levels="2").value == D("299.80")
    # 0.1 % of the middle 100.05 reaches to 99.95; 98 lies beyond 2 % of it by 0.05.
    assert one(found, "depth.least", side="bid", band="0.001").value == 50
    assert one(found, "depth.median", side="bid", band="0.02").value == D("794.80")
    assert one(found, "depth.covered").value == 10


def test_a_side_that_is_empty_counts_as_nothing(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, {"a.csv": book_csv("binance", "ATOMUSDT", HAND, 3)})
    found = measured("depth", lake, window(8, 10), levels=[1], bands=["0.02"])
    assert one(found, "depth.least", side="ask", levels="1").value == 0
    # Without a middle there is no band.
    assert pick(found, "depth.median", side="ask", band="0.02") == []


def test_the_same_book_in_coins_in_contracts_and_inverse(tmp_path: Path) -> None:
    world = World(seconds=30)
    files: dict[str, str] = {}
    for market, symbol in (
        ("binance-futures", "BTCUSDT"), ("okex-swap", "BTC-USDT-SWAP"),
        ("binance-delivery", "BTCUSD_PERP"), ("okex-swap", "FIL-USDT-SWAP"),
    ):  # fmt: skip
        files |= world.files(market, symbol)
    lake = small_lake(tmp_path, {}, files)
    found = measured("depth", lake, window(0, 30), levels=[10], bands=[])
    coins, contracts, inverse, unknown = (
        one(found, "depth.least", side="bid", levels="10", instrument=name)
        for name in ("BTCUSDT", "BTC-USDT-SWAP", "BTCUSD_PERP", "FIL-USDT-SWAP")
    )
    assert isinstance(coins.value, Decimal) and isinstance(contracts.value, Decimal)
    assert coins.value == contracts.value * 100
    sizes = min(sum(x.size for x in s.bids[:10]) for s in world.shots)
    assert (inverse.value, inverse.unit, inverse.caveats) == (sizes * 100, "USD", ())
    assert (unknown.value, unknown.unit) == (sizes, "contracts")
    assert "contract-size-unknown" in unknown.caveats


def test_a_thin_stretch_is_found_where_it_was_planted(tmp_path: Path) -> None:
    world = World(seconds=120).faulty(60, 70, thinned("0.05"))
    lake = small_lake(tmp_path, {}, world.files())
    (low,) = pick(measured("depth", lake, window(0, 120), levels=[20]), "depth.least",
                  side="ask", levels="20")  # fmt: skip
    assert low.at is not None and 60 * SECOND <= low.at - T0 < 70 * SECOND
    exact = min(sum(x.price * x.size for x in s.asks[:20]) for s in world.shots)
    assert low.value == exact


def test_a_book_is_known_for_as_long_as_it_may_hold(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, {"a.csv": book_csv("binance", "ATOMUSDT", HAND[:1], 3)})
    # At the end of second 9 it is ten seconds old.
    assert one(measured("depth", lake, window(0, 60), max_age=9), "depth.covered").value == 9
    lake = small_lake(tmp_path / "two", {}, {"a.csv": book_csv("binance", "ATOMUSDT", HAND[:2], 3)})
    # What stood before the window holds into it; its least is one of the window's own.
    before = measured("depth", lake, window(3, 60), max_age=9)
    assert one(before, "depth.covered").value == 11
    assert one(before, "depth.least", side="bid", levels="1").value == 50


def test_best_quotes_stand_in_for_a_book_of_one_level(tmp_path: Path) -> None:
    text = (
        "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount\n"
        f"binance,ATOMUSDT,{T0},{T0},2,4.1,4,3\n"
    )
    lake = small_lake(tmp_path, {}, {"binance_quotes.csv": text})
    found = measured("depth", lake, window(0, 5), bands=[])
    assert [(f.value, f.params["levels"]) for f in pick(found, "depth.least")] == [
        (12, 1), (D("8.2"), 1),
    ]  # fmt: skip


def test_depth_by_bands_stands_as_the_venue_gives_it(tmp_path: Path) -> None:
    text = "timestamp,percentage,depth,notional\n" + "".join(
        f"2025-10-10 21:20:{s:02d},{p},{d},{n}\n"
        for s, p, d, n in ((0, -1, 2, 8), (0, 1, 3, 13), (30, -1, 1, 4), (30, 1, 5, 21))
    )
    lake = small_lake(tmp_path, {}, {"ATOMUSDT-bookDepth-2025-10-10.csv": text})
    found = measured("depth", lake, window(0, 60))
    low = one(found, "depth.least", side="bid")
    assert (low.value, low.unit, low.at) == (4, "USD", T0 + 30 * SECOND)
    assert low.params["band"] == D("0.01") and "as-published" in low.caveats
    assert one(found, "depth.median", side="ask").value == 17


def test_without_books_the_measure_says_so(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {("binance", "ATOMUSDT"): World(seconds=3).trades})
    found, problems = outcome("depth", lake, window(0, 5))
    assert found == [] and [p.code for p in problems] == ["no-books"]
    assert problems[0].text.zh.endswith("：w")


def test_every_executor_finds_the_same_in_pieces(tmp_path: Path, monkeypatch: object) -> None:
    world = World(seconds=40).faulty(10, 12, empty("bid"))
    lake = small_lake(tmp_path, {}, world.files())
    same_everywhere("depth", lake, window(0, 40))


def test_pieces_give_what_the_whole_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(seconds=60).faulty(20, 25, thinned("0.1"))
    lake = small_lake(tmp_path, {}, world.files())
    for name in ("depth", "spread", "uptime"):
        whole = [f.json() for f in measured(name, lake, window(0, 60))]
        with monkeypatch.context() as patched:
            patched.setattr(_book, "BUSY", 7)
            assert [f.json() for f in measured(name, lake, window(0, 60))] == whole, name


def test_the_real_depth_file(shared_data: Path, tmp_path: Path) -> None:
    files = sorted(shared_data.rglob("BTCUSDT-bookDepth-2025-10-10*"))
    span = window("2025-10-10T12:00:00Z", "2025-10-10T12:30:00Z", "noon")
    found = measured("depth", lake_of(tmp_path, files), span)
    bid = one(found, "depth.median", side="bid", band="0.01")
    assert bid.unit == "USD" and 300_000_000 < int(bid.value or 0) < 400_000_000
    assert bid.count == 60
