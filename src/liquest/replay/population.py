"""Synthetic accounts in any number, from stated assumptions and a seed.

Every account is labelled: its id is synthetic-0000001 and so on, its note is "synthetic", and
what is computed from it carries the caveat "synthetic". Long and short lots are equal in every
contract: what the drawn accounts hold on balance, accounts of the class "counterparty" hold the
other way. The arrays and the records are the same accounts: amounts are integers underneath.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, overload

import numpy as np

from ..clock import HOUR, SECOND
from ..errors import Text, UsageError
from ..instruments import Instrument
from ..tape.tracks import Ints
from .accounts import COUNTERPARTY, SYNTHETIC, WIDE, Account, Position, Wallet
from .population_draw import (
    Bools,
    Legs,
    amounts,
    countable,
    draw,
    opening,
    powers,
    prices,
    targets,
)  # fmt: skip
from .population_law import Assumptions
from .population_terms import Listing, Steps, Terms, weights
from .positions_writer import write_positions
from .to_units import Conversion, Held
from .units import Units

MOST = 20_000_000
"""Accounts of one population."""


class OpenInterest(NamedTuple):
    """Of one contract: lots of each side, in quote units at the beginning of the window, and the
    share of the two sides that counterparties hold."""

    lots: int
    notional: Decimal
    counterparties: Decimal


class Ids(Sequence[str]):
    """The names of synthetic accounts, made when asked for."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(self._count))]
        if not -self._count <= at < self._count:
            raise IndexError(at)
        return f"{SYNTHETIC}-{at % self._count + 1:07d}"


@dataclass(frozen=True, eq=False)
class Population:
    """A accounts with U margin units and P positions, as whole numbers.

    By account [A]: `category` (a place in `categories`), `isolated`, `hedge`. By unit [U]:
    `owner` (its account), `wallet` (10^-places of the settle currency). By position [P], those
    of unit u from start[u] to start[u+1]: `market`, `side` ±1, `lots`, `ticks`, `leverage`
    (0: not stated).
    """

    instruments: tuple[Instrument, ...]
    steps: tuple[Steps, ...]
    terms: Terms
    categories: tuple[str, ...]
    category: Ints
    isolated: Bools
    hedge: Bools
    owner: Ints
    wallet: Ints
    start: Ints
    market: Ints
    side: Ints
    lots: Ints
    ticks: Ints
    leverage: Ints
    drawn: int

    caveats = (SYNTHETIC,)

    def __len__(self) -> int:
        return len(self.category)

    @property
    def ids(self) -> Ids:
        return Ids(len(self))

    def units(self, markets: Sequence[str], how: Conversion | None = None) -> Held:
        """The margin units, as `to_units` makes them of `accounts`, without the records.

        Legs are numbered by `markets`; raises UsageError for a contract that is not there.
        """
        how = how or Conversion()
        place = {name: at for at, name in enumerate(markets)}
        unknown = [one.symbol for one in self.steps if one.symbol not in place]
        if unknown:
            raise UsageError(
                Text(f"population: no price path for {', '.join(unknown[:8])}",
                     f"合成账户群：没有 {'、'.join(unknown[:8])} 的价格路径"),
                remedy=Text("Draw on the replayed contracts only.", "请仅使用被重放的合约。"),
            )  # fmt: skip
        numbers = np.array([place[one.symbol] for one in self.steps], dtype=np.int32)
        inverse = self.terms.column("inverse")[self.market] == 1
        settle = self._settle()
        names, first = np.unique(settle, return_index=True)
        in_order = names[np.argsort(first)]  # currencies as they first appear
        kinds, seen = np.unique(self.category[self.owner], return_index=True)
        classes = kinds[np.argsort(seen)]
        places = self.terms.column("wallet")[self.market[self.start[:-1]]]
        grace = np.array([how.of(one) for one in self.categories], dtype=np.int64)
        sign = np.where(inverse, -self.side, self.side)
        return Held(
            Units(
                self.wallet / powers(places), self.start, numbers[self.market],
                sign * amounts(self.terms, self.market, self.lots),
                prices(self.terms, self.market, self.ticks),
                np.ones(len(self.wallet)), grace[self.category[self.owner]],
            ),
            self.ids, self.owner,
            tuple(self._currencies[i] for i in in_order), _renumbered(settle, in_order),
            tuple(self.categories[i] for i in classes),
            _renumbered(self.category[self.owner], classes),
            self.isolated[self.owner], self.caveats,
        )  # fmt: skip

    @property
    def _currencies(self) -> list[str]:
        return sorted({one.settle for one in self.steps})

    def _settle(self) -> Ints:
        """The settle currency of every unit [U], a place in the sorted names."""
        by_market = np.array([self._currencies.index(one.settle) for one in self.steps])
        found: Ints = by_market[self.market[self.start[:-1]]]
        return found

    def accounts(self) -> Iterator[Account]:
        """The same accounts as exact records, one at a time."""
        units = np.searchsorted(self.owner, np.arange(len(self) + 1))
        for number, name in enumerate(self.ids):
            wallets: list[Wallet] = []
            positions: list[Position] = []
            isolated = bool(self.isolated[number])
            for unit in range(units[number], units[number + 1]):
                legs = range(self.start[unit], self.start[unit + 1])
                step = self.steps[self.market[legs[0]]]
                balance = Decimal(int(self.wallet[unit])).scaleb(-step.wallet, WIDE)
                if not isolated:
                    wallets.append(Wallet(step.settle, balance))
                positions += [self._position(leg, balance if isolated else None) for leg in legs]
            yield Account(
                name, tuple(positions), tuple(wallets), (),
                self.categories[self.category[number]], bool(self.hedge[number]), False, SYNTHETIC,
            )  # fmt: skip

    def _position(self, leg: int, margin: Decimal | None) -> Position:
        market = int(self.market[leg])
        step, stated = self.steps[market], int(self.leverage[leg])
        return Position(
            self.instruments[market], int(self.side[leg]),
            Decimal(int(self.lots[leg])).scaleb(-step.lot, WIDE),
            Decimal(int(self.ticks[leg])).scaleb(-step.tick, WIDE),
            margin, Decimal(stated) if stated else None,
        )  # fmt: skip

    def write(self, path: Path) -> int:
        """The accounts as a positions file; the number of accounts."""
        return write_positions(path, self.accounts())

    def open_interest(self) -> Mapping[str, OpenInterest]:
        """What each side holds of every contract."""
        leg_owner = np.repeat(self.owner, np.diff(self.start))
        closing = leg_owner >= self.drawn
        held = _sums(self.market, self.lots, self.side > 0, len(self.steps))
        taken = _sums(self.market, self.lots, closing, len(self.steps))
        found = {}
        for m, step in enumerate(self.steps):
            lots = int(held[m])
            price = Decimal(int(opening(self.terms)[m])).scaleb(-step.tick)
            value = Decimal(step.size) if step.inverse else price.scaleb(-step.lot)
            share = Decimal(int(taken[m])) / (2 * lots) if lots else Decimal(0)
            found[step.symbol] = OpenInterest(lots, lots * value, share)
        return found


