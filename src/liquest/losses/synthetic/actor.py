"""What the owner of a synthetic account does: orders, transfers, margin, now and then.

Whatever it does is possible: it opens no more than its equity allows, closes no more than it
holds, and sends no order while its unit is being liquidated (such an order is rejected).
"""

from __future__ import annotations

import random as chance
from collections.abc import Set
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

from ...clock import SECOND
from ...rules.exact import ONE, ZERO
from ..entries import DONE, SPOT, USDM, Movement, Order
from .account import NOWHERE, Account, Fill, Key, Purse, money, place_of
from .contracts import FEES, Contract, contract
from .plan import Traits
from .prices import Paths, on_tick
from .units import Unit, units_of

BNB = (USDM, "BNB")
USDT, USDC = (USDM, "USDT"), (USDM, "USDC")
_BNB_SHARE = Decimal("0.9")
"""What a commission in BNB costs of one in the settle asset."""
_DEPOSIT = Decimal(4000)
"""First deposits are worth about this in dollars, times 0.2 to 3."""
_KINDS = (
    "open",
    "reduce",
    "close",
    "flip",
    "cancel",
    "reject",
    "transfer",
    "exchange",
    "margin",
    "odd",
)
_WEIGHTS = (46, 20, 8, 6, 6, 3, 5, 3, 2, 1)

Name = tuple[Purse, Key | None]


