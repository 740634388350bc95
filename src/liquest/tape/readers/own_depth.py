"""Depth by minute as Liquest itself writes it down for a case: Parquet, several instruments.

    venue, kind, symbol, ts, duration, percentage, n, depth, notional,
    low_depth, low_notional, high_depth, high_notional

Times are microseconds UTC, decimals are text in plain notation, so nothing is rounded.
"""

from __future__ import annotations

from ..reading import Field, Head, Reading, quoted
from ..schema import DEPTH, TIME
from .own_bars import named

FORMATS = ("liquest-depth",)

_NAMES = {"venue", "kind", "symbol", *DEPTH.columns}


def recognise(head: Head) -> Reading | None:
    """A Reading for a Parquet file with every one of the naming columns."""
    if head.container != "parquet" or not set(head.columns) >= _NAMES:
        return None
    fields = {
        name: Field(quoted(name), "us" if kind == TIME else "")
        for name, kind in DEPTH.columns.items()
    }
    return Reading(
        format="liquest-depth",
        record="depth",
        columns=head.columns,
        fields=fields,
        market="venue || '|' || kind",
        symbol=quoted("symbol"),
        identify=named,
    )
