"""One account around its liquidation, written by hand, with mark prices by the second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from liquest.clock import MINUTE, SECOND, Window, parse_time
from liquest.findings import Input
from liquest.losses.entries import (
    BOTH,
    DONE,
    SPOT,
    USDM,
    Exports,
    File,
    Movement,
    Order,
    Ref,
    Trade,
    Transaction,
)
from liquest.losses.equity.terms import Terms
from liquest.losses.forced.forced_record import forced_record
from liquest.losses.ledger.reconstruct import reconstruct
from liquest.losses.rescue.rescue_record import RescueRecord, rescue_record
from liquest.losses.rescue.units import units_at
from liquest.problems import Problem
from liquest.replay.scenario import Scenario
from liquest.rules.book import book
from liquest.rules.ladder import Tiers, flat
from liquest.tape.tracks import Floats, seconds_of

T0 = parse_time("2025-10-10T21:18:00Z")
D = Decimal
RULES = book().at(T0)
TABLE: Mapping[str, Tiers] = {s: flat(s, D("0.01")) for s in ("ATOMUSDT", "XRPUSDT")}
TERMS = Terms(RULES, TABLE)
FILES = tuple(
    File(f"{kind}.csv", digit * 64, USDM, kind, "binance", "", "UTC", "header", 0, 0)
    for kind, digit in (("orders", "a"), ("trades", "b"), ("transactions", "c"),
                        ("transfers", "d"))
)  # fmt: skip


def ds(*values: int | str | Decimal | None) -> tuple[Decimal | None, ...]:
    """Decimals of what is written."""
    return tuple(None if value is None else D(value) for value in values)


def at(second: float) -> int:
    return T0 + round(second * SECOND)


@dataclass
class Marks:
    """Mark prices by symbol, one a second from T0 on (None: none), or bars of a minute as
    (close, low, high)."""

    seconds: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    bars: Mapping[str, Sequence[tuple[str, str, str]]] = field(default_factory=dict)

    @property
    def window(self) -> Window:
        length = max((len(p) for p in self.seconds.values()), default=0)
        length = max(length, 60 * max((len(b) for b in self.bars.values()), default=0))
        return Window("marks", T0, at(length))

    def symbols(self) -> tuple[str, ...]:
        return tuple(sorted({*self.seconds, *self.bars}))

    def mark(self, symbol: str, ts: int) -> Decimal | None:
        if not self.window.start <= ts < self.window.end:
            return None
        if symbol in self.bars:
            return D(self.bars[symbol][(ts - T0) // MINUTE][0])
        path = self.seconds.get(symbol, ())
        place = (ts - T0) // SECOND
        text = path[place] if place < len(path) else None
        return None if text is None else D(text)

    def mark_path(self, symbol: str) -> Floats:
        marks = [self.mark(symbol, int(ts)) for ts in seconds_of(self.window)]
        return np.array([np.nan if m is None else float(m) for m in marks])

    def extreme(self, symbol: str, ts: int) -> tuple[Decimal, Decimal] | None:
        if symbol not in self.bars or not self.window.start <= ts < self.window.end:
            return None
        _, low, high = self.bars[symbol][(ts - T0) // MINUTE]
        return D(low), D(high)

    def last(self, symbol: str, ts: int) -> Decimal | None:
        del symbol, ts
        return None

    index = others = others_usd = last

    def under(self, symbol: str, ts: int, scenario: Scenario) -> Decimal | None:
        del symbol, ts, scenario
        return None

    def caveats(self, symbol: str) -> tuple[str, ...]:
        return ("bar-resolution",) if symbol in self.bars else ()

    def inputs(self, symbol: str) -> tuple[Input, ...]:
        del symbol
        return (Input("f" * 64, 1, 9),)


@dataclass
class Told:
    """Rows in the order in which they are told."""

    orders: list[Order] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)

    def row(
        self, second: float, kind: str, amount: str, symbol: str = "", asset: str = "USDT",
        market: str = USDM,
    ) -> None:  # fmt: skip
        ref = Ref(2, len(self.transactions) + 2)
        made = Transaction(at(second), market, kind, D(amount), asset, symbol, "", ref)
        self.transactions.append(made)

    def trade(
        self, second: float, symbol: str, side: int, price: str, quantity: str, order_id: str,
        realised: str = "0",
    ) -> None:  # fmt: skip
        ref = Ref(1, len(self.trades) + 2)
        self.trades.append(
            Trade(at(second), USDM, symbol, side, BOTH, D(price), D(quantity), None, D(0), "USDT",
                  D(realised), False, str(len(self.trades)), order_id, ref)
        )  # fmt: skip
        if D(realised):
            self.row(second, "REALIZED_PNL", realised, symbol)

    def order(
        self, second: float, symbol: str, side: int, quantity: str, order_id: str, *,
        status: str = "EXPIRED", executed: str = "0", limit: str | None = "1",
        forced: bool = False, ended: float | None = None, market: str = USDM,
    ) -> None:  # fmt: skip
        self.orders.append(
            Order(at(second), at(second if ended is None else ended), market, symbol, order_id,
                  f"autoclose-{at(second) // 1000}" if forced else f"web_{order_id}", "LIMIT",
                  side, BOTH, None if limit is None else D(limit),
                  None if executed == "0" or limit is None else D(limit), D(quantity),
                  D(executed), None, None, status, "IOC", None, Ref(0, len(self.orders) + 2))
        )  # fmt: skip

    def move(
        self, second: float, amount: str, arrived: float | None, *, asset: str = "USDT",
        source: str = SPOT, target: str = USDM, status: str = DONE,
    ) -> None:  # fmt: skip
        when = None if arrived is None else at(arrived)
        ref = Ref(3, len(self.movements) + 2)
        made = Movement(at(second), when, asset, D(amount), source, target, status, "", ref)
        self.movements.append(made)

    @property
    def exports(self) -> Exports:
        return Exports(
            "A1", "binance", "", FILES, sorted(self.transactions, key=lambda t: t.ts),
            sorted(self.trades, key=lambda t: t.ts), sorted(self.orders, key=lambda o: o.ts), (),
            sorted(self.movements, key=lambda m: m.ts), (),
        )  # fmt: skip

    def record(
        self, marks: Marks | None, *, trigger: int | None = None
    ) -> tuple[RescueRecord, list[Problem]]:
        exports = self.exports
        ledger, _ = reconstruct(exports)
        forced, _ = forced_record(exports, ledger, marks)
        return rescue_record(
            exports, ledger, marks, forced, units_at(ledger, TERMS), trigger=trigger
        )


def falling() -> Told:
    """A long of 100 ATOMUSDT at 4 with 100 USDT, liquidated at second 12.

    With a maintenance rate of 1 %: surplus = 100 + 100·(m − 4) − m = 99·m − 300."""
    told = Told()
    told.row(-7200, "TRANSFER", "100")
    told.trade(-3600, "ATOMUSDT", 1, "4", "100", "open")
    told.order(12, "ATOMUSDT", -1, "100", "f0", forced=True, limit="2.9")
    told.order(20, "ATOMUSDT", -1, "100", "f1", forced=True, limit="3", executed="100",
               status="FILLED")  # fmt: skip
    told.trade(20, "ATOMUSDT", -1, "3", "100", "f1", "-100")
    return told


def marks(*seconds: str | None) -> Marks:
    return Marks({"ATOMUSDT": seconds})


FALL = marks(*["4"] * 10, "3", "2.9", "2.8", "2.5", *["3.5"] * 16)
"""Second 10: 297 − 300 = −3. Second 13: 247.5 − 300 = −52.5. From 14 on: 346.5 − 300 = 46.5."""
