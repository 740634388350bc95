"""Lowest and highest price: shared by `low` and `high`, which differ in one word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from ..clock import SECOND, Window
from ..errors import Text
from ..findings import Finding, Input, Method
from ..problems import Problem
from ..run.database import connection
from ..tape.tracks import Track, bars_of
from . import Context

DEFAULTS: Mapping[str, Any] = {"windows": []}

TRADES_SQL = """
WITH rows AS (SELECT * FROM {trades} WHERE ts >= {start} AND ts < {end}),
best AS (SELECT {extreme}(price) AS price, count(*) AS scanned FROM rows),
hits AS (SELECT rows.* FROM rows JOIN best USING (price)),
one AS (SELECT ts, source_id, row_no FROM hits ORDER BY ts, source_id, row_no LIMIT 1)
SELECT best.price, one.ts, one.source_id, one.row_no,
       (SELECT sum(coalesce(n, 1)) FROM hits) AS n_at,
       (SELECT sum(size) FROM hits) AS volume_at,
       (SELECT sum(coalesce(n, 1)) FROM rows WHERE abs(rows.ts - one.ts) <= 1000000) AS n_near,
       (SELECT sum(size) FROM rows WHERE abs(rows.ts - one.ts) <= 1000000) AS volume_near,
       best.scanned
FROM best, one
"""

BARS_SQL = """
WITH rows AS (SELECT * FROM {bars} WHERE ts + {duration} > {start} AND ts < {end}),
best AS (SELECT track, {extreme}({column}) AS price, count(*) AS scanned
         FROM rows GROUP BY track),
one AS (SELECT DISTINCT ON (rows.track) rows.*
        FROM rows JOIN best ON rows.track = best.track AND rows.{column} = best.price
        ORDER BY rows.track, ts, source_id, row_no)
SELECT one.track, best.price, coalesce(one.{column}_ts, one.ts) AS ts, one.source_id,
       one.row_no, one.{column}_n AS n_at, one.{column}_volume AS volume_at,
       one.n AS n_near, one.volume AS volume_near, best.scanned, one.ts AS bar,
       one.{column}_ts IS NOT NULL AS exact
FROM best JOIN one USING (track)
ORDER BY track
"""
"""Many instruments in one query: a lake of 600 of them is 600 small files."""
BATCH = 300


def methods(name: str, word: Text) -> tuple[Method, ...]:
    """The two ways to an extreme: from trades, from bars."""
    fill = {"extreme": "min" if name == "low" else "max", "column": name}
    return (
        Method(
            name,
            Text(f"{word.en} price in the window", f"时间窗内{word.zh}价"),
            Text(
                f"The {word.en.lower()} traded price of one instrument with start ≤ t < end. "
                "`at` is the first trade at that price; n_at and volume_at count all trades at "
                "exactly it, n_near and volume_near all within one second of `at`. Prices in the "
                "quote currency, volumes in base units.",
                f"单一合约或交易对在起止之间（含起不含止）的{word.zh}成交价。"
                "at 为首笔达到该价的时刻；n_at、volume_at 为恰在该价的笔数与数量，"
                "n_near、volume_near 为前后一秒内的。价格以计价货币计，数量以标的币计。",
            ),
            _shown(TRADES_SQL, fill),
        ),
        Method(
            f"{name}.bars",
            Text(f"{word.en} price in the window, from bars", f"时间窗内{word.zh}价（按 K 线）"),
            Text(
                f"The {word.en.lower()} of the finest bars that reach into the window. Where the "
                "bars keep the moment of their extreme, `at` is that moment; else it is the "
                "opening time of the bar. n_near and volume_near are those of a bar of one second; "
                "longer bars do not say what was traded within a second.",
                f"取与时间窗相交的最细 K 线的{word.zh}价。若 K 线记录了极值时刻则 at 为该时刻，"
                "否则为该 K 线开盘时刻。n_near、volume_near 仅对一秒 K 线给出，"
                "更长的 K 线不能说明前后一秒内的成交。",
            ),
            _shown(BARS_SQL, fill),
        ),
    )


def _shown(query: str, fill: Mapping[str, str]) -> str:
    """The SQL with the parts that do not depend on the data filled in."""
    for key, value in fill.items():
        query = query.replace("{" + key + "}", value)
    return query.strip()


@dataclass(frozen=True)
class Task:
    """The extremes of tracks in one window: one of trades, or many of equal bars."""

    name: str
    tracks: tuple[Track, ...]
    window: Window


def plan(name: str, context: Context) -> list[Task]:
    """Every track and window once."""
    return [t for w in context.chosen for t in tasks(name, context.tracks(w), w)]


def tasks(name: str, found: Sequence[Track], window: Window) -> list[Task]:
    """A task per track of trades, and one per BATCH tracks of bars of one length and price."""
    made = [Task(name, (track,), window) for track in found if track.record != "bars"]
    groups: dict[tuple[int, str], list[Track]] = {}
    for track in found:
        if track.record == "bars":
            groups.setdefault((track.duration, track.price), []).append(track)
    for _, group in sorted(groups.items()):
        for at in range(0, len(group), BATCH):
            made.append(Task(name, tuple(group[at : at + BATCH]), window))
    return made


@dataclass(frozen=True)
class Extreme:
    """The extreme of one track in one window; picklable.

    `price` is as traded (not divided by the multiplier), `start` the time of its row (of
    the bar, where the track is one of bars), `at` the moment of the extreme. Counts and
    volumes are None where the source does not know them. `scanned` rows were looked at.
    """

    track: Track
    window: Window
    price: Decimal
    at: int
    start: int
    source: str
    row_no: int
    n_at: int | None
    volume_at: Decimal | None
    n_near: int | None
    volume_near: Decimal | None
    scanned: int
    caveats: tuple[str, ...]

    @property
    def resolution(self) -> str:
        """ "trade", or the length of a bar."""
        return "trade" if self.track.record != "bars" else f"{self.track.duration // SECOND}s"

    @property
    def per_coin(self) -> Decimal:
        """The price of one coin: contracts of 1000 coins divided out (exact, powers of ten)."""
        with localcontext(prec=60):
            return self.price / self.track.instrument.multiplier

    @property
    def row(self) -> Input:
        """The row that holds the extreme."""
        return Input(self.source, self.row_no, self.row_no, "extreme")

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The row of the extreme, and what it was chosen from."""
        return (self.row, *(Input(p.source, p.row_min, p.row_max) for p in self.track.parts))


