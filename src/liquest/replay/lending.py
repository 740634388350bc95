"""What a lender takes a pledged coin to be worth, minute by minute, under different rules.

    venue          the lowest trade on the lender's own book: every print counts
    venue-close    the last trade of each bar on that book: sampled, not watched
    onchain        the price in a pool on chain
    redemption     what the issuer pays for the coin
    floor:0.95     the own book, but never below 0.95 of the redemption price
    average:15     the mean of the last 15 closes of the own book
    median         the middle one of own book, chain and redemption
    capped:0.03    the mean of the three, each within 3 % of their median

A rule is a small object with one method. Invariant: a valuation uses only what was known by
the end of its bar. The lender's own book is always where the coins are sold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext
from typing import NamedTuple, Protocol

from ..errors import Text, UsageError
from ..findings import Input
from ..rules.centre import PRECISION, mean, median
from ..rules.protection import Capping
from .series import Bar, Series, scanned

ONE = Decimal(1)


class Moment(NamedTuple):
    """What is known at the end of a bar: the bar, the closes up to it (the latest last), the
    bar on chain of the same time or the last one before, the redemption price."""

    own: Bar
    closes: list[Decimal]
    onchain: Bar | None
    redemption: Decimal


class Rule(Protocol):
    """The value of the coin at the worst moment of a bar, or None where it is not known."""

    def value(self, at: Moment) -> Decimal | None: ...


@dataclass(frozen=True)
class Venue:
    """The lowest trade of the bar."""

    def value(self, at: Moment) -> Decimal | None:
        return at.own.low


@dataclass(frozen=True)
class VenueClose:
    """The last trade of the bar."""

    def value(self, at: Moment) -> Decimal | None:
        return at.own.close


@dataclass(frozen=True)
class OnChain:
    """The lowest state of the pool in the bar."""

    def value(self, at: Moment) -> Decimal | None:
        return at.onchain.low if at.onchain else None


@dataclass(frozen=True)
class Redemption:
    """What the issuer pays, whatever the market does."""

    def value(self, at: Moment) -> Decimal | None:
        return at.redemption


@dataclass(frozen=True)
class Floor:
    """The own book from a share of the redemption price on."""

    share: Decimal

    def value(self, at: Moment) -> Decimal | None:
        return max(at.own.low, self.share * at.redemption)


@dataclass(frozen=True)
class Average:
    """The mean of the last closes, of as many as there are."""

    bars: int

    def value(self, at: Moment) -> Decimal | None:
        last = at.closes[-self.bars :]
        with localcontext(prec=PRECISION):
            return sum(last, Decimal(0)) / len(last)


@dataclass(frozen=True)
class Median:
    """The middle one of own book, chain and redemption."""

    def value(self, at: Moment) -> Decimal | None:
        return None if at.onchain is None else median(_sources(at, at.onchain))


@dataclass(frozen=True)
class Capped:
    """The plain mean of the three, those beyond the limit counted at the limit (the capping of
    the Binance margin index, text of 2024-06-06)."""

    deviation: Decimal

    def value(self, at: Moment) -> Decimal | None:
        if at.onchain is None:
            return None
        prices = Capping(self.deviation).protect(_sources(at, at.onchain)).prices
        return mean(prices, [ONE] * len(prices))


def _sources(at: Moment, onchain: Bar) -> list[Decimal]:
    return [at.own.low, onchain.low, at.redemption]


_PLAIN: Mapping[str, Rule] = {
    "venue": Venue(), "venue-close": VenueClose(), "onchain": OnChain(),
    "redemption": Redemption(), "median": Median(),
}  # fmt: skip
_NUMBERED: Mapping[str, Callable[[Decimal], Rule | None]] = {
    "floor": lambda x: Floor(x) if 0 < x <= 1 else None,
    "average": lambda x: Average(int(x)) if x == int(x) and x >= 1 else None,
    "capped": lambda x: Capped(x) if 0 < x < 1 else None,
}


def rule(word: str) -> Rule:
    """The rule of a word; raises UsageError that lists the words."""
    if word in _PLAIN:
        return _PLAIN[word]
    name, _, text = word.partition(":")
    try:
        made = _NUMBERED[name](Decimal(text))
    except (KeyError, InvalidOperation, OverflowError, ValueError):
        made = None
    if made is None:
        raise UsageError(
            Text(f"a lender has no price '{word}'", f"借贷估值规则“{word}”不存在"),
            remedy=Text(
                f"Write one of {', '.join(_PLAIN)}, floor:0.95, average:15, capped:0.03.",
                f"可写：{'、'.join(_PLAIN)}、floor:0.95、average:15、capped:0.03。",
            ),
        )
    return made


class Valued(NamedTuple):
    """The lender's value of the coin in a bar; `rows` are those that it comes from."""

    bar: Bar
    price: Decimal
    rows: tuple[Input, ...]


def valuations(
    one: Rule, own: Series, onchain: Series | None, redemption: Decimal
) -> Iterator[Valued]:
    """The value in every bar of the own book in which it is known, in time order."""
    pool = iter(onchain or ())
    coming = next(pool, None)
    latest: Bar | None = None
    closes: list[Decimal] = []
    for bar in own:
        while coming is not None and coming.ts <= bar.ts:
            latest, coming = coming, next(pool, None)
        closes.append(bar.close)
        price = one.value(Moment(bar, closes, latest, redemption))
        if price is not None:
            yield Valued(bar, price, _rows(one, own, latest, len(closes)))


def _rows(one: Rule, own: Series, onchain: Bar | None, upto: int) -> tuple[Input, ...]:
    """The rows behind the value of the bar `upto` - 1."""
    pool = (onchain.decisive,) if onchain is not None else ()
    book = own.bars[upto - 1].decisive
    match one:
        case Redemption():
            return ()
        case OnChain():
            return pool
        case Average(bars):
            looked = scanned(own.bars[max(0, upto - bars) : upto])
            return tuple(i._replace(role="extreme") for i in looked)
        case Median() | Capped():
            return (book, *pool)
    return (book,)
