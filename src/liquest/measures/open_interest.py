"""`open_interest`: how it fell, and what that can and cannot say about holders.

    open_interest.start   the last known at the window's start, in the venue's own units
    open_interest.least   the least in the window, `at` its moment
    open_interest.end     the last known in the window
    open_interest.drop    (start − least) / start ("ratio")
    open_interest.cleared_least  least share of the start's positions that was closed ("ratio")
    open_interest.cleared_most   largest share that can have been ("ratio")

Open interest is one number for both sides. Of Q₀ at the start and Q₁ at the low, at least
Q₀ − Q₁ of the start's longs were closed and as much of its shorts; a trade of size v closes at
most v of either, so with a volume V in between at most min(Q₀, V) were. How many accounts held
them, whether they closed or were closed, and who opened new ones, it does not say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from ..clock import Window
from ..errors import Text
from ..findings import Finding, Input, Method, Value, rounded
from ..problems import ABSENT, Problem
from ..run.database import connection
from ..tape.tracks import Track
from . import Context, flatten
from ._book import coverage, scanned
from ._values import VALUES_SQL, Point, points

NAME = "open_interest"
DEFAULTS: Mapping[str, Any] = {"windows": []}
_PLACES = 6

VOLUME_SQL = "SELECT sum({size}) FROM {rows} WHERE ts > {start} AND ts <= {end}"

METHODS = (
    Method(
        NAME,
        Text("Open interest and what its fall can say", "未平仓量及其下降能说明什么"),
        Text(
            "start: the last value at or before the window's start, else the first in it "
            "(no-baseline). drop = (start − least) / start. cleared_least: the same, as a share of "
            "the positions of the start: what was opened in between only raises it. cleared_most: "
            "min(1, V / start), V the volume traded from the start to the low in the same units, "
            "where the tape has it. The share of accounts, the split into forced and voluntary "
            "closing, and the split between old and new positions do not follow from open "
            "interest. volume-below-drop: less was traded than open interest fell, which cannot "
            "be: volume or open interest is incomplete, or their units differ.",
            "start：时间窗起点或之前的最后一个值；没有时取窗内第一个值（no-baseline）。drop ="
            "（start − least）/ start。cleared_least：同值，作为起点持仓中必已平仓的比例下限，期间"
            "新开仓只会使其更高。cleared_most：min(1, V / start)，V 为起点至最低点之间同单位的成交"
            "量（行情带有此数据时）。账户比例、强平与主动平仓之分、新旧持仓之分均不能由未平仓量推"
            "出。volume-below-drop：成交量小于未平仓量的降幅，不可能成立：成交量或未平仓量不完整，"
            "或单位不同。",
        ),
        f"{VALUES_SQL}\n{VOLUME_SQL}".strip(),
    ),
)


@dataclass(frozen=True)
class Task:
    """One instrument in one window; `volume` is where its trades or bars are."""

    track: Track
    volume: Track | None
    window: Window


def plan(context: Context) -> list[Task]:
    """Every instrument with a state in the window."""
    lake, tasks = context.lake, []
    for window in context.chosen:
        traded = {
            t.instrument: t for t in context.tracks(window) if t.price == "trade"
        }  # fmt: skip
        for instrument in lake.instruments("ticker"):
            if lake.of("ticker", instrument, window):
                parts = lake.of("ticker", instrument)
                track = Track(lake.root, instrument, "ticker", "ticker", 0, parts)
                tasks.append(Task(track, traded.get(instrument), window))
    return tasks


def work(task: Task) -> list[Finding]:
    """The findings of one instrument."""
    found = points(task.track, "open_interest", task.window)
    return list(_findings(task, found)) if "least" in found else []


def _findings(task: Task, found: Mapping[str, Point]) -> Iterator[Finding]:
    track, window = task.track, task.window
    start = found.get("start", found["first"])
    least, end = found["least"], found["end"]
    notes = list(coverage(track, window))
    if "start" not in found:
        notes.append("no-baseline")
    spans = scanned(track, Window("read", min(start.ts, window.start), window.end))
    count = sum(p.rows for p in track.parts)

    def made(
        name: str, value: Value, unit: str, rows: tuple[Point, ...], more: Mapping[str, Any] = {},
        extra: Sequence[str] = (), inputs: tuple[Input, ...] = (),
    ) -> Finding:  # fmt: skip
        at = rows[-1].ts if rows else None
        return Finding(
            f"{NAME}.{name}", track.subject, value, unit, METHODS[0].id, at=at, window=window,
            params=dict(more), inputs=(*(r.input for r in rows), *spans, *inputs), count=count,
            caveats=(*notes, *extra),
        )  # fmt: skip

    yield made("start", start.value, "units", (start,))
    yield made("least", least.value, "units", (least,))
    yield made("end", end.value, "units", (end,))
    if start.value <= 0:
        return
    with localcontext(prec=40):
        drop = max((start.value - least.value) / start.value, Decimal(0))
    yield made("drop", rounded(drop, _PLACES), "ratio", (start, least))
    yield made("cleared_least", rounded(drop, _PLACES), "ratio", (start, least))
    volume = _volume(task, start.ts, least.ts)
    if volume is None or task.volume is None:
        return
    with localcontext(prec=40):
        most = min(volume / start.value, Decimal(1))
    short = ("volume-below-drop",) if volume < start.value - least.value else ()
    yield made(
        "cleared_most", rounded(most, _PLACES), "ratio", (start, least), {"volume": volume}, short,
        scanned(task.volume, Window("traded", start.ts, least.ts + 1)),
    )  # fmt: skip


def _volume(task: Task, start: int, end: int) -> Decimal | None:
    """What was traded in between, in raw sizes; None where the tape does not say all of it."""
    track = task.volume
    if track is None or end <= start or min(p.ts_min for p in track.parts) > start:
        return None
    size = "raw_size" if track.record == "trades" else "raw_volume"
    reach = Window("traded", start, end + 1)
    if not track.holds(reach):
        return None
    query = VOLUME_SQL.format(size=size, rows=track.table(reach), start=start, end=end)
    row = connection().execute(query).fetchone()
    return None if row is None or row[0] is None else Decimal(row[0])


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order; a problem where there is no open interest at all."""
    found = flatten(partials)
    return found, [] if found else [_none(NAME)]


def _none(name: str) -> Problem:
    words = Text(f"{name}: no open interest in the tape", f"{name}：行情带中没有未平仓量")
    return Problem("no-open-interest", ABSENT, words, count=0)
