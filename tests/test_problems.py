"""problems: kept as they are, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from liquest.errors import Text
from liquest.problems import ABSENT, ASIDE, KEPT, UNREAD, Problem, read_problems, write_problems

PROBLEMS = [
    Problem("cells", ASIDE, Text("has 3 cells", "有 3 列"), "a.csv", "ab" * 32, 7, 9, 3, "x,y"),
    Problem("missing-day", ABSENT, Text("no trades", "无成交"), "binance:spot:X", count=0),
    Problem("unreadable", UNREAD, Text("cannot be read\nat all", "无法读取"), "b.gz"),
    Problem("disorder", KEPT, Text("earlier", "更早"), sample='"; DROP\t\u2028'),
]


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_problem_reads_back_as_it_was(problem: Problem) -> None:
    assert Problem.of(problem.json()) == problem


def test_problems_are_one_object_a_line(tmp_path: Path) -> None:
    write_problems(tmp_path / "p.jsonl", PROBLEMS)
    assert len((tmp_path / "p.jsonl").read_bytes().splitlines()) == len(PROBLEMS)
    assert list(read_problems(tmp_path / "p.jsonl")) == PROBLEMS


def test_no_file_is_no_problem(tmp_path: Path) -> None:
    assert list(read_problems(tmp_path / "none.jsonl")) == []


def test_rows_are_first_and_last_or_nothing() -> None:
    assert PROBLEMS[0].json()["rows"] == [7, 9]
    assert PROBLEMS[1].json()["rows"] is None
