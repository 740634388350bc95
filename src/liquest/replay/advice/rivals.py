"""The advice taken apart: an advised way of holding against another, and the word for the result.

    whole     small margin at the highest leverage, isolated, the least on the exchange,
              against all the money as cross margin
    margin    small margin at the highest leverage against large margin at the lowest
    stop      small margin at the highest leverage against large margin with a stop
    share     cross margin with the least on the exchange against all of it
    again     as whole, but opened again after every close

`word` is a pure function of three differences: on the recorded path, on paths drawn from it,
and on paths drawn from before the event. Invariant: a difference on drawn paths that is no
larger than two standard errors decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import sqrt
from typing import NamedTuple

from ...rules.structure import CROSS, ISOLATED
from .grid import Way

WHOLE, SMALL, LIKE_STOP, SHARE, AGAIN = "whole", "margin", "stop", "share", "again"
QUESTIONS = (WHOLE, SMALL, LIKE_STOP, SHARE, AGAIN)
HOLDS, PRICE, LUCKY = "holds", "price", "lucky"
RETURNED, FAILS, EVEN, UNDETERMINED = "returned", "fails", "even", "undetermined"
WORDS = (HOLDS, PRICE, LUCKY, RETURNED, FAILS, EVEN, UNDETERMINED)
ERRORS = 2
"""Standard errors beyond which a difference counts."""


class Rival(NamedTuple):
    """`advised` against `other` on the same path, opened again after every close or once."""

    question: str
    advised: Way
    other: Way
    again: bool = False


class Drawn(NamedTuple):
    """The difference on drawn paths: mean and standard error, on how many paths the advised way
    left more or less, and the difference of what is left on the worst paths."""

    mean: Decimal
    error: Decimal
    better: int
    worse: int
    low: Decimal

    @property
    def leans(self) -> int:
        """1 where the advised way left more on clearly more paths, -1 on clearly fewer."""
        decided = self.better + self.worse
        ahead = self.better - self.worse
        return 0 if abs(ahead) <= ERRORS * sqrt(decided) else (1 if ahead > 0 else -1)


def rivals(ways: Sequence[Way]) -> list[Rival]:
    """The questions that the ways can answer."""
    alone = [w for w in ways if w.mode == ISOLATED and w.stop is None]
    cross = [w for w in ways if w.mode == CROSS and w.stop is None]
    found: list[Rival] = []
    if not alone or not cross:
        return found
    small = max(alone, key=lambda w: (w.leverage, -w.share))
    beside = max(alone, key=lambda w: (w.leverage, w.share))
    large = min(alone, key=lambda w: (w.leverage, -w.share))
    everything, little = cross[0], cross[-1]
    found.append(Rival(WHOLE, small, everything))
    if large.leverage < small.leverage:
        found.append(Rival(SMALL, beside, large))
        stopped = [w for w in ways if w == Way(ISOLATED, large.leverage, large.share, w.stop)]
        found += [Rival(LIKE_STOP, beside, w) for w in stopped if w.stop is not None]
    if little.share < everything.share:
        found.append(Rival(SHARE, little, everything))
    found.append(Rival(AGAIN, small, everything, again=True))
    return found


def word(event: Decimal, drawn: Drawn | None, calm: Drawn | None) -> str:
    """One of WORDS; the definitions are those of `replay.advice.verdict`."""
    if drawn is None or calm is None:
        return UNDETERMINED
    costs = calm.mean < -ERRORS * calm.error
    if event > 0:
        if drawn.leans < 0:
            return LUCKY
        return PRICE if costs else HOLDS
    if drawn.leans > 0:
        return RETURNED
    if event == 0 and drawn.leans == 0 and not costs:
        return EVEN
    return FAILS


def break_even(event: Decimal, calm: Decimal) -> Decimal | None:
    """How many calm paths cost as much as the event saved; None where they cost nothing."""
    return event / -calm if event > 0 > calm else None
