"""One block of a log → one Parquet part of typed events, and what must be known of the whole.

The zone of times without offset belongs to the file, not to the block: a block is written
with the zone that is given or guessed, and says what speaks for or against it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..clock import MINUTE
from . import line
from .blocks import BEYOND, Block
from .classify import classify
from .events import coded, columns_of, write_part
from .line import NONE
from .recognise import Reading
from .scanner import Scanned, Scanner, scanner
from .schema import KINDS, WRITTEN

_STEP = 10 * MINUTE
"""A smaller step between two lines is no change of zone."""
_MOST_STEPS = 20_000
_PAIRS = 2_000

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ParseTask:
    """Read `block` of the source (SHA-256) `source` into the file `target`. `offset` (µs east
    of UTC) is that of times without one, None while nobody knows it; `zone` says how it came
    about; `year` is for times without a year."""

    block: Block
    reading: Reading
    source: str
    target: Path
    offset: int | None = None
    zone: str = ""
    year: int = 0


@dataclass
class Parsed:
    """What a block held. `odd` are (row, why) of lines that are no events; `steps` (row, µs)
    of large steps between times without offset, as written; `first` and `last` those times
    at its ends with the row of the first; `pairs` (row, µs) of such a time minus an
    exchange's own time in one line."""

    path: Path
    rows: int = 0
    naive: int = 0
    ts_min: int = 0
    ts_max: int = 0
    row_min: int = 0
    row_max: int = 0
    first: tuple[int, int] | None = None
    last: int = 0
    odd: list[tuple[int, int]] = field(default_factory=list)
    strange: int = 0
    steps: list[tuple[int, int]] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)
    formats: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    venues: Counter[str] = field(default_factory=Counter)


def parse(task: ParseTask) -> Parsed:
    """Write the events of the block; never raises for what stands in it."""
    tool = scanner(task.reading.spec)
    data, block = task.block.read(), task.block
    data = data[: _whole(data, block.end - block.start)]
    lines = task.reading.document is None
    seen = tool.scan(data, owned=block.lines, skip_first=block.row > 1 and lines, year=task.year)
    done = Parsed(task.target, strange=seen.strange)
    numbers = block.row_numbers(seen.odd[:, 0]).tolist()
    done.odd = list(zip(numbers, seen.odd[:, 1].tolist(), strict=True))
    if seen.rows.shape[1]:
        _write(task, tool, data, seen, done)
    return done


def _whole(data: npt.NDArray[np.uint8], owned: int) -> int:
    """Where the last whole line ends: of lines beyond the block's own only those count that are
    there to their end, which the last line of a file is."""
    if len(data) < owned + BEYOND:
        return len(data)
    beyond = np.flatnonzero(data[owned:] == 10)
    return owned + (int(beyond[-1]) + 1 if len(beyond) else 0)


def _write(
    task: ParseTask, tool: Scanner, data: npt.NDArray[np.uint8], seen: Scanned, done: Parsed
) -> None:
    rows, names = seen.rows, coded()
    meant = classify(rows, tool.words)
    row_no, row_last = (task.block.row_numbers(rows[n]) for n in (line.LINE, line.LAST))
    naive = rows[line.ZONED] == 0
    _evidence(rows, row_no, naive, done)
    ts = np.where(naive, rows[line.TIME] - (task.offset or 0), rows[line.TIME])
    done.rows, done.naive = rows.shape[1], int(naive.sum())
    done.ts_min, done.ts_max = int(ts.min()), int(ts.max())
    done.row_min, done.row_max = int(row_no.min()), int(row_last.max())
    number = {w: n for n, w in enumerate(names["zone"], start=1)}
    zone = np.where(naive, number.get(task.zone, 0), number[WRITTEN])
    format_ = _formats(task, tool, rows)
    done.formats.update(_counted(format_, ("", *names["format"])))
    done.kinds.update(_counted(meant.kind, KINDS))
    done.venues.update(_counted(meant.venue, ("", *names["venue"])))
    columns = columns_of(data, rows, meant, ts, row_no, row_last, zone, format_)
    write_part(columns, task.target, task.source)


def _formats(task: ParseTask, tool: Scanner, rows: Ints) -> Ints:
    """The format of every row, as a number into `coded`."""
    known = {w: n for n, w in enumerate(coded()["format"], start=1)}
    if task.reading.document is not None:
        return np.full(rows.shape[1], known[task.reading.document.format], dtype=np.int64)
    table = np.array(
        [known[tool.format_of(form)] for form in range(len(tool.layouts) + 2)], dtype=np.int64
    )
    found: Ints = table[rows[line.FORM]]
    return found


def _counted(values: Ints, names: tuple[str, ...]) -> dict[str, int]:
    counts = np.bincount(values, minlength=len(names))
    return {n: int(c) for n, c in zip(names, counts, strict=True) if n and c}


def _evidence(rows: Ints, row_no: Ints, naive: npt.NDArray[np.bool_], done: Parsed) -> None:
    """What the times without offset say of their zone."""
    at = np.flatnonzero(naive)
    if not len(at):
        return
    times = rows[line.TIME, at]
    done.first, done.last = (int(row_no[at[0]]), int(times[0])), int(times[-1])
    steps = np.diff(times)
    large = np.flatnonzero(np.abs(steps) >= _STEP)[:_MOST_STEPS]
    done.steps = [(int(row_no[at[i + 1]]), int(steps[i])) for i in large]
    paired = at[rows[line.EXCHANGE_TIME, at] != NONE]
    if len(paired) > _PAIRS:
        paired = paired[np.linspace(0, len(paired) - 1, _PAIRS).astype(np.int64)]
    gaps = rows[line.TIME, paired] - rows[line.EXCHANGE_TIME, paired]
    done.pairs = list(zip(row_no[paired].tolist(), gaps.tolist(), strict=True))
