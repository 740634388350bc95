"""What follows the first breach, in decimals: every second and every unit, slow and plain to read.

The reference that aftermath.py is tested against; the rules are told there and in
aftermath_kernel.py. Nothing is scheduled: in each second every unit is looked at. Every float
stands for the shortest decimal that is read back as it.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from ..rules.exact import ONE, ZERO, exact
from ..rules.grace import AT_ONCE
from ..tape.tracks import Floats
from .account_exact import NEAR, Account, Position, account, asked, smallest_part
from .aftermath_state import (
    BANKRUPT,
    CLOSED,
    DELEVERAGED,
    EXECUTED,
    PARTLY,
    SEIZED,
    TAKEN,
    UNCLAIMED,
)
from .deleverage_exact import candidate, closed
from .exact import Marks, decimal
from .terms import Terms
from .units import Bools, Paths, Units


class Row(NamedTuple):
    """One event; see aftermath_state.Events."""

    second: int
    kind: int
    unit: int
    market: int
    size: Decimal
    at: Decimal
    bankruptcy: Decimal | None = None
    fund: Decimal = ZERO
    passed: Decimal = ZERO


@exact
def aftermath_exact(
    paths: Paths, last: Floats, units: Units, terms: Terms, contract: Bools
) -> Replay:
    """The replay at the end of the data."""
    replay = Replay(paths, last, units, terms, contract)
    for second in range(paths.seconds):
        replay.live(second)
    return replay


class Replay:
    """The accounts, the fund in dollars (None without limit), and all that happened."""

    def __init__(
        self, paths: Paths, last: Floats, units: Units, terms: Terms, contract: Bools
    ) -> None:
        self.paths, self.terms, self.contract = paths, terms, contract
        self.prices = paths.x if terms.execution == "mark" else last
        self.accounts = [account(paths, units, number) for number in range(len(units))]
        self.fund, self.net, self.lowest, self.residual = terms.fund, ZERO, ZERO, ZERO
        self.rows: list[Row] = []

    def live(self, second: int) -> None:
        """One second."""
        self.second, self.marks = second, Marks.at(self.paths, second)
        self.passed: dict[tuple[int, int], list[tuple[Decimal, Decimal]]] = {}
        self.loose = ZERO
        for due in [one for one in self.accounts if self._due(one)]:
            self._liquidate(due)
        # Ranked by what stood behind them before anybody was closed.
        self.ranked = {
            leg.place: candidate(one, leg, self.marks)
            for one in self.accounts
            if self.passed and one.known(self.marks)
            for leg in one.held
            if self.contract[leg.market]
        }
        for (market, side), orders in sorted(self.passed.items()):
            self._deleverage(market, 1 if side == 0 else -1, orders)
        lack = max(ZERO, -(self.fund + self.loose)) if self.fund is not None else ZERO
        self._pay(self.loose + lack)
        self.residual += lack

    def _due(self, one: Account) -> bool:
        """Whether a unit is dealt with now; keeps the book of its breach."""
        if not one.known(self.marks):
            return False
        excess = one.equity(self.marks) - one.trigger * one.maintenance(self.marks)
        below = excess < (-NEAR * one.scale(self.marks) if one.seen else ZERO)
        if one.breach is None and below:
            one.breach, one.seen = self.second, True
            one.first = self.second if one.first < 0 else one.first
            return one.grace == 0
        if one.breach is None:
            return False
        ended = self.second >= one.breach + one.grace
        if not below and (ended or self.terms.clears == AT_ONCE):
            one.breach = None
        return below and ended

    def _liquidate(self, one: Account) -> None:
        one.breach = None
        one.at = self.second if one.at < 0 else one.at
        equity = one.equity(self.marks)
        contracts = [leg for leg in one.held if self.contract[leg.market]]
        fills = [leg for leg in contracts if self._fills(leg)]
        every = {leg.place: leg.size for leg in fills}
        if self.terms.steps == "partial":
            part = smallest_part(one, fills, self._loss(every, fills, fees=True), self.marks)
            if part is not None:
                some = {leg.place: self._in_lots(leg, part) for leg in fills if part}
                if equity + self._loss(some, fills) >= 0:
                    self._execute(one, fills, some, equity)
                    return
        left = equity + self._loss(every, fills)
        if left >= 0:
            self._execute(one, fills, every, equity if len(fills) == len(contracts) else None)
        if left < 0 or len(fills) < len(contracts):
            self._take_over(one)

    def _in_lots(self, leg: Position, part: Decimal) -> Decimal:
        lot = decimal(self.terms.lot[leg.market])
        lots = (part * abs(leg.size) / lot - NEAR).to_integral_value(ROUND_CEILING)
        closed = max(ONE, lots) * lot
        return leg.size if closed >= abs(leg.size) * (1 - NEAR) else closed.copy_sign(leg.size)

    def _loss(
        self, order: dict[int, Decimal], legs: list[Position], *, fees: bool = False
    ) -> Decimal:
        """What equity changes by when so much of each leg is closed at its price."""
        change = ZERO
        for leg in legs:
            closed = order.get(leg.place, ZERO)
            change += closed * (self._price(leg.market) - self._x(leg))
            change -= self._fee(leg, closed) if fees else ZERO
        return change

    def _execute(
        self, one: Account, legs: list[Position], order: dict[int, Decimal],
        equity: Decimal | None,
    ) -> None:  # fmt: skip
        """Closes what is ordered; the unit lives on and pays the fee out of its equity, unless
        that is None and it is to be taken over."""
        worth = self._dollars(one.coin)
        fee = sum((self._fee(leg, order[leg.place]) for leg in legs if order), ZERO)
        charged = ZERO
        if equity is not None and fee:
            charged = min(ONE, (equity + self._loss(order, legs)) / fee)
        for leg in legs if order else ():
            closed, price = order[leg.place], self._price(leg.market)
            paid = charged * self._fee(leg, closed)
            one.wallet += closed * (price - leg.entry) - paid
            leg.size -= closed
            one.sums["lost"] -= closed * (price - self._x(leg)) * worth
            one.sums["fee"] += paid * worth
            self._pay(paid * worth)
            self._note(EXECUTED, one.number, leg.market, closed, price, None, paid * worth)
        if equity is not None:
            one.outcome = PARTLY if any(self.contract[g.market] for g in one.held) else CLOSED
            one.wallet = one.wallet if one.held else max(ZERO, one.wallet)

    def _take_over(self, one: Account) -> None:
        worth, equity = self._dollars(one.coin), one.equity(self.marks)
        legs = [leg for leg in one.held if self.contract[leg.market]]
        gains = [leg.size * (self._closing(leg.market) - self._x(leg)) for leg in legs]
        change = (equity + sum(gains, ZERO)) * worth
        short = ZERO
        if self.fund is not None and change < 0 and self.fund + change < 0:
            short = 1 + self.fund / change
        loose = equity
        for leg, gain, share in zip(legs, gains, self._shares(one, legs, equity), strict=True):
            bankruptcy = max(ZERO, self._x(leg) - share / leg.size)
            carried = leg.size * (self._x(leg) - bankruptcy)
            loose -= carried
            if short:
                key = leg.market, int(leg.size < 0)
                self.passed.setdefault(key, []).append((short * abs(leg.size), bankruptcy))
            self._note(
                TAKEN, one.number, leg.market, leg.size, self._closing(leg.market), bankruptcy,
                (gain + carried) * worth * (1 - short), short * leg.size,
            )  # fmt: skip
        for leg in one.held:
            if not self.contract[leg.market]:
                self._note(SEIZED, one.number, leg.market, leg.size, self._x(leg), None)
        self.loose += short * loose * worth
        self._pay(change * (1 - short))
        one.sums["lost"] += max(ZERO, equity) * worth
        one.sums["deficit"] += max(ZERO, -change)
        for leg in one.legs:
            leg.size = ZERO
        one.wallet, one.outcome = ZERO, BANKRUPT

    def _shares(self, one: Account, legs: list[Position], equity: Decimal) -> list[Decimal]:
        """What of the equity stands behind each leg."""
        values = [abs(leg.size) * self._x(leg) for leg in legs]
        if self.terms.bankruptcy == "whole-account":
            largest = values.index(max(values)) if values else -1
            return [equity if place == largest else ZERO for place in range(len(legs))]
        margins = [asked(leg, leg.size, self.marks) for leg in legs]
        weights = margins if sum(margins, ZERO) > 0 else values
        return [equity * weight / sum(weights, ZERO) for weight in weights]

    def _deleverage(self, m: int, sign: int, orders: list[tuple[Decimal, Decimal]]) -> None:
        quantity = sum((q for q, _ in orders), ZERO)
        bankruptcy = sum((q * b for q, b in orders), ZERO) / quantity
        x, worth = self.marks.x(m), self._dollars(m if self.paths.inverse[m] else None)
        before = [v for v in self.paths.x[m, : self.second] if v > 0]
        price = {
            "bankruptcy": bankruptcy, "mark": x,
            "previous-mark": decimal(before[-1]) if before else x,
        }[self.terms.adl.price]  # fmt: skip
        held = {
            leg.place: (one, leg)
            for one in self.accounts
            for leg in one.held
            if leg.market == m and leg.size * sign < 0 and one.known(self.marks)
        }
        found = {place: self.ranked[place] for place in held}
        parts = closed(quantity, found, self.terms.adl, decimal(self.terms.lot[m]))
        for place, part in sorted(parts.items()):
            one, leg = held[place]
            gone = leg.size if part >= abs(leg.size) * (1 - NEAR) else -sign * part
            leg.size -= gone
            one.seen = True
            one.wallet += gone * (price - leg.entry)
            one.sums["taken"] += abs(gone) * x * worth
            one.sums["forgone"] += gone * (x - price) * worth
            self._note(DELEVERAGED, one.number, m, gone, price, bankruptcy)
        left = quantity - sum(parts.values(), ZERO)
        left = left if left > NEAR * quantity else ZERO
        self.loose += sign * (quantity - left) * (price - bankruptcy) * worth
        self.loose += sign * left * (self._closing(m) - bankruptcy) * worth
        if left:
            self._note(UNCLAIMED, -1, m, sign * left, self._closing(m), bankruptcy)

    def _fills(self, leg: Position) -> bool:
        """Whether there is a price, no worse than the band allows."""
        m = leg.market
        if not self.prices[m, self.second] > 0:
            return False
        x, price, band = self._x(leg), self._price(m), decimal(self.terms.band[m])
        if self.paths.inverse[m]:
            x, price = 1 / x, 1 / price
        if leg.size * (-1 if self.paths.inverse[m] else 1) > 0:
            return price >= x * (1 - band) * (1 - NEAR)
        return price <= x * (1 + band) * (1 + NEAR)

    def _fee(self, leg: Position, size: Decimal) -> Decimal:
        return abs(size) * self._price(leg.market) * decimal(self.terms.charge[leg.market])

    def _x(self, leg: Position) -> Decimal:
        return self.marks.x(leg.market)

    def _price(self, m: int) -> Decimal:
        return decimal(self.prices[m, self.second])

    def _closing(self, m: int) -> Decimal:
        return self._price(m) if self.prices[m, self.second] > 0 else self.marks.x(m)

    def _dollars(self, coin: int | None) -> Decimal:
        if coin is None:
            return ONE
        row = self.paths.x[coin]
        near = [*reversed(row[: self.second + 1].tolist()), *row[self.second + 1 :].tolist()]
        return next((1 / decimal(v) for v in near if v > 0), ZERO)

    def _pay(self, amount: Decimal) -> None:
        self.fund = None if self.fund is None else self.fund + amount
        self.net += amount
        self.lowest = min(self.lowest, self.net)

    def _note(
        self, kind: int, unit: int, m: int, size: Decimal, at: Decimal,
        bankruptcy: Decimal | None, fund: Decimal = ZERO, passed: Decimal = ZERO,
    ) -> None:  # fmt: skip
        if size:
            self.rows.append(Row(self.second, kind, unit, m, size, at, bankruptcy, fund, passed))
