"""`window`: the moving average of the mark over 150, 60 or 30 seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import Text
from ...findings import Finding
from ...problems import Problem
from ..context import Context
from ..scenario import Scenario
from ._lows import answers, methods

NAME = "window"
DEFAULTS: Mapping[str, Any] = {"windows": ["150", "60", "30"]}
METHODS = methods(
    NAME, Text("window of the mark's moving average", "标记价格移动平均的窗口")
)  # fmt: skip


def ask(context: Context) -> tuple[list[Finding], list[Problem]]:
    """One answer for each contract and window."""
    windows = (context.params or DEFAULTS)["windows"]
    chosen = [Scenario({"mark.window": str(w)}) for w in windows]
    return answers(context, NAME, METHODS, chosen)
