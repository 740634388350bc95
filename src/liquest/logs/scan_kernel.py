"""A block of lines → one row for every line that says when.

A line without a time that is indented, or that belongs to a traceback, goes on the message
before it: what it says is said by that message. A block starts where another ends, so the
lines at its beginning that go on the other's last message are left to the other, which
looks beyond its own end for them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled
from .automaton import Automaton
from .field_kernel import Row, assign
from .layout_kernel import Forms, match
from .line import (
    CODE,
    FORM,
    HASH,
    LAST,
    LEVEL,
    LINE,
    LONGEST_LINE,
    LOOSE_CODE,
    MASK,
    NONE,
    TIME,
    TIME_AT,
    TIME_END,
    WIDTH,
    WORDING,
    ZONED,
)
from .time_kernel import Bytes
from .value_kernel import FNV_START, mixed
from .words_kernel import read_hits

Ints = npt.NDArray[np.int64]
NO_TIME, CUT, BINARY = 1, 2, 3
"""Why a line is no event: it does not say when; its object does not end; it holds zero bytes."""
_START = FNV_START >> 1
CARRY = 1000
"""Lines of a message that are looked for beyond the end of a block."""


@compiled
def scan(
    data: Bytes, ends: Ints, owned: int, skip_first: bool, year: int, unit: int, table: Forms,
    phrases: Automaton, places: Ints, states: Ints, traceback: int, rows: Ints, odd: Ints,
) -> tuple[int, int]:  # fmt: skip
    """Fill `rows` (one an event) and `odd` (line, why) of the others; returns how many of each.

    `ends` are the places of the line ends; the first `owned` lines are the block's own.
    `places` and `states` are the hits of the whole block (hits_kernel).
    `traceback` is the bit that opens one. Forms beyond those of the table: n for a JSON
    object, n + 1 for a line whose time stands behind a key.
    """
    spans = np.empty((16, 3), dtype=np.int64)
    row = np.empty(WIDTH, dtype=np.int64)
    count, strange = 0, 0
    forms, steps, begins, tried, form_text = table
    json_form = len(forms) - 1
    quiet, from_, emits = phrases.quiet, phrases.first, phrases.emits
    listed, text = phrases.phrases, phrases.text
    tracing = False
    start, hit = 0, 0
    for number in range(len(ends)):
        own = number < owned
        begin, end = start, ends[number]
        start = end + 1
        first_hit = hit
        while hit < len(places) and places[hit] < end:
            hit += 1
        while end > begin and (data[end - 1] == 13 or data[end - 1] == 32 or data[end - 1] == 9):
            end -= 1
        if end == begin:
            continue
        first = data[begin]
        # Beyond the block only what goes on its own last message is of interest.
        if not own and (count == 0 or number - owned >= CARRY):
            break
        looked = min(end, begin + LONGEST_LINE)
        for column in range(WIDTH):
            row[column] = NONE
        row[MASK] = 0
        row[LINE] = number
        row[LAST] = number
        nested = first == 123
        if nested:
            row[FORM] = json_form
        else:
            form, us, zoned, time_at, time_end, level, fields = match(
                data, begin, looked, year, forms, steps, begins, tried, form_text, spans
            )
            row[FORM] = form if form >= 0 else json_form + 1
            if form >= 0:
                row[TIME] = us
                row[ZONED] = 1 if zoned else 0
                row[TIME_AT] = time_at
                row[TIME_END] = time_end
                row[LEVEL] = level if level else NONE
                for field in range(fields):
                    assign(data, spans[field, 0], spans[field, 1], spans[field, 2], row)
        read_hits(
            data, begin, looked, row, quiet, from_, emits, listed, text, places, states,
            first_hit, hit, nested, year, unit,
        )  # fmt: skip
        cut = nested and data[end - 1] != 125
        if row[TIME] != NONE and not cut:
            if not own:
                break
            row[HASH] = _hash(data, begin, looked, row[TIME_AT], row[TIME_END])
            for column in range(WIDTH):
                rows[count, column] = row[column]
            count += 1
            tracing = row[MASK] & traceback != 0
            continue
        goes_on = (
            first == 32 or first == 9 or first == 125 or tracing or (row[MASK] & traceback != 0)
        )
        if row[MASK] & traceback:
            tracing = True
        if goes_on and not cut:
            if count:
                _merge(rows[count - 1], row, number)
                continue
            if skip_first and number < CARRY:
                continue
        elif skip_first and not count and number < CARRY and own:
            # The block before has named it.
            continue
        if strange < len(odd):
            odd[strange, 0] = number
            odd[strange, 1] = _why(data, begin, looked, cut)
        strange += 1
    return count, strange


@compiled
def _why(data: Bytes, begin: int, end: int, cut: bool) -> int:
    for place in range(begin, end):
        if data[place] == 0:
            return BINARY
    return CUT if cut else NO_TIME


@compiled
def _merge(into: Row, row: Row, number: int) -> None:
    """What a line that goes on the message before it adds to what is not said yet."""
    into[LAST] = number
    into[MASK] |= row[MASK]
    if into[WORDING] == NONE:
        into[WORDING] = row[WORDING]
    if into[CODE] == NONE or into[LOOSE_CODE] == 1:
        into[CODE] = row[CODE] if row[CODE] != NONE else into[CODE]
        into[LOOSE_CODE] = row[LOOSE_CODE] if row[CODE] != NONE else into[LOOSE_CODE]
    for column in range(LOOSE_CODE + 1, HASH):
        if into[column] == NONE and column != TIME_AT and column != TIME_END:
            into[column] = row[column]


@compiled
def _hash(data: Bytes, begin: int, end: int, time_at: int, time_end: int) -> int:
    """The hash of the line without its time."""
    total = mixed(data, _START, begin, time_at)
    return mixed(data, total, time_end, end)
