"""The mark second by second, as machine code: what `marks` says of every second.

One pass over the seconds. The moving average is a direct sum of its samples, EMAs run as the
venue writes them, and the time-weighted average adds and never subtracts, so that nothing
drifts: same input, same bits, and the exact mark to 1e-12 of the largest price in reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..clock import SECOND
from ..errors import Text, UsageError
from ..run.compiled import compiled
from .average_kernel import moved, updated, window_mean
from .centre_kernel import Floats, Ints, median_of_known, sort, weighted_median
from .hyperliquid import EXTERNAL_WEIGHTS, LONG_EMA_S, SHORT_EMA_S
from .index import HOLD, HOLES, STALE
from .mark import FORMULAS, FUNDING_PERIOD, MarkRule, untimed
from .second import STATES

_FORMULAS = tuple(FORMULAS)
_PERPETUAL, _DELIVERY, _INDEX, _LAST, _LAST_PROTECTED, _EMA, _TWAP, _HYPERLIQUID = range(8)
_WHOLE, _PART, _PROTECTED, _HELD, _CARRIED, _ABSENT = range(len(STATES))
_HOLD, _STALE = HOLES.index(HOLD), HOLES.index(STALE)
_NO_ROW, _NO_ROWS = np.empty(0), np.empty((0, 0))


class MarkPath(NamedTuple):
    """Per second: the mark (NaN where the rule leaves none) and its state, a place in STATES."""

    value: Floats
    state: npt.NDArray[np.int8]


def mark_path(
    index: Floats,
    last: Floats,
    mid: Floats,
    rule: MarkRule,
    funding_rate: Floats | None = None,
    to_funding_s: Ints | None = None,
    *,
    delivery_at: int | None = None,
    bid: Floats | None = None,
    ask: Floats | None = None,
    external: Floats | None = None,
    external_weights: Sequence[float] = EXTERNAL_WEIGHTS,
) -> Floats:
    """The mark under `rule` at each of S seconds; see `mark_walk`."""
    return mark_walk(
        index, last, mid, rule, funding_rate, to_funding_s, delivery_at=delivery_at,
        bid=bid, ask=ask, external=external, external_weights=external_weights,
    ).value  # fmt: skip


def mark_walk(
    index: Floats,
    last: Floats,
    mid: Floats,
    rule: MarkRule,
    funding_rate: Floats | None = None,
    to_funding_s: Ints | None = None,
    *,
    delivery_at: int | None = None,
    bid: Floats | None = None,
    ask: Floats | None = None,
    external: Floats | None = None,
    external_weights: Sequence[float] = EXTERNAL_WEIGHTS,
) -> MarkPath:
    """The mark under `rule` at each of S seconds, with its state.

    Prices are [S], NaN or not above zero where there is none; `funding_rate` [S] (NaN counts
    as 0) needs `to_funding_s` [S]. `delivery_at` is the second at which a delivery contract
    ends, the last that has a mark. `bid`, `ask` [S] and `external` [K, S] with K weights are
    Hyperliquid's. UsageError when shapes do not fit or a rate has no time to funding.
    """
    seconds = len(index)
    rows = {
        "last": last, "mid": mid, "funding_rate": funding_rate, "to_funding_s": to_funding_s,
        "bid": bid, "ask": ask,
    }  # fmt: skip
    for name, row in rows.items():
        if row is not None and row.shape != (seconds,):
            raise _unfit(name, row.shape, f"({seconds},)")
    others = _NO_ROWS if external is None else np.ascontiguousarray(external, dtype=np.float64)
    if external is not None and others.shape != (len(external_weights), seconds):
        raise _unfit("external", others.shape, f"({len(external_weights)}, {seconds})")
    made = MarkPath(np.empty(seconds), np.empty(seconds, dtype=np.int8))
    _walk(
        _row(index), _row(last), _row(mid), _factor(rule, funding_rate, to_funding_s),
        _NO_ROW if bid is None else _row(bid), _NO_ROW if ask is None else _row(ask),
        others, np.array(external_weights, dtype=np.float64),
        _FORMULAS.index(rule.formula), rule.window_s, rule.samples, float(rule.band),
        HOLES.index(rule.missing), seconds if rule.hold_s is None else rule.hold_s,
        -1 if delivery_at is None else delivery_at, rule.settling_s, delivery_at is not None,
        made.value, made.state,
    )  # fmt: skip
    return made


def seconds_to_funding(start: int, seconds: int, period_s: int = FUNDING_PERIOD) -> Ints:
    """Seconds to the next funding at each of `seconds` from `start` (µs) on, 1 to `period_s`."""
    return period_s - (start // SECOND + np.arange(seconds, dtype=np.int64)) % period_s


def _row(prices: Floats) -> Floats:
    return np.ascontiguousarray(prices, dtype=np.float64)


def _factor(rule: MarkRule, rates: Floats | None, left: Ints | None) -> Floats:
    """1 + rate × time to funding / period; no row at all where that is 1 throughout."""
    if _FORMULAS.index(rule.formula) != _PERPETUAL:
        return _NO_ROW
    rate = rates if rule.funding_rate is None else float(rule.funding_rate)
    if rate is None or not np.any(np.nan_to_num(rate)):
        return _NO_ROW
    if left is None:
        raise untimed()
    return np.asarray(1.0 + np.nan_to_num(rate) * left / rule.funding_period_s, dtype=np.float64)


def _unfit(name: str, got: tuple[int, ...], expected: str) -> UsageError:
    return UsageError(
        Text(f"'{name}' has the shape {got}", f"“{name}”的形状为 {got}"),
        remedy=Text(f"Give the shape {expected}.", f"请提供形状 {expected}。"),
    )


@compiled
def _walk(
    index: Floats, last: Floats, mid: Floats, factor: Floats,
    bid: Floats, ask: Floats, external: Floats, weights: Floats,
    formula: int, window: int, samples: int, band: float,
    missing: int, hold: int, delivery_at: int, settling: int, delivers: bool,
    value: Floats, state: npt.NDArray[np.int8],
) -> None:  # fmt: skip
    seconds = len(index)
    basis = np.empty(seconds)
    means = window_mean(last, window) if formula == _TWAP else np.empty(0)
    prices, shares = np.empty(len(weights)), np.empty(len(weights))
    order = np.empty(len(weights), np.int64)
    long_ema, short_ema = np.array([0.0, 0.0, -1.0]), np.array([0.0, 0.0, -1.0])
    scale = LONG_EMA_S if formula == _HYPERLIQUID else window
    settled, settled_count = 0.0, 0
    known_index = known_last = held = reference = np.nan
    held_at = 0
    for second in range(seconds):
        now, traded = _price(index[second]), _price(last[second])
        basis[second] = _price(mid[second]) - now
        known_index = known_index if np.isnan(now) else now
        known_last = known_last if np.isnan(traded) else traded
        if formula == _LAST_PROTECTED:
            reference = known_index
        moving = settlement = recent = np.nan
        if formula in (_PERPETUAL, _DELIVERY):
            moving = moved(basis, second, samples, window // samples)
        elif formula in (_EMA, _HYPERLIQUID):
            moving = updated(long_ema, basis[second], second, scale)
        elif formula == _TWAP:
            moving = means[second]
        ended = delivers and second > delivery_at
        if delivers and delivery_at - settling < second <= delivery_at:
            if not np.isnan(now):
                settled, settled_count = settled + now, settled_count + 1
            settlement = settled / settled_count if settled_count else np.nan
        if formula == _HYPERLIQUID:
            own = _book(bid, ask, mid, traded, second)
            recent = updated(short_ema, own, second, SHORT_EMA_S)
            other = _external(external, weights, second, prices, shares, order)
            found, kind = _hyperliquid(now, moving, own, other, recent)
        else:
            part = factor[second] if len(factor) else 1.0
            found, kind = _formula(
                formula, now, traded, part, moving, settlement, ended, reference, band
            )
        if found > 0.0:
            held, held_at = found, second
            reference = reference if np.isnan(now) else found
        elif missing == _STALE:
            if formula == _HYPERLIQUID:
                found, kind = _hyperliquid(known_index, moving, known_last, np.nan, recent)
            else:
                part = factor[second] if len(factor) else 1.0
                found, kind = _formula(
                    formula, known_index, known_last, part, moving, settlement, ended,
                    reference, band,
                )  # fmt: skip
            kind = _CARRIED
        elif missing == _HOLD and second - held_at <= hold:
            found, kind = held, _HELD
        value[second] = found if found > 0.0 else np.nan
        state[second] = kind if found > 0.0 else _ABSENT


@compiled
def _price(price: float) -> float:
    """The price, NaN where it is none."""
    return price if 0.0 < price < np.inf else np.nan


@compiled
def _formula(
    formula: int, index: float, last: float, factor: float, moving: float, settlement: float,
    ended: bool, reference: float, band: float,
) -> tuple[float, int]:  # fmt: skip
    """The mark of a second and its state; NaN where the formula has none."""
    if formula == _INDEX:
        return index, _WHOLE
    if formula == _LAST:
        return last, _WHOLE
    if formula == _TWAP:
        return (last, _PART) if np.isnan(moving) else (moving, _WHOLE)
    if formula == _LAST_PROTECTED:
        if np.isnan(last):
            return index, _PART
        return _protected(last, reference, band), _PROTECTED if np.isnan(index) else _WHOLE
    if formula == _DELIVERY and ended:
        return np.nan, _ABSENT
    if formula == _DELIVERY and not np.isnan(settlement):
        return settlement, _WHOLE
    if np.isnan(index):
        return (np.nan, _ABSENT) if formula == _EMA else (
            _protected(last, reference, band), _PROTECTED,
        )  # fmt: skip
    if formula == _PERPETUAL:
        whole = not (np.isnan(moving) or np.isnan(last))
        found = median_of_known(index * factor, index + moving, last)
        return found, _WHOLE if whole else _PART
    return (index, _PART) if np.isnan(moving) else (index + moving, _WHOLE)


@compiled
def _protected(last: float, reference: float, band: float) -> float:
    """The last price, at most `band` from the reference where there is one."""
    if np.isnan(reference) or np.isnan(last):
        return last
    return min(max(last, reference * (1.0 - band)), reference * (1.0 + band))


@compiled
def _hyperliquid(
    oracle: float, moving: float, own: float, other: float, recent: float
) -> tuple[float, int]:
    """The median of oracle with EMA, own book and other venues; with two of them, of these and
    the short EMA of the book."""
    first = oracle + moving
    there = int(not np.isnan(first)) + int(not np.isnan(own)) + int(not np.isnan(other))
    if there == 3:
        return median_of_known(first, own, other), _WHOLE
    if there == 2:
        if np.isnan(first):
            first = recent
        elif np.isnan(own):
            own = recent
        else:
            other = recent
    if there == 0:
        return oracle, _PART
    return median_of_known(first, own, other), _PART


@compiled
def _book(bid: Floats, ask: Floats, mid: Floats, last: float, second: int) -> float:
    """The median of bid, ask and last trade; the mid for both where neither is recorded."""
    low = _price(bid[second]) if len(bid) else np.nan
    high = _price(ask[second]) if len(ask) else np.nan
    if np.isnan(low) and np.isnan(high):
        low = high = _price(mid[second])
    return median_of_known(low, high, last)


@compiled
def _external(
    external: Floats, weights: Floats, second: int, prices: Floats, shares: Floats, order: Ints
) -> float:
    """The weighted median of other venues' mids; NaN where there is none."""
    count = 0
    for k in range(external.shape[0]):
        price = _price(external[k, second])
        if not np.isnan(price):
            prices[count], shares[count] = price, weights[k]
            count += 1
    if count == 0:
        return np.nan
    sort(prices, order, count)
    return weighted_median(prices, shares, order, count)
