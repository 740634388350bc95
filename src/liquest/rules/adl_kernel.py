"""Auto-deleveraging of one (second, market) group as arrays: scores and closed quantities.

For use inside other compiled loops. Everything is linear in x, the price of a linear and
1/price of an inverse contract: `size` is signed in x (+q linear long, −q linear short,
−USD inverse long, +USD inverse short), pnl = size·(x − entry), notional = |size|·x, both in
settle currency. Candidates stand in ascending order of account number, which breaks every
tie; arrays may be longer than `count`. Invariant: 0 ≤ closed ≤ |size|, nothing is closed on
the wrong side, and Σ closed + residual = quantity (exactly in lots, else to rounding).

    residual = deleverage(scoring, allocation, quantity, side, x, price, inverse, cap, lot,
                          count, size, entry, wallet, equity, maintenance, closed, work, order)
    for i in range(count):
        wallet[i] += realised(size[i], entry[i], closed[i], price)
        size[i] -= side * closed[i]

The exact references are scores.py, adl.py (one whole group), allocation.py (queue and shares) and
contract_space.py (lots).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled
from .allocation_kernel import LEFT_OUT, fill_into, lots_into, queue_into

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BINANCE_2025 = 0
BINANCE_2019 = 1
BITMEX = 2
BYBIT = 3
HYPERLIQUID = 4
HYPERLIQUID_SIDED = 5
SCORES: Mapping[str, int] = {
    "binance-2025": BINANCE_2025,
    "binance-2019": BINANCE_2019,
    "bitmex": BITMEX,
    "bybit": BYBIT,
    "hyperliquid": HYPERLIQUID,
    "hyperliquid-sided": HYPERLIQUID_SIDED,
}
"""Names in the rulebook (adl.score) → codes of `scoring`."""

QUEUE = 0
PRO_RATA = 1
CAPPED = 2
LEVERAGE = 3
MIN_MAX = 4
CONTRACT_LOTS = 5
ALLOCATIONS: Mapping[str, int] = {
    "queue": QUEUE,
    "pro-rata": PRO_RATA,
    "capped": CAPPED,
    "leverage": LEVERAGE,
    "min-max": MIN_MAX,
    "contract-lots": CONTRACT_LOTS,
}
"""Names in the rulebook (adl.allocation) → codes of `allocation`."""

AT_BANKRUPTCY = 0
AT_MARK = 1
AT_PREVIOUS_MARK = 2
PRICES: Mapping[str, int] = {
    "bankruptcy": AT_BANKRUPTCY,
    "mark": AT_MARK,
    "previous-mark": AT_PREVIOUS_MARK,
}
"""Names in the rulebook (adl.price) → codes of `pricing`."""

_SLACK = 1e-9
"""Quantities are whole lots to this part of one."""


@compiled
def closing_x(pricing: int, bankruptcy: float, mark: float, previous: float) -> float:
    """The x at which positions are closed; `bankruptcy` is that of the liquidated order, or
    the mean of a group's by quantity."""
    if pricing == AT_MARK:
        return mark
    if pricing == AT_PREVIOUS_MARK:
        return previous
    return bankruptcy


@compiled
def realised(size: float, entry: float, closed: float, price: float) -> float:
    """The profit of closing `closed` > 0 units of a position at x = price."""
    return (closed if size > 0 else -closed) * (price - entry)


@compiled
def score(
    scoring: int,
    size: float,
    entry: float,
    x: float,
    wallet: float,
    equity: float,
    maintenance: float,
    inverse: bool,
) -> float:
    """The score of one position (formulas: scores.py); LEFT_OUT where it is not in the queue.

    `wallet`, `equity` and `maintenance` are those of the margin unit behind the position.
    """
    if size == 0.0 or not equity > 0.0:
        return LEFT_OUT
    profit = size * (x - entry)
    if scoring == BINANCE_2025:
        if profit >= 0.0:
            return profit / equity
        notional = abs(size) * x
        return profit * equity / (notional * notional)
    if scoring == BINANCE_2019:
        return max(profit, 0.0) * maintenance / (max(wallet, 1.0) * equity)
    if scoring == BITMEX:
        if profit >= 0.0:
            return profit * x / (entry * equity)
        return profit * equity / (size * size * entry * x)
    if profit <= 0.0:
        return LEFT_OUT
    if scoring == BYBIT:
        return profit / equity if inverse else profit * x / (entry * equity)
    notional = abs(size) * x
    rising = not inverse if scoring == HYPERLIQUID else size > 0.0
    if rising:
        return x * notional / (entry * equity)
    return entry * notional / (x * equity)


