"""Exports of one account written by hand, row by row, and prices by second, for the tests of
forced orders. Times are seconds after T0; a trade writes its fee and profit as a venue does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

from liquest.clock import SECOND, Window, parse_time
from liquest.findings import Input
from liquest.losses.entries import (
    BOTH,
    USDM,
    Exports,
    File,
    ForcedSale,
    Order,
    PositionRow,
    Ref,
    Trade,
    Transaction,
)
from liquest.losses.forced.forced_record import ForcedRecord, forced_record
from liquest.losses.forced.nearby import Nearby
from liquest.losses.ledger.ledger import Ledger
from liquest.losses.ledger.reconstruct import reconstruct
from liquest.problems import Problem
from liquest.replay.scenario import Scenario
from liquest.tape.tracks import Floats, seconds_of

T0 = parse_time("2025-10-10T21:18:53Z")
D = Decimal
FILES = tuple(
    File(f"{kind}.csv", digit * 64, USDM, kind, "binance", "", "UTC", "header", 0, 0)
    for kind, digit in (("orders", "a"), ("trades", "b"), ("transactions", "c"),
                        ("positions", "d"), ("margin-liquidations", "e"))
)  # fmt: skip
EIGHT = Decimal("1e-8")


def at(second: float) -> int:
    return T0 + round(second * SECOND)


def ds(*values: int | str | Decimal | None) -> tuple[Decimal | None, ...]:
    """Decimals of what is written."""
    return tuple(None if value is None else D(value) for value in values)


@dataclass
class Told:
    """Rows in the order in which they are told."""

    orders: list[Order] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    positions: list[PositionRow] = field(default_factory=list)
    sales: list[ForcedSale] = field(default_factory=list)

    def row(
        self, second: float, kind: str, amount: str | Decimal, symbol: str = "",
        asset: str = "USDT", market: str = USDM,
    ) -> None:  # fmt: skip
        ref = Ref(2, len(self.transactions) + 2)
        number = str(len(self.transactions))
        made = Transaction(at(second), market, kind, D(amount), asset, symbol, number, ref)
        self.transactions.append(made)

    def trade(
        self, second: float, symbol: str, side: int, price: str, quantity: str,
        order_id: str, *, realised: str | Decimal = "0", fee: str = "0", place: str = BOTH,
        market: str = USDM, asset: str = "USDT", written: bool = True,
    ) -> None:  # fmt: skip
        """A fill; `written` also writes its COMMISSION and REALIZED_PNL."""
        profit = D(realised).quantize(EIGHT, ROUND_HALF_EVEN)
        ref = Ref(1, len(self.trades) + 2)
        self.trades.append(
            Trade(at(second), market, symbol, side, place, D(price), D(quantity), None, D(fee),
                  asset, profit, False, str(len(self.trades)), order_id, ref)
        )  # fmt: skip
        if written and D(fee):
            self.row(second, "COMMISSION", -D(fee), symbol, asset, market)
        if written and profit:
            self.row(second, "REALIZED_PNL", profit, symbol, asset, market)

    def order(
        self, second: float, symbol: str, side: int, quantity: str, *, order_id: str,
        limit: str | None = None, executed: str = "0", average: str | None = None,
        status: str = "EXPIRED", client_id: str | None = None, ended: float | None = None,
        place: str = BOTH, market: str = USDM,
    ) -> None:  # fmt: skip
        """An order; without a client id it is a forced one, sent 250 ms into its second."""
        ms = (at(second) + SECOND // 4) // 1000
        stamped = at(second)
        self.orders.append(
            Order(stamped, stamped if ended is None else at(ended), market, symbol, order_id,
                  f"autoclose-{ms}000020" if client_id is None else client_id, "LIMIT", side,
                  place, None if limit is None else D(limit),
                  None if average is None else D(average), D(quantity), D(executed), None, None,
                  status, "IOC", True, Ref(0, len(self.orders) + 2))
        )  # fmt: skip

    @property
    def exports(self) -> Exports:
        return Exports(
            "A1", "binance", "", FILES,
            sorted(self.transactions, key=lambda t: t.ts), sorted(self.trades, key=lambda t: t.ts),
            sorted(self.orders, key=lambda o: o.ts), self.positions, (), self.sales,
        )  # fmt: skip

    def ledger(self) -> Ledger:
        return reconstruct(self.exports)[0]

    def record(
        self, prices: Fake | None = None, nearby: Nearby | None = None
    ) -> tuple[ForcedRecord, list[Problem]]:
        exports = self.exports
        ledger, _ = reconstruct(exports)
        return forced_record(exports, ledger, prices, nearby or Nearby())


@dataclass
class Fake:
    """Prices by (reference, symbol): one for all seconds, or by second after T0."""

    known: Mapping[tuple[str, str], str | Mapping[int, str]]
    notes: tuple[str, ...] = ()

    @property
    def window(self) -> Window:
        return Window("w", T0, at(600))

    def symbols(self) -> tuple[str, ...]:
        return tuple(sorted({symbol for _, symbol in self.known}))

    def _of(self, name: str, symbol: str, ts: int) -> Decimal | None:
        assert ts % SECOND == 0
        held = self.known.get((name, symbol))
        text = held if isinstance(held, str) or held is None else held.get((ts - T0) // SECOND)
        return None if text is None else D(text)

    def mark(self, symbol: str, ts: int) -> Decimal | None:
        return self._of("mark", symbol, ts)

    def mark_path(self, symbol: str) -> Floats:
        marks = [self.mark(symbol, int(ts)) for ts in seconds_of(self.window)]
        return np.array([np.nan if m is None else float(m) for m in marks])

    def extreme(self, symbol: str, ts: int) -> tuple[Decimal, Decimal] | None:
        del symbol, ts
        return None

    def last(self, symbol: str, ts: int) -> Decimal | None:
        return self._of("last", symbol, ts)

    def index(self, symbol: str, ts: int) -> Decimal | None:
        return self._of("index", symbol, ts)

    def others(self, symbol: str, ts: int) -> Decimal | None:
        return self._of("others", symbol, ts)

    def others_usd(self, symbol: str, ts: int) -> Decimal | None:
        return self._of("others-usd", symbol, ts)

    def under(self, symbol: str, ts: int, scenario: Scenario) -> Decimal | None:
        del symbol, ts, scenario
        return None

    def caveats(self, symbol: str) -> tuple[str, ...]:
        del symbol
        return self.notes

    def inputs(self, symbol: str) -> tuple[Input, ...]:
        del symbol
        return (Input("f" * 64, 1, 9),)


def twelve() -> Told:
    """A long of 100 ATOMUSDT at 4.2; eleven orders expire in one second, the twelfth takes all
    of it at its limit 3.15 a minute later; the fund pays what is missing."""
    told = Told()
    told.row(-3600, "TRANSFER", "100")
    told.trade(-1800, "ATOMUSDT", 1, "4.2", "100", "1", fee="0.168")
    for number in range(11):
        told.order(0, "ATOMUSDT", -1, "100", order_id=f"f{number}", limit="3.5")
    told.order(60, "ATOMUSDT", -1, "100", order_id="f11", limit="3.15", executed="100",
               average="3.15", status="FILLED")  # fmt: skip
    told.trade(60, "ATOMUSDT", -1, "3.15", "100", "f11", realised="-105", fee="0.126")
    # 100 − 0.168 − 105 − 0.126 = −5.294
    told.row(60, "INSURANCE_CLEAR", "5.294")
    return told
