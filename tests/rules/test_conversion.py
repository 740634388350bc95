"""conversion: stablecoins at their rate, cross-rate trees, redemption and floors."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import UsageError
from liquest.rules.conversion import (
    BNSOL,
    BNSOL_BY_RATE,
    WBETH,
    WBETH_BY_RATE,
    AtPar,
    Blend,
    ByRate,
    Floor,
    Node,
    Price,
    Prices,
    Product,
    Valuation,
    converted,
)

D = Decimal
USD = {"USD": D(1), "USDT": D("0.998"), "USDC": D("1.002"), "USDE": None}


def test_a_price_is_converted_at_the_rates_of_both_currencies() -> None:
    into_usdt = ByRate("USDT", USD)
    assert into_usdt.price(D("4"), "USDT") == 4
    assert into_usdt.price(D("4.99"), "USD") == 5
    usdc = into_usdt.price(D("499"), "USDC")
    assert usdc is not None
    assert abs(usdc - D(501)) < D("1e-40")
    assert ByRate("USD", USD).price(D(1000), "USDT") == 998


def test_a_rate_that_is_not_known_is_never_one() -> None:
    into_usdt = ByRate("USDT", USD)
    assert into_usdt.price(D(4), "USDE") is None
    assert into_usdt.price(D(4), "EUR") is None
    assert into_usdt.price(None, "USD") is None
    assert ByRate("USDE", USD).price(D(4), "USD") is None
    assert ByRate("USDT", {"USDT": D(1), "USD": D(0)}).price(D(4), "USD") is None
    with pytest.raises(UsageError, match="value of USDT"):
        ByRate("USDT", {"USDT": D(-1)})


def test_at_par_is_a_rule_that_names_its_currencies() -> None:
    par = AtPar("USDT", frozenset({"USD", "USDC"}))
    assert [par.price(D(4), c) for c in ("USDT", "USD", "USDC", "EUR")] == [4, 4, 4, None]


def test_paths_convert_as_moments_do() -> None:
    prices = np.array([4.99, 4.99, np.nan, 4.99, 4.99, -1.0])
    usd = np.array([1.0, np.nan, 1.0, 1.0, 0.0, 1.0])
    usdt = np.array([0.998, 0.998, 0.998, np.inf, 0.998, 0.998])
    found = converted(prices, usd, usdt)
    np.testing.assert_allclose(found, [5.0, *[np.nan] * 5], rtol=1e-15)


def test_the_indexes_of_wrapped_coins_before_the_change() -> None:
    prices = {"WBETHUSDT": D(430), "WBETHETH": D("1.07"), "ETHUSDT": D(3800)}
    # 20 % of a book at 430 and 80 % of 4,066: what the print costs a holder.
    assert WBETH.value(prices) == D("0.2") * 430 + D("0.8") * D("4066")
    assert BNSOL.value(
        {"BNSOLUSDT": D(35), "BNSOLSOL": D("1.08"), "SOLUSDT": D(180)}
    ) == D("0.3") * 35 + D("0.7") * D("194.4")  # fmt: skip
    assert str(WBETH) == "20 % WBETHUSDT + 80 % WBETHETH × ETHUSDT"


def test_the_conversion_rate_takes_the_books_out() -> None:
    prices: Prices = {"WBETHUSDT": D(430), "WBETH conversion rate": D("1.08"), "ETHUSDT": D(3800)}
    assert WBETH_BY_RATE.value(prices) == D(4104)
    assert BNSOL_BY_RATE.value(prices) is None


def test_a_blend_divides_by_what_is_there() -> None:
    assert WBETH.value({"WBETHUSDT": D(430), "WBETHETH": None, "ETHUSDT": D(3800)}) == 430
    chain = WBETH.value({"WBETHETH": D("1.07"), "ETHUSDT": D(3800)})
    assert chain == 4066
    assert WBETH.value({"ETHUSDT": D(3800)}) is None
    assert WBETH.value({"WBETHUSDT": D(0)}) is None


def test_a_floor_holds_a_price_up_and_makes_none() -> None:
    floor = Floor(Price("USDEUSDT"), D("0.99"))
    assert floor.value({"USDEUSDT": D("0.6567")}) == D("0.99")
    assert floor.value({"USDEUSDT": D("1.001")}) == D("1.001")
    assert floor.value({}) is None
    path = floor.path({"USDEUSDT": np.array([0.6567, 1.001, np.nan])})
    np.testing.assert_array_equal(path, [0.99, 1.001, np.nan])


def test_collateral_is_valued_by_the_word_of_the_rulebook() -> None:
    usde = Valuation("USDE", Price("venue"), Price("pool"), Price("issuer"))
    prices = {"venue": D("0.6567"), "pool": D("0.995"), "issuer": D(1)}
    worth = {w: usde.by(w).value(prices) for w in ("venue", "onchain", "redemption", "floor:0.9")}
    assert worth == {
        "venue": D("0.6567"), "onchain": D("0.995"), "redemption": D(1), "floor:0.9": D("0.9"),
    }  # fmt: skip


@pytest.mark.parametrize("word", ["redemption", "asset", "_words", "floor:", "floor:x", "floor:-1"])
def test_a_valuation_that_is_not_there_is_refused(word: str) -> None:
    with pytest.raises(UsageError) as refusal:
        Valuation("USDE", Price("venue"), Price("pool")).by(word)
    assert refusal.value.remedy is not None


def test_trees_that_mean_nothing_are_refused() -> None:
    with pytest.raises(UsageError, match="blend of nothing"):
        Blend(())
    with pytest.raises(UsageError, match="above zero"):
        Blend(((D(0), Price("A")),))
    with pytest.raises(UsageError, match="no path for 'B'"):
        Price("B").path({"A": np.ones(3)})


NAMES = ("A", "B", "C")
LEAVES: st.SearchStrategy[Node] = st.sampled_from(NAMES).map(Price)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Product, inner, inner),
        st.builds(Floor, inner, st.integers(0, 9).map(lambda n: D(n) / 4)),
        st.lists(st.tuples(st.integers(1, 9).map(D), inner), min_size=1, max_size=3).map(
            lambda parts: Blend(tuple(parts))
        ),
    ),
    max_leaves=6,
)
CELLS = st.none() | st.integers(1, 4000).map(lambda n: D(n) / 1000)


@given(tree=TREES, rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4))
@settings(max_examples=400, deadline=None)
def test_a_tree_is_the_same_for_a_moment_and_for_a_path(
    tree: Node, rows: list[tuple[Decimal | None, ...]]
) -> None:
    columns = zip(*rows, strict=True)
    paths = {
        name: np.array([np.nan if v is None else float(v) for v in column])
        for name, column in zip(NAMES, columns, strict=True)
    }
    for value, row in zip(tree.path(paths), rows, strict=True):
        wanted = tree.value(dict(zip(NAMES, row, strict=True)))
        if wanted is None:
            assert np.isnan(value)
        else:
            assert abs(D(float(value)) - wanted) <= D("1e-12") * wanted
