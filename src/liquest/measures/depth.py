"""`depth`: what stands in the book, in the best N levels and within a band of the middle.

Values in USD (or the quote currency; contracts where their size is not known): price × size ×
contract size, or contracts × contract size for inverse ones. Per side and measure:

    depth.median   median over the seconds of the window with a known book
    depth.least    the smallest snapshot, exact; `at` its moment
    depth.covered  seconds with a known book ("s"), once per instrument

Depth that the venue gives as bands ("depth" files) is taken as it stands, however it came about:
whether it can be true is for the screens to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from ..clock import SECOND, Window
from ..errors import Text
from ..findings import Finding, Input, Method, Value, rounded
from ..instruments import LINEAR, Instrument
from ..problems import Problem
from ..tape.tracks import Floats, Track, seconds_of
from . import Context
from ._bands import BANDS_SQL, LEAST_SQL, Band, band_tracks, bands, least
from ._book import (
    Piece,
    books,
    coverage,
    held_at,
    levels_of,
    money,
    no_books,
    pieces,
    row_input,
    rows_of,
    scanned,
)
from ._book_exact import Snapshot, snapshot_at
from ._book_sql import SIDES, best, cut, snapshots, within
from ._params import decimals, integer, integers

NAME = "depth"
DEFAULTS: Mapping[str, Any] = {
    "windows": [],
    "levels": [1, 5, 10, 20],
    "bands": ["0.001", "0.01"],
    "max_age": 60,
}
_PLACES = 2
_SHOWN = snapshots(
    Instrument("", "", LINEAR), 2, best(2) | within(Decimal("0.01"), 2) | cut(Decimal("0.01"), 2)
)

METHODS = (
    Method(
        NAME,
        Text("Depth of the book", "订单簿深度"),
        Text(
            "The sum of the best N levels of a side, and of the levels no farther from the middle "
            "(half of best bid plus best ask) than a share of it. A level counts price × size × "
            "contract size; of inverse contracts number × contract size; sizes alone where the "
            "contract size is not known. A snapshot holds until the next, at most max_age seconds. "
            "median: over the seconds with a known book, at their end. least: the smallest "
            "snapshot in the window. beyond-levels: the last level on record lies within the band "
            "in at least one second, so that more may stand there; `cut` is the share of such "
            "seconds.",
            "某一侧最优 N 档之和，以及距中间价（买一与卖一之半）不超过某比例的各档之和。每档按 "
            "价格×数量×合约面值 计；反向合约按 张数×面值；面值未知时仅计数量。快照有效至下一快照，"
            "最长 max_age 秒。median：各有值秒末的中位数；least：时间窗内最小的快照。"
            "beyond-levels：至少有一秒，记录的最后一档仍在该比例之内，其外可能还有挂单；"
            "cut 为此类秒数占比。",
        ),
        f"-- written out for two levels and a band of 1 %\n{_SHOWN}",
    ),
    Method(
        f"{NAME}.bands",
        Text("Depth of the book, as the venue gives it by bands", "订单簿深度（按场所给出的分档）"),
        Text(
            "What the file says to stand between the middle and p % of it on a side (cumulative): "
            "its notional; of inverse contracts number × contract size. median: over the seconds "
            "with a row at most max_age seconds old. least: the smallest row. Of minutes the "
            "median is that of their median snapshots.",
            "文件所述中间价与其 p% 之间某侧挂单之和（累计）：取其名义额，反向合约取 张数×面值。"
            "median：有不早于 max_age 秒的行之各秒的中位数；least：最小的一行。"
            "分钟数据取其中位快照。",
        ),
        f"{BANDS_SQL}\n{LEAST_SQL}".strip(),
    ),
)


@dataclass(frozen=True)
class Task:
    """One piece of a book with the sums asked of it; or a track of bands in its window."""

    piece: Piece
    levels: tuple[int, ...] = ()
    bands: tuple[Decimal, ...] = ()
    held: int = 0
    max_age: int = 60


@dataclass(frozen=True)
class Sums:
    """Of one piece: values at the end of its seconds by column, and the least snapshot of
    each column as (value, ts, row). Picklable."""

    task: Task
    count: int = 0
    seconds: Mapping[str, Floats] = field(default_factory=dict)
    least: Mapping[str, tuple[float, int, int]] = field(default_factory=dict)
    made: tuple[Finding, ...] = ()


def plan(context: Context) -> list[Task]:
    """One task per piece of a book, one per track of bands."""
    max_age = integer(context.params, "max_age", 0)
    wanted = integers(context.params, "levels", 1)
    shares = tuple(decimals(context.params, "bands"))
    tasks = []
    for window in context.chosen:
        for track in books(context, window, quotes=True):
            held = levels_of(track)
            fit = tuple(sorted({n for n in wanted if n <= held}))
            tasks += [Task(p, fit, shares, held, max_age) for p in pieces(track, window)]
        for track in band_tracks(context, window):
            tasks.append(Task(Piece(track, window, window.start, window.end), max_age=max_age))
    return tasks


def work(task: Task) -> Sums:
    """The sums of one piece."""
    if task.piece.track.record == "depth":
        return Sums(task, made=tuple(_of_bands(task)))
    columns: dict[str, str] = {}
    for count in task.levels:
        columns |= best(count)
    for share in task.bands:
        columns |= within(share, task.held) | cut(share, task.held)
    piece, quotes = task.piece, task.piece.track.record == "quotes"
    query = snapshots(piece.track.instrument, task.held, columns, quotes=quotes)
    found = rows_of(piece, query, task.max_age)
    ends = seconds_of(Window("piece", piece.start, piece.end)) + SECOND
    at = held_at(found.ts, ends, task.max_age)
    inside = (found.ts >= piece.start) & (found.ts < piece.end)
    seconds, lowest = {}, {}
    for name, values in found.values.items():
        seconds[name] = np.where(at >= 0, values[np.maximum(at, 0)], np.nan)
        if "cut" not in name and (inside & ~np.isnan(values)).any():
            place = int(np.argmin(np.where(inside & ~np.isnan(values), values, np.inf)))
            lowest[name] = (float(values[place]), int(found.ts[place]), int(found.row[place]))
    return Sums(task, int(inside.sum()), seconds, lowest)


def merge(context: Context, partials: Sequence[Sums]) -> tuple[list[Finding], list[Problem]]:
    """Findings by window, instrument, measure and side; a problem for each window without."""
    grouped: dict[tuple[Window, str, str], list[Sums]] = {}
    for one in partials:
        piece = one.task.piece
        key = (piece.window, piece.track.instrument.key, piece.track.record)
        grouped.setdefault(key, []).append(one)
    findings: list[Finding] = []
    for group in grouped.values():
        findings += group[0].made or _of_book(group)
    seen = {key[0] for key in grouped}
    return findings, no_books(NAME, (w for w in context.chosen if w not in seen))


def _of_book(group: Sequence[Sums]) -> Iterator[Finding]:
    """One book in one window."""
    task = group[0].task
    track, window = task.piece.track, task.piece.window
    unit, notes = money(track)
    notes = (*notes, *coverage(track, window))
    spans = scanned(track, window)
    count = sum(one.count for one in group)
    seconds = {
        name: np.concatenate([one.seconds[name] for one in group if name in one.seconds])
        for name in sorted({n for one in group for n in one.seconds})
    }
    if not seconds:
        return

    def made(name: str, value: Value, unit: str, **more: Any) -> Finding:
        return Finding(
            f"{NAME}.{name}", track.subject, value, unit, METHODS[0].id, window=window,
            inputs=(*more.pop("rows", ()), *spans), count=count,
            caveats=(*notes, *more.pop("notes", ())), **more,
        )  # fmt: skip

    known = max((int((~np.isnan(values)).sum()) for values in seconds.values()), default=0)
    yield made("covered", known, "s", params={"max_age": task.max_age})
    asked: list[tuple[str, dict[str, Any]]] = [(str(n), {"levels": n}) for n in task.levels]
    asked += [(f"within_{b:f}", {"band": b}) for b in task.bands]
    for column, which in asked:
        for side in SIDES:
            values = seconds[f"{side}_{column}"]
            if np.isnan(values).all():
                continue
            params: dict[str, Any] = {"side": side, **which}
            more: tuple[str, ...] = ()
            if "band" in which:
                share = float(np.nanmean(seconds[f"{side}_cut_{which['band']:f}"]))
                params["cut"] = rounded(share, 4)
                more = ("beyond-levels",) if share > 0 else ()
            middle = rounded(float(np.nanmedian(values)), _PLACES)
            yield made("median", middle, unit, params=params, notes=more)
            lows = [
                one.least[f"{side}_{column}"] for one in group if f"{side}_{column}" in one.least
            ]
            if lows:
                _, ts, row = min(lows)
                exact = _exact(snapshot_at(track, ts, row, task.held), track, side, which)
                yield made(
                    "least", exact, unit, at=ts, params=params, notes=more,
                    rows=(row_input(track, row, ts),),
                )  # fmt: skip


def _exact(snapshot: Snapshot, track: Track, side: str, which: Mapping[str, Any]) -> Value:
    if "levels" in which:
        return snapshot.best(track.instrument, side, which["levels"])
    return snapshot.within(track.instrument, side, which["band"])


def _of_bands(task: Task) -> Iterator[Finding]:
    """One track of bands in its window."""
    track, window = task.piece.track, task.piece.window
    ends = seconds_of(window) + SECOND
    lowest = {one.percentage: one for one in least(track, window)}
    for band in bands(track, window):
        # A row of a minute is known from its end on, and until the next.
        at = held_at(band.ts + band.duration, ends, task.max_age + band.duration // SECOND)
        values = np.where(at >= 0, band.value[np.maximum(at, 0)], np.nan)
        if np.isnan(values).all():
            continue
        yield _of_band(task, band, "median", rounded(float(np.nanmedian(values)), _PLACES))
        if one := lowest.get(band.percentage):
            row = Input(one.source, one.row, one.row, "extreme")
            yield _of_band(task, band, "least", one.value, at=one.ts, rows=(row,))


def _of_band(
    task: Task, band: Band, name: str, value: Value, at: int | None = None,
    rows: tuple[Input, ...] = (),
) -> Finding:  # fmt: skip
    track, window = task.piece.track, task.piece.window
    unit, notes = money(track)
    resolution = ("bar-resolution",) if band.duration else ()
    return Finding(
        f"{NAME}.{name}", track.subject, value, unit, METHODS[1].id, at=at, window=window,
        params={"side": band.side, "band": band.width}, inputs=(*rows, *scanned(track, window)),
        count=len(band.ts),
        caveats=(*notes, "as-published", *coverage(track, window), *resolution),
    )  # fmt: skip
