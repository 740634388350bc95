"""The rows of a synthetic account as text, field by field, as the venue writes them.

Amounts, profits and fees have 8 decimals, and a zero among them is `0E-8`; prices and quantities
have the decimals of the contract's steps; times have seconds, in the zone of the export.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ...clock import SECOND
from ...rules.exact import ZERO
from ..entries import COINM, Movement, Order, PositionRow, Trade, Transaction
from .account import GRAIN
from .table import word

Row = Mapping[str, str]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=1 << 14)
def _time(second: int, hours: int, form: str) -> str:
    return (_EPOCH + timedelta(seconds=second + hours * 3600)).strftime(form)


@dataclass(frozen=True)
class Writer:
    """Cells of one export: zone by its `hours` from UTC, values in words of `lang`; `newer`
    exports shorten the year."""

    uid: str
    hours: int = 0
    lang: str = "en"
    newer: bool = False

    def time(self, ts: int | None) -> str:
        """A moment, cut to the second."""
        form = "%y-%m-%d %H:%M:%S" if self.newer else "%Y-%m-%d %H:%M:%S"
        return "" if ts is None else _time(ts // SECOND, self.hours, form)

    def transaction(self, one: Transaction) -> Row:
        return {
            "time": self.time(one.ts), "type": one.type, "amount": amount(one.amount),
            "asset": one.asset, "symbol": one.symbol, "id": one.id,
        }  # fmt: skip

    def trade(self, one: Trade) -> Row:
        return {
            "uid": self.uid, "time": self.time(one.ts), "symbol": one.symbol,
            "side": self._side(one.side), "place": word("place", one.place, "en"),
            "price": str(one.price), "quantity": _quantity(one.quantity, one.market),
            "amount": "" if one.amount is None else amount(one.amount),
            "fee": f"{amount(one.fee)}{'' if self.newer else ' '}{one.fee_asset}",
            "realised": amount(one.realised), "buyer": _flag(one.side > 0),
            "maker": _flag(one.maker), "trade_id": one.trade_id, "order_id": one.order_id,
        }  # fmt: skip

    def order(self, one: Order) -> Row:
        return {
            "uid": self.uid, "time": self.time(one.ts), "order_id": one.order_id,
            "symbol": one.symbol, "type": one.type, "side": self._side(one.side),
            "place": word("place", one.place, "en"), "price": amount_or_price(one.price),
            "average": amount_or_price(one.average),
            "quantity": _quantity(one.quantity, one.market),
            "executed": _quantity(one.executed, one.market),
            "executed_quote": amount(one.executed_quote or ZERO),
            "stop": amount_or_price(one.stop), "status": word("status", one.status, self.lang),
            "client_id": one.client_id, "tif": one.tif, "activate": "", "rate": "",
            "updated": self.time(one.updated),
        }  # fmt: skip

    def position(self, one: PositionRow) -> Row:
        side = "long" if one.side > 0 else "short"
        return {
            "symbol": one.symbol, "mode": word("mode", one.mode, self.lang),
            "side": word("direction", side, self.lang) if self.lang == "zh" else side.title(),
            "entry": str(one.entry), "close": amount_or_price(one.close),
            "most": _quantity(one.most, one.market), "closed": _quantity(one.closed, one.market),
            "pnl": amount(one.pnl), "opened": self.time(one.opened),
            "closed_at": self.time(one.closed_at),
            "status": word("position_status", one.status, self.lang),
        }  # fmt: skip

    def movement(self, one: Movement) -> Row:
        return {
            "time": self.time(one.ts), "asset": one.asset, "amount": amount(one.amount),
            "source": word("wallet", one.source, self.lang),
            "target": word("wallet", one.target, self.lang),
            "status": word("movement_status", one.status, self.lang), "id": one.id,
            "arrived": self.time(one.arrived),
        }  # fmt: skip

    def _side(self, side: int) -> str:
        return word("side", "buy" if side > 0 else "sell", self.lang)

    def of(self, kind: str) -> Callable[[Any], Row]:
        """The function for a kind of export."""
        made: dict[str, Callable[[Any], Row]] = {
            "transactions": self.transaction, "trades": self.trade, "orders": self.order,
            "positions": self.position, "transfers": self.movement,
        }  # fmt: skip
        return made[kind]


def amount(value: Decimal) -> str:
    """8 decimals, with an exponent below 0.000001: 0E-8, 1.2E-7."""
    return str(value.quantize(GRAIN))


def amount_or_price(value: Decimal | None) -> str:
    """A price with its own decimals; none, or zero, is 0E-8."""
    return str(value) if value else "0E-8"


def _quantity(value: Decimal, market: str) -> str:
    return f"{value:.0f}" if market == COINM else f"{value:f}"


def _flag(value: bool) -> str:
    return "true" if value else "false"
