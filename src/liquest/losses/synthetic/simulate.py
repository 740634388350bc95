"""A synthetic account from its plan: the loop over what happens, second by second.

Events are taken in order of time. Before each, every unit is looked at over the marks that lie
between: the first second in which one is below its maintenance margin begins its liquidation.
"""

from __future__ import annotations

import heapq
import random as chance
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import partial
from typing import TypeVar

import numpy as np

from ...clock import SECOND
from ...rules.exact import exact
from ..entries import FAILED, Order
from .account import NOWHERE, Account, Fill, Key, Purse, money
from .actor import Actor
from .contracts import FEES
from .forced import Liquidation
from .plan import IN_TIME, LATE, REFUSED, Plan, funding_times, instants, traits
from .prices import Paths, on_tick
from .truth import Chain, Rescue, Truth
from .units import units_of

Event = Callable[[int], None]
Name = tuple[Purse, Key | None]


ScriptEvent = Callable[["Life", int], None]
Script = Sequence[tuple[int, ScriptEvent]]
"""What happens when (µs), in place of what would be drawn."""


@exact
def simulate(plan: Plan, paths: Paths | None = None, script: Script | None = None) -> Truth:
    """The account of a plan, over paths drawn from its seed unless others are given. With a
    `script` nothing happens but that, funding, and what the rules do."""
    return Life(plan, paths, script).run()


