"""first_liquidations: many paths at once give what each gives by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
import pytest
from _arrays import SEEDS, D, paths, unit, walk, world
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError
from liquest.replay import first
from liquest.replay.first import first_liquidation, first_liquidations
from liquest.replay.units import Paths
from liquest.rules.ladder import flat
from liquest.run.executor import Inline, Threads

HERE = Inline()


def variants(seed: int, base: Paths, count: int) -> list[Paths]:
    """The same path a little, much, or not at all different."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        kind = rng.integers(0, 4)
        x = base.x.copy()
        if kind == 1:
            x *= np.round(1 + rng.normal(0, 0.01, x.shape), 4)
        elif kind == 2:
            x[0] = walk(rng, base.seconds, holes=True)
        elif kind == 3:
            x[:, base.seconds // 2 :] *= 0.5
        made.append(base.marked(x))
    return made


@settings(max_examples=150, deadline=None)
@given(SEEDS, st.integers(1, 20), st.sampled_from([1, 7, 8, 9, 65, 400]))
def test_each_path_gives_what_it_gives_alone(seed: int, count: int, seconds: int) -> None:
    base, units = world(seed, seconds=seconds, count=16)
    many = variants(seed, base, count)
    swept = [found.tolist() for found in first_liquidations(many, units, 0, HERE)]
    assert swept == [first_liquidation(one, units, 0, HERE).tolist() for one in many]


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(0, 100))
def test_a_beginning_holds_for_every_path(seed: int, begin: int) -> None:
    base, units = world(seed, seconds=100)
    many = variants(seed, base, 10)
    swept = [found.tolist() for found in first_liquidations(many, units, begin, Threads(2))]
    assert swept == [first_liquidation(one, units, begin, HERE).tolist() for one in many]


def test_paths_under_other_rules_are_searched_by_themselves() -> None:
    rows = [[100.0, 96.0, 93.0, 91.0]]
    mild, harsh = ([flat("F", rate)] for rate in (D("0.01"), D("0.04")))
    many = [
        paths(rows, tiers=list(mild), inverse=[False]),
        paths(rows, tiers=list(harsh), inverse=[False]),
        paths([[100.0, 91.0]], tiers=list(mild), inverse=[False]),
    ]
    units = unit(90, (0, 10, 100))
    assert [f.tolist() for f in first_liquidations(many, units, 0, HERE)] == [[3], [2], [1]]


class Made(Sequence[Paths]):
    """Paths that are made when they are asked for."""

    def __init__(self, base: Paths, count: int) -> None:
        self._base, self._count = base, count
        self.asked: list[int] = []

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Paths: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Paths]: ...
    def __getitem__(self, place: int | slice) -> Paths | Sequence[Paths]:
        assert isinstance(place, int)
        self.asked.append(place)
        return self._base.marked(self._base.x * (1 - 0.02 * place))


def test_paths_are_asked_for_twice_and_eight_are_held() -> None:
    base, units = world(11, seconds=50)
    many = Made(base, 20)
    count = 0
    for count, found in enumerate(first_liquidations(many, units, 0, HERE), start=1):
        alone = first_liquidation(many[count - 1], units, 0, HERE)
        assert found.tolist() == alone.tolist()
        many.asked.pop()
    assert count == 20
    # The first one once more, to know the rules.
    assert sorted(many.asked) == sorted([0, *range(20), *range(20)])
    assert first.NEIGHBOURS == 8


def test_no_paths_and_no_units() -> None:
    base, units = world(3, seconds=10)
    assert list(first_liquidations([], units, 0, HERE)) == []
    none = units.chunk(0, 0)
    assert [f.tolist() for f in first_liquidations([base, base], none, 0, HERE)] == [[], []]


def test_bad_input_is_refused_before_any_work() -> None:
    base, units = world(3, seconds=10)
    with pytest.raises(InputError, match="would begin outside"):
        next(first_liquidations([base], units, 11, HERE))
    with pytest.raises(InputError) as refused:
        next(first_liquidations([base], unit(1, (9, 1, 100)), 0, HERE))
    assert refused.value.where == "unit 0, leg 0"
