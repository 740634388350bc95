"""`spread`: best ask less best bid, in basis points of the middle ("bps").

spread.median     median over the seconds of the window with both sides
spread.widest     the widest snapshot, exact; `at` its moment
spread.beyond     seconds whose spread exceeds a threshold, one per threshold ("s")
spread.one_sided  seconds with one side empty ("s")
spread.inverted   seconds with the bid at or above the ask ("s"): no spread, see the screens
spread.covered    seconds with a known book ("s")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..clock import SECOND, Window
from ..errors import Text
from ..findings import Finding, Method, Value, rounded
from ..instruments import LINEAR, Instrument
from ..problems import Problem
from ..tape.tracks import Floats, seconds_of
from . import Context
from ._book import (
    Piece,
    books,
    coverage,
    held_at,
    no_books,
    pieces,
    row_input,
    rows_of,
    scanned,
)
from ._book_exact import snapshot_at
from ._book_sql import snapshots
from ._params import decimals, integer

NAME = "spread"
DEFAULTS: Mapping[str, Any] = {"windows": [], "beyond_bps": ["10", "50", "100"], "max_age": 60}
_PLACES = 4
_COLUMNS = {"bid": "bp0", "ask": "ap0"}

METHODS = (
    Method(
        NAME,
        Text("Spread between best bid and best ask", "买一卖一价差"),
        Text(
            "(best ask − best bid) / middle × 10,000 at the end of every second, the last snapshot "
            "at most max_age seconds old. Seconds with an empty side, and those whose bid is at or "
            "above the ask, have no spread and are counted apart. widest: the widest snapshot in "
            "the window. Medians are rounded half-even to 4 decimals.",
            "每秒末取不早于 max_age 秒的最近快照：(卖一 − 买一) / 中间价 × 10000。一侧为空、"
            "或买一不低于卖一的秒没有价差，另行计数。widest 为时间窗内最宽的快照。"
            "中位数舍入到 4 位小数。",
        ),
        snapshots(Instrument("", "", LINEAR), 1, _COLUMNS),
    ),
)


@dataclass(frozen=True)
class Task:
    """One piece of a book."""

    piece: Piece
    max_age: int


@dataclass(frozen=True)
class Spreads:
    """Best prices at the end of the seconds of a piece, NaN where a side is empty; `known` says
    where there is a snapshot at all; `widest` is (spread, ts, row)."""

    task: Task
    count: int = 0
    bid: Floats = field(default_factory=lambda: np.empty(0))
    ask: Floats = field(default_factory=lambda: np.empty(0))
    known: int = 0
    widest: tuple[float, int, int] | None = None


def plan(context: Context) -> list[Task]:
    """One task per piece of a book."""
    max_age = integer(context.params, "max_age", 0)
    return [
        Task(piece, max_age)
        for window in context.chosen
        for track in books(context, window, quotes=True)
        for piece in pieces(track, window)
    ]


def work(task: Task) -> Spreads:
    """The best prices of one piece."""
    piece, quotes = task.piece, task.piece.track.record == "quotes"
    query = snapshots(piece.track.instrument, 1, _COLUMNS, quotes=quotes)
    found = rows_of(piece, query, task.max_age)
    if not len(found.ts):
        return Spreads(task)
    bid, ask = found.values["bid"], found.values["ask"]
    ends = seconds_of(Window("piece", piece.start, piece.end)) + SECOND
    at = held_at(found.ts, ends, task.max_age)
    held = [np.where(at >= 0, side[np.maximum(at, 0)], np.nan) for side in (bid, ask)]
    inside = (found.ts >= piece.start) & (found.ts < piece.end)
    spreads = np.where(inside & (ask > bid), bps(bid, ask), -np.inf)
    place = int(np.argmax(spreads))
    widest = None
    if np.isfinite(spreads[place]):
        widest = (float(spreads[place]), int(found.ts[place]), int(found.row[place]))
    return Spreads(task, int(inside.sum()), held[0], held[1], int((at >= 0).sum()), widest)


def bps(bid: Floats, ask: Floats) -> Floats:
    """(ask − bid) / middle in basis points."""
    return (ask - bid) / ((ask + bid) / 2) * 10_000


def merge(context: Context, partials: Sequence[Spreads]) -> tuple[list[Finding], list[Problem]]:
    """Findings by window and instrument; a problem for each window without books."""
    grouped: dict[tuple[Window, str], list[Spreads]] = {}
    for one in partials:
        piece = one.task.piece
        grouped.setdefault((piece.window, piece.track.instrument.key), []).append(one)
    findings = [f for group in grouped.values() for f in _findings(context, group)]
    seen = {window for window, _ in grouped}
    return findings, no_books(NAME, (w for w in context.chosen if w not in seen))


def _findings(context: Context, group: Sequence[Spreads]) -> Iterator[Finding]:
    task = group[0].task
    track, window = task.piece.track, task.piece.window
    spans, notes = scanned(track, window), coverage(track, window)

    def made(name: str, value: Value, unit: str, **more: Any) -> Finding:
        return Finding(
            f"{NAME}.{name}", track.subject, value, unit, METHODS[0].id, window=window,
            inputs=(*more.pop("rows", ()), *spans), count=sum(one.count for one in group),
            caveats=notes, **more,
        )  # fmt: skip

    bid, ask = (np.concatenate([getattr(one, s) for one in group]) for s in ("bid", "ask"))
    known = sum(one.known for one in group)
    yield made("covered", known, "s", params={"max_age": task.max_age})
    if not known:
        return
    both = ~np.isnan(bid) & ~np.isnan(ask)
    # NaN compares false: a second with an empty side is none of these.
    inverted = bid >= ask
    spreads = bps(bid, ask)[both & ~inverted]
    yield made("one_sided", known - int(both.sum()), "s")
    yield made("inverted", int(inverted.sum()), "s")
    if not len(spreads):
        return
    yield made("median", rounded(float(np.median(spreads)), _PLACES), "bps")
    for limit in decimals(context.params, "beyond_bps"):
        beyond = int((np.round(spreads, 9) > float(limit)).sum())
        yield made("beyond", beyond, "s", params={"threshold": limit})
    widest = max((one.widest for one in group if one.widest is not None), default=None)
    if widest is not None:
        _, ts, row = widest
        exact = snapshot_at(track, ts, row, 1).spread
        if exact is not None:
            yield made(
                "widest", rounded(exact, _PLACES), "bps", at=ts, rows=(row_input(track, row, ts),)
            )
