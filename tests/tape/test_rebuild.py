"""Incremental books: changes → snapshots of every second, as a plain dictionary would keep them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from _cases import case_of, rows_of, tape_of
from _tape import read
from liquest.clock import DAY, SECOND, parse_time
from liquest.tape.rebuild import Chunk, replay
from liquest.tape.tracks import Ints

D = Decimal
HEADER = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n"
T0 = parse_time("2025-10-10T21:20:00Z")
NAME = "binance-futures_incremental_book_L2_2025-10-10_BTCUSDT.csv"


class Change(NamedTuple):
    """`at` µs after T0; a snapshot's rows begin the book anew."""

    at: int
    side: str
    price: str
    amount: str
    begins: bool = False


def csv(changes: Sequence[Change]) -> str:
    return HEADER + "".join(
        f"binance-futures,BTCUSDT,{T0 + c.at},{T0 + c.at + 9},{str(c.begins).lower()},{c.side},"
        f"{c.price},{c.amount}\n"
        for c in changes
    )


BEGIN = [
    Change(0, "bid", "100.5", "1", True), Change(0, "bid", "100", "2.25", True),
    Change(0, "ask", "101", "3", True), Change(0, "ask", "102.5", "4", True),
]  # fmt: skip


def levels(row: dict[str, Any], side: str) -> list[tuple[Decimal, Decimal]]:
    """Price and size of the levels that are there."""
    found = []
    for n in range(25):
        if f"{side}_price_{n}" in row and row[f"{side}_price_{n}"] is not None:
            found.append((row[f"{side}_price_{n}"], row[f"{side}_size_{n}"]))
    return found


def books_of(folder: Path, *files: str) -> list[dict[str, Any]]:
    named = {f"{n}-{NAME}": text for n, text in enumerate(files)}
    rows: list[dict[str, Any]] = rows_of(tape_of(case_of(folder, named)).lake, "book")
    return rows


def test_the_reader_takes_it_for_what_it_is() -> None:
    got = read(NAME, csv([*BEGIN, Change(5, "ask", "101", "0")]))
    assert (got.loaded.format, got.loaded.record) == ("tick-incremental-book", "increments")
    assert got.column("side") == ["buy", "buy", "sell", "sell", "sell"]
    assert got.column("snapshot") == [1, 1, 1, 1, 0]
    assert got.rows[-1]["raw_size"] == 0 and got.codes == []


def test_each_second_with_a_change_gives_a_snapshot(tmp_path: Path) -> None:
    later = [
        Change(10, "bid", "100.5", "0.5"), Change(SECOND, "ask", "101", "0"),
        Change(SECOND + 5, "ask", "100.75", "7"), Change(4 * SECOND, "bid", "99", "1"),
    ]  # fmt: skip
    first, second, third = books_of(tmp_path, csv(BEGIN + later))
    assert [r["ts"] - T0 for r in (first, second, third)] == [10, SECOND + 5, 4 * SECOND]
    assert [r["row_no"] for r in (first, second, third)] == [6, 8, 9]
    assert levels(first, "bid") == [(D("100.5"), D("0.5")),
                                    (D(100), D("2.25"))]  # fmt: skip
    assert levels(second, "ask") == [(D("100.75"), D(7)), (D("102.5"), D(4))]
    assert [p for p, _ in levels(third, "bid")] == [D("100.5"), 100, 99]
    assert third["ask_price_2"] is None


def test_a_second_snapshot_begins_the_book_anew_and_is_told(tmp_path: Path) -> None:
    again = [Change(2 * SECOND, "bid", "90", "1", True), Change(2 * SECOND, "ask", "91", "1", True)]
    tape = tape_of(case_of(tmp_path, {NAME: csv(BEGIN + again)}))
    last = rows_of(tape.lake, "book")[-1]
    assert levels(last, "bid") == [(D(90), D(1))] and levels(last, "ask") == [(D(91), D(1))]
    (told,) = [p for p in tape.problems if p.code == "book-restarted"]
    assert (told.effect, told.count, told.first) == ("kept", 1, 6)


