"""Trades of Bybit's public archive (public.bybit.com).

    trading/SYMBOL/SYMBOLYYYY-MM-DD.csv.gz
        timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,
        foreignNotional[,RPI]        derivatives; seconds with decimals, oldest or newest first
    spot/SYMBOL/SYMBOL_YYYY-MM-DD.csv.gz
        id,timestamp,price,volume,side[,rpi]        milliseconds; id counts rows of the file

`side` is the taker's. Inverse contracts (BTCUSD, BTCUSDH26) count dollars, linear ones coins.
"""

from __future__ import annotations

import re

from ...errors import Text
from ...instruments import Instrument, identify
from ..naming import segments, unnamed
from ..reading import Field, Head, Reading, quoted, time_field

FORMATS = ("bybit-trades", "bybit-spot-trades")

_TAKER = {
    "Buy": "buy", "buy": "buy", "BUY": "buy", "Sell": "sell", "sell": "sell", "SELL": "sell",
}  # fmt: skip
_NAMED = re.compile(r"^([^\W_a-z]+?)[_-]?\d{4}-\d\d(-\d\d)?(?!\d)")


def recognise(head: Head) -> Reading | None:
    """A Reading for either layout; raises UnknownFormat for spot without a symbol."""
    if head.container == "parquet" or head.header is None:
        return None
    time = head.find("timestamp")
    side, price = head.find("side"), head.find("price")
    if time is None or side is None or price is None:
        return None
    match_id, size, symbol = head.find("trdmatchid"), head.find("size"), head.find("symbol")
    if match_id and size and symbol:
        return _reading(head, "bybit-trades", time, match_id, side, price, size, symbol)
    # A spot file has these columns and no others, which keeps foreign layouts out.
    number, volume = head.find("id"), head.find("volume")
    if number and volume and set(head.header) <= {*_SPOT, "rpi"}:
        return _reading(head, "bybit-spot-trades", time, number, side, price, volume, None)
    return None


_SPOT = ("id", "timestamp", "price", "volume", "side")


def _reading(
    head: Head,
    format: str,
    time: str,
    number: str,
    side: str,
    price: str,
    size: str,
    symbol: str | None,
) -> Reading | None:
    ts = time_field(head, time)
    if ts is None:
        if head.rows:
            return None
        ts = Field(quoted(time), "s" if symbol else "ms")
    return Reading(
        format=format,
        record="trades",
        columns=head.columns,
        delimiter=head.delimiter,
        fields={
            "ts": ts,
            "id": Field(quoted(number)),
            "side": Field(quoted(side), words=_TAKER),
            "price": Field(quoted(price)),
            "raw_size": Field(quoted(size)),
        },
        instrument=None if symbol else identify("bybit-spot", _spot_symbol(head)),
        # The archive of this layout has derivatives only: the symbol tells which.
        market=quoted(symbol) if symbol else "",
        symbol=quoted(symbol) if symbol else "",
        identify=_derivative,
    )


def _derivative(_market: str, symbol: str) -> Instrument:
    return identify("bybit", symbol)


def _spot_symbol(head: Head) -> str:
    """BTCUSDT of BTCUSDT_2025-10-10, or of the folder that holds the file."""
    own = segments(head.name)
    if own and (named := _NAMED.match(own[0])):
        return named[1]
    for folder in own[1:]:
        if re.fullmatch(r"[^\W_a-z]{4,}", folder) and identify("bybit-spot", folder).quote:
            return folder
    raise unnamed(head, "Bybit spot trades", Text("symbol", "交易对"))
