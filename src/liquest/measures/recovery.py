"""`recovery`: how long a price took from its low back to 50, 80, 95 % of where it was before.

    recovery.baseline   pre-event price: the last trade before the window (quote currency)
    recovery.time       from the low (first trade at it) to the first trade at or above
                        level * baseline at a later timestamp, in µs; `at` is that moment

Trades of the low's own timestamp do not count: in one microsecond of a sweep single prints
of the other side stand at old prices.

The way back is looked for up to the end of the data, beyond the window. Not reached there,
the value is empty, with the caveat not-recovered. A level that the low never broke has no
recovery and gives no finding. Without a trade before the window the baseline is the median
price of the first minute of data in it, as far as that lies before the low (caveat
no-baseline); without that either there is a problem instead of findings.

Bars longer than a minute are left out: they cannot say when. On the others the price
before is the last close, a bar counts as back by its high, the low's own bar by its close
only, and times are differences of opening times (caveat bar-resolution; 0 means within
the bar of the low). Marks and indices recover like prices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, NamedTuple

from ..clock import MINUTE, SECOND, Window, format_time
from ..errors import Text
from ..findings import Finding, Input, Method, plain
from ..problems import ABSENT, Problem
from ..run.database import connection
from ..tape.tracks import Track, whole
from . import Context, _extreme, _params, low
from ._coins import thresholds
from ._extreme import Extreme

NAME = "recovery"
DEFAULTS: Mapping[str, Any] = {"windows": [], "levels": ["0.5", "0.8", "0.95"], "max_age": 600}
"""`max_age` in seconds: an older last trade before the window carries stale-baseline."""

BASELINE_SQL = """
SELECT {close} AS price, ts, source_id, row_no FROM {rows}
WHERE ts + {duration} <= {start} AND ts < {start}
ORDER BY ts DESC, source_id DESC, row_no DESC LIMIT 1
"""

FIRST_MINUTE_SQL = """
WITH early AS (SELECT {close} AS price, ts, source_id, row_no FROM {rows}
               WHERE ts >= {start} AND ts < {low_ts}),
one AS (SELECT ts, source_id FROM early ORDER BY ts, source_id LIMIT 1)
SELECT quantile_disc(early.price, 0.5) AS price, min(early.ts) AS ts, one.source_id,
       min(early.row_no) AS row_no, max(early.row_no) AS row_last, count(*) AS n
