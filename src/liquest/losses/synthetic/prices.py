"""Mark prices by the second: drawn at random with a crash, or following a given function.

A mark has 8 decimals and is kept as a whole number of 1e-8, so that what is written, what the
account is liquidated by and what a test computes are the same number.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...clock import MINUTE, SECOND, Window
from ...errors import Text, UsageError
from ...run.disk import whole
from .contracts import Contract, contract

Units = npt.NDArray[np.int64]
GRAIN = Decimal("1E-8")
_UNITS = 10**8


@dataclass(frozen=True)
class Crash:
    """From second `at` on, within `seconds`, prices move by the log of `left` (0.4: to 40 %);
    `back` of that is regained in the following `recovery` seconds."""

    at: int
    seconds: int
    left: float
    back: float
    recovery: int


@dataclass(frozen=True)
class Paths:
    """Marks of several contracts in each second from `start` (µs, a whole second) on; all of
    one length. The last mark holds for ever after, the first before. `lasts` are last trades,
    where an account must trade at them; without, it trades near the mark."""

    start: int
    marks: Mapping[str, Units]
    lasts: Mapping[str, Units] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {len(path) for path in self.marks.values()}
        if self.start % SECOND or len(lengths) != 1 or not min(lengths):
            raise UsageError(
                Text(
                    "paths start at a whole second and are all of one length",
                    "价格路径须从整秒开始且长度一致",
                )
            )

    @property
    def seconds(self) -> int:
        return len(next(iter(self.marks.values())))

    @property
    def window(self) -> Window:
        return Window("synthetic", self.start, self.start + self.seconds * SECOND)

    def second(self, ts: int) -> int:
        """The place of the second that a moment lies in."""
        return min(max((ts - self.start) // SECOND, 0), self.seconds - 1)

    def mark(self, symbol: str, ts: int) -> Decimal:
        """The mark in force in the second of `ts`."""
        return Decimal(int(self.marks[symbol][self.second(ts)])) * GRAIN

    def last(self, symbol: str, ts: int) -> Decimal | None:
        """The last trade in the second of `ts`, where trades have to be at it."""
        path = self.lasts.get(symbol)
        return None if path is None else Decimal(int(path[self.second(ts)])) * GRAIN

    @classmethod
    def drawn(
        cls, random: np.random.Generator, symbols: Sequence[str], start: int, seconds: int,
        crash: Crash,
    ) -> Paths:  # fmt: skip
        """Random walks around one common move; the coins of two contracts walk alike."""
        move = _move(seconds, crash)
        quiet = np.where(np.arange(seconds) < crash.at, 1e-4, 6e-4)
        coins: dict[str, npt.NDArray[np.float64]] = {}
        marks: dict[str, Units] = {}
        for symbol in symbols:
            one = contract(symbol)
            if one.base not in coins:
                own = np.cumsum(random.standard_normal(seconds) * quiet)
                coins[one.base] = own + move * random.uniform(0.6, 1.1)
            basis = np.cumsum(random.standard_normal(seconds)) * 2e-6
            path = float(one.first) * np.exp(coins[one.base] + basis)
            least = int(one.tick * 20 / GRAIN)
            marks[symbol] = np.maximum(np.rint(path * _UNITS).astype(np.int64), least)
        return cls(start, marks)

    @classmethod
    def following(
        cls, symbols: Iterable[str], start: int, seconds: int,
        mark: Callable[[str, int], Decimal], last: Callable[[str, int], Decimal] | None = None,
    ) -> Paths:  # fmt: skip
        """The marks (and last trades) that functions of (symbol, µs) give, to 8 decimals."""

        def path(price: Callable[[str, int], Decimal], symbol: str) -> Units:
            moments = range(start, start + seconds * SECOND, SECOND)
            return np.array([_units(price(symbol, ts), symbol) for ts in moments], dtype=np.int64)

        named = tuple(symbols)
        lasts = {} if last is None else {s: path(last, s) for s in named}
        return cls(start, {s: path(mark, s) for s in named}, lasts)


def _units(price: Decimal, symbol: str) -> int:
    units = int((price / GRAIN).to_integral_value(ROUND_HALF_EVEN))
    if units <= 0:
        raise UsageError(
            Text(
                f"the mark price {price} of {symbol} is not above zero",
                f"{symbol} 的标记价格 {price} 不大于零",
            )
        )
    return units


def _move(seconds: int, crash: Crash) -> npt.NDArray[np.float64]:
    """The common log move: level, slide, part of the way back, level."""
    bottom = float(np.log(crash.left))
    at = [0, crash.at, crash.at + crash.seconds, crash.at + crash.seconds + crash.recovery]
    move: npt.NDArray[np.float64] = np.interp(
        np.arange(seconds), at, [0.0, 0.0, bottom, bottom * (1 - crash.back)]
    )
    return move


def on_tick(one: Contract, price: Decimal, rounding: str) -> Decimal:
    """A price on the contract's grid, at least one tick."""
    ticks = (price / one.tick).to_integral_value(rounding)
    return max(ticks, Decimal(1)) * one.tick


def write_columns(path: Path, paths: Paths, symbol: str) -> None:
    """Marks as a CSV of two columns: `timestamp` (ms UTC) and `mark`, one row a second."""
    with whole(path) as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(("timestamp", "mark"))
        first = paths.start // 1000
        for k, units in enumerate(paths.marks[symbol].tolist()):
            rows.writerow((first + k * 1000, f"{Decimal(units) * GRAIN:f}"))


def write_klines(path: Path, paths: Paths, symbol: str, step: int = SECOND) -> None:
    """Marks as klines in the layout of the venue's public archive, volumes 0; with a `step` of
    a second every mark can be read back, with a minute only its close."""
    with whole(path) as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(
            ("open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume",
             "count", "taker_buy_volume", "taker_buy_quote_volume", "ignore")
        )  # fmt: skip
        units, every = paths.marks[symbol], step // SECOND
        for k in range(0, len(units), every):
            bar = units[k : k + every]
            opened = paths.start // 1000 + k * 1000
            prices = (int(bar[0]), int(bar.max()), int(bar.min()), int(bar[-1]))
            rows.writerow(
                (opened, *(f"{Decimal(p) * GRAIN:f}" for p in prices), 0,
                 opened + step // 1000 - 1, 0, len(bar), 0, 0, 0)
            )  # fmt: skip


def write_marks(
    folder: Path, paths: Paths, form: str = "columns", step: int = SECOND
) -> list[Path]:
    """One file of marks a contract, `SYMBOL-markPriceKlines.csv` or `SYMBOL-mark.csv`."""
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    for symbol in paths.marks:
        if form == "klines":
            name = "1m" if step == MINUTE else f"{step // SECOND}s"
            made.append(folder / f"{symbol}-markPriceKlines-{name}.csv")
            write_klines(made[-1], paths, symbol, step)
        else:
            made.append(folder / f"{symbol}-mark.csv")
            write_columns(made[-1], paths, symbol)
    return made
