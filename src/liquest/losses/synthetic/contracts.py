"""The contracts that a synthetic account may trade, with the terms a venue sets for each.

Symbols, sizes and tiers are real (rules, instruments); ticks, lots and the price a path starts
from are assumptions of the generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from ...clock import parse_time
from ...errors import Text, UsageError
from ...instruments import identify
from ...rules.book import book
from ...rules.ladder import Tiers
from ...rules.margin import MarginRule
from ...rules.tiers import tiers
from ..entries import COINM, USDM

RULES_AT = parse_time("2025-10-10T21:10:00Z")
"""Whose rules a synthetic account lives under."""

_TERMS: dict[str, tuple[str, str, str, str]] = {
    # symbol: market, tick, lot, first price
    "BTCUSDT": (USDM, "0.1", "0.001", "115000"),
    "ETHUSDT": (USDM, "0.01", "0.001", "3850"),
    "SOLUSDT": (USDM, "0.01", "0.01", "198"),
    "XRPUSDT": (USDM, "0.0001", "0.1", "2.54"),
    "DOGEUSDT": (USDM, "0.00001", "1", "0.2"),
    "ATOMUSDT": (USDM, "0.001", "0.01", "3.76"),
    "BTCUSDC": (USDM, "0.1", "0.001", "115000"),
    "BTCUSD_PERP": (COINM, "0.1", "1", "115000"),
    "ATOMUSD_PERP": (COINM, "0.001", "1", "3.76"),
    "DOTUSD_PERP": (COINM, "0.001", "1", "3.75"),
}
_MARKETS = {USDM: "binance-futures", COINM: "binance-delivery"}
FEES = {False: Decimal("0.0005"), True: Decimal("0.0002")}
"""Commission of a taker and of a maker, as shares of the notional."""


@dataclass(frozen=True)
class Contract:
    """`lot` and quantities in base units, in contracts of `size` USD when inverse; `settle` is
    the asset of its profits; `clearance` and `band` are shares."""

    market: str
    symbol: str
    base: str
    settle: str
    inverse: bool
    size: Decimal
    tick: Decimal
    lot: Decimal
    first: Decimal
    tiers: Tiers
    clearance: Decimal
    band: Decimal

    def worth(self, quantity: Decimal) -> Decimal:
        """A quantity as the rules count it: base units, USD for inverse contracts."""
        return quantity * self.size if self.inverse else quantity

    def coordinate(self, price: Decimal) -> Decimal:
        """The price, one over it for inverse contracts: profits are linear in it."""
        return 1 / price if self.inverse else price

    def notional(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Of a quantity at a price, in the settle asset."""
        worth = self.worth(quantity)
        return worth / price if self.inverse else worth * price

    def profit(self, quantity: Decimal, entry: Decimal, price: Decimal) -> Decimal:
        """Of a signed quantity between two coordinates, in the settle asset."""
        moved = entry - price if self.inverse else price - entry
        return self.worth(quantity) * moved


SYMBOLS = tuple(_TERMS)


@cache
def contract(symbol: str) -> Contract:
    """The contract of a symbol; raises UsageError for one the generator does not know."""
    if symbol not in _TERMS:
        raise UsageError(
            Text(f"no synthetic account trades {symbol}", f"合成账户不交易 {symbol}"),
            remedy=Text(f"Choose from: {', '.join(SYMBOLS)}.", f"可选：{'、'.join(SYMBOLS)}。"),
        )
    market, tick, lot, first = _TERMS[symbol]
    one = identify(_MARKETS[market], symbol)
    rules = book().at(RULES_AT)
    rate = rules.get("margin.inverse_rate").number
    return Contract(
        market, symbol, one.base, one.base if one.inverse else one.quote, one.inverse,
        one.contract_size or Decimal(1), Decimal(tick), Decimal(lot), Decimal(first),
        MarginRule(rate).tiers(tiers(), symbol, inverse=one.inverse),
        rules.get("liquidation.fee", symbol).number, rules.get("liquidation.band", symbol).number,
    )  # fmt: skip
