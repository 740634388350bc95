"""Round trip with the marks: equity and maintenance of every cross wallet, to the last digit."""

from __future__ import annotations

import random as chance
from decimal import Decimal
from pathlib import Path

import pytest
from _written import KINDS, back, quantity
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import SECOND
from liquest.losses.entries import CROSS, ISOLATED
from liquest.losses.equity.state import equity_at
from liquest.losses.prices.given import GivenPrices
from liquest.losses.synthetic.contracts import RULES_AT
from liquest.losses.synthetic.plan import Plan
from liquest.losses.synthetic.prices import write_marks
from liquest.rules.book import book

CLOSE = Decimal("1E-55")
"""Of the equity: entries are quotients at 80 digits on both sides."""


@given(st.integers(0, 2**40), st.sampled_from(KINDS), st.booleans(), st.booleans())
@settings(max_examples=12, deadline=None)
def test_equity_at_any_second_is_that_of_the_account(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int, symbols: tuple[str, ...], hedge: bool, bars: bool,
) -> None:  # fmt: skip
    done = back(Plan(seed, seconds=3600, symbols=symbols, hedge=hedge, mode=CROSS))
    truth = done.truth
    files = write_marks(
        tmp_path_factory.mktemp("marks"), truth.paths, "klines" if bars else "columns"
    )
    prices, problems = GivenPrices.read([f"{f.name.split('-')[0]}={f}" for f in files])
    assert problems == []
    random = chance.Random(seed)
    moments = [c.start for c in truth.chains]
    moments += [truth.start + random.randrange(3600) * SECOND for _ in range(6)]
    for ts in moments:
        states = equity_at(done.ledger, prices, ts, book().at(RULES_AT))
        for unit in truth.units(ts):
            (state,) = [
                s for s in states
                if (s.unit.market, s.unit.asset) == unit.purse and s.unit.mode == CROSS
            ]  # fmt: skip
            margin = unit.margin(truth.paths, ts)
            assert state.balance == unit.balance and state.lacking == ()
            assert state.equity is not None and state.maintenance is not None
            assert abs(state.equity - margin.equity) <= CLOSE * (1 + abs(margin.equity))
            assert state.maintenance == margin.maintenance
            assert {leg.symbol for leg in state.legs} == {h.contract.symbol for h in unit.holdings}


def test_marks_of_minutes_are_their_closes(tmp_path: Path) -> None:
    done = back(Plan(3, seconds=3600, symbols=("BTCUSDT",), mode=ISOLATED))
    paths = done.truth.paths
    (file,) = write_marks(tmp_path, paths, "klines", 60 * SECOND)
    prices, _ = GivenPrices.read([f"BTCUSDT={file}"])
    end = paths.start + 10 * 60 * SECOND
    assert prices.mark("BTCUSDT", end) == paths.mark("BTCUSDT", end - SECOND)
    assert quantity(done.truth, ("BTCUSDT", "B"), paths.start) == 0
