"""The blocks of one source put together: zones settled, attempts paired, problems named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import Text
from ..problems import ABSENT, ASIDE, Problem
from ..run.database import connection
from ..tape.careful import with_samples
from ..tape.lake import COPY
from ..tape.reading import literal
from ..vault.credentials import without
from ..vault.intake import Source
from .attempts import ATTEMPTS_SQL
from .blocks import Prepared
from .events import coded
from .parse import Parsed
from .recognise import Reading
from .schema import WRITTEN
from .store import Aside, LogFile
from .zones import Placed, place

_MOST_PLACES = 200
_SAMPLED = 200_000
"""Rows up to which a line that is no event is shown."""
_WHY = {
    1: ("no-time", Text("says no time", "未写明时间")),
    2: ("cut-line", Text("the line is cut off", "该行不完整")),
    3: ("garbage", Text("no text", "不是文本")),
}
_NO_YEAR = Text(
    "says no time, or one without a year while no window of the case tells it",
    "未写明时间，或时间未写年份而案件尚无时间窗可资判断",
)
_CAVEATS = {
    "two-zones": "clock-change", "clock-change": "clock-change", "assumption": "zone-inferred",
    "zone-contradicted": "zone-inferred",
}  # fmt: skip


@dataclass(frozen=True)
class FinishTask:
    """The parts of `source`, in order, with the offset that they were written with."""

    source: Source
    reading: Reading
    prepared: Prepared
    parts: tuple[Parsed, ...]
    offset: int | None
    root: Path
    year: int = 0


@dataclass
class Finished:
    """The file as the lake knows it; where nothing of a log can be used, what it is."""

    file: LogFile | None
    problems: list[Problem]
    aside: Aside | None = None


def finish(task: FinishTask) -> Finished:
    """Settle one source; parts that cannot be used are removed."""
    parts = [p for p in task.parts if p.rows]
    placed = place(parts, task.reading.tz)
    problems = [*task.prepared.problems, *placed.problems, *_odd(task)]
    if document := task.reading.document:
        problems += [Problem("assumption", "kept", note, count=0) for note in document.notes]
    kept = [done for part in parts if (done := _settled(task, part, placed)) is not None]
    problems = _shown(task, problems)
    if kept:
        return Finished(_file(task, kept, placed), problems)
    if not parts:
        problems.append(
            Problem(
                "empty", ABSENT, Text("holds no line that says when", "没有写明时间的行"),
                path=task.source.name, source=task.source.sha256,
            )
        )  # fmt: skip
    return Finished(None, problems, _aside(task.source, parts))


def _aside(source: Source, parts: Sequence[Parsed]) -> Aside:
    """A log of which no line can be placed."""
    formats: Counter[str] = sum((p.formats for p in parts), Counter())
    named = ", ".join(sorted(formats, key=lambda f: (-formats[f], f))[:3])
    times = [t for p in parts if p.first is not None for t in (p.first[1], p.last)]
    return Aside(source.sha256, source.name, named or "log", min(times, default=0),
                 max(times, default=0))  # fmt: skip


def _settled(task: FinishTask, part: Parsed, placed: Placed) -> Parsed | None:
    """The part with its times where they belong; written anew only where they moved."""
    if not part.naive or (placed.single is not None and placed.single == task.offset):
        return part
    offsets = [(row, o) for row, o in placed.offsets if o is not None]
    table = literal(str(part.path))
    written = coded()["zone"].index(WRITTEN) + 1
    fresh = part.path.with_suffix(".new")
    db = connection()
    if not offsets:
        query = f"SELECT * FROM read_parquet({table}) WHERE zone = {written}"
    else:
        word = coded()["zone"].index(placed.word) + 1
        listed = ", ".join(f"({row}, {offset})" for row, offset in offsets)
        query = (
            f"SELECT p.* REPLACE (CASE WHEN p.zone = {written} THEN p.ts ELSE "
            f"p.ts + {task.offset or 0} - z.east END AS ts, "
            f"CASE WHEN p.zone = {written} THEN p.zone ELSE {word}::TINYINT END AS zone) "
            f"FROM read_parquet({table}) p ASOF LEFT JOIN "
            f"(VALUES {listed}) z(first, east) ON p.row_no >= z.first"
        )
    db.execute(f"COPY (SELECT * FROM ({query}) ORDER BY row_no) TO {literal(str(fresh))} {COPY}")
    fresh.replace(part.path)
    rows, low, high, first, last = db.execute(
        f"SELECT count(*), min(ts), max(ts), min(row_no), max(row_last) FROM read_parquet({table})"
    ).fetchone() or (0, 0, 0, 0, 0)
    if not rows:
        part.path.unlink()
        return None
    return replace(part, rows=rows, ts_min=low, ts_max=high, row_min=first, row_max=last)


def _file(task: FinishTask, parts: Sequence[Parsed], placed: Placed) -> LogFile:
    spec = task.reading.spec
    formats: Counter[str] = sum((p.formats for p in parts), Counter())
    kinds: Counter[str] = sum((p.kinds for p in parts), Counter())
    venues: Counter[str] = sum((p.venues for p in parts), Counter())
    short = task.source.sha256[:16]
    naive = any(p.naive for p in parts)
    made = LogFile(
        task.source.sha256, task.source.name, task.source.size, task.prepared.lines,
        sum(p.rows for p in parts), min(p.ts_min for p in parts), max(p.ts_max for p in parts),
        min(p.row_min for p in parts), max(p.row_max for p in parts),
        tuple(p.path.name for p in parts), f"{short}-attempts.parquet", 0,
        spec.client or task.source.name, spec.venue or _main(venues), bool(spec.venue),
        spec.interface,
        tuple(sorted({o for _, o in placed.offsets if o is not None})) if naive else (),
        dict(formats), dict(kinds),
        tuple(sorted({_CAVEATS[p.code] for p in placed.problems if p.code in _CAVEATS})),
    )  # fmt: skip
    target = task.root / made.attempts
    db = connection()
    query = ATTEMPTS_SQL.format(events=made.events(task.root), last=made.ts_max)
    db.execute(f"COPY ({query}) TO {literal(str(target))} {COPY}")
    count = db.execute(f"SELECT count(*) FROM read_parquet({literal(str(target))})").fetchone()
    return replace(made, attempt_rows=count[0] if count else 0)


def _main(venues: Counter[str]) -> str:
    """The venue of most lines that name one, where no other is near."""
    if not venues:
        return ""
    (name, count), *rest = venues.most_common(2)
    return name if not rest or count >= 10 * rest[0][1] else ""


def _odd(task: FinishTask) -> list[Problem]:
    """Lines that are no events, consecutive ones of one kind as one problem."""
    found: list[Problem] = []
    rest = 0
    for part in task.parts:
        for row, why in part.odd:
            code, text = _WHY[why]
            if code == "no-time" and not task.year:
                text = _NO_YEAR
            last = found[-1] if found else None
            if last is not None and last.code == code and last.last == row - 1:
                found[-1] = replace(last, last=row, count=last.count + 1)
            elif len(found) < _MOST_PLACES:
                found.append(Problem(code, ASIDE, text, first=row, last=row))
            else:
                rest += 1
        rest += part.strange - len(part.odd)
    if rest:
        words = Text(f"{rest:,} more lines that are no events", f"另有 {rest:,} 行不是事件")
        found.append(Problem("no-time", ASIDE, words, count=rest))
    return found


def _shown(task: FinishTask, problems: Sequence[Problem]) -> list[Problem]:
    """The problems with their file and, for lines that are none, the first ones as they stand,
    without credentials."""
    source = task.source
    if task.reading.document is None and task.prepared.blocks:
        near = [p for p in problems if (p.first or 0) < _SAMPLED]
        far = [p for p in problems if (p.first or 0) >= _SAMPLED]
        problems = [*with_samples(near, task.prepared.blocks[0].path), *far]
    return [
        replace(p, path=source.name, source=source.sha256, sample=without(p.sample))
        for p in problems
    ]
