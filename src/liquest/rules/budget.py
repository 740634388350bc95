"""The budget that auto-deleveraging needs: Σ |mark − execution| · quantity of what it closes.

Auto-deleveraging in waves: what winners had to give up in a wave is the gap between the mark
and the price at which they were closed, times the quantity. What they did give up beyond it
is the overshoot. Source: T. Chitra, "Autodeleveraging: Impossibilities and Optimization"
(arXiv 2512.01112), whose per-wave tables these functions reproduce.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..errors import InputError, Text
from .exact import ZERO, exact, finite


@dataclass(frozen=True)
class Gap:
    """One coin in one wave: `gap` = |mark − execution| a contract, `quantity` closed, both
    from 0 on. Raises InputError for anything else."""

    wave: int
    coin: str
    gap: Decimal
    quantity: Decimal

    def __post_init__(self) -> None:
        for name, value in (
            (Text("the gap", "价差"), self.gap),
            (Text("the quantity", "数量"), self.quantity),
        ):
            finite(name, value, self.where)
            if value < 0:
                raise InputError(
                    Text(f"{name.en} is negative: {value}", f"{name.zh}为负：{value}"),
                    where=self.where,
                    remedy=Text("Give |mark − execution| and a size.", "请给出绝对价差与数量。"),
                )

    @classmethod
    @exact
    def between(
        cls, wave: int, coin: str, mark: Decimal, execution: Decimal, quantity: Decimal
    ) -> Gap:
        """The gap of a close at `execution` while the mark was `mark`."""
        return cls(wave, coin, abs(mark - execution), quantity)

    @property
    def where(self) -> str:
        return f"wave {self.wave}, {self.coin}"


@exact
def needed_budget(rows: Iterable[Gap]) -> dict[int, Decimal]:
    """Wave → Σ gap · quantity, in the order in which waves appear."""
    needed: dict[int, Decimal] = {}
    for row in rows:
        needed[row.wave] = needed.get(row.wave, ZERO) + row.gap * row.quantity
    return needed


@exact
def overshoot(taken: Mapping[int, Decimal], needed: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Wave → what was taken from winners beyond the budget needed; negative where less."""
    return {wave: taken[wave] - needed.get(wave, ZERO) for wave in taken}


def counted_again(largest: Mapping[int, Decimal]) -> dict[Decimal, int]:
    """Largest loss of one account in each wave → in how many waves the very same amount stands,
    where more than one: a loss that a sum over waves counts again and again."""
    return {loss: times for loss, times in Counter(largest.values()).items() if times > 1}


@exact
def counted_once(deficit: Decimal, largest: Mapping[int, Decimal]) -> Decimal:
    """A deficit summed over waves, less the repetitions that `counted_again` finds."""
    again = counted_again(largest)
    return deficit - sum((loss * (times - 1) for loss, times in again.items()), ZERO)
