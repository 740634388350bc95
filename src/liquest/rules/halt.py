"""Trading halts: a mark that moves too far within a look-back stops the market for a while.

At second t, not halted, the mark is compared with every mark of the look-back, the seconds
t − lookback … t − 1: when it is beyond `trigger` of any of them, up or down, the market is
halted from t for `length` seconds. While halted nothing trades and nobody is liquidated; the
market opens again with a call auction (`auction`). After a halt the look-back begins anew, so
a halt never follows from a move before it. A larger trigger or a shorter look-back never
brings the first halt forward.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ..errors import Text, UsageError
from .exact import exact, positive
from .lookup import Rules, one_of, whole, whole_row

NONE = "none"

LOOKBACK = 300
"""Seconds: what exchanges of securities take for their price bands."""


class Halt(NamedTuple):
    """Halted for the seconds `start` ≤ t < `end`; `move` is the share that set it off."""

    start: int
    end: int
    move: Decimal


@dataclass(frozen=True)
class HaltRule:
    """`trigger` a share of the earlier mark, above zero; `lookback` and `length` in whole
    seconds, at least 1. Raises InputError or UsageError."""

    trigger: Decimal
    length: int
    lookback: int = LOOKBACK

    def __post_init__(self) -> None:
        positive(Text("the trigger", "触发幅度"), self.trigger, "halt.trigger")
        whole("halt.length", self.length, 1)
        whole("halt.lookback", self.lookback, 1)

    @classmethod
    def of(cls, rules: Rules, symbol: str = "") -> HaltRule | None:
        """The rule that a rulebook has in force for a symbol; None where nothing halts it."""
        row = rules.get("halt.trigger", symbol)
        try:
            trigger = row.number
        except UsageError:
            one_of("halt.trigger", row.text, (NONE,), where=symbol)
            return None
        return cls(trigger, whole_row(rules, "halt.length", symbol, 1))

    @exact
    def halts(self, marks: Sequence[Decimal | None]) -> tuple[Halt, ...]:
        """The halts of a mark, second by second; None where there is no mark.

        What the mark does during a halt has no effect.
        """
        found: list[Halt] = []
        second = opened = 0
        while second < len(marks):
            move = self._move(marks, second, max(opened, second - self.lookback))
            if move is None or abs(move) <= self.trigger:
                second += 1
                continue
            second = opened = second + self.length
            found.append(Halt(second - self.length, second, move))
        return tuple(found)

    def _move(self, marks: Sequence[Decimal | None], second: int, first: int) -> Decimal | None:
        """The largest move to a second from any mark before it, from `first` on."""
        now = marks[second]
        before = [m for m in marks[first:second] if m is not None]
        if now is None or not before:
            return None
        return max((now / min(before) - 1, now / max(before) - 1), key=abs)
