"""`sources`: what two sources, or bars of two lengths, say of the same instrument.

    screen.sources      one per pair: longer bars that the shorter ones contradict ("bars"), in
                        words; parameters: compared, low, high
    screen.sources.bar  the first `listed` of them, `at` the opening time

A long bar's low is the lowest of the short bars that fill it, its high the highest. Only long
bars that are filled without a gap are compared. The subject's `price` says of which price.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from ..clock import MINUTE, SECOND
from ..errors import Text
from ..findings import Finding, Input, Method, plain
from ..measures import Context, flatten
from ..measures._params import integer
from ..problems import Problem
from ..run.database import connection
from ..tape.lake import Part
from ..tape.tracks import Track
from ._result import SOUND, STRONG, Result, Said, Source, finding, many, moment, span_of

NAME = "sources"
DEFAULTS: Mapping[str, Any] = {"listed": 50}

PAIR_SQL = """
WITH filled AS (
    SELECT l.ts, min(s.low) AS low, max(s.high) AS high, count(DISTINCT s.ts) AS bars
    FROM {long} l JOIN {short} s ON s.ts >= l.ts AND s.ts < l.ts + {length}
    GROUP BY l.ts)
SELECT l.ts, l.low, f.low, l.high, f.high, l.source_id, l.row_no
FROM {long} l JOIN filled f USING (ts)
WHERE f.bars * {step} = {length} ORDER BY l.ts, l.row_no
"""

METHODS = (
    Method(
        NAME,
        Text("One record against another", "同一品种不同记录的比对"),
        Text(
            "Low and high of every longer bar against the lowest low and highest high of the "
            "shorter bars of the same instrument and kind of price that fill it without a gap, "
            "exactly. Both may come from one venue and still differ: it can have changed its "
            "history between the two.",
            "以无缺口填满较长 K 线的同品种、同价格种类的较短 K 线之最低、最高价，与较长 K 线的低、"
            "高价精确比对。两者即使同出一个场所也可能不同：其间历史可能已更正。",
        ),
        PAIR_SQL.strip(),
    ),
)
INNOCENT = Text(
    "the venue corrected one of the two, or one of them was made from other trades (a filter for "
    "outliers, another feed)",
    "场所更正过其中之一，或其中之一由不同的成交生成（剔除异常值、不同数据流）",
)


class Bar(NamedTuple):
    """A long bar beside what fills it."""

    ts: int
    low: Decimal
    filled_low: Decimal
    high: Decimal
    filled_high: Decimal
    source: str
    row: int

    @property
    def differs(self) -> bool:
        return self.low != self.filled_low or self.high != self.filled_high

    @property
    def input(self) -> Input:
        return Input(self.source, self.row, self.row, "extreme")


@dataclass(frozen=True)
class Task:
    """Two tracks of bars of one instrument and kind of price, the longer first."""

    long: Track
    short: Track
    listed: int


def plan(context: Context) -> list[Task]:
    """Every pair of lengths next to each other, of every instrument and kind of price."""
    lake, listed = context.lake, integer(context.params, "listed", 0)
    tasks = []
    for instrument in lake.instruments("bars"):
        held: dict[str, dict[int, list[Part]]] = {}
        for part in lake.of("bars", instrument):
            for series, duration in part.series:
                held.setdefault(series, {}).setdefault(duration, []).append(part)
        for series, lengths in sorted(held.items()):
            for long, short in _pairs(sorted(lengths)):
                one, other = (
                    Track(lake.root, instrument, series, "bars", d, tuple(lengths[d]))
                    for d in (long, short)
                )
                tasks.append(Task(one, other, listed))
    return tasks


def _pairs(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each length with the longest shorter one that fills it."""
    for at, long in enumerate(lengths):
        fits = [d for d in lengths[:at] if d > SECOND and long % d == 0]
        if fits:
            yield long, fits[-1]


def work(task: Task) -> list[Finding]:
    """The findings of one pair; none where no long bar is filled."""
    return list(_findings(task))


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order."""
    del context
    return flatten(partials), []


def _findings(task: Task) -> Iterator[Finding]:
    reach = span_of(task.long)
    if not task.short.holds(reach):
        return
    query = PAIR_SQL.format(
        long=task.long.table(reach), short=task.short.table(reach), length=task.long.duration,
        step=task.short.duration,
    )  # fmt: skip
    bars = [Bar(*row) for row in connection().execute(query).fetchall()]
    if not bars:
        return
    wrong = [b for b in bars if b.differs]
    lengths = [f"{t.duration // MINUTE} min" for t in (task.long, task.short)]
    told = {"compared": len(bars), "long": lengths[0], "short": lengths[1]}
    source = Source(task.long, task.long.parts[0].source)
    beside = Source(task.short, task.short.parts[0].source).inputs
    if not wrong:
        said = Text(
            f"{many(len(bars), 'bar')} of {lengths[0]} agree with the bars of {lengths[1]} in them",
            f"{len(bars):,} 根 {lengths[0]} 的 K 线与其中的 {lengths[1]} K 线一致",
        )
        made = Said(Result(SOUND, said), 0, "bars", rows=beside, params=told)
        yield finding(NAME, METHODS[0], source, made)
        return
    first = wrong[0]
    rows = (first.input, *beside)
    said_of = _result(wrong, len(bars), lengths)
    yield finding(NAME, METHODS[0], source, Said(said_of, len(wrong), "bars", first.ts, rows, told))
    for bar in wrong[: task.listed]:
        more = {
            **told, "low": bar.low, "filled_low": bar.filled_low, "high": bar.high,
            "filled_high": bar.filled_high,
        }  # fmt: skip
        made = Said(_result([bar], 1, lengths), 1, "bars", bar.ts, (bar.input, *beside), more)
        yield finding(NAME, METHODS[0], source, made, "bar")


def _result(wrong: Sequence[Bar], compared: int, lengths: Sequence[str]) -> Result:
    first = wrong[0]
    at = moment(first.ts, dated=True)
    said = Text(
        f"{len(wrong):,} of {compared:,} bars of {lengths[0]} have another low or high than the "
        f"bars of {lengths[1]} in them, the first at {at} (UTC): low {plain(first.low)} against "
        f"{plain(first.filled_low)}, high {plain(first.high)} against {plain(first.filled_high)}",
        f"{compared:,} 根 {lengths[0]} 的 K 线中有 {len(wrong):,} 根的低价或高价与其中的 "
        f"{lengths[1]} K 线不同，首根为 {at}（UTC）：低 {plain(first.low)} 与 "
        f"{plain(first.filled_low)}，高 {plain(first.high)} 与 {plain(first.filled_high)}",
    )
    return Result(STRONG, said, INNOCENT)
