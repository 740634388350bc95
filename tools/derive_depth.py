"""Make facts/depth_bands.parquet of cases/2025-10-11 again from a day's book depth.

    python tools/derive_depth.py DATA [CASE]

DATA/depth/BTCUSDT-bookDepth-2025-10-10.csv.gz holds, every half minute, what stands within
±1 … 5 % of the middle of BTCUSDT on Binance USDⓈ-M. Writes, per minute and for ±1 % only, the
snapshots with least, (lower) median and most depth: their depth and notional, and with them
their average price. Prints the entry for provenance.json. The rows themselves are not copied.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import duckdb

from liquest.clock import MINUTE
from liquest.findings import plain
from liquest.run.database import connection
from liquest.tape.lake import Lake, Part
from liquest.tape.load import LoadTask, load
from liquest.tape.reading import literal
from liquest.vault.intake import Source, digest

SOURCE = "depth/BTCUSDT-bookDepth-2025-10-10.csv.gz"
TARGET = "facts/depth_bands.parquet"
BANDS = (-1, 1)
NOTE = (
    "Depth within ±1 % of the file's own middle, BTCUSDT on Binance USDⓈ-M, per minute: the "
    "snapshots with least, median and most depth, each with its notional",
    "币安 U 本位 BTCUSDT 在文件自身中间价 ±1% 内的深度，逐分钟：深度最小、中位、最大的快照及其名义"
    "额",
)


class Snapshot(NamedTuple):
    """What one row of a band holds."""

    depth: Decimal
    notional: Decimal


class Minute(NamedTuple):
    """The snapshots of one minute and band."""

    ts: int
    percentage: Decimal
    n: int
    least: Snapshot
    middle: Snapshot
    most: Snapshot


def minutes_of(rows: Iterable[tuple[int, Decimal, Decimal, Decimal]]) -> list[Minute]:
    """Minute by minute of (ts, percentage, depth, notional); one without rows is left out."""
    grouped: dict[tuple[int, Decimal], list[Snapshot]] = {}
    for ts, percentage, depth, notional in rows:
        key = (ts // MINUTE * MINUTE, percentage)
        grouped.setdefault(key, []).append(Snapshot(depth, notional))
    made = []
    for (ts, percentage), found in sorted(grouped.items()):
        ordered = sorted(found)
        middle = ordered[(len(ordered) - 1) // 2]
        made.append(Minute(ts, percentage, len(ordered), ordered[0], middle, ordered[-1]))
    return made


def main(data: Path, case_folder: Path) -> None:
    """Read the day, write the minutes, print their provenance."""
    source = data / SOURCE
    with tempfile.TemporaryDirectory() as scratch:
        taken = Source(source.name, source, source.stat().st_size, digest(source))
        loaded = load(LoadTask(taken, Path(scratch)))
        if len(loaded.parts) != 1:
            sys.exit(f"{source.name}: {[p.text.en for p in loaded.problems]}")
        part: Part = loaded.parts[0]
        table = Lake(Path(scratch), (part,)).table("depth", part.instrument)
        bands = ", ".join(map(str, BANDS))
        rows = connection().execute(
            f"SELECT ts, percentage, depth, notional FROM {table} WHERE percentage IN ({bands})"
        ).fetchall()  # fmt: skip
    made = minutes_of(rows)
    write(case_folder / TARGET, part, made)
    content = hashlib.sha256(source.read_bytes()).hexdigest()
    entry = {TARGET: {"note": list(NOTE), "files": [{"name": source.name, "sha256": content}]}}
    print(f"{TARGET}: {len(made)} rows, {(case_folder / TARGET).stat().st_size} B")
    print(json.dumps(entry, ensure_ascii=False, indent=1))


def write(target: Path, part: Part, made: Iterable[Minute]) -> None:
    """The minutes in the layout of the tape's own depth."""
    one = part.instrument
    columns = (
        "venue VARCHAR, kind VARCHAR, symbol VARCHAR, ts BIGINT, duration BIGINT, "
        "percentage VARCHAR, n BIGINT, depth VARCHAR, notional VARCHAR, low_depth VARCHAR, "
        "low_notional VARCHAR, high_depth VARCHAR, high_notional VARCHAR"
    )
    with duckdb.connect(config={"threads": 1}) as db:
        db.execute(f"CREATE TABLE depth ({columns})")
        db.executemany(
            f"INSERT INTO depth VALUES ({', '.join('?' * 13)})",
            [
                (one.venue, one.kind, one.symbol, m.ts, MINUTE, plain(m.percentage), m.n,
                 *(plain(x) for s in (m.middle, m.least, m.most) for x in s))
                for m in made
            ],
        )  # fmt: skip
        db.execute(
            f"COPY (SELECT * FROM depth ORDER BY ts, percentage::INT) TO {literal(str(target))} "
            "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19, PARQUET_VERSION v2)"
        )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    here = Path(__file__).parent.parent / "cases" / "2025-10-11"
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else here)
