"""Candles and trades in JSON, as ccxt and Coinbase answer them.

    [[1760131200000, o, h, l, c, v], …]                       ccxt fetch_ohlcv, milliseconds
    [[1760131200, low, high, open, close, volume], …]         Coinbase REST, newest first
    [{"timestamp": …, "open": …, "high": …, "low": …, "close": …, "volume": …}, …]
    [{"id": …, "timestamp": …, "symbol": "ATOM/USD", "side": …, "price": …, "amount": …}, …]

also as the one list inside an object that may say exchange, symbol and timeframe; where it
does not, the file name must: kraken_ATOM-USD_1m.json, coinbase_ATOM-USD-60s-2025-10-10.json.
Which of the two orders a list is in, its numbers say: the low is the lowest of the four.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from itertools import pairwise
from math import gcd
from typing import Any

from ...clock import SECOND, UNITS
from ...errors import Text, UnknownFormat
from ...instruments import Instrument
from ..document import Opening, opening_of
from ..mapped import duration_of
from ..naming import segments, unnamed
from ..reading import Field, Head, Reading, quoted, time_unit
from ..unified import instrument_of, market_of

FORMATS = ("ccxt-candles", "coinbase-candles", "ccxt-trades")

_OHLC = ("open", "high", "low", "close")
_CCXT = {"ts": 0, "open": 1, "high": 2, "low": 3, "close": 4, "raw_volume": 5}
_COINBASE = {"ts": 0, "low": 1, "high": 2, "open": 3, "close": 4, "raw_volume": 5}
_TIME_KEYS = ("timestamp", "time", "ts", "t", "open_time", "start", "datetime")
_EXCHANGE_KEYS = ("exchange", "exchange_id", "venue")
_SYMBOL_KEYS = ("symbol", "pair", "product_id", "instrument")
_FRAME_KEYS = ("timeframe", "interval", "granularity")
_OWN = ("status", "filled", "remaining", "clientOrderId")
"""Keys of orders: what an account asked for, not what the market traded."""
_OWN_TRADE = ("order", "takerOrMaker")
"""Keys that ccxt leaves empty in public trades and fills in an account's own."""

_NAME = re.compile(r"^([A-Za-z][A-Za-z0-9.]*(?:-[a-z]+)*)_(.+)$")
_FRAME = re.compile(r"^\d+[smhd]$")
_ENOUGH = 10
"""Steps that show the grid of the bars; fewer may skip minutes without a trade by chance."""
_DOMINANT = 9
"""Rows that must speak for one order of columns for each that speaks for the other."""


def recognise(head: Head) -> Reading | None:
    """A Reading for candles or trades; raises UnknownFormat where exchange, symbol or timeframe
    are said nowhere, or where the order of the columns cannot be told."""
    if head.data is None:
        return None
    opening = opening_of(head.text)
    if opening is None or not opening.records:
        return None
    if all(isinstance(r, list) and len(r) == 6 for r in opening.records):
        return _list_candles(head, opening)
    if all(isinstance(r, dict) for r in opening.records):
        first = opening.records[0]
        if {"timestamp", "side", "price", "amount"} <= set(first):
            return _trades(head, opening)
        names = {k.lower() for k in first}
        if set(_OHLC) <= names and names & set(_TIME_KEYS):
            return _object_candles(head, opening)
    return None


def _list_candles(head: Head, opening: Opening) -> Reading | None:
    unit = _unit(r[0] for r in opening.records)
    if unit is None or unit == "text":
        return None
    places = _order(head, opening, unit)
    if places is None:
        return None
    columns = tuple(f"c{i}" for i in range(6))
    fields = {name: Field(quoted(columns[at])) for name, at in places.items()}
    fields["ts"] = Field(quoted(columns[0]), unit)
    name = "coinbase-candles" if places is _COINBASE else "ccxt-candles"
    times = [r[0] for r in opening.records]
    return _candles(head, opening, name, columns, fields, times)


