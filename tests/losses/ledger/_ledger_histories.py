"""Small random histories of an account with the truth beside them, in fractions.

Everything here is the slow and obvious way: an average price is a fraction, a profit is rounded
once, a wallet is a running sum. It shares no arithmetic with the ledger.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from liquest.clock import SECOND
from liquest.losses.entries import (
    COINM,
    USDM,
    Exports,
    File,
    Movement,
    Order,
    PositionRow,
    Ref,
    Trade,
    Transaction,
)

T0 = 1_760_000_000 * SECOND
NAMES = ("transactions.csv", "trades.csv", "positions.csv", "orders.csv", "transfers.csv")
KINDS = ("transactions", "trades", "positions", "orders", "transfers")
SYMBOLS = {USDM: ("ATOMUSDT", "BTCUSDT"), COINM: ("ATOMUSD_PERP", "BTCUSD_PERP")}
SIZE = {"ATOMUSDT": 1, "BTCUSDT": 1, "ATOMUSD_PERP": 10, "BTCUSD_PERP": 100}
SETTLE = {"ATOMUSDT": "USDT", "BTCUSDT": "USDT", "ATOMUSD_PERP": "ATOM", "BTCUSD_PERP": "BTC"}


def files(names: tuple[str, ...] = NAMES, market: str = USDM) -> tuple[File, ...]:
    return tuple(
        File(name, f"{i:064x}", market, kind, "binance", "", "UTC", "header", 0, 0)
        for i, (name, kind) in enumerate(zip(names, KINDS, strict=True))
    )


def decimal(value: Fraction, places: int) -> Decimal:
    """Half-even, from the fraction itself."""
    scaled = value * 10**places
    whole = round(scaled)  # Python rounds fractions half-even.
    return Decimal(whole).scaleb(-places)


def average(value: Fraction, digits: int = 10) -> Decimal:
    return decimal(value, digits)


def quotient(value: Fraction) -> Decimal:
    """A fraction that a decimal can hold."""
    return Decimal(value.numerator) / Decimal(value.denominator)


@dataclass
class Place:
    """A position as a fraction: signed quantity and average x."""

    quantity: Fraction = Fraction(0)
    x: Fraction = Fraction(0)
    opened: int = 0
    most: Fraction = Fraction(0)
    closed: Fraction = Fraction(0)
    sold: Fraction = Fraction(0)
    pnl: Decimal = Decimal(0)
    states: list[tuple[int, Fraction, Fraction]] = field(default_factory=list)


class Account:
    """An account that trades at random. `settled` closes all at the end; then every position
    has its row."""

    def __init__(
        self, seed: int, *, market: str = USDM, hedge: bool = False, rows: int = 40,
        start: str = "1000", settled: bool = True,
    ) -> None:  # fmt: skip
        self.dice = random.Random(seed)
        self.market, self.hedge = market, hedge
        self.ts = T0
        self.transactions: list[Transaction] = []
        self.trades: list[Trade] = []
        self.positions: list[PositionRow] = []
        self.orders: list[Order] = []
        self.movements: list[Movement] = []
        self.places: dict[tuple[str, str], Place] = {}
        self.opening = Decimal(start)
        self.wallets: dict[str, Decimal] = {}
        for _ in range(rows):
            self.step()
        if settled:
            self.close_all()

    def step(self) -> None:
        self.ts += self.dice.choice((0, 1, 7, 60, 600)) * SECOND
        what = self.dice.random()
        if what < 0.8:
            self.trade_somewhere()
        elif what < 0.9:
            self.pay_funding()
        else:
            self.transfer(Decimal(self.dice.randint(1, 500)))

    def price(self, symbol: str) -> Decimal:
        if symbol.startswith("BTC"):
            return Decimal(self.dice.randint(1_000_000, 1_200_000)).scaleb(-1)
        return Decimal(self.dice.randint(2_000, 4_500)).scaleb(-3)

    def trade_somewhere(self) -> None:
        symbol = self.dice.choice(SYMBOLS[self.market])
        place = self.dice.choice("LS") if self.hedge else "B"
        now = self.places.setdefault((symbol, place), Place()).quantity
        side = self.dice.choice((1, -1))
        quantity = Decimal(self.dice.randint(1, 30))
        if self.market == USDM:
            quantity = quantity.scaleb(-1 if symbol.startswith("ATOM") else -3)
        if self.hedge and (side > 0) != (place == "L"):
            quantity = min(quantity, abs(quotient(now)))
        if now and self.dice.random() < 0.15:
            side = -1 if now > 0 else 1
            quantity = abs(quotient(now))
        if quantity:
            self.trade(symbol, place, side, quantity, self.price(symbol))

    def trade(
        self, symbol: str, place: str, side: int, quantity: Decimal, price: Decimal
    ) -> Decimal:
        """One fill with its transactions; the profit as stated."""
        inverse = self.market == COINM
        own = self.places.setdefault((symbol, place), Place())
        x = 1 / Fraction(price) if inverse else Fraction(price)
        left = Fraction(quantity)
        realised = Decimal(0)
        if own.quantity and (own.quantity > 0) != (side > 0):
            closed = min(left, abs(own.quantity))
            sign = 1 if own.quantity > 0 else -1
            gain = sign * closed * SIZE[symbol] * ((own.x - x) if inverse else (x - own.x))
            realised = decimal(gain, 8)
            own.closed += closed
            own.sold += closed * x
            own.pnl += realised
            own.quantity -= sign * closed
            left -= closed
            if not own.quantity:
                self.row(symbol, place, own, sign, self.ts)
        if left:
            held = abs(own.quantity)
            if not held:
                own.opened, own.most = self.ts, Fraction(0)
                own.closed = own.sold = Fraction(0)
                own.pnl = Decimal(0)
            own.x = (held * own.x + left * x) / (held + left)
            own.quantity += side * left
            own.most = max(own.most, abs(own.quantity))
        own.states.append((self.ts, own.quantity, own.x))
        fee = decimal(Fraction(quantity) * SIZE[symbol] * x * Fraction(5, 10_000), 8)
        settle = SETTLE[symbol]
        number = len(self.trades)
        self.trades.append(
            Trade(self.ts, self.market, symbol, side, place, price, quantity,
                  None if inverse else price * quantity, fee, settle, realised, False,
                  f"t{number}", f"o{number}", Ref(1, number + 2))
        )  # fmt: skip
        if realised:
            self.change("REALIZED_PNL", realised, settle, symbol)
        if fee:
            self.change("COMMISSION", -fee, settle, symbol)
        return realised

    def row(self, symbol: str, place: str, own: Place, side: int, closed: int | None) -> None:
        """What the position history shows of a position that ended."""
        inverse = self.market == COINM
        entry = 1 / own.x if inverse else own.x
        sold = own.closed / own.sold if inverse else own.sold / own.closed
        most, total = (
            Decimal(q.numerator) / Decimal(q.denominator) for q in (own.most, own.closed)
        )
        self.positions.append(
            PositionRow(self.market, symbol, "cross", place, side, average(entry), average(sold),
                        most, total, own.pnl, own.opened, closed, "Closed",
                        Ref(2, len(self.positions) + 2))
        )  # fmt: skip

    def change(self, kind: str, amount: Decimal, asset: str, symbol: str = "") -> None:
        number = len(self.transactions)
        self.transactions.append(
            Transaction(self.ts, self.market, kind, amount, asset, symbol, f"x{number}",
                        Ref(0, number + 2))
        )  # fmt: skip
        self.wallets[asset] = self.wallets.get(asset, self.opening) + amount

    def pay_funding(self) -> None:
        held = [k for k, p in self.places.items() if p.quantity]
        if held:
            symbol, _ = self.dice.choice(sorted(held))
            amount = Decimal(self.dice.randint(-10_000, 10_000)).scaleb(-8)
            self.change("FUNDING_FEE", amount, SETTLE[symbol], symbol)

    def transfer(self, amount: Decimal) -> None:
        asset = SETTLE[self.dice.choice(SYMBOLS[self.market])]
        self.change("TRANSFER", amount, asset)
        self.movements.append(
            Movement(self.ts, self.ts, asset, amount, "spot", self.market, "done",
                     f"m{len(self.movements)}", Ref(4, len(self.movements) + 2))
        )  # fmt: skip

    def close_all(self) -> None:
        for (symbol, place), own in sorted(self.places.items()):
            if own.quantity:
                self.ts += 30 * SECOND
                quantity = abs(quotient(own.quantity))
                self.trade(symbol, place, -1 if own.quantity > 0 else 1, quantity,
                           self.price(symbol))  # fmt: skip

    def go_bankrupt(self) -> None:
        """Lose more than all in one trade of ATOMUSDT; the fund brings the wallet to 0."""
        self.close_all()
        self.ts += 60 * SECOND
        wallet = self.wallets.get("USDT", self.opening)
        quantity = (wallet / 2).quantize(Decimal("0.1")) + 1
        self.trade("ATOMUSDT", "L" if self.hedge else "B", 1, quantity, Decimal("4"))
        self.ts += 60 * SECOND
        self.trade("ATOMUSDT", "L" if self.hedge else "B", -1, quantity, Decimal("1"))
        self.ts += SECOND
        self.change("INSURANCE_CLEAR", -self.wallets["USDT"], "USDT")

    def exports(self, cut: int = 0) -> Exports:
        """What is exported from `cut` on."""
        return Exports(
            "account", "binance", "", files(market=self.market),
            tuple(t for t in self.transactions if t.ts >= cut),
            tuple(t for t in self.trades if t.ts >= cut),
            tuple(self.orders),
            tuple(p for p in self.positions if p.closed_at is None or p.closed_at >= cut),
            tuple(m for m in self.movements if m.ts >= cut), (),
        )  # fmt: skip

    def held(self, symbol: str, place: str, ts: int) -> tuple[Fraction, Fraction]:
        """Quantity and average x after everything ≤ ts."""
        state = (0, Fraction(0), Fraction(0))
        for one in self.places[symbol, place].states:
            if one[0] <= ts:
                state = one
        return state[1], state[2]
