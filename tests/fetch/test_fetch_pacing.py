"""Waiting: never too short, never for ever."""

from __future__ import annotations

import pytest
from _archive_server import FakeTime
from hypothesis import given
from hypothesis import strategies as st

from liquest.fetch.pacing import Gates, Limits, backoff, retry_after


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_back_off_grows_and_is_bounded(attempt: int, dice: float) -> None:
    limits = Limits(first_wait=0.5, longest_wait=60)
    full = min(60, 0.5 * 2 ** min(attempt - 1, 30))
    assert full / 2 <= backoff(attempt, limits, dice) <= full


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("12", 12.0), (" 0 ", 0.0), (None, None), ("", None), ("soon", None), ("-3", None),
        ("1e3", None), ("９", None), ("99999999999999", None),
        ("Sat, 11 Oct 2025 00:00:10 GMT", 10.0), ("Sat, 11 Oct 2025 00:00:00 GMT", 0.0),
        ("Fri, 10 Oct 2025 00:00:00 GMT", 0.0),
    ],
)  # fmt: skip
def test_retry_after(header: str | None, wait: float | None) -> None:
    assert retry_after(header, 1_760_140_800.0) == wait


@given(st.text(max_size=40))
def test_no_header_breaks_it(header: str) -> None:
    wait = retry_after(header, 0.0)
    assert wait is None or wait >= 0


def test_a_host_is_asked_at_its_rate() -> None:
    clock = FakeTime()
    gates = Gates(clock, {"a": 4.0})
    start = clock.now
    for _ in range(9):
        gates.enter("a")
    assert clock.now - start == pytest.approx(2.0)
    gates.enter("b")
    assert clock.now - start == pytest.approx(2.0)


def test_a_held_host_waits_for_everybody() -> None:
    clock = FakeTime()
    gates = Gates(clock, {"a": 1e9})
    gates.hold("a", 30)
    gates.hold("a", 10)
    start = clock.now
    gates.enter("a")
    assert clock.now - start == pytest.approx(30)
