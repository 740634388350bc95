"""Facts from the tape, one file per measure. A measure is a module with

    NAME: str                          the first part of its findings' names
    DEFAULTS: Mapping[str, Any]        its parameters, overridden by [measures.NAME]
    METHODS: tuple[Method, ...]        definition in both languages and the SQL that runs
    def plan(context) -> list[Task]    independent, picklable tasks
    def work(task) -> Partial          pure; runs in any thread or process
    def merge(context, partials) -> (list[Finding], list[Problem])

Partials come in the order of the tasks. A new file here is found by itself.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from ..clock import Window
from ..errors import CaseError, Text, UsageError
from ..findings import Finding, Method
from ..logs.store import EMPTY, Logs
from ..params import with_defaults
from ..problems import Problem
from ..run.executor import Executor
from ..tape.lake import Lake
from ..tape.tracks import Track, tracks


@dataclass(frozen=True)
class Context:
    """What a measure may know: the lake, the windows of the case, its parameters, its logs."""

    lake: Lake
    windows: Mapping[str, Window]
    params: Mapping[str, Any]
    logs: Logs = EMPTY

    @property
    def chosen(self) -> list[Window]:
        """The windows that the parameter `windows` names; [] names every one of the case."""
        names = self.params.get("windows") or list(self.windows)
        if missing := [n for n in names if n not in self.windows]:
            raise CaseError(
                Text(f"there is no window '{missing[0]}'", f"没有名为“{missing[0]}”的时间窗"),
                remedy=Text(
                    f"The case has: {', '.join(self.windows)}", f"已有：{', '.join(self.windows)}"
                ),
            )
        return [self.windows[n] for n in names]

    @property
    def main(self) -> Window:
        """The first of the chosen windows."""
        return self.chosen[0]

    def tracks(self, window: Window, *, per_second: bool = False) -> list[Track]:
        """The finest track of every instrument in the window."""
        return tracks(self.lake, window, per_second=per_second)


class Measure(Protocol):
    """What a module of this package offers."""

    NAME: str
    DEFAULTS: Mapping[str, Any]
    METHODS: tuple[Method, ...]

    def plan(self, context: Context) -> list[Any]: ...

    def work(self, task: Any) -> Any: ...

    def merge(
        self, context: Context, partials: Sequence[Any]
    ) -> tuple[list[Finding], list[Problem]]: ...


@cache
def measures() -> Mapping[str, Measure]:
    """Every measure by name, in the order of names; modules that begin with _ are shared parts."""
    found: dict[str, Measure] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        if not info.name.startswith("_"):
            module: Any = importlib.import_module(f"{__name__}.{info.name}")
            if hasattr(module, "NAME"):
                found[module.NAME] = module
    return found


def measure(name: str) -> Measure:
    """The measure of that name; raises UsageError with the names there are."""
    if name not in measures():
        raise UsageError(
            Text(f"there is no measure '{name}'", f"没有名为“{name}”的度量"),
            remedy=Text(f"Measures: {', '.join(measures())}", f"可用度量：{', '.join(measures())}"),
        )
    return measures()[name]


def params_of(chosen: Measure, given: Mapping[str, Any]) -> dict[str, Any]:
    """Defaults with what the case gives on top; raises CaseError for a name that is not one."""
    return with_defaults(f"measures.{chosen.NAME}", chosen.DEFAULTS, given)


def run(
    chosen: Measure, context: Context, executor: Executor
) -> tuple[list[Finding], list[Problem]]:
    """Plan, work, merge. The order of findings does not depend on the executor."""
    tasks = chosen.plan(context)
    return chosen.merge(context, list(executor.map(chosen.work, tasks)))


def flatten(lists: Iterable[Iterable[Any]]) -> list[Any]:
    """One list of all items, in order."""
    return [item for items in lists for item in items]
