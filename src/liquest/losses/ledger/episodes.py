"""A position from nothing to nothing: what one row of the position history sums up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ...rules.exact import ONE, ZERO, exact
from ..entries import Trade
from .ledger import PositionPath


class Episode(NamedTuple):
    """`opened` None where it began before the first trade, `closed_at` None where it had not
    ended with the last. `entry` the average before the last closing, `mean` that of all openings
    (None: not known), `slack` how far `entry` may be off; `close` the average of the closings
    (None: nothing was closed) and `plain` their mean by quantity; `most` the largest and `closed`
    the closed quantity, `pnl` the stated profits; `first` the first trade's place, −1 where the
    record, not a trade, began or ended it."""

    side: int
    opened: int | None
    closed_at: int | None
    entry: Decimal | None
    mean: Decimal | None
    slack: Decimal
    close: Decimal | None
    plain: Decimal | None
    most: Decimal
    closed: Decimal
    pnl: Decimal
    first: int
    last: int


class _Running:
    """Sums of an episode while it goes on."""

    def __init__(self, side: int, opened: int | None, first: int) -> None:
        self.side, self.opened, self.first = side, opened, first
        self.entry: Decimal | None = None
        self.slack = self.most = self.closed = self.pnl = ZERO
        self.bought = self.weight = self.sold = self.flat = ZERO

    def ended(self, closed_at: int | None, last: int, inverse: bool) -> Episode:
        def average(quantity: Decimal, cost: Decimal) -> Decimal | None:
            if not quantity or not cost:
                return None
            return quantity / cost if inverse else cost / quantity

        mean = average(self.weight, self.bought) if self.opened is not None else None
        plain = self.flat / self.closed if self.closed else None
        return Episode(
            self.side, self.opened, closed_at, self.entry, mean, self.slack,
            average(self.closed, self.sold), plain, self.most, self.closed, self.pnl,
            self.first, last,
        )  # fmt: skip


@exact
def episodes(path: PositionPath, trades: Sequence[Trade]) -> list[Episode]:
    """Those of one path, in order; one that goes through zero ends one and begins the next."""
    inverse = path.inverse
    found: list[Episode] = []
    now: _Running | None = None
    before = ZERO
    if path.opening is not None:
        before = path.opening.quantity
        now = _Running(1 if before > 0 else -1, None, -1)
        now.entry, now.slack, now.most = path.opening.entry, path.opening.slack, abs(before)
    for held in path.steps:
        quantity, index = held.quantity, held.trade
        if index < 0:
            if now is not None:
                found.append(now.ended(None, -1, inverse))
            now = None
            if quantity:
                now = _Running(1 if quantity > 0 else -1, None, -1)
                now.most = abs(quantity)
            before = quantity
            continue
        trade = trades[index]
        price = trade.price
        x = ONE / price if inverse else price
        if held.closed and now is not None:
            closed = held.closed
            now.closed += closed
            now.sold += closed * x
            if inverse:
                now.flat += closed * price
            now.pnl += trade.realised
            if not quantity or (quantity > 0) != (before > 0):
                if not inverse:
                    now.flat = now.sold
                found.append(now.ended(held.ts, index, inverse))
                now = None
        if quantity and (now is None or not held.closed):
            if now is None:
                now = _Running(1 if quantity > 0 else -1, held.ts, index)
            opened = trade.quantity - held.closed
            now.bought += opened * x
            now.weight += opened
            now.entry, now.slack = held.entry, held.slack
            size = abs(quantity)
            if size > now.most:
                now.most = size
        before = quantity
    if now is not None:
        if not inverse:
            now.flat = now.sold
        found.append(now.ended(None, -1, inverse))
    return found
