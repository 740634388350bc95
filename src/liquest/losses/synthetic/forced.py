"""The liquidation of a margin unit, order by order, under the rules.

    trigger     equity < maintenance at mark (`rules.margin`)
    order       limit = the band around the mark, not beyond the bankruptcy price; IOC
    expired     no bid within the limit: the order goes, a new one follows
    filled      whole or in part, between mark and limit; if the unit stands after loss and fee,
                it pays the clearance fee (INSURANCE_CLEAR, below zero) and stops
    takeover    the rest is FILLED at exactly the limit = the bankruptcy price, put on the price
                grid towards the account; a wallet below zero is then cleared to 0

Bankruptcy prices: isolated from entry and margin, cross `zero-price` (`rules.bankruptcy`).
Source of the order of steps: Binance, liquidation protocols of USDⓈ-M futures. How many orders
expire, and whether the book fills one, is drawn.
"""

from __future__ import annotations

import random as chance
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

from ...clock import SECOND
from ...rules import inverse, linear
from ...rules.bankruptcy import definition
from ...rules.exact import ONE, ZERO
from ..entries import Order
from .account import NOWHERE, Account, Fill, Holding, Key, Purse, money
from .contracts import FEES, Contract
from .plan import Round
from .prices import Paths, on_tick
from .truth import CLOSED, OPEN, PARTIAL, RECOVERED, TAKEOVER, Chain, Sale
from .units import Unit, leg_of, units_of

EXPIRE, PART, FILL, TAKE = "expire", "part", "fill", "take"
Price = Decimal | None


def bankruptcies(unit: Unit, paths: Paths, ts: int) -> list[Price]:
    """One a holding, unrounded, in their order."""
    if unit.key is None:
        return list(definition().prices(unit.wallet(), unit.marks(paths, ts)))
    leg, held = leg_of(unit.holdings[0]), unit.holdings[0]
    form = inverse if held.contract.inverse else linear
    return [form.bankruptcy_price(leg.side, leg.quantity, leg.entry, unit.balance)]


def at_bankruptcy(one: Contract, side: int, price: Price) -> Decimal:
    """A bankruptcy price on the grid, towards the account: what it leaves is not below 0. Where
    there is none above 0 it is the lowest price, one tick."""
    if price is None:
        return one.tick
    return on_tick(one, price, ROUND_CEILING if side > 0 else ROUND_FLOOR)


