"""Sums told beside one another: two that differ by few claimants would tell of those few.

A sum is a vector, claimant → what he adds to it, zeros left out. It may be told when it is a safe
cell (losses/suppression), and when what is left after subtracting any sum of its kind that was
told before is one, or nothing. Cells of one table are told as suppression.tell tells them.

Invariant: of the sums that were told, the difference of every two of a kind is safe. Differences
of three and more sums are not looked at, but for the cells of one table and its total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ...rules.exact import exact
from ..suppression import Secrecy, tell

Vector = Mapping[int, Decimal]
"""Number of a claimant → what he adds; never zero."""


def vector(amounts: Mapping[int, Decimal]) -> Vector:
    """The same without zeros."""
    return {place: amount for place, amount in amounts.items() if amount}


class Sums:
    """What was told so far, by kind."""

    def __init__(self, secrecy: Secrecy) -> None:
        self.secrecy = secrecy
        self._told: dict[str, list[Vector]] = {}

    def tells(self, asked: Mapping[str, Sequence[Vector]]) -> bool:
        """Whether all of these sums may be told, by kind; then they are told, else none is."""
        fresh: dict[str, list[Vector]] = {}
        for kind, vectors in asked.items():
            for one in vectors:
                if not self.secrecy.safe(list(one.values())):
                    return False
                told = self._told.get(kind, [])
                if any(one == other for other in told):
                    continue
                if not all(self.secrecy.safe(_difference(one, other)) for other in told):
                    return False
                fresh.setdefault(kind, []).append(one)
        for kind, vectors in fresh.items():
            self._told.setdefault(kind, []).extend(vectors)
        return True

    def cells(
        self, groups: Mapping[str, Sequence[int]], measures: Mapping[str, Vector]
    ) -> frozenset[str]:
        """The labels of a table's cells that may be told, by every measure at once: a cell that
        one of them keeps back is kept back. Each claimant stands in one group.

        Cells that are kept back are a safe union by each measure, for unions of safe cells are
        safe. Where a cell would tell of few beside an earlier sum, no cell of the table is told.
        """
        hidden: set[str] = set()
        for amounts in measures.values():
            table = {
                label: [amounts[k] for k in members if k in amounts]
                for label, members in groups.items()
            }
            made = tell(table, self.secrecy)
            hidden |= {cell.label for cell in made.cells if not cell.told}
        told = [label for label in groups if label not in hidden]
        asked = {
            kind: [{k: amounts[k] for k in groups[label] if k in amounts} for label in told]
            for kind, amounts in measures.items()
        }
        return frozenset(told) if self.tells(asked) else frozenset()


@exact
def _difference(one: Vector, other: Vector) -> list[Decimal]:
    """What is left of the one sum without the other, claimant by claimant."""
    if len(one) < len(other):
        one, other = other, one
    left = [amount - other[k] if k in other else amount for k, amount in one.items()]
    left += [amount for k, amount in other.items() if k not in one]
    return [amount for amount in left if amount]
