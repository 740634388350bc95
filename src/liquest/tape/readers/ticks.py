"""Tick CSV in the Tardis layout: one file says exchange and symbol in every row.

    trades            exchange,symbol,timestamp,local_timestamp,id,side,price,amount
    quotes            …,ask_amount,ask_price,bid_price,bid_amount
    book_snapshot_N   …,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount,…
    derivative_ticker …,funding_timestamp,funding_rate,…,open_interest,last_price,…
    liquidations      as trades
    incremental_book_L2  …,is_snapshot,side,price,amount    side "bid" or "ask"

Times are microseconds UTC; other units are judged by their size. Columns may come in
any order.
"""

from __future__ import annotations

import re

from ...instruments import identify
from ..reading import Field, Head, Reading, quoted, time_field
from ..schema import LEVELS

FORMATS = (
    "tick-trades", "tick-quotes", "tick-book-snapshot", "tick-derivative-ticker",
    "tick-liquidations", "tick-incremental-book",
)  # fmt: skip

_SIDES = {"buy": "buy", "sell": "sell"}
_BOOK_SIDES = {"bid": "buy", "ask": "sell", "buy": "buy", "sell": "sell"}
_LEVEL = re.compile(r"^(asks|bids)\[(\d+)\]\.(price|amount)$")
_TICKER = {
    "funding_rate": "funding_rate", "predicted_funding_rate": "predicted_funding_rate",
    "open_interest": "open_interest", "last_price": "last_price",
    "index_price": "index_price", "mark_price": "mark_price",
}  # fmt: skip


def recognise(head: Head) -> Reading | None:
    """A Reading when the header names exchange, symbol and timestamp and a known payload."""
    if head.container == "parquet" or not head.has("exchange", "symbol", "timestamp"):
        return None
    ts = time_field(head, head.column("timestamp") or "")
    if ts is None:
        ts = Field(quoted(head.column("timestamp") or ""), "us")
    fields = {"ts": ts}
    if received := head.column("local_timestamp"):
        fields["ts_received"] = time_field(head, received) or Field(quoted(received), "us")
    if head.has("is_snapshot", "side", "price", "amount"):
        return _increments(head, fields)
    if head.has("side", "price", "amount"):
        return _trades(head, fields)
    if head.has("ask_price", "bid_price"):
        for ours, theirs in (
            ("bid_price", "bid_price"), ("bid_size", "bid_amount"),
            ("ask_price", "ask_price"), ("ask_size", "ask_amount"),
        ):  # fmt: skip
            if column := head.column(theirs):
                fields[ours] = Field(quoted(column))
        return _reading(head, "tick-quotes", "quotes", fields)
    if head.has("asks[0].price", "bids[0].price"):
        for column in head.columns:
            level = _LEVEL.match(column.lower())
            if level is not None and int(level[2]) < LEVELS:
                side = level[1].removesuffix("s")
                what = "price" if level[3] == "price" else "size"
                fields[f"{side}_{what}_{level[2]}"] = Field(quoted(column))
        return _reading(head, "tick-book-snapshot", "book", fields)
    if head.has("mark_price") or head.has("open_interest") or head.has("funding_rate"):
        for theirs, ours in _TICKER.items():
            if column := head.column(theirs):
                fields[ours] = Field(quoted(column))
        if column := head.column("funding_timestamp"):
            fields["funding_ts"] = time_field(head, column) or Field(quoted(column), "us")
        return _reading(head, "tick-derivative-ticker", "ticker", fields)
    return None


def _trades(head: Head, fields: dict[str, Field]) -> Reading:
    """Trades and liquidations share a layout; only the name of the file tells them apart."""
    if column := head.column("id"):
        fields["id"] = Field(quoted(column))
    fields["side"] = Field(quoted(head.column("side") or ""), words=_SIDES)
    fields["price"] = Field(quoted(head.column("price") or ""))
    fields["raw_size"] = Field(quoted(head.column("amount") or ""))
    if "liquidation" in head.name.lower():
        return _reading(head, "tick-liquidations", "liquidations", fields)
    return _reading(head, "tick-trades", "trades", fields)


def _increments(head: Head, fields: dict[str, Field]) -> Reading:
    """Changes of a book; what is neither true nor false counts as no beginning."""
    begins = quoted(head.column("is_snapshot") or "")
    fields["snapshot"] = Field(
        f"CASE WHEN lower(trim({begins})) IN ('true', '1') THEN 1 ELSE 0 END"
    )
    fields["side"] = Field(quoted(head.column("side") or ""), words=_BOOK_SIDES)
    fields["price"] = Field(quoted(head.column("price") or ""))
    fields["raw_size"] = Field(quoted(head.column("amount") or ""))
    return _reading(head, "tick-incremental-book", "increments", fields)


def _reading(head: Head, format: str, record: str, fields: dict[str, Field]) -> Reading:
    return Reading(
        format=format,
        record=record,
        columns=head.columns,
        delimiter=head.delimiter,
        fields=fields,
        market=quoted(head.column("exchange") or ""),
        symbol=quoted(head.column("symbol") or ""),
        identify=identify,
    )
