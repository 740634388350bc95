"""What is true of a synthetic account at any moment, whatever its exports show or hide.

`at ts` is the state after everything stamped ≤ ts. Rows carry no place in a file yet; their ids
and times are those that are written.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ...rules.exact import ZERO, exact
from ...rules.margin import Margin
from ..entries import Movement, Order, PositionRow, Trade, Transaction
from .account import Balance, Held, Holding, Key, Purse
from .contracts import contract
from .plan import Plan, Traits
from .prices import Paths
from .units import Unit

RECOVERED, PARTIAL, CLOSED, TAKEOVER = "recovered", "partial", "closed", "takeover"
OPEN = "open"


class Sale(NamedTuple):
    """One forced order: its place among the orders, the mark of its second, and the bankruptcy
    price of its position then, before it is put on the grid of prices."""

    order: int
    mark: Decimal
    bankruptcy: Decimal | None


@dataclass(frozen=True)
class Chain:
    """One liquidation of one unit: from the second in which it fell below its maintenance margin
    (`equity`, `maintenance` then) to its end, `ended` in the words above (OPEN: the account's
    record ends first). `key` None is the cross wallet."""

    purse: Purse
    key: Key | None
    start: int
    equity: Decimal
    maintenance: Decimal
    sales: tuple[Sale, ...]
    expired: int
    ended: str
    end: int
    cleared: Decimal


class Rescue(NamedTuple):
    """Margin sent in the crash: place among the movements, and whether it was there before the
    wallet's first liquidation (None: the wallet had none)."""

    movement: int
    in_time: bool | None


@dataclass(frozen=True)
class Truth:
    """One account. Sequences are in order of time; rows of one second in order of their ids."""

    plan: Plan
    traits: Traits
    paths: Paths
    transactions: Sequence[Transaction]
    trades: Sequence[Trade]
    orders: Sequence[Order]
    positions: Sequence[PositionRow]
    movements: Sequence[Movement]
    balances: Mapping[Purse, Sequence[Balance]]
    held: Mapping[Key, Sequence[Held]]
    chains: Sequence[Chain]
    rescues: Sequence[Rescue]

    @property
    def account(self) -> str:
        return self.plan.account

    @property
    def start(self) -> int:
        return self.paths.window.start

    @property
    def end(self) -> int:
        return self.paths.window.end

    def wallet(self, purse: Purse, ts: int) -> Decimal:
        """Balance after everything stamped ≤ ts."""
        steps = self.balances.get(purse, ())
        at = bisect_right(steps, ts, key=lambda b: b.ts)
        return steps[at - 1].amount if at else ZERO

    def position(self, key: Key, ts: int) -> Held | None:
        """The position after everything stamped ≤ ts; None where nothing is held."""
        steps = self.held.get(key, ())
        at = bisect_right(steps, ts, key=lambda h: h.ts)
        return steps[at - 1] if at and steps[at - 1].quantity else None

    def mark(self, symbol: str, ts: int) -> Decimal:
        """The mark price in force."""
        return self.paths.mark(symbol, ts)

    @exact
    def units(self, ts: int) -> list[Unit]:
        """The margin units at a moment, as `units.units_of`."""
        cross: dict[Purse, list[Holding]] = {}
        alone: list[Unit] = []
        aside: dict[Purse, Decimal] = {}
        for key in self.held:
            now = self.position(key, ts)
            if now is None:
                continue
            one = contract(key[0])
            purse = (one.market, one.settle)
            x = one.coordinate(now.entry)
            holding = Holding(
                one, key[1], now.isolated, now.quantity, x, now.margin, now.ts, abs(now.quantity)
            )
            if now.isolated:
                aside[purse] = aside.get(purse, ZERO) + now.margin
                alone.append(Unit(purse, key, now.margin, (holding,)))
            else:
                cross.setdefault(purse, []).append(holding)
        wallets = [
            Unit(p, None, self.wallet(p, ts) - aside.get(p, ZERO), tuple(held))
            for p, held in cross.items()
        ]
        return [*wallets, *alone]

    def margin(self, purse: Purse, ts: int, key: Key | None = None) -> Margin | None:
        """Equity and maintenance of a unit that holds something; None where it does not."""
        for unit in self.units(ts):
            if unit.name == (purse, key):
                return unit.margin(self.paths, ts)
        return None

    @exact
    def equity(self, purse: Purse, ts: int) -> Decimal:
        """Wallet and unrealised profit of all that settles in it, cross and isolated."""
        return self.wallet(purse, ts) + sum(
            (
                h.profit(self.mark(h.contract.symbol, ts))
                for unit in self.units(ts)
                if unit.purse == purse
                for h in unit.holdings
            ),
            ZERO,
        )
