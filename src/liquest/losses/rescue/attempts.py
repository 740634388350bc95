"""Orders of the account around its liquidation that did not come about.

    rejected     REJECTED: the venue refused it
    expired      EXPIRED, EXPIRED_IN_MATCH: it ended without (all of) its fill
    cleared-away CANCELED or EXPIRED in the seconds around the first forced order of its wallet:
                 a liquidation begins with the cancelling of all open orders, so this is taken
                 for the venue's doing, and said so

Any other CANCELED is taken for the account's own and left out; the export does not say who
cancelled. `reduces` says whether a fill would have made the position smaller.

Source: Binance futures, "Liquidation Protocols" (open orders are cancelled first), and the
order update event, expiry reason 5: "order has expired when the account was liquidated".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ...clock import SECOND, Window
from ...errors import InputError, Text
from ..entries import Exports, Ref
from ..forced.chain import Liquidation
from ..forced.client_ids import origin
from ..ledger.ledger import Ledger

REJECTED, EXPIRED, CLEARED_AWAY = "rejected", "expired", "cleared-away"
WHY: dict[str, Text] = {
    REJECTED: Text("refused by the venue", "被场所拒绝"),
    EXPIRED: Text("expired", "失效"),
    CLEARED_AWAY: Text("cancelled as the liquidation began", "强平开始时被撤销"),
}
_EXPIRED = ("EXPIRED", "EXPIRED_IN_MATCH")


class Attempt(NamedTuple):
    """One order; `order` is its place in `Exports.orders`. Quantities in base units or
    contracts, `price` None for market orders, `reduces` None where the position is unknown."""

    order: int
    market: str
    symbol: str
    place: str
    ts: int
    updated: int
    type: str
    side: int
    price: Decimal | None
    stop: Decimal | None
    quantity: Decimal
    executed: Decimal
    why: str
    reduces: bool | None
    ref: Ref


@dataclass(frozen=True)
class Clearing:
    """Seconds before and after the first forced order of a wallet in which an order that ends
    is taken for one that the liquidation cancelled."""

    before_s: int = 2
    after_s: int = 2

    def __post_init__(self) -> None:
        if not (0 <= self.before_s <= 600 and 0 <= self.after_s <= 600):
            raise InputError(
                Text("a clearing beyond ten minutes", "撤单判定时限超过十分钟"),
                where="before_s, after_s",
                remedy=Text("Give 0 to 600 seconds.", "请给出 0 至 600 秒。"),
            )

    def holds(self, updated: int, forced: int) -> bool:
        """Whether an order that ended at `updated` fell with the liquidation at `forced`."""
        early, late = forced - self.before_s * SECOND, forced + (self.after_s + 1) * SECOND
        return early // SECOND * SECOND <= updated < late


def attempts(
    exports: Exports, ledger: Ledger, window: Window, forced: Sequence[Liquidation],
    clearing: Clearing = Clearing(),
) -> list[Attempt]:  # fmt: skip
    """Those sent or ended in the window, by time. A liquidation of an isolated position cancels
    the orders of its contract, one of a wallet those of its market."""
    found: list[Attempt] = []
    for place, order in enumerate(exports.orders):
        if not (
            window.start <= order.ts < window.end or window.start <= order.updated < window.end
        ):
            continue
        fell = any(
            one.market == order.market
            and one.symbol in ("", order.symbol)
            and order.ts <= one.first
            and clearing.holds(order.updated, one.first)
            for one in forced
        )
        if order.status == "REJECTED":
            why = REJECTED
        elif order.status in _EXPIRED:
            why = CLEARED_AWAY if fell and order.ts < order.updated else EXPIRED
        elif order.status == "CANCELED" and fell:
            why = CLEARED_AWAY
        else:
            continue
        if origin(order.client_id) is not None:
            continue
        found.append(
            Attempt(
                place,
                order.market,
                order.symbol,
                order.place,
                order.ts,
                order.updated,
                order.type,
                order.side,
                order.price or None,
                order.stop or None,
                order.quantity,
                order.executed,
                why,
                _reduces(ledger, order.market, order.symbol, order.place, order.ts, order.side),
                order.ref,
            )
        )
    return sorted(found, key=lambda one: (one.ts, one.order))


def _reduces(
    ledger: Ledger, market: str, symbol: str, place: str, ts: int, side: int
) -> bool | None:
    path = ledger.position(market, symbol, place)
    held = None if path is None else path.at(ts)
    if held is None:
        return None
    return held.quantity * side < 0
