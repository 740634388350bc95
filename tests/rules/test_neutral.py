"""A delta-neutral coin: what hurts it, by how much, and the points at which it is not backed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import UsageError
from liquest.rules.neutral import (
    CALM,
    Leg,
    Reserves,
    Stress,
    backing,
    break_even_basis,
    break_even_closed,
    break_even_fall,
    break_even_haircut,
    leg_value,
)

D = Decimal
ALL = Reserves.one(D(1), D("0.01"))


def under(reserves: Reserves, stress: Stress) -> Decimal:
    """The backing when every leg has the same."""
    return backing(reserves, {(leg.coin, leg.venue): stress for leg in reserves.legs})


def test_a_perpetual_above_spot_hurts_and_one_below_helps() -> None:
    assert under(ALL, Stress(basis=D("0.01"))) == 1
    assert under(ALL, Stress(basis=D("0.02"))) == D("0.99")
    assert under(ALL, Stress(basis=D("-0.4"), spot=D("0.5"))) == D("1.21")
    # At half the price the same basis costs half as much.
    assert under(ALL, Stress(basis=D("0.02"), spot=D("0.5"))) == 1
    # A short entered above spot earns the basis when it closes.
    assert leg_value(Leg("BTC", "v", D(1), basis=D("0.05")), CALM) == D("1.05")


def test_a_closed_short_leaves_the_coins_naked() -> None:
    # Half the short is closed at par, then spot falls by 10 %: half of that is lost.
    stress = Stress(spot=D("0.9"), closed=D("0.5"), closed_at=D(1))
    assert under(ALL, stress) == D("0.96")
    # Closed at 0.8 (a gain of 0.2 on all of it) and sold at 0.78: 2 % lost.
    stress = Stress(spot=D("0.78"), closed=D(1), closed_at=D("0.8"))
    assert under(ALL, stress) == D("0.99")
    # A price that comes back leaves a gain.
    assert under(ALL, Stress(spot=D("0.9"), closed=D(1), closed_at=D("0.8"))) == D("1.11")


def test_a_failed_venue_keeps_collateral_and_gain() -> None:
    reserves = Reserves.one(D(1), D("0.01"), held=D("0.2"))
    # Spot at 0.5: collateral 0.1, gain 0.5; half of both is kept by the venue.
    assert under(reserves, Stress(spot=D("0.5"), haircut=D("0.5"))) == D("0.71")
    # A loss of the short is owed all the same; only the collateral is cut.
    assert under(reserves, Stress(spot=D("1.5"), haircut=D(1))) == D("0.71")


def test_break_even_points() -> None:
    half = Reserves.one(D("0.5"), D("0.01"))
    assert near(break_even_basis(half), "0.02")
    assert near(break_even_basis(half, Stress(spot=D("0.5"))), "0.04")
    # Inverse: .5 / (1 + b) = .49.
    assert near(break_even_basis(Reserves.one(D("0.5"), D("0.01"), inverse=True)), "0.0204081632")
    assert break_even_basis(Reserves.one(D("0.5"), D("0.6"))) is not None
    assert break_even_basis(Reserves.one(D("0.5"), D("0.6"), inverse=True)) is None
    assert break_even_fall(half, D("0.25")) == D("0.08")
    assert break_even_fall(half, D(0)) is None
    assert break_even_closed(half, Stress(spot=D("0.8"), closed_at=D(1))) == D("0.1")
    assert break_even_closed(half, Stress(spot=D("0.8"), closed_at=D("0.7"))) is None
    assert break_even_haircut(Reserves.one(D("0.5"), D("0.01"), held=D("0.2"))) == D("0.1")
    assert break_even_haircut(half) is None


def near(value: Decimal | None, text: str) -> bool:
    return value is not None and abs(value - D(text)) < D("1e-9")


def test_an_inverse_short_is_paid_in_coins() -> None:
    leg = Leg("BTC", "v", D(1), inverse=True)
    # With no basis the price does not matter, as for a linear one.
    assert leg_value(leg, Stress(spot=D("0.25"))) == 1
    # The perpetual at half of spot: twice the coins, at whatever spot.
    assert leg_value(leg, Stress(spot=D("0.25"), basis=D("-0.5"))) == 2
    assert leg_value(leg, Stress(spot=D(3), basis=D("0.25"))) == D("0.8")
    # Closed at 0.8 there are 1.25 coins, which spot then moves.
    assert leg_value(leg, Stress(spot=D("0.4"), closed=D(1), closed_at=D("0.8"))) == D("0.5")


def test_several_legs_add_up() -> None:
    reserves = Reserves(
        (Leg("BTC", "x", D("0.6"), held=D("0.5")), Leg("ETH", "y", D("0.3"))), D("0.11")
    )
    assert reserves.start == D("1.01")
    stresses = {("BTC", "x"): Stress(haircut=D("0.1")), ("ETH", "y"): Stress(basis=D("0.1"))}
    assert backing(reserves, stresses) == D("1.01") - D("0.03") - D("0.03")
    assert backing(reserves, {}) == reserves.start


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Reserves.one(D("1.1"), D(0)),
        lambda: Reserves.one(D(1), D(-1)),
        lambda: Leg("BTC", "x", D(-1)),
        lambda: Leg("BTC", "x", D(1), held=D(2)),
        lambda: Stress(spot=D(-1)),
        lambda: Stress(basis=D(-1)),
        lambda: Stress(closed_at=D(0)),
        lambda: Stress(closed=D("1.5")),
        lambda: Stress(haircut=D("NaN")),
        lambda: Reserves((), D(-1)),
    ],
)  # fmt: skip
def test_a_reserve_that_cannot_be_is_refused(wrong: object) -> None:
    with pytest.raises(UsageError, match="of a reserve cannot be"):
        wrong()  # type: ignore[operator]


SHARES = st.decimals("0.01", "1", places=2)
EXCESS = st.decimals("0", "0.2", places=3)
UNIT = st.decimals("0", "1", places=3)
SPOTS = st.decimals("0.01", "3", places=3)
BASES = st.decimals("-0.9", "0.9", places=3)
STRESSES = st.builds(Stress, spot=SPOTS, basis=BASES, closed=UNIT, closed_at=SPOTS, haircut=UNIT)


@settings(max_examples=250)
@given(SHARES, EXCESS, UNIT, SPOTS, st.booleans())
def test_without_basis_closing_or_haircut_the_price_does_not_matter(
    hedged: Decimal, excess: Decimal, held: Decimal, spot: Decimal, inverse: bool
) -> None:
    reserves = Reserves.one(hedged, excess, held, inverse=inverse)
    assert under(reserves, Stress(spot=spot)) == reserves.start == 1 + excess >= 1


@settings(max_examples=400)
@given(SHARES, UNIT, BASES, STRESSES)
def test_value_against_a_count_of_coins(
    hedged: Decimal, held: Decimal, entered: Decimal, stress: Stress
) -> None:
    """The same by cash flows: coins bought at 1, shorts opened at 1 + β, both closed now."""
    leg = Leg("BTC", "x", hedged, entered, held)
    coins = Fraction(hedged)
    spot, basis = Fraction(stress.spot), Fraction(stress.basis)
    early = coins * Fraction(stress.closed)
    cash = early * (1 + Fraction(entered) - Fraction(stress.closed_at))
    cash += (coins - early) * (1 + Fraction(entered) - spot * (1 + basis))
    at_venue = coins * Fraction(held) * spot + max(Fraction(0), cash)
    worth = coins * spot + cash - Fraction(stress.haircut) * at_venue
    assert Fraction(leg_value(leg, stress)) == worth


@settings(max_examples=400)
@given(SHARES, UNIT, BASES, STRESSES)
def test_inverse_value_against_a_count_of_contracts(
    hedged: Decimal, held: Decimal, entered: Decimal, stress: Stress
) -> None:
    """N dollars short against N / F coins; gains come in coins."""
    leg = Leg("BTC", "x", hedged, entered, held, inverse=True)
    entry = 1 + Fraction(entered)
    contracts = Fraction(hedged) * entry
    spot = Fraction(stress.spot)
    early = contracts * Fraction(stress.closed)
    won = early * (1 / Fraction(stress.closed_at) - 1 / entry)
    now = spot * (1 + Fraction(stress.basis))
    won += (contracts - early) * (1 / now - 1 / entry)
    at_venue = Fraction(hedged) * Fraction(held) + max(Fraction(0), won)
    worth = (Fraction(hedged) + won - Fraction(stress.haircut) * at_venue) * spot
    assert abs(Fraction(leg_value(leg, stress)) - worth) < Fraction(1, 10**60)


@settings(max_examples=250)
@given(SHARES, EXCESS, UNIT, STRESSES, UNIT, UNIT)
def test_more_of_what_hurts_never_helps(
    hedged: Decimal, excess: Decimal, held: Decimal, stress: Stress, one: Decimal, other: Decimal
) -> None:
    reserves = Reserves.one(hedged, excess, held)
    low, high = sorted((one, other))
    for name in ("basis", "haircut"):
        less, more = (under(reserves, replace(stress, **{name: x})) for x in (low, high))
        if name == "haircut" or stress.haircut == 0:
            assert more <= less
    if stress.haircut == 0 and stress.closed_at >= stress.spot * (1 + stress.basis):
        less, more = (under(reserves, replace(stress, closed=x)) for x in (low, high))
        assert more <= less


@settings(max_examples=250)
@given(SHARES, EXCESS, UNIT, STRESSES, st.booleans())
def test_at_the_break_even_point_the_backing_is_one(
    hedged: Decimal, excess: Decimal, held: Decimal, stress: Stress, inverse: bool
) -> None:
    reserves = Reserves.one(hedged, excess, held, inverse=inverse)
    calm = replace(stress, haircut=D(0))
    close = D("1e-20")
    basis = break_even_basis(reserves, calm)
    if basis is not None:
        assert abs(under(reserves, replace(calm, basis=basis)) - 1) < close
    closed = break_even_closed(reserves, calm)
    if closed is not None and 0 <= closed <= 1:
        assert abs(under(reserves, replace(calm, closed=closed)) - 1) < close
    haircut = break_even_haircut(reserves, calm)
    if haircut is not None and 0 <= haircut <= 1:
        assert abs(under(reserves, replace(calm, haircut=haircut)) - 1) < close
    fall = break_even_fall(reserves, calm.closed)
    if fall is not None and fall <= 1:
        assert abs(under(reserves, Stress(spot=1 - fall, closed=calm.closed)) - 1) < close
