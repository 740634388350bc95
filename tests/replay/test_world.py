"""What a population lives in: tiers on record or assumed, collateral at each price, haircuts."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from _replayed import COINBASE, INVERSE, OWN, PERP, context_of, flat, lake_with, path

from liquest.errors import UsageError
from liquest.replay.context import Context
from liquest.replay.scenario import Scenario
from liquest.replay.world import world
from liquest.rules.tiers import tiers

USDE = ("binance", "USDEUSDT")
ONCHAIN = ("uniswap", "USDE-USDT")
DEPEG = ["1"] * 20 + ["0.65"] * 10 + ["0.99"] * 10


@pytest.fixture
def context(tmp_path: Path) -> Context:
    lake = lake_with(tmp_path, {
        PERP: flat("2", 40), OWN: flat("2", 40), COINBASE: flat("2", 40),
        INVERSE: flat("4", 40), ("coinbase", "ATOM-USD"): flat("4", 40),
        USDE: path(*DEPEG), ONCHAIN: flat("1.0001", 40),
    })  # fmt: skip
    return context_of(lake, 40)


def test_markets_come_first_then_what_has_a_price(context: Context) -> None:
    here = world(context)
    assert here.names[:2] == ("ATOMUSD_PERP", "XRPUSDT")
    assert "USDE" in here.names[2:] and "XRP" in here.names[2:]
    assert here.paths.inverse.tolist()[:2] == [True, False]
    np.testing.assert_allclose(here.paths.x[0], 0.25)
    np.testing.assert_allclose(here.last[:2, -1], [0.25, 2])


def test_tiers_on_record_and_one_assumed_rate(context: Context) -> None:
    here = world(context)
    starts = here.paths.tier_start
    known = tiers()["XRPUSDT"]
    assert starts[1] - starts[0] == 1 and starts[2] - starts[1] == len(known)
    np.testing.assert_allclose(
        here.paths.tier_rate[starts[1] : starts[2]], [float(r) for r in known.rates]
    )
    assert starts[-1] == starts[2]  # collateral has none
    assert "tiers-assumed" in here.caveats(["ATOMUSD_PERP"])
    assert "tiers-assumed" not in here.caveats(["XRPUSDT"])
    double = world(context, Scenario({"margin.rate_factor": "2"}))
    assert double.paths.tier_rate[starts[1]] == pytest.approx(2 * float(known.rates[0]))


@pytest.mark.parametrize(
    ("word", "low"),
    [("venue", 0.65), ("onchain", 1.0001), ("redemption", 1.0), ("floor:0.9", 0.9)],
)
def test_collateral_at_each_price(context: Context, word: str, low: float) -> None:
    here = world(context, Scenario({"collateral.price.USDE": word}))
    row = here.paths.x[here.names.index("USDE")]
    assert row.min() == pytest.approx(low)


def test_an_asset_without_the_price_asked_for_is_left_out(context: Context) -> None:
    here = world(context, Scenario({"collateral.price.XRP": "onchain"}))
    assert "XRP" not in here.names


def test_haircuts_grace_and_trigger_come_from_the_rules(context: Context) -> None:
    here = world(context, Scenario({"collateral.rate.USDE": "0.9", "grace.vip": "24h"}))
    assert here.conversion.rates["USDE"] == Decimal("0.9")
    assert here.conversion.of("vip") == 86_400 and here.conversion.of("regular") == 0
    assert here.conversion.portfolio_ratio == Decimal("1.05")


@pytest.mark.parametrize("word", ["floor:x", "floor:-1", "floor:0", "floor:"])
def test_a_floor_that_is_none_is_refused(context: Context, word: str) -> None:
    with pytest.raises(UsageError):
        world(context, Scenario({"collateral.price.USDE": word}))
