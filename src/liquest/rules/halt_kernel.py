"""Trading halts along a path of marks, as arrays. The exact reference is halt.py."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@compiled
def halted(marks: Floats, trigger: float, lookback: int, length: int) -> Bools:
    """Whether the market is halted at each of the S seconds of `marks` (NaN where missing).

    Takes prices, not 1/price. Linear in S: the extremes of the look-back stand in two queues,
    as positions, each of which enters and leaves once.
    """
    count = len(marks)
    stopped = np.zeros(count, dtype=np.bool_)
    low, high = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    low_head = low_tail = high_head = high_tail = 0
    second = 0
    while second < count:
        now = marks[second]
        while low_head < low_tail and low[low_head] < second - lookback:
            low_head += 1
        while high_head < high_tail and high[high_head] < second - lookback:
            high_head += 1
        if np.isnan(now):
            second += 1
            continue
        if low_head < low_tail and (
            now / marks[low[low_head]] - 1.0 > trigger
            or 1.0 - now / marks[high[high_head]] > trigger
        ):
            end = min(second + length, count)
            stopped[second:end] = True
            low_head = low_tail = high_head = high_tail = 0
            second = end
            continue
        while low_head < low_tail and marks[low[low_tail - 1]] >= now:
            low_tail -= 1
        low[low_tail] = second
        low_tail += 1
        while high_head < high_tail and marks[high[high_tail - 1]] <= now:
            high_tail -= 1
        high[high_tail] = second
        high_tail += 1
        second += 1
    return stopped
