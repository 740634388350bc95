"""Ladders, legs and wallets for the tests of margin: the venue's old tables and random ones."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from liquest.rules.exact import exact
from liquest.rules.ladder import Tiers, cumulated
from liquest.rules.leg import BOTH, LONG, SHORT
from liquest.rules.margin import Leg, Wallet

D = Decimal


def ladder(symbol: str, *rows: str, cap: str | None = None) -> Tiers:
    """Tiers from rows of "floor rate leverage", with cum by the recursion."""
    cells = [[D(c) for c in row.split()] for row in rows]
    floors, rates, leverages = (tuple(c) for c in zip(*cells, strict=True))
    cums = tuple(cumulated(floors, rates))
    return Tiers(symbol, floors, rates, cums, leverages, None if cap is None else D(cap))


OLD_ETH = ladder(
    "ETHUSDT", "0 0.005 100", "10000 0.0065 75", "100000 0.01 50", "500000 0.02 25",
    "1000000 0.05 10", "2000000 0.1 5", "5000000 0.125 4", cap="10000000",
)  # fmt: skip
"""ETHUSDT as it was when the venue wrote its example of a liquidation price."""


def amounts(least: str, most: str, places: int) -> st.SearchStrategy[Decimal]:
    """Decimals in a range, with a number of places."""
    return st.decimals(D(least), D(most), places=places, allow_nan=False, allow_infinity=False)


@st.composite
def ladders(draw: st.DrawFn, symbol: str = "X", scale: int = 0) -> Tiers:
    """One to eight tiers, floors up to some ten millions times 10^scale, rates 0.1–90 %."""
    count = draw(st.integers(1, 8))
    steps = draw(st.lists(st.integers(1, 9_999_999), min_size=count - 1, max_size=count - 1))
    rates = draw(st.lists(st.integers(1, 900), min_size=count, max_size=count, unique=True))
    floors = tuple(D(sum(steps[:k])).scaleb(scale) for k in range(count))
    shares = tuple(D(r).scaleb(-3) for r in sorted(rates))
    leverages = tuple(D(count - k) for k in range(count))
    return Tiers(symbol, floors, shares, tuple(cumulated(floors, shares)), leverages)


@st.composite
def legs(
    draw: st.DrawFn, symbol: str, inverse: bool, position: str = BOTH, tiers: Tiers | None = None
) -> Leg:
    """A leg of any side that its place allows, over eight orders of magnitude."""
    side = {LONG: 1, SHORT: -1}.get(position) or draw(st.sampled_from((1, -1)))
    quantity = draw(amounts("10", "10000000", 0) if inverse else amounts("0.001", "100000", 3))
    entry = draw(amounts("0.0001", "100000", 4))
    chosen = tiers or draw(ladders(symbol, -4 if inverse else 0))
    return Leg(symbol, side, quantity, entry, inverse, chosen, position)


@st.composite
def wallets(draw: st.DrawFn, hedged: bool = False, most: int = 3) -> Wallet:
    """Linear or inverse legs of up to `most` symbols; hedged ones hold long and short."""
    inverse = draw(st.booleans())
    held: list[Leg] = []
    for k in range(draw(st.integers(1, most))):
        symbol = f"S{k}"
        tiers = draw(ladders(symbol, -4 if inverse else 0))
        for place in (LONG, SHORT) if hedged else (BOTH,):
            held.append(draw(legs(symbol, inverse, place, tiers)))
    balance = draw(amounts("-1000", "1000000", 2))
    trigger = draw(st.sampled_from((D(1), D("1.05"))))
    return Wallet(balance.scaleb(-4) if inverse else balance, tuple(held), trigger)


@st.composite
def marked(draw: st.DrawFn, wallet: Wallet) -> dict[str, Decimal]:
    """A mark for every symbol, between half and twice an entry price."""
    return {
        leg.symbol: leg.entry * draw(amounts("0.5", "2", 3)) for leg in wallet.legs
    }  # fmt: skip


@exact
def surplus(wallet: Wallet, marks: dict[str, Decimal]) -> Decimal:
    """equity − trigger · maintenance, by the definition."""
    margin = wallet.margin(marks)
    return margin.equity - wallet.trigger * margin.maintenance


def check_shape(tiers: Tiers, notionals: list[Decimal]) -> None:
    """Continuity at every floor; convexity and growth between three notionals."""
    for k in range(1, len(tiers)):
        floor = Fraction(tiers.floors[k])
        below = Fraction(tiers.rates[k - 1]) * floor - Fraction(tiers.cums[k - 1])
        above = Fraction(tiers.rates[k]) * floor - Fraction(tiers.cums[k])
        assert below == above == Fraction(tiers.maintenance(tiers.floors[k]))
    n = sorted(notionals)
    low, mid, high = (Fraction(tiers.maintenance(v)) for v in n)
    a, b, c = map(Fraction, n)
    assert 0 <= low < mid < high <= c
    assert (mid - low) * (c - b) <= (high - mid) * (b - a)
