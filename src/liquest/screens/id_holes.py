"""`id_holes`: trade ids that a source does not have, minute by minute.

    screen.id_holes         one per source: ids missing between its first and last ("trades")
    screen.id_holes.window  those in a window of the case
    screen.id_holes.minute  those of a minute, `at` its begin; a hole counts where it ends

Only where ids are consecutive (at least `consecutive` of the steps are by one) is a jump a hole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..clock import DAY, MINUTE, SECOND, Window
from ..errors import Text
from ..findings import Finding, Method, rounded
from ..measures import Context, flatten
from ..measures._params import decimal, integer
from ..problems import Problem
from ..run.database import connection
from ._result import SOUND, STRONG, Result, Said, Source, finding, minute, sources, span_of

NAME = "id_holes"
DEFAULTS: Mapping[str, Any] = {"windows": [], "consecutive": "0.95", "listed": 240}
_HALF_HOUR = 30 * MINUTE

NUMERIC_SQL = "SELECT count(*) FROM {rows} WHERE try_cast(id AS BIGINT) IS NULL"
HOLES_SQL = """
WITH numbered AS (
    SELECT ts, id::BIGINT AS id, source_id, row_no,
           lag(id::BIGINT) OVER later AS before, lag(ts) OVER later AS ts_before
    FROM {rows} WINDOW later AS (ORDER BY id::BIGINT))
SELECT ts, id - before - 1 AS missing, ts - ts_before AS gap, row_no
FROM numbered WHERE id > before + 1 ORDER BY ts, row_no
"""
STEPS_SQL = """
SELECT count(*), count(*) FILTER (WHERE step = 1)
FROM (SELECT id::BIGINT - lag(id::BIGINT) OVER (ORDER BY id::BIGINT) AS step FROM {rows})
WHERE step IS NOT NULL AND step > 0
"""

METHODS = (
    Method(
        NAME,
        Text("Trade ids that are not there", "缺失的成交编号"),
        Text(
            "Ids in their own order; between two that follow each other the ids in between are "
            "missing, and count to the minute of the later trade. single: holes of one id; "
            "close: missing ids whose two neighbours are less than a second apart, so that "
            "trades around them were recorded. pattern: scattered where at least half are close, "
            "else runs. A collector that loses its connection loses ids "
            "in one run over a stretch of time; ids that a venue gives to what it does not "
            "publish as trades lie scattered among recorded ones.",
            "按编号排序，相邻两编号之间的编号即为缺失，计入后一笔成交所在分钟。single：仅缺一个编"
            "号的空缺；close：两侧相邻成交间隔不足一秒的缺失编号，即其前后成交均有记录。pattern："
            "半数以上为 close 者为 scattered，否则为 runs。采集中断会在一段时间内成片丢失编号；场"
            "所分配给未作为成交公布之事项的编号则散布于已记录成交之间。",
        ),
        f"{HOLES_SQL}\n{STEPS_SQL}".strip(),
    ),
)
INNOCENT = Text(
    "the collector lost rows; or the venue gives ids to what it does not publish as trades, such "
    "as auto-deleveraging and transfers to the insurance fund",
    "采集者丢失了若干行；或场所将编号分配给未作为成交公布的事项，如自动减仓与保险基金划转",
)
NOT_FOLLOW = Text(
    "that trades were removed, or how large the missing ones were: lows and volumes of those "
    "minutes rest on the trades that are there",
    "有成交被删除，或缺失成交的大小：这些分钟的最低价与成交量仅依据已有成交",
)


SCATTERED, RUNS = "scattered", "runs"
_WAYS = {
    SCATTERED: Text(
        "scattered among trades on record, as ids of what is not published are",
        "散布于已记录成交之间，如未公布事项的编号",
    ),
    RUNS: Text(
        "with a pause in the record beside them, as when a collector loses its connection",
        "旁边的记录有停顿，如采集者断线",
    ),
}


def pattern(missing: int, close: int) -> str:
    """How the holes lie, by whether most of the missing ids have a pause beside them."""
    return SCATTERED if 2 * close >= missing else RUNS


@dataclass(frozen=True)
class Task:
    """One source of trades."""

    source: Source
    windows: tuple[Window, ...]
    consecutive: Decimal
    listed: int


@dataclass(frozen=True)
class Hole:
    """Ids that are not there: how many, µs between their neighbours, row of the later one."""

    ts: int
    missing: int
    gap: int
    row: int


def plan(context: Context) -> list[Task]:
    """Every source of trades, whole."""
    consecutive = decimal(context.params, "consecutive")
    listed = integer(context.params, "listed", 0)
    return [
        Task(source, tuple(context.chosen), consecutive, listed)
        for source in sources(context.lake, "trades", "trade")
    ]


def work(task: Task) -> list[Finding]:
    """The findings of one source; none where its ids are no numbers or not consecutive."""
    return list(_findings(task))


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order."""
    del context
    return flatten(partials), []


