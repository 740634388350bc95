"""Who is closed by how many contracts: allocation in whole lots.

Contracts are indivisible and every one that is closed has another side, so shares of a
quantity Q become whole lots that net exactly:

    ideal_i = Q·w_i/Σw, no more than the lots that i holds: what a cap cuts off goes to the
              others in proportion (water-filling)
    closed_i = floor(ideal_i), and one lot more for the largest remainders

Σ closed + residual = Q; a residual is left only when all that have a weight are closed out.
The method of largest remainders (Hamilton), ties to the lower account number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ..errors import InputError, Text
from .allocation import fill
from .exact import exact, positive


@dataclass(frozen=True)
class Holder:
    """An account that holds `lots` ≥ 0 and bears the weight `weight` ≥ 0."""

    account: int
    lots: int
    weight: Fraction

    def __post_init__(self) -> None:
        if self.lots < 0 or self.weight < 0:
            raise InputError(
                Text(
                    f"no holder has {self.lots} lots and weight {self.weight}",
                    f"持有 {self.lots} 手、权重 {self.weight} 的账户不成立",
                ),
                where=f"account {self.account}",
                remedy=Text("Give lots and weight from 0 on.", "手数与权重均不为负。"),
            )


@dataclass(frozen=True)
class Closing:
    """Lots closed by account, and those that nobody is left to close."""

    closed: Mapping[int, int]
    residual: int


@exact
def whole_lots(quantity: Decimal, lot: Decimal, where: str = "") -> int:
    """`quantity` ≥ 0 in lots; raises InputError when it is not a whole number of them."""
    positive(Text("the lot", "最小变动数量"), lot, where)
    lots = quantity / lot
    if not lots.is_finite() or lots < 0 or lots != lots.to_integral_value():
        raise InputError(
            Text(
                f"{quantity} is no whole number of lots of {lot}",
                f"{quantity} 不是 {lot} 的整数倍",
            ),
            where=where,
            remedy=Text(
                "Give quantities in whole lots, or a smaller lot (adl.lot).",
                "请给出整手数量，或减小最小变动数量（adl.lot）。",
            ),
        )
    return int(lots)


def split(lots: int, holders: Sequence[Holder]) -> Closing:
    """`lots` shared by weight in whole lots, nobody beyond what it holds.

    A share below its whole cap has room for the lot that a remainder earns, so rounding never
    meets a cap.
    """
    ideal = fill(Fraction(lots), [h.weight for h in holders], [Fraction(h.lots) for h in holders])
    closed = [int(share) for share in ideal]
    left = int(sum(ideal)) - sum(closed)
    nearest = sorted(range(len(holders)), key=lambda i: (closed[i] - ideal[i], holders[i].account))
    for i in nearest[:left]:
        closed[i] += 1
    return Closing({h.account: n for h, n in zip(holders, closed, strict=True)}, lots - sum(closed))


def line_up(lots: int, holders: Sequence[Holder]) -> Closing:
    """`lots` taken from the holders in the order given, each to the last lot."""
    left, closed = lots, {}
    for holder in holders:
        closed[holder.account] = min(left, holder.lots)
        left -= closed[holder.account]
    return Closing(closed, left)
