"""A synthetic tape of 100 million trades through low, gap and dislocation: time and memory.

Five coins on four venues over five days, one million trades per venue, coin and day, made by
a seeded formula and written as lake parts. LIQUEST_BENCH_ROWS sets another total.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from bench._child import measured
from liquest.clock import DAY, Window, date_of, parse_time
from liquest.instruments import identify
from liquest.measures import Context
from liquest.measures import measure as named
from liquest.measures import run as run_measure
from liquest.run.database import connection
from liquest.run.executor import Threads
from liquest.tape.lake import Lake, Part, part_path
from liquest.tape.seconds import make_seconds, plan_seconds

COINS = ("AAA", "BBB", "CCC", "DDD", "EEE")
VENUES = ("coinbase", "gemini", "kraken", "bitstamp")
DAYS = 5
START = parse_time("2025-10-06T00:00:00Z")


def run() -> dict[str, Any]:
    """Rows, seconds of each step and peak memory of the process that took the steps."""
    total = int(os.environ.get("LIQUEST_BENCH_ROWS", "100000000"))
    with tempfile.TemporaryDirectory() as root:
        made = measured("bench.scale", "make", root, str(total))
        done = measured("bench.scale", "through", root, str(total))
    return {
        "rows": made["result"],
        "making_s": made["seconds"],
        **done["result"],
        "peak_mb": done["peak_mb"],
        "peak_target_mb": 2048,
    }


def parts(total: int) -> list[Part]:
    """The parts of the synthetic lake."""
    rows = total // (len(COINS) * len(VENUES) * DAYS)
    made = []
    for day in range(DAYS):
        first = START + day * DAY
        for coin in COINS:
            for venue in VENUES:
                instrument = identify(venue, f"{coin}-USD")
                source = f"{len(made):064x}"
                path = part_path("trades", instrument, date_of(first), source)
                path = path.replace(source[:16], source[-16:])
                made.append(
                    Part(
                        "trades", instrument, date_of(first), path, source, rows, first,
                        first + DAY - 1, 1, rows,
                    )
                )  # fmt: skip
    return made


def make(root: str, total: str) -> int:
    """Write the lake; returns its rows."""

    def one(task: tuple[int, Part]) -> int:
        seed, part = task
        target = Path(root) / part.path
        target.parent.mkdir(parents=True, exist_ok=True)
        step = DAY // part.rows
        connection().execute(
            f"COPY (SELECT {part.ts_min} + range * {step} AS ts, range + 1 AS id, "
            "CASE WHEN hash(range) % 2 = 0 THEN 'buy' ELSE 'sell' END AS side, "
            f"(100 + 20 * sin((range + {seed * 977}) / 50000.0) "
            f"+ (hash(range + {seed}) % 100) / 100.0)::DECIMAL(18, 4) AS price, "
            "((hash(range * 7) % 10000 + 1) / 1000.0)::DECIMAL(18, 6) AS raw_size, "
            f"'{part.source}' AS source_id, range + 1 AS row_no FROM range({part.rows})) "
            f"TO '{target}' (FORMAT parquet, COMPRESSION lz4_raw, PARQUET_VERSION v2)"
        )
        return part.rows

    return sum(Threads().map(one, list(enumerate(parts(int(total))))))


def through(root: str, total: str) -> dict[str, Any]:
    """Seconds, low, gap and dislocation on the lake."""
    lake = Lake(Path(root), tuple(parts(int(total))))
    window = {"all": Window("all", START, START + DAYS * DAY)}
    clock = time.perf_counter()
    seconds = [p for p in Threads().map(make_seconds, plan_seconds(lake)) if p is not None]
    took: dict[str, Any] = {"seconds_s": round(time.perf_counter() - clock, 1)}
    lake = Lake(lake.root, (*lake.parts, *seconds))
    for name in ("low", "gap", "dislocation"):
        clock = time.perf_counter()
        chosen = named(name)
        found, _ = run_measure(chosen, Context(lake, window, dict(chosen.DEFAULTS)), Threads())
        took[f"{name}_s"] = round(time.perf_counter() - clock, 1)
        took[f"{name}_findings"] = len(found)
    return took
