"""The kernels of phantom and stale_side against the same said with decimals and loops."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.screens._phantom_kernel import stuck
from liquest.screens._stale_kernel import still
from liquest.tape.tracks import Floats, Ints

S = 1_000_000
D = Decimal
Side = tuple[tuple[Decimal, Decimal], ...]
Second = tuple[Decimal, Decimal] | None


class Book(NamedTuple):
    ts: int
    sides: tuple[Side, Side]


LEVEL = st.tuples(st.integers(97, 103).map(D), st.integers(1, 2).map(D))
SIDES = st.lists(LEVEL, max_size=2, unique_by=lambda x: x[0]).map(tuple)
BOOKS = st.lists(st.tuples(st.integers(0, 5), SIDES, SIDES), min_size=1, max_size=14)
SECONDS = st.lists(
    st.none() | st.tuples(st.integers(97, 103), st.integers(0, 2)).map(
        lambda x: (D(x[0]), D(x[0] + x[1]))
    ),
    min_size=40, max_size=40,
)  # fmt: skip


def books_of(drawn: list[tuple[int, Side, Side]]) -> list[Book]:
    """Snapshots half seconds apart and more."""
    now, made = 0, []
    for step, bids, asks in drawn:
        now += step * S // 2
        made.append(Book(now, (bids, asks)))
    return made


def arrays(books: list[Book]) -> tuple[Ints, Floats, Floats]:
    ts = np.array([b.ts for b in books], dtype=np.int64)
    price, size = np.full((len(books), 2, 2), np.nan), np.full((len(books), 2, 2), np.nan)
    for at, book in enumerate(books):
        for side in range(2):
            for level, (p, s) in enumerate(book.sides[side]):
                price[at, side, level], size[at, side, level] = float(p), float(s)
    return ts, price, size


def traded(seconds: list[Second]) -> tuple[Floats, Floats]:
    low, high = (
        np.array([np.nan if s is None else float(s[n]) for s in seconds]) for n in range(2)
    )
    return low, high


def phantoms(
    books: list[Book], seconds: list[Second], stay: int, least: int
) -> set[tuple[int, ...]]:
    """(side, first moment beyond, last seen, snapshot) of every stretch."""
    found: dict[tuple[object, ...], tuple[int, ...]] = {}
    for at, book in enumerate(books):
        for side in range(2):
            for level in book.sides[side]:
                since = at
                while since and level in books[since - 1].sides[side]:
                    since -= 1
                run = []
                for second in range(book.ts // S - 1, books[since].ts // S, -1):
                    trades = seconds[second] if second < len(seconds) else None
                    if trades is None:
                        continue
                    beyond = trades[1] < level[0] if side == 0 else trades[0] > level[0]
                    if not beyond:
                        break
                    run.append(second * S)
                if len(run) >= least and book.ts - run[-1] >= stay:
                    key = (side, level, since, run[-1])
                    found[key] = (side, run[-1], book.ts, at)
    return set(found.values())


@settings(max_examples=400, deadline=None)
@given(BOOKS, SECONDS, st.integers(0, 4), st.integers(1, 3))
def test_stuck_levels_are_those_of_a_plain_walk(
    drawn: list[tuple[int, Side, Side]], seconds: list[Second], stay: int, least: int
) -> None:
    books = books_of(drawn)
    out = np.zeros((200, 5), np.int64)
    made = stuck(*arrays(books), 0, *traded(seconds), stay * S, least, out)
    found = {(int(s), int(f), int(last), int(at)) for s, _, f, last, at in out[:made]}
    assert found == phantoms(books, seconds, stay * S, least)


def rests(books: list[Book], seconds: list[Second], stay: int, moves: int) -> list[tuple[int, ...]]:
    """(side, begin, end, moves of the other, seconds hit) of every stretch."""
    found: list[tuple[int, ...]] = []
    for side in range(2):
        start = 0
        while start < len(books):
            end = start
            while end + 1 < len(books) and books[end + 1].sides[side] == books[start].sides[side]:
                end += 1
            other = sum(
                books[n].sides[1 - side] != books[n - 1].sides[1 - side]
                for n in range(start + 1, end + 1)
            )
            begin, last = books[start].ts, books[end].ts
            if last - begin >= stay and other >= moves:
                held = books[end].sides[side]
                hits = 0
                for second in range(begin // S + 1, last // S):
                    trades = seconds[second] if second < len(seconds) else None
                    if trades is not None and held:
                        best = held[0][0]
                        hits += trades[0] <= best if side == 0 else trades[1] >= best
                found.append((side, begin, last, other, int(hits)))
            start = end + 1
    return found


@settings(max_examples=400, deadline=None)
@given(BOOKS, SECONDS, st.integers(1, 6), st.integers(0, 2))
def test_still_sides_are_those_of_a_plain_walk(
    drawn: list[tuple[int, Side, Side]], seconds: list[Second], stay: int, moves: int
) -> None:
    books = books_of(drawn)
    out = np.zeros((200, 6), np.int64)
    made = still(*arrays(books), 0, *traded(seconds), stay * S, moves, out)
    found = [tuple(int(x) for x in row[:5]) for row in out[:made]]
    assert sorted(found) == sorted(rests(books, seconds, stay * S, moves))


def test_no_more_levels_are_kept_than_there_is_room_for() -> None:
    books: list[Book] = [Book(n * S, (((D(103), D(1)), (D(102), D(1))), ())) for n in range(12)]
    seconds: list[Second] = [(D(98), D(99))] * 12
    out = np.zeros((1, 5), np.int64)
    assert stuck(*arrays(books), 0, *traded(seconds), 2 * S, 1, out) == 1
    assert list(out[0]) == [0, 0, S, 11 * S, 11]