def _order(head: Head, opening: Opening, unit: str) -> Mapping[str, int] | None:
    """The order of columns that the rows follow; None where they are no candles at all."""
    votes = {"ccxt": 0, "coinbase": 0, "both": 0}
    for record in opening.records:
        try:
            numbers = [Decimal(v) for v in record[1:5]]
        except (InvalidOperation, TypeError, ValueError):
            continue
        a, high, b, c = numbers
        as_ccxt = _is_bar(a, high, b, c)
        as_coinbase = _is_bar(b, high, a, c)
        if as_ccxt or as_coinbase:
            key = "both" if as_ccxt and as_coinbase else "ccxt" if as_ccxt else "coinbase"
            votes[key] += 1
    if 2 * sum(votes.values()) < len(opening.records):
        return None
    if votes["coinbase"] > _DOMINANT * votes["ccxt"]:
        return _COINBASE if unit == "s" else None
    if votes["ccxt"] > _DOMINANT * votes["coinbase"]:
        return _CCXT
    # Open equals low in every row that was seen: both orders read the same.
    if not votes["ccxt"] and not votes["coinbase"] and (unit == "ms" or opening.whole):
        return _CCXT
    raise UnknownFormat(
        Text(
            "six numbers a row, but they do not tell whether the second is the open (ccxt) or "
            "the low (Coinbase)",
            "每行六个数，但无法判断第二列是开盘价（ccxt）还是最低价（Coinbase）",
        ),
        where=head.name,
        remedy=Text(
            "Save the candles as objects with named values, or as CSV with a [[map]].",
            "请将 K 线保存为带字段名的对象，或存为 CSV 并写 [[map]]。",
        ),
    )


def _is_bar(open_: Decimal, high: Decimal, low: Decimal, close: Decimal) -> bool:
    return low <= min(open_, close) and high >= max(open_, close)


def _object_candles(head: Head, opening: Opening) -> Reading | None:
    lower = {c.lower(): c for c in opening.records[0]}
    for key in _TIME_KEYS:
        unit = _unit(r.get(lower.get(key, "")) for r in opening.records)
        if unit is not None:
            break
    else:
        return None
    fields = {name: Field(quoted(lower[name])) for name in _OHLC}
    fields["ts"] = Field(quoted(lower[key]), unit)
    columns = [lower[name] for name in (key, *_OHLC)]
    for name in ("volume", "symbol"):
        if name in lower:
            columns.append(lower[name])
    if "volume" in lower:
        fields["raw_volume"] = Field(quoted(lower["volume"]))
    times = [r.get(lower[key]) for r in opening.records] if unit in UNITS else []
    return _candles(head, opening, "ccxt-candles", tuple(columns), fields, times)


def _candles(
    head: Head,
    opening: Opening,
    format: str,
    columns: tuple[str, ...],
    fields: Mapping[str, Field],
    times: Sequence[Any],
) -> Reading:
    exchange, symbol, frame = _origin(head, opening)
    if not exchange:
        raise unnamed(head, "candles", Text("exchange", "交易所"))
    if not symbol and "symbol" not in columns:
        raise unnamed(head, "candles", Text("symbol", "交易对"))
    if not frame:
        raise unnamed(head, "candles", Text("timeframe", "K 线周期"))
    _check_spacing(head, times, fields["ts"].unit, frame)
    return Reading(
        format=format,
        record="bars",
        columns=columns,
        header=False,
        fields=fields,
        instrument=instrument_of(exchange, symbol) if symbol else None,
        market="" if symbol else quoted("symbol"),
        symbol="" if symbol else quoted("symbol"),
        identify=partial(_by_row, exchange),
        constants={"series": "trade", "duration": frame},
    )


