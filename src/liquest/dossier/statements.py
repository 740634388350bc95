"""Statements over time: the versions of what each party said, and what changed between them.

Invariant: a change links to its finding, which names the line of the text that is held.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..claims.statement_diff import KIND_WORDS, SAID, Change, changes, finding
from ..claims.statements import KNOWN_WORDS, Record, Statement
from ..findings import Finding
from .figures import both_clocks
from .tables import Cell, Row, Table
from .text import Part, Words, glue, say, wrap


@dataclass(frozen=True)
class Told:
    """Two tables: the versions, and what changed; `findings` are those of the changes."""

    versions: Table
    changes: Table
    findings: tuple[Finding, ...]


def told(record: Record) -> Told:
    """The versions of every party in the order of the file."""
    found = [one for one in changes(record) if one.kind != SAID]
    made = [finding(one) for one in found]
    return Told(_versions(record), _changes(record, found, made), tuple(made))


def _versions(record: Record) -> Table:
    heads = ("version", "published", "known", "source", "says")
    table = Table(tuple(Cell(say(f"factual.{h}")) for h in heads), [])
    for one in record.statements:
        title = wrap("span", _title(record, one), id=f"statement-{one.id}")
        says = glue([wrap("div", p.text) for p in one.points])
        table.rows.append(
            Row((Cell(title, style="w"), Cell(_when(one), style="t"), Cell(KNOWN_WORDS[one.known]),
                 Cell(_source(one), style="s"), Cell(says, style="w")))
        )  # fmt: skip
    return table


def _changes(record: Record, found: Iterable[Change], made: Iterable[Finding]) -> Table:
    heads = ("version", "topic", "change", "says")
    table = Table(tuple(Cell(say(f"factual.{h}")) for h in heads), [], page=20)
    for change, its in zip(found, made, strict=True):
        topic = record.topics.get(change.said.point.topic)
        link = wrap("a", KIND_WORDS[change.kind], href=f"#f-{its.id[:12]}")
        version = wrap("a", change.statement.id, href=f"#statement-{change.statement.id}")
        cells = (version, topic or change.said.point.topic, link)
        table.rows.append(Row((*map(Cell, cells), Cell(_says(change), style="w"))))
    return table


def _says(change: Change) -> Words:
    """What is said now, after what was said before."""
    now = "" if change.now is None else change.now.point.text
    before = "" if change.before is None else wrap("s", change.before.point.text)
    return glue([Words.of(p) for p in (before, now) if p], " → ")


def _title(record: Record, one: Statement) -> Words:
    party = record.parties.get(one.party)
    return glue([wrap("b", party if party is not None else one.party), one.title], " · ")


def _when(one: Statement) -> Words:
    if one.published is None:
        return Words.of(one.day) if one.day else say("factual.unknown_time")
    utc, east = both_clocks(one.published)
    parts: list[Part] = [f"{utc} UTC", wrap("small", f"{east} UTC+8")]
    return glue(parts, "<br>")


def _source(one: Statement) -> Words:
    if not one.sha256:
        return Words.of(one.source)
    code = wrap("code", one.sha256[:12], title=one.sha256, class_="sha")
    return glue([Words.of(one.source), one.file, code], " ")
