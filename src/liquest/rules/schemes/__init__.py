"""Schemes of compensation, one a file, found by where they stand. A scheme is a module with

    NAME, TITLE, DEFINITION            in both languages
    ORIGIN                             announced, told or proposed
    PATHS                              the rules of the book that it takes
    ASKS                               the prices that it asks for
    def policy(rules, claimants, terms) -> Policy

and the policy is a small frozen dataclass with one method, `award`. Modules that begin with _
are shared parts.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from ...errors import Text, UsageError
from ..compensation import ORIGINS, Scheme
from ..overrides import nearest


@cache
def schemes() -> Mapping[str, Scheme]:
    """Every scheme by name: what was announced first, then what is told, then proposals."""
    found: list[Scheme] = []
    for info in pkgutil.iter_modules(__path__):
        if not info.name.startswith("_"):
            module: Any = importlib.import_module(f"{__name__}.{info.name}")
            found.append(module)
    order = list(ORIGINS)
    found.sort(key=lambda one: (order.index(one.ORIGIN), one.NAME))
    return {one.NAME: one for one in found}


def scheme(name: str) -> Scheme:
    """The scheme of that name; raises UsageError with the nearest."""
    if name not in schemes():
        names = list(schemes())
        close = ", ".join(nearest(name, names))
        raise UsageError(
            Text(f"there is no scheme '{name}'", f"没有名为“{name}”的方案"),
            remedy=Text(
                f"Nearest: {close}. All: {', '.join(names)}.",
                f"最接近的是：{close}。全部：{'、'.join(names)}。",
            ),
        )
    return schemes()[name]


def chosen(names: Sequence[str]) -> list[Scheme]:
    """The schemes of these names, all without any; in the order of `schemes`."""
    wanted = {scheme(name).NAME for name in names}
    return [one for name, one in schemes().items() if not wanted or name in wanted]
