"""Who lives in a replay: a file's accounts, or synthetic ones on the tape's own prices."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from _replayed import COINBASE, OWN, PERP, Trades, context_of, flat, lake_with, path, span_of

from liquest.errors import UsageError
from liquest.replay.context import Context
from liquest.replay.crowd import Crowd, from_file, listings_of, synthetic
from liquest.replay.population_law import Assumptions
from liquest.replay.world import world


def context(tmp_path: Path, more: Trades | None = None) -> Context:
    lake = lake_with(tmp_path, {
        PERP: path(*(2 + k / 1000 for k in range(360)), start=-300),
        OWN: flat("2", 360, -300), COINBASE: flat("2", 360, -300), **(more or {}),
    })  # fmt: skip
    return context_of(lake, 60)


def test_positions_are_entered_over_the_minutes_that_the_tape_has(tmp_path: Path) -> None:
    made, problems = synthetic(context(tmp_path), 200, 7)
    assert problems == [] and len(made) >= 200
    entries = {float(p.entry) for a in made.accounts() for p in a.positions}
    assert min(entries) >= 2.0 and max(entries) <= 2.3 and len(entries) > 1


def test_hours_that_the_tape_does_not_have_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="hours"):
        synthetic(context(tmp_path), 200, 7, replace(Assumptions(), hours=Decimal(24)))


def test_a_contract_that_begins_late_is_entered_at_its_first_price(tmp_path: Path) -> None:
    late = {("binance-futures", "DOTUSDT"): flat("5", 40, 20), ("kraken", "DOT/USD"): flat("5", 60)}
    listings, problems = listings_of(context(tmp_path, late))
    assert [p.code for p in problems] == ["late-path"]
    prices = {one.instrument.symbol: one.before for one in listings}
    assert set(prices["DOTUSDT"].tolist()) == {5.0}
    assert len(prices["DOTUSDT"]) == len(prices["XRPUSDT"])


def test_open_interest_of_the_tape_is_met(tmp_path: Path) -> None:
    header = (
        "exchange,symbol,timestamp,local_timestamp,funding_timestamp,funding_rate,"
        "predicted_funding_rate,open_interest,last_price,index_price,mark_price\n"
    )
    at = span_of(60).start - 30_000_000
    row = f"binance-futures,XRPUSDT,{at},{at},,0.0001,,5000000,2.3,2.3,2.3\n"
    lake = lake_with(
        tmp_path,
        {PERP: flat("2", 360, -300), OWN: flat("2", 360, -300), COINBASE: flat("2", 360, -300)},
        {"binance-futures_derivative_ticker_XRPUSDT.csv": header + row},
    )
    here = context_of(lake, 60)
    (listing,), _ = listings_of(here)
    assert listing.open_interest == Decimal("11500000")
    made, _ = synthetic(here, 2000, 3)
    assert float(made.open_interest()["XRPUSDT"].notional) == pytest.approx(11_500_000, rel=0.01)
    (one,) = here.recorded()
    assert "no-funding-rate" not in one.caveats and one.funding[-1] == pytest.approx(0.0001)


def test_a_file_and_the_population_it_was_written_from_are_the_same_units(tmp_path: Path) -> None:
    here = context(tmp_path)
    made, _ = synthetic(here, 100, 1)
    made.write(tmp_path / "positions.csv")
    of_file, drawn = from_file(here, tmp_path / "positions.csv"), Crowd("synthetic", made)
    one, other = (crowd.held(world(here)).units for crowd in (of_file, drawn))
    for name in ("wallet", "start", "market", "size", "entry", "trigger", "grace"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert drawn.synthetic and not of_file.synthetic


def test_a_file_without_a_sound_account_is_refused_by_name(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("account,symbol,side,quantity,entry,margin\na,BTCUSDT,long,1,2,1\n")
    here = context(tmp_path)
    with pytest.raises(UsageError, match="XRPUSDT"):
        from_file(here, bad).held(world(here))
