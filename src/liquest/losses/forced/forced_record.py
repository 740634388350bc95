"""The liquidation record of an account: what was closed by force, when, at what price.

    forced_record(exports, ledger, prices) → (ForcedRecord, problems)

Orders come from the orders file, by their client order ids; where a clearance belongs to none
of them, from the trades, and then they are marked as inferred. Auto-deleveraging (ADL) and
forced sales of collateral stand apart: the first closes winning positions, the second no
position at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...errors import Text
from ...problems import KEPT, Problem
from ..entries import Exports
from ..ledger.ledger import Ledger
from ..prices.prices import Prices
from .chain import Chain, Liquidation, chains, in_order, liquidations
from .clears import clears_of, with_deficit, with_fees
from .client_ids import ADL, SETTLEMENT, by_the_venue
from .forced_order import TAKEOVER, ForcedOrder
from .gather import listed
from .inferred import inferred
from .nearby import Nearby
from .sales import SoldRecord, sold
from .sources import problem_at

CLOSED_FORCED, CLOSED_TAKEOVER, CLOSED_ADL = "forced", "takeover", "adl"


@dataclass(frozen=True)
class ForcedRecord:
    """Liquidations by time with their chains; ADL orders; sales of collateral. `settlements`
    are places in `Exports.orders` of orders that delisting or delivery brought about."""

    account: str
    venue: str
    liquidations: tuple[Liquidation, ...]
    adl: tuple[ForcedOrder, ...]
    sales: tuple[SoldRecord, ...]
    settlements: tuple[int, ...]
    nearby: Nearby

    @property
    def chains(self) -> tuple[Chain, ...]:
        """Every chain, liquidation by liquidation."""
        return tuple(chain for one in self.liquidations for chain in one.chains)

    @property
    def orders(self) -> tuple[ForcedOrder, ...]:
        """Every forced order of a liquidation, by time of sending within each."""
        return tuple(order for one in self.liquidations for order in one.orders)

    @property
    def first(self) -> int | None:
        """When the first forced order was sent; None where there is none."""
        return min((one.first for one in self.liquidations), default=None)

    def closes(self) -> Mapping[tuple[str, str], str]:
        """(market, order id) → forced, takeover or adl, of every order that filled something;
        all others are the account's own."""
        found = {
            (one.contract.market, one.order_id): CLOSED_TAKEOVER
            if one.outcome == TAKEOVER
            else CLOSED_FORCED
            for one in self.orders
            if one.executed
        }
        for one in self.adl:
            found[one.contract.market, one.order_id] = CLOSED_ADL
        return found


def forced_record(
    exports: Exports,
    ledger: Ledger,
    prices: Prices | None,
    nearby: Nearby = Nearby(),  # noqa: B008
) -> tuple[ForcedRecord, list[Problem]]:
    """All that was closed by force. Raises InputError where the ids of the forced orders show
    that the zone of a file was taken wrong."""
    marked, problems = by_the_venue(exports)
    settled = tuple(place for place, source in marked if source.kind == SETTLEMENT)
    orders, more = listed(exports, ledger, prices, [m for m in marked if m[1].kind != SETTLEMENT])
    problems += more
    adl = [one for one in orders if one.kind == ADL]
    forced, left = with_fees(
        exports, [one for one in orders if one.kind != ADL], clears_of(exports), nearby
    )
    events, left = with_deficit(exports, liquidations(chains(forced, nearby), nearby), left, nearby)
    if left:
        known = {(o.contract.market, o.contract.symbol, o.order_id) for o in orders}
        guessed = inferred(exports, ledger, prices, left, known, nearby)
        problems += [_inferred(exports, one) for one in guessed]
        charged, left = with_fees(exports, guessed, left, nearby)
        forced = sorted([*forced, *charged], key=in_order)
        own = [place for one in events for place in one.clears]
        events, left = with_deficit(
            exports, liquidations(chains(forced, nearby), nearby), sorted([*own, *left]), nearby
        )
    problems += [_alone(exports, place) for place in left]
    sales, more = sold(exports, prices)
    made = ForcedRecord(
        exports.account, exports.venue, tuple(events), tuple(adl), tuple(sales), settled, nearby
    )
    return made, problems + more


def _inferred(exports: Exports, one: ForcedOrder) -> Problem:
    text = Text(
        f"the close of {one.contract.symbol} is taken for a forced one, because a clearance "
        "follows it; the order history would show the order itself, its limit, and orders that "
        "expired before",
        f"{one.contract.symbol} 的平仓因其后有保险清算流水而推断为强平；委托历史可给出委托本身、"
        "限价及此前失效的委托",
    )
    return problem_at(exports, one.ref, "forced-inferred", KEPT, text)


def _alone(exports: Exports, place: int) -> Problem:
    row = exports.transactions[place]
    text = Text(
        f"an INSURANCE_CLEAR of {row.amount} {row.asset} follows no forced order and no closing "
        "trade: trades or orders of that time are missing",
        f"保险清算 {row.amount} {row.asset} 之前没有强平单或平仓成交：该时段的成交或委托记录缺失",
    )
    return problem_at(exports, row.ref, "clear-alone", KEPT, text, row.symbol)
