"""Open questions as the report shows them: what is on record, what would answer, who holds it.

Invariant: what is on record links to its findings, or is marked with the source of its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from ..claims.inquiry import RecordWanted
from ..claims.questions import Asked
from ..errors import Text
from .figures import both_clocks
from .text import Words, glue, say, wrap
from .trials import links


@dataclass(frozen=True)
class Open:
    """Q1, Q2 …: a question, lines of what is known with their links, records, holders."""

    number: str
    asked: Asked
    known: tuple[tuple[Words, Markup | Words], ...]
    records: tuple[Words, ...]
    holders: Words


def open_questions(asked: Iterable[Asked], holders: Mapping[str, Text]) -> list[Open]:
    """Every question, in the order given."""
    return [
        Open(
            f"Q{number}",
            one,
            tuple(
                (glue([line.title, line.words], ": ", "："), links(line.findings))
                for line in one.known
            ),
            tuple(_record(r) for r in one.records),
            glue([Words.of(holders.get(h, Text(h, h))) for h in one.question.ask], ", ", "、"),
        )
        for number, one in enumerate(asked, 1)
    ]


def _record(record: RecordWanted) -> Words:
    """Title, scope, fields and spans of a record in a line."""
    fields = glue([wrap("code", f.name) for f in record.fields], " ")
    spans = "; ".join(
        f"{both_clocks(s.start)[0]} – {both_clocks(s.end)[0]} UTC" for s in record.spans
    )
    parts = [
        wrap("b", record.title), Words.of(record.scope),
        glue([say("question.fields"), fields], ": ", "："),
        glue([say("question.span"), spans], ": ", "："),
    ]  # fmt: skip
    return glue(parts, ". ", "。")
