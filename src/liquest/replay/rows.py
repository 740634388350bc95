"""Which rows of the rulebook a replay took, and how firm they are."""

from __future__ import annotations

from collections.abc import Iterable

from ..rules.book import Rules
from ..rules.book_units import shown

FIRM = {"official", "relayed", "derived"}
"""Certainties that rest on a published text or on data; the others are claims and assumptions."""


def rules_taken(
    rules: Rules, paths: Iterable[str], symbol: str = ""
) -> tuple[dict[str, str], bool]:
    """{path: "value (certainty)"} and whether every one of them is firm."""
    taken: dict[str, str] = {}
    firm = True
    for path in paths:
        row = rules.get(path, symbol)
        taken[path] = f"{shown(row.value, row.unit)} ({row.certainty})"
        firm = firm and row.certainty in FIRM
    return taken, firm
