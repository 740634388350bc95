"""Prices that are made of prices: conversion into the index currency, and formula trees.

A source quoted in another currency counts at price × (value of its currency) / (value of the
index currency), both values in one common money. A cross-rate index is a tree of prices,
products, blends and floors over named leaves; it is evaluated exactly for a moment and as
arrays for a path, by the same tree. Invariant: what is not known stays unknown. A missing
rate is never one, a product with a missing factor is missing, and a blend divides by the
weights of the parts that are there, as an index does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..errors import Text, UsageError
from ..findings import plain
from .centre import PRECISION, mean
from .lookup import within

Floats = npt.NDArray[np.float64]
Prices = Mapping[str, Decimal | None]
Paths = Mapping[str, Floats]
"""Arrays of one length by name; NaN where there is no price."""


class Conversion(Protocol):
    """How a price in one currency becomes one in the currency of the index."""

    def price(self, price: Decimal | None, currency: str) -> Decimal | None: ...


@dataclass(frozen=True)
class ByRate:
    """Conversion at market rates: `values` gives what one unit of a currency is worth in a
    common money (say USD), None where no rate is known."""

    into: str
    values: Prices

    def __post_init__(self) -> None:
        for name, value in self.values.items():
            if value is not None:
                within(f"value of {name}", value, Decimal(0))

    def price(self, price: Decimal | None, currency: str) -> Decimal | None:
        """The price in the index currency; None without a price or without a rate."""
        if currency == self.into or price is None:
            return price
        top, bottom = self.values.get(currency), self.values.get(self.into)
        if not top or not bottom:
            return None
        with localcontext(prec=PRECISION):
            return price * top / bottom


@dataclass(frozen=True)
class AtPar:
    """Conversion one to one between the named currencies, whatever their market rates."""

    into: str
    currencies: frozenset[str]

    def price(self, price: Decimal | None, currency: str) -> Decimal | None:
        """The price unchanged for a currency that counts as equal; None for any other."""
        return price if currency == self.into or currency in self.currencies else None


def converted(prices: Floats, value_of: Floats, value_into: Floats) -> Floats:
    """Prices of shape [..., S] at the rates of every second, as `ByRate` does; NaN where a
    price or a rate is missing or not above zero."""
    made = np.where(_known(prices), prices, np.nan)
    rate = np.where(_known(value_of), value_of, np.nan) / np.where(
        _known(value_into), value_into, np.nan
    )
    return np.asarray(made * rate, dtype=np.float64)


class Node(Protocol):
    """A part of a formula tree."""

    def value(self, prices: Prices) -> Decimal | None:
        """Its price at a moment; None where it cannot be known."""

    def path(self, paths: Paths) -> Floats:
        """Its price second by second; NaN where it cannot be known."""


@dataclass(frozen=True)
class Price:
    """A leaf: the price of that name, None where it is absent or not above zero."""

    name: str

    def value(self, prices: Prices) -> Decimal | None:
        found = prices.get(self.name)
        return found if found is not None and found > 0 else None

    def path(self, paths: Paths) -> Floats:
        if self.name not in paths:
            raise UsageError(
                Text(f"no path for '{self.name}'", f"没有“{self.name}”的价格序列"),
                remedy=Text(
                    f"Give one of: {', '.join(sorted(paths)) or 'nothing was given'}.",
                    f"请从已有序列中选择：{'、'.join(sorted(paths)) or '未提供任何序列'}。",
                ),
            )
        found = paths[self.name]
        return np.where(_known(found), found, np.nan)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Product:
    """Two prices in a chain: BNSOLSOL × SOLUSDT is a price of BNSOL in USDT."""

    left: Node
    right: Node

    def value(self, prices: Prices) -> Decimal | None:
        left, right = self.left.value(prices), self.right.value(prices)
        if left is None or right is None:
            return None
        with localcontext(prec=PRECISION):
            return left * right

    def path(self, paths: Paths) -> Floats:
        return np.asarray(self.left.path(paths) * self.right.path(paths))

    def __str__(self) -> str:
        return f"{self.left} × {self.right}"


@dataclass(frozen=True)
class Blend:
    """A weighted average of parts, over those that are known."""

    parts: tuple[tuple[Decimal, Node], ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise UsageError(
                Text("a blend of nothing has no price", "没有组成部分的加权价格无法计算")
            )
        for weight, part in self.parts:
            if not (weight.is_finite() and weight > 0):
                raise UsageError(
                    Text(f"the weight of {part} must be above zero", f"{part} 的权重必须大于零")
                )

    def value(self, prices: Prices) -> Decimal | None:
        known = [
            (found, weight)
            for weight, part in self.parts
            if (found := part.value(prices)) is not None
        ]
        return mean([p for p, _ in known], [w for _, w in known]) if known else None

    def path(self, paths: Paths) -> Floats:
        found = [(float(weight), part.path(paths)) for weight, part in self.parts]
        top = np.zeros_like(found[0][1])
        bottom = np.zeros_like(top)
        for weight, prices in found:
            known = ~np.isnan(prices)
            top += np.where(known, weight * prices, 0.0)
            bottom += np.where(known, weight, 0.0)
        return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)

    def __str__(self) -> str:
        return " + ".join(f"{plain(100 * weight)} % {part}" for weight, part in self.parts)


@dataclass(frozen=True)
class Floor:
    """A price that counts at `least` when it is below; an unknown price stays unknown."""

    of: Node
    least: Decimal

    def __post_init__(self) -> None:
        within("floor", self.least, Decimal(0))

    def value(self, prices: Prices) -> Decimal | None:
        found = self.of.value(prices)
        return None if found is None else max(found, self.least)

    def path(self, paths: Paths) -> Floats:
        return np.maximum(self.of.path(paths), float(self.least))

    def __str__(self) -> str:
        return f"max({self.of}, {plain(self.least)})"


WBETH = Blend(
    (
        (Decimal("0.2"), Price("WBETHUSDT")),
        (Decimal("0.8"), Product(Price("WBETHETH"), Price("ETHUSDT"))),
    )
)
BNSOL = Blend(
    (
        (Decimal("0.3"), Price("BNSOLUSDT")),
        (Decimal("0.7"), Product(Price("BNSOLSOL"), Price("SOLUSDT"))),
    )
)
"""WBETHUSDT and BNSOLUSDT until the change announced on 2025-10-06, all spot books of Binance
(Binance announcement, relayed by the press)."""
WBETH_BY_RATE = Product(Price("WBETH conversion rate"), Price("ETHUSDT"))
BNSOL_BY_RATE = Product(Price("BNSOL conversion rate"), Price("SOLUSDT"))
"""The same after it: the staking conversion rate takes the place of the books."""


@dataclass(frozen=True)
class Valuation:
    """The prices that an asset held as collateral may be valued at, each a tree.

    `venue` is the venue's own book, `onchain` a market outside it, `redemption` what its
    issuer pays. Those that nobody knows stay None.
    """

    asset: str
    venue: Node
    onchain: Node | None = None
    redemption: Node | None = None

    def by(self, word: str) -> Node:
        """The tree that a word of the rulebook names: venue, onchain, redemption or
        floor:<x>, the venue's price but never below x. UsageError for what is not there."""
        if word.startswith("floor:"):
            try:
                return Floor(self.venue, Decimal(word.removeprefix("floor:")))
            except InvalidOperation:
                raise self._refused(word) from None
        node = self._known.get(word)
        if node is None:
            raise self._refused(word)
        return node

    @property
    def _known(self) -> dict[str, Node | None]:
        return {"venue": self.venue, "onchain": self.onchain, "redemption": self.redemption}

    def _refused(self, word: str) -> UsageError:
        known = [word for word, node in self._known.items() if node is not None]
        return UsageError(
            Text(
                f"'{self.asset}' cannot be valued by '{word}'",
                f"“{self.asset}”无法按“{word}”估值",
            ),
            remedy=Text(
                f"Write one of: {', '.join(known)}, floor:0.99.",
                f"请写下列之一：{'、'.join(known)}、floor:0.99。",
            ),
        )


def _known(prices: Floats) -> npt.NDArray[np.bool_]:
    return np.isfinite(prices) & (prices > 0)
