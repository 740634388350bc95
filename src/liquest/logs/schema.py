"""What a row of the log lake holds, whatever line it came from.

An *event* is one line (or one record) that says when. An *attempt* is one order-entry
request with its answer, or with the lack of one. Times are int64 microseconds UTC; `null`
means that the line does not say, never zero. Every row carries `source_id` (SHA-256 of the
file) and `row_no`; `row_last` is the last line of a message that runs over several.
"""

from __future__ import annotations

from collections.abc import Mapping

SENT = "sent"
ACCEPTED = "accepted"
REFUSED = "refused"
UNANSWERED = "unanswered"
FILLED = "filled"
NOTE = "note"
KINDS = (NOTE, SENT, ACCEPTED, REFUSED, UNANSWERED, FILLED)
"""What a line tells: a request went out; the venue took it; the venue (or what stands before
it) refused it; the client gave up waiting; an order was filled; anything else."""

ORDER = "order"
OPEN = "open"
CLOSE = "close"
REDUCE = "reduce-only"
CANCEL = "cancel"
TRANSFER = "transfer"
LOGIN = "login"
QUERY = "query"
ACTIONS = ("", ORDER, OPEN, CLOSE, REDUCE, CANCEL, TRANSFER, LOGIN, QUERY)
"""What was asked for. `order` is a new order that does not say whether it opens or closes."""
ENTRY = (ORDER, OPEN, CLOSE, REDUCE, CANCEL, TRANSFER, LOGIN)
"""Actions that count as order entry; a query is none."""

OVERLOAD = "overload"
RATE_LIMIT = "rate-limit"
UNKNOWN_EXECUTION = "unknown-execution"
VALIDATION = "validation"
AUTHENTICATION = "authentication"
NETWORK = "network"
MAINTENANCE = "maintenance"
OTHER = "other"
CLASSES = (
    "", OVERLOAD, RATE_LIMIT, UNKNOWN_EXECUTION, VALIDATION, AUTHENTICATION, NETWORK,
    MAINTENANCE, OTHER,
)  # fmt: skip
"""Why it failed, by code, HTTP status or words. `validation` means that the venue worked and
judged the order itself; `unknown-execution` that nobody can tell whether it was executed."""

SIDES = ("", "buy", "sell")
LEVELS = ("", "trace", "debug", "info", "warning", "error", "critical")
MARKETS = ("", "spot", "linear-perpetual", "inverse-perpetual")

TEXT = "VARCHAR"
EVENT_COLUMNS: Mapping[str, str] = {
    "ts": "BIGINT", "row_no": "BIGINT", "row_last": "BIGINT", "zone": TEXT, "format": TEXT,
    "venue": TEXT, "market": TEXT, "client": TEXT, "interface": TEXT, "level": TEXT,
    "kind": TEXT, "action": TEXT, "class": TEXT, "code": "BIGINT", "status": "BIGINT",
    "wording": TEXT, "symbol": TEXT, "side": TEXT, "price": "DECIMAL(38, 18)",
    "quantity": "DECIMAL(38, 18)", "latency": "BIGINT", "exchange_ts": "BIGINT",
    "order_ref": "BIGINT", "client_ref": "BIGINT", "text_hash": "BIGINT",
}  # fmt: skip
"""Columns of events beside `source_id`. `latency` is in µs. `zone` says how the time was
placed: "written" (its offset stands in the line), "given" (case.toml), "inferred" (exchange
times within the log). The refs are 64-bit hashes of order ids: the ids stand in the row."""

WRITTEN, GIVEN, INFERRED = "written", "given", "inferred"
ZONES = (WRITTEN, GIVEN, INFERRED)

ATTEMPT_COLUMNS: Mapping[str, str] = {
    "ts": "BIGINT", "answered_ts": "BIGINT", "row_no": "BIGINT", "row_answer": "BIGINT",
    "venue": TEXT, "market": TEXT, "client": TEXT, "interface": TEXT, "action": TEXT,
    "outcome": TEXT, "class": TEXT, "code": "BIGINT", "status": "BIGINT", "symbol": TEXT,
    "side": TEXT, "price": "DECIMAL(38, 18)", "quantity": "DECIMAL(38, 18)",
    "latency": "BIGINT", "censored": "BOOLEAN", "ref": "BIGINT",
}  # fmt: skip
"""Columns of attempts beside `source_id`. `outcome` is accepted, refused or unanswered.
`latency` (µs) of a censored attempt is how long the client is known to have waited."""
