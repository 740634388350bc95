"""Trades of Binance's public archive, one symbol a file, with a header or without.

    trades, spot       id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch
    trades, futures    id,price,qty,quote_qty,time,is_buyer_maker          (COIN-M: base_qty)
    aggTrades, spot    agg_id,price,qty,first_id,last_id,time,isBuyerMaker,isBestMatch
    aggTrades, futures agg_trade_id,price,quantity,first_trade_id,last_trade_id,
                       transact_time,is_buyer_maker
    study extracts     aggregate_trade_id,price,quantity_atom,first_trade_id,last_trade_id,
                       time_utc,buyer_is_maker

Times are milliseconds, in spot files since 2025-01-01 microseconds: judged by their size.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...instruments import identify
from ..naming import binance_market, need_symbol
from ..reading import Field, Head, Reading, quoted, time_field

FORMATS = ("binance-trades", "binance-agg-trades")

# The buyer waited in the book, so the taker sold.
_TAKER = {
    "true": "sell", "True": "sell", "TRUE": "sell",
    "false": "buy", "False": "buy", "FALSE": "buy",
}  # fmt: skip
_TIME = ("time", "transacttime", "timestamp", "timeutc")
_MAKER = ("isbuyermaker", "buyerismaker")
_AGGREGATE_ID = ("aggtradeid", "aggregatetradeid", "aggid")
_ORDERS = ("orderid", "orderno")
"""Columns of an account's own trades, which are no tape."""

_WHOLE = r"-?\d+"
_DECIMAL = r"\d+(\.\d*)?([eE][+-]?\d+)?"
_EPOCH = r"\d{13}|\d{16}"
_FLAG = r"(?i:true|false)"
_HEADLESS: Mapping[tuple[str, ...], tuple[str, Mapping[str, int]]] = {
    (_WHOLE, _DECIMAL, _DECIMAL, _DECIMAL, _EPOCH, _FLAG, _FLAG): (
        "spot", {"id": 0, "price": 1, "size": 2, "time": 4, "maker": 5},
    ),
    (_WHOLE, _DECIMAL, _DECIMAL, _DECIMAL, _EPOCH, _FLAG): (
        "futures", {"id": 0, "price": 1, "size": 2, "time": 4, "maker": 5},
    ),
    (_WHOLE, _DECIMAL, _DECIMAL, _WHOLE, _WHOLE, _EPOCH, _FLAG, _FLAG): (
        "spot", {"id": 0, "price": 1, "size": 2, "first": 3, "last": 4, "time": 5, "maker": 6},
    ),
    (_WHOLE, _DECIMAL, _DECIMAL, _WHOLE, _WHOLE, _EPOCH, _FLAG): (
        "futures", {"id": 0, "price": 1, "size": 2, "first": 3, "last": 4, "time": 5, "maker": 6},
    ),
}  # fmt: skip
"""Patterns of the cells → (market that writes them, what stands where)."""


def recognise(head: Head) -> Reading | None:
    """A Reading for trades or aggregate trades; raises UnknownFormat without a symbol."""
    if head.container == "parquet":
        return None
    found = _named(head) if head.header is not None else _headless(head)
    if found is None:
        return None
    layout, at = found
    ts = time_field(head, at["time"])
    if ts is None:
        if head.rows:
            return None
        ts = Field(quoted(at["time"]), "ms")
    aggregate = "first" in at
    symbol = need_symbol(head, "Binance aggregate trades" if aggregate else "Binance trades")
    market, notes = binance_market(head, symbol, layout, ts.unit)
    fields = {
        "ts": ts,
        "id": Field(quoted(at["id"])),
        "side": Field(quoted(at["maker"]), words=_TAKER),
        "price": Field(quoted(at["price"])),
        "raw_size": Field(quoted(at["size"])),
    }
    if aggregate:
        first, last = (f"try_cast({quoted(at[n])} AS BIGINT)" for n in ("first", "last"))
        fields["n"] = Field(f"{last} - {first} + 1")
    return Reading(
        format="binance-agg-trades" if aggregate else "binance-trades",
        record="trades",
        columns=head.columns,
        delimiter=head.delimiter,
        header=head.header is not None,
        fields=fields,
        instrument=identify(market, symbol),
        notes=notes,
    )


def _named(head: Head) -> tuple[str, dict[str, str]] | None:
    """Market by its own columns ("" where both write them) and the column of each part."""
    aggregate = head.find(*_AGGREGATE_ID)
    size = head.find("qty", "quantity")
    if size is None and aggregate:
        size = next((c for c in head.columns if c.lower().startswith("quantity_")), None)
    parts = {
        "id": aggregate or head.find("id", "tradeid"),
        "price": head.find("price"),
        "size": size,
        "time": head.find(*_TIME),
        "maker": head.find(*_MAKER),
    }
    if aggregate:
        parts["first"] = head.find("firsttradeid", "firstid")
        parts["last"] = head.find("lasttradeid", "lastid")
    at = {part: column for part, column in parts.items() if column is not None}
    if len(at) < len(parts) or head.find(*_ORDERS):
        return None
    if head.find("isbestmatch"):
        return "spot", at
    return ("futures" if head.find("baseqty") else ""), at


def _headless(head: Head) -> tuple[str, dict[str, str]] | None:
    """The layout whose pattern at least half of the first rows follow."""
    for patterns, (layout, places) in _HEADLESS.items():
        if len(patterns) == len(head.columns):
            fit = sum(_fits(row, patterns) for row in head.rows)
            if 2 * fit >= len(head.rows):
                return layout, {part: head.columns[i] for part, i in places.items()}
    return None


def _fits(row: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return len(row) == len(patterns) and all(
        re.fullmatch(pattern, cell) for pattern, cell in zip(patterns, row, strict=True)
    )
