"""Averages over time, exactly: moving average, exponential moving average, time-weighted average.

Each takes one value a second, oldest first and the present second last, None where there is
none. Invariant: a second without a value is left out, not counted as zero, and an average is
of what is there: at the start of a window, of fewer values than the window holds. None where
there is none at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

from .centre import PRECISION

Values = Sequence[Decimal | None]


def moving_average(values: Values, samples: int, stride: int) -> Decimal | None:
    """The mean of the values now, `stride` seconds ago, … , `samples` of them.

    Binance: 30 samples of (bid + ask)/2 − index, one every 5 s, 2 s or 1 s. The venue does not
    say on which seconds it samples; here the newest sample is the present second.
    """
    return _mean(values[len(values) - 1 :: -stride][:samples] if values else ())


def time_weighted(values: Values, window_s: int) -> Decimal | None:
    """The mean over the last `window_s` seconds; each value stands for its second."""
    return _mean(values[-window_s:])


def exponential(values: Values, scale_s: int) -> Decimal | None:
    """The exponential moving average with time constant `scale_s`.

    Hyperliquid, "Robust price indices": at a sample t after the one before,
    numerator ← numerator · exp(−t/τ) + sample · t, denominator ← denominator · exp(−t/τ) + t,
    average = numerator / denominator. The first sample counts one second. Written here as the
    sum over all samples, each with the weight that the recursion leaves it now.
    """
    known = [(second, v) for second, v in enumerate(values) if v is not None]
    if not known:
        return None
    with localcontext(prec=PRECISION):
        top = bottom = Decimal(0)
        newest, before = known[-1][0], known[0][0] - 1
        for second, value in known:
            left = (Decimal(second - newest) / scale_s).exp() * (second - before)
            top += value * left
            bottom += left
            before = second
        return top / bottom


def _mean(values: Values) -> Decimal | None:
    known = [v for v in values if v is not None]
    if not known:
        return None
    with localcontext(prec=PRECISION):
        return sum(known, Decimal(0)) / len(known)
