"""What was held before the first trade, solved backwards.

Quantity: the first anchor less the trades before it. Without an anchor the stated profits can
tell: each quantity that would make the position end somewhere is tried, and taken only if it
alone fits every profit, of more averages than were needed to solve the entry.

Entry: every stated profit of a closing bounds the average x of the opening position,

    X ∈ ((x(p) − r/(g·q))·held − a) / b  ±  h·held/(|g|·q·b)

for a closing of q at p with stated profit r, known to ± h = half a unit of its last decimal;
held·(average x) = a + b·X, and g = s for linear, −s·C for inverse contracts. The bounds are cut
with each other until the position has gone through zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ...rules.exact import ZERO, exact
from ..entries import Trade
from .average import Contract, Opening, Walk, walk
from .rounding import digits

HALF = Decimal("5e-9")
"""Half a unit of the 8th decimal."""
TRIES = 64
"""Quantities tried at most where no anchor speaks."""
SOLVES = 1
"""Averages that solve the entry; one more at least must fit."""
SAME = 12
"""Decimals to which two averages are one."""


class Bounds(NamedTuple):
    """X lies between `low` and `high`; `used` profits say so. `agree` is False where they
    contradict each other: then the bounds are those of the first."""

    low: Decimal
    high: Decimal
    used: int
    agree: bool


def signed(trade: Trade) -> Decimal:
    """Quantity with the sign of its side."""
    return trade.quantity if trade.side > 0 else -trade.quantity


@exact
def bounds(
    contract: Contract, trades: Sequence[Trade], places: Sequence[int], quantity: Decimal
) -> Bounds | None:
    """What the profits say of the average x of an opening position; None where none was closed
    before it was gone."""
    for half in (HALF, 2 * HALF):
        found = _bounds(contract, trades, places, quantity, half)
        if found is None or found.agree:
            return found
    return _bounds(contract, trades, places, quantity, HALF)


def _bounds(
    contract: Contract,
    trades: Sequence[Trade],
    places: Sequence[int],
    quantity: Decimal,
    half: Decimal,
) -> Bounds | None:
    now, a, b = quantity, ZERO, abs(quantity)
    factor = -contract.size if contract.inverse else Decimal(1)
    low = high = None
    used, agree = 0, True
    for index in places:
        trade = trades[index]
        change = signed(trade)
        x = contract.x(trade.price)
        held = abs(now)
        if (now > 0) == (change > 0):
            a += trade.quantity * x
            now += change
            continue
        closed = min(trade.quantity, held)
        gain = (factor if now > 0 else -factor) * closed
        middle = ((x - trade.realised / gain) * held - a) / b
        width = abs(half * held / (gain * b))
        used += 1
        if low is None or high is None:
            low, high = middle - width, middle + width
        elif max(low, middle - width) <= min(high, middle + width):
            low, high = max(low, middle - width), min(high, middle + width)
        else:
            agree = False
        now += change
        if closed == held:
            break
        a, b = a * abs(now) / held, b * abs(now) / held
    if low is None or high is None:
        return None
    return Bounds(low, high, used, agree)


@exact
def by_entry(
    contract: Contract,
    trades: Sequence[Trade],
    places: Sequence[int],
    quantity: Decimal,
    entry: Decimal,
) -> Opening:
    """The opening position from the entry that its row shows: the average before the last
    closing, to half a unit of the last digit shown."""
    now, a, b = quantity, ZERO, abs(quantity)
    for index in places:
        change = signed(trades[index])
        held, after = abs(now), now + change
        if not after or (after > 0) != (now > 0):
            break
        if (now > 0) == (change > 0):
            a += trades[index].quantity * contract.x(trades[index].price)
        else:
            a, b = a * abs(after) / held, b * abs(after) / held
        now = after
    half = Decimal(1).scaleb(-digits(entry)) / 2
    if half >= entry:
        return Opening(quantity)
    low, high = sorted((contract.x(entry - half), contract.x(entry + half)))
    low, high = (low * abs(now) - a) / b, (high * abs(now) - a) / b
    if high <= 0:
        return Opening(quantity)
    return Opening(quantity, (low + high) / 2, (high - low) / 2)


@exact
def opening_of(
    contract: Contract, trades: Sequence[Trade], places: Sequence[int], quantity: Decimal
) -> Opening:
    """The opening position of a known quantity, its entry from the profits."""
    if not quantity:
        return Opening()
    found = bounds(contract, trades, places, quantity)
    if found is None or found.high <= 0:
        return Opening(quantity)
    return Opening(quantity, (found.low + found.high) / 2, (found.high - found.low) / 2)


@exact
def fits(trades: Sequence[Trade], walked: Walk) -> tuple[int, int]:
    """How many stated profits fit the rebuilt ones, and how many do not; what closes more than
    was held counts as two that do not."""
    good, bad = 0, 2 * len(walked.over)
    loose = walked.loose
    for held in walked.steps:
        if held.trade < 0:
            continue
        stated, value = trades[held.trade].realised, held.realised
        if value is None:
            bad += 1
        elif stated or value:
            if abs(stated - value) <= 2 * HALF + loose.get(held.trade, ZERO):
                good += 1
            else:
                bad += 1
    return good, bad


class Tells(NamedTuple):
    """What the stated profits say until the first that does not fit: of how many different
    `averages`, and whether one is `mixed` of several prices."""

    averages: int
    mixed: bool

    @property
    def empty(self) -> bool:
        """Whether nothing can have been held, the walk being one from nothing: what is held on
        at the very price of the first opening leaves its average, and no other, as it is."""
        return self.averages > 1 or self.mixed


@exact
def tells(trades: Sequence[Trade], walked: Walk, entry: Decimal | None = None) -> Tells:
    """`entry` is the average price of what was held before the walk, if anything was."""
    found: set[Decimal] = set()
    prices: set[Decimal] = set()
    mixed = False
    for held in walked.steps:
        if held.trade < 0:
            break
        trade, value = trades[held.trade], held.realised
        stated = trade.realised
        if stated or value:
            slack = 2 * HALF + walked.loose.get(held.trade, ZERO)
            if entry is None or value is None or abs(stated - value) > slack:
                break
            found.add(round(entry, SAME))
            mixed = mixed or len(prices) > 1
        if trade.quantity > held.closed:
            prices = {trade.price} if held.closed or entry is None else prices | {trade.price}
        entry = held.entry
    return Tells(len(found), mixed)


@exact
def against(trades: Sequence[Trade], walked: Walk) -> int:
    """How much of the record speaks against a walk: broken anchors, positions (from nothing to
    nothing) with a profit that does not fit, and closings of more than was held. One missing
    trade spoils every profit until the position ends, so that these count once."""
    found = len(walked.breaks) + len(walked.over)
    spoiled = False
    for held in walked.steps:
        if held.trade >= 0 and not spoiled:
            stated, value = trades[held.trade].realised, held.realised
            if value is None or ((stated or value) and abs(stated - value) > 2 * HALF):
                loose = walked.loose.get(held.trade, ZERO)
                spoiled = value is None or abs(stated - value) > 2 * HALF + loose
                found += spoiled
        if not held.quantity:
            spoiled = False
    return found


@exact
def by_profits(
    contract: Contract, trades: Sequence[Trade], places: Sequence[int], side: int = 0
) -> Opening | None:
    """The one opening position under which every profit fits, the empty one among those tried;
    None where several fit or none. `side` is its sign where the record says that something was
    held, 0 where it says nothing."""
    tried = {ZERO} if not side else set()
    total = ZERO
    for index in places:
        total += signed(trades[index])
        if len(tried) < TRIES and contract.allows(-total) and (-total * side > 0 or not side):
            tried.add(-total)
    found: list[tuple[Opening, bool]] = []
    for quantity in sorted(tried, key=abs):
        head = places[: _soon(trades, places, quantity)]
        if quantity and not _plausible(contract, trades, head, quantity):
            continue
        opening = opening_of(contract, trades, places, quantity)
        walked = walk(contract, trades, places, opening)
        good, bad = fits(trades, walked)
        said = tells(trades, walked, contract.x(opening.x) if opening.x else None)
        if not bad and (said.averages > SOLVES if quantity else good):
            found.append((opening, bool(quantity) or said.empty))
    return found[0][0] if len(found) == 1 and found[0][1] else None


def _soon(trades: Sequence[Trade], places: Sequence[int], quantity: Decimal) -> int:
    """Trades up to and with the 8th that could close something: enough to refuse most."""
    seen = 0
    for count, index in enumerate(places, start=1):
        seen += (signed(trades[index]) > 0) != (quantity > 0)
        if seen == 8:
            return count
    return len(places)


def _plausible(
    contract: Contract, trades: Sequence[Trade], places: Sequence[int], quantity: Decimal
) -> bool:
    """Whether the profits of the first trades do not contradict the quantity."""
    found = bounds(contract, trades, places, quantity)
    return found is not None and found.agree and found.high > 0
