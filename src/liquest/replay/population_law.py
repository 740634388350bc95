"""What a synthetic population is drawn from: stated assumptions, none of them a measurement.

The laws are tabulated quantile functions, interpolated linearly: uniform draws, sums, products
and quotients of doubles are the same on every machine, exponentials and logarithms are not.
Tables are computed in decimal arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from functools import cache
from statistics import NormalDist
from typing import NamedTuple, Protocol

import numpy as np

from ..errors import Text, UsageError
from ..tape.tracks import Floats
from .accounts import INSTITUTION, LONGEST_LEVERAGE, MARKET_MAKER, REGULAR, VIP, check_category

_STEPS = 2048
_TAIL = 20
"""Laws are cut at their quantiles 2^-20 and 1 - 2^-20."""
ONE = Decimal(1)


class Table(NamedTuple):
    """A quantile function: `value` at the probabilities `at`, linear in between."""

    at: Floats
    value: Floats

    def draw(self, uniform: Floats) -> Floats:
        """The quantiles of uniform draws; beyond the ends the ends."""
        u = np.clip(uniform, self.at[0], self.at[-1])
        right = np.clip(np.searchsorted(self.at, u, side="right"), 1, len(self.at) - 1)
        left = right - 1
        share = (u - self.at[left]) / (self.at[right] - self.at[left])
        drawn: Floats = self.value[left] + (self.value[right] - self.value[left]) * share
        return drawn


class SizeLaw(Protocol):
    """A law of notional values in quote units."""

    def quantiles(self) -> Table: ...


@dataclass(frozen=True)
class LogNormal:
    """ln(size) is normal: median quote units, standard deviation sigma."""

    median: Decimal = Decimal(1500)
    sigma: Decimal = Decimal(2)

    def __post_init__(self) -> None:
        _between("size.median", self.median, Decimal("0.01"), Decimal(10) ** 9)
        _between("size.sigma", self.sigma, Decimal(0), Decimal(4))

    def quantiles(self) -> Table:
        with localcontext(prec=34):
            values = [float(self.median * (self.sigma * z).exp()) for z in _normal()]
        return Table(np.array([float(u) for u in _knots()]), np.array(values))


@dataclass(frozen=True)
class Pareto:
    """P(size > x) = (minimum / x)^alpha for x above the minimum, in quote units."""

    minimum: Decimal = Decimal(100)
    alpha: Decimal = Decimal("1.1")

    def __post_init__(self) -> None:
        _between("size.minimum", self.minimum, Decimal("0.01"), Decimal(10) ** 9)
        _between("size.alpha", self.alpha, Decimal("0.8"), Decimal(20))

    def quantiles(self) -> Table:
        with localcontext(prec=34):
            values = [float(self.minimum * (-(ONE - u).ln() / self.alpha).exp()) for u in _knots()]
        return Table(np.array([float(u) for u in _knots()]), np.array(values))


class ClassShare(NamedTuple):
    """The share of accounts of a class, and by what its sizes are multiplied."""

    share: Decimal
    size: Decimal = ONE


_LEVERAGE = {1: 5, 2: 8, 3: 10, 5: 17, 10: 22, 20: 18, 25: 6, 50: 8, 75: 3, 100: 3}
_CLASSES = {
    REGULAR: ClassShare(Decimal("0.965")),
    VIP: ClassShare(Decimal("0.03"), Decimal(20)),
    INSTITUTION: ClassShare(Decimal("0.003"), Decimal(50)),
    MARKET_MAKER: ClassShare(Decimal("0.002"), Decimal(100)),
}


@dataclass(frozen=True)
class Assumptions:
    """The law of a population. Raises UsageError for shares outside 0 to 1 and the like.

    leverage      weight of each leverage; drawn, then cut to what the tier of the size allows
                  (and to 0.8 / maintenance rate, so that no position is born liquidated)
    size, least   notional of a position at the beginning of the window, in quote units, and
                  the smallest one; scaled where an open interest is to be met
    long          share of long positions
    isolated      share of accounts whose positions are isolated; the others are cross
    hedge         share of accounts in hedge mode: their second position is the other side of
                  the symbol of their first
    legs          weights of 1, 2, … positions; a symbol drawn twice is held once
    classes       share and size factor of each class
    spare         a cross wallet is the initial margin times 1 to 1 + spare, evenly
    hours         positions were entered evenly over the hours before the window, at the mark
                  of that time; one that its own margin would not have carried to the beginning
                  of the window is taken as entered at its beginning
    counterparties, counterparty_leverage
                  accounts of the class "counterparty" that take the other side of what the
                  drawn accounts hold on balance, in cross mode, entered at the beginning
    """

    leverage: Mapping[int, Decimal] = field(
        default_factory=lambda: {k: Decimal(v) for k, v in _LEVERAGE.items()}
    )
    size: LogNormal | Pareto = field(default_factory=LogNormal)
    least: Decimal = Decimal(5)
    long: Decimal = Decimal("0.6")
    isolated: Decimal = Decimal("0.35")
    hedge: Decimal = Decimal("0.1")
    legs: Sequence[Decimal] = (Decimal("0.6"), Decimal("0.25"), Decimal("0.15"))
    classes: Mapping[str, ClassShare] = field(default_factory=lambda: dict(_CLASSES))
    spare: Decimal = ONE
    hours: Decimal = Decimal(24)
    counterparties: int = 10
    counterparty_leverage: Decimal = ONE

    def __post_init__(self) -> None:
        for name in ("long", "isolated", "hedge"):
            _between(name, getattr(self, name), Decimal(0), ONE)
        _between("least", self.least, Decimal("0.01"), Decimal(10) ** 9)
        _between("spare", self.spare, Decimal(0), Decimal(1000))
        _between("hours", self.hours, Decimal(0), Decimal(24 * 366))
        _between("counterparties", Decimal(self.counterparties), ONE, Decimal(100_000))
        _between("counterparty_leverage", self.counterparty_leverage, Decimal("0.01"), Decimal(100))
        for leverage in self.leverage:
            _between("leverage", Decimal(leverage), ONE, LONGEST_LEVERAGE)
        for word, one in self.classes.items():
            check_category(word)
            _between(f"class.{word}.share", one.share, Decimal(0), ONE)
            _between(f"class.{word}.size", one.size, Decimal("0.001"), Decimal(100_000))
        _weights("leverage", list(self.leverage.values()))
        _weights("legs", list(self.legs))
        if len(self.legs) > MOST_LEGS:
            raise _refuse("legs", f"more than {MOST_LEGS} positions", f"超过 {MOST_LEGS} 个持仓")
        if sum(one.share for one in self.classes.values()) != 1:
            raise _refuse("class", "the shares do not add up to 1", "各类别比例之和不为 1")


MOST_LEGS = 12


def cumulative(weights: Sequence[Decimal]) -> Floats:
    """Running shares of weights, the last one 1: what a uniform draw is looked up in."""
    total = sum(weights, Decimal(0))
    running, found = Decimal(0), []
    for weight in weights:
        running += weight
        found.append(float(running / total))
    return np.array(found)


@cache
def _knots() -> tuple[Decimal, ...]:
    """Probabilities of the tables: every 1/2048, and finer at both ends."""
    low = [Decimal(1) / 2**k for k in range(_TAIL, 11, -1)]
    inner = [Decimal(j) / _STEPS for j in range(1, _STEPS)]
    return (*low, *inner, *(1 - u for u in reversed(low)))


@cache
def _normal() -> tuple[Decimal, ...]:
    """Standard normal quantiles at the knots, at nine decimals."""
    half = [Decimal(f"{NormalDist().inv_cdf(float(u)):.9f}") for u in _knots() if 2 * u < 1]
    return (*half, Decimal(0), *(-z for z in reversed(half)))


def _between(name: str, value: Decimal, low: Decimal, high: Decimal) -> None:
    if not (value.is_finite() and low <= value <= high):
        raise _refuse(
            name, f"{value} is not from {low} to {high}", f"{value} 不在 {low} 至 {high} 之间"
        )


def _weights(name: str, weights: Sequence[Decimal]) -> None:
    if (
        not weights
        or any(not (w.is_finite() and 0 <= w <= 10**6) for w in weights)
        or not sum(weights)
    ):
        raise _refuse(
            name, "weights must be zero or more, and one of them above", "权重须不小于零且不全为零"
        )


def _refuse(name: str, en: str, zh: str) -> UsageError:
    return UsageError(
        Text(f"assumption '{name}': {en}", f"假设“{name}”：{zh}"),
        where=name,
        remedy=Text("Correct it in the table of assumptions.", "请在假设表中更正。"),
    )
