"""Own orders against the public book and the tape, as machine code.

An order is testable on a snapshot that reaches its price: one whose side has room left, or
whose last level lies beyond it. It is shown where a level at its price holds at least its size.
Prices are equal within a billionth of themselves: a decimal may become two doubles.
"""

from __future__ import annotations

import numpy as np

from ..run.compiled import compiled
from ..tape.tracks import Floats, Ints

NEVER, UNTESTABLE = -1, -2
NEAR = 1e-9


@compiled
def reaches(prices: Floats, buy: int, price: float) -> bool:
    """Whether one side of a snapshot (NaN for no level) reaches a price."""
    last = prices[len(prices) - 1]
    if np.isnan(last):
        return True
    return bool(price >= last * (1 - NEAR) if buy else price <= last * (1 + NEAR))


@compiled
def shows(prices: Floats, sizes: Floats, price: float, size: float) -> bool:
    """Whether a level at the price holds at least the size."""
    for level in range(len(prices)):
        if abs(prices[level] - price) <= NEAR * price:
            return bool(sizes[level] >= size * (1 - NEAR))
    return False


@compiled
def seen(
    ts: Ints, prices: Floats, sizes: Floats, start: Ints, end: Ints, buy: Ints, price: Floats,
    size: Floats, tolerance: int, found: Ints,
) -> None:  # fmt: skip
    """For each order the place of the first snapshot in its life that shows it.

    NEVER where testable snapshots later than `tolerance` µs do not; UNTESTABLE where there is
    none. Snapshots: ts [n], prices and sizes [n, side (0 bids), level].
    """
    for order in range(len(start)):
        side = 0 if buy[order] else 1
        found[order] = UNTESTABLE
        at = np.searchsorted(ts, start[order])
        while at < len(ts) and ts[at] < end[order]:
            if reaches(prices[at, side], buy[order], price[order]):
                if shows(prices[at, side], sizes[at, side], price[order], size[order]):
                    found[order] = at
                    break
                if ts[at] > start[order] + tolerance:
                    found[order] = NEVER
            at += 1


@compiled
def passed(
    ts: Ints, traded: Floats, start: Ints, end: Ints, buy: Ints, price: Floats, tolerance: int,
    found: Ints,
) -> None:  # fmt: skip
    """For each order the place of the first trade at a worse price than its own, later than
    `tolerance` µs after its start and as long before its end; NEVER for none."""
    for order in range(len(start)):
        found[order] = NEVER
        at = np.searchsorted(ts, start[order] + tolerance, side="right")
        while at < len(ts) and ts[at] < end[order] - tolerance:
            gap = price[order] - traded[at] if buy[order] else traded[at] - price[order]
            if gap > NEAR * price[order]:
                found[order] = at
                break
            at += 1
