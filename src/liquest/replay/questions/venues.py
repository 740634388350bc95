"""`venues`: an index of other venues, or of USD venues, in place of one with its own price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import Text
from ...findings import Finding
from ...problems import Problem
from ..context import Context
from ..scenario import Scenario
from ._lows import answers, methods

NAME = "venues"
DEFAULTS: Mapping[str, Any] = {"formulas": ["binance-perpetual", "index"]}
METHODS = methods(NAME, Text("venues that the index draws on", "指数取价的场所"))


def ask(context: Context) -> tuple[list[Finding], list[Problem]]:
    """One answer for each contract, choice of venues and formula of the mark: the median of
    three prices, of which two come from the contract's own book, or the index alone."""
    formulas = (context.params or DEFAULTS)["formulas"]
    chosen = [
        Scenario({"index.sources": sources, "mark.formula": str(formula)})
        for sources in ("all", "others", "usd")
        for formula in formulas
    ]
    return answers(context, NAME, METHODS, chosen)
