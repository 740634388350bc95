"""Lows side by side: what `gap` and `outliers` share.

A low is that of the measure `low`, divided by the multiplier of the contract, so that
1000PEPE and PEPE stand for one coin. Lows are put side by side when they are of one coin
and one money (a dollar and a dollar stablecoin are one, with a caveat; a price in BTC is
none).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from ..findings import Input
from ..instruments import RATE
from ..tape.tracks import by_coin
from . import Context, _extreme, low
from ._coins import money
from ._extreme import Extreme

SQL = "-- from trades\n{}\n\n-- from bars\n{}".format(*(m.sql for m in low.METHODS))

Task = _extreme.Task
Group = tuple[str, str, str]
"""Name of the window, coin, money."""


def plan(context: Context) -> list[Task]:
    """Traded tracks of every window, where the coin has another track of that money."""
    made = []
    for window in context.chosen:
        wanted = []
        for tracks in by_coin(context.tracks(window)).values():
            moneys = [_money(t.instrument.quote, t.instrument.kind) for t in tracks]
            wanted += [
                track
                for track, own in zip(tracks, moneys, strict=True)
                if own and moneys.count(own) > 1
            ]
        made += _extreme.tasks(low.NAME, wanted, window)
    return made


def work(task: Task) -> list[Extreme | None]:
    """The lows of the tracks."""
    return _extreme.find_all(task.tracks, task.window, low.METHODS)


def flat(partials: Iterable[Sequence[Extreme | None]]) -> list[Extreme]:
    """The lows of all tasks, in their order."""
    return [one for partial in partials for one in partial if one is not None]


def groups(lows: Iterable[Extreme]) -> dict[Group, list[Extreme]]:
    """Lows that may be put side by side, in the order of the tasks."""
    found: dict[Group, list[Extreme]] = {}
    for one in lows:
        instrument = one.track.instrument
        key = (one.window.name, instrument.base, money(instrument.quote))
        found.setdefault(key, []).append(one)
    return found


def order(one: Extreme) -> tuple[Decimal, str]:
    """Lower first; equal ones by the name of the instrument."""
    return one.per_coin, one.track.instrument.key


def fall(lower: Decimal, higher: Decimal, whole: Decimal) -> Decimal:
    """(higher - lower) / whole, divided exactly, half-even to six decimals."""
    millionths = round((Fraction(higher) - Fraction(lower)) / Fraction(whole) * 1_000_000)
    return Decimal(millionths).scaleb(-6)


def unlike(sides: Sequence[Extreme]) -> set[str]:
    """Caveats of putting these side by side: kind, quote currency, resolution."""
    found = set()
    if len({s.track.instrument.kind for s in sides}) > 1:
        found.add("mixed-kinds")
    if len({s.track.instrument.quote for s in sides}) > 1:
        found.add("mixed-quotes")
    if len({s.track.duration for s in sides}) > 1:
        found.add("different-resolution")
    return found


def caveats(sides: Sequence[Extreme]) -> tuple[str, ...]:
    """What holds for the pair and for either side, sorted."""
    return tuple(sorted(unlike(sides).union(*(s.caveats for s in sides))))


def inputs(sides: Sequence[Extreme]) -> tuple[Input, ...]:
    """The rows of the lows, then what they were chosen from, nothing twice."""
    rows = [s.row for s in sides]
    return tuple(dict.fromkeys([*rows, *(i for s in sides for i in s.inputs[1:])]))


def _money(quote: str, kind: str) -> str:
    """The money of a price of a coin; "" where there is none (a rate, an unknown symbol)."""
    return "" if kind == RATE else money(quote)
