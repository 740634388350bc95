"""Binance trades and aggregate trades: exact rows, either market, header or none."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from _tape import head_of_content, read, read_path
from liquest.errors import UnknownFormat
from liquest.problems import ASIDE
from liquest.tape.readers import binance_archive

D = Decimal
SPOT_TRADES = (
    "254107861,1.68800000,78.85000000,133.09880000,1760131237689043,False,True\n"
    "254107862,1.67300000,152.42000000,254.99866000,1760131237689044,True,False\n"
)
UM_HEADER = "id,price,qty,quote_qty,time,is_buyer_maker\n"
UM_TRADES = (
    "6778904321,113600.1,0.002,227.2002,1760131237689,true\n"
    "6778904322,113600.20,1.5,170400.3,1760131237690,false\n"
)
UM_AGG_HEADER = (
    "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"
)


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".zip"])
def test_spot_trades_without_a_header_in_microseconds(ending: str) -> None:
    got = read(f"ATOMUSDT-trades-2025-10-10{ending}", SPOT_TRADES)
    assert got.loaded.format == "binance-trades"
    assert got.keys == ["binance:spot:ATOMUSDT"]
    first, second = got.rows
    assert first == {
        "ts": 1760131237689043, "id": first["id"], "side": "buy", "price": D("1.688"),
        "raw_size": D("78.85"), "size": D("78.85"), "notional": D("133.0988"), "row_no": 1,
    }  # fmt: skip
    assert str(first["id"]) == "254107861"
    assert (second["side"], second["row_no"]) == ("sell", 2)


def test_futures_trades_with_a_header_in_milliseconds() -> None:
    got = read("data/futures/um/daily/trades/BTCUSDT/BTCUSDT-trades-2025-10-10.zip",
               UM_HEADER + UM_TRADES)  # fmt: skip
    assert got.keys == ["binance:linear-perpetual:BTCUSDT"]
    assert got.column("ts") == [1760131237689000, 1760131237690000]
    assert got.column("side") == ["sell", "buy"]
    assert got.column("row_no") == [2, 3]
    assert got.column("price") == [D("113600.1"), D("113600.2")]
    assert "n" not in got.rows[0]


def test_other_order_and_case_of_the_columns() -> None:
    text = "IsBuyerMaker,Time,Qty,Price,Id,quoteQty\nTRUE,1760131237689,0.002,113600.1,7,227.2\n"
    got = read("BTCUSDT-um-trades-2025-10-10.csv", text)
    row = got.rows[0]
    assert (row["side"], row["price"], row["raw_size"]) == ("sell", D("113600.1"), D("0.002"))
    assert (str(row["id"]), row["ts"]) == ("7", 1760131237689000)


def test_coin_margined_sizes_are_contracts() -> None:
    text = "id,price,qty,base_qty,time,is_buyer_maker\n1,2.5,40,160,1760131237689,true\n"
    got = read("ATOMUSD_PERP-trades-2025-10-10.zip", text)
    assert got.keys == ["binance:inverse-perpetual:ATOMUSD_PERP"]
    row = got.rows[0]
    assert (row["raw_size"], row["size"], row["notional"]) == (40, 160, 400)


def test_dated_contracts_go_by_their_symbol() -> None:
    coin = read("BTCUSD_251226-trades-2025-10-10.zip", UM_HEADER + UM_TRADES)
    usd = read("BTCUSDT_251226-trades-2025-10-10.zip", UM_HEADER + UM_TRADES)
    assert coin.keys == ["binance:inverse-delivery:BTCUSD_251226"]
    assert usd.keys == ["binance:delivery:BTCUSDT_251226"]


def test_spot_aggregates_count_their_trades() -> None:
    text = (
        "176299337,1.68800000,78.85000000,254107861,254107861,1760131237689043,True,True\n"
        "176299338,0.00100000,2531.17800000,254107862,254107864,1760131237689043,False,True\n"
    )
    got = read("ATOMUSDT-aggTrades-2025-10-10.zip", text)
    assert got.loaded.format == "binance-agg-trades"
    assert got.keys == ["binance:spot:ATOMUSDT"]
    assert got.column("n") == [1, 3]
    assert got.column("side") == ["sell", "buy"]
    assert got.column("price") == [D("1.688"), D("0.001")]


@pytest.mark.parametrize("header", ["", UM_AGG_HEADER])
def test_futures_aggregates_with_and_without_a_header(header: str) -> None:
    text = header + "2900000001,113600.1,0.002,6778904321,6778904325,1760131237689,true\n"
    got = read("BTCUSDT-aggTrades-2025-10-10.zip", text)
    assert got.keys == ["binance:linear-perpetual:BTCUSDT"]
    assert got.column("n") == [5]
    assert got.column("row_no") == [2 if header else 1]


def test_a_symbol_in_chinese() -> None:
    got = read("币安人生USDT-aggTrades-2025-10-10.zip",
               "1,0.31,5,1,1,1760131237689043,True,True\n")  # fmt: skip
    assert got.keys == ["binance:spot:币安人生USDT"]


def test_a_quote_currency_that_we_do_not_know() -> None:
    got = read("BTCPLN-trades-2025-10-10.zip", SPOT_TRADES)
    assert got.keys == ["binance:spot:BTCPLN"]


def test_a_symbol_that_only_a_folder_names() -> None:
    got = read("spot/ATOMUSDT/part-1.csv", SPOT_TRADES)
    assert got.keys == ["binance:spot:ATOMUSDT"]


def test_no_symbol_is_refused_with_a_remedy() -> None:
    with pytest.raises(UnknownFormat) as refused:
        binance_archive.recognise(head_of_content("trades.csv", SPOT_TRADES))
    assert "[[map]]" in refused.value.render("en")
    assert "存档" in refused.value.render("zh")
    got = read("trades.csv", SPOT_TRADES)
    assert not got.loaded.read and got.rows == []
    assert "[[map]]" in got.words


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data/futures/um/ATOMUSDT-trades-2025-10-10.zip", SPOT_TRADES),
        ("data/spot/BTCUSD_PERP-trades-2025-10-10.zip", UM_HEADER + UM_TRADES),
        ("data/spot/daily/trades/BTCUSDT/BTCUSDT-trades-2025-10-10.zip", UM_TRADES),
    ],
)  # fmt: skip
def test_a_name_that_contradicts_the_content_is_refused(name: str, text: str) -> None:
    with pytest.raises(UnknownFormat, match="content says"):
        binance_archive.recognise(head_of_content(name, text))


def test_a_market_that_is_judged_is_noted() -> None:
    reading = binance_archive.recognise(
        head_of_content("BTCUSDT-trades-2025-10-10.zip", UM_HEADER + UM_TRADES)
    )
    assert reading is not None and len(reading.notes) == 1
    assert "USDⓈ-M" in reading.notes[0].en and "U 本位" in reading.notes[0].zh
    got = read("BTCUSDT-trades-2025-10-10.zip", UM_HEADER + UM_TRADES)
    assert got.codes == ["assumption"] and reading.notes[0].zh in got.words
    assert len(got.rows) == 2
    told = binance_archive.recognise(
        head_of_content("BTCUSDT-um-trades-2025-10-10.zip", UM_HEADER + UM_TRADES)
    )
    assert told is not None and told.notes == ()


def test_a_spot_file_under_a_header_is_known_by_best_match() -> None:
    text = "id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch\n" + SPOT_TRADES
    got = read("ATOMUSDT-trades-2025-10-10.csv", text)
    assert got.keys == ["binance:spot:ATOMUSDT"]
    assert got.column("row_no") == [2, 3]


def test_broken_rows_go_aside_and_the_others_stay() -> None:
    rows = SPOT_TRADES + "254107863,nonsense,1,1,1760131237689045,True,True\n254107864,1.6\n"
    got = read("ATOMUSDT-trades-2025-10-10.csv", rows)
    assert got.column("row_no") == [1, 2]
    assert [(p.first, p.effect) for p in got.loaded.problems] == [(4, ASIDE), (3, ASIDE)]


def test_small_prices_of_large_sizes_stay_exact() -> None:
    text = UM_HEADER + (
        "1,0.0000012345,1446889422,1786.18,1760131237689,true\n"
        "2,1e-08,1446889422.5,1,1760131237689,false\n"
    )
    got = read("1000PEPEUSDT-um-trades-2025-10-10.csv", text)
    assert got.column("price") == [D("0.0000012345"), D("0.00000001")]
    assert got.column("raw_size") == [D(1446889422), D("1446889422.5")]


def test_the_sweep_of_the_study(shared_data: Path) -> None:
    name = "2025-10-10/trades/binance_spot_ATOMUSDT_aggTrades_0.001-sweep.csv"
    got = read_path(shared_data / name, name)
    assert got.loaded.problems == []
    assert got.keys == ["binance:spot:ATOMUSDT"]
    assert len(got.rows) == 71
    assert sum(got.column("n")) == 92
    assert sum(got.column("raw_size")) == D("9695.33")
    assert set(got.column("side")) == {"sell"}
    assert set(got.column("ts")) == {1760131237689043}
    assert min(got.column("price")) == D("0.001")
    assert got.column("row_no") == list(range(2, 73))
