"""JSON candles and trades: which order the numbers are in, what names them, exact digits."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from _tape import head_of_content, read
from liquest.errors import UnknownFormat
from liquest.tape.document import opening_of
from liquest.tape.readers import ccxt_json
from liquest.tape.reading import is_partial

D = Decimal
MINUTE = 60_000_000
LIST = "[[1760131200000,3.85,3.9,2.5,2.9,1200.5],[1760131260000,2.9,3.1,2.8,3.0,800]]"
COINBASE = "[[1760131260,2.8,3.1,2.9,3.0,800],[1760131200,2.5,3.9,3.85,2.9,1200.5]]"
OBJECTS = (
    '[{"Timestamp":1760131200000,"Open":"3.85","High":"3.9","Low":"2.5","Close":"2.9",'
    '"Volume":"1200.5","T":1}]'
)
FIRST = {
    "ts": 1760131200000000, "duration": MINUTE, "series": "trade", "open": D("3.85"),
    "high": D("3.9"), "low": D("2.5"), "close": D("2.9"), "raw_volume": D("1200.5"),
    "volume": D("1200.5"),
}  # fmt: skip


def _long(rows: int, step: int = 60_000) -> list[list[Any]]:
    return [[1760131200000 + i * step, 3.85, 3.9, 2.5, 2.9, i] for i in range(rows)]


@pytest.mark.parametrize("ending", [".json", ".json.gz"])
def test_ccxt_candles_named_by_the_file(ending: str) -> None:
    got = read(f"candles/kraken_ATOM-USD_1m{ending}", LIST)
    assert got.loaded.format == "ccxt-candles"
    assert got.keys == ["kraken:spot:ATOM/USD"]
    assert got.rows[0] == {**FIRST, "row_no": 1}
    assert got.column("row_no") == [1, 2]


def test_coinbase_candles_are_in_another_order() -> None:
    got = read("coinbase_ATOM-USD-60s-2025-10-10.json", COINBASE)
    assert got.loaded.format == "coinbase-candles"
    assert got.keys == ["coinbase:spot:ATOM-USD"]
    assert got.rows[1] == {**FIRST, "row_no": 2}


def test_seconds_in_ccxt_order_are_told_by_the_numbers() -> None:
    got = read("kraken_ATOM-USD_1m.json", LIST.replace("000,3", ",3").replace("000,2", ",2"))
    assert got.loaded.format == "ccxt-candles"
    assert got.rows[0] == {**FIRST, "row_no": 1}


def test_candles_that_fit_both_orders_to_the_end_read_the_same() -> None:
    flat = "[[1760131200,2.5,3.9,2.5,2.9,1]]"
    assert read("coinbase_ATOM-USD-60s.json", flat).rows[0]["open"] == D("2.5")


def test_a_long_document_that_fits_both_orders_is_refused() -> None:
    rows = [[1760131200 + i * 60, 2.5, 3.9, 2.5, 2.9, 1000] for i in range(9000)]
    head = head_of_content("coinbase_ATOM-USD-60s.json", json.dumps(rows))
    assert is_partial(head.data)
    with pytest.raises(UnknownFormat, match="whether the second is the open"):
        ccxt_json.recognise(head)


def test_candles_as_objects() -> None:
    got = read("coinbase_ATOM-USD_1m.json", OBJECTS)
    assert got.rows == [{**FIRST, "row_no": 1}]


def test_candles_in_a_document_that_names_itself() -> None:
    text = (
        '{"exchange":"okx","symbol":"BTC/USDT:USDT","timeframe":"5m","count":1,'
        '"candles":[[1760131200000,113600.1,113700,100000.5,111000,250.5]]}'
    )
    got = read("download.json", text)
    assert got.keys == ["okx:linear-perpetual:BTC-USDT-SWAP"]
    row = got.rows[0]
    assert (row["raw_volume"], row["volume"]) == (D("250.5"), D("2.505"))
    assert row["duration"] == 5 * MINUTE


def test_keys_win_over_the_name() -> None:
    text = '{"exchange":"gemini","symbol":"ATOM/USD","granularity":60,"candles":' + LIST + "}"
    got = read("kraken_BTC-USD_1h.json", text)
    assert got.keys == ["gemini:spot:ATOMUSD"]
    assert got.rows[0]["duration"] == MINUTE


def test_advanced_trade_candles_of_coinbase() -> None:
    text = (
        '{"candles":[{"start":"1760131200","low":"2.5","high":"3.9","open":"3.85","close":"2.9",'
        '"volume":"1200.5"}]}'
    )
    assert read("coinbase_ATOM-USD_1m.json", text).rows == [{**FIRST, "row_no": 1}]


@pytest.mark.parametrize("pretty", [None, 1])
@pytest.mark.parametrize("wrapped", [False, True])
def test_documents_longer_than_the_head(pretty: int | None, wrapped: bool) -> None:
    rows = _long(12_000)
    document = {"exchange": "kraken", "symbol": "ATOM/USD", "candles": rows} if wrapped else rows
    text = json.dumps(document, indent=pretty)
    name = "kraken_ATOM-USD_1m.json"
    assert is_partial(head_of_content(name, text).data)
    got = read(name, text)
    assert got.loaded.problems == []
    assert got.loaded.rows == len(got.rows) == 12_000
    assert got.rows[-1]["raw_volume"] == 11_999


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("candles.json", "exchange"), ("my_ATOM-USD_1m.json", "exchange"),
        ("kraken_1m.json", "symbol"), ("kraken_ATOM-USD.json", "timeframe"),
    ],
)  # fmt: skip
def test_what_nothing_names_is_refused(name: str, missing: str) -> None:
    with pytest.raises(UnknownFormat, match=missing):
        ccxt_json.recognise(head_of_content(name, LIST))


@pytest.mark.parametrize(("frame", "step"), [("1h", 60_000), ("1m", 300_000), ("7m", 300_000)])
def test_a_timeframe_that_the_times_contradict_is_refused(frame: str, step: int) -> None:
    text = json.dumps(_long(20, step))
    with pytest.raises(UnknownFormat, match=f"{step // 1000} s apart"):
        ccxt_json.recognise(head_of_content(f"kraken_ATOM-USD_{frame}.json", text))


def test_minutes_without_a_candle_are_no_contradiction() -> None:
    rows = _long(20)
    assert len(read("kraken_ATOM-USD_1m.json", json.dumps(rows[:5] + rows[9:])).rows) == 16


def test_numbers_keep_their_digits() -> None:
    text = "[[1760131200000,0.000001234567,1e-05,1.2E-7,0.1234567e-05,1446889422.12345678]]"
    row = read("binance_PEPE-USDT_1m.json", text).rows[0]
    assert row["open"] == D("0.000001234567")
    assert row["low"] == D("0.00000012")
    assert row["close"] == D("0.000001234567")
    assert row["raw_volume"] == D("1446889422.12345678")


def test_ccxt_trades() -> None:
    text = json.dumps({
        "exchange": "binanceusdm",
        "trades": [
            {"id": "7", "timestamp": 1760131237689, "symbol": "ATOM/USDT:USDT", "side": "sell",
             "price": 0.001, "amount": 2531.178, "order": None, "takerOrMaker": None,
             "info": {"a": [1]}},
            {"id": "8", "timestamp": 1760131237690, "symbol": "BTC/USDT:USDT", "side": "buy",
             "price": 113600.1, "amount": 0.5, "order": None},
        ],
    })  # fmt: skip
    got = read("download.json", text)
    assert got.loaded.format == "ccxt-trades"
    assert got.keys == ["binance:linear-perpetual:ATOMUSDT", "binance:linear-perpetual:BTCUSDT"]
    row = got.rows[0]
    assert (str(row["id"]), row["ts"], row["side"]) == ("7", 1760131237689000, "sell")
    assert (row["price"], row["raw_size"], row["row_no"]) == (D("0.001"), D("2531.178"), 1)


def test_trades_without_a_symbol_take_that_of_the_document() -> None:
    text = (
        '{"exchange":"coinbase","symbol":"ATOM/USD","data":[{"id":"a","timestamp":'
        '"2025-10-10T21:20:37.689043Z","side":"sell","price":"3.56","amount":"1.5"}]}'
    )
    got = read("download.json", text)
    assert got.keys == ["coinbase:spot:ATOM-USD"]
    assert got.column("ts") == [1760131237689043]
    with pytest.raises(UnknownFormat, match="symbol"):
        ccxt_json.recognise(head_of_content("x.json", text.replace('"symbol":"ATOM/USD",', "")))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("bybit_BTC-USDT_1m.json", "bybit:spot:BTCUSDT"),
        ("bybit_BTC-USDT-USDT_1m.json", "bybit:linear-perpetual:BTCUSDT"),
        ("bybit_BTC-USD-BTC_1m.json", "bybit:inverse-perpetual:BTCUSD"),
        ("okx_BTC-USDT-SWAP_1m.json", "okx:linear-perpetual:BTC-USDT-SWAP"),
        ("okx_BTC-USD-SWAP_1m.json", "okx:inverse-perpetual:BTC-USD-SWAP"),
        ("gateio_BTC_USDT_1m.json", "gate:spot:BTC_USDT"),
        ("binance_BTCUSDT_1m.json", "binance:spot:BTCUSDT"),
        ("binanceusdm_BTC-USDT_1m.json", "binance:linear-perpetual:BTCUSDT"),
        ("binancecoinm_BTC-USD-BTC_1m.json", "binance:inverse-perpetual:BTCUSD_PERP"),
        ("kucoin_BTC-USDT-1m-2025-10-10.json", "kucoin:spot:BTC-USDT"),
    ],
)
def test_names_of_files(name: str, key: str) -> None:
    assert read(name, LIST).keys == [key]


@pytest.mark.parametrize(
    "text",
    [
        "", "[", "[1, 2", '{"a": [1], "b": [[1]', '{"a": {"b": [[1, 2]',
        "[[1,2]]\n[[3,4]] trailing", '{"a": 1}\n{"a": 2}\n', "{}", "nonsense",
        '[{"a": 1}, {"a": 2}], 3',
    ],
)  # fmt: skip
def test_documents_without_one_list_of_records_have_no_opening(text: str) -> None:
    assert opening_of(text) is None


def test_the_opening_of_a_document_that_breaks_off() -> None:
    text = '{"exchange": "kraken", "n": 2, "result": {"symbol": "A/B", "rows": [[1, 2.50], [3, 1e-'
    opening = opening_of(text)
    assert opening is not None and not opening.whole
    assert opening.records == [["1", "2.50"]]
    assert opening.keys == {"exchange": "kraken", "n": "2", "symbol": "A/B"}


def test_a_broken_document_is_refused_when_it_is_read() -> None:
    got = read("kraken_ATOM-USD_1m.json", LIST[:-20])
    assert not got.loaded.read and got.rows == []
    assert "broken" in got.words and "损坏" in got.words
