"""Against the truth of synthetic accounts: breach, shortfall, and which help came too late."""

from __future__ import annotations

import pytest
from _rescue_exports import RULES
from _synthetic_marks import PathPrices, exports_of

from liquest.losses.entries import CROSS, FAILED
from liquest.losses.equity.terms import Terms
from liquest.losses.forced.forced_record import forced_record
from liquest.losses.ledger.reconstruct import reconstruct
from liquest.losses.rescue.needed import payable
from liquest.losses.rescue.rescue_record import RescueRecord, rescue_record
from liquest.losses.rescue.units import units_at
from liquest.losses.synthetic.plan import IN_TIME, LATE, REFUSED, Plan
from liquest.losses.synthetic.simulate import simulate
from liquest.losses.synthetic.truth import Truth
from liquest.problems import Problem
from liquest.rules.exact import exact

SEEDS = range(40)


def made(plan: Plan) -> tuple[Truth, RescueRecord, list[Problem]]:
    truth = simulate(plan)
    exports, prices = exports_of(truth), PathPrices(truth.paths)
    ledger, _ = reconstruct(exports)
    forced, _ = forced_record(exports, ledger, prices)
    units = units_at(ledger, Terms(RULES))
    return truth, *rescue_record(exports, ledger, prices, forced, units)


@exact
def shortfalls(truth: Truth) -> dict[tuple[str, str], tuple[int, object]]:
    """Second and shortfall, as it was payable, of the first liquidation of every wallet."""
    found: dict[tuple[str, str], tuple[int, object]] = {}
    for chain in truth.chains:
        short = payable(chain.maintenance - chain.equity)
        found.setdefault(chain.purse, (chain.start, short))
    return found


@pytest.mark.parametrize("rescue", [IN_TIME, LATE, REFUSED])
def test_breach_shortfall_and_help_are_the_true_ones(rescue: str) -> None:
    checked = helped = 0
    for seed in SEEDS:
        truth, record, problems = made(Plan(seed, mode=CROSS, rescue=rescue))
        assert problems == []
        true = shortfalls(truth)
        assert {(r.market, r.asset) for r in record.risks} == set(true)
        for risk in record.risks:
            assert risk.needed is not None
            assert (risk.needed.breach, risk.needed.at_once) == true[risk.market, risk.asset]
            assert risk.trigger == risk.needed.by
            checked += 1
        by_move = {h.transfer.movement: h for h in record.help}
        for sent in truth.rescues:
            if sent.in_time is None:
                continue
            help_ = by_move[sent.movement]
            failed = truth.movements[sent.movement].status == FAILED
            assert (help_.after is None) == failed
            assert (help_.late is None) == (failed or sent.in_time)
            helped += 1
    assert checked > 10 and helped > 5
