"""`silence`: the longest spell without a trade, or without an update, against the usual.

A moment is a timestamp with at least one trade (update, bar with trades); the fills of
one order are one moment, so that trades and aggregate trades give the same. A spell lies
between two moments; the edges count, from the window's start to its first moment and
from its last to the end, as far as the data reach: beyond the first and last row of the
instrument there is absence, not silence (caveat not-covered). All in seconds but the ratio:

    silence.longest    longest spell in the window; `at` is its begin
    silence.before     longest spell in the same length of time before the window
    silence.expected   median longest spell of a Poisson stream with the rate before
    silence.ratio      longest / expected

With k moments in S seconds before the window the rate is λ = k/S, and in T seconds of
window there are about N = λT spells, each exponential; their maximum has the median
(ln N + 0.3665)/λ, 0.3665 = -ln ln 2 (limited to T; T itself where N < 1). Trading comes
in clusters, so real streams have longer spells than Poisson ones at any time: `before`
shows by how much. On bars of length d a spell is whole empty bars, and λ = -ln(1 - p)/d
with p the share of bars with trades, at most 1 - 1/(2·bars), N = pT/d. Bars longer than a
minute say nothing here and are left out.

Prices are "trade", "mark", "index" for tracks, "quote" and "ticker" for the updates of
these records. Without moments before the window there is no-baseline, and only `longest`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..clock import MINUTE, SECOND, Window, format_time
from ..errors import Text
from ..findings import Finding, Input, Method, rounded
from ..problems import ABSENT, Problem
from ..run.database import connection
from ..tape.lake import Lake
from ..tape.seconds import BUSY
from ..tape.tracks import Track, whole
from . import Context

NAME = "silence"
DEFAULTS: Mapping[str, Any] = {"windows": []}
UPDATES = (("quote", "quotes"), ("ticker", "ticker"))
_MEDIAN = -math.log(math.log(2))
_FEW = 10

SPELLS_SQL = """
WITH moments AS (
    SELECT DISTINCT ts FROM {rows} WHERE ts >= {start} AND ts < {end} AND {active}),
spells AS (
    SELECT ts, lag(ts) OVER (ORDER BY ts) + {duration} AS begun FROM moments),
longest AS (
    SELECT begun, ts FROM spells WHERE begun IS NOT NULL ORDER BY ts - begun DESC, ts LIMIT 1)
SELECT count(*), min(ts), max(ts),
       (SELECT begun FROM longest), (SELECT ts FROM longest)
