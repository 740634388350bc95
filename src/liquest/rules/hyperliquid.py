"""The mark of Hyperliquid, exactly: the median of oracle, own book and other venues.

Hyperliquid, "Robust price indices":

    1  oracle + 150 s EMA of (own mid − oracle)
    2  median of best bid, best ask and last trade
    3  weighted median of the perpetual's mid at Binance, OKX, Bybit, Gate and MEXC, 3 2 2 1 1

Where exactly two of the three exist, the 30 s EMA of the second joins them. The oracle is the
weighted median of spot prices, about every 3 s: an index by `weighted-median`. Chosen here,
where the page is silent: with one of the three the mark is that one, with none the oracle.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ..errors import Text, UsageError
from .average import exponential
from .centre import median, weighted_median
from .second import NOTHING, PART, WHOLE, MarkValue, Second

LONG_EMA_S, SHORT_EMA_S = 150, 30
EXTERNAL_WEIGHTS = (3, 2, 2, 1, 1)
"""Binance, OKX, Bybit, Gate, MEXC."""


def book(now: Second) -> Decimal | None:
    """The median of best bid, best ask and last trade, of those that are there. Where neither
    bid nor ask is recorded their middle stands for both."""
    sides = [now.bid, now.ask]
    if sides == [None, None]:
        sides = [now.mid, now.mid]
    there = [p for p in (*sides, now.last) if p is not None]
    return median(there) if there else None


def external(now: Second, weights: Sequence[int] = EXTERNAL_WEIGHTS) -> Decimal | None:
    """The weighted median of the other venues' mids, of those that are there."""
    if not now.external:
        return None
    if len(now.external) != len(weights):
        raise UsageError(
            Text(
                f"{len(now.external)} venues for {len(weights)} weights",
                f"{len(weights)} 个权重对应 {len(now.external)} 个交易场所",
            ),
            where="external",
            remedy=Text("Give None for a venue without a price.", "没有价格的场所请填 None。"),
        )
    there = [(p, w) for p, w in zip(now.external, weights, strict=True) if p is not None]
    if not there:
        return None
    return weighted_median([p for p, _ in there], [Decimal(w) for _, w in there])


def hyperliquid(now: Second, past: Sequence[Second]) -> MarkValue:
    """The mark of `now`; `past` is every second up to it, for the averages."""
    drift = exponential([s.basis for s in past], LONG_EMA_S)
    first = None if now.index is None or drift is None else now.index + drift
    there = [p for p in (first, book(now), external(now)) if p is not None]
    if len(there) == 3:
        return MarkValue(median(there), WHOLE)
    if len(there) == 2:
        short = exponential([book(s) for s in past], SHORT_EMA_S)
        there += [] if short is None else [short]
    if there:
        return MarkValue(median(there), PART)
    return NOTHING if now.index is None else MarkValue(now.index, PART)
