"""Small worlds for the arrays of the replay: paths with holes, units of every make, ties."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from hypothesis import strategies as st

from liquest.replay.exact import Marks, Unit, decimal
from liquest.replay.units import Paths, Units
from liquest.rules.ladder import Tiers, flat
from liquest.tape.tracks import Floats

D = Decimal

SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def ladder(*steps: tuple[str, str]) -> Tiers:
    """Tiers from (floor, rate), their `cum` worked out."""
    floors, rates = (tuple(D(step[k]) for step in steps) for k in range(2))
    cums = [D(0)]
    for k in range(1, len(steps)):
        cums.append(cums[-1] + floors[k] * (rates[k] - rates[k - 1]))
    return Tiers("T", floors, rates, tuple(cums), tuple(D(20) for _ in steps))


SHORT = ladder(("0", "0.01"), ("60", "0.05"), ("90", "0.2"), ("130", "0.5"))
"""Tiers so narrow that a leg crosses several of them within a path."""
STEEP = ladder(("0", "0.02"), ("100", "1"))
"""With a trigger above 1 a long position in the upper tier loses by a rising price."""


def paths(rows: list[list[float]], *, tiers: list[Tiers | None], inverse: list[bool]) -> Paths:
    """Markets m0, m1 … from prices."""
    return Paths.of([f"m{k}" for k in range(len(rows))], np.array(rows), inverse, tiers)


def unit(
    wallet: float, *legs: tuple[int, float, float], trigger: float = 1.0, grace: int = 0
) -> Units:
    """One unit with legs (market, size, entry as x)."""
    return Units(
        np.array([wallet]), np.array([0, len(legs)]), np.array([m for m, _, _ in legs], np.int32),
        np.array([s for _, s, _ in legs], dtype=float),
        np.array([e for _, _, e in legs], dtype=float), np.array([trigger]), np.array([grace]),
    )  # fmt: skip


def walk(rng: np.random.Generator, seconds: int, *, holes: bool) -> Floats:
    """Prices of two decimals that rest, creep, jump, and are missing now and then."""
    steps = rng.choice([0, 0, 1, -1, 5, -5, 400, -500], size=seconds)
    cents = np.maximum(1, 10_000 + np.cumsum(steps))
    prices = np.array([float(D(int(c)) / 100) for c in cents])
    if holes:
        prices[rng.random(seconds) < rng.choice([0.02, 0.3])] = np.nan
    return prices


def world(seed: int, *, seconds: int | None = None, count: int = 8) -> tuple[Paths, Units]:
    """Four markets (linear, inverse, steep, collateral) and units of none to four legs, half of
    them with a wallet that makes equity = trigger · maintenance in one of the seconds."""
    rng = np.random.default_rng(seed)
    length = int(rng.integers(1, 30)) if seconds is None else seconds
    holes = bool(rng.random() < 0.5)
    made = Paths.of(
        ["linear", "inverse", "steep", "pledge"],
        np.stack([walk(rng, length, holes=holes) for _ in range(4)]),
        [False, True, False, False],
        [SHORT if rng.random() < 0.7 else flat("F", D("0.01")),
         flat("I", D("0.01")), STEEP, None],
    )  # fmt: skip
    start, market, size, entry, wallet, trigger = [0], [], [], [], [], []
    for _ in range(count):
        legs = int(rng.integers(0, 5))
        for _ in range(legs):
            m = int(rng.integers(0, 4))
            quantity = float(rng.choice([0.0, 0.25, 1.0, 1.5])) * float(rng.choice([1, -1]))
            market.append(m)
            size.append(quantity * 100 if m == 1 else quantity)
            level = float(rng.choice([80, 100, 120]))
            entry.append(0.0 if m == 3 else 1 / level if m == 1 else level)
        start.append(len(market))
        wallet.append(float(rng.integers(-20, 100)))
        trigger.append(float(rng.choice([1.0, 1.05])))
    units = Units(
        np.array(wallet), np.array(start), np.array(market, np.int32), np.array(size),
        np.array(entry), np.array(trigger), np.zeros(count, np.int64),
    )  # fmt: skip
    return made, _tied(rng, made, units)


def _tied(rng: np.random.Generator, made: Paths, units: Units) -> Units:
    """Every other wallet is set so that the unit stands at its trigger, or a hair from it."""
    wallet = units.wallet.copy()
    for u in range(0, len(units), 2):
        marks = Marks.at(made, int(rng.integers(0, made.seconds)))
        one = Unit.of(units, u)
        if one.evaluated(marks):
            hair = D(int(rng.integers(-1, 2))) * D("1e-12")
            wallet[u] = float(decimal(wallet[u]) - one.excess(marks) + hair)
    return Units(
        wallet, units.start, units.market, units.size, units.entry, units.trigger, units.grace
    )
