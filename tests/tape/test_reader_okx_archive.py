"""OKX trades: coins for spot, contracts for swaps, old files in GBK."""

from __future__ import annotations

from decimal import Decimal

import pytest

from _tape import head_of_content, read
from liquest.errors import UnknownFormat
from liquest.tape.readers import okx_archive

D = Decimal
HEADER = "instrument_name,trade_id,side,price,size,created_time\n"
OLD = "trade_id/撮合id,side/交易方向,size/数量,price/价格,created_time/成交时间\n"


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".zip"])
def test_swap_sizes_are_contracts(ending: str) -> None:
    text = HEADER + "BTC-USDT-SWAP,1900000001,sell,113600.1,250.5,1760131237689\n"
    got = read(f"BTC-USDT-SWAP-trades-2025-10-10{ending}", text)
    assert got.loaded.format == "okx-trades"
    assert got.keys == ["okx:linear-perpetual:BTC-USDT-SWAP"]
    row = got.rows[0]
    assert (row["ts"], row["side"], row["row_no"]) == (1760131237689000, "sell", 2)
    assert (row["price"], row["raw_size"], row["size"]) == (D("113600.1"), D("250.5"), D("2.505"))


def test_spot_sizes_are_coins() -> None:
    got = read("x.csv", HEADER + "ATOM-USDT,7,buy,1.5,78.85,1760131237689\n")
    assert got.keys == ["okx:spot:ATOM-USDT"]
    assert (got.rows[0]["raw_size"], got.rows[0]["size"]) == (D("78.85"), D("78.85"))


def test_inverse_contracts_are_dollars() -> None:
    got = read("x.csv", HEADER + "BTC-USD-SWAP,7,buy,100000,5,1760131237689\n")
    assert got.keys == ["okx:inverse-perpetual:BTC-USD-SWAP"]
    assert (got.rows[0]["size"], got.rows[0]["notional"]) == (D("0.005"), 500)


def test_an_unknown_contract_size_leaves_contracts_and_says_so() -> None:
    got = read("x.csv", HEADER + "WLD-USDT-SWAP,7,buy,0.5,5,1760131237689\n")
    assert got.codes == ["contract-size-unknown"]
    assert got.rows[0]["raw_size"] == 5 and "size" not in got.rows[0]


def test_several_instruments_in_one_file() -> None:
    text = HEADER + (
        "BTC-USDT,7,buy,113600.1,0.5,1760131237689\nBTC-USD-251226,7,sell,114000,3,1760131237690\n"
    )
    got = read("all-trades-2025-10-10.csv", text)
    assert got.keys == ["okx:inverse-delivery:BTC-USD-251226", "okx:spot:BTC-USDT"]


def test_old_files_are_in_gbk_and_named_by_instrument() -> None:
    text = OLD + "190000001,SELL,25.0,22600.1,1655078400123\n"
    got = read("BTC-USDT-SWAP-trades-2022-06-13.zip", text.encode("gbk"))
    assert got.keys == ["okx:linear-perpetual:BTC-USDT-SWAP"]
    row = got.rows[0]
    assert (row["side"], row["price"], row["raw_size"]) == ("sell", D("22600.1"), 25)
    assert (row["ts"], row["row_no"]) == (1655078400123000, 2)


def test_no_instrument_is_refused() -> None:
    text = OLD + "190000001,SELL,25.0,22600.1,1655078400123\n"
    with pytest.raises(UnknownFormat, match="instrument"):
        okx_archive.recognise(head_of_content("trades.csv", text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BTC-USD-251010-120000-C-trades-2025-10-10.csv", OLD + "1,SELL,2,0.01,1655078400123\n"),
        ("x.csv", HEADER + "BTC-USD-251010-120000-P,7,buy,0.01,5,1760131237689\n"),
    ],
)
def test_options_are_refused_by_name(name: str, text: str) -> None:
    got = read(name, text)
    assert got.rows == [] and not got.loaded.read
    assert "option" in got.words and "期权" in got.words
