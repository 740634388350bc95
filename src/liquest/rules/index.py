"""The index price of one moment, exactly, under a named rule.

    index = Σ wᵢ·pᵢ / Σ wᵢ   over the live sources, each pᵢ in the currency of the index

(Binance, "Price Index", text of 2020-10-29.) A source lives while it has a price and an age
below the stale limit: one that repeats a frozen quote keeps its full weight until then. A
source of weight zero still stands in every median. Invariant: the value lies between the
lowest and the highest live price; where no source lives that counts it is what the rule names
(`missing`: nothing, `hold`: the last value, `stale`: the last known prices however old), never
zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ..errors import InputError, Text, UsageError
from .centre import mean, median, trimmed_mean, weighted_median
from .constituents import ALL, OWN, Source, shares
from .lookup import Rules, one_of, whole, whole_row, within
from .protection import UNPROTECTED, Protection, Unprotected, protection

HOLD, STALE, MISSING = "hold", "stale", "missing"
HOLES = (MISSING, HOLD, STALE)
"""What stands where nothing is known; the place in the list is the number in a kernel."""

OWN_ONLY = "own-only"
BOOK = "book"
"""As own weight: the weights of the book as they are."""


@dataclass(frozen=True)
class Quote:
    """A source's last price in the currency of the index, or None, and its age in seconds.

    A `weight` of None says that it is no source of this index. `volume` is what the
    volume-weighted median weighs with, in any unit common to all.
    """

    source: str
    price: Decimal | None
    age_s: int = 0
    weight: Decimal | None = Decimal(1)
    volume: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.price is not None and not (self.price.is_finite() and self.price > 0):
            raise InputError(
                Text(
                    f"a price must be above zero, not {self.price}",
                    f"价格必须大于零，而不是 {self.price}",
                ),
                where=self.source,
                remedy=Text("Leave it out where there is none.", "没有价格时请留空。"),
            )
        where = self.source
        whole("age", self.age_s, 0, where=where)
        within("weight", self.weight or Decimal(0), Decimal(0), where=where)
        within("volume", self.volume, Decimal(0), where=where)


class Centred(NamedTuple):
    """What is left after protection, for a centre to be taken of it."""

    prices: Sequence[Decimal]
    weights: Sequence[Decimal]
    volumes: Sequence[Decimal]
    trim: int


def _volume_median(of: Centred) -> Decimal:
    """By volume; the plain median where no source has any."""
    return weighted_median(of.prices, of.volumes) if any(of.volumes) else median(of.prices)


METHODS: Mapping[str, Callable[[Centred], Decimal]] = {
    "weighted": lambda of: mean(of.prices, of.weights),
    "median": lambda of: median(of.prices),
    "weighted-median": lambda of: weighted_median(of.prices, of.weights),
    "volume-median": _volume_median,
    "trimmed": lambda of: trimmed_mean(of.prices, of.trim),
}
"""How the live prices become one; the place in the table is the number in a kernel."""
WEIGHING = ("weighted", "weighted-median")
"""Methods for which a source of weight zero does not count."""


@dataclass(frozen=True)
class IndexRule:
    """How an index comes about.

    A source of `stale_s` seconds or older has no weight. `hold_s` is how long the last value
    stands under `hold`, None for as long as it takes. `trim` prices are cut at each end by
    the trimmed mean. `weights` are those of the sources that the rule was made for, None for
    one that is left out.
    """

    method: str = "weighted"
    protection: Protection = UNPROTECTED
    stale_s: int = 10
    missing: str = MISSING
    hold_s: int | None = None
    trim: int = 1
    weights: tuple[Decimal | None, ...] = ()

    def __post_init__(self) -> None:
        one_of("index.method", self.method, METHODS)
        one_of("index.missing", self.missing, HOLES)
        whole("index.stale", self.stale_s, 1)
        whole("trim", self.trim, 0)
        if self.hold_s is not None:
            whole("hold", self.hold_s, 1)
        for weight in self.weights:
            within("weight", weight or Decimal(0), Decimal(0))

    @classmethod
    def of(cls, rules: Rules, symbol: str, sources: Sequence[Source]) -> IndexRule:
        """The rule that the rulebook gives a symbol, with the weights of its sources.

        UsageError for a value that no index can run on.
        """
        method = rules.get("index.method", symbol).text
        choice = rules.get("index.sources", symbol).text
        if method == OWN_ONLY:
            if choice != ALL:
                raise UsageError(
                    Text(
                        f"the index of {symbol} cannot be of its own venue only and of '{choice}'",
                        f"{symbol} 的指数不能既只取本所又取“{choice}”",
                    ),
                    remedy=Text(
                        "Leave index.sources at 'all' with index.method=own-only.",
                        "index.method=own-only 时请将 index.sources 保持为 all。",
                    ),
                )
            method, choice = "weighted", OWN
        own = rules.get("index.own_weight", symbol)
        own_weight = None if own.value == BOOK or choice == OWN else own.number
        word = rules.get("index.protection", symbol).text
        deviation = Decimal(0)
        if word != Unprotected.word:
            deviation = rules.get("index.deviation", symbol).number
        return cls(
            method=one_of("index.method", method, METHODS, where=symbol),
            protection=protection(word, deviation, where=symbol),
            stale_s=whole_row(rules, "index.stale", symbol, 1),
            missing=rules.get("index.missing", symbol).text,
            weights=shares(sources, choice, own_weight, rules.get("index.weights", symbol).parts),
        )


class IndexValue(NamedTuple):
    """The index, or None; how many sources that count live, how many live ones protection
    capped or left without weight, whether the median replaced the average, and what stands in
    for a live source ("" where there is one)."""

    value: Decimal | None
    live: int
    capped: int = 0
    replaced: bool = False
    fallback: str = ""


class Held(NamedTuple):
    """The last index that live sources made, and its age in seconds."""

    value: Decimal
    age_s: int


def index_price(quotes: Sequence[Quote], rule: IndexRule, held: Held | None = None) -> IndexValue:
    """The index of a moment; `held` is what stands under `hold` when no source lives."""
    known = [q for q in quotes if q.price is not None and q.weight is not None]
    live = [q for q in known if q.age_s < rule.stale_s]
    if counting := _counting(live, rule):
        return _centre(live, rule)._replace(live=counting)
    if rule.missing == STALE and _counting(known, rule):
        return _centre(known, rule)._replace(fallback=STALE)
    if (
        rule.missing == HOLD
        and held is not None
        and (rule.hold_s is None or held.age_s <= rule.hold_s)
    ):
        return IndexValue(held.value, 0, fallback=HOLD)
    return IndexValue(None, 0, fallback=MISSING)


def _counting(quotes: Sequence[Quote], rule: IndexRule) -> int:
    return sum(1 for q in quotes if q.weight or rule.method not in WEIGHING)


def _centre(quotes: Sequence[Quote], rule: IndexRule) -> IndexValue:
    """The value after protection; where that leaves no weight, the median replaces it."""
    there = [q.price for q in quotes if q.price is not None]
    prices, kept, touched, replaced = rule.protection.protect(there)
    left = [(p, q) for p, q, keep in zip(prices, quotes, kept, strict=True) if keep]
    if replaced is None and not _counting([q for _, q in left], rule):
        replaced = median(there)
    if replaced is not None:
        return IndexValue(replaced, 0, touched, True)
    of = Centred(
        [p for p, _ in left],
        [q.weight or Decimal(0) for _, q in left],
        [q.volume for _, q in left],
        rule.trim,
    )
    return IndexValue(METHODS[rule.method](of), 0, touched)
