"""Is a delta-neutral coin backed? Spot held long, the same number of coins sold short.

Per coin of supply, which promises 1. A leg holds spot worth `share` at the start and is short
as many coins in a perpetual, entered at basis β (perpetual / spot − 1). Later spot stands at
g times its start and the basis at b, so the perpetual at g·(1 + b):

    linear     share · (g + (1 + β) − g·(1 + b))  =  share · (1 + β − g·b)
    inverse    share · (1 + β) / (1 + b)          its gain is paid in coins, worth spot

So a perpetual above spot hurts (the short costs more to close than the coins bring), one
below spot helps, and with β = b = 0 the price of the coin has no effect. Two things break
the hedge. Auto-deleveraging closes the share a of the short at a price P (in units of the
spot price at the start) and leaves those coins long without a short:

    linear     share · (g + (1 + β) − a·P − (1 − a)·g·(1 + b))
    inverse    share · (1 + β) · (a·g / P + (1 − a) / (1 + b))

A failed venue keeps the share h of what lies there: the collateral (`held` of the spot) and
the short's gain that has not been paid out:

    lost       h · (held · share · g + max(0, gain of the short))

These follow from the definition of the positions (a linear short of q coins gains q·(F − P);
an inverse one of N dollars gains N·(1/P − 1/F) coins); no interest or funding is in them.
Invariant: with no basis, nothing closed and no haircut the backing is that of the start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from ..errors import Text, UsageError
from .exact import ONE, ZERO, exact

LEAST = Decimal("1e-9")
"""The lowest price of a perpetual, in units of spot: at 0 an inverse short gains no number."""
MOST = Decimal(1000)
NEAR = Decimal("1e-30")


def _check(name: str, value: Decimal, low: Decimal, high: Decimal | None = None) -> None:
    if value.is_finite() and low <= value and (high is None or value <= high):
        return
    bounds = f"at least {low}" if high is None else f"from {low} to {high}"
    zh = f"不小于 {low}" if high is None else f"{low} 至 {high}"
    raise UsageError(
        Text(f"'{name}' of a reserve cannot be {value}", f"储备的“{name}”不能为 {value}"),
        remedy=Text(f"Write a number {bounds}.", f"请写{zh}的数。"),
    )


@dataclass(frozen=True)
class Leg:
    """`share` of the supply in spot of one coin, short at one venue, entered at `basis`; the
    share `held` of the coins lies at the venue as collateral. `inverse` contracts are margined
    and paid in the coin."""

    coin: str
    venue: str
    share: Decimal
    basis: Decimal = ZERO
    held: Decimal = ZERO
    inverse: bool = False

    def __post_init__(self) -> None:
        _check("share", self.share, ZERO)
        _check("basis", self.basis, -ONE)
        _check("held", self.held, ZERO, ONE)


@dataclass(frozen=True)
class Reserves:
    """What backs one coin of supply: hedged legs, and `stable` money without risk."""

    legs: tuple[Leg, ...]
    stable: Decimal = ZERO

    def __post_init__(self) -> None:
        _check("stable", self.stable, ZERO)

    @property
    @exact
    def start(self) -> Decimal:
        """The backing at the start, 1 plus what is kept in excess."""
        return self.stable + sum((leg.share for leg in self.legs), ZERO)

    @classmethod
    def one(
        cls, hedged: Decimal, excess: Decimal, held: Decimal = ZERO, *, inverse: bool = False
    ) -> Reserves:
        """One leg of the share `hedged`, the rest stable, and `excess` above 1 in all."""
        _check("hedged", hedged, ZERO, ONE)
        _check("excess", excess, ZERO)
        leg = Leg("coin", "venue", hedged, held=held, inverse=inverse)
        return cls((leg,), 1 - hedged + excess)


@dataclass(frozen=True)
class Stress:
    """What befell one leg. `spot` is g, `basis` b, `closed` the share a of the short that was
    closed at the price `closed_at` (spot at the start is 1), `haircut` h."""

    spot: Decimal = ONE
    basis: Decimal = ZERO
    closed: Decimal = ZERO
    closed_at: Decimal = ONE
    haircut: Decimal = ZERO

    def __post_init__(self) -> None:
        _check("spot", self.spot, ZERO)
        _check("basis", self.basis, LEAST - 1)
        _check("closed", self.closed, ZERO, ONE)
        _check("closed_at", self.closed_at, LEAST)
        _check("haircut", self.haircut, ZERO, ONE)


CALM = Stress()


@exact
def leg_value(leg: Leg, stress: Stress) -> Decimal:
    """What a leg is worth, per coin of supply."""
    left = 1 - stress.closed
    gain = stress.closed * _gain(leg, stress.spot, stress.closed_at)
    if leg.inverse:
        gain += left * ((1 + leg.basis) / (1 + stress.basis) - stress.spot)
    else:
        gain += left * _gain(leg, stress.spot, stress.spot * (1 + stress.basis))
    lost = stress.haircut * (leg.held * stress.spot + max(ZERO, gain))
    return leg.share * (stress.spot + gain - lost)


def _gain(leg: Leg, spot: Decimal, price: Decimal) -> Decimal:
    """What a short of one coin gains when closed at a price, coins at spot of now."""
    entered = 1 + leg.basis
    return spot * (entered / price - 1) if leg.inverse else entered - price


@exact
def backing(reserves: Reserves, stresses: Mapping[tuple[str, str], Stress]) -> Decimal:
    """What backs one coin of supply; `stresses` by (coin, venue), legs not named are calm."""
    return reserves.stable + sum(
        (leg_value(leg, stresses.get((leg.coin, leg.venue), CALM)) for leg in reserves.legs), ZERO
    )


@exact
def break_even_basis(reserves: Reserves, stress: Stress = CALM) -> Decimal | None:
    """The basis, the same for every leg, from which on the backing is below 1, to 30 digits;
    None where it never is or always is."""

    def above(basis: Decimal) -> Decimal:
        one = replace(stress, basis=basis, haircut=ZERO)
        return backing(reserves, {(leg.coin, leg.venue): one for leg in reserves.legs}) - 1

    low, high = LEAST - 1, MOST
    if above(low) < 0 or above(high) >= 0:
        return None
    while high - low > NEAR:
        middle = (low + high) / 2
        low, high = (middle, high) if above(middle) >= 0 else (low, middle)
    return high


def break_even_closed(reserves: Reserves, stress: Stress) -> Decimal | None:
    """The share closed, the same for every leg, from which on the backing is below 1: above 1
    it is never; None where closing does no harm at that price."""
    return _break_even(reserves, lambda a: replace(stress, closed=a, haircut=ZERO))


def break_even_fall(reserves: Reserves, closed: Decimal) -> Decimal | None:
    """How far spot must fall, after the share `closed` of every short was closed at par and
    with no basis, for the backing to be below 1; above 1 it never is."""
    return _break_even(reserves, lambda d: Stress(spot=1 - d, closed=closed))


def break_even_haircut(reserves: Reserves, stress: Stress = CALM) -> Decimal | None:
    """The share kept by all venues from which on the backing is below 1: above 1 it never is;
    None where nothing lies there."""
    return _break_even(reserves, lambda h: replace(stress, haircut=h))


@exact
def _break_even(reserves: Reserves, stress: Callable[[Decimal], Stress]) -> Decimal | None:
    """Where the backing, affine in the share asked for and falling with it, reaches 1."""

    def at(value: Decimal) -> Decimal:
        one = stress(value)
        return backing(reserves, {(leg.coin, leg.venue): one for leg in reserves.legs})

    start, fall = at(ZERO), at(ZERO) - at(ONE)
    return (start - 1) / fall if fall > 0 else None
