"""Trades held against the tape tell a zone, and nothing where the tape says nothing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from _ticks import lake_of
from liquest.clock import HOUR, SECOND, Window, parse_time
from liquest.errors import InputError
from liquest.losses.entries import USDM, Ref, Trade
from liquest.losses.exports.read import read_exports
from liquest.losses.exports.zones import Fit
from liquest.losses.fits import fits
from liquest.tape.lake import Lake

T0 = parse_time("2025-10-10T21:20:00Z")
WINDOW = Window("w", T0 - HOUR, T0 + HOUR)
HEAD = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A perpetual that falls from 400 by one dollar a second."""
    rows = [
        f"binance-futures,ATOMUSDT,{T0 + n * SECOND},{T0 + n * SECOND},{n},sell,{400 - n},1\n"
        for n in range(300)
    ]
    path = tmp_path / "binance-futures_trades_2025-10-10_ATOMUSDT.csv"
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return lake_of(tmp_path / "lake", [path])


def trade(second: int, price: str, symbol: str = "ATOMUSDT", hours: int = 0) -> Trade:
    ts = T0 + second * SECOND + hours * HOUR
    return Trade(
        ts, USDM, symbol, 1, "B", Decimal(price), Decimal(1), None, Decimal(0), "USDT",
        Decimal(0), False, str(second), str(second), Ref(0, second + 2),
    )  # fmt: skip


def test_a_price_within_its_second_fits(lake: Lake) -> None:
    test = fits(lake, WINDOW, "binance")
    assert test([trade(5, "395"), trade(6, "395"), trade(7, "393.0")]) == Fit(3, 2)


def test_what_the_tape_lacks_tests_nothing(lake: Lake) -> None:
    test = fits(lake, WINDOW, "binance")
    assert test([trade(5, "395", "XRPUSDT"), trade(5, "395", hours=8), trade(299, "1")]) == Fit(
        1, 0
    )
    assert test([]) == Fit(0, 0)
    assert fits(lake, WINDOW, "okx")([trade(5, "395")]) == Fit(0, 0)


def test_a_file_without_a_zone_is_placed_by_the_tape(lake: Lake, tmp_path: Path) -> None:
    head = '"Uid","Time","Symbol","Side","Position Side","Price","Quantity","Amount","Fee",'
    head += '"Realized Profit","Buyer","Maker","Trade Id","Order Id"\n'
    rows = "".join(
        f'"7","2025-10-11 05:{20 + n // 60:02d}:{n % 60:02d}","ATOMUSDT","BUY","BOTH","{400 - n}",'
        f'"1","1","0.1 USDT","0","true","false","{n}","{n}"\n'
        for n in range(0, 200, 10)
    )
    path = tmp_path / "trades.csv"
    path.write_text(head + rows, encoding="utf-8")
    found, problems = read_exports([path], fits=fits(lake, WINDOW, "binance"))
    assert (found.files[0].zone, found.files[0].zone_by) == ("UTC+8", "tape")
    assert found.trades[0].ts == T0 and any("UTC+8" in p.text.en for p in problems)
    with pytest.raises(InputError, match="zone"):
        read_exports([path])