FROM early JOIN one ON early.source_id = one.source_id AND early.ts < one.ts + 60000000
GROUP BY one.source_id
"""

BACK_SQL = """
SELECT ts, source_id, row_no FROM {rows}
WHERE ts >= {since} AND {back} >= {price}
ORDER BY ts, source_id, row_no LIMIT 1
"""

METHODS = (
    Method(
        NAME,
        Text("Time back to a share of the price before", "回到事前价格一定比例所需时间"),
        Text(
            "Baseline: the last trade before the window; without one, the median of the first "
            "minute of data in the window before the low. Time: from the first trade at the low "
            "to the first trade of a later timestamp at or above level times baseline, to the end "
            "of the data. A level that the low did not break has none. On bars a bar counts by "
            "its high, the low's own bar by its close.",
            "基准：窗口前最后一笔成交价；没有时取窗口内最低价之前首分钟数据的中位价。"
            "时间：自最低价首笔成交起，至其后（时间戳更晚）首笔不低于“基准 × 比例”的成交，"
            "一直找到数据末尾。最低价未跌破的比例不计。"
            "K 线按最高价判断，最低价所在 K 线按收盘价判断。",
        ),
        "\n".join((BASELINE_SQL, FIRST_MINUTE_SQL, BACK_SQL)).strip(),
    ),
)


@dataclass(frozen=True)
class Task:
    """One track in one window; `days` is the track over every day of the lake."""

    track: Track
    days: Track
    window: Window
    levels: tuple[Decimal, ...]
    max_age: int


@dataclass(frozen=True)
class Baseline:
    """The price before the fall and the rows that give it (`count` of them)."""

    price: Decimal
    ts: int
    rows: Input
    count: int
    caveats: tuple[str, ...]


class Place(NamedTuple):
    """A row of a track."""

    ts: int
    source: str
    row: int


@dataclass(frozen=True)
class Path:
    """Low, baseline and, for each level that the low broke, where it was reached."""

    low: Extreme
    baseline: Baseline | None
    back: tuple[tuple[Decimal, Place | None], ...] = ()


def plan(context: Context) -> list[Task]:
    """One task per track and window."""
    levels = thresholds(context.params, "levels")
    max_age = _params.integer(context.params, "max_age", 0) * SECOND
    return [
        Task(track, whole(context.lake, track), window, levels, max_age)
        for window in context.chosen
        for track in context.tracks(window)
        if track.duration <= MINUTE
    ]


def work(task: Task) -> Path | None:
    """Low, baseline, way back; None when the window holds no row."""
    best = _extreme.find(task.track, task.window, low.METHODS)
    if best is None:
        return None
    baseline = _baseline(task) or _first_minute(task, best)
    if baseline is None:
        return Path(best, None)
    back: list[tuple[Decimal, Place | None]] = []
    place: Place | None = None
    for level in task.levels:
        if Fraction(best.price) < Fraction(level) * Fraction(baseline.price):
            # Whatever is at 80 % is at 50 % too: a search goes on where the one before ended.
            if not back or place is not None:
                place = _back(task.days, best, baseline.price, level, place)
            back.append((level, place))
    return Path(best, baseline, tuple(back))


def _baseline(task: Task) -> Baseline | None:
    """The last row that ended before the window."""
    start, length = task.window.start, task.track.duration
    known = [p.ts_max if p.ts_max < start else p.ts_min for p in task.days.parts]
    # Some row stands at this moment, so the last one is not older: older days need no look.
    since = max((t for t in known if t + length <= start), default=None)
    if since is None:
        return None
    row = _row(BASELINE_SQL, task.days, Window("before", since - length, start), start=start)
    if row is None and length:
        row = _row(BASELINE_SQL, task.days, Window("before", 0, start), start=start)
    if row is None:
        return None
    price, ts, source, row_no = row
    stale = start - (ts + length) > task.max_age
    return Baseline(
        price, ts, Input(source, row_no, row_no, "extreme"), 1, ("stale-baseline",) * stale
    )


def _first_minute(task: Task, best: Extreme) -> Baseline | None:
    """The median of the first minute in the window, as far as it lies before the low."""
    row = _row(
        FIRST_MINUTE_SQL, task.track, task.window, start=task.window.start, low_ts=best.start
    )
    if row is None:
        return None
    price, ts, source, first, last, count = row
    return Baseline(price, ts, Input(source, first, last, "extreme"), count, ("no-baseline",))


def _back(
    days: Track, best: Extreme, baseline: Decimal, level: Decimal, known: Place | None
) -> Place | None:
    """The first row after the low at or above level * baseline, from `known` on if given.

    On bars the low's own bar counts too, by its close: its high may lie before the low.
    """
    bars = days.record == "bars"
    since = known.ts if known else best.start + (0 if bars else 1)
    with localcontext(prec=60):
        price = plain(baseline * level)
    row = _row(
        BACK_SQL,
        days,
        Window("after", since, max(since, *(p.ts_max for p in days.parts)) + 1),
        since=since,
        back=f"CASE WHEN ts = {best.start} THEN close ELSE high END" if bars else "price",
        price=price,
    )
    return None if row is None else Place(*row)


def _row(query: str, track: Track, window: Window, **given: Any) -> tuple[Any, ...] | None:
    """The one row of a query over the rows of a track in a stretch of time."""
    if not track.holds(window):
        return None
    bars = track.record == "bars"
    filled = query.format(
        rows=track.table(window),
        close="close" if bars else "price",
        duration=track.duration,
        **given,
    )
    return connection().execute(filled).fetchone()


def merge(context: Context, partials: Sequence[Path | None]) -> tuple[list[Finding], list[Problem]]:
    """Findings in task order; a problem for every track without a price before its low."""
    findings: list[Finding] = []
    problems: list[Problem] = []
    for path in partials:
        if path is None:
            continue
        if path.baseline is None:
            problems.append(_unknown(path.low))
            continue
        findings += _findings(path, path.baseline)
    return findings, problems


def _findings(path: Path, baseline: Baseline) -> list[Finding]:
    """The baseline and one time for each level that the low broke."""
    track, window = path.low.track, path.low.window
    found = [
        Finding(
            name=f"{NAME}.baseline",
            subject=track.subject,
            value=baseline.price,
            unit=track.instrument.quote or "quote",
            method=METHODS[0].id,
            at=baseline.ts,
            window=window,
            params={"resolution": path.low.resolution},
            inputs=(baseline.rows,),
            count=baseline.count,
            caveats=baseline.caveats,
        )
    ]
    for level, place in path.back:
        caveats = {*baseline.caveats, *path.low.caveats}
        rows = [path.low.row, baseline.rows]
        if track.record == "bars":
            caveats.add("bar-resolution")
        if place is None:
            caveats.add("not-recovered")
        else:
            rows.append(Input(place.source, place.row, place.row, "extreme"))
        found.append(
            Finding(
                name=f"{NAME}.time",
                subject=track.subject,
                value=None if place is None else place.ts - path.low.start,
                unit="us",
                method=METHODS[0].id,
                at=None if place is None else place.ts,
                window=window,
                params={
                    "level": level,
                    "baseline": baseline.price,
                    "low": path.low.price,
                    "low_at": format_time(path.low.start),
                    "resolution": path.low.resolution,
                },
                inputs=tuple(dict.fromkeys([*rows, *path.low.inputs[1:]])),
                count=path.low.scanned,
                caveats=tuple(sorted(caveats)),
            )
        )
    return found


def _unknown(best: Extreme) -> Problem:
    name = best.track.instrument.key
    window = best.window.name
    return Problem(
        "no-baseline",
        ABSENT,
        Text(
            f"recovery: {name} has no price before its low in the window '{window}'",
            f"recovery：{name} 在时间窗“{window}”的最低价之前没有价格",
        ),
        source=best.source,
        first=best.row_no,
        last=best.row_no,
    )
