"""Forms of lines as machine code: what `Layout.match` does, on bytes, for all forms in turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled
from .layout import Layout, Part
from .line import FIELD, LONGEST_SKIP, LONGEST_VALUE, NONE
from .time_kernel import Bytes, time_at
from .value_kernel import LEVEL_LIST, word_in

Ints = npt.NDArray[np.int64]
_TEXT, _TIME, _LEVEL, _FIELD, _MESSAGE = range(-5, 0)
_ANY = -6
_SKIP = -1
_STEPS, _HEAD, _NEXT, _SECOND, _LOW, _HIGH = range(6)
_KIND, _FILLS, _FROM, _TO = range(4)
SPANS = 16
"""Fields that a form can have besides time and level."""


class Forms(NamedTuple):
    """`form[n]` tells where the steps of form n begin in `step`, and what a line of it must
    have, so that most forms need no trial: under _HEAD the byte that it begins with, or _TIME,
    _LEVEL or _ANY; behind a time _NEXT is a byte or _ANY, and _SECOND the first byte behind it
    that is no space, or _LEVEL or _ANY; _LOW and _HIGH are the bytes below 64 and below 128
    of its texts, one bit each.

    A step has a kind and the field that it fills. Its text, or the text that ends its field,
    is `text[step[_FROM]:step[_TO]]`.

    `tried[begin[k]:begin[k + 1]]` are the forms for a line that begins with the byte k, or,
    beyond 256, with a time and then that byte."""

    form: Ints
    step: Ints
    begin: Ints
    tried: Ints
    text: Bytes


def forms(layouts: Sequence[Layout]) -> Forms:
    """The steps of forms, in the order given."""
    table: list[tuple[int, ...]] = []
    steps: list[tuple[int, ...]] = []
    text = b""
    for layout in layouts:
        table.append((len(steps), *_begins(layout.parts), *_needs(layout.parts)))
        for number, part in enumerate(layout.parts):
            after = layout.parts[number + 1].text if number + 1 < len(layout.parts) else ""
            own = (part.text or after).encode("utf-8")
            named = {"time": _TIME, "level": _LEVEL, "message": _MESSAGE}
            kind = _TEXT if part.text else named.get(part.field, _FIELD)
            steps.append(
                (kind, FIELD.get(part.field, _SKIP), len(text), len(text) + len(own))
            )  # fmt: skip
            text += own
    table.append((len(steps), _ANY, _ANY, _ANY, 0, 0))
    begin, tried = _tried([(row[_HEAD], row[_SECOND]) for row in table[:-1]])
    return Forms(
        np.array(table, dtype=np.int64),
        np.array(steps, dtype=np.int64).reshape(-1, 4),
        _ints(begin),
        _ints(tried),
        np.frombuffer(text or b" ", dtype=np.uint8).copy(),
    )


def _needs(parts: Sequence[Part]) -> tuple[int, int]:
    """(_LOW, _HIGH); a space may be a tab, and is not asked for."""
    found = {b for p in parts for b in p.text.encode("utf-8") if b < 128 and b != 32}
    halves = (sum(1 << b % 64 for b in found if b // 64 == half) for half in (0, 1))
    low, high = (n - (1 << 64) if n >> 63 else n for n in halves)
    return low, high


def _tried(begins: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """(`begin`, `tried`), the forms of each key in their order."""
    begin: list[int] = [0]
    tried: list[int] = []
    for key in range(512):
        for form, (head, second) in enumerate(begins):
            if key < 256:
                fits = head in (key, _LEVEL, _ANY)
            else:
                fits = head >= 0 or (head == _TIME and second in (key - 256, _LEVEL, _ANY))
            if fits:
                tried.append(form)
        begin.append(len(tried))
    return begin, tried


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _begins(parts: Sequence[Part]) -> tuple[int, int, int]:
    """What a line of these parts begins with: (head, next, second) of Forms."""
    head = _edge(parts[0], spaced=False)
    if head != _TIME or len(parts) == 1:
        return head, _ANY, _ANY
    text = parts[1].text
    if not text.startswith(" "):
        return head, _edge(parts[1], spaced=False), _ANY
    rest = text.lstrip(" ")
    after = parts[2] if len(parts) > 2 else Part()
    return head, _ANY, _edge(Part(text=rest) if rest else after, spaced=True)


def _edge(part: Part, *, spaced: bool) -> int:
    """The byte that a part begins with, or _TIME, _LEVEL or _ANY. Behind spaces a time is as
    good as anything."""
    if part.text:
        byte = part.text.encode("utf-8")[0]
        return _ANY if byte == 32 else byte
    named = {"level": _LEVEL} if spaced else {"level": _LEVEL, "time": _TIME}
    return named.get(part.field, _ANY)


@compiled
def past_colours(data: Bytes, at: int, end: int) -> int:
    """Behind the codes that colour a terminal."""
    while at + 2 < end and data[at] == 27 and data[at + 1] == 91:
        place = at + 2
        while place < end and (48 <= data[place] <= 57 or data[place] == 59):
            place += 1
        if place >= end or data[place] != 109:
            break
        at = place + 1
    return at


@compiled
def _text_at(data: Bytes, at: int, end: int, text: Bytes, first: int, last: int) -> int:
    """Where the text ends that begins at `at`; -1 where it does not stand there."""
    for place in range(first, last):
        byte = text[place]
        if byte == 32:
            start = at
            while at < end and (data[at] == 32 or data[at] == 9):
                at += 1
            if at == start:
                return -1
        elif at < end and data[at] == byte:
            at += 1
        else:
            return -1
    return at


@compiled
def _find(data: Bytes, at: int, end: int, text: Bytes, first: int, last: int, most: int) -> int:
    """The first place from `at` on where the text stands, at most `most` on; -1 for none."""
    if first == last:
        return end if end - at <= most else -1
    head = text[first]
    second = text[first + 1] if last - first > 1 else np.uint8(32)
    limit = min(end, at + most + 1)
    place = at
    while place < limit:
        while place < limit and data[place] != head and (head != 32 or data[place] != 9):
            place += 1
        if place < limit:
            likely = head == 32 or second == 32 or (place + 1 < end and data[place + 1] == second)
            if likely and _text_at(data, place, end, text, first, last) >= 0:
                return place
        place += 1
    return -1


@compiled
def _level_at(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """(level, end of its word) of the letters at `at`; NONE for no such word."""
    stop = at
    if at >= end or not (65 <= data[at] <= 90 or 97 <= data[at] <= 122):
        return NONE, at
    while stop < end and (65 <= data[stop] <= 90 or 97 <= data[stop] <= 122):
        stop += 1
    return word_in(data, at, stop, LEVEL_LIST), stop


@compiled
def _signs_in(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Which bytes below 64, and which below 128, there are."""
    low, high, one = np.uint64(0), np.uint64(0), np.uint64(1)
    for byte in data[at:end]:
        bit = one << np.uint64(byte & 63)
        if byte < 64:
            low |= bit
        elif byte < 128:
            high |= bit
    return int(np.int64(low)), int(np.int64(high))