class Liquidation:
    """One chain on its way. `step` is called at the seconds it asks for."""

    def __init__(
        self, account: Account, paths: Paths, random: chance.Random, unit: Unit, ts: int,
        script: Sequence[Round] = (),
    ) -> None:  # fmt: skip
        self.account, self.paths, self.random = account, paths, random
        self.name = unit.name
        margin = unit.margin(paths, ts)
        self.start = self.end = ts
        self.equity, self.maintenance = margin.equity, margin.maintenance
        self.sales: list[Sale] = []
        self.fee = self.cleared = self.released = ZERO
        self.expired = 0
        self.ended = OPEN
        self.script = list(script or self._drawn())

    def _drawn(self) -> list[Round]:
        """What the book does with each round of orders; the last one is the takeover."""
        draw, some = self.random.random(), self.random.randint
        if draw < 0.35:
            actions = [EXPIRE] * some(1, 11) + [TAKE]
        elif draw < 0.6:
            actions = [PART] * some(1, 4) + [TAKE]
        elif draw < 0.75:
            actions = [EXPIRE] * some(0, 3) + [FILL, TAKE]
        elif draw < 0.9:
            actions = [PART, *[EXPIRE] * some(1, 3), PART, TAKE]
        else:
            actions = [TAKE]
        return [Round(a, self.random.choice((0, 1, 1, 2, 5, 20, 60))) for a in actions]

    @property
    def purse(self) -> Purse:
        return self.name[0]

    @property
    def key(self) -> Key | None:
        return self.name[1]

    def _unit(self) -> Unit | None:
        return next((u for u in units_of(self.account) if u.name == self.name), None)

    def step(self, ts: int) -> int | None:
        """One round of orders at `ts`; when the next one is due, None when it is over."""
        unit = self._unit()
        self.end = ts
        if unit is None:
            self.ended = CLOSED
            return None
        if not unit.margin(self.paths, ts).liquidated:
            self.ended = RECOVERED if not self.fee else PARTIAL
            self._clear(ts, unit)
            return None
        action, wait = self.script.pop(0)
        if action == TAKE:
            self._take_over(ts, unit)
        elif action == EXPIRE:
            self._expire(ts, unit)
        else:
            self._sell(ts, unit, whole=action == FILL)
        if self.ended != OPEN:
            return None
        return ts + wait * SECOND

    def chain(self) -> Chain:
        """What is true of it so far."""
        return Chain(
            self.purse, self.key, self.start, self.equity, self.maintenance, tuple(self.sales),
            self.expired, self.ended, self.end, self.cleared,
        )  # fmt: skip

    def _limit(self, held: Holding, mark: Decimal, bankruptcy: Price) -> Decimal:
        one, side = held.contract, held.side
        bound = on_tick(
            one, mark * (1 - side * one.band), ROUND_CEILING if side > 0 else ROUND_FLOOR
        )
        floor = at_bankruptcy(one, side, bankruptcy)
        return max(bound, floor) if side > 0 else min(bound, floor)

    def _rows(self, ts: int, unit: Unit) -> list[tuple[Holding, Decimal, Price]]:
        prices = bankruptcies(unit, self.paths, ts)
        return [
            (held, self.paths.mark(held.contract.symbol, ts), price)
            for held, price in zip(unit.holdings, prices, strict=True)
        ]

    def _expire(self, ts: int, unit: Unit) -> None:
        for held, mark, price in self._rows(ts, unit):
            limit = self._limit(held, mark, price)
            self._order(ts, held, limit, abs(held.quantity), ZERO, mark, price)
            self.expired += 1

    def _sell(self, ts: int, unit: Unit, *, whole: bool) -> None:
        """The first position goes, whole or in part, at a price within its limit."""
        held, mark, bankruptcy = self._rows(ts, unit)[0]
        one, side = held.contract, held.side
        limit = self._limit(held, mark, bankruptcy)
        if side < 0 and limit <= one.tick:
            # Nobody sells below the lowest price.
            self._expire(ts, unit)
            return
        rounding = ROUND_FLOOR if side > 0 else ROUND_CEILING
        slip = one.band * self.random.randint(0, 60) / 100
        last = self.paths.last(one.symbol, ts)
        price = last or on_tick(one, mark * (1 - side * slip), rounding)
        # At its own limit only a takeover is filled: that is how exports tell the two apart.
        price = max(price, limit + one.tick) if side > 0 else min(price, limit - one.tick)
        total = abs(held.quantity)
        lots = (total / one.lot).to_integral_value(ROUND_DOWN)
        share = ONE if whole else Decimal(self.random.randint(15, 70)) / 100
        done = max((lots * share).to_integral_value(ROUND_DOWN), ONE) * one.lot
        asked = total if self.random.random() < 0.5 else done
        order = self._order(ts, held, limit, asked, done, mark, bankruptcy, price)
        self._fill(ts, held, price, done, order)
        self.fee += one.clearance * one.notional(done, price)
        left = self._unit()
        if left is None:
            self.ended = CLOSED
            self._clear(ts, None)
            return
        margin = left.margin(self.paths, ts)
        if margin.equity - self.fee >= margin.maintenance:
            self.ended = PARTIAL
            self._clear(ts, left)

    def _take_over(self, ts: int, unit: Unit) -> None:
        for held, mark, bankruptcy in self._rows(ts, unit):
            limit = at_bankruptcy(held.contract, held.side, bankruptcy)
            quantity = abs(held.quantity)
            order = self._order(ts, held, limit, quantity, quantity, mark, bankruptcy, limit)
            self._fill(ts, held, limit, quantity, order)
        self.fee = ZERO
        self.ended = TAKEOVER
        self._clear(ts, None)

    def _fill(self, ts: int, held: Holding, price: Decimal, quantity: Decimal, order: str) -> None:
        """A forced trade. An isolated position bears profit and commission in its own margin."""
        one, margin = held.contract, held.margin
        fee = money(one.notional(quantity, price) * FEES[False])
        gone = quantity == abs(held.quantity)
        realised = self.account.trade(
            one,
            Fill(ts, -held.side, held.place, price, quantity, False, order, fee, one.settle),
        )
        if not held.isolated:
            return
        left = margin + realised - fee
        if not gone:
            self.account.add_margin(ts, (one.symbol, held.place), left - held.margin)
        else:
            self.released = left
            if left < 0:
                self._insurance(ts, -left, one.symbol)

    def _clear(self, ts: int, left: Unit | None) -> None:
        """The clearance fee of what was sold while solvent, or what brings a wallet to 0."""
        if self.fee:
            equity = left.margin(self.paths, ts).equity if left else self._rest()
            fee = money(min(self.fee, max(equity, ZERO)))
            symbol = self._first_symbol()
            if fee:
                self._insurance(ts, -fee, symbol)
                if left is not None and left.key is not None:
                    self.account.add_margin(ts, left.key, -fee)
            self.fee = ZERO
        if self.key is None and left is None and (free := self._free()) < 0:
            self._insurance(ts, -free, "")

    def _rest(self) -> Decimal:
        """What is left of the unit when it holds nothing more."""
        return self._free() if self.key is None else self.released

    def _first_symbol(self) -> str:
        return self.account.orders[self.sales[0].order].symbol if self.sales else ""

    def _free(self) -> Decimal:
        return self.account.wallets.get(self.purse, ZERO) - self.account.set_aside(self.purse)

    def _insurance(self, ts: int, amount: Decimal, symbol: str) -> None:
        market, asset = self.purse
        self.account.change(ts, market, "INSURANCE_CLEAR", amount, asset, symbol)
        self.cleared += amount

    def _order(
        self, ts: int, held: Holding, limit: Decimal, asked: Decimal, done: Decimal,
        mark: Decimal, bankruptcy: Price, price: Decimal | None = None,
    ) -> str:  # fmt: skip
        one, number = held.contract, self.account.new_id(held.contract.symbol)
        sent = ts // 1000 + self.random.randint(0, 999)
        quote = None if one.inverse else done * price if price is not None else ZERO
        self.sales.append(Sale(len(self.account.orders), mark, bankruptcy))
        self.account.orders.append(
            Order(
                ts, ts, one.market, one.symbol, number,
                f"autoclose-{sent}{self.random.randint(10**5, 10**6 - 1)}", "LIMIT", -held.side,
                held.place, limit, price if done else None, asked, done, quote, None,
                "FILLED" if done == asked else "EXPIRED", "IOC", None, NOWHERE,
            )
        )  # fmt: skip
        return number
