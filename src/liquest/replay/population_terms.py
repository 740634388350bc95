"""The contracts that a population is drawn on: lots, ticks, tiers and marks as padded arrays.

All amounts of a population are integers: lots of 10^-d base units (contracts for inverse
kinds), ticks of 10^-p quote units. The steps are fine beside any position and are synthetic
like the rest: they are not the venue's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from ..errors import Text, UsageError
from ..instruments import STABLE, Instrument
from ..rules.tiers import Tiers
from ..tape.tracks import Floats, Ints
from .accounts import FUTURES

DIGITS = 7
"""Significant digits of an entry price."""
LINEAR_PLACES, COIN_PLACES = 4, 8
"""Decimals of margins and wallets in quote currency and in coins."""
SPARE = 0.8
"""Largest share of the initial margin that maintenance may ask at the opening."""
_NO_TIER = 1e300


@dataclass(frozen=True, eq=False)
class Listing:
    """A contract to draw positions in.

    `before` [T] is its mark before the window, evenly spaced, the last one at the beginning of
    the window; NaN where it is missing. `open_interest` in quote units, one side, at that last
    mark; None leaves the sizes as drawn. `weight` tells how often it is drawn (`weights`).
    """

    instrument: Instrument
    before: Floats
    tiers: Tiers | None = None
    open_interest: Decimal | None = None
    weight: Decimal | None = None

    def __post_init__(self) -> None:
        one, marks = self.instrument, np.asarray(self.before, dtype=np.float64)
        object.__setattr__(self, "before", marks)
        if one.kind not in FUTURES or one.contract_size is None:
            raise self._refuse("no contract whose size is known", "不是面值已知的合约")
        if one.quote not in STABLE and one.quote != "USD":
            raise self._refuse("not quoted in dollars", "不以美元计价")
        if not one.inverse and one.quote == "USD" and not one.base:
            raise self._refuse("its settle currency is not known", "结算货币未知")
        if marks.ndim != 1 or not len(marks) or np.isnan(marks[-1]):
            raise self._refuse("no mark at the beginning of the window", "时间窗起点没有标记价格")
        known = marks[~np.isnan(marks)]
        if not ((known > 1e-12) & (known < 1e12)).all():
            raise self._refuse("a mark that is no price", "标记价格超出合理范围")
        for number in (self.open_interest, self.weight):
            if number is not None and not (number.is_finite() and 0 <= number < Decimal(10) ** 15):
                raise self._refuse(f"{number} is no amount", f"{number} 不是有效数额")

    def _refuse(self, en: str, zh: str) -> UsageError:
        name = self.instrument.symbol
        return UsageError(
            Text(f"population: {name}: {en}", f"合成账户群：{name}：{zh}"), where=name,
            remedy=Text("Leave the contract out or correct it.", "请去掉或更正该合约。"),
        )  # fmt: skip


def weights(listings: Sequence[Listing]) -> list[Decimal]:
    """How often each contract is drawn: its weight; where it has none, its open interest if all
    state one, else 1."""
    stated = all(one.open_interest is not None for one in listings)
    return [
        one.weight if one.weight is not None
        else one.open_interest if stated and one.open_interest is not None
        else Decimal(1)
        for one in listings
    ]  # fmt: skip


class Steps(NamedTuple):
    """Decimals of a contract's amounts; `size` is USD per contract, 1 for linear kinds."""

    symbol: str
    inverse: bool
    settle: str
    lot: int
    tick: int
    wallet: int
    size: int


def steps(listing: Listing) -> Steps:
    """The steps of a contract, by the size of its price at the beginning of the window."""
    one, order = listing.instrument, Decimal(repr(float(listing.before[-1]))).adjusted()
    tick = min(max(DIGITS - 1 - order, 0), 18)
    if not one.inverse:
        return Steps(one.symbol, False, one.quote, min(max(order + 2, 0), 12), tick,
                     LINEAR_PLACES, 1)  # fmt: skip
    size = one.contract_size or Decimal(1)
    if size != size.to_integral_value():
        raise UsageError(
            Text(f"population: {one.symbol}: {size} USD a contract", f"合成账户群：{one.symbol} "
                 f"每张 {size} 美元"), where=one.symbol,
            remedy=Text("Contracts of whole dollars only.", "仅支持整数美元面值的合约。"),
        )  # fmt: skip
    return Steps(one.symbol, True, one.base, 0, tick, COIN_PLACES, int(size))


