"""decoupling: a stablecoin's prices against state money, the stablecoin taken out."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from _ticks import T0, Tick, measured, one, pick, small_lake, window
from liquest.clock import SECOND
from liquest.errors import CaseError
from liquest.run.executor import Threads
from liquest.tape.lake import Lake

USD = ("coinbase", "ATOM-USD")
USDT = ("binance", "ATOMUSDT")


def flat(price: str, start: int = 0, end: int = 10) -> list[Tick]:
    return [Tick(second, price) for second in range(start, end)]


FALL = [*flat("4", 0, 4), Tick(4, "3"), Tick(5, "1.9"), Tick(6, "5"), *flat("4", 7, 10)]


def test_the_stablecoin_is_taken_at_one_where_it_is_not_known(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {USD: flat("4"), USDT: FALL})
    found = measured("decoupling", lake, window(0, 10))
    low = one(found, "decoupling.max")
    assert (low.value, low.unit, low.at) == (Decimal("-0.525"), "ratio", T0 + 5 * SECOND)
    assert low.subject == {"coin": "ATOM", "quote": "USDT", "against": "USD"}
    assert low.caveats == ("stablecoin-unknown", "two-venues")
    assert low.params["stablecoin"] == []
    high = one(found, "decoupling.max_above")
    assert (high.value, high.at) == (Decimal("0.25"), T0 + 6 * SECOND)
    assert one(found, "decoupling.median").value == 0
    assert one(found, "decoupling.covered").value == 10
    times = pick(found, "decoupling.time_below")
    assert [(str(f.params["threshold"]), f.value) for f in times] == [
        ("0.05", 2), ("0.10", 2), ("0.20", 2), ("0.50", 1),
    ]  # fmt: skip
    assert [f.value for f in pick(found, "decoupling.time_above")] == [1, 1, 1]


def test_the_stablecoins_own_price_is_taken_out(tmp_path: Path) -> None:
    usdt = [Tick(0, "1.00"), Tick(5, "0.95")]
    lake = small_lake(
        tmp_path,
        {USD: flat("3.8"), USDT: flat("4"), ("kraken", "USDT/USD"): usdt},
    )
    found = measured("decoupling", lake, window(0, 10))
    # 4 · 1.00 / 3.8 is 5.26 % above; 4 · 0.95 / 3.8 is exactly even.
    assert one(found, "decoupling.max_above", coin="ATOM").value == Decimal("0.052632")
    low = one(found, "decoupling.max", coin="ATOM")
    assert (low.value, low.at) == (0, T0 + 5 * SECOND)
    assert low.params["stablecoin"] == ["kraken:spot:USDT/USD"]
    assert "stablecoin-unknown" not in low.caveats
    assert len([i for i in low.inputs if i.role == "extreme"]) == 3
    assert one(found, "decoupling.median", coin="ATOM").value == Decimal("0.026316")


def test_a_second_without_the_stablecoins_price_is_not_covered(tmp_path: Path) -> None:
    lake = small_lake(
        tmp_path, {USD: flat("4"), USDT: flat("4"), ("kraken", "USDT/USD"): [Tick(2, "0.9")]}
    )
    found = measured("decoupling", lake, window(0, 10), max_age=3)
    covered = one(found, "decoupling.covered")
    assert covered.value == 4
    assert "stale-price" in covered.caveats


def test_each_stablecoin_stands_for_itself(tmp_path: Path) -> None:
    lake = small_lake(
        tmp_path, {USD: flat("4"), USDT: flat("3"), ("binance", "ATOMUSDC"): flat("2")}
    )
    found = measured("decoupling", lake, window(0, 10))
    lows = {f.subject["quote"]: f.value for f in pick(found, "decoupling.max")}
    assert lows == {"USDT": Decimal("-0.25"), "USDC": Decimal("-0.5")}


def test_medians_on_both_sides(tmp_path: Path) -> None:
    lake = small_lake(
        tmp_path,
        {
            USD: flat("4"), ("gemini", "ATOMUSD"): flat("5"), ("kraken", "ATOM/USD"): flat("9"),
            USDT: flat("3"), ("okex", "ATOM-USDT"): flat("4"),
        },
    )  # fmt: skip
    found = measured("decoupling", lake, window(0, 10))
    low = one(found, "decoupling.max")
    assert low.value == Decimal("-0.3")
    assert low.caveats == ("stablecoin-unknown",)


def test_never_below_and_no_pair(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {USD: flat("4"), USDT: flat("4.1")})
    found = measured("decoupling", lake, window(0, 10))
    assert one(found, "decoupling.time_below").value == 0
    assert one(found, "decoupling.max").value == Decimal("0.025")
    only = small_lake(tmp_path / "only", {USDT: flat("4"), ("okex", "ATOM-USDT"): flat("4")})
    assert measured("decoupling", only, window(0, 10)) == []


def test_never_fresh_at_once(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {USD: flat("4", 0, 2), USDT: flat("4", 5, 10)})
    found = measured("decoupling", lake, window(0, 10), max_age=2)
    assert [(f.name, f.value) for f in found] == [("decoupling.covered", 0)]


def test_perpetuals_stand_in_only_when_asked(tmp_path: Path) -> None:
    swap, inverse = ("binance-futures", "ATOMUSDT"), ("binance-delivery", "ATOMUSD_PERP")
    lake = small_lake(tmp_path, {USD: flat("4"), swap: flat("2"), inverse: flat("1")})
    assert measured("decoupling", lake, window(0, 10)) == []
    found = measured("decoupling", lake, window(0, 10), include_perpetuals=True)
    low = one(found, "decoupling.max")
    assert low.value == Decimal("-0.5")
    assert low.params["top"] == ["binance:linear-perpetual:ATOMUSDT"]
    assert "mixed-kinds" in low.caveats
    both = small_lake(tmp_path / "both", {USD: flat("4"), swap: flat("2"), USDT: flat("3")})
    spot = measured("decoupling", both, window(0, 10), include_perpetuals=True)
    assert one(spot, "decoupling.max").value == Decimal("-0.25")


def test_kinds_can_be_chosen_and_must_exist(tmp_path: Path) -> None:
    swap, perp = ("binance-futures", "ATOMUSDT"), ("dex", "ATOM-USD-SWAP")
    lake = small_lake(tmp_path, {swap: flat("2"), perp: flat("4")})
    found = measured("decoupling", lake, window(0, 10), kinds=["linear-perpetual"])
    assert one(found, "decoupling.max").value == Decimal("-0.5")
    with pytest.raises(CaseError, match="cash"):
        measured("decoupling", lake, window(0, 10), kinds=["cash"])


def test_pol_on_binance_in_the_crash(real_lake: Lake) -> None:
    span = window("2025-10-10T21:10:00Z", "2025-10-10T21:40:00Z", "crash")
    found = measured("decoupling", real_lake, span, Threads(2))
    assert {f.subject["coin"] for f in found} == {"POL", "SKY"}
    low = one(found, "decoupling.max", coin="POL")
    assert (str(low.value), low.at) == ("-0.385565", span.start + (17 * 60 + 28) * SECOND)
    assert one(found, "decoupling.covered", coin="POL").value == 1735
    assert str(one(found, "decoupling.median", coin="POL").value) == "-0.221935"
    assert "stablecoin-unknown" in low.caveats
