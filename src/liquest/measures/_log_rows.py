"""What the measures of order entry share: which logs, which attempts, how a finding names them.

A subject of these measures has `venue` where the log names one, `log` (the file as the case
calls it) and `client`; the measures add action, class or code. Attempts are those whose
request lies in the window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..clock import Window
from ..errors import CaseError, Text
from ..findings import Input
from ..logs.store import LogFile, Logs
from . import Context

UNSTATED = "unstated"
"""Stands for the action of an attempt whose lines do not say what was asked for."""


@dataclass(frozen=True)
class LogTask:
    """One log in one window, with the parameters of the measure."""

    logs: Logs
    file: LogFile
    window: Window
    params: Mapping[str, Any]

    def subject(self, client: str, venue: str | None = None, **more: str) -> dict[str, str]:
        """As it stands in a finding."""
        own = venue or self.file.venue
        return {**({"venue": own} if own else {}), "log": self.file.name, "client": client, **more}

    def scanned(self) -> Input:
        """The rows of the log, all of which were looked through."""
        return Input(self.file.source, self.file.row_min, self.file.row_max)

    def rows(self, *numbers: int | None) -> list[Input]:
        """Single rows that decide."""
        return [Input(self.file.source, n, n, "extreme") for n in numbers if n is not None]

    def caveats(self, *more: str) -> tuple[str, ...]:
        """Those of the log itself and `more`, sorted."""
        found = {*self.file.caveats, *more}
        if self.file.ts_min > self.window.start or self.file.ts_max < self.window.end:
            found.add("not-covered")
        return tuple(sorted(found))


def tasks(context: Context) -> list[LogTask]:
    """Every log in every chosen window that it reaches into; none where the case has no log."""
    if not context.logs:
        return []
    return [
        LogTask(context.logs, file, window, dict(context.params))
        for window in context.chosen
        for file in context.logs.of(window)
    ]


def texts(params: Mapping[str, Any], name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """The list of words `params[name]`, each one of `known`; raises CaseError for another."""
    given = params[name]
    found = tuple(given) if isinstance(given, list | tuple) else (given,)
    if wrong := [w for w in found if w not in known]:
        raise CaseError(
            Text(f"'{name}' has no '{wrong[0]}'", f"“{name}”中没有“{wrong[0]}”"),
            remedy=Text(f"Choose from {', '.join(known)}.", f"可选：{'、'.join(known)}。"),
        )
    return found


def listed(words: tuple[str, ...]) -> str:
    """Words as a list of SQL."""
    return ", ".join(f"'{w}'" for w in words)
