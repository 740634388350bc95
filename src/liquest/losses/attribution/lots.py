"""A position cut into pieces at a reference time: what was held then, and what came later.

A piece is a quantity that was held from the reference time (or opened after it) and how it
ended: closed by force, taken over, deleveraged, closed by the account, or still held. A venue
keeps one average price and does not say which lot a close takes, so the order is stated:
what was held at the reference time goes first (`REFERENCE_FIRST`), or last.

In the coordinate x (the price of a linear contract, −1/price of an inverse one) profit is
size · (x_end − x_start), so the pieces of one position telescope:

    Σ size·(x_end − x_start)  =  realised profit after the reference + change of unrealised
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from ...rules.exact import ONE, ZERO
from ..entries import Trade
from ..ledger.ledger import Held, PositionPath

REFERENCE_FIRST, REFERENCE_LAST = "reference-first", "reference-last"
ORDERS = (REFERENCE_FIRST, REFERENCE_LAST)

FORCED, TAKEOVER, ADL, OWN, OPEN = "forced", "takeover", "adl", "own", "open"
"""How a piece ended; `OPEN` is not yet."""

Closes = Mapping[tuple[str, str], str]
"""(market, order id) → FORCED, TAKEOVER or ADL; every other order is the account's own."""


class Cut(NamedTuple):
    """`size` signed, in x; `since` None for what was held at the reference time, else the price
    it was opened at on average, in x; `trade` the place of the closing trade, −1 while open."""

    size: Decimal
    since: Decimal | None
    end: str
    trade: int


def coordinate(path: PositionPath, price: Decimal) -> Decimal:
    """x of a price; call it under `rules.exact`."""
    return -ONE / price if path.inverse else price


def size_of(path: PositionPath, quantity: Decimal) -> Decimal:
    """Signed size in x of a signed quantity: base units, or USD of an inverse contract."""
    return quantity * path.contract_size if path.inverse else quantity


def cuts(
    path: PositionPath, trades: Sequence[Trade], reference: int, end: int, closes: Closes,
    order: str = REFERENCE_FIRST,
) -> Iterator[Cut]:  # fmt: skip
    """The pieces of one position between two moments, closes in order of time, then what is
    left. Call it under `rules.exact`."""
    start = path.at(reference)
    old = start.quantity if start is not None else ZERO
    new = cost = ZERO  # quantity opened since, and its Σ quantity · x
    for step in path.steps:
        if step.ts <= reference:
            continue
        if step.ts > end:
            break
        change = step.quantity - old - new
        if not change:
            continue
        if step.trade < 0:  # the record first says here what is held
            if step.entry is not None:
                new, cost = (
                    step.quantity - old,
                    (step.quantity - old) * coordinate(path, step.entry),
                )
            continue
        x = coordinate(path, trades[step.trade].price)
        held = old + new
        if held and (change > 0) != (held > 0):
            how = closes.get((path.market, trades[step.trade].order_id), OWN)
            closing = change if abs(change) <= abs(held) else -held
            change -= closing
            from_old, from_new = _split(-closing, old, new, order)
            if from_old:
                old -= from_old
                yield Cut(size_of(path, from_old), None, how, step.trade)
            if from_new:
                average = cost / new
                new -= from_new
                cost = average * new
                yield Cut(size_of(path, from_new), average, how, step.trade)
        if change:
            new += change
            cost += change * x
    if old:
        yield Cut(size_of(path, old), None, OPEN, -1)
    if new:
        yield Cut(size_of(path, new), cost / new, OPEN, -1)


def _split(closing: Decimal, old: Decimal, new: Decimal, order: str) -> tuple[Decimal, Decimal]:
    """How much of a close falls on each; all three have one sign, |closing| ≤ |old + new|."""
    first, second = (old, new) if order == REFERENCE_FIRST else (new, old)
    taken = closing if abs(closing) <= abs(first) else first
    rest = closing - taken
    assert abs(rest) <= abs(second)
    return (taken, rest) if order == REFERENCE_FIRST else (rest, taken)


def entry_of(held: Held | None) -> Decimal | None:
    """The average price of what is held, where it is known."""
    return None if held is None or not held.quantity else held.entry
