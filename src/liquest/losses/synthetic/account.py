"""The plain accounting of one synthetic account: every change of a wallet and of a position.

    balance after a row = balance before + amount            (one row a change, ids rise)
    realised = size · (x − x_entry) of what a trade closes, 8 decimals, half-even
    x_entry  = average over what was opened, in the coordinate x (price, or one over it)

A closing trade leaves the average as it is; one that goes through zero closes the old position
and opens the rest at its own price. All steps run at the digits of `rules.exact`; before
money is rounded to 8 decimals it is rounded to 40, so that a tie is a tie although a quotient
was cut at 80 digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import NamedTuple
from zlib import crc32

from ...rules.exact import ZERO
from ..entries import BOTH, Movement, Order, PositionRow, Ref, Trade, Transaction
from .contracts import Contract

GRAIN = Decimal("1E-8")
_GUARD = Decimal("1E-40")
_WIDE = Context(prec=120)
NOWHERE = Ref(-1, 0)
"""Where an entry stands that is in no file yet."""

Key = tuple[str, str]
"""Symbol and place of a position."""
Purse = tuple[str, str]
"""Market and asset of a wallet."""


def money(value: Decimal) -> Decimal:
    """To 8 decimals, half-even."""
    guarded = value.quantize(_GUARD, ROUND_HALF_EVEN, _WIDE)
    return guarded.quantize(GRAIN, ROUND_HALF_EVEN, _WIDE)


class Balance(NamedTuple):
    """A wallet after a row: `row` is its place among the transactions."""

    ts: int
    amount: Decimal
    row: int


class Held(NamedTuple):
    """A position after a trade: `quantity` signed, 0 when it is closed; `entry` a price; `margin`
    of an isolated position; `row` the place of the trade, −1 for margin that was added."""

    ts: int
    quantity: Decimal
    entry: Decimal
    margin: Decimal
    isolated: bool
    row: int


@dataclass
class Holding:
    """An open position. `x` is the average entry as a coordinate."""

    contract: Contract
    place: str
    isolated: bool
    quantity: Decimal
    x: Decimal
    margin: Decimal
    opened: int
    most: Decimal
    closed: Decimal = ZERO
    gained: Decimal = ZERO
    received: Decimal = ZERO
    """Σ price · quantity of what was closed."""

    @property
    def side(self) -> int:
        return 1 if self.quantity > 0 else -1

    @property
    def entry(self) -> Decimal:
        """The average entry as a price."""
        return self.contract.coordinate(self.x)

    def profit(self, mark: Decimal) -> Decimal:
        """Unrealised, in the settle asset."""
        one = self.contract
        return one.profit(self.quantity, self.x, one.coordinate(mark))

    def row(self, closed_at: int | None) -> PositionRow:
        """As the position history shows it."""
        average = money(self.received / self.closed) if self.closed else None
        status = "Closed" if closed_at is not None else "Partially Closed" if average else "Open"
        return PositionRow(
            self.contract.market, self.contract.symbol, "isolated" if self.isolated else "cross",
            self.place, self.side, money(self.entry), average, self.most, self.closed,
            self.gained, self.opened, closed_at, status, NOWHERE,
        )  # fmt: skip


class Fill(NamedTuple):
    """What a trade is asked to be; `fee` in `fee_asset`."""

    ts: int
    side: int
    place: str
    price: Decimal
    quantity: Decimal
    maker: bool
    order_id: str
    fee: Decimal
    fee_asset: str


@dataclass
class Account:
    """Wallets, positions and all rows so far. `isolated` are the symbols held so, `leverage`
    what an isolated position's margin is set by."""

    isolated: frozenset[str]
    leverage: Decimal
    first_id: int
    ids: dict[str, int] = field(default_factory=dict)
    wallets: dict[Purse, Decimal] = field(default_factory=dict)
    holdings: dict[Key, Holding] = field(default_factory=dict)
    transactions: list[Transaction] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    closed: list[PositionRow] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    balances: dict[Purse, list[Balance]] = field(default_factory=dict)
    held: dict[Key, list[Held]] = field(default_factory=dict)

    def new_id(self, series: str = "") -> str:
        """Ids rise within a series: one of transactions, one of the trades and orders of each
        contract, as the venue counts them."""
        last = self.ids.get(series, self.first_id + crc32(series.encode()) % 10**9) + 1
        self.ids[series] = last
        return str(last)

    def change(
        self, ts: int, market: str, kind: str, amount: Decimal, asset: str, symbol: str = ""
    ) -> None:
        """One row of the transaction history."""
        purse = (market, asset)
        after = self.wallets.get(purse, ZERO) + amount
        self.wallets[purse] = after
        row = len(self.transactions)
        self.transactions.append(
            Transaction(ts, market, kind, amount, asset, symbol, self.new_id(), NOWHERE)
        )
        self.balances.setdefault(purse, []).append(Balance(ts, after, row))

    def trade(self, one: Contract, fill: Fill) -> Decimal:
        """One fill with its commission and, when it closes, its profit, which is returned."""
        key = (one.symbol, fill.place)
        holding = self.holdings.get(key)
        closing = ZERO
        if holding is not None and holding.side != fill.side:
            closing = min(fill.quantity, abs(holding.quantity))
        realised = ZERO
        if holding is not None and closing:
            realised = self._close(holding, fill, closing)
        if left := fill.quantity - closing:
            self._open(one, fill, left)
        row = len(self.trades)
        self.trades.append(
            Trade(
                fill.ts, one.market, one.symbol, fill.side, fill.place, fill.price, fill.quantity,
                None if one.inverse else fill.quantity * fill.price,
                fill.fee, fill.fee_asset, realised, fill.maker, self.new_id(one.symbol),
                fill.order_id, NOWHERE,
            )
        )  # fmt: skip
        if closing:
            self.change(fill.ts, one.market, "REALIZED_PNL", realised, one.settle, one.symbol)
        self.change(fill.ts, one.market, "COMMISSION", -fill.fee, fill.fee_asset, one.symbol)
        now = self.holdings.get(key)
        self._note(key, fill.ts, now, row)
        return realised

    def _close(self, holding: Holding, fill: Fill, closing: Decimal) -> Decimal:
        one = holding.contract
        part = holding.side * closing
        realised = money(one.profit(part, holding.x, one.coordinate(fill.price)))
        left = holding.quantity - part
        holding.margin = money(holding.margin * left / holding.quantity)
        holding.quantity = left if left else holding.quantity
        holding.closed += closing
        holding.gained += realised
        holding.received += fill.price * closing
        if not left:
            self.closed.append(holding.row(fill.ts))
            del self.holdings[(one.symbol, holding.place)]
        return realised

    def _open(self, one: Contract, fill: Fill, quantity: Decimal) -> None:
        key = (one.symbol, fill.place)
        signed, x = fill.side * quantity, one.coordinate(fill.price)
        isolated = one.symbol in self.isolated
        margin = money(one.notional(quantity, fill.price) / self.leverage) if isolated else ZERO
        holding = self.holdings.get(key)
        if holding is None:
            self.holdings[key] = Holding(
                one, fill.place, isolated, signed, x, margin, fill.ts, quantity
            )
            return
        total = holding.quantity + signed
        holding.x = (holding.x * holding.quantity + x * signed) / total
        holding.quantity = total
        holding.margin += margin
        holding.most = max(holding.most, abs(total))

    def add_margin(self, ts: int, key: Key, amount: Decimal) -> None:
        """Changes the margin of an isolated position within its wallet; no export shows it."""
        holding = self.holdings[key]
        holding.margin += amount
        self._note(key, ts, holding, -1)

    def _note(self, key: Key, ts: int, now: Holding | None, row: int) -> None:
        state = (
            Held(ts, now.quantity, now.entry, now.margin, now.isolated, row)
            if now is not None
            else Held(ts, ZERO, ZERO, ZERO, False, row)
        )
        self.held.setdefault(key, []).append(state)

    def set_aside(self, purse: Purse) -> Decimal:
        """Margin of isolated positions in a wallet."""
        return sum(
            (
                h.margin
                for h in self.holdings.values()
                if h.isolated and (h.contract.market, h.contract.settle) == purse
            ),
            ZERO,
        )

    def open_rows(self) -> Iterable[PositionRow]:
        """Positions still open, as the history shows them."""
        return [h.row(None) for h in self.holdings.values()]


def place_of(hedge: bool, side: int) -> str:
    """Where a position of a side stands."""
    if not hedge:
        return BOTH
    return "L" if side > 0 else "S"
