"""exact: a float stands for the shortest decimal that is read back as it; ties are no breach."""

from __future__ import annotations

import numpy as np
from _arrays import D, paths, unit
from hypothesis import given
from hypothesis import strategies as st

from liquest.replay.exact import Marks, Unit, decimal, first_liquidation, is_below
from liquest.rules.ladder import flat
from liquest.rules.tiers import tiers

BTC = tiers()["BTCUSDT"]
NAN = float("nan")


def test_a_float_is_its_shortest_decimal() -> None:
    assert decimal(0.1) + decimal(0.2) == D("0.3")
    assert decimal(np.float64(1153.26)) == D("1153.26")


@given(st.decimals(min_value=0, max_value=D("2e9"), places=2))
def test_maintenance_is_that_of_the_ladder(notional: D) -> None:
    made = paths([[1.0]], tiers=[BTC], inverse=[False])
    assert Marks.at(made, 0).asked(0, notional) == BTC.maintenance(notional)


def test_a_market_without_tiers_asks_nothing() -> None:
    made = paths([[1.0]], tiers=[None], inverse=[False])
    assert Marks.at(made, 0).asked(0, D(100)) == 0


def test_below_is_strict() -> None:
    made = paths([[90.0, 89.99]], tiers=[flat("F", D("0.01"))], inverse=[False])
    held = unit(109, (0, 10, 100))
    assert not is_below(made, held, 0, 0)
    assert is_below(made, held, 0, 1)
    assert first_liquidation(made, held, 0) == 1


def test_a_trigger_is_a_multiple_of_maintenance() -> None:
    # Equity 9.45 is 105 % of 9: a portfolio account goes below it, an ordinary one does not.
    made = paths([[90.0]], tiers=[flat("F", D("0.01"))], inverse=[False])
    assert not is_below(made, unit(109.45, (0, 10, 100), trigger=1.05), 0, 0)
    assert is_below(made, unit(109.449, (0, 10, 100), trigger=1.05), 0, 0)
    assert not is_below(made, unit(109.449, (0, 10, 100)), 0, 0)


def test_collateral_is_a_leg_entered_at_nothing() -> None:
    # 100 coins at 95 %, a debt of 50 dollars, a short of 1 at 60 that stands at 60.
    rows = [[1.0, 0.5, 0.53], [60.0, 60.0, 60.0]]
    made = paths(rows, tiers=[None, flat("F", D("0.01"))], inverse=[False, False])
    held = unit(-50, (0, 95, 0), (1, -1, 60))
    one = Unit.of(held, 0)
    assert [one.equity(Marks.at(made, s)) for s in range(3)] == [D(45), D("-2.5"), D("0.35")]
    assert first_liquidation(made, held, 0, 2) == 2
    assert first_liquidation(made, held, 0) == 1


def test_an_inverse_long_gains_in_coin_less_than_it_loses() -> None:
    # 100 USD long at 100: one coin. At 50 it has lost one coin, at 200 gained half a coin.
    made = paths([[50.0, 200.0]], tiers=[None], inverse=[True])
    one = Unit.of(unit(0, (0, -100, 0.01)), 0)
    assert [one.equity(Marks.at(made, s)) for s in range(2)] == [D(-1), D("0.5")]


def test_a_missing_mark_of_a_held_market_is_never_below() -> None:
    made = paths([[NAN, 1.0], [1.0, 1.0]], tiers=[None, None], inverse=[False, False])
    assert not is_below(made, unit(-100, (0, 1, 1)), 0, 0)
    assert is_below(made, unit(-100, (0, 1, 1)), 0, 1)
    # What is closed need not have one.
    assert is_below(made, unit(-100, (0, 0, 1), (1, 1, 1)), 0, 0)
