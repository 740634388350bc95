"""A claim against itself: percentages by both readings, differences, parts, the order of time."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liquest.claims.consistency import (
    Difference,
    Part,
    Percentage,
    Reliance,
    said_before,
)
from liquest.claims.expectation import Between, Near
from liquest.clock import parse_time
from liquest.errors import Text, UsageError

OVER_40 = Between(low=Decimal("0.4"), low_open=True)


def percentage(low: str, high: str, base: str = "either") -> Percentage:
    return Percentage(Decimal(low), Decimal(high), OVER_40, base)


def test_1_7_against_1_4_is_no_40_percent() -> None:
    (flag,) = percentage("1.4", "1.7").flags()
    assert flag.en == (
        "Inconsistent in itself: 1.4 against 1.7 is 17.647059 % of the higher or 21.428571 % of "
        "the lower, stated is above 40 %."
    )
    assert flag.zh == (
        "自身不一致：1.4 对 1.7，以较高者为基数为 17.647059 %，以较低者为基数为 21.428571 %，"
        "所称高于 40 %。"
    )


def test_one_reading_of_two_fits() -> None:
    (flag,) = percentage("1.2543", "1.771").flags()
    assert flag.en == (
        "Other reading of the percentage: 1.2543 against 1.771 is 41.194292 % of the lower, which "
        "is above 40 %, and 29.175607 % of the higher, which is not."
    )


def test_both_readings_fit() -> None:
    assert list(percentage("1", "2").flags()) == []


def test_a_fall_has_one_base() -> None:
    """160 to 90: 43.75 % of the 160, whatever it is of the 90."""
    half = Between(low=Decimal("0.5"), low_open=True)
    (flag,) = Percentage(Decimal(90), Decimal(160), half, "higher").flags()
    assert flag.en.startswith("Inconsistent in itself") and "43.75 % of the higher" in flag.en
    assert flag.en.endswith("above 50 % holds of the lower only.")
    assert list(percentage("90", "160", "higher").flags()) == []


PRICES = st.decimals("0.01", "1000", places=2)


@given(PRICES, PRICES, st.decimals("0.01", "3", places=2))
def test_a_flag_stands_when_a_reading_fails(a: Decimal, b: Decimal, stated: Decimal) -> None:
    low, high = sorted((a, b))
    if low == high:
        with pytest.raises(UsageError):
            Percentage(low, high, OVER_40)
        return
    exact = [Fraction(high - low) / Fraction(p) for p in (high, low)]
    bound = Between(low=stated)
    met = [r >= Fraction(stated) for r in exact]
    flags = list(Percentage(low, high, bound).flags())
    close = any(abs(r - Fraction(stated)) < Fraction(1, 10**8) for r in exact)
    if not close:
        assert bool(flags) == (not all(met))
        if flags:
            assert flags[0].en.startswith("Inconsistent") == (not any(met))


def test_a_difference() -> None:
    near = Near(Decimal(40), Decimal("0.05"), share=True)
    assert list(Difference(Decimal(140), Decimal(180), near).flags()) == []
    (flag,) = Difference(Decimal(140), Decimal(170), near).flags()
    assert flag.en == "Inconsistent in itself: 170 less 140 is 30, stated is 40 ± 2."


def test_a_part_of_a_whole() -> None:
    quarter = Near(Decimal("0.25"), Decimal("0.01"))
    assert list(Part(Decimal(1), Decimal(4), quarter).flags()) == []
    (flag,) = Part(Decimal(1), Decimal(3), quarter).flags()
    assert "1 of 3 is 33.333333 %, stated is 25 % ± 1 %" in flag.en
    assert "3 中的 1 为 33.333333 %" in flag.zh


WHAT = Text("the window of 1 minute", "1 分钟的窗口")
EVENT = parse_time("2025-10-10T21:20:00Z")
CHANGED = parse_time("2025-09-18T08:01:00Z")


def test_a_rule_that_was_replaced_before() -> None:
    (flag,) = Reliance(WHAT, until=CHANGED).flags(EVENT)
    assert flag.en == (
        "Anachronism: the window of 1 minute ended at 2025-09-18 08:01:00 UTC (2025-09-18 16:01:00 "
        "UTC+8); the claim speaks of 2025-10-10 21:20:00 UTC (2025-10-11 05:20:00 UTC+8)."
    )
    assert flag.zh.startswith("时序不符：1 分钟的窗口止于 2025-09-18 08:01:00 UTC")


@pytest.mark.parametrize(
    ("reliance", "at", "flagged"),
    [
        (Reliance(WHAT, until=CHANGED), CHANGED - 1, False),
        (Reliance(WHAT, until=CHANGED), CHANGED, True),
        (Reliance(WHAT, since=CHANGED), CHANGED - 1, True),
        (Reliance(WHAT, since=CHANGED), CHANGED, False),
        (Reliance(WHAT, since=CHANGED, until=EVENT), EVENT, True),
    ],
)
def test_the_bounds_of_a_reliance(reliance: Reliance, at: int, flagged: bool) -> None:
    assert bool(list(reliance.flags(at))) == flagged


def test_what_was_said_before_it_happened() -> None:
    (flag,) = said_before(CHANGED, EVENT)
    assert flag.en.startswith("Anachronism: said at 2025-09-18 08:01:00 UTC")
    assert list(said_before(EVENT, EVENT)) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: percentage("0", "1"),
        lambda: percentage("1", "2", "both"),
        lambda: Part(Decimal(-1), Decimal(1), OVER_40),
        lambda: Part(Decimal(1), Decimal(0), OVER_40),
        lambda: Reliance(WHAT),
        lambda: Reliance(WHAT, since=2, until=1),
        lambda: Reliance(WHAT, since=1, until=1),
    ],
)
def test_a_check_that_makes_no_sense_cannot_be_built(make: Callable[[], object]) -> None:
    with pytest.raises(UsageError):
        make()
