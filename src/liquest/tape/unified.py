"""ccxt's unified names → instruments under the symbols that the venues themselves write.

    ATOM/USD               spot             coinbase ATOM-USD, binance ATOMUSD, gate ATOM_USD
    BTC/USDT:USDT          linear swap      okx BTC-USDT-SWAP, binance and bybit BTCUSDT
    BTC/USD:BTC            inverse swap     okx BTC-USD-SWAP, binance BTCUSD_PERP
    BTC/USDT:USDT-251226   dated, settled in the quote (linear) or in the base (inverse)

One symbol a venue, whatever file it comes from: candles must meet the trades they are of.
"""

from __future__ import annotations

import re

from ..errors import Text, UnknownFormat
from ..instruments import (
    DELIVERY,
    INVERSE,
    INVERSE_DELIVERY,
    INVERSES,
    LINEAR,
    MARKETS,
    SPOT,
    Instrument,
    identify,
)

_EXCHANGES = {
    "binanceusdm": "binance-futures", "binancecoinm": "binance-delivery",
    "coinbaseexchange": "coinbase", "coinbasepro": "coinbase", "coinbaseadvanced": "coinbase",
    "gate": "gate-io", "gateio": "gate-io", "htx": "huobi", "bitfinex2": "bitfinex",
}  # fmt: skip
"""ccxt's names of exchanges that differ from ours."""
_SEPARATORS = {
    "binance": "", "bybit": "", "gemini": "", "mexc": "", "bitget": "",
    "coinbase": "-", "okx": "-", "kucoin": "-", "gate": "_", "kraken": "/",
}  # fmt: skip
_UNIFIED = re.compile(r"^([^/:]+)/([^/:]+?)(?::([^-:]+)(?:-(\d{6}))?(-.+)?)?$")


def market_of(exchange: str) -> str | None:
    """Our name of the market that ccxt calls `exchange`, None where we know none."""
    name = exchange.lower()
    name = _EXCHANGES.get(name, name)
    return name if name in MARKETS else None


def instrument_of(exchange: str, symbol: str) -> Instrument:
    """The instrument of a unified symbol, or of one as the venue writes it.

    Raises UnknownFormat for options, which the tape has no kind for.
    """
    market = market_of(exchange) or exchange
    unified = _UNIFIED.match(symbol)
    if unified is None:
        return identify(market, symbol)
    base, quote, settle, expiry, option = unified.groups()
    if option:
        raise UnknownFormat(
            Text(f"{symbol} is an option; options are not read", f"{symbol} 是期权，暂不读取"),
            remedy=Text("Leave the file out of the case.", "请将该文件移出案件。"),
        )
    if settle is None:
        kind = MARKETS.get(market, ("", SPOT))[1] if market.startswith("binance-") else SPOT
    elif settle == base:
        kind = INVERSE_DELIVERY if expiry else INVERSE
    else:
        kind = DELIVERY if expiry else LINEAR
    return identify(market, _native(market, kind, base, quote, expiry) or symbol, kind)


def _native(market: str, kind: str, base: str, quote: str, expiry: str | None) -> str | None:
    """The venue's own symbol where its rule is known, else None."""
    venue = MARKETS.get(market, (market, ""))[0]
    if venue not in _SEPARATORS:
        return None
    pair = f"{base}{_SEPARATORS[venue]}{quote}"
    if kind == SPOT or (kind in (LINEAR, INVERSE) and venue == "bybit"):
        return pair
    if venue == "binance":
        suffix = expiry or ("PERP" if kind in INVERSES else "")
        return f"{pair}_{suffix}" if suffix else pair
    if venue == "okx":
        return f"{pair}-{expiry or 'SWAP'}"
    return None
