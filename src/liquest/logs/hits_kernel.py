"""All phrases of a block in one pass over its bytes: where one may end, and in which state."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled
from .automaton import Automaton
from .time_kernel import Bytes

Ints = npt.NDArray[np.int64]
RUNS = 4


def hits(data: Bytes, ends: Ints, table: Automaton) -> tuple[Ints, Ints]:
    """(places, states) of the block in the order of its bytes; `ends` are its line ends.

    A place is the last byte of what may be a phrase. The block is parted at line ends into
    four, which no phrase crosses: four runs at once, because one run waits for each of its
    look-ups.
    """
    bounds = np.zeros(RUNS + 1, dtype=np.int64)
    for run in range(1, RUNS):
        at = int(np.searchsorted(ends, len(data) * run // RUNS))
        bounds[run] = ends[at] + 1 if at < len(ends) else len(data)
    bounds[RUNS] = len(data)
    bounds = np.minimum(np.maximum.accumulate(bounds), len(data))
    longest = int(np.diff(bounds).max(initial=0))
    for room in (longest // 8 + 64, longest):
        places = np.empty((RUNS, room), dtype=np.int64)
        states = np.empty((RUNS, room), dtype=np.int64)
        counts = np.zeros(RUNS, dtype=np.int64)
        _walk(data, bounds, table, places, states, counts)
        if int(counts.max()) <= room:
            break
    return (
        np.concatenate([places[n, : counts[n]] for n in range(RUNS)]),
        np.concatenate([states[n, : counts[n]] for n in range(RUNS)]),
    )


@compiled
def _walk(
    data: Bytes, bounds: Ints, table: Automaton, places: Ints, states: Ints, counts: Ints
) -> None:
    """The four runs; beyond the room there is hits are counted and not kept."""
    classes, delta, shift, quiet = table.classes, table.delta, table.shift, table.quiet
    room = places.shape[1]
    from_a, from_b, from_c, from_d = bounds[0], bounds[1], bounds[2], bounds[3]
    a, b, c, d = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    kept_a, kept_b, kept_c, kept_d = 0, 0, 0, 0
    together = min(from_b - from_a, from_c - from_b, from_d - from_c, bounds[4] - from_d)
    for step in range(together):
        a = np.int64(delta[(a << shift) + classes[data[from_a + step]]])
        b = np.int64(delta[(b << shift) + classes[data[from_b + step]]])
        c = np.int64(delta[(c << shift) + classes[data[from_c + step]]])
        d = np.int64(delta[(d << shift) + classes[data[from_d + step]]])
        if a >= quiet:
            if kept_a < room:
                places[0, kept_a] = from_a + step
                states[0, kept_a] = a
            kept_a += 1
        if b >= quiet:
            if kept_b < room:
                places[1, kept_b] = from_b + step
                states[1, kept_b] = b
            kept_b += 1
        if c >= quiet:
            if kept_c < room:
                places[2, kept_c] = from_c + step
                states[2, kept_c] = c
            kept_c += 1
        if d >= quiet:
            if kept_d < room:
                places[3, kept_d] = from_d + step
                states[3, kept_d] = d
            kept_d += 1
    last = (a, b, c, d)
    kept = (kept_a, kept_b, kept_c, kept_d)
    for run in range(4):
        state = last[run]
        count = kept[run]
        for at in range(bounds[run] + together, bounds[run + 1]):
            state = np.int64(delta[(state << shift) + classes[data[at]]])
            if state >= quiet:
                if count < room:
                    places[run, count] = at
                    states[run, count] = state
                count += 1
        counts[run] = count
