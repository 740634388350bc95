"""What follows the first breach, for a whole population in time order.

A unit that falls below its trigger is dealt with in that second, or when its grace ends unless
it is back at its trigger by then (`grace.clears`). A unit that lives on, or is out of its
grace, is watched again from the next second, and so is one that deleveraging has reduced; a
grace that runs goes on running. Watched again, a unit is below its trigger when it is so by
more than 1e-9 of its scale, for a partial step leaves it just at it.

Within a second units come by their number, then deleveraging by market and side, then the
fund takes or bears what that left: the same input gives the same ledger, whatever the executor.
"""

from __future__ import annotations

import heapq
from functools import cached_property

import numpy as np

from ..errors import InputError, Text
from ..rules.grace import AT_ONCE
from ..run.executor import Executor, Threads
from ..tape.tracks import Floats, Ints
from .aftermath_kernel import WHOLE_ACCOUNT, ZERO_PRICE, closing, settle, write
from .aftermath_state import BANKRUPT, NO_COIN, UNCLAIMED, Events, Fixed, State, Tape, Wave
from .deleverage_kernel import Book, deleverage_market, last_mark, value
from .first import NEVER, search, table_of
from .first_kernel import BATCH, NEAR, Legs, search_units
from .first_kernel import room as plan_room
from .grace_kernel import ends_of_grace
from .ledger import Journal, Ledger, joined
from .terms import Terms
from .units import Bools, Paths, Units

__all__ = ["Terms", "aftermath"]

DEFINITIONS = {"whole-account": WHOLE_ACCOUNT, "zero-price": ZERO_PRICE}


def aftermath(
    paths: Paths, last: Floats, units: Units, terms: Terms, contract: Bools,
    executor: Executor | None = None, *, keep: bool = False,
) -> Ledger:  # fmt: skip
    """The ledger of a population. `last` [M, S] as x, NaN where nothing was traded yet;
    `contract` [M] tells contracts from assets that are pledged. With `keep` every event stands
    in it, some 80 bytes each: a population has tens of them a unit. Raises InputError where
    the arrays do not fit together."""
    _check(paths, last, units, terms, contract)
    journal = Journal(paths, keep=keep)
    return _Run(paths, last, units, terms, contract, executor or Threads(), journal).go()


