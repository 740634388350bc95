"""Where the record itself says what a position place holds.

Position rows say it to the second: nothing before `opened`, nothing after `closed_at`. Where
the row that closes in a second and the one that opens in it are two, the position went through
zero and neither is an anchor. The one that opened may not be in the export: then 0 was reached in
the second, perhaps inside a trade, and the walk from the right beginning shows it. A row still
open whose closings are all among the trades tells by its largest quantity what is held at the
end. Where no row speaks, a takeover by the insurance fund (a forced order filled at exactly its
own limit) ends the position. What the user says of the end stands above all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ...clock import SECOND
from ...rules.exact import ZERO
from ..entries import BOTH, LONG, SHORT, Exports, Order, PositionRow, Trade
from .average import Anchor

NEAR = 2
"""Seconds by which the clocks of position rows and trades may differ."""

Key = tuple[str, str, str]
"""Market, symbol, place."""


def is_open(row: PositionRow) -> bool:
    """Whether the row speaks of a position that had not ended."""
    return row.closed_at is None or "partial" in row.status.lower() or "部分" in row.status


def forced(order: Order) -> bool:
    """A forced order of the venue, by its client order id."""
    return order.client_id.startswith("autoclose")


def takeovers(exports: Exports) -> dict[tuple[str, str], list[Order]]:
    """(market, order id) of forced orders filled at exactly their own limit."""
    found: dict[tuple[str, str], list[Order]] = {}
    for order in exports.orders:
        if (
            forced(order)
            and order.status == "FILLED"
            and order.price
            and order.average == order.price
        ):
            found.setdefault((order.market, order.order_id), []).append(order)
    return found


def rows_by_place(exports: Exports, traded: set[Key]) -> dict[Key, list[PositionRow]]:
    """The position rows of each place. A row that names a place without trades belongs to the
    one that was traded: exports of one-way accounts write Long and Short too."""
    found: dict[Key, list[PositionRow]] = {}
    for row in exports.positions:
        sided = LONG if row.side > 0 else SHORT
        wanted = [row.place, BOTH, sided] if row.place != BOTH else [BOTH, sided]
        place = next((p for p in wanted if (row.market, row.symbol, p) in traded), wanted[0])
        found.setdefault((row.market, row.symbol, place), []).append(row)
    for rows in found.values():
        rows.sort(key=lambda r: (r.opened, r.closed_at or 1 << 62))
    return found


def anchors(
    trades: Sequence[Trade],
    places: Sequence[int],
    rows: Sequence[PositionRow],
    covered: tuple[int, int],
    ended: Mapping[tuple[str, str], Sequence[Order]],
    at_end: Decimal | None,
) -> list[Anchor]:
    """In order; `covered` are the first and the last second of the trades of the market."""
    seconds = [trades[i].ts // SECOND for i in places]
    last = len(places)
    found: list[Anchor] = []

    def at(second: int, *, closes: bool) -> None:
        exact = _traded_in(seconds, second)
        wide = 0 if exact else NEAR
        low, high = bisect_left(seconds, second - wide), bisect_right(seconds, second + wide)
        near = _nearest(seconds, second)
        after = bisect_right(seconds, near) if closes else bisect_left(seconds, near)
        least, most = low + (exact and closes), high - (exact and not closes)
        found.append(Anchor(after, ZERO, second * SECOND, low, high, least, most))

    spans = [
        (r.opened // SECOND, None if is_open(r) else (r.closed_at or 0) // SECOND) for r in rows
    ]
    brought = {last for first, last in spans if first != last}
    taken = {first for first, last in spans if first != last}
    opened = {first for first, _ in spans} - brought
    closed = {last for _, last in spans if last is not None} - taken
    first, end = covered
    for those, closes in ((opened, False), (closed, True)):
        for second in those:
            if first <= second <= end:
                at(second, closes=closes)
    if not found and ended:
        for count, index in enumerate(places, start=1):
            trade = trades[index]
            more = count < last and trades[places[count]].order_id == trade.order_id
            if (trade.market, trade.order_id) in ended and not more:
                found.append(Anchor(count, ZERO, trade.ts, count, count, count, count))
    found.sort()
    if at_end is None:
        at_end = _still_open(trades, places, rows, end)
    if at_end is not None:
        ts = trades[places[-1]].ts if places else end * SECOND
        found = [a for a in found if a.after < last]
        found.append(Anchor(last, at_end, ts, last, last, last, last))
    return found


def _traded_in(seconds: Sequence[int], second: int) -> bool:
    place = bisect_left(seconds, second)
    return place < len(seconds) and seconds[place] == second


def _nearest(seconds: Sequence[int], second: int) -> int:
    """The second of the nearest trade, if it is near; else the second itself."""
    place = bisect_left(seconds, second)
    near = [s for s in seconds[max(0, place - 1) : place + 1] if abs(s - second) <= NEAR]
    return min(near, key=lambda s: abs(s - second), default=second)


def _still_open(
    trades: Sequence[Trade], places: Sequence[int], rows: Sequence[PositionRow], end: int
) -> Decimal | None:
    """What the last row says is held at the end. If all that it closed is in the trades, the
    position only grew before them, and its largest quantity tells what it was."""
    row = max(rows, key=lambda r: r.opened, default=None)
    if row is None or row.closed_at is not None or row.opened // SECOND > end:
        return None
    now = peak = closed = ZERO
    for index in places:
        trade = trades[index]
        if trade.ts // SECOND >= row.opened // SECOND:
            now += trade.quantity * trade.side * row.side
            closed += trade.quantity if trade.side != row.side else ZERO
            peak = max(peak, now)
    return row.side * (row.most - peak + now) if closed == row.closed else None
