"""The depth of an instrument second by second, whatever record tells it.

From books the best N levels of a side or both (all that a shallower record holds), from a
venue's bands the band of the width asked for. NaN where nothing fresh is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ..clock import SECOND, Window
from ..tape.tracks import Floats, Ints, seconds_of
from . import Context
from ._bands import band_tracks, bands, nearest
from ._book import Piece, books, held_at, levels_of, pieces, rows_of
from ._book_sql import SIDES, best, snapshots

BOTH = "both"


@dataclass(frozen=True)
class Asked:
    """Best `levels` of a book, or the band of `width`; on `side` bid, ask or both together."""

    side: str
    levels: int
    width: Decimal
    max_age: int


@dataclass(frozen=True)
class Stretch:
    """A piece of an instrument's depth that is to be read; picklable."""

    piece: Piece
    asked: Asked


@dataclass(frozen=True)
class Path:
    """Seconds (their beginnings, µs), values in the unit of `_book.money`, the row behind each
    second (0 where there is none) and the snapshots read."""

    stretch: Stretch
    seconds: Ints
    value: Floats
    row: Ints
    count: int


def stretches(context: Context, window: Window, asked: Asked) -> Iterator[Stretch]:
    """What must be read for every instrument with a book or bands in the window."""
    taken = set()
    for track in books(context, window):
        taken.add(track.instrument)
        for piece in pieces(track, window):
            yield Stretch(piece, asked)
    for track in band_tracks(context, window):
        if track.instrument not in taken:
            yield Stretch(Piece(track, window, window.start, window.end), asked)


def path_of(stretch: Stretch) -> Path:
    """Read one stretch."""
    if stretch.piece.track.record == "depth":
        return _of_bands(stretch)
    piece, asked = stretch.piece, stretch.asked
    levels = min(asked.levels, levels_of(piece.track))
    query = snapshots(piece.track.instrument, levels, best(levels))
    found = rows_of(piece, query, asked.max_age)
    seconds = seconds_of(Window("piece", piece.start, piece.end))
    at = held_at(found.ts, seconds + SECOND, asked.max_age)
    value = np.full(len(seconds), np.nan)
    row = np.zeros(len(seconds), np.int64)
    if len(found.ts):
        sides = [found.values[f"{side}_{levels}"] for side in SIDES if asked.side in (side, BOTH)]
        total = np.sum(sides, axis=0)
        value[at >= 0] = total[at[at >= 0]]
        row[at >= 0] = found.row[at[at >= 0]]
    inside = int(((found.ts >= piece.start) & (found.ts < piece.end)).sum())
    return Path(stretch, seconds, value, row, inside)


def _of_bands(stretch: Stretch) -> Path:
    """The venue's bands of that width; none gives no values."""
    track, window, asked = stretch.piece.track, stretch.piece.window, stretch.asked
    found = nearest(bands(track, window), asked.width)
    seconds = seconds_of(window)
    sides = []
    for side in SIDES:
        if asked.side not in (side, BOTH):
            continue
        value = np.full(len(seconds), np.nan)
        if band := found.get(side):
            at = held_at(
                band.ts + band.duration, seconds + SECOND,
                asked.max_age + band.duration // SECOND,
            )  # fmt: skip
            value[at >= 0] = band.value[at[at >= 0]]
        sides.append(value)
    count = max((len(b.ts) for b in found.values()), default=0)
    return Path(stretch, seconds, np.sum(sides, axis=0), np.zeros(len(seconds), np.int64), count)
