"""What a party's versions add, change and leave out, one topic at a time.

A version is compared with what the party said before on the same topic:

    said      each point of each version
    added     a point that no earlier version on the topic has
    changed   a point whose value differs from the one it was last given
    dropped   a point of the version before that this one, read in whole, does not repeat

A version that says that earlier words stand drops nothing of that topic, and one that is not
held drops nothing at all: a report of a text does not show what the text leaves out. Invariant:
pure, and no change without the line of the held text on either side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import Text
from ..findings import Finding, Input, Method
from .statements import HELD, Point, Record, Statement

SAID, ADDED, CHANGED, DROPPED = KINDS = (
    "statement.said", "statement.added", "statement.changed", "statement.dropped",
)  # fmt: skip
KIND_WORDS = {
    SAID: Text("said", "所述"), ADDED: Text("added", "新增"),
    CHANGED: Text("changed", "改变"), DROPPED: Text("not repeated", "不再提及"),
}  # fmt: skip
NOT_HELD, UNDATED, NOT_REPEATED = "statement-not-held", "statement-undated", "not-repeated"
"""Caveats: words of the statement are known through others; nobody knows when it was made;
a point that is not repeated is not thereby withdrawn."""

METHODS = {
    SAID: Method(
        SAID,
        Text("What a statement says", "声明所述"),
        Text(
            "One point of a published statement: what it says, in a notation by which versions "
            "can be compared, with the line of the text where the text is held.",
            "已发表声明中的一点：以可比较的记法写明其内容；持有原文者并注明行号。",
        ),
    ),
    ADDED: Method(
        ADDED,
        Text("A point that a later version adds", "后续版本新增的一点"),
        Text(
            "A point that no earlier statement of the party on the same topic has, in a statement "
            "that is not the party's first on that topic.",
            "同一当事方就同一主题此前的声明均未提及、而在其后续声明中出现的一点。",
        ),
    ),
    CHANGED: Method(
        CHANGED,
        Text("A point that a later version states otherwise", "后续版本改变的一点"),
        Text(
            "A point whose value differs from the one that the party gave it last on the same "
            "topic. The earlier value stands in the parameters.",
            "同一当事方就同一主题的同一点，其内容与最近一次所述不同；先前内容见参数。",
        ),
    ),
    DROPPED: Method(
        DROPPED,
        Text("A point that a later version does not repeat", "后续版本不再提及的一点"),
        Text(
            "A point that stood after the party's previous statement on the topic and that this "
            "one, whose whole text is held and which speaks of the topic, does not contain. "
            "Statements that say that earlier words on the topic stand drop nothing. Not "
            "repeating is not withdrawing.",
            "当事方就该主题的上一声明之后仍成立、而本声明（持有全文且论及该主题）未包含的一点。"
            "声明若表示该主题先前所述仍然有效，则不计。不再提及不等于撤回。",
        ),
    ),
}


@dataclass(frozen=True)
class Said:
    """A point in the version that says it."""

    statement: Statement
    point: Point

    def same(self, other: Said) -> bool:
        """Whether both say the same of the point."""
        return (self.point.value, self.point.unit) == (other.point.value, other.point.unit)


@dataclass(frozen=True)
class Change:
    """What `statement` does with a point: `now` is how it says it, None when it does not;
    `before` is how the point was said last."""

    kind: str
    statement: Statement
    now: Said | None
    before: Said | None = None

    def __post_init__(self) -> None:
        has = (self.now is not None, self.before is not None)
        known = {
            SAID: (True, False), ADDED: (True, False), CHANGED: (True, True), DROPPED: (False, True)
        }  # fmt: skip
        assert has == known[self.kind], self.kind

    @property
    def said(self) -> Said:
        """The point as it is said now, or was last."""
        said = self.now or self.before
        assert said is not None
        return said


def changes(record: Record) -> list[Change]:
    """Every change, version by version in the order of the file."""
    found: list[Change] = []
    ledgers: dict[tuple[str, str], _Ledger] = {}
    for statement in record.statements:
        for topic in statement.topics:
            ledger = ledgers.setdefault((statement.party, topic), _Ledger())
            points = [p for p in statement.points if p.topic == topic]
            stands = any(one.topic == topic for one in statement.upholds)
            found += ledger.enter(statement, points, stands=stands)
    return found


class _Ledger:
    """What a party has said on one topic so far."""

    def __init__(self) -> None:
        self._last: dict[str, Said] = {}
        self._standing: dict[str, Said] = {}

    def enter(
        self, statement: Statement, points: Iterable[Point], *, stands: bool
    ) -> Iterator[Change]:
        """Take in one version; yields what it does."""
        first, now = not self._last, {p.point: Said(statement, p) for p in points}
        for name, said in now.items():
            yield Change(SAID, statement, said)
            before = self._last.get(name)
            if before is None:
                if not first:
                    yield Change(ADDED, statement, said)
            elif not before.same(said):
                yield Change(CHANGED, statement, said, before)
        kept = dict(self._standing)
        if statement.known == HELD and not stands:
            for name in [n for n in kept if n not in now]:
                yield Change(DROPPED, statement, None, kept.pop(name))
        self._last |= now
        self._standing = {**kept, **now}


def findings(found: Iterable[Change]) -> list[Finding]:
    """Each change as a finding, in order."""
    return [finding(one) for one in found]


def finding(change: Change) -> Finding:
    """A change as a finding: its value is what is said now, or was said last."""
    statement, said = change.statement, change.said
    params: dict[str, Any] = {
        "text": {"en": said.point.text.en, "zh": said.point.text.zh},
        "published": statement.when,
        "known": statement.known,
    }
    if said.point.quote and change.now is not None:
        params["quote"] = said.point.quote
    if change.before is not None:
        before = change.before
        params["before"] = {
            "statement": before.statement.id, "value": before.point.value,
            "en": before.point.text.en, "zh": before.point.text.zh,
        }  # fmt: skip
    behind = [one for one in (change.now, change.before) if one is not None]
    caveats: list[str] = []
    if any(one.statement.known != HELD for one in behind):
        caveats.append(NOT_HELD)
    if not all(one.statement.when for one in behind):
        caveats.append(UNDATED)
    if change.kind == DROPPED:
        caveats.append(NOT_REPEATED)
    return Finding(
        change.kind,
        {
            "party": statement.party, "topic": said.point.topic, "point": said.point.point,
            "statement": statement.id,
        },
        said.point.value, said.point.unit, METHODS[change.kind].id, at=statement.published,
        params=params, inputs=tuple(_inputs(change)), count=len(behind), caveats=tuple(caveats),
    )  # fmt: skip


def _inputs(change: Change) -> Iterator[Input]:
    """The lines that say the point; the whole text of a version that does not."""
    if change.now is None:
        yield Input(change.statement.sha256, 1, change.statement.lines)
    for said, role in ((change.now, "extreme"), (change.before, "scanned")):
        if said is not None and said.point.line is not None:
            yield Input(said.statement.sha256, said.point.line, said.point.line, role)