FROM moments
"""

ROWS_SQL = """
SELECT ts, source_id, min(row_no), max(row_no) FROM {rows}
WHERE ts IN ({moments}) AND {active} GROUP BY ts, source_id ORDER BY ts, source_id
"""

METHODS = (
    Method(
        NAME,
        Text("Longest spell without a trade or an update", "最长无成交或无更新时段"),
        Text(
            "Moments are distinct timestamps with a trade or an update (bars: with trades). "
            "longest: the longest spell between moments of the window, its covered edges "
            "included. before: the same in the same length before the window, or in what there "
            "is. expected: (ln N + 0.3665)/λ with λ = k/S (k moments in S seconds before), "
            "N = λT, T the seconds of the window that the data cover; at most T, T where N < 1. "
            "On bars of length d: whole empty bars, λ = -ln(1 - p)/d, N = pT/d, p the share of "
            "bars with trades, at most 1 - 1/(2·bars). ratio: longest / expected. Rounded "
            "half-even: expected to 6, ratio to 3 decimals.",
            "时刻指有成交或更新的不同时间戳（K 线则为有成交者）。longest：窗口内最长间隔，"
            "含数据覆盖到的首尾。before：窗口前同长时段（不足则取已有）内的最长间隔。"
            "expected：（ln N + 0.3665）/λ，λ = k/S（此前 S 秒内 k 个时刻），N = λT，"
            "T 为窗口内有数据的秒数；不超过 T，N < 1 时取 T。K 线长 d：取整根空线，"
            "λ = −ln(1 − p)/d，N = pT/d，p 为有成交的 K 线占比，不超过 1 − 1/(2·根数)。"
            "ratio：longest / expected。expected 舍入到 6 位、ratio 到 3 位小数。",
        ),
        f"{SPELLS_SQL}\n{ROWS_SQL}".strip(),
    ),
)


@dataclass(frozen=True)
class Task:
    """Moments of one track in [start, end): a piece of the window, or of what lies before.

    `covered` is the whole stretch that the piece belongs to, as far as the data reach.
    """

    track: Track
    window: Window
    before: bool
    covered: tuple[int, int]
    start: int
    end: int


@dataclass(frozen=True)
class Moments:
    """`count` moments from `first` to `last` and the longest spell between two of them.

    Spells run from `begun` to `ended`; `rows` are those at the moments named here.
    """

    task: Task
    count: int = 0
    first: int = 0
    last: int = 0
    begun: int = 0
    ended: int = 0
    rows: tuple[tuple[int, Input], ...] = ()


def plan(context: Context) -> list[Task]:
    """One task per track, window and stretch; stretches with many rows in pieces of time."""
    tasks: list[Task] = []
    for window in context.chosen:
        for track in _tracks(context, window):
            data = whole(context.lake, track)
            first = min(p.ts_min for p in data.parts)
            last = max(p.ts_max for p in data.parts) + track.duration
            length = window.end - window.start
            own = (max(window.start, first), min(window.end, last))
            earlier = (max(window.start - length, first), window.start)
            for before, (start, end) in ((False, own), (True, earlier)):
                if end > start:
                    tasks += _pieces(data, window, before, start, end)
    return tasks


def _tracks(context: Context, window: Window) -> Iterator[Track]:
    """Tracks fine enough, then the records of updates."""
    yield from (t for t in context.tracks(window) if t.duration <= MINUTE)
    for price, record in UPDATES:
        for instrument in context.lake.instruments(record):
            if parts := context.lake.of(record, instrument, window):
                yield Track(context.lake.root, instrument, price, record, 0, parts)


def _pieces(track: Track, window: Window, before: bool, start: int, end: int) -> Iterator[Task]:
    """The stretch in pieces of equal time, none with too many rows to sort."""
    reach = Window("stretch", start - track.duration, end)
    rows = sum(
        p.rows for p in Lake(track.root, track.parts).of(track.record, track.instrument, reach)
    )
    step = -(-(end - start) // (1 + rows // BUSY))
    for at in range(start, end, step):
        yield Task(track, window, before, (start, end), at, min(at + step, end))


def work(task: Task) -> Moments:
    """The moments of one piece."""
    track, span = task.track, Window("piece", task.start, task.end)
    if not track.holds(span):
        return Moments(task)
    given = {
        "rows": track.table(span),
        "active": _active(track),
        "start": task.start,
        "end": task.end,
        "duration": track.duration,
    }
    db = connection()
    count, first, last, begun, ended = db.execute(SPELLS_SQL.format(**given)).fetchone() or ()
    if not count:
        return Moments(task)
    if begun is None:
        begun = ended = first
    moments = sorted({first, last, begun - track.duration, ended})
    listed = ", ".join(map(str, moments))
    rows = tuple(
        (ts, Input(source, low, high, "extreme"))
        for ts, source, low, high in db.execute(ROWS_SQL.format(moments=listed, **given)).fetchall()
    )
    return Moments(task, count, first, last, begun, ended, rows)


def _active(track: Track) -> str:
    """The condition of a row that is a sign of life: a bar may stand for nothing at all."""
    if track.record != "bars":
        return "true"
    if track.price == "trade":
        return "CASE WHEN n IS NULL THEN coalesce(raw_volume, 1) > 0 ELSE n > 0 END"
    return "coalesce(n, 1) > 0"


@dataclass(frozen=True)
class Stretch:
    """The pieces of one stretch put together; the longest spell with its rows."""

    seconds: Decimal
    count: int
    longest: int
    begun: int
    rows: tuple[Input, ...]


def _stretch(pieces: Sequence[Moments]) -> Stretch:
    """Spells within pieces, across their bounds, and at the two edges; the first longest."""
    start, end = pieces[0].task.covered
    length = pieces[0].task.track.duration
    spells: list[tuple[int, int]] = []
    known: dict[int, list[Input]] = {}
    since = start
    for piece in pieces:
        if piece.count:
            spells += [(since, piece.first), (piece.begun, piece.ended)]
            since = piece.last + length
        for ts, row in piece.rows:
            known.setdefault(ts, []).append(row)
    spells.append((since, end))
    begun, ended = max(spells, key=lambda s: (s[1] - s[0], -s[0]))
    rows = (*known.get(begun - length, ()), *known.get(ended, ()))
    longest = max(ended - begun, 0)
    seconds = Decimal(end - start) / SECOND
    return Stretch(seconds, sum(p.count for p in pieces), longest, begun, rows)


def merge(context: Context, partials: Sequence[Moments]) -> tuple[list[Finding], list[Problem]]:
    """Findings by window and track; a problem for each window that holds nothing."""
    stretches: dict[tuple[Window, str, str], dict[bool, list[Moments]]] = {}
    for piece in partials:
        task = piece.task
        key = (task.window, task.track.instrument.key, task.track.price)
        stretches.setdefault(key, {}).setdefault(task.before, []).append(piece)
    findings: list[Finding] = []
    for (window, _, _), both in stretches.items():
        if False in both:
            earlier = _stretch(both[True]) if True in both else None
            findings += _findings(window, both[False][0].task, _stretch(both[False]), earlier)
    compared = {f.window for f in findings}
    return findings, [_nothing(w.name) for w in context.chosen if w not in compared]


def _findings(
    window: Window, task: Task, own: Stretch, before: Stretch | None
) -> Iterator[Finding]:
    """The longest spell and, with something to compare, what was usual."""
    track = task.track
    caveats = set()
    if task.covered != (window.start, window.end):
        caveats.add("not-covered")
    if track.record == "bars":
        caveats.add("bar-resolution")
    if before is None or not before.count:
        caveats.add("no-baseline")
    else:
        if before.seconds * SECOND < window.end - window.start:
            caveats.add("short-baseline")
        if before.count < _FEW:
            caveats.add("thin-baseline")
    usual = before if before is not None and before.count else None
    params: dict[str, Any] = {
        "seconds": own.seconds,
        "moments": own.count,
        "resolution": "trade" if not track.duration else f"{track.duration // SECOND}s",
    }
    if usual is not None:
        params |= {"seconds_before": usual.seconds, "moments_before": usual.count}
    spans = tuple(
        Input(p.source, p.row_min, p.row_max)
        for p in track.parts
        if p.ts_min < window.end and p.ts_max >= 2 * window.start - window.end
    )

    def made(name: str, value: Decimal, unit: str, of: Stretch) -> Finding:
        return Finding(
            name=f"{NAME}.{name}",
            subject=track.subject,
            value=value,
            unit=unit,
            method=METHODS[0].id,
            at=of.begun,
            window=window,
            params={**params, "until": format_time(of.begun + of.longest)},
            inputs=tuple(dict.fromkeys((*of.rows, *spans))),
            count=own.count if usual is None else own.count + usual.count,
            caveats=tuple(sorted(caveats)),
        )

    yield made("longest", Decimal(own.longest) / SECOND, "s", own)
    if usual is not None:
        expected = _expected(usual, own.seconds, track.duration)
        yield made("before", Decimal(usual.longest) / SECOND, "s", usual)
        yield made("expected", rounded(expected, 6), "s", own)
        yield made("ratio", rounded(own.longest / SECOND / expected, 3), "ratio", own)


def _expected(before: Stretch, seconds: Decimal, duration: int) -> float:
    """Median longest spell in `seconds` of a Poisson stream with the rate before."""
    length = float(seconds)
    rate = before.count / float(before.seconds)
    spells = rate * length
    if duration:
        bar = duration / SECOND
        bars = float(before.seconds) / bar
        share = min(rate * bar, 1 - 0.5 / bars)
        rate = -math.log1p(-share) / bar
    if spells < 1:
        return length
    return min((math.log(spells) + _MEDIAN) / rate, length)


def _nothing(window: str) -> Problem:
    return Problem(
        "nothing-to-compare",
        ABSENT,
        Text(
            f"silence: no trades or updates at hand in the window '{window}'",
            f"silence：时间窗“{window}”内没有成交或更新数据",
        ),
    )
