"""The margin units of a synthetic account, and the second in which one falls below.

Whether a unit is liquidated is decided by `rules.margin`, in decimals. To find the second, a
whole stretch of marks is first looked at in floats; a second that is near is then decided
exactly, so the first second is right for every path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from ...clock import SECOND
from ...rules.exact import exact
from ...rules.leg import Leg
from ...rules.margin import Margin, Wallet, isolated
from .account import Account, Holding, Key, Purse
from .prices import GRAIN, Paths

Floats = npt.NDArray[np.float64]
NEAR = 1e-9
"""Share of the larger of equity and maintenance within which floats do not decide."""


@dataclass(frozen=True)
class Unit:
    """A cross wallet (`key` None) or an isolated position, with what it holds."""

    purse: Purse
    key: Key | None
    balance: Decimal
    holdings: tuple[Holding, ...]

    @property
    def name(self) -> tuple[Purse, Key | None]:
        return self.purse, self.key

    @exact
    def wallet(self) -> Wallet:
        """As the rules take it."""
        legs = tuple(leg_of(h) for h in self.holdings)
        return isolated(legs[0], self.balance) if self.key else Wallet(self.balance, legs)

    def marks(self, paths: Paths, ts: int) -> Mapping[str, Decimal]:
        """Of what it holds."""
        symbols = {h.contract.symbol for h in self.holdings}
        return {s: paths.mark(s, ts) for s in symbols}

    def margin(self, paths: Paths, ts: int) -> Margin:
        """Equity and maintenance at the marks of a moment."""
        return self.wallet().margin(self.marks(paths, ts))

    def breach(self, paths: Paths, start: int, end: int) -> int | None:
        """The first whole second of [start, end) in which it is below its maintenance margin."""
        first, last = paths.second(start), (end - paths.start) // SECOND
        last = min(last, paths.seconds)
        if last <= first:
            return None
        surplus, scale = self._surplus(paths, first, last)
        wallet = self.wallet()
        for k in np.flatnonzero(surplus < NEAR * scale).tolist():
            ts = paths.start + (first + k) * SECOND
            if wallet.margin(self.marks(paths, ts)).liquidated:
                return max(ts, start)
        return None

    def _surplus(self, paths: Paths, first: int, last: int) -> tuple[Floats, Floats]:
        """Equity less maintenance in each second, and the size of the larger of the two."""
        equity = np.full(last - first, float(self.balance))
        needed = np.zeros(last - first)
        for h in self.holdings:
            one = h.contract
            price = np.asarray(paths.marks[one.symbol][first:last] * float(GRAIN), np.float64)
            x = 1 / price if one.inverse else price
            worth = float(one.worth(abs(h.quantity)))
            size = worth * (-h.side if one.inverse else h.side)
            equity += size * (x - float(h.x))
            needed += _maintenance(one.tiers.floors, one.tiers.rates, one.tiers.cums, worth * x)
        scale = np.maximum(np.abs(equity), needed) + abs(float(self.balance))
        return equity - needed, scale


def _maintenance(
    floors: tuple[Decimal, ...], rates: tuple[Decimal, ...], cums: tuple[Decimal, ...],
    notional: Floats,
) -> Floats:  # fmt: skip
    """MM of a path of notionals: convex, so the largest of the lines of its tiers."""
    needed = float(rates[0]) * notional
    largest = float(notional.max())
    for floor, rate, cum in zip(floors[1:], rates[1:], cums[1:], strict=True):
        if float(floor) > largest:
            break
        needed = np.maximum(needed, float(rate) * notional - float(cum))
    return needed


def leg_of(holding: Holding) -> Leg:
    """A position as the rules take it."""
    one = holding.contract
    return Leg(
        one.symbol, holding.side, one.worth(abs(holding.quantity)), holding.entry, one.inverse,
        one.tiers, holding.place,
    )  # fmt: skip


def units_of(account: Account) -> list[Unit]:
    """All units that hold anything: cross wallets first, then isolated positions."""
    cross: dict[Purse, list[Holding]] = {}
    alone: list[Unit] = []
    for key, holding in account.holdings.items():
        purse = (holding.contract.market, holding.contract.settle)
        if holding.isolated:
            alone.append(Unit(purse, key, holding.margin, (holding,)))
        else:
            cross.setdefault(purse, []).append(holding)
    return [
        *(
            Unit(p, None, account.wallets[p] - account.set_aside(p), tuple(held))
            for p, held in cross.items()
        ),
        *alone,
    ]
