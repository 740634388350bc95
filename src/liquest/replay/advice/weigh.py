"""Every way of holding along the recorded path of a coin and along paths drawn from it.

Invariant: all ways of a coin see the same paths, so that their differences are differences of
the ways. Paths are drawn in batches of `BATCH`, each with a seed of its own that follows from
the one asked, so that the memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...clock import SECOND, Window
from ...rules.structure import Costs
from ...rules.structure_kernel import Ints, Outcomes, follow_paths
from ...rules.tiers import Tiers
from ...tape.tracks import Floats
from ..questions._structures import Path
from ..resample import Blocks, filled, resampled
from .asked import Asked
from .grid import Way

EVENT, BEFORE = "event", "before"
BLOCK = 60
"""Seconds that are drawn in one piece."""
BATCH = 100
LOW = 20
"""One path in so many leaves less than what the worst paths leave."""


@dataclass(frozen=True)
class Task:
    """A coin: `path` liquidates on the mark where there is one, `last` is the same on the last
    trade. `ways` are those that can be opened; picklable."""

    path: Path
    last: Path | None
    core: Window
    asked: Asked
    ways: tuple[Way, ...]
    ladder: Tiers
    costs: Costs
    params: Mapping[str, Any]
    caveats: tuple[str, ...]

    def follow(self, marks: Floats, trades: Floats) -> Outcomes:
        """Every way opened once, then every way opened again after each close [paths, 2 ways]."""
        structures = [w.structure(self.asked, again=a) for a in (False, True) for w in self.ways]
        return follow_paths(marks, trades, structures, self.ladder, self.asked.exposure, self.costs)

    def place(self, way: Way, *, again: bool) -> int:
        """The column of a way."""
        return self.ways.index(way) + (len(self.ways) if again else 0)


class Stretch(NamedTuple):
    """A stretch to draw from; `fair` takes its trend out."""

    name: str
    window: Window
    length: int
    fair: bool


class Many(NamedTuple):
    """What came of the drawn paths of a stretch, arrays [paths, 2 ways]: money left in units of
    the exposure, liquidations and stops."""

    left: Floats
    liquidations: Ints
    stops: Ints

    @property
    def closed(self) -> npt.NDArray[np.bool_]:
        """Whether there was a forced close."""
        return (self.liquidations + self.stops) > 0

    @property
    def low(self) -> Floats:
        """What is left on the worst paths [2 ways]: at most one in LOW leaves less."""
        row: Floats = np.sort(self.left, axis=0)[len(self.left) // LOW]
        return row


def recorded(task: Task, path: Path) -> Outcomes:
    """The recorded path of the main window [1, 2 ways]."""
    marks, trades = path.within(task.core.start, task.core.end)
    return task.follow(marks[None, :], trades[None, :])


def stretches(task: Task) -> Sequence[Stretch]:
    """The event, and what lies before it; one too short for two blocks is none."""
    core, span = task.core, task.path.span
    seconds = (core.end - core.start) // SECOND
    found = [Stretch(EVENT, core, seconds, False)]
    if core.start > span.start:
        before = Window(BEFORE, span.start, core.start)
        hours = task.asked.hold_h
        found.append(Stretch(BEFORE, before, seconds if hours is None else hours * 3600, True))
    least = 2 * BLOCK * SECOND
    return [s for s in found if s.window.end - s.window.start >= least]


def fair(marks: Floats, trades: Floats) -> tuple[Floats, Floats]:
    """Marks and trades times one steady factor a second, so that the mean move of the blocks
    that can be drawn is none: to hold on neither gains nor loses on average, and what is left
    of a difference is the cost of being closed. ValueError where there is no block."""
    both = np.flatnonzero(np.isfinite(marks) & np.isfinite(trades))
    known = filled(trades[both[0] :]) if len(both) else trades[:0]
    if len(known) <= BLOCK:
        raise ValueError(f"a stretch of {len(known)} s holds no block of {BLOCK} s")
    mean = float((known[BLOCK:] / known[:-BLOCK]).mean())
    factor = mean ** (-np.arange(len(trades)) / BLOCK)
    return marks * factor, trades * factor


def many(task: Task, stretch: Stretch) -> Many:
    """The drawn paths of a stretch; ValueError where the record has too little of it."""
    asked = task.asked
    prices = task.path.within(stretch.window.start, stretch.window.end)
    if stretch.fair:
        prices = fair(*prices)
    parts = []
    for number, begin in enumerate(range(0, asked.paths, BATCH)):
        count = min(BATCH, asked.paths - begin)
        blocks = Blocks(count, stretch.length, BLOCK, asked.seed * 4096 + number)
        out = task.follow(*resampled(*prices, blocks))
        parts.append((out.left, out.liquidations, out.stops))
    left, liquidations, stops = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Many(left, liquidations, stops)
