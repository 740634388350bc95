"""How unevenly something is given: the Lorenz curve and the Gini coefficient, exact.

Claimants are put in order of what each got for a unit of weight; x is the share of all weight
up to a claimant, y the share of all amounts. The curve is convex, begins at (0, 0) and ends at
(1, 1); the Gini coefficient is 1 − 2 · the area under it (C. Gini 1912; M. Lorenz 1905), so 0
where all get the same for their weight. With weights of 1 it is the usual one, by head; with
losses as weights it measures how unevenly losses are covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ...errors import InputError, Text


class Point(NamedTuple):
    """Shares of weight and of amounts, both from 0 to 1."""

    x: Fraction
    y: Fraction


def lorenz(amounts: Sequence[Decimal], weights: Sequence[Decimal] | None = None) -> list[Point]:
    """The corners of the curve; empty where nothing is given. Amounts are ≥ 0, weights > 0.

    Claimants with equal amounts for their weight make one straight piece, so that the curve
    does not depend on their order.
    """
    pieces = _pieces(amounts, weights)
    weight, amount = (sum(p[k] for p in pieces) for k in (0, 1))
    if not amount:
        return []
    found, x, y = [Point(Fraction(0), Fraction(0))], 0, 0
    for more_x, more_y in pieces:
        x, y = x + more_x, y + more_y
        found.append(Point(Fraction(x, weight), Fraction(y, amount)))
    return found


def gini(amounts: Sequence[Decimal], weights: Sequence[Decimal] | None = None) -> Fraction | None:
    """From 0 to below 1; None where nothing is given."""
    pieces = _pieces(amounts, weights)
    weight, amount = (sum(p[k] for p in pieces) for k in (0, 1))
    if not amount:
        return None
    twice, below = 0, 0
    for more_x, more_y in pieces:
        twice += more_x * (2 * below + more_y)
        below += more_y
    return 1 - Fraction(twice, weight * amount)


def _pieces(amounts: Sequence[Decimal], weights: Sequence[Decimal] | None) -> list[tuple[int, int]]:
    """(weight, amount) as whole numbers of one scale each, by amount for weight, equals joined."""
    given = [Decimal(1)] * len(amounts) if weights is None else list(weights)
    if len(given) != len(amounts) or any(a < 0 for a in amounts) or any(w <= 0 for w in given):
        raise InputError(
            Text("amounts below zero, or weights that are not above it",
                 "金额小于零，或权重不大于零"),
            remedy=Text("Give one weight above zero for each amount.", "每个金额须有一个正权重。"),
        )  # fmt: skip
    joined: dict[Fraction, tuple[int, int]] = {}
    for weight, amount in zip(_whole(given), _whole(amounts), strict=True):
        rate = Fraction(amount, weight)
        held = joined.get(rate, (0, 0))
        joined[rate] = held[0] + weight, held[1] + amount
    return [joined[rate] for rate in sorted(joined)]


def _whole(values: Sequence[Decimal]) -> list[int]:
    """The values as whole numbers, all scaled by one power of ten."""
    places = max((max(-_exponent(v), 0) for v in values), default=0)
    return [_scaled(v, places) for v in values]


def _scaled(value: Decimal, places: int) -> int:
    """value · 10^places, which is whole."""
    _, digits, exponent = value.as_tuple()
    number = int("".join(map(str, digits)))
    return int(number * 10 ** (places + (exponent if isinstance(exponent, int) else 0)))


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
