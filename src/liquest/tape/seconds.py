"""One-second bars from trades: the path that per-second measures walk on.

A row of the record `seconds` is one second of one instrument from one source: open,
high, low, close, trades, base volume, notional, and for low and high the first moment,
the trades and the volume at exactly that price. Open and close go by time, and by row
(in 43 bits below the microsecond) only among trades of one moment: a file may run
backwards. It keeps the first and last row of the source, so the chain back to the bytes
holds. Volumes have one scale, so that days unite without a loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..clock import DAY, SECOND
from ..run.database import connection
from .lake import COPY, Lake, Part, part_path
from .reading import literal

BUSY = 4_000_000
"""Rows above which a day is cut into pieces of time, so that memory stays bounded."""

SECONDS_SQL = """
WITH priced AS (
    SELECT ts // 1000000 * 1000000 AS second, price, source_id,
           sum(coalesce(n, 1)) AS n, sum(size) AS volume, sum(notional) AS notional,
           min(ts) AS first_ts, min(row_no) AS row_first, max(row_no) AS row_last,
           min(ts % 1000000 * 8796093022208 + row_no) AS opened,
           max(ts % 1000000 * 8796093022208 + row_no) AS closed
    FROM {trades}
    GROUP BY ALL
)
SELECT second AS ts,
       arg_min(price, opened) AS open, max(price) AS high, min(price) AS low,
       arg_max(price, closed) AS close,
       sum(n)::BIGINT AS n, try_cast(sum(volume) AS DECIMAL(38, 18)) AS volume,
       sum(notional)::DECIMAL(38, 12) AS notional,
       arg_min(first_ts, price) AS low_ts, arg_max(first_ts, price) AS high_ts,
       arg_min(n, price)::BIGINT AS low_n, arg_max(n, price)::BIGINT AS high_n,
       try_cast(arg_min(volume, price) AS DECIMAL(38, 18)) AS low_volume,
       try_cast(arg_max(volume, price) AS DECIMAL(38, 18)) AS high_volume,
       source_id, min(row_first) AS row_no, max(row_last) AS row_last
FROM priced
GROUP BY second, source_id
ORDER BY second, source_id
"""


@dataclass(frozen=True)
class SecondsTask:
    """Trades of one part between two moments → one part of `seconds`, of the same source."""

    lake: Path
    part: Part
    start: int
    end: int
    number: int


def plan_seconds(lake: Lake) -> list[SecondsTask]:
    """One task per part; busy days in pieces of equal time."""
    tasks = []
    for part in sorted(lake.of("trades"), key=lambda p: (p.instrument.key, p.date, p.path)):
        pieces = 1 + part.rows // BUSY
        first = part.ts_min // DAY * DAY
        step = -(-DAY // pieces // SECOND) * SECOND
        for number in range(pieces):
            start = first + number * step
            tasks.append(
                SecondsTask(lake.root, part, start, min(start + step, first + DAY), number)
            )
    return tasks


def make_seconds(task: SecondsTask) -> Part | None:
    """Write one part; None when no trade falls into the piece."""
    instrument, date, source = task.part.instrument, task.part.date, task.part.source
    lake = Lake(task.lake, (task.part,))
    trades = lake.table("trades", instrument)
    where = f"(SELECT * FROM {trades} WHERE ts >= {task.start} AND ts < {task.end})"
    path = part_path("seconds", instrument, date, source)
    path = path.removesuffix(".parquet") + f"-{task.number}.parquet"
    target = task.lake / path
    target.parent.mkdir(parents=True, exist_ok=True)
    db = connection()
    made = target.with_suffix(".part")
    try:
        done = db.execute(
            f"COPY ({SECONDS_SQL.format(trades=where)}) TO {literal(str(made))} {COPY}"
        ).fetchone()
        if not done or not done[0]:
            return None
        measured = db.execute(
            "SELECT count(*), min(ts), max(ts), min(row_no), max(row_last) "
            f"FROM read_parquet({literal(str(made))})"
        ).fetchone()
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)
    return Part("seconds", instrument, date, path, source, *(measured or (0, 0, 0, 0, 0)))
