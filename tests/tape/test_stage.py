"""stage: only what changed is done again, a stopped run goes on, nothing foreign is touched."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest

from _cases import (
    T0,
    TICKS,
    case_of,
    codes,
    rows_of,
    state_of,
    tape_of,
    tick,
    ticks,
)
from liquest.case import read_case
from liquest.clock import DAY, HOUR, Window
from liquest.problems import ABSENT, UNREAD, Problem
from liquest.run.executor import Executor, Inline, Processes, Threads
from liquest.run.progress import Silent
from liquest.tape import stage
from liquest.tape.load import load
from liquest.tape.stage import Tape, _holes

T = TypeVar("T")
R = TypeVar("R")
FILES = {
    "a.csv": ticks(20),
    "b.csv": ticks(30, symbol="DOT-USD") + "broken\n" + tick(31, "0", symbol="DOT-USD"),
    "c.csv": TICKS + "".join(tick(i, "2.6") for i in range(15, 40)),
    "d.csv": ticks(10, market="binance-delivery", symbol="ATOMUSD_PERP"),
}


class Stops:
    """Runs so many tasks, counted over all stages, and then is stopped."""

    workers = 1

    def __init__(self, after: int) -> None:
        self.left = after
        self.done: list[Any] = []

    def map(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        for task in tasks:
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
            self.done.append(task)
            yield work(task)


def never() -> Stops:
    """An executor with no limit that remembers its tasks."""
    return Stops(-1)


def content(folder: Path) -> dict[str, str]:
    """Digest of every file of the lake, and the catalogue."""
    files = [*(folder / "out" / "lake").rglob("*"), folder / "out" / "tape" / "catalog.json"]
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(files)
        if p.is_file()
    }


def told(tape: Tape) -> list[dict[str, Any]]:
    return [p.json() for p in tape.problems]


def test_a_second_run_does_nothing(tmp_path: Path) -> None:
    case = case_of(tmp_path, FILES)
    first = tape_of(case)
    before = state_of(tmp_path / "out")
    executor = never()
    again = tape_of(case, executor)
    assert executor.done == [] and state_of(tmp_path / "out") == before
    assert again.lake.parts == first.lake.parts and told(again) == told(first)
    assert [(d.source, d.rows, d.format) for d in again.loaded] == [
        (d.source, d.rows, d.format) for d in first.loaded
    ]


@pytest.mark.parametrize("executor", [Threads(3), Processes(2)])
def test_every_executor_makes_the_same(tmp_path: Path, executor: Executor) -> None:
    one = tape_of(case_of(tmp_path / "one", FILES), Inline())
    other = tape_of(case_of(tmp_path / "other", FILES), executor)
    assert content(tmp_path / "one") == content(tmp_path / "other")
    assert told(one) == told(other)


@pytest.mark.parametrize("after", range(8))
def test_a_stopped_run_goes_on_to_the_same_end(tmp_path: Path, after: int) -> None:
    whole = tape_of(case_of(tmp_path / "whole", FILES))
    case = case_of(tmp_path / "stopped", FILES)
    with pytest.raises(KeyboardInterrupt):
        tape_of(case, Stops(after))
    executor = never()
    tape = tape_of(case, executor)
    assert content(tmp_path / "stopped") == content(tmp_path / "whole")
    assert told(tape) == told(whole)
    # What was read before the stop is not read again.
    assert sum(hasattr(t, "source") for t in executor.done) == max(4 - after, 0)
    assert not list((tmp_path / "stopped" / "out").rglob("*.new"))


def test_a_changed_source_is_read_again_and_no_other(tmp_path: Path) -> None:
    case = case_of(tmp_path, {"a.csv": ticks(5), "b.csv": ticks(5, symbol="DOT-USD")})
    tape_of(case)
    before = state_of(tmp_path / "out" / "lake")
    (tmp_path / "data" / "a.csv").write_text(ticks(6))
    executor = never()
    tape = tape_of(case, executor)
    assert [t.source.name for t in executor.done if hasattr(t, "source")] == ["data/a.csv"]
    assert sorted(p.rows for p in tape.lake.of("trades")) == [5, 6]
    after = state_of(tmp_path / "out" / "lake")
    kept = {n for n in before if "DOT" in n}
    assert kept and all(after[n] == before[n] for n in kept)
    assert not {n for n in before if "ATOM" in n} & after.keys()


def test_the_parts_of_a_removed_source_vanish(tmp_path: Path) -> None:
    case = case_of(tmp_path, FILES)
    tape_of(case)
    for name in ("b.csv", "d.csv"):
        (tmp_path / "data" / name).unlink()
    tape_of(case)
    only = case_of(tmp_path / "only", {n: FILES[n] for n in ("a.csv", "c.csv")})
    tape_of(only)
    assert content(tmp_path) == content(tmp_path / "only")
    assert not list((tmp_path / "out" / "lake").rglob("*DOT*"))
    memory = {p.stem for p in (tmp_path / "out" / "tape").glob("*.json") if len(p.stem) == 16}
    assert len(memory) == 2


MAP = """
[[map]]
files = "data/m.csv"
record = "trades"
venue = "gate"
kind = "linear-perpetual"
symbol = "ATOM_USDT"
contract_size = "{size}"
columns = {{ ts = "t", price = "{price}", size = "q", id = "i" }}
"""
MAPPED = {
    "m.csv": "t,p,x,q,i\n" + "".join(f"{T0 + i},2,3,10,{i}\n" for i in range(5)),
    "n.csv": "t,p,x,q,i\n" + "".join(f"{T0 + i},2,3,10,{i}\n" for i in range(3, 9)),
}


@pytest.mark.parametrize(("size", "price"), [("0.5", "p"), ("0.1", "x")])
def test_another_map_changes_rows_rests_and_seconds(tmp_path: Path, size: str, price: str) -> None:
    """Also where it changes neither the number of rows nor their times."""
    maps = MAP.replace("m.csv", "*.csv")
    tape_of(case_of(tmp_path, MAPPED, maps.format(size="0.1", price="p")))
    changed = maps.format(size=size, price=price)
    tape_of(case_of(tmp_path, MAPPED, changed))
    tape_of(case_of(tmp_path / "fresh", MAPPED, changed))
    assert content(tmp_path) == content(tmp_path / "fresh")


def test_a_map_that_was_changed_and_changed_back_after_a_stop(tmp_path: Path) -> None:
    first, second = MAP.format(size="0.1", price="p"), MAP.format(size="0.1", price="x")
    tape_of(case_of(tmp_path, MAPPED, first))
    before = content(tmp_path)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            tape_of(case_of(tmp_path, MAPPED, second), Stops(1))
    tape_of(case_of(tmp_path, MAPPED, first))
    assert content(tmp_path) == before


def test_a_contract_size_that_the_case_gives_later(tmp_path: Path) -> None:
    files = {"a.csv": ticks(3, market="okex-swap", symbol="FIL-USDT-SWAP")}
    assert "contract-size-unknown" in codes(tape_of(case_of(tmp_path, files)).problems)
    more = '[[instrument]]\nvenue = "okx"\nsymbol = "FIL-USDT-SWAP"\ncontract_size = "0.1"\n'
    tape = tape_of(case_of(tmp_path, files, more))
    assert tape.problems == []
    assert [r["volume"] for r in rows_of(tape.lake, "seconds")] == [Decimal("0.3")]


@pytest.mark.parametrize("lost", ["lake", "tape", "lake/trades", "lake/seconds"])
def test_whatever_is_lost_below_out_is_made_again(tmp_path: Path, lost: str) -> None:
    case = case_of(tmp_path, FILES)
    tape_of(case)
    before = content(tmp_path)
    shutil.rmtree(tmp_path / "out" / lost)
    tape_of(case)
    assert content(tmp_path) == before


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"key": 1}'])
def test_a_broken_memory_is_no_memory(tmp_path: Path, text: str) -> None:
    case = case_of(tmp_path, FILES)
    tape_of(case)
    before = content(tmp_path)
    for path in (tmp_path / "out" / "tape").glob("*.json"):
        path.write_text(text)
    tape_of(case)
    assert content(tmp_path) == before


def test_files_in_out_that_are_not_ours_stay(tmp_path: Path) -> None:
    """Somebody's own lake may lie where --out points."""
    case = case_of(tmp_path, {"a.csv": ticks(2)})
    for name in ("lake/mine.parquet", "lake/trades/2025/x.parquet", "tape/notes.txt", "x.json"):
        path = tmp_path / "out" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    (tmp_path / "out" / "lake" / "empty").mkdir()
    tape_of(case)
    for name in ("lake/mine.parquet", "lake/trades/2025/x.parquet", "tape/notes.txt", "x.json"):
        assert (tmp_path / "out" / name).read_text() == "mine"
    assert (tmp_path / "out" / "lake" / "empty").is_dir()


