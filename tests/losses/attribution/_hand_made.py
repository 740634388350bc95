"""A ledger and prices made by hand, with their own plain accounting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import numpy as np

from liquest.clock import SECOND, Window
from liquest.findings import Input
from liquest.losses.entries import COINM, USDM, Exports, File, Ref, Trade, Transaction
from liquest.losses.ledger.ledger import Held, Ledger, PositionPath, Step, WalletPath
from liquest.replay.scenario import Scenario
from liquest.tape.tracks import Floats

START = 1_760_130_000 * SECOND
ZERO = Decimal(0)
WHOLE = Window("hand", START, START + 10_000 * SECOND)

Given = Mapping[tuple[str, int], Decimal]


@dataclass
class Fixed:
    """Prices by (symbol, second from START); what is not given is None."""

    marks: Mapping[tuple[str, int], Decimal]
    elsewhere: Mapping[tuple[str, int], Decimal] = field(default_factory=dict)
    ruled: Mapping[tuple[str, int], Decimal] = field(default_factory=dict)
    window: Window = WHOLE

    def symbols(self) -> tuple[str, ...]:
        return tuple(sorted({s for s, _ in self.marks}))

    def _at(
        self, prices: Mapping[tuple[str, int], Decimal], symbol: str, ts: int
    ) -> Decimal | None:
        return prices.get((symbol, (ts - START) // SECOND))

    def mark(self, symbol: str, ts: int) -> Decimal | None:
        return self._at(self.marks, symbol, ts)

    def mark_path(self, symbol: str) -> Floats:
        return np.full(10_000, np.nan)

    def extreme(self, symbol: str, ts: int) -> tuple[Decimal, Decimal] | None:
        return None

    def last(self, symbol: str, ts: int) -> Decimal | None:
        return None

    def index(self, symbol: str, ts: int) -> Decimal | None:
        return None

    def others(self, symbol: str, ts: int) -> Decimal | None:
        return self._at(self.elsewhere, symbol, ts)

    def others_usd(self, symbol: str, ts: int) -> Decimal | None:
        return None

    def under(self, symbol: str, ts: int, scenario: Scenario) -> Decimal | None:
        return self._at(self.ruled, symbol, ts)

    def caveats(self, symbol: str) -> tuple[str, ...]:
        return ()

    def inputs(self, symbol: str) -> tuple[Input, ...]:
        return ()


@dataclass
class Book:
    """One wallet with the positions of one symbol, written down as a venue does."""

    symbol: str
    inverse: bool = False
    size: Decimal = Decimal(1)
    place: str = "B"
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    trades: list[Trade] = field(default_factory=list)
    rows: list[Transaction] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    @property
    def market(self) -> str:
        return COINM if self.inverse else USDM

    @property
    def asset(self) -> str:
        return self.symbol.split("USD")[0] if self.inverse else "USDT"

    def row(self, second: int, kind: str, amount: str | Decimal) -> None:
        """One change of the wallet."""
        place = len(self.rows)
        self.rows.append(
            Transaction(START + second * SECOND, self.market, kind, Decimal(amount), self.asset,
                        self.symbol, str(place), Ref(0, place + 2))
        )  # fmt: skip

    def trade(
        self, second: int, change: str | Decimal, price: str | Decimal, order: str = ""
    ) -> None:
        """A fill of a signed quantity; profit is put into the wallet, rounded by the venue."""
        change, price = Decimal(change), Decimal(price)
        with localcontext(prec=80):
            profit = ZERO
            left = change
            if self.quantity and (change > 0) != (self.quantity > 0):
                closing = change if abs(change) <= abs(self.quantity) else -self.quantity
                entry = self.entry()
                assert entry is not None
                move = 1 / entry - 1 / price if self.inverse else price - entry
                profit = -closing * (self.size if self.inverse else 1) * move
                self.cost += closing * (1 / entry if self.inverse else entry)
                self.quantity += closing
                left = change - closing
            self.quantity += left
            self.cost += left * (1 / price if self.inverse else price)
        stated = profit.quantize(Decimal("1e-8"), rounding=ROUND_HALF_EVEN)
        place = len(self.trades)
        self.trades.append(
            Trade(START + second * SECOND, self.market, self.symbol, 1 if change > 0 else -1,
                  self.place, price, abs(change), None, ZERO, self.asset, stated, False,
                  str(place), order or f"o{place}", Ref(1, place + 2))
        )  # fmt: skip
        if stated:
            self.row(second, "REALIZED_PNL", stated)
        self.held.append(
            Held(START + second * SECOND, self.market, self.symbol, self.place, self.quantity,
                 self.entry(), place)
        )  # fmt: skip

    def entry(self) -> Decimal | None:
        """The average price of what is held."""
        with localcontext(prec=80):
            if not self.quantity:
                return None
            average = self.cost / self.quantity
            return 1 / average if self.inverse else average

    def ledger(self, opening: str | Decimal = "0") -> Ledger:
        """The ledger that the reconstruction would give."""
        balance, steps = Decimal(opening), []
        for place, one in enumerate(self.rows):
            balance += one.amount
            steps.append(Step(one.ts, one.amount, balance, place))
        files = tuple(
            File(
                f"{kind}.csv", str(n) * 64, self.market, kind, "binance", "", "UTC", "header", 0, 0
            )
            for n, kind in enumerate(("transactions", "trades"))
        )
        exports = Exports(
            "synthetic-1", "binance", "", files, self.rows, self.trades, (), (), (), ()
        )
        path = PositionPath(
            self.market, self.symbol, self.place, self.inverse, self.size, None, "flat",
            tuple(self.held), "cross", self.asset,
        )  # fmt: skip
        wallet = WalletPath(self.market, self.asset, Decimal(opening), "given", tuple(steps))
        last = max([r.ts for r in self.rows] + [t.ts for t in self.trades])
        return Ledger(exports, (wallet,), (path,), (), START, last)


def at(second: int) -> int:
    """A moment in µs."""
    return START + second * SECOND
