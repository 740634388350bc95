"""What each party said, version by version.

Invariant: a text that is held is named by its digest, and each point by its line in it; of a
text that is not held nobody can say what it left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ..clock import format_time, parse_time
from ..errors import Text, UsageError
from .claim import ID
from .value_words import moment, shown

HELD, RELAYED, TOLD = KNOWN = ("held", "relayed", "told")
KNOWN_WORDS: Mapping[str, Text] = {
    HELD: Text("text held", "持有原文"),
    RELAYED: Text("relayed by others", "经他人转述"),
    TOLD: Text("told by a party", "由当事方陈述"),
}
"""How a statement is known."""
STANCE, AMOUNT, AT, SPAN, ITEMS = SORTS = ("stance", "amount", "moment", "window", "items")
_LONGEST_QUOTE = 200


@dataclass(frozen=True)
class Point:
    """One thing that a version says. `value` is what versions are compared by: a number, or a
    text in one notation (a word, ISO moments, items in order)."""

    topic: str
    point: str
    text: Text
    sort: str
    value: Decimal | str
    unit: str = "text"
    quote: str = ""
    line: int | None = None

    def __post_init__(self) -> None:
        if len(self.quote) > _LONGEST_QUOTE:
            raise _wrong(
                f"the quotation has more than {_LONGEST_QUOTE} characters",
                f"引文超过 {_LONGEST_QUOTE} 字",
                "Quote what is compared only.", "只引用所比较的文字。",
            )  # fmt: skip

    @property
    def words(self) -> Text:
        """The value as a reader sees it; a stance has its text."""
        if self.sort == STANCE:
            return self.text
        if self.sort == AT:
            return moment(parse_time(str(self.value)))
        if self.sort == SPAN:
            first, last = (parse_time(edge) for edge in str(self.value).split("/"))
            return shown_span(first, last)
        if self.sort == ITEMS:
            return shown(tuple(str(self.value).split(", ")), "")
        return shown(self.value, self.unit)


@dataclass(frozen=True)
class Upheld:
    """A topic of which a held text says that earlier words stand, and where it says so."""

    topic: str
    quote: str
    line: int


@dataclass(frozen=True)
class Statement:
    """One version of what a party said. `published` is its moment in UTC microseconds, None
    where at most the `day` is known."""

    id: str
    party: str
    title: Text
    known: str
    source: Text
    published: int | None = None
    day: str = ""
    file: str = ""
    sha256: str = ""
    lines: int = 0
    upholds: tuple[Upheld, ...] = ()
    points: tuple[Point, ...] = ()

    def __post_init__(self) -> None:
        if not ID.fullmatch(self.id):
            raise _wrong(
                f"'{self.id}' is no id", f"“{self.id}”不是有效编号",
                "Write small letters, digits and hyphens.", "请用小写字母、数字与连字符。",
            )  # fmt: skip
        named = bool(self.file and self.sha256 and self.lines > 0)
        if named != (self.known == HELD) or (self.sha256 and len(self.sha256) != 64):
            raise _wrong(
                "a text that is held has 'file', 'sha256' and 'lines', and no other has",
                "持有原文者须有 file、sha256、lines，其余不得有",
                "Give the three, or write known = \"relayed\".",
                "请补全三者，或写 known = \"relayed\"。",
            )  # fmt: skip
        for one in self.points:
            if (one.line is not None) != (self.known == HELD) or (one.line or 0) > self.lines:
                raise _wrong(
                    f"'{one.point}' needs a line of the held text, and only there",
                    f"“{one.point}”须注明其在原文中的行号，未持有原文者不得注明",
                    "Write line = N.", "请写 line = N。",
                )  # fmt: skip
        if self.upholds and self.known != HELD:
            raise _wrong(
                "only a text that is held shows that earlier words stand",
                "唯有持有的原文才能表明先前所述仍然有效",
                "Leave 'upholds' out.", "请去掉 upholds。",
            )  # fmt: skip
        names = [(one.topic, one.point) for one in self.points]
        if len(set(names)) < len(names):
            raise _wrong(
                "one version says the same point twice", "同一版本对同一点说了两次",
                "Give the points different names.", "请使用不同的名称。",
            )  # fmt: skip

    @property
    def topics(self) -> tuple[str, ...]:
        """What it speaks of."""
        return tuple(dict.fromkeys(one.topic for one in self.points))

    @property
    def when(self) -> str:
        """The moment or the day of publication in ISO 8601, empty when it is not known."""
        if self.published is not None:
            return format_time(self.published, digits=0)
        return self.day


@dataclass(frozen=True)
class Record:
    """All versions, in the order of the file, with the names of parties and topics."""

    parties: Mapping[str, Text] = field(default_factory=dict)
    topics: Mapping[str, Text] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()

    def of(self, party: str) -> tuple[Statement, ...]:
        """The versions of one party; raises UsageError with the parties there are."""
        if party not in self.parties:
            names = ", ".join(self.parties)
            raise UsageError(
                Text(f"there is no party '{party}'", f"没有名为“{party}”的当事方"),
                remedy=Text(f"The file has: {names}", f"已有：{names}"),
            )
        return tuple(one for one in self.statements if one.party == party)


def shown_span(first: int, last: int) -> Text:
    """A stretch of time in both clocks: 2025-10-10 21:36:00 – 22:16:00 UTC (… UTC+8)."""
    utc, east = (_stretch(first, last, tz) for tz in ("UTC", "UTC+8"))
    return Text(f"{utc} UTC ({east} UTC+8)", f"{utc} UTC（{east} UTC+8）")


def _stretch(first: int, last: int, tz: str) -> str:
    """Both edges, the day once where it is the same."""
    start, end = (format_time(t, tz, digits=0)[:19].replace("T", " ") for t in (first, last))
    return f"{start} – {end[11:] if end[:10] == start[:10] else end}"


def _wrong(en: str, zh: str, remedy_en: str, remedy_zh: str) -> UsageError:
    return UsageError(Text(en, zh), remedy=Text(remedy_en, remedy_zh))
