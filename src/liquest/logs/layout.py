"""Forms of lines in braces: `{time} - {logger} - {level} - {message}`.

A field goes on to the first place where the text after it stands; one space stands for any
number of spaces and tabs. `{time}` and `{level}` know their own end, `{message}` is the rest
of the line, `{skip}` is passed over. The other fields are those of vocabulary.FIELDS.

`Layout.match` is the plain reference of layout_kernel.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ..errors import Text
from .line import LEVELS, LONGEST_SKIP, LONGEST_VALUE
from .times import read_time
from .vocabulary import FIELDS

SKIP = -1
_TOKEN = re.compile(r"\{\{|\}\}|\{([a-z_]+)\}|([^{}]+)|([{}])")
_ANSI = re.compile(r"(?:\x1b\[[0-9;]*m)+")
_ALIASES = {"logger": "skip", "thread": "skip", "function": "skip", "module": "skip"}
"""Names that make a pattern readable and mean nothing to us."""


class Unusable(ValueError):
    """Why a pattern cannot be read, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        self.text = Text(en, zh)
        super().__init__(en)


class Part(NamedTuple):
    """`text` to be found as it is, or a `field` to be read."""

    text: str = ""
    field: str = ""


class Matched(NamedTuple):
    """Time in µs with its place, level, and (field, start, end) of the other fields."""

    us: int
    zoned: bool
    time_at: int
    time_end: int
    level: int
    spans: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Layout:
    """One form of line of a `format`; raises Unusable for what cannot be read."""

    format: str
    pattern: str

    def __post_init__(self) -> None:
        fields = [p.field for p in self.parts if p.field]
        if fields.count("time") != 1:
            raise Unusable("it needs {time} once", "须有且只有一个 {time}")
        for name in fields:
            if name not in (*FIELDS, "message", "skip"):
                raise Unusable(f"there is no field {{{name}}}", f"没有字段 {{{name}}}")
        if "message" in fields[:-1] or (fields[-1] == "message" and not self.parts[-1].field):
            raise Unusable("{message} must come last", "{message} 须在最后")
        for one, after in zip(self.parts, self.parts[1:], strict=False):
            if one.field and after.field and one.field not in ("time", "level"):
                raise Unusable(
                    f"nothing parts {{{one.field}}} from {{{after.field}}}",
                    f"{{{one.field}}} 与 {{{after.field}}} 之间没有分隔",
                )

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The pattern taken apart; texts that touch are one."""
        found: list[Part] = []
        for token in _TOKEN.finditer(self.pattern):
            if token[3]:
                raise Unusable(
                    f"a single {token[3]} stands in it; write it twice",
                    f"含单个 {token[3]}，请写两个",
                )
            if token[1]:
                found.append(Part(field=_ALIASES.get(token[1], token[1])))
            else:
                text = token[2] or token[0][0]
                if found and found[-1].text:
                    text = found.pop().text + text
                found.append(Part(text=re.sub(r"[ \t]+", " ", text)))
        return tuple(found)

    @property
    def rank(self) -> tuple[int, int]:
        """The more a form asks for, the earlier it is tried: by texts, then by fields."""
        texts = sum(len(p.text) for p in self.parts)
        asks = sum(4 for p in self.parts if p.field == "level")
        return -(texts + asks), -len(self.parts)

    def match(self, line: str, year: int = 0) -> Matched | None:
        """What the head of a line says; None when it is not of this form."""
        at, level = 0, 0
        time: tuple[int, bool, int, int] | None = None
        spans: list[tuple[str, int, int]] = []
        for number, part in enumerate(self.parts):
            at = _past_colours(line, at)
            if part.text:
                end = _text_at(line, at, part.text)
                if end is None:
                    return None
                at = end
            elif part.field == "time":
                found = read_time(line, at, year)
                if found is None:
                    return None
                time = (found.us, found.zoned, at, found.end)
                at = found.end
            elif part.field == "level":
                word = re.compile(r"[A-Za-z]+").match(line, at)
                if word is None or word[0].lower().encode() not in LEVELS:
                    return None
                level, at = LEVELS[word[0].lower().encode()], word.end()
            elif part.field == "message":
                break
            else:
                after = self.parts[number + 1].text if number + 1 < len(self.parts) else ""
                most = LONGEST_SKIP if part.field == "skip" else LONGEST_VALUE
                stop = _find(line, at, after, most)
                if stop is None or (stop == at and part.field != "skip"):
                    return None
                if part.field != "skip":
                    spans.append((part.field, at, stop))
                at = stop
        if time is None:
            raise AssertionError(self.pattern)
        return Matched(*time, level, tuple(spans))


def choose(layouts: Sequence[Layout], line: str, year: int = 0) -> tuple[int, Matched] | None:
    """The first form that fits, with its number. A form that begins with a field is not for a
    line that begins with a time."""
    timed = read_time(line, _past_colours(line, 0), year) is not None
    for number, layout in enumerate(layouts):
        field = layout.parts[0].field
        if timed and field and field != "time":
            continue
        if found := layout.match(line, year):
            return number, found
    return None


def _past_colours(line: str, at: int) -> int:
    """Behind the codes that colour a terminal."""
    found = _ANSI.match(line, at)
    return found.end() if found else at


def _text_at(line: str, at: int, text: str) -> int | None:
    """Where `text` ends that begins at `at`; a space of it stands for one or more."""
    for char in text:
        if char == " ":
            start = at
            while at < len(line) and line[at] in " \t":
                at += 1
            if at == start:
                return None
        elif at < len(line) and line[at] == char:
            at += 1
        else:
            return None
    return at


def _find(line: str, at: int, text: str, most: int) -> int | None:
    """The first place from `at` on where `text` stands, at most `most` on; the end of the line
    where there is no text."""
    if not text:
        return len(line) if len(line) - at <= most else None
    for place in range(at, min(len(line), at + most + 1)):
        if _text_at(line, place, text) is not None:
            return place
    return None
