"""Average cost: what a position of one place is after each trade, exactly.

Linear and inverse contracts alike are linear in a coordinate x (`rules.linear`: the price;
`rules.inverse`: one over it). Opening adds quantity and quantity·x to what is held; closing
leaves the average x unchanged; a trade that goes through zero closes the old position and
opens the rest at its own price. The profit of a closing of q at p is

    linear   s·q·(x(p) − x)          inverse   s·q·C·(x − x(p))

The average is kept as Σ quantity·x over the quantity that it was summed for and is divided
only when something is opened on top, so that no rounding adds up over closings.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ...rules.exact import ONE, ZERO, exact
from ..entries import BOTH, LONG, Trade
from .ledger import Held

UNIT = Decimal("1e-8")
"""Of the last decimal that profits are stated to."""


class Contract(NamedTuple):
    """One position place of one contract. `size` is 1 for linear contracts, USD per contract
    for inverse ones; `settle` the currency of its profits."""

    market: str
    symbol: str
    place: str
    inverse: bool
    size: Decimal
    settle: str

    def x(self, price: Decimal) -> Decimal:
        """The coordinate of a price, and the price of a coordinate: both ways the same."""
        return ONE / price if self.inverse else price

    def allows(self, quantity: Decimal) -> bool:
        """Whether the place can hold it: L never below zero, S never above."""
        return self.place == BOTH or not quantity or (quantity > 0) == (self.place == LONG)


class Opening(NamedTuple):
    """What was held before the first trade: signed quantity, average x (None: not known) and
    how far x may be off."""

    quantity: Decimal = ZERO
    x: Decimal | None = None
    slack: Decimal = ZERO


class Anchor(NamedTuple):
    """After `after` trades the record says that `quantity` is held, from `ts` on. From `low` to
    `high` trades fit its time too (those of that second, or of the seconds next to it where
    there are none: clocks of two files differ a little); of these, `least` to `most` may hold
    the quantity itself: a position that closed in a second did so by a trade of it."""

    after: int
    quantity: Decimal
    ts: int
    low: int
    high: int
    least: int
    most: int


class Break(NamedTuple):
    """The trades lead to `rebuilt`, the record says `stated`: between them rows are missing."""

    since: int
    ts: int
    rebuilt: Decimal
    stated: Decimal


class Over(NamedTuple):
    """Trade `trade` closes `quantity` more than hedge mode held."""

    trade: int
    quantity: Decimal


class Walk(NamedTuple):
    """The states, how far each rebuilt profit may be off (only where it may), and what failed."""

    steps: list[Held]
    loose: dict[int, Decimal]
    breaks: list[Break]
    over: list[Over]


@exact
def walk(
    contract: Contract,
    trades: Sequence[Trade],
    places: Sequence[int],
    opening: Opening,
    anchors: Sequence[Anchor] = (),
    *,
    follow: bool = True,
) -> Walk:
    """Every state of a place: `places` are those of its trades, in order. Where an anchor says
    otherwise than the trades, the position goes on from the anchor (`follow`) or the trades."""
    market, symbol, place, inverse, size, _ = contract
    allows = contract.allows
    quantity = opening.quantity
    weight = abs(quantity)
    known = opening.x is not None or not weight
    cost = ZERO if opening.x is None else weight * opening.x
    off = weight * opening.slack
    held_entry = contract.x(opening.x) if opening.x and weight else None
    steps: list[Held] = []
    loose: dict[int, Decimal] = {}
    breaks: list[Break] = []
    over: list[Over] = []
    pending = list(anchors)[::-1]
    fixed_at = trades[places[0]].ts if places else 0
    add = steps.append

    def settle(count: int) -> None:
        """Compare with what the record says after `count` trades, and go on from there."""
        nonlocal quantity, weight, known, cost, off, held_entry, fixed_at
        while pending and pending[-1].after == count:
            anchor = pending.pop()
            if quantity != anchor.quantity and not _near(trades, places, quantity, anchor, steps):
                breaks.append(Break(fixed_at, anchor.ts, quantity, anchor.quantity))
                if not follow:
                    continue
                quantity, weight = anchor.quantity, abs(anchor.quantity)
                known, cost, off, held_entry = not weight, ZERO, ZERO, None
                add(Held(anchor.ts, market, symbol, place, quantity, None, -1))
            fixed_at = anchor.ts

    for count, index in enumerate(places):
        if pending and pending[-1].after == count:
            settle(count)
        trade = trades[index]
        ts, price, filled = trade.ts, trade.price, trade.quantity
        signed = filled if trade.side > 0 else -filled
        if not quantity or (quantity > 0) == (signed > 0):
            if not quantity:
                known, cost, off, weight = True, ZERO, ZERO, ZERO
            elif weight != abs(quantity):
                cost, off = cost * abs(quantity) / weight, off * abs(quantity) / weight
            quantity += signed
            weight = abs(quantity)
            if not allows(quantity):
                over.append(Over(index, filled))
                quantity = weight = ZERO
                add(Held(ts, market, symbol, place, ZERO, None, index))
                continue
            cost += filled / price if inverse else filled * price
            slack = ZERO
            if known:
                held_entry = weight / cost if inverse else cost / weight
                if off:
                    slack = off / weight * (held_entry * held_entry if inverse else ONE)
            add(Held(ts, market, symbol, place, quantity, held_entry, index, ZERO, ZERO, slack))
            continue
        before = abs(quantity)
        closed = filled if filled < before else before
        realised: Decimal | None = None
        if known:
            out = cost if closed == weight else cost * closed / weight
            gain = out - closed / price if inverse else closed * price - out
            realised = gain * size if inverse else gain
            if quantity < 0:
                realised = -realised
            if off:
                loose[index] = off * closed / weight * size
        quantity += signed
        if filled > before and not allows(quantity):
            over.append(Over(index, filled - before))
            quantity = ZERO
        slack = ZERO
        if not quantity:
            held_entry, known, cost, off, weight = None, True, ZERO, ZERO, ZERO
        elif filled > before:
            weight = abs(quantity)
            cost, known, off = (weight / price if inverse else weight * price), True, ZERO
            held_entry = price
        elif off and held_entry is not None:
            slack = off / weight * (held_entry * held_entry if inverse else ONE)
        add(Held(ts, market, symbol, place, quantity, held_entry, index, closed, realised, slack))
    settle(len(places))
    return Walk(steps, loose, breaks, over)


def _near(
    trades: Sequence[Trade],
    places: Sequence[int],
    quantity: Decimal,
    anchor: Anchor,
    steps: Sequence[Held],
) -> bool:
    """Whether the anchor's quantity is held or gone through within its bounds, `quantity` being
    held at its count. A position that flips is closed without being 0 at any time; one that only
    seems to flip because a trade is missing has another profit than the one stated."""
    aim = anchor.quantity
    now = quantity
    for count in range(anchor.after, anchor.high):
        before, now = now, now + _signed(trades[places[count]])
        if (now == aim and count + 1 <= anchor.most) or (before - aim) * (now - aim) < 0:
            return True
    now = quantity
    for count in range(anchor.after - 1, anchor.low - 1, -1):
        after, now = now, now - _signed(trades[places[count]])
        if now == aim and count >= anchor.least:
            return True
        if (after - aim) * (now - aim) < 0:
            return _as_stated(trades, places[count], steps)
    return False


def _signed(trade: Trade) -> Decimal:
    return trade.quantity if trade.side > 0 else -trade.quantity


def _as_stated(trades: Sequence[Trade], index: int, steps: Sequence[Held]) -> bool:
    """Whether a trade that was walked has the profit that it states."""
    held = next((h for h in reversed(steps) if h.trade == index), None)
    if held is None or held.realised is None:
        return False
    return abs(held.realised - trades[index].realised) <= UNIT
