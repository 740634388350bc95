"""The arrays of an aftermath: what is fixed, what changes, and the rows of what happened.

Plain arrays, so that kernels can take them; see units.py for x, size and settle currency. Sums
of different settle currencies are told in dollars at the mark of the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..tape.tracks import Floats, Ints
from .units import Bools, Places

Bytes = npt.NDArray[np.int8]

ALIVE, PARTLY, CLOSED, BANKRUPT = 0, 1, 2, 3
"""What became of a unit: not liquidated; reduced and living on; all its contracts closed at
their price; taken over at zero."""
EXECUTED, TAKEN, DELEVERAGED, UNCLAIMED, SEIZED = 0, 1, 2, 3, 4
"""What an event was: a forced order at its price; a takeover at the bankruptcy price; a winner
closed against one; the part of one for which there was no winner, closed on the market; a pledged
asset that went with a takeover."""
NO_COIN = -1
BALANCE, NET, LOWEST = 0, 1, 2
"""Places in `State.fund`."""


class Fixed(NamedTuple):
    """The units' legs, the markets and the rules that are the same throughout.

    `start` [U+1], `trigger` [U], `market` and `entry` [P] as in units.py; `coin` [U] the market
    whose mark tells the unit's settle currency in dollars, NO_COIN for dollars themselves.
    `inverse`, `contract` (no pledged asset), `band` and `charge` (shares), `lot` [M]; the tiers
    as in `Paths`.
    """

    start: Ints
    market: Places
    entry: Floats
    trigger: Floats
    coin: Ints
    inverse: Bools
    contract: Bools
    tier_start: Ints
    tier_floor: Floats
    tier_rate: Floats
    tier_cum: Floats
    band: Floats
    charge: Floats
    lot: Floats


class Tape(NamedTuple):
    """Prices [M, S]. `x` the mark as x, NaN where there is none; `price` the x at which a forced
    order trades, NaN where none does; `dollars` for one unit of the settle currency: 1 for
    linear markets, the price of the coin for inverse ones, never NaN."""

    x: Floats
    price: Floats
    dollars: Floats


class State(NamedTuple):
    """What changes. `wallet` [U] and `size` [P] in settle currency and x; `outcome` [U].

    In dollars [U]: `fee` paid; `lost` to slippage and, at a takeover, to the fund; `deficit`
    below zero at the takeover, all closed at their price; `taken` notional at the mark closed
    by deleveraging and `forgone` gain against the mark. `fund`: BALANCE, NET of all that went
    in and out, and the LOWEST that NET has been.
    """

    wallet: Floats
    size: Floats
    outcome: Bytes
    fee: Floats
    lost: Floats
    deficit: Floats
    taken: Floats
    forgone: Floats
    fund: Floats

    @classmethod
    def of(cls, wallet: Floats, size: Floats, fund: float) -> State:
        """At the beginning; the arrays are copied."""
        fee, lost, deficit, taken, forgone = np.zeros((5, len(wallet)))
        return cls(
            wallet.copy(), size.copy(), np.zeros(len(wallet), dtype=np.int8),
            fee, lost, deficit, taken, forgone, np.array([fund, 0.0, 0.0]),
        )  # fmt: skip

    def receive(self, amount: float) -> float:
        """Puts dollars into the fund, or takes them out when below zero, as far as it has them;
        what it lacks."""
        lack = max(0.0, -(self.fund[BALANCE] + amount))
        self.fund[BALANCE] = max(0.0, self.fund[BALANCE] + amount)
        self.fund[NET] += amount + lack
        self.fund[LOWEST] = min(self.fund[LOWEST], self.fund[NET])
        return float(lack)


class Wave(NamedTuple):
    """What the takeovers of one second leave to deleveraging.

    By market and side [M, 2] (0 where longs in x were taken over, 1 where shorts were):
    `quantity` in units of size, above zero, and `value` = Σ quantity · bankruptcy x. `loose`
    [1], dollars: the part of that equity which no bankruptcy x of 0 or above carries.
    """

    quantity: Floats
    value: Floats
    loose: Floats

    @classmethod
    def of(cls, markets: int) -> Wave:
        """An empty one."""
        return cls(np.zeros((markets, 2)), np.zeros((markets, 2)), np.zeros(1))


class Events(NamedTuple):
    """Rows [E] for the legs that were closed, in the order in which it happened.

    `unit` is −1 for UNCLAIMED. `size` is the signed size that left the unit; `x` the mark, `at`
    the x of the trade (TAKEN: at which the fund closes), `bankruptcy` that of the position,
    NaN where there is none. `fee`, and `fund`: what the fund gained by it, in dollars; `passed`
    the signed size that TAKEN handed on to deleveraging.
    """

    kind: Bytes
    unit: Ints
    market: Ints
    size: Floats
    x: Floats
    at: Floats
    bankruptcy: Floats
    fee: Floats
    fund: Floats
    passed: Floats

    @classmethod
    def room(cls, rows: int) -> Events:
        """Rows to be written."""
        unit, market = np.empty((2, rows), dtype=np.int64)
        size, x, at, bankruptcy, fee, fund, passed = np.empty((7, rows))
        kind = np.empty(rows, dtype=np.int8)
        return cls(kind, unit, market, size, x, at, bankruptcy, fee, fund, passed)

    def until(self, rows: int) -> Events:
        """The first rows, in place."""
        return Events._make(column[:rows] for column in self)

    def first(self, rows: int) -> Events:
        """A copy of the first rows."""
        return Events._make(column[:rows].copy() for column in self)

    @classmethod
    def joined(cls, pieces: Sequence[Events]) -> Events:
        """Pieces one after the other."""
        columns = zip(cls.room(0), *pieces, strict=True)
        return cls._make(np.concatenate(column) for column in columns)
