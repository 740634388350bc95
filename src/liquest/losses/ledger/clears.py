"""Where a wallet is brought to 0 by the insurance fund, and where it stands below 0.

An INSURANCE_CLEAR above zero makes up what a bankrupt cross wallet is short of. The margin of an
isolated position is part of its wallet, so that a clear ends the wallet only while none is held.
A wallet may stand below 0 without one as long as open positions carry it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ...clock import SECOND
from ...rules.exact import ZERO
from ..entries import CROSS, ISOLATED, Exports, Transaction
from .ledger import UNKNOWN, PositionPath

CLEAR = "INSURANCE_CLEAR"
Wallet = tuple[str, str]
"""Market, asset."""


class Changes(NamedTuple):
    """The transactions of one wallet, Σ of the changes after each, and the places at which a
    second ends (the order within a second is the venue's and may not be that of time)."""

    places: list[int]
    totals: list[Decimal]
    ends: list[int]
    clears: list[int]


def changes_of(transactions: Sequence[Transaction]) -> dict[Wallet, Changes]:
    found: dict[Wallet, Changes] = {}
    last: dict[Wallet, tuple[Decimal, int]] = {}
    for index, row in enumerate(transactions):
        ts, market, kind, amount, asset, _, _, _ = row
        key = (market, asset)
        changes = found.get(key)
        if changes is None:
            changes = found[key] = Changes([], [], [], [])
            total, second = ZERO, ts // SECOND
        else:
            total, second = last[key]
        if ts // SECOND != second:
            second = ts // SECOND
            changes.ends.append(len(changes.places) - 1)
        if kind == CLEAR and amount > 0:
            changes.clears.append(len(changes.places))
        total += amount
        changes.places.append(index)
        changes.totals.append(total)
        last[key] = total, second
    for changes in found.values():
        changes.ends.append(len(changes.places) - 1)
    return found


def ends_wallet(row: Transaction, positions: Sequence[PositionPath]) -> bool:
    """Whether a clear brings its wallet to 0: it is paid in, the position that it names is a cross
    one, and no position is held (or may be) whose margin stays in the wallet."""
    if row.type != CLEAR or row.amount <= 0:
        return False
    named = not row.symbol
    for path in positions:
        if (path.market, path.settle) != (row.market, row.asset):
            continue
        if path.mode == CROSS:
            named = named or path.symbol == row.symbol
            continue
        held = path.at(row.ts)
        if path.symbol == row.symbol or path.opening_by == UNKNOWN or (held and held.quantity):
            return False
    return named


def clears_of(
    exports: Exports, changes: Changes, positions: Sequence[PositionPath]
) -> list[tuple[int, int, int]]:
    """(place, end of its second, transaction) of clears that end a wallet."""
    found = []
    for place in changes.clears:
        index = changes.places[place]
        if ends_wallet(exports.transactions[index], positions):
            found.append((place, changes.ends[bisect_left(changes.ends, place)], index))
    return found


def solved(
    rows: Sequence[Transaction],
    key: Wallet,
    changes: Changes,
    clears: Sequence[tuple[int, int, int]],
    positions: Sequence[PositionPath],
) -> Decimal | None:
    """The opening under which most clears end at 0. Where not every position is known to be a
    cross one, all clears must agree and no balance may be left below 0."""
    totals = changes.totals
    votes: Counter[Decimal] = Counter()
    for place, end, _ in clears:
        for value in dict.fromkeys((-totals[end], -totals[place])):
            if value >= 0 or _below_until(changes, value, place):
                votes[value] += 1
    if not votes:
        return None
    most = max(votes.values())
    ends = {-totals[end] for _, end, _ in clears}
    best = min((v for v, n in votes.items() if n == most), key=lambda v: (v != 0, v not in ends))
    if all(p.mode == CROSS for p in positions if (p.market, p.settle) == key):
        return best
    left = most != len(clears) or uncleared(rows, key, changes, best, positions)
    return None if left else best


def carried(key: Wallet, positions: Sequence[PositionPath], ts: int) -> bool:
    """Whether a cross position of the wallet is held (or may be) by then, whose profit can carry a
    balance below 0."""
    for path in positions:
        if (path.market, path.settle) == key and path.mode != ISOLATED:
            held = path.at(ts)
            if path.opening_by == UNKNOWN or (held is not None and held.quantity):
                return True
    return False


def uncleared(
    rows: Sequence[Transaction], key: Wallet, changes: Changes, opening: Decimal,
    positions: Sequence[PositionPath],
) -> list[int]:  # fmt: skip
    """Places where the wallet stands below 0, no position carries it, and no clear makes it up."""
    starts: list[int] = []
    start: int | None = None
    before = -1
    for end in changes.ends:
        below = opening + changes.totals[end] < 0
        if below and start is None:
            below = not carried(key, positions, rows[changes.places[end]].ts)
        if below and start is None:
            start = end
        elif not below and start is not None:
            if not any(before < c <= end for c in changes.clears):
                starts.append(start)
            start = None
        before = end
    return starts if start is None else [*starts, start]


def _below_until(changes: Changes, opening: Decimal, place: int) -> bool:
    """Whether the wallet is below 0 from the first row to the clear: a file cut within a
    bankruptcy begins so."""
    before = [e for e in changes.ends if e < place]
    if not before and place:
        before = [place - 1]
    return all(opening + changes.totals[e] < 0 for e in before)
