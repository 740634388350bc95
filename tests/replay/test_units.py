"""units: arrays that do not fit together cannot be built, and none can be changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from _arrays import SEEDS, SHORT, D, ladder, paths, unit, world
from hypothesis import given, settings

from liquest.errors import InputError
from liquest.replay.exact import Marks, Unit
from liquest.replay.units import Paths, Units
from liquest.rules.ladder import flat
from liquest.rules.tiers import tiers

FLAT = flat("F", D("0.01"))


def test_inverse_prices_become_x_and_come_back() -> None:
    made = paths([[100.0, 80.0], [50_000.0, 40_000.0]], tiers=[FLAT, None], inverse=[False, True])
    assert made.x.tolist() == [[100, 80], [1 / 50_000, 1 / 40_000]]
    assert made.prices(1).tolist() == [80, 40_000]
    assert (made.markets, made.seconds) == (2, 2)
    assert made.tier_start.tolist() == [0, 1, 1]


def test_prices_that_are_given_are_not_changed() -> None:
    prices = np.array([[4.0, 2.0]])
    Paths.of(["m"], prices, [True], [None])
    assert prices.tolist() == [[4, 2]]


def test_every_shipped_ladder_is_taken() -> None:
    known = list(tiers().values())
    made = paths([[1.0]] * len(known), tiers=list(known), inverse=[False] * len(known))
    assert made.tier_start[-1] == sum(len(one) for one in known)


def test_no_array_can_be_changed() -> None:
    made, units = world(5)
    for held in (made.x, made.tier_rate, units.wallet, units.size, units.start):
        with pytest.raises(ValueError, match="read-only"):
            held[...] = 0


PATHS_REFUSED: list[tuple[Callable[[Paths], object], str, str]] = [
    (lambda p: replace(p, names=("a", "a")), "two of one name", "names"),
    (lambda p: replace(p, names=("a", "b", "c")), "shape", "x"),
    (lambda p: replace(p, x=p.x[:, :0]), "shape", "x"),
    (lambda p: p.marked(np.array([[1, 2, 0.0], [1, 1, 1]])), "not above zero", "a, second 2"),
    (lambda p: p.marked(np.array([[1, 2, 3], [1, -1, 1.0]])), "not above zero", "b, second 1"),
    (lambda p: p.marked(np.array([[1, 2, 3], [np.inf, 1, 1]])), "not above zero", "b, second 0"),
    (lambda p: replace(p, inverse=np.array([True])), "one mark of inverse", "inverse"),
    (lambda p: replace(p, tier_start=np.array([0, 4])), "rows of tiers", "tier_start"),
    (lambda p: replace(p, tier_start=np.array([0, 3, 3])), "rows of tiers", "tier_start"),
    (lambda p: replace(p, tier_rate=p.tier_rate[::-1]), "no convex ladder", "a"),
    (lambda p: replace(p, tier_rate=p.tier_rate * 3), "no convex ladder", "a"),
    (lambda p: replace(p, tier_floor=p.tier_floor + 1), "no convex ladder", "a"),
    (lambda p: replace(p, tier_cum=p.tier_cum + 0.001), "no convex ladder", "a"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "what", "where"), PATHS_REFUSED)
def test_paths_that_do_not_fit_are_refused(
    change: Callable[[Paths], object], what: str, where: str
) -> None:
    good = Paths.of(["a", "b"], np.ones((2, 3)), [False, False], [SHORT, None])
    with pytest.raises(InputError, match=what) as refused:
        change(good)
    assert refused.value.where == where
    assert refused.value.remedy is not None


def test_one_ladder_per_market_is_needed() -> None:
    with pytest.raises(InputError, match="one ladder of tiers per market"):
        Paths.of(["a"], np.ones((1, 3)), [False], [])


UNITS_REFUSED: list[tuple[str, list[float], str, str]] = [
    ("start", [0, 1], "do not follow on", "start"),
    ("start", [0, 2, 1, 3], "do not follow on", "start"),
    ("start", [1, 2, 3], "do not follow on", "start"),
    ("size", [1, 1], "3 values are needed", "size"),
    ("trigger", [1], "2 values are needed", "trigger"),
    ("wallet", [1, np.nan], "wallet is not finite", "unit 1"),
    ("size", [1, np.inf, 1], "size is not finite", "unit 0, leg 1"),
    ("entry", [1, 1, -1], "entry is negative", "unit 1, leg 0"),
    ("market", [0, -1, 0], "market is no market", "unit 0, leg 1"),
    ("trigger", [1, 0.99], "trigger is below 1", "unit 1"),
    ("trigger", [np.nan, 1], "trigger is below 1", "unit 0"),
    ("grace", [0, -1], "grace is negative", "unit 1"),
]


@pytest.mark.parametrize(("name", "values", "what", "where"), UNITS_REFUSED)
def test_units_that_do_not_fit_are_refused(
    name: str, values: list[float], what: str, where: str
) -> None:
    good = Units(
        np.ones(2), np.array([0, 2, 3]), np.zeros(3, np.int32), np.ones(3), np.ones(3),
        np.ones(2), np.zeros(2, np.int64),
    )  # fmt: skip
    arrays = {name: np.array(values)}
    with pytest.raises(InputError, match=what) as refused:
        replace(good, **arrays)
    assert refused.value.where == where


@settings(max_examples=250, deadline=None)
@given(SEEDS)
def test_equity_and_maintenance_are_those_of_exact_arithmetic(seed: int) -> None:
    made, units = world(seed)
    for second in range(0, made.seconds, 7):
        equity, maintenance = units.equity(made, second), units.maintenance(made, second)
        for u in range(len(units)):
            one, marks = Unit.of(units, u), Marks.at(made, second)
            if not one.evaluated(marks):
                assert np.isnan(equity[u]) and np.isnan(maintenance[u])
                continue
            assert equity[u] == pytest.approx(float(one.equity(marks)), abs=1e-9)
            assert maintenance[u] == pytest.approx(float(one.maintenance(marks)), abs=1e-9)


def test_a_notional_on_a_floor_belongs_to_the_tier_below_it() -> None:
    made = paths([[100.0]], tiers=[ladder(("0", "0.01"), ("100", "0.5"))], inverse=[False])
    assert unit(0, (0, 1, 100)).maintenance(made, 0).tolist() == [1]
    assert unit(0, (0, -1.5, 100)).maintenance(made, 0).tolist() == [26]


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_chunks_and_choices_hold_the_same_units(seed: int) -> None:
    _, units = world(seed, count=9)
    whole = [Unit.of(units, u) for u in range(9)]
    part = units.chunk(3, 7)
    assert [Unit.of(part, u) for u in range(4)] == whole[3:7]
    which = np.array([8, 0, 0, 5])
    assert [Unit.of(units.take(which), u) for u in range(4)] == [whole[w] for w in which]
    assert len(units.chunk(4, 4)) == len(units.take(np.empty(0, dtype=np.int64))) == 0
    assert units.owners().tolist() == [u for u in range(9) for _ in whole[u].legs]


def test_only_prices_may_differ_under_the_same_rules() -> None:
    made = paths([[1.0, 2.0]], tiers=[FLAT], inverse=[False])
    assert made.same_rules(made.marked(np.array([[3.0, 4.0]])))
    assert not made.same_rules(made.marked(np.array([[3.0]])))
    assert not made.same_rules(paths([[1.0, 2.0]], tiers=[None], inverse=[False]))
    assert not made.same_rules(paths([[1.0, 2.0]], tiers=[FLAT], inverse=[True]))
