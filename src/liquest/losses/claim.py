"""The claim of an account: what its record says, in the form that every scheme reads.

Dollars: dollar coins count at 1; coins are converted at the mark price of the second of the
order that lost them, or at its own average price where no mark is known. A forced loss is that
of a whole event of liquidation: profit of its fills, fees, and what the insurance fund took or
paid in, netted; a gain is no loss.

Collateral of a futures account is sold by AUTO_EXCHANGE: a pair of rows, one asset out, another
in, in one second of one wallet; that is a lot, at the price of the pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ..clock import MINUTE, SECOND
from ..errors import Text
from ..findings import rounded
from ..instruments import STABLE
from ..problems import ABSENT, KEPT, Problem
from ..rules.claimant import (
    COLLATERAL,
    CONTRACT,
    FUTURES,
    Claimant,
    ForcedClose,
    ForcedLoss,
    Lot,
    Mitigation,
)
from ..rules.exact import ZERO, exact
from .entries import Exports, Transaction
from .forced.chain import Liquidation
from .forced.forced_order import ForcedOrder
from .forced.forced_record import ForcedRecord
from .ledger.ledger import Ledger
from .prices.prices import Prices

PLACES = Decimal("1E-8")
PRICE = 12
"""Decimals of a price: an average of fills is a quotient."""
DOLLARS = ("USD", *STABLE)
EXCHANGE = "AUTO_EXCHANGE"
BEFORE = 30 * MINUTE
"""How long before a liquidation its coin is priced a second time."""


@dataclass(frozen=True)
class Told:
    """What the exports do not hold and only the claimant can say."""

    category: str = ""
    net_assets: Decimal | None = None
    compensated: Decimal = ZERO
    able: int | None = None


@exact
def claimant(
    ledger: Ledger, forced: ForcedRecord, prices: Prices, told: Told,
    reference: int | None = None, then: Decimal | None = None,
) -> tuple[Claimant, list[Problem]]:  # fmt: skip
    """The claimant of one account. `reference` (µs) gives the basis of each forced fill: the
    mark there for what was held then, else the entry price; `then` is the loss in dollars at
    the moment from which the claimant could act again, where an equity path gives it."""
    exports = ledger.exports
    problems: list[Problem] = []
    losses = [*_losses(exports, forced, prices, problems)]
    lots = [*_sold(forced), *_exchanged(exports)]
    closes = [one for order in forced.orders for one in _closes(ledger, order, prices, reference)]
    losses += [
        ForcedLoss(one.entry.ts, one.entry.product, (one.entry.fee).quantize(PLACES))
        for one in forced.sales
        if one.entry.fee > 0 and one.entry.quote in DOLLARS
    ]
    category = told.category or (COLLATERAL if lots else CONTRACT)
    after = None if told.able is None else Mitigation(told.able, then)
    made = Claimant(
        exports.account, category, tuple(losses), tuple(lots), tuple(closes), told.net_assets,
        told.compensated, after,
    )  # fmt: skip
    return made, problems


def _losses(
    exports: Exports, forced: ForcedRecord, prices: Prices, problems: list[Problem]
) -> Iterator[ForcedLoss]:
    for event in forced.liquidations:
        amount = _lost(exports, event, prices)
        if amount is None:
            text = Text(
                f"the loss of the liquidation in {event.asset} is not known: a fill has no profit, "
                "or the coin no price",
                f"{event.asset} 的强平亏损无法得出：缺少成交盈亏或该币价格",
            )
            problems.append(Problem("forced-loss-unknown", ABSENT, text, sample=event.asset))
        elif amount > 0:
            yield ForcedLoss(event.last, FUTURES, amount.quantize(PLACES))
            if event.asset not in DOLLARS:
                problems.append(_in_coins(event, amount, prices))


def _in_coins(event: Liquidation, amount: Decimal, prices: Prices) -> Problem:
    """Coins are worth little in a crash: both values are said."""
    symbol = next(order.contract.symbol for order in event.orders)
    before = prices.mark(symbol, (event.first - BEFORE) // SECOND * SECOND)
    then = prices.mark(symbol, event.last // SECOND * SECOND)
    other = Text("", "")
    if before is not None and then is not None:
        value = f"{amount / then * before:,.2f}"
        other = Text(
            f"; at the mark of half an hour before ({before:.6g}) it would count as {value}",
            f"；若按半小时前的标记价（{before:.6g}）则为 {value}",
        )
    text = Text(
        f"the loss in {event.asset} counts as {amount:,.2f} dollars at the mark of its second"
        f"{other.en}: which of them a scheme means is not on record",
        f"{event.asset} 的损失按当秒标记价计为 {amount:,.2f} 美元{other.zh}；"
        "方案所指为何，记录中没有",
    )
    return Problem("coins-in-dollars", KEPT, text, sample=event.asset)


def _lost(exports: Exports, event: Liquidation, prices: Prices) -> Decimal | None:
    """Dollars lost in one event, what the fund paid in taken off; below zero for a gain."""
    rates = [_rate(order, prices) for order in event.orders if order.executed]
    known = [rate for rate in rates if rate is not None]
    rate = Decimal(1) if event.asset in DOLLARS else min(known, default=None)
    if event.realised is None or rate is None:
        return None
    gone = -event.realised
    for order in event.orders:
        gone += sum(
            (s.amount for s in (*order.fees, *order.clearance) if s.asset == event.asset), ZERO
        )
    cleared = sum((exports.transactions[place].amount for place in event.clears), ZERO)
    return (gone - cleared) * rate


def _rate(order: ForcedOrder, prices: Prices) -> Decimal | None:
    """Dollars for one unit of the settle currency of an order."""
    if order.contract.settle in DOLLARS:
        return Decimal(1)
    if not order.contract.inverse:
        return None
    return prices.mark(order.contract.symbol, order.ended // SECOND * SECOND) or order.average


def _closes(
    ledger: Ledger, order: ForcedOrder, prices: Prices, reference: int | None
) -> Iterator[ForcedClose]:
    if not order.executed or order.average is None:
        return
    rate = _rate(order, prices)
    fee = sum((s.amount for s in (*order.fees, *order.clearance)
               if s.asset == order.contract.settle), ZERO)  # fmt: skip
    yield ForcedClose(
        order.ended, order.contract.symbol, -order.side, order.executed,
        rounded(order.average, PRICE),
        max(fee * (rate or ZERO), ZERO).quantize(PLACES), _basis(ledger, order, prices, reference),
        order.contract.size if order.contract.inverse else None,
    )  # fmt: skip


def _basis(
    ledger: Ledger, order: ForcedOrder, prices: Prices, reference: int | None
) -> Decimal | None:
    """The price from which the loss of a fill counts: the mark at the reference time for a
    position that was held then on that side, else its entry price just before the order."""
    path = ledger.position(order.contract.market, order.contract.symbol, order.place)
    if path is None:
        return None
    if reference is not None:
        held = path.at(reference)
        if held is not None and held.quantity and (held.quantity > 0) == (order.side < 0):
            mark = prices.mark(order.contract.symbol, reference)
            if mark is not None:
                return mark
    before = [
        h
        for h in (path.opening, *path.steps)
        if h and (not order.trades or h.trade < order.trades[0])
    ]
    entry = before[-1].entry if before and before[-1].quantity else None
    return None if entry is None else rounded(entry, PRICE)


def _sold(forced: ForcedRecord) -> Iterator[Lot]:
    for one in forced.sales:
        if one.entry.quote in DOLLARS:
            yield Lot(
                one.entry.ts, one.entry.product, one.entry.asset, one.entry.quantity,
                one.entry.price, max(one.entry.fee, ZERO),
            )  # fmt: skip


def _exchanged(exports: Exports) -> Iterator[Lot]:
    """One asset out and a dollar coin in, in the same second of the same wallet."""
    pairs: dict[tuple[int, str], list[Transaction]] = {}
    for row in exports.transactions:
        if row.type == EXCHANGE:
            pairs.setdefault((row.ts, row.market), []).append(row)
    for (ts, _), rows in sorted(pairs.items()):
        out = [r for r in rows if r.amount < 0 and r.asset not in ("USDT", "USDC", "USD")]
        into = [r for r in rows if r.amount > 0 and r.asset in DOLLARS]
        if len(out) == 1 and len(into) == 1:
            price = into[0].amount / -out[0].amount
            yield Lot(ts, FUTURES, out[0].asset, -out[0].amount, price.quantize(PLACES))
