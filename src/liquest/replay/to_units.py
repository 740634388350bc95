"""From accounts to margin units: exact records become float arrays, each number once.

    isolated position             a unit of its own, wallet = its margin
    cross positions               one unit for each settle currency of the account
    with collateral, or portfolio  all that settles in dollar coins is one unit, coins at 1

Collateral becomes legs of that last unit: size = balance · rate, the balance alone where it is
a debt, entered at 0. The price of an asset is the market of its own name ("USDE"), which has no
tiers; `priced_as` names another. Source of the pooling: Binance, "Multi-Assets Mode" and
"Portfolio Margin" (adjusted equity Σ min(net · index · rate, net · index)).

An account of which a leg has no price path is set aside whole, as a problem.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from ..errors import InputError, Text, UsageError
from ..instruments import STABLE
from ..problems import ASIDE, KEPT, Problem
from ..tape.tracks import Ints
from .accounts import REGULAR, SYNTHETIC, WIDE, Account, Position, Wallet
from .units import Bools, Units

POOL = "USD"
"""The currency of a pooled unit: dollar coins, each taken at 1."""
ONE = Decimal(1)
_MOST = 200
"""Accounts set aside that are named one by one."""


@dataclass(frozen=True, eq=False)
class Held:
    """Margin units and whose they are.

    Arrays [U] by unit: `account` is a place in `ids`, `currency` one in `currencies`,
    `category` one in `categories`; `isolated` tells a single isolated leg from a cross wallet.
    """

    units: Units
    ids: Sequence[str]
    account: Ints
    currencies: tuple[str, ...]
    currency: Ints
    categories: tuple[str, ...]
    category: Ints
    isolated: Bools
    caveats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.units)
        for name in ("account", "currency", "category", "isolated"):
            if len(getattr(self, name)) != count:
                raise InputError(
                    Text(f"{count} units, but not as many values", f"单位数为 {count}，长度不符"),
                    where=name,
                )

    def id(self, unit: int) -> str:
        """The account that a unit belongs to."""
        return self.ids[int(self.account[unit])]


@dataclass(frozen=True)
class Conversion:
    """What turns accounts into units. `rates` are the collateral rates by asset, 0 to 1;
    `grace` the seconds by class (a class that is not there has that of "regular");
    `portfolio_ratio` the ratio of equity to maintenance that liquidates a portfolio account."""

    rates: Mapping[str, Decimal] = field(default_factory=dict)
    priced_as: Mapping[str, str] = field(default_factory=dict)
    grace: Mapping[str, int] = field(default_factory=dict)
    portfolio_ratio: Decimal = Decimal("1.05")

    def __post_init__(self) -> None:
        for asset, rate in self.rates.items():
            if not (rate.is_finite() and 0 <= rate <= 1):
                raise UsageError(
                    Text(f"the collateral rate of {asset} is {rate}",
                         f"{asset} 的抵押率为 {rate}"),
                    remedy=Text("Write a share from 0 to 1, for instance 0.95.",
                                "请填写 0 到 1 之间的数，例如 0.95。"),
                )  # fmt: skip
        if not (self.portfolio_ratio.is_finite() and self.portfolio_ratio >= 1):
            raise UsageError(
                Text(f"a portfolio ratio of {self.portfolio_ratio} is below 1",
                     f"组合保证金强平比率 {self.portfolio_ratio} 小于 1"),
                remedy=Text("Write 1.05 for 105 %.", "105% 请写 1.05。"),
            )  # fmt: skip
        for word, seconds in self.grace.items():
            if seconds < 0:
                raise UsageError(
                    Text(f"the grace of {word} is below zero", f"{word} 的宽限时间为负"),
                    remedy=Text("Write seconds, 0 for none.", "请填写秒数，无宽限写 0。"),
                )

    def of(self, category: str) -> int:
        """Seconds of grace of a class."""
        return self.grace.get(category, self.grace.get(REGULAR, 0))


def to_units(
    accounts: Iterable[Account], markets: Sequence[str], how: Conversion | None = None
) -> tuple[Held, list[Problem]]:
    """The units of all accounts whose every leg is one of `markets` (leg numbers are places
    in it), in order; and the accounts that were set aside.

    Accounts are taken one at a time, so that a file of any length can be streamed through.
    """
    building = _Building(markets, how or Conversion())
    for account in accounts:
        building.add(account)
    return building.held(), building.problems()


def x_entry(position: Position) -> float:
    """The entry price as x: 1/price for inverse contracts, rounded once."""
    if not position.inverse:
        return float(position.entry)
    numerator, denominator = position.entry.as_integer_ratio()
    return denominator / numerator


def x_size(position: Position) -> float:
    """Signed size in x: side · base units, for inverse contracts −side · USD."""
    size = float(position.amount)
    return size * (-position.side if position.inverse else position.side)


class _Building:
    """The arrays as they grow; `array` keeps a million accounts small."""

    def __init__(self, markets: Sequence[str], how: Conversion) -> None:
        self._place = {name: place for place, name in enumerate(markets)}
        self._how = how
        self._ratio = float(how.portfolio_ratio)
        self._ids: list[str] = []
        self._wallet, self._size, self._entry, self._trigger = (array("d") for _ in range(4))
        self._start, self._grace, self._account = array("q", [0]), array("q"), array("q")
        self._market = array("i")
        self._currency, self._category, self._isolated = array("q"), array("q"), array("b")
        self._currencies: dict[str, int] = {}
        self._categories: dict[str, int] = {}
        self._aside: list[Problem] = []
        self._more = 0
        self._synthetic = False
        self._mixed = 0

    def add(self, account: Account) -> None:
        """The units of one account, or the problem that keeps it out."""
        missing = self._missing(account)
        if missing is not None:
            if len(self._aside) < _MOST:
                self._aside.append(missing)
            else:
                self._more += 1
            return
        self._synthetic |= account.synthetic
        self._ids.append(account.id)
        cross: dict[str, list[Position]] = {}
        for one in account.positions:
            if one.margin is not None:
                self._leg(one)
                self._unit(account, one.settle, one.margin, 1.0, isolated=True)
            else:
                cross.setdefault(_pot(account, one.settle), []).append(one)
        if account.collateral:
            cross.setdefault(POOL, [])
        for currency, legs in cross.items():
            for one in legs:
                self._leg(one)
            if currency == POOL and account.pooled:
                self._pledge(account)
                self._mixed += len({one.settle for one in legs}) > 1
            balance = Decimal(0)
            for wallet in account.wallets:
                if _pot(account, wallet.currency) == currency:
                    balance = WIDE.add(balance, wallet.balance)
            ratio = self._ratio if account.portfolio else 1.0
            self._unit(account, currency, balance, ratio, isolated=False)

    def _leg(self, one: Position) -> None:
        self._market.append(self._place[one.symbol])
        self._size.append(x_size(one))
        self._entry.append(x_entry(one))

    def _pledge(self, account: Account) -> None:
        for one in account.collateral:
            rate = self._how.rates.get(one.asset, ONE)
            self._market.append(self._place[self._how.priced_as.get(one.asset, one.asset)])
            self._size.append(float(one.value(rate)))
            self._entry.append(0.0)

    def _unit(
        self, account: Account, currency: str, balance: Decimal, ratio: float, *, isolated: bool
    ) -> None:
        """Closes the unit whose legs were just added."""
        self._start.append(len(self._market))
        self._wallet.append(float(balance))
        self._trigger.append(ratio)
        self._grace.append(self._how.of(account.category))
        self._account.append(len(self._ids) - 1)
        self._currency.append(self._currencies.setdefault(currency, len(self._currencies)))
        self._category.append(self._categories.setdefault(account.category, len(self._categories)))
        self._isolated.append(isolated)

    def _missing(self, account: Account) -> Problem | None:
        """Why the account cannot be replayed, if it cannot."""
        for one in account.positions:
            if one.symbol not in self._place:
                return _of("no-price-path", account, f"no price path for {one.symbol}",
                           f"没有 {one.symbol} 的价格路径")  # fmt: skip
            if account.portfolio and not one.isolated and one.settle not in STABLE:
                return _of(
                    "portfolio-coin", account,
                    f"{one.symbol} settles in {one.settle}; a portfolio account is replayed with "
                    "contracts in dollar coins only",
                    f"{one.symbol} 以 {one.settle} 结算；组合保证金账户仅支持美元稳定币合约",
                )  # fmt: skip
        for pledge in account.collateral:
            name = self._how.priced_as.get(pledge.asset, pledge.asset)
            if name not in self._place:
                return _of("no-price-path", account, f"no price path for {name}",
                           f"没有 {name} 的价格路径")  # fmt: skip
            if pledge.balance > 0 and pledge.asset not in self._how.rates:
                return _of(
                    "no-collateral-rate", account, f"no collateral rate for {pledge.asset}",
                    f"没有 {pledge.asset} 的抵押率",
                )  # fmt: skip
        return _coins_in_pool(account)

    def problems(self) -> list[Problem]:
        """Accounts set aside, and what is to be known about the others."""
        found = list(self._aside)
        if self._more:
            found.append(Problem(
                "accounts-aside", ASIDE,
                Text(f"replay: and {self._more:,} more accounts are set aside",
                     f"重放：另有 {self._more:,} 个账户不予采用"), count=self._more,
            ))  # fmt: skip
        if self._mixed:
            found.append(Problem(
                "pooled-coins", KEPT,
                Text("replay: dollar coins of one pooled account are taken at 1 to each other",
                     "重放：同一账户的多种美元稳定币按 1 比 1 计"), count=self._mixed,
            ))  # fmt: skip
        return found

    def held(self) -> Held:
        """The arrays, frozen."""
        return Held(
            Units(
                _array(self._wallet), _array(self._start), _array(self._market),
                _array(self._size), _array(self._entry), _array(self._trigger),
                _array(self._grace),
            ),
            self._ids, _array(self._account), tuple(self._currencies), _array(self._currency),
            tuple(self._categories), _array(self._category),
            _array(self._isolated).astype(np.bool_),
            (SYNTHETIC,) if self._synthetic else (),
        )  # fmt: skip


def _pot(account: Account, currency: str) -> str:
    """The unit that a currency of the account belongs to."""
    return POOL if account.pooled and currency in STABLE else currency


def _array(values: array[Any]) -> Any:
    return np.array(values)


def _coins_in_pool(account: Account) -> Problem | None:
    """A coin in the wallet of a portfolio account counts at a rate, so it is collateral."""
    loose: list[Wallet] = [
        w for w in account.wallets if account.portfolio and w.currency not in STABLE
    ]
    if not loose:
        return None
    asset = loose[0].currency
    return _of(
        "portfolio-coin", account, f"{asset} of a portfolio account stands in the wallet; write it "
        "as collateral", f"组合保证金账户的 {asset} 写在了钱包中，应作为抵押资产填写",
    )  # fmt: skip


def _of(code: str, account: Account, en: str, zh: str) -> Problem:
    return Problem(
        code, ASIDE,
        Text(f"replay: the account '{account.id}' is set aside: {en}",
             f"重放：账户“{account.id}”不予采用：{zh}"), sample=account.id,
    )  # fmt: skip
