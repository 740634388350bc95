"""The ledger against the decimals, and the decimals against worked numbers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from _aftermaths import Small, differences, worlds
from hypothesis import HealthCheck, given, settings

from liquest.replay.account_exact import Account, Position, account, smallest_part
from liquest.replay.aftermath import Terms
from liquest.replay.aftermath_exact import aftermath_exact
from liquest.replay.deleverage_exact import closed
from liquest.replay.exact import Marks
from liquest.replay.units import Paths, Units
from liquest.rules.adl import AdlRule
from liquest.rules.ladder import Tiers
from liquest.rules.scores import Candidate

D = Decimal


@settings(max_examples=1200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds)
def test_the_ledger_is_the_exact_one(world: Small) -> None:
    assert not differences(world)


TIERED = Tiers("A", (D(0), D(1000)), (D("0.01"), D("0.1")), (D(0), D(90)), (D(1), D(1)))


def one(wallet: str, size: str) -> tuple[Paths, Account]:
    paths = Paths.of(["A"], np.array([[100.0]]), [False], [TIERED])
    units = Units(
        np.array([float(wallet)]), np.array([0, 1]), np.array([0]), np.array([float(size)]),
        np.array([100.0]), np.ones(1), np.zeros(1, dtype=np.int64),
    )  # fmt: skip
    return paths, account(paths, units, 0)


@pytest.mark.parametrize(
    ("wallet", "size", "change", "part"),
    [
        # Notional 2,000 asks 110; every share of it takes 200 off while above the floor.
        ("90", "20", "0", "0.1"),
        # Half of it lies above the floor: at the bend 10 are asked, below it 20 a whole.
        ("10", "20", "0", "0.5"),
        ("5", "20", "0", "0.75"),
        # 20 a whole are lost: 10 − 20·p against 20·(1 − p) never meet below the floor.
        ("9", "20", "-20", None),
        # Above the floor 180 a whole are gained.
        ("20", "20", "-20", "0.5"),
        ("0", "20", "0", "1"),
        ("-1", "20", "0", None),
    ],
)
def test_the_smallest_part(wallet: str, size: str, change: str, part: str | None) -> None:
    paths, held = one(wallet, size)
    found = smallest_part(held, held.legs, D(change), Marks.at(paths, 0))
    assert found == (None if part is None else D(part))


def test_what_does_not_fill_keeps_its_margin() -> None:
    paths, held = one("100", "20")
    held.legs.append(Position(1, 0, D(-5), D(100)))
    # 5 · 100 asks 5 whatever happens: 100 − 5 against 110 − 200·p.
    assert smallest_part(held, held.legs[:1], D(0), Marks.at(paths, 0)) == D("0.075")


def test_fractions_are_shared_and_lots_are_whole() -> None:
    found = {
        n: Candidate(n, -1, D(quantity), D(entry), D(90), D(100), D(100), D(1))
        for n, (quantity, entry) in enumerate((("2", "100"), ("1", "100"), ("4", "80")))
    }
    rule = AdlRule(allocation="pro-rata")
    assert closed(D("0.3"), found, rule, D(1)) == {0: D("0.2"), 1: D("0.1")}
    lots = AdlRule(allocation="contract-lots")
    assert closed(D("1.7"), found, lots, D("0.5")) == {0: D("1.0"), 1: D("0.5")}
    queue = closed(D("2.5"), found, AdlRule(score="bybit"), D(1))
    assert queue == {0: D(2), 1: D("0.5")}
    assert sum(map(Fraction, queue.values())) == Fraction(5, 2)


def test_a_worked_replay() -> None:
    """A long of 1 at 100 with 10 falls below at 94, where 5 % ask 4.7. With a fee of 1 %:
    4 − 0.94·p ≥ 4.7·(1 − p) from p = 0.7/3.76 = 0.1861… on, and the next lot is 0.187. At 90
    it closes whole, and the fee of 0.73… is more than what is left."""
    prices = np.array([[100.0, 94.0, 90.0]])
    paths = Paths.of(["A"], prices, [False], [Tiers("A", (D(0),), (D("0.05"),), (D(0),), (D(1),))])
    units = Units(
        np.array([10.0]), np.array([0, 1]), np.array([0]), np.array([1.0]), np.array([100.0]),
        np.ones(1), np.zeros(1, dtype=np.int64),
    )  # fmt: skip
    terms = Terms(np.array([0.1]), np.array([0.01]), np.array([0.001]))
    replay = aftermath_exact(paths, prices, units, terms, np.array([True]))
    first, second = replay.rows
    assert float(first.size) == pytest.approx(0.187, rel=1e-15)
    assert float(first.fund) == pytest.approx(0.94 * 0.187, rel=1e-15)
    left = 10 - 6 * 0.187 - 0.94 * 0.187 - 10 * (1 - 0.187)
    assert float(second.fund) == pytest.approx(left, rel=1e-12)
    held = replay.accounts[0]
    assert (held.first, held.at) == (1, 1)
    assert held.wallet == held.legs[0].size == 0
