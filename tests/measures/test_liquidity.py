"""liquidity: impact, pace and gaps from trades alone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from _ticks import T0, Tick, measured, one, outcome, pick, same_everywhere, small_lake, window
from liquest.clock import MINUTE
from liquest.tape.lake import Lake

D = Decimal
ATOM = ("binance", "ATOMUSDT")


def minutes(closes: list[str], amount: str = "1") -> list[Tick]:
    """One trade a minute, half a minute in."""
    return [Tick(60 * n + 30, close, amount) for n, close in enumerate(closes)]


def test_impact_by_hand(tmp_path: Path) -> None:
    # Moves of 100, 200 and 300 bps on 404, 396 and 408 of notional.
    lake = small_lake(tmp_path, {ATOM: minutes(["4", "4.04", "3.9592", "4.077976"], "100")})
    found = measured("liquidity", lake, window(0, 240))
    impact = one(found, "liquidity.impact")
    each = sorted([100 / D("0.000404"), 200 / D("0.00039592"), 300 / D("0.0004077976")])
    assert isinstance(impact.value, Decimal)
    assert abs(impact.value - each[1]) < D("0.001")
    assert (impact.unit, impact.params["currency"]) == ("bps/M", "USD")
    assert pick(found, "liquidity.impact_ratio") == []
    jump = one(found, "liquidity.jump")
    assert (jump.value, jump.unit, jump.at) == (D("300"), "bps", T0 + 210 * 1_000_000)
    assert [i.first for i in jump.inputs if i.role == "extreme"] == [5]


def test_the_length_before_is_what_it_is_compared_with(tmp_path: Path) -> None:
    calm = ["4", "4.004", "4", "4.004", "4"]
    wild = ["4.2", "3.8", "4.2", "3.8", "4.2"]
    lake = small_lake(tmp_path, {ATOM: minutes(calm + wild)})
    ratio = one(measured("liquidity", lake, window(300, 600)), "liquidity.impact_ratio")
    assert isinstance(ratio.value, Decimal) and 80 < ratio.value < 120


def test_pace_and_idle_minutes(tmp_path: Path) -> None:
    trades = [Tick(n, "4") for n in (1, 2, 3, 61, 62, 190, 191, 192, 193)]
    found = measured("liquidity", small_lake(tmp_path, {ATOM: trades}), window(0, 300))
    assert one(found, "liquidity.pace").value == 2
    slow = one(found, "liquidity.slowest")
    assert (slow.value, slow.at) == (0, T0 + 2 * MINUTE)
    assert one(found, "liquidity.idle").value == 2
    assert one(found, "liquidity.jump").value == 0


def test_without_trades_the_measure_says_so(tmp_path: Path) -> None:
    found, problems = outcome("liquidity", small_lake(tmp_path, {}), window(0, 60))
    assert found == [] and [p.code for p in problems] == ["nothing-to-compare"]


def test_every_executor_finds_the_same(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {ATOM: minutes(["4", "3", "4"]), ("okex", "ATOM-USDT"):
                                 minutes(["4", "4.1", "4"])})  # fmt: skip
    same_everywhere("liquidity", lake, window(0, 180))


def test_coin_m_in_the_crash_is_thinner_than_before(real_lake: Lake) -> None:
    span = window("2025-10-10T21:10:00Z", "2025-10-10T21:40:00Z", "crash")
    found = measured("liquidity", real_lake, span)
    ratio = one(found, "liquidity.impact_ratio", instrument="ATOMUSD_PERP")
    assert isinstance(ratio.value, Decimal) and ratio.value > 5
    assert one(found, "liquidity.pace", instrument="ATOMUSD_PERP").value == 273
