"""Rows of two files that state the same money: matched by (second, symbol, amount).

Transaction ids are not trade ids, so that equal rows are matched as multisets. What is left is
matched again within a few seconds (clocks of two files), then paired by second and symbol alone:
such a pair differs in its amount, and one of the two was changed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ..entries import Ref

APART = 5
"""Seconds within which equal amounts are still one."""


class Entry(NamedTuple):
    """One amount of one file; `place` its place among the trades or transactions."""

    second: int
    symbol: str
    amount: Decimal
    place: int
    ref: Ref


class Matched(NamedTuple):
    """`both` rows agree, `apart` of them not in the same second; `pairs` differ in their amount;
    `left` and `right` stand alone."""

    both: int
    apart: int
    pairs: list[tuple[Entry, Entry]]
    left: list[Entry]
    right: list[Entry]


def match(left: Sequence[Entry], right: Sequence[Entry], seconds: int = APART) -> Matched:
    """Each row is matched at most once; of equal rows the first ones. `seconds` is how far
    apart equal amounts may be stamped."""
    open_: dict[tuple[int, str, Decimal], list[Entry]] = {}
    for entry in right:
        key = entry[:3]
        if key in open_:
            open_[key].append(entry)
        else:
            open_[key] = [entry]
    alone: list[Entry] = []
    both = 0
    for entry in left:
        waiting = open_.get(entry[:3])
        if waiting:
            waiting.pop(0)
            both += 1
        else:
            alone.append(entry)
    rest = [entry for waiting in open_.values() for entry in waiting]
    if not alone or not rest:
        return Matched(both, 0, [], alone, sorted(rest))
    apart, alone, rest = _apart(alone, rest, seconds)
    pairs, alone, rest = _paired(alone, rest)
    return Matched(both + apart, apart, pairs, alone, sorted(rest))


def _apart(
    left: Sequence[Entry], right: Sequence[Entry], seconds: int
) -> tuple[int, list[Entry], list[Entry]]:
    """Equal amounts at most so many seconds apart."""
    waiting: dict[tuple[str, Decimal], list[Entry]] = {}
    for entry in sorted(right):
        waiting.setdefault(entry[1:3], []).append(entry)
    alone: list[Entry] = []
    found = 0
    for entry in left:
        near = waiting.get(entry[1:3], [])
        place = bisect_left(near, entry.second - seconds, key=lambda e: e.second)
        if place < len(near) and near[place].second <= entry.second + seconds:
            del near[place]
            found += 1
        else:
            alone.append(entry)
    return found, alone, [e for entries in waiting.values() for e in entries]


def _paired(
    left: Sequence[Entry], right: Sequence[Entry]
) -> tuple[list[tuple[Entry, Entry]], list[Entry], list[Entry]]:
    """Rows of one second and symbol whose amounts differ, where there is one of each."""
    here: dict[tuple[int, str], list[Entry]] = {}
    there: dict[tuple[int, str], list[Entry]] = {}
    for entry in left:
        here.setdefault(entry[:2], []).append(entry)
    for entry in right:
        there.setdefault(entry[:2], []).append(entry)
    pairs = [
        (mine[0], there[key][0])
        for key, mine in here.items()
        if len(mine) == 1 and len(there.get(key, ())) == 1
    ]
    paired = {e for pair in pairs for e in pair}
    return (
        pairs,
        [e for e in left if e not in paired],
        [e for e in right if e not in paired],
    )


def shifted(entries: Sequence[Entry], hours: int) -> list[Entry]:
    """The same rows, their times moved by whole hours."""
    by = hours * 3600
    return [e._replace(second=e.second + by) for e in entries]
