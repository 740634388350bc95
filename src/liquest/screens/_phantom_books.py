"""Phantom levels in snapshots: one piece of a book against the trades of every second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..clock import SECOND, Window
from ..measures._book import Piece, levels_of, rows_of
from ..measures._book_sql import QUOTES_AS_BOOK, SIDES, suffix
from ..tape.tracks import Floats, Track
from ._witness import Witness

LOOKED = 5
"""Levels a side that are looked at: what trades have passed is the best of its side."""
MOST = 10_000
"""Levels of one piece that are kept."""
JOIN = 300 * SECOND
"""Stretches of the same level less apart than this are one, across the edges of pieces."""

BOOK_SQL = "SELECT ts, row_no, {columns} FROM {rows}"


@dataclass(frozen=True)
class Levels:
    """Which of the levels that stand too long are to be told: after `stay` seconds and `least`
    seconds with trades, all beyond."""

    stay: int
    least: int
    max_age: int


class Stuck(NamedTuple):
    """A level: the moment of the first trade beyond it, when it was last seen, in which row."""

    side: str
    price: float
    size: float
    first: int
    last: int
    ts: int
    row: int


@dataclass(frozen=True)
class Seen:
    """Of one piece: the levels, and the seconds of trades that were looked at."""

    stuck: tuple[Stuck, ...] = ()
    seconds: int = 0


def columns(levels: int) -> str:
    """Prices and sizes of the best levels, as doubles."""
    return ", ".join(
        f"{side}_{what}{suffix(n)}::DOUBLE AS {side}_{what}{suffix(n)}"
        for what in ("price", "size")
        for side in SIDES
        for n in range(levels)
    )


def query(track: Track, levels: int) -> str:
    """The rows of a piece; {rows} stands for the table."""
    table = f"({QUOTES_AS_BOOK})" if track.record == "quotes" else "{rows}"
    return BOOK_SQL.format(columns=columns(levels), rows=table)


def cube(values: Mapping[str, Floats], what: str, levels: int, rows: int) -> Floats:
    """Prices or sizes as snapshots × side × level."""
    made = np.empty((rows, len(SIDES), levels))
    for side, name in enumerate(SIDES):
        for n in range(levels):
            made[:, side, n] = values[f"{name}_{what}{suffix(n)}"]
    return made


def stuck_in(piece: Piece, traded: Witness, asked: Levels) -> Seen:
    """The levels of one piece that stand while all trades print beyond them."""
    from ._phantom_kernel import stuck

    if not traded.by_the_second:
        return Seen()
    levels = min(LOOKED, levels_of(piece.track))
    found = rows_of(piece, query(piece.track, levels), asked.max_age)
    if not len(found.ts):
        return Seen()
    span = Window("span", int(found.ts[0]) // SECOND * SECOND, int(found.ts[-1]) + 1)
    low, high = traded.seconds(span)
    price = cube(found.values, "price", levels, len(found.ts))
    size = cube(found.values, "size", levels, len(found.ts))
    out = np.zeros((MOST, 5), np.int64)
    made = stuck(
        found.ts, price, size, span.start // SECOND, low, high, asked.stay * SECOND, asked.least,
        out,
    )  # fmt: skip
    told = []
    for side, level, first, last, at in out[:made]:
        told.append(
            Stuck(
                SIDES[side], float(price[at, side, level]), float(size[at, side, level]),
                int(first), int(last), int(found.ts[at]), int(found.row[at]),
            )
        )  # fmt: skip
    return Seen(tuple(told), int((~np.isnan(low)).sum()))


def joined(pieces: Sequence[Seen]) -> list[Stuck]:
    """The levels of all pieces, one that goes on across an edge as one; longest first."""
    by_level: dict[tuple[str, float, float], list[Stuck]] = {}
    for one in sorted((s for p in pieces for s in p.stuck), key=lambda s: (s.first, s.side)):
        group = by_level.setdefault((one.side, one.price, one.size), [])
        if group and one.first - group[-1].last <= JOIN:
            group[-1] = one._replace(first=group[-1].first)
        else:
            group.append(one)
    flat = [one for group in by_level.values() for one in group]
    return sorted(flat, key=lambda s: (s.first - s.last, s.first, s.side, s.price))
