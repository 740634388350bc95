"""Client order ids: who sent an order and when; what is no forced order is not taken for one."""

from __future__ import annotations

import pytest
from _forced_exports import T0, Told, at, twelve
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import HOUR, SECOND
from liquest.errors import InputError
from liquest.losses.forced.client_ids import (
    ADL,
    LIQUIDATION,
    SETTLEMENT,
    Origin,
    by_the_venue,
    origin,
)
from liquest.problems import ASIDE

MS = (T0 + SECOND // 4) // 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"autoclose-{MS}", Origin(LIQUIDATION, MS * 1000)),
        (f"autoclose-{MS}000020", Origin(LIQUIDATION, MS * 1000)),
        (f"autoclose-{MS}x", Origin(LIQUIDATION, MS * 1000)),
        ("autoclose-17601", Origin(LIQUIDATION, None)),
        ("adl_autoclose", Origin(ADL, None)),
        (f"adl_autoclose-{MS}", Origin(ADL, MS * 1000)),
        (f"settlement_autoclose-{MS}", Origin(SETTLEMENT, MS * 1000)),
        (f"delivery_autoclose-{MS}", Origin(SETTLEMENT, MS * 1000)),
        (f"my-autoclose-{MS}", None),
        ("x-Cb7ytekJ1", None),
        ("", None),
    ],
)
def test_what_an_id_says(text: str, expected: Origin | None) -> None:
    assert origin(text) == expected


def one(client_id: str, second: float = 0) -> Told:
    told = Told()
    told.order(second, "ATOMUSDT", -1, "1", order_id="1", client_id=client_id)
    return told


@pytest.mark.parametrize(
    ("client_id", "word"),
    [
        ("autoclose-me", "no time in ms"),
        ("autoclose-176013113", "no time in ms"),
        (f"autoclose-{MS - 61_000}", "not taken for a forced order"),
        (f"autoclose-{MS + 1_000}", "not taken for a forced order"),
        ("autoclose-9999999999999", "not taken for a forced order"),
        ("autoclose-0000000000000", "not taken for a forced order"),
    ],
)
def test_an_impossible_time_sets_the_order_aside(client_id: str, word: str) -> None:
    kept, problems = by_the_venue(one(client_id).exports)
    assert kept == []
    (problem,) = problems
    assert (problem.code, problem.effect) == ("forced-id-impossible", ASIDE)
    assert (problem.path, problem.first, problem.sample) == ("orders.csv", 2, client_id)
    assert word in problem.text.en and "未按强平单处理" in problem.text.zh


def test_a_second_that_was_cut_is_no_contradiction() -> None:
    # The id says .999 of the second that the export gives whole.
    kept, problems = by_the_venue(one(f"autoclose-{T0 // 1000 + 999}").exports)
    assert ([place for place, _ in kept], problems) == ([0], [])


@given(half=st.integers(-28, 28).filter(bool), early=st.integers(0, 59_000))
@settings(max_examples=300)
def test_a_wrong_zone_is_refused_by_name(half: int, early: int) -> None:
    told = one(f"autoclose-{(T0 - half * HOUR // 2) // 1000 - early}")
    with pytest.raises(InputError) as caught:
        by_the_venue(told.exports)
    assert caught.value.where == "orders.csv:2"
    sign = "+" if half > 0 else "-"
    tail = ":30" if half % 2 else ""
    assert f"UTC{sign}{abs(half) // 2}{tail}." in str(
        caught.value.remedy and caught.value.remedy.en
    )


def test_eight_hours_are_said_to_be_utc_8() -> None:
    with pytest.raises(InputError) as caught:
        by_the_venue(one(f"autoclose-{(T0 - 8 * HOUR) // 1000}").exports)
    assert "+8 h" in caught.value.what.en and "8 小时" in caught.value.what.zh
    assert caught.value.remedy is not None and "--tz UTC+8" in caught.value.remedy.zh


def test_one_odd_id_among_good_ones_is_no_zone() -> None:
    told = twelve()
    told.order(1, "ATOMUSDT", -1, "1", order_id="odd",
               client_id=f"autoclose-{(at(1) - 8 * HOUR) // 1000}")  # fmt: skip
    kept, problems = by_the_venue(told.exports)
    assert (len(kept), [p.code for p in problems]) == (12, ["forced-id-impossible"])


def test_adl_whose_time_cannot_be_keeps_the_time_of_the_order() -> None:
    kept, problems = by_the_venue(one("adl_autoclose-0000000000000").exports)
    assert (kept, problems) == ([(0, Origin(ADL, None))], [])