def test_what_a_run_wrote_is_no_source_of_the_next(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(ticks(2))
    (tmp_path / "case.toml").write_text(
        '[windows.w]\nfrom = "2025-10-10"\nto = "2025-10-11"\n[[source]]\npath = "."\n'
    )
    case = read_case(tmp_path)
    for _ in range(2):
        tape = tape_of(case)
        assert [d.source.name for d in tape.loaded] == ["./a.csv"] and tape.problems == []


def test_an_out_among_the_sources_is_left_out_too(tmp_path: Path) -> None:
    case = case_of(tmp_path, {"a.csv": ticks(2)})
    for _ in range(2):
        tape = stage.build(case, tmp_path / "data" / "results", Inline(), Silent())
        assert [d.source.name for d in tape.loaded] == ["data/a.csv"]


def test_a_source_without_files_is_an_absence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ticks").mkdir()
    monkeypatch.setenv("LIQUEST_TEST_TICKS", str(tmp_path / "ticks"))
    more = '[[source]]\nenv = "LIQUEST_TEST_TICKS"\n[[source]]\nenv = "LIQUEST_TEST_UNSET"\n'
    tape = tape_of(case_of(tmp_path, {"a.csv": ticks(2)}, more))
    assert [(p.code, p.effect, p.path) for p in tape.problems] == [
        ("no-files", ABSENT, "$LIQUEST_TEST_TICKS")
    ]


def test_links_that_are_not_followed_are_told(tmp_path: Path) -> None:
    case = case_of(tmp_path, {"a.csv": ticks(2)})
    (tmp_path / "data" / "loop").symlink_to(tmp_path)
    (tmp_path / "data" / "gone").symlink_to(tmp_path / "nowhere")
    tape = tape_of(case)
    assert [p.path for p in tape.problems] == ["data/gone", "data/loop"]
    assert [p.path for p in tape.unread] == ["data/gone"]


def test_a_name_that_is_no_text_is_read_like_any_other(tmp_path: Path) -> None:
    case = case_of(tmp_path, {})
    (tmp_path / "data").mkdir(exist_ok=True)
    name = os.fsdecode("行情".encode("gbk") + b".csv")
    try:
        (tmp_path / "data" / name).write_text(ticks(2))
    except OSError as error:
        pytest.skip(f"this file system takes only UTF-8 names: {error}")
    tape = tape_of(case)
    assert [p.rows for p in tape.lake.of("trades")] == [2]
    assert tape_of(case).lake.parts == tape.lake.parts


def test_a_source_that_changes_while_it_is_read_is_unread(tmp_path: Path) -> None:
    case = case_of(tmp_path, {"a.csv": ticks(2)})

    class Grows(Stops):
        def map(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
            for result in super().map(work, tasks):
                if work is load:
                    (tmp_path / "data" / "a.csv").write_text(ticks(9))
                yield result

    tape = tape_of(case, Grows(-1))
    assert [(p.code, p.effect, p.path) for p in tape.problems] == [
        ("changed", UNREAD, "data/a.csv")
    ]
    again = tape_of(case)
    assert again.problems == [] and [p.rows for p in again.lake.of("trades")] == [9]


def missing(tape: Tape) -> list[Problem]:
    return [p for p in tape.problems if p.code == "missing-day"]


def test_times_of_four_units_in_one_folder_are_one_time(tmp_path: Path) -> None:
    head, row = TICKS, "coinbase,ATOM-USD,{},{},{},sell,2.5,1\n"
    units = {"s": T0 // 10**6, "ms": T0 // 1000, "us": T0, "ns": T0 * 1000}
    files = {
        f"{name}.csv": head + row.format(moment, moment, number)
        for number, (name, moment) in enumerate(units.items())
    }
    tape = tape_of(case_of(tmp_path, files))
    assert [r["ts"] for r in rows_of(tape.lake)] == [T0] * 4 and tape.problems == []


def test_a_missing_day_is_an_absence_not_zero_trades(tmp_path: Path) -> None:
    lines = TICKS + tick(1, at=0) + tick(2, at=2 * DAY)
    (problem,) = missing(tape_of(case_of(tmp_path, {"a.csv": lines})))
    assert (problem.effect, problem.path) == (ABSENT, "coinbase:spot:ATOM-USD")
    assert problem.text.en == "no trades on 2025-10-11" and "2025-10-11" in problem.text.zh


def test_a_day_of_the_window_without_data_is_missing(tmp_path: Path) -> None:
    more = '[windows.later]\nfrom = "2025-10-11T23:00:00Z"\nto = "2025-10-12T00:00:00Z"\n'
    (problem,) = missing(tape_of(case_of(tmp_path, {"a.csv": ticks(2)}, more)))
    assert problem.text.en == "no trades on 2025-10-11"


def test_missing_days_in_a_row_are_one_absence(tmp_path: Path) -> None:
    more = '[windows.always]\nfrom = "1970-01-01"\nto = "2070-01-01"\n'
    before, after = missing(tape_of(case_of(tmp_path, {"a.csv": ticks(2)}, more)))
    assert before.text.en == "no trades from 1970-01-01 to 2025-10-09 (20,371 days)"
    assert "2025-10-11" in after.text.en and "2069-12-31" in after.text.zh


@pytest.mark.parametrize(
    ("stretches", "have", "holes"),
    [
        ([(1, 5)], [1, 2, 3, 4, 5], []),
        ([(1, 5)], [], [(1, 5)]),
        ([(1, 5)], [3], [(1, 2), (4, 5)]),
        ([(1, 5), (3, 9)], [4], [(1, 3), (5, 5), (6, 9)]),
        ([(7, 9), (1, 2)], [5], [(1, 2), (7, 9)]),
        ([(3, 3)], [3], []),
        ([(1, 9), (2, 3)], [9], [(1, 8)]),
    ],
)
def test_holes(
    stretches: list[tuple[int, int]], have: list[int], holes: list[tuple[int, int]]
) -> None:
    assert _holes(stretches, have) == holes


def test_memory_is_json_and_complete(tmp_path: Path) -> None:
    case = case_of(tmp_path, FILES)
    tape = tape_of(case)
    for path in (tmp_path / "out" / "tape").glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
    assert {p.name for p in (tmp_path / "out" / "lake").iterdir()} == {"trades", "seconds"}
    on_disk = {
        p.relative_to(tmp_path / "out" / "lake").as_posix()
        for p in (tmp_path / "out" / "lake").rglob("*.parquet")
    }
    assert {p.path for p in tape.lake.parts} <= on_disk


def test_problems_name_the_file_of_the_case(tmp_path: Path) -> None:
    tape = tape_of(case_of(tmp_path, FILES))
    assert {p.path for p in tape.problems} == {"data/b.csv", "data/c.csv"}
    assert codes(tape.problems) == ["cells", "conflict", "not-positive-price", "repeat-of-source"]
    window = Window("w", T0, T0 + HOUR)
    assert sum(p.rows for p in tape.lake.of("trades", window=window)) == 20 + 30 + 19 + 10