class Life:
    """The state of one account on its way."""

    def __init__(self, plan: Plan, paths: Paths | None, script: Script | None = None) -> None:
        self.script = script
        self.plan, self.random = plan, chance.Random(plan.seed)
        self.traits = traits(plan, self.random)
        self.paths = paths or Paths.drawn(
            np.random.default_rng(plan.seed), self.traits.symbols, plan.start, plan.seconds,
            self.traits.crash,
        )  # fmt: skip
        self.account = Account(
            self.traits.isolated, Decimal(self.traits.leverage), self.traits.first_id
        )
        self.chains: dict[Name, Liquidation] = {}
        self.done: list[Chain] = []
        self.rescues: list[int] = []
        self.queue: list[tuple[int, int, Event]] = []
        self.count = 0
        self.actor = Actor(self.account, self.paths, self.traits, self.random, self.chains.keys())

    def at(self, ts: int, event: Event) -> None:
        """Something that will happen, unless the record ends first."""
        if ts < self.paths.window.end:
            self.count += 1
            heapq.heappush(self.queue, (ts, self.count, event))

    def run(self) -> Truth:
        self._schedule()
        now = self.plan.start
        while self.queue:
            ts, _, event = self.queue[0]
            if (found := self._breach(now, ts + SECOND)) is not None:
                now = found
                continue
            heapq.heappop(self.queue)
            event(ts)
            now = ts
        return self._truth()

    def _schedule(self) -> None:
        plan, random, crash = self.plan, self.random, self.traits.crash
        if self.script is not None:
            for ts in funding_times(plan):
                self.at(ts, self._funding)
            for ts, event in self.script:
                self.at(ts, partial(event, self))
            self.at(self.paths.window.end - SECOND, _end)
            return
        self.actor.fund(plan.start)
        begins = plan.start + crash.at * SECOND
        for ts in funding_times(plan):
            self.at(ts, self._funding)
        for ts in instants(plan, random, crash):
            self.at(ts, self.actor.act)
        if self.traits.rescue == IN_TIME:
            self.at(begins + random.randint(1, 60) * SECOND, self._in_time)
        for _ in range(random.randint(0, 2)):
            self.at(begins + random.randint(60, 900) * SECOND, self.deleverage)
        self.at(self.paths.window.end - SECOND, _end)

    def _breach(self, start: int, end: int) -> int | None:
        """Begins the liquidation of the unit that is the first to fall below in [start, end)."""
        first: tuple[int, Name] | None = None
        units = {u.name: u for u in units_of(self.account) if u.name not in self.chains}
        for name, unit in units.items():
            found = unit.breach(self.paths, start, end if first is None else first[0])
            if found is not None:
                first = (found, name)
        if first is None:
            return None
        ts, name = first
        rounds = self.plan.rounds.get(name[0][1], ())
        chain = Liquidation(self.account, self.paths, self.random, units[name], ts, rounds)
        self.chains[name] = chain
        if self.traits.rescue == REFUSED:
            self.rescues.append(self.actor.move(ts, None, name[0], self._margin(name[0]), FAILED))
        self.at(ts, lambda now: self._step(chain, now))
        return ts

    def _step(self, chain: Liquidation, ts: int) -> None:
        due = chain.step(ts)
        if due is not None:
            self.at(due, lambda now: self._step(chain, now))
        if due is None or due >= self.paths.window.end:
            self.done.append(chain.chain())
        if due is None:
            del self.chains[chain.name]
            if self.traits.rescue == LATE:
                asked = chain.start + self.random.randint(1, 90) * SECOND
                arrives = max(ts, asked) + self.random.randint(1, 240) * SECOND
                self.at(arrives, lambda now: self._arrive(asked, now, chain.purse))

    def _in_time(self, ts: int) -> None:
        for purse in self.actor.purses():
            self._arrive(ts - self.random.randint(0, 5) * SECOND, ts, purse)

    def send(self, asked: int, ts: int, purse: Purse, amount: Decimal) -> None:
        """Margin that was asked for at one moment and is there at another."""
        self.rescues.append(self.actor.move(asked, ts, purse, amount))

    def _arrive(self, asked: int, ts: int, purse: Purse) -> None:
        self.send(asked, ts, purse, self._margin(purse))

    def _margin(self, purse: Purse) -> Decimal:
        """About what the wallet held at first."""
        first = self.account.balances[purse][0].amount
        return money(first * Decimal(self.random.randint(20, 150)) / 100)

    def _funding(self, ts: int) -> None:
        for key, held in list(self.account.holdings.items()):
            one = held.contract
            rate = Decimal(self.random.randint(-20, 30)).scaleb(-5)
            notional = one.notional(abs(held.quantity), self.paths.mark(one.symbol, ts))
            amount = money(-held.side * notional * rate)
            self.account.change(ts, one.market, "FUNDING_FEE", amount, one.settle, one.symbol)
            if held.isolated:
                self.account.add_margin(ts, key, amount)

    def deleverage(self, ts: int) -> None:
        """A position in profit is closed by the venue, a little better than its mark."""
        for held in list(self.account.holdings.values()):
            one, mark = held.contract, self.paths.mark(held.contract.symbol, ts)
            purse = (one.market, one.settle)
            names = {(purse, None), (purse, (one.symbol, held.place))}
            if held.profit(mark) <= 0 or names & self.chains.keys():
                continue
            total = abs(held.quantity)
            lots = int(total / one.lot)
            quantity = self.random.choice((lots, self.random.randint(1, lots))) * one.lot
            better = 1 + held.side * Decimal(self.random.randint(0, 30)).scaleb(-3)
            price = on_tick(one, mark * better, ROUND_FLOOR if held.side > 0 else ROUND_CEILING)
            number, sent = self.account.new_id(one.symbol), ts // 1000 + self.random.randint(0, 999)
            self.account.orders.append(
                Order(
                    ts, ts, one.market, one.symbol, number, f"adl_autoclose-{sent}", "LIMIT",
                    -held.side, held.place, price, price, quantity, quantity,
                    None if one.inverse else price * quantity, None, "FILLED", "IOC", None, NOWHERE,
                )
            )  # fmt: skip
            fee = money(one.notional(quantity, price) * FEES[True])
            self.account.trade(
                one,
                Fill(ts, -held.side, held.place, price, quantity, True, number, fee, one.settle),
            )
            return

    def _truth(self) -> Truth:
        """All rows in order, and what points to them moved along."""
        account = self.account
        orders, place = _in_order(account.orders, lambda o: (o.ts, o.symbol, int(o.order_id)))
        movements, moved = _in_order(account.movements, lambda m: (m.ts, "", int(m.id)))
        chains = [
            replace(c, sales=tuple(s._replace(order=place[s.order]) for s in c.sales))
            for c in self.done
        ]
        first = {p: min(c.start for c in chains if c.purse == p) for p in {c.purse for c in chains}}
        rescues = []
        for at in self.rescues:
            one = account.movements[at]
            begun = first.get((one.target, one.asset))
            there = one.arrived is not None and begun is not None and one.arrived < begun
            rescues.append(Rescue(moved[at], None if begun is None else there))
        rows = sorted([*account.closed, *account.open_rows()], key=lambda p: p.opened)
        return Truth(
            self.plan, self.traits, self.paths, account.transactions, account.trades, orders, rows,
            movements, account.balances, account.held, chains, rescues,
        )  # fmt: skip


def _end(ts: int) -> None:
    """The last second: nothing happens in it but what the marks bring about."""


T = TypeVar("T")


def _in_order(rows: list[T], key: Callable[[T], tuple[int, str, int]]) -> tuple[list[T], list[int]]:
    """The rows sorted, and for each old place the new one."""
    order = sorted(range(len(rows)), key=lambda k: key(rows[k]))
    place = [0] * len(rows)
    for new, old in enumerate(order):
        place[old] = new
    return [rows[k] for k in order], place
