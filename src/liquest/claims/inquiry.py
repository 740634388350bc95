"""What a case asks for: questions, and the records that would answer them, field by field.

Invariant: a question names at least one record that would answer it and one holder who is asked,
and every record says of each field its type and meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..clock import Window
from ..errors import Text, UsageError
from .claim import ID
from .quantity import Side

FIELD_TYPES: Mapping[str, Text] = {
    "time": Text("time, whole number", "时间，整数"),
    "decimal": Text("exact decimal, no exponent", "精确小数，不用指数"),
    "count": Text("whole number", "整数"),
    "text": Text("text, UTF-8", "文本，UTF-8"),
    "flag": Text("true or false", "true 或 false"),
    "digest": Text("SHA-256, 64 hex digits", "SHA-256，64 位十六进制"),
}  # fmt: skip
UNITS: Mapping[str, Text] = {
    "quote": Text("quote currency", "计价货币"),
    "base": Text("base currency", "基础货币"),
    "asset": Text("the asset", "该资产"),
}
"""Units that depend on the row; every other unit stands for itself."""
PER: Mapping[str, Text] = {
    "second": Text(
        "one row for each second of the span, also where nothing happened; what is not known is "
        "left empty and never written as zero",
        "时段内每秒一行，无事发生的秒亦须列出；未知者留空，不得以零代替",
    ),
    "event": Text("one row for each event, none left out", "每个事件一行，不得遗漏"),
    "order": Text("one row for each change of state of each order", "每个订单的每次状态变化一行"),
    "account": Text("one row for each account concerned", "每个相关账户一行"),
    "change": Text("one row for each change and each document", "每次变更、每份文件一行"),
}
"""What a row of a record stands for."""


@dataclass(frozen=True)
class FieldWanted:
    """One column: its name, type, unit and meaning."""

    name: str
    type: str
    unit: str
    what: Text

    @property
    def unit_words(self) -> Text:
        """The unit for a reader."""
        return UNITS.get(self.unit, Text(self.unit, self.unit))


@dataclass(frozen=True)
class RecordWanted:
    """A record that somebody holds: its scope, what a row is, the spans and the columns."""

    id: str
    title: Text
    scope: Text
    holders: tuple[str, ...]
    per: str
    spans: tuple[Window, ...]
    fields: tuple[FieldWanted, ...]

    def __post_init__(self) -> None:
        names = [one.name for one in self.fields]
        if not ID.fullmatch(self.id) or not self.holders or not self.spans or not names:
            raise _wrong(
                f"the record '{self.id}' needs an id, a holder, a span and fields",
                f"记录“{self.id}”须有编号、持有者、时段与字段",
            )
        if len(set(names)) < len(names):
            raise _wrong(f"the record '{self.id}' has a field twice", f"记录“{self.id}”字段重复")
        if self.per == "second" and self.fields[0].type != "time":
            raise _wrong(
                f"the record '{self.id}' has no time as its first field",
                f"记录“{self.id}”的首个字段不是时间",
            )


@dataclass(frozen=True)
class Known:
    """A line of what the public record says: findings by `side`, or words with their source."""

    title: Text
    side: Side | None = None
    source: Text | None = None

    def __post_init__(self) -> None:
        if (self.side is None) == (self.source is None):
            raise _wrong(
                "what is known names findings, or the source of its words",
                "已知内容须指明结论，或注明文字来源",
            )


@dataclass(frozen=True)
class Question:
    """A question with what would answer it: `records` by id, asked of the holders `ask`."""

    id: str
    text: Text
    answer: Text
    records: tuple[str, ...]
    ask: tuple[str, ...]
    known: tuple[Known, ...] = ()

    def __post_init__(self) -> None:
        if not ID.fullmatch(self.id) or not self.records or not self.ask:
            raise _wrong(
                f"the question '{self.id}' needs an id, a record and somebody to ask",
                f"问题“{self.id}”须有编号、记录与询问对象",
            )


@dataclass(frozen=True)
class Inquiry:
    """All that a file asks; `as_of` is the moment up to which the public record was read, UTC
    microseconds."""

    as_of: int = 0
    holders: Mapping[str, Text] = field(default_factory=dict)
    records: Mapping[str, RecordWanted] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()


def _wrong(en: str, zh: str) -> UsageError:
    return UsageError(
        Text(en, zh),
        remedy=Text("See docs/statements.md for the keys.", "各键见 docs/statements.md。"),
    )
