"""Shares with intervals: Wilson's score interval of a proportion.

E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
(1927). With p = k/n and z the normal quantile:

    (p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n)
"""

from __future__ import annotations

import math
from decimal import Decimal

from ..findings import rounded

Z95 = 1.959963984540054
"""The 97.5 % quantile of the normal law: 95 % lie within ± it."""
PLACES = 6


def wilson(successes: int, n: int, z: float = Z95) -> tuple[Decimal, Decimal]:
    """The 95 % interval of a share of `successes` in `n`, six decimals; n must be above 0."""
    p = successes / n
    middle = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    low, high = (middle - half) / whole, (middle + half) / whole
    return (
        rounded(max(low, 0.0) if successes else 0.0, PLACES),
        rounded(min(high, 1.0) if successes < n else 1.0, PLACES),
    )


def share(successes: int, n: int) -> Decimal:
    """successes / n, divided exactly, half-even to six decimals."""
    return rounded(Decimal(successes) / Decimal(n), PLACES)
