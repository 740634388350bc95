"""Values in log lines as machine code: where one ends, numbers, hashes, words.

Places are indices into the bytes of a block; nothing at or beyond `end` is looked at.
Numbers are exact: a mantissa of at most 18 digits and a number of decimals.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled
from .line import LEVELS, LONGEST_VALUE, NONE, POSITION_WORDS, SIDE_WORDS, STATES
from .time_kernel import Bytes, digits, is_digit

Ints = npt.NDArray[np.int64]

FNV_START = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3
"""The 64-bit constants of Fowler, Noll and Vo (RFC 9923)."""
_SIGNED = np.uint64(0x7FFFFFFFFFFFFFFF)
_START = np.uint64(FNV_START)
_PRIME = np.uint64(FNV_PRIME)


@compiled
def hash_of(data: Bytes, at: int, end: int) -> int:
    """FNV-1a of some bytes, the sign bit left out."""
    total = _START
    for place in range(at, end):
        total = (total ^ np.uint64(data[place])) * _PRIME
    return int(np.int64(total & _SIGNED))


@compiled
def mixed(data: Bytes, total: int, at: int, end: int) -> int:
    """`total` with some bytes mixed in, eight at a time: FNV-1a over words, the high half of
    each product folded onto the low one; the last word counts the bytes it holds."""
    state = np.uint64(total)
    piece = data[at:end]
    whole = len(piece) // 8 * 8
    for word in piece[:whole].view(np.uint64):
        state = (state ^ word) * _PRIME
        state ^= state >> np.uint64(32)
    last = np.uint64(len(piece) - whole) << np.uint64(56)
    shift = np.uint64(0)
    for byte in piece[whole:]:
        last |= np.uint64(byte) << shift
        shift += np.uint64(8)
    state = (state ^ last) * _PRIME
    state ^= state >> np.uint64(32)
    return int(np.int64(state & _SIGNED))


@compiled
def skip(data: Bytes, at: int, end: int, byte: int) -> int:
    """Past every `byte` at `at`."""
    while at < end and data[at] == byte:
        at += 1
    return at


@compiled
def value_at(data: Bytes, at: int, end: int) -> tuple[int, int, int]:
    """(start, end, quote) of the value after a key that ends at `at`; start is -1 for none.

    Between them: closing quotes of the key, spaces, one of : = => or a wide colon.
    """
    at = skip(data, at, end, 92)
    if at < end and (data[at] == 34 or data[at] == 39):
        at += 1
    at = skip(data, at, end, 32)
    if at >= end:
        return -1, -1, 0
    if data[at] == 58:
        at += 1
    elif data[at] == 61:
        at += 1
        if at < end and data[at] == 62:
            at += 1
    elif at + 2 < end and data[at] == 0xEF and data[at + 1] == 0xBC and data[at + 2] == 0x9A:
        at += 3
    else:
        return -1, -1, 0
    at = skip(data, at, end, 32)
    at = skip(data, at, end, 92)
    quote = 0
    if at < end and (data[at] == 34 or data[at] == 39):
        quote = int(data[at])
        at += 1
    return at, value_end(data, at, end, quote), quote


@compiled
def value_end(data: Bytes, at: int, end: int, quote: int) -> int:
    """Where a value ends: at its quote, or at what parts values where it has none."""
    end = min(end, at + LONGEST_VALUE)
    while at < end:
        byte = data[at]
        if quote:
            if byte == quote or byte == 92:
                break
        elif (
            byte <= 32 or byte == 44 or byte == 59 or byte == 38 or byte == 41 or byte == 93
            or byte == 125 or byte == 124 or byte == 34 or byte == 39 or byte == 92
        ):  # fmt: skip
            break
        at += 1
    return at


@compiled
def number_at(data: Bytes, at: int, end: int) -> tuple[int, int, int, int]:
    """(mantissa, decimals, end, sign) of a number; end is -1 where there is none that fits.

    Groups of thousands are read where a point makes them plain (113,600.1), and no number
    at all where they could be two numbers (113,600). sign is -1, 0 or 1 as it is written.
    """
    sign = 0
    if at < end and (data[at] == 45 or data[at] == 43):
        sign = -1 if data[at] == 45 else 1
        at += 1
    value, count = digits(data, at, end, 18)
    if count == 0 or is_digit(data, at + count, end):
        return 0, 0, -1, sign
    at += count
    if count <= 3 and at < end and data[at] == 44:
        value, at = _thousands(data, at, end, value, count)
        if at == -1:
            return 0, 0, -1, sign
    places = 0
    if at < end and data[at] == 46 and is_digit(data, at + 1, end):
        at += 1
        while is_digit(data, at, end):
            if value >= 10**17:
                return 0, 0, -1, sign
            value = value * 10 + int(data[at]) - 48
            places += 1
            at += 1
    if at < end and (data[at] == 101 or data[at] == 69):
        power_sign = 1
        place = at + 1
        if place < end and (data[place] == 43 or data[place] == 45):
            power_sign = -1 if data[place] == 45 else 1
            place += 1
        power, power_count = digits(data, place, end, 3)
        if power_count:
            at = place + power_count
            places -= power * power_sign
            while places < 0 and value < 10**16:
                value *= 10
                places += 1
    if places < 0 or places > 18:
        return 0, 0, -1, sign
    return -value if sign < 0 else value, places, at, sign


@compiled
def _thousands(data: Bytes, at: int, end: int, value: int, count: int) -> tuple[int, int]:
    """(value, end) with the groups ",ddd" that follow; end is -1 where it is not plain that
    they are groups."""
    start = at
    first_value = value
    while at < end and data[at] == 44:
        group, size = digits(data, at + 1, end, 4)
        if size != 3 or count > 15:
            return first_value, start
        value = value * 1000 + group
        count += 3
        at += 4
    if at < end and data[at] == 46 and is_digit(data, at + 1, end):
        return value, at
    return first_value, -1


def _listed() -> tuple[Bytes, Ints, Ints, Ints]:
    """The words of all lists in one row of bytes, where each begins, its value; where the words
    of each list begin among them."""
    found = [item for table in _TABLES for item in table.items()]
    return (
        np.frombuffer(b"".join(w for w, _ in found), dtype=np.uint8).copy(),
        np.cumsum([0, *(len(w) for w, _ in found)], dtype=np.int64),
        np.array([v for _, v in found], dtype=np.int64),
        np.cumsum([0, *(len(t) for t in _TABLES)], dtype=np.int64),
    )


_TABLES = (LEVELS, STATES, SIDE_WORDS, POSITION_WORDS)
LEVEL_LIST, STATE_LIST, SIDE_LIST, POSITION_LIST = range(4)
_TEXT, _STARTS, _VALUES, _FROM = _listed()


@compiled
def word_in(data: Bytes, at: int, end: int, table: int) -> int:
    """The value of the word that stands from `at` to `end`, letters of any case, in one of
    the lists of line.py; NONE for a word that is not in it."""
    length = end - at
    for number in range(_FROM[table], _FROM[table + 1]):
        start = _STARTS[number]
        if _STARTS[number + 1] - start != length:
            continue
        same = True
        for place in range(length):
            byte = data[at + place]
            if 65 <= byte <= 90:
                byte += 32
            if byte != _TEXT[start + place]:
                same = False
                break
        if same:
            return int(_VALUES[number])
    return NONE
