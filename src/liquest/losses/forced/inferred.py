"""Forced closes where no orders file says so: the orders that a clearance betrays.

An INSURANCE_CLEAR is booked by a liquidation only. One that belongs to no forced order of the
orders file points at trades just before it:

    with a symbol     the order whose closing trades of that symbol came last before it
    without           every order that brought a position of that wallet to zero, by the trades
                      or by the closing time of a row of the position history, before it

as near as `Nearby` says. What is found so is marked as inferred: the limit, the time of sending
and orders that expired without a fill are not in the trades, and an order that the orders file
shows to be the account's own is never taken.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ...clock import SECOND
from ...rules.exact import ZERO
from ..entries import Exports, Trade, Transaction
from ..ledger.ledger import Ledger
from ..prices.prices import Prices
from .client_ids import LIQUIDATION
from .forced_order import BY_TRADE, FILLED, ForcedOrder, Sum
from .gather import around, contract_of, trades_of
from .nearby import Nearby
from .slippage import Fill, mean, slips

Key = tuple[str, str, str]


def inferred(
    exports: Exports, ledger: Ledger, prices: Prices | None, clears: Iterable[int],
    known: Collection[Key], nearby: Nearby,
) -> list[ForcedOrder]:  # fmt: skip
    """The orders that the clearances (places in `exports.transactions`) point at, each once, by
    time; `known` are (market, symbol, order id) of forced orders that need no inference."""
    search = _Search(exports, ledger, nearby, set(known) | _own(exports))
    wanted: dict[Key, None] = {}
    for place in clears:
        wanted |= dict.fromkeys(search.orders(exports.transactions[place], wanted))
    places = trades_of(exports, wanted.keys())
    made = [_made(exports, ledger, prices, key, places[key]) for key in wanted if key in places]
    return sorted(made, key=lambda one: (one.sent, one.trades))


def _own(exports: Exports) -> set[Key]:
    """Orders that the orders file holds: what they are is known."""
    return {(o.market, o.symbol, o.order_id) for o in exports.orders}


@dataclass
class _Search:
    exports: Exports
    ledger: Ledger
    nearby: Nearby
    barred: set[Key]

    def __post_init__(self) -> None:
        self.times = [trade.ts for trade in self.exports.trades]
        self.closing = {
            step.trade for path in self.ledger.positions for step in path.steps if step.closed > 0
        }
        self.ending = {
            step.trade
            for path in self.ledger.positions
            for step in path.steps
            if step.trade >= 0 and step.closed > 0 and not step.quantity
        }
        self.ended = {
            (row.market, row.symbol, row.closed_at // SECOND)
            for row in self.exports.positions
            if row.closed_at is not None
        }

    def orders(self, clear: Transaction, taken: Collection[Key]) -> list[Key]:
        """The keys that one clearance points at, without those taken before."""
        start = bisect_left(self.times, clear.ts - self.nearby.clear_s * SECOND)
        end = bisect_left(self.times, clear.ts + SECOND)
        last: dict[Key, int] = {}
        for place in range(start, end):
            trade = self.exports.trades[place]
            if trade.market == clear.market and self._points(clear, place, trade):
                key = (trade.market, trade.symbol, trade.order_id)
                if key not in self.barred and trade.order_id:
                    last[key] = place
        if not clear.symbol:
            return [key for key in last if key not in taken]
        free = [key for key in last if key not in taken]
        return [max(free, key=last.__getitem__)] if free else []

    def _points(self, clear: Transaction, place: int, trade: Trade) -> bool:
        if clear.symbol:
            return trade.symbol == clear.symbol and (place in self.closing or trade.realised != 0)
        settle = contract_of(self.ledger, trade.market, trade.symbol, trade.place).settle
        ended = (trade.market, trade.symbol, trade.ts // SECOND) in self.ended
        return settle == clear.asset and (place in self.ending or (ended and trade.realised != 0))


def _made(
    exports: Exports, ledger: Ledger, prices: Prices | None, key: Key, trades: Iterable[int]
) -> ForcedOrder:
    places = tuple(trades)
    rows = [exports.trades[place] for place in places]
    first = rows[0]
    contract = contract_of(ledger, first.market, first.symbol, first.place)
    fills = tuple(Fill(t.ts, t.price, t.quantity) for t in rows)
    executed = sum((t.quantity for t in rows), ZERO)
    path = ledger.position(first.market, first.symbol, first.place)
    held, left = around(path, places, first.ts)
    fees: dict[str, Sum] = {}
    for t in rows:
        before = fees.get(t.fee_asset, Sum(t.fee_asset, ZERO))
        fees[t.fee_asset] = Sum(t.fee_asset, before.amount + t.fee)
    return ForcedOrder(
        LIQUIDATION, -1, key[2], contract, first.place, first.side, first.ts, BY_TRADE,
        rows[-1].ts, None, executed, executed,
        mean([(f.price, f.quantity) for f in fills], contract.inverse), FILLED, first.ref, fills,
        places, held, left, tuple(one for one in fees.values() if one.amount),
        realised=sum((t.realised for t in rows), ZERO),
        slips=slips(contract, first.side, fills, prices), mode="" if path is None else path.mode,
    )  # fmt: skip
