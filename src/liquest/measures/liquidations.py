"""`liquidations`: the prints of the public stream, and why their sum is a floor.

    liquidations.prints     prints in the window, identical rows once
    liquidations.repeated   rows that say again what another row says
    liquidations.longs      notional of forced sales (longs closed)
    liquidations.shorts     notional of forced purchases (shorts closed)
    liquidations.largest    the largest print, `at` its moment
    liquidations.seconds    seconds with a print ("s")
    liquidations.share      of the seconds of the window ("ratio")
    liquidations.per_second most prints of one second

Binance's stream pushes at most one liquidation per symbol and second since 2021-04-27: of a
busy second it shows one. A share of seconds near 1 says that the stream was full, and that the
sum may be any multiple of what is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..clock import SECOND, Window, parse_time
from ..errors import Text
from ..findings import Finding, Input, Method, Value, rounded
from ..problems import ABSENT, Problem
from ..run.database import connection
from ..tape.tracks import Track
from . import Context, flatten
from ._book import coverage, money, scanned

NAME = "liquidations"
DEFAULTS: Mapping[str, Any] = {"windows": []}
SAMPLED_FROM = parse_time("2021-04-27T00:00:00Z")

PRINTS_SQL = """
WITH all_rows AS (SELECT * FROM {rows} WHERE ts >= {start} AND ts < {end}),
prints AS (
    SELECT ts, side, price, raw_size, {worth} AS notional, min(source_id::VARCHAR) AS source_id,
           min(row_no) AS row_no, count(*) AS n
    FROM all_rows GROUP BY ts, side, price, raw_size, notional{id}),
largest AS (SELECT * FROM prints ORDER BY notional DESC NULLS LAST, ts, row_no LIMIT 1),
busy AS (SELECT ts // 1000000 AS second, count(*) AS n FROM prints GROUP BY 1)
SELECT (SELECT count(*) FROM prints), (SELECT sum(n - 1) FROM prints),
       (SELECT sum(notional) FROM prints WHERE side = 'sell'),
       (SELECT sum(notional) FROM prints WHERE side = 'buy'),
       (SELECT count(*) FROM busy), (SELECT max(n) FROM busy),
       (SELECT notional FROM largest), (SELECT ts FROM largest),
       (SELECT source_id FROM largest), (SELECT row_no FROM largest)
"""

METHODS = (
    Method(
        NAME,
        Text("Forced orders as the public stream shows them", "公开强平流所显示的强平订单"),
        Text(
            "Rows of one moment, side, price and size (and id, where there is one) count once. "
            "longs: the notional of forced sales, shorts: of forced purchases; contracts × "
            "contract size for inverse ones. sampled: the venue's stream shows at most one "
            "liquidation per symbol and second (Binance, since 2021-04-27), so each sum is a floor "
            "and not comparable with one from before that day. share: seconds with a print / "
            "seconds of the window; near 1 the stream was full.",
            "同一时刻、方向、价格、数量（及编号，若有）的行只计一次。longs：强制卖出的名义额；"
            "shorts：强制买入的名义额；反向合约取 张数×面值。sampled：该场所的强平流每个合约每秒至"
            "多显示一笔（币安自 2021-04-27 起），故各合计仅为下限，且不可与此前的数字比较。share："
            "有强平的秒数 / 时间窗秒数；接近 1 表示该流已满。",
        ),
        PRINTS_SQL.strip(),
    ),
)


@dataclass(frozen=True)
class Task:
    """One instrument in one window."""

    track: Track
    window: Window


def plan(context: Context) -> list[Task]:
    """Every instrument with prints in the window."""
    lake = context.lake
    return [
        Task(Track(lake.root, i, "liquidation", "liquidations", 0, parts), window)
        for window in context.chosen
        for i in lake.instruments("liquidations")
        if (parts := lake.of("liquidations", i, window))
    ]


def work(task: Task) -> list[Finding]:
    """The findings of one instrument."""
    return list(_findings(task))


def _findings(task: Task) -> Iterator[Finding]:
    track, window = task.track, task.window
    table = track.table(window)
    worth = "raw_size" if track.instrument.contract_size is None else "notional"
    ids = f"(SELECT count(id) FROM {table}) > 0"
    query = PRINTS_SQL.format(
        rows=table, start=window.start, end=window.end, worth=worth,
        id=f", CASE WHEN {ids} THEN id::VARCHAR END",
    )  # fmt: skip
    row = connection().execute(query).fetchone() or (0,)
    if not row[0]:
        return
    prints, repeated, longs, shorts, seconds, busiest, largest, at, source, row_no = row
    unit, notes = money(track)
    notes = (*notes, *coverage(track, window))
    if track.instrument.venue == "binance" and window.start >= SAMPLED_FROM:
        notes = (*notes, "sampled")

    def made(name: str, value: Value, unit: str, **more: Any) -> Finding:
        return Finding(
            f"{NAME}.{name}", track.subject, value, unit, METHODS[0].id, window=window,
            inputs=(*more.pop("rows", ()), *scanned(track, window)), count=prints, caveats=notes,
            **more,
        )  # fmt: skip

    yield made("prints", prints, "prints")
    yield made("repeated", int(repeated or 0), "rows")
    yield made("longs", longs or Decimal(0), unit)
    yield made("shorts", shorts or Decimal(0), unit)
    yield made("seconds", seconds, "s")
    whole = Decimal(window.end - window.start) / SECOND
    yield made("share", rounded(Decimal(seconds) / whole, 6), "ratio")
    yield made("per_second", busiest, "prints")
    if largest is not None:
        place = (Input(source, row_no, row_no, "extreme"),)
        yield made("largest", largest, unit, at=at, rows=place)


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order; a problem where there are no prints at all."""
    found = flatten(partials)
    words = Text(f"{NAME}: no liquidation prints in the tape", f"{NAME}：行情带中没有强平记录")
    return found, [] if found else [Problem("no-liquidations", ABSENT, words, count=0)]
