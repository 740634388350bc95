"""`update_gaps`: stretches of time, and updates, that a record of a book does not have.

    screen.update_gaps      one per source: holes ("holes"), how strong, in words; parameters: ids
                            missing, ids that run backwards, books begun anew
    screen.update_gaps.gap  a hole in time in which trades went on ("s"), the longest `listed`

A book that does not change need not be written down: a gap counts only where at least `least`
seconds in it have trades.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from ..clock import SECOND, Window, format_time
from ..errors import Text
from ..findings import Finding, Input, Method, plain
from ..measures import Context
from ..measures._book import PRICES, Piece, pieces, row_input, rows_of
from ..measures._params import decimal, integer
from ..problems import Problem
from ..run.database import connection
from ._result import (
    HINT,
    SOUND,
    STRONG,
    Result,
    Said,
    Source,
    finding,
    many,
    moment,
    sources,
    span_of,
)
from ._witness import Witness, witness

NAME = "update_gaps"
DEFAULTS: Mapping[str, Any] = {"longest": "10", "least": 3, "consecutive": "0.99", "listed": 20}
RECORDS = {**PRICES, "increments": "change"}

TIMES_SQL = "SELECT ts, row_no FROM {rows}"
IDS_SQL = """
WITH steps AS (
    SELECT update_id - lag(update_id) OVER file AS step,
           coalesce(snapshot, 0) AS s, ts - lag(ts) OVER file AS gap,
           coalesce(lag(snapshot) OVER file, 0) AS before
    FROM {rows} WINDOW file AS (ORDER BY row_no))
SELECT count(step), count(*) FILTER (WHERE step BETWEEN 0 AND 1),
       coalesce(sum(step - 1) FILTER (WHERE step > 1), 0), count(*) FILTER (WHERE step > 1),
       count(*) FILTER (WHERE step < 0),
       count(*) FILTER (WHERE s = 1 AND (before = 0 OR gap > 1000000)) - 1
FROM steps
"""

METHODS = (
    Method(
        NAME,
        Text("Updates and stretches of time that are not there", "缺失的更新与时段"),
        Text(
            "A gap is `longest` seconds or more between two rows in which at least `least` whole "
            "seconds have trades. Ids: where at least `consecutive` of the steps from row to row "
            "are 0 or 1, each larger step is a loss; steps below zero run backwards. Begun anew: "
            "snapshots of changes after the first.",
            "相邻两行间隔不少于 longest 秒、且其间至少 least 个整秒有成交，即为空缺。编号：若至少 "
            "consecutive 比例的步长为 0 或 1，更大的步长即为丢失，负步长为倒退。重新开始：首个快照"
            "之后的快照。",
        ),
        f"{TIMES_SQL}\n{IDS_SQL}".strip(),
    ),
)
INNOCENT = Text(
    "the collector lost its connection or was restarted; the venue sent nothing under load",
    "采集者断线或重启；场所在高负载下未发送",
)


class Gap(NamedTuple):
    """Between two rows; `row` is the later one's number."""

    start: int
    end: int
    row: int


class Ids(NamedTuple):
    """Steps of update ids: all, those by 0 or 1, ids missing, in how many places, backwards;
    and books begun anew."""

    steps: int = 0
    fine: int = 0
    missing: int = 0
    places: int = 0
    backwards: int = 0
    anew: int = 0


@dataclass(frozen=True)
class Task:
    """One piece of a source and its witness."""

    source: Source
    piece: Piece
    witness: Witness
    longest: int


@dataclass(frozen=True)
class Times:
    """Of one piece: first and last row as (ts, row), and the gaps between."""

    first: tuple[int, int] | None = None
    last: tuple[int, int] | None = None
    gaps: tuple[Gap, ...] = ()


def plan(context: Context) -> list[Task]:
    """Every source of books, best quotes and changes, whole."""
    longest = int(decimal(context.params, "longest") * SECOND)
    tasks = []
    for record, price in RECORDS.items():
        for source in sources(context.lake, record, price):
            span = span_of(source.track)
            heard = witness(context.lake, source.track.instrument, span)
            tasks += [Task(source, p, heard, longest) for p in pieces(source.track, span)]
    return tasks


def work(task: Task) -> Times:
    """The gaps of one piece."""
    found = rows_of(task.piece, TIMES_SQL, 0)
    inside = (found.ts >= task.piece.start) & (found.ts < task.piece.end)
    ts, row = found.ts[inside], found.row[inside]
    if not len(ts):
        return Times()
    wide = np.flatnonzero(np.diff(ts) >= task.longest)
    gaps = tuple(Gap(int(ts[at]), int(ts[at + 1]), int(row[at + 1])) for at in wide)
    return Times((int(ts[0]), int(row[0])), (int(ts[-1]), int(row[-1])), gaps)


