"""Snapshots from changes: a row of the record `book` for every second with a change.

Changes are applied in the order of the file, from its first snapshot on; what stands at the
end of a second are the best 25 levels of each side, exact. `ts` and `row_no` are those of the
last change in it. Changes before the first snapshot say nothing of a whole book, and are not
used. A book that begins anew (the collector lost its connection) is cleared, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..clock import DAY, SECOND, date_of
from ..errors import Text
from ..problems import ABSENT, ASIDE, KEPT, Problem
from ..run.database import connection
from .lake import COPY, Lake, Part, part_path
from .reading import literal
from .schema import LEVELS
from .sql import WIDTH
from .tracks import Ints

CHUNK = 2_000_000
"""Rows that are in memory at once."""
_SIDES = ("bid", "ask")


@dataclass(frozen=True)
class RebuildTask:
    """The changes of one instrument and source, day after day."""

    lake: Path
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Rebuilt:
    """Parts of snapshots, one a day, and what is to be known."""

    parts: tuple[Part, ...] = ()
    problems: tuple[Problem, ...] = ()


class Chunk(NamedTuple):
    """Changes in the order of the file; `side` is 0 for bids, `begins` 1 within a snapshot."""

    ts: Ints
    row: Ints
    side: Ints
    price: Ints
    size: Ints
    begins: Ints


class Snapshots(NamedTuple):
    """Rows to be filled: times and rows [n], prices and sizes [n, side, level]."""

    ts: Ints
    row: Ints
    price: Ints
    size: Ints

    @classmethod
    def empty(cls, rows: int, levels: int) -> Snapshots:
        one, deep = (rows,), (rows, len(_SIDES), levels)
        return cls(*(np.empty(shape, dtype=np.int64) for shape in (one, one, deep, deep)))


@dataclass(frozen=True)
class Book:
    """Snapshots as whole numbers: times and rows [n], prices and sizes [n, side, level], −1 for
    a level that is not there; `begun` counts the snapshots that began the book."""

    ts: Ints
    row: Ints
    price: Ints
    size: Ints
    begun: int

    def of_day(self, day: int) -> Book:
        """The snapshots of one UTC day, counted from 1970."""
        own = self.ts // DAY == day
        return Book(self.ts[own], self.row[own], self.price[own], self.size[own], self.begun)


def plan_rebuilds(lake: Lake) -> list[RebuildTask]:
    """One task per instrument and source."""
    grouped: dict[tuple[str, str], list[Part]] = {}
    for part in lake.of("increments"):
        grouped.setdefault((part.instrument.key, part.source), []).append(part)
    return [
        RebuildTask(lake.root, tuple(sorted(parts, key=lambda p: (p.date, p.path))))
        for _, parts in sorted(grouped.items())
    ]


def rebuild(task: RebuildTask) -> Rebuilt:
    """Write the snapshots of one source."""
    first = task.parts[0]
    changes = Lake(task.lake, ()).scan("increments", task.parts)
    scales = [_scale(changes, name) for name in ("price", "raw_size")]
    price, size = scales
    if price is None or size is None:
        return Rebuilt((), (_problem(task, "too-many-digits", ABSENT, _DIGITS),))
    book = replay(_chunks(changes, price, size), LEVELS)
    made = []
    for day in np.unique(book.ts // DAY):
        one = book.of_day(int(day))
        date = date_of(int(day) * DAY)
        path = part_path("book", first.instrument, date, first.source)
        path = path.removesuffix(".parquet") + "-rebuilt.parquet"
        _write(one, task.lake / path, first.source, price, size)
        spread = (int(one.ts[0]), int(one.ts[-1]), int(one.row.min()), int(one.row.max()))
        made.append(Part("book", first.instrument, date, path, first.source, len(one.ts), *spread))
    return Rebuilt(tuple(made), _problems(task, changes, book))


def replay(chunks: Iterable[Chunk], levels: int) -> Book:
    """The book second by second, with at most `levels` a side."""
    from .rebuild_kernel import BEGUN, applied, noted, room
    from .rebuild_kernel import SECOND as OPEN

    keys, sizes, count, state = room(1024)
    kept: list[Snapshots] = []
    for chunk in chunks:
        seconds = len(np.unique(chunk.ts // 1_000_000)) + 1
        out = Snapshots.empty(seconds, levels)
        taken, made = 0, 0
        while True:
            taken, made = applied(
                chunk.ts, chunk.row, chunk.side, chunk.price, chunk.size, chunk.begins, taken,
                keys, sizes, count, state, made, out.ts, out.row, out.price, out.size,
            )  # fmt: skip
            if taken == len(chunk.ts):
                break
            keys, sizes = (np.concatenate((a, np.zeros_like(a)), axis=1) for a in (keys, sizes))
        kept.append(Snapshots(*(a[:made] for a in out)))
    if state[OPEN] >= 0:
        out = Snapshots.empty(1, levels)
        noted(keys, sizes, count, state, 0, out.ts, out.row, out.price, out.size)
        kept.append(out)
    kept = kept or [Snapshots.empty(0, levels)]
    whole = Snapshots(*(np.concatenate(arrays) for arrays in zip(*kept, strict=True)))
    return Book(*whole, begun=int(state[BEGUN]))


def _scale(changes: str, name: str) -> int | None:
    """The decimals of a column; None where its numbers with so many exceed 18 digits."""
    (kind,) = _first(f"SELECT typeof({name}) FROM {changes} LIMIT 1")
    width, scale = (int(n) for n in str(kind)[8:-1].split(","))
    if width <= WIDTH:
        return scale
    tail = f"rtrim(split_part({name}::VARCHAR, '.', 2), '0')"
    needed, largest = _first(f"SELECT max(length({tail})), max({name})::DOUBLE FROM {changes}")
    return int(needed) if largest * 10.0**needed < 10.0**WIDTH else None


def _chunks(changes: str, price: int, size: int) -> Iterator[Chunk]:
    """The changes in the order of the file, a stretch of rows at a time."""
    db = connection()
    first, last = _first(f"SELECT min(row_no), max(row_no) FROM {changes}")
    for at in range(first, last + 1, CHUNK):
        found = db.execute(
            f"SELECT ts, row_no, (side = 'sell')::BIGINT AS side, {_whole('price', price)}, "
            f"{_whole('raw_size', size)}, coalesce(snapshot, 0) AS begins FROM {changes} "
            f"WHERE row_no >= {at} AND row_no < {at + CHUNK} ORDER BY row_no"
        ).fetchnumpy()
        if len(found["ts"]):
            yield Chunk(*(np.ma.filled(a, 0).astype(np.int64) for a in found.values()))


def _first(query: str) -> tuple[Any, ...]:
    """The only row of a query, nothing of it left open."""
    rows: list[tuple[Any, ...]] = connection().execute(query).fetchall()
    return rows[0]


def _whole(name: str, scale: int) -> str:
    """A decimal column times a power of ten, as int64."""
    return f"CAST({name}::DECIMAL(38, {scale}) * {10**scale} AS BIGINT) AS {name}"


def _write(book: Book, target: Path, source: str, price: int, size: int) -> None:
    """Levels as exact decimals; none is null."""
    arrays: dict[str, Ints] = {"ts": book.ts, "row_no": book.row}
    columns = ["ts"]
    for number, side in enumerate(_SIDES):
        for what, values, scale in (("price", book.price, price), ("size", book.size, size)):
            for level in range(values.shape[2]):
                name = f"{side}_{what}_{level}"
                arrays[name] = np.ascontiguousarray(values[:, number, level])
                unit = f"{1 / 10**scale:.{scale}f}"
                exact = f"{name}::DECIMAL(19, 0) * {unit}::DECIMAL({scale + 1}, {scale})"
                kind = f"DECIMAL({WIDTH}, {scale})"
                columns.append(f"CASE WHEN {name} >= 0 THEN CAST({exact} AS {kind}) END AS {name}")
    db = connection()
    target.parent.mkdir(parents=True, exist_ok=True)
    made = target.with_suffix(".part")
    db.register("rebuilt", _table(arrays))
    try:
        sha = literal(source)
        db.execute(
            f"COPY (SELECT {', '.join(columns)}, {sha}::ENUM({sha}) AS source_id, row_no "
            f"FROM rebuilt ORDER BY ts, row_no) TO {literal(str(made))} {COPY}"
        )
        made.replace(target)
    finally:
        db.unregister("rebuilt")
        made.unlink(missing_ok=True)


def _table(arrays: dict[str, Ints]) -> Any:
    """What the database takes for a table: arrays by the names of columns."""
    return arrays


_EARLY = Text(
    "changes before the first snapshot of the book: they are not used",
    "订单簿首个快照之前的变动，未采用",
)
_NO_BEGIN = Text(
    "changes of a book without a snapshot to begin from: no book can be made of them",
    "订单簿变动没有起始快照，无法重建订单簿",
)
_ANEW = Text(
    "the book begins anew in the middle of the file: what happened just before is not in it",
    "文件中途订单簿重新开始：此前片刻的变动不在文件中",
)
_DIGITS = Text(
    "numbers of more than 18 digits: the book is not rebuilt",
    "数字超过 18 位，未重建订单簿",
)


def _problems(task: RebuildTask, changes: str, book: Book) -> tuple[Problem, ...]:
    """What the changes leave open."""
    row_min = min(p.row_min for p in task.parts)
    if not book.begun:
        found, rows = _problem(task, "no-beginning", ABSENT, _NO_BEGIN), task.parts
        last = max(p.row_max for p in rows)
        return (replace(found, first=row_min, last=last, count=sum(p.rows for p in rows)),)
    (starts,) = _first(
        "WITH marked AS (SELECT row_no, coalesce(snapshot, 0) AS s, ts - lag(ts) OVER file AS gap, "
        f"coalesce(lag(snapshot) OVER file, 0) AS before FROM {changes} "
        "WINDOW file AS (ORDER BY row_no)) SELECT list(row_no ORDER BY row_no) FROM marked "
        f"WHERE s = 1 AND (before = 0 OR gap > {SECOND})"
    )  # fmt: skip
    problems = []
    if starts[0] > row_min:
        early, last = _problem(task, "before-snapshot", ASIDE, _EARLY), starts[0] - 1
        problems.append(replace(early, first=row_min, last=last, count=last - row_min + 1))
    if len(starts) > 1:
        anew = _problem(task, "book-restarted", KEPT, _ANEW)
        problems.append(replace(anew, first=starts[1], last=starts[-1], count=len(starts) - 1))
    return tuple(problems)


def _problem(task: RebuildTask, code: str, effect: str, text: Text) -> Problem:
    part = task.parts[0]
    return Problem(code, effect, text, part.instrument.key, part.source)
