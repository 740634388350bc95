"""Rows by hand for the ledger's vectors: a few words make a trade or a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from _ledger_histories import T0, files

from liquest.clock import SECOND
from liquest.losses.entries import (
    COINM,
    USDM,
    Exports,
    Movement,
    Order,
    PositionRow,
    Ref,
    Trade,
    Transaction,
)
from liquest.problems import Problem

D = Decimal


def at(second: int) -> int:
    return T0 + second * SECOND


def tx(
    second: int, kind: str, amount: str, symbol: str = "", asset: str = "USDT", market: str = USDM
) -> Transaction:
    return Transaction(at(second), market, kind, D(amount), asset, symbol, "", Ref(0, 0))


def fill(
    second: int, side: int, quantity: str, price: str, realised: str = "0", *,
    symbol: str = "ATOMUSDT", place: str = "B", fee: str = "0", market: str = USDM,
    asset: str = "USDT", order: str = "",
) -> Trade:  # fmt: skip
    return Trade(
        at(second), market, symbol, side, place, D(price), D(quantity), None, D(fee), asset,
        D(realised), False, "", order, Ref(1, 0),
    )  # fmt: skip


def coin(second: int, side: int, quantity: str, price: str, realised: str = "0") -> Trade:
    return fill(second, side, quantity, price, realised, symbol="ATOMUSD_PERP", market=COINM,
                asset="ATOM")  # fmt: skip


def row(
    side: int, entry: str, close: str | None, most: str, closed: str, pnl: str,
    opened: int, ended: int | None, *, symbol: str = "ATOMUSDT", place: str = "B",
    market: str = USDM, mode: str = "cross",
) -> PositionRow:  # fmt: skip
    return PositionRow(
        market, symbol, mode, place, side, D(entry), None if close is None else D(close), D(most),
        D(closed), D(pnl), at(opened), None if ended is None else at(ended),
        "Open" if ended is None else "Closed", Ref(2, 0),
    )  # fmt: skip


def forced(second: int, side: int, quantity: str, price: str, order: str) -> Order:
    return Order(
        at(second), at(second), USDM, "ATOMUSDT", order, f"autoclose-{at(second) // 1000}", "LIMIT",
        side, "B", D(price), D(price), D(quantity), D(quantity), None, None, "FILLED", "IOC", None,
        Ref(3, 2),
    )  # fmt: skip


def move(second: int, source: str, target: str, amount: str) -> Movement:
    return Movement(
        at(second), at(second), "USDT", D(amount), source, target, "done", "", Ref(4, 0)
    )


def exports(
    transactions: Sequence[Transaction] = (),
    trades: Sequence[Trade] = (),
    positions: Sequence[PositionRow] = (),
    orders: Sequence[Order] = (),
    movements: Sequence[Movement] = (),
) -> Exports:
    """The rows numbered as lines of their files, from 2."""
    return Exports(
        "account", "binance", "", files(),
        tuple(t._replace(ref=Ref(0, i)) for i, t in enumerate(transactions, start=2)),
        tuple(t._replace(ref=Ref(1, i)) for i, t in enumerate(trades, start=2)),
        tuple(orders),
        tuple(p._replace(ref=Ref(2, i)) for i, p in enumerate(positions, start=2)),
        tuple(m._replace(ref=Ref(4, i)) for i, m in enumerate(movements, start=2)),
        (),
    )  # fmt: skip


def of(problems: Sequence[Problem], code: str) -> list[Problem]:
    return [p for p in problems if p.code == code]


def codes(problems: Sequence[Problem]) -> set[str]:
    return {p.code for p in problems}


def plain(value: object) -> object:
    """What is expected, with whole numbers for decimals: equal, and of another type to mypy."""
    return value
