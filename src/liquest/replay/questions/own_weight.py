"""`own_weight`: the venue's own price in its index, from none of it to nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import Text
from ...findings import Finding
from ...problems import Problem
from ..context import Context
from ..scenario import Scenario
from ._lows import WEIGHTS, answers, methods

NAME = "own_weight"
DEFAULTS: Mapping[str, Any] = {"weights": list(WEIGHTS)}
METHODS = methods(
    NAME, Text("weight of the venue's own price in the index", "指数中本所价格的权重")
)  # fmt: skip


def ask(context: Context) -> tuple[list[Finding], list[Problem]]:
    """One answer for each contract and weight."""
    weights = (context.params or DEFAULTS)["weights"]
    chosen = [Scenario({"index.own_weight": str(w)}) for w in weights]
    return answers(context, NAME, METHODS, chosen)
