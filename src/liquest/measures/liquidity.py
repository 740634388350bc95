"""`liquidity`: how thin a market was, from its trades alone.

    liquidity.impact        median over the minutes of |move| per million traded ("bps/M")
    liquidity.impact_ratio  the same over that of the equal length before the window ("ratio")
    liquidity.pace          median trades per minute ("trades")
    liquidity.slowest       fewest trades in a minute, `at` that minute ("trades")
    liquidity.idle          minutes without a trade ("min")
    liquidity.jump          largest move from one second with trades to the next ("bps", signed)

Impact is the ratio of Amihud (2002) by minute: |close / close before − 1| over the notional of
the minute. It does not know who moved whom: news moves a price without a trade.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..clock import MINUTE, SECOND, Window
from ..errors import Text
from ..findings import Finding, Input, Method, Value, rounded
from ..problems import ABSENT, Problem
from ..run.database import connection
from ..tape.tracks import Floats, Ints, Track
from . import Context, flatten
from ._book import coverage, money, scanned

NAME = "liquidity"
DEFAULTS: Mapping[str, Any] = {"windows": []}
_PLACES = 6

MINUTES_SQL = """
SELECT ts // 60000000 * 60000000 AS minute, arg_max(close, ts)::DOUBLE AS close,
       sum(coalesce(n, 1))::BIGINT AS n,
       sum(coalesce(notional::DOUBLE, volume::DOUBLE * close::DOUBLE)) AS notional
FROM {rows} WHERE ts >= {start} AND ts < {end} AND coalesce(n, 1) > 0
GROUP BY 1 ORDER BY 1
"""
JUMP_SQL = """
WITH steps AS (
    SELECT ts, source_id, row_no, close,
           lag(close) OVER (ORDER BY ts, source_id, row_no) AS before
    FROM {rows} WHERE ts >= {start} AND ts < {end} AND coalesce(n, 1) > 0)
SELECT ts, source_id, row_no, (close::DOUBLE / before::DOUBLE - 1) * 10000 AS move
FROM steps WHERE before > 0 ORDER BY abs(move) DESC, ts LIMIT 1
"""

METHODS = (
    Method(
        NAME,
        Text("Liquidity from trades alone", "仅由成交得出的流动性"),
        Text(
            "impact: the median, over the minutes of the window with trades in them and before, of "
            "|close / close of the last minute with trades − 1| × 10,000 / (notional / 1,000,000) "
            "(Amihud 2002). impact_ratio: over the same of the equal length before the window. "
            "pace and slowest: median and least trades of a minute, minutes without counted as 0. "
            "jump: the largest change of the close from one row (a second with trades, or a bar) "
            "to the next. Rounded half-even to 6 decimals.",
            "impact：时间窗内有成交的各分钟 |收盘 / 上一有成交分钟收盘 − 1| × 10000 /（名义额 / "
            "1000000）的中位数（Amihud 2002）。impact_ratio：与窗口前同等时长之值的比。pace、"
            "slowest：每分钟成交笔数的中位数与最小值，无成交的分钟计 0。jump：相邻两行（有成交的秒"
            "或 K 线）收盘价的最大变化。舍入到 6 位小数。",
        ),
        f"{MINUTES_SQL}\n{JUMP_SQL}".strip(),
    ),
)


@dataclass(frozen=True)
class Task:
    """One track of trades in one window."""

    track: Track
    window: Window


@dataclass(frozen=True)
class Minutes:
    """Minutes with trades: their beginnings (µs), last prices, trades, notional."""

    minute: Ints
    close: Floats
    n: Ints
    notional: Floats

    def impact(self) -> float | None:
        """The median impact in basis points per million; None without two minutes."""
        if len(self.minute) < 2:
            return None
        moves = np.abs(self.close[1:] / self.close[:-1] - 1) * 10_000
        worth = self.notional[1:] / 1_000_000
        known = worth > 0
        return float(np.median(moves[known] / worth[known])) if known.any() else None


def plan(context: Context) -> list[Task]:
    """Every track of trades fine enough, second by second where it can be."""
    return [
        Task(track, window)
        for window in context.chosen
        for track in context.tracks(window, per_second=True)
        if track.price == "trade" and track.duration <= MINUTE
    ]


def work(task: Task) -> list[Finding]:
    """The findings of one track."""
    return list(_findings(task))


def _minutes(track: Track, start: int, end: int) -> Minutes:
    reach = Window("minutes", start, end)
    if not track.holds(reach):
        return Minutes(*(np.empty(0, np.int64), np.empty(0)) * 2)
    found = connection().execute(
        MINUTES_SQL.format(rows=track.table(reach), start=start, end=end)
    ).fetchnumpy()  # fmt: skip
    whole = [np.ma.filled(found[name], 0).astype(np.int64) for name in ("minute", "n")]
    parts = [np.ma.filled(found[name].astype(np.float64), np.nan) for name in ("close", "notional")]
    return Minutes(whole[0], parts[0], whole[1], parts[1])


def _findings(task: Task) -> Iterator[Finding]:
    track, window = task.track, task.window
    own = _minutes(track, window.start, window.end)
    if not len(own.minute):
        return
    length = window.end - window.start
    impact = own.impact()
    before = _minutes(track, window.start - length, window.start).impact()
    unit, notes = money(track)
    notes = (*notes, *coverage(track, window))
    if track.duration > SECOND:
        notes = (*notes, "bar-resolution")
    reach = Window("reach", window.start - length, window.end)

    def made(name: str, value: Value, unit: str, **more: Any) -> Finding:
        return Finding(
            f"{NAME}.{name}", track.subject, value, unit, METHODS[0].id, window=window,
            inputs=(*more.pop("rows", ()), *scanned(track, reach)), count=int(own.n.sum()),
            caveats=notes, **more,
        )  # fmt: skip

    if impact is not None:
        yield made("impact", rounded(impact, _PLACES), "bps/M", params={"currency": unit})
        if before:
            yield made("impact_ratio", rounded(impact / before, _PLACES), "ratio")
    first = -(-window.start // MINUTE) * MINUTE
    minutes = np.arange(first, window.end // MINUTE * MINUTE, MINUTE, dtype=np.int64)
    if len(minutes):
        trades = np.zeros(len(minutes), dtype=np.int64)
        inside = (own.minute >= first) & (own.minute <= minutes[-1])
        trades[(own.minute[inside] - first) // MINUTE] = own.n[inside]
        yield made("pace", rounded(float(np.median(trades)), 1), "trades")
        least = int(np.argmin(trades))
        yield made("slowest", int(trades[least]), "trades", at=int(minutes[least]))
        yield made("idle", int((trades == 0).sum()), "min")
    row = connection().execute(
        JUMP_SQL.format(rows=track.table(window), start=window.start, end=window.end)
    ).fetchone()  # fmt: skip
    if row is not None:
        ts, source, row_no, move = row
        place = (Input(source, row_no, row_no, "extreme"),)
        yield made("jump", rounded(move, _PLACES), "bps", at=ts, rows=place)


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order; a problem where no window has trades."""
    found = flatten(partials)
    have = {f.window for f in found}
    problems = [
        Problem(
            "nothing-to-compare", ABSENT,
            Text(f"liquidity: no trades in the window '{w.name}'",
                 f"liquidity：时间窗“{w.name}”内没有成交"),
        )
        for w in context.chosen if w not in have
    ]  # fmt: skip
    return found, problems
