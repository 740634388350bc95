"""What a lender takes a coin to be worth: each rule by hand, and what holds for all."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _ticks import T0, Tick, small_lake, window
from liquest.clock import SECOND
from liquest.errors import CaseError, UsageError
from liquest.instruments import SPOT
from liquest.replay.given import number, numbers, whole, words
from liquest.replay.lending import Moment, rule, valuations
from liquest.replay.series import Bar, Series, finest

D = Decimal
WORDS = ("venue", "venue-close", "onchain", "redemption", "floor:0.9", "average:3", "median",
         "capped:0.03")  # fmt: skip


def two(folder: Path) -> tuple[Series, Series]:
    """The own book by the second, and a pool that is silent in the third."""
    own = [Tick(0, "1"), Tick(1, "0.9"), Tick("1.5", "0.96"), Tick(2, "0.6"), Tick(3, "0.9")]
    pool = [Tick(0, "0.999"), Tick(1, "0.998"), Tick(3, "1.001")]
    lake = small_lake(folder, {("binance", "USDEUSDT"): own, ("uniswap", "USDEUSDT"): pool})
    found = [
        finest(lake, window(0, 10), venue, "USDEUSDT", SPOT) for venue in ("binance", "uniswap")
    ]
    assert found[0] is not None and found[1] is not None
    return found[0], found[1]


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ("venue", ["1", "0.9", "0.6", "0.9"]),
        ("venue-close", ["1", "0.96", "0.6", "0.9"]),
        ("onchain", ["0.999", "0.998", "0.998", "1.001"]),
        ("redemption", ["1", "1", "1", "1"]),
        ("floor:0.95", ["1", "0.95", "0.95", "0.95"]),
        ("average:2", ["1", "0.98", "0.78", "0.75"]),
        ("median", ["1", "0.998", "0.998", "1"]),
    ],
)
def test_each_rule_by_hand(tmp_path: Path, word: str, values: list[str]) -> None:
    own, pool = two(tmp_path)
    found = list(valuations(rule(word), own, pool, D(1)))
    assert [v.price for v in found] == [D(v) for v in values]
    assert [v.bar.ts for v in found] == [T0 + s * SECOND for s in range(4)]


def test_a_cap_holds_a_venue_near_the_median(tmp_path: Path) -> None:
    own, pool = two(tmp_path)
    found = [v.price for v in valuations(rule("capped:0.05"), own, pool, D(1))]
    # Median .998: the own .6 counts at .9481; (.9481 + .998 + 1) / 3.
    assert abs(found[2] - D("0.9820333333333333")) < D("1e-12")


def test_the_rows_behind_a_value(tmp_path: Path) -> None:
    own, pool = two(tmp_path)
    at = {w: list(valuations(rule(w), own, pool, D(1)))[2].rows for w in WORDS}
    assert at["redemption"] == ()
    assert at["venue"] == (own.bars[2].decisive,)
    # The third second is silent on chain: the bar before stands.
    assert at["onchain"] == (pool.bars[1].decisive,)
    assert at["median"] == (own.bars[2].decisive, pool.bars[1].decisive)
    (average,) = at["average:3"]
    assert (average.first, average.last, average.role) == (2, 5, "extreme")


def test_without_a_pool_what_needs_it_has_no_value(tmp_path: Path) -> None:
    own, _ = two(tmp_path)
    for word in ("onchain", "median", "capped:0.03"):
        assert list(valuations(rule(word), own, None, D(1))) == []
    assert len(list(valuations(rule("average:2"), own, None, D(1)))) == 4


PRICE = st.decimals("0.01", "1.1", places=4)


def made(low: Decimal, close: Decimal) -> Bar:
    return Bar(T0, close, max(low, close), min(low, close), close, 1, "s", 1, 1)


@settings(max_examples=300)
@given(PRICE, PRICE, st.lists(PRICE, min_size=1, max_size=6), PRICE)
def test_no_rule_leaves_the_range_of_what_it_knows(
    low: Decimal, close: Decimal, before: list[Decimal], pool: Decimal
) -> None:
    own = made(low, close)
    moment = Moment(own, [*before, close], made(pool, pool), D(1))
    known = [own.low, close, *before, pool, D(1)]
    for word in WORDS:
        value = rule(word).value(moment)
        assert value is not None and min(known) <= value <= max(known)
    venue = rule("venue").value(moment)
    for word in ("floor:0.9", "median", "capped:0.03"):
        value = rule(word).value(moment)
        assert value is not None and venue is not None
        # None of them sinks below all three.
        assert value >= min(venue, pool, D(1))


@pytest.mark.parametrize("word", ["", "mark", "floor", "floor:0", "average:-1", "average:1e9x"])
def test_a_rule_that_does_not_exist_is_refused(word: str) -> None:
    with pytest.raises(UsageError) as refused:
        rule(word)
    assert refused.value.remedy is not None
    assert "average:15" in refused.value.remedy.en and "floor:0.95" in refused.value.remedy.zh


def test_parameters_as_numbers() -> None:
    given = {"a": "0.5", "b": 2, "c": ["1", 2, "1"], "d": ["x", "y"], "e": 0.25}
    assert number(given, "a", "0", "1") == D("0.5")
    assert number(given, "e") == D("0.25")
    assert numbers(given, "c") == [1, 2]
    assert whole(given, "b", 1) == 2
    assert words(given, "d") == ["x", "y"]
    assert words(given, "a") == ["0.5"]


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [("2", "0", "1"), ("-1", "0", None), ("x", None, None), (None, None, None), (True, None, None),
     ("NaN", None, None), ("Infinity", None, None)],
)  # fmt: skip
def test_a_parameter_that_is_no_number_is_refused(
    value: object, least: str | None, most: str | None
) -> None:
    with pytest.raises(CaseError, match="'p' must be a number"):
        number({"p": value}, "p", least, most)


@pytest.mark.parametrize("value", ["3", 2.0, True, 0, None])
def test_a_parameter_that_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(CaseError, match="'p' must be a whole number from 1 on"):
        whole({"p": value}, "p", 1)


@pytest.mark.parametrize("value", [[1], [""], 3])
def test_a_parameter_that_is_no_word_is_refused(value: object) -> None:
    with pytest.raises(CaseError, match="'p' must be a list of words"):
        words({"p": value}, "p")
