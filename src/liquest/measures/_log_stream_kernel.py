"""The same for errors that are known only by their times: a Poisson stream whose rate rises
at one of them and falls after another.

n errors in a time T are worth n ln(n/T). Two errors at one moment would be worth more than any
rise, so a higher rate holds at least LEAST errors and lasts at least a second. Moments are
µs from the start of the window, as floats.
"""

from __future__ import annotations

import numpy as np

from ..run.compiled import compiled
from ._log_onset_kernel import Floats, draw

LEAST = 5
SHORTEST = 1e6
_ROUNDS = 20


@compiled
def _worth(count: int, length: float) -> float:
    return count * np.log(count / length) if count > 0 and length > 0 else 0.0


@compiled
def stream_profile(times: Floats, n: int, end: float, out: Floats) -> int:
    """Likelihood of a rise just before each of the first n times (and of none, at place n),
    into `out`; the best place, the first of equal ones. The stream is seen from 0 to `end`."""
    flat = _worth(n, end)
    out[n] = flat
    best = n
    for k in range(n):
        out[k] = flat
        before, behind = times[k], end - times[k]
        held = n - k >= LEAST and behind >= SHORTEST and before > 0
        if held and k * behind < (n - k) * before:
            out[k] = _worth(k, before) + _worth(n - k, behind)
        if out[k] > out[best]:
            best = k
    return best


@compiled
def stream_at(times: Floats, n: int, end: float, at: float) -> float:
    """Likelihood of a rise at a moment."""
    before = int(np.searchsorted(times[:n], at))
    return _worth(before, at) + _worth(n - before, end - at)


@compiled
def _ending(times: Floats, length: float, place: int) -> tuple[int, float]:
    """(errors up to it, moment) of the best end of a rate that rose at `place`: half-way to
    the next error, one usual gap behind the last one, or the end of the window."""
    n = len(times)
    best, best_end, most = n, length, _worth(n - place, length - times[place])
    for k in range(place + LEAST, n + 1):
        if k < n:
            end = 0.5 * (times[k - 1] + times[k])
        else:
            end = times[n - 1] + (times[n - 1] - times[place]) / (n - 1 - place)
        inside, outside = k - place, n - k
        lasts, left = end - times[place], length - end
        if left <= 0 or lasts < SHORTEST or inside * left <= outside * lasts:
            continue
        worth = _worth(inside, lasts) + _worth(outside, left)
        if worth > most:
            best, best_end, most = k, end, worth
    return best, best_end


@compiled
def stream_clearness(times: Floats, length: float, place: int, n: int, end: float) -> float:
    """Twice the gain in likelihood of a rise from time `place` to `end`, which holds the first
    n times, over one rate throughout."""
    total = len(times)
    worth = _worth(place, times[place]) + _worth(n - place, end - times[place])
    worth += _worth(total - n, length - end)
    return 2.0 * (worth - _worth(total, length))


@compiled
def stream_search(times: Floats, length: float, out: Floats) -> tuple[int, int, float]:
    """(place, errors up to the end, end) of the clearest rise; place = all for none. An end is
    believed when it gains 4 ln n of clearness, as in _log_onset_kernel.search."""
    total = len(times)
    open_place = stream_profile(times, total, length, out)
    place, n, end = open_place, total, length
    if open_place == total:
        return total, total, length
    for _ in range(_ROUNDS):
        again, moment = _ending(times, length, place)
        if again == n and moment == end:
            break
        n, end = again, moment
        place = stream_profile(times, n, end, out)
        if place >= n:
            return open_place, total, length
    gain = stream_clearness(times, length, place, n, end)
    gain -= stream_clearness(times, length, open_place, total, length)
    if end < length and gain > 4.0 * np.log(total):
        return place, n, end
    return open_place, total, length


@compiled
def stream_distances(
    end: float, at: float, before: float, behind: float, runs: int, seed: int
) -> Floats:
    """2(ℓ max - ℓ(at)) of `runs` simulated streams whose rate rises at `at`."""
    state = np.array([seed], dtype=np.uint64)
    found = np.empty(runs)
    drawn = np.empty(int(2 * (before * at + behind * (end - at)) + 64))
    for run in range(runs):
        count = 0
        moment = 0.0
        while moment < end and count < len(drawn):
            rate = before if moment < at else behind
            step = -np.log(draw(state)) / rate if rate > 0 else np.inf
            if moment < at and moment + step > at:
                # The rest of a wait starts anew at the rise: exponential waits do not age.
                moment = at
                continue
            moment += step
            if moment < end:
                drawn[count] = moment
                count += 1
        out = np.empty(count + 1)
        best = stream_profile(drawn, count, end, out)
        here = stream_at(drawn, count, end, at)
        found[run] = max(0.0, 2.0 * (out[best] - here))
    return found


@compiled
def stream_chances(length: float, rate: float, runs: int, seed: int) -> Floats:
    """The clearness of the clearest rise in `runs` simulated streams of one rate."""
    state = np.array([seed], dtype=np.uint64)
    found = np.zeros(runs)
    drawn = np.empty(int(2 * rate * length + 64))
    for run in range(runs):
        count = 0
        moment = 0.0
        while count < len(drawn):
            moment += -np.log(draw(state)) / rate
            if moment >= length:
                break
            drawn[count] = moment
            count += 1
        if count < LEAST:
            continue
        times = drawn[:count]
        place, n, end = stream_search(times, length, np.empty(count + 1))
        if place < count:
            found[run] = stream_clearness(times, length, place, n, end)
    return found
