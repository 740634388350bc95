"""The rows of a synthetic account as exports that hide nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from _forced_exports import FILES

from liquest.losses.entries import Exports, Order, PositionRow, Ref, Trade, Transaction
from liquest.losses.synthetic.truth import Truth

Row = TypeVar("Row", Order, Trade, Transaction, PositionRow)


def exports_of(truth: Truth, *, orders: bool = True) -> Exports:
    """Every row in a file of its kind; without the orders if so asked."""

    def placed(rows: Sequence[Row], file: int) -> list[Row]:
        return [row._replace(ref=Ref(file, n)) for n, row in enumerate(rows, 2)]

    whole = Exports(
        truth.account, "binance", "", FILES, placed(truth.transactions, 2),
        placed(truth.trades, 1), placed(truth.orders, 0), placed(truth.positions, 3), (), (),
    )  # fmt: skip
    return whole if orders else replace(whole, orders=[])
