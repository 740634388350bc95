"""Columns of a scanned line: what the kernels write and `classify` reads.

One row of int64 a line. NONE means that the line does not say. *_AT and *_LEN are a place in
the bytes of the block (the length of a symbol that stands without a key is negative); prices
and quantities are mantissa and number of decimals, exact.
"""

from __future__ import annotations

from .vocabulary import FIELDS

NONE = -(1 << 62)
"""Below every value that a column can hold."""

(
    LINE, LAST, FORM, TIME, ZONED, LEVEL, MASK, WORDING, CODE, LOOSE_CODE, STATUS, STATE,
    SYMBOL_AT, SYMBOL_LEN, SIDE, POSITION, PRICE, PRICE_PLACES, AVERAGE, AVERAGE_PLACES,
    QUANTITY, QUANTITY_PLACES, ORDER_REF, CLIENT_REF, REDUCE, CLOSE, LATENCY, EXCHANGE_TIME,
    CLIENT_AT, CLIENT_LEN, INTERFACE_AT, INTERFACE_LEN, TIME_AT, TIME_END, HASH,
) = range(35)  # fmt: skip
WIDTH = 35

NEW, PARTLY, FILLED, CANCELED, REJECTED, EXPIRED = range(1, 7)
STATES = {
    b"new": NEW, b"open": NEW, b"live": NEW, b"accepted": NEW, b"pending_new": NEW,
    b"created": NEW, b"active": NEW, b"partially_filled": PARTLY, b"partiallyfilled": PARTLY,
    b"filled": FILLED, b"trade": FILLED, b"closed": FILLED, b"canceled": CANCELED,
    b"cancelled": CANCELED, b"rejected": REJECTED, b"expired": EXPIRED,
    b"expired_in_match": EXPIRED,
}  # fmt: skip
"""Order states by the words for them."""
LEVELS = {
    b"trace": 1, b"verbose": 1, b"debug": 2, b"dbg": 2, b"info": 3, b"inf": 3, b"notice": 3,
    b"success": 3, b"warn": 4, b"warning": 4, b"wrn": 4, b"error": 5, b"err": 5, b"eror": 5,
    b"critical": 6, b"crit": 6, b"fatal": 6, b"panic": 6, b"emerg": 6, b"alert": 6,
}  # fmt: skip
"""Levels by the words for them; numbers of pino and bunyan (10 … 60) count in tens."""
SIDE_WORDS = {b"buy": 1, b"b": 1, b"bid": 1, b"sell": 2, b"s": 2, b"ask": 2}
POSITION_WORDS = {b"long": 1, b"short": 2, b"both": 3, b"net": 3}

LONGEST_VALUE = 128
LONGEST_SKIP = 4096
"""What a form passes over may be long, as the address of a signed request is."""
"""Bytes of a value; the rest of a longer one is not looked at."""
LONGEST_LINE = 1 << 16
"""Bytes of a line that are looked at."""
FIELD = {name: number for number, name in enumerate(FIELDS)}
