"""`bars`: a source's bars against the trades of the same instrument.

    screen.bars      one per source of bars: bars that the trades contradict ("bars"), in words;
                     parameters: compared, prices, volumes, counts
    screen.bars.bar  the first `listed` of them, `at` the opening time

Compared are bars of traded prices that the trades cover from their first to their last moment.
A price must agree exactly; a volume within `volume` of itself; a count exactly.
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
from ..tape.tracks import Track
from ._result import SOUND, STRONG, Result, Said, Source, finding, many, moment, sources, span_of

NAME = "bars"
DEFAULTS: Mapping[str, Any] = {"volume": "0.000001", "listed": 50}

BARS_SQL = """
WITH bars AS (
    SELECT ts, duration, open, high, low, close, volume, n, source_id, row_no FROM {bars}
    WHERE series = 'trade' AND ts >= {start} AND ts + duration <= {end}),
made AS (
    SELECT b.ts, b.duration,
           arg_min(s.open, s.ts) AS open, max(s.high) AS high, min(s.low) AS low,
           arg_max(s.close, s.ts) AS close, sum(s.volume)::DOUBLE AS volume, sum(s.n) AS n
    FROM bars b JOIN {seconds} s ON s.ts >= b.ts AND s.ts < b.ts + b.duration
    GROUP BY b.ts, b.duration),
compared AS (
    SELECT b.ts, b.row_no, b.source_id,
           (b.open <> m.open)::INT + (b.high <> m.high)::INT + (b.low <> m.low)::INT
               + (b.close <> m.close)::INT AS prices,
           coalesce((abs(b.volume::DOUBLE - m.volume) > {volume} * m.volume)::INT, 0) AS volumes,
           coalesce((b.n <> m.n)::INT, 0) AS counts,
           b.low AS low, m.low AS traded_low, b.high AS high, m.high AS traded_high,
           b.volume AS volume, m.volume AS traded_volume, b.n AS n, m.n AS traded_n
    FROM bars b JOIN made m USING (ts, duration)
    WHERE b.volume IS NULL OR b.volume > 0)
SELECT * FROM compared ORDER BY ts, row_no
"""

METHODS = (
    Method(
        NAME,
        Text("Bars against trades", "K 线与成交的比对"),
        Text(
            "Open, high, low and close of a bar against those of the trades within it, exactly; "
            "volume in base units within `volume` of itself; the count exactly, where the bar has "
            "one. Only bars that lie within the first and last trade of one source are compared; "
            "bars without volume and bars without trades within them are left out.",
            "K 线的开高低收与其间成交逐项精确比对；成交量（标的币）允许 volume 比例的误差；有笔数者"
            "精确比对。仅比对完全落在某一来源首末成交之间的 K 线；无成交量或其间无成交者不计。",
        ),
        BARS_SQL.strip(),
    ),
)
INNOCENT = Text(
    "trades are missing from one of the two, a venue leaves some trades out of its bars, or it "
    "corrected its history after one of the two was taken",
    "两者之一缺少成交；场所的 K 线不含某些成交；或其中之一取得后场所更正过历史",
)


class Bar(NamedTuple):
    """One comparison; each of the first three counts what does not agree."""

    ts: int
    row: int
    source: str
    prices: int
    volumes: int
    counts: int
    low: Decimal
    traded_low: Decimal
    high: Decimal
    traded_high: Decimal
    volume: Decimal | None
    traded_volume: float | None
    n: int | None
    traded_n: int


@dataclass(frozen=True)
class Task:
    """One source of bars and the seconds of one source of trades."""

    source: Source
    seconds: Track
    volume: Decimal
    listed: int


def plan(context: Context) -> list[Task]:
    """Every source of bars with trades of the same instrument beside it."""
    lake = context.lake
    volume, listed = decimal(context.params, "volume"), integer(context.params, "listed", 0)
    tasks = []
    for source in sources(lake, "bars", "trade"):
        for trades in _seconds(lake, source):
            if any("trade" in dict(p.series) for p in source.track.parts):
                tasks.append(Task(source, trades, volume, listed))
    return tasks


def _seconds(lake: Lake, source: Source) -> Iterator[Track]:
    """The seconds of every other source of the instrument's trades."""
    parts = lake.of("seconds", source.track.instrument)
    for other in sorted({p.source for p in parts} - {source.sha256}):
        own = tuple(p for p in parts if p.source == other)
        yield Track(lake.root, source.track.instrument, "trade", "seconds", 1_000_000, own)


