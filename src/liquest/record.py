"""The record of a case, brought up to date: the clients' own logs, and the tape of the markets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .case import Case
from .logs import stage as log_stage
from .logs.store import Logs
from .problems import KEPT, Problem
from .run.executor import Executor
from .run.progress import Progress
from .tape import stage as tape_stage
from .tape.stage import Tape


@dataclass
class Record:
    """The tape, the logs, and what of the logs could not be used."""

    tape: Tape
    logs: Logs
    problems: list[Problem]

    @property
    def hindering(self) -> list[Problem]:
        """What of it could not be read, or waits for what only the case can say."""
        return [*(p for p in self.problems if p.effect != KEPT), *self.tape.unread]


def build(case: Case, out: Path, executor: Executor, progress: Progress) -> Record:
    """Read what has changed. Logs first: what they take is not data of a market."""
    logs, problems = log_stage.build(case, out, executor, progress)
    tape = tape_stage.build(case, out, executor, progress, logs.taken)
    return Record(tape, logs, problems)
