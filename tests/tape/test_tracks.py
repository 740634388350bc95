"""tracks: the finest record, the last known close at a second, and its age."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from _ticks import T0, Tick, small_lake, window
from liquest.clock import DAY, HOUR, MINUTE, SECOND, Window
from liquest.tape.lake import Lake
from liquest.tape.tracks import (
    Closes,
    Track,
    at_seconds,
    by_coin,
    closes,
    seconds_of,
    tracks,
    walk,
)

ATOM = ("coinbase", "ATOM-USD")


def only(lake: Lake, span: Window) -> Track:
    (track,) = tracks(lake, span, per_second=True)
    return track


def prices(lake: Lake, span: Window, max_age: int = 60) -> tuple[list[float], list[int]]:
    track = only(lake, span)
    before = Window("", span.start - (max_age + 1) * SECOND, span.end)
    found, ages = at_seconds(closes(track, before), track, span, max_age)
    return found.tolist(), ages.tolist()


def bars(closes_at: list[str], minutes: int = 1) -> str:
    """A kline file: bars of some minutes from the one on that holds T0."""
    step = minutes * 60_000
    opens = T0 // 1000 // step * step
    head = (
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
        "taker_buy_volume,taker_buy_quote_volume,ignore\n"
    )
    rows = [
        f"{opens + i * step},10,12,9,{close},5,{opens + i * step + step - 1},50,7,1,1,0\n"
        for i, close in enumerate(closes_at)
    ]
    return head + "".join(rows)


BARS = "data/futures/um/daily/klines/ATOMUSDT/1m/ATOMUSDT-1m-2025-10-10.csv"


def test_a_close_counts_from_the_end_of_its_second(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {ATOM: [Tick("2.2", "4.0"), Tick("2.9", "4.1"), Tick(4, "4.2")]})
    found, ages = prices(lake, window(0, 6))
    assert found[2:] == [4.1, 4.1, 4.2, 4.2]
    assert np.isnan(found[:2]).all()
    assert ages == [-1, -1, 0, 1, 0, 1]


def test_a_price_goes_stale_after_max_age_seconds(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {ATOM: [Tick(0, "4.0")]})
    found, ages = prices(lake, window(0, 5), max_age=2)
    assert found[:3] == [4.0, 4.0, 4.0]
    assert np.isnan(found[3:]).all()
    assert ages == [0, 1, 2, 3, 4]


def test_a_price_from_before_the_window_carries_over(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {ATOM: [Tick(-10, "4.0"), Tick(1, "4.1")]})
    found, _ = prices(lake, window(0, 2))
    assert found == [4.0, 4.1]


def test_seconds_that_lie_only_partly_in_the_window_are_left_out() -> None:
    span = Window("", T0 + 300_000, T0 + 3_900_000)
    assert seconds_of(span).tolist() == [T0 + SECOND, T0 + 2 * SECOND]
    assert seconds_of(Window("", T0 + 1, T0 + 2)).tolist() == []


def test_a_bar_is_known_when_it_ends(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, {BARS: bars(["10", "11"])})
    found, _ = prices(lake, window(0, 180))
    assert np.isnan(found[:59]).all()
    assert found[59:119] == [10.0] * 60
    assert found[119:] == [11.0] * 61


def test_a_price_that_is_not_above_zero_is_no_price(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {ATOM: [Tick(0, "4.0")]})
    path = Closes(np.array([T0, T0 + SECOND]), np.array([4.0, 0.0]))
    found, ages = at_seconds(path, only(lake, window(0, 3)), window(0, 3), 60)
    assert found[0] == 4.0
    assert np.isnan(found[1:]).all()
    assert ages.tolist() == [0, 0, 1]


def test_prices_are_per_coin(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {("binance-futures", "1000PEPEUSDT"): [Tick(0, "0.009")]})
    track = only(lake, window(0, 1))
    assert (track.coin, track.instrument.multiplier) == ("PEPE", 1000)
    assert closes(track, window(0, 1)).close.tolist() == [pytest.approx(0.000009)]
    path = walk(track, window(0, 1))
    assert path.low.tolist() == path.high.tolist() == path.open.tolist() == path.close.tolist()
    assert path.n.tolist() == [1]


def test_a_day_without_rows_is_empty_and_no_error(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {ATOM: [Tick(0, "4.0"), Tick(2 * 86_400, "4.1")]})
    track = only(lake, window(0, 3 * 86_400))
    between = Window("", T0 // DAY * DAY + DAY, T0 // DAY * DAY + 2 * DAY)
    assert len(closes(track, between).ts) == len(walk(track, between).ts) == 0


def test_seconds_come_before_bars_and_long_bars_are_no_path(tmp_path: Path) -> None:
    lake = small_lake(
        tmp_path,
        {("binance-futures", "ATOMUSDT"): [Tick(0, "4.0")]},
        {BARS: bars(["10"])},
    )
    assert only(lake, window(0, 60)).record == "seconds"
    assert [t.record for t in tracks(lake, window(0, 60))] == ["trades"]
    long = small_lake(tmp_path / "long", {}, {BARS.replace("1m", "1h"): bars(["10"], minutes=60)})
    assert [t.duration for t in tracks(long, window(0, 60))] == [HOUR]
    assert tracks(long, window(0, 60), per_second=True) == []


def test_a_bar_that_opens_before_the_window_reaches_into_it(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, {BARS: bars(["10"])})
    assert only(lake, window(30, 90)).duration == MINUTE
    assert closes(only(lake, window(30, 90)), window(30, 90)).close.tolist() == [10.0]
    assert tracks(lake, window(60, 90), per_second=True) == []


def test_by_coin_groups_one_kind_of_price(tmp_path: Path) -> None:
    lake = small_lake(
        tmp_path,
        {
            ATOM: [Tick(0, "4")],
            ("gemini", "ATOMUSD"): [Tick(0, "4")],
            ("kraken", "XBT/USD"): [Tick(0, "4")],
        },
    )
    grouped = by_coin(tracks(lake, window(0, 1), per_second=True))
    assert {coin: len(found) for coin, found in grouped.items()} == {"ATOM": 2, "BTC": 1}
    assert by_coin(tracks(lake, window(0, 1)), price="mark") == {}
