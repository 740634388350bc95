"""What a market and a symbol name: kind, coins, and the size of a contract."""

from __future__ import annotations

from decimal import Decimal

import pytest

from liquest.instruments import (
    DELIVERY,
    INVERSE,
    INVERSE_DELIVERY,
    KINDS,
    LINEAR,
    MARKETS,
    SPOT,
    identify,
)
from liquest.tape.unified import instrument_of, market_of

CASES = [
    ("binance", "ATOMUSDT", "binance", SPOT, "ATOM", "USDT", "1"),
    ("binance", "ETHBTC", "binance", SPOT, "ETH", "BTC", "1"),
    ("binance", "BTCFDUSD", "binance", SPOT, "BTC", "FDUSD", "1"),
    ("binance", "USDEUSDT", "binance", SPOT, "USDE", "USDT", "1"),
    ("binance", "AUSDT", "binance", SPOT, "A", "USDT", "1"),
    ("binance", "币安人生USDT", "binance", SPOT, "币安人生", "USDT", "1"),
    ("binance-futures", "BTCUSDT", "binance", LINEAR, "BTC", "USDT", "1"),
    ("binance-futures", "SUSDT", "binance", LINEAR, "S", "USDT", "1"),
    ("binance-futures", "BTCUSDC", "binance", LINEAR, "BTC", "USDC", "1"),
    ("binance-futures", "BTCUSDT_251226", "binance", DELIVERY, "BTC", "USDT", "1"),
    ("binance-delivery", "BTCUSD_PERP", "binance", INVERSE, "BTC", "USD", "100"),
    ("binance-delivery", "ATOMUSD_PERP", "binance", INVERSE, "ATOM", "USD", "10"),
    ("binance-delivery", "DOTUSD_PERP", "binance", INVERSE, "DOT", "USD", "10"),
    ("binance-delivery", "BTCUSD_251226", "binance", INVERSE_DELIVERY, "BTC", "USD", "100"),
    ("binance-delivery", "ETHUSD_251226", "binance", INVERSE_DELIVERY, "ETH", "USD", "10"),
    ("okex", "BTC-USDT", "okx", SPOT, "BTC", "USDT", "1"),
    ("okex-swap", "BTC-USDT-SWAP", "okx", LINEAR, "BTC", "USDT", "0.01"),
    ("okex-swap", "DOGE-USDT-SWAP", "okx", LINEAR, "DOGE", "USDT", "1000"),
    ("okex-swap", "BTC-USDC-SWAP", "okx", LINEAR, "BTC", "USDC", "0.0001"),
    ("okex-swap", "ETH-USDC-SWAP", "okx", LINEAR, "ETH", "USDC", None),
    ("okex-swap", "WLD-USDT-SWAP", "okx", LINEAR, "WLD", "USDT", None),
    ("okex-swap", "BTC-USD_UM-SWAP", "okx", LINEAR, "BTC", "USD", None),
    ("okex-swap", "BTC-USD-SWAP", "okx", INVERSE, "BTC", "USD", "100"),
    ("okex-swap", "ATOM-USD-SWAP", "okx", INVERSE, "ATOM", "USD", "10"),
    ("okex-futures", "BTC-USD-251226", "okx", INVERSE_DELIVERY, "BTC", "USD", "100"),
    ("okex-futures", "BTC-USDT-251226", "okx", DELIVERY, "BTC", "USDT", "0.01"),
    ("bybit", "BTCUSDT", "bybit", LINEAR, "BTC", "USDT", "1"),
    ("bybit", "PERPUSDT", "bybit", LINEAR, "PERP", "USDT", "1"),
    ("bybit", "BTCPERP", "bybit", LINEAR, "BTC", "USDC", "1"),
    ("bybit", "BTCUSD", "bybit", INVERSE, "BTC", "USD", "1"),
    ("bybit", "DOTUSD", "bybit", INVERSE, "DOT", "USD", "1"),
    ("bybit", "BTCUSDZ25", "bybit", INVERSE_DELIVERY, "BTC", "USD", "1"),
    ("bybit", "BTC-26DEC25", "bybit", DELIVERY, "BTC", "USDC", "1"),
    ("bybit", "BTCUSDT-26DEC25", "bybit", DELIVERY, "BTC", "USDT", "1"),
    ("bybit-spot", "BTCUSDT", "bybit", SPOT, "BTC", "USDT", "1"),
    ("coinbase", "ATOM-USD", "coinbase", SPOT, "ATOM", "USD", "1"),
    ("gemini", "ATOMUSD", "gemini", SPOT, "ATOM", "USD", "1"),
    ("gemini", "DOTUSD", "gemini", SPOT, "DOT", "USD", "1"),
    ("kraken", "XBT/USD", "kraken", SPOT, "BTC", "USD", "1"),
    ("kraken", "XBTUSD", "kraken", SPOT, "BTC", "USD", "1"),
    ("kraken", "XXBTZUSD", "kraken", SPOT, "BTC", "USD", "1"),
    ("kraken", "XETHXXBT", "kraken", SPOT, "ETH", "BTC", "1"),
    ("kraken", "XDG/USD", "kraken", SPOT, "DOGE", "USD", "1"),
]


