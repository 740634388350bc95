"""A case folder as a person has it: files in data/, a case.toml, one run into out/."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from liquest.case import Case, read_case
from liquest.problems import Problem
from liquest.run.executor import Executor, Inline
from liquest.run.progress import Silent
from liquest.tape import stage
from liquest.tape.lake import Lake
from liquest.tape.stage import Tape

T0 = 1_760_131_200_000_000
"""21:20:00 UTC on 2025-10-10."""
TICKS = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
CASE = """
[case]
name = "test"

[windows.crash]
from = "2025-10-10T21:10:00Z"
to = "2025-10-10T21:40:00Z"

[[source]]
path = "data"
"""


def tick(
    number: int, price: str = "2.5", amount: str = "1", *, at: int | None = None,
    market: str = "coinbase", symbol: str = "ATOM-USD", side: str = "sell",
) -> str:  # fmt: skip
    """One line of a tick file, `at` microseconds after T0."""
    ts = T0 + (number * 1000 if at is None else at)
    return f"{market},{symbol},{ts},{ts + 5000},{number},{side},{price},{amount}\n"


def ticks(count: int, **more: Any) -> str:
    """A tick file of `count` trades."""
    return TICKS + "".join(tick(i, **more) for i in range(1, count + 1))


def case_of(folder: Path, files: Mapping[str, str | bytes], more: str = "") -> Case:
    """A case in `folder` with these files in data/ and `more` at the end of case.toml."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "case.toml").write_text(CASE + more, encoding="utf-8")
    return read_case(folder)


def tape_of(case: Case, executor: Executor | None = None) -> Tape:
    """One run of the first stage into out/."""
    return stage.build(case, case.root / "out", executor or Inline(), Silent())


def rows_of(lake: Lake, record: str = "trades") -> list[dict[str, Any]]:
    """Every row of a record, instrument by instrument, in the order of source and row."""
    found: list[dict[str, Any]] = []
    with duckdb.connect() as db:
        for instrument in lake.instruments(record):
            got = db.execute(
                f"SELECT * FROM {lake.table(record, instrument)} ORDER BY source_id, row_no, ts"
            )
            names = [d[0] for d in got.description or ()]
            found += [dict(zip(names, values, strict=True)) for values in got.fetchall()]
    return found


def codes(problems: list[Problem]) -> list[str]:
    """Codes of the problems, sorted."""
    return sorted(p.code for p in problems)


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of writing of every file below a folder."""
    return {
        p.relative_to(folder).as_posix(): (p.stat().st_size, p.stat().st_mtime_ns)
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }
