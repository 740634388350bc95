"""The waterfall of one liquidation, in exact decimals, for a handful of accounts.

    cancel      the account's own orders go; positions are untouched
    ioc         one large order a position, at the bids (asks) that rest within the price band
                and not beyond the bankruptcy price
    compliant   equity after loss and fee covers the maintenance margin of what is left: stop
                ("closed" when the order closed everything)
    takeover    the rest is closed at the bankruptcy price, taken over by the insurance fund
    adl         what the fund cannot take is closed against the other side
    exhausted   what the other side cannot take goes to the fund at the mark
    deficit     a balance below zero is paid by the fund, then socialised among the winners of
                that other side, then stated as uncovered

Order of steps: Binance, liquidation protocols of USDⓈ-M futures. This is the reference that
faster code is tested against: slow, without tiers (one maintenance rate a market) and linear
contracts only. Bankruptcy prices are zero-price, P_b = M·(1 − s·rate·A/ΣMM), rounded to the
tick towards the account, so it ends at 0 within one tick times quantity and never below.
Orders at the bids come from accounts of the ledger, so contracts and cash always add up.

In one waterfall of one contract a larger fund never leaves more to the other side, and without
a fee neither does a deeper book. Beyond that neither holds: a fund spent on the first account is
missing for the next, a fee grows with what the book takes, and a buyer may itself be thin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from ..errors import InputError, Text
from .adl import PRICES, AdlRule
from .allocation import CappedProRata, Winner
from .exact import ZERO, exact
from .ledger import Account, Ledger, Market
from .scores import Candidate


class Order(NamedTuple):
    """A resting order: `side` +1 a bid, −1 an ask; `quantity` above zero, in lots."""

    account: int
    symbol: str
    side: int
    price: Decimal
    quantity: Decimal


class Step(NamedTuple):
    """One entry of the record. `account` is the other party, 0 where there is none; `price` is
    0 for payments, `amount` is the payment, or what the step costs the other party against
    the mark."""

    kind: str
    symbol: str
    account: int
    quantity: Decimal
    price: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Outcome:
    """The ledger after a waterfall, the orders that still rest, and its steps."""

    ledger: Ledger
    orders: tuple[Order, ...]
    steps: tuple[Step, ...]

    def amount(self, kind: str) -> Decimal:
        """Σ amounts of the steps of a kind."""
        return sum((s.amount for s in self.steps if s.kind == kind), ZERO)

    def quantity(self, kind: str) -> Decimal:
        """Σ quantities of the steps of a kind."""
        return sum((s.quantity for s in self.steps if s.kind == kind), ZERO)


@exact
def liquidate(
    ledger: Ledger, number: int, orders: Sequence[Order], rule: AdlRule | None = None
) -> Outcome:
    """The waterfall of one account. Raises InputError when it is not below its maintenance
    margin. Positions go in the order of their symbols."""
    account = ledger.accounts[number]
    if not breached(account, ledger.markets):
        raise InputError(
            Text(
                f"account {number} covers its maintenance margin",
                f"账户 {number} 满足维持保证金要求",
            ),
            where=f"account {number}",
            remedy=Text(
                "Liquidate accounts below their maintenance margin only.",
                "仅可清算低于维持保证金的账户。",
            ),
        )
    run = _Run(ledger, tuple(orders), number, rule or AdlRule())
    run.cancel()
    symbols = sorted(account.holdings)
    for symbol in symbols:
        run.immediate_or_cancel(symbol)
        if run.stops():
            return run.outcome()
    for symbol in symbols:
        if symbol in run.account.holdings:
            run.close_at_bankruptcy(symbol)
    run.settle()
    return run.outcome()


def cascade(ledger: Ledger, orders: Sequence[Order], rule: AdlRule | None = None) -> Outcome:
    """Waterfalls until no account is below its maintenance margin, lowest number first."""
    steps: list[Step] = []
    left = tuple(orders)
    while found := [a for a in ledger.accounts.values() if breached(a, ledger.markets)]:
        done = liquidate(ledger, min(a.number for a in found), left, rule)
        ledger, left = done.ledger, done.orders
        steps.extend(done.steps)
    return Outcome(ledger, left, tuple(steps))


def breached(account: Account, markets: Mapping[str, Market]) -> bool:
    """Whether an account holds anything and its equity is below the maintenance margin."""
    return bool(account.holdings) and account.equity(markets) < account.maintenance(markets)


@exact
def bankruptcy_price(account: Account, symbol: str, markets: Mapping[str, Market]) -> Decimal:
    """P_b = M·(1 − s·rate·A/ΣMM), to the tick towards the account and at least one tick.

    Source of the formula: dYdX v4 and Lighter (zero price).
    """
    market, side = markets[symbol], account.holdings[symbol].side
    share = account.equity(markets) / account.maintenance(markets)
    price = market.mark * (1 - side * market.rate * share)
    ticks = (price / market.tick).to_integral_value(ROUND_CEILING if side > 0 else ROUND_FLOOR)
    return max(ticks, Decimal(1)) * market.tick


class _Run:
    """The state of one waterfall on its way."""

    def __init__(
        self, ledger: Ledger, orders: tuple[Order, ...], number: int, rule: AdlRule
    ) -> None:
        self.before = self.ledger = ledger
        self.orders, self.number, self.rule = orders, number, rule
        self.fee = ZERO
        self.steps: list[Step] = []

    @property
    def account(self) -> Account:
        return self.ledger.accounts[self.number]

    def outcome(self) -> Outcome:
        return Outcome(self.ledger, self.orders, tuple(self.steps))

    def note(
        self,
        kind: str,
        symbol: str = "",
        account: int = 0,
        quantity: Decimal = ZERO,
        price: Decimal = ZERO,
        amount: Decimal = ZERO,
    ) -> None:
        self.steps.append(Step(kind, symbol, account, quantity, price, amount))

    def cancel(self) -> None:
        """The account's own orders go."""
        for order in self.orders:
            if order.account == self.number:
                self.note("cancel", order.symbol, 0, order.quantity, order.price)
        self.orders = tuple(o for o in self.orders if o.account != self.number)

    def immediate_or_cancel(self, symbol: str) -> None:
        """One order for the whole position; what does not fill at once is cancelled."""
        market, held = self.ledger.markets[symbol], self.account.holdings[symbol]
        side = held.side
        limit = market.mark * (1 - side * market.band)
        bankruptcy = bankruptcy_price(self.account, symbol, self.ledger.markets)
        limit = max(limit, bankruptcy) if side > 0 else min(limit, bankruptcy)
        resting = [o for o in self.orders if o.symbol == symbol and o.side == side]
        left = abs(held.quantity)
        for order in sorted(resting, key=lambda o: -side * o.price):
            if not left or side * (order.price - limit) < 0:
                break
            taken = min(left, order.quantity)
            self._exchange(symbol, side, order.account, taken, order.price)
            self.note(
                "ioc", symbol, order.account, taken, order.price,
                side * (order.price - market.mark) * taken,
            )  # fmt: skip
            self._fill(order, taken)
            self.fee += market.fee * taken * order.price
            left -= taken

    def _exchange(
        self, symbol: str, side: int, other: int, quantity: Decimal, price: Decimal
    ) -> None:
        """The account gives up `quantity` of a position on `side` to another."""
        buyer, seller = (other, self.number) if side > 0 else (self.number, other)
        self.ledger = self.ledger.trade(buyer, seller, symbol, quantity, price)

    def _fill(self, order: Order, quantity: Decimal) -> None:
        at = self.orders.index(order)
        rest = order._replace(quantity=order.quantity - quantity)
        self.orders = self.orders[:at] + ((rest,) if rest.quantity else ()) + self.orders[at + 1 :]

    def stops(self) -> bool:
        """Whether the account is compliant after loss and fee; then it pays the fee. One that
        has nothing left to close pays what it has of it."""
        equity = self.account.equity(self.ledger.markets)
        covered = equity - self.fee >= self.account.maintenance(self.ledger.markets)
        if not covered and self.account.holdings:
            return False
        fee = min(self.fee, max(equity, ZERO))
        if fee:
            self.ledger = self.ledger.put(self.account.paid(-fee))
            self.ledger = replace(self.ledger, fees=self.ledger.fees + fee)
            self.note("fee", amount=fee)
        self.settle()
        self.note("compliant" if self.account.holdings else "closed")
        return True

    def close_at_bankruptcy(self, symbol: str) -> None:
        """The rest of a position: to the fund, then to the other side, then to nobody."""
        market, held = self.ledger.markets[symbol], self.account.holdings[symbol]
        price = bankruptcy_price(self.account, symbol, self.ledger.markets)
        gap = held.side * (price - market.mark)
        taken = self.ledger.affordable(symbol, gap, abs(held.quantity))
        if taken:
            self.ledger = self.ledger.take_over(self.number, symbol, taken, price)
            self.note("takeover", symbol, 0, taken, price, gap * taken)
        left = abs(held.quantity) - taken
        if left:
            left = self._deleverage(symbol, held.side, left, price)
        if left:
            self.ledger = self.ledger.take_over(self.number, symbol, left, market.mark)
            self.note("exhausted", symbol, 0, left, market.mark)

    def _deleverage(self, symbol: str, side: int, quantity: Decimal, price: Decimal) -> Decimal:
        """Closes the other side against the account; what could not be closed."""
        market = self.ledger.markets[symbol]
        paid = PRICES[self.rule.price].price(price, market.mark, market.previous)
        rule = replace(self.rule, lot=market.lot)
        closed = rule.close(quantity, self._other_side(symbol, side), paid)
        for other, part in sorted(closed.quantities.items()):
            self._exchange(symbol, side, other, part, paid)
            self.note("adl", symbol, other, part, paid, side * (paid - market.mark) * part)
        return closed.residual

    def _other_side(self, symbol: str, side: int) -> list[Candidate]:
        return [
            account.candidate(symbol, self.ledger.markets)
            for account in self.ledger.accounts.values()
            if account.number != self.number
            and symbol in account.holdings
            and account.holdings[symbol].side == -side
        ]

    def settle(self) -> None:
        """A balance below zero goes to 0: by the fund, by the winners, or uncovered."""
        deficit = -self.account.wallet
        if self.account.holdings or deficit <= 0:
            return
        draw = self.ledger.fund.pay(deficit)
        self.ledger = replace(self.ledger, fund=draw.fund).put(self.account.paid(deficit))
        if draw.paid:
            self.note("fund", amount=draw.paid)
        left = draw.shortfall - self._socialise(draw.shortfall)
        if left:
            self.ledger = replace(self.ledger, uncovered=self.ledger.uncovered + left)
            self.note("uncovered", amount=left)

    def _socialise(self, deficit: Decimal) -> Decimal:
        """Takes a deficit from the winners, pro rata and from profit only; what they paid."""
        winners = list(self._winners()) if deficit else []
        if not winners:
            return ZERO
        exponents = (v.as_tuple().exponent for v in (deficit, *(w.profit for w in winners)))
        unit = Decimal(1).scaleb(min(int(e) for e in exponents))
        paid = CappedProRata().allocate(deficit, winners).posted(unit)
        for other, amount in sorted(paid.items()):
            if amount:
                self.ledger = self.ledger.put(self.ledger.accounts[other].paid(-amount))
                self.note("socialised", account=other, amount=amount)
        return sum(paid.values(), ZERO)

    def _winners(self) -> Iterable[Winner]:
        """Who held the other side in profit at the start, with the profit that is left."""
        markets = self.before.markets
        held = self.before.accounts[self.number].holdings
        for number, account in sorted(self.before.accounts.items()):
            profits = [
                account.holdings[s].profit(markets[s].mark)
                for s in held
                if s in account.holdings and account.holdings[s].side == -held[s].side
            ]
            now = self.ledger.accounts[number].equity(markets)
            lost = account.equity(markets) - now
            left = min(sum((p for p in profits if p > 0), ZERO) - max(lost, ZERO), now)
            if left > 0:
                yield Winner(number, left)
