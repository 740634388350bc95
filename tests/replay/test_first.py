"""first: the second found is that of every second looked at, and of exact arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from _arrays import SEEDS, SHORT, STEEP, D, ladder, paths, unit, world
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError
from liquest.replay import exact
from liquest.replay.first import first_liquidation, first_liquidation_plain, search
from liquest.replay.units import Paths, Units
from liquest.rules.ladder import flat
from liquest.run.executor import Inline, Threads

HERE = Inline()
FLAT = flat("F", D("0.01"))


def found(made: Paths, units: Units, begin: int = 0) -> list[int]:
    """By the search and by looking at every second, which must agree."""
    fast: list[int] = first_liquidation(made, units, begin, HERE).tolist()
    assert fast == first_liquidation_plain(made, units, begin, HERE).tolist()
    return fast


@settings(max_examples=1200, deadline=None)
@given(SEEDS)
def test_search_scan_and_decimals_agree_on_small_worlds(seed: int) -> None:
    # Eight units an example, half of them at a tie or 1e-12 from one.
    made, units = world(seed)
    assert found(made, units) == [
        exact.first_liquidation(made, units, u) for u in range(len(units))
    ]


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from([63, 64, 65, 512, 513, 700, 4096, 5000]))
def test_search_and_scan_agree_where_the_tree_is_deep(seed: int, seconds: int) -> None:
    made, units = world(seed, seconds=seconds, count=24)
    found(made, units)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(0, 700))
def test_a_later_beginning_finds_the_next(seed: int, begin: int) -> None:
    made, units = world(seed, seconds=700)
    whole = np.array(found(made, units))
    later = np.array(found(made, units, begin))
    assert ((later == -1) | (later >= begin)).all()
    assert (later == whole)[whole >= begin].all()
    each = first_liquidation(made, units, np.full(len(units), begin), HERE)
    assert each.tolist() == later.tolist()


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_a_fuller_wallet_is_never_earlier_and_a_higher_trigger_never_later(seed: int) -> None:
    made, units = world(seed, seconds=300)
    base = np.array(found(made, units))
    richer = np.array(found(made, replace(units, wallet=units.wallet + 1)))
    assert ((richer == -1) | ((base >= 0) & (richer >= base))).all()
    stricter = np.array(found(made, replace(units, trigger=units.trigger * 1.1)))
    # Maintenance is never negative, so a higher trigger asks for no less.
    assert ((base == -1) | ((stricter >= 0) & (stricter <= base))).all()


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_pieces_and_threads_change_nothing(seed: int) -> None:
    made, units = world(seed, seconds=200, count=40)
    whole = search(made, units, 0, HERE)
    assert search(made, units, 0, Threads(2)).second.tolist() == whole.second.tolist()
    parts = [first_liquidation(made, units.chunk(a, a + 8), 0, HERE) for a in range(0, 40, 8)]
    assert np.concatenate(parts).tolist() == whole.second.tolist()


def test_the_published_linear_example() -> None:
    # WB 1,535,443.01, other positions' TMM 71,200.81144 and UPNL -56,354.57, cum 135,365,
    # q 3,683.979 long at 1,456.84, MMR 10 %: liquidated at 1,153.26.
    tiers = ladder(("0", "0.05"), ("2707300", "0.1"))
    assert tiers.cums[1] == 135365
    made = paths([[1456.84, 1200, 1153.27, 1153.26, 1153.25]], tiers=[tiers], inverse=[False])
    held = unit(1_535_443.01 - 71_200.81144 - 56_354.57, (0, 3683.979, 1456.84))
    assert found(made, held) == [4]


@pytest.mark.parametrize(
    ("size", "prices"),
    [(-50_000.0, [40_000, 38_846.16, 38_846.15]), (50_000.0, [40_000, 41_249.99, 41_250.01])],
)
def test_the_published_inverse_examples(size: float, prices: list[float]) -> None:
    # 500 contracts of 100 USD at 40,000, WB 0.05, MMR 1 %: long 38,846.15, short 41,250.00.
    made = paths([prices], tiers=[FLAT], inverse=[True])
    assert found(made, unit(0.05, (0, size, 1 / 40_000))) == [2]


def test_a_tie_is_no_breach_and_one_cent_below_is() -> None:
    # 10 long at 100: equity = maintenance at 90 when the wallet is 109.
    made = paths([[100, 90, 90, 89.99]], tiers=[FLAT], inverse=[False])
    tied = search(made, unit(109, (0, 10, 100)), 0, HERE)
    assert (tied.second.tolist(), tied.near.tolist()) == ([3], [0])
    assert found(made, unit(108.99, (0, 10, 100))) == [1]


def test_floats_alone_would_err_at_a_tie() -> None:
    # 0.1 + 0.2 is above 0.3 in floats: equity 0.3 against maintenance 0.3 is no breach.
    made = paths([[0.1], [0.2]], tiers=[None, None], inverse=[False, False])
    pledged = ((0, 1.0, 0.0), (1, 1.0, 0.0))
    assert found(made, unit(-0.3, *pledged)) == [-1]
    tied = search(made, unit(-0.30000000000000004, *pledged), 0, HERE)
    assert (tied.second.tolist(), tied.near.tolist()) == ([0], [0])


def test_a_second_without_a_mark_is_not_evaluated() -> None:
    nan = float("nan")
    made = paths([[100, nan, 10, 10], [50, 50, nan, 50]], tiers=[FLAT, FLAT], inverse=[False] * 2)
    both = unit(200, (0, 10, 100), (1, 1, 50))
    assert found(made, both) == [3]
    # A closed leg is no reason to wait.
    assert found(made, unit(200, (0, 10, 100), (1, 0, 50))) == [2]
    dark = paths([[100, 10], [nan, nan]], tiers=[FLAT, FLAT], inverse=[False] * 2)
    assert found(dark, both) == [-1]


def test_extremes_of_one_block_need_not_meet() -> None:
    # A hedge that is never below its trigger, though its worst marks together would be.
    up = [100.0 + k for k in range(64)]
    made = paths([up, up], tiers=[FLAT, FLAT], inverse=[False] * 2)
    assert found(made, unit(10, (0, 1, 100), (1, -1, 100))) == [-1]


def test_units_without_legs() -> None:
    made = paths([[100.0, 90.0]], tiers=[FLAT], inverse=[False])
    assert found(made, unit(0)) == [-1]
    assert found(made, unit(-0.01)) == [0]
    assert found(made, unit(-0.01), 1) == [1]
    none = unit(0).chunk(0, 0)
    assert first_liquidation(made, none, 0, HERE).tolist() == []


def test_a_unit_that_must_hold_more_than_its_notional() -> None:
    # 1.05 · 100 % asks more than a rising price brings: liquidated on the way up.
    rising = [99.0] * 20 + [100.0 + k for k in range(40)]
    made = paths([rising], tiers=[STEEP], inverse=[False])
    held = unit(2.5, (0, 1, 99), trigger=1.05)
    assert found(made, held) == [exact.first_liquidation(made, held, 0)]
    assert found(made, held)[0] > 20
    assert found(made, unit(2.5, (0, 1, 99))) == [-1]


def test_a_leg_that_crosses_every_tier() -> None:
    falling = [180.0 - k for k in range(175)]
    made = paths([falling], tiers=[SHORT], inverse=[False])
    for wallet in range(-40, 200, 7):
        for size in (1.0, -1.0):
            held = unit(wallet, (0, size, 100))
            assert found(made, held) == [exact.first_liquidation(made, held, 0)]


@pytest.mark.parametrize("begin", [-2, 5, [0, 0, 6]])
def test_a_beginning_outside_the_paths_is_refused(begin: int | list[int]) -> None:
    made, units = world(1, seconds=4, count=3)
    with pytest.raises(InputError, match="would begin outside the 4 seconds"):
        first_liquidation(made, units, begin if isinstance(begin, int) else np.array(begin), HERE)


def test_a_leg_in_no_market_is_refused() -> None:
    made = paths([[100.0]], tiers=[FLAT], inverse=[False])
    with pytest.raises(InputError) as refused:
        first_liquidation(made, unit(1, (0, 1, 100), (1, 1, 100)), 0, HERE)
    assert refused.value.where == "unit 0, leg 1"
