"""Names of archive files: symbol, market and price series."""

from __future__ import annotations

import pytest

from _tape import head_of_content
from liquest.errors import UnknownFormat
from liquest.tape.naming import (
    COIN_M,
    SPOT,
    USD_M,
    binance_market,
    futures_market,
    market_in,
    segments,
    series_in,
    symbol_in,
)


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("data/spot/daily/trades/ATOMUSDT/ATOMUSDT-trades-2025-10-10.zip", "ATOMUSDT"),
        ("BTCUSD_PERP-1m-2025-10-10.zip", "BTCUSD_PERP"),
        ("BTCUSDT_251226-trades-2025-10-10.csv.gz", "BTCUSDT_251226"),
        ("BTCUSDT-um-1m-2025-10-10_2057-2140.csv", "BTCUSDT"),
        ("binance_spot_ATOMUSDT_aggTrades_0.001-sweep.csv", "ATOMUSDT"),
        ("ATOMUSDT-trades-2025-10-10 (1).csv", "ATOMUSDT"),
        ("1000BONKUSDT-trades-2025-10-10.zip", "1000BONKUSDT"),
        ("币安人生USDT-trades-2025-10-10.zip", "币安人生USDT"),
        ("AUSDT-trades-2025-10-10.zip", "AUSDT"),
        ("BTCPLN-trades-2025-10-10.zip", "BTCPLN"),
        ("folder\\ATOMUSDT\\part.csv", "ATOMUSDT"),
        ("trades-2025-10-10.csv", None),
        ("2025-10-10-trades-2025-10-10.csv", None),
        ("README.md", None),
        ("", None),
    ],
)
def test_symbols(name: str, symbol: str | None) -> None:
    assert symbol_in(name) == symbol


@pytest.mark.parametrize(
    ("name", "market"),
    [
        ("data/futures/cm/daily/klines/x.zip", COIN_M),
        ("data/futures/um/daily/klines/x.zip", USD_M),
        ("data/spot/daily/klines/x.zip", SPOT),
        ("BTCUSDT-um-1m.csv", USD_M),
        ("binance_spot_ATOMUSDT.csv", SPOT),
        ("spot/um/x.csv", USD_M),
        ("spotless/umbrella.csv", None),
        ("", None),
    ],
)
def test_markets(name: str, market: str | None) -> None:
    assert market_in(name) == market


@pytest.mark.parametrize(
    ("name", "series"),
    [
        ("um/markPriceKlines/BTCUSDT/1m/BTCUSDT-1m.zip", "mark"),
        ("mark/BTCUSD_PERP-1m-2025-10-10.zip", "mark"),
        ("indexPriceKlines/x.zip", "index"),
        ("BTCUSDT-premiumIndex-1m.csv", "premium"),
        ("klines/BTCUSDT-1m.zip", None),
        ("marketing/BTCUSDT-1m.zip", None),
    ],
)
def test_series(name: str, series: str | None) -> None:
    assert series_in(name) == series


def test_segments_lose_their_endings() -> None:
    assert segments("a/b/BTCUSDT-1m.csv.gz") == ["BTCUSDT-1m", "b", "a"]


def test_futures_markets_by_symbol() -> None:
    assert futures_market("BTCUSD_PERP") == futures_market("ETHUSD_251226") == COIN_M
    assert futures_market("BTCUSDT") == futures_market("BTCUSDT_251226") == USD_M


def test_nothing_that_tells_the_market_is_refused_in_both_languages() -> None:
    head = head_of_content("BTCUSDT-1m.csv", "1,2\n")
    with pytest.raises(UnknownFormat) as refused:
        binance_market(head, "BTCUSDT", "", "ms")
    assert "spot or futures" in refused.value.render("en")
    assert "现货或合约" in refused.value.render("zh")
    assert refused.value.where == "BTCUSDT-1m.csv"
