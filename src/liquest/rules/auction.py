"""A call auction: all orders at one price, the one at which most can be executed.

    demand D(p) = Σ bids with a limit ≥ p       supply S(p) = Σ asks with a limit ≤ p
    executable V(p) = min(D, S)                 imbalance |D − S|

The price maximises V, then has the least imbalance, then lies nearest to the reference, then
is the lower. Prices are whole ticks. Between two limits D and S do not change, so besides the
limits only the ticks next to them and those next to the reference need to be looked at.
Orders without a limit execute at any price. The order of the criteria is that of the opening
auctions of securities exchanges (volume, surplus, reference price).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import accumulate

from ..errors import InputError, Text
from .exact import ZERO, exact, positive


@dataclass(frozen=True)
class AuctionOrder:
    """`side` +1 bid, −1 ask; `limit` None at any price. Raises InputError."""

    account: int
    side: int
    quantity: Decimal
    limit: Decimal | None = None

    def __post_init__(self) -> None:
        where = f"account {self.account}"
        if self.side not in (1, -1):
            raise InputError(
                Text(f"no order has side {self.side!r}", f"不存在方向为 {self.side!r} 的委托"),
                where=where,
                remedy=Text("Side +1 is a bid, −1 an ask.", "方向 +1 为买，−1 为卖。"),
            )
        positive(Text("the quantity", "数量"), self.quantity, where)
        if self.limit is not None:
            positive(Text("the limit price", "限价"), self.limit, where)


@dataclass(frozen=True)
class Uncrossing:
    """`price` None when nothing can be executed; `imbalance` = D − S at the price; `fills` one
    a given order, in their order, Σ bids = Σ asks = `volume`."""

    price: Decimal | None
    volume: Decimal
    imbalance: Decimal
    fills: tuple[Decimal, ...]


class _Side:
    """The orders of one side as a step function of the price."""

    def __init__(self, orders: Iterable[AuctionOrder]) -> None:
        limited: list[tuple[Decimal, Decimal]] = []
        self.always = ZERO
        for order in orders:
            if order.limit is None:
                self.always += order.quantity
            else:
                limited.append((order.limit, order.quantity))
        limited.sort()
        self.limits = [limit for limit, _ in limited]
        self.sums = [ZERO, *accumulate(quantity for _, quantity in limited)]

    def at_most(self, price: Decimal) -> Decimal:
        """Σ quantity with a limit ≤ price, and without limit."""
        return self.always + self.sums[bisect_right(self.limits, price)]

    def at_least(self, price: Decimal) -> Decimal:
        """Σ quantity with a limit ≥ price, and without limit."""
        return self.always + self.sums[-1] - self.sums[bisect_left(self.limits, price)]


@exact
def uncross(orders: Sequence[AuctionOrder], reference: Decimal, tick: Decimal) -> Uncrossing:
    """The price, volume and fills of an auction.

    Within a side the better limit goes first, orders without limit before all, then the order
    in which they are given. Raises InputError for a limit that is no whole number of ticks.
    """
    positive(Text("the reference price", "参考价"), reference)
    positive(Text("the tick", "最小价格变动"), tick)
    bids, asks = (_Side(o for o in orders if o.side == side) for side in (1, -1))
    best: tuple[Decimal, Decimal, Decimal, Decimal] | None = None
    for price in _prices({*bids.limits, *asks.limits}, reference, tick):
        demand, supply = bids.at_least(price), asks.at_most(price)
        # The smallest of these is the best: most volume, least imbalance, nearest, lowest.
        rank = (-min(demand, supply), abs(demand - supply), abs(price - reference), price)
        if best is None or rank < best:
            best = rank
    if best is None or not best[0]:
        return Uncrossing(None, ZERO, ZERO, (ZERO,) * len(orders))
    volume, price = -best[0], best[3]
    return Uncrossing(
        price,
        volume,
        bids.at_least(price) - asks.at_most(price),
        _fills(orders, price, volume),
    )


def _prices(limits: set[Decimal], reference: Decimal, tick: Decimal) -> list[Decimal]:
    """Every price that can be the best one."""
    for limit in limits:
        if limit % tick:
            raise InputError(
                Text(f"{limit} is no whole number of ticks", f"{limit} 不是最小价格变动的整数倍"),
                where=f"limit {limit}",
                remedy=Text(f"Give limits in steps of {tick}.", f"限价须为 {tick} 的整数倍。"),
            )
    near = {
        (reference / tick).to_integral_value(rounding) * tick
        for rounding in (ROUND_FLOOR, ROUND_CEILING)
    }
    beside = {limit + step for limit in limits for step in (-tick, ZERO, tick)}
    return sorted(price for price in near | beside if price > 0)


def _fills(orders: Sequence[AuctionOrder], price: Decimal, volume: Decimal) -> tuple[Decimal, ...]:
    fills = [ZERO] * len(orders)
    for side in (1, -1):
        left = volume
        taking = [
            (i, order)
            for i, order in enumerate(orders)
            if order.side == side and (order.limit is None or side * (order.limit - price) >= 0)
        ]
        taking.sort(
            key=lambda pair: (pair[1].limit is not None, -pair[1].side * (pair[1].limit or ZERO))
        )
        for i, order in taking:
            fills[i] = min(left, order.quantity)
            left -= fills[i]
    return tuple(fills)
