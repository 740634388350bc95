"""`crossed`: books whose bid stands at or above the ask, or whose levels are out of order.

    screen.crossed  one per source: seconds with the bid above the ask ("s"), how strong, in words;
                    parameters: locked (bid equals ask, s), longest, disordered (snapshots)

While orders are matched as they come, such a book cannot last: the two orders trade.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from ..clock import MINUTE, SECOND
from ..errors import Text
from ..findings import Finding, Input, Method, plain
from ..measures import Context
from ..measures._book import PRICES, Piece, levels_of, pieces, row_input, rows_of
from ..measures._book_sql import QUOTES_AS_BOOK, suffix
from ..measures._params import decimal, integer
from ..problems import Problem
from ..tape.tracks import Track
from ._result import (
    HINT,
    IMPOSSIBLE,
    SOUND,
    STRONG,
    Result,
    Said,
    Source,
    finding,
    moment,
    sources,
    span_of,
)

NAME = "crossed"
DEFAULTS: Mapping[str, Any] = {"least": "1", "max_age": 10}
CROSSED, LOCKED = 1, 2


def state_query(track: Track, levels: int) -> str:
    """The state of every snapshot (1 crossed, 2 locked), and whether levels are out of order, on
    the prices as they stand, without a double; {rows} stands for the table."""
    pairs = [
        f"{side}_price{suffix(n)} {beyond} {side}_price{suffix(n + 1)}"
        for n in range(levels - 1)
        for side, beyond in (("bid", "<="), ("ask", ">="))
    ]
    table = f"({QUOTES_AS_BOOK})" if track.record == "quotes" else "{rows}"
    return STATE_SQL.format(
        crossed=CROSSED, locked=LOCKED, disordered=" OR ".join(pairs) or "false", rows=table
    )


STATE_SQL = """
SELECT ts, row_no,
       CASE WHEN bid_price_0 > ask_price_0 THEN {crossed}
            WHEN bid_price_0 = ask_price_0 THEN {locked} ELSE 0 END AS state,
       coalesce(({disordered})::INT, 0) AS disordered
