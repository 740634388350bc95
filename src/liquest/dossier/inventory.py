"""The data inventory: what was read, what was not and why, faults by code, absences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from ..problems import ABSENT, UNREAD, Problem
from .figures import grouped, moment, since_epoch, venue_name
from .summary import SECTION, Sentence
from .tables import Cell, Row, Table
from .text import Part, Words, glue, named, say, wrap

PAGE = 30
EXAMPLES = 3
ROWS = 1500
"""Rows of one table of the inventory at most."""


@dataclass(frozen=True)
class Inventory:
    """Tables and the sentences that count what is in them."""

    sources: Table
    unread: Table
    problems: Table
    absent: Table
    sentences: list[Sentence]


def inventory(sources: Sequence[Mapping[str, Any]], problems: Sequence[Problem]) -> Inventory:
    """From the sources and problems as the tape stage hands them on."""
    names = {s["sha256"]: s["name"] for s in sources if s["sha256"]}
    problems = [p if p.path else replace(p, path=names.get(p.source, "")) for p in problems]
    faults = [p for p in problems if p.effect not in (ABSENT, UNREAD)]
    absent = [p for p in problems if p.effect == ABSENT]
    return Inventory(
        _sources([s for s in sources if s["read"]]),
        _unread([s for s in sources if not s["read"]], [p for p in problems if p.effect == UNREAD]),
        _groups(faults),
        _groups(absent),
        _sentences(sources, problems),
    )


def _sentences(sources: Sequence[Mapping[str, Any]], problems: Sequence[Problem]) -> list[Sentence]:
    read = [s for s in sources if s["read"]]
    instruments = {(i["venue"], i["instrument"], i["kind"]) for s in read for i in s["instruments"]}
    counts: dict[str, Part] = {
        "files": _counted(len(sources), "files"),
        "read": grouped(len(read)),
        "instruments": _counted(len(instruments), "instruments"),
        "rows": _counted(sum(int(s["rows"] or 0) for s in read), "rows"),
    }
    found = [Sentence(say("summary.record", **{k: _anchor(v) for k, v in counts.items()}),
                      section=SECTION)]  # fmt: skip
    if total := sum(p.count for p in problems):
        words = say("summary.faults", problems=_anchor(grouped(total)))
        found.append(Sentence(words, section=SECTION))
    return found


def _counted(number: int, unit: str) -> Words:
    return glue([grouped(number), named("unit", unit)], " ")


def _anchor(shown: Part) -> Words:
    """A count of the inventory: its chain is the inventory itself."""
    return wrap("a", shown, href=f"#{SECTION}")


def _head(*names: str, numbers: Iterable[str] = ()) -> tuple[Cell, ...]:
    numbers = set(numbers)
    return tuple(Cell(say(f"inventory.{n}"), style="n" if n in numbers else "") for n in names)


def _sources(read: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(
        _head("file", "format", "record", "instruments", "rows", "span", "faults", "sha256",
              numbers=("rows", "faults")),
        [], page=PAGE, filtered=len(read) > PAGE, left=max(0, len(read) - ROWS),
        command="inventory.json",
    )  # fmt: skip
    for source in read[:ROWS]:
        spans = source["instruments"]
        start = min((i["from"] for i in spans), default="")
        end = max((i["to"] for i in spans), default="")
        span: Part = ""
        if start and end:
            span = glue([moment(since_epoch(start), 0), moment(since_epoch(end), 0)], " – ")
        table.rows.append(
            Row((
                Cell(_named(source), style="s"),
                Cell(source["format"] or "–"),
                Cell(named("record", source["record"]) if source["record"] else "–"),
                Cell(_instruments(spans), str(len(spans))),
                Cell(grouped(int(source["rows"] or 0)), style="n"),
                Cell(span, style="t"),
                Cell(grouped(source["problems"]), style="n"),
                Cell(_digest(source["sha256"])),
            ))
        )  # fmt: skip
    return table


def _named(source: Mapping[str, Any]) -> Words:
    """The file, and what it was derived from where the case says so."""
    origin = source.get("origin")
    if not origin:
        return Words.of(source["name"])
    files = [
        glue([f["name"], _digest(f["sha256"])], " ")
        for f in origin.get("files", ())[: EXAMPLES * 4]
    ]
    count = _counted(len(origin.get("files", ())), "files")
    note = origin.get("note") or ["", ""]
    inner = glue(
        [wrap("summary", say("inventory.derived", n=count)),
         wrap("p", Words(Markup.escape(note[0]), Markup.escape(note[-1]))),
         *(wrap("div", f) for f in files)]
    )  # fmt: skip
    return glue([Words.of(source["name"]), wrap("details", inner, class_="origin")])


def _instruments(spans: Sequence[Mapping[str, Any]]) -> Words:
    if not spans:
        return Words.of("–")
    first = spans[0]
    words = Words.of(f"{venue_name(first['venue'])} {first['instrument']}")
    if len(spans) == 1:
        return glue([words, wrap("small", named("kind", first["kind"]))], " ")
    if len({s["venue"] for s in spans}) > 1:
        return say("inventory.several", first=words, n=grouped(len(spans) - 1))
    return glue([venue_name(first["venue"]), _counted(len(spans), "instruments")], " ")


def _digest(sha256: str) -> Words:
    """The first of a SHA-256; the whole shows on hover and is copied on a click."""
    return wrap("code", sha256[:12], title=sha256, class_="sha") if sha256 else Words.of("–")


def _unread(sources: Sequence[Mapping[str, Any]], problems: Sequence[Problem]) -> Table:
    """Files that gave no rows, each with the reasons on record; other unread places after."""
    table = Table(_head("file", "size", "reason", numbers=("size",)), [], page=PAGE)
    reasons: dict[str, list[Problem]] = {}
    for problem in problems:
        reasons.setdefault(problem.path or problem.source, []).append(problem)
    for source in sources:
        found = reasons.pop(source["name"], []) or reasons.pop(source["sha256"] or "-", [])
        table.rows.append(_reason(source["name"], grouped(source["size"]), found))
    table.rows += [_reason(path, "", found) for path, found in sorted(reasons.items())]
    table.left, table.rows = max(0, len(table.rows) - ROWS), table.rows[:ROWS]
    table.command = "problems.jsonl"
    return table


def _reason(name: str, size: str, found: Sequence[Problem]) -> Row:
    words: list[Words] = []
    for text in dict.fromkeys(p.text for p in found):
        words.append(Words.of(text))
    shown = glue(words, "; ", "；") if words else say("inventory.no_reader")
    return Row((Cell(name, style="s"), Cell(size, style="n"), Cell(shown, style="w")))


def _groups(problems: Sequence[Problem]) -> Table:
    """One row for each code, the most numerous first."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.effect, problem.code), []).append(problem)
    order = sorted(groups.items(), key=lambda g: (-sum(p.count for p in g[1]), g[0]))
    table = Table(
        _head("code", "what", "effect", "count", "files", "examples", numbers=("count", "files")),
        [], page=PAGE, left=max(0, len(order) - ROWS), command="problems.jsonl",
    )  # fmt: skip
    for (effect, code), found in order[:ROWS]:
        count = sum(p.count for p in found)
        files = {p.path or p.source for p in found if p.path or p.source}
        alike = len({p.text for p in found}) == 1
        places = [wrap("div", _place(p, with_text=not alike)) for p in found[:EXAMPLES]]
        if len(found) > EXAMPLES:
            more = say("inventory.more_places", n=grouped(len(found) - EXAMPLES))
            places.append(wrap("div", more))
        table.rows.append(
            Row((
                Cell(wrap("code", code)),
                Cell(found[0].text if alike else say("inventory.see_places"), style="w"),
                Cell(named("effect", effect)),
                Cell(grouped(count), style="n"),
                Cell(grouped(len(files)), style="n"),
                Cell(glue(places), style="e"),
            ))
        )  # fmt: skip
    return table


def _place(problem: Problem, *, with_text: bool) -> Words:
    """Where a fault stands: file, rows, what stands there, and what is wrong where that differs
    from place to place."""
    parts: list[Part] = [wrap("span", problem.path or problem.source[:12] or "–", class_="path")]
    if problem.first is not None:
        one = problem.last in (None, problem.first)
        key = "inventory.row" if one else "inventory.row_span"
        parts.append(say(key, first=grouped(problem.first), last=grouped(problem.last or 0)))
    if with_text:
        parts.append(Words.of(problem.text))
    if problem.sample:
        parts.append(wrap("code", problem.sample[:80]))
    return glue(parts, " · ")
