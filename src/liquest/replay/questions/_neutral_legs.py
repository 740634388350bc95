"""A perpetual and spot of the same coin along the main window, as a leg of the reserves.

Shared by the question `neutral`. Doubles find the decisive seconds; what becomes a finding
is computed again from the exact bars behind them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from ...clock import MINUTE, SECOND, Window, format_time
from ...findings import Finding, Input, Value, rounded
from ...instruments import FIAT, INVERSE, LINEAR, SPOT, STABLE
from ...rules.neutral import Leg, Stress, leg_value
from ...tape.lake import Lake
from ...tape.tracks import Floats, Ints, Track, seconds_of
from ..markets import REACH, reach
from ..series import Bar, Series, paths, scanned, series
from ._neutral_methods import METHODS, NAME

PLACES = 6
IDS = {m.name: m.id for m in METHODS}
ONE = Decimal(1)


class Pair(NamedTuple):
    """A perpetual and spot of the same coin."""

    perpetual: Track
    spot: Track

    @property
    def caveats(self) -> tuple[str, ...]:
        one, other = self.perpetual.instrument, self.spot.instrument
        found = ["reserves-unknown"]
        if one.venue != other.venue:
            found.append("other-venue")
        if one.quote != other.quote:
            found.append("mixed-quotes")
        if max(self.perpetual.duration, self.spot.duration) > SECOND:
            found.append("bar-resolution")
        return tuple(found)


class Task(NamedTuple):
    """A pair in the main window with the parameters; picklable."""

    lake: Lake
    pair: Pair
    core: Window
    max_age: int
    given: Mapping[str, Any]


class Prices(NamedTuple):
    """A pair at one second, exact: the bars behind it and the closes per coin."""

    second: int
    perpetual: Bar
    spot: Bar


@dataclass(frozen=True)
class Legs:
    """One pair along the window: seconds with both prices, and the exact bars behind them."""

    task: Task
    perpetual: Series
    spot: Series
    seconds: Ints
    perpetuals: Floats
    spots: Floats

    def at(self, place: int) -> Prices:
        """The exact prices at a second that has both."""
        second = int(self.seconds[place])
        bars = [s.at(second, self.task.max_age) for s in (self.perpetual, self.spot)]
        if bars[0] is None or bars[1] is None:
            raise ValueError(f"no price at {second}")
        return Prices(second, bars[0], bars[1])

    @property
    def start(self) -> Prices:
        return self.at(0)

    @property
    def leg(self) -> Leg:
        """A leg of 1, entered at the first second."""
        first = self.start
        basis = first.perpetual.close / first.spot.close - 1
        one = self.task.pair.perpetual.instrument
        return Leg(one.base, one.venue, ONE, basis, inverse=one.inverse)

    def stress(self, now: Prices) -> Stress:
        """What spot and basis are at a second, in units of the start."""
        spot = now.spot.close / self.start.spot.close
        return Stress(spot, now.perpetual.close / now.spot.close - 1)

    def effect(self, place: int) -> Decimal:
        """What a leg of 1 gains when both sides are closed at a second."""
        return rounded(leg_value(self.leg, self.stress(self.at(place))) - 1, PLACES)

    def closed(self, closing: int, sale: int, premium: Decimal) -> Stress:
        """All of the short closed at one second, spot and basis those of another."""
        price = self.at(closing).perpetual.close * (1 + premium) / self.start.spot.close
        now = self.stress(self.at(sale))
        return Stress(now.spot, now.basis, ONE, price)

    def finding(
        self, what: str, value: Value, unit: str, *places: int,
        subject: Mapping[str, str] | None = None, params: Mapping[str, Any] | None = None,
        caveats: tuple[str, ...] = (),
    ) -> Finding:  # fmt: skip
        """A finding of the pair; the rows of the start and of the seconds named decide it."""
        name = f"replay.{NAME}.{what}"
        decisive: list[Input] = []
        for at in [self.at(p) for p in (0, *places)]:
            decisive += [at.perpetual.decisive, at.spot.decisive]
        looked = scanned((*self.perpetual.bars, *self.spot.bars))
        pair = self.task.pair
        missing = len(self.seconds) < len(seconds_of(self.task.core))
        return Finding(
            name=name, value=value, unit=unit, method=IDS[name],
            subject={**pair.perpetual.subject, "against": pair.spot.instrument.key,
                     **(subject or {})},
            at=int(self.seconds[places[0]]) if places else None, window=self.task.core,
            params={"max_age": self.task.max_age, "start": format_time(int(self.seconds[0])),
                    **(params or {})},
            inputs=tuple(dict.fromkeys((*decisive, *looked))), count=len(self.seconds),
            caveats=(*pair.caveats, *caveats, *(("stale-price",) if missing else ())),
        )  # fmt: skip


def pairs_of(lake: Lake, core: Window) -> list[Pair]:
    """Every perpetual with every spot of its coin in dollars, as far as they cover the window."""
    tracks = [t for t in paths(lake, core, longest=MINUTE) if reach(t, core) >= REACH]
    spots = [
        t for t in tracks
        if t.instrument.kind == SPOT and t.instrument.quote in (*STABLE, *FIAT)
    ]  # fmt: skip
    return [
        Pair(one, other)
        for one in tracks
        if one.instrument.kind in (LINEAR, INVERSE)
        for other in spots
        if other.coin == one.coin
    ]


def legs_of(task: Task) -> Legs | None:
    """The pair at every second that has both prices; None where none has."""
    lead = (task.max_age + 1) * SECOND + MINUTE
    wide = Window(task.core.name, task.core.start - lead, task.core.end)
    rows = [series(track, wide) for track in task.pair]
    prices = []
    for one in rows:
        # A bar longer than a second tells of its last moment only.
        close, age = one.at_seconds(0 if one.coarse else task.max_age)
        prices.append(np.where(age >= 0, close, np.nan))
    seconds = seconds_of(wide)
    both = ~np.isnan(prices[0]) & ~np.isnan(prices[1]) & (seconds >= task.core.start)
    if not both.any():
        return None
    return Legs(task, rows[0], rows[1], seconds[both], prices[0][both], prices[1][both])