class _Run:
    """One pass over the seconds in which something is due."""

    def __init__(
        self, paths: Paths, last: Floats, units: Units, terms: Terms, contract: Bools,
        executor: Executor, journal: Journal,
    ) -> None:  # fmt: skip
        self.paths, self.units, self.terms, self.executor = paths, units, terms, executor
        count = len(units)
        self.state = State.of(
            units.wallet, units.size, np.inf if terms.fund is None else float(terms.fund)
        )
        self.fixed = Fixed(
            units.start, units.market, units.entry, units.trigger, _coins(paths, units),
            paths.inverse, np.array(contract, dtype=np.bool_), paths.tier_start,
            paths.tier_floor, paths.tier_rate, paths.tier_cum, terms.band, terms.charge,
            terms.lot,
        )  # fmt: skip
        price = paths.x if terms.execution == "mark" else np.asarray(last, dtype=np.float64)
        self.tape = Tape(paths.x, np.array(price), dollars(paths))
        self.table = table_of(paths, executor)
        self.first, self.at, self.breach, self.end = (
            np.full(count, NEVER, dtype=np.int64) for _ in range(4)
        )
        self.back = np.zeros(count, dtype=np.bool_)
        self.waiting: dict[int, list[Ints]] = {}
        self.seconds: list[int] = []
        self.journal, self.residual = journal, 0.0
        self.rows = Events.room(1)

    @cached_property
    def book(self) -> Book:
        """The holders of every market, put together when first asked for."""
        return Book.of(self.units, self.state.size, self.paths.markets)

    def go(self) -> Ledger:
        """All of it."""
        breach = search(self.paths, self.units, 0, self.executor).second
        below = np.flatnonzero(breach >= 0)
        self._breached(below, breach[below], breach[below])
        while self.seconds:
            second = heapq.heappop(self.seconds)
            found = np.concatenate(self.waiting.pop(second))
            self._second(second, once(found[self.end[found] == second]))
        return joined(
            self.units, self.state, self.first, self.at,
            (self.breach >= 0) & (self.end >= self.paths.seconds), self.journal, self.residual,
        )  # fmt: skip

    def _second(self, second: int, found: Ints) -> None:
        """Everything of one second; `found` are the units whose breach ends in it."""
        due = found[~self.back[found]]
        wave = Wave.of(self.paths.markets)
        if len(due):
            legs = self.units.start[due + 1] - self.units.start[due]
            self._room(int(legs.sum()))
            made = settle(
                self.fixed, self.state, self.tape, due, second, self.terms.steps == "partial",
                DEFINITIONS[self.terms.bankruptcy], wave, self.rows,
            )  # fmt: skip
            self.journal.add(second, self.rows.until(made))
            if self.terms.fund is not None:
                self.book.follow(self._legs(due), self.state.size)
            self.at[due[self.at[due] < 0]] = second
        self.breach[found] = self.end[found] = NEVER
        reduced = self._deleverage(second, wave)
        runs = (self.breach[reduced] >= 0) & (self.breach[reduced] <= second)
        running, again = reduced[runs], once(np.concatenate((found, reduced[~runs])))
        again = again[self.state.outcome[again] != BANKRUPT]
        # A breach that was foreseen on what is no longer held has not taken place.
        self.first[again[self.first[again] > second]] = NEVER
        self._breached(
            running, self.breach[running], np.full(len(running), second + 1, dtype=np.int64)
        )
        self._watch(again, second + 1)

    def _deleverage(self, second: int, wave: Wave) -> Ints:
        """What the fund lacked is closed against the other side; the units that were reduced."""
        loose = float(wave.loose[0])
        reduced = [np.empty(0, dtype=np.int64)]
        self._value(second, np.flatnonzero(wave.quantity.any(axis=1)))
        for m, side in np.argwhere(wave.quantity > 0).tolist():
            sign = 1 if side == 0 else -1
            quantity = float(wave.quantity[m, side])
            bankruptcy = float(wave.value[m, side]) / quantity
            price = {
                "bankruptcy": bankruptcy,
                "mark": float(self.paths.x[m, second]),
                "previous-mark": last_mark(self.tape.x, m, second),
            }[self.terms.adl.price]
            made, left = self._close(second, m, -sign, quantity, bankruptcy, price)
            reduced.append(self.rows.unit[:made].copy())
            dollars = self.tape.dollars[m, second]
            loose += sign * (quantity - left) * (price - bankruptcy) * dollars
            if left:
                at = closing(self.tape, m, second)
                loose += sign * left * (at - bankruptcy) * dollars
                write(self.rows, 0, UNCLAIMED, -1, m, sign * left, self.paths.x[m, second], at,
                      bankruptcy, 0.0, 0.0, 0.0)  # fmt: skip
                self.journal.add(second, self.rows.until(1))
        self.residual += self.state.receive(loose)
        return once(np.concatenate(reduced))

    def _value(self, second: int, markets: Ints) -> None:
        """Where most units are asked for, all of them are valued in their order, in pieces."""
        if not len(markets):
            return
        start = self.book.start
        if int((start[markets + 1] - start[markets]).sum()) < len(self.units):
            return
        full = self.terms.adl.score == "binance-2019"

        def work(units: Ints) -> None:
            value(self.fixed, self.state, self.tape.x, second, full, self.book, units)

        pieces = np.array_split(np.arange(len(self.units)), 4 * self.executor.workers)
        for _ in self.executor.map(work, pieces):
            pass

    def _close(
        self, second: int, m: int, side: int, quantity: float, bankruptcy: float, price: float
    ) -> tuple[int, float]:
        """Closes one market's holders of a side; rows made, and the quantity left."""
        from ..rules.adl_kernel import ALLOCATIONS, SCORES

        adl = self.terms.adl
        self._room(self.book.places.shape[1])
        made, left = deleverage_market(
            self.fixed, self.state, self.tape, second, m, side, quantity, bankruptcy, price,
            SCORES[adl.score], ALLOCATIONS[adl.allocation], float(adl.cap), self.book, self.rows,
        )  # fmt: skip
        self.journal.add(second, self.rows.until(made))
        return made, left

    def _room(self, rows: int) -> None:
        """Room for so many rows at once."""
        if rows > len(self.rows.kind):
            self.rows = Events.room(2 * rows)

    def _legs(self, units: Ints) -> Ints:
        """The places of all legs of some units."""
        counts = self.units.start[units + 1] - self.units.start[units]
        ends = np.cumsum(counts)
        return np.repeat(self.units.start[units + 1] - ends, counts) + np.arange(counts.sum())

    def _watch(self, units: Ints, second: int) -> None:
        """The next breach of some units from a second on, on what they hold now."""
        self.breach[units] = self.end[units] = NEVER
        if second >= self.paths.seconds or not len(units):
            return
        counts = self.units.start[units + 1] - self.units.start[units]
        start = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        legs = self._legs(units)
        held = Legs(
            self.state.wallet[units], start, self.units.market[legs], self.state.size[legs],
            self.units.entry[legs], self.units.trigger[units],
        )  # fmt: skip
        found = np.empty(len(units), dtype=np.int64)
        near = np.empty(len(units), dtype=np.uint8)
        plan = plan_room(min(BATCH, len(units)), min(BATCH, len(units)) * int(counts.max()))
        begin = np.full(len(units), second, dtype=np.int64)
        search_units(self.table, held, plan, -NEAR, begin, 0, len(units), found, near)
        below = found >= 0
        self._breached(units[below], found[below], found[below])

    def _breached(self, units: Ints, breach: Ints, since: Ints) -> None:
        """Puts units down for the second in which their breach ends, looked at from `since`
        on; beyond the data they stay open."""
        grace = self.units.grace[units]
        end, back = breach.copy(), np.zeros(len(units), dtype=np.bool_)
        waits = np.flatnonzero(grace > 0)
        if len(waits):
            ends, backs = end[waits], back[waits]
            # In the second of the breach itself a unit is below its trigger.
            looked = np.maximum(since[waits], breach[waits] + 1)
            ends_of_grace(
                self.fixed, self.state, self.tape.x, units[waits], breach[waits], grace[waits],
                looked, self.terms.clears == AT_ONCE, ends, backs,
            )  # fmt: skip
            end[waits], back[waits] = ends, backs
        fresh = units[self.first[units] < 0]
        self.first[fresh] = breach[self.first[units] < 0]
        self.breach[units], self.end[units], self.back[units] = breach, end, back
        inside = end < self.paths.seconds
        units, end = units[inside], end[inside]
        order = np.argsort(end, kind="stable")
        cuts = np.flatnonzero(np.diff(end[order])) + 1
        for group in np.split(order, cuts):
            if len(group):
                second = int(end[group[0]])
                if second not in self.waiting:
                    heapq.heappush(self.seconds, second)
                self.waiting.setdefault(second, []).append(units[group])


