"""What a replay is asked: one question a file, each answered with findings. A question is a
module with

    NAME: str                          the first part of its findings' names, "replay." before it
    DEFAULTS: Mapping[str, Any]        its parameters, overridden by [replay.NAME] of case.toml
    METHODS: tuple[Method, ...]        definition in both languages
    def ask(context) -> (list[Finding], list[Problem])

A new file here is found by itself; modules that begin with _ are shared parts.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol

from ...errors import Text, UsageError
from ...findings import Finding, Method
from ...problems import Problem
from ..context import Context


class Question(Protocol):
    """What a module of this package offers."""

    NAME: str
    DEFAULTS: Mapping[str, Any]
    METHODS: tuple[Method, ...]

    def ask(self, context: Context) -> tuple[list[Finding], list[Problem]]: ...


@cache
def questions() -> Mapping[str, Question]:
    """Every question by name, in the order of names."""
    found: dict[str, Question] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        if not info.name.startswith("_"):
            module: Any = importlib.import_module(f"{__name__}.{info.name}")
            found[module.NAME] = module
    return found


def question(name: str) -> Question:
    """The question of that name; raises UsageError with the names there are."""
    if name not in questions():
        raise UsageError(
            Text(f"there is no question '{name}'", f"没有名为“{name}”的问题"),
            remedy=Text(
                f"Questions: {', '.join(questions())}", f"可用问题：{', '.join(questions())}"
            ),
        )
    return questions()[name]
