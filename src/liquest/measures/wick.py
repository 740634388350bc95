"""`wick`: one-minute candles that reach far out of their body on one venue and on no other.

Upper wick = high / max(open, close) − 1, lower wick = 1 − low / min(open, close), both as
"ratio" (0.41 is 41 %). A wick is beyond when it is larger than
max(floor, median + k · 1.4826 · MAD) of the instrument's own wicks of that direction in
the hour before the window; 1.4826 · MAD is the standard deviation of a normal sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from ..clock import HOUR, MINUTE, SECOND, Window, format_time
from ..errors import Text
from ..findings import Finding, Input, Method, rounded
from ..problems import Problem
from ..run.database import connection
from ..tape.tracks import Floats, Ints, Track
from . import Context, flatten
from ._coins import MIN_REACH, coins, fragments, thresholds
from ._params import integer

NAME = "wick"
UPPER, LOWER = "upper", "lower"
DEFAULTS: Mapping[str, Any] = {
    "windows": [],
    "floor": "0.02",
    "k": 10,
    "min_baseline": 10,
    "min_reach": MIN_REACH,
}

CANDLES_SQL = """
SELECT ts // 60000000 * 60000000 AS minute,
       first(open ORDER BY ts, source_id, row_no)::DOUBLE AS open,
       max(high)::DOUBLE AS high, min(low)::DOUBLE AS low,
       last(close ORDER BY ts, source_id, row_no)::DOUBLE AS close,
       sum(coalesce(n, 0))::BIGINT AS n
FROM {rows} WHERE low > 0 AND (n IS NULL OR n > 0)
GROUP BY minute ORDER BY minute
"""

ROWS_SQL = """
SELECT ts, open, high, low, close, high_ts, low_ts, source_id, row_no, {last} AS row_last
FROM {rows} WHERE low > 0 AND (n IS NULL OR n > 0)
  AND ts // 60000000 * 60000000 IN ({minutes})
ORDER BY ts, source_id, row_no
"""

METHODS = (
    Method(
        NAME,
        Text("Wicks on one venue alone", "仅见于单一场所的影线"),
        Text(
            "One-minute candles from trades (or bars up to a minute) that lie whole in the window. "
            "upper = high / max(open, close) − 1, lower = 1 − low / min(open, close). A wick is "
            "beyond when it is larger than max(floor, median + k × 1.4826 × MAD) of the "
            "instrument's own candles in the hour before the window; with fewer than min_baseline "
            "of them it is the floor alone (no-baseline). It is stated when, in that minute, at "
            "least one other venue of the coin traded and none of them has a wick beyond its own "
            "threshold in that direction. `at` is the moment of the extreme, the count the trades "
            "in the minute. count is the number of such candles, out of those that could be "
            "compared. Instruments whose data reach over less than min_reach of the window are "
            "left out.",
            "由成交（或不长于一分钟的 K 线）合成、完整落在时间窗内的一分钟蜡烛。上影 = 最高 / "
            "max(开, 收) − 1，下影 = 1 − 最低 / min(开, 收)。若大于 max(floor, 中位数 + k × "
            "1.4826 × MAD) 则为超限，后者取自该合约或交易对在时间窗前一小时的蜡烛；不足 "
            "min_baseline 根时仅用 floor（no-baseline）。仅当该分钟内至少一个其他场所有成交、且"
            "其他场所同方向均无超限影线时列出。at 为极值时刻，其 count 为该分钟成交笔数。"
            "wick.count 为此类蜡烛数，其 count 为可比较的蜡烛数。数据覆盖不足时间窗 min_reach 比"
            "例的合约或交易对不参与。",
        ),
        CANDLES_SQL.strip() + ";\n\n-- the decisive minutes, read again exactly\n"
        + ROWS_SQL.strip(),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Task:
    """The candles of one coin in one window."""

    coin: str
    tracks: tuple[Track, ...]
    window: Window
    floor: Decimal
    k: Decimal
    min_baseline: int


class Candles(NamedTuple):
    """A track's minutes (µs), wicks, trades and thresholds; `known` says if by a baseline."""

    track: Track
    minute: Ints
    wicks: Mapping[str, Floats]
    n: Ints
    limits: Mapping[str, float]
    known: bool


def plan(context: Context) -> list[Task]:
    """One task per window and coin that at least two venues trade."""
    given = context.params
    floor, k = (thresholds(given, name)[0] for name in ("floor", "k"))
    least = integer(given, "min_baseline", 1)
    return [
        Task(coin, tuple(tracks), window, floor, k, least)
        for window in context.chosen
        for (coin, _), tracks in coins(context, window, HOUR + MINUTE).items()
        if len({t.instrument.venue for t in tracks}) > 1
    ]


def work(task: Task) -> list[Finding]:
    """The wicks of every track of the coin that no other venue shows."""
    sides = [_candles(track, task) for track in task.tracks]
    found: list[Finding] = []
    for own in sides:
        if not len(own.minute):
            continue
        others = [c for c in sides if c.track.instrument.venue != own.track.instrument.venue]
        compared = np.isin(own.minute, np.concatenate([c.minute for c in others]))
        for direction in (UPPER, LOWER):
            beyond = compared & (own.wicks[direction] > own.limits[direction])
            for other in others:
                beyond &= ~np.isin(own.minute, _beyond(other, direction))
            found.append(_count(own, direction, int(beyond.sum()), int(compared.sum()), task))
            alone = [int(m) for m in own.minute[beyond]]
            found += _wicks(own, others, direction, alone, task)
    return found


