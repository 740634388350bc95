"""The annexes: methods and errors, and the chain of custody, as tables.

Invariant: every caveat that a finding of the report bears is listed with how often, and what it
does to confidence follows from the fixed scale.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..caveats import caveat
from ..errors import Text
from .confidence import confidence
from .facts import Facts
from .figures import both_clocks, grouped, since_epoch
from .tables import Cell, Row, Table
from .text import Words, glue, named, say, texts, wrap

ROWS = 60
"""Items of the chain of custody that stand in the report; the command prints them all."""


def methods(known: Mapping[str, Mapping[str, Any]]) -> Table:
    """Every method by its id, with its words."""
    table = Table((Cell(say("methods.method")), Cell(say("methods.definition"))), [], page=20)
    for id_, one in sorted(known.items()):
        title = Text(*one.get("title", (id_, id_)))
        definition = Text(*one.get("definition", ("", "")))
        name = glue([wrap("b", title), wrap("code", id_)], "<br>")
        table.rows.append(Row((Cell(name, style="l"), Cell(definition, style="w"))))
    return table


def errors(facts: Facts) -> Table:
    """Every caveat that there is, the one with the most findings first."""
    counts = Counter(code for fact in facts.all for code in fact.finding.caveats)
    heads = ("caveat", "meaning", "count", "effect")
    table = Table(
        tuple(Cell(say(f"methods.{h}"), style="n" if h == "count" else "") for h in heads), []
    )
    for code, count in sorted(counts.items(), key=lambda c: (-c[1], c[0])):
        short = texts().get(f"short.{code}", Text(code, code))
        table.rows.append(
            Row((Cell(short), Cell(caveat(code), style="w"), Cell(grouped(count), style="n"),
                 Cell(named("confidence", confidence([code])))))
        )  # fmt: skip
    return table


def custody(steps: Sequence[Mapping[str, Any]]) -> Table:
    """Items of the log in their order; what was made of one stands below it, indented."""
    heads = ("item", "sha256", "sealed_at", "method", "tool", "checkpoint", "proof")
    table = Table(
        tuple(Cell(say(f"custody.{h}")) for h in heads), [], page=20,
        left=max(0, len(steps) - ROWS), command="liquest custody CASE",
    )  # fmt: skip
    for step in steps[:ROWS]:
        name = str(step.get("source", "")) or str(step.get("url", "")) or "–"
        depth = int(step.get("depth", 0))
        code = str(step["sha256"])
        table.rows.append(
            Row((
                Cell("\u2003" * depth + name, style="s"),
                Cell(wrap("code", code[:12], title=code, class_="sha")),
                Cell(_moment(str(step.get("collected_at", ""))), style="t"),
                Cell(str(step.get("transform") or step.get("method") or "–")),
                Cell(str(step.get("tool", "–"))),
                Cell("" if step.get("checkpoint") is None else str(step["checkpoint"]), style="n"),
                Cell(_proofs(step.get("anchors", ()))),
            ))
        )  # fmt: skip
    return table


def _moment(iso: str) -> Words:
    if not iso:
        return Words.of("–")
    utc, east = both_clocks(since_epoch(iso))
    return glue([f"{iso[:5]}{utc} UTC", wrap("small", f"{east} UTC+8")], "<br>")


def _proofs(anchors: Iterable[Mapping[str, Any]]) -> Words:
    """What each proof of time says: its status with what it shows."""
    shown = [
        glue([str(a.get("status", "")), Words.of(Text(*a["detail"]))], ": ", "：")
        for a in anchors
        if a.get("detail")
    ]
    return glue([wrap("div", s) for s in shown]) if shown else say("custody.no_proof")
