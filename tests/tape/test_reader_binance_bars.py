"""Binance klines: four series, three markets, lengths by content."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from _layouts import KLINES
from _tape import head_of_content, read, read_path
from liquest.errors import UnknownFormat
from liquest.problems import ASIDE
from liquest.tape.readers import binance_bars

D = Decimal
MINUTE = 60_000_000
ROW = (
    "1760129820000,114319.10,114573.20,113954.40,114512.20,2913.552,1760129879999,"
    "333123926.60210,46160,1462.820,167255955.67130,0\n"
)
NEXT = (
    "1760129880000,114512.10,114573.90,114182.80,114274.70,1043.412,1760129939999,"
    "119396271.77000,22774,520.533,59564960.30280,0\n"
)
MARK = "1760054400000,121662,121737.53736410,121662,121689.00965205,0,1760054459999,0,60,0,0,0\n"


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".zip"])
@pytest.mark.parametrize("header", ["", KLINES])
def test_bars_of_a_perpetual(header: str, ending: str) -> None:
    got = read(f"data/futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2025-10-10{ending}",
               header + ROW + NEXT)  # fmt: skip
    assert got.loaded.format == "binance-klines"
    assert got.keys == ["binance:linear-perpetual:BTCUSDT"]
    assert got.rows[0] == {
        "ts": 1760129820000000, "duration": MINUTE, "series": "trade", "open": D("114319.1"),
        "high": D("114573.2"), "low": D("113954.4"), "close": D("114512.2"),
        "raw_volume": D("2913.552"), "volume": D("2913.552"), "notional": D("333123926.6021"),
        "n": 46160, "row_no": 2 if header else 1,
    }  # fmt: skip
    assert len(got.rows) == 2


def test_other_order_and_case_of_the_columns() -> None:
    header = "Close Time,Open Time,Low,High,Open,Close,Volume\n"
    text = header + "1760129879999,1760129820000,1,4,2,3,9\n"
    row = read("BTCUSDT-um-1m.csv", text).rows[0]
    assert (row["open"], row["high"], row["low"], row["close"]) == (2, 4, 1, 3)
    assert (row["raw_volume"], row["duration"]) == (9, MINUTE)
    assert "n" not in row and "notional" not in row


def test_coin_margined_volume_is_in_contracts_and_quote_volume_in_coins() -> None:
    text = KLINES + (
        "1760129820000,114319.1,114573.2,113954.4,114512.2,33310,1760129879999,"
        "29.13552,4616,14628,14.6282,0\n"
    )
    row = read("BTCUSD_PERP-1m-2025-10-10.zip", text).rows[0]
    assert (row["raw_volume"], row["volume"]) == (33310, D("29.13552"))
    assert "notional" not in row


@pytest.mark.parametrize(
    ("close_time", "seconds"),
    [("1760129820999", 1), ("1760130719999", 900), ("1760216219999", 86400)],
)
def test_length_by_content_whatever_the_name_says(close_time: str, seconds: int) -> None:
    text = KLINES + ROW.replace("1760129879999", close_time)
    got = read("BTCUSDT-um-1m-2025-10-10.csv", text)
    assert got.column("duration") == [seconds * 1_000_000]


def test_spot_in_microseconds_is_known_by_them() -> None:
    text = "1760131200000000,1.8,1.9,0.001,1.5,9695.33,1760131259999999,14000.5,92,0,0,0\n"
    got = read("ATOMUSDT-1m-2025-10-10.zip", text)
    assert got.keys == ["binance:spot:ATOMUSDT"]
    assert (got.rows[0]["duration"], got.rows[0]["low"]) == (MINUTE, D("0.001"))
    reading = binance_bars.recognise(head_of_content("ATOMUSDT-1m-2025-10-10.zip", text))
    assert reading is not None
    assert [("Binance spot" in n.en, "现货" in n.zh) for n in reading.notes] == [(True, True)]


def test_futures_under_a_header_are_known_by_it_and_noted() -> None:
    reading = binance_bars.recognise(head_of_content("BTCUSDT-1m-2025-10-10.zip", KLINES + ROW))
    assert reading is not None and reading.instrument is not None
    assert reading.instrument.key == "binance:linear-perpetual:BTCUSDT"
    assert len(reading.notes) == 1


def test_milliseconds_without_a_header_may_be_either_market() -> None:
    with pytest.raises(UnknownFormat, match="market"):
        binance_bars.recognise(head_of_content("BTCUSDT-1m-2024-10-10.zip", ROW))
    assert read("spot/BTCUSDT-1m-2024-10-10.zip", ROW).keys == ["binance:spot:BTCUSDT"]


def test_no_symbol_is_refused() -> None:
    with pytest.raises(UnknownFormat, match="symbol"):
        binance_bars.recognise(head_of_content("um/candles.csv", KLINES + ROW))


@pytest.mark.parametrize(
    ("name", "series", "format"),
    [
        ("BTCUSD_PERP-1m-2025-10-10.zip", "mark", "binance-mark-price-klines"),
        ("cm/markPriceKlines/BTCUSD_PERP-1m-2025-10-10.zip", "mark", "binance-mark-price-klines"),
        ("cm/indexPriceKlines/BTCUSD-1m-2025-10-10.zip", "index", "binance-index-price-klines"),
        ("um/indexPriceKlines/BTCUSDT-1m.zip", "index", "binance-index-price-klines"),
        ("um/BTCUSDT-premiumIndex-1m.csv", "premium", "binance-premium-index-klines"),
    ],
)
def test_bars_without_volume_are_no_trades(name: str, series: str, format: str) -> None:
    got = read(name, KLINES + MARK)
    assert got.loaded.format == format
    row = got.rows[0]
    assert (row["series"], row["n"], row["close"]) == (series, 60, D("121689.00965205"))
    assert not {"raw_volume", "volume", "notional"} & set(row)


def test_an_unnamed_series_without_volume_is_taken_for_mark_and_noted() -> None:
    reading = binance_bars.recognise(head_of_content("BTCUSD_PERP-1m.zip", KLINES + MARK))
    assert reading is not None and "mark" in reading.notes[0].en and "标记" in reading.notes[0].zh


def test_prices_below_zero_are_a_premium() -> None:
    text = KLINES + "1760054400000,-0.00045,0.0001,-0.0005,0.0000,0,1760054459999,0,12,0,0,0\n"
    got = read("BTCUSDT-um-1m-2025-10-10.zip", text)
    assert got.column("series") == ["premium"]
    assert got.column("low") == [D("-0.0005")]


def test_volume_proves_trades_against_the_name() -> None:
    got = read("um/mark/BTCUSDT-1m-2025-10-10.zip", KLINES + ROW)
    assert got.column("series") == ["trade"]
    reading = binance_bars.recognise(head_of_content("um/mark/BTCUSDT-1m.zip", KLINES + ROW))
    assert reading is not None and "volume" in reading.notes[0].en


def test_a_minute_without_trades_is_still_a_bar_of_trades() -> None:
    quiet = "1760129880000,1,1,1,1,0,1760129939999,0,0,0,0,0\n"
    got = read("XUSDT-um-1m.csv", KLINES + quiet)
    assert got.column("series") == ["trade"]
    assert got.column("raw_volume") == [0]


def test_bars_of_different_length_keep_their_own() -> None:
    months = KLINES + (
        "1756684800000,1,4,1,3,5,1759276799999,5,9,0,0,0\n"
        "1759276800000,3,4,2,3,5,1761955199999,5,9,0,0,0\n"
    )
    got = read("BTCUSDT-um-1mo-2025.csv", months)
    assert got.column("duration") == [30 * 1440 * MINUTE, 31 * 1440 * MINUTE]


def test_impossible_bars_go_aside() -> None:
    got = read("BTCUSDT-um-1m.csv", KLINES + ROW + NEXT.replace("114573.90", "1.5"))
    assert got.column("row_no") == [2]
    assert [(p.code, p.first, p.effect) for p in got.loaded.problems] == [
        ("impossible-bar", 3, ASIDE)
    ]


def test_real_bars_of_the_day(shared_data: Path) -> None:
    name = "2025-10-10/bars/BTCUSDT-um-1m-2025-10-10_2057-2140.csv"
    got = read_path(shared_data / name, name)
    assert got.loaded.problems == []
    assert got.keys == ["binance:linear-perpetual:BTCUSDT"]
    assert len(got.rows) == 44
    assert set(got.column("duration")) == {MINUTE}
    assert got.rows[0]["notional"] == D("333123926.6021")
    assert min(got.column("low")) > 100_000


def test_real_mark_prices(shared_data: Path) -> None:
    name = "2025-10-10/mark/BTCUSD_PERP-1m-2025-10-10.zip"
    got = read_path(shared_data / name, name)
    assert got.loaded.format == "binance-mark-price-klines"
    assert got.keys == ["binance:inverse-perpetual:BTCUSD_PERP"]
    assert len(got.rows) == 1440 and set(got.column("series")) == {"mark"}
    assert got.rows[0]["high"] == D("121737.5373641")
