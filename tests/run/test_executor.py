"""executor: results in the order of tasks, the first error ends it, everywhere the same."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest

from liquest.errors import OutputError, Text
from liquest.run.executor import (
    EXECUTORS,
    Executor,
    Inline,
    Processes,
    Threads,
    default_workers,
)

ALL = pytest.mark.parametrize("made", [Inline, Threads, Processes])
Made = Callable[[int | None], Executor]


def squared(number: int) -> int:
    return number * number


def slow_first(number: int) -> int:
    """The first tasks end last."""
    if number < 2:
        threading.Event().wait(0.05)
    return number


def full(number: int) -> int:
    if number == 2:
        raise OutputError(Text("the disk is full", "磁盘空间不足"), where="out")
    return number


def process(_: int) -> int:
    return os.getpid()


@ALL
def test_results_come_in_the_order_of_tasks(made: Made) -> None:
    assert list(made(2).map(slow_first, range(8))) == list(range(8))


@ALL
def test_every_executor_gives_the_same(made: Made) -> None:
    assert list(made(2).map(squared, range(50))) == [n * n for n in range(50)]


@ALL
def test_no_task_is_no_result(made: Made) -> None:
    assert list(made(2).map(squared, [])) == []


@ALL
def test_the_first_error_ends_it_and_arrives_as_it_was(made: Made) -> None:
    results = made(2).map(full, range(6))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(OutputError) as raised:
        next(results)
    assert (raised.value.where, raised.value.what.zh) == ("out", "磁盘空间不足")
    with pytest.raises(StopIteration):
        next(results)


def test_after_an_error_no_new_task_begins() -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 0:
            raise ValueError
        return number

    with pytest.raises(ValueError):
        list(Threads(1).map(work, range(100)))
    assert len(begun) < 100


def test_who_stops_asking_stops_the_work() -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        return slow_first(0)

    results = Threads(1).map(work, range(100))
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(begun) < 100


def test_processes_are_processes_of_their_own() -> None:
    assert os.getpid() not in set(Processes(2).map(process, range(4)))
    assert set(Threads(2).map(process, range(4))) == {os.getpid()}


def test_by_name() -> None:
    assert set(EXECUTORS) == {"threads", "processes", "inline"}
    assert [EXECUTORS[name](3).workers for name in ("threads", "processes")] == [3, 3]
    assert EXECUTORS["threads"](None).workers == default_workers() >= 1
    assert EXECUTORS["inline"](7).workers == 1
