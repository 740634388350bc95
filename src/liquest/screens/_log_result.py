"""What the log screens share: one log with its tables, and a result as a finding of it.

A log is looked at as a whole, whatever windows the case has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..findings import Finding, Input, Method
from ..logs.store import LogFile, Logs
from ..measures import Context
from ..run.database import connection
from ..tape.lake import Lake
from ._result import Said


@dataclass(frozen=True)
class OneLog:
    """A log, the lake that it can be held against, and the parameters of the screen."""

    logs: Logs
    file: LogFile
    lake: Lake
    params: Mapping[str, Any]

    def query(self, sql: str, given: Mapping[str, Any] | None = None, **words: Any) -> Any:
        """The result of a query over {events} and {attempts}."""
        text = sql.format(
            events=self.logs.events(files=[self.file]),
            attempts=self.logs.attempts(files=[self.file]),
            **words,
        )
        return connection().execute(text, given)

    @property
    def scanned(self) -> Input:
        """All of its rows."""
        return Input(self.file.source, self.file.row_min, self.file.row_max)

    def rows(self, *numbers: int | None) -> tuple[Input, ...]:
        """Rows that decide."""
        return tuple(Input(self.file.source, n, n, "extreme") for n in numbers if n is not None)


def plan(context: Context) -> list[OneLog]:
    """One task a log; none where the case has no log."""
    return [
        OneLog(context.logs, file, context.lake, dict(context.params))
        for file in context.logs.files
    ]


def log_finding(
    screen: str, method: Method, log: OneLog, said: Said, what: str = "", count: int = 0,
    inputs: Iterable[Input] = (), **more: str,
) -> Finding:  # fmt: skip
    """The finding `screen.NAME`, or `screen.NAME.what`, of one log."""
    venue = {"venue": log.file.venue} if log.file.venue else {}
    return Finding(
        f"screen.{screen}{'.' if what else ''}{what}",
        {**venue, "log": log.file.name, **more}, said.value, said.unit, method.id, at=said.at,
        params={**said.params, **said.result.params()},
        inputs=tuple(dict.fromkeys((*said.rows, log.scanned, *inputs))),
        count=count, caveats=tuple(sorted(said.caveats)),
    )  # fmt: skip


def flat(partials: Sequence[Sequence[Finding]]) -> list[Finding]:
    """Findings of all logs, in order."""
    return [f for partial in partials for f in partial]
