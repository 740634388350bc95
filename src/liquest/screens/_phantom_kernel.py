"""Levels that stay while all trades print beyond them, as machine code.

A level is the same as long as every snapshot has it with the same price and size. A second
counts against it when every trade of it was at a worse price: below a bid, above an ask. In a
working book no such trade can happen before the level is gone. A second with a trade that is
not clears the count: a price that dips and comes back finds the same quote again.
"""

from __future__ import annotations

import numpy as np

from ..run.compiled import compiled
from ..tape.tracks import Floats, Ints

SECOND = 1_000_000


@compiled
def stuck(
    ts: Ints, price: Floats, size: Floats, first: int, low: Floats, high: Floats, stay: int,
    least: int, out: Ints,
) -> int:  # fmt: skip
    """Fill `out` [n, 5] with side, level, moment of the first trade beyond, last moment seen and
    place of the last snapshot, of each level that stood `stay` µs and `least` seconds with
    trades, all of them beyond it; returns how many, at most n.

    price, size: snapshots × side (0 bids) × levels, NaN for none. `low` and `high` are by
    second, the first of them beginning at second `first`.
    """
    levels = price.shape[2]
    held_price, held_size = np.full((2, levels), np.nan), np.full((2, levels), np.nan)
    # Per level: the second looked at last, seconds beyond, moment of the first, place in out.
    held = np.zeros((2, levels, 4), np.int64)
    fresh = np.zeros((levels, 4), np.int64)
    made = 0
    for at in range(len(ts)):
        now = ts[at] // SECOND - first
        for side in range(2):
            for level in range(levels):
                here = price[at, side, level]
                fresh[level, 0], fresh[level, 1] = now, 0
                fresh[level, 2], fresh[level, 3] = -1, -1
                if np.isnan(here):
                    continue
                for old in range(levels):
                    same = held_price[side, old] == here
                    if same and held_size[side, old] == size[at, side, level]:
                        fresh[level] = held[side, old]
                        break
                while fresh[level, 0] + 1 < now:
                    fresh[level, 0] += 1
                    second = fresh[level, 0]
                    if second < 0 or second >= len(low):
                        continue
                    if np.isnan(low[second]):
                        continue
                    beyond = high[second] < here if side == 0 else low[second] > here
                    if not beyond:
                        fresh[level, 1], fresh[level, 2], fresh[level, 3] = 0, -1, -1
                        continue
                    fresh[level, 1] += 1
                    if fresh[level, 2] < 0:
                        fresh[level, 2] = (first + second) * SECOND
                enough = fresh[level, 1] >= least and ts[at] - fresh[level, 2] >= stay
                if not enough:
                    continue
                if fresh[level, 3] < 0 and made < len(out):
                    fresh[level, 3] = made
                    made += 1
                if fresh[level, 3] >= 0:
                    place = fresh[level, 3]
                    out[place, 0], out[place, 1], out[place, 2] = side, level, fresh[level, 2]
                    out[place, 3], out[place, 4] = ts[at], at
            for level in range(levels):
                held_price[side, level] = price[at, side, level]
                held_size[side, level] = size[at, side, level]
                held[side, level] = fresh[level]
    return made
