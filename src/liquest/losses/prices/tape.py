"""Prices out of the tape of a case: TapePrices.

Only contracts that are asked for are read. What was read is kept beside the case's other
results, under a key of everything that it rests on, so that the next account finds it there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from ...clock import SECOND, Window
from ...findings import Input
from ...replay.context import Context
from ...replay.recorded import Recorded
from ...replay.scenario import BASELINE, Scenario
from ...replay.stage import replay_key
from ...rules.exact import exact
from ...run import fingerprint
from ...tape.tracks import Floats, seconds_of
from .curves import Curves, keep, nothing, recall
from .listing import Listing

CODE = ("losses/prices",)


@dataclass
class TapePrices:
    """Prices over the span of a context (replay.context), by the rules of its moment.

    `folder` keeps what was read (out/losses/prices); without one it is read once a process.
    With `borrow` a contract without a mark takes the prices of the same coin's other contract
    on the venue, and its caveats say so; never unless asked for.
    """

    context: Context
    folder: Path | None = None
    borrow: bool = False
    _curves: dict[str, Curves] = field(default_factory=dict, init=False, repr=False)
    _models: dict[tuple[str, str], Curves] = field(default_factory=dict, init=False, repr=False)
    _records: dict[str, Recorded] = field(default_factory=dict, init=False, repr=False)

    @property
    def window(self) -> Window:
        return self.context.span

    def symbols(self) -> tuple[str, ...]:
        """Contracts with a mark, recorded or to be computed; no price is read for the answer."""
        return self._listing.symbols

    def mark(self, symbol: str, ts: int) -> Decimal | None:
        return self._at(symbol, "mark", ts)

    def mark_path(self, symbol: str) -> Floats:
        return self._of(symbol).mark

    def extreme(self, symbol: str, ts: int) -> tuple[Decimal, Decimal] | None:
        low, high = self._at(symbol, "low", ts), self._at(symbol, "high", ts)
        return None if low is None or high is None else (low, high)

    def last(self, symbol: str, ts: int) -> Decimal | None:
        return self._at(symbol, "last", ts)

    def index(self, symbol: str, ts: int) -> Decimal | None:
        return self._at(symbol, "index", ts)

    def others(self, symbol: str, ts: int) -> Decimal | None:
        return self._at(symbol, "others", ts)

    def others_usd(self, symbol: str, ts: int) -> Decimal | None:
        return self._at(symbol, "others_usd", ts)

    def under(self, symbol: str, ts: int, scenario: Scenario) -> Decimal | None:
        """The mark, moved by what the scenario changes in the computed one: for a mark that is
        itself computed that is the scenario's; the distance of a recorded mark from the model
        does not count as an effect of rules."""
        mark, place = self.mark(symbol, ts), self._place(ts)
        source = self._source(symbol)
        if mark is None or place is None or source not in self._listing.markets:
            return None
        base, other = (
            self._model(symbol, source, one).at("mark", place) for one in (BASELINE, scenario)
        )
        return moved(mark, base, other)

    def caveats(self, symbol: str) -> tuple[str, ...]:
        return self._of(symbol).caveats

    def inputs(self, symbol: str) -> tuple[Input, ...]:
        return self._of(symbol).inputs

    def _at(self, symbol: str, path: str, ts: int) -> Decimal | None:
        place = self._place(ts)
        return None if place is None else self._of(symbol).at(path, place)

    def _place(self, ts: int) -> int | None:
        """The number of the second that holds `ts`; None outside of the window."""
        start, seconds = self._grid
        place = (ts - start) // SECOND
        return place if 0 <= place < seconds else None

    @cached_property
    def _grid(self) -> tuple[int, int]:
        """The beginning of the first second, and how many there are."""
        grid = seconds_of(self.window)
        return int(grid[0]), len(grid)

    @cached_property
    def _listing(self) -> Listing:
        return Listing(self.context)

    @cached_property
    def _key(self) -> str:
        return replay_key(self.context, {"losses": fingerprint.code(*CODE)})

    def _source(self, symbol: str) -> str:
        """The contract whose prices stand for `symbol`: itself, unless one is borrowed."""
        if not self.borrow or symbol in self._listing.symbols:
            return symbol
        return self._listing.stand_in(symbol) or symbol

    def _of(self, symbol: str) -> Curves:
        """Everything of one contract: from memory, from the folder, or from the tape."""
        if symbol not in self._curves:
            self._curves[symbol] = self._recalled(symbol, self._source(symbol), None)
        return self._curves[symbol]

    def _model(self, symbol: str, source: str, scenario: Scenario) -> Curves:
        """The computed mark and index under a scenario, whatever the venue recorded."""
        key = symbol, scenario.label
        if key not in self._models:
            self._models[key] = self._recalled(symbol, source, scenario)
        return self._models[key]

    def _recalled(self, symbol: str, source: str, scenario: Scenario | None) -> Curves:
        if self.folder is None:
            return self._read(symbol, source, scenario)
        label = None if scenario is None else scenario.label
        key = fingerprint.of(self._key, symbol, source, label)[:16]
        path = self.folder / f"{re.sub(r'[^A-Za-z0-9_]', '_', symbol)[:40]}-{key}.npz"
        found = recall(path, self._grid[1])
        if found is None:
            found = self._read(symbol, source, scenario)
            keep(path, found)
        return found

    def _read(self, symbol: str, source: str, scenario: Scenario | None) -> Curves:
        from .reading import computed, read, record_of  # Numeric kernels are slow to load.

        listing = self._listing
        if scenario is None:
            return read(listing, symbol, source)
        if source not in self._records:
            self._records[source] = record_of(listing, source)
        mark, index = computed(listing, self._records[source], symbol, scenario)
        return replace(nothing(self._grid[1]), mark=mark, index=index)


@exact
def moved(mark: Decimal, base: Decimal | None, other: Decimal | None) -> Decimal | None:
    """A mark moved by what the rules change: mark + other − base; None where either is not
    known, or where nothing above zero is left."""
    if base is None or other is None:
        return None
    found = mark + (other - base)
    return found if found > 0 else None
