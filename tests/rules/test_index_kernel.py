"""index_kernel: the path is the exact index of every second, for every rule there is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import UsageError
from liquest.rules.centre_kernel import Floats, Ints
from liquest.rules.index import (
    HOLD,
    HOLES,
    METHODS,
    Held,
    IndexRule,
    IndexValue,
    Quote,
    index_price,
)
from liquest.rules.index_kernel import IndexPath, index_path, weights_of
from liquest.rules.protection import UNPROTECTED, Capping, Protection, Zeroing

D = Decimal
POLICIES: tuple[Protection, ...] = (UNPROTECTED, Zeroing(D("0.05")), Capping(D("0.03")))
RULES = tuple(product(METHODS, POLICIES, HOLES))


class Market:
    """Prices in thousandths (0: none), ages, volumes [K, S] and weights [K]; None is no source."""

    def __init__(self, shape: tuple[int, int], cells: list[tuple[int, int, int]],
                 weights: list[int | None], scale: int) -> None:  # fmt: skip
        grid = np.array(cells, dtype=np.int64).reshape((*shape, 3))
        self.prices, self.ages, self.volumes = grid[..., 0], grid[..., 1], grid[..., 2]
        self.weights = tuple(None if w is None else D(w) for w in weights)
        self.scale = D(10) ** scale

    def path(self, rule: IndexRule) -> IndexPath:
        prices = np.array(
            [[float(D(int(p)) * self.scale) if p else np.nan for p in row] for row in self.prices]
        )
        return index_path(
            prices, self.ages, weights_of(replace(rule, weights=self.weights)), rule,
            self.volumes.astype(np.float64),
        )  # fmt: skip

    def exact(self, rule: IndexRule) -> list[IndexValue]:
        """The same by `index_price`, second after second."""
        made: list[IndexValue] = []
        held: tuple[Decimal, int] | None = None
        for s in range(self.prices.shape[1]):
            quotes = [
                Quote(
                    f"{k}", D(int(p)) * self.scale if p and age >= 0 else None, max(int(age), 0),
                    w, D(int(v)),
                )
                for k, (p, age, w, v) in enumerate(
                    zip(self.prices[:, s], self.ages[:, s], self.weights, self.volumes[:, s],
                        strict=True)
                )
            ]  # fmt: skip
            found = index_price(quotes, rule, Held(held[0], s - held[1]) if held else None)
            if found.live and found.value is not None:
                held = found.value, s
            made.append(found)
        return made


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Up to 7 sources over up to 6 seconds; close prices, so that limits and ties are met."""
    shape = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    near = st.sampled_from((0, 950, 970, 1000, 1030, 1050))
    price = near | st.integers(900, 1100) | st.integers(1, 5000)
    cell = st.tuples(price, st.sampled_from((-1, 0, 0, 0, 3, 9, 10, 11)), st.integers(0, 3))
    size = shape[0] * shape[1]
    return Market(
        shape, draw(st.lists(cell, min_size=size, max_size=size)),
        draw(st.lists(st.none() | st.integers(0, 4), min_size=shape[0], max_size=shape[0])),
        draw(st.integers(-6, 4)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("method", "policy", "missing"), RULES, ids=lambda v: getattr(v, "word", v)
)
@given(market=markets())
@settings(max_examples=40, deadline=None)
def test_the_path_is_the_exact_index(
    method: str, policy: Protection, missing: str, market: Market
) -> None:
    rule = IndexRule(method=method, protection=policy, missing=missing, hold_s=2)
    path, exact = market.path(rule), market.exact(rule)
    assert list(path.live) == [e.live for e in exact]
    assert list(path.touched) == [e.capped for e in exact]
    for value, wanted in zip(path.value, exact, strict=True):
        if wanted.value is None:
            assert np.isnan(value)
        else:
            assert abs(D(float(value)) / wanted.value - 1) < D("1e-12")


def one(*prices: float, ages: int = 0) -> tuple[Floats, Ints, Floats]:
    """One second of equal sources."""
    column = np.array(prices).reshape(-1, 1)
    return column, np.full(column.shape, ages, dtype=np.int64), np.ones(len(prices))


@pytest.mark.parametrize("nothing", [np.nan, 0.0, -1.0, np.inf])
def test_what_is_no_price_has_no_weight(nothing: float) -> None:
    path = index_path(*one(nothing, 2.0, 4.0), IndexRule())
    assert (path.value[0], path.live[0]) == (3.0, 2)
    assert np.isnan(index_path(*one(nothing), IndexRule()).value[0])


@pytest.mark.parametrize("policy", [Zeroing(D("0.05")), Capping(D("0.05"))])
@given(tick=st.integers(1, 10**6), scale=st.integers(-12, 3))
@settings(max_examples=300, deadline=None)
def test_five_percent_in_binary_is_not_beyond_five_percent(
    policy: Protection, tick: int, scale: int
) -> None:
    # 19, 20 and 21 ticks: none of these need be what it says in binary.
    unit = D(tick).scaleb(scale)
    path = index_path(*one(*(float(n * unit) for n in (19, 20, 21))), IndexRule(protection=policy))
    assert path.touched[0] == 0
    beyond = one(float(D("18.9999") * unit), float(20 * unit), float(21 * unit))
    assert index_path(*beyond, IndexRule(protection=policy)).touched[0] == 1


def test_the_last_value_stands_until_its_time_is_up() -> None:
    prices = np.array([[np.nan, 5.0, np.nan, np.nan, np.nan, 6.0]])
    ages = np.zeros(prices.shape, dtype=np.int64)
    held = index_path(prices, ages, np.ones(1), IndexRule(missing=HOLD, hold_s=2))
    np.testing.assert_array_equal(held.value, [np.nan, 5.0, 5.0, 5.0, np.nan, 6.0])
    assert held.live.tolist() == [0, 1, 0, 0, 0, 1]
    forever = index_path(prices, ages, np.ones(1), IndexRule(missing=HOLD))
    np.testing.assert_array_equal(forever.value, [np.nan, 5.0, 5.0, 5.0, 5.0, 6.0])


def test_a_volume_that_is_not_known_weighs_nothing() -> None:
    prices, ages, weights = one(1.0, 2.0, 9.0)
    volumes = np.array([[np.nan], [1.0], [-3.0]])
    path = index_path(prices, ages, weights, IndexRule(method="volume-median"), volumes)
    assert path.value[0] == 2.0


def test_the_same_input_gives_the_same_bits() -> None:
    random = np.random.default_rng(7)
    prices = 100 * np.exp(random.normal(0, 0.05, (12, 500)))
    ages = random.integers(0, 12, prices.shape)
    rule = IndexRule(protection=Capping(D("0.03")))
    first, second = (index_path(prices, ages, np.ones(12), rule).value for _ in range(2))
    assert first.tobytes() == second.tobytes()
    # Neither the layout of the array nor the order of the sources is seen in the median.
    turned = np.asfortranarray(prices)
    assert index_path(turned, ages, np.ones(12), rule).value.tobytes() == first.tobytes()
    middle = IndexRule(method="median")
    back = index_path(prices[::-1], ages[::-1], np.ones(12), middle).value
    assert back.tobytes() == index_path(prices, ages, np.ones(12), middle).value.tobytes()


def test_arrays_that_do_not_fit_are_refused() -> None:
    prices, ages, weights = one(1.0, 2.0)
    with pytest.raises(UsageError, match="do not fit"):
        index_path(prices, ages, np.ones(3), IndexRule())
    with pytest.raises(UsageError, match="do not fit"):
        index_path(prices, ages[:1], weights, IndexRule())
    with pytest.raises(UsageError, match="33 sources"):
        index_path(*one(*range(1, 34)), IndexRule())
    with pytest.raises(UsageError, match="below zero"):
        index_path(prices, ages, np.array([1.0, -1.0]), IndexRule())
    with pytest.raises(UsageError, match="without the volume"):
        index_path(prices, ages, weights, IndexRule(method="volume-median"))
