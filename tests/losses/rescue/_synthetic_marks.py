"""The exact marks of a synthetic account as `Prices`, and its rows as exports that hide nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

import numpy as np
from _rescue_exports import FILES

from liquest.clock import Window
from liquest.findings import Input
from liquest.losses.entries import Exports, Movement, Order, PositionRow, Ref, Trade, Transaction
from liquest.losses.synthetic.prices import Paths
from liquest.losses.synthetic.truth import Truth
from liquest.replay.scenario import Scenario
from liquest.tape.tracks import Floats

Row = TypeVar("Row", Order, Trade, Transaction, PositionRow, Movement)


class PathPrices:
    """Marks only."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths

    @property
    def window(self) -> Window:
        return self.paths.window

    def symbols(self) -> tuple[str, ...]:
        return tuple(sorted(self.paths.marks))

    def mark(self, symbol: str, ts: int) -> Decimal | None:
        return self.paths.mark(symbol, ts) if self.window.start <= ts < self.window.end else None

    def mark_path(self, symbol: str) -> Floats:
        return self.paths.marks[symbol].astype(np.float64) / 1e8

    def extreme(self, symbol: str, ts: int) -> tuple[Decimal, Decimal] | None:
        del symbol, ts
        return None

    def last(self, symbol: str, ts: int) -> Decimal | None:
        del symbol, ts
        return None

    index = others = others_usd = last

    def under(self, symbol: str, ts: int, scenario: Scenario) -> Decimal | None:
        del symbol, ts, scenario
        return None

    def caveats(self, symbol: str) -> tuple[str, ...]:
        del symbol
        return ()

    def inputs(self, symbol: str) -> tuple[Input, ...]:
        del symbol
        return (Input("f" * 64, 1, self.paths.seconds),)


def exports_of(truth: Truth) -> Exports:
    """Every row of it, in a file of its kind."""

    def placed(rows: Sequence[Row], file: int) -> list[Row]:
        return [row._replace(ref=Ref(file, n)) for n, row in enumerate(rows, 2)]

    return Exports(
        truth.account, "binance", "", (*FILES, FILES[0]), placed(truth.transactions, 2),
        placed(truth.trades, 1), placed(truth.orders, 0), placed(truth.positions, 4),
        placed(truth.movements, 3), (),
    )  # fmt: skip
