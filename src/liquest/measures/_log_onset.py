"""When a failure rate rose, with an interval of confidence.

Maximum likelihood of one rise, and of its end where the window holds one. The interval is
all places that the likelihood ratio does not exclude; what the ratio is worth under the
fitted rise is simulated, because for a change-point the usual χ² does not hold (D. V.
Hinkley, "Inference about the change-point in a sequence of random variables", Biometrika 57,
1970). Whether there is a rise at all is judged against simulated sequences without one.
Simulations are seeded by the data themselves: the same log gives the same figures.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LEVEL = 0.975
"""Quantile of the simulated ratio that bounds the interval: above the 95 % that are promised,
because the rates that are simulated are themselves estimates."""
_RUNS = 999
_LEAST_RUNS = 199
_WORK = 40_000_000
"""Simulated attempts in all; a longer log gets fewer runs, never fewer than _LEAST_RUNS."""


@dataclass(frozen=True)
class Rise:
    """The rate is higher between attempts `place` and `end`, counted as so many before it;
    `low` … `high` is the interval of `place`. `before` and `behind` are (failures, attempts)
    ahead of it and within; `p` is how often chance alone shows as clear a rise."""

    place: int
    low: int
    high: int
    end: int
    before: tuple[int, int]
    behind: tuple[int, int]
    p: float
    runs: int


def rise(failed: npt.NDArray[np.bool_]) -> Rise | None:
    """The rise of a sequence of attempts, True for one that failed; None where the rate is
    nowhere higher than before."""
    from . import _log_onset_kernel as kernel

    n = len(failed)
    sums = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(failed, out=sums[1:])
    if n < 2 or not 0 < sums[n] < n:
        return None
    x, out = kernel.table(n), np.empty(n + 1)
    place, end = kernel.search(sums, n, x, out)
    if not 0 < place < end:
        return None
    before, behind = int(sums[place]), int(sums[end] - sums[place])
    runs = _runs(n)
    seed = zlib.crc32(np.packbits(failed).tobytes())
    rates = _smooth(before, place), _smooth(behind, end - place)
    limit = _limit(kernel.distances(end, place, *rates, runs, seed, x))
    kernel.profile(sums, end, x, out)
    inside = np.flatnonzero(2.0 * (out[place] - out[: end + 1]) <= limit)
    inside = inside[(inside > 0) & (inside < end)]
    clear = kernel.clearness(sums, n, x, place, end)
    by_chance = kernel.chances(n, sums[n] / n, runs, seed + 1, x)
    return Rise(
        int(place), int(inside.min()), int(inside.max()), int(end), (before, int(place)),
        (behind, int(end - place)), _chance(by_chance, clear), runs,
    )  # fmt: skip


@dataclass(frozen=True)
class Burst:
    """The same for errors known only by their times: moments in µs, stretches as (errors, µs)."""

    at: int
    low: int
    high: int
    end: int
    before: tuple[int, int]
    behind: tuple[int, int]
    p: float
    runs: int


def burst(times: Ints, start: int, stop: int) -> Burst | None:
    """The rise of the rate of `times` (µs, rising) in start … stop; None where there is none,
    or too few of them."""
    from . import _log_stream_kernel as kernel

    if len(times) < kernel.LEAST or stop <= start:
        return None
    moments, length = (times - start).astype(np.float64), float(stop - start)
    out = np.empty(len(times) + 1)
    place, n, end = kernel.stream_search(moments, length, out)
    if place >= len(times) or moments[place] <= 0:
        return None
    at = float(moments[place])
    before, behind = int(place), int(n - place)
    runs = _runs(len(times))
    seed = zlib.crc32(times.tobytes())
    rates = (before + 0.5) / at, behind / (end - at)
    limit = _limit(kernel.stream_distances(end, at, *rates, runs, seed))
    clear = kernel.stream_clearness(moments, length, place, n, end)
    by_chance = kernel.stream_chances(length, len(times) / length, runs, seed + 1)
    low, high = _not_excluded(moments, int(n), end, at, limit)
    return Burst(
        start + int(at), start + low, start + high, start + int(end), (before, int(at)),
        (behind, int(end - at)), _chance(by_chance, clear), runs,
    )  # fmt: skip


def _not_excluded(moments: Floats, n: int, end: float, at: float, limit: float) -> tuple[int, int]:
    """The first and the last moment that the likelihood ratio does not exclude.

    Between two errors the likelihood is convex in the moment, so in each gap it is highest at
    the edges, and a moment that is just as likely lies between an edge and the lowest point.
    """
    edges = np.concatenate([[0.0], moments[:n], [end]])
    least = _stream_worth(moments, n, end, at) - limit / 2
    low, high = at, at
    for before in range(n + 1):
        left, right = float(edges[before]), float(edges[before + 1])
        if right <= left:
            continue

        def worth(moment: float, before: int = before) -> float:
            return _stretches(before, moment, n - before, end - moment)

        valley = min(max(before * end / n, left), right)
        if worth(left) >= least:
            low, high = min(low, left), max(high, left)
            high = max(high, _crossing(worth, left, valley, least))
        if worth(right) >= least:
            low, high = min(low, right), max(high, right)
            low = min(low, _crossing(worth, right, valley, least))
    return int(low), int(high) + 1


def _stretches(before: int, ahead: float, behind: int, rest: float) -> float:
    """Likelihood of so many errors in two times; none in no time is worth nothing."""
    worth = before * math.log(before / ahead) if before and ahead > 0 else 0.0
    return worth + (behind * math.log(behind / rest) if behind and rest > 0 else 0.0)


def _stream_worth(moments: Floats, n: int, end: float, at: float) -> float:
    before = int(np.searchsorted(moments[:n], at))
    return _stretches(before, at, n - before, end - at)


def _crossing(worth: Callable[[float], float], inner: float, outer: float, least: float) -> float:
    """The moment farthest from `inner` towards `outer` that is still worth `least`."""
    if worth(outer) >= least:
        return outer
    for _ in range(60):
        middle = (inner + outer) / 2
        inner, outer = (middle, outer) if worth(middle) >= least else (inner, middle)
    return inner


def _limit(drawn: Floats) -> float:
    """The ratio that the true place hardly ever exceeds."""
    return float(np.quantile(drawn, LEVEL, method="higher"))


def _chance(drawn: Floats, clear: float) -> float:
    return (1 + int(np.count_nonzero(drawn >= clear))) / (len(drawn) + 1)


def _smooth(failures: int, attempts: int) -> float:
    """A rate that is never 0 or 1: no sample proves that nothing can happen."""
    return (failures + 0.5) / (attempts + 1.0)


def _runs(n: int) -> int:
    return max(_LEAST_RUNS, min(_RUNS, _WORK // max(n, 1)))