def test_changes_before_a_snapshot_are_set_aside(tmp_path: Path) -> None:
    early = [Change(0, "bid", "100", "1"), Change(1, "bid", "99", "1")]
    tape = tape_of(case_of(tmp_path, {NAME: csv(early + [c._replace(at=9) for c in BEGIN])}))
    (told,) = [p for p in tape.problems if p.code == "before-snapshot"]
    assert (told.effect, told.first, told.last, told.count) == ("aside", 2, 3, 2)
    assert len(levels(rows_of(tape.lake, "book")[0], "bid")) == 2
    none = tape_of(case_of(tmp_path / "none", {NAME: csv(early)}))
    assert [p.code for p in none.problems if p.effect == "absent"][:1] == ["no-beginning"]
    assert none.lake.of("book") == ()


def test_a_book_goes_on_over_midnight(tmp_path: Path) -> None:
    midnight = DAY - T0 % DAY
    changes = [*BEGIN, Change(midnight + 5, "bid", "100.5", "9")]
    rows = books_of(tmp_path, csv(changes))
    assert [len(levels(r, "bid")) for r in rows] == [2, 2]
    assert levels(rows[1], "bid")[0] == (D("100.5"), D(9))


def test_a_second_run_reads_nothing_anew(tmp_path: Path) -> None:
    case = case_of(tmp_path, {NAME: csv(BEGIN)})
    before = tape_of(case).lake.of("book")
    stamps = [(case.root / "out" / "lake" / p.path).stat().st_mtime_ns for p in before]
    again = tape_of(case).lake.of("book")
    assert again == before
    assert stamps == [(case.root / "out" / "lake" / p.path).stat().st_mtime_ns for p in again]


PRICES = st.integers(1, 40)
CHANGES = st.lists(
    st.tuples(st.integers(0, 3), st.booleans(), PRICES, st.integers(0, 3), st.integers(0, 9)),
    min_size=1, max_size=60,
)  # fmt: skip


def kept(rows: list[tuple[int, int, int, int, int]], deep: int) -> list[Any]:
    """The same by dictionaries: (ts, row, bids, asks) of every second with a change."""
    sides: tuple[dict[int, int], dict[int, int]] = ({}, {})
    made: list[Any] = []
    begun = before = False
    last = 0
    for number, (ts, side, price, size, begins) in enumerate(rows):
        if not begins and not begun:
            continue
        if begins and not (before and ts - last <= SECOND):
            for held in sides:
                held.clear()
        begun, before, last = True, bool(begins), ts
        if size:
            sides[side][price] = size
        else:
            sides[side].pop(price, None)
        bids = sorted(sides[0].items(), reverse=True)[:deep]
        asks = sorted(sides[1].items())[:deep]
        if made and made[-1][0] // SECOND == ts // SECOND:
            made.pop()
        made.append((ts, number, bids, asks))
    return made


@settings(max_examples=1500, deadline=None)
@given(CHANGES, st.integers(1, 5), st.integers(1, 70))
def test_the_kernel_keeps_what_dictionaries_keep(
    drawn: list[tuple[int, bool, int, int, int]], deep: int, cut: int
) -> None:
    now = 0
    rows = []
    for step, ask, price, size, begins in drawn:
        now += step * SECOND // 2
        rows.append((now, int(ask), price, size, int(begins == 0)))
    columns = [np.array(c, dtype=np.int64) for c in zip(*rows, strict=True)]
    columns.insert(1, np.arange(len(rows), dtype=np.int64))
    chunks = [Chunk(*(a[at : at + cut] for a in columns)) for at in range(0, len(rows), cut)]
    book = replay(chunks, deep)

    def side_of(at: int, which: int) -> list[tuple[int, int]]:
        pairs = zip(book.price[at, which], book.size[at, which], strict=True)
        return [(int(p), int(s)) for p, s in pairs if p >= 0]

    found = [
        (int(book.ts[n]), int(book.row[n]), side_of(n, 0), side_of(n, 1))
        for n in range(len(book.ts))
    ]
    assert found == kept(rows, deep)


def test_a_side_grows_beyond_its_first_room() -> None:
    count = 3000
    prices: Ints = np.arange(1, count + 1, dtype=np.int64)
    ones = np.ones(count, dtype=np.int64)
    chunk = Chunk(ones * T0, prices, ones * 0, prices, ones, ones)
    book = replay([chunk], 25)
    assert list(book.price[0, 0]) == list(range(count, count - 25, -1))
