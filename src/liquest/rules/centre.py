"""The centre of several prices, exactly: mean, median, weighted median, trimmed mean.

Invariant: to the digits kept, every centre lies between the lowest and the highest price
given and does not depend on their order. Prices and weights come in pairs; weights are
relative, none is negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

PRECISION = 50
"""Digits that a quotient keeps."""
HALF_TOLERANCE = Decimal("1e-9")
"""Weight up to a price counts as exactly half within this share of the whole, so that weights
such as 6/39, which no finite number holds, meet the half where they should."""


def mean(prices: Sequence[Decimal], weights: Sequence[Decimal]) -> Decimal:
    """Σ weight · price / Σ weight; ValueError when no weight is above zero."""
    with localcontext(prec=PRECISION):
        total = sum(weights, Decimal(0))
        if total <= 0:
            raise ValueError("a mean needs a weight above zero")
        return sum((p * w for p, w in zip(prices, weights, strict=True)), Decimal(0)) / total


def median(prices: Sequence[Decimal]) -> Decimal:
    """The middle price, or the mean of the middle two; ValueError when there is none."""
    if not prices:
        raise ValueError("no price has no median")
    ordered = sorted(prices)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    with localcontext(prec=PRECISION):
        return (low + high) / 2


def weighted_median(prices: Sequence[Decimal], weights: Sequence[Decimal]) -> Decimal:
    """The lowest price up to which there is more than half of the weight; where there is
    exactly half, the mean of it and the next price that has weight.

    ValueError when no weight is above zero.
    """
    pairs = sorted((p, w) for p, w in zip(prices, weights, strict=True) if w > 0)
    if not pairs:
        raise ValueError("a weighted median needs a weight above zero")
    with localcontext(prec=PRECISION):
        total, upto = sum((w for _, w in pairs), Decimal(0)), Decimal(0)
        for place, (price, weight) in enumerate(pairs):
            upto += weight
            if abs(2 * upto - total) <= HALF_TOLERANCE * total and place + 1 < len(pairs):
                return (price + pairs[place + 1][0]) / 2
            if 2 * upto > total:
                return price
    return pairs[-1][0]


def trimmed_mean(prices: Sequence[Decimal], cut: int) -> Decimal:
    """The plain mean without the `cut` lowest and the `cut` highest prices; the median where
    that would leave none. ValueError when there is no price."""
    if len(prices) <= 2 * cut:
        return median(prices)
    kept = sorted(prices)[cut : len(prices) - cut]
    return mean(kept, [Decimal(1)] * len(kept))
