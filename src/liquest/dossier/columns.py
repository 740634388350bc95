"""Widths of a table's columns on paper, and the size of type at which it fits.

Invariant: a column is as wide as its longest word and no number is broken, unless not even the
smallest size has room; then all shrink alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Cell = Sequence[Mapping[str, Any]]
WIDTH = 487.0
"""Points from margin to margin."""
INSET = 5.2
"""Points that a cell keeps free at its sides together."""
SIZES = (8.0, 7.4, 6.8, 6.2, 5.6)
"""Sizes of type in points, the one to be preferred first."""
EM = 0.54
"""Width of a letter as a part of the size; a sign of Chinese counts as two letters."""
READABLE, MOST = 16, 64
"""Letters that a column of words should have, and beyond which it asks for no more."""


def layout(
    heads: Sequence[Cell], rows: Sequence[Sequence[Cell]], stiff: Sequence[bool]
) -> tuple[str, list[str]]:
    """Size of type and width of each column in points, as texts; `stiff` columns (numbers and
    times) are not to be broken."""
    least, wanted = [], []
    for i, head in enumerate(heads):
        column = [row[i] for row in rows if i < len(row)]
        line = max(map(_longest, column), default=4)
        word = max([_word(head), *map(_word, column)])
        keep = i < len(stiff) and stiff[i]
        least.append(max(line, word, 4) if keep else max(min(line, READABLE), word, 6))
        wanted.append(least[-1] if keep else max(least[-1], min(max(line, _longest(head)), MOST)))
    room = WIDTH - INSET * len(heads)
    size = next((s for s in SIZES if sum(least) * EM * s <= room), SIZES[-1])
    widths = _shared(room / (EM * size), least, wanted)
    return f"{size:g}", [f"{w * EM * size + INSET:.1f}" for w in widths]


def _shared(room: float, least: Sequence[int], wanted: Sequence[int]) -> list[float]:
    """The room shared out: to each what it needs, of the rest by what it would like."""
    if sum(least) > room:
        return [n * room / sum(least) for n in least]
    more = [w - n for w, n in zip(wanted, least, strict=True)]
    rest = room - sum(least)
    if not sum(more):
        return [n + rest / len(least) for n in least]
    return [n + rest * m / sum(more) for n, m in zip(least, more, strict=True)]


def _letters(text: str) -> int:
    """How many letters wide a text is."""
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)


def _longest(cell: Cell) -> int:
    """The longest line of a cell."""
    longest = line = 0
    for run in cell:
        if run.get("n"):
            longest, line = max(longest, line), 0
        wide = _letters(run["t"])
        line += -(-wide * 6 // 7) if run.get("s") else wide
    return max(longest, line)


def _word(cell: Cell) -> int:
    """The longest piece that cannot be broken: a word, a part of a path, a sign of Chinese."""
    longest = 0
    for run in cell:
        for part in run.get("w") or [run["t"]]:
            for word in part.split():
                wide = sum(ord(c) > 0x2E7F for c in word)
                longest = max(longest, len(word) if not wide else len(word) // 2 + 2)
    return min(longest, 24)
