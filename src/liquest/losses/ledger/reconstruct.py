"""The one way from exports to a ledger: positions, wallets, then every comparison."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from ...errors import InputError, Text
from ...problems import Problem
from ...rules.exact import exact
from ..entries import BOTH, LONG, SHORT, Exports
from .anchors import Key
from .clears import Wallet
from .closings import closings
from .doubles import doubles
from .flows import flows
from .history import history
from .ledger import Ledger
from .naming import few
from .positions import build
from .profits import amounts, profits
from .wallets import build_wallets

NONE: Mapping[Wallet, Decimal] = MappingProxyType({})
NO_POSITIONS: Mapping[Key, Decimal] = MappingProxyType({})


@exact
def reconstruct(
    exports: Exports,
    *,
    opening: Mapping[Wallet, Decimal] = NONE,
    closing: Mapping[Wallet, Decimal] = NONE,
    positions_at_end: Mapping[Key, Decimal] = NO_POSITIONS,
) -> tuple[Ledger, list[Problem]]:
    """The ledger of one account, and all that does not close, by file and row.

    `opening` and `closing`: balances before the first and after the last row by (market, asset).
    `positions_at_end`: signed quantity after the last trade by (market, symbol, place), base
    units or contracts. Raises InputError for a quantity that its place cannot hold.
    """
    _possible(positions_at_end)
    built, strays, problems = build(exports, positions_at_end)
    paths = tuple(one.path for one in built)
    wallets, wallet_lines, found = build_wallets(exports, paths, opening, closing)
    problems += found
    problems += doubles(exports)
    profit_lines, found, rounded = profits(exports, built)
    problems += found
    amount_lines, found = amounts(exports, built)
    problems += found
    settles = {(p.market, p.symbol): p.settle for p in paths}
    closing_lines, found = closings(exports, settles, rounded)
    problems += found
    flow_lines, found = flows(exports, paths)
    problems += found
    history_lines, checks, found = history(exports, built, strays)
    problems += found
    times = [rows[i].ts for rows in (exports.transactions, exports.trades) if rows for i in (0, -1)]
    lines = (
        *closing_lines, *profit_lines, *amount_lines, *history_lines, *flow_lines, *wallet_lines,
    )  # fmt: skip
    ledger = Ledger(
        exports, tuple(wallets), paths, lines, min(times, default=0), max(times, default=0),
        tuple(checks),
    )  # fmt: skip
    return ledger, few(problems)


def _possible(positions: Mapping[Key, Decimal]) -> None:
    for (market, symbol, place), quantity in positions.items():
        wrong = (place == LONG and quantity < 0) or (place == SHORT and quantity > 0)
        if wrong or place not in (BOTH, LONG, SHORT):
            raise InputError(
                Text(
                    f"place {place} cannot hold {quantity} of {symbol}",
                    f"仓位 {place} 不可能持有 {quantity} 的 {symbol}",
                ),
                where=f"{market} {symbol}",
                remedy=Text(
                    "Give longs above zero under B or L, shorts below zero under B or S.",
                    "多仓用正数（B 或 L），空仓用负数（B 或 S）。",
                ),
            )
