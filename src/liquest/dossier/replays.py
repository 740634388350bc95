"""Counterfactuals: the answers of the replay, one table a question, a column a scenario.

A value stands with the range that it takes over what is not on record. Nothing here is
computed: the page places findings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from markupsafe import Markup

from ..errors import Text
from .facts import Fact, Facts
from .figures import SHARES, percent, short
from .tables import Cell, Row, Table, caveat_cell, figure_cell
from .text import NOTHING, Words, fill, flat, glue, has, say, texts, wrap

MEASURE = "replay"
PAGE = 12
MOST = 36
"""Rows of one table; the rest is in `liquest findings`."""
BESIDE = 4
"""Scenarios that stand side by side."""
EXTRA = ("case", "leverage", "exposure")
"""Parameters that tell two findings of one subject and scenario apart."""


@dataclass(frozen=True)
class Answer:
    """One kind of answer to a question: its title, its definition, the caveats that all of its
    rows share, and a table with the others."""

    title: Words
    definition: Words
    caveats: tuple[str, ...]
    table: Table


@dataclass(frozen=True)
class Asked:
    """A question with its answers."""

    key: str
    title: Words
    answers: tuple[Answer, ...]


def replays(facts: Facts, methods: Mapping[str, Mapping[str, Any]]) -> list[Asked]:
    """Every question that has findings, in the order of their names."""
    grouped: dict[str, dict[str, list[Fact]]] = {}
    for fact in facts.of(MEASURE):
        question = fact.finding.name.split(".")[1]
        grouped.setdefault(question, {}).setdefault(fact.finding.name, []).append(fact)
    return [
        Asked(
            question,
            say(f"replay.{question}") if has(f"replay.{question}") else wrap("code", question),
            tuple(_answer(name, found, methods) for name, found in named.items()),
        )
        for question, named in sorted(grouped.items())
    ]


def _answer(name: str, found: Sequence[Fact], methods: Mapping[str, Mapping[str, Any]]) -> Answer:
    method = methods.get(found[0].finding.method, {})
    title = Words.of(Text(*method.get("title", (name, name))))
    definition = Words.of(Text(*method.get("definition", ("", ""))))
    shared = [c for c in found[0].finding.caveats if all(c in f.finding.caveats for f in found)]
    return Answer(title, definition, tuple(shared), _table(name, found, set(shared)))


def _table(name: str, found: Sequence[Fact], shared: set[str]) -> Table:
    """Rows are subjects; few scenarios stand side by side in the order in which they were
    asked, more of them below one another."""
    scenarios = list(dict.fromkeys(str(f.params.get("scenario", "")) for f in found))
    rows: dict[tuple[Any, ...], dict[str, Fact]] = {}
    for fact in found:
        scenario = str(fact.params.get("scenario", ""))
        place: tuple[Any, ...] = (fact.key, *_extra(fact))
        if len(scenarios) > BESIDE:
            place = (*place, scenario)
        if scenario in rows.get(place, {}):
            place = (*place, len(rows))
        rows.setdefault(place, {})[scenario] = fact
    shown = list(rows.values())[:MOST]
    made = Table(
        _columns(scenarios), [], page=PAGE, filtered=len(rows) > 3 * PAGE,
        left=len(rows) - len(shown), command=f"liquest findings CASE --name '{name}'",
    )  # fmt: skip
    for cells in shown:
        first = next(iter(cells.values()))
        codes = dict.fromkeys(
            c for f in cells.values() for c in f.finding.caveats if c not in shared
        )
        if len(scenarios) > BESIDE:
            scenario = str(first.params.get("scenario", ""))
            middle = [Cell(wrap("code", scenario), style="s"), _cell(first)]
        else:
            middle = [_cell(cells.get(s)) for s in scenarios]
        made.rows.append(Row((Cell(_subject(first), style="l"), *middle, caveat_cell(codes))))
        made.cited += cells.values()
    return made


def _columns(scenarios: Sequence[str]) -> tuple[Cell, ...]:
    heads = [Cell(Words.of(wrap("code", s)) if s else NOTHING, style="n") for s in scenarios]
    if len(scenarios) > BESIDE:
        heads = [Cell(say("replay.scenario")), Cell(say("replay.value"), style="n")]
    return (Cell(say("column.subject")), *heads, Cell(say("lows.caveats")))


def _subject(fact: Fact) -> Markup:
    """The subject, and the parameters beside the scenario that tell rows apart."""
    more = [wrap("small", f"{k} {fact.params[k]}") for k in EXTRA if k in fact.params]
    return flat([fact.label_cell(), *more], " ")


def _extra(fact: Fact) -> tuple[str, ...]:
    """Parameters beside the scenario that set two findings of a subject apart."""
    return tuple(str(fact.params[k]) for k in EXTRA if k in fact.params)


def _cell(fact: Fact | None) -> Cell:
    """The value with its range below it."""
    edges = None if fact is None or fact.finding.value is None else span_of(fact)
    if fact is None or edges is None:
        return figure_cell(fact)
    span = fill(texts()["replay.span"], low=edges[0], high=edges[1])
    shown = glue([fact.figure(), wrap("small", span)], "<br>")
    return Cell(shown, str(fact.finding.value), "n")


def span_of(fact: Fact) -> tuple[str, str] | None:
    """Lowest and highest value over what is not on record, as they are shown; None where the
    finding has no such range or its value does not change over it."""
    low, high = (_number(fact.params.get(k)) for k in ("low", "high"))
    if low is None or high is None or low == high:
        return None
    shown = percent if fact.finding.unit in SHARES else short
    return shown(low), shown(high)


def _number(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None
