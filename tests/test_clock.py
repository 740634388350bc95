"""clock: times in, times out, zones, units, windows; what is unclear is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liquest.clock import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Window,
    clock_time,
    date_of,
    epoch_unit,
    format_time,
    parse_time,
    span,
    zone,
)
from liquest.errors import UsageError

SWEEP = 1_760_131_237_689_043
"""21:20:37.689043 UTC on 2025-10-10."""


@pytest.mark.parametrize(
    ("text", "tz"),
    [
        ("2025-10-10T21:20:37.689043Z", "UTC"),
        ("2025-10-10 21:20:37.689043", "UTC"),
        ("2025-10-11T05:20:37.689043", "UTC+8"),
        ("2025-10-11T05:20:37.689043+08:00", "UTC"),
        ("2025-10-11T05:20:37.689043", "Asia/Shanghai"),
        ("2025-10-10T16:20:37.689043", "-05:00"),
        ("  2025-10-10T21:20:37.689043Z ", "UTC+8"),
    ],
)
def test_one_moment_however_it_is_written(text: str, tz: str) -> None:
    assert parse_time(text, tz) == SWEEP


def test_an_offset_in_the_text_wins_over_the_zone() -> None:
    assert parse_time("2025-10-10T21:20:00Z", "UTC+8") == parse_time("2025-10-10T21:20:00")


@pytest.mark.parametrize("text", ["", "yesterday", "21:20", "2025-13-01", "2025-10-10T25:00"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_time(text)
    assert "2025-10-10T21:20:00Z" in refused.value.render("en")
    assert "--tz UTC+8" in refused.value.render("zh")


@pytest.mark.parametrize(
    ("name", "hours"),
    [("UTC", 0), ("utc", 0), ("Z", 0), ("UTC+8", 8), ("+08:00", 8), ("+0800", 8), ("GMT-3", -3),
     ("Asia/Hong_Kong", 8), ("-05:30", -5.5), ("+14", 14)],
)  # fmt: skip
def test_zones(name: str, hours: float) -> None:
    offset = zone(name).utcoffset(None)
    assert offset is not None and offset.total_seconds() == hours * 3600


@pytest.mark.parametrize("name", ["", "Europe/Berlin", "UTC+15", "+08:75", "8", "BST", "UTC+"])
def test_zones_with_summer_time_and_nonsense_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="time zone"):
        zone(name)


@given(st.integers(0, 4_102_444_800_000_000), st.sampled_from(["UTC", "UTC+8", "-05:30"]))
def test_a_time_reads_back_as_it_was_written(us: int, tz: str) -> None:
    assert parse_time(format_time(us, tz)) == us


def test_both_clocks() -> None:
    assert format_time(SWEEP) == "2025-10-10T21:20:37.689043Z"
    assert format_time(SWEEP, "UTC+8") == "2025-10-11T05:20:37.689043+08:00"


def test_digits_are_cut_not_rounded() -> None:
    assert format_time(SWEEP + 956, digits=3) == "2025-10-10T21:20:37.689Z"
    assert format_time(SWEEP, digits=0) == "2025-10-10T21:20:37Z"


@pytest.mark.parametrize("tz", ["UTC", "UTC+8", "-05:00"])
@pytest.mark.parametrize("digits", [0, 3, 6])
def test_the_time_of_day_carries_no_offset(tz: str, digits: int) -> None:
    text = clock_time(SWEEP, tz, digits=digits)
    assert text == format_time(SWEEP, tz, digits=digits)[11 : 11 + len(text)]
    assert len(text) == 8 + (digits + 1 if digits else 0)


def test_a_day_is_a_day_in_utc() -> None:
    assert date_of(parse_time("2025-10-11T05:20", "UTC+8")) == "2025-10-10"
    assert date_of(parse_time("2025-10-10T23:59:59.999999Z")) == "2025-10-10"
    assert date_of(parse_time("2025-10-11T00:00:00Z")) == "2025-10-11"


@pytest.mark.parametrize(
    ("value", "unit"),
    [(1_760_131_237, "s"), (1_760_131_237_689, "ms"), (SWEEP, "us"), (SWEEP * 1000, "ns"),
     (20251010, None), (0, None), (-SWEEP, None), (10**19, None)],
)  # fmt: skip
def test_the_unit_of_an_epoch_number_by_its_size(value: int, unit: str | None) -> None:
    assert epoch_unit(value) == unit


@pytest.mark.parametrize(
    ("us", "text"),
    [(92, "92 µs"), (30_450, "30.45 ms"), (2_500_000, "2.5 s"), (3 * MINUTE + 7 * SECOND,
     "3 min 07 s"), (HOUR + 2 * MINUTE, "1 h 02 min"), (0, "0 µs"), (DAY, "24 h 00 min")],
)  # fmt: skip
def test_durations_for_people(us: int, text: str) -> None:
    assert span(us) == text


@pytest.mark.parametrize("end", [SWEEP, SWEEP - 1])
def test_a_window_that_ends_before_it_starts_is_refused(end: int) -> None:
    with pytest.raises(UsageError) as refused:
        Window("crash", SWEEP, end)
    assert "crash" in str(refused.value)
    assert refused.value.remedy is not None


def test_a_window_in_a_finding() -> None:
    assert Window("crash", SWEEP, SWEEP + SECOND).json() == {
        "name": "crash",
        "from": "2025-10-10T21:20:37.689043Z",
        "to": "2025-10-10T21:20:38.689043Z",
    }
