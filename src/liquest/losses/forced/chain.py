"""Forced orders in their order: the chain of one position, the liquidation of one unit.

A unit is a wallet with its cross positions, or an isolated position. A chain ends where its
position is closed or the venue pauses longer than `Nearby.pause_s`; the chains of a unit that
overlap or follow within that pause are one liquidation. Invariant:

    |position before the first order| = Σ executed + what is left + what others closed

where `others` are closes (or, below zero, openings) of the account itself in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ...clock import SECOND
from ...errors import IntegrityError, Text
from ...rules.exact import ZERO, exact
from .forced_order import AT_LIMIT, EXPIRED, FILLED, OPEN, PARTLY, TAKEOVER, ForcedOrder, Sum
from .nearby import Nearby


@dataclass(frozen=True)
class Chain:
    """The forced orders of one position, in order of sending; at least one. Within a second
    the order of the venue's numbers holds, as exports have it."""

    orders: tuple[ForcedOrder, ...]

    def __post_init__(self) -> None:
        times = [one.sent // SECOND for one in self.orders]
        if not times or times != sorted(times) or len({one.key for one in self.orders}) != 1:
            raise IntegrityError(
                Text("a chain of forced orders is out of order", "强平单链条顺序有误"),
                expected="the orders of one position by time of sending",
                got=f"{len(times)} orders of {len({one.key for one in self.orders})} positions",
            )

    @property
    def symbol(self) -> str:
        return self.orders[0].contract.symbol

    @property
    def first(self) -> int:
        """When the first order was sent."""
        return min(one.sent for one in self.orders)

    @property
    def last(self) -> int:
        """When the last order had ended."""
        return max(one.ended for one in self.orders)

    @property
    def held(self) -> Decimal | None:
        """The signed position before the first order."""
        return self.orders[0].held

    @property
    def left(self) -> Decimal | None:
        """The signed position after the last order."""
        return self.orders[-1].left

    @property
    @exact
    def executed(self) -> Decimal:
        """All that the orders closed."""
        return sum((one.executed for one in self.orders), ZERO)

    @property
    @exact
    def others(self) -> Decimal | None:
        """What the account's own orders closed in between; None where positions are unknown."""
        if self.held is None or self.left is None:
            return None
        return -self.orders[0].side * (self.held - self.left) - self.executed

    def of(self, *outcomes: str) -> tuple[ForcedOrder, ...]:
        """The orders that ended so."""
        return tuple(one for one in self.orders if one.outcome in outcomes)


@dataclass(frozen=True)
class Liquidation:
    """The chains of one unit in one event: a wallet, or an isolated position (`symbol`, `place`;
    both empty for a wallet). `clears` (places in `Exports.transactions`) are the clearances that
    no order of it owns: the deficit that the fund bore, or a fee without a symbol."""

    market: str
    asset: str
    symbol: str
    place: str
    chains: tuple[Chain, ...]
    clears: tuple[int, ...] = ()
    cleared: tuple[Sum, ...] = ()

    def __post_init__(self) -> None:
        units = {one.unit for chain in self.chains for one in chain.orders}
        if units != {self.unit}:
            raise IntegrityError(
                Text("a liquidation holds orders of another wallet", "强平记录混入其他钱包的订单"),
                expected=" ".join(self.unit),
                got=", ".join(sorted(" ".join(unit) for unit in units)) or "no orders",
            )

    @property
    def unit(self) -> tuple[str, str, str, str]:
        """As `ForcedOrder.unit`."""
        return self.market, self.asset, self.symbol, self.place

    @property
    def orders(self) -> tuple[ForcedOrder, ...]:
        """All of them by time of sending."""
        every = (one for chain in self.chains for one in chain.orders)
        return tuple(sorted(every, key=in_order))

    @property
    def first(self) -> int:
        return min(chain.first for chain in self.chains)

    @property
    def last(self) -> int:
        return max(chain.last for chain in self.chains)

    @property
    @exact
    def realised(self) -> Decimal | None:
        """Profit of every fill; None where one is not known."""
        values = [one.realised for one in self.orders]
        known = [value for value in values if value is not None]
        return sum(known, ZERO) if len(known) == len(values) else None

    @exact
    def costs(self) -> dict[str, Decimal]:
        """Slippage in the settle currency by reference, of those that are known for every fill;
        above zero: the account got less than at the reference."""
        filled = [one for one in self.orders if one.executed]
        found: dict[str, list[Decimal]] = {}
        for one in filled:
            for slip in one.slips:
                found.setdefault(slip.against, []).append(slip.cost)
        return {k: sum(v, ZERO) for k, v in found.items() if len(v) == len(filled)}

    @exact
    def paid(self) -> dict[str, Decimal]:
        """Commissions and clearance fees by asset."""
        found: dict[str, Decimal] = {}
        for one in self.orders:
            for asset, amount in (*one.fees, *one.clearance):
                found[asset] = found.get(asset, ZERO) + amount
        return found


def in_order(one: ForcedOrder) -> tuple[int, int, tuple[int, ...]]:
    """Second of sending, then the place in the exports."""
    return one.sent // SECOND, one.order, one.trades


def chains(orders: Iterable[ForcedOrder], nearby: Nearby) -> list[Chain]:
    """The chains by time of their first order, takeovers told from fills at the limit."""
    by_position: dict[tuple[str, str, str], list[list[ForcedOrder]]] = {}
    for one in sorted(orders, key=in_order):
        groups = by_position.setdefault(one.key, [])
        if not groups or _ends(groups[-1], one, nearby):
            groups.append([])
        groups[-1].append(one)
    found = [Chain(_taken(group)) for groups in by_position.values() for group in groups]
    return sorted(found, key=lambda chain: (chain.first, chain.symbol))


def _ends(group: Sequence[ForcedOrder], one: ForcedOrder, nearby: Nearby) -> bool:
    last = group[-1]
    pause = one.sent - max(other.ended for other in group)
    return (
        pause > nearby.pause_s * SECOND
        or last.side != one.side
        or (last.left == 0 and one.sent // SECOND > last.ended // SECOND)
    )


def _taken(group: Sequence[ForcedOrder]) -> tuple[ForcedOrder, ...]:
    """After an order has failed, a later one filled at exactly its limit is the takeover."""
    found: list[ForcedOrder] = []
    failed = False
    for one in group:
        made = one
        if failed and one.outcome == AT_LIMIT:
            made = replace(one, outcome=TAKEOVER)
        if found and not one.executed and one.sent // SECOND == found[-1].ended // SECOND:
            # Positions are known by trades, and times by the second: one that closed nothing
            # stands where the order before it in the same second left the position.
            made = replace(made, held=found[-1].left, left=found[-1].left)
        found.append(made)
        failed = failed or one.failed
    return tuple(found)


def liquidations(found: Sequence[Chain], nearby: Nearby) -> list[Liquidation]:
    """The chains by unit and event, in order of time."""
    groups: dict[tuple[str, str, str, str], list[list[Chain]]] = {}
    for chain in sorted(found, key=lambda c: c.first):
        events = groups.setdefault(chain.orders[0].unit, [])
        if events and chain.first - max(c.last for c in events[-1]) <= nearby.pause_s * SECOND:
            events[-1].append(chain)
        else:
            events.append([chain])
    made = [Liquidation(*unit, tuple(event)) for unit, events in groups.items() for event in events]
    return sorted(made, key=lambda one: (one.first, *one.unit))


def tally(orders: Iterable[ForcedOrder]) -> dict[str, int]:
    """How many ended how; every outcome is named."""
    counts = dict.fromkeys((EXPIRED, PARTLY, FILLED, AT_LIMIT, TAKEOVER, OPEN), 0)
    for one in orders:
        counts[one.outcome] += 1
    return counts
