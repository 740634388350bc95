"""One line of a log, read the plain way: the reference of the kernels.

Every rule of field_kernel, words_kernel and scan_kernel stands here again, with regular
expressions and decimals instead of bytes, for a test that holds the two together. Lines are
texts of one character a byte (latin-1), so that places are the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from .layout import Layout, choose
from .line import LEVELS, LONGEST_VALUE, POSITION_WORDS, SIDE_WORDS, STATES
from .times import read_time
from .vocabulary import (
    FIELDS,
    GENERAL,
    KEY,
    LOOSE,
    SYMBOL,
    WORD,
    WORDING,
    Phrase,
    Vocabulary,
)

_NUMBER = re.compile(r"([+-]?)([0-9]+)(?![0-9])")
_FRACTION = re.compile(r"\.([0-9]+)")
_POWER = re.compile(r"[eE]([+-]?)([0-9]{1,3})")
_GROUPS = re.compile(r"(?:,[0-9]{3}(?![0-9]))+")
_BREAK = re.compile(r"""\\*["']?\ *(?::|=>|=|\xef\xbc\x9a)\ *\\*(["']?)""")
_BARE_END = re.compile(r"""[\x00-\x20,;&)\]}|"'\\]""")
_TITLED = re.compile(r"[A-Za-z0-9][ \t]*:[ \t]*$")
_LOOSE_GAP = re.compile(r"""[ :=(\[#"'\\\xef\xbc\x9a]{0,8}""")
_UNITS = (
    (re.compile(r"\ *ms(?![0-9A-Za-z])"), 1000),
    (re.compile(r"\ *s(?![0-9A-Za-z])"), 1_000_000),
    (re.compile(r"\ *sec"), 1_000_000),
    (re.compile(r"\ *mil.."), 1000),
    (re.compile(r"\ *us(?![0-9A-Za-z])"), 1),
    (re.compile(r"\ *(?:\xc2\xb5|\xce\xbc)"), 1),
    (re.compile(r"\ *\xe6\xaf"), 1000),
    (re.compile(r"\ *\xe7\xa7"), 1_000_000),
)
_SYMBOL_LEFT = re.compile(r"[0-9A-Z/_-]*$")
_SYMBOL_RIGHT = re.compile(r"[0-9A-Z/_:-]*")
_WORDY = re.compile(r"[0-9A-Za-z]")
_LONGEST_SYMBOL = 32


@dataclass
class Line:
    """What a line says; None where it does not. Places are (start, end)."""

    us: int | None = None
    zoned: bool = False
    time: tuple[int, int] | None = None
    form: int | None = None
    level: int | None = None
    meanings: set[str] = field(default_factory=set)
    wording: int | None = None
    code: int | None = None
    loose: bool = False
    status: int | None = None
    state: int | None = None
    symbol: tuple[int, int] | None = None
    bare: bool = False
    side: int | None = None
    position: int | None = None
    price: Decimal | None = None
    average: Decimal | None = None
    quantity: Decimal | None = None
    order_id: str | None = None
    client_id: str | None = None
    reduce: bool | None = None
    close: bool | None = None
    latency: int | None = None
    exchange_us: int | None = None
    client: tuple[int, int] | None = None
    interface: tuple[int, int] | None = None


def read_line(
    text: str, layouts: Sequence[Layout], words: Vocabulary, year: int = 0, unit: int = 0
) -> Line:
    """What one line says, its end stripped; `us` is None where it says no time."""
    text = text.rstrip("\r \t")
    line = Line()
    nested = text.startswith("{")
    if not nested and (chosen := choose(layouts, text, year)) is not None:
        number, head = chosen
        line.form, line.us, line.zoned = number, head.us, head.zoned
        line.time = (head.time_at, head.time_end)
        line.level = head.level or None
        for name, start, end in head.spans:
            _assign(line, name, text, start, end)
    found = _found(text, words.phrases)
    general = [(at - len(one.text), at) for at, one in found if one.role == GENERAL]
    for at, one in found:
        begin = at - len(one.text)
        if one.role == WORD and any(a <= begin and at <= b for a, b in general):
            continue
        _say(line, text, at, one, words, nested=nested, year=year, unit=unit)
    return line


def _found(text: str, phrases: Sequence[Phrase]) -> list[tuple[int, Phrase]]:
    """(end, phrase) in the order of ends; of several at one end the longest first, of equal
    ones those that stand first in the vocabulary."""
    low = "".join(c.lower() if c.isascii() else c for c in text)
    found = []
    for number, one in enumerate(phrases):
        written = one.text.decode("latin-1")
        sought = written.lower() if one.exact else written
        at = low.find(sought)
        while at >= 0:
            end = at + len(sought)
            if _stands(text, at, end, one, written):
                found.append((end, -len(sought), number, one))
            at = low.find(sought, at + 1)
    return [(end, one) for end, _, _, one in sorted(found, key=lambda f: f[:3])]


def _stands(text: str, at: int, end: int, one: Phrase, written: str) -> bool:
    if one.left and at and (text[at - 1] == "_" or _WORDY.match(text[at - 1])):
        return False
    if one.right and end < len(text) and (text[end] == "_" or _WORDY.match(text[end])):
        return False
    return not one.exact or text[at:end] == written


def _say(
    line: Line, text: str, end: int, one: Phrase, words: Vocabulary, *, nested: bool, year: int,
    unit: int,
) -> None:  # fmt: skip
    begin = end - len(one.text)
    if one.role == WORD:
        line.meanings.add(words.meanings[one.target])
    elif one.role in (WORDING, GENERAL):
        line.wording = one.target if line.wording is None else line.wording
    elif one.role == SYMBOL:
        _bare_symbol(line, text, begin, end)
    elif one.role == LOOSE:
        gap = _LOOSE_GAP.match(text, end)
        _assign_loose(line, FIELDS[one.target], text, gap.end() if gap else end)
    elif one.role == KEY:
        name = FIELDS[one.target]
        if nested and name in ("time", "level", "client") and _depth(text, begin) != 1:
            return
        found = _BREAK.match(text, end)
        if found is None:
            return
        start = found.end()
        if name == "time":
            _assign_time(line, text, start, year)
        elif name == "latency":
            _span(line, text, start, unit)
        else:
            _assign(line, name, text, start, _value_end(text, start, found[1]))


def _value_end(text: str, start: int, quote: str) -> int:
    limit = min(len(text), start + LONGEST_VALUE)
    if quote:
        ends = [at for q in (quote, "\\") if (at := text.find(q, start, limit)) >= 0]
        return min(ends, default=limit)
    found = _BARE_END.search(text, start, limit)
    return found.start() if found else limit


def _depth(text: str, at: int) -> int:
    depth, inside = 0, False
    for place, char in enumerate(text[:at]):
        if char == '"':
            inside ^= place == 0 or text[place - 1] != "\\"
        elif not inside:
            depth += (char in "{[") - (char in "}]")
    return depth


def number(text: str, at: int, limit: int | None = None) -> tuple[Decimal, int, str] | None:
    """(value, end, sign as written) of the number at `at`; None where there is none that fits
    into 18 digits, or where a comma leaves open whether it is one number or two."""
    text = text if limit is None else text[:limit]
    found = _NUMBER.match(text, at)
    if found is None or len(found[2]) > 18:
        return None
    digits, end = found[2], found.end()
    if len(digits) <= 3 and (groups := _GROUPS.match(text, end)):
        joined = digits + groups[0].replace(",", "")
        last = groups.end()
        plain = len(joined) <= 18 and text[last : last + 1] != ","
        if plain and re.compile(r"\.[0-9]").match(text, last):
            digits, end = joined, last
        elif plain:
            return None
    places = 0
    if fraction := _FRACTION.match(text, end):
        if len((digits + fraction[1]).lstrip("0")) > 18:
            return None
        digits, places, end = digits + fraction[1], len(fraction[1]), fraction.end()
    if power := _POWER.match(text, end):
        end = power.end()
        places += int(power[2]) * (1 if power[1] == "-" else -1)
    value = int(digits)
    while places < 0 and value < 10**16:
        value *= 10
        places += 1
    if not 0 <= places <= 18:
        return None
    signed = -value if found[1] == "-" else value
    return Decimal(signed).scaleb(-places), end, found[1]


def _assign(line: Line, name: str, text: str, start: int, end: int) -> None:
    if end <= start:
        return
    value = text[start:end]
    if name == "code":
        _code(line, text, start, end, loose=False)
    elif name == "status":
        _status(line, value)
    elif name == "symbol":
        if line.symbol is None or line.bare:
            line.symbol, line.bare = (start, end), False
    elif name in ("price", "average", "quantity"):
        read = number(text, start, end)
        if read and read[0] > 0 and getattr(line, name) is None:
            setattr(line, name, read[0])
    elif name in ("side", "position_side"):
        target, table = ("side", SIDE_WORDS) if name == "side" else ("position", POSITION_WORDS)
        if getattr(line, target) is None:
            setattr(line, target, table.get(_low(value)))
    elif name in ("order_id", "client_id"):
        if getattr(line, name) is None:
            setattr(line, name, value)
    elif name in ("reduce_only", "close_position"):
        target = name.partition("_")[0]
        if getattr(line, target) is None:
            setattr(line, target, value[0] in "tT1")
    elif name.startswith("latency_"):
        tick = {"us": 1, "ms": 1000, "s": 1_000_000}[name.removeprefix("latency_")]
        read = number(text, start, end)
        if read and read[0] >= 0 and line.latency is None and _mantissa(read[0]) < 10**12:
            line.latency = int(read[0] * tick)
    elif name == "exchange_time":
        moment = read_time(text[:end], start)
        if moment and moment.zoned and line.exchange_us is None:
            line.exchange_us = moment.us
    elif name == "level":
        _level(line, value)
    elif name == "client" and _TITLED.search(text, 0, start):
        return
    elif name in ("client", "interface") and getattr(line, name) is None:
        setattr(line, name, (start, end))


def _mantissa(value: Decimal) -> int:
    digits = value.as_tuple().digits
    return int("".join(map(str, digits)))


def _low(value: str) -> bytes:
    return value.encode("latin-1").lower()


def _code(line: Line, text: str, start: int, end: int, *, loose: bool) -> None:
    read = number(text, start, end)
    if read is None:
        return
    value, after, sign = read
    rest = text[after:end]
    if value.as_tuple().exponent or sign == "+" or (rest and _WORDY.match(rest)):
        return
    if re.match(r"[.:-][0-9]", rest) or abs(value) > 999_999 or (loose and abs(value) < 100):
        return
    if 100 <= value <= 599:
        line.status = int(value) if line.status is None else line.status
    elif line.code is None or abs(line.code) < 100 <= abs(value):
        line.code, line.loose = int(value), loose and value > 0


def _status(line: Line, value: str) -> None:
    if value[0].isdigit():
        read = number(value, 0)
        if (
            read and read[1] == len(value) and not read[0].as_tuple().exponent
            and 100 <= read[0] <= 599 and line.status is None
        ):  # fmt: skip
            line.status = int(read[0])
    elif line.state is None:
        line.state = STATES.get(_low(value))


def _level(line: Line, value: str) -> None:
    if line.level:
        return
    if value[0].isdigit():
        read = number(value, 0)
        if read and read[1] == len(value) and not read[0].as_tuple().exponent:
            line.level = int(read[0]) // 10 if int(read[0]) in range(10, 61, 10) else line.level
    elif known := LEVELS.get(_low(value)):
        line.level = known


def _assign_time(line: Line, text: str, start: int, year: int) -> None:
    if line.us is None and (found := read_time(text, start, year)):
        line.us, line.zoned, line.time = found.us, found.zoned, (start, found.end)


def _assign_loose(line: Line, name: str, text: str, start: int) -> None:
    if name == "code":
        _code(line, text, start, len(text), loose=True)
    elif name == "price":
        read = number(text, start)
        if read and read[0] > 0 and line.price is None:
            line.price = read[0]
    elif name == "latency":
        _span(line, text, start, 0)


def _span(line: Line, text: str, start: int, unit: int) -> None:
    read = number(text, start)
    if read is None or line.latency is not None or read[0] < 0 or _mantissa(read[0]) >= 10**12:
        return
    tick = next((t for form, t in _UNITS if form.match(text, read[1])), unit)
    if tick:
        line.latency = int(read[0] * tick)


def _bare_symbol(line: Line, text: str, begin: int, end: int) -> None:
    if line.symbol is not None:
        return
    left, right = _SYMBOL_LEFT.search(text[:begin]), _SYMBOL_RIGHT.match(text, end)
    first = left.start() if left else begin
    last = right.end() if right else end
    while last > end and not _WORDY.match(text[last - 1]):
        last -= 1
    named = re.search(r"[A-Z]", text[first:begin]) and _WORDY.match(text[first])
    if named and last - first <= _LONGEST_SYMBOL:
        line.symbol, line.bare = (first, last), True
