"""Depth that a venue gives as bands around its middle: what stands within ±p %, by snapshot.

A row holds what lies between the middle and p % of it on one side, cumulative, so a higher
|p| holds the lower ones. Rows of a minute (tape/schema, DEPTH) are known by the snapshots with
least, median and most depth in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import NamedTuple

import numpy as np

from ..clock import Window
from ..findings import plain
from ..instruments import Instrument
from ..run.database import connection
from ..tape.tracks import Floats, Ints, Track
from . import Context

PRICE = "band"

BANDS_SQL = """
SELECT ts, percentage::DOUBLE AS percentage, {value} AS value
FROM {rows} WHERE ts >= {start} AND ts < {end}
ORDER BY percentage, ts, source_id, row_no
"""
LEAST_SQL = """
SELECT percentage, ts, coalesce(low_depth, depth), coalesce(low_notional, notional), source_id,
       row_no
FROM {rows} WHERE ts >= {start} AND ts < {end}
QUALIFY row_number() OVER (
    PARTITION BY percentage ORDER BY {value}, ts, source_id, row_no) = 1
ORDER BY percentage
"""


class Least(NamedTuple):
    """The snapshot with the least value in a band, exact."""

    percentage: Decimal
    ts: int
    value: Decimal
    source: str
    row: int


@dataclass(frozen=True)
class Band:
    """Values of one signed band in time order; `duration` (µs) of its rows, 0 for snapshots."""

    percentage: Decimal
    ts: Ints
    value: Floats
    duration: int

    @property
    def side(self) -> str:
        return "bid" if self.percentage < 0 else "ask"

    @property
    def width(self) -> Decimal:
        """The band as a share of the middle."""
        return Decimal(plain(abs(self.percentage) / 100))


def band_tracks(context: Context, window: Window) -> list[Track]:
    """A track of every instrument with depth by bands in the window."""
    lake = context.lake
    return [
        Track(lake.root, instrument, PRICE, "depth", 0, lake.of("depth", instrument))
        for instrument in lake.instruments("depth")
        if lake.of("depth", instrument, window)
    ]


def worth(instrument: Instrument, depth: str, notional: str) -> str:
    """The value of a row in the unit of `_book.money`: of inverse contracts their number times
    their size, which is exact; else the notional, where the file gives it."""
    contract = instrument.contract_size
    if contract is None:
        return depth
    return f"{depth} * {contract:f}" if instrument.inverse else notional


def bands(track: Track, window: Window) -> list[Band]:
    """Every band of a track in the window."""
    value = worth(track.instrument, "depth::DOUBLE", "notional::DOUBLE")
    table = track.table(window)
    found = connection().execute(
        BANDS_SQL.format(rows=table, value=value, start=window.start, end=window.end)
    ).fetchnumpy()  # fmt: skip
    spans = (
        connection()
        .execute(
            f"SELECT percentage, max(coalesce(duration, 0)) FROM {table} GROUP BY 1 ORDER BY 1"
        )
        .fetchall()
    )
    ts = np.ma.filled(found["ts"], 0).astype(np.int64)
    values = np.ma.filled(found["value"].astype(np.float64), np.nan)
    made = []
    for percentage, duration in spans:
        own = found["percentage"] == float(percentage)
        made.append(Band(percentage, ts[own], values[own], int(duration)))
    return made


def least(track: Track, window: Window) -> list[Least]:
    """The snapshot with the least value of every band."""
    value = worth(
        track.instrument, "coalesce(low_depth, depth)", "coalesce(low_notional, notional)"
    )
    rows = (
        connection()
        .execute(
            LEAST_SQL.format(
                rows=track.table(window), value=value, start=window.start, end=window.end
            )
        )
        .fetchall()
    )
    return [
        Least(percentage, ts, _exact(track.instrument, depth, notional), source, row)
        for percentage, ts, depth, notional, source, row in rows
        if notional is not None or track.instrument.inverse
    ]


def _exact(instrument: Instrument, depth: Decimal, notional: Decimal) -> Decimal:
    contract = instrument.contract_size
    if contract is None:
        return depth
    with localcontext(prec=60):
        return depth * contract if instrument.inverse else notional


def nearest(found: Sequence[Band], width: Decimal) -> dict[str, Band]:
    """By side the band of that width, where there is one."""
    return {band.side: band for band in found if band.width == width}
