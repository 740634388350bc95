"""A ledger of a few accounts, exact to the last digit: linear contracts, one settle currency.

A trade moves contracts and cash between two parties. Invariant: no trade changes Σ signed
quantity of a symbol, nor Σ equity at any common mark, counting the fund, the fees and what
was left uncovered; so Σ profits change by 0 at a common mark. What an insurance fund takes
over it marks at once: its size is what it is worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, Decimal

from ..errors import InputError, Text
from .exact import ZERO, exact, finite, positive
from .fund import Fund
from .scores import Candidate

GRAIN = Decimal("1E-8")
"""The part of a position's cost that a partial close releases is rounded to this."""


@dataclass(frozen=True)
class Market:
    """One contract at one moment. `rate` is the maintenance margin, `fee` the clearance fee,
    `band` how far from the mark a forced order may go, all as shares. Raises InputError."""

    symbol: str
    mark: Decimal
    previous: Decimal
    tick: Decimal
    lot: Decimal
    rate: Decimal
    fee: Decimal = ZERO
    band: Decimal = Decimal("0.05")

    def __post_init__(self) -> None:
        for name, value in (
            (Text("the mark price", "标记价格"), self.mark),
            (Text("the previous mark price", "前一标记价格"), self.previous),
            (Text("the tick", "最小价格变动"), self.tick),
            (Text("the lot", "最小变动数量"), self.lot),
            (Text("the maintenance rate", "维持保证金率"), self.rate),
        ):
            positive(name, value, self.symbol)
        finite(Text("the fee", "清算费率"), self.fee, self.symbol)
        finite(Text("the price band", "价格保护幅度"), self.band, self.symbol)


@dataclass(frozen=True)
class Holding:
    """`quantity` signed, not zero; `cost` signed too: what it was bought for."""

    quantity: Decimal
    cost: Decimal

    @classmethod
    def of(cls, quantity: Decimal, entry: Decimal) -> Holding:
        """A position at its entry price."""
        return cls(quantity, quantity * entry)

    @property
    def side(self) -> int:
        return 1 if self.quantity > 0 else -1

    @exact
    def profit(self, mark: Decimal) -> Decimal:
        """Unrealised profit."""
        return self.quantity * mark - self.cost


@dataclass(frozen=True)
class Account:
    """A cross-margin account: a wallet and at most one position a symbol."""

    number: int
    wallet: Decimal
    holdings: Mapping[str, Holding] = field(default_factory=dict)

    @exact
    def equity(self, markets: Mapping[str, Market]) -> Decimal:
        """Wallet and unrealised profit at the marks."""
        return self.wallet + sum(
            (h.profit(markets[s].mark) for s, h in self.holdings.items()), ZERO
        )

    @exact
    def maintenance(self, markets: Mapping[str, Market]) -> Decimal:
        """Maintenance margin at the marks."""
        return sum(
            (abs(h.quantity) * markets[s].mark * markets[s].rate for s, h in self.holdings.items()),
            ZERO,
        )

    @exact
    def traded(self, symbol: str, quantity: Decimal, price: Decimal) -> Account:
        """The account after buying (selling, when negative) `quantity` at `price`.

        Against a position it closes first; of a part the cost is released in proportion. The
        wallet less all costs changes by exactly −quantity · price, however that is rounded.
        """
        held = self.holdings.get(symbol)
        if held is None or held.quantity * quantity > 0:
            before = held or Holding(ZERO, ZERO)
            return self._with(
                symbol, Holding(before.quantity + quantity, before.cost + quantity * price), ZERO
            )
        closing = -held.side * min(abs(quantity), abs(held.quantity))
        released = held.cost
        if closing != -held.quantity:
            released = (held.cost * -closing / held.quantity).quantize(GRAIN)
        opened = quantity - closing
        left = Holding(held.quantity + quantity, held.cost - released + opened * price)
        return self._with(symbol, left, -closing * price - released)

    def _with(self, symbol: str, holding: Holding, gain: Decimal) -> Account:
        kept = {s: h for s, h in self.holdings.items() if s != symbol}
        if holding.quantity:
            kept[symbol] = holding
        return replace(self, wallet=self.wallet + gain, holdings=kept)

    @exact
    def paid(self, amount: Decimal) -> Account:
        """The account with `amount` more in its wallet."""
        return replace(self, wallet=self.wallet + amount)

    @exact
    def candidate(self, symbol: str, markets: Mapping[str, Market]) -> Candidate:
        """Its position in a symbol, as a queue sees it."""
        held = self.holdings[symbol]
        return Candidate(
            self.number,
            held.side,
            abs(held.quantity),
            held.cost / held.quantity,
            markets[symbol].mark,
            self.wallet,
            self.equity(markets),
            self.maintenance(markets),
        )