def merge(context: Context, partials: Sequence[Times]) -> tuple[list[Finding], list[Problem]]:
    """One result per source, then its longest gaps."""
    grouped: dict[tuple[str, str, str], list[tuple[Task, Times]]] = {}
    for task, times in zip(plan(context), partials, strict=True):
        track = task.source.track
        key = (track.record, track.instrument.key, task.source.sha256)
        grouped.setdefault(key, []).append((task, times))
    return [f for group in grouped.values() for f in _findings(context, group)], []


def _findings(context: Context, group: Sequence[tuple[Task, Times]]) -> Iterator[Finding]:
    task = group[0][0]
    source, params = task.source, context.params
    gaps = _heard(task.witness, _all(task, [t for _, t in group]), integer(params, "least", 1))
    ids = _ids(source) if source.track.record == "increments" else Ids()
    lost = (
        ids.missing if ids.steps and ids.fine >= decimal(params, "consecutive") * ids.steps else 0
    )
    told = {
        "missing_ids": lost, "backwards": ids.backwards, "begun_anew": max(ids.anew, 0),
        "longest": decimal(params, "longest"), "least": integer(params, "least", 1),
    }  # fmt: skip
    beside = task.witness.inputs
    worst = max(gaps, key=lambda g: (g.end - g.start, -g.start), default=None)
    at = None if worst is None else worst.start
    rows: tuple[Input, ...] = beside
    if worst is not None:
        rows = (row_input(source.track, worst.row), *beside)
    result = _result(source, gaps, worst, lost, told)
    yield finding(NAME, METHODS[0], source, Said(result, len(gaps), "holes", at, rows, told))
    longest = sorted(gaps, key=lambda g: (g.start - g.end, g.start))
    for gap in sorted(longest[: integer(params, "listed", 0)]):
        row = (row_input(source.track, gap.row), *beside)
        more = {**told, "until": format_time(gap.end)}
        said = Said(_result(source, [gap], gap, 0, {}), _seconds(gap), "s", gap.start, row, more)
        yield finding(NAME, METHODS[0], source, said, "gap")


def _all(task: Task, times: Sequence[Times]) -> list[Gap]:
    """The gaps of all pieces, and between them."""
    made: list[Gap] = []
    last: tuple[int, int] | None = None
    for one in times:
        if one.first is None or one.last is None:
            continue
        if last is not None and one.first[0] - last[0] >= task.longest:
            made.append(Gap(last[0], one.first[0], one.first[1]))
        made += one.gaps
        last = one.last
    return made


def _heard(heard: Witness, gaps: Sequence[Gap], least: int) -> list[Gap]:
    """The gaps in which trades went on."""
    kept = []
    for gap in gaps:
        start, end = -(-gap.start // SECOND) * SECOND, gap.end // SECOND * SECOND
        if end > start:
            low, _ = heard.seconds(Window("gap", start, end))
            if int((~np.isnan(low)).sum()) >= least:
                kept.append(gap)
    return kept


def _ids(source: Source) -> Ids:
    table = source.track.table(span_of(source.track))
    return Ids(*(connection().execute(IDS_SQL.format(rows=table)).fetchone() or ()))


def _result(
    source: Source, gaps: Sequence[Gap], worst: Gap | None, lost: int, told: Mapping[str, Any]
) -> Result:
    en, zh = [], []
    if worst is not None:
        stood, since = plain(_seconds(worst)), moment(worst.start)
        en.append(
            f"{many(len(gaps), 'gap')} while trades went on, the longest {stood} s from {since} "
            "(UTC)"
        )
        zh.append(f"成交持续期间有 {len(gaps)} 处空缺，最长 {stood} 秒，始于 {since}（UTC）")
    if lost:
        en.append(f"{many(lost, 'update id')} missing")
        zh.append(f"缺 {lost:,} 个更新编号")
    if back := told.get("backwards"):
        en.append(f"update ids run backwards {many(back, 'time')}")
        zh.append(f"更新编号倒退 {back:,} 次")
    if anew := told.get("begun_anew"):
        en.append(f"the book begins anew {many(anew, 'time')}")
        zh.append(f"订单簿重新开始 {anew:,} 次")
    if not en:
        return Result(
            SOUND,
            Text(f"no gap in {source.rows:,} rows", f"{source.rows:,} 行中没有空缺"),
        )
    strong = worst is not None or lost or told.get("backwards")
    return Result(STRONG if strong else HINT, Text("; ".join(en), "；".join(zh)), INNOCENT)


def _seconds(gap: Gap) -> Decimal:
    return Decimal(gap.end - gap.start) / SECOND
