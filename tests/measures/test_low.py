"""low: the lowest trade of the window, its first moment, and what it rests on."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from _ticks import T0, Tick, measured, one, pick, same_everywhere, small_lake, window
from liquest.clock import MINUTE, SECOND
from liquest.findings import Finding
from liquest.measures import measure

ATOM = ("coinbase", "ATOM-USD")
TRADES = [
    Tick("0", "3.0", "7"), Tick("10.5", "2.0", "1"), Tick("10.9", "2.5", "2"),
    Tick("11.4", "2.0", "4"), Tick("11.5", "2.9", "8"), Tick("11.500001", "2.8", "16"),
    Tick("30", "2.0", "32"), Tick("50", "1.0", "64"),
]  # fmt: skip


def lows(folder: Path, trades: list[Tick], start: int, end: int) -> dict[str, Finding]:
    found = measured("low", small_lake(folder, {ATOM: trades}), window(start, end))
    return {f.name: f for f in found}


def test_the_lowest_trade_and_the_first_moment_at_it(tmp_path: Path) -> None:
    low = lows(tmp_path, TRADES, 0, 40)["low"]
    assert (low.value, low.unit, low.at) == (Decimal("2.0"), "USD", T0 + 10_500_000)
    assert low.subject == {
        "coin": "ATOM", "venue": "coinbase", "instrument": "ATOM-USD", "kind": "spot",
        "price": "trade",
    }  # fmt: skip
    assert (low.count, low.params) == (7, {"resolution": "trade"})


def test_counts_and_volumes_at_the_low_and_within_a_second_of_it(tmp_path: Path) -> None:
    found = lows(tmp_path, TRADES, 0, 40)
    assert (found["low.n_at"].value, found["low.volume_at"].value) == (3, 37)
    # 10.5 s ± 1 s, both ends included: 10.5, 10.9, 11.4 and 11.5, not 11.500001.
    assert (found["low.n_near"].value, found["low.volume_near"].value) == (4, 15)
    assert [found[n].unit for n in ("low.n_at", "low.volume_at")] == ["trades", "ATOM"]


def test_the_inputs_are_the_row_of_the_low_and_all_that_was_looked_at(tmp_path: Path) -> None:
    low = lows(tmp_path, TRADES, 0, 40)["low"]
    assert [(i.first, i.last, i.role) for i in low.inputs] == [
        (3, 3, "extreme"),
        (2, 9, "scanned"),
    ]
    assert len({i.source for i in low.inputs}) == 1


@pytest.mark.parametrize(
    ("start", "end", "value"),
    [(0, 50, "2.0"), (0, 51, "1.0"), (50, 51, "1.0"), (31, 51, "1.0"), (12, 31, "2.0"),
     (11, 12, "2.0"), (0, 10, "3.0")],
)  # fmt: skip
def test_a_window_takes_its_start_and_not_its_end(
    tmp_path: Path, start: int, end: int, value: str
) -> None:
    assert lows(tmp_path, TRADES, start, end)["low"].value == Decimal(value)


def test_a_window_without_a_trade_has_no_low(tmp_path: Path) -> None:
    assert lows(tmp_path, TRADES, 12, 30) == {}
    assert lows(tmp_path / "later", TRADES, 60, 90) == {}


def test_ties_go_to_the_earlier_row(tmp_path: Path) -> None:
    trades = [Tick("5", "2.0"), Tick("5", "2.0"), Tick("4", "2.0")]
    low = lows(tmp_path, trades, 0, 40)["low"]
    assert (low.at, low.inputs[0].first) == (T0 + 4 * SECOND, 4)
    same = lows(tmp_path / "same", trades[:2], 0, 40)["low"]
    assert same.inputs[0].first == 2


@pytest.mark.parametrize(
    ("times", "caveats"),
    [(10, ()), (9, ("few-trades",)), (5, ("few-trades",)), (4, ("thin", "few-trades"))],
)
def test_a_thin_low_is_marked(tmp_path: Path, times: int, caveats: tuple[str, ...]) -> None:
    trades = [Tick("0", "3"), *[Tick("10", "2.0")] * times, Tick("41", "3")]
    assert lows(tmp_path, trades, 0, 40)["low"].caveats == caveats


@pytest.mark.parametrize("trades", [TRADES[:-1], TRADES[1:]])
def test_a_window_that_the_data_do_not_cover_is_marked(tmp_path: Path, trades: list[Tick]) -> None:
    assert "not-covered" in lows(tmp_path, trades, 0, 40)["low"].caveats


def test_prices_are_exact(tmp_path: Path) -> None:
    trades = [Tick("1", "0.00000712"), Tick("2", "0.000007119999", "1446889422.5")]
    found = lows(tmp_path, trades, 0, 40)
    assert found["low"].value == Decimal("0.000007119999")
    assert found["low.volume_at"].value == Decimal("1446889422.5")


def test_the_size_of_an_inverse_contract_is_in_coins(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {("binance-delivery", "ATOMUSD_PERP"): [Tick("1", "2.5", "40")]})
    found = {f.name: f for f in measured("low", lake, window(0, 10))}
    assert (found["low.volume_at"].value, found["low.volume_at"].unit) == (160, "ATOM")
    assert found["low"].unit == "USD"


def test_a_contract_of_unknown_size_has_counts_but_no_volume(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {("okex-swap", "FIL-USDT-SWAP"): [Tick("1", "2.5", "40")]})
    assert [f.name for f in measured("low", lake, window(0, 10))] == [
        "low", "low.n_at", "low.n_near",
    ]  # fmt: skip


def test_the_low_over_several_sources_is_the_lowest(tmp_path: Path) -> None:
    files = {"other.csv": "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
             f"coinbase,ATOM-USD,{T0 + 7 * SECOND},{T0},99,sell,1.5,1\n"}  # fmt: skip
    lake = small_lake(tmp_path, {ATOM: TRADES[:4]}, files)
    low = one(measured("low", lake, window(0, 40)), "low")
    assert low.value == Decimal("1.5")
    assert len({i.source for i in low.inputs}) == 2 and low.count == 5


HEAD = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore\n"
)
KLINES = "data/spot/daily/klines/ATOMUSDT/1m/ATOMUSDT-1m-2025-10-10.csv"


def klines(lows_of_minutes: list[str], minutes: int = 1) -> str:
    step = minutes * MINUTE
    return HEAD + "".join(
        f"{T0 + i * step},3,4,{low},2.9,7,{T0 + (i + 1) * step - 1},17.5,9,1,1,0\n"
        for i, low in enumerate(lows_of_minutes)
    )


def test_bars_where_there_are_no_trades(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, {KLINES: klines(["2.5", "2.0", "2.2"])})
    found = {f.name: f for f in measured("low", lake, window(0, 180))}
    low = found["low"]
    assert (low.value, low.at, low.params) == (
        Decimal("2.0"), T0 + MINUTE, {"resolution": "60s"},
    )  # fmt: skip
    assert low.method.startswith("low.bars@") and "bar-resolution" in low.caveats
    assert "bar-reaches-outside" not in low.caveats
    # A minute's nine trades are not those within a second of its low.
    assert set(found) == {"low"}


@pytest.mark.parametrize(
    ("start", "end", "value", "outside"),
    [(0, 60, "2.5", False), (30, 50, "2.5", True), (59, 61, "2.0", True), (60, 120, "2.0", False),
     (60, 121, "1.9", True), (119, 180, "1.9", False), (180, 240, None, False)],
)  # fmt: skip
def test_a_bar_that_reaches_outside_the_window_is_marked(
    tmp_path: Path, start: int, end: int, value: str | None, outside: bool
) -> None:
    lake = small_lake(tmp_path, {}, {KLINES: klines(["2.5", "2.0", "1.9"])})
    found = pick(measured("low", lake, window(start, end)), "low")
    assert [f.value for f in found] == ([] if value is None else [Decimal(value)])
    assert all(("bar-reaches-outside" in f.caveats) is outside for f in found)


def test_trades_stand_before_bars_of_the_same_instrument(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {("binance", "ATOMUSDT"): TRADES}, {KLINES: klines(["0.5", "0.5"])})
    low = one(measured("low", lake, window(0, 40)), "low")
    assert (low.value, low.params["resolution"]) == (Decimal("2.0"), "trade")


def test_the_shortest_bars_are_taken(tmp_path: Path) -> None:
    long = KLINES.replace("/1m/", "/15m/").replace("-1m-", "-15m-")
    lake = small_lake(
        tmp_path, {}, {KLINES: klines(["2.5"] * 15), long: klines(["2.4"], minutes=15)}
    )
    low = one(measured("low", lake, window(0, 900)), "low")
    assert (low.value, low.params["resolution"]) == (Decimal("2.5"), "60s")


def test_every_executor_finds_the_same(tmp_path: Path) -> None:
    lake = small_lake(
        tmp_path, {ATOM: TRADES, ("gemini", "ATOMUSD"): TRADES[::2]}, {KLINES: klines(["2"])}
    )
    found = same_everywhere("low", lake, window(0, 40), window(11, 51, "later"))
    assert {f.subject["venue"] for f in found} == {"coinbase", "gemini", "binance"}
    assert {f.window.name for f in found if f.window} == {"w", "later"}


def test_the_method_shows_the_sql_that_runs() -> None:
    by_trades, by_bars = measure("low").METHODS
    assert "min(price)" in by_trades.sql and "min(low)" in by_bars.sql
    assert by_trades.id != by_bars.id