@dataclass(frozen=True)
class Ledger:
    """All accounts at one moment; `inventory` is what the fund has taken over, signed."""

    accounts: Mapping[int, Account]
    markets: Mapping[str, Market]
    fund: Fund
    inventory: Mapping[str, Decimal] = field(default_factory=dict)
    fees: Decimal = ZERO
    uncovered: Decimal = ZERO

    @classmethod
    @exact
    def of(cls, accounts: Iterable[Account], markets: Iterable[Market], fund: Fund) -> Ledger:
        """A ledger; raises InputError for a position whose market or number is not known, or
        that is not in whole lots."""
        known = {m.symbol: m for m in markets}
        made: dict[int, Account] = {}
        for account in accounts:
            for symbol, held in account.holdings.items():
                if symbol not in known or held.quantity % known[symbol].lot:
                    raise InputError(
                        Text(
                            f"{symbol} has no market with lots that make up {held.quantity}",
                            f"{symbol} 没有能整除 {held.quantity} 的合约市场",
                        ),
                        where=f"account {account.number}",
                        remedy=Text(
                            "Give a market for every symbol, and whole lots.",
                            "请为每个合约提供市场参数，数量须为整手。",
                        ),
                    )
            if account.number in made:
                raise InputError(
                    Text(f"account {account.number} stands twice", f"账户 {account.number} 重复"),
                    where=f"account {account.number}",
                    remedy=Text("Give each account once.", "每个账户只列一次。"),
                )
            made[account.number] = account
        return cls(made, known, fund)

    @exact
    def total(self) -> Decimal:
        """Σ equity + fund + fees − uncovered: the same before and after any step."""
        cash = sum((a.equity(self.markets) for a in self.accounts.values()), ZERO)
        return cash + self.fund.received - self.fund.paid + self.fees - self.uncovered

    @exact
    def net(self, symbol: str) -> Decimal:
        """Σ signed quantity of a symbol, with the fund."""
        held = (a.holdings[symbol].quantity for a in self.accounts.values() if symbol in a.holdings)
        return sum(held, ZERO) + self.inventory.get(symbol, ZERO)

    @exact
    def open_interest(self, symbol: str) -> Decimal:
        """Σ of the positive quantities of a symbol, with the fund."""
        held = [a.holdings[symbol].quantity for a in self.accounts.values() if symbol in a.holdings]
        return sum((q for q in (*held, self.inventory.get(symbol, ZERO)) if q > 0), ZERO)

    def put(self, *accounts: Account) -> Ledger:
        """The ledger with these accounts in place of what they were."""
        return replace(self, accounts={**self.accounts, **{a.number: a for a in accounts}})

    def trade(
        self, buyer: int, seller: int, symbol: str, quantity: Decimal, price: Decimal
    ) -> Ledger:
        """`quantity` > 0 changes hands at `price`."""
        return self.put(
            self.accounts[buyer].traded(symbol, quantity, price),
            self.accounts[seller].traded(symbol, -quantity, price),
        )

    @exact
    def take_over(self, number: int, symbol: str, quantity: Decimal, price: Decimal) -> Ledger:
        """The fund takes `quantity` of an account's position at `price` and marks it: it pays
        the gap to the mark, or receives it. Raises InputError when it cannot pay."""
        account = self.accounts[number]
        side = account.holdings[symbol].side
        gap = side * (price - self.markets[symbol].mark) * quantity
        fund = self.fund.receive(-gap) if gap < 0 else self.fund.pay(gap).fund
        if gap > 0 and fund.paid - self.fund.paid != gap:
            raise InputError(
                Text(f"the fund cannot take a loss of {gap}", f"保险基金无力承担 {gap} 的损失"),
                where=f"account {number}",
                remedy=Text("Take over no more than `affordable`.", "接管数量不得超过可承担量。"),
            )
        held = self.inventory.get(symbol, ZERO) + side * quantity
        return replace(
            self.put(account.traded(symbol, -side * quantity, price)),
            fund=fund,
            inventory={**self.inventory, symbol: held},
        )

    @exact
    def affordable(self, symbol: str, gap: Decimal, quantity: Decimal) -> Decimal:
        """How much of `quantity` the fund can take at a loss of `gap` a unit, in whole lots."""
        available = self.fund.available()
        if gap <= 0 or available is None:
            return quantity
        lot = self.markets[symbol].lot
        lots = (available / (gap * lot)).to_integral_value(rounding=ROUND_DOWN)
        return min(quantity, lots * lot)
