"""What a question may know: the tape, the windows of the case, and the rules of a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..case import Case
from ..clock import Window
from ..rules.book import Rulebook, Rules
from ..run.executor import Executor
from ..tape.lake import Lake
from .markets import Market, markets
from .marks import Marked, marked
from .recorded import Recorded, record
from .scenario import BASELINE, Scenario

VENUE = "binance"


@dataclass(frozen=True)
class Context:
    """`at` (µs) is the moment whose rules are the baseline, `params` those of the question.

    What was read of the tape is kept, so that questions share it.
    """

    case: Case
    lake: Lake
    book: Rulebook
    at: int
    span: Window
    executor: Executor
    venue: str = VENUE
    params: Mapping[str, Any] | None = None
    _kept: dict[str, Any] | None = None

    @classmethod
    def of(
        cls, case: Case, lake: Lake, book: Rulebook, executor: Executor, *,
        at: int | None = None, window: Window | None = None, venue: str = VENUE,
    ) -> Context:  # fmt: skip
        """The context of a case: its longest window, and the rules at the start of its main
        one, unless others are asked for."""
        longest = max(case.windows.values(), key=lambda w: w.end - w.start)
        moment = case.main.start if at is None else at
        return cls(case, lake, book, moment, window or longest, executor, venue, {}, {})

    def asked(self, params: Mapping[str, Any]) -> Context:
        """The same for one question."""
        return replace(self, params=params)

    @property
    def core(self) -> Window:
        """The case's main window, where it lies in what is replayed."""
        main, span = self.case.main, self.span
        return main if span.start <= main.start and main.end <= span.end else span

    @property
    def kept(self) -> dict[str, Any]:
        return {} if self._kept is None else self._kept

    def window(self, name: str) -> Window:
        """A window of the case by name."""
        return self.case.window(name)

    @cached_property
    def rules(self) -> Rules:
        """The baseline."""
        return self.rules_of(BASELINE)

    def rules_of(self, scenario: Scenario) -> Rules:
        """The rules of a scenario; raises UsageError for a path that does not exist."""
        at = self.at if scenario.at is None else scenario.at
        return self.book.at(at, self.venue, scenario.overrides)

    def recorded(self) -> list[Recorded]:
        """The recorded arrays of every market of the venue, read once."""
        if "recorded" not in self.kept:
            found, problems = markets(self.lake, self.span, self.venue, self.core)
            tasks = [(self.lake, market, self.span) for market in found]
            self.kept["recorded"] = list(self.executor.map(_read, tasks))
            self.kept["problems"] = problems
        rows: list[Recorded] = self.kept["recorded"]
        return rows

    def marked(self, scenario: Scenario = BASELINE) -> list[Marked]:
        """Index and mark of every market under the rules of a scenario, computed once."""
        key = f"marked {scenario.label}"
        if key not in self.kept:
            rules = self.rules_of(scenario)
            self.kept[key] = [marked(one, rules) for one in self.recorded()]
        rows: list[Marked] = self.kept[key]
        return rows


def _read(task: tuple[Lake, Market, Window]) -> Recorded:
    return record(*task)