def once(units: Ints) -> Ints:
    """Each number once, ascending."""
    ordered = np.sort(units, kind="stable")
    new = np.ones(len(ordered), dtype=np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    return ordered[new]


def dollars(paths: Paths) -> Floats:
    """What one unit of each market's settle currency is worth [M, S]: 1, for inverse markets the
    mark price, where it is missing the last before, else the first after; 0 without any."""
    found = np.ones(paths.x.shape)
    for m in np.flatnonzero(paths.inverse):
        known = np.flatnonzero(~np.isnan(paths.x[m]))
        if len(known):
            last = np.searchsorted(known, np.arange(paths.seconds), side="right") - 1
            found[m] = 1.0 / paths.x[m, known[np.maximum(last, 0)]]
        else:
            found[m] = 0.0
    return found


def _coins(paths: Paths, units: Units) -> Ints:
    """The first inverse market of each unit [U], NO_COIN where it settles in dollars."""
    coin = np.full(len(units), NO_COIN, dtype=np.int64)
    legs = np.flatnonzero(paths.inverse[units.market])[::-1]
    coin[np.searchsorted(units.start, legs, side="right") - 1] = units.market[legs]
    return coin


def _check(paths: Paths, last: Floats, units: Units, terms: Terms, contract: Bools) -> None:
    units.check(paths)
    wrong: dict[str, Text] = {}
    if np.shape(last) != paths.x.shape:
        wrong["last"] = Text("one last price a mark is needed", "最新价须与标记价格一一对应")
    elif not (np.isnan(last) | ((last > 0) & (last < np.inf))).all():
        wrong["last"] = Text("a last price is not above zero", "存在不大于零的最新价")
    for name, values in (
        ("contract", contract), ("band", terms.band), ("charge", terms.charge), ("lot", terms.lot)
    ):  # fmt: skip
        if np.shape(values) != (paths.markets,):
            wrong[name] = Text("one value a market is needed", "每个市场须有一个值")
    if not wrong and paths.inverse.any():
        coins = np.bincount(
            units.owners(), weights=paths.inverse[units.market], minlength=len(units)
        )
        mixed = np.flatnonzero((coins > 0) & (coins < np.diff(units.start)))
        if len(mixed):
            wrong[f"unit {mixed[0]}"] = Text(
                "a unit holds linear and inverse markets, which settle in different currencies",
                "单位同时持有线性与反向市场，二者结算币种不同",
            )
    for where, text in wrong.items():
        raise InputError(
            text, where=where,
            remedy=Text("Give arrays that belong together.", "请提供相互匹配的数组。"),
        )  # fmt: skip