class Actor:
    """Acts on the account; `frozen` are the units in liquidation."""

    def __init__(
        self, account: Account, paths: Paths, traits: Traits, random: chance.Random,
        frozen: Set[Name],
    ) -> None:  # fmt: skip
        self.account, self.paths, self.traits, self.random = account, paths, traits, random
        self.frozen = frozen
        self.contracts = [contract(s) for s in traits.symbols]

    def purses(self) -> list[Purse]:
        """The wallets its contracts settle in."""
        return list(dict.fromkeys((c.market, c.settle) for c in self.contracts))

    def fund(self, ts: int) -> None:
        """First deposits."""
        for purse in self.purses():
            usd = _DEPOSIT * self.random.randint(20, 300) / 100
            one = next(c for c in self.contracts if (c.market, c.settle) == purse)
            price = self.paths.mark(one.symbol, ts) if one.inverse else ONE
            self.move(ts, ts, purse, money(usd / price))
        if self.traits.bnb and any(not c.inverse for c in self.contracts):
            self.move(ts, ts, BNB, Decimal(self.random.randint(5, 80)) / 100)

    def move(
        self, ts: int, arrived: int | None, purse: Purse, amount: Decimal, status: str = DONE
    ) -> int:
        """A transfer between spot and a futures wallet, out when `amount` is below zero; its
        place among the movements. The wallet changes when it arrives."""
        market, asset = purse
        source, target = (SPOT, market) if amount > 0 else (market, SPOT)
        self.account.movements.append(
            Movement(
                ts, arrived, asset, abs(amount), source, target, status, self.account.new_id(),
                NOWHERE,
            )
        )  # fmt: skip
        if arrived is not None and status == DONE:
            self.account.change(arrived, market, "TRANSFER", amount, asset)
        return len(self.account.movements) - 1

    def act(self, ts: int) -> None:
        """One action."""
        (kind,) = self.random.choices(_KINDS, _WEIGHTS)
        one = self.random.choice(self.contracts)
        hedge = self.traits.hedge[one.market]
        side = self.random.choice((1, -1))
        place = place_of(hedge, side)
        held = self.account.holdings.get((one.symbol, place))
        purse = (one.market, one.settle)
        if kind == "transfer":
            self._transfer(ts, purse)
        elif kind == "exchange":
            self._exchange(ts)
        elif kind == "odd":
            odd = self.random.choice(("POSITION_CLAIM_TRANSFER", "WELCOME_BONUS", "API_REBATE"))
            amount = Decimal(self.random.randint(1, 10**6)).scaleb(-8)
            self.account.change(ts, one.market, odd, amount, one.settle)
        elif self._busy(one, place):
            self.unfilled(ts, one, place, side, "REJECTED")
        elif kind in ("cancel", "reject"):
            self.unfilled(ts, one, place, side, "CANCELED" if kind == "cancel" else "REJECTED")
        elif kind == "margin":
            self._margin(ts)
        elif held is None or kind == "open":
            self._open(ts, one, place, held.side if held is not None and not hedge else side)
        elif kind == "flip" and not hedge:
            extra = self._room(one, ts, self._price(one, ts))
            self.trade(ts, one, place, -held.side, abs(held.quantity) + extra)
        else:
            total = abs(held.quantity)
            share = ONE if kind == "close" else Decimal(self.random.randint(10, 90)) / 100
            self.trade(ts, one, place, -held.side, self._lots(one, total * share) or one.lot)

    def _busy(self, one: Contract, place: str) -> bool:
        purse = (one.market, one.settle)
        return (purse, None) in self.frozen or (purse, (one.symbol, place)) in self.frozen

    def _unit(self, purse: Purse) -> Unit | None:
        return next((u for u in units_of(self.account) if u.name == (purse, None)), None)

    def free(self, purse: Purse, ts: int) -> Decimal:
        """What new positions may lean on: the cross part of the wallet with its losses, less
        thrice the maintenance of what it holds."""
        balance = self.account.wallets.get(purse, ZERO) - self.account.set_aside(purse)
        unit = self._unit(purse)
        if unit is None:
            return balance
        margin = unit.margin(self.paths, ts)
        return min(balance, margin.equity) - 3 * margin.maintenance

    def _price(self, one: Contract, ts: int) -> Decimal:
        return self.paths.mark(one.symbol, ts)

    def _lots(self, one: Contract, quantity: Decimal) -> Decimal:
        return (quantity / one.lot).to_integral_value(ROUND_DOWN) * one.lot

    def _room(self, one: Contract, ts: int, price: Decimal) -> Decimal:
        """A quantity that the free money carries."""
        free = self.free((one.market, one.settle), ts) * Decimal(self.random.randint(10, 70)) / 100
        if free <= 0:
            return ZERO
        worth = free * self.traits.leverage
        quantity = worth * price / one.size if one.inverse else worth / price
        return self._lots(one, quantity)

    def _open(self, ts: int, one: Contract, place: str, side: int) -> None:
        quantity = self._room(one, ts, self._price(one, ts))
        if quantity <= 0:
            self.unfilled(ts, one, place, side, "REJECTED")
        else:
            self.trade(ts, one, place, side, quantity)

    def _margin(self, ts: int) -> None:
        """Adds margin of the wallet to an isolated position."""
        alone = [u for u in units_of(self.account) if u.key and u.name not in self.frozen]
        if not alone:
            return
        unit = self.random.choice(alone)
        free = self.free(unit.purse, ts)
        amount = money(free * Decimal(self.random.randint(5, 50)) / 100)
        if amount > 0 and unit.key is not None and (unit.purse, None) not in self.frozen:
            self.account.add_margin(ts, unit.key, amount)

    def _transfer(self, ts: int, purse: Purse) -> None:
        if (purse, None) in self.frozen:
            return
        free = self.free(purse, ts)
        if free > 0 and self.random.random() < 0.4:
            self.move(ts, ts, purse, -money(free * Decimal(self.random.randint(5, 40)) / 100))
        else:
            base = max(free, ONE / 100)
            self.move(ts, ts, purse, money(base * Decimal(self.random.randint(5, 60)) / 100))

    def _exchange(self, ts: int) -> None:
        """AUTO_EXCHANGE: one asset of the wallet into another, two rows of one second."""
        sources = [p for p in (BNB, USDC, USDT) if self.account.wallets.get(p, ZERO) > 0]
        held = {(h.contract.market, h.contract.settle) for h in self.account.holdings.values()}
        sources = [p for p in sources if p not in held]
        if not sources:
            return
        source = self.random.choice(sources)
        target = USDT if source != USDT else USDC
        amount = money(self.account.wallets[source] * self.random.randint(1, 30) / 100)
        rate = self.traits.bnb_price if source == BNB else Decimal("0.9991")
        if amount:
            self.account.change(ts, USDM, "AUTO_EXCHANGE", -amount, source[1])
            self.account.change(ts, USDM, "AUTO_EXCHANGE", money(amount * rate), target[1])

    def trade(
        self, ts: int, one: Contract, place: str, side: int, quantity: Decimal,
        limit: bool | None = None,
    ) -> None:  # fmt: skip
        """An order that is filled in one to three trades; one whose kind (`limit`) is not given
        is now and then not filled whole."""
        drawn = limit is None
        limit = self.random.random() < 0.5 if limit is None else limit
        mark = self._price(one, ts)
        done = quantity
        if drawn and limit and quantity > 2 * one.lot and self.random.random() < 0.1:
            done = self._lots(one, quantity / 2)
        rounding = ROUND_CEILING if side > 0 else ROUND_FLOOR
        slip = Decimal(self.random.randint(0, 5)).scaleb(-4)
        near = on_tick(one, mark * (1 - side * slip if limit else 1 + side * slip), rounding)
        first = self.paths.last(one.symbol, ts) or near
        step = ZERO if limit or self.paths.lasts else side * one.tick
        parts = self._split(one, done)
        number = self.account.new_id(one.symbol)
        quote = x_sum = ZERO
        for n, part in enumerate(parts):
            price = max(first + n * step, one.tick)
            self._fill(ts, one, place, side, price, part, limit, number)
            quote += price * part
            x_sum += one.coordinate(price) * part
        average = money(one.coordinate(x_sum / done))
        self.account.orders.append(
            Order(
                ts - (self.random.randint(1, 300) * SECOND if limit else 0), ts, one.market,
                one.symbol, number, f"web_{self.random.getrandbits(64):016x}",
                "LIMIT" if limit else "MARKET", side, place, first if limit else ZERO, average,
                quantity, done, None if one.inverse else quote, None,
                "FILLED" if done == quantity else "CANCELED", "GTC", None, NOWHERE,
            )
        )  # fmt: skip

    def _split(self, one: Contract, quantity: Decimal) -> list[Decimal]:
        """Parts in lots; now and then two are alike."""
        draw = self.random.random()
        half = self._lots(one, quantity / 2)
        if draw < 0.6 or not half:
            return [quantity]
        if draw < 0.8 and half * 2 == quantity:
            return [half, half]
        third = self._lots(one, half / 2)
        return [p for p in (half, third, quantity - half - third) if p]

    def _fill(
        self, ts: int, one: Contract, place: str, side: int, price: Decimal, quantity: Decimal,
        maker: bool, number: str,
    ) -> None:  # fmt: skip
        fee, asset = money(one.notional(quantity, price) * FEES[maker]), one.settle
        in_bnb = money(fee * _BNB_SHARE / self.traits.bnb_price)
        if self.traits.bnb and not one.inverse and self.account.wallets.get(BNB, ZERO) > in_bnb:
            fee, asset = in_bnb, "BNB"
        self.account.trade(one, Fill(ts, side, place, price, quantity, maker, number, fee, asset))

    def unfilled(self, ts: int, one: Contract, place: str, side: int, status: str) -> None:
        """An order that came to nothing: REJECTED, or CANCELED later."""
        mark = self._price(one, ts)
        price = on_tick(one, mark * (1 - side * Decimal("0.01")), ROUND_FLOOR)
        stop = self.random.random() < 0.2
        updated = ts + (self.random.randint(0, 60) * SECOND if status == "CANCELED" else 0)
        self.account.orders.append(
            Order(
                ts, updated, one.market, one.symbol, self.account.new_id(one.symbol),
                f"ios_{self.random.getrandbits(48):012x}", "STOP_MARKET" if stop else "LIMIT", side,
                place, ZERO if stop else price, None, one.lot * self.random.randint(1, 500), ZERO,
                None if one.inverse else ZERO, price if stop else None, status, "GTC", None,
                NOWHERE,
            )
        )  # fmt: skip
