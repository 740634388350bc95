"""What a field of a log line becomes: one value into the columns of its row.

The first value of a field stands. A code gives way to a longer one after it: OKX wraps the
order's own code in an envelope whose code says only that something failed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled
from .line import (
    AVERAGE,
    CLIENT_AT,
    CLIENT_REF,
    CLOSE,
    CODE,
    EXCHANGE_TIME,
    FIELD,
    INTERFACE_AT,
    LATENCY,
    LEVEL,
    LOOSE_CODE,
    NONE,
    ORDER_REF,
    POSITION,
    PRICE,
    QUANTITY,
    REDUCE,
    SIDE,
    STATE,
    STATUS,
    SYMBOL_AT,
    SYMBOL_LEN,
    TIME,
    TIME_AT,
    TIME_END,
    ZONED,
)
from .time_kernel import Bytes, is_digit, is_word, time_at
from .value_kernel import (
    LEVEL_LIST,
    POSITION_LIST,
    SIDE_LIST,
    STATE_LIST,
    hash_of,
    number_at,
    skip,
    word_in,
)

Row = npt.NDArray[np.int64]

_TIME, _LEVEL, _CLIENT, _INTERFACE = (
    FIELD[n] for n in ("time", "level", "client", "interface")
)  # fmt: skip
_STATUS, _CODE, _SYMBOL, _SIDE, _POSITION = (
    FIELD[n] for n in ("status", "code", "symbol", "side", "position_side")
)  # fmt: skip
_PRICE, _AVERAGE, _QUANTITY = (FIELD[n] for n in ("price", "average", "quantity"))
_ORDER_ID, _CLIENT_ID, _REDUCE, _CLOSE = (
    FIELD[n] for n in ("order_id", "client_id", "reduce_only", "close_position")
)  # fmt: skip
_LATENCY_US, _LATENCY_MS, _LATENCY_S, _LATENCY, _EXCHANGE_TIME = (
    FIELD[n] for n in ("latency_us", "latency_ms", "latency_s", "latency", "exchange_time")
)  # fmt: skip


@compiled
def assign(data: Bytes, field: int, at: int, end: int, row: Row) -> None:
    """Put the value from `at` to `end` into the row, if it is one and none is there."""
    if end <= at:
        return
    if field == _CODE:
        _code(data, at, end, row, False)
    elif field == _STATUS:
        _status(data, at, end, row)
    elif field == _SYMBOL:
        if row[SYMBOL_AT] == NONE or row[SYMBOL_LEN] < 0:
            row[SYMBOL_AT] = at
            row[SYMBOL_LEN] = end - at
    elif field == _PRICE:
        _number(data, at, end, row, PRICE)
    elif field == _AVERAGE:
        _number(data, at, end, row, AVERAGE)
    elif field == _QUANTITY:
        _number(data, at, end, row, QUANTITY)
    elif field == _SIDE:
        _word(data, at, end, row, SIDE, SIDE_LIST)
    elif field == _POSITION:
        _word(data, at, end, row, POSITION, POSITION_LIST)
    elif field == _ORDER_ID:
        if row[ORDER_REF] == NONE:
            row[ORDER_REF] = hash_of(data, at, end)
    elif field == _CLIENT_ID:
        if row[CLIENT_REF] == NONE:
            row[CLIENT_REF] = hash_of(data, at, end)
    elif field == _REDUCE:
        _truth(data, at, row, REDUCE)
    elif field == _CLOSE:
        _truth(data, at, row, CLOSE)
    elif field == _LATENCY_US:
        _latency(data, at, end, row, 1)
    elif field == _LATENCY_MS:
        _latency(data, at, end, row, 1000)
    elif field == _LATENCY_S:
        _latency(data, at, end, row, 1_000_000)
    elif field == _EXCHANGE_TIME:
        found, us, zoned, _ = time_at(data, at, end, 0)
        if found and zoned and row[EXCHANGE_TIME] == NONE:
            row[EXCHANGE_TIME] = us
    elif field == _LEVEL:
        _level(data, at, end, row)
    elif field == _CLIENT:
        if not _titled(data, at):
            _place(at, end, row, CLIENT_AT)
    elif field == _INTERFACE:
        _place(at, end, row, INTERFACE_AT)


@compiled
def assign_time(data: Bytes, at: int, end: int, row: Row, year: int) -> None:
    """The moment of the line, where its form did not give one."""
    if row[TIME] == NONE:
        found, us, zoned, after = time_at(data, at, end, year)
        if found:
            row[TIME] = us
            row[ZONED] = 1 if zoned else 0
            row[TIME_AT] = at
            row[TIME_END] = after


@compiled
def assign_loose(data: Bytes, field: int, at: int, end: int, row: Row) -> None:
    """A number that follows a loose key: a code, a price, or a latency with its unit."""
    limit = min(end, at + 8)
    while at < limit:
        byte = data[at]
        if (
            byte == 32 or byte == 58 or byte == 61 or byte == 40 or byte == 91 or byte == 35
            or byte == 34 or byte == 39 or byte == 92 or byte == 0xEF or byte == 0xBC
            or byte == 0x9A
        ):  # fmt: skip
            at += 1
        else:
            break
    if field == _CODE:
        _code(data, at, end, row, True)
    elif field == _PRICE:
        _number(data, at, end, row, PRICE)
    elif field == _LATENCY:
        assign_span(data, at, end, row, 0)


@compiled
def assign_span(data: Bytes, at: int, end: int, row: Row, unit: int) -> None:
    """A latency that names its own unit: 12.5ms, 1.2 s, 300 µs, 800毫秒; one that does not is
    of `unit`, and nothing where that is 0."""
    value, places, after, _ = number_at(data, at, end)
    if after < 0 or row[LATENCY] != NONE or value < 0 or value >= 10**12:
        return
    after = skip(data, after, end, 32)
    first = data[after] if after < end else np.uint8(0)
    second = data[after + 1] if after + 1 < end else np.uint8(0)
    if first == 109 and second == 115 and not is_word(data, after + 2, end):
        unit = 1000
    elif (first == 115 and not is_word(data, after + 1, end)) or (
        first == 115 and second == 101 and after + 2 < end and data[after + 2] == 99
    ):
        unit = 1_000_000
    elif first == 109 and second == 105 and after + 4 < end and data[after + 2] == 108:
        unit = 1000
    elif (
        (first == 117 and second == 115 and not is_word(data, after + 2, end))
        or (first == 0xC2 and second == 0xB5)
        or (first == 0xCE and second == 0xBC)
    ):
        unit = 1
    elif first == 0xE6 and second == 0xAF:
        unit = 1000
    elif first == 0xE7 and second == 0xA7:
        unit = 1_000_000
    if unit:
        row[LATENCY] = value * unit // 10**places


@compiled
def _code(data: Bytes, at: int, end: int, row: Row, loose: bool) -> None:
    value, places, after, sign = number_at(data, at, end)
    if after < 0 or places or sign > 0 or is_word(data, after, end):
        return
    if after < end and data[after] == 46 and is_digit(data, after + 1, end):
        return
    if after < end and (data[after] == 45 or data[after] == 58) and is_digit(data, after + 1, end):
        return
    size = abs(value)
    if size > 999_999 or (loose and size < 100):
        return
    if 100 <= value <= 599:
        if row[STATUS] == NONE:
            row[STATUS] = value
        return
    known = row[CODE]
    if known == NONE or (abs(known) < 100 <= size):
        row[CODE] = value
        row[LOOSE_CODE] = 1 if loose and value > 0 else 0


@compiled
def _status(data: Bytes, at: int, end: int, row: Row) -> None:
    if is_digit(data, at, end):
        value, places, after, _ = number_at(data, at, end)
        if after == end and places == 0 and 100 <= value <= 599 and row[STATUS] == NONE:
            row[STATUS] = value
    else:
        _word(data, at, end, row, STATE, STATE_LIST)


@compiled
def _number(data: Bytes, at: int, end: int, row: Row, column: int) -> None:
    if row[column] == NONE:
        value, places, after, _ = number_at(data, at, end)
        if after >= 0 and value > 0:
            row[column] = value
            row[column + 1] = places


@compiled
def _word(data: Bytes, at: int, end: int, row: Row, column: int, table: int) -> None:
    if row[column] == NONE:
        row[column] = word_in(data, at, end, table)


@compiled
def _titled(data: Bytes, at: int) -> bool:
    """Whether the value at `at` stands behind a word and a colon, as a message does behind the
    name of a logger: "ERROR:bot:order failed" names no client."""
    colons = 0
    while at > 0 and (data[at - 1] == 32 or data[at - 1] == 9 or data[at - 1] == 58):
        at -= 1
        colons += data[at] == 58
    return colons == 1 and at > 0 and is_word(data, at - 1, at)


@compiled
def _place(at: int, end: int, row: Row, column: int) -> None:
    """Where a text stands; its length goes into the next column."""
    if row[column] == NONE:
        row[column] = at
        row[column + 1] = end - at


@compiled
def _truth(data: Bytes, at: int, row: Row, column: int) -> None:
    """1 for true, True or 1; 0 for what begins otherwise."""
    if row[column] == NONE:
        byte = data[at]
        row[column] = 1 if byte == 116 or byte == 84 or byte == 49 else 0


@compiled
def _latency(data: Bytes, at: int, end: int, row: Row, unit: int) -> None:
    """A number of units of `unit` µs, whole µs below it."""
    value, places, after, _ = number_at(data, at, end)
    if after >= 0 and value >= 0 and row[LATENCY] == NONE and value < 10**12:
        row[LATENCY] = value * unit // 10**places


@compiled
def _level(data: Bytes, at: int, end: int, row: Row) -> None:
    if row[LEVEL] > 0:
        return
    if is_digit(data, at, end):
        value, places, after, _ = number_at(data, at, end)
        if after == end and places == 0 and 10 <= value <= 60 and value % 10 == 0:
            row[LEVEL] = value // 10
    else:
        value = word_in(data, at, end, LEVEL_LIST)
        if value != NONE:
            row[LEVEL] = value
