"""A question put to a small lake under the rules of the embedded case."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from liquest.case import Case, read_case
from liquest.clock import Window
from liquest.findings import Finding, read_findings, write_findings
from liquest.problems import Problem
from liquest.replay.context import Context
from liquest.rules.book import book
from liquest.run.executor import Inline
from liquest.tape.lake import Lake

CASE = Path(__file__).resolve().parents[2] / "cases" / "2025-10-11"


@cache
def embedded_case() -> Case:
    return read_case(CASE)


def asked(
    question: Any, lake: Lake, span: Window | None = None, case: Case | None = None, **params: Any
) -> tuple[list[Finding], list[Problem]]:
    """What the question finds in a lake; the longest window of the embedded case by default."""
    context = Context.of(case or embedded_case(), lake, book(), Inline(), window=span)
    found, problems = question.ask(context.asked({**question.DEFAULTS, **params}))
    assert len({f.id for f in found}) == len(found)
    assert {f.method for f in found} <= {m.id for m in question.METHODS}
    return found, problems


def survives(found: list[Finding], folder: Path) -> bool:
    """Whether the findings come back as they were from a file."""
    path = folder / "found.jsonl"
    write_findings(path, found)
    return [f.id for f in read_findings(path)] == [f.id for f in found]
