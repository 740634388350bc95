"""basis: a perpetual against spot, and the longest stretch beyond a threshold."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from _ticks import T0, Tick, measured, one, pick, small_lake, window
from liquest.clock import DAY, SECOND
from liquest.run.executor import Threads
from liquest.tape.lake import Lake

PERP = ("binance-futures", "ATOMUSDT")
INVERSE = ("binance-delivery", "ATOMUSD_PERP")
SPOT = ("binance", "ATOMUSDT")
COINBASE = ("coinbase", "ATOM-USD")


def flat(price: str, start: int = 0, end: int = 20) -> list[Tick]:
    return [Tick(second, price) for second in range(start, end)]


def test_extremes_median_and_the_longest_stretch(tmp_path: Path) -> None:
    # Beyond 5 % below in seconds 2-3 and 6-9, above in 12.
    perp = [Tick(0, "4"), Tick(2, "3"), Tick(4, "4"), Tick(6, "3.5"), Tick(8, "2"), Tick(10, "4"),
            Tick(12, "4.4"), Tick(13, "4.1")]  # fmt: skip
    lake = small_lake(tmp_path, {PERP: perp, SPOT: flat("4"), COINBASE: flat("9")})
    found = measured("basis", lake, window(0, 20))
    low = one(found, "basis.min")
    assert (low.value, low.unit, low.at) == (Decimal("-0.5"), "ratio", T0 + 8 * SECOND)
    assert low.subject == {
        "coin": "ATOM", "venue": "binance", "instrument": "ATOMUSDT",
        "kind": "linear-perpetual", "price": "trade", "against": "binance:spot:ATOMUSDT",
    }  # fmt: skip
    assert low.caveats == ()
    high = one(found, "basis.max")
    assert (high.value, high.at) == (Decimal("0.1"), T0 + 12 * SECOND)
    assert one(found, "basis.median").value == 0
    longest = one(found, "basis.longest", direction="below")
    assert (longest.value, longest.unit, longest.at) == (4, "s", T0 + 6 * SECOND)
    assert one(found, "basis.longest", direction="above").value == 1
    assert one(found, "basis.covered").value == 20


def test_never_beyond_is_a_stated_fact(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {PERP: flat("4.1"), SPOT: flat("4")})
    (longest,) = pick(measured("basis", lake, window(0, 20)), "basis.longest")
    assert (longest.value, longest.at, longest.params["direction"]) == (0, None, "below")


def test_the_first_of_equal_stretches_stands(tmp_path: Path) -> None:
    perp = [Tick(0, "4"), Tick(2, "3"), Tick(4, "4"), Tick(6, "3"), Tick(8, "4")]
    lake = small_lake(tmp_path, {PERP: perp, SPOT: flat("4")})
    longest = one(measured("basis", lake, window(0, 20)), "basis.longest")
    assert (longest.value, longest.at) == (2, T0 + 2 * SECOND)


def test_a_second_without_a_price_ends_a_stretch(tmp_path: Path) -> None:
    spot = [*flat("4", 0, 4), *flat("4", 10, 20)]
    lake = small_lake(tmp_path, {PERP: flat("3"), SPOT: spot})
    longest = one(measured("basis", lake, window(0, 20), max_age=1), "basis.longest")
    # Spot is known in 0-4 and 10-19; the stretch goes on beyond the window.
    assert (longest.value, longest.at) == (10, T0 + 10 * SECOND)
    assert {"stale-reference", "cut-by-window"} <= set(longest.caveats)


def test_a_stretch_across_midnight_is_one(tmp_path: Path) -> None:
    midnight = (DAY - T0 % DAY) // SECOND
    perp = [*flat("4", midnight - 20, midnight - 5), *flat("3", midnight - 5, midnight + 7),
            *flat("4", midnight + 7, midnight + 20)]  # fmt: skip
    lake = small_lake(tmp_path, {PERP: perp, SPOT: flat("4", midnight - 20, midnight + 20)})
    found = measured("basis", lake, window(midnight - 20, midnight + 20))
    longest = one(found, "basis.longest")
    assert (longest.value, longest.at) == (12, T0 + (midnight - 5) * SECOND)
    assert "cut-by-window" not in longest.caveats


def test_spot_of_the_same_venue_in_the_same_quote_comes_first(tmp_path: Path) -> None:
    lake = small_lake(
        tmp_path,
        {PERP: flat("4"), INVERSE: flat("3"), SPOT: flat("5"), ("binance", "ATOMUSDC"): flat("7"),
         COINBASE: flat("9")},
    )  # fmt: skip
    found = measured("basis", lake, window(0, 20))
    assert one(found, "basis.min", kind="linear-perpetual").value == Decimal("-0.2")
    inverse = one(found, "basis.min", kind="inverse-perpetual")
    assert inverse.subject["against"] == "median of spot at binance"
    assert (inverse.value, inverse.caveats) == (Decimal("-0.5"), ("mixed-quotes",))


def test_spot_of_other_venues_stands_in(tmp_path: Path) -> None:
    lake = small_lake(
        tmp_path, {INVERSE: flat("4"), COINBASE: flat("4"), ("gemini", "ATOMUSD"): flat("6")}
    )
    low = one(measured("basis", lake, window(0, 20)), "basis.min")
    assert low.subject["against"] == "median of spot"
    assert (low.value, low.caveats) == (Decimal("-0.2"), ("other-venue",))


def test_without_spot_there_is_no_basis(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {PERP: flat("4"), INVERSE: flat("4")})
    assert measured("basis", lake, window(0, 20)) == []
    stale = small_lake(tmp_path / "s", {PERP: flat("4", 10), SPOT: flat("4", 0, 2)})
    found = measured("basis", stale, window(4, 20), max_age=3, min_reach=0)
    assert [(f.name, f.value) for f in found] == [("basis.covered", 0)]


def test_binance_coin_m_in_the_crash(real_lake: Lake) -> None:
    span = window("2025-10-10T21:10:00Z", "2025-10-10T21:40:00Z", "crash")
    found = measured("basis", real_lake, span, Threads(2))
    trx = one(found, "basis.min", coin="TRX")
    assert trx.subject["against"] == "binance:spot:TRXUSDT"
    assert (str(trx.value), trx.at) == ("-0.057232", span.start + (9 * 60 + 53) * SECOND)
    assert one(found, "basis.longest", coin="TRX").value == 13
    wld = one(found, "basis.longest", coin="WLD")
    assert (wld.value, wld.at) == (1449, span.start + (5 * 60 + 51) * SECOND)
    assert "cut-by-window" in wld.caveats
    assert str(one(found, "basis.min", coin="DOT").value) == "-0.796289"
