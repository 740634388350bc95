"""Collateral that was sold by force in margin trading or for a loan, against other prices.

A sale is slippage like a forced order's, with side −1 and quantities of the asset. It is set
against the prices of asset + quote ("ATOMUSDT"). What `Prices` knows as own mark and own last
are those of the perpetual of that name, so of these the slips carry the caveat `mixed-kinds`;
index and other venues are prices of the coin.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ...errors import Text
from ...problems import ASIDE, Problem
from ...rules.exact import ONE, exact
from ..entries import Exports, ForcedSale
from ..prices.prices import Prices
from .slippage import INDEX, LAST, OTHERS, OTHERS_USD, Contract, Fill, Slip, slips
from .sources import problem_at

AGAINST = (INDEX, OTHERS, OTHERS_USD, LAST)
SALE_CAVEATS = {LAST: ("mixed-kinds",)}


class SoldRecord(NamedTuple):
    """`sale` is the place in `Exports.sales`; `gross` = quantity · price, in `quote`."""

    sale: int
    entry: ForcedSale
    symbol: str
    gross: Decimal
    slips: tuple[Slip, ...]


def sold(exports: Exports, prices: Prices | None) -> tuple[list[SoldRecord], list[Problem]]:
    """Every forced sale that can be; one without quantity or price is set aside."""
    found: list[SoldRecord] = []
    problems: list[Problem] = []
    for place, one in enumerate(exports.sales):
        if one.quantity <= 0 or one.price <= 0:
            text = Text(
                f"a forced sale of {one.quantity} {one.asset} at {one.price} cannot be",
                f"强制卖出 {one.quantity} {one.asset}、价格 {one.price}，不成立",
            )
            problems.append(problem_at(exports, one.ref, "sale-contradiction", ASIDE, text))
            continue
        symbol = f"{one.asset}{one.quote}"
        contract = Contract(one.product, symbol, False, ONE, one.quote)
        fills: Sequence[Fill] = (Fill(one.ts, one.price, one.quantity),)
        found.append(
            SoldRecord(place, one, symbol, _gross(one), slips(contract, -1, fills, prices, AGAINST))
        )
    return found, problems


@exact
def _gross(one: ForcedSale) -> Decimal:
    return one.quantity * one.price
