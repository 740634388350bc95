"""Open questions of a case: what the public record says of each, with the findings.

    questions(case, findings) -> list[Asked]

Invariant: what the record says is looked up, never typed in; a line shows the values of the
findings that it names, or the source of its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from ..case import Case
from ..errors import Text, UsageError
from ..findings import Finding
from .expectation import moment_of, number_of
from .inquiry import Inquiry, Known, Question, RecordWanted
from .quantity import Element
from .reading_questions import NAME, read_questions
from .selecting import Pool
from .statements import HELD, KNOWN_WORDS
from .value_words import MOMENT, Raw, moment, shown

_SHOWN, _DIGITS, _KEPT = 3, 12, 6


@dataclass(frozen=True)
class Line:
    """What the public record says, with the findings that say it; none where it is silent."""

    title: Text
    words: Text
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A question with what is known of it and the records that would answer it."""

    question: Question
    known: tuple[Line, ...]
    records: tuple[RecordWanted, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding that is shown, once."""
        return tuple({f.id: f for one in self.known for f in one.findings}.values())


def questions(case: Case, findings: Iterable[Finding]) -> list[Asked]:
    """The questions of the case with what these findings say; none where the case asks none.
    Raises CaseError for a file with errors."""
    return asked(read_questions(case.root / NAME, case.windows), findings)


def asked(inquiry: Inquiry, findings: Iterable[Finding]) -> list[Asked]:
    """The same of an inquiry that is read."""
    pool = Pool(findings)
    return [
        Asked(
            one, tuple(line(known, pool) for known in one.known),
            tuple(inquiry.records[r] for r in one.records),
        )
        for one in inquiry.questions
    ]  # fmt: skip


def line(known: Known, pool: Pool) -> Line:
    """What the pool says of it."""
    if known.side is None:
        assert known.source is not None
        return Line(known.title, known.source)
    try:
        elements = known.side.reduced(known.side.elements(pool))
    except UsageError as error:
        return Line(known.title, error.what)
    if not elements:
        return Line(known.title, Text("the record does not say", "记录中未见"))
    found = tuple({f.id: f for e in elements for f in e.findings}.values())
    return Line(known.title, _told(elements), found)


def _told(elements: Sequence[Element]) -> Text:
    """Up to three values with their moments; of more, the range and how many."""
    if len(elements) <= _SHOWN:
        parts = [_value(one) for one in elements]
        return Text("; ".join(p.en for p in parts), "；".join(p.zh for p in parts))
    units = {one.unit for one in elements}
    values = [one.value for one in elements]
    if len(units) > 1 or any(isinstance(v, str | tuple) for v in values):
        return Text(f"{len(values)} findings", f"{len(values)} 条结论")
    unit = units.pop()
    key = moment_of if unit == MOMENT else number_of
    first, last = (shown(pick(values, key=key), unit) for pick in (min, max))
    return Text(
        f"from {first.en} to {last.en} ({len(values)} findings)",
        f"{first.zh} 至 {last.zh}（{len(values)} 条结论）",
    )


def _value(one: Element) -> Text:
    source = one.findings[0]
    if len(one.findings) == 1 and {"text", "published", "known"} <= set(source.params):
        return _stated(source)
    said = shown(_shortened(one.value), one.unit)
    if one.unit == MOMENT or len(one.findings) > 1 or source.at is None:
        return said
    at = moment(source.at)
    return Text(f"{said.en} at {at.en}", f"{said.zh}，{at.zh}")


def _stated(source: Finding) -> Text:
    """A point of a statement in its words, how it is known, and when it was published."""
    said = Text(source.params["text"]["en"].rstrip("."), source.params["text"]["zh"].rstrip("。"))
    notes = [] if source.params["known"] == HELD else [KNOWN_WORDS[source.params["known"]]]
    if source.at is not None:
        when = moment(source.at)
    else:
        day = source.params["published"]
        when = Text(day, day)
    known = Text(f"published {when.en}", f"发表于 {when.zh}")
    notes.append(known if when.en else Text("date not known", "日期不详"))
    return Text(
        f"{said.en} ({', '.join(n.en for n in notes)})",
        f"{said.zh}（{'，'.join(n.zh for n in notes)}）",
    )


def _shortened(value: Raw) -> Raw:
    """A number of more than twelve digits to six; the finding holds them all."""
    if isinstance(value, Decimal) and len(value.as_tuple().digits) > _DIGITS:
        return Context(prec=_KEPT).plus(value)
    return value
