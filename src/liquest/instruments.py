"""What is traded: venue, symbol, kind, quote currency, contract size.

A symbol alone says little: BTCUSDT is a spot pair in one market of a venue and
a perpetual in another, and one contract of BTCUSD_PERP is 100 USD while one of
ATOMUSD_PERP is 10 USD. Sizes are normalised with `contract_size`; where the
size of a contract is not known it stays None, and volumes stay in contracts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

SPOT = "spot"
LINEAR = "linear-perpetual"
INVERSE = "inverse-perpetual"
DELIVERY = "delivery"
INVERSE_DELIVERY = "inverse-delivery"
RATE = "rate"
KINDS = (SPOT, LINEAR, INVERSE, DELIVERY, INVERSE_DELIVERY, RATE)
INVERSES = (INVERSE, INVERSE_DELIVERY)
NO_CONTRACTS = (SPOT, RATE)
"""Kinds whose sizes are coins."""

FIAT = ("USD", "EUR", "GBP", "JPY", "KRW", "TRY", "BRL", "AUD", "SGD")
STABLE = ("USDT", "USDC", "FDUSD", "TUSD", "BUSD", "DAI", "USDE", "GUSD")
QUOTES = (*STABLE, *FIAT, "BTC", "ETH", "BNB")

_TUSD_VENUES = ("binance",)
"""Venues whose joined symbols may end in TUSD, FDUSD, BUSD; elsewhere DOTUSD is DOT in USD."""
_BY_LENGTH = sorted(QUOTES, key=len, reverse=True)
_ENDING_IN_USD = ("TUSD", "FDUSD", "BUSD", "GUSD")


def _quote_end(*left_out: str) -> re.Pattern[str]:
    """Base and quote of a joined symbol. A base of one letter is believed before a stablecoin
    (AUSDT), not before BTC or ETH, where WBTC is one coin."""
    stable = "|".join(q for q in _BY_LENGTH if q in STABLE and q not in left_out)
    other = "|".join(q for q in _BY_LENGTH if q not in STABLE)
    return re.compile(rf"^(?:(.+?)({stable})|(.{{2,}}?)({other}))$")


_QUOTE_END = _quote_end()
_PLAIN_USD = _quote_end(*_ENDING_IN_USD)
_MULTIPLES = re.compile(r"^(10{3,}|1M)([A-Z].*)$")
_ALIASES = {"XBT": "BTC", "XDG": "DOGE"}
_KRAKEN_LEGACY = re.compile(r"^X([A-Z]{3})[XZ]([A-Z]{3})$")
"""XXBTZUSD: the oldest pairs mark coins with X and state money with Z."""

MARKETS: Mapping[str, tuple[str, str]] = {
    "binance": ("binance", SPOT),
    "binance-futures": ("binance", LINEAR),
    "binance-delivery": ("binance", INVERSE),
    "bybit": ("bybit", LINEAR),
    "bybit-spot": ("bybit", SPOT),
    "okex": ("okx", SPOT),
    "okex-swap": ("okx", LINEAR),
    "okex-futures": ("okx", DELIVERY),
    "okx": ("okx", SPOT),
    "okx-swap": ("okx", LINEAR),
    "coinbase": ("coinbase", SPOT),
    "gemini": ("gemini", SPOT),
    "kraken": ("kraken", SPOT),
    "bitstamp": ("bitstamp", SPOT),
    "bitfinex": ("bitfinex", SPOT),
    "gate-io": ("gate", SPOT),
    "gate-io-futures": ("gate", LINEAR),
    "kucoin": ("kucoin", SPOT),
    "mexc": ("mexc", SPOT),
    "bitget": ("bitget", SPOT),
    "bitget-futures": ("bitget", LINEAR),
    "upbit": ("upbit", SPOT),
    "huobi": ("huobi", SPOT),
    "hyperliquid": ("hyperliquid", LINEAR),
    "bitmex": ("bitmex", INVERSE),
    "uniswap": ("uniswap", SPOT),
}
"""Names of markets in tick files → (venue, kind unless the symbol says more)."""

OKX_CONTRACT = {
    "BTC": "0.01", "ETH": "0.1", "SOL": "1", "XRP": "100", "DOGE": "1000", "ADA": "100",
    "LTC": "1", "BCH": "0.1", "LINK": "1", "DOT": "1", "AVAX": "1", "ATOM": "1", "UNI": "1",
    "AAVE": "0.1", "TRX": "1000",
}  # fmt: skip
"""Base units of one USDT swap contract of OKX (ctVal of the public instrument list)."""
OKX_USDC_CONTRACT = {"BTC": "0.0001"}
"""As above for swaps in USDC, whose contracts are of other sizes."""


@dataclass(frozen=True, order=True)
class Instrument:
    """`symbol` as the venue writes it. `contract_size` is in base units for linear kinds,
    in quote units (USD) for inverse ones. A price of the symbol is for `multiplier` coins."""

    venue: str
    symbol: str
    kind: str
    base: str = ""
    quote: str = ""
    contract_size: Decimal | None = Decimal(1)
    multiplier: int = 1

    @property
    def key(self) -> str:
        """One text that names it: binance:spot:ATOMUSDT."""
        return f"{self.venue}:{self.kind}:{self.symbol}"

    @property
    def subject(self) -> dict[str, str]:
        """As it stands in a finding."""
        return {"venue": self.venue, "instrument": self.symbol, "kind": self.kind}

    @property
    def inverse(self) -> bool:
        return self.kind in INVERSES

    @property
    def counts_coins(self) -> bool:
        """One unit of its size is one coin of the base: sizes need no conversion."""
        return self.contract_size == 1 and not self.inverse

    @property
    def fiat(self) -> bool:
        """Quoted in state money and settled in it, not in a stablecoin or a coin."""
        return self.quote in FIAT and not self.inverse


def identify(market: str, symbol: str, kind: str | None = None) -> Instrument:
    """The instrument that a tick file names by market and symbol.

    `kind` overrides what market and symbol say. A market that is not known keeps its
    name as venue; a symbol that does not split keeps an empty base and quote.
    """
    venue, default = MARKETS.get(market.lower(), (market.lower(), SPOT))
    upper = symbol.upper()
    base, quote, found = _split(venue, upper)
    kind = kind or found or default
    if kind == LINEAR and found is None and quote == "USD" and venue == "bybit":
        kind = INVERSE
    # OKX's USD_UM contracts are quoted in dollars and settled in dollar coins: linear.
    if kind in (LINEAR, DELIVERY) and venue == "okx" and quote == "USD" and "_UM" not in upper:
        kind = INVERSE if kind == LINEAR else INVERSE_DELIVERY
    if market.lower() == "binance-delivery" and kind == DELIVERY:
        kind = INVERSE_DELIVERY
    base, quote = _ALIASES.get(base, base), _ALIASES.get(quote, quote)
    multiplier = 1
    if many := _MULTIPLES.match(base):
        multiplier = {"1M": 1_000_000}.get(many[1]) or int(many[1])
        base = many[2]
    return Instrument(
        venue, symbol, kind, base, quote, _contract_size(venue, kind, base, quote), multiplier
    )


def _split(venue: str, symbol: str) -> tuple[str, str, str | None]:
    """Base, quote and the kind that the symbol itself gives away, if any."""
    kind: str | None = None
    text = symbol
    if venue == "bybit" and (own := _split_bybit(symbol)):
        return own
    if venue == "kraken" and (legacy := _KRAKEN_LEGACY.match(symbol)):
        return legacy[1], legacy[2], None
    if text.endswith("-SWAP"):
        text, kind = text.removesuffix("-SWAP"), LINEAR
    elif text.endswith("_PERP"):
        text, kind = text.removesuffix("_PERP"), INVERSE
    elif dated := re.match(r"^(.*)[-_]\d{6}$", text):
        text, kind = dated[1], DELIVERY
    for mark in ("-", "/", "_", ":"):
        if mark in text:
            base, quote = text.split(mark, 1)
            return base, re.split(r"[-/_:]", quote)[0], kind
    ends = _QUOTE_END if venue in _TUSD_VENUES and kind is None else _PLAIN_USD
    if split := ends.match(text):
        base, quote = (part for part in split.groups() if part)
        return base, quote, kind
    return text, "", kind


def _split_bybit(symbol: str) -> tuple[str, str, str] | None:
    """Contracts that only Bybit writes so: BTCPERP and BTC-26DEC25 settle in USDC,
    BTCUSDT-26DEC25 in USDT, BTCUSDZ25 in the coin. None for every other symbol."""
    if perpetual := re.match(r"^([A-Z0-9]+)PERP$", symbol):
        return perpetual[1], "USDC", LINEAR
    if quarter := re.match(r"^([A-Z0-9]+)USD[HMUZ]\d\d$", symbol):
        return quarter[1], "USD", INVERSE_DELIVERY
    if dated := re.match(r"^([A-Z0-9]+?)(USDT)?-\d{1,2}[A-Z]{3}\d\d$", symbol):
        return dated[1], dated[2] or "USDC", DELIVERY
    return None


def _contract_size(venue: str, kind: str, base: str, quote: str) -> Decimal | None:
    """Size of one contract; None where neither rule nor list gives it."""
    if kind in NO_CONTRACTS:
        return Decimal(1)
    if venue == "binance":
        if kind in INVERSES:
            return Decimal(100 if base == "BTC" else 10)
        return Decimal(1)
    if venue == "bybit":
        return Decimal(1)
    if venue == "okx":
        if kind in INVERSES:
            return Decimal(100 if base == "BTC" else 10)
        size = {"USDT": OKX_CONTRACT, "USDC": OKX_USDC_CONTRACT}.get(quote, {}).get(base)
        return Decimal(size) if size else None
    if venue == "hyperliquid":
        return Decimal(1)
    if venue == "bitmex" and base == "BTC" and kind in INVERSES:
        return Decimal(1)
    return None
