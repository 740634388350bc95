"""One margin unit of an aftermath in decimals: what it holds, and how much of it must be closed.

Part of the reference aftermath_exact.py; see exact.py for what a float stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ..rules.exact import ONE, ZERO
from .aftermath_state import ALIVE
from .exact import Marks, decimal
from .units import Paths, Units

NEAR = Decimal("1e-9")
"""See TIE in aftermath_kernel.py and NEAR in first_kernel.py."""


@dataclass
class Position:
    """One leg: its place among all legs, its market, what is left of it, its entry as x."""

    place: int
    market: int
    size: Decimal
    entry: Decimal


@dataclass
class Account:
    """One unit, and what became of it; see aftermath_state.State and ledger.Ledger."""

    number: int
    wallet: Decimal
    legs: list[Position]
    trigger: Decimal
    grace: int
    coin: int | None
    outcome: int = ALIVE
    first: int = -1
    at: int = -1
    breach: int | None = None
    seen: bool = False
    sums: dict[str, Decimal] = field(
        default_factory=lambda: dict.fromkeys(("fee", "lost", "deficit", "taken", "forgone"), ZERO)
    )

    @property
    def held(self) -> list[Position]:
        return [leg for leg in self.legs if leg.size]

    def equity(self, marks: Marks) -> Decimal:
        return self.wallet + sum((g.size * (marks.x(g.market) - g.entry) for g in self.held), ZERO)

    def maintenance(self, marks: Marks) -> Decimal:
        return sum((asked(leg, leg.size, marks) for leg in self.held), ZERO)

    def scale(self, marks: Marks) -> Decimal:
        parts = (abs(g.size) * (marks.x(g.market) + g.entry) for g in self.held)
        return abs(self.wallet) + sum(parts, ZERO)

    def known(self, marks: Marks) -> bool:
        return all(marks.known(leg.market) for leg in self.held)


def asked(leg: Position, size: Decimal, marks: Marks) -> Decimal:
    """The maintenance margin of so much of a leg."""
    return marks.asked(leg.market, abs(size) * marks.x(leg.market))


def account(paths: Paths, units: Units, number: int) -> Account:
    """Unit `number` of the arrays."""
    places = range(units.start[number], units.start[number + 1])
    legs = [
        Position(p, int(units.market[p]), decimal(units.size[p]), decimal(units.entry[p]))
        for p in places
    ]
    coins = [leg.market for leg in legs if paths.inverse[leg.market]]
    return Account(
        number, decimal(units.wallet[number]), legs, decimal(units.trigger[number]),
        int(units.grace[number]), coins[0] if coins else None,
    )  # fmt: skip


def smallest_part(
    one: Account, fills: Sequence[Position], change: Decimal, marks: Marks
) -> Decimal | None:
    """The smallest share of `fills` whose closing leaves equity ≥ trigger · maintenance, None
    where none does; `change` of equity if all of it is closed.

    The excess bends only where a position comes down to the floor of a tier: the first bend at
    which it is met, then back along the straight line before it.
    """

    def excess(part: Decimal) -> Decimal:
        kept = (leg.size * (1 - part) if leg in fills else leg.size for leg in one.held)
        margins = (asked(leg, size, marks) for leg, size in zip(one.held, kept, strict=True))
        return one.equity(marks) + part * change - one.trigger * sum(margins, ZERO)

    bends = {ZERO, ONE}
    for leg in fills:
        first, end = marks.paths.tier_start[leg.market : leg.market + 2]
        for floor in marks.paths.tier_floor[first:end]:
            value = abs(leg.size) * marks.x(leg.market)
            bends.add(max(ZERO, 1 - decimal(floor) / value))
    before = ZERO
    for bend in sorted(bends):
        if excess(bend) >= 0:
            rise = excess(bend) - excess(before)
            return before - excess(before) * (bend - before) / rise if rise else bend
        before = bend
    return None
