"""wick: candles that reach far out of their body on one venue alone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from _ticks import T0, Tick, measured, one, pick, small_lake, window
from liquest.clock import MINUTE, SECOND, parse_time
from liquest.errors import CaseError
from liquest.run.executor import Threads
from liquest.tape.lake import Lake

BINANCE = ("binance", "ATOMUSDT")
COINBASE = ("coinbase", "ATOM-USD")
GEMINI = ("gemini", "ATOMUSD")
MINUTES = window(0, 300)


def candle(minute: int, *prices: str) -> list[Tick]:
    """A minute of trades, ten seconds apart."""
    return [Tick(minute * 60 + 10 * i, price) for i, price in enumerate(prices)]


def quiet(start: int, end: int, price: str = "4") -> list[Tick]:
    return [t for minute in range(start, end) for t in candle(minute, price, price)]


def lake_with(folder: Path, middle: Sequence[str], **others: Sequence[str]) -> Lake:
    """Binance with a candle in minute 2 after a quiet hour; others as given in that minute."""
    tape = {BINANCE: [*quiet(-30, 2), *candle(2, *middle), *quiet(3, 5)]}
    for name, prices in others.items():
        market = {"coinbase": COINBASE, "gemini": GEMINI}[name]
        tape[market] = [*quiet(-30, 2), *candle(2, *prices), *quiet(3, 5)]
    return small_lake(folder, tape)


def test_a_lower_wick_of_one_venue(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, ["4", "1", "2", "1", "3.8"], coinbase=["4", "3.96", "4"])
    found = measured("wick", lake, MINUTES)
    wick = one(found, "wick.lower")
    assert (wick.value, wick.unit) == (Decimal("0.736842"), "ratio")
    assert wick.subject == {
        "coin": "ATOM", "venue": "binance", "instrument": "ATOMUSDT", "kind": "spot",
        "price": "trade", "against": "other venues",
    }  # fmt: skip
    # The first trade at the low, of five in the minute.
    assert (wick.at, wick.count) == (T0 + 2 * MINUTE + 10 * SECOND, 5)
    assert wick.params["minute"] == "2025-10-10T21:22:00Z"
    assert wick.params["threshold"] == Decimal("0.02")
    assert wick.params["others"] == ["coinbase:spot:ATOM-USD"]
    assert (wick.params["others_trades"], wick.params["others_largest"]) == (3, Decimal("0.01"))
    assert wick.caveats == ("thin-others",)
    assert [i.role for i in wick.inputs] == ["extreme", "scanned", "scanned"]
    low_row = 2 + 2 * 32 + 1
    assert wick.inputs[0][1:] == (low_row, low_row, "extreme")


def test_an_upper_wick_and_the_counts(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, ["4", "6", "3.9", "5"], coinbase=["4", "4"])
    found = measured("wick", lake, MINUTES)
    assert one(found, "wick.upper").value == Decimal("0.2")
    assert one(found, "wick.upper").at == T0 + 2 * MINUTE + 10 * SECOND
    counts = {
        (f.subject["venue"], f.params["direction"]): (f.value, f.count, f.unit)
        for f in pick(found, "wick.count")
    }
    # 3.9 below a body from 4 on is a lower wick of 2.5 %.
    assert counts == {
        ("binance", "upper"): (1, 5, "candles"), ("binance", "lower"): (1, 5, "candles"),
        ("coinbase", "upper"): (0, 5, "candles"), ("coinbase", "lower"): (0, 5, "candles"),
    }  # fmt: skip


def test_a_wick_that_another_venue_shows_too_is_none(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, ["4", "1", "4"], coinbase=["4", "4"], gemini=["4", "3", "4"])
    assert pick(measured("wick", lake, MINUTES), "wick.lower") == []


def test_the_other_direction_does_not_excuse(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, ["4", "1", "4"], coinbase=["4", "9", "4"])
    found = measured("wick", lake, MINUTES)
    assert one(found, "wick.lower").subject["venue"] == "binance"
    assert one(found, "wick.upper").subject["venue"] == "coinbase"


def test_without_another_venue_in_that_minute_nothing_is_said(tmp_path: Path) -> None:
    tape = {BINANCE: [*quiet(-30, 2), *candle(2, "4", "1", "4")], COINBASE: quiet(-30, 2)}
    lake = small_lake(tmp_path, tape)
    found = measured("wick", lake, MINUTES)
    assert pick(found, "wick.lower") == []
    assert one(found, "wick.count", venue="binance", direction="lower").count == 2
    alone = small_lake(tmp_path / "alone", {BINANCE: [*quiet(-30, 2), *candle(2, "4", "1", "4")]})
    assert measured("wick", alone, MINUTES) == []


def test_instruments_of_the_same_venue_do_not_excuse(tmp_path: Path) -> None:
    tape = {
        m: [*quiet(-30, 2), *candle(2, "4", "1", "4")] for m in (BINANCE, ("binance", "ATOMUSDC"))
    }
    lake = small_lake(tmp_path, {**tape, COINBASE: quiet(-30, 5)})
    wicks = pick(measured("wick", lake, MINUTES), "wick.lower")
    assert [w.subject["instrument"] for w in wicks] == ["ATOMUSDC", "ATOMUSDT"]


def test_the_threshold_rises_with_the_instruments_own_hour(tmp_path: Path) -> None:
    # Lower wicks of 5 % and 10 % by turns: median 7.5 %, MAD 2.5 %.
    own = [t for m in range(-30, 0) for t in candle(m, "4", "3.8" if m % 2 else "3.6", "4")]
    tape = {
        BINANCE: [*own, *candle(1, "4", "2.3", "4"), *candle(2, "4", "2.2", "4")],
        COINBASE: quiet(-30, 5),
    }
    found = measured("wick", small_lake(tmp_path, tape), MINUTES)
    wick = one(found, "wick.lower")
    assert wick.params["threshold"] == Decimal("0.44565")
    assert wick.value == Decimal("0.45")


def test_fewer_than_ten_minutes_are_no_baseline(tmp_path: Path) -> None:
    wild = [t for m in range(-9, 0) for t in candle(m, "4", "2", "4")]
    tape = {BINANCE: [*wild, *candle(1, "4", "3.9", "4")], COINBASE: quiet(-30, 5)}
    lake = small_lake(tmp_path, tape)
    wick = one(measured("wick", lake, MINUTES), "wick.lower")
    assert (wick.value, wick.params["threshold"]) == (Decimal("0.025"), Decimal("0.02"))
    assert "no-baseline" in wick.caveats
    counts = pick(measured("wick", lake, MINUTES), "wick.count", venue="coinbase")
    assert all(f.caveats == () for f in counts)
    assert pick(measured("wick", lake, MINUTES, min_baseline=9), "wick.lower") == []


def test_exactly_at_the_floor_is_not_beyond_it(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, ["4", "3.92", "4"], coinbase=["4", "4"])
    assert pick(measured("wick", lake, MINUTES), "wick.lower") == []
    assert len(pick(measured("wick", lake, MINUTES, floor="0.0199"), "wick.lower")) == 1


def test_minutes_that_the_window_cuts_are_left_out(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, ["4", "1", "4"], coinbase=["4", "4"])
    assert pick(measured("wick", lake, window(130, 300)), "wick.lower") == []
    assert pick(measured("wick", lake, window(0, 170)), "wick.lower") == []
    assert len(pick(measured("wick", lake, window(119, 181)), "wick.lower")) == 1


def test_one_minute_bars_know_the_minute_only(tmp_path: Path) -> None:
    head = (
        "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
        "taker_buy_volume,taker_buy_quote_volume,ignore\n"
    )
    start = T0 // 1000
    rows = [
        f"{start + i * 60_000},4,4,{low},4,5,{start + i * 60_000 + 59_999},50,{n},1,1,0\n"
        for i, (low, n) in enumerate([(4, 40), (1, 30), (1, 0)])
    ]
    name = "data/futures/um/daily/klines/ATOMUSDT/1m/ATOMUSDT-1m-2025-10-10.csv"
    lake = small_lake(tmp_path, {COINBASE: quiet(-30, 5)}, {name: head + "".join(rows)})
    wick = one(measured("wick", lake, MINUTES), "wick.lower")
    assert (wick.value, wick.at, wick.count) == (Decimal("0.75"), T0 + MINUTE, 30)
    assert set(wick.caveats) == {"mixed-kinds", "no-baseline", "thin-others", "bar-resolution"}


@pytest.mark.parametrize("bad", [{"floor": "0"}, {"k": -1}, {"min_baseline": 0}])
def test_parameters_that_cannot_be_used_are_refused(tmp_path: Path, bad: dict[str, Any]) -> None:
    lake = lake_with(tmp_path, ["4", "4"], coinbase=["4", "4"])
    with pytest.raises(CaseError):
        measured("wick", lake, MINUTES, **bad)


def test_wicks_of_the_crash(real_lake: Lake) -> None:
    span = window("2025-10-10T21:10:00Z", "2025-10-10T21:40:00Z", "crash")
    found = measured("wick", real_lake, span, Threads(2))
    atom = pick(found, "wick.lower", instrument="ATOMUSD_PERP")
    count = one(found, "wick.count", instrument="ATOMUSD_PERP", direction="lower")
    assert (count.value, count.count) == (len(atom), 30) == (11, 30)
    upper = one(found, "wick.upper", instrument="ATOMUSD_PERP", minute="2025-10-10T21:27:00Z")
    assert (str(upper.value), upper.count) == ("0.102672", 75)
    dot = one(found, "wick.lower", instrument="DOTUSD_PERP", minute="2025-10-10T21:20:00Z")
    assert (str(dot.value), dot.at) == ("0.178276", parse_time("2025-10-10T21:20:46.884Z"))
