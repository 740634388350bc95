"""What the name of an archive file says where its content is silent.

    data/futures/um/daily/markPriceKlines/BTCUSDT/1m/BTCUSDT-1m-2025-10-10.zip
                 │        └ price series  └ symbol
                 └ market
    BTCUSDT-um-1m-2025-10-10.csv     binance_spot_ATOMUSDT_aggTrades.csv
    BTC-USDT-SWAP-trades-2025-10-10.zip     kraken_ATOM-USD_1m.json

The content is asked first, always; a market that contradicts it is refused, not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import Text, UnknownFormat
from ..instruments import identify
from .reading import Head

SPOT = "binance"
USD_M = "binance-futures"
COIN_M = "binance-delivery"
_FOLDERS = {"spot": SPOT, "um": USD_M, "cm": COIN_M}
_WORDS = {SPOT: "spot", USD_M: "USDⓈ-M (um)", COIN_M: "COIN-M (cm)"}

_SERIES = {
    "markpriceklines": "mark", "markprice": "mark", "mark": "mark",
    "indexpriceklines": "index", "indexprice": "index", "index": "index",
    "premiumindexklines": "premium", "premiumindex": "premium", "premium": "premium",
}  # fmt: skip
_ENDINGS = re.compile(r"(\.(csv|json|txt|zip|gz|bz2|xz))+$", re.IGNORECASE)
# Capitals and digits, and the Chinese of symbols such as 币安人生USDT.
_SYMBOL = re.compile(r"[^\W_a-z]{2,}(_PERP|_\d{6})?")
_ARCHIVE_NAME = re.compile(rf"^({_SYMBOL.pattern})-.*\d{{4}}-\d\d")
_COIN_M_SYMBOL = re.compile(r"USD_(PERP|\d{6})$")
_DATED_SYMBOL = re.compile(r"(USDT|USDC|BUSD)_\d{6}$")


def segments(name: str) -> list[str]:
    """The file's own name without its endings first, then its folders, nearest first."""
    parts = [p for p in re.split(r"[/\\]", name) if p]
    return [_ENDINGS.sub("", parts[-1]), *reversed(parts[:-1])] if parts else []


def _tokens(segment: str) -> Iterator[str]:
    """The pieces of one segment, larger ones first: BTCUSD_PERP before BTCUSD."""
    pieces = re.split(r"[-\s()]", segment)
    yield from pieces
    for piece in pieces:
        yield from piece.split("_")


def symbol_in(name: str) -> str | None:
    """The symbol of an archive whose symbols have no separator (Binance, Bybit), or None.

    A symbol with a quote currency that we know may stand anywhere; another one only where
    the archive itself writes it, in front of a date.
    """
    own = segments(name)
    for segment in own:
        for token in _tokens(segment):
            if _SYMBOL.fullmatch(token) and identify(SPOT, token).quote:
                return token
    written = _ARCHIVE_NAME.match(own[0]) if own else None
    return written[1] if written and not written[1].isdecimal() else None


def need_symbol(head: Head, layout: str) -> str:
    """The symbol that the name says; raises UnknownFormat where it says none."""
    symbol = symbol_in(head.name)
    if symbol is None:
        raise unnamed(head, layout, Text("symbol", "交易对"))
    return symbol


def unnamed(head: Head, layout: str, missing: Text) -> UnknownFormat:
    """The refusal of a file whose rows are understood, but not what they are the rows of."""
    return UnknownFormat(
        Text(
            f"the rows are {layout}, but neither they nor the file name say the {missing.en}",
            f"内容为 {layout}，但数据和文件名都没有说明{missing.zh}",
        ),
        where=head.name,
        remedy=Text(
            "Keep the name (and folders) that the archive gave the file, or describe the file "
            "with [[map]] in case.toml.",
            "请保留存档原有的文件名（及文件夹），或在 case.toml 中用 [[map]] 说明该文件。",
        ),
    )


def series_in(name: str) -> str | None:
    """mark, index or premium where a folder or a part of the name says so."""
    for segment in segments(name):
        for token in _tokens(segment):
            if found := _SERIES.get(token.lower()):
                return found
    return None


def market_in(name: str) -> str | None:
    """The Binance market where a folder or a part of the file's name says spot, um or cm."""
    own = segments(name)
    near = [t.lower() for t in _tokens(own[0])] if own else []
    for word in (*near, *(s.lower() for s in own[1:])):
        if word in _FOLDERS:
            return _FOLDERS[word]
    return None


def coin_margined(symbol: str) -> bool:
    """Whether a Binance symbol is one of a COIN-M contract."""
    return bool(_COIN_M_SYMBOL.search(symbol))


def futures_market(symbol: str) -> str:
    """The Binance futures market of a symbol: COIN-M or USDⓈ-M."""
    return COIN_M if coin_margined(symbol) else USD_M


def binance_market(head: Head, symbol: str, layout: str, unit: str) -> tuple[str, tuple[Text, ...]]:
    """The market of a file of Binance's archive, and what is to be noted about the judgement.

    `layout` is what the columns prove: "spot", "futures" or "" where both write the same.
    Then the name is asked, and last the time `unit`: spot archives are in microseconds
    since 2025-01-01, and only futures archives have a header. Raises UnknownFormat where
    name and content contradict each other, and where nothing tells spot from futures.
    """
    said = market_in(head.name)
    notes: tuple[Text, ...] = ()
    if coin_margined(symbol):
        market = COIN_M
    elif _DATED_SYMBOL.search(symbol):
        market = USD_M
    elif layout == "spot":
        market = SPOT
    elif said is not None:
        market = said
    elif layout == "futures":
        market = USD_M
    else:
        market, note = _judged(head, unit)
        notes = (note,)
    proven = {"spot": market == SPOT, "futures": market != SPOT}.get(layout, True)
    if not proven or said not in (None, market):
        raise _contradiction(head, _WORDS.get(said or "", symbol), layout or _WORDS[market])
    return market, notes


def _judged(head: Head, unit: str) -> tuple[str, Text]:
    """Spot or USDⓈ-M by the habits of the archive, with the note that says so."""
    if unit == "us":
        return SPOT, Text(
            "the name does not say the market; taken for Binance spot, because its times are "
            "in microseconds, as in spot archives since 2025-01-01",
            "文件名未说明市场；因时间为微秒（现货存档自 2025-01-01 起如此），按币安现货处理",
        )
    if unit == "ms" and head.header is not None:
        return USD_M, Text(
            "the name does not say the market; taken for Binance USDⓈ-M futures, because its "
            "times are in milliseconds under a header",
            "文件名未说明市场；因时间为毫秒且有表头，按币安 U 本位合约处理",
        )
    raise unnamed(head, "Binance archive", Text("market (spot or futures)", "市场（现货或合约）"))


def _contradiction(head: Head, named: str, proven: str) -> UnknownFormat:
    return UnknownFormat(
        Text(
            f"the name says Binance {named}, the content says {proven}",
            f"文件名表明是币安 {named}，内容却是 {proven}",
        ),
        where=head.name,
        remedy=Text(
            "Give the file its original name, or describe it with [[map]] in case.toml.",
            "请恢复原文件名，或在 case.toml 中用 [[map]] 说明该文件。",
        ),
    )
