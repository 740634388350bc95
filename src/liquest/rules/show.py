"""Rules as they are shown: tables of plain text for the terminal, the same cells for the pages.

Invariant: a value stands beside its certainty, its moment and the number of its source, and
every source that a table names is listed under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..clock import format_time
from ..errors import Text
from .book import Change
from .book_rows import ASKED, ASKED_TEXT, CERTAINTY, Row
from .book_units import shown

Columns = tuple[tuple[Text, str], ...]
"""Headings with "left", "right" or "fold"."""
WIDE = ("formula", "text")
"""Units whose values do not fit into a cell."""

PATH = (Text("rule", "规则"), "left")
SCOPE = (Text("for", "适用"), "fold")
VALUE = (Text("value", "取值"), "fold")
SINCE = (Text("since", "起始"), "left")
CERTAIN = (Text("certainty", "确定性"), "left")
SOURCE = (Text("src", "来源"), "right")

_DATED = {"day": "{}", "seen": "≤ {}", "assumed": "{} ?"}
UNDATED = Text("undated", "未注日期")
DATING_NOTE = Text(
    "A day without an hour: the hour is not known. ≤: the first day on which the text is known; "
    "?: the moment is assumed. In brackets: the plausible range.",
    "只有日期：时点不明。≤：已知该文本的最早日期；?：起始时刻为假定。方括号内为合理范围。",
)


@dataclass
class Sources:
    """Sources numbered in the order in which they are first named."""

    numbers: dict[Text, int] = field(default_factory=dict)

    def number(self, row: Row) -> str:
        return str(self.numbers.setdefault(row.origin, len(self.numbers) + 1))

    def lines(self, lang: str) -> list[str]:
        """[1] The source, one a line."""
        return [f"[{n}] {source.in_(lang)}" for source, n in self.numbers.items()]


@dataclass(frozen=True)
class Sheet:
    """A table with the rows whose values are too long for it, and the sources of both."""

    title: str
    columns: Columns
    cells: tuple[tuple[str, ...], ...]
    long: tuple[tuple[str, str], ...]
    sources: Sources

    def headings(self, lang: str) -> list[tuple[str, str]]:
        return [(heading.in_(lang), side) for heading, side in self.columns]


def certainty(row: Row, lang: str) -> str:
    """The word for how well the row is known."""
    return ASKED_TEXT.in_(lang) if row.certainty == ASKED else CERTAINTY[row.certainty].in_(lang)


def since(row: Row, lang: str, tz: str = "UTC") -> str:
    """From when the row holds, and how well that is known: see DATING_NOTE."""
    if row.begins is None:
        return "–" if row.certainty == ASKED else UNDATED.in_(lang)
    # Where only the day is known it is that of the text, whatever zone is asked for.
    if row.dating != "exact":
        return _DATED[row.dating].format(format_time(row.begins, digits=0)[:10])
    return format_time(row.begins, tz, digits=0)[:16].replace("T", " ")


def value(row: Row, lang: str) -> str:
    """The value with its unit, and its range in brackets."""
    text = shown(row.value, row.unit, lang)
    if row.span:
        text += f" [{span(row)}]"
    return f"{text} USD" if row.unit == "USD" else text


def span(row: Row) -> str:
    """The plausible range: 0.9…0.95, 90…95 %, or the possible words."""
    edges = [shown(edge, row.unit) for edge in row.span]
    if row.unit == "word":
        return ", ".join(edges)
    low, high = (edge.partition(" ") for edge in edges)
    return f"{low[0]}…{edges[1]}" if low[2] == high[2] else "…".join(edges)


def scope(row: Row, *, venue: bool) -> str:
    """What the row applies to; with its venue where several are shown. A coin that the path
    itself names is not said twice."""
    label = "" if row.scope.coin and row.path.endswith(f".{row.scope.coin}") else row.scope.label
    parts = [row.scope.venue if venue else "", label]
    return " ".join(part for part in parts if part)


def sheet(
    rows: Iterable[Row], lang: str, *, title: str = "", tz: str = "UTC", venue: bool = False
) -> Sheet:
    """Rows one below the other; formulas and texts beneath, under their heads."""
    sources = Sources()
    cells, long = [], []
    # What stands in the table is numbered first: it is read first.
    for row in sorted(rows, key=lambda one: one.unit in WIDE):
        head = (row.path, scope(row, venue=venue))
        tail = (since(row, lang, tz), certainty(row, lang), sources.number(row))
        if row.unit in WIDE:
            parts = ", ".join((*tail[:2], f"[{tail[2]}]"))
            long.append((" ".join(p for p in head if p) + f" ({parts})", value(row, lang)))
        else:
            cells.append((*head, value(row, lang), *tail))
    columns = (PATH, SCOPE, VALUE, SINCE, CERTAIN, SOURCE)
    return Sheet(title, columns, tuple(_blank_repeats(cells)), tuple(long), sources)


def changes(found: Sequence[Change], lang: str, *, title: str = "", tz: str = "UTC") -> Sheet:
    """What differs between two moments: before and after side by side."""
    sources = Sources()
    cells, long = [], []
    rows = [(change, row) for change in found if (row := change.after or change.before)]
    for change, row in sorted(rows, key=lambda pair: pair[1].unit in WIDE):
        head = (change.path, scope(row, venue=True))
        both = [
            "–" if one is None else f"{value(one, lang)} ({certainty(one, lang)})"
            for one in (change.before, change.after)
        ]
        begun, number = since(row, lang, tz), sources.number(row)
        if row.unit in WIDE:
            label = f"{' '.join(p for p in head if p)} ({begun}, [{number}])"
            long.append((label, " → ".join(both)))
        else:
            cells.append((*head, *both, begun, number))
    both_sides = ((Text("before", "之前"), "fold"), (Text("after", "之后"), "fold"))
    columns = (PATH, SCOPE, *both_sides, SINCE, SOURCE)
    return Sheet(title, columns, tuple(cells), tuple(long), sources)


def _blank_repeats(cells: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """A path stands once, at the first of its rows."""
    shown_rows, last = [], ""
    for row in cells:
        shown_rows.append(("" if row[0] == last else row[0], *row[1:]))
        last = row[0]
    return shown_rows
