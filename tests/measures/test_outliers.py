"""outliers: coins whose low on one venue lies far below the second-lowest venue's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from _ticks import Tick, one, outcome, pick, same_everywhere, small_lake, window
from liquest.errors import CaseError
from liquest.findings import Finding
from liquest.instruments import identify
from liquest.measures import Context, outliers
from liquest.measures._extreme import Extreme
from liquest.tape.lake import Lake
from liquest.tape.tracks import Track

SPAN = window(0, 60)
Lows = Mapping[tuple[str, str], str]
"""Price by (market, symbol)."""


def extremes(lows: Lows) -> list[Extreme]:
    """Lows without any data behind them."""
    return [low(market, symbol, price) for (market, symbol), price in lows.items()]


def low(market: str, symbol: str, price: str) -> Extreme:
    track = Track(Path(), identify(market, symbol), "trade", "trades", 0, ())
    return Extreme(
        track=track,
        window=SPAN,
        price=Decimal(price),
        at=SPAN.start,
        start=SPAN.start,
        source=market,
        row_no=2,
        n_at=9,
        volume_at=None,
        n_near=99,
        volume_near=None,
        scanned=10,
        caveats=(),
    )


def merged(partials: Sequence[Extreme]) -> list[Finding]:
    context = Context(Lake(Path(), ()), {"w": SPAN}, outliers.DEFAULTS)
    return outliers.merge(context, [partials])[0]


def coins(found: list[Finding]) -> set[tuple[str, str, str, str]]:
    """Kind compared, coin, venue, shortfall."""
    return {
        (f.subject["compared"], f.subject["coin"], f.subject["venue"], str(f.value))
        for f in pick(found, "outliers.coin")
    }


def one_low(price: str) -> list[Tick]:
    return [Tick(1, "9999"), Tick(2, price)]


LISTED = {
    ("binance", "ATOMUSDT"): one_low("1.0"),
    ("coinbase", "ATOM-USD"): one_low("3.0"),
    ("kraken", "ATOM/USD"): one_low("2.5"),
    ("binance", "BCHUSDT"): one_low("460"),
    ("coinbase", "BCH-USD"): one_low("500"),
    ("binance", "SKYUSDT"): one_low("0.8"),
    ("coinbase", "SKY-USD"): one_low("1.0"),
    ("kraken", "ONLY/USD"): one_low("1"),
}


def test_shortfall_count_and_share_by_hand(tmp_path: Path) -> None:
    found = same_everywhere("outliers", small_lake(tmp_path, LISTED), SPAN)
    # (2.5 - 1) / 2.5, (1 - 0.8) / 1; BCH is 8 % below and no outlier
    assert coins(found) == {
        (kind, coin, "binance", short)
        for kind in ("spot", "all")
        for coin, short in (("ATOM", "0.600000"), ("SKY", "0.200000"))
    }
    atom = one(found, "outliers.coin", coin="ATOM", compared="spot")
    assert atom.subject["against"] == "second-lowest venue"
    assert atom.params["second_instrument"] == "kraken:spot:ATOM/USD trade"
    assert atom.params["threshold"] == Decimal("0.5")
    assert atom.params["venues"] == ["binance", "kraken", "coinbase"]
    assert (atom.count, "two-venues" in atom.caveats) == (3, False)
    assert "two-venues" in one(found, "outliers.coin", coin="SKY", compared="spot").caveats
    rows = [i.first for i in atom.inputs if i.role == "extreme"]
    assert rows == [3, 3]

    def of(name: str, venue: str, threshold: str, least: int) -> Finding:
        chosen = pick(found, f"outliers.{name}", venue=venue, kind="spot", threshold=threshold)
        (single,) = [f for f in chosen if f.params["min_venues"] == least]
        return single

    assert (of("count", "binance", "0.1", 2).value, of("count", "binance", "0.1", 2).count) == (
        2,
        3,
    )
    assert of("share", "binance", "0.1", 2).value == Decimal("0.666667")
    assert of("share", "binance", "0.5", 2).value == Decimal("0.333333")
    assert of("count", "coinbase", "0.1", 2).value == 0
    assert (of("count", "kraken", "0.1", 2).value, of("count", "kraken", "0.1", 2).count) == (0, 1)
    assert (of("share", "binance", "0.1", 3).value, of("share", "binance", "0.1", 3).count) == (
        1,
        1,
    )
    assert of("count", "binance", "0.1", 2).unit == "coins"
    assert of("count", "binance", "0.1", 2).params["coins"] == ["ATOM", "SKY"]
    assert "mixed-quotes" in of("share", "binance", "0.1", 2).caveats


def test_kinds_by_themselves_and_a_venue_once_in_all() -> None:
    found = merged(
        extremes(
            {
                ("binance", "ATOMUSDT"): "2.0",
                ("binance", "ATOMUSDC"): "1.9",
                ("binance-delivery", "ATOMUSD_PERP"): "1.0",
                ("bybit", "ATOMUSD"): "2.5",
                ("coinbase", "ATOM-USD"): "3.5",
            }
        )
    )
    assert coins(found) == {
        # the lower of two pairs of one venue stands for it
        ("spot", "ATOM", "binance", "0.457143"),
        ("inverse-perpetual", "ATOM", "binance", "0.600000"),
        # Binance's own spot does not shield its perpetual
        ("all", "ATOM", "binance", "0.600000"),
    }
    assert "mixed-kinds" not in one(found, "outliers.coin", compared="inverse-perpetual").caveats


def test_exactly_at_the_threshold_is_no_outlier() -> None:
    assert not coins(merged(extremes({("a", "X-USD"): "0.9", ("b", "X-USD"): "1.0"})))
    assert coins(merged(extremes({("a", "X-USD"): "0.899999", ("b", "X-USD"): "1.0"})))


def test_two_venues_equally_low_shield_each_other() -> None:
    same = {("a", "X-USD"): "1", ("b", "X-USD"): "1", ("c", "X-USD"): "9"}
    assert not coins(merged(extremes(same)))


def test_nothing_in_the_window_is_said(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, LISTED)
    found, problems = outcome("outliers", lake, window(500, 600, "later"))
    assert (found, [p.code for p in problems]) == ([], ["nothing-to-compare"])


@pytest.mark.parametrize("thresholds", [["x"], ["-0.1"], [None], []])
def test_thresholds_that_are_none_are_refused(tmp_path: Path, thresholds: list[object]) -> None:
    lake = small_lake(tmp_path, LISTED)
    with pytest.raises(CaseError, match="thresholds"):
        outcome("outliers", lake, SPAN, thresholds=thresholds)


def test_one_venue_is_too_few_to_compare(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="min_venues"):
        outcome("outliers", small_lake(tmp_path, LISTED), SPAN, min_venues=[1])


def test_a_float_of_the_case_file_is_taken_as_written(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, LISTED)
    assert (
        outcome("outliers", lake, SPAN, thresholds=[0.1, 0.5])[0]
        == outcome("outliers", lake, SPAN, thresholds=["0.1", "0.5"])[0]
    )


symbols = st.sampled_from(["X-USD", "Y-USD", "Z-USD"])
markets = st.sampled_from(["a", "b", "c", "d", "e"])
prices = st.integers(1, 200).map(lambda n: str(Decimal(n) / 8))
lows = st.dictionaries(st.tuples(markets, symbols), prices, min_size=2, max_size=12)


@settings(max_examples=50, deadline=None)
@given(lows, st.randoms(use_true_random=False))
def test_order_does_not_matter(some: Lows, random: object) -> None:
    first = extremes(some)
    again = list(first)
    random.shuffle(again)  # type: ignore[attr-defined]
    assert {f.id for f in merged(first)} == {f.id for f in merged(again)}


@settings(max_examples=50, deadline=None)
@given(lows, symbols, prices)
def test_a_further_venue_that_is_not_lower_changes_no_outlier(
    some: Lows, symbol: str, price: str
) -> None:
    known = sorted(Decimal(p) for (_, s), p in some.items() if s == symbol)
    assume(len(known) >= 2 and Decimal(price) >= known[1])
    more = {**some, ("zzz", symbol): price}
    assert coins(merged(extremes(some))) == coins(merged(extremes(more)))


@settings(max_examples=50, deadline=None)
@given(lows)
def test_outliers_by_hand(some: Lows) -> None:
    expected = set()
    for symbol in {s for _, s in some}:
        own = sorted((Decimal(p), m) for (m, s), p in some.items() if s == symbol)
        if len(own) > 1 and own[0][0] < own[1][0] * Decimal("0.9"):
            expected.add((symbol.removesuffix("-USD"), own[0][1]))
    found = coins(merged(extremes(some)))
    assert {(coin, venue) for kind, coin, venue, _ in found if kind == "spot"} == expected
    assert {x[1:] for x in found if x[0] == "spot"} == {x[1:] for x in found if x[0] == "all"}


@settings(max_examples=50, deadline=None)
@given(lows)
def test_the_counts_of_all_venues_are_the_coins(some: Lows) -> None:
    found = merged(extremes(some))
    for threshold in ("0.1", "0.5"):
        counted = [
            f
            for f in pick(found, "outliers.count", kind="spot", threshold=threshold)
            if f.params["min_venues"] == 2
        ]
        beyond = [
            f
            for f in pick(found, "outliers.coin", compared="spot")
            if f.params["threshold"] >= Decimal(threshold)
        ]
        assert sum(int(f.value or 0) for f in counted) == len(beyond)


def test_cases_side_by_side() -> None:
    now = merged(extremes({("a", "X-USD"): "1", ("b", "X-USD"): "4", ("b", "Y-USD"): "1"}))
    before = merged(extremes({("a", "X-USD"): "4", ("b", "X-USD"): "4"}))
    # as they come back from the file: ids checked, numbers as text
    read = [Finding.of(json.loads(json.dumps(f.json()))) for f in now]
    rows = outliers.compare({"2025-10": read, "2024-08": before})
    row = next(
        r
        for r in rows
        if (r.venue, r.kind, r.threshold, r.min_venues) == ("a", "spot", Decimal("0.5"), 2)
    )
    cell = row.cells[("2025-10", "w")]
    assert (cell.count, cell.compared, cell.share) == (1, 1, Decimal(1))
    assert cell.ids[0] in {f.id for f in now}
    assert row.cells[("2024-08", "w")].count == 0
    assert outliers.compare({}) == []


def test_two_windows_of_one_case_stay_apart(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, LISTED)
    found, _ = outcome("outliers", lake, SPAN, window(1, 2, "quiet"))
    row = outliers.compare({"case": found})[0]
    assert set(row.cells) == {("case", "w"), ("case", "quiet")}


def test_the_coins_of_the_day(real_lake: Lake) -> None:
    crash = window("2025-10-10T21:10:00Z", "2025-10-10T21:40:00Z")
    found, problems = outcome("outliers", real_lake, crash)
    assert problems == []
    count = [
        f
        for f in pick(found, "outliers.count", venue="binance", kind="all", threshold="0.5")
        if f.params["min_venues"] == 2
    ]
    assert (count[0].value, count[0].count) == (6, 9)
    assert count[0].params["coins"] == ["AAVE", "ATOM", "AVAX", "DOT", "UNI", "WLD"]
    assert "mixed-kinds" in count[0].caveats
    # like with like: of Binance spot only POL, SKY, TRX are at hand, and POL is one
    pol = one(found, "outliers.coin", coin="POL", compared="spot")
    assert (pol.value, pol.count) == (Decimal("0.232"), 3)
