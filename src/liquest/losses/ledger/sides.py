"""Profits and fees as trades state them and as transactions do, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ...clock import SECOND
from ..entries import Exports
from .matching import Entry

PNL, FEE = "REALIZED_PNL", "COMMISSION"


class Side(NamedTuple):
    """Rows of one market and type by asset: what trades say and what transactions say."""

    trades: dict[str, list[Entry]]
    transactions: dict[str, list[Entry]]

    def of_trades(self) -> Iterator[Entry]:
        """All rows that trades say."""
        return (entry for rows in self.trades.values() for entry in rows)

    def of_transactions(self) -> Iterator[Entry]:
        """All rows that transactions say."""
        return (entry for rows in self.transactions.values() for entry in rows)


def sides_of(
    exports: Exports, settles: Mapping[tuple[str, str], str]
) -> dict[tuple[str, str], Side]:
    """By (market, type). Rows of 0 are left out on both sides. `settles` gives the currency of
    a symbol's profits. Where no COMMISSION names a symbol, none is asked for."""
    found: dict[tuple[str, str], Side] = {}
    bare: set[str] = set()
    with_symbol: set[str] = set()
    for index, row in enumerate(exports.transactions):
        if row.type == PNL or row.type == FEE:
            if row.type == FEE:
                (with_symbol if row.symbol else bare).add(row.market)
            if row.amount:
                side = found.get((row.market, row.type))
                if side is None:
                    side = found[row.market, row.type] = Side({}, {})
                entry = Entry(row.ts // SECOND, row.symbol, row.amount, index, row.ref)
                known = side.transactions.get(row.asset)
                if known is None:
                    side.transactions[row.asset] = [entry]
                else:
                    known.append(entry)
    unnamed = bare - with_symbol
    for index, trade in enumerate(exports.trades):
        market, symbol, second = trade.market, trade.symbol, trade.ts // SECOND
        if trade.realised:
            side = found.setdefault((market, PNL), Side({}, {}))
            entry = Entry(second, symbol, trade.realised, index, trade.ref)
            side.trades.setdefault(settles.get((market, symbol), ""), []).append(entry)
        if trade.fee:
            side = found.setdefault((market, FEE), Side({}, {}))
            symbol = "" if market in unnamed else symbol
            entry = Entry(second, symbol, -trade.fee, index, trade.ref)
            side.trades.setdefault(trade.fee_asset, []).append(entry)
    return found
