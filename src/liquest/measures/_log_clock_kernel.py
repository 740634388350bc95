"""How many fills an offset would explain, for every offset that one of them needs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled

Ints = npt.NDArray[np.int64]


@compiled
def shared(numbers: Ints, gaps: Ints, width: int, fills: int) -> Ints:
    """For every pair (number of a fill, offset in rising order) the distinct fills that have an
    offset from its own to `width` more."""
    held = np.zeros(fills, dtype=np.int64)
    counts = np.empty(len(gaps), dtype=np.int64)
    distinct, last = 0, 0
    for first in range(len(gaps)):
        while last < len(gaps) and gaps[last] <= gaps[first] + width:
            distinct += held[numbers[last]] == 0
            held[numbers[last]] += 1
            last += 1
        counts[first] = distinct
        held[numbers[first]] -= 1
        distinct -= held[numbers[first]] == 0
    return counts
