"""Synthetic accounts: the equity from their records is the equity that they had, and the breach
is the second in which they were liquidated."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from liquest.clock import SECOND
from liquest.losses.entries import CROSS, Exports
from liquest.losses.equity.path import equity_path
from liquest.losses.equity.state import equity_at
from liquest.losses.ledger.ledger import Ledger
from liquest.losses.ledger.reconstruct import reconstruct
from liquest.losses.prices.given import GivenPrices
from liquest.losses.synthetic.plan import Plan
from liquest.losses.synthetic.prices import write_marks
from liquest.losses.synthetic.simulate import simulate
from liquest.losses.synthetic.truth import Truth
from liquest.rules.book import book
from liquest.rules.exact import ZERO

SECONDS = 1800
DIGITS = Decimal("1E-60")
"""An average entry is a quotient of 80 digits, made by two ways of adding up."""
SEEDS = range(1, 13)


def told(truth: Truth) -> Ledger:
    """The ledger of all that is written of an account."""
    exports = Exports(truth.account, "binance", "", (), truth.transactions, truth.trades,
                      truth.orders, truth.positions, truth.movements, ())  # fmt: skip
    return reconstruct(exports)[0]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("form", ["columns", "klines"])
def test_the_path_of_a_cross_account_is_its_truth(seed: int, form: str, tmp_path: Path) -> None:
    truth = simulate(Plan(seed=seed, seconds=SECONDS, actions=12, mode=CROSS))
    ledger = told(truth)
    prices, problems = GivenPrices.read(write_marks(tmp_path, truth.paths, form))
    window = truth.paths.window
    assert problems == [] and (prices.window.start, prices.window.end) == (window.start, window.end)
    rules = book().at(truth.start)
    found = equity_path(ledger, prices, window, rules)
    for moment in range(truth.start, truth.end, 97 * SECOND):
        for state in equity_at(ledger, prices, moment, rules):
            purse = state.unit.market, state.unit.asset
            margin = truth.margin(purse, moment)
            held = ZERO if margin is None else margin.maintenance
            for got, true in ((state.equity, truth.equity(purse, moment)),
                              (state.maintenance, held)):  # fmt: skip
                assert got is not None and abs(got - true) < DIGITS
    first: dict[str, int] = {}
    for chain in truth.chains:
        market, asset = chain.purse
        first.setdefault(f"{market} cross {asset}", chain.start // SECOND * SECOND)
    assert {p.unit.name: p.breach for p in found.units if p.breach is not None} == first


def test_some_of_these_accounts_are_liquidated_and_some_are_not() -> None:
    chains = [len(simulate(Plan(seed=s, seconds=SECONDS, actions=12, mode=CROSS)).chains)
              for s in SEEDS]  # fmt: skip
    assert 2 <= sum(map(bool, chains)) < len(chains)
