"""Bybit trades: derivatives in seconds, spot in milliseconds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from _tape import head_of_content, read
from liquest.errors import UnknownFormat
from liquest.tape.readers import bybit_archive

D = Decimal
HEADER = (
    "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,"
    "foreignNotional"
)
UUID = "224061a0-e105-508c-9696-b53ab4b5bb03"


def _row(ts: str, symbol: str, side: str, size: str, price: str) -> str:
    return f"{ts},{symbol},{side},{size},{price},MinusTick,{UUID},2.27e+10,0.002,227.2"


def test_linear_trades_in_seconds_with_decimals() -> None:
    text = f"{HEADER}\n{_row('1760131237.6890', 'BTCUSDT', 'Sell', '0.002', '113600.10')}\n"
    got = read("BTCUSDT2025-10-10.csv.gz", text)
    assert got.loaded.format == "bybit-trades"
    assert got.keys == ["bybit:linear-perpetual:BTCUSDT"]
    assert got.rows == [
        {"ts": 1760131237689000, "id": UUID, "side": "sell", "price": D("113600.1"),
         "raw_size": D("0.002"), "size": D("0.002"), "notional": D("227.2002"), "row_no": 2},
    ]  # fmt: skip


def test_microseconds_of_a_second_are_kept_exactly() -> None:
    times = ("1760131237.689043", "1760131237.689044", "1760131238")
    rows = "\n".join(_row(t, "BTCUSDT", "Buy", "1", "2") for t in times)
    got = read("BTCUSDT2025-10-10.csv", f"{HEADER}\n{rows.replace(UUID, 'a', 1)}\n".replace(
        UUID, "b", 1))  # fmt: skip
    assert got.column("ts") == [1760131237689043, 1760131237689044, 1760131238000000]


def test_inverse_contracts_count_dollars() -> None:
    text = f"{HEADER}\n{_row('1760131237.6890', 'ATOMUSD', 'Buy', '400', '2.5')}\n"
    got = read("ATOMUSD2025-10-10.csv.gz", text)
    assert got.keys == ["bybit:inverse-perpetual:ATOMUSD"]
    row = got.rows[0]
    assert (row["raw_size"], row["size"], row["notional"]) == (400, 160, 400)


@pytest.mark.parametrize(
    ("symbol", "key"),
    [
        ("BTCUSDZ25", "bybit:inverse-delivery:BTCUSDZ25"),
        ("BTCPERP", "bybit:linear-perpetual:BTCPERP"),
        ("BTC-26DEC25", "bybit:delivery:BTC-26DEC25"),
    ],
)
def test_other_contracts(symbol: str, key: str) -> None:
    text = f"{HEADER}\n{_row('1760131237.6890', symbol, 'Buy', '4', '2.5')}\n"
    assert read(f"{symbol}2025-10-10.csv.gz", text).keys == [key]


def test_several_symbols_and_one_more_column_in_another_order() -> None:
    text = (
        "RPI,side,symbol,price,size,trdMatchID,timestamp\n"
        "false,Buy,BTCUSDT,113600.1,0.5,a,1760131237.6891\n"
        "false,Sell,1000BONKUSDT,0.0123,1446889422,b,1760131237.6892\n"
    )
    got = read("all.csv", text)
    assert got.keys == [
        "bybit:linear-perpetual:1000BONKUSDT", "bybit:linear-perpetual:BTCUSDT",
    ]  # fmt: skip
    assert got.column("raw_size") == [D("0.5"), D(1446889422)]
    assert got.column("price") == [D("113600.1"), D("0.0123")]


@pytest.mark.parametrize(("more", "extra"), [("", ""), (",rpi", ",0")])
def test_spot_trades_take_their_symbol_from_the_name(more: str, extra: str) -> None:
    text = (
        f"id,timestamp,price,volume,side{more}\n"
        f"1,1760131237689,1.688,78.85,sell{extra}\n2,1760131237690,1.7,5,buy{extra}\n"
    )
    got = read("spot/ATOMUSDT/ATOMUSDT_2025-10-10.csv.gz", text)
    assert got.loaded.format == "bybit-spot-trades"
    assert got.keys == ["bybit:spot:ATOMUSDT"]
    assert got.column("ts") == [1760131237689000, 1760131237690000]
    assert got.column("side") == ["sell", "buy"]
    assert got.column("raw_size") == [D("78.85"), D(5)]
    assert [str(i) for i in got.column("id")] == ["1", "2"]


def test_spot_symbol_of_a_folder() -> None:
    text = "id,timestamp,price,volume,side\n1,1760131237689,1.688,78.85,sell\n"
    assert read("spot/ATOMUSDT/part.csv", text).keys == ["bybit:spot:ATOMUSDT"]


def test_spot_without_a_symbol_is_refused() -> None:
    text = "id,timestamp,price,volume,side\n1,1760131237689,1.688,78.85,sell\n"
    with pytest.raises(UnknownFormat, match="symbol"):
        bybit_archive.recognise(head_of_content("trades.csv", text))


def test_foreign_columns_are_no_spot_archive() -> None:
    text = "id,timestamp,price,volume,side,account\n1,1760131237689,1.688,78.85,sell,7\n"
    assert bybit_archive.recognise(head_of_content("ATOMUSDT_2025-10-10.csv", text)) is None
