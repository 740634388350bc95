"""The index second by second, as machine code: what `index_price` says of every second.

One pass over [K, S] arrays, no memory beyond the answer. Sums run in the order of the sources
and the median by insertion sort, so the same input gives the same bits; the exact index is met
to 1e-12 of its value.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import Text, UsageError
from ..run.compiled import compiled
from .centre_kernel import Floats, Ints, median, ranked, sort, weighted_median
from .index import HOLD, HOLES, METHODS, STALE, WEIGHING, IndexRule
from .protection import PROTECTIONS, TOLERANCE

MAX_SOURCES = 32
_WEIGHTED, _MEDIAN, _WEIGHTED_MEDIAN, _VOLUME_MEDIAN, _TRIMMED = range(5)
_NONE, _ZERO, _CAP = range(3)
_METHODS, _PROTECTIONS = tuple(METHODS), tuple(PROTECTIONS)
_HOLD, _STALE = HOLES.index(HOLD), HOLES.index(STALE)
_TOLERANCE = float(TOLERANCE)


class IndexPath(NamedTuple):
    """Per second: the index (NaN where the rule leaves none), how many sources that count live
    (0 where the value is held or made of stale ones), and how many deviated and were capped or
    left without weight."""

    value: Floats
    live: npt.NDArray[np.int8]
    touched: npt.NDArray[np.int8]


def index_path(
    prices: Floats,
    ages: Ints,
    weights: Floats,
    rule: IndexRule,
    volumes: Floats | None = None,
) -> IndexPath:
    """The index under `rule` at each of S seconds.

    `prices` [K, S] in the currency of the index, NaN (or not above zero) where a source has
    none; `ages` [K, S] in seconds, negative where nothing is known; `weights` [K] (of the
    rule: `weights_of`), NaN for what is no source; `volumes` [K, S], needed by the
    volume-weighted median only. UsageError when shapes do not fit, for more than 32 sources,
    for a weight below zero and for a missing volume.
    """
    count, seconds = prices.shape
    by_volume = rule.method == "volume-median"
    if ages.shape != prices.shape or weights.shape != (count,):
        raise _refused(
            f"prices {prices.shape}, ages {ages.shape} and weights {weights.shape} do not fit",
            f"价格 {prices.shape}、时效 {ages.shape} 与权重 {weights.shape} 的形状不一致",
            Text("Give [K, S], [K, S] and [K].", "请提供 [K, S]、[K, S] 与 [K]。"),
        )
    if count > MAX_SOURCES:
        raise _refused(
            f"an index of {count} sources", f"指数来源多达 {count} 个",
            Text(f"Give at most {MAX_SOURCES}.", f"请至多提供 {MAX_SOURCES} 个来源。"),
        )  # fmt: skip
    if bool(np.any(weights < 0)):
        raise _refused(
            "a weight below zero", "权重为负",
            Text("Give weights from zero on.", "请提供不小于零的权重。"),
        )  # fmt: skip
    if by_volume and (volumes is None or volumes.shape != prices.shape):
        raise _refused(
            "a volume-weighted median without the volume of every price",
            "成交量加权中位数缺少各价格对应的成交量",
            Text("Give volumes [K, S].", "请提供形状为 [K, S] 的成交量。"),
        )
    made = IndexPath(
        np.empty(seconds), np.empty(seconds, dtype=np.int8), np.empty(seconds, dtype=np.int8)
    )
    _walk(
        np.ascontiguousarray(prices, dtype=np.float64),
        np.ascontiguousarray(ages, dtype=np.int64),
        np.ascontiguousarray(weights, dtype=np.float64),
        np.ascontiguousarray(
            volumes if by_volume and volumes is not None else np.empty((0, 0)), dtype=np.float64
        ),
        _METHODS.index(rule.method),
        rule.method in WEIGHING,
        _PROTECTIONS.index(rule.protection.word),
        float(rule.protection.deviation),
        rule.stale_s,
        rule.trim,
        HOLES.index(rule.missing),
        seconds if rule.hold_s is None else rule.hold_s,
        made.value,
        made.live,
        made.touched,
    )
    return made


def weights_of(rule: IndexRule) -> Floats:
    """The weights of the sources that the rule was made for, NaN for those left out."""
    return np.array([np.nan if w is None else float(w) for w in rule.weights], dtype=np.float64)


def _refused(en: str, zh: str, remedy: Text) -> UsageError:
    return UsageError(Text(en, zh), remedy=remedy)


@compiled
def _walk(
    prices: Floats, ages: Ints, weights: Floats, volumes: Floats,
    method: int, weighing: bool, protection: int, deviation: float, stale: int, trim: int,
    missing: int, hold: int,
    value: Floats, live: npt.NDArray[np.int8], touched: npt.NDArray[np.int8],
) -> None:  # fmt: skip
    price, weight, rank = np.empty(MAX_SOURCES), np.empty(MAX_SOURCES), np.empty(MAX_SOURCES)
    source, order = np.empty(MAX_SOURCES, np.int64), np.empty(MAX_SOURCES, np.int64)
    forever = np.iinfo(np.int64).max
    held, held_at = np.nan, 0
    for second in range(prices.shape[1]):
        count, counting = _gather(
            prices, ages, weights, weighing, second, stale, price, weight, source
        )
        live[second] = counting
        if counting == 0 and missing == _STALE:
            count, counting = _gather(
                prices, ages, weights, weighing, second, forever, price, weight, source
            )
        if counting == 0:
            touched[second] = 0
            keep = missing == _HOLD and second - held_at <= hold
            value[second] = held if keep else np.nan
            continue
        if method == _VOLUME_MEDIAN:
            for place in range(count):
                weight[place] = max(0.0, volumes[source[place], second])
        value[second], touched[second] = _centre(
            price, weight, rank, order, count, method, protection, deviation, trim
        )
        held, held_at = value[second], second


@compiled
def _gather(
    prices: Floats, ages: Ints, weights: Floats, weighing: bool, second: int, stale: int,
    price: Floats, weight: Floats, source: Ints,
) -> tuple[int, int]:  # fmt: skip
    """The sources with a price and an age below the limit; how many, and how many count."""
    count = counting = 0
    for k in range(prices.shape[0]):
        found, age = prices[k, second], ages[k, second]
        if weights[k] >= 0.0 and found > 0.0 and found < np.inf and 0 <= age < stale:
            price[count], weight[count], source[count] = found, weights[k], k
            count += 1
            counting += int(weights[k] > 0.0 or not weighing)
    return count, counting


@compiled
def _centre(
    price: Floats, weight: Floats, rank: Floats, order: Ints, count: int,
    method: int, protection: int, deviation: float, trim: int,
) -> tuple[float, int]:  # fmt: skip
    """The value of a second after protection, and how many sources deviated."""
    deviating, middle = 0, np.nan
    if protection != _NONE:
        ranked(price, rank, count)
        middle = median(rank, count)
        limit = (deviation + _TOLERANCE) * middle
        outlier = -1
        for place in range(count):
            if abs(price[place] - middle) > limit:
                deviating += 1
                outlier = place
                if protection == _CAP:
                    sign = 1.0 if price[place] > middle else -1.0
                    price[place] = middle * (1.0 + sign * deviation)
        if protection == _ZERO and deviating > 1:
            return middle, deviating
        if protection == _ZERO and deviating == 1:
            count -= 1
            for place in range(outlier, count):
                price[place], weight[place] = price[place + 1], weight[place + 1]
    if method == _WEIGHTED:
        found = _mean(price, weight, count)
        return middle if np.isnan(found) else found, deviating
    if method in (_WEIGHTED_MEDIAN, _VOLUME_MEDIAN):
        sort(price, order, count)
        found = weighted_median(price, weight, order, count)
        if not np.isnan(found):
            return found, deviating
        if method == _WEIGHTED_MEDIAN:
            return middle, deviating
    ranked(price, rank, count)
    if method == _TRIMMED and count > 2 * trim:
        total = 0.0
        for place in range(trim, count - trim):
            total += rank[place]
        return total / (count - 2 * trim), deviating
    return median(rank, count), deviating


@compiled
def _mean(price: Floats, weight: Floats, count: int) -> float:
    """Σ weight · price / Σ weight; NaN when there is no weight."""
    top = bottom = 0.0
    for place in range(count):
        top += weight[place] * price[place]
        bottom += weight[place]
    return top / bottom if bottom > 0.0 else np.nan
