"""A value that a record states now and then: what it was at the start, its extremes, its end."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from ..clock import Window
from ..findings import Input
from ..run.database import connection
from ..tape.tracks import Track

VALUES_SQL = """
WITH known AS (
    SELECT ts, {column} AS value, source_id, row_no FROM {rows}
    WHERE {column} IS NOT NULL AND ts < {end}),
own AS (SELECT * FROM known WHERE ts >= {start})
(SELECT 'start' AS what, * FROM known WHERE ts <= {start}
 ORDER BY ts DESC, source_id DESC, row_no DESC LIMIT 1)
UNION ALL
(SELECT 'first', * FROM own ORDER BY ts, source_id, row_no LIMIT 1)
UNION ALL
(SELECT 'least', * FROM own ORDER BY value, ts, source_id, row_no LIMIT 1)
UNION ALL
(SELECT 'most', * FROM own ORDER BY value DESC, ts, source_id, row_no LIMIT 1)
UNION ALL
(SELECT 'end', * FROM own ORDER BY ts DESC, source_id DESC, row_no DESC LIMIT 1)
"""


class Point(NamedTuple):
    """A value with its moment (µs) and row."""

    ts: int
    value: Decimal
    source: str
    row: int

    @property
    def input(self) -> Input:
        return Input(self.source, self.row, self.row, "extreme")


def points(track: Track, column: str, window: Window) -> dict[str, Point]:
    """ "start" (the last at or before the window's start), and of the window "first", "least",
    "most" and "end"; what is not there is left out."""
    since = min(p.ts_min for p in track.parts)
    if since >= window.end:
        return {}
    query = VALUES_SQL.format(
        column=column, rows=track.table(Window("values", since, window.end)),
        start=window.start, end=window.end,
    )  # fmt: skip
    return {what: Point(*rest) for what, *rest in connection().execute(query).fetchall()}
