"""What a step of the losses may ask of prices, whoever holds them.

    TapePrices(context)          the tape, marks by the rules of the day or as the venue recorded
    GivenPrices(…)               the user's own files
    Together(first, second)      what the first lacks, the second gives

Symbols are those of the claimant's venue ("XRPUSDT", "BTCUSD_PERP"), times UTC microseconds,
prices in quote units per unit of the contract (1000PEPEUSDT: per 1,000 PEPE). A price is an
exact decimal: where it comes from a float it was rounded once, so that every step sees the same
number. None (NaN in a path) is said where nothing is known; no price stands in for another.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from ...clock import Window
from ...findings import Input
from ...replay.scenario import Scenario
from ...tape.tracks import Floats

PLACES = 12
"""Decimals that a price which was computed as a float is rounded to."""
FRESH = 60
"""Seconds for which another venue's last trade counts."""


class Prices(Protocol):
    """Prices of the second that holds `ts`, as known at its end; None outside of `window`."""

    @property
    def window(self) -> Window:
        """The stretch over which prices may be asked for."""
        ...

    def symbols(self) -> tuple[str, ...]:
        """Contracts with a mark price somewhere in the window, sorted."""
        ...

    def mark(self, symbol: str, ts: int) -> Decimal | None:
        """The venue's own mark price in force."""
        ...

    def mark_path(self, symbol: str) -> Floats:
        """`mark` for every whole second of the window [S] (`tape.tracks.seconds_of`), NaN where
        there is none; all NaN for a contract that is not known."""
        ...

    def extreme(self, symbol: str, ts: int) -> tuple[Decimal, Decimal] | None:
        """The lowest and the highest mark price of the bar that the second lies in, where marks
        are known by bars longer than a second; None where they are known by the second, or not
        at all. A close of a minute hides a breach within it, these two do not."""
        ...

    def last(self, symbol: str, ts: int) -> Decimal | None:
        """The contract's own last trade, however old."""
        ...

    def index(self, symbol: str, ts: int) -> Decimal | None:
        """The price index of the contract."""
        ...

    def others(self, symbol: str, ts: int) -> Decimal | None:
        """Median of the other venues' last trades of the coin, each at most FRESH seconds old,
        per unit of the contract; any dollar-like quote counts as a dollar."""
        ...

    def others_usd(self, symbol: str, ts: int) -> Decimal | None:
        """The same over venues that quote in state money (USD) only."""
        ...

    def under(self, symbol: str, ts: int, scenario: Scenario) -> Decimal | None:
        """The mark price that the rules of a scenario give on the same recorded prices; None
        where nothing is at hand to compute it from."""
        ...

    def caveats(self, symbol: str) -> tuple[str, ...]:
        """Codes of `liquest.caveats`: what a reader must know of the prices of a contract."""
        ...

    def inputs(self, symbol: str) -> tuple[Input, ...]:
        """The rows that the prices of a contract stand on."""
        ...