def find(track: Track, window: Window, shown: tuple[Method, ...]) -> Extreme | None:
    """The extreme by the two methods of `methods`; None when the window holds no row."""
    return find_all((track,), window, shown)[0]


def find_all(
    found: Sequence[Track], window: Window, shown: tuple[Method, ...]
) -> list[Extreme | None]:
    """The extreme of each track; None where the window holds no row.

    Tracks of bars must be of one length and one kind of price.
    """
    if found[0].record != "bars":
        return [_of_trades(track, window, shown[0].sql) for track in found]
    duration = found[0].duration
    filled = shown[1].sql.format(
        bars=bars_of(found, window), start=window.start, end=window.end, duration=duration
    )
    rows = {row[0]: row[1:] for row in connection().execute(filled).fetchall()}
    return [
        _of_bar(track, window, rows[number]) if number in rows else None
        for number, track in enumerate(found)
    ]


def _of_trades(track: Track, window: Window, query: str) -> Extreme | None:
    filled = query.format(trades=track.table(window), start=window.start, end=window.end)
    row = connection().execute(filled).fetchone()
    return None if row is None or row[0] is None else _extreme(track, window, row[:9], row[1], [])


def _of_bar(track: Track, window: Window, row: tuple[Any, ...]) -> Extreme:
    at, start, exact = row[1], row[9], row[10]
    caveats: list[str] = []
    if not exact:
        caveats.append("bar-resolution")
    outside = start < window.start or start + track.duration > window.end
    if (not exact and outside) or (exact and not window.start <= at < window.end):
        caveats.append("bar-reaches-outside")
    if track.duration > SECOND:
        row = (*row[:6], None, None, *row[8:])
    return _extreme(track, window, row[:9], start, caveats)


def _extreme(
    track: Track, window: Window, row: tuple[Any, ...], start: int, caveats: list[str]
) -> Extreme:
    price, at, source, row_no, n_at, volume_at, n_near, volume_near, scanned = row
    parts = track.parts
    if min(p.ts_min for p in parts) > window.start or max(p.last_end for p in parts) < window.end:
        caveats.append("not-covered")
    if n_at is not None and n_at < 5:
        caveats.append("thin")
    if n_near is not None and n_near < 10:
        caveats.append("few-trades")
    return Extreme(
        track, window, price, at, start, source, row_no,
        None if n_at is None else int(n_at), volume_at,
        None if n_near is None else int(n_near), volume_near,
        int(scanned), tuple(caveats),
    )  # fmt: skip


def work(task: Task, shown: tuple[Method, ...]) -> list[Finding]:
    """The findings of every track: the extreme, and the counts and volumes around it."""
    found = find_all(task.tracks, task.window, shown)
    return [f for best in found if best is not None for f in _findings(task, best, shown)]


def _findings(task: Task, best: Extreme, shown: tuple[Method, ...]) -> list[Finding]:
    track = best.track

    def made(suffix: str, value: Decimal | int, unit: str) -> Finding:
        return Finding(
            name=task.name + suffix,
            subject=track.subject,
            value=value,
            unit=unit,
            method=shown[1 if track.record == "bars" else 0].id,
            at=best.at,
            window=task.window,
            params={"resolution": best.resolution},
            inputs=best.inputs,
            count=best.scanned,
            caveats=best.caveats,
        )

    found = [made("", best.price, track.instrument.quote or "quote")]
    for suffix, value, unit in (
        (".n_at", best.n_at, "trades"),
        (".volume_at", best.volume_at, track.coin or "base"),
        (".n_near", best.n_near, "trades"),
        (".volume_near", best.volume_near, track.coin or "base"),
    ):
        if value is not None:
            found.append(made(suffix, value, unit))
    return found


def merge(partials: Sequence[list[Finding]]) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order."""
    return [f for found in partials for f in found], []
