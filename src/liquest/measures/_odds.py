"""How likely it is that n makers are away at once, under a stated assumption.

Each is away a share Q = 1 − uptime of the time. Independent: Qⁿ. With a common shock the share
β of Q comes from one cause that takes all of them away together (the beta-factor model of
common-cause failures, Fleming 1975): c = βQ, and given no shock each is away with
r = (Q − c) / (1 − c), so that each is still away Q of the time; together c + (1 − c)·rⁿ.
Invariant: 0 < uptime < 1, 0 ≤ β ≤ 1, n ≥ 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

from ..errors import CaseError, Text

YEAR = 365 * 86_400
"""Seconds of a year."""


@dataclass(frozen=True)
class Together:
    """`makers` of the same `uptime`; `common` is the share of each one's absence that a common
    cause brings."""

    makers: int
    uptime: Decimal
    common: Decimal

    def __post_init__(self) -> None:
        if self.makers < 1 or not 0 < self.uptime < 1 or not 0 <= self.common <= 1:
            raise CaseError(
                Text("these odds cannot be computed", "该概率无法计算"),
                where="[measures.withdrawal]",
                remedy=Text(
                    "makers from 1 on, uptimes between 0 and 1, common from 0 to 1.",
                    "makers 不小于 1，uptimes 介于 0 与 1 之间，common 介于 0 与 1。",
                ),
            )

    def probability(self) -> Decimal:
        """That all are away at a moment, at 40 digits."""
        with localcontext(prec=40):
            away = 1 - self.uptime
            shock = self.common * away
            alone = (away - shock) / (1 - shock)
            return shock + (1 - shock) * alone**self.makers

    def seconds_a_year(self) -> Decimal:
        """The same as expected seconds in a year."""
        with localcontext(prec=40):
            return self.probability() * YEAR
