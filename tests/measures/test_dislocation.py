"""dislocation: a venue against the median of the others, or against one that is named."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from _ticks import T0, Tick, measured, one, pick, small_lake, window
from liquest.clock import SECOND
from liquest.errors import CaseError
from liquest.findings import Finding
from liquest.measures import Context, measure, params_of, run
from liquest.run.executor import Inline, Threads
from liquest.tape.lake import Lake

COINBASE = ("coinbase", "ATOM-USD")
GEMINI = ("gemini", "ATOMUSD")
SPOT = ("binance", "ATOMUSDT")
COIN_M = ("binance-delivery", "ATOMUSD_PERP")
CRASH = window("2025-10-10T21:10:00Z", "2025-10-10T21:40:00Z", "crash")


def flat(price: str, start: int = 0, end: int = 10) -> list[Tick]:
    """One trade a second at one price."""
    return [Tick(second, price) for second in range(start, end)]


@pytest.fixture
def crash_lake(tmp_path: Path) -> Lake:
    """Binance falls from 4 to 1 against two steady venues, and comes back to 4.5."""
    fallen = [Tick(0, "4"), Tick(2, "3.7"), Tick(3, "1"), Tick(4, "2"), Tick(6, "4"), Tick(8, "5")]
    return small_lake(
        tmp_path, {SPOT: fallen, COINBASE: flat("4"), GEMINI: flat("4.4", 0, 2) + flat("4", 2)}
    )


def test_the_path_of_one_venue_by_hand(crash_lake: Lake) -> None:
    found = measured("dislocation", crash_lake, window(0, 10))
    mine = [f for f in found if f.subject["venue"] == "binance"]
    low = one(mine, "dislocation.max_below")
    assert (low.value, low.unit, low.at, low.count) == (
        Decimal("-0.75"),
        "ratio",
        T0 + 3_000_000,
        1,
    )
    assert low.subject == {
        "coin": "ATOM", "venue": "binance", "instrument": "ATOMUSDT", "kind": "spot",
        "price": "trade", "against": "median of others",
    }  # fmt: skip
    assert low.params["others"] == ["coinbase:spot:ATOM-USD", "gemini:spot:ATOMUSD"]
    # 4 against (4 + 4.4) / 2 in the first two seconds is 4.76 % below: not beyond 5 %.
    high = one(mine, "dislocation.max_above")
    assert (high.value, high.at) == (Decimal("0.25"), T0 + 8_000_000)
    times = {
        (f.name.split(".")[1], str(f.params["threshold"])): f.value
        for f in mine
        if "threshold" in f.params
    }
    assert times["time_below", "0.05"] == 4
    assert times["time_below", "0.10"] == times["time_below", "0.20"] == 3
    # 1 against 4 is 75 % below and 2 against 4 exactly 50 %: only the first is beyond.
    assert times["time_below", "0.50"] == 1
    assert times["time_above", "0.20"] == 2
    assert ("time_above", "0.50") not in times
    onset, end = (
        one(mine, f"dislocation.{n}", direction="below", threshold="0.05") for n in ("onset", "end")
    )
    assert (onset.value, onset.at) == (2, T0 + 2 * SECOND)
    assert (end.value, end.at) == (5, T0 + 5 * SECOND)
    assert one(mine, "dislocation.covered").value == 10


def test_a_finding_points_to_the_decisive_rows(crash_lake: Lake) -> None:
    found = measured("dislocation", crash_lake, window(0, 10))
    low = one(found, "dislocation.max_below", venue="binance")
    sources = {p.instrument.venue: p.source for p in crash_lake.of("seconds")}
    assert [(i.source, i.first, i.last) for i in low.inputs if i.role == "extreme"] == [
        (sources["binance"], 4, 4), (sources["coinbase"], 5, 5), (sources["gemini"], 5, 5),
    ]  # fmt: skip
    assert {i.source for i in low.inputs if i.role == "scanned"} == set(sources.values())
    time = one(found, "dislocation.time_below", venue="binance", threshold="0.05")
    assert {i.role for i in time.inputs} == {"scanned"}


def test_never_below_is_a_stated_fact(crash_lake: Lake) -> None:
    found = measured("dislocation", crash_lake, window(0, 2))
    times = pick(found, "dislocation.time_below", venue="binance")
    assert [(f.value, str(f.params["threshold"])) for f in times] == [(0, "0.05")]
    assert pick(found, "dislocation.onset", venue="binance") == []


def test_what_the_window_cuts_is_marked(crash_lake: Lake) -> None:
    found = measured("dislocation", crash_lake, window(3, 5))
    mine = [f for f in found if f.subject["venue"] == "binance"]
    for name in ("onset", "end"):
        edge = one(mine, f"dislocation.{name}", threshold="0.05")
        assert "cut-by-window" in edge.caveats
    inner = measured("dislocation", crash_lake, window(0, 10))
    onset = one(inner, "dislocation.onset", venue="binance", direction="below", threshold="0.05")
    assert "cut-by-window" not in onset.caveats


def test_a_named_reference(crash_lake: Lake) -> None:
    found = measured("dislocation", crash_lake, window(0, 10), reference="gemini")
    low = one(found, "dislocation.max_below", venue="coinbase")
    assert low.subject["against"] == "gemini:spot:ATOMUSD"
    assert low.value == Decimal("-0.090909")
    assert "two-venues" in low.caveats
    assert {f.subject["venue"] for f in found} == {"binance", "coinbase"}


def test_a_named_reference_that_is_not_there_is_a_problem(crash_lake: Lake) -> None:
    chosen = measure("dislocation")
    params = params_of(chosen, {"reference": "kraken"})
    found, problems = run(chosen, Context(crash_lake, {"w": window(0, 10)}, params), Inline())
    assert found == []
    assert [p.code for p in problems] == ["no-reference"]
    assert "kraken" in problems[0].text.en and "kraken" in problems[0].text.zh


def test_one_venue_alone_says_nothing(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {SPOT: flat("4"), COIN_M: flat("1")})
    assert measured("dislocation", lake, window(0, 10)) == []


def test_a_reference_that_is_never_fresh(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {SPOT: flat("4", 20, 30), COINBASE: [Tick(0, "8")]})
    found = measured("dislocation", lake, window(20, 30), max_age=19, min_reach=0)
    ours = [f for f in found if f.subject["venue"] == "binance"]
    assert [(f.name, f.value, f.count) for f in ours] == [("dislocation.covered", 0, 0)]
    assert set(ours[0].caveats) == {"mixed-quotes", "two-venues", "stale-reference"}
    fresher = measured("dislocation", lake, window(20, 30), max_age=20, min_reach=0)
    assert one(fresher, "dislocation.covered", venue="binance").value == 1
    low = one(fresher, "dislocation.max_below", venue="binance")
    assert (low.value, low.params["oldest"]) == (Decimal("-0.5"), 20)
    assert "aged-price" in low.caveats


def test_its_own_missing_price_is_told_from_a_missing_reference(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {SPOT: flat("4", 0, 3), COINBASE: flat("4", 0, 10)})
    found = measured("dislocation", lake, window(0, 10), max_age=1)
    ours = one(found, "dislocation.covered", venue="binance")
    assert ours.value == 4
    assert "stale-price" in ours.caveats and "stale-reference" not in ours.caveats
    theirs = one(found, "dislocation.covered", venue="coinbase")
    assert "stale-reference" in theirs.caveats and "stale-price" not in theirs.caveats


def test_fewer_fresh_venues_than_wanted_give_no_reference(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {SPOT: flat("4"), COINBASE: flat("5"), GEMINI: flat("6", 8)})
    found = measured("dislocation", lake, window(0, 10), min_others=2)
    assert one(found, "dislocation.covered", venue="binance").value == 2
    low = one(found, "dislocation.max_below", venue="binance")
    assert (low.value, low.at) == (Decimal("-0.272727"), T0 + 8 * SECOND)


def test_a_venue_with_three_instruments_has_one_voice(tmp_path: Path) -> None:
    pairs = [("binance", s) for s in ("ATOMUSDT", "ATOMUSDC", "ATOMFDUSD")]
    prices = dict(zip(pairs, [flat("1"), flat("2"), flat("9")], strict=True))
    lake = small_lake(tmp_path, {**prices, COINBASE: flat("4"), GEMINI: flat("6")})
    found = measured("dislocation", lake, window(0, 10))
    # Coinbase against the median of Binance (2) and Gemini (6): 4, so it is not away at all.
    mine = [f for f in found if f.subject["venue"] == "coinbase"]
    assert [(f.name, f.value) for f in mine] == [
        ("dislocation.covered", 10), ("dislocation.time_below", 0),
    ]  # fmt: skip


def test_like_is_compared_with_like_first(tmp_path: Path) -> None:
    swap = ("bybit", "ATOMUSDT")
    lake = small_lake(
        tmp_path, {SPOT: flat("4"), COIN_M: flat("1"), COINBASE: flat("4"), swap: flat("1")}
    )
    found = measured("dislocation", lake, window(0, 10))
    spot = one(found, "dislocation.covered", instrument="ATOM-USD")
    # Of Binance spot stands for spot; Bybit has a perpetual only.
    assert spot.params["others"] == ["binance:spot:ATOMUSDT", "bybit:linear-perpetual:ATOMUSDT"]
    inverse = one(found, "dislocation.covered", instrument="ATOMUSD_PERP")
    assert "bybit:linear-perpetual:ATOMUSDT" in inverse.params["others"]
    linear = one(found, "dislocation.covered", kind="linear-perpetual")
    assert linear.params["others"] == [
        "binance:inverse-perpetual:ATOMUSD_PERP", "coinbase:spot:ATOM-USD",
    ]  # fmt: skip
    assert set(spot.caveats) == {"mixed-kinds", "mixed-quotes"}


def test_prices_in_other_money_are_not_compared(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {("kraken", "ATOM/EUR"): flat("4"), COINBASE: flat("5")})
    assert measured("dislocation", lake, window(0, 10)) == []


def test_a_price_for_a_thousand_coins_is_divided(tmp_path: Path) -> None:
    lake = small_lake(
        tmp_path,
        {
            ("binance-futures", "1000PEPEUSDT"): flat("0.009"),
            ("okex", "PEPE-USDT"): flat("0.00001"),
        },
    )
    found = measured("dislocation", lake, window(0, 10))
    assert one(found, "dislocation.max_below", venue="binance").value == Decimal("-0.1")
    assert one(found, "dislocation.max_above", venue="okx").value == Decimal("0.111111")


def test_no_trade_before_or_in_the_window(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {SPOT: flat("4", 100, 110), COINBASE: flat("4", 100, 110)})
    assert measured("dislocation", lake, window(0, 10)) == []
    assert measured("dislocation", lake, window(300, 310)) == []


def test_days_without_rows_lie_between(tmp_path: Path) -> None:
    later = 2 * 86_400
    rows = flat("4") + flat("4", later, later + 10)
    lake = small_lake(tmp_path, {SPOT: rows, COINBASE: rows})
    found = measured("dislocation", lake, window(0, later + 10))
    # Ten seconds and sixty more in which the last price is fresh, then ten again.
    assert one(found, "dislocation.covered", venue="binance").value == 80


@pytest.mark.parametrize(
    "bad",
    [{"max_age": -1}, {"max_age": "60"}, {"min_others": 0}, {"thresholds": []},
     {"windows": ["nowhere"]}],
)  # fmt: skip
def test_parameters_that_cannot_be_used_are_refused(crash_lake: Lake, bad: dict[str, Any]) -> None:
    with pytest.raises(CaseError):
        measured("dislocation", crash_lake, window(0, 10), **bad)


def real(lake: Lake, **params: str) -> list[Finding]:
    return measured("dislocation", lake, CRASH, Threads(2), **params)


def test_atom_on_binance_coin_m_against_coinbase(real_lake: Lake) -> None:
    found = real(real_lake, reference="coinbase")
    mine = [f for f in found if f.subject["instrument"] == "ATOMUSD_PERP"]
    assert {f.subject["against"] for f in mine} == {"coinbase:spot:ATOM-USD"}
    low = one(mine, "dislocation.max_below")
    assert (str(low.value), low.at) == ("-0.706455", CRASH.start + (11 * 60 + 36) * SECOND)
    assert set(low.caveats) == {"mixed-kinds", "two-venues"}
    below = pick(mine, "dislocation.time_below")
    assert [f.value for f in below] == [1390, 1243, 1105, 777]
    onset = one(mine, "dislocation.onset", direction="below", threshold="0.20")
    end = one(mine, "dislocation.end", direction="below", threshold="0.50")
    assert (onset.value, end.value) == (405, 1337)
    assert one(mine, "dislocation.covered").value == 1800


def test_coinbase_atom_was_never_5_percent_below_the_others(real_lake: Lake) -> None:
    found = [f for f in real(real_lake) if f.subject["instrument"] == "ATOM-USD"]
    times = pick(found, "dislocation.time_below")
    assert [(f.value, str(f.params["threshold"])) for f in times] == [(0, "0.05")]
