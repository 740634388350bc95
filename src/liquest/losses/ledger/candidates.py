"""Quantities that may have been held before the first trade, by what the record says later.

An anchor gives one: what it says less the trades before it. The row of a position that was open
when the trades began says that 0 was reached in the second in which it closed: after a trade of
that second, or inside one that closed it and opened the other side. How much such a trade closed
tells its profit,

    h = |r| / (C · |x(p) − x|)

for a stated profit r at price p and the average x that the row or the closings before it show, if
one quantity of the contract's steps lies within what h is known to; or the closed volume of the
row, if all of its closings are among the trades.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from ...clock import SECOND
from ...rules.exact import ONE, ZERO, exact
from ..entries import BOTH, PositionRow, Trade
from .anchors import NEAR, is_open
from .average import Anchor, Contract, Walk
from .openings import HALF, signed
from .rounding import DIFFERS, digits, shown

SHARP = Decimal("0.5")
"""Of a step: h must be known more sharply, or any entry would give some quantity."""


class Candidate(NamedTuple):
    """`asked`: the first word of the record is right under it; else quantity and entry are both
    free."""

    quantity: Decimal
    asked: bool


class Begun(NamedTuple):
    """The row of a position that was open when the trades began and closed among them: the trades
    from `low` to before `high` (of the places) are those by which it may have closed."""

    row: PositionRow
    low: int
    high: int


def begun(
    trades: Sequence[Trade], places: Sequence[int], rows: Sequence[PositionRow]
) -> Begun | None:
    """The first that closed; None where no row was open at the first trade."""
    seconds = [trades[i].ts // SECOND for i in places]
    best: Begun | None = None
    for row in rows:
        if row.closed_at is None or is_open(row) or row.opened // SECOND >= seconds[0]:
            continue
        second = row.closed_at // SECOND
        if best is not None and (best.row.closed_at or 0) // SECOND <= second:
            continue
        low, high = bisect_left(seconds, second), bisect_right(seconds, second)
        if low == high:
            low, high = bisect_left(seconds, second - NEAR), bisect_right(seconds, second + NEAR)
        if low < high:
            best = Begun(row, low, high)
    return best


@exact
def candidates(
    contract: Contract,
    trades: Sequence[Trade],
    places: Sequence[int],
    first: Begun | None,
    marks: Sequence[Anchor],
) -> list[Candidate]:
    """Each once, those that the first word of the record asks for before the others."""
    total = ZERO
    sums = [ZERO, *(total := total + signed(trades[i]) for i in places)]
    tried: list[Decimal] = []
    if first is not None:
        side = first.row.side
        for place in _closing(trades, places, first):
            tried.append(-sums[place + 1])
            if contract.place == BOTH:
                held = _held_before(contract, trades, places, first, place)
                tried += [side * h - sums[place] for h in held]
                # The most that was held, if it was held among the trades.
                tried.append(side * (first.row.most - max(side * s for s in sums[: place + 1])))
    tried += [mark.quantity - sums[mark.after] for mark in marks]
    found = []
    for quantity in dict.fromkeys(tried):
        if contract.allows(quantity):
            asked = quantity == tried[0] if first is None else _closes(first, sums, quantity)
            found.append(Candidate(quantity, asked))
    return sorted(found, key=lambda c: not c.asked)


def _closing(trades: Sequence[Trade], places: Sequence[int], first: Begun) -> Iterator[int]:
    """Places of the trades that may have ended the position, the last one first."""
    for place in range(first.high - 1, first.low - 1, -1):
        if trades[places[place]].side != first.row.side:
            yield place


def _closes(first: Begun, sums: Sequence[Decimal], quantity: Decimal) -> bool:
    """Whether the position ends, or is gone through, by one of the trades that may have."""
    side = first.row.side
    return any(
        side * (quantity + sums[place]) > 0 >= side * (quantity + sums[place + 1])
        for place in range(first.low, first.high)
    )


def _held_before(
    contract: Contract, trades: Sequence[Trade], places: Sequence[int], first: Begun, place: int
) -> list[Decimal]:
    """What may have been held when a trade closed it and went on to the other side."""
    trade, row = trades[places[place]], first.row
    step = ONE.scaleb(-max(_places(trades[i].quantity) for i in places))
    found = []
    for low, high in _averages(contract, trades, places, row, place):
        ends = sorted(abs(contract.x(trade.price) - x) for x in (low, high))
        if not trade.realised or not ends[0] or low <= contract.x(trade.price) <= high:
            continue
        least = (abs(trade.realised) - HALF) / (contract.size * ends[1])
        most = (abs(trade.realised) + HALF) / (contract.size * ends[0])
        one = (least / step).to_integral_value(ROUND_CEILING) * step
        alone = one == (most / step).to_integral_value(ROUND_FLOOR) * step
        if alone and most - least <= SHARP * step:
            found.append(one)
    before = [t for i in places[:place] if (t := trades[i]).side != row.side]
    if row.pnl == sum((t.realised for t in before), trade.realised):
        found.append(row.closed - sum((t.quantity for t in before), ZERO))
    return [h for h in dict.fromkeys(found) if 0 < h < trade.quantity]


def _averages(
    contract: Contract, trades: Sequence[Trade], places: Sequence[int], row: PositionRow, place: int
) -> Iterator[tuple[Decimal, Decimal]]:
    """Bounds of the average x before a trade: by the closings just before it, and by the row."""
    factor = -contract.size if contract.inverse else ONE
    for index in reversed(places[:place]):
        trade = trades[index]
        if trade.side == row.side:
            break
        gain = row.side * factor * trade.quantity
        ends = [contract.x(trade.price) - (trade.realised + h) / gain for h in (-HALF, HALF)]
        if min(ends) > 0:
            yield min(ends), max(ends)
    half = ONE.scaleb(-digits(row.entry)) / 2
    if row.entry > half:
        low, high = sorted((contract.x(row.entry - half), contract.x(row.entry + half)))
        yield low, high


def _places(quantity: Decimal) -> int:
    """Decimals of a quantity, zeros at its end left off."""
    return digits(quantity.normalize())


@exact
def refuted(
    trades: Sequence[Trade], first: Begun | None, opening: Decimal, entry: Decimal | None,
    slack: Decimal, walked: Walk,
) -> int:  # fmt: skip
    """How many figures of the row speak against a walk from `opening`, whose average price is
    `entry` to ± `slack`: its side, the most that was held, what was closed, with which profit,
    and the average before its last closing."""
    if first is None:
        return 0
    row = first.row
    if opening * row.side <= 0:
        return 1
    most, closed, gained = abs(opening), ZERO, ZERO
    for held in walked.steps:
        if held.trade < 0:
            break
        closed += held.closed
        gained += trades[held.trade].realised
        if held.quantity * row.side <= 0:
            break
        most = max(most, abs(held.quantity))
        entry, slack = held.entry, held.slack
    wrong = int(most > row.most) + int(closed > row.closed)
    wrong += closed == row.closed and gained != row.pnl
    if entry is not None and row.entry > 0:
        wrong += shown(row.entry, entry, slack) == DIFFERS
    return wrong
