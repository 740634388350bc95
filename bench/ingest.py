"""gz ticks → Parquet lake with row numbers, against two floors over the same files.

Floors: `gzip -dc | wc -l` one file after the other, and DuckDB's typed read_csv of the same
files with two threads, which neither checks exactness nor numbers rows nor writes. The files
are read three times as three sources each round, so that the start-up does not count.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from bench import _data
from liquest.run.executor import Threads
from liquest.tape.load import LoadTask, load
from liquest.vault.intake import Digests, take_in

ROUNDS = 3
COPIES = 3


def run() -> dict[str, Any]:
    """Rows per second of each, medians of three rounds, and the ratios."""
    files = _data.ticks()
    if not files:
        return _data.ABSENT
    lake, floor, typed, rows = [], [], [], 0
    for _ in range(ROUNDS):
        rows, seconds = _lake(files)
        lake.append(rows * COPIES / seconds)
        floor.append(rows / _gzip(files))
        typed.append(rows / _typed(files))
    rates = {"lake": median(lake), "gzip_wc": median(floor), "duckdb_typed": median(typed)}
    return {
        "rows": rows,
        "copies": COPIES,
        **{f"{name}_million_rows_per_s": round(rate / 1e6, 2) for name, rate in rates.items()},
        "lake_over_gzip_wc": round(rates["lake"] / rates["gzip_wc"], 2),
        "lake_over_duckdb_typed": round(rates["lake"] / rates["duckdb_typed"], 2),
        "target_million_rows_per_s": 2.5,
    }


def _lake(files: list[Path]) -> tuple[int, float]:
    """Everything that `investigate` does to get a tick file into the lake."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        started = time.perf_counter()
        named = [(f.name, f) for f in files]
        sources, _ = take_in(named, Digests(root / "digests.json"))
        tasks = [
            LoadTask(source, root / f"lake{copy}") for copy in range(COPIES) for source in sources
        ]
        done = list(Threads().map(load, tasks))
        seconds = time.perf_counter() - started
        assert all(one.read for one in done)
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
    return sum(one.rows for one in done) // COPIES, seconds


def _gzip(files: list[Path]) -> float:
    started = time.perf_counter()
    for path in files:
        subprocess.run(["sh", "-c", f"gzip -dc '{path}' | wc -l"], check=True, capture_output=True)
    return time.perf_counter() - started


def _typed(files: list[Path]) -> float:
    types = {
        "exchange": "VARCHAR",
        "symbol": "VARCHAR",
        "timestamp": "BIGINT",
        "local_timestamp": "BIGINT",
        "id": "BIGINT",
        "side": "VARCHAR",
        "price": "DOUBLE",
        "amount": "DOUBLE",
    }

    def one(path: Path) -> None:
        duckdb.connect(config={"threads": 1}).execute(
            "SELECT count(*), max(timestamp), max(price), max(amount) FROM "
            f"read_csv('{path}', auto_detect=false, header=true, delim=',', columns={types})"
        ).fetchall()

    started = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, files))
    return time.perf_counter() - started