def _findings(task: Task) -> Iterator[Finding]:
    source, db = task.source, connection()
    table = source.track.table(span_of(source.track))
    (foreign,) = db.execute(NUMERIC_SQL.format(rows=table)).fetchone() or (1,)
    if foreign:
        return
    steps, by_one = db.execute(STEPS_SQL.format(rows=table)).fetchone() or (0, 0)
    if not steps or by_one < task.consecutive * steps:
        return
    holes = [Hole(*row) for row in db.execute(HOLES_SQL.format(rows=table)).fetchall()]
    missing = sum(h.missing for h in holes)
    if not holes:
        said = Text(
            f"the ids of {source.rows:,} trades follow each other without a hole",
            f"{source.rows:,} 笔成交的编号连续无缺",
        )
        yield finding(NAME, METHODS[0], source, Said(Result(SOUND, said), 0, "trades"))
        return
    close = sum(h.missing for h in holes if h.gap < SECOND)
    told = {
        "holes": len(holes), "single": sum(h.missing == 1 for h in holes), "close": close,
        "pattern": pattern(missing, close), "largest": max(h.missing for h in holes),
        "share": rounded(Decimal(missing) / (missing + source.rows), 6),
    }  # fmt: skip
    result = _result(source, holes, missing, close)
    first = holes[0]
    yield finding(NAME, METHODS[0], source, Said(result, missing, "trades", first.ts, (), told))
    for window in task.windows:
        own = [h for h in holes if window.start <= h.ts < window.end]
        if own:
            count = sum(h.missing for h in own)
            yield Finding(
                f"screen.{NAME}.window", source.track.subject, count, "trades", METHODS[0].id,
                window=window,
                params={"holes": len(own), "of": missing,
                        "close": sum(h.missing for h in own if h.gap < SECOND)},
                inputs=source.inputs, count=source.rows,
            )  # fmt: skip
    yield from _minutes(task, holes)


def _minutes(task: Task, holes: Sequence[Hole]) -> Iterator[Finding]:
    """The `listed` minutes with most ids missing, in time order."""
    by_minute: dict[int, list[Hole]] = {}
    for hole in holes:
        by_minute.setdefault(hole.ts // MINUTE * MINUTE, []).append(hole)
    most = sorted(by_minute.items(), key=lambda item: (-sum(h.missing for h in item[1]), item[0]))
    for at, own in sorted(most[: task.listed]):
        yield Finding(
            f"screen.{NAME}.minute", task.source.track.subject, sum(h.missing for h in own),
            "trades", METHODS[0].id, at=at,
            params={"holes": len(own), "single": sum(h.missing == 1 for h in own),
                    "close": sum(h.missing for h in own if h.gap < SECOND)},
            inputs=task.source.inputs, count=len(own),
        )  # fmt: skip


def _result(source: Source, holes: Sequence[Hole], missing: int, close: int) -> Result:
    """The words, with the half hour that holds most."""
    start, best = _busiest(holes)
    span = source.track.parts
    dated = span[0].ts_min // DAY != span[-1].ts_max // DAY
    begin, end = (minute(m, dated=dated) for m in (start, start + _HALF_HOUR))
    total, places = source.rows + missing, "place" if len(holes) == 1 else "places"
    way = _WAYS[pattern(missing, close)]
    said = Text(
        f"{missing:,} of {total:,} trade ids are missing in {len(holes):,} {places}, {best:,} of "
        f"them from {begin} to {end} (UTC); {close:,} of them between trades less than a second "
        f"apart: {way.en}",
        f"{total:,} 个成交编号中缺 {missing:,} 个，共 {len(holes):,} 处，其中 {best:,} 个在 "
        f"{begin} 至 {end}（UTC）；{close:,} 个位于间隔不足一秒的两笔成交之间：{way.zh}",
    )
    return Result(STRONG, said, INNOCENT, NOT_FOLLOW)


def _busiest(holes: Sequence[Hole]) -> tuple[int, int]:
    """Where the half hour begins in which most ids are missing, and how many; holes by time."""
    best, start, held, first = 0, holes[0].ts, 0, 0
    for hole in holes:
        held += hole.missing
        while hole.ts - holes[first].ts >= _HALF_HOUR:
            held -= holes[first].missing
            first += 1
        if held > best:
            best, start = held, holes[first].ts
    return start, best