def work(task: Task) -> list[Finding]:
    """The findings of one source of bars against one of trades."""
    return list(_findings(task))


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order."""
    del context
    return flatten(partials), []


def _findings(task: Task) -> Iterator[Finding]:
    span, traded = span_of(task.source.track), span_of(task.seconds)
    # The second of the first and of the last trade may be known in part only.
    start, end = traded.start // 1_000_000 * 1_000_000, traded.end - 1_000_000
    track = task.source.track
    bars_table = Lake(track.root, track.parts).table("bars", track.instrument, span)
    rows = connection().execute(
        BARS_SQL.format(
            bars=bars_table,
            seconds=task.seconds.table(traded), start=start, end=end, volume=f"{task.volume:f}",
        )
    ).fetchall()  # fmt: skip
    if not rows:
        return
    bars = [Bar(*row) for row in rows]
    wrong = [b for b in bars if b.prices or b.volumes or b.counts]
    told = {
        "compared": len(bars), "prices": sum(b.prices > 0 for b in bars),
        "volumes": sum(b.volumes for b in bars), "counts": sum(b.counts for b in bars),
        "against": task.seconds.parts[0].source,
    }  # fmt: skip
    beside = tuple(dict.fromkeys(Input(p.source, p.row_min, p.row_max) for p in task.seconds.parts))
    if not wrong:
        said = Text(
            f"{many(len(bars), 'bar')} agree with the trades",
            f"{len(bars):,} 根 K 线与成交一致",
        )
        made = Said(Result(SOUND, said), 0, "bars", rows=beside, params=told)
        yield finding(NAME, METHODS[0], task.source, made)
        return
    first = wrong[0]
    row = (Input(first.source, first.row, first.row, "extreme"), *beside)
    result = _result(bars, wrong, told)
    yield finding(
        NAME, METHODS[0], task.source, Said(result, len(wrong), "bars", first.ts, row, told)
    )
    for bar in wrong[: task.listed]:
        more = {
            "low": bar.low, "traded_low": bar.traded_low, "high": bar.high,
            "traded_high": bar.traded_high, "n": bar.n, "traded_n": int(bar.traded_n),
            "differ": [k for k in ("prices", "volumes", "counts") if getattr(bar, k)],
        }  # fmt: skip
        row = (Input(bar.source, bar.row, bar.row, "extreme"), *beside)
        made = Said(_result([bar], [bar], told), bar.prices, "prices", bar.ts, row, more)
        yield finding(NAME, METHODS[0], task.source, made, "bar")


def _result(bars: Sequence[Bar], wrong: Sequence[Bar], told: Mapping[str, Any]) -> Result:
    prices, volumes, counts = (
        sum(getattr(b, k) > 0 for b in wrong) for k in ("prices", "volumes", "counts")
    )
    said = Text(
        f"{len(wrong):,} of {len(bars):,} bars differ from the trades, the first at "
        f"{moment(wrong[0].ts, dated=True)} (UTC): prices in {prices:,}, volume in {volumes:,}, "
        f"count in {counts:,}",
        f"{len(bars):,} 根 K 线中有 {len(wrong):,} 根与成交不符，首根为 "
        f"{moment(wrong[0].ts, dated=True)}（UTC）：价格 {prices:,} 根、成交量 {volumes:,} 根、"
        f"笔数 {counts:,} 根",
    )
    return Result(STRONG, said, INNOCENT)
