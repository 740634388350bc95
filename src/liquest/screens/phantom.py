"""`phantom`: levels that stay in a book while everything is traded beyond them.

    screen.phantom        one per source: how many such levels ("levels"), how strong, in words
    screen.phantom.level  how long one stood after the first trade beyond it ("s"), the longest
                          `listed` of them

A level cannot stand in a working book when trades print beyond it: it would have been taken
first. So the level is in the file and not in the market; what made the file did not delete it.
Depth that a venue gives by bands has a screen of its own, `bands`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..clock import SECOND, format_time
from ..errors import Text
from ..findings import Finding, Method
from ..measures import Context
from ..measures._book import PRICES, Piece, pieces, row_input
from ..measures._book_exact import Level, snapshot_at
from ..measures._params import integer
from ..problems import Problem
from ._phantom_books import BOOK_SQL, LOOKED, Levels, Seen, Stuck, joined, stuck_in
from ._phantom_say import of_levels, sound
from ._result import Said, Source, finding, sources, span_of
from ._witness import Witness, witness

NAME = "phantom"
DEFAULTS: Mapping[str, Any] = {"stay": 5, "least": 3, "max_age": 60, "listed": 20}

METHODS = (
    Method(
        NAME,
        Text("Levels that stand beyond the trades", "越过成交价仍存留的挂单"),
        Text(
            "A level of the best five of a side that stands unchanged (price and size) in every "
            "snapshot for at least `stay` seconds and `least` seconds with trades, while every "
            "trade of those seconds is at a worse price (below a bid, above an ask). The seconds "
            "are whole ones after the level was first seen; one with any other trade clears the "
            "count. Seconds without trades count for nothing.",
            "某侧最优五档之一，在每个快照中价格与数量均不变，且至少 stay 秒、至少 least 个有成交的"
            "秒内每一笔成交都在更差的价位（买单之下、卖单之上）。所计为该档首次出现之后的整秒，出"
            "现其他成交即重新计数；无成交的秒不计。",
        ),
        BOOK_SQL,
    ),
)


@dataclass(frozen=True)
class Task:
    """A piece of one source and its witness."""

    source: Source
    piece: Piece
    witness: Witness
    asked: Levels


def plan(context: Context) -> list[Task]:
    """Every source of books and best quotes, whole."""
    params = context.params
    asked = Levels(
        integer(params, "stay", 1), integer(params, "least", 1), integer(params, "max_age", 0)
    )
    tasks = []
    for record, price in PRICES.items():
        for source in sources(context.lake, record, price):
            span = span_of(source.track)
            heard = witness(context.lake, source.track.instrument, span)
            tasks += [Task(source, p, heard, asked) for p in pieces(source.track, span)]
    return tasks


def work(task: Task) -> Seen:
    """The levels of one piece."""
    return stuck_in(task.piece, task.witness, task.asked)


def merge(context: Context, partials: Sequence[Seen]) -> tuple[list[Finding], list[Problem]]:
    """One result per source, then its levels."""
    listed = integer(context.params, "listed", 0)
    grouped: dict[tuple[str, str, str], list[tuple[Task, Seen]]] = {}
    for task, seen in zip(plan(context), partials, strict=True):
        track = task.source.track
        key = (track.record, track.instrument.key, task.source.sha256)
        grouped.setdefault(key, []).append((task, seen))
    return [f for group in grouped.values() for f in _findings(group, listed)], []


def _findings(group: Sequence[tuple[Task, Seen]], listed: int) -> Iterator[Finding]:
    """One source; the witness stands among the rows that the result was chosen from."""
    task = group[0][0]
    source, beside = task.source, task.witness.inputs
    limits = {"stay": task.asked.stay, "least": task.asked.least}
    found = joined([seen for _, seen in group])
    if not found:
        seconds = sum(seen.seconds for _, seen in group)
        result = sound(source.rows, seconds if task.witness.by_the_second else None)
        said = Said(result, 0, "levels", rows=beside, params=limits)
        yield finding(NAME, METHODS[0], source, said)
        return
    level, stood = _exact(source, found[0]), _seconds(found[0])
    result = of_levels(len(found), stood, found[0].side, level.price, level.size)
    rows = (row_input(source.track, found[0].row, found[0].ts), *beside)
    said = Said(result, len(found), "levels", found[0].first, rows, limits)
    yield finding(NAME, METHODS[0], source, said)
    for one in found[:listed]:
        level = _exact(source, one)
        told = {
            **limits, "side": one.side, "price": level.price, "size": level.size,
            "until": format_time(one.last),
        }  # fmt: skip
        rows = (row_input(source.track, one.row, one.ts), *beside)
        alone = of_levels(1, _seconds(one), one.side, level.price, level.size)
        said = Said(alone, _seconds(one), "s", one.first, rows, told)
        yield finding(NAME, METHODS[0], source, said, "level")


def _seconds(one: Stuck) -> Decimal:
    return Decimal(one.last - one.first) / SECOND


def _exact(source: Source, one: Stuck) -> Level:
    """The level as the row holds it."""
    levels = 1 if source.track.record == "quotes" else LOOKED
    held = snapshot_at(source.track, one.ts, one.row, levels).levels(one.side)
    return min(held, key=lambda x: abs(float(x.price) - one.price))
