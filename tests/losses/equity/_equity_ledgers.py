"""Ledgers written by hand, and mark prices by the second, for tests of the equity path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from liquest.clock import SECOND, Window, parse_time
from liquest.findings import Input
from liquest.losses.entries import COINM, CROSS, USDM, Exports, Order, Ref, Trade, Transaction
from liquest.losses.ledger.ledger import (
    ASSUMED_FLAT,
    FUNDED,
    Held,
    Ledger,
    PositionPath,
    Step,
    WalletPath,
)
from liquest.losses.prices.given import GivenPrices
from liquest.losses.prices.quoted import Quoted
from liquest.rules.book import book

T0 = parse_time("2025-10-10T21:20:00Z")
RULES = book().at(T0)
REF = Ref(0, 1)


def span(seconds: int) -> Window:
    return Window("w", T0, T0 + seconds * SECOND)


def at(second: int, more: int = 0) -> int:
    return T0 + second * SECOND + more


def quoted(prices: Sequence[str | Decimal], *, bars: Sequence[tuple[str, str]] = ()) -> Quoted:
    """One price a second; with `bars` one a minute, with low and high."""
    length = 60 * SECOND if bars else 0
    return Quoted(
        length, tuple(T0 + n * (length or SECOND) for n in range(len(prices))),
        tuple(Decimal(p) for p in prices), tuple(Decimal(low) for low, _ in bars),
        tuple(Decimal(high) for _, high in bars), ("bar-resolution",) if bars else (),
        (Input("ab" * 32, 1, len(prices)),),
    )  # fmt: skip


def prices_of(seconds: int, marks: Mapping[str, Sequence[str | Decimal] | Quoted]) -> GivenPrices:
    """Marks by symbol, each a price a second from T0 on."""
    made = {s: p if isinstance(p, Quoted) else quoted(p) for s, p in marks.items()}
    return GivenPrices(span(seconds), made)


def wallet(
    opening: str | Decimal, *changes: tuple[int, str | Decimal], asset: str = "USDT",
    market: str = USDM, by: str = FUNDED,
) -> WalletPath:  # fmt: skip
    """A wallet and its changes (second, amount)."""
    balance, steps = Decimal(opening), []
    for number, (second, change) in enumerate(changes):
        balance += Decimal(change)
        steps.append(Step(at(second), Decimal(change), balance, number))
    return WalletPath(market, asset, Decimal(opening), by, tuple(steps))


def position(
    symbol: str, *states: tuple[int, str | Decimal, str | Decimal | None], place: str = "B",
    mode: str = CROSS, settle: str = "USDT", size: str = "1", by: str = ASSUMED_FLAT,
) -> PositionPath:  # fmt: skip
    """A position by its states (second, signed quantity, entry); before second 0 it is the
    opening. Contracts of a size other than 1 are inverse."""
    inverse = size != "1"
    market = COINM if inverse else USDM
    held = [
        Held(at(s), market, symbol, place, Decimal(q), None if e is None else Decimal(e), n)
        for n, (s, q, e) in enumerate(states)
    ]
    opening = held[0] if held and held[0].ts < T0 else None
    steps = tuple(h for h in held if h is not opening)
    return PositionPath(market, symbol, place, inverse, Decimal(size), opening, by, steps, mode,
                        settle)  # fmt: skip


def ledger_of(
    wallets: Sequence[WalletPath], positions: Sequence[PositionPath],
    transactions: Sequence[Transaction] = (), orders: Sequence[Order] = (),
    trades: Sequence[Trade] = (),
) -> Ledger:  # fmt: skip
    exports = Exports("account", "binance", "", (), transactions, trades, orders, (), (), ())
    return Ledger(exports, tuple(wallets), tuple(positions), (), T0, T0 + 3600 * SECOND)
