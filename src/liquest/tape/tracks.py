"""Tracks: the finest record of one instrument's price in a window.

A track is what measures compare: one instrument, one kind of price (trade, mark, index),
from trades where the lake has them, else from its shortest bars. A mark is never put
beside trades as if it were one: `price` says which it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..clock import MINUTE, SECOND, Window
from ..instruments import Instrument
from ..run.database import connection
from .lake import Lake, Part

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Track:
    """`record` is "trades", "seconds" or "bars"; `duration` of its rows in µs, 0 for trades.

    Picklable: a task can carry it to another process and read there.
    """

    root: Path
    instrument: Instrument
    price: str
    record: str
    duration: int
    parts: tuple[Part, ...]

    @property
    def subject(self) -> dict[str, str]:
        """As it stands in a finding."""
        named = {"coin": self.coin} if self.coin else {}
        return {**named, **self.instrument.subject, "price": self.price}

    @property
    def coin(self) -> str:
        """The coin that the price is for; empty when the symbol does not say."""
        return self.instrument.base

    @property
    def sources(self) -> tuple[str, ...]:
        """SHA-256 of every file that the track draws on."""
        return tuple(dict.fromkeys(p.source for p in self.parts))

    def reach(self, window: Window) -> Window:
        """The moments at which a row may begin that reaches into the window."""
        return Window(window.name, window.start - max(self.duration - 1, 0), window.end)

    def holds(self, window: Window) -> bool:
        """Whether any part may reach into the window; without one there is no table to read."""
        return bool(Lake(self.root, self.parts).of(self.record, window=self.reach(window)))

    def table(self, window: Window) -> str:
        """A table expression of the rows that reach into the window."""
        reach = self.reach(window)
        base = Lake(self.root, self.parts).table(self.record, self.instrument, reach)
        where = f"ts >= {reach.start} AND ts < {reach.end}"
        if self.record == "bars":
            where += f" AND series = '{self.price}' AND duration = {self.duration}"
        return f"(SELECT * FROM {base} WHERE {where})"


def bars_of(found: Sequence[Track], window: Window) -> str:
    """A table expression of the bars of several tracks of one length and kind of price, the
    number of the track in the column `track`; rows that reach into the window."""
    duration, price = found[0].duration, found[0].price
    lake = Lake(found[0].root, ())
    groups = [
        [p for p in t.parts if p.ts_min < window.end and p.last_end > window.start] for t in found
    ]
    return (
        f"(SELECT * FROM {lake.side_by_side('bars', groups)} WHERE series = '{price}' "
        f"AND duration = {duration} AND ts >= {window.start - duration + 1} AND ts < {window.end})"
    )


def tracks(lake: Lake, window: Window, *, per_second: bool = False) -> list[Track]:
    """The finest track of every instrument and kind of price in the window.

    With `per_second` the trades come as seconds, and bars longer than a minute are left
    out: a path cannot be walked on them.
    """
    found: dict[tuple[str, str], Track] = {}
    first = "seconds" if per_second else "trades"
    for instrument, parts in _by_instrument(lake.of(first, window=window)).items():
        duration = SECOND if per_second else 0
        found[(instrument.key, "trade")] = Track(
            lake.root, instrument, "trade", first, duration, tuple(parts)
        )
    for instrument, parts in _by_instrument(lake.of("bars")).items():
        by_kind: dict[tuple[str, int], list[Part]] = {}
        for part in parts:
            for series, duration in part.series:
                # The last bar of a part may open before the window and still reach into it.
                if part.ts_min < window.end and part.ts_max + duration > window.start:
                    by_kind.setdefault((series, duration), []).append(part)
        for series, duration in sorted(by_kind, key=lambda k: k[1]):
            if per_second and duration > MINUTE:
                continue
            key = (instrument.key, series)
            if key not in found:
                found[key] = Track(
                    lake.root, instrument, series, "bars", duration,
                    tuple(by_kind[(series, duration)]),
                )  # fmt: skip
    return [found[key] for key in sorted(found)]


def _by_instrument(parts: Iterable[Part]) -> dict[Instrument, list[Part]]:
    """One pass over the parts: a lake of hundreds of instruments is asked many times."""
    grouped: dict[Instrument, list[Part]] = {}
    for part in parts:
        grouped.setdefault(part.instrument, []).append(part)
    return grouped


def whole(lake: Lake, track: Track) -> Track:
    """The same track over every day of the lake, not only the days of its window."""
    series = (track.price, track.duration)
    parts = tuple(
        p
        for p in lake.of(track.record, track.instrument)
        if track.record != "bars" or series in p.series
    )
    return replace(track, parts=parts)


def by_coin(found: Iterable[Track], *, price: str = "trade") -> dict[str, list[Track]]:
    """Tracks of one kind of price, grouped by coin; coins with no name are left out."""
    coins: dict[str, list[Track]] = {}
    for track in found:
        if track.price == price and track.coin:
            coins.setdefault(track.coin, []).append(track)
    return dict(sorted(coins.items()))


@dataclass(frozen=True)
class PricePath:
    """A price per row of a track, in time order: moments (µs), prices per coin, trade counts.

    Floats are for finding where something is; the number that becomes a finding is read
    again, exactly, from the row.
    """

    ts: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    n: Ints


class Closes(NamedTuple):
    """Moments (µs) and closing prices of a track's rows, in time order."""

    ts: Ints
    close: Floats


