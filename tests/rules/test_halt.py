"""Trading halts: what sets one off, how long it lasts, and the kernel against the exact rule."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import parse_time
from liquest.errors import InputError, UsageError
from liquest.rules.book import book
from liquest.rules.halt import LOOKBACK, Halt, HaltRule
from liquest.rules.halt_kernel import halted

D = Decimal


def marks(*prices: int | None) -> list[Decimal | None]:
    return [None if p is None else D(p) for p in prices]


def test_a_move_beyond_the_trigger_halts() -> None:
    rule = HaltRule(D("0.1"), length=2, lookback=3)
    assert rule.halts(marks(100, 100, 90, 99)) == ()
    assert rule.halts(marks(100, 100, 89, 100)) == (Halt(2, 4, D("-0.11")),)
    assert rule.halts(marks(100, 111)) == (Halt(1, 3, D("0.11")),)


def test_a_move_slower_than_the_look_back_does_not() -> None:
    slow = marks(*range(100, 60, -1))
    assert HaltRule(D("0.1"), length=5, lookback=3).halts(slow) == ()
    assert HaltRule(D("0.1"), length=5, lookback=30).halts(slow)[0].start == 11


def test_after_a_halt_the_look_back_begins_anew() -> None:
    rule = HaltRule(D("0.1"), length=2, lookback=9)
    # From 100 to 80; what happens at 2 and 3 is not seen; then from 120 to 84.
    assert rule.halts(marks(100, 80, 50, 120, 84, 85)) == (
        Halt(1, 3, D("-0.2")),
        Halt(4, 6, D("-0.3")),
    )
    assert rule.halts(marks(100, 80, 50, 80, 80, 81)) == (Halt(1, 3, D("-0.2")),)


def test_missing_marks_say_nothing() -> None:
    rule = HaltRule(D("0.1"), length=2, lookback=9)
    assert rule.halts(marks(None, 100, None, 80)) == (Halt(3, 5, D("-0.2")),)
    assert rule.halts(marks(None, None)) == ()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"trigger": D(0)}, InputError), ({"trigger": D("nan")}, InputError),
        ({"length": 0}, UsageError), ({"lookback": 0}, UsageError),
    ],
)  # fmt: skip
def test_what_is_no_halt_is_refused(fields: dict[str, Decimal], error: type[Exception]) -> None:
    with pytest.raises(error):
        HaltRule(**{"trigger": D("0.1"), "length": 60, **fields})  # type: ignore[arg-type]


def test_the_rule_of_the_day_is_none() -> None:
    rules = book().at(parse_time("2025-10-10T21:20:00Z"))
    assert HaltRule.of(rules, "BTCUSDT") is None
    asked = rules.override("halt.trigger", "10%").override("halt.length", "60")
    assert HaltRule.of(asked, "BTCUSDT") == HaltRule(D("0.1"), 60, LOOKBACK)


paths = st.lists(st.one_of(st.integers(60, 140), st.integers(60, 140), st.none()), max_size=25)
triggers = st.integers(1, 40).map(lambda n: D(n) / 100 + D("0.001"))
spans = st.integers(1, 8)


@settings(max_examples=600, deadline=None)
@given(paths, triggers, spans, spans)
def test_the_kernel_halts_as_the_exact_rule_does(
    path: list[int | None], trigger: Decimal, length: int, lookback: int
) -> None:
    rule = HaltRule(trigger, length, lookback)
    stopped = np.zeros(len(path), dtype=bool)
    for halt in rule.halts(marks(*path)):
        stopped[halt.start : halt.end] = True
    prices = np.array([np.nan if p is None else p for p in path], dtype=np.float64)
    assert (halted(prices, float(trigger), lookback, length) == stopped).all()


@settings(max_examples=300, deadline=None)
@given(paths, triggers, triggers, spans, spans, spans)
def test_a_larger_trigger_or_a_shorter_look_back_is_weakly_later(
    path: list[int | None], trigger: Decimal, more: Decimal, length: int, lookback: int, longer: int
) -> None:
    def first(rule: HaltRule) -> float:
        found = rule.halts(marks(*path))
        assert all(a.end < b.start for a, b in pairwise(found))
        return found[0].start if found else float("inf")

    base = first(HaltRule(trigger, length, lookback))
    assert base <= first(HaltRule(trigger + more, length, lookback))
    assert first(HaltRule(trigger, length, lookback + longer)) <= base
