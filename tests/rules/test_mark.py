"""mark: every formula by hand, its fallbacks by name, and the rules that a book gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import parse_time
from liquest.errors import InputError, UsageError
from liquest.rules.index import HOLES
from liquest.rules.mark import (
    FORMULAS,
    MarkRule,
    mark_price,
    marks,
    price_1,
    protected,
    to_funding,
)
from liquest.rules.second import (
    ABSENT,
    CARRIED,
    HELD,
    PART,
    PROTECTED,
    WHOLE,
    MarkValue,
    Second,
)

D = Decimal
RULE = MarkRule()
DELIVERY = MarkRule("binance-delivery")


def second(index: int | str | None, last: int | str | None, mid: int | str | None,
           delivery: int | None = None) -> Second:  # fmt: skip
    """A second with these prices; None is none."""
    known = [None if p is None else D(p) for p in (index, last, mid)]
    return Second(index=known[0], last=known[1], mid=known[2], to_delivery_s=delivery)


def test_the_median_of_price_1_price_2_and_the_last_price() -> None:
    quiet = [second(100, 100, 101)] * 29
    # Price 1 = 100, Price 2 = 100 + (29·1 + 4)/30 = 101.1; the last price is 97 or 101 or 108.
    for last, mark in ((97, "100"), ("100.5", "100.5"), (108, "101.1")):
        assert mark_price([*quiet, second(100, last, 104)], RULE) == (D(mark), WHOLE)


def test_the_funding_term_of_price_1() -> None:
    # Half of the period is left at a rate of -2 %: one percent below the index.
    assert price_1(D(200), D("-0.02"), 14_400, 28_800) == 198
    now = Second(D(200), D(150), D(200), D("-0.02"), 14_400)
    assert mark_price([now], RULE).value == 198
    assert mark_price([now], MarkRule(funding_rate=D("0.04"))).value == 200
    high = Second(D(200), D(300), D(200), D("-0.02"), 14_400)
    assert mark_price([high], MarkRule(funding_rate=D("0.04"))).value == 204
    hourly = MarkRule(funding_period_s=3_600)
    assert mark_price([Second(D(200), D(150), D(200), D("-0.02"), 1_800)], hourly).value == 198


def test_a_rate_needs_the_time_to_funding() -> None:
    with pytest.raises(UsageError, match="without the time"):
        mark_price([Second(D(200), D(150), D(200), D("0.02"))], RULE)
    assert mark_price([Second(D(200), D(150), D(200), D(0))], RULE).value == 200


def test_the_time_to_funding_counts_down_to_eight_hours() -> None:
    assert to_funding(parse_time("2025-10-10T21:20:00Z")) == 9_600
    assert to_funding(parse_time("2025-10-10T16:00:00Z")) == 28_800
    assert to_funding(parse_time("2025-10-10T23:59:59Z")) == 1
    assert to_funding(parse_time("2025-10-10T21:20:00Z"), 3_600) == 2_400


@pytest.mark.parametrize(("window", "reached"), [(150, 5), (60, 2), (30, 1)])
def test_the_windows_differ_in_how_far_they_look_back(window: int, reached: int) -> None:
    # A basis of 30 in one second only, k seconds ago: a sample where k is a multiple of the
    # stride and within the window.
    rule = MarkRule(window_s=window)
    assert rule.stride_s == reached
    for ago in (0, 1, 2, 4, 5, 10, 29, 30, 58, 60, 145, 150):
        past = [second(100, 200, 130 if at == 200 - ago else 100) for at in range(201)]
        sampled = ago % reached == 0 and ago < window
        assert mark_price(past, rule).value == (101 if sampled else 100)


def test_the_start_of_a_window_averages_what_is_there() -> None:
    first, *_, last = marks([second(100, 200, 130), *[second(100, 200, 100)] * 2], RULE)
    assert (first.value, last.value) == (D(130), D(110))


def test_seconds_without_a_mid_or_an_index_are_no_samples() -> None:
    past = [second(100, 200, 130), second(100, 200, None), second(None, 200, 130)]
    assert mark_price([*past, second(100, 200, 110)], RULE).value == 120


def test_of_three_inputs_the_median_of_those_that_are_there() -> None:
    assert mark_price([second(100, None, 104)], RULE) == (D(102), PART)
    assert mark_price([second(100, 110, None)], RULE) == (D(105), PART)
    assert mark_price([second(100, None, None)], RULE) == (D(100), PART)


def test_without_an_index_the_last_price_within_the_band_of_the_last_mark() -> None:
    before = second(100, 100, 100)
    for last, mark in ((99, 99), (60, 95), (140, 105)):
        assert mark_price([before, second(None, last, 80)], RULE) == (D(mark), PROTECTED)
    # The band does not wander: its reference is the last mark that had an index.
    fall = [second(None, p, p) for p in (94, 90, 80)]
    assert [m.value for m in marks([before, *fall], RULE)] == [100, 95, 95, 95]
    assert mark_price([before, second(None, 60, 80)], MarkRule(band=D("0.1"))).value == 90
    # Nothing was ever known of an index: there is nothing to hold it to.
    assert mark_price([second(None, 60, 80)], RULE) == (D(60), PROTECTED)
    assert protected(D(60), None, D("0.05")) == 60


def test_a_hole_is_filled_as_the_rule_says_and_never_with_zero() -> None:
    past = [second(100, 98, 100), second(None, None, None)]
    assert mark_price(past, RULE) == (None, ABSENT)
    assert mark_price(past, MarkRule(missing="hold")) == (D(100), HELD)
    assert mark_price([*past, past[1]], MarkRule(missing="hold", hold_s=1)) == (None, ABSENT)
    assert mark_price(past, MarkRule(missing="stale")) == (D(100), CARRIED)
    assert mark_price(past[1:], MarkRule(missing="stale")) == (None, ABSENT)
    assert mark_price(past[1:], MarkRule(missing="hold")) == (None, ABSENT)
    assert mark_price([], RULE) == (None, ABSENT)


def test_stale_takes_the_last_known_of_each() -> None:
    # The index was last 100, the last price 90 two seconds later: bases 0 of one second.
    past = [second(100, 98, 100), second(None, 90, None), second(None, None, None)]
    found = list(marks(past, MarkRule(missing="stale")))
    # Price 1 and 2 are 100, last 90.
    assert found[1:] == [(D(95), PROTECTED), (D(100), CARRIED)]
    twap = MarkRule("twap", window_s=30, samples=1, missing="stale")
    assert mark_price([second(1, None, 1), second(None, None, None)], twap).value is None
    index = MarkRule("index", missing="stale")
    assert mark_price(past, index) == (D(100), CARRIED)


def test_a_delivery_contract_is_index_and_average_then_the_average_of_the_index() -> None:
    early = [second(100, 200, 106, 1_801), second(100, 200, 100, 1_800)]
    assert mark_price(early, DELIVERY) == (D(103), WHOLE)
    # From 1,799 s on the index of these last seconds only, whatever the book says.
    late = [second(p, 200, 500, 1_799 - k) for k, p in enumerate((110, 130, None, 120))]
    assert [m.value for m in marks([*early, *late], DELIVERY)][2:] == [110, 120, 120, 120]
    # A record that begins in that stretch averages what it has.
    assert mark_price([second(100, 1, 1, 5), second(104, 1, 1, 4)], DELIVERY).value == 102


def test_a_delivery_contract_ends() -> None:
    assert mark_price([second(100, 100, 100, 0)], DELIVERY) == (D(100), WHOLE)
    assert mark_price([second(100, 100, 100, 0), second(100, 100, 100, -1)], DELIVERY).value is None
    assert mark_price([second(None, 90, 90, 9)], DELIVERY) == (D(90), PROTECTED)
    assert mark_price([second(100, 90, None, 9_000)], DELIVERY) == (D(100), PART)


def test_a_mark_that_would_not_be_above_zero_is_none() -> None:
    # The book stood 60 below an index that then fell to 10: index + average is below zero.
    past = [second(100, 50, 40), second(10, 9, 9)]
    assert mark_price(past, DELIVERY) == (None, ABSENT)
    assert mark_price(past, MarkRule("binance-delivery", missing="hold")).value == 40
    # The perpetual's median has two inputs above zero and stands.
    assert mark_price(past, RULE) == (D(9), WHOLE)


def test_one_input_formulas() -> None:
    now = [second(100, 90, 95)]
    assert mark_price(now, MarkRule("index")) == (D(100), WHOLE)
    assert mark_price(now, MarkRule("last")) == (D(90), WHOLE)
    assert mark_price(now, MarkRule("last-protected")) == (D(95), WHOLE)
    assert mark_price(now, MarkRule("last-protected", band=D("0.2"))) == (D(90), WHOLE)
    gone = [*now, second(None, 80, 80)]
    assert mark_price(gone, MarkRule("last-protected")) == (D(95), PROTECTED)
    assert mark_price([second(100, None, 1)], MarkRule("last-protected")) == (D(100), PART)
    assert mark_price(gone, MarkRule("index")) == (None, ABSENT)


def test_the_averaging_formulas() -> None:
    past = [second(100, 90, 104), second(100, 96, 100)]
    twap = MarkRule("twap", window_s=300, samples=1)
    assert mark_price(past, twap) == (D(93), WHOLE)
    ema = mark_price(past, MarkRule("ema", window_s=10, samples=1))
    # exp(-0.1) of the older basis: 4·0.904837 / 1.904837.
    assert ema.value is not None
    assert round(ema.value, 6) == D("101.900083")
    assert mark_price([second(100, 90, None)], MarkRule("ema")) == (D(100), PART)
    assert mark_price([second(None, 90, 95)], MarkRule("ema")) == (None, ABSENT)


PRICES = st.none() | st.integers(1, 2000).map(D)
SECONDS = st.builds(Second, PRICES, PRICES, PRICES)


@given(
    past=st.lists(SECONDS, min_size=1, max_size=12),
    formula=st.sampled_from(sorted(FORMULAS)),
    missing=st.sampled_from(HOLES),
)
@settings(max_examples=600, deadline=None)
def test_a_mark_is_above_zero_or_none_and_says_what_it_is(
    past: list[Second], formula: str, missing: str
) -> None:
    rule = MarkRule(formula, window_s=6, samples=3, missing=missing)
    for value, state in marks(past, rule):
        assert (value is None) == (state == ABSENT)
        assert value is None or value > 0
        assert state not in {HELD: {"missing", "stale"}, CARRIED: {"missing", "hold"}}.get(
            state, ()
        )


@given(past=st.lists(SECONDS, min_size=1, max_size=12))
@settings(max_examples=300, deadline=None)
def test_with_an_index_and_a_last_price_the_perpetual_lies_between_two_inputs(
    past: list[Second],
) -> None:
    now = past[-1]
    found = mark_price(past, RULE)
    if now.index is not None and now.last is not None and found.value is not None:
        moving = [s.basis for s in past if s.basis is not None]
        two = now.index + sum(moving, D(0)) / len(moving) if moving else now.index
        inputs = sorted((now.index, now.last, two))
        assert inputs[0] - D("1e-20") <= found.value <= inputs[2] + D("1e-20")


@dataclass(frozen=True)
class Cell:
    value: object

    @property
    def number(self) -> Decimal:
        return D(str(self.value))

    @property
    def text(self) -> str:
        return str(self.value)

    @property
    def parts(self) -> Mapping[str, Decimal]:
        raise AssertionError("a mark has no parts")


@dataclass(frozen=True)
class Book:
    """The mark of Binance on the day, unless said otherwise."""

    said: Mapping[str, object] = field(default_factory=dict)

    def get(self, path: str, symbol: str = "") -> Cell:
        usual: dict[str, object] = {
            "mark.formula": "binance-perpetual", "mark.window": D(30), "mark.samples": D(30),
            "mark.funding_rate": "record", "mark.band": D("0.1") if symbol == "A" else D("0.05"),
            "mark.missing": "missing", "mark.delivery_average": D(1_800),
        }  # fmt: skip
        return Cell({**usual, **self.said}[path])


def test_a_rule_of_the_book() -> None:
    assert MarkRule.of(Book(), "BTCUSDT") == RULE
    assert MarkRule.of(Book(), "A").band == D("0.1")
    said = {"mark.window": D(150), "mark.funding_rate": D("0.001"), "mark.missing": "hold"}
    assert MarkRule.of(Book(said), "BTCUSDT") == MarkRule(
        window_s=150, funding_rate=D("0.001"), missing="hold"
    )
    hourly = {"mark.formula": "binance-delivery", "mark.delivery_average": D(3_600)}
    assert MarkRule.of(Book(hourly), "BTCUSD_251226") == MarkRule(
        "binance-delivery", settling_s=3_600
    )


def test_a_formula_asks_only_for_what_it_needs() -> None:
    @dataclass(frozen=True)
    class Bare:
        formula: str
        needed: Mapping[str, Decimal] = field(default_factory=dict)

        def get(self, path: str, symbol: str = "") -> Cell:
            rows = {"mark.formula": self.formula, "mark.missing": "hold", **self.needed}
            return Cell(rows[path])

    for formula in ("index", "last", "hyperliquid"):
        assert MarkRule.of(Bare(formula), "A") == MarkRule(formula, missing="hold")
    # 45 s in 30 samples could not be; a time constant needs no samples.
    for formula in ("ema", "twap"):
        found = MarkRule.of(Bare(formula, {"mark.window": D(45)}), "A")
        assert found == MarkRule(formula, 45, 1, missing="hold")
    found = MarkRule.of(Bare("last-protected", {"mark.band": D("0.2")}), "A")
    assert found == MarkRule("last-protected", band=D("0.2"), missing="hold")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("mark.formula", "best"), ("mark.window", D(0)), ("mark.window", D("2.5")),
        ("mark.samples", D(0)), ("mark.samples", D(7)), ("mark.band", D(2)),
        ("mark.missing", "zero"), ("mark.funding_rate", D(3)), ("mark.window", D(45)),
    ],
)  # fmt: skip
def test_what_no_mark_can_run_on_is_refused(path: str, value: object) -> None:
    with pytest.raises(UsageError) as refusal:
        MarkRule.of(Book({path: value}), "BTCUSDT")
    assert path in refusal.value.what.en + refusal.value.where


@pytest.mark.parametrize("name", ["index", "last", "mid", "bid", "ask"])
@pytest.mark.parametrize("price", ["0", "-1", "NaN"])
def test_what_is_no_price_is_refused(name: str, price: str) -> None:
    with pytest.raises(InputError, match="above zero"):
        Second(**{name: D(price)})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="above zero"):
        Second(external=(D(1), D(price)))


def test_a_mark_value_is_a_pair() -> None:
    assert MarkValue(D(1), WHOLE) == (D(1), "whole")
