"""Forced orders as the orders file has them, with their trades, position, fees and slippage.

What an order says of its fills and what the trades say must agree; where they do not, the
trades stand, because the ledger books them, and the difference is a problem. An order that
closes no position the ledger knows of is set aside: it is not this account's liquidation, or
rows are missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ...clock import SECOND
from ...errors import Text
from ...findings import plain
from ...instruments import identify
from ...problems import ASIDE, KEPT, Problem
from ...rules.exact import ONE, ZERO, exact
from ..entries import COINM, Exports, Order, Ref, Trade
from ..ledger.ledger import UNKNOWN, Ledger, PositionPath
from ..prices.prices import Prices
from .client_ids import Origin
from .forced_order import (
    AT_LIMIT,
    BY_ID,
    BY_ORDER,
    EXPIRED,
    FILLED,
    OPEN,
    PARTLY,
    ForcedOrder,
    Sum,
)
from .slippage import Contract, Fill, mean, slips
from .sources import problem_at

_RUNNING = ("NEW", "PARTIALLY_FILLED")
COMMISSION, PROFIT = "COMMISSION", "REALIZED_PNL"

Places = Mapping[tuple[str, str, str], Sequence[int]]
"""(market, symbol, order id) → places of its trades, in order."""


def listed(
    exports: Exports, ledger: Ledger, prices: Prices | None,
    marked: Iterable[tuple[int, Origin]],
) -> tuple[list[ForcedOrder], list[Problem]]:  # fmt: skip
    """Every order of `marked` that stands, in the order given."""
    marked = list(marked)
    orders = [exports.orders[place] for place, _ in marked]
    trades = trades_of(exports, {_key(order) for order in orders})
    reading = _Reading(exports, ledger, prices, trades, _money(exports, orders, trades))
    made = [reading.one(place, source) for place, source in marked]
    return [one for one in made if one is not None], reading.problems


def _key(order: Order) -> tuple[str, str, str]:
    return order.market, order.symbol, order.order_id


def trades_of(exports: Exports, wanted: Collection[tuple[str, str, str]]) -> Places:
    """The trades of some orders; one pass."""
    found: dict[tuple[str, str, str], list[int]] = {}
    if wanted:
        ids = {order_id for _, _, order_id in wanted if order_id}
        for place, trade in enumerate(exports.trades):
            if trade.order_id in ids:
                key = (trade.market, trade.symbol, trade.order_id)
                if key in wanted:
                    found.setdefault(key, []).append(place)
    return found


def contract_of(ledger: Ledger, market: str, symbol: str, place: str) -> Contract:
    """As the ledger has it, else by the symbol."""
    path = ledger.position(market, symbol, place)
    if path is not None and path.settle:
        return Contract(market, symbol, path.inverse, path.contract_size, path.settle)
    inverse = market == COINM
    named = identify("binance-delivery" if inverse else "binance-futures", symbol)
    size = (named.contract_size or ONE) if inverse else ONE
    return Contract(market, symbol, inverse, size, named.base if inverse else named.quote)


@dataclass
class _Reading:
    """What one pass over the forced orders of an account needs and finds on its way."""

    exports: Exports
    ledger: Ledger
    prices: Prices | None
    places: Places
    money: Mapping[tuple[str, str, int], list[int]]
    problems: list[Problem] = field(default_factory=list)

    def one(self, place: int, source: Origin) -> ForcedOrder | None:
        """One order; None where it is set aside, with a problem that says why."""
        order = self.exports.orders[place]
        trades = self.places.get(_key(order), ())
        rows = [self.exports.trades[t] for t in trades]
        contract = contract_of(self.ledger, order.market, order.symbol, order.place)
        fills = self._fills(order, rows, contract)
        if fills is None:
            return None
        executed = sum((fill.quantity for fill in fills), ZERO)
        path = self.ledger.position(order.market, order.symbol, order.place)
        held, left = around(path, trades, order.ts)
        if not trades and executed and held is not None:
            left = held + order.side * executed
        if held is not None and held * order.side >= 0:
            self.problems.append(_no_position(self.exports, order, held))
            return None
        profit = sum((t.realised for t in rows), ZERO) if rows else self._profit(order, fills)
        fees, commissions = self._fees(order, rows)
        sent = order.ts if source.sent is None else source.sent
        limit = order.price if order.price else None
        asked = () if limit is None else (Fill(sent, limit, order.quantity or ONE),)
        return ForcedOrder(
            source.kind, place, order.order_id, contract, order.place, order.side, sent,
            BY_ORDER if source.sent is None else BY_ID,
            max([order.updated, *(t.ts for t in rows)]), limit, order.quantity, executed,
            mean([(f.price, f.quantity) for f in fills], contract.inverse),
            _outcome(order, limit, fills, executed), order.ref, fills, tuple(trades), held, left,
            fees, commissions, realised=profit,
            slips=slips(contract, order.side, fills, self.prices),
            room=slips(contract, order.side, asked, self.prices),
            mode="" if path is None else path.mode,
        )  # fmt: skip

    def _fills(
        self, order: Order, rows: Sequence[Trade], contract: Contract
    ) -> tuple[Fill, ...] | None:
        fills = tuple(Fill(t.ts, t.price, t.quantity) for t in rows)
        filled = sum((t.quantity for t in rows), ZERO)
        if rows and filled != order.executed:
            text = Text(
                f"the order says {plain(order.executed)} were executed, its trades {plain(filled)}",
                f"订单记录成交 {plain(order.executed)}，其成交明细合计 {plain(filled)}",
            )
            self._say(order.ref, "forced-fills-differ", KEPT, text)
        if not rows and order.executed:
            price = _average(order, contract)
            fills = () if price is None else (Fill(order.updated, price, order.executed),)
            filled = order.executed
        if not ZERO <= filled <= order.quantity or (filled and not fills):
            text = Text(
                f"the order cannot be: {plain(filled)} executed of {plain(order.quantity)}, "
                f"average price {order.average}",
                f"订单不成立：数量 {plain(order.quantity)}，成交 {plain(filled)}，均价 "
                f"{order.average}",
            )
            self._say(order.ref, "forced-contradiction", ASIDE, text)
            return None
        return fills

    def _fees(self, order: Order, rows: Sequence[Trade]) -> tuple[tuple[Sum, ...], tuple[int, ...]]:
        """Paid per asset, and the COMMISSION rows of the same second, symbol and amount; a row
        is taken once."""
        sums: dict[str, Decimal] = {}
        matched: list[int] = []
        if not rows:
            for place in self._booked(order, COMMISSION):
                one = self.exports.transactions[place]
                sums[one.asset] = sums.get(one.asset, ZERO) - one.amount
                matched.append(place)
            return tuple(Sum(*pair) for pair in sums.items()), tuple(matched)
        lost: list[Trade] = []
        for trade in rows:
            sums[trade.fee_asset] = sums.get(trade.fee_asset, ZERO) + trade.fee
            free = self.money.get((trade.market, trade.symbol, trade.ts // SECOND), [])
            found = next((p for p in free if self._pays(p, trade)), None)
            if found is not None:
                free.remove(found)
                matched.append(found)
            elif trade.fee:
                lost.append(trade)
        if lost and self.exports.transactions:
            text = Text(
                f"the commission of {len(lost)} fills of this forced order is not among the "
                "transactions of that second",
                f"该强平单有 {len(lost)} 笔成交的手续费不在同一秒的流水中",
            )
            self._say(lost[0].ref, "forced-commission-lost", KEPT, text, order.symbol)
        return tuple(Sum(*pair) for pair in sums.items() if pair[1]), tuple(matched)

    def _pays(self, place: int, trade: Trade) -> bool:
        one = self.exports.transactions[place]
        return (one.type, one.asset, one.amount) == (COMMISSION, trade.fee_asset, -trade.fee)

    def _profit(self, order: Order, fills: Sequence[Fill]) -> Decimal | None:
        """Without trades: the profits booked for the symbol in that second; None for none."""
        places = self._booked(order, PROFIT)
        found = [self.exports.transactions[place].amount for place in places]
        return sum(found, ZERO) if found and fills else (None if fills else ZERO)

    def _booked(self, order: Order, kind: str) -> list[int]:
        """Rows of the second in which an order ended that no other order has taken."""
        if not order.executed:
            return []
        rows = self.money.get((order.market, order.symbol, order.updated // SECOND), [])
        found = [place for place in rows if self.exports.transactions[place].type == kind]
        for place in found:
            rows.remove(place)
        return found

    def _say(self, ref: Ref, code: str, effect: str, text: Text, sample: str = "") -> None:
        self.problems.append(problem_at(self.exports, ref, code, effect, text, sample))


@exact
def _average(order: Order, contract: Contract) -> Decimal | None:
    """The price that the order states; of linear contracts also by the amount paid."""
    if order.average:
        return order.average
    if order.executed_quote and not contract.inverse:
        return order.executed_quote / order.executed
    return None


def around(
    path: PositionPath | None, trades: Sequence[int], ts: int
) -> tuple[Decimal | None, Decimal | None]:
    """The signed position before the first and after the last of the trades; without trades
    the one before the second of `ts`, or opened within it. None where it is not known."""
    if path is None:
        return None, None
    nothing = None if path.opening_by == UNKNOWN else ZERO
    before = path.opening.quantity if path.opening is not None else nothing
    if not trades:
        second = ts // SECOND * SECOND
        states = (path.at(second - 1), path.at(second + SECOND - 1))
        held = next((s.quantity for s in states if s is not None and s.quantity), None)
        if held is None:
            held = before if states[1] is None else states[1].quantity
        return held, held
    own = set(trades)
    left: Decimal | None = None
    for step in path.steps:
        if step.trade in own:
            left = step.quantity
        elif left is None:
            before = step.quantity
    return (None, None) if left is None else (before, left)


def _no_position(exports: Exports, order: Order, held: Decimal) -> Problem:
    word = ("buys", "买入") if order.side > 0 else ("sells", "卖出")
    text = Text(
        f"a forced order {word[0]} {order.symbol}, but the position then is {plain(held)}: there "
        "is nothing that it could close, so it is set aside",
        f"强平单{word[1]} {order.symbol}，而当时持仓为 {plain(held)}，无可平之仓，予以搁置",
    )
    return problem_at(exports, order.ref, "forced-without-position", ASIDE, text, order.client_id)


def _outcome(order: Order, limit: Decimal | None, fills: Sequence[Fill], executed: Decimal) -> str:
    if executed < order.quantity or not executed:
        if order.status in _RUNNING:
            return OPEN
        return PARTLY if executed else EXPIRED
    return AT_LIMIT if all(fill.price == limit for fill in fills) else FILLED


def _money(
    exports: Exports, orders: Sequence[Order], places: Places
) -> dict[tuple[str, str, int], list[int]]:
    """(market, symbol, second) → places of its commissions and profits, of the seconds asked."""
    wanted: set[tuple[str, str, int]] = set()
    for order in orders:
        rows = [exports.trades[t].ts for t in places.get(_key(order), ())]
        for ts in rows or ([order.updated] if order.executed else []):
            wanted.add((order.market, order.symbol, ts // SECOND))
    found: dict[tuple[str, str, int], list[int]] = {}
    if wanted:
        for place, one in enumerate(exports.transactions):
            if one.type in (COMMISSION, PROFIT):
                key = (one.market, one.symbol, one.ts // SECOND)
                if key in wanted:
                    found.setdefault(key, []).append(place)
    return found