def _trades(head: Head, opening: Opening) -> Reading | None:
    if any(k in r for r in opening.records for k in _OWN):
        return None
    if any(r.get(k) for r in opening.records for k in _OWN_TRADE):
        return None
    unit = _unit(r.get("timestamp") for r in opening.records)
    if unit is None:
        return None
    exchange, symbol, _ = _origin(head, opening)
    if not exchange:
        raise unnamed(head, "trades", Text("exchange", "交易所"))
    by_row = any(r.get("symbol") for r in opening.records)
    if not by_row and not symbol:
        raise unnamed(head, "trades", Text("symbol", "交易对"))
    columns = ("id", "timestamp", "symbol", "side", "price", "amount")
    return Reading(
        format="ccxt-trades",
        record="trades",
        columns=columns,
        header=False,
        fields={
            "ts": Field(quoted("timestamp"), unit),
            "id": Field(quoted("id")),
            "side": Field(quoted("side")),
            "price": Field(quoted("price")),
            "raw_size": Field(quoted("amount")),
        },
        instrument=None if by_row else instrument_of(exchange, symbol),
        market=quoted("symbol") if by_row else "",
        symbol=quoted("symbol") if by_row else "",
        identify=partial(_by_row, exchange),
    )


def _by_row(exchange: str, _market: str, symbol: str) -> Instrument:
    return instrument_of(exchange, symbol)


def _unit(values: Any) -> str | None:
    """The unit of the first value that is a time."""
    for value in values:
        if isinstance(value, str) and (unit := time_unit(value)):
            return unit
    return None


def _origin(head: Head, opening: Opening) -> tuple[str, str, int]:
    """Exchange, symbol and length of a bar in µs by the document's keys, then by the name."""
    keys = {k.lower(): v for k, v in opening.keys.items() if isinstance(v, str) and v}
    named_exchange, named_symbol, named_frame = _name(head.name)
    exchange = next((keys[k] for k in _EXCHANGE_KEYS if k in keys), "") or named_exchange
    symbol = next((keys[k] for k in _SYMBOL_KEYS if k in keys), "") or named_symbol
    frame = next((f for k in _FRAME_KEYS if (f := _frame(keys.get(k, "")))), 0) or named_frame
    return exchange, symbol, frame


def _frame(text: str) -> int:
    """Microseconds of "1m", or of "60" (seconds); 0 where it is neither."""
    if text.isdecimal():
        return int(text) * SECOND
    return duration_of(text) if _FRAME.match(text) and int(text[:-1]) else 0


def _name(name: str) -> tuple[str, str, int]:
    """What EXCHANGE_SYMBOL_TIMEFRAME says; empty where a part is not there."""
    own = segments(name)
    parts = _NAME.match(own[0]) if own else None
    if parts is None or market_of(parts[1]) is None:
        return "", "", 0
    tokens = re.split(r"[-_/:]", parts[2])
    symbol = []
    for token in tokens:
        if _FRAME.match(token) or not re.fullmatch(r"[^\W_a-z]+", token) or token.isdecimal():
            break
        symbol.append(token)
    frame = next((_frame(t) for t in tokens if _FRAME.match(t)), 0)
    return parts[1], _spelt(symbol), frame


def _spelt(tokens: list[str]) -> str:
    """The pieces of a symbol in a file name as ccxt spells it: BTC/USDT:USDT."""
    if len(tokens) == 2:
        return "/".join(tokens)
    if len(tokens) == 3:
        base, quote, settle = tokens
        if settle in ("SWAP", "PERP"):
            settle = base if quote == "USD" else quote
        return f"{base}/{quote}:{settle}"
    return tokens[0] if tokens else ""


def _check_spacing(head: Head, times: Sequence[Any], unit: str, frame: int) -> None:
    """Refuse a timeframe that the times contradict: most bars off its grid, or all on a wider."""
    if unit not in UNITS:
        return
    moments = sorted({int(t) * UNITS[unit] for t in times if isinstance(t, str) and t.isdecimal()})
    steps = [later - earlier for earlier, later in pairwise(moments)]
    off = sum(step % frame != 0 for step in steps)
    grid = gcd(*steps)
    if 2 * off > len(steps) or (len(steps) >= _ENOUGH and not off and grid > frame):
        usual = max(set(steps), key=steps.count) // SECOND
        raise UnknownFormat(
            Text(
                f"the bars are said to be {frame // SECOND} s long, but lie {usual} s apart",
                f"K 线周期声明为 {frame // SECOND} 秒，但相邻 K 线相隔 {usual} 秒",
            ),
            where=head.name,
            remedy=Text(
                "Correct the timeframe in the document or in the file name.",
                "请更正文件内容或文件名中的周期。",
            ),
        )
