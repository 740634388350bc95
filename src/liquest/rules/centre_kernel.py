"""Centres of a few prices as machine code: insertion sort, medians, weighted median.

Each answers as its exact namesake in `centre` does. Arrays are work space of the caller, of
which the first `count` places are in use.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HALF_TOLERANCE = 1e-9


@compiled
def sort(prices: Floats, order: Ints, count: int) -> None:
    """The places 0 … count − 1 in the order of their prices, lowest first."""
    for place in range(count):
        price = prices[place]
        at = place
        while at > 0 and prices[order[at - 1]] > price:
            order[at] = order[at - 1]
            at -= 1
        order[at] = place


@compiled
def ranked(prices: Floats, into: Floats, count: int) -> None:
    """The prices themselves, lowest first: less work where nobody asks whose they are."""
    for place in range(count):
        price = prices[place]
        at = place
        while at > 0 and into[at - 1] > price:
            into[at] = into[at - 1]
            at -= 1
        into[at] = price


@compiled
def median(into: Floats, count: int) -> float:
    """The middle of ranked prices; there must be one."""
    low, high = into[(count - 1) // 2], into[count // 2]
    return low if low == high else (low + high) / 2.0  # type: ignore[no-any-return]


@compiled
def median_of_three(a: float, b: float, c: float) -> float:
    """The middle of three numbers, none of them NaN."""
    return max(min(a, b), min(max(a, b), c))


@compiled
def median_of_known(a: float, b: float, c: float) -> float:
    """The median of those that are not NaN; NaN when all are."""
    if np.isnan(a):
        a, c = c, a
    if np.isnan(b):
        b, c = c, b
    if np.isnan(a):
        a, b = b, a
    if np.isnan(b):
        return a
    if np.isnan(c):
        return (a + b) / 2.0
    return median_of_three(a, b, c)


@compiled
def weighted_median(prices: Floats, weights: Floats, order: Ints, count: int) -> float:
    """The price up to which there is half of the weight; NaN when there is no weight."""
    total = 0.0
    for place in range(count):
        total += weights[place]
    upto = 0.0
    last = np.nan
    halved = False
    for place in range(count):
        weight = weights[order[place]]
        if weight > 0.0:
            price = prices[order[place]]
            if halved:
                return (last + price) / 2.0  # type: ignore[no-any-return]
            upto += weight
            if abs(2.0 * upto - total) <= HALF_TOLERANCE * total:
                halved = True
            elif 2.0 * upto > total:
                return price  # type: ignore[no-any-return]
            last = price
    return last
