"""liquidation_price: the tier at the price itself, against bisection on the definition."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from _margins import OLD_ETH, D, ladder, marked, surplus, wallets
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError
from liquest.findings import rounded
from liquest.rules import inverse, linear
from liquest.rules.ladder import flat
from liquest.rules.linear import Part
from liquest.rules.liquidation_price import (
    Standing,
    liquidation_price,
    liquidation_prices,
    standing,
    standing_of,
)
from liquest.rules.margin import LONG, SHORT, Leg, Wallet, isolated
from liquest.rules.tiers import tiers

TIGHT = D("1e-20")


def test_the_venues_example_through_its_own_tiers() -> None:
    """The other contract is one whose profit and maintenance at mark are as stated."""
    own = Leg("ETHUSDT", 1, D("3683.979"), D("1456.84"), False, OLD_ETH)
    notional = D("71200.81144") / D("0.05")
    entry = (notional + D("56354.57")) / 10
    other = Leg("BTCUSDT", 1, D(10), entry, False, flat("BTCUSDT", D("0.05")))
    wallet = Wallet(D("1535443.01"), (own, other))
    marks = {"ETHUSDT": D("1335.18"), "BTCUSDT": notional / 10}
    price = liquidation_price(wallet, "ETHUSDT", marks)
    assert price is not None and rounded(price, 2) == D("1153.26")
    margin = wallet.margin({**marks, "ETHUSDT": price})
    assert rounded(margin.equity, 2) == rounded(margin.maintenance, 2) == D("360693.07")


def test_the_tier_is_the_one_at_the_price_not_at_the_mark() -> None:
    own = Leg("ETHUSDT", 1, D(100), D(1000), False, OLD_ETH)
    wallet = isolated(own, D(60_000))
    # At 1,000 the notional is in the 1 % tier, at the price it is in that of 0.65 %:
    # 60,000 + 100·(P − 1,000) = 0.65 %·100·P − 15.
    price = liquidation_price(wallet, "ETHUSDT", {})
    assert price is not None
    assert rounded(price, 10) == rounded(D(39_985) / D("99.35"), 10)
    assert own.tiers.bracket(own.notional(price)).number == 2
    assert own.tiers.bracket(own.notional(D(1001))).number == 3


@pytest.mark.parametrize(("side", "price"), [(1, "38846.15"), (-1, "41250.00")])
def test_inverse(side: int, price: str) -> None:
    """500 contracts of 100 USD at 40,000, 0.05 BTC in the wallet, a rate of 1 %."""
    own = Leg("BTCUSD_PERP", side, D(50_000), D(40_000), True, flat("BTCUSD_PERP", D("0.01")))
    found = liquidation_price(isolated(own, D("0.05")), "BTCUSD_PERP", {})
    assert found is not None and rounded(found, 2) == D(price)


@pytest.mark.parametrize(
    ("side", "is_inverse", "balance", "expected"),
    [
        (1, False, "1000", Standing(None, None)),
        (1, False, "2000", Standing(None, None)),
        (-1, False, "-1000", Standing(None, None, never=True)),
        (-1, False, "-1001", Standing(None, None, never=True)),
        (1, True, "-0.1", Standing(None, None, never=True)),
        (-1, True, "0.1", Standing(None, None)),
        (-1, True, "0.2", Standing(None, None)),
    ],
)
def test_where_there_is_no_liquidation_price(
    side: int, is_inverse: bool, balance: str, expected: Standing
) -> None:
    """A covered long falls to zero unhurt, a covered inverse short rises for ever; who is so
    deep in debt that no price helps stands nowhere. 10 units at 100."""
    own = Leg("X", side, D(10), D(100), is_inverse, flat("X", D("0.01")))
    wallet = isolated(own, D(balance))
    assert standing(wallet, {}) == {"X": expected}
    assert liquidation_price(wallet, "X", {}) is None
    for price in ("0.0001", "1", "100", "1000000"):
        assert wallet.margin({"X": D(price)}).liquidated == expected.never
        assert (D(price) in expected) != expected.never


def hedged(balance: str, *quantities: str) -> Wallet:
    steep = ladder("X", "0 0.01 50", "2000 0.5 1")
    long, short = (D(q) for q in quantities)
    return Wallet(
        D(balance),
        (
            Leg("X", 1, long, D(100), False, steep, LONG),
            Leg("X", -1, short, D(100), False, steep, SHORT),
        ),
    )


def test_a_balanced_hedge_is_liquidated_upwards() -> None:
    """Nothing is won or lost, but the maintenance margin of both sides grows with the price."""
    found = standing(hedged("100", "10", "10"), {})["X"]
    assert (found.low, found.high) == (None, D(206))  # 100 = 2·(0.5·10·206 − 980)
    assert liquidation_price(hedged("100", "10", "10"), "X", {}) == 206


def test_a_hedge_can_have_two_liquidation_prices() -> None:
    wallet = hedged("50", "12", "10")
    found = standing(wallet, {})["X"]
    assert found.low is not None and found.high is not None
    assert found.low < 100 < found.high
    assert liquidation_price(wallet, "X", {}) == found.low
    assert liquidation_price(hedged("50", "10", "12"), "X", {}) == found_high("50", "10", "12")
    for price in (found.low, found.high):
        assert abs(surplus(wallet, {"X": price})) < TIGHT
    assert wallet.margin({"X": found.low - 1}).liquidated
    assert wallet.margin({"X": found.high + 1}).liquidated
    assert not wallet.margin({"X": D(100)}).liquidated


def found_high(*wallet: str) -> Decimal | None:
    return standing(hedged(*wallet), {})["X"].high


def test_a_rate_of_one_holds_a_long_where_it_is() -> None:
    """At 100 % equity and maintenance move together: only the lower tier has a price."""
    whole = ladder("X", "0 0.5 2", "500 1 1")
    wallet = isolated(Leg("X", 1, D(10), D(100), False, whole), D(800))
    # 800 + 10·(P − 100) = 0.5·10·P  →  P = 40; above 50 the surplus stays 50.
    assert standing(wallet, {})["X"] == Standing(D(40), None)
    level = isolated(Leg("X", 1, D(10), D(100), False, whole), D(750))
    assert standing(level, {})["X"] == Standing(D(50), None)
    short_of_it = isolated(Leg("X", 1, D(10), D(100), False, whole), D(749))
    assert standing(short_of_it, {})["X"].never


def test_a_hedge_in_debt_may_stand_nowhere() -> None:
    """Net long it wants a high price, but then the maintenance of both sides is too much."""
    wallet = hedged("-100", "12", "10")
    found = standing(wallet, {})["X"]
    assert found == Standing(None, None, never=True)
    assert all(wallet.margin({"X": D(p)}).liquidated for p in range(1, 1000))


def test_a_symbol_that_is_not_held_and_a_mark_that_is_missing() -> None:
    wallet = Wallet(D(1), tuple(Leg(s, 1, D(1), D(1), False, flat(s, D("0.01"))) for s in "XY"))
    with pytest.raises(InputError, match="holds no Z"):
        standing_of(wallet, "Z", {})
    with pytest.raises(InputError, match="no mark price for Y"):
        liquidation_price(wallet, "X", {})
    with pytest.raises(InputError, match="no mark price for X"):
        liquidation_prices(wallet, {"Y": D(1)})
    assert standing(Wallet(D(1)), {}) == {}


def test_thousands_of_legs() -> None:
    """One pass over the legs for all symbols; each agrees with the one asked for alone."""
    table = list(tiers().values())
    held = tuple(
        Leg(f"{table[k % 604].symbol}#{k}", 1 - 2 * (k % 2), D(10 + k), D(100 + k % 7), False,
            table[k % 604])
        for k in range(3000)
    )  # fmt: skip
    wallet = Wallet(D(10**8), held)
    marks = {leg.symbol: leg.entry * D("1.01") for leg in held}
    found = liquidation_prices(wallet, marks)
    assert len(found) == 3000
    for leg in held[::1000]:
        alone = liquidation_price(wallet, leg.symbol, marks)
        one = found[leg.symbol]
        assert (alone is None) == (one is None)
        if alone is not None and one is not None:
            assert abs(alone / one - 1) < TIGHT


def root(wallet: Wallet, symbol: str, marks: dict[str, Decimal]) -> Decimal | None:
    """The price between 1e-40 and 1e40 where the surplus changes sign, halving its logarithm."""

    def sign(price: Decimal) -> bool:
        return surplus(wallet, {**marks, symbol: price}) >= 0

    with localcontext(prec=40):
        low, high = D("1e-40"), D("1e40")
        at_low = sign(low)
        if sign(high) == at_low:
            return None
        while high / low - 1 > D("1e-22"):
            middle = (low * high).sqrt()
            if sign(middle) == at_low:
                low = middle
            else:
                high = middle
        return low


@settings(max_examples=300, deadline=None)
@given(st.data(), wallets())
def test_one_way_and_isolated_against_bisection(data: st.DataObject, wallet: Wallet) -> None:
    marks = data.draw(marked(wallet))
    leg = wallet.legs[0]
    found = liquidation_price(wallet, leg.symbol, marks)
    expected = root(wallet, leg.symbol, marks)
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert abs(found / expected - 1) < D("1e-20")
        # The side on which it falls: a long below its price, a short above.
        worse = found * (D("0.999") if leg.side > 0 else D("1.001"))
        assert wallet.margin({**marks, leg.symbol: worse}).liquidated


@settings(max_examples=200, deadline=None)
@given(st.data(), st.booleans())
def test_equity_is_the_maintenance_margin_there(data: st.DataObject, is_hedged: bool) -> None:
    wallet = data.draw(wallets(hedged=is_hedged))
    marks = data.draw(marked(wallet))
    for symbol, found in standing(wallet, marks).items():
        for price in (found.low, found.high):
            if price is None:
                continue
            margin = wallet.margin({**marks, symbol: price})
            due = margin.maintenance * wallet.trigger
            assert abs(margin.equity - due) <= due * TIGHT


@settings(max_examples=200, deadline=None)
@given(st.data(), st.booleans())
def test_the_interval_is_where_the_unit_stands(data: st.DataObject, is_hedged: bool) -> None:
    """At random prices, at the mark and a little to both sides of each bound."""
    wallet = data.draw(wallets(hedged=is_hedged))
    marks = data.draw(marked(wallet))
    prices = data.draw(st.lists(st.integers(1, 10**9), min_size=5, max_size=5))
    for symbol, found in standing(wallet, marks).items():
        tried = [marks[symbol], *(D(p).scaleb(-4) for p in prices)]
        for bound in (found.low, found.high):
            if bound is not None:
                tried += [bound * D("0.999999999"), bound * D("1.000000001")]
        for price in tried:
            at = {**marks, symbol: price}
            assert wallet.margin(at).liquidated != (price in found)
        assert standing_of(wallet, symbol, marks).never == found.never


@settings(max_examples=200, deadline=None)
@given(st.data(), st.booleans())
def test_the_venues_formula_agrees_with_the_tier_at_the_price(
    data: st.DataObject, is_hedged: bool
) -> None:
    """Rate and cum of the tier at the price, other symbols' maintenance and profit at mark."""
    drawn = data.draw(wallets(hedged=is_hedged))
    wallet = Wallet(drawn.balance, drawn.legs)
    marks = data.draw(marked(wallet))
    form = inverse if wallet.legs[0].inverse else linear
    for symbol, found in standing(wallet, marks).items():
        others = Wallet(D(0), tuple(g for g in wallet.legs if g.symbol != symbol)).margin(marks)
        for price in (found.low, found.high):
            if price is None:
                continue
            parts = []
            for leg in (g for g in wallet.legs if g.symbol == symbol):
                tier = leg.tiers.bracket(leg.notional(price))
                parts.append(Part(leg.side, leg.quantity, leg.entry, tier.rate, tier.cum))
            stated = form.liquidation_price(
                wallet.balance, others.maintenance, others.unrealised, parts
            )
            assert stated is not None and abs(stated / price - 1) < TIGHT
