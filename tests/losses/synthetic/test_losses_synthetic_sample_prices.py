"""The sample's prices are those that the embedded case holds, under the rules of the day."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from _ticks import lake_of
from liquest.case import read_case
from liquest.clock import SECOND
from liquest.losses.synthetic.sample_prices import (
    FILE,
    SAMPLE_SECONDS,
    SAMPLE_START,
    sample_paths,
    sample_time,
)
from liquest.losses.synthetic.story import sample_truth
from liquest.replay.markets import markets
from liquest.replay.marks import Marked, marked
from liquest.replay.recorded import record
from liquest.rules.book import book
from liquest.tape.lake import Lake

CASE = Path(__file__).resolve().parents[3] / "cases" / "2025-10-11"
SYMBOLS = ("ATOMUSD_PERP", "DOTUSD_PERP", "SOLUSDT", "XRPUSDT")


@pytest.fixture(scope="module")
def of_the_case(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Marked]:
    facts = [CASE / "facts" / f"{name}.parquet" for name in ("seconds", "bars_minutes")]
    lake: Lake = lake_of(tmp_path_factory.mktemp("sample"), facts)
    case = read_case(CASE)
    window = case.window("scramble")
    assert (window.start, window.end) == (SAMPLE_START, SAMPLE_START + SAMPLE_SECONDS * SECOND)
    found, _ = markets(lake, window, "binance", case.main, SYMBOLS)
    rules = book().at(case.main.start)
    return {m.symbol: marked(record(lake, m, window), rules) for m in found}


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_prices_of_the_minutes_that_count(of_the_case: dict[str, Marked], symbol: str) -> None:
    one, paths = of_the_case[symbol], sample_paths()
    for ts in range(sample_time("21:16:00"), sample_time("21:26:00"), SECOND):
        second = (ts - SAMPLE_START) // SECOND
        assert np.isclose(float(paths.mark(symbol, ts)), one.mark[second], rtol=2e-5)
        assert float(paths.last(symbol, ts) or 0) == pytest.approx(one.last[second], abs=1e-9)


def test_the_account_trades_at_prices_of_the_tape(of_the_case: dict[str, Marked]) -> None:
    truth = sample_truth()
    forced = {o.order_id for o in truth.orders if "autoclose" in o.client_id}
    own = [t for t in truth.trades if t.order_id not in forced]
    assert len(own) > 8
    for trade in own:
        last = of_the_case[trade.symbol].last[(trade.ts - SAMPLE_START) // SECOND]
        assert float(trade.price) == pytest.approx(last, abs=1e-9)


def test_its_wallets_fall_below_at_the_marks_of_the_case(of_the_case: dict[str, Marked]) -> None:
    """In the second that the account says, within one: its marks have 5 decimals."""
    truth = sample_truth()
    for chain in truth.chains:
        symbols = {truth.orders[s.order].symbol for s in chain.sales}
        for symbol in symbols:
            second = (chain.start - SAMPLE_START) // SECOND
            own = float(truth.mark(symbol, chain.start))
            assert own == pytest.approx(of_the_case[symbol].mark[second], rel=2e-5)


def test_the_file_is_small_and_whole() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "symbol,time,last,mark" and len(lines) < 2500
    assert {line.split(",")[0] for line in lines[1:]} == set(SYMBOLS)
