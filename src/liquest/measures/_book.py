"""Books and best quotes as measures read them: one track, piece by piece, rows in time order.

A state of the book holds from its snapshot to the next one, for at most `max_age` seconds;
after that nothing is known. Records are "book" (up to 25 levels) and, where an instrument has
no book, "quotes" (one level).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..clock import SECOND, Window
from ..errors import Text
from ..findings import Input
from ..instruments import STABLE
from ..problems import ABSENT, Problem
from ..run.database import connection
from ..tape.lake import Lake
from ..tape.reading import literal
from ..tape.schema import LEVELS
from ..tape.tracks import Floats, Ints, Track
from . import Context

PRICES = {"book": "book", "quotes": "quote"}
"""By record, what stands as the kind of price in a finding's subject."""
BUSY = 400_000
"""Snapshots that are in memory at once."""


@dataclass(frozen=True)
class Piece:
    """Snapshots of one track in [start, end), a part of `window`."""

    track: Track
    window: Window
    start: int
    end: int

    def reach(self, max_age: int) -> Window:
        """With what came before and may still hold at its start."""
        return Window("piece", self.start - max_age * SECOND, self.end)


class Rows(NamedTuple):
    """Snapshots in time order: moments (µs), row numbers, and the columns asked for."""

    ts: Ints
    row: Ints
    values: Mapping[str, Floats]


def books(context: Context, window: Window, *, quotes: bool = False) -> list[Track]:
    """A track of every instrument with a book in the window; with `quotes` also those that
    have best quotes only."""
    lake = context.lake
    found: list[Track] = []
    for record in ("book", "quotes") if quotes else ("book",):
        taken = {t.instrument for t in found}
        found += [
            Track(lake.root, instrument, PRICES[record], record, 0, lake.of(record, instrument))
            for instrument in lake.instruments(record)
            if instrument not in taken and lake.of(record, instrument, window)
        ]
    return sorted(found, key=lambda t: t.instrument.key)


def pieces(track: Track, window: Window) -> Iterator[Piece]:
    """The window in pieces of whole seconds, none with too many rows to hold."""
    parts = Lake(track.root, track.parts).of(track.record, window=window)
    if not parts:
        return
    start = max(window.start, min(p.ts_min for p in parts) // SECOND * SECOND)
    # The last state holds beyond its row: the window is looked at to its end.
    rows = sum(p.rows for p in parts)
    step = -(-(window.end - start) // (1 + rows // BUSY) // SECOND) * SECOND
    for at in range(start, window.end, step):
        yield Piece(track, window, at, min(at + step, window.end))


def levels_of(track: Track) -> int:
    """How many levels a side the files of a track can hold."""
    if track.record == "quotes":
        return 1
    files = ", ".join(literal(str(track.root / p.path)) for p in track.parts)
    rows = connection().execute(f"SELECT DISTINCT name FROM parquet_schema([{files}])").fetchall()
    names = {name for (name,) in rows}
    there = (n for n in range(LEVELS) if {f"bid_price_{n}", f"ask_price_{n}"} <= names)
    return max(there, default=-1) + 1


def rows_of(piece: Piece, query: str, max_age: int) -> Rows:
    """The rows of `query` over the piece and what may still hold at its start.

    `query` has {rows} for the table and gives ts, row_no and columns of doubles.
    """
    reach = piece.reach(max_age)
    if not piece.track.holds(reach):
        return Rows(np.empty(0, np.int64), np.empty(0, np.int64), {})
    found = connection().execute(query.format(rows=piece.track.table(reach))).fetchnumpy()
    ts = np.ma.filled(found.pop("ts"), 0).astype(np.int64)
    row = np.ma.filled(found.pop("row_no"), 0).astype(np.int64)
    values = {n: np.ma.filled(v.astype(np.float64), np.nan) for n, v in found.items()}
    if len(ts) and (np.diff(ts) < 0).any():
        order = np.argsort(ts, kind="stable")
        ts, row = ts[order], row[order]
        values = {n: v[order] for n, v in values.items()}
    return Rows(ts, row, values)


def held_at(ts: Ints, ends: Ints, max_age: int) -> Ints:
    """For every moment the place of the last snapshot before it; −1 where there is none, or
    one older than `max_age` seconds."""
    at = np.searchsorted(ts, ends, side="left") - 1
    fresh = at >= 0
    fresh[fresh] = ends[fresh] - ts[at[fresh]] < (max_age + 1) * SECOND
    return np.where(fresh, at, -1)


def row_input(track: Track, row_no: int, ts: int | None = None) -> Input:
    """The row as a finding points to it; `ts` tells sources apart whose numbers overlap."""
    for part in track.parts:
        known = ts is None or part.ts_min <= ts <= part.ts_max
        if part.row_min <= row_no <= part.row_max and known:
            return Input(part.source, row_no, row_no, "extreme")
    raise LookupError(f"no part of {track.instrument.key} has row {row_no}")


def scanned(track: Track, window: Window) -> tuple[Input, ...]:
    """The spans of rows of the parts that reach into the window."""
    parts = Lake(track.root, track.parts).of(track.record, window=window)
    return tuple(dict.fromkeys(Input(p.source, p.row_min, p.row_max) for p in parts))


def money(track: Track) -> tuple[str, tuple[str, ...]]:
    """The unit of values of a track, and the caveats of it: USD also where a dollar stablecoin
    is taken at 1; "contracts" where their size is not known."""
    instrument = track.instrument
    if instrument.contract_size is None:
        return "contracts", ("contract-size-unknown",)
    if instrument.inverse or instrument.quote == "USD":
        return "USD", ()
    if instrument.quote in STABLE:
        return "USD", ("stablecoin-unknown",)
    return instrument.quote or "quote", ()


def coverage(track: Track, window: Window) -> tuple[str, ...]:
    """The caveat of data that begin late or end early."""
    parts = track.parts
    whole = min(p.ts_min for p in parts) <= window.start + SECOND
    whole = whole and max(p.ts_max for p in parts) >= window.end - SECOND
    return () if whole else ("not-covered",)


def no_books(name: str, windows: Iterable[Window]) -> list[Problem]:
    """That a measure found no book in some windows; nothing where there are none such."""
    named = ", ".join(w.name for w in windows)
    if not named:
        return []
    words = Text(
        f"{name}: no order books at hand in: {named}",
        f"{name}：以下时间窗内没有订单簿数据：{named}",
    )
    return [Problem("no-books", ABSENT, words, count=0)]
