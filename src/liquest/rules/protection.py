"""Protection of an index against a source that deviates from the others, as venues word it.

The reference is the median of all live sources, the deviating one among them. Three
generations of text are known from Binance:

    2020-10-29   one source beyond 5 %: its weight is zero; several: the median replaces the
                 average; no update for 10 s: weight zero ("Price Index")
    2024-06-06   beyond 5 %: counted at 1.05 or 0.95 times the median; 10 s ("Margin Trading
                 Index Price Explained")
    later        beyond 3 % (BTC, ETH: 1 %): counted at 1.03 or 0.97 times the median; 5 min
                 ("Price Index" in the futures and P2P help pages; the day of change is open)

A policy is a small object with one method, `protect`. A source that goes stale is left out
before: protection sees live prices only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import ClassVar, NamedTuple

from .centre import PRECISION, median
from .lookup import one_of, within

TOLERANCE = Decimal("1e-12")
"""105 against 100 is 5 % and not beyond it: what exceeds the limit by less is not counted, so
that numbers in binary decide as exact ones do."""


class Protected(NamedTuple):
    """Prices after protection, in the order given. `kept` says which still have weight,
    `touched` how many deviated; `replaced` is the median where it stands for the average."""

    prices: tuple[Decimal, ...]
    kept: tuple[bool, ...]
    touched: int
    replaced: Decimal | None


@dataclass(frozen=True)
class Unprotected:
    """Every live source counts as it is."""

    word: ClassVar[str] = "none"
    deviation: Decimal = Decimal(0)

    def protect(self, prices: Sequence[Decimal]) -> Protected:
        """The prices as they are."""
        return Protected(tuple(prices), (True,) * len(prices), 0, None)


@dataclass(frozen=True)
class Zeroing:
    """One source beyond the limit loses its weight; several, and the median is the index
    (Binance text of 2020-10-29)."""

    word: ClassVar[str] = "zero"
    deviation: Decimal = Decimal("0.05")

    def __post_init__(self) -> None:
        within("index.deviation", self.deviation, Decimal(0))

    def protect(self, prices: Sequence[Decimal]) -> Protected:
        """The prices, without the one that deviates or replaced by their median."""
        middle = median(prices)
        kept = tuple(not _beyond(p, middle, self.deviation) for p in prices)
        touched = kept.count(False)
        return Protected(tuple(prices), kept, touched, middle if touched > 1 else None)


@dataclass(frozen=True)
class Capping:
    """A source beyond the limit counts at the limit (Binance texts of 2024-06-06 and later)."""

    word: ClassVar[str] = "cap"
    deviation: Decimal = Decimal("0.03")

    def __post_init__(self) -> None:
        within("index.deviation", self.deviation, Decimal(0), Decimal(1))

    def protect(self, prices: Sequence[Decimal]) -> Protected:
        """The prices, each within `deviation` of their median."""
        middle = median(prices)
        capped: list[Decimal] = []
        touched = 0
        with localcontext(prec=PRECISION):
            for price in prices:
                if _beyond(price, middle, self.deviation):
                    touched += 1
                    side = 1 if price > middle else -1
                    price = middle * (1 + side * self.deviation)
                capped.append(price)
        return Protected(tuple(capped), (True,) * len(capped), touched, None)


UNPROTECTED = Unprotected()
Protection = Unprotected | Zeroing | Capping
PROTECTIONS: Mapping[str, type[Protection]] = {
    kind.word: kind for kind in (Unprotected, Zeroing, Capping)
}


def protection(word: str, deviation: Decimal, *, where: str = "") -> Protection:
    """The policy that a word of the rulebook names; UsageError for any other word."""
    return PROTECTIONS[one_of("index.protection", word, PROTECTIONS, where=where)](deviation)


class Generation(NamedTuple):
    """One text: its policy and the age in seconds from which a source has no weight."""

    protection: Protection
    stale_s: int
    source: str


GENERATIONS: Mapping[str, Generation] = {
    "2020-10-29": Generation(
        Zeroing(Decimal("0.05")), 10, "Binance, Price Index, text of 2020-10-29"
    ),
    "2024-06-06": Generation(
        Capping(Decimal("0.05")), 10,
        "Binance, Margin Trading Index Price Explained, text of 2024-06-06",
    ),
    "later": Generation(
        Capping(Decimal("0.03")), 300, "Binance, Price Index, later text; day of change open"
    ),
    "later, BTC and ETH": Generation(
        Capping(Decimal("0.01")), 300, "Binance, Price Index, later text; day of change open"
    ),
}  # fmt: skip
"""The texts as policies; which one ran on a day is for the rulebook to say."""


def _beyond(price: Decimal, middle: Decimal, deviation: Decimal) -> bool:
    with localcontext(prec=PRECISION):
        return abs(price - middle) > (deviation + TOLERANCE) * middle
