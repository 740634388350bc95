"""series: exact bars of one instrument, their rows, and the close known at a second."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from _asking import CASE

from _ticks import T0, Tick, lake_of, small_lake, window
from liquest.clock import MINUTE, SECOND
from liquest.findings import Input
from liquest.instruments import LINEAR, SPOT
from liquest.replay.series import finest, paths, scanned, series
from liquest.tape.lake import Lake
from liquest.tape.tracks import tracks

ATOM = ("coinbase", "ATOM-USD")
PEPE = ("binance-futures", "1000PEPEUSDT")
TICKS = [Tick(0, "4"), Tick("0.5", "3"), Tick(2, "5"), Tick(9, "4.5")]


def test_bars_are_exact_with_the_lines_behind_them(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {ATOM: TICKS})
    found = finest(lake, window(0, 10), "coinbase", "ATOM-USD", SPOT)
    assert found is not None and len(found) == 3 and not found.coarse
    first = next(iter(found))
    prices = [first.open, first.high, first.low, first.close]
    assert (first.ts, first.n) == (T0, 2) and prices == [4, 4, 3, 3]
    # Line 1 of the file is the header.
    assert first.decisive == Input(first.source, 2, 3, "extreme")
    assert found.inputs == (Input(first.source, 2, 5),)
    assert scanned(found.bars[1:2]) == (Input(first.source, 4, 4),)
    assert scanned([]) == ()


def test_only_bars_that_lie_whole_in_the_window(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {ATOM: TICKS})
    (track,) = tracks(lake, window(0, 10), per_second=True)
    cut = series(track, type(window(0, 1))("w", T0 + 1, T0 + 9 * SECOND + 1))
    assert [b.ts for b in cut] == [T0 + 2 * SECOND]
    assert series(track, window(100, 200)).bars == ()
    assert series(track, window(100, 200)).inputs == ()


def test_prices_are_per_coin(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {PEPE: [Tick(0, "0.007")]})
    found = finest(lake, window(0, 10), "binance", "1000PEPEUSDT", LINEAR)
    assert found is not None and found.bars[0].close == Decimal("0.000007")


def test_the_close_known_at_a_second(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {ATOM: TICKS})
    found = finest(lake, window(0, 15), "coinbase", "ATOM-USD", SPOT)
    assert found is not None
    assert found.at(T0 - SECOND, 60) is None
    known = [found.at(T0 + s * SECOND, 3) for s in range(15)]
    assert [None if b is None else b.close for b in known] == [
        3, 3, 5, 5, 5, 5, None, None, None, Decimal("4.5"), Decimal("4.5"), Decimal("4.5"),
        Decimal("4.5"), None, None,
    ]  # fmt: skip


def test_a_track_that_is_not_there(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {ATOM: TICKS})
    assert finest(lake, window(0, 10), "binance", "ATOMUSDT", SPOT) is None
    assert finest(lake, window(100, 200), "coinbase", "ATOM-USD", SPOT) is None
    (ticks,) = tracks(lake, window(0, 10))
    with pytest.raises(ValueError, match="made of bars"):
        series(ticks, window(0, 10))


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = CASE / "facts"
    return lake_of(
        tmp_path_factory.mktemp("series"),
        [folder / "bars_minutes.parquet", folder / "usde_onchain.parquet"],
    )


def test_doubles_and_decimals_tell_the_same(facts: Lake) -> None:
    span = window("2025-10-10T21:20:00Z", "2025-10-10T21:50:00Z")
    for venue in ("binance", "uniswap"):
        found = finest(facts, span, venue, "USDEUSDT", SPOT)
        assert found is not None and found.coarse and found.duration == MINUTE
        assert len(found) == 30
        for max_age in (0, 30, 3600):
            prices, ages = found.at_seconds(max_age)
            for place, price in enumerate(prices):
                bar = found.at(span.start + place * SECOND, max_age)
                assert np.isnan(price) if bar is None else price == float(bar.close)
                if bar is not None:
                    assert ages[place] <= max_age


def test_paths_are_of_trades_and_fine_enough(facts: Lake) -> None:
    span = window("2025-10-10T21:20:00Z", "2025-10-10T21:30:00Z")
    assert paths(facts, span) == []
    keys = [t.instrument.key for t in paths(facts, span, longest=MINUTE)]
    assert "binance:spot:USDEUSDT" in keys and "binance:linear-perpetual:BTCUSDT" in keys
    assert "binance:inverse-perpetual:BTCUSD_PERP" not in keys  # a mark is no trade
    marks = paths(facts, span, longest=MINUTE, price="mark")
    assert [t.instrument.symbol for t in marks] == ["BTCUSD_PERP"]