def population(
    count: int, listings: Sequence[Listing], *, seed: int, step: int = 60,
    assumptions: Assumptions | None = None,
) -> Population:  # fmt: skip
    """`count` synthetic accounts on these contracts, and the counterparties that close them.

    `step` is the spacing of the marks in seconds. Where a listing states an open interest, the
    sizes in it are scaled so that the larger side of the drawn accounts meets it; what tiers or
    rounding keep them from holding, counterparties hold on both sides. The same seed gives the
    same accounts on every machine. Raises UsageError.
    """
    law = assumptions or Assumptions()
    if not 0 < count <= MOST or seed < 0 or step < 1 or not listings:
        raise UsageError(
            Text("population: needs 1 to 20 million accounts, a seed from 0 on, a step of 1 s or "
                 "more, and a contract", "合成账户群：账户数须为 1 至 2000 万，种子不小于 0，"
                 "间隔不小于 1 秒，并至少有一个合约"),
            remedy=Text("Correct the number at fault.", "请更正相应数值。"),
        )  # fmt: skip
    chosen = tuple(listings)
    if len({one.instrument.symbol for one in chosen}) < len(chosen) or not sum(weights(chosen)):
        raise UsageError(
            Text("population: a contract is listed twice, or none has a weight",
                 "合成账户群：合约重复，或全部权重为零"),
            remedy=Text("List each contract once.", "每个合约只列一次。"),
        )  # fmt: skip
    columns = 1 + int(law.hours * HOUR / (step * SECOND))
    terms = Terms.of(chosen, columns)
    legs = draw(count, chosen, terms, seed, law)
    return _closed(chosen, terms, legs, law)