@dataclass(frozen=True, eq=False)
class Terms:
    """All contracts side by side: M contracts, C columns of marks, B tiers at most.

    Tiers are padded with floors that nothing reaches. `known` [M, C] lists the columns that
    hold a mark, `counts` how many; `low` and `high` are the extremes from a column on.
    """

    steps: tuple[Steps, ...]
    marks: Floats
    known: Ints
    counts: Ints
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    floor: Floats = field(repr=False)
    rate: Floats = field(repr=False)
    cum: Floats = field(repr=False)
    allowed: Floats = field(repr=False)
    cap: Floats = field(repr=False)

    @classmethod
    def of(cls, listings: tuple[Listing, ...], columns: int) -> Terms:
        """The last `columns` marks of every contract; raises UsageError where they are fewer."""
        count = len(listings)
        marks = np.empty((count, columns))
        for m, one in enumerate(listings):
            if len(one.before) < columns:
                raise UsageError(
                    Text(
                        f"population: {one.instrument.symbol} has {len(one.before)} marks before "
                        f"the window, the hours of entry need {columns}",
                        f"合成账户群：{one.instrument.symbol} 在时间窗前只有 {len(one.before)} 个"
                        f"标记价格，入场时段需要 {columns} 个",
                    ),
                    where=one.instrument.symbol,
                    remedy=Text("Assume fewer hours, or give more marks.",
                                "请缩短 hours，或提供更长的标记价格。"),
                )  # fmt: skip
            marks[m] = one.before[-columns:]
        there = ~np.isnan(marks)
        known = np.argsort(~there, axis=1, kind="stable")
        tiers = _padded(listings)
        return cls(
            tuple(steps(one) for one in listings), marks, known, there.sum(axis=1),
            np.fmin.accumulate(marks[:, ::-1], axis=1)[:, ::-1],
            np.fmax.accumulate(marks[:, ::-1], axis=1)[:, ::-1], *tiers,
        )  # fmt: skip

    def column(self, name: str) -> Ints:
        """One whole number per contract."""
        return np.array([getattr(one, name) for one in self.steps], dtype=np.int64)

    def tier(self, market: Ints, notional: Floats) -> Ints:
        """The place of the tier of each notional (settle currency), floor < notional ≤ cap."""
        found = np.zeros(len(market), dtype=np.int64)
        for place in range(1, self.floor.shape[1]):
            found += notional > self.floor[market, place]
        return found

    def maintenance(self, market: Ints, notional: Floats) -> Floats:
        """Maintenance margin of each notional, in settle currency."""
        at = self.tier(market, notional)
        asked: Floats = self.rate[market, at] * notional - self.cum[market, at]
        return asked


def _padded(listings: tuple[Listing, ...]) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """floor, rate, cum, allowed leverage [M, B] and cap [M]."""
    width = max(1 if one.tiers is None else len(one.tiers.floors) for one in listings)
    shape = (len(listings), width)
    floor, allowed = np.full(shape, _NO_TIER), np.full(shape, _NO_TIER)
    rate, cum, cap = np.zeros(shape), np.zeros(shape), np.full(shape[0], _NO_TIER)
    floor[:, 0] = 0
    for m, one in enumerate(listings):
        ladder = one.tiers
        if ladder is None:
            continue
        n = len(ladder.floors)
        floor[m, :n] = [float(v) for v in ladder.floors]
        rate[m, :n] = [float(v) for v in ladder.rates]
        cum[m, :n] = [float(v) for v in ladder.cums]
        allowed[m, :n] = [
            min(float(most), SPARE / float(r))
            for most, r in zip(ladder.max_leverage, ladder.rates, strict=True)
        ]
        if ladder.cap is not None:
            cap[m] = float(ladder.cap)
    return floor, rate, cum, allowed, cap
