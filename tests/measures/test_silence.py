"""silence: the longest spell without a trade or an update, against the usual."""

from __future__ import annotations

import math
import tempfile
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _ticks import HEADER, T0, Tick, one, outcome, pick, same_everywhere, small_lake, window
from liquest.clock import DAY, SECOND
from liquest.findings import Finding, rounded
from liquest.measures import silence
from liquest.tape.lake import Lake

SPAN = window(0, 100)
ATOM = ("binance", "ATOMUSDT")
KLINES = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore\n"
)


def every(step: int, start: int, end: int) -> list[Tick]:
    return [Tick(at, "4") for at in range(start, end, step)]


def minutes(folder: str, *counts: int, volume: int = 7) -> dict[str, str]:
    """One-minute bars from two minutes before T0 on, with so many trades or updates."""
    text = KLINES
    for at, count in enumerate(counts, start=-2):
        opens = T0 // 1000 + at * 60_000
        text += f"{opens},4,4,4,4,{volume if count else 0},{opens + 59_999},10,{count},1,1,0\n"
    return {f"data/futures/um/daily/{folder}/ATOMUSDT/1m/ATOMUSDT-1m-2025-10-10.csv": text}


def values(found: list[Finding]) -> dict[str, Decimal]:
    return {f.name.removeprefix("silence."): Decimal(str(f.value)) for f in found}


def test_longest_expected_and_ratio_by_hand(tmp_path: Path) -> None:
    # before: one moment every 2 s, with the fills of one order on each
    before = [t for t in every(2, -100, 0) for _ in range(3)]
    trades = [
        *before,
        Tick(0, "4"),
        Tick(10, "4"),
        Tick("50.25", "4"),
        Tick(99, "4"),
        Tick(200, "4"),
    ]
    found = same_everywhere("silence", small_lake(tmp_path, {ATOM: trades}), SPAN)
    expected = (math.log(0.5 * 100) + 0.36651292) / 0.5
    assert values(found) == {
        "longest": Decimal("48.75"),
        "before": Decimal(2),
        "expected": rounded(expected, 6),
        "ratio": rounded(48.75 / expected, 3),
    }
    longest = one(found, "silence.longest")
    assert (longest.at, longest.unit) == (Tick("50.25", "").ts, "s")
    assert longest.params["until"] == "2025-10-10T21:21:39.000000Z"
    assert (longest.params["moments"], longest.params["moments_before"]) == (4, 50)
    assert longest.caveats == ()
    rows = [(i.first, i.last) for i in longest.inputs if i.role == "extreme"]
    assert rows == [(154, 154), (155, 155)]


@pytest.mark.parametrize(
    ("inside", "longest", "at"),
    [([70], 70, 0), ([20], 80, 20), ([], 100, 0)],
    ids=["before the first trade", "after the last", "no trade at all"],
)
def test_edges_count(tmp_path: Path, inside: list[int], longest: int, at: int) -> None:
    trades = [*every(5, -100, 0), *(Tick(a, "4") for a in inside), Tick(150, "4")]
    found = one(
        outcome("silence", small_lake(tmp_path, {ATOM: trades}), SPAN)[0], "silence.longest"
    )
    assert (found.value, found.at) == (longest, T0 + at * SECOND)


def test_beyond_the_data_there_is_absence_not_silence(tmp_path: Path) -> None:
    found = outcome("silence", small_lake(tmp_path, {ATOM: every(4, 40, 60)}), SPAN)[0]
    assert [f.name for f in found] == ["silence.longest"]
    assert (found[0].value, found[0].at) == (4, T0 + 40 * SECOND)
    assert found[0].caveats == ("no-baseline", "not-covered")
    assert found[0].params["seconds"] == 16


def test_one_moment_alone_is_no_silence(tmp_path: Path) -> None:
    found, problems = outcome("silence", small_lake(tmp_path, {ATOM: [Tick(5, "4")]}), SPAN)
    assert (found, [p.code for p in problems]) == ([], ["nothing-to-compare"])


def test_less_before_than_the_window_is_long(tmp_path: Path) -> None:
    trades = [*every(5, -20, 100), Tick(100, "4")]
    found = outcome("silence", small_lake(tmp_path, {ATOM: trades}), SPAN)[0]
    assert one(found, "silence.ratio").caveats == ("short-baseline", "thin-baseline")
    # 4 moments in 20 s, 20 expected in the window
    assert values(found)["expected"] == rounded((math.log(20) + 0.36651292) / 0.2, 6)


def test_a_rate_so_low_that_the_formula_ends(tmp_path: Path) -> None:
    known = [Tick(-20_000, "4"), Tick(-10, "4")]
    lake = small_lake(tmp_path / "one", {ATOM: [*known, Tick(9000, "4")]})
    found = outcome("silence", lake, window(0, 5000))[0]
    # one moment in 5000 s before: N = 1, ln N = 0
    assert values(found)["expected"] == rounded(-math.log(math.log(2)) * 5000, 6)
    # the data end within the window: N = 0.6, so all of it may pass
    lake = small_lake(tmp_path / "less", {ATOM: [*known, Tick(3000, "4")]})
    assert values(outcome("silence", lake, window(0, 5000))[0])["expected"] == 3000