FROM {rows}
"""

METHODS = (
    Method(
        NAME,
        Text("Bid at or above the ask", "买一不低于卖一"),
        Text(
            "crossed: the best bid is above the best ask; locked: they are equal. A snapshot holds "
            "to the next, at most max_age seconds; the longest spell is of snapshots in a row. "
            "disordered: a level of a side does not lie beyond the one before it. Impossible where "
            "a crossed spell lasts `least` seconds or any snapshot is out of order; strong where a "
            "locked one lasts so long; shorter ones are hints.",
            "crossed：买一高于卖一；locked：二者相等。快照有效至下一快照，最长 max_age 秒；最长时"
            "段按连续快照计。disordered：某档未位于前一档之外。交叉持续 least 秒或有快照次序错误为"
            "不可能；锁定持续同样久为少见；更短者仅为线索。",
        ),
        STATE_SQL.strip(),
    ),
)
INNOCENT = Text(
    "the two sides of a snapshot were taken at different moments, messages were lost, or the venue "
    "was matching by auction or not at all",
    "快照两侧取自不同时刻、消息丢失，或场所当时处于集合竞价或未撮合",
)


class Spell(NamedTuple):
    """Begin, end (µs) and the row it begins with."""

    start: int
    end: int
    row: int


@dataclass(frozen=True)
class Task:
    """One piece of a source."""

    source: Source
    piece: Piece
    max_age: int


@dataclass(frozen=True)
class Looked:
    """Of one piece: spells by state, snapshots out of order and the first such row."""

    spells: Mapping[int, tuple[Spell, ...]] = field(default_factory=dict)
    disordered: int = 0
    first: tuple[int, int] | None = None


def plan(context: Context) -> list[Task]:
    """Every source of books and best quotes, whole."""
    max_age = integer(context.params, "max_age", 1)
    return [
        Task(source, piece, max_age)
        for record, price in PRICES.items()
        for source in sources(context.lake, record, price)
        for piece in pieces(source.track, span_of(source.track))
    ]


def work(task: Task) -> Looked:
    """The states of one piece."""
    from ..measures._uptime_kernel import kept, none

    piece = task.piece
    query = state_query(piece.track, levels_of(piece.track))
    found = rows_of(piece, query, task.max_age)
    if not len(found.ts):
        return Looked()
    first = piece.start // MINUTE * MINUTE
    spells = {}
    for state in (CROSSED, LOCKED):
        fails = (found.values["state"] == state).astype(np.int64)
        known, failed, out = none(-(-(piece.end - first) // MINUTE), 1, len(found.ts))
        most = task.max_age * SECOND
        made = kept(found.ts, fails, piece.start, piece.end, most, first, known, failed, out)
        spells[state] = tuple(Spell(int(b), int(e), int(found.row[at])) for b, e, at in out[:made])
    wrong = (found.values["disordered"] > 0) & (found.ts >= piece.start) & (found.ts < piece.end)
    place = int(np.argmax(wrong))
    one = (int(found.ts[place]), int(found.row[place])) if wrong.any() else None
    return Looked(spells, int(wrong.sum()), one)


def merge(context: Context, partials: Sequence[Looked]) -> tuple[list[Finding], list[Problem]]:
    """One result per source."""
    least = decimal(context.params, "least")
    grouped: dict[tuple[str, str, str], list[tuple[Task, Looked]]] = {}
    for task, looked in zip(plan(context), partials, strict=True):
        track = task.source.track
        key = (track.record, track.instrument.key, task.source.sha256)
        grouped.setdefault(key, []).append((task, looked))
    return [f for group in grouped.values() for f in _findings(group, least)], []


def _findings(group: Sequence[tuple[Task, Looked]], least: Decimal) -> Iterator[Finding]:
    source = group[0][0].source
    crossed, locked = (_joined([looked for _, looked in group], s) for s in (CROSSED, LOCKED))
    disordered = sum(looked.disordered for _, looked in group)
    totals = [_seconds(spells) for spells in (crossed, locked)]
    longest = [max(spells, key=lambda s: (s.end - s.start, -s.start), default=None)
               for spells in (crossed, locked)]  # fmt: skip
    lengths = [Decimal(0) if s is None else _seconds([s]) for s in longest]
    result = _result(totals, lengths, longest, disordered, source.rows, least)
    told = {
        "locked": totals[1], "longest": lengths[0], "longest_locked": lengths[1],
        "disordered": disordered, "spells": len(crossed), "least": least,
    }  # fmt: skip
    at: int | None = None
    rows: tuple[Input, ...] = ()
    worst = longest[0] or longest[1]
    if worst is not None:
        at, rows = worst.start, (row_input(source.track, worst.row),)
    elif disordered:
        ts, row = next(looked.first for _, looked in group if looked.first is not None)
        at, rows = ts, (row_input(source.track, row, ts),)
    yield finding(NAME, METHODS[0], source, Said(result, totals[0], "s", at, rows, told))


def _result(
    totals: Sequence[Decimal], lengths: Sequence[Decimal], longest: Sequence[Spell | None],
    disordered: int, rows: int, least: Decimal,
) -> Result:  # fmt: skip
    """The words for what was found."""
    en, zh = [], []
    for total, length, spell, what in zip(
        totals, lengths, longest,
        (Text("the bid stood above the ask", "买一高于卖一"),
         Text("the bid stood at the ask", "买一等于卖一")), strict=True,
    ):  # fmt: skip
        if spell is not None:
            since = moment(spell.start)
            en.append(
                f"{what.en} for {plain(total)} s in all, longest {plain(length)} s from {since}"
            )
            zh.append(f"{what.zh}共 {plain(total)} 秒，最长 {plain(length)} 秒，始于 {since}")
    if disordered:
        en.append(f"levels out of order in {disordered:,} snapshots")
        zh.append(f"{disordered:,} 个快照的档位次序错误")
    if not en:
        return Result(
            SOUND,
            Text(
                f"in {rows:,} snapshots the bid stands below the ask and levels in order",
                f"{rows:,} 个快照中买一均低于卖一，档位次序正确",
            ),
        )
    said = Text(f"{'; '.join(en)} (UTC)", f"{'；'.join(zh)}（UTC）")
    strength = HINT
    if disordered or lengths[0] >= least:
        strength = IMPOSSIBLE
    elif lengths[1] >= least:
        strength = STRONG
    return Result(strength, said, INNOCENT)


def _joined(looked: Sequence[Looked], state: int) -> list[Spell]:
    """Spells of all pieces, one that goes on across an edge as one."""
    made: list[Spell] = []
    for one in looked:
        for spell in one.spells.get(state, ()):
            if made and made[-1].end == spell.start:
                made[-1] = made[-1]._replace(end=spell.end)
            else:
                made.append(spell)
    return made


def _seconds(spells: Sequence[Spell]) -> Decimal:
    return Decimal(sum(s.end - s.start for s in spells)) / SECOND
