"""First-order feedback: nothing changed moves nothing; sales lower the price; it fades."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from _ticks import Tick, small_lake, window
from liquest.errors import UsageError
from liquest.replay.feedback import CAP, Impact, depth_of, moved
from liquest.replay.markets import markets
from liquest.replay.recorded import record

volumes = arrays(np.float64, 50, elements=st.floats(-1e9, 1e9))


@given(st.sampled_from(["linear", "sqrt"]), st.floats(1, 1e9), st.floats(0, 600))
def test_no_change_of_forced_volume_moves_nothing(model: str, depth: float, half: float) -> None:
    assert not Impact(model, depth, half).path(np.zeros(20)).any()


@given(volumes, st.sampled_from(["linear", "sqrt"]))
def test_more_buying_never_lowers_and_the_mirror_is_the_mirror(
    change: np.ndarray, model: str
) -> None:
    impact = Impact(model, 1e6, 30)
    more = impact.path(np.maximum(change, 0))
    assert (more >= 0).all() and (more <= CAP).all()
    np.testing.assert_array_equal(impact.path(-change), -impact.path(change))


def test_one_percent_for_the_depth_and_half_of_it_after_the_half_life() -> None:
    change = np.zeros(100)
    change[0] = -2_000_000.0
    linear = Impact("linear", 1_000_000, 10).path(change)
    assert linear[0] == pytest.approx(-0.02) and linear[10] == pytest.approx(-0.01)
    root = Impact("sqrt", 1_000_000, 10).path(change)
    assert root[0] == pytest.approx(-0.01 * 2**0.5) and root[20] == pytest.approx(root[0] / 2)
    assert Impact("linear", 1_000_000, 0).path(change)[99] == pytest.approx(-0.02)


WRONG = [("none", 1, 1), ("cubic", 1, 1), ("linear", 0, 1), ("linear", 1, -1)]


@pytest.mark.parametrize(("model", "depth", "half"), WRONG)
def test_what_is_no_model(model: str, depth: float, half: float) -> None:
    with pytest.raises(UsageError, match="impact model"):
        Impact(model, depth, half)


def test_only_the_venues_own_prices_move(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {
        ("binance-delivery", "ATOMUSD_PERP"): [Tick(s, "4") for s in range(20)],
        ("coinbase", "ATOM-USD"): [Tick(s, "5") for s in range(20)],
    })  # fmt: skip
    span = window(0, 20)
    (market,), _ = markets(lake, span, "binance")
    one = record(lake, market, span, lead=5)
    after = moved(one, np.full(20, np.log(0.5)))
    np.testing.assert_allclose(after.last[5:], 2.0)
    assert [s.own for s in market.sources] == [True, False]
    np.testing.assert_allclose(after.prices[0, 5:], 2.0)
    np.testing.assert_array_equal(after.prices[1], one.prices[1])


def test_depth_from_trades(tmp_path: Path) -> None:
    prices = [Tick(s, str(100 + s % 2)) for s in range(200)]
    lake = small_lake(tmp_path, {
        ("binance-delivery", "ATOMUSD_PERP"): prices, ("coinbase", "ATOM-USD"): prices,
    })  # fmt: skip
    span = window(0, 200)
    (market,), _ = markets(lake, span, "binance")
    one = record(lake, market, span, lead=0)
    found = depth_of(one, np.full(200, 1000.0))
    assert found == pytest.approx(1000 * 0.01 / np.log(1.01), rel=1e-9)
    assert np.isnan(depth_of(one, np.zeros(200)))
