"""The rules of an aftermath: from the rulebook, and what cannot be built."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from _replayed import COINBASE, INVERSE, OWN, PERP, context_of, flat, lake_with

from liquest.errors import InputError, UsageError
from liquest.replay.scenario import Scenario
from liquest.replay.terms import Terms
from liquest.replay.world import World, world
from liquest.rules.adl import AdlRule
from liquest.rules.book import Rules

USDE = ("binance", "USDEUSDT")


@dataclass(frozen=True)
class Misled:
    """Rules of which one value is another."""

    rules: Rules
    path: str
    value: Any

    def get(self, path: str, symbol: str = "") -> Any:
        row = self.rules.get(path, symbol)
        return (
            replace(row, value=self.value, span=(), certainty="assumed")
            if path == self.path
            else row
        )


def here(folder: Path, overrides: dict[str, str] | None = None) -> World:
    lake = lake_with(folder, {
        PERP: flat("2", 20), OWN: flat("2", 20), COINBASE: flat("2", 20),
        INVERSE: flat("4", 20), ("coinbase", "ATOM-USD"): flat("4", 20), USDE: flat("1", 20),
    })  # fmt: skip
    return world(context_of(lake, 20), Scenario(overrides or {}))


def test_the_rulebook_s_own_terms(tmp_path: Path) -> None:
    one = here(tmp_path)
    terms = Terms.of(one.rules, one)
    inverse, linear, asset = (one.names.index(name) for name in ("ATOMUSD_PERP", "XRPUSDT", "USDE"))
    assert (terms.steps, terms.execution, terms.clears) == ("partial", "last", "at-once")
    assert terms.fund is None and terms.bankruptcy == "zero-price"
    assert (terms.adl.score, terms.adl.allocation) == ("binance-2025", "queue")
    assert terms.charge[inverse] == 0.0175 and terms.charge[linear] == 0.015
    assert terms.band[inverse] == 0.1 and terms.charge[asset] == 0
    # One contract of ATOM is 10 dollars.
    assert terms.lot[inverse] == 10 and terms.lot[linear] == 0.001


def test_what_is_asked_for(tmp_path: Path) -> None:
    one = here(tmp_path, {
        "fund.size": "1000", "liquidation.steps": "full", "liquidation.execution": "mark",
        "liquidation.bankruptcy": "whole-account", "grace.clears": "at-end",
        "adl.score": "bybit", "adl.allocation": "contract-lots", "adl.price": "mark",
        "liquidation.fee": "0.5%",
    })  # fmt: skip
    terms = Terms.of(one.rules, one)
    assert terms.fund == 1000 and terms.steps == "full" and terms.execution == "mark"
    assert terms.bankruptcy == "whole-account" and terms.clears == "at-end"
    assert (terms.adl.score, terms.adl.allocation, terms.adl.price) == (
        "bybit", "contract-lots", "mark",
    )  # fmt: skip
    assert terms.charge[one.names.index("XRPUSDT")] == 0.005


@pytest.mark.parametrize(
    "path",
    [
        "liquidation.steps", "liquidation.execution", "liquidation.bankruptcy", "grace.clears",
        "fund.size", "adl.score", "adl.allocation", "adl.price",
    ],
)  # fmt: skip
def test_a_word_that_no_kernel_knows_is_refused(tmp_path: Path, path: str) -> None:
    one = here(tmp_path)
    with pytest.raises(UsageError) as caught:
        Terms.of(Misled(one.rules, path, "sideways"), one)  # type: ignore[arg-type]
    assert "sideways" in caught.value.what.en and "sideways" in caught.value.what.zh
    assert caught.value.remedy is not None


def built(**changes: Any) -> Terms:
    return Terms(**({"band": np.zeros(2), "charge": np.zeros(2), "lot": np.ones(2)} | changes))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"band": np.array([0.1, -0.1])}, "market 1"),
        ({"band": np.array([np.nan, 0.1])}, "market 0"),
        ({"charge": np.array([0.0, 1.0])}, "market 1"),
        ({"charge": np.array([-0.1, 0.0])}, "market 0"),
        ({"lot": np.array([1.0, 0.0])}, "market 1"),
        ({"lot": np.array([np.inf, 1.0])}, "market 0"),
        ({"fund": Decimal(-1)}, "fund"),
    ],
)
def test_a_number_that_no_market_has_is_refused(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(InputError) as caught:
        built(**changes)
    assert caught.value.where == where


@pytest.mark.parametrize(
    "changes",
    [{"steps": "half"}, {"execution": "mid"}, {"clears": "never"}, {"bankruptcy": "none"}],
)
def test_a_word_is_refused_wherever_it_comes_from(changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        built(**changes)


def test_defaults_are_those_of_the_venue() -> None:
    terms = built()
    assert terms.fund is None and terms.adl == AdlRule() and terms.band.dtype == np.float64
