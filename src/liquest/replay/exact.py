"""The replay of one margin unit in decimals, second by second: slow, and plain to read.

Every float of the arrays stands for the shortest decimal that is read back as it, so a price of
0.1 is one tenth. Nothing is skipped and nothing is rounded but at the eightieth digit. Two
uses: it decides what lies too near to zero for floats, and it is what the kernels are tested
against.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..rules.exact import exact
from ..tape.tracks import Floats
from .units import Paths, Units

ZERO = Decimal(0)


def decimal(value: float) -> Decimal:
    """The shortest decimal that is read back as this float."""
    return Decimal(repr(float(value)))


@dataclass(frozen=True)
class Leg:
    """One position: market, signed size and entry as x."""

    market: int
    size: Decimal
    entry: Decimal


@dataclass(frozen=True)
class Unit:
    """One margin unit; see units.Units."""

    wallet: Decimal
    legs: tuple[Leg, ...]
    trigger: Decimal

    @classmethod
    def of(cls, units: Units, number: int) -> Unit:
        """Unit `number` of the arrays."""
        legs = tuple(
            Leg(int(units.market[p]), decimal(units.size[p]), decimal(units.entry[p]))
            for p in range(units.start[number], units.start[number + 1])
        )
        return cls(decimal(units.wallet[number]), legs, decimal(units.trigger[number]))

    @property
    def held(self) -> tuple[Leg, ...]:
        """The legs that are not closed."""
        return tuple(leg for leg in self.legs if leg.size)

    def equity(self, marks: Marks) -> Decimal:
        """Wallet and unrealised profit."""
        return self.wallet + sum(
            (leg.size * (marks.x(leg.market) - leg.entry) for leg in self.held), ZERO
        )

    def maintenance(self, marks: Marks) -> Decimal:
        """What the tiers ask for, without the trigger."""
        return sum(
            (marks.asked(leg.market, abs(leg.size) * marks.x(leg.market)) for leg in self.held),
            ZERO,
        )

    def below(self, marks: Marks) -> bool:
        """Whether equity is below trigger · maintenance; False where a mark is missing."""
        return self.evaluated(marks) and self.excess(marks) < 0

    def excess(self, marks: Marks) -> Decimal:
        """equity − trigger · maintenance."""
        return self.equity(marks) - self.trigger * self.maintenance(marks)

    def evaluated(self, marks: Marks) -> bool:
        """Whether every market that it holds has a mark."""
        return all(marks.known(leg.market) for leg in self.held)


@dataclass(frozen=True)
class Marks:
    """The marks of one second; `column` [M] as x."""

    paths: Paths
    column: Floats

    @classmethod
    def at(cls, paths: Paths, second: int) -> Marks:
        return cls(paths, paths.x[:, second])

    def known(self, market: int) -> bool:
        return bool(self.column[market] > 0)

    def x(self, market: int) -> Decimal:
        return decimal(self.column[market])

    def asked(self, market: int, notional: Decimal) -> Decimal:
        """The maintenance margin of a notional: the tier it lies in, its rate and its cum."""
        row, end = self.paths.tier_start[market : market + 2].tolist()
        if row == end:
            return ZERO
        while row + 1 < end and notional > decimal(self.paths.tier_floor[row + 1]):
            row += 1
        return decimal(self.paths.tier_rate[row]) * notional - decimal(self.paths.tier_cum[row])


@exact
def is_below(paths: Paths, units: Units, number: int, second: int) -> bool:
    """Whether a unit is below its trigger in a second; False where a mark is missing."""
    return Unit.of(units, number).below(Marks.at(paths, second))


@exact
def first_liquidation(paths: Paths, units: Units, number: int, begin: int = 0) -> int:
    """The first second from `begin` on in which the unit is below its trigger, −1 for none."""
    unit = Unit.of(units, number)
    for second in range(begin, paths.seconds):
        if unit.below(Marks.at(paths, second)):
            return second
    return -1
