"""The seconds in which the venue closed positions of a unit by force.

Exports count in seconds, and a liquidation engine needs less: in the second of a breach the
position may be gone already. What was held going into such a second is then what was breached.
"""

from __future__ import annotations

from ...clock import SECOND
from ..entries import CROSS
from ..forced.client_ids import LIQUIDATION, origin
from ..ledger.ledger import Ledger
from .units import Unit

CLEAR = "INSURANCE_CLEAR"


def forced_seconds(ledger: Ledger, unit: Unit) -> list[int]:
    """Beginnings (µs) of the seconds with a fill of a liquidation order, or a clearance booked,
    in rising order. An order is known by its client order id, a clearance of an isolated
    position by its symbol."""
    held = {(path.symbol, path.place) for path in unit.paths}
    symbols = {symbol for symbol, _ in held}
    orders = {
        order.order_id for order in ledger.exports.orders
        if order.market == unit.market and order.symbol in symbols and forced(order.client_id)
    }  # fmt: skip
    found = {
        trade.ts // SECOND for trade in ledger.exports.trades
        if trade.order_id in orders and (trade.symbol, trade.place) in held
    } if orders else set()  # fmt: skip
    found |= {
        row.ts // SECOND for row in ledger.exports.transactions
        if row.type == CLEAR and (row.market, row.asset) == (unit.market, unit.asset)
        and (unit.mode == CROSS or row.symbol in symbols)
    }  # fmt: skip
    return [second * SECOND for second in sorted(found)]


def forced(client_id: str) -> bool:
    """Whether a client order id is that of a liquidation order."""
    found = origin(client_id)
    return found is not None and found.kind == LIQUIDATION