@compiled
def score_into(
    scoring: int,
    side: int,
    x: float,
    price: float,
    inverse: bool,
    count: int,
    size: Floats,
    entry: Floats,
    wallet: Floats,
    equity: Floats,
    maintenance: Floats,
    scores: Floats,
) -> None:
    """The scores of the first `count` candidates, in place.

    Left out are those whose size has not the sign of `side`, and, unless `price` is NaN,
    those that would realise a loss when closed at it.
    """
    for i in range(count):
        scores[i] = LEFT_OUT
        if size[i] * side > 0.0 and not side * (price - entry[i]) < 0.0:
            scores[i] = score(
                scoring, size[i], entry[i], x, wallet[i], equity[i], maintenance[i], inverse
            )


@compiled
def deleverage(
    scoring: int,
    allocation: int,
    quantity: float,
    side: int,
    x: float,
    price: float,
    inverse: bool,
    cap: float,
    lot: float,
    count: int,
    size: Floats,
    entry: Floats,
    wallet: Floats,
    equity: Floats,
    maintenance: Floats,
    closed: Floats,
    work: Floats,
    order: Ints,
) -> float:
    """Closed quantities of one group in place, `closed[0:count]` ≥ 0; the residual ≥ 0.

    `quantity` in units of size that must be closed on `side` (+1: candidates of positive
    size in x, so −sign(size) of the bankrupt leg); `x` the mark; `price` an x at which nobody
    may be closed at a loss, or NaN; `cap` the share of a position that CAPPED may close;
    `lot` the step of CONTRACT_LOTS in units of size. `wallet`, `equity` and `maintenance` are
    those of each candidate's margin unit. Scratch: `work` of shape [3, ≥ count], `order` of
    [≥ count]; nothing is read from them. Shares weigh profit (PRO_RATA, CAPPED,
    CONTRACT_LOTS), notional/equity times profit (LEVERAGE) or equity (MIN_MAX), and take only
    positions in profit at the mark.
    """
    scores, weights, caps = work[0], work[1], work[2]
    if allocation == QUEUE:
        score_into(
            scoring, side, x, price, inverse, count, size, entry, wallet, equity, maintenance,
            scores,
        )  # fmt: skip
        for i in range(count):
            caps[i] = abs(size[i])
        return queue_into(quantity, count, caps, scores, closed, order)
    for i in range(count):
        weights[i] = 0.0
        caps[i] = abs(size[i])
        profit = size[i] * (x - entry[i])
        if (
            size[i] * side > 0.0
            and profit > 0.0
            and equity[i] > 0.0
            and not side * (price - entry[i]) < 0.0
        ):
            weights[i] = profit
            if allocation == LEVERAGE:
                weights[i] = profit * caps[i] * x / equity[i]
            elif allocation == MIN_MAX:
                weights[i] = equity[i]
    if allocation == CAPPED:
        for i in range(count):
            caps[i] *= cap
    if allocation != CONTRACT_LOTS:
        return fill_into(quantity, count, weights, caps, closed)
    for i in range(count):
        caps[i] = np.floor(caps[i] / lot + _SLACK)
    lots = int(np.floor(quantity / lot + _SLACK))
    left = lots_into(lots, count, weights, caps, closed, order)
    for i in range(count):
        closed[i] *= lot
    part = quantity - lots * lot
    return left * lot + (part if part > _SLACK * lot else 0.0)
