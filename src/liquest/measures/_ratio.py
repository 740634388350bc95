"""The ratio of two sides, second by second: the walk of dislocation, decoupling and basis.

ratio = top · factor / bottom − 1 at the end of every second that lies whole in the window
and in which each side has a fresh price. It is compared at 12 decimals (so that 95
against 100 is 5 % below and not a shade more) and stated at 6. Where several seconds tie
the first stands. Long windows are walked a UTC day at a time, so memory does not grow
with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np

from ..clock import DAY, SECOND, Window
from ..errors import Text
from ..findings import Finding, Input, Value, rounded
from ..tape.tracks import WALK_SQL, Floats, Ints, Track, at_seconds, closes, seconds_of
from ._sides import ROWS_SQL, Row, Side, rows_at, scanned

BELOW, ABOVE = "below", "above"
_SIGN = {BELOW: -1, ABOVE: 1}
AGED = 10
"""Seconds after which a price that decides an extreme is called old."""

SQL = (
    WALK_SQL.replace("{columns}", "close::DOUBLE AS close")
    + ";\n\n-- the decisive rows, read again exactly\n"
    + ROWS_SQL.strip()
)
"""The text that runs: the path of every track, then the decisive rows."""

FRESH = Text(
    "A price counts at a second when it is the last close known at its end and at most max_age "
    "seconds old. Where a venue has several instruments its price is their median; the price of "
    "several venues is the median of theirs. Instruments whose data reach over less than min_reach "
    "of the window are left out.",
    "某秒的价格取该秒末已知的最近收盘价，且不早于 max_age 秒。同一场所有多个合约或交易对时取其中"
    "位数；多个场所取各场所价格的中位数。"
    "数据覆盖不足时间窗 min_reach 比例的合约或交易对不参与。",
)


@dataclass(frozen=True)
class Ratio:
    """What is compared: `top` in units of `factor` (a stablecoin's price) over `bottom`."""

    subject: Mapping[str, str]
    top: Side
    bottom: Side
    factor: Side | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()

    @property
    def sides(self) -> tuple[Side, ...]:
        return (self.top, self.bottom) if self.factor is None else (
            self.top, self.bottom, self.factor,
        )  # fmt: skip

    @property
    def tracks(self) -> list[Track]:
        return [t for side in self.sides for t in side.tracks]


@dataclass(frozen=True)
class Task:
    """The ratios of one coin in one window."""

    ratios: tuple[Ratio, ...]
    window: Window
    thresholds: tuple[Decimal, ...]
    max_age: int
    median: bool = False


class Beyond:
    """The seconds beyond one threshold in one direction, and their longest stretch.

    A second without a ratio ends a stretch: nothing is known of it.
    """

    def __init__(self, threshold: Decimal, direction: str) -> None:
        self.threshold, self.direction = threshold, direction
        self.seconds = self.longest = 0
        self.first: int | None = None
        self.last: int | None = None
        self.longest_start: int | None = None
        self._open: tuple[int, int] | None = None

    def add(self, seconds: Ints, ratio: Floats) -> None:
        """The next piece, which must begin where the one before ended."""
        if not len(seconds):
            return
        sign = _SIGN[self.direction]
        beyond = (ratio * sign > float(self.threshold)).astype(np.int8)
        edges = np.diff(np.concatenate(([0], beyond, [0])))
        starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        before, self._open = self._open, None
        if not len(starts):
            return
        lengths = ends - starts
        self.seconds += int(lengths.sum())
        if self.first is None:
            self.first = int(seconds[starts[0]])
        self.last = int(seconds[ends[-1] - 1])
        moments = seconds[starts]
        if before is not None and starts[0] == 0:
            moments[0], lengths[0] = before[0], lengths[0] + before[1]
        best = int(np.argmax(lengths))
        if lengths[best] > self.longest:
            self.longest, self.longest_start = int(lengths[best]), int(moments[best])
        if ends[-1] == len(seconds):
            self._open = (int(moments[-1]), int(lengths[-1]))


class Histogram:
    """Counts of whole numbers, kept small by counting anew now and then."""

    LIMIT = 500_000

    def __init__(self) -> None:
        self._values, self._counts = np.empty(0), np.empty(0, dtype=np.int64)
        self._new: list[Floats] = []

    def add(self, values: Floats) -> None:
        self._new.append(values)
        if sum(map(len, self._new)) > self.LIMIT:
            self._settle()

    def at(self, place: int) -> int:
        """The number that stands at a place, from 0, when all are laid out in order."""
        self._settle()
        upto = np.cumsum(self._counts)
        return int(self._values[np.searchsorted(upto, place, side="right")])

    def _settle(self) -> None:
        if self._new:
            fresh, numbers = np.unique(np.concatenate(self._new), return_counts=True)
            values = np.concatenate((self._values, fresh))
            counts = np.concatenate((self._counts, numbers))
            self._values, where = np.unique(values, return_inverse=True)
            self._counts = np.zeros(len(self._values), dtype=np.int64)
            np.add.at(self._counts, where, counts)
            self._new = []


class Tally:
    """What is kept of a ratio's path: counts, extremes, stretches and, for a `median`, a
    histogram at 6 decimals."""

    def __init__(self, thresholds: Iterable[Decimal], *, median: bool = False) -> None:
        self.seconds = self.covered = self.without_top = self.without_bottom = 0
        self.lowest: tuple[float, int] | None = None
        self.highest: tuple[float, int] | None = None
        self.beyond = {
            (x, direction): Beyond(x, direction) for x in thresholds for direction in _SIGN
        }
        self._histogram = Histogram() if median else None

    def add(self, seconds: Ints, top: Floats, bottom: Floats) -> None:
        """The next piece of the path; NaN where a side has no price."""
        ratio = np.round(top / bottom - 1, 12)
        known = ~np.isnan(ratio)
        self.seconds += len(seconds)
        self.covered += int(known.sum())
        self.without_top += int(np.isnan(top).sum())
        self.without_bottom += int(np.isnan(bottom).sum())
        for beyond in self.beyond.values():
            beyond.add(seconds, ratio)
        if not known.any():
            return
        low, high = int(np.nanargmin(ratio)), int(np.nanargmax(ratio))
        if self.lowest is None or ratio[low] < self.lowest[0]:
            self.lowest = (float(ratio[low]), int(seconds[low]))
        if self.highest is None or ratio[high] > self.highest[0]:
            self.highest = (float(ratio[high]), int(seconds[high]))
        if self._histogram is not None:
            self._histogram.add(np.rint(np.rint(ratio[known] * 1e12) / 1e6))

    @property
    def median(self) -> Decimal:
        """The median of the ratios at 6 decimals; there must be one, and it was asked for."""
        if self._histogram is None:
            raise ValueError("this tally was not asked for a median")
        places = ((self.covered - 1) // 2, self.covered // 2)
        low, high = (self._histogram.at(place) for place in places)
        return rounded(Decimal(low + high) / 2_000_000, 6)

    def moments(self) -> set[int]:
        """The seconds whose rows a finding points to."""
        found = {m[1] for m in (self.lowest, self.highest) if m is not None}
        for b in self.beyond.values():
            found |= {m for m in (b.first, b.last, b.longest_start) if m is not None}
        return found


@dataclass(frozen=True)
class Walked:
    """A ratio after the walk: its tally and the exact rows at the decisive seconds."""

    ratio: Ratio
    window: Window
    tally: Tally
    rows: Mapping[str, Mapping[int, Row]]

    def at_edge(self, first: int, last: int) -> bool:
        """Whether the seconds from `first` to `last` touch an edge of the window."""
        edges = (-(-self.window.start // SECOND), self.window.end // SECOND - 1)
        return first // SECOND == edges[0] or last // SECOND == edges[1]

    def value(self, second: int) -> Decimal:
        """The ratio at a decisive second, from exact prices, at 6 decimals."""
        price = self.ratio.top.exact(self.rows, second)
        if self.ratio.factor is not None:
            price *= self.ratio.factor.exact(self.rows, second)
        return rounded(price / self.ratio.bottom.exact(self.rows, second) - 1, 6)

    def finding(
        self,
        name: str,
        value: Value,
        unit: str,
        method: str,
        *,
        at: int | None = None,
        params: Mapping[str, Any] | None = None,
        cut: bool = False,
    ) -> Finding:
        """A finding of this ratio; with `at` it points to the rows of that second.

        `cut` says that it touches an edge of the window, beyond which nothing was looked at.
        """
        decisive: list[Input] = []
        if at is not None:
            for side in self.ratio.sides:
                decisive += side.decisive(self.rows, at)
        return Finding(
            name=name,
            subject=self.ratio.subject,
            value=value,
            unit=unit,
            method=method,
            at=at,
            window=self.window,
            params={**self.ratio.params, **(params or {})},
            inputs=(*decisive, *scanned(self.ratio.sides)),
            count=self.tally.covered,
            caveats=(*self.caveats, "cut-by-window") if cut else self.caveats,
        )

    def extreme(self, name: str, second: int, method: str) -> Finding:
        """The ratio at one second, with the trades in the top side's rows as its count."""
        top = [self.rows[k][second] for k in self.ratio.top.keys if second in self.rows[k]]
        ages = [
            (second + SECOND - max(t.duration, 1) - self.rows[t.instrument.key][second].ts)
            // SECOND
            for t in self.ratio.tracks
            if second in self.rows[t.instrument.key]
        ]
        made = self.finding(
            name, self.value(second), "ratio", method, at=second, params={"oldest": max(ages)}
        )
        caveats = (*made.caveats, "aged-price") if max(ages) > AGED else made.caveats
        return replace(made, count=sum(r.n for r in top), caveats=caveats)

    @property
    def caveats(self) -> tuple[str, ...]:
        """Those of the comparison, of its coverage and of its resolution."""
        found = list(self.ratio.caveats)
        if self.tally.without_top:
            found.append("stale-price")
        if self.tally.without_bottom:
            found.append("stale-reference")
        durations = {t.duration for t in self.ratio.tracks}
        if max(durations) > SECOND:
            found.append("bar-resolution")
        if len(durations) > 1:
            found.append("different-resolution")
        return tuple(found)


def walk(task: Task) -> list[Walked]:
    """Every ratio of the task, over the whole window."""
    tracks = {t.instrument.key: t for r in task.ratios for t in r.tracks}
    tallies = [Tally(task.thresholds, median=task.median) for _ in task.ratios]
    for piece in days(task.window):
        seconds = seconds_of(piece)
        known = {key: _prices(track, piece, task.max_age) for key, track in tracks.items()}
        for ratio, tally in zip(task.ratios, tallies, strict=True):
            top = ratio.top.prices(known)
            if ratio.factor is not None:
                top = top * ratio.factor.prices(known)
            tally.add(seconds, top, ratio.bottom.prices(known))
    wanted: dict[str, set[int]] = {key: set() for key in tracks}
    for ratio, tally in zip(task.ratios, tallies, strict=True):
        for track in ratio.tracks:
            wanted[track.instrument.key] |= tally.moments()
    rows = {key: rows_at(track, wanted[key], task.max_age) for key, track in tracks.items()}
    return [
        Walked(ratio, task.window, tally, {t.instrument.key: rows[t.instrument.key]
                                           for t in ratio.tracks})
        for ratio, tally in zip(task.ratios, tallies, strict=True)
    ]  # fmt: skip


def _prices(track: Track, piece: Window, max_age: int) -> Floats:
    """The track's price at every second of the piece; rows before it carry over."""
    before = (max_age + 1) * SECOND + track.duration
    path = closes(track, Window(piece.name, piece.start - before, piece.end))
    return at_seconds(path, track, piece, max_age)[0]


def days(window: Window) -> Iterator[Window]:
    """The window cut at UTC midnights."""
    start = window.start
    while start < window.end:
        end = min(start // DAY * DAY + DAY, window.end)
        yield Window(window.name, start, end)
        start = end
