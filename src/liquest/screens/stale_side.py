"""`stale_side`: one side of a book that stands still while the other moves.

    screen.stale_side        one per source: seconds in which a side stood so ("s"), how strong
    screen.stale_side.spell  the longest `listed` of them ("s"), `at` the begin

Strong where trades at the side's best price left no mark on it; else a hint: one side of a
quiet market can rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from ..clock import SECOND, Window, format_time
from ..errors import Text
from ..findings import Finding, Method, plain
from ..measures import Context
from ..measures._book import PRICES, Piece, levels_of, pieces, row_input, rows_of
from ..measures._book_sql import SIDES
from ..measures._params import integer
from ..problems import Problem
from ._phantom_books import BOOK_SQL, LOOKED, MOST, cube, query
from ._result import (
    HINT,
    SOUND,
    STRONG,
    Result,
    Said,
    Source,
    finding,
    many,
    moment,
    sources,
    span_of,
)
from ._witness import Witness, witness

NAME = "stale_side"
DEFAULTS: Mapping[str, Any] = {"stay": 30, "moves": 20, "hits": 3, "listed": 20}

METHODS = (
    Method(
        NAME,
        Text("A side that stands still", "静止的一侧"),
        Text(
            "The best five levels of a side (one of best quotes) keep price and size in every "
            "snapshot for at least `stay` seconds while the other side changes `moves` times or "
            "more. hits: whole seconds within it that have a trade at the side's best price or "
            "beyond. Strong with at least `hits` of them: each such trade takes from the side.",
            "某侧最优五档（最优报价数据为一档）的价格与数量在每个快照中保持不变至少 stay 秒，而另"
            "一侧变化不少于 moves 次。hits：其间有成交触及该侧最优价或更外侧的整秒数。达到 hits 个"
            "为少见：每笔此类成交都应使该侧减少。",
        ),
        BOOK_SQL,
    ),
)
INNOCENT = Text(
    "a quiet side of a thin market; a maker who puts the same size back after every trade; a "
    "recorder that lost one side's messages",
    "清淡市场中安静的一侧；做市商每次成交后补回相同数量；记录者漏收了一侧的消息",
)


class Spell(NamedTuple):
    """A stretch: the other side's moves in it, seconds that should have left a mark."""

    side: str
    start: int
    end: int
    moves: int
    hits: int
    row: int


@dataclass(frozen=True)
class Task:
    """One piece of a source and its witness."""

    source: Source
    piece: Piece
    witness: Witness
    stay: int
    moves: int


def plan(context: Context) -> list[Task]:
    """Every source of books and best quotes, whole."""
    stay, moves = (integer(context.params, name, 1) for name in ("stay", "moves"))
    tasks = []
    for record, price in PRICES.items():
        for source in sources(context.lake, record, price):
            span = span_of(source.track)
            heard = witness(context.lake, source.track.instrument, span)
            tasks += [Task(source, p, heard, stay, moves) for p in pieces(source.track, span)]
    return tasks


