"""Which tracks are compared: those of one money whose data reach over enough of the window."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from _ticks import Tick, measured, one, small_lake, window
from liquest.errors import CaseError
from liquest.measures import Context, measure, params_of, run
from liquest.measures._coins import money, thresholds
from liquest.problems import KEPT
from liquest.run.executor import Inline


@pytest.mark.parametrize("bad", [[], ["0"], ["-0.1"], ["x"], "nan", None])
def test_thresholds_must_be_above_zero(bad: object) -> None:
    with pytest.raises(CaseError, match="x"):
        thresholds({"x": bad}, "x")


def test_thresholds_come_in_rising_order_and_once() -> None:
    assert thresholds({"x": [0.2, "0.05", "0.20"]}, "x") == (Decimal("0.05"), Decimal("0.2"))


def test_stablecoins_are_compared_with_the_dollar_and_other_money_is_not() -> None:
    assert money("USDT") == money("USDC") == money("USD") == "USD"
    assert money("EUR") == "EUR"


def flat(price: str) -> list[Tick]:
    return [Tick(second, price) for second in range(-70, 120)]


@pytest.mark.parametrize("name", ["dislocation", "decoupling", "basis", "wick"])
def test_a_lone_sweep_is_no_path_and_no_reference(tmp_path: Path, name: str) -> None:
    # Spot of Binance is at hand for one microsecond, at a price that nobody saw again.
    sweep = [Tick("30.689043", p) for p in ("1.688", "0.5", "0.001")]
    lake = small_lake(
        tmp_path,
        {
            ("binance", "ATOMUSDT"): sweep,
            ("binance-delivery", "ATOMUSD_PERP"): flat("3"),
            ("coinbase", "ATOM-USD"): flat("4"),
        },
    )
    chosen = measure(name)
    params = params_of(chosen, {})
    found, problems = run(chosen, Context(lake, {"w": window(0, 120)}, params), Inline())
    assert "ATOMUSDT" not in {f.subject.get("instrument") for f in found}
    assert not any("0.001" in str(f.params) for f in found)
    (problem,) = problems
    assert (problem.code, problem.effect, problem.count) == ("fragment", KEPT, 1)
    assert (problem.first, problem.last) == (2, 4)
    assert "binance:spot:ATOMUSDT" in problem.text.en and name in problem.text.zh
    if name == "basis":
        assert one(found, "basis.min").subject["against"] == "coinbase:spot:ATOM-USD"
    if name == "dislocation":
        covered = one(found, "dislocation.covered", venue="coinbase")
        assert covered.params["others"] == ["binance:inverse-perpetual:ATOMUSD_PERP"]


def test_a_thin_venue_is_no_fragment(tmp_path: Path) -> None:
    thin = [Tick(5, "3"), Tick(115, "3")]
    lake = small_lake(tmp_path, {("gemini", "ATOMUSD"): thin, ("coinbase", "ATOM-USD"): flat("4")})
    found = measured("dislocation", lake, window(0, 120))
    assert one(found, "dislocation.covered", venue="gemini").value == 66


def test_what_counts_as_too_little_can_be_said(tmp_path: Path) -> None:
    part = [Tick(second, "3") for second in range(12, 24)]
    lake = small_lake(tmp_path, {("gemini", "ATOMUSD"): part, ("coinbase", "ATOM-USD"): flat("4")})
    assert measured("dislocation", lake, window(0, 120)) != []
    chosen = measure("dislocation")
    params = params_of(chosen, {"min_reach": "0.2"})
    found, problems = run(chosen, Context(lake, {"w": window(0, 120)}, params), Inline())
    assert (found, [p.code for p in problems]) == ([], ["fragment"])
