"""How long a book met its terms, as machine code: µs by minute, and every spell of breach.

A snapshot holds to the next one, for at most `most` µs. Time in which nothing is known is
neither kept nor broken, and ends a spell.
"""

from __future__ import annotations

import numpy as np

from ..run.compiled import compiled
from ..tape.tracks import Ints

MINUTE = 60_000_000


@compiled
def spread_over(minutes: Ints, first: int, start: int, end: int) -> None:
    """Add the time from `start` to `end` to the minutes it lies in; minute 0 begins at `first`."""
    at = start
    while at < end:
        place = (at - first) // MINUTE
        edge = min(first + (place + 1) * MINUTE, end)
        minutes[place] += edge - at
        at = edge


@compiled
def kept(
    ts: Ints, fails: Ints, start: int, end: int, most: int, first: int, known: Ints, failed: Ints,
    spells: Ints,
) -> int:  # fmt: skip
    """Fill `known` [minutes] and `failed` [minutes, kinds] with µs between `start` and `end`,
    and `spells` [n, 3] with begin, end and row of each breach; returns their number.

    `fails` says per snapshot what it fails: bit k for kind k, 0 for nothing. `first` is the
    beginning of minute 0.
    """
    count = 0
    for at in range(len(ts)):
        begin = max(ts[at], start)
        until = ts[at] + most
        if at + 1 < len(ts):
            until = min(until, ts[at + 1])
        until = min(until, end)
        if until <= begin:
            continue
        spread_over(known, first, begin, until)
        if fails[at] == 0:
            continue
        for kind in range(failed.shape[1]):
            if fails[at] >> kind & 1:
                spread_over(failed[:, kind], first, begin, until)
        if count and spells[count - 1, 1] == begin:
            spells[count - 1, 1] = until
        else:
            spells[count, 0], spells[count, 1], spells[count, 2] = begin, until, at
            count += 1
    return count


def none(minutes: int, kinds: int, rows: int) -> tuple[Ints, Ints, Ints]:
    """Empty arrays for `kept`."""
    return (
        np.zeros(minutes, np.int64), np.zeros((minutes, kinds), np.int64),
        np.zeros((rows, 3), np.int64),
    )  # fmt: skip
