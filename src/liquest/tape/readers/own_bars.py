"""Bars as Liquest itself writes them down for a case: Parquet, several instruments a file.

    venue, kind, symbol, series, duration, ts, open, high, low, close, volume, notional, n,
    low_ts, high_ts, low_n, high_n, low_volume, high_volume

Times are microseconds UTC, decimals are text in plain notation, so nothing is rounded.
Columns from `volume` on may be missing.
"""

from __future__ import annotations

from ...instruments import KINDS, Instrument, identify
from ..reading import Field, Head, Reading, quoted
from ..schema import BARS, TIME

FORMATS = ("liquest-bars",)

_NAMES = {"venue", "kind", "symbol", "series", "duration", "ts", "open", "high", "low", "close"}


def recognise(head: Head) -> Reading | None:
    """A Reading for a Parquet file with every one of the naming columns."""
    if head.container != "parquet" or not set(head.columns) >= _NAMES:
        return None
    fields = {
        name: Field(quoted(name), "us" if kind == TIME else "")
        for name, kind in BARS.columns.items()
        if name in head.columns
    }
    return Reading(
        format="liquest-bars",
        record="bars",
        columns=head.columns,
        fields=fields,
        market="venue || '|' || kind",
        symbol=quoted("symbol"),
        identify=named,
    )


def named(market: str, symbol: str) -> Instrument:
    """The instrument of "venue|kind" and a symbol."""
    venue, _, kind = market.partition("|")
    return identify(venue, symbol, kind if kind in KINDS else None)
