"""Two holders of prices as one: what the first does not know in a second, the second gives.

The user's own marks stand before those of the tape; the caveats of a contract are those of
every holder that has a mark of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np

from ...clock import SECOND, Window
from ...findings import Input
from ...replay.scenario import BASELINE, Scenario
from ...tape.tracks import Floats, seconds_of
from .prices import Prices
from .tape import moved

MIXED = "marks-of-two-sources"


@dataclass(frozen=True)
class Together:
    """`first` before `second`, over the stretch that the two reach."""

    first: Prices
    second: Prices

    @cached_property
    def window(self) -> Window:
        both = self.first.window, self.second.window
        return Window(both[1].name, min(w.start for w in both), max(w.end for w in both))

    def symbols(self) -> tuple[str, ...]:
        return tuple(sorted({*self.first.symbols(), *self.second.symbols()}))

    def mark(self, symbol: str, ts: int) -> Decimal | None:
        own = self.first.mark(symbol, ts)
        return self.second.mark(symbol, ts) if own is None else own

    def mark_path(self, symbol: str) -> Floats:
        path, own = (self._spread(one, symbol) for one in (self.second, self.first))
        known = np.isfinite(own)
        return np.where(known, own, path)

    def extreme(self, symbol: str, ts: int) -> tuple[Decimal, Decimal] | None:
        found = self.first.extreme(symbol, ts)
        if found is not None or self.first.mark(symbol, ts) is not None:
            return found
        return self.second.extreme(symbol, ts)

    def last(self, symbol: str, ts: int) -> Decimal | None:
        own = self.first.last(symbol, ts)
        return self.second.last(symbol, ts) if own is None else own

    def index(self, symbol: str, ts: int) -> Decimal | None:
        own = self.first.index(symbol, ts)
        return self.second.index(symbol, ts) if own is None else own

    def others(self, symbol: str, ts: int) -> Decimal | None:
        own = self.first.others(symbol, ts)
        return self.second.others(symbol, ts) if own is None else own

    def others_usd(self, symbol: str, ts: int) -> Decimal | None:
        own = self.first.others_usd(symbol, ts)
        return self.second.others_usd(symbol, ts) if own is None else own

    def under(self, symbol: str, ts: int, scenario: Scenario) -> Decimal | None:
        """The mark in force, moved by what the scenario changes where that can be computed."""
        mark = self.first.mark(symbol, ts)
        if mark is None:
            return self.second.under(symbol, ts, scenario)
        if (own := self.first.under(symbol, ts, scenario)) is not None:
            return own
        base, other = (self.second.under(symbol, ts, s) for s in (BASELINE, scenario))
        return moved(mark, base, other)

    def caveats(self, symbol: str) -> tuple[str, ...]:
        both = [one for one in (self.first, self.second) if symbol in one.symbols()]
        mixed = (MIXED,) if len(both) > 1 else ()
        return tuple(dict.fromkeys((*mixed, *(c for one in both for c in one.caveats(symbol)))))

    def inputs(self, symbol: str) -> tuple[Input, ...]:
        both = (*self.first.inputs(symbol), *self.second.inputs(symbol))
        return tuple(dict.fromkeys(both))

    def _spread(self, one: Prices, symbol: str) -> Floats:
        """A path of one of the two over the whole of the window."""
        path = np.full(len(seconds_of(self.window)), np.nan)
        own = one.mark_path(symbol)
        if len(own):
            start = (int(seconds_of(one.window)[0]) - int(seconds_of(self.window)[0])) // SECOND
            path[start : start + len(own)] = own
        return path
