"""What an account's exports say, row by row: the nouns that every later step reads.

Times are UTC microseconds, amounts exact. Each entry keeps the file and the row it came from;
the file is its place in `Exports.files`, the row a line of that file with the header as line 1,
or the row of the workbook's sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

USDM, COINM, SPOT, FUNDING, EARN, MARGIN, LOAN = (
    "usdm", "coinm", "spot", "funding", "earn", "margin", "loan",
)  # fmt: skip
"""Wallets of an account. USDM and COINM are the two futures wallets."""
WALLETS = (USDM, COINM, SPOT, FUNDING, EARN, MARGIN, LOAN)
OUTSIDE = "outside"
"""Where a deposit comes from and a withdrawal goes to."""

BOTH, LONG, SHORT = "B", "L", "S"
"""Place of a position: the one of one-way mode, the two of hedge mode (as `rules.leg`)."""

CROSS, ISOLATED = "cross", "isolated"

DONE, PENDING, FAILED = "done", "pending", "failed"


class Ref(NamedTuple):
    """Where an entry stands: file (place in `Exports.files`) and line of it, from 1."""

    file: int
    row: int


class Transaction(NamedTuple):
    """One change of a futures wallet. `type` in the venue's words, upper case with _:
    REALIZED_PNL, FUNDING_FEE, COMMISSION, TRANSFER, INSURANCE_CLEAR, AUTO_EXCHANGE …"""

    ts: int
    market: str
    type: str
    amount: Decimal
    asset: str
    symbol: str
    id: str
    ref: Ref


class Trade(NamedTuple):
    """One fill. `side` +1 buy, −1 sell; `quantity` in base units, in contracts for inverse
    contracts; `amount` as the venue states it; `fee` is what was paid (below zero: received);
    `realised` in the settle currency."""

    ts: int
    market: str
    symbol: str
    side: int
    place: str
    price: Decimal
    quantity: Decimal
    amount: Decimal | None
    fee: Decimal
    fee_asset: str
    realised: Decimal
    maker: bool
    trade_id: str
    order_id: str
    ref: Ref


class Order(NamedTuple):
    """One order as it stood at `updated`. `price` 0 or None for market orders; `average` None
    where nothing was filled. `status` in the venue's words: NEW, FILLED, EXPIRED, CANCELED,
    REJECTED, PARTIALLY_FILLED."""

    ts: int
    updated: int
    market: str
    symbol: str
    order_id: str
    client_id: str
    type: str
    side: int
    place: str
    price: Decimal | None
    average: Decimal | None
    quantity: Decimal
    executed: Decimal
    executed_quote: Decimal | None
    stop: Decimal | None
    status: str
    tif: str
    reduce_only: bool | None
    ref: Ref


class PositionRow(NamedTuple):
    """One row of the position history: `side` +1 long, −1 short; `most` the largest quantity
    held, `closed` the quantity closed, `pnl` the closing profit as stated; `closed_at` None
    while it is open; `status` in the venue's words (Closed, Partially Closed, Open)."""

    market: str
    symbol: str
    mode: str
    place: str
    side: int
    entry: Decimal
    close: Decimal | None
    most: Decimal
    closed: Decimal
    pnl: Decimal
    opened: int
    closed_at: int | None
    status: str
    ref: Ref


class Movement(NamedTuple):
    """A transfer, deposit or withdrawal between two wallets (`OUTSIDE` for the chain).
    `ts` when it was asked for, `arrived` when it was there (None: not known or never);
    `amount` above zero."""

    ts: int
    arrived: int | None
    asset: str
    amount: Decimal
    source: str
    target: str
    status: str
    id: str
    ref: Ref


class ForcedSale(NamedTuple):
    """Collateral sold by force in margin trading or a loan: `quantity` of `asset` at `price`
    (quote units), debt repaid, and the fee in quote units."""

    ts: int
    product: str
    asset: str
    quantity: Decimal
    price: Decimal
    quote: str
    debt: Decimal
    fee: Decimal
    id: str
    ref: Ref


class File(NamedTuple):
    """One export: how it is named, its digest, what it holds, and whose it is where it says so.

    `kind` is transactions, trades, orders, positions, transfers, margin-liquidations or
    loan-liquidations; `market` is "mixed" for a file joined by hand and empty for histories of
    other wallets; `zone` "UTC" or "UTC+8" …, `zone_by` what says so: header, name, given, ids
    (of forced orders), trades (of another file), tape, custom. `rows` counts those that became
    entries, `doubles` those left out because another file, or an earlier row with the same id,
    holds them too."""

    name: str
    sha256: str
    market: str
    kind: str
    venue: str
    uid: str
    zone: str
    zone_by: str
    rows: int
    doubles: int


@dataclass(frozen=True)
class Exports:
    """The exports of one account, each kind in order of time; equal times keep the order of the
    venue (ids) and then of the file. `uid` is empty where no file says it; it never leaves the
    machine: what is written names the account by `account`."""

    account: str
    venue: str
    uid: str
    files: tuple[File, ...]
    transactions: Sequence[Transaction]
    trades: Sequence[Trade]
    orders: Sequence[Order]
    positions: Sequence[PositionRow]
    movements: Sequence[Movement]
    sales: Sequence[ForcedSale]
