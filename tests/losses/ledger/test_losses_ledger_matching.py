"""Rows of two files by (second, symbol, amount): against every way to pair them, slowly."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.losses.entries import Ref
from liquest.losses.ledger.matching import APART, Entry, match, shifted

AMOUNTS = st.integers(1, 3).map(Decimal)
ROWS = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["A", "B"]), AMOUNTS), max_size=12)


def entries(rows: list[tuple[int, str, Decimal]], file: int) -> list[Entry]:
    return [
        Entry(second, symbol, amount, place, Ref(file, place + 2))
        for place, (second, symbol, amount) in enumerate(sorted(rows))
    ]


@settings(max_examples=500, deadline=None)
@given(ROWS, ROWS)
def test_every_row_is_used_once_and_exact_pairs_come_first(
    left: list[tuple[int, str, Decimal]], right: list[tuple[int, str, Decimal]]
) -> None:
    mine, theirs = entries(left, 1), entries(right, 0)
    found = match(mine, theirs)
    same = (Counter(left) & Counter(right)).total()
    assert found.both - found.apart == same
    assert found.both + len(found.pairs) + len(found.left) == len(left)
    assert found.both + len(found.pairs) + len(found.right) == len(right)
    for one, other in found.pairs:
        assert one[:2] == other[:2] and one.amount != other.amount
    for one in found.left:
        for other in found.right:
            near = abs(one.second - other.second) <= APART
            assert one[1:3] != other[1:3] or not near


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_a_file_meets_itself_and_its_shifted_self(rows: list[tuple[int, str, Decimal]]) -> None:
    mine = entries(rows, 1)
    assert match(mine, mine)[:2] == (len(rows), 0)
    assert match(shifted(shifted(mine, 8), -8), mine).both == len(rows)
    assert match(shifted(mine, 8), mine).both == 0


def test_of_equal_rows_the_last_stands_alone() -> None:
    rows = [(5, "A", Decimal(1))] * 3
    found = match(entries(rows, 1), entries(rows[:2], 0))
    assert [e.ref for e in found.left] == [Ref(1, 4)] and found.right == []


def test_a_pair_needs_one_row_on_each_side() -> None:
    one, two = (5, "A", Decimal(1)), (5, "A", Decimal(2))
    assert len(match(entries([one], 1), entries([two], 0)).pairs) == 1
    three = (5, "A", Decimal(3))
    found = match(entries([one], 1), entries([two, three], 0))
    assert (len(found.pairs), len(found.left), len(found.right)) == (0, 1, 2)
