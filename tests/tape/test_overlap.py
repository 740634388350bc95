"""overlap: what two sources tell is counted once, and where they disagree that is told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from _cases import T0, TICKS, case_of, codes, rows_of, tape_of, tick
from liquest.clock import DAY, MINUTE
from liquest.problems import ASIDE, KEPT, Problem
from liquest.tape.stage import Tape

SPOT: dict[str, Any] = {"market": "binance", "symbol": "ATOMUSDT"}


def some(numbers: range, **more: Any) -> str:
    return TICKS + "".join(tick(i, **more) for i in numbers)


def told(tape: Tape, code: str) -> Problem:
    (problem,) = [p for p in tape.problems if p.code == code]
    return problem


def ids(tape: Tape) -> list[int]:
    return sorted(int(r["id"]) for r in rows_of(tape.lake))


def test_rows_of_the_second_source_that_the_first_has_are_set_aside(tmp_path: Path) -> None:
    tape = tape_of(case_of(tmp_path, {"a.csv": some(range(1, 6)), "b.csv": some(range(4, 9))}))
    assert ids(tape) == list(range(1, 9))
    problem = told(tape, "repeat-of-source")
    assert (problem.effect, problem.path) == (ASIDE, "data/b.csv")
    assert (problem.first, problem.last, problem.count) == (2, 3, 2)
    assert "missing-day" not in codes(tape.problems)


@pytest.mark.parametrize("first", ["a", "z"])
def test_the_first_source_of_the_case_counts(tmp_path: Path, first: str) -> None:
    files = {f"{first}.csv": some(range(1, 4)), "m.csv": some(range(2, 5), price="9")}
    prices = {int(r["id"]): r["price"] for r in rows_of(tape_of(case_of(tmp_path, files)).lake)}
    mine, theirs = Decimal("2.5"), Decimal(9)
    both = mine if first == "a" else theirs
    assert prices == {1: mine, 2: both, 3: both, 4: theirs}


def test_a_disagreement_is_told_with_its_rows(tmp_path: Path) -> None:
    second = some(range(1, 4)).replace(",3,sell,2.5,", ",3,sell,2.6,")
    tape = tape_of(case_of(tmp_path, {"a.csv": some(range(1, 6)), "b.csv": second}))
    problem = told(tape, "conflict")
    assert (problem.effect, problem.path, problem.first, problem.count) == (
        KEPT, "data/b.csv", 4, 1,
    )  # fmt: skip
    assert problem.text.zh and len(ids(tape)) == 5


def test_a_size_written_otherwise_is_no_disagreement(tmp_path: Path) -> None:
    files = {"a.csv": some(range(1, 4)), "b.csv": some(range(1, 4), amount="1.000") + tick(9)}
    assert "conflict" not in codes(tape_of(case_of(tmp_path, files)).problems)


def test_sources_that_follow_each_other_stay_as_they_are(tmp_path: Path) -> None:
    tape = tape_of(case_of(tmp_path, {"a.csv": some(range(1, 4)), "b.csv": some(range(4, 7))}))
    assert tape.problems == [] and len(tape.lake.of("trades")) == 2


def test_three_sources_are_settled_one_by_one(tmp_path: Path) -> None:
    files = {f"{n}.csv": some(range(s, s + 5)) for n, s in (("a", 1), ("b", 3), ("c", 5))}
    tape = tape_of(case_of(tmp_path, files))
    assert ids(tape) == list(range(1, 10))
    assert [p.count for p in tape.problems] == [3, 1, 2]


def test_the_same_id_of_another_day_is_another_trade(tmp_path: Path) -> None:
    files = {"a.csv": some(range(1, 3)), "b.csv": TICKS + tick(1, at=DAY)}
    assert "repeat-of-source" not in codes(tape_of(case_of(tmp_path, files)).problems)


AGGREGATES = (
    "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n"
)


def aggregates(numbers: range) -> str:
    """Aggregate trades of Binance spot: other ids, three single trades a row."""
    return AGGREGATES + "".join(
        f"{n},2.5,3,{3 * n},{3 * n + 2},{(T0 + n * 3000) // 1000},true\n" for n in numbers
    )


@pytest.mark.parametrize("aggregate_first", [True, False])
def test_single_and_aggregate_trades_of_one_time_are_not_added_up(
    tmp_path: Path, aggregate_first: bool
) -> None:
    names = ("a-", "b-") if aggregate_first else ("b-", "a-")
    files = {
        f"{names[0]}ATOMUSDT-spot-aggTrades-2025-10-10.csv": aggregates(range(10, 20)),
        f"{names[1]}ticks.csv": some(range(1, 100), **SPOT),
    }
    tape = tape_of(case_of(tmp_path, files))
    rows = rows_of(tape.lake)
    problem = told(tape, "other-grain")
    assert problem.effect == ASIDE and problem.path.startswith("data/b-")
    if aggregate_first:
        assert len(rows) == 10 + 99 - problem.count
        within = [r for r in rows if T0 + 30_000 <= r["ts"] <= T0 + 57_000]
        assert len(within) == 10 and all(r["n"] == 3 for r in within)
    else:
        assert len(rows) == 99 and problem.count == 10


def test_without_ids_nobody_can_say_and_that_is_told(tmp_path: Path) -> None:
    text = some(range(1, 4), **SPOT).replace(",id,", ",note,")
    files = {"a.csv": text, "b.csv": text.replace("2.5", "2.6")}
    tape = tape_of(case_of(tmp_path, files))
    problem = told(tape, "overlap-unchecked")
    assert (problem.effect, problem.path, problem.count) == (KEPT, "data/b.csv", 3)
    assert len(rows_of(tape.lake)) == 6


def klines(first: int, count: int, close: str = "2.5") -> str:
    step = MINUTE // 1000
    start = T0 // 1000
    return "".join(
        f"{start + i * step},2.5,2.6,2.4,{close},7,{start + (i + 1) * step - 1},17.5,9,1,1,0\n"
        for i in range(first, first + count)
    )


def test_bars_of_one_length_and_kind_are_told_once(tmp_path: Path) -> None:
    files = {
        "a/ATOMUSDT-um-1m-2025-10-10.csv": klines(0, 5),
        "b/ATOMUSDT-um-1m-2025-10-10.csv": klines(3, 5, close="2.55"),
    }
    tape = tape_of(case_of(tmp_path, files))
    assert len(rows_of(tape.lake, "bars")) == 8
    assert (told(tape, "repeat-of-source").count, told(tape, "conflict").count) == (2, 2)


def test_two_descriptions_of_one_contract_are_not_mixed(tmp_path: Path) -> None:
    """Two maps that differ in the size of a contract: the first counts, the other is named."""
    maps = "".join(
        f'[[map]]\nfiles = "data/{name}.csv"\nrecord = "trades"\nvenue = "gate"\n'
        f'kind = "linear-perpetual"\nsymbol = "ATOM_USDT"\ncontract_size = "{size}"\n'
        'columns = { ts = "t", price = "p", size = "q", id = "i" }\n'
        for name, size in (("a", "0.1"), ("b", "10"))
    )
    rows = {n: f"t,p,q,i\n{T0 + k},2.5,3,{k}\n" for k, n in enumerate(("a.csv", "b.csv"))}
    tape = tape_of(case_of(tmp_path, rows, maps))
    assert [(r["id"], r["size"]) for r in rows_of(tape.lake)] == [("0", Decimal("0.3"))]
    problem = told(tape, "other-instrument")
    assert (problem.effect, problem.path, problem.count) == (ASIDE, "data/b.csv", 1)