@compiled
def match(
    data: Bytes, start: int, end: int, year: int, forms: Ints, steps: Ints, begins: Ints,
    tried: Ints, text: Bytes, spans: Ints,
) -> tuple[int, int, bool, int, int, int, int]:  # fmt: skip
    """(form, µs, zoned, time's place, time's end, level, fields) of the first form that fits;
    the form is -1 when none does. `spans` takes (field, start, end) of each field. What
    belongs to Forms is handed over one by one, as it is to `read_hits`."""
    begin = past_colours(data, start, end)
    found, us, zoned, after = time_at(data, begin, end, year)
    head = int(data[begin]) if begin < end else 0
    solid = past_colours(data, after, end) if found else begin
    behind = int(data[solid]) if found and solid < end else 0
    while solid < end and (data[solid] == 32 or data[solid] == 9):
        solid += 1
    solid = past_colours(data, solid, end)
    second = int(data[solid]) if solid < end else 0
    leveled = _level_at(data, solid, end)[0] != NONE
    low, high = _signs_in(data, start, end)
    key = 256 + second if found else head
    for number in range(begins[key], begins[key + 1]):
        form = tried[number]
        if forms[form, _LOW] & ~low or forms[form, _HIGH] & ~high:
            continue
        wanted = forms[form, _HEAD]
        if wanted == _TIME:
            if (forms[form, _NEXT] >= 0 and forms[form, _NEXT] != behind) or (
                forms[form, _SECOND] == _LEVEL and not leveled
            ):
                continue
        elif (wanted == _LEVEL and not leveled) or (wanted >= 0 and wanted != head):
            continue
        at = start
        level = 0
        count = 0
        time_us, time_zoned, time_from, time_to = 0, False, NONE, NONE
        fits = True
        for step in range(forms[form, _STEPS], forms[form + 1, _STEPS]):
            at = past_colours(data, at, end)
            kind = steps[step, _KIND]
            first, last = steps[step, _FROM], steps[step, _TO]
            if kind == _TEXT:
                at = _text_at(data, at, end, text, first, last)
                fits = at >= 0
            elif kind == _TIME:
                if at == begin:
                    fits, time_us, time_zoned, time_to = found, us, zoned, after
                else:
                    fits, time_us, time_zoned, time_to = time_at(data, at, end, year)
                time_from = at
                at = time_to
            elif kind == _LEVEL:
                level, at = _level_at(data, at, end)
                fits = level != NONE
            elif kind == _FIELD:
                target = steps[step, _FILLS]
                most = LONGEST_SKIP if target == _SKIP else LONGEST_VALUE
                stop = _find(data, at, end, text, first, last, most)
                fits = stop > at or (stop == at and target == _SKIP)
                if fits and target != _SKIP and count < SPANS:
                    spans[count, 0] = target
                    spans[count, 1] = at
                    spans[count, 2] = stop
                    count += 1
                at = stop
            if not fits:
                break
        if fits:
            return form, time_us, time_zoned, time_from, time_to, level, count
    return -1, 0, False, NONE, NONE, 0, 0
