"""A book from its changes, as machine code: apply them in order, keep what stands each second.

Prices and sizes are whole numbers (a decimal times a power of ten), so nothing is rounded.
Each side is kept in rising order with its best level last: bids by price, asks by the
negative of it. Invariant: the first `count[side]` keys rise strictly and no size is zero.
"""

from __future__ import annotations

import numpy as np

from ..run.compiled import compiled
from .tracks import Ints

APART = 1_000_000
"""Rows of one snapshot come together: one later than this (µs) begins another."""
SECOND, LAST_TS, LAST_ROW, BEGUN, IN_SNAPSHOT = 0, 1, 2, 3, 4
"""Places in the state: the open second (−1 before any), its last row's time and number,
whether a snapshot was seen, whether the row before was part of one."""


@compiled
def placed(keys: Ints, sizes: Ints, count: int, key: int, size: int) -> int:
    """Put `size` at `key`, or take the level away when it is zero; returns the new count."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    if low < count and keys[low] == key:
        if size:
            sizes[low] = size
            return count
        for at in range(low, count - 1):
            keys[at], sizes[at] = keys[at + 1], sizes[at + 1]
        return count - 1
    if not size:
        return count
    for at in range(count, low, -1):
        keys[at], sizes[at] = keys[at - 1], sizes[at - 1]
    keys[low], sizes[low] = key, size
    return count + 1


@compiled
def noted(
    keys: Ints, sizes: Ints, count: Ints, state: Ints, made: int, out_ts: Ints, out_row: Ints,
    out_price: Ints, out_size: Ints,
) -> None:  # fmt: skip
    """Write the best levels into row `made`; −1 where there is none."""
    out_ts[made], out_row[made] = state[LAST_TS], state[LAST_ROW]
    for side in range(2):
        for level in range(out_price.shape[2]):
            at = count[side] - 1 - level
            there = at >= 0
            out_price[made, side, level] = abs(keys[side, at]) if there else -1
            out_size[made, side, level] = sizes[side, at] if there else -1


@compiled
def applied(
    ts: Ints, row: Ints, side: Ints, price: Ints, size: Ints, begins: Ints, start: int,
    keys: Ints, sizes: Ints, count: Ints, state: Ints, made: int, out_ts: Ints, out_row: Ints,
    out_price: Ints, out_size: Ints,
) -> tuple[int, int]:  # fmt: skip
    """Apply the changes from `start` on; returns (rows taken, snapshots made).

    `keys` and `sizes` are sides × room, out_ arrays snapshots (× sides × levels). It ends
    early where a side has no room left. A row of an earlier second than the one before it
    counts to the open second. Rows before the first snapshot are passed over.
    """
    for at in range(start, len(ts)):
        if not begins[at] and not state[BEGUN]:
            continue
        one = side[at]
        if count[one] == keys.shape[1]:
            return at, made
        second = ts[at] // 1_000_000
        if second > state[SECOND]:
            if state[SECOND] >= 0:
                noted(keys, sizes, count, state, made, out_ts, out_row, out_price, out_size)
                made += 1
            state[SECOND] = second
        if begins[at] and not (state[IN_SNAPSHOT] and ts[at] - state[LAST_TS] <= APART):
            count[:] = 0
            state[BEGUN] += 1
        state[IN_SNAPSHOT] = begins[at]
        state[LAST_TS] = max(state[LAST_TS], ts[at])
        state[LAST_ROW] = row[at]
        key = price[at] if one == 0 else -price[at]
        count[one] = placed(keys[one], sizes[one], count[one], key, size[at])
    return len(ts), made


def room(levels: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Keys, sizes, counts and state of an empty book with room for `levels` a side."""
    shape = (2, levels)
    state = np.array([-1, 0, 0, 0, 0], dtype=np.int64)
    return (
        np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64),
        np.zeros(2, dtype=np.int64), state,
    )  # fmt: skip