def test_bars_count_whole_empty_bars(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, minutes("klines", 5, 5, 5, 0, 0, 3, 1))
    found = same_everywhere("silence", lake, window(0, 300))
    longest = one(found, "silence.longest")
    assert (longest.value, longest.at) == (120, T0 + 60 * SECOND)
    assert longest.params["resolution"] == "60s"
    assert {"bar-resolution", "short-baseline"} <= {*longest.caveats}
    # both bars before had trades: p is held at 1 - 1/4
    rate = math.log(4) / 60
    expected = (math.log(2 / 120 * 300) + 0.36651292) / rate
    assert values(found)["expected"] == rounded(expected, 6)


def test_marks_and_updates_have_silences_of_their_own(tmp_path: Path) -> None:
    quotes = "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount\n"
    for at in (*range(-100, 0), 30, 100):
        ts = T0 + at * SECOND
        quotes += f"binance,ATOMUSDT,{ts},{ts},1,4.1,4,1\n"
    ticker = (
        "exchange,symbol,timestamp,local_timestamp,funding_timestamp,funding_rate,"
        "predicted_funding_rate,open_interest,last_price,index_price,mark_price\n"
    )
    for at in (-3, 60, 101):
        ts = T0 + at * SECOND
        ticker += f"binance-futures,ATOMUSDT,{ts},{ts},,,,5,4,4,4\n"
    lake = small_lake(
        tmp_path,
        {},
        {
            "binance_quotes_ATOMUSDT.csv": quotes,
            "binance-futures_derivative_ticker_ATOMUSDT.csv": ticker,
            **minutes("markPriceKlines", 9, 9, 0, 9, volume=0),
        },
    )
    found = outcome("silence", lake, SPAN)[0]
    longest = {f.subject["price"]: f.value for f in pick(found, "silence.longest")}
    assert longest == {"quote": 70, "ticker": 60, "mark": 60}
    assert one(found, "silence.before", price="quote").value == 1


def test_bars_of_a_quarter_hour_say_nothing(tmp_path: Path) -> None:
    bars = {
        name.replace("1m", "15m"): text.replace("59999", "899999")
        for name, text in minutes("klines", 5).items()
    }
    lake = small_lake(tmp_path, {}, bars)
    assert outcome("silence", lake, SPAN)[0] == []


gaps = st.lists(st.integers(0, 40), min_size=2, max_size=60)


@settings(max_examples=25, deadline=None)
@given(gaps, st.integers(1, 9))
def test_pieces_and_a_slow_obvious_walk_agree(waits: list[int], busy: int) -> None:
    at, trades = -300, []
    for wait in waits:
        at += wait
        trades.append(Tick(at, "4"))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        lake = small_lake(Path(folder), {ATOM: trades})
        whole = outcome("silence", lake, SPAN)
        patch.setattr(silence, "BUSY", busy)
        assert outcome("silence", lake, SPAN) == whole
    first, last = trades[0].ts, trades[-1].ts
    start, end = max(SPAN.start, first), min(SPAN.end, last)
    moments = [start, *sorted({t.ts for t in trades if start <= t.ts < end}), end]
    longest = [f for f in whole[0] if f.name == "silence.longest"]
    if end > start:
        spell = max(b - a for a, b in pairwise(moments))
        assert longest[0].value == Decimal(spell) / SECOND
    else:
        assert longest == []


def test_days_without_data_between_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "BUSY", 1)
    day = DAY // SECOND
    trades = [Tick(0, "4"), Tick(1, "4"), Tick(4 * day, "4"), Tick(4 * day + 1, "4")]
    lake = small_lake(tmp_path, {ATOM: trades})
    found = outcome("silence", lake, window(0, 5 * day))[0]
    assert values(found)["longest"] == 4 * day - 1


def test_an_empty_tick_file_is_no_silence(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, {"binance_trades_ATOMUSDT.csv": HEADER})
    assert [p.code for p in outcome("silence", lake, SPAN)[1]] == ["nothing-to-compare"]


def test_the_minutes_of_the_day(real_lake: Lake) -> None:
    crash = window("2025-10-10T21:10:00Z", "2025-10-10T21:40:00Z")
    found, problems = outcome("silence", real_lake, crash)
    assert problems == []
    wld = one(found, "silence.longest", instrument="WLDUSD_PERP")
    assert (wld.value, wld.params["until"]) == (Decimal("24.3"), "2025-10-10T21:20:57.638000Z")
    # longer than anything in the half hour before, while for AVAX the pause before was longer
    assert one(found, "silence.before", instrument="WLDUSD_PERP").value == Decimal("11.517")
    assert one(found, "silence.longest", instrument="AVAXUSD_PERP").value == Decimal("8.863")
    assert one(found, "silence.before", instrument="AVAXUSD_PERP").value == Decimal("41.218")
    btc = one(found, "silence.longest", venue="gemini", instrument="BTCUSD")
    assert btc.value == Decimal("409.389")