@pytest.mark.parametrize(("market", "symbol", "venue", "kind", "base", "quote", "size"), CASES)
def test_instruments(
    market: str, symbol: str, venue: str, kind: str, base: str, quote: str, size: str | None
) -> None:
    made = identify(market, symbol)
    assert (made.venue, made.symbol, made.kind) == (venue, symbol, kind)
    assert (made.base, made.quote) == (base, quote)
    assert made.contract_size == (None if size is None else Decimal(size))
    assert made.key == f"{venue}:{kind}:{symbol}"


@pytest.mark.parametrize(
    ("symbol", "base", "multiplier"),
    [
        ("1000BONKUSDT", "BONK", 1000), ("1000000MOGUSDT", "MOG", 1_000_000),
        ("1MBABYDOGEUSDT", "BABYDOGE", 1_000_000), ("10000SATSUSDT", "SATS", 10_000),
        ("1INCHUSDT", "1INCH", 1), ("0GUSDT", "0G", 1), ("BTCUSDT", "BTC", 1),
    ],
)  # fmt: skip
def test_prices_for_many_coins(symbol: str, base: str, multiplier: int) -> None:
    made = identify("binance-futures", symbol)
    assert (made.base, made.quote, made.multiplier) == (base, "USDT", multiplier)


def test_an_unknown_market_keeps_its_name() -> None:
    made = identify("Exchange-X", "ATOMUSDT")
    assert (made.venue, made.kind, made.base, made.quote) == ("exchange-x", SPOT, "ATOM", "USDT")


def test_a_symbol_that_does_not_split_keeps_empty_coins() -> None:
    made = identify("exchange-x", "WBTC")
    assert (made.base, made.quote) == ("WBTC", "")


def test_a_kind_that_is_given_wins() -> None:
    assert identify("binance", "BTCUSDT", LINEAR).kind == LINEAR
    assert identify("bybit", "BTCUSD", SPOT).kind == SPOT


def test_case_is_kept_in_the_symbol_and_ignored_in_reading_it() -> None:
    made = identify("BINANCE", "btcusdt")
    assert (made.venue, made.symbol, made.base) == ("binance", "btcusdt", "BTC")


def test_contracts_of_unknown_size_are_not_taken_for_coins() -> None:
    assert not identify("okex-swap", "WLD-USDT-SWAP").counts_coins
    assert not identify("bybit", "BTCUSD").counts_coins
    assert identify("bybit", "BTCUSDT").counts_coins


def test_markets_name_known_kinds() -> None:
    assert {kind for _, kind in MARKETS.values()} <= set(KINDS)


@pytest.mark.parametrize(
    ("exchange", "symbol", "key"),
    [
        ("coinbase", "ATOM/USD", "coinbase:spot:ATOM-USD"),
        ("binance", "ATOM/USDT", "binance:spot:ATOMUSDT"),
        ("binance", "ATOM/USDT:USDT", "binance:linear-perpetual:ATOMUSDT"),
        ("binanceusdm", "ATOM/USDT", "binance:linear-perpetual:ATOMUSDT"),
        ("binancecoinm", "ATOM/USD:ATOM", "binance:inverse-perpetual:ATOMUSD_PERP"),
        ("binance", "BTC/USDT:USDT-251226", "binance:delivery:BTCUSDT_251226"),
        ("binance", "BTC/USD:BTC-251226", "binance:inverse-delivery:BTCUSD_251226"),
        ("okx", "ATOM/USDT", "okx:spot:ATOM-USDT"),
        ("okx", "BTC/USD:BTC", "okx:inverse-perpetual:BTC-USD-SWAP"),
        ("okx", "BTC/USD:BTC-251226", "okx:inverse-delivery:BTC-USD-251226"),
        ("bybit", "BTC/USDT", "bybit:spot:BTCUSDT"),
        ("bybit", "BTC/USDT:USDT", "bybit:linear-perpetual:BTCUSDT"),
        ("gateio", "ATOM/USDT", "gate:spot:ATOM_USDT"),
        ("krakenfutures", "BTC/USD:USD", "krakenfutures:linear-perpetual:BTC/USD:USD"),
        ("binance", "ATOMUSDT", "binance:spot:ATOMUSDT"),
    ],
)
def test_unified_symbols_become_those_of_the_venue(exchange: str, symbol: str, key: str) -> None:
    assert instrument_of(exchange, symbol).key == key


def test_exchanges_that_we_do_not_know() -> None:
    assert market_of("my") is None
    assert market_of("CoinbaseExchange") == "coinbase"
