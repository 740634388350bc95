"""Who is closed by how much, as arrays: a queue, capped shares, whole lots.

For use inside other compiled loops. Invariant: 0 ≤ closed ≤ caps, and Σ closed + residual =
quantity (exactly in lots, else to rounding). Whoever stands first in the arrays wins a tie, so
they stand in ascending order of account number. The functions do not know what they share
out: a quantity of contracts, or in wealth space a budget with profits as weights and caps.
The exact references are allocation.py and contract_space.py.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..run.compiled import compiled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEFT_OUT = -np.inf
"""The score of a candidate that is not in the queue."""

_ONE = 1_000_000_000
_GRAIN = float(_ONE)
"""Remainders of lots are compared to nine decimals, so that equal ones tie."""
_SLACK = 1e-9
"""How far a queue reaches beyond the quantity while it is built; the fill cuts it to size."""


@compiled
def _worse(a: int, b: int, scores: Floats) -> bool:
    return scores[a] < scores[b] or (scores[a] == scores[b] and a > b)


@compiled
def _sink(order: Ints, length: int, scores: Floats) -> None:
    """Moves the root of a heap with the worst on top to its place."""
    at = 0
    moved = order[0]
    while True:
        child = 2 * at + 1
        if child >= length:
            break
        if child + 1 < length and _worse(order[child + 1], order[child], scores):
            child += 1
        if not _worse(order[child], moved, scores):
            break
        order[at] = order[child]
        at = child
    order[at] = moved


@compiled
def queue_into(
    quantity: float, count: int, caps: Floats, scores: Floats, closed: Floats, order: Ints
) -> float:
    """Closes from the highest score down, at most `caps` each; the residual.

    Keeps only the head of the queue, in a heap with the worst on top: what stands above
    the root covers the quantity, so the root itself gets nothing and goes. The rest is
    never sorted.
    """
    length = 0
    held = 0.0
    enough = quantity * (1.0 + _SLACK)
    closed[:count] = 0.0
    if not quantity > 0.0:
        return 0.0
    for i in range(count):
        if scores[i] == LEFT_OUT or not caps[i] > 0.0:
            continue
        if held >= enough and _worse(i, order[0], scores):
            continue
        at = length
        length += 1
        while at > 0 and _worse(i, order[(at - 1) // 2], scores):
            order[at] = order[(at - 1) // 2]
            at = (at - 1) // 2
        order[at] = i
        held += caps[i]
        while length > 0 and held - caps[order[0]] >= enough:
            held -= caps[order[0]]
            length -= 1
            order[0] = order[length]
            if length > 0:
                _sink(order, length, scores)
    head = length
    while length > 1:
        length -= 1
        order[0], order[length] = order[length], order[0]
        _sink(order, length, scores)
    left = quantity
    for place in range(head):
        i = order[place]
        closed[i] = min(caps[i], left)
        left -= closed[i]
        if left <= 0.0:
            break
    return left


@compiled
def fill_into(quantity: float, count: int, weights: Floats, caps: Floats, closed: Floats) -> float:
    """closed[i] = min(η·weights[i], caps[i]) with Σ = quantity; the residual above Σ caps.

    η rises from quantity/Σ weights as caps bind: each pass solves for it with those that the
    one before found at their cap, so it ends with the exact water level. Whoever has no
    weight or no cap pays nothing. In wealth space the quantity is the budget.
    """
    weight = room = 0.0
    for i in range(count):
        closed[i] = 0.0
        if weights[i] > 0.0 and caps[i] > 0.0:
            weight += weights[i]
            room += caps[i]
    if quantity >= room or not weight > 0.0:
        for i in range(count):
            if weights[i] > 0.0 and caps[i] > 0.0:
                closed[i] = caps[i]
        return quantity - room
    level = quantity / weight
    before = 0
    while True:
        bound = 0
        weight = 0.0
        left = quantity
        for i in range(count):
            if weights[i] > 0.0 and caps[i] > 0.0:
                share = level * weights[i]
                if share >= caps[i]:
                    share = caps[i]
                    left -= share
                    bound += 1
                else:
                    weight += weights[i]
                closed[i] = share
        if bound == before or not weight > 0.0:
            return 0.0
        before = bound
        level = left / weight


@compiled
def _largest(keys: Ints, count: int, wanted: int) -> int:
    """The `wanted`-th largest of `count` keys below 2³⁰, ten bits at a time."""
    prefix = 0
    bins = np.zeros(1024, dtype=np.int64)
    for shift in (20, 10, 0):
        bins[:] = 0
        for i in range(count):
            if keys[i] >> (shift + 10) == prefix:
                bins[(keys[i] >> shift) & 1023] += 1
        digit = 1023
        while bins[digit] < wanted:
            wanted -= bins[digit]
            digit -= 1
        prefix = (prefix << 10) | digit
    return prefix


@compiled
def lots_into(
    lots: int, count: int, weights: Floats, caps: Floats, closed: Floats, keys: Ints
) -> int:
    """Whole lots: floor of the capped share, then one each by largest remainder; the residual.

    `caps` and `closed` are whole numbers of lots. A share below its whole cap leaves room for
    the lot that rounding adds, so no cap binds twice. Remainders tie to nine decimals.
    """
    short = fill_into(float(lots), count, weights, caps, closed) > 0.0
    left = lots
    for i in range(count):
        whole = np.floor(closed[i])
        part = int(np.rint((closed[i] - whole) * _GRAIN))
        if part == _ONE:
            whole, part = whole + 1.0, 0
        # A key is a remainder plus one; 0 is kept for those that take no part.
        keys[i] = part + 1 if weights[i] > 0.0 and whole < caps[i] else 0
        closed[i] = whole
        left -= int(whole)
    if short or left <= 0:
        return left
    least = max(_largest(keys, count, left), 1)
    ties = left
    for i in range(count):
        if keys[i] > least:
            ties -= 1
    for i in range(count):
        if keys[i] > least or (keys[i] == least and ties > 0):
            closed[i] += 1.0
            left -= 1
            if keys[i] == least:
                ties -= 1
    return left