def _closed(
    listings: tuple[Listing, ...], terms: Terms, legs: Legs, law: Assumptions
) -> Population:
    """The drawn accounts with their wallets, and the counterparties after them."""
    count, drawn = len(terms.steps), len(legs.category)
    own = _sums(legs.market, legs.lots, legs.side > 0, count)
    other = _sums(legs.market, legs.lots, legs.side < 0, count)
    larger, wanted = np.maximum(own, other), targets(listings, terms)
    # Short by less than a lot a position is rounding, not a side that is missing.
    rounding = np.bincount(legs.market, minlength=count)
    total = np.where(wanted - larger > rounding, wanted, larger)
    countable(total.astype(np.float64))
    account, market, side, lots = _counterparties(total - own, total - other, terms, law)
    categories = tuple(dict.fromkeys((*law.classes, COUNTERPARTY)))
    added = int(account.max(initial=-1)) + 1
    owner = np.concatenate((legs.account, account + drawn))
    markets = np.concatenate((legs.market, market))
    ticks = np.concatenate((legs.ticks, opening(terms)[market]))
    all_lots = np.concatenate((legs.lots, lots))
    isolated = np.concatenate((legs.isolated, np.zeros(added, dtype=np.bool_)))
    settle = np.unique([one.settle for one in terms.steps], return_inverse=True)[1][markets]
    new = np.ones(len(owner), dtype=np.bool_)
    new[1:] = (owner[1:] != owner[:-1]) | (settle[1:] != settle[:-1]) | isolated[owner[1:]]
    start = np.append(np.flatnonzero(new), len(owner))
    # Initial margin: notional at entry over leverage; then what cross wallets hold beside it.
    power = np.concatenate(
        (legs.leverage.astype(np.float64), np.full(len(lots), float(law.counterparty_leverage)))
    )
    margin = amounts(terms, markets, all_lots) * prices(terms, markets, ticks) / power
    unit = np.cumsum(new) - 1
    needed = np.bincount(unit, weights=margin, minlength=len(start) - 1)
    unit_owner = owner[start[:-1]]
    spare = np.concatenate((legs.spare * float(law.spare), np.zeros(added)))[unit_owner]
    needed *= np.where(isolated[unit_owner], 1.0, 1.0 + spare)
    balance = countable(np.ceil(needed * powers(terms.column("wallet")[markets[start[:-1]]])))
    return Population(
        tuple(one.instrument for one in listings), terms.steps, terms, categories,
        np.concatenate((legs.category, np.full(added, categories.index(COUNTERPARTY)))),
        isolated, np.concatenate((legs.hedge, np.zeros(added, dtype=np.bool_))),
        unit_owner, balance, start, markets,
        np.concatenate((legs.side, side)), all_lots, ticks,
        np.concatenate((legs.leverage, np.zeros(len(lots), dtype=np.int64))), drawn,
    )  # fmt: skip


def _counterparties(
    longs: Ints, shorts: Ints, terms: Terms, law: Assumptions
) -> tuple[Ints, Ints, Ints, Ints]:
    """account, market, side and lots of those who hold `longs` and `shorts` lots [M] more.

    A first group takes the larger need of each contract, a second the other, where both sides
    fall short of the open interest; the lots are spread evenly over a group.
    """
    many = law.counterparties
    larger, smaller = np.maximum(longs, shorts), np.minimum(longs, shorts)
    toward = np.where(longs >= shorts, 1, -1)
    settle = np.unique([one.settle for one in terms.steps], return_inverse=True)[1]
    order = np.argsort(settle, kind="stable")
    found: list[tuple[Ints, ...]] = []
    for group, (need, side) in enumerate(((larger, toward), (smaller, -toward))):
        each = need[None, order] // many + (np.arange(many)[:, None] < need[None, order] % many)
        who, at = np.nonzero(each)
        which = order[at]
        found.append((who + group * many, which, side[which], each[who, at]))
    account, market, sides, lots = (np.concatenate(parts) for parts in zip(*found, strict=True))
    # Accounts without a position are none: number those that have one.
    return np.unique(account, return_inverse=True)[1], market, sides, lots


def _sums(market: Ints, lots: Ints, which: Bools, count: int) -> Ints:
    """Lots per contract; exact, for their sum stays below 2^53."""
    sums = np.bincount(market[which], weights=lots[which].astype(np.float64), minlength=count)
    return sums.astype(np.int64)


def _renumbered(values: Ints, order: Ints) -> Ints:
    """Each value as its place in `order`."""
    table = np.zeros(int(order.max(initial=0)) + 1, dtype=np.int64)
    table[order] = np.arange(len(order))
    return table[values]
