"""`marks`: bars of a mark or index against the number of updates that they state.

    screen.marks      one per source and kind of price: bars that cannot be, or lack updates
                      ("bars"), in words; parameters: still (moved without updates), sparse,
                      usual (median updates of a bar)
    screen.marks.bar  the first `listed` of them, `at` the opening time; value: its updates

A bar's `n` counts its updates where the source gives it. A price that is not the same at its
open, high, low and close was updated at least twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from ..errors import Text
from ..findings import Finding, Input, Method
from ..measures import Context, flatten
from ..measures._params import decimal, integer
from ..problems import Problem
from ..run.database import connection
from ..tape.lake import Lake
from ._result import (
    HINT,
    IMPOSSIBLE,
    SOUND,
    Result,
    Said,
    Source,
    finding,
    many,
    moment,
    sources,
    span_of,
)

NAME = "marks"
DEFAULTS: Mapping[str, Any] = {"sparse": "0.5", "listed": 50}
SERIES = ("mark", "index")
_NAMES = {"mark": "标记价", "index": "指数"}

MARKS_SQL = """
WITH bars AS (
    SELECT ts, duration, n, high <> low OR open <> close AS moved, source_id, row_no
    FROM {bars} WHERE series = '{series}' AND n IS NOT NULL),
usual AS (SELECT duration, median(n) AS usual FROM bars GROUP BY duration)
SELECT ts, n, moved AND n < 2 AS still, n < {sparse} * usual AS sparse, usual, source_id, row_no
FROM bars JOIN usual USING (duration) ORDER BY ts, row_no
"""

METHODS = (
    Method(
        NAME,
        Text("Mark and index bars against their updates", "标记价、指数 K 线与更新次数的比对"),
        Text(
            "still: the bar moved (high is not low, or open is not close) with fewer than two "
            "updates: it cannot. sparse: fewer than `sparse` of the median number of updates of "
            "the source's bars of that length: a mark that was computed less often, or sent so.",
            "still：K 线有变动（高不等于低，或开不等于收）而更新少于两次，不可能。sparse：更新次数"
            "少于该来源同长度 K 线中位数的 sparse 比例：标记价计算得较少，或发送得较少。",
        ),
        MARKS_SQL.strip(),
    ),
)
INNOCENT = Text(
    "updates were dropped on the way, the count is of another stream than the price, or the venue "
    "computed the mark less often for a while",
    "更新在途中丢失，笔数与价格来自不同的流，或场所一段时间内较少计算标记价",
)


class Bar(NamedTuple):
    ts: int
    n: int
    still: bool
    sparse: bool
    usual: float
    source: str
    row: int

    @property
    def input(self) -> Input:
        return Input(self.source, self.row, self.row, "extreme")


@dataclass(frozen=True)
class Task:
    """One source of bars and a kind of price that it has."""

    source: Source
    sparse: Decimal
    listed: int


def plan(context: Context) -> list[Task]:
    """Every source of bars, once for each of the two kinds that it has."""
    sparse, listed = decimal(context.params, "sparse"), integer(context.params, "listed", 0)
    return [
        Task(source, sparse, listed)
        for series in SERIES
        for source in sources(context.lake, "bars", series)
        if any(series in dict(p.series) for p in source.track.parts)
    ]


def work(task: Task) -> list[Finding]:
    """The findings of one source; none where its bars count no updates."""
    return list(_findings(task))


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order."""
    del context
    return flatten(partials), []


def _findings(task: Task) -> Iterator[Finding]:
    track = task.source.track
    # Of bars of any length: a track of bars would be of one.
    table = Lake(track.root, track.parts).table("bars", track.instrument, span_of(track))
    query = MARKS_SQL.format(bars=table, series=track.price, sparse=f"{task.sparse:f}")
    bars = [Bar(*row) for row in connection().execute(query).fetchall()]
    if not bars:
        return
    wrong = [b for b in bars if b.still or b.sparse]
    told = {
        "still": sum(b.still for b in bars), "sparse": sum(b.sparse for b in bars),
        "compared": len(bars), "usual": int(bars[0].usual),
    }  # fmt: skip
    if not wrong:
        said = Text(
            f"{many(len(bars), f'{track.price} bar')} fit the number of their updates",
            f"{len(bars):,} 根{_NAMES[track.price]} K 线与其更新次数相符",
        )
        yield finding(
            NAME, METHODS[0], task.source, Said(Result(SOUND, said), 0, "bars", params=told)
        )
        return
    first = next((b for b in wrong if b.still), min(wrong, key=lambda b: (b.n, b.ts)))
    made = Said(_result(task, bars, first), len(wrong), "bars", first.ts, (first.input,), told)
    yield finding(NAME, METHODS[0], task.source, made)
    for bar in wrong[: task.listed]:
        made = Said(_result(task, [bar], bar), bar.n, "updates", bar.ts, (bar.input,), told)
        yield finding(NAME, METHODS[0], task.source, made, "bar")


def _result(task: Task, bars: Sequence[Bar], first: Bar) -> Result:
    price = task.source.track.price
    named = _NAMES[price]
    still, sparse = sum(b.still for b in bars), sum(b.sparse and not b.still for b in bars)
    en, zh = [], []
    if still:
        en.append(f"{many(still, f'{price} bar')} moved with fewer than two updates")
        zh.append(f"{still:,} 根{named} K 线在更新不足两次时变动")
    if sparse:
        en.append(
            f"{sparse:,} of {len(bars):,} {price} bars have fewer updates than "
            f"{task.sparse:f} of the usual {int(first.usual):,}"
        )
        zh.append(
            f"{len(bars):,} 根{named} K 线中有 {sparse:,} 根的更新次数不足通常 "
            f"{int(first.usual):,} 次的 {task.sparse:f}"
        )
    at = moment(first.ts, dated=True)
    said = Text(
        f"{'; '.join(en)}; the first to look at: {at} (UTC), {many(first.n, 'update')}",
        f"{'；'.join(zh)}；首先应看 {at}（UTC），{first.n:,} 次更新",
    )
    return Result(IMPOSSIBLE if still else HINT, said, INNOCENT)
