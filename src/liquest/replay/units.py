"""Prices of markets by the second, and margin units, as arrays.

A margin unit is what is liquidated as one: a cross wallet of one settle currency with all its
legs, or one isolated leg. With x = price of a linear and 1/price of an inverse contract all is
linear in x:

    pnl = size·(x − entry)        notional = |size|·x         (in settle currency)
    size = +q linear long, −q linear short; −USD inverse long, +USD inverse short
    equity = wallet + Σ pnl       maintenance = Σ tiers(notional)
    liquidated when equity < trigger · maintenance

Collateral is a leg in a market without tiers, entered at 0, its size balance · rate (the
balance alone where it is a debt). Source of the formulas: Binance, "How to Calculate
Liquidation Price" for USDⓈ-M and for COIN-M contracts; the trigger of 1.05 is its uniMMR of
105 %. Invariant: arrays that do not fit together cannot be built, and none can be changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError, Text
from ..rules.ladder import Tiers
from ..tape.tracks import Floats, Ints

Bools = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int32]

_CLOSE = 1e-9
"""How far a `cum` may lie from the recursion, relative to the floor it belongs to."""


@dataclass(frozen=True, eq=False)
class Paths:
    """M markets over S seconds.

    `x` [M, S] is the mark price as x, NaN where there is none: a unit that holds the market
    is not evaluated in such a second. `inverse` [M]. The tiers of market m are the rows
    tier_start[m] to tier_start[m+1] of `tier_floor`, `tier_rate`, `tier_cum`, in settle
    currency; a market without tiers asks for no maintenance margin. Raises InputError.
    """

    names: tuple[str, ...]
    x: Floats
    inverse: Bools
    tier_start: Ints
    tier_floor: Floats
    tier_rate: Floats
    tier_cum: Floats

    def __post_init__(self) -> None:
        _freeze(self, "x", "inverse", "tier_start", "tier_floor", "tier_rate", "tier_cum")
        count = len(self.names)
        if not count or len(set(self.names)) < count:
            raise _unfit(
                Text("there are no markets, or two of one name", "没有市场，或市场名称重复"),
                "names",
            )
        if self.x.ndim != 2 or self.x.shape[0] != count or not self.x.shape[1]:
            raise _unfit(
                Text(
                    f"prices of shape {self.x.shape} for {count} markets",
                    f"{count} 个市场的价格数组形状为 {self.x.shape}",
                ),
                "x",
            )
        if self.inverse.shape != (count,):
            raise _unfit(
                Text("one mark of inverse per market is needed", "每个市场须有一个反向标记"),
                "inverse",
            )
        for m, name in enumerate(self.names):
            if not (np.isnan(self.x[m]) | ((self.x[m] > 0) & (self.x[m] < np.inf))).all():
                raise _unfit(
                    Text("a price is not above zero", "存在不大于零的价格"),
                    f"{name}, second {_first(self.x[m])}",
                )
        self._check_tiers()

    def _check_tiers(self) -> None:
        start = self.tier_start
        rows = len(self.tier_floor)
        if not (
            start.shape == (len(self.names) + 1,)
            and start[0] == 0
            and start[-1] == rows == len(self.tier_rate) == len(self.tier_cum)
            and (np.diff(start) >= 0).all()
        ):
            raise _unfit(Text("the rows of tiers do not fit", "档位数组不匹配"), "tier_start")
        for m, name in enumerate(self.names):
            at = slice(start[m], start[m + 1])
            floor, rate, cum = self.tier_floor[at], self.tier_rate[at], self.tier_cum[at]
            if not len(floor):
                continue
            steps = np.diff(rate)
            expected = np.concatenate(([0.0], np.cumsum(floor[1:] * steps)))
            if not (
                floor[0] == 0
                and (np.diff(floor) > 0).all()
                and (steps >= 0).all()
                and rate[0] >= 0
                and rate[-1] <= 1
                and (np.abs(cum - expected) <= _CLOSE * (1 + floor)).all()
            ):
                raise _unfit(
                    Text("the tiers are no convex ladder from 0", "档位不是从 0 起的凸阶梯"), name
                )

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        prices: Floats,
        inverse: Sequence[bool] | Bools,
        tiers: Sequence[Tiers | None],
    ) -> Paths:
        """From mark prices [M, S] and one ladder of tiers per market, None for none."""
        turned = np.asarray(inverse, dtype=np.bool_)
        x = np.asarray(prices, dtype=np.float64)
        if x.ndim == 2 and turned.shape == x.shape[:1] and turned.any():
            x = x.copy()
            with np.errstate(divide="ignore"):
                x[turned] = 1.0 / x[turned]
        if len(tiers) != len(names):
            raise _unfit(
                Text("one ladder of tiers per market is needed", "每个市场须有一份档位"), "tiers"
            )
        ladders: list[tuple[Any, Any, Any]] = [
            ((), (), ()) if one is None else (one.floors, one.rates, one.cums) for one in tiers
        ]
        start = np.cumsum([0] + [len(floors) for floors, _, _ in ladders])
        floor, rate, cum = (
            np.array([float(v) for ladder in ladders for v in ladder[k]], dtype=np.float64)
            for k in range(3)
        )
        return cls(tuple(names), x, turned, start, floor, rate, cum)

    def marked(self, x: Floats) -> Paths:
        """The same markets and tiers on other marks, given as x."""
        return Paths(
            self.names, x, self.inverse,
            self.tier_start, self.tier_floor, self.tier_rate, self.tier_cum,
        )  # fmt: skip

    @property
    def markets(self) -> int:
        return len(self.names)

    @property
    def seconds(self) -> int:
        return int(self.x.shape[1])

    def prices(self, second: int) -> Floats:
        """The mark prices [M] of a second."""
        return np.where(self.inverse, 1.0 / self.x[:, second], self.x[:, second])

    def same_rules(self, other: Paths) -> bool:
        """Whether the two differ in nothing but prices."""
        return (
            self.names == other.names
            and self.seconds == other.seconds
            and all(
                np.array_equal(getattr(self, name), getattr(other, name))
                for name in ("inverse", "tier_start", "tier_floor", "tier_rate", "tier_cum")
            )
        )


@dataclass(frozen=True, eq=False)
class Units:
    """U margin units with P legs; the legs of unit u are start[u] to start[u+1].

    `wallet` [U] in settle currency; `market` [P], `size` [P] and `entry` [P] as x; `trigger`
    [U] ≥ 1; `grace` [U] seconds by which liquidation is deferred. Raises InputError.
    """

    wallet: Floats
    start: Ints
    market: Places
    size: Floats
    entry: Floats
    trigger: Floats
    grace: Ints

    def __post_init__(self) -> None:
        _freeze(self, "wallet", "start", "market", "size", "entry", "trigger", "grace")
        units, legs = len(self.wallet), len(self.market)
        start = self.start
        if not (
            start.shape == (units + 1,)
            and start[0] == 0
            and start[-1] == legs
            and (np.diff(start) >= 0).all()
        ):
            raise _unfit(
                Text("the legs of the units do not follow on", "各单位的持仓不衔接"), "start"
            )
        for name, length in (
            ("wallet", units), ("trigger", units), ("grace", units),
            ("market", legs), ("size", legs), ("entry", legs),
        ):  # fmt: skip
            if getattr(self, name).shape != (length,):
                raise _unfit(
                    Text(f"{length} values are needed", f"应有 {length} 个值"),
                    name,
                )
        self._refuse(np.isfinite(self.wallet), "wallet", Text("is not finite", "不是有限数"))
        self._refuse(np.isfinite(self.size), "size", Text("is not finite", "不是有限数"))
        self._refuse(
            (self.entry >= 0) & (self.entry < np.inf), "entry",
            Text("is negative or not finite", "为负或不是有限数"),
        )  # fmt: skip
        self._refuse(self.market >= 0, "market", Text("is no market", "不是有效市场"))
        self._refuse(
            (self.trigger >= 1) & (self.trigger < np.inf), "trigger",
            Text("is below 1 or not finite", "小于 1 或不是有限数"),
        )  # fmt: skip
        self._refuse(self.grace >= 0, "grace", Text("is negative", "为负"))

    def _refuse(self, good: Bools, name: str, what: Text) -> None:
        if good.all():
            return
        at = int(np.argmin(good))
        per_leg = name in ("market", "size", "entry")
        unit = int(np.searchsorted(self.start, at, side="right")) - 1 if per_leg else at
        leg = f", leg {at - int(self.start[unit])}" if per_leg else ""
        value = getattr(self, name)[at]
        raise _unfit(
            Text(f"{name} {what.en}: {value}", f"{name} {what.zh}：{value}"), f"unit {unit}{leg}"
        )

    def __len__(self) -> int:
        return len(self.wallet)

    def check(self, paths: Paths) -> None:
        """Raises InputError where a leg's market is none of the paths'."""
        self._refuse(
            self.market < paths.markets, "market", Text("is no market of these", "不在市场之列")
        )

    def chunk(self, first: int, end: int) -> Units:
        """Units `first` to `end`, without a copy of the legs."""
        legs = slice(self.start[first], self.start[end])
        return Units(
            self.wallet[first:end], self.start[first : end + 1] - self.start[first],
            self.market[legs], self.size[legs], self.entry[legs],
            self.trigger[first:end], self.grace[first:end],
        )  # fmt: skip

    def take(self, which: Ints) -> Units:
        """The units of the given numbers, in that order."""
        counts = self.start[which + 1] - self.start[which]
        start = np.concatenate(([0], np.cumsum(counts)))
        legs = np.repeat(self.start[which] - start[:-1], counts) + np.arange(start[-1])
        return Units(
            self.wallet[which], start, self.market[legs], self.size[legs], self.entry[legs],
            self.trigger[which], self.grace[which],
        )  # fmt: skip

    def owners(self) -> Ints:
        """The unit of every leg [P]."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def equity(self, paths: Paths, second: int) -> Floats:
        """Wallet and unrealised profit [U] at a second, NaN where a held market has no mark."""
        x = self._marks(paths, second)
        return self.wallet + self._sums(np.where(self.size != 0, self.size * (x - self.entry), 0.0))

    def maintenance(self, paths: Paths, second: int) -> Floats:
        """Maintenance margin [U] at a second, without the trigger; NaN as for `equity`."""
        notional = np.where(self.size != 0, np.abs(self.size) * self._marks(paths, second), 0.0)
        asked = np.where(np.isnan(notional), np.nan, 0.0)
        for m in np.flatnonzero(np.diff(paths.tier_start)):
            rows = slice(paths.tier_start[m], paths.tier_start[m + 1])
            legs = np.flatnonzero(self.market == m)
            held = notional[legs]
            # Not a number sorts last, into the top tier, and stays what it is.
            tier = np.searchsorted(paths.tier_floor[rows][1:], held, side="left")
            asked[legs] = paths.tier_rate[rows][tier] * held - paths.tier_cum[rows][tier]
        return self._sums(asked)

    def _marks(self, paths: Paths, second: int) -> Floats:
        self.check(paths)
        marks: Floats = paths.x[self.market, second]
        return marks

    def _sums(self, legs: Floats) -> Floats:
        total: Floats = np.bincount(self.owners(), weights=legs, minlength=len(self)).astype(
            np.float64
        )
        return total


_TYPES = {"inverse": np.bool_, "tier_start": np.int64, "start": np.int64, "grace": np.int64,
          "market": np.int32}  # fmt: skip
"""What is not float64."""


def _freeze(held: object, *names: str) -> None:
    """Puts each array in the type and order that kernels take, as a view that cannot change."""
    for name in names:
        array: npt.NDArray[Any] = np.ascontiguousarray(
            getattr(held, name), dtype=_TYPES.get(name, np.float64)
        ).view()
        array.flags.writeable = False
        object.__setattr__(held, name, array)


def _first(row: Floats) -> int:
    """The first second whose price is neither above zero nor missing."""
    return int(np.argmax(~(np.isnan(row) | ((row > 0) & (row < np.inf)))))


def _unfit(what: Text, where: str) -> InputError:
    return InputError(
        Text(f"the arrays of the replay do not fit: {what.en}", f"重放数组不合要求：{what.zh}"),
        where=where,
        remedy=Text(
            "Check the file or the step that this row was made from.",
            "请检查生成该行的文件或步骤。",
        ),
    )
