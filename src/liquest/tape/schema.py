"""One schema per record kind: what a row of the lake holds, whatever file it came from.

Types: TIME is int64 microseconds UTC; DEC an exact decimal whose scale is chosen per
source; INT int64; TEXT varchar; SIDE "buy" or "sell", the side of the taker.
Every row also carries `source_id` (SHA-256 of the file) and `row_no` (see findings.Input).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TIME = "time"
DEC = "dec"
INT = "int"
TEXT = "text"
SIDE = "side"


@dataclass(frozen=True)
class Schema:
    """`columns` in order with their types; `required` may not be null and, when they are
    DEC, `positive` ones must be above zero; `identity` names what makes a row the same row."""

    record: str
    columns: Mapping[str, str]
    required: tuple[str, ...]
    positive: tuple[str, ...] = ()
    not_negative: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()


TRADES = Schema(
    "trades",
    {
        "ts": TIME, "ts_received": TIME, "id": TEXT, "n": INT, "side": SIDE,
        "price": DEC, "raw_size": DEC,
    },
    required=("ts", "price", "raw_size"),
    positive=("price", "raw_size"),
    identity=("id",),
)  # fmt: skip
"""`n` counts the trades that one row stands for (aggregate trades); null means one."""

BARS = Schema(
    "bars",
    {
        "ts": TIME, "duration": INT, "series": TEXT, "open": DEC, "high": DEC, "low": DEC,
        "close": DEC, "raw_volume": DEC, "volume": DEC, "notional": DEC, "n": INT, "low_ts": TIME,
        "high_ts": TIME, "low_n": INT, "high_n": INT, "low_volume": DEC, "high_volume": DEC,
    },
    required=("ts", "duration", "open", "high", "low", "close"),
    positive=(),
    not_negative=("raw_volume", "volume", "notional"),
    identity=("ts", "duration", "series"),
)  # fmt: skip
"""`ts` is the opening time, `series` one of trade, mark, index, premium; `low_ts`, `low_n` and
`low_volume` are the first time, trades and volume at the low where the source knows them."""

QUOTES = Schema(
    "quotes",
    {
        "ts": TIME, "ts_received": TIME, "bid_price": DEC, "bid_size": DEC, "ask_price": DEC,
        "ask_size": DEC,
    },
    required=("ts",),
    not_negative=("bid_price", "bid_size", "ask_price", "ask_size"),
)  # fmt: skip

DEPTH = Schema(
    "depth",
    {
        "ts": TIME, "percentage": DEC, "depth": DEC, "notional": DEC, "duration": INT, "n": INT,
        "low_depth": DEC, "low_notional": DEC, "high_depth": DEC, "high_notional": DEC,
    },
    required=("ts", "percentage", "depth"),
    not_negative=("depth", "notional", "low_depth", "high_depth"),
    identity=("ts", "percentage"),
)  # fmt: skip
"""All orders between the middle and `percentage` below (negative) or above it: cumulative, in
raw sizes. A row with a `duration` stands for the `n` snapshots of that time: `depth` and
`notional` are of the snapshot with the (lower) median depth, low_ and high_ of the one with
least and most."""

TICKER = Schema(
    "ticker",
    {
        "ts": TIME, "ts_received": TIME, "last_price": DEC, "mark_price": DEC,
        "index_price": DEC, "funding_rate": DEC, "predicted_funding_rate": DEC,
        "funding_ts": TIME, "open_interest": DEC, "open_interest_value": DEC,
        "toptrader_count_ratio": DEC, "toptrader_sum_ratio": DEC, "account_ratio": DEC,
        "taker_volume_ratio": DEC, "funding_interval_hours": DEC,
    },
    required=("ts",),
    not_negative=("last_price", "mark_price", "index_price", "open_interest"),
)  # fmt: skip
"""State of a contract at a moment: prices, funding, open interest, whatever the source has."""

LIQUIDATIONS = Schema(
    "liquidations",
    {
        "ts": TIME, "ts_received": TIME, "id": TEXT, "side": SIDE, "price": DEC,
        "raw_size": DEC,
    },
    required=("ts", "price", "raw_size"),
    positive=("price", "raw_size"),
)  # fmt: skip

LEVELS = 25
BOOK = Schema(
    "book",
    {
        "ts": TIME,
        "ts_received": TIME,
        **{
            f"{side}_{what}_{level}": DEC
            for level in range(LEVELS)
            for side in ("ask", "bid")
            for what in ("price", "size")
        },
    },
    required=("ts",),
    not_negative=tuple(
        f"{side}_{what}_{level}"
        for level in range(LEVELS)
        for side in ("ask", "bid")
        for what in ("price", "size")
    ),
)
"""Snapshots of up to 25 levels a side; a level that is not there is null, never zero."""

INCREMENTS = Schema(
    "increments",
    {
        "ts": TIME, "ts_received": TIME, "update_id": INT, "snapshot": INT, "side": SIDE,
        "price": DEC, "raw_size": DEC,
    },
    required=("ts", "side", "price", "raw_size"),
    positive=("price",),
    not_negative=("raw_size",),
)  # fmt: skip
"""Changes of a book: what now stands at a price, zero for nothing. `side` is that of the book,
"buy" for bids. Rows with `snapshot` 1 begin the book anew. Rows of one update share `update_id`."""

ORDERS = Schema(
    "orders",
    {
        "ts": TIME, "id": TEXT, "side": SIDE, "price": DEC, "raw_size": DEC, "ended_ts": TIME,
        "filled_size": DEC, "status": TEXT,
    },
    required=("ts", "side", "price", "raw_size"),
    positive=("price", "raw_size"),
    not_negative=("filled_size",),
    identity=("id",),
)  # fmt: skip
"""A party's own limit orders: `ts` is when the venue accepted one, `ended_ts` when it was
filled, cancelled or expired; null while it is open."""

INSURANCE = Schema(
    "insurance",
    {"ts": TIME, "balance": DEC},
    required=("ts", "balance"),
    identity=("ts",),
)
"""Balances of an insurance fund, in units of the asset that the symbol names."""

STATEMENT = Schema(
    "statement",
    {"ts": TIME, "id": TEXT, "kind": TEXT, "amount": DEC, "balance": DEC},
    required=("ts", "amount"),
)
"""Rows of an account statement as a party hands it in, none left out: what was booked, and the
balance after it where the statement gives one. The symbol is the asset."""

SCHEMAS: Mapping[str, Schema] = {
    s.record: s
    for s in (
        TRADES, BARS, QUOTES, DEPTH, TICKER, LIQUIDATIONS, BOOK, INCREMENTS, ORDERS, INSURANCE,
        STATEMENT,
    )
}  # fmt: skip