WALK_SQL = """SELECT ts, {columns}
FROM {rows}
ORDER BY ts, source_id, row_no"""


def walk(track: Track, window: Window) -> PricePath:
    """The track's rows in the window as arrays; prices are divided by the multiplier."""
    rows = _arrays(track, window, "open", "high", "low", "close", "n")
    scale = float(track.instrument.multiplier)
    opened, high, low, close = (_floats(rows[c]) / scale for c in ("open", "high", "low", "close"))
    return PricePath(_ints(rows["ts"]), opened, high, low, close, _ints(rows["n"]))


def closes(track: Track, window: Window) -> Closes:
    """What `at_seconds` needs of a track, and no more: a third of the time of `walk`."""
    rows = _arrays(track, window, "close")
    return Closes(_ints(rows["ts"]), _floats(rows["close"]) / float(track.instrument.multiplier))


def _arrays(track: Track, window: Window, *columns: str) -> dict[str, Any]:
    """Columns of the rows in the window; empty ones where no part reaches into it."""
    if not track.holds(window):
        return {name: np.empty(0) for name in ("ts", *columns)}
    wanted = ", ".join(
        "coalesce(n, 0) AS n" if name == "n" else f"{name}::DOUBLE AS {name}" for name in columns
    )
    query = WALK_SQL.format(columns=wanted, rows=track.table(window))
    return dict(connection().execute(query).fetchnumpy())


def seconds_of(window: Window) -> Ints:
    """The beginnings (µs) of the seconds that lie whole in the window."""
    return np.arange(
        -(-window.start // SECOND) * SECOND, window.end // SECOND * SECOND, SECOND, dtype=np.int64
    )


def at_seconds(
    path: PricePath | Closes, track: Track, window: Window, max_age: int
) -> tuple[Floats, Ints]:
    """The last known close at the end of every second of the window, and its age in seconds.

    A close is known from the end of its row on (a one-minute bar's close at its 60th
    second), and counts for `max_age` seconds; before the first and after that it is NaN.
    So is a close that is not above zero: no such price was ever traded. Arrays have one
    entry per second of `seconds_of(window)`; the age is -1 where nothing is known yet.
    """
    ends = seconds_of(window) + SECOND
    prices = np.full(len(ends), np.nan)
    ages = np.full(len(ends), -1, dtype=np.int64)
    known = path.ts + max(track.duration, 1)
    at = np.searchsorted(known, ends, side="right") - 1
    has = at >= 0
    ages[has] = (ends[has] - known[at[has]]) // SECOND
    fresh = has & (ages <= max_age)
    last = path.close[at[fresh]]
    prices[fresh] = np.where(last > 0, last, np.nan)
    return prices, ages


def _ints(values: Any) -> Ints:
    return np.ma.filled(values, 0).astype(np.int64)


def _floats(values: Any) -> Floats:
    return np.ma.filled(values.astype(np.float64), np.nan)
