"""`low`: the lowest price of every instrument in the window, with what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Text
from ..findings import Finding
from ..problems import Problem
from . import Context, _extreme

NAME = "low"
DEFAULTS = _extreme.DEFAULTS
METHODS = _extreme.methods(NAME, Text("Lowest", "最低"))


def plan(context: Context) -> list[_extreme.Task]:
    """One task per track and window."""
    return _extreme.plan(NAME, context)


def work(task: _extreme.Task) -> list[Finding]:
    """The findings of one track."""
    return _extreme.work(task, METHODS)


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order."""
    return _extreme.merge(partials)
