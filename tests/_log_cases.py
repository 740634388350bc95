"""Logs as a user holds them → events and attempts, and measures on them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from liquest.case import Case, read_case
from liquest.clock import Window
from liquest.findings import Finding
from liquest.logs import stage
from liquest.logs.store import Logs
from liquest.measures import Context, measure, params_of, run
from liquest.problems import Problem
from liquest.run.executor import Executor, Inline
from liquest.run.progress import Silent
from liquest.tape.lake import Lake

CASE = """
[case]
name = "test"

[windows.scramble]
from = "2025-10-10T20:50:00Z"
to = "2025-10-10T22:20:00Z"

[[source]]
path = "data"
"""


class Held(NamedTuple):
    """What the stage made of some files."""

    logs: Logs
    problems: list[Problem]

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every event, null columns left out, in the order of files and rows."""
        return rows_of(f"{self.logs.events()} ORDER BY source_id, row_no")

    @property
    def attempts(self) -> list[dict[str, Any]]:
        """Every attempt, likewise."""
        return rows_of(f"{self.logs.attempts()} ORDER BY source_id, ts, row_no")

    @property
    def codes(self) -> list[str]:
        return sorted(p.code for p in self.problems)

    def column(self, name: str) -> list[Any]:
        return [e.get(name) for e in self.events]


def rows_of(table: str) -> list[dict[str, Any]]:
    with duckdb.connect() as db:
        got = db.execute(f"SELECT * FROM {table}")
        names = [d[0] for d in got.description or ()]
        return [
            {k: v for k, v in zip(names, row, strict=True) if v is not None}
            for row in got.fetchall()
        ]


def log_case(folder: Path, files: Mapping[str, str | bytes], more: str = "") -> Case:
    """A case whose data/ holds these files, with `more` at the end of case.toml."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / "data" / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "case.toml").write_text(CASE + more, encoding="utf-8")
    return read_case(folder)


def read_logs(case: Case, executor: Executor | None = None) -> Held:
    """One run of the stage into out/."""
    return Held(*stage.build(case, case.root / "out", executor or Inline(), Silent()))


def held(folder: Path, files: Mapping[str, str | bytes], more: str = "") -> Held:
    """The stage on some files."""
    return read_logs(log_case(folder, files, more))


def read_lines(*lines: str, more: str = '[[log]]\nfiles = "*"\ntz = "UTC"\n') -> Held:
    """The stage on a few lines of a log in UTC; the lake is in memory of the caller only."""
    folder = Path(tempfile.mkdtemp(prefix="liquest-test-"))
    return held(folder, {"bot.log": "".join(f"{line}\n" for line in lines)}, more)


def log_findings(
    name: str,
    logs: Logs,
    span: Window,
    lake: Lake | None = None,
    executor: Executor | None = None,
    **params: Any,
) -> tuple[list[Finding], list[Problem]]:
    """Findings and problems of a measure of order entry."""
    chosen = measure(name)
    own = lake or Lake(Path(), ())
    context = Context(own, {span.name: span}, params_of(chosen, params), logs)
    return run(chosen, context, executor or Inline())
