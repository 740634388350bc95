"""One order that the venue sent for an account: what it asked for and what came of it.

    expired    nothing filled: no bid (for a short: no offer) within the limit
    partly     a part filled, the rest expired
    filled     all of it filled, at better than the limit at least in part
    at-limit   all of it filled at exactly the limit, no order of the position having failed
               before: a bid at the limit, or a takeover; the record does not tell
    takeover   the same after an order of the position had failed: the insurance fund took it
    open       not ended in the export

Invariant: 0 ≤ executed ≤ quantity, an average price where and only where something was
executed, and the fills add up to it.

Source: order exports of accounts, and Binance futures, "Liquidation Protocols": a first order
within a limit, the remainder taken over at the bankruptcy price.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ...errors import IntegrityError, Text
from ...rules.exact import ZERO
from ..entries import ISOLATED, Ref
from .client_ids import ADL, LIQUIDATION
from .slippage import Contract, Fill, Slip

EXPIRED, PARTLY, FILLED, AT_LIMIT, TAKEOVER, OPEN = (
    "expired", "partly", "filled", "at-limit", "takeover", "open",
)  # fmt: skip

OUTCOMES: dict[str, Text] = {
    EXPIRED: Text("expired: no counterparty within the limit", "失效：限价内无对手盘"),
    PARTLY: Text("partly filled, the rest expired", "部分成交，其余失效"),
    FILLED: Text("filled", "成交"),
    AT_LIMIT: Text("filled at exactly its limit", "恰以限价成交"),
    TAKEOVER: Text("taken over at its limit", "以限价被接管"),
    OPEN: Text("not ended in the export", "导出时尚未结束"),
}

BY_ID, BY_ORDER, BY_TRADE = "id", "order", "trade"
"""What the time of sending is known by."""


class Sum(NamedTuple):
    """An amount of an asset."""

    asset: str
    amount: Decimal


@dataclass(frozen=True)
class ForcedOrder:
    """`order` is its place in `Exports.orders`, −1 where it is inferred from trades alone;
    `trades` are places in `Exports.trades`, `commissions` and `clears` in `Exports.transactions`.

    `side` +1 buys, −1 sells; `sent` and `ended` in µs; `limit` None where it is not known;
    quantities in base units or contracts. `held` and `left` are the signed position before and
    after, None where it is not known. `fees` are the commissions of its trades, `clearance` the
    clearance fee (both above zero: paid), `realised` the profit of its trades in the settle
    currency. `slips` set the fills against the references of their seconds, `room` the limit
    against the references at sending: how much worse than those the order would have taken.
    `mode` of the position is cross, isolated, or empty where no position row says it.
    """

    kind: str
    order: int
    order_id: str
    contract: Contract
    place: str
    side: int
    sent: int
    sent_by: str
    ended: int
    limit: Decimal | None
    quantity: Decimal
    executed: Decimal
    average: Decimal | None
    outcome: str
    ref: Ref
    fills: tuple[Fill, ...] = ()
    trades: tuple[int, ...] = ()
    held: Decimal | None = None
    left: Decimal | None = None
    fees: tuple[Sum, ...] = ()
    commissions: tuple[int, ...] = ()
    clears: tuple[int, ...] = ()
    clearance: tuple[Sum, ...] = ()
    realised: Decimal | None = None
    slips: tuple[Slip, ...] = ()
    room: tuple[Slip, ...] = ()
    mode: str = ""

    def __post_init__(self) -> None:
        filled = sum((fill.quantity for fill in self.fills), ZERO)
        wrong = (
            not ZERO <= self.executed <= self.quantity
            or (self.executed > 0) != (self.average is not None)
            or filled != self.executed
            or self.side not in (1, -1)
            or self.outcome not in OUTCOMES
            or self.kind not in (LIQUIDATION, ADL)
        )
        if wrong:
            raise IntegrityError(
                Text("a forced order contradicts itself", "强平单自相矛盾"),
                expected=f"0 ≤ executed ≤ {self.quantity}, fills that add up to it",
                got=f"executed {self.executed}, fills {filled}, average {self.average}",
                where=f"{self.contract.symbol} {self.order_id}",
            )

    @property
    def inferred(self) -> bool:
        """Known by its trades alone."""
        return self.order < 0

    @property
    def partial(self) -> bool:
        """A step on the way: something was closed, and a position was left."""
        return self.executed > 0 and self.left is not None and self.left != 0

    @property
    def failed(self) -> bool:
        """Not all of it found a counterparty."""
        return self.outcome in (EXPIRED, PARTLY)

    @property
    def unit(self) -> tuple[str, str, str, str]:
        """What was liquidated as one: market and asset of the wallet, and for an isolated
        position its symbol and place."""
        alone = self.mode == ISOLATED
        place = (self.contract.symbol, self.place) if alone else ("", "")
        return self.contract.market, self.contract.settle, *place

    @property
    def key(self) -> tuple[str, str, str]:
        """The position that it closes."""
        return self.contract.market, self.contract.symbol, self.place
