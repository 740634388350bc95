"""A position as arrays over seconds: its size in x, its cost, and the margin it must hold.

Floats here say where something happens; the second that decides is computed again in decimals
(`state`). x is the price for linear contracts and one over it for inverse ones, so that

    unrealised = size · (x − x_entry)        maintenance = rate_k · |size| · x − cum_k
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...clock import SECOND
from ...rules.ladder import Tiers
from ...tape.tracks import Floats, Ints
from ..ledger.ledger import UNKNOWN, Held, PositionPath

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Stretch:
    """Arrays [S]: `size` signed in x, `entry` in x (0 where nothing is held), and where the
    position or its entry is not known."""

    path: PositionPath
    tiers: Tiers | None
    size: Floats
    entry: Floats
    unknown: Bools
    entryless: Bools

    @property
    def held(self) -> Bools:
        found: Bools = self.size != 0
        return found

    def x(self, price: Floats) -> Floats:
        """The coordinate of prices of this contract."""
        if not self.path.inverse:
            return price
        turned: Floats = 1.0 / price
        return turned

    def unrealised(self, price: Floats) -> Floats:
        """Profit against the entry [S]; 0 where nothing is held, NaN where it is not known."""
        gain = self.size * (self.x(price) - self.entry)
        return self._known(gain)

    def maintenance(self, price: Floats) -> Floats:
        """Maintenance margin [S]; as above."""
        if self.tiers is None:
            return self._known(np.full(len(self.size), np.nan))
        notional = np.abs(self.size) * self.x(price)
        floors = np.array([float(f) for f in self.tiers.floors[1:]])
        rates = np.array([float(r) for r in self.tiers.rates])
        cums = np.array([float(c) for c in self.tiers.cums])
        tier = np.searchsorted(floors, notional, side="left")
        return self._known(rates[tier] * notional - cums[tier])

    def turnover(self, price: Floats) -> Floats:
        """Notional now and at the entry [S]: what a sum of floats may be off against."""
        return np.nan_to_num(np.abs(self.size) * (self.x(price) + np.abs(self.entry)))

    def _known(self, values: Floats) -> Floats:
        found = np.where(self.held, values, 0.0)
        found[self.unknown | self.entryless] = np.nan
        return found


def stretch(path: PositionPath, seconds: Ints, tiers: Tiers | None) -> Stretch:
    """The position after everything stamped within or before each second (its beginning, µs)."""
    states: list[Held | None] = [path.opening, *path.steps]
    times = np.array([held.ts for held in path.steps], dtype=np.int64)
    at = np.searchsorted(times, seconds + SECOND - 1, side="right")
    sizes = np.array([_size(path, held) for held in states])
    entries = np.array([_entry(path, held) for held in states])
    wrong = np.array([_wrong(path, held) for held in states])
    sizes[wrong] = 0.0
    entryless = np.isnan(entries) & (sizes != 0)
    return Stretch(
        path, tiers, sizes[at], np.nan_to_num(entries)[at], wrong[at], entryless[at]
    )  # fmt: skip


def _size(path: PositionPath, held: Held | None) -> float:
    return 0.0 if held is None else float(path.size(held))


def _entry(path: PositionPath, held: Held | None) -> float:
    """The entry in x; NaN where something is held and it is not known."""
    if held is None or not held.quantity:
        return 0.0
    if held.entry is None or held.entry <= 0:
        return np.nan
    return 1.0 / float(held.entry) if path.inverse else float(held.entry)


def _wrong(path: PositionPath, held: Held | None) -> bool:
    """Whether the position is not known, or below zero where only longs or shorts can be."""
    if held is None:
        return path.opening_by == UNKNOWN
    sign = {"L": 1, "S": -1}.get(path.place, 0)
    return bool(held.quantity) and sign * held.quantity < 0
