"""Which kind of change a row of a wallet is: profit, fee, funding, transfer.

Source: the types in Binance's futures transaction history ("Get Income History" and the export).
A type that is not known is a change of its own (`other`), and named.
"""

from __future__ import annotations

from ..entries import Transaction
from .parts import FEES, FUNDING, INSURANCE, OTHER

PROFIT, TRANSFER = "profit", "transfer"

TRANSFERS = frozenset({
    "TRANSFER", "INTERNAL_TRANSFER", "CROSS_COLLATERAL_TRANSFER", "DEPOSIT", "WITHDRAW",
    "WITHDRAWAL", "STRATEGY_UMFUTURES_TRANSFER", "COIN_SWAP_DEPOSIT", "COIN_SWAP_WITHDRAW",
    "DELIVERED_SETTELMENT_TRANSFER", "AUTO_EXCHANGE_TRANSFER",
})  # fmt: skip
"""Money that came in or went out: no profit and no loss."""
_KINDS = {
    "REALIZED_PNL": PROFIT, "REALISED_PNL": PROFIT, "FUNDING_FEE": FUNDING, "COMMISSION": FEES,
    "COMMISSION_REBATE": OTHER, "API_REBATE": OTHER, "REFERRAL_KICKBACK": OTHER,
}  # fmt: skip


def flow(row: Transaction) -> str:
    """PROFIT, TRANSFER, FEES, FUNDING, INSURANCE or OTHER. What the insurance fund takes is a
    fee (clearance), what it pays in is a deficit that it bears."""
    if row.type in TRANSFERS:
        return TRANSFER
    if row.type == "INSURANCE_CLEAR":
        return INSURANCE if row.amount > 0 else FEES
    return _KINDS.get(row.type, OTHER)
