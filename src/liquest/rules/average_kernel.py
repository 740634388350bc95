"""Averages over time as machine code: what `average` says, second by second.

NaN is a second without a value; it is left out. No sum ever has a value taken from it again,
so an average after a spike is as good as before it.
"""

from __future__ import annotations

import numpy as np

from ..run.compiled import compiled
from .centre_kernel import Floats


@compiled
def moved(values: Floats, second: int, samples: int, stride: int) -> float:
    """The mean of the samples at `second`, one stride before it, and so on; NaN without any."""
    total, count = 0.0, 0
    for sample in range(samples):
        at = second - sample * stride
        if at < 0:
            break
        if not np.isnan(values[at]):
            total += values[at]
            count += 1
    return total / count if count else np.nan


@compiled
def updated(held: Floats, sample: float, second: int, scale: float) -> float:
    """The exponential moving average with this second's sample, NaN for none.

    `held` keeps numerator, denominator and the second of the last sample (−1 at first).
    """
    if not np.isnan(sample):
        gap = second - held[2] if held[1] > 0.0 else 1.0
        decay = np.exp(-gap / scale)
        held[0] = held[0] * decay + sample * gap
        held[1] = held[1] * decay + gap
        held[2] = second
    return held[0] / held[1] if held[1] > 0.0 else np.nan


@compiled
def window_mean(values: Floats, window: int) -> Floats:
    """At every second the mean of the last `window` values; NaN where there is none.

    A window ends in a block of `window` seconds and begins in the one before: the sum from the
    block's start plus the sum to the former block's end. Values not above zero count as none.
    """
    made = np.empty(len(values))
    after, after_count = np.zeros(window + 1), np.zeros(window + 1, np.int64)
    total, count = 0.0, 0
    for second in range(len(values)):
        place = second % window
        if place == 0 and second > 0:
            for back in range(window - 1, -1, -1):
                value = values[second - window + back]
                there = 0.0 < value < np.inf
                after[back] = after[back + 1] + (value if there else 0.0)
                after_count[back] = after_count[back + 1] + int(there)
            total, count = 0.0, 0
        if 0.0 < values[second] < np.inf:
            total += values[second]
            count += 1
        whole = count + after_count[place + 1]
        made[second] = (total + after[place + 1]) / whole if whole else np.nan
    return made
