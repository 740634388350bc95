"""Equal texts told apart from others: one number for each distinct text of a block."""

from __future__ import annotations

import numpy as np

from ..run.compiled import compiled
from .hits_kernel import Ints
from .time_kernel import Bytes
from .value_kernel import hash_of

_MOST = 4096
"""Distinct texts of a block; those beyond count as none."""


@compiled
def intern(data: Bytes, starts: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """(rows where a new text stands first, number of the text of every row); the number of a
    row without text, of size 0, is the number of texts."""
    slots = np.full(4 * _MOST, -1, dtype=np.int64)
    hashes = np.empty(_MOST, dtype=np.int64)
    firsts = np.empty(_MOST, dtype=np.int64)
    numbers = np.empty(len(starts), dtype=np.int64)
    count = 0
    for row in range(len(starts)):
        numbers[row] = -1
        if sizes[row] <= 0:
            continue
        key = hash_of(data, starts[row], starts[row] + sizes[row])
        slot = key % len(slots)
        while slots[slot] >= 0 and hashes[slots[slot]] != key:
            slot = (slot + 1) % len(slots)
        if slots[slot] < 0:
            if count == _MOST:
                continue
            slots[slot] = count
            hashes[count] = key
            firsts[count] = row
            count += 1
        numbers[row] = slots[slot]
    for row in range(len(starts)):
        if numbers[row] < 0:
            numbers[row] = count
    return firsts[:count].copy(), numbers
