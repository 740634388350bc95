"""The prices that an exposure is held on: one path by the second for each coin and trigger.

Shared by the question `structure`. A coin with a perpetual of the venue is held on it, once
liquidated on the mark that the day's rules give and once on the last trade, between which
the truth lies where the weights of the index are not on record. A coin without one is held
on the spot track with the most rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...clock import SECOND, Window
from ...findings import Input
from ...instruments import FIAT, SPOT, STABLE
from ...tape.tracks import Floats, Ints, Track, at_seconds, closes, seconds_of
from ..context import Context
from ..markets import REACH, reach
from ..series import paths

MARK, LAST = "mark", "last"


@dataclass(frozen=True)
class Path:
    """Prices at the end of every second of the span: `marks` liquidate, `trades` fill. NaN
    where there is none."""

    track: Track
    trigger: str
    span: Window
    marks: Floats
    trades: Floats
    inputs: tuple[Input, ...]
    caveats: tuple[str, ...]

    @property
    def coin(self) -> str:
        return self.track.coin

    @property
    def subject(self) -> dict[str, str]:
        return {**self.track.subject, "trigger": self.trigger}

    @property
    def seconds(self) -> Ints:
        """The beginnings (µs) of the seconds of the span."""
        return seconds_of(self.span)

    def within(self, start: int, end: int) -> tuple[Floats, Floats]:
        """Marks and trades of the seconds that lie whole between two moments."""
        seconds = self.seconds
        inside = (seconds >= start) & (seconds + SECOND <= end)
        return self.marks[inside], self.trades[inside]


def held_on(context: Context, max_age: int) -> list[Path]:
    """The paths by coin: the perpetual's on the mark and on the last trade, else spot's."""
    found = list(_perpetuals(context))
    coins = {path.coin for path in found}
    found += _spots(context, coins, max_age)
    return sorted(found, key=lambda p: (p.coin, p.track.instrument.key, p.trigger != MARK))


def _perpetuals(context: Context) -> Iterator[Path]:
    for one in context.marked():
        recorded = one.recorded
        own = recorded.market.own
        if own.duration > SECOND or not np.isfinite(one.mark).any():
            continue
        caveats = (*recorded.caveats, "index-weights-unknown")
        yield Path(own, MARK, context.span, one.mark, one.last, recorded.inputs, caveats)
        yield Path(own, LAST, context.span, one.last, one.last, _rows(own), ())


def _spots(context: Context, held: set[str], max_age: int) -> Iterator[Path]:
    """The spot track in dollars with the most rows, of every coin that has no perpetual."""
    best: dict[str, Track] = {}
    for track in paths(context.lake, context.span):
        one = track.instrument
        dollars = one.quote in STABLE or one.quote in FIAT
        if one.kind != SPOT or track.coin in held or track.coin in STABLE or not dollars:
            continue
        if reach(track, context.core) < REACH:
            continue
        if track.coin not in best or _size(track) > _size(best[track.coin]):
            best[track.coin] = track
    for track in best.values():
        prices, _ = at_seconds(closes(track, context.span), track, context.span, max_age)
        yield Path(track, LAST, context.span, prices, prices, _rows(track), ())


def _size(track: Track) -> int:
    return sum(p.rows for p in track.parts)


def _rows(track: Track) -> tuple[Input, ...]:
    return tuple(dict.fromkeys(Input(p.source, p.row_min, p.row_max) for p in track.parts))
