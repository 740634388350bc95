"""Sides of a book that stand still while the other moves, as machine code."""

from __future__ import annotations

import numpy as np

from ..run.compiled import compiled
from ..tape.tracks import Floats, Ints

SECOND = 1_000_000


@compiled
def unchanged(price: Floats, size: Floats, at: int, side: int) -> bool:
    """Whether a side's levels are those of the snapshot before; NaN equals NaN."""
    for level in range(price.shape[2]):
        before, now = price[at - 1, side, level], price[at, side, level]
        if before != now and not (np.isnan(before) and np.isnan(now)):
            return False
        before, now = size[at - 1, side, level], size[at, side, level]
        if before != now and not (np.isnan(before) and np.isnan(now)):
            return False
    return True


@compiled
def still(
    ts: Ints, price: Floats, size: Floats, first: int, low: Floats, high: Floats, stay: int,
    moves: int, out: Ints,
) -> int:  # fmt: skip
    """Fill `out` [n, 6] with side, begin, end (µs), moves of the other side, seconds with trades
    at or beyond its best price, and place of the last snapshot, of every stretch of at least
    `stay` µs in which a side did not change and the other changed `moves` times or more.

    Arrays as in the phantom kernel; returns how many, at most n.
    """
    made = 0
    begin, moved = np.zeros(2, np.int64), np.zeros(2, np.int64)
    begin[:] = ts[0] if len(ts) else 0
    for at in range(1, len(ts) + 1):
        same = np.zeros(2, np.bool_)
        if at < len(ts):
            for side in range(2):
                same[side] = unchanged(price, size, at, side)
        for side in range(2):
            if at < len(ts) and same[side]:
                if not same[1 - side]:
                    moved[side] += 1
                continue
            end = ts[at - 1]
            if end - begin[side] >= stay and moved[side] >= moves and made < len(out):
                best, hits = price[at - 1, side, 0], 0
                for second in range(begin[side] // SECOND + 1 - first, end // SECOND - first):
                    if 0 <= second < len(low):
                        hit = low[second] <= best if side == 0 else high[second] >= best
                        hits += int(hit)
                out[made, 0], out[made, 1], out[made, 2] = side, begin[side], end
                out[made, 3], out[made, 4], out[made, 5] = moved[side], hits, at - 1
                made += 1
            if at < len(ts):
                begin[side], moved[side] = ts[at], 0
    return made
