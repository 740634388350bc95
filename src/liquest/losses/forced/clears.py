"""To which forced order an INSURANCE_CLEAR belongs.

One with a symbol and below zero is the clearance fee of the order of that symbol that ended
last before it; of several that ended in that second each takes one, in order of sending. All
others (the deficit that the fund bears after a bankrupt liquidation, rows without a symbol)
belong to the liquidation of the wallet. Each row is given out once, or remains.

Source: Binance futures transaction history, where INSURANCE_CLEAR names both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from ...clock import SECOND
from ...rules.exact import ZERO
from ..entries import Exports, Transaction
from .chain import Liquidation
from .forced_order import ForcedOrder, Sum
from .nearby import Nearby

CLEAR = "INSURANCE_CLEAR"


def clears_of(exports: Exports) -> list[int]:
    """The places of all INSURANCE_CLEAR rows, in order."""
    return [place for place, one in enumerate(exports.transactions) if one.type == CLEAR]


def with_fees(
    exports: Exports, orders: Sequence[ForcedOrder], clears: Sequence[int], nearby: Nearby
) -> tuple[list[ForcedOrder], list[int]]:
    """The orders with their clearance fees, and the rows that no order owns."""
    owned: dict[int, list[int]] = {}
    remaining: list[int] = []
    for place in clears:
        row = exports.transactions[place]
        fitting = [
            at for at, one in enumerate(orders)
            if row.symbol and row.amount < 0 and one.executed
            and one.contract[:2] == (row.market, row.symbol)
        ]  # fmt: skip
        near = [fitting[k] for k in nearby.latest([orders[at].ended for at in fitting], row.ts)]
        if not near:
            remaining.append(place)
            continue
        free = [at for at in near if at not in owned]
        owned.setdefault(free[0] if free else near[-1], []).append(place)
    return [_charged(exports, one, owned.get(at, [])) for at, one in enumerate(orders)], remaining


def _charged(exports: Exports, one: ForcedOrder, places: Sequence[int]) -> ForcedOrder:
    if not places:
        return one
    sums: dict[str, Decimal] = {}
    for place in places:
        row = exports.transactions[place]
        sums[row.asset] = sums.get(row.asset, ZERO) - row.amount
    paid = tuple(Sum(*pair) for pair in sums.items())
    return replace(one, clears=tuple(places), clearance=paid)


def with_deficit(
    exports: Exports, found: Sequence[Liquidation], clears: Sequence[int], nearby: Nearby
) -> tuple[list[Liquidation], list[int]]:
    """The liquidations with the rows of their wallet, and the rows that remain."""
    owned: dict[int, list[int]] = {}
    remaining: list[int] = []
    for place in clears:
        row = exports.transactions[place]
        fitting = [
            (_closeness(one, row), at)
            for at, one in enumerate(found)
            if (one.market, one.asset) == (row.market, row.asset)
            and one.first - SECOND < row.ts <= one.last + nearby.clear_s * SECOND
        ]
        if fitting:
            owned.setdefault(max(fitting)[1], []).append(place)
        else:
            remaining.append(place)
    return [
        replace(
            one, clears=tuple(owned.get(at, ())),
            cleared=tuple(
                Sum(exports.transactions[p].asset, exports.transactions[p].amount)
                for p in owned.get(at, ())
            ),
        )
        for at, one in enumerate(found)
    ], remaining  # fmt: skip


def _closeness(one: Liquidation, row: Transaction) -> int:
    """A row with a symbol belongs to what closed that symbol, one without to the wallet."""
    if not row.symbol:
        return int(not one.symbol)
    return int(any(chain.symbol == row.symbol for chain in one.chains))
