"""Small cells kept back, so that a table of sums tells nothing about one claimant.

A cell may be told when it holds at least `least` claimants and no one of them makes up more
than `most` of its sum. Since the total of a table is told, what is kept back together must be
safe as well: total − Σ told cells is their sum. So cells are added to those kept back, the
smallest first, until their union is safe; where even the whole table is not, nothing is told.

Rules of statistical offices: minimum frequency, dominance, and complementary suppression
(Hundepool et al., "Statistical Disclosure Control", 2012, chapter 4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..errors import Text, UsageError
from ..rules.exact import ZERO, exact


@dataclass(frozen=True)
class Secrecy:
    """`least` claimants in a cell (3 or more), no one above the share `most` of its sum."""

    least: int = 5
    most: Decimal = Decimal("0.8")

    def __post_init__(self) -> None:
        if self.least < 3 or not Decimal("0.5") <= self.most < 1:
            raise UsageError(
                Text(
                    f"cells of {self.least}, dominance {self.most}: that protects nobody",
                    f"最小人数 {self.least}、占比上限 {self.most}：无法保护任何人",
                ),
                remedy=Text(
                    "At least 3 claimants a cell, and a share from 0.5 to below 1.",
                    "每格至少 3 人，占比上限在 0.5（含）与 1 之间。",
                ),
            )

    @exact
    def safe(self, amounts: Sequence[Decimal]) -> bool:
        """Whether a cell of these amounts may be told; an empty one may."""
        if not amounts:
            return True
        whole = sum(map(abs, amounts), ZERO)
        return len(amounts) >= self.least and max(map(abs, amounts)) <= self.most * whole


@dataclass(frozen=True)
class Cell:
    """What is told of a cell: both None when it is kept back."""

    label: str
    count: int | None
    amount: Decimal | None

    @property
    def told(self) -> bool:
        return self.count is not None


@dataclass(frozen=True)
class Told:
    """A table of cells and its total, as it may be shown to anyone."""

    cells: tuple[Cell, ...]
    total: Cell

    @property
    def kept_back(self) -> int:
        """How many cells are kept back."""
        return sum(not cell.told for cell in self.cells)


@exact
def tell(groups: Mapping[str, Sequence[Decimal]], secrecy: Secrecy) -> Told:
    """The table of groups (label → one amount a claimant), each claimant in one group."""
    everyone = [amount for group in groups.values() for amount in group]
    if not secrecy.safe(everyone):
        return Told(tuple(Cell(label, None, None) for label in groups), Cell("", None, None))
    hidden = {label for label, group in groups.items() if not secrecy.safe(group)}
    # From the smallest sum up, so that as little as possible is lost.
    rest = sorted(
        (label for label, group in groups.items() if group and label not in hidden),
        key=lambda label: (sum(map(abs, groups[label]), ZERO), label),
    )
    while hidden and (len(hidden) < 2 or not secrecy.safe(_union(groups, hidden))):
        if not rest:
            hidden = {label for label, group in groups.items() if group}
            break
        hidden.add(rest.pop(0))
    cells = tuple(
        Cell(label, None, None) if label in hidden else Cell(label, len(group), sum(group, ZERO))
        for label, group in groups.items()
    )
    return Told(cells, Cell("", len(everyone), sum(everyone, ZERO)))


def _union(groups: Mapping[str, Sequence[Decimal]], labels: set[str]) -> list[Decimal]:
    return [amount for label in labels for amount in groups[label]]
