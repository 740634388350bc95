"""Sharing a sum among claimants to the cent: in proportion, or in proportion between bounds.

Shares are rational numbers; cents are given out by the largest remainder, ties by id, so that
the parts add up to the sum exactly and do not depend on the order of the register.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ..errors import InputError, Text
from .claimant import total
from .exact import ZERO, exact

CENTS = 100


@exact
def share_out(pot: Decimal, losses: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """id → share of the pot in proportion to the loss (≥ 0).

    A pot that reaches the sum of the losses pays each in full, to the last digit; a smaller
    one is given out in whole cents and used up, down to the cent below it. Nobody gets more
    than the loss, unless all losses left are fractions of a cent.
    """
    _check(pot, losses.values())
    whole = total(losses.values())
    if pot >= whole:
        return dict(losses)
    units = int(pot * CENTS)
    exact_whole = Fraction(whole)
    wanted = {k: units * Fraction(v) / exact_whole for k, v in losses.items()}
    caps = {k: int(v * CENTS) for k, v in losses.items()}
    return _given_out(units, wanted, caps)


@dataclass(frozen=True)
class Calibrated:
    """`share` of the loss at which the budget is spent, None where the bounds alone decide;
    `amounts` by id; `left` of the budget, below zero where the lower bounds exceed it."""

    share: Fraction | None
    amounts: Mapping[str, Decimal]
    left: Decimal


@exact
def calibrated(
    budget: Decimal, losses: Mapping[str, Decimal], low: Decimal, high: Decimal
) -> Calibrated:
    """That share c of the losses for which Σ min(max(c·loss, low), high) is the budget.

    The sum grows with c in straight pieces, so c is solved for exactly. Bounds are whole cents.
    """
    _check(budget, losses.values())
    least, most, units = (int(v * CENTS) for v in (low, high, budget))
    floor = dict.fromkeys(losses, least)
    if units <= least * len(losses):
        return _of(None, floor, units)
    able = {k: Fraction(v) for k, v in losses.items() if v}
    top = {k: most if k in able else least for k in losses}
    if units >= sum(top.values()):
        return _of(None, top, units)
    c = _solved(units, able, least, most, least * len(losses))
    bounds = Fraction(least), Fraction(most)
    wanted = {k: min(max(c * able.get(k, Fraction(0)), bounds[0]), bounds[1]) for k in losses}
    amounts = _given_out(units, wanted, top)
    return Calibrated(c / CENTS, amounts, budget - total(amounts.values()))


def _solved(
    units: int, losses: Mapping[str, Fraction], least: int, most: int, start: int
) -> Fraction:
    """The c (cents for each dollar lost) at which the sum of the clamped shares is `units`."""
    turns = sorted(
        [(least / loss, 0, loss) for loss in losses.values()]
        + [(most / loss, 1, loss) for loss in losses.values()]
    )
    fixed, slope = Fraction(start), Fraction(0)
    for at, stops, loss in turns:
        if slope and fixed + slope * at >= units:
            break
        if stops:
            fixed, slope = fixed + most, slope - loss
        else:
            fixed, slope = fixed - least, slope + loss
    return (units - fixed) / slope


def _given_out(
    units: int, wanted: Mapping[str, Fraction], caps: Mapping[str, int]
) -> dict[str, Decimal]:
    """Whole cents that add up to `units`: the floors, then one cent each by the largest
    remainder; those whom a cent would carry beyond their cap come last."""
    given = {k: int(v) for k, v in wanted.items()}
    order = sorted(
        (k for k, v in wanted.items() if v != given[k]),
        key=lambda k: (given[k] + 1 > caps[k], given[k] - wanted[k], k),
    )
    for k in order[: units - sum(given.values())]:
        given[k] += 1
    return {k: Decimal(v).scaleb(-2) for k, v in given.items()}


def _of(share: Fraction | None, amounts: Mapping[str, int], units: int) -> Calibrated:
    made = {k: Decimal(v).scaleb(-2) for k, v in amounts.items()}
    return Calibrated(share, made, Decimal(units - sum(amounts.values())).scaleb(-2))


def _check(pot: Decimal, losses: Iterable[Decimal]) -> None:
    values = [pot, *losses]
    if any(not v.is_finite() or v < ZERO for v in values):
        raise InputError(
            Text("a sum to be shared, or a loss, is below zero", "待分配金额或亏损小于零"),
            remedy=Text("Give amounts of at least zero.", "请给出不小于零的金额。"),
        )