def _candles(track: Track, task: Task) -> Candles:
    window, empty = task.window, np.empty(0, dtype=np.int64)
    begin = window.start // MINUTE * MINUTE
    reach = Window(window.name, begin - HOUR, window.end)
    if not track.holds(reach):
        nothing: dict[str, Floats] = {UPPER: np.empty(0), LOWER: np.empty(0)}
        floor = float(task.floor)
        return Candles(track, empty, nothing, empty, {UPPER: floor, LOWER: floor}, False)
    query = CANDLES_SQL.format(rows=track.table(reach))
    rows = connection().execute(query).fetchnumpy()
    minute, n = rows["minute"].astype(np.int64), rows["n"].astype(np.int64)
    body = (rows["open"], rows["close"])
    wicks = {
        UPPER: np.round(rows["high"] / np.maximum(*body) - 1, 12),
        LOWER: np.round(1 - rows["low"] / np.minimum(*body), 12),
    }
    before = (minute >= begin - HOUR) & (minute < begin)
    within = (minute >= window.start) & (minute + MINUTE <= window.end)
    known = int(before.sum()) >= task.min_baseline
    limits = {d: _limit(w[before] if known else w[:0], task) for d, w in wicks.items()}
    inside = {d: w[within] for d, w in wicks.items()}
    return Candles(track, minute[within], inside, n[within], limits, known)


def _limit(baseline: Floats, task: Task) -> float:
    """The robust threshold at 12 decimals; the floor where there is no baseline."""
    floor = float(task.floor)
    if not len(baseline):
        return floor
    middle = np.median(baseline)
    spread = 1.4826 * np.median(np.abs(baseline - middle))
    return max(floor, float(np.round(middle + float(task.k) * spread, 12)))


def _beyond(candles: Candles, direction: str) -> Ints:
    return candles.minute[candles.wicks[direction] > candles.limits[direction]]


def _count(own: Candles, direction: str, value: int, compared: int, task: Task) -> Finding:
    return Finding(
        name=f"{NAME}.count",
        subject=_subject(own, task),
        value=value,
        unit="candles",
        method=METHODS[0].id,
        window=task.window,
        params=_params(own, direction, task),
        inputs=_scanned(task.tracks),
        count=compared,
        caveats=() if own.known else ("no-baseline",),
    )


def _wicks(
    own: Candles, others: Sequence[Candles], direction: str, minutes: Sequence[int], task: Task
) -> list[Finding]:
    """One finding per minute, from the exact rows."""
    rows = _rows(own.track, minutes)
    made = []
    for minute in minutes:
        value, row = exact(rows[minute], direction)
        there = [c for c in others if (c.minute == minute).any()]
        trades = sum(int(c.n[c.minute == minute].sum()) for c in there)
        moment = row.high_ts if direction == UPPER else row.low_ts
        caveats = []
        if any(c.track.instrument.kind != own.track.instrument.kind for c in there):
            caveats.append("mixed-kinds")
        if not own.known:
            caveats.append("no-baseline")
        if trades < 10:
            caveats.append("thin-others")
        if moment is None and own.track.duration > SECOND:
            caveats.append("bar-resolution")
        made.append(
            Finding(
                name=f"{NAME}.{direction}",
                subject=_subject(own, task),
                value=value,
                unit="ratio",
                method=METHODS[0].id,
                at=row.ts if moment is None else moment,
                window=task.window,
                params={
                    **_params(own, direction, task),
                    "minute": format_time(minute, digits=0),
                    "others": [c.track.instrument.key for c in there],
                    "others_trades": trades,
                    "others_largest": max(_at(c, direction, minute) for c in there),
                },
                inputs=(
                    Input(row.source_id, row.row_no, row.row_last, "extreme"),
                    *_scanned(task.tracks),
                ),
                count=int(own.n[own.minute == minute].sum()),
                caveats=tuple(caveats),
            )
        )
    return made


def _at(candles: Candles, direction: str, minute: int) -> Decimal:
    return rounded(float(candles.wicks[direction][candles.minute == minute][0]), 6)


def _subject(own: Candles, task: Task) -> dict[str, str]:
    return {"coin": task.coin, **own.track.subject, "against": "other venues"}


def _params(own: Candles, direction: str, task: Task) -> dict[str, Any]:
    return {
        "direction": direction,
        "threshold": rounded(own.limits[direction], 6),
        "floor": task.floor,
        "k": task.k,
    }


def _scanned(tracks: Sequence[Track]) -> tuple[Input, ...]:
    return tuple(
        dict.fromkeys(Input(p.source, p.row_min, p.row_max) for t in tracks for p in t.parts)
    )


class Row(NamedTuple):
    """A row of the track, prices exact."""

    ts: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    high_ts: int | None
    low_ts: int | None
    source_id: str
    row_no: int
    row_last: int


def _rows(track: Track, minutes: Sequence[int]) -> dict[int, list[Row]]:
    """The rows of some minutes, in time order."""
    found: dict[int, list[Row]] = {m: [] for m in minutes}
    if minutes:
        reach = Window("reach", min(minutes), max(minutes) + MINUTE)
        query = ROWS_SQL.format(
            rows=track.table(reach),
            minutes=", ".join(map(str, minutes)),
            last="row_last" if track.record == "seconds" else "row_no",
        )
        for values in connection().execute(query).fetchall():
            row = Row(*values)
            found[row.ts // MINUTE * MINUTE].append(row)
    return found


def exact(rows: Sequence[Row], direction: str) -> tuple[Decimal, Row]:
    """The wick of one candle at 6 decimals, and the first row that reaches its end."""
    body = (rows[0].open, rows[-1].close)
    if direction == UPPER:
        far = max(rows, key=lambda r: r.high)
        return rounded(far.high / max(body) - 1, 6), far
    far = min(rows, key=lambda r: r.low)
    return rounded(1 - far.low / min(body), 6), far


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order."""
    return flatten(partials), fragments(context, NAME, HOUR + MINUTE)
