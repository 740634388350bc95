"""A failure rate that rises and falls, by maximum likelihood, as machine code: the search and
its simulations.

Attempts in a row, 1 for one that failed, have one failure rate outside and a higher one
inside of [place, end). A stretch of m attempts with s failures is worth

    s ln(s/m) + (m - s) ln(1 - s/m) = x(s) + x(m - s) - x(m),   x(v) = v ln v

so that one table of x serves every place. Errors known only by their times are a Poisson
stream: n of them in a time T are worth n ln(n/T). Before and after the rise are two stretches
of their own, for the rate need not fall back to what it was.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Seed = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_ROUNDS = 20


def table(n: int) -> Floats:
    """x(v) = v ln v for v from 0 to n."""
    values = np.arange(n + 1, dtype=np.float64)
    values[1:] *= np.log(values[1:])
    return values


@compiled
def draw(state: Seed) -> float:
    """The next number in (0, 1): splitmix64 (Steele, Lea, Flood, OOPSLA 2014)."""
    state[0] += _GOLDEN
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    z = z ^ (z >> np.uint64(31))
    return (np.float64(z >> np.uint64(11)) + 0.5) / 9007199254740992.0


@compiled
def _worth(x: Floats, failures: int, attempts: int) -> float:
    return float(x[failures] + x[attempts - failures] - x[attempts])


@compiled
def profile(sums: Ints, n: int, x: Floats, out: Floats) -> int:
    """Likelihood of a rise at every place k (0 … n) among the first n attempts, into `out`;
    the best place, the first of equal ones. `sums[k]` are the failures before place k. Where
    the rate behind is not higher, the worth is that of no rise at all, as at place 0."""
    total = sums[n]
    flat = _worth(x, total, n)
    best = 0
    for k in range(n + 1):
        before = sums[k]
        out[k] = flat
        if 0 < k < n and before * (n - k) < (total - before) * k:
            out[k] = _worth(x, before, k) + _worth(x, total - before, n - k)
        if out[k] > out[best]:
            best = k
    return best


@compiled
def _ending(sums: Ints, n: int, x: Floats, place: int) -> int:
    """The best end of a higher rate that begins at `place`; the last of equal ones."""
    best, most = n, -np.inf
    for end in range(place + 1, n + 1):
        inside, outside = sums[end] - sums[place], sums[n] - sums[end]
        if end < n and inside * (n - end) <= outside * (end - place):
            continue
        worth = _worth(x, inside, end - place)
        if end < n:
            worth += _worth(x, outside, n - end)
        if worth >= most:
            best, most = end, worth
    return best


@compiled
def clearness(sums: Ints, n: int, x: Floats, place: int, end: int) -> float:
    """Twice the gain in likelihood of [place, end) over one rate throughout."""
    worth = _worth(x, sums[place], place) + _worth(x, sums[end] - sums[place], end - place)
    worth += _worth(x, sums[n] - sums[end], n - end)
    return 2.0 * (worth - _worth(x, sums[n], n))


@compiled
def search(sums: Ints, n: int, x: Floats, out: Floats) -> tuple[int, int]:
    """(place, end) of the clearest rise; place 0 when there is none, end n when it never falls.

    An end is believed only when it gains 4 ln n of clearness over a rise that never ends: two
    more numbers are fitted with it. It and its place are each the best for the other, from
    the stretch with the largest excess of failures on.
    """
    open_place = profile(sums, n, x, out)
    rate = sums[n] / n
    low, excess, end = 0.0, -1.0, n
    for k in range(1, n + 1):
        here = sums[k] - rate * k
        low = min(low, here)
        if here - low > excess:
            excess, end = here - low, k
    place = 0
    for _ in range(_ROUNDS):
        place = profile(sums, end, x, out)
        again = _ending(sums, n, x, place)
        if again == end:
            break
        end = again
    if not 0 < place < end < n:
        return open_place, n
    gain = clearness(sums, n, x, place, end)
    if open_place > 0:
        gain -= clearness(sums, n, x, open_place, n)
    if gain > 4.0 * np.log(n):
        return place, end
    return open_place, n


@compiled
def distances(
    n: int, place: int, before: float, behind: float, times: int, seed: int, x: Floats
) -> Floats:
    """2(ℓ max - ℓ(place)) of `times` simulated sequences whose rate rises at `place`."""
    state = np.array([seed], dtype=np.uint64)
    sums = np.zeros(n + 1, dtype=np.int64)
    out = np.empty(n + 1)
    found = np.empty(times)
    for run in range(times):
        for k in range(n):
            rate = before if k < place else behind
            sums[k + 1] = sums[k] + (1 if draw(state) < rate else 0)
        best = profile(sums, n, x, out)
        found[run] = 2.0 * (out[best] - out[place])
    return found


@compiled
def chances(n: int, rate: float, times: int, seed: int, x: Floats) -> Floats:
    """The clearness of the clearest rise in `times` simulated sequences of one rate."""
    state = np.array([seed], dtype=np.uint64)
    sums = np.zeros(n + 1, dtype=np.int64)
    out = np.empty(n + 1)
    found = np.zeros(times)
    for run in range(times):
        for k in range(n):
            sums[k + 1] = sums[k] + (1 if draw(state) < rate else 0)
        place, end = search(sums, n, x, out)
        if 0 < place < end:
            found[run] = clearness(sums, n, x, place, end)
    return found
