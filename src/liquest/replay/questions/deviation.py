"""`deviation`: what protection of the index does to a source that leaves the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import Text
from ...findings import Finding
from ...problems import Problem
from ..context import Context
from ..scenario import Scenario
from ._lows import answers, methods

NAME = "deviation"
DEFAULTS: Mapping[str, Any] = {"zero": ["0.05"], "caps": ["0.01", "0.03", "0.05"]}
METHODS = methods(NAME, Text("protection of the index", "指数的偏离保护"))


def ask(context: Context) -> tuple[list[Finding], list[Problem]]:
    """One answer for each contract and protection: none, zeroing, caps."""
    params = context.params or DEFAULTS
    chosen = [
        Scenario({"index.protection": "none"}),
        *(
            Scenario({"index.protection": word, "index.deviation": str(value)})
            for word, values in (("zero", params["zero"]), ("cap", params["caps"]))
            for value in values
        ),
    ]
    return answers(context, NAME, METHODS, chosen)
