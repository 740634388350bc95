"""The traded price at a moment, exact, with the row that says it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from ..clock import SECOND, Window
from ..findings import Input
from ..run.database import connection
from ..tape.tracks import Track

PRICES_SQL = """
SELECT w.moment, t.ts, t.price, t.source_id, t.row_no
FROM (SELECT unnest([{moments}]) AS moment) w
ASOF JOIN (
    SELECT ts + {duration} AS known, ts, {price} AS price, source_id, row_no FROM {rows}
    QUALIFY row_number() OVER (PARTITION BY ts ORDER BY source_id DESC, row_no DESC) = 1) t
  ON w.moment >= t.known
WHERE w.moment - t.known <= {max_age}
"""


class Price(NamedTuple):
    """The last price known at the moment `at`, per coin, and the row of it."""

    at: int
    price: Decimal
    row: Input


def prices_at(track: Track, moments: Iterable[int], max_age: int) -> dict[int, Price]:
    """The last trade (or close of a whole bar) at every moment (µs), at most `max_age` seconds
    old; moments without one are left out."""
    wanted = sorted(set(moments))
    if not wanted:
        return {}
    before = max_age * SECOND + track.duration
    reach = Window("prices", wanted[0] - before, wanted[-1] + 1)
    if not track.holds(reach):
        return {}
    query = PRICES_SQL.format(
        moments=", ".join(map(str, wanted)),
        duration=track.duration,
        price="price" if track.record == "trades" else "close",
        rows=track.table(reach),
        max_age=max_age * SECOND,
    )
    multiplier = track.instrument.multiplier
    return {
        moment: Price(moment, price / multiplier, Input(source, row, row, "extreme"))
        for moment, _, price, source, row in connection().execute(query).fetchall()
        if price > 0
    }
