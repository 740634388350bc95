"""What the phrases of a line say: bits of meaning, values of keys, dated wordings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled
from .automaton import AFTER, BEFORE, EXACT, LENGTH, ROLE, RULES, TARGET, TEXT_AT
from .field_kernel import Row, assign, assign_loose, assign_span, assign_time
from .hits_kernel import Ints
from .line import FIELD, MASK, NONE, SYMBOL_AT, SYMBOL_LEN
from .line import WORDING as WORDING_COLUMN
from .time_kernel import Bytes, is_word
from .value_kernel import value_at
from .vocabulary import GENERAL, KEY, LOOSE, SYMBOL, WORD, WORDING

_TIME, _LEVEL, _CLIENT, _LATENCY = (FIELD[n] for n in ("time", "level", "client", "latency"))
LONGEST_SYMBOL = 32

Small = npt.NDArray[np.int32]


@compiled
def read_hits(
    data: Bytes, start: int, end: int, row: Row, quiet: int, from_: Small, emits: Small,
    phrases: Ints, text: Bytes, places: Ints, states: Ints, first: int, last: int,
    nested: bool, year: int, unit: int,
) -> None:  # fmt: skip
    """Fill the row with what the hits `first` to `last` of the line say. `nested` is for a
    line that is one JSON object: its time, level and client stand at its first depth.
    `unit` is that of latencies without one, in µs; 0 where it is not known. What belongs to
    Automaton is handed over one by one: to take it out of there costs as much as a hit."""
    before = row[MASK]
    mask = before
    general = 0
    for hit in range(first, last):
        after = places[hit] + 1
        state = states[hit] - quiet
        if after > end:
            break
        for number in range(from_[state], from_[state + 1]):
            one = emits[number]
            begin = after - phrases[one, LENGTH]
            rules, text_at = phrases[one, RULES], phrases[one, TEXT_AT]
            if not _stands(data, begin, after, start, end, rules, text, text_at):
                continue
            role = phrases[one, ROLE]
            target = phrases[one, TARGET]
            if role == WORD:
                mask |= np.int64(1) << target
            elif role == KEY:
                own = target in (_TIME, _LEVEL, _CLIENT)
                if not (nested and own and _depth(data, start, begin) != 1):
                    _key(data, target, after, end, row, year, unit)
            elif role == LOOSE:
                assign_loose(data, target, after, end, row)
            elif role in (WORDING, GENERAL):
                general += role == GENERAL
                if row[WORDING_COLUMN] == NONE:
                    row[WORDING_COLUMN] = target
            elif role == SYMBOL:
                _bare_symbol(data, begin, after, start, end, row)
    if general:
        mask = before | _outside(
            data, start, end, quiet, from_, emits, phrases, text, places, states, first, last,
            general,
        )  # fmt: skip
    row[MASK] = mask


@compiled
def _stands(
    data: Bytes, begin: int, after: int, start: int, end: int, rules: int, text: Bytes,
    text_at: int,
) -> bool:  # fmt: skip
    """Whether a phrase has the edges and the case that it asks for."""
    if rules & BEFORE and begin > start and (
        data[begin - 1] == 95 or is_word(data, begin - 1, end)
    ):  # fmt: skip
        return False
    if rules & AFTER and after < end and (data[after] == 95 or is_word(data, after, end)):
        return False
    return not (rules & EXACT) or _same(data, begin, after, text, text_at)


@compiled
def _outside(
    data: Bytes, start: int, end: int, quiet: int, from_: Small, emits: Small, phrases: Ints,
    text: Bytes, places: Ints, states: Ints, first: int, last: int, general: int,
) -> int:  # fmt: skip
    """The meanings of the words that stand in none of the `general` texts of the line."""
    spans = np.empty((general, 2), dtype=np.int64)
    mask = 0
    known = 0
    for looks_for_words in (False, True):
        for hit in range(first, last):
            after = places[hit] + 1
            state = states[hit] - quiet
            if after > end:
                break
            for number in range(from_[state], from_[state + 1]):
                one = emits[number]
                if phrases[one, ROLE] != (WORD if looks_for_words else GENERAL):
                    continue
                begin = after - phrases[one, LENGTH]
                rules, text_at = phrases[one, RULES], phrases[one, TEXT_AT]
                if not _stands(data, begin, after, start, end, rules, text, text_at):
                    continue
                if not looks_for_words:
                    spans[known, 0], spans[known, 1] = begin, after
                    known += 1
                    continue
                inside = False
                for span in range(known):
                    inside = inside or (spans[span, 0] <= begin and after <= spans[span, 1])
                if not inside:
                    mask |= np.int64(1) << phrases[one, TARGET]
    return mask


@compiled
def _depth(data: Bytes, start: int, at: int) -> int:
    """How many braces and brackets are open at `at`, strings aside."""
    depth = 0
    inside = False
    for place in range(start, at):
        byte = data[place]
        if byte == 34:
            if place == start or data[place - 1] != 92:
                inside = not inside
        elif not inside:
            if byte == 123 or byte == 91:
                depth += 1
            elif byte == 125 or byte == 93:
                depth -= 1
    return depth


@compiled
def _key(data: Bytes, field: int, after: int, end: int, row: Row, year: int, unit: int) -> None:
    """The value of a key that ends at `after`, if one follows."""
    first, last, _ = value_at(data, after, end)
    if first < 0:
        return
    if field == _TIME:
        # A time may hold a space, where a value without quotes ends.
        assign_time(data, first, end, row, year)
    elif field == _LATENCY:
        assign_span(data, first, end, row, unit)
    else:
        assign(data, field, first, last, row)


@compiled
def _same(data: Bytes, begin: int, after: int, text: Bytes, first: int) -> bool:
    """Whether the bytes are those of the phrase in its own case."""
    for place in range(after - begin):  # noqa: SIM110  (no generators in machine code)
        if data[begin + place] != text[first + place]:
            return False
    return True


@compiled
def _part_of_symbol(byte: int) -> bool:
    return 48 <= byte <= 57 or 65 <= byte <= 90 or byte == 47 or byte == 95 or byte == 45


@compiled
def _bare_symbol(data: Bytes, begin: int, after: int, start: int, end: int, row: Row) -> None:
    """A symbol that stands in the text by itself, told by its quote currency: SELL ATOMUSDT."""
    if row[SYMBOL_AT] != NONE:
        return
    first, last = begin, after
    while first > start and _part_of_symbol(data[first - 1]):
        first -= 1
    while last < end and (_part_of_symbol(data[last]) or data[last] == 58):
        last += 1
    while last > after and not is_word(data, last - 1, end):
        last -= 1
    letters = 0
    for place in range(first, begin):
        letters += 65 <= data[place] <= 90
    if letters and is_word(data, first, end) and last - first <= LONGEST_SYMBOL:
        row[SYMBOL_AT] = first
        row[SYMBOL_LEN] = first - last
