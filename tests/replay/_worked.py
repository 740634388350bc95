"""Worlds of a few numbers, written by hand: what is asked for and nothing besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from _aftermaths import Small, differences

from liquest.replay.aftermath import Terms
from liquest.replay.aftermath_state import (
    DELEVERAGED,
    EXECUTED,
    SEIZED,
    TAKEN,
    UNCLAIMED,
)
from liquest.replay.ledger import Ledger
from liquest.replay.units import Paths, Units
from liquest.rules.ladder import Tiers, flat
from liquest.tape.tracks import Floats

WORDS = {EXECUTED: "executed", TAKEN: "taken", DELEVERAGED: "deleveraged",
         UNCLAIMED: "unclaimed", SEIZED: "seized"}  # fmt: skip
NONE = float("nan")


@dataclass(frozen=True)
class Own:
    """A unit: its wallet, its legs as (market, quantity > 0 long or < 0 short, entry price) and
    its terms. Quantities of inverse markets are USD."""

    wallet: float
    legs: Sequence[tuple[str, float, float]] = ()
    trigger: float = 1.0
    grace: int = 0


@dataclass(frozen=True)
class Worked:
    """Prices by market and second; `last` where it is not the mark; `tiers` where they are not
    a flat `rate`; assets have none."""

    prices: Mapping[str, Sequence[float]]
    last: Mapping[str, Sequence[float]] = field(default_factory=dict)
    tiers: Mapping[str, Tiers] = field(default_factory=dict)
    inverse: Sequence[str] = ()
    assets: Sequence[str] = ()
    rate: str = "0.05"
    band: float = 0.1
    charge: float = 0.0
    lot: float = 1e-12

    def world(self, *owns: Own, **terms: Any) -> Small:
        names = list(self.prices)
        turned = np.array([name in self.inverse for name in names])
        ladders = [
            None if name in self.assets
            else self.tiers.get(name, flat(name, Decimal(self.rate)))
            for name in names
        ]  # fmt: skip
        mark = np.array([self.prices[name] for name in names], dtype=np.float64)
        last = np.array([self.last.get(name, self.prices[name]) for name in names], dtype=float)
        legs = [leg for own in owns for leg in own.legs]
        of = [turned[names.index(name)] for name, _, _ in legs]
        units = Units(
            np.array([own.wallet for own in owns]),
            np.cumsum([0, *(len(own.legs) for own in owns)]),
            np.array([names.index(name) for name, _, _ in legs], dtype=np.int32),
            np.array([-q if t else q for (_, q, _), t in zip(legs, of, strict=True)], dtype=float),
            np.array([1 / p if t else p for (_, _, p), t in zip(legs, of, strict=True)]),
            np.array([own.trigger for own in owns]),
            np.array([own.grace for own in owns], dtype=np.int64),
        )
        count = len(names)
        fund = terms.pop("fund", None)
        return Small(
            Paths.of(names, mark, turned, ladders), _as_x(last, turned), units,
            Terms(np.full(count, self.band), np.full(count, self.charge),
                  np.full(count, self.lot), None if fund is None else Decimal(fund), **terms),
            np.array([name not in self.assets for name in names]),
        )  # fmt: skip

    def live(self, *owns: Own, **terms: Any) -> Ledger:
        """The ledger, once it is the exact one as well."""
        world = self.world(*owns, **terms)
        assert not differences(world)
        return world.ledger()


def _as_x(prices: Floats, turned: Any) -> Floats:
    x = prices.copy()
    x[turned] = 1 / x[turned]
    return x


def told(ledger: Ledger) -> list[tuple[int, str, int, Any]]:
    """(second, word, unit, signed size in x) of every event."""
    events = ledger.events
    return [
        (int(s), WORDS[int(k)], int(u), pytest.approx(float(q)))
        for s, k, u, q in zip(ledger.second, events.kind, events.unit, events.size, strict=True)
    ]