def work(task: Task) -> list[Spell]:
    """The stretches of one piece; one that crosses its edge is taken from the edge on."""
    from ._stale_kernel import still

    track = task.piece.track
    levels = min(LOOKED, levels_of(track))
    found = rows_of(task.piece, query(track, levels), task.stay)
    if len(found.ts) < 2:
        return []
    span = Window("span", int(found.ts[0]) // SECOND * SECOND, int(found.ts[-1]) + 1)
    low, high = task.witness.seconds(span)
    price, size = (cube(found.values, what, levels, len(found.ts)) for what in ("price", "size"))
    out = np.zeros((MOST, 6), np.int64)
    made = still(
        found.ts, price, size, span.start // SECOND, low, high, task.stay * SECOND, task.moves, out
    )
    return [
        Spell(SIDES[side], int(start), int(end), int(moves), int(hits), int(found.row[at]))
        for side, start, end, moves, hits, at in out[:made]
    ]


def merge(context: Context, partials: Sequence[list[Spell]]) -> tuple[list[Finding], list[Problem]]:
    """One result per source, then its longest stretches."""
    grouped: dict[tuple[str, str, str], tuple[Task, list[Spell]]] = {}
    for task, spells in zip(plan(context), partials, strict=True):
        track = task.source.track
        key = (track.record, track.instrument.key, task.source.sha256)
        grouped.setdefault(key, (task, []))[1].extend(spells)
    found = [f for task, s in grouped.values() for f in _findings(context, task, _joined(s))]
    return found, []


def _joined(spells: Sequence[Spell]) -> list[Spell]:
    """Stretches of one side that overlap at the edge of two pieces are one."""
    made: list[Spell] = []
    for one in sorted(spells, key=lambda s: (s.side, s.start, s.end)):
        last = made[-1] if made else None
        if last is not None and last.side == one.side and one.start <= last.end:
            made[-1] = last._replace(
                end=max(last.end, one.end), moves=max(last.moves, one.moves),
                hits=max(last.hits, one.hits),
            )  # fmt: skip
        else:
            made.append(one)
    return sorted(made, key=lambda s: (s.start, s.side))


def _findings(context: Context, task: Task, spells: Sequence[Spell]) -> Iterator[Finding]:
    source, hits = task.source, integer(context.params, "hits", 1)
    beside = task.witness.inputs
    limits = {"stay": task.stay, "moves": task.moves, "hits": hits}
    total = sum((_seconds(s) for s in spells), Decimal(0))
    if not spells:
        said = Text(
            f"in {source.rows:,} snapshots no side stands still for {task.stay} s while the other "
            "moves",
            f"{source.rows:,} 个快照中没有一侧在另一侧变动时静止达 {task.stay} 秒",
        )
        told = Said(Result(SOUND, said), total, "s", rows=beside, params=limits)
        yield finding(NAME, METHODS[0], source, told)
        return
    worst = max(spells, key=lambda s: (s.hits >= hits, s.end - s.start, -s.start))
    result = _result(worst, len(spells), hits)
    rows = (row_input(source.track, worst.row), *beside)
    told = Said(result, total, "s", worst.start, rows, {**limits, "spells": len(spells)})
    yield finding(NAME, METHODS[0], source, told)
    listed = integer(context.params, "listed", 0)
    longest = sorted(spells, key=lambda s: (s.start - s.end, s.start, s.side))[:listed]
    for one in sorted(longest, key=lambda s: (s.start, s.side)):
        more = {
            **limits, "side": one.side, "until": format_time(one.end), "other_moves": one.moves,
            "seconds_hit": one.hits,
        }  # fmt: skip
        row = (row_input(source.track, one.row), *beside)
        told = Said(_result(one, 1, hits), _seconds(one), "s", one.start, row, more)
        yield finding(NAME, METHODS[0], source, told, "spell")


def _result(worst: Spell, count: int, hits: int) -> Result:
    side = Text("bids", "买单") if worst.side == "bid" else Text("asks", "卖单")
    stood, since = plain(_seconds(worst)), moment(worst.start)
    said = Text(
        f"{many(count, 'stretch', 'stretches')} in which one side stands still while the other "
        f"moves; the worst: {side.en} for {stood} s from {since} (UTC), "
        f"{many(worst.moves, 'move')} of the other side, {many(worst.hits, 'second')} with trades "
        "that should have left a mark",
        f"一侧静止而另一侧变动共 {count} 段；最甚者：{side.zh}自 {since}（UTC）起 {stood} 秒，"
        f"另一侧变动 {worst.moves:,} 次，其中 {worst.hits:,} 秒的成交本应使其变化",
    )
    return Result(STRONG if worst.hits >= hits else HINT, said, INNOCENT)


def _seconds(one: Spell) -> Decimal:
    return Decimal(one.end - one.start) / SECOND
