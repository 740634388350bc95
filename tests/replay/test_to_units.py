"""Accounts to margin units: the float arrays say what the exact rules say of the records."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext

import numpy as np
import pytest
from _made_accounts import INVERSE, SYMBOLS, TIERS, accounts
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError, UsageError
from liquest.instruments import STABLE
from liquest.problems import ASIDE, KEPT
from liquest.replay.accounts import (
    LONG,
    SHORT,
    Account,
    Collateral,
    Position,
    Wallet,
    contract,
)
from liquest.replay.to_units import POOL, Conversion, Held, to_units, x_entry, x_size
from liquest.replay.units import Paths, Units
from liquest.rules import margin
from liquest.rules.collateral import CollateralRule
from liquest.rules.ladder import Tiers, flat
from liquest.rules.leg import Leg

ASSETS = ("USDE", "BNSOL", "WBETH", "BTC")
MARKETS = (*SYMBOLS, *INVERSE, *ASSETS)
RATES = {"USDE": Decimal("0.95"), "BNSOL": Decimal("0.9"), "WBETH": Decimal(1), "BTC": Decimal(0)}
HOW = Conversion(rates=RATES, grace={"vip": 30, "regular": 2})


def ladder(symbol: str) -> Tiers:
    return flat(symbol, Decimal("0.01")) if symbol in INVERSE else TIERS[symbol]


def paths(prices: dict[str, Decimal]) -> Paths:
    return Paths.of(
        MARKETS, np.array([[float(prices[m])] for m in MARKETS]), [m in INVERSE for m in MARKETS],
        [None if m in ASSETS else ladder(m) for m in MARKETS],
    )  # fmt: skip


def position(symbol: str, side: int, quantity: str, entry: str, own: str = "") -> Position:
    return Position(contract(symbol), side, Decimal(quantity), Decimal(entry),
                    Decimal(own) if own else None)  # fmt: skip


def exact_units(one: Account, prices: dict[str, Decimal]) -> list[tuple[str, Decimal, Decimal]]:
    """currency, equity and maintenance of every unit, by the exact rules, isolated ones first."""
    found = []
    cross: dict[str, list[Leg]] = {}
    for p in one.positions:
        side = {1: "L", -1: "S"}[p.side]
        leg = Leg(p.symbol, p.side, p.amount, p.entry, p.inverse, ladder(p.symbol), side)
        if p.margin is not None:
            state = margin.isolated(leg, p.margin).margin(prices)
            found.append((p.settle, state.equity, state.maintenance))
            continue
        pot = POOL if one.pooled and p.settle in STABLE else p.settle
        cross.setdefault(pot, []).append(leg)
    if one.collateral:
        cross.setdefault(POOL, [])
    with localcontext(prec=80):
        for pot, legs in cross.items():
            dollars = STABLE if pot == POOL and one.pooled else (pot,)
            balance = sum((w.balance for w in one.wallets if w.currency in dollars), Decimal(0))
            state = margin.Wallet(balance, tuple(legs)).margin(prices)
            pledged = sum(
                (CollateralRule({c.asset: RATES[c.asset] or Decimal(1)})
                 .equity(c.asset, c.balance, prices[c.asset])
                 for c in one.collateral
                 if pot == POOL and (RATES[c.asset] or c.balance < 0)), Decimal(0))  # fmt: skip
            found.append((pot, state.equity + pledged, state.maintenance))
    return found


@given(accounts(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_equity_and_maintenance_are_those_of_the_exact_rules(one: Account, rng: object) -> None:
    random = rng.random  # type: ignore[attr-defined]
    prices = {m: Decimal(repr(0.01 + 1000 * random())) for m in MARKETS}
    held, problems = to_units([one], MARKETS, HOW)
    if problems and problems[0].effect == ASIDE:
        assert one.portfolio and len(held.units) == 0
        return
    here = paths(prices)
    equity, asked = held.units.equity(here, 0), held.units.maintenance(here, 0)
    expected = exact_units(one, prices)
    assert len(held.units) == len(expected)
    for unit, (currency, exact_equity, exact_asked) in enumerate(expected):
        assert held.currencies[held.currency[unit]] == currency
        legs = slice(held.units.start[unit], held.units.start[unit + 1])
        size, entry = held.units.size[legs], held.units.entry[legs]
        marks = here.x[held.units.market[legs], 0]
        scale = abs(held.units.wallet[unit]) + np.abs(size * (marks + entry)).sum() + 1e-300
        assert abs(equity[unit] - float(exact_equity)) <= 1e-12 * scale
        assert abs(asked[unit] - float(exact_asked)) <= 1e-12 * scale + 1e-9
        assert held.units.trigger[unit] == (
            1.05 if one.portfolio and not held.isolated[unit] else 1
        )


def test_a_mixed_account() -> None:
    one = Account(
        "a",
        (
            position("BTCUSDT", LONG, "0.5", "120000", "3000"),
            position("ETHUSDT", SHORT, "10", "4000"),
            position("BTCUSD_PERP", LONG, "50", "125000"),
            position("SOLUSDC", LONG, "7", "200"),
        ),
        (Wallet("USDT", Decimal(8000)), Wallet("USDC", Decimal(50)), Wallet("BTC", Decimal("0.1")),
         Wallet("ETH", Decimal(3))),
        category="vip", hedge=True,
    )  # fmt: skip
    held, problems = to_units([one], MARKETS, HOW)
    assert problems == []
    units = held.units
    assert [held.currencies[c] for c in held.currency] == ["USDT", "USDT", "BTC", "USDC"]
    assert held.isolated.tolist() == [True, False, False, False]
    assert units.wallet.tolist() == [3000, 8000, 0.1, 50]
    assert units.start.tolist() == [0, 1, 2, 3, 4]
    assert [MARKETS[m] for m in units.market] == ["BTCUSDT", "ETHUSDT", "BTCUSD_PERP", "SOLUSDC"]
    assert units.size.tolist() == [0.5, -10, -5000, 7]
    assert units.entry.tolist() == [120000, 4000, 1 / 125000, 200]
    assert units.grace.tolist() == [30] * 4
    assert [held.id(u) for u in range(4)] == ["a"] * 4
    assert held.categories == ("vip",) and held.caveats == ()


def test_a_pooled_account_is_one_unit_with_its_collateral() -> None:
    one = Account(
        "a", (position("BTCUSDT", LONG, "1", "100"), position("SOLUSDC", SHORT, "2", "200")),
        (Wallet("USDT", Decimal(-30)), Wallet("USDC", Decimal("0.5"))),
        (Collateral("USDE", Decimal(1000)), Collateral("BNSOL", Decimal(-3))), portfolio=True,
    )  # fmt: skip
    held, (mixed,) = to_units([one], MARKETS, HOW)
    assert (mixed.code, mixed.effect, mixed.count) == ("pooled-coins", KEPT, 1)
    units = held.units
    assert (held.currencies, units.wallet.tolist()) == ((POOL,), [-29.5])
    assert [MARKETS[m] for m in units.market] == ["BTCUSDT", "SOLUSDC", "BNSOL", "USDE"]
    assert units.size.tolist() == [1, -2, -3, 950]
    assert units.entry.tolist() == [100, 200, 0, 0]
    assert units.trigger.tolist() == [1.05]


def test_collateral_may_be_priced_by_another_market() -> None:
    one = Account("a", collateral=(Collateral("USDE", Decimal(10)),))
    how = Conversion(rates=RATES, priced_as={"USDE": "USDE@pool"})
    held, problems = to_units([one], ["BTCUSDT", "USDE@pool"], how)
    assert (held.units.market.tolist(), problems) == ([1], [])


def test_accounts_that_cannot_be_replayed_are_set_aside_whole() -> None:
    usde = Collateral("USDE", Decimal(10))
    lost = {
        "no path": Account("no path", (position("BTCUSDT", LONG, "1", "9", "5"),
                                       position("XRPUSDT", LONG, "1", "9", "5"))),
        "no asset": Account("no asset", collateral=(Collateral("XAUT", Decimal(1)), usde)),
        "no rate": Account("no rate", collateral=(Collateral("WBETH", Decimal(1)),)),
        "coin leg": Account("coin leg", (position("BTCUSD_PERP", LONG, "1", "9"),),
                            (Wallet("BTC", Decimal(1)),), portfolio=True),
        "coin wallet": Account("coin wallet", (position("BTCUSDT", LONG, "1", "9"),),
                               (Wallet("BTC", Decimal(1)),), portfolio=True),
    }  # fmt: skip
    good = Account("good", (position("BTCUSDT", LONG, "1", "9", "5"),))
    how = Conversion(rates={"USDE": Decimal(1)})
    held, problems = to_units([*lost.values(), good], MARKETS, how)
    assert list(held.ids) == ["good"] and len(held.units) == 1
    assert [p.sample for p in problems] == list(lost)
    for problem in problems:
        assert problem.effect == ASIDE
        assert problem.sample in problem.text.en and re.search("[\u4e00-\u9fff]", problem.text.zh)
    assert [p.code for p in problems] == [
        "no-price-path", "no-price-path", "no-collateral-rate", "portfolio-coin", "portfolio-coin",
    ]  # fmt: skip


def test_a_debt_needs_no_rate() -> None:
    one = Account("a", collateral=(Collateral("WBETH", Decimal(-1)),))
    held, problems = to_units([one], MARKETS, Conversion())
    assert (held.units.size.tolist(), problems) == ([-1.0], [])


def test_many_accounts_set_aside_are_counted() -> None:
    lost = [Account(f"a{i}", (position("XRPUSDT", LONG, "1", "9", "5"),)) for i in range(205)]
    held, problems = to_units(lost, MARKETS)
    assert (len(held.units), len(problems), problems[-1].count) == (0, 201, 5)


def test_grace_by_class() -> None:
    assert [HOW.of(c) for c in ("vip", "regular", "market-maker", "desk")] == [30, 2, 2, 2]
    assert Conversion().of("vip") == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"rates": {"USDE": Decimal("1.01")}}, {"rates": {"USDE": Decimal("NaN")}},
        {"rates": {"USDE": Decimal(-1)}}, {"portfolio_ratio": Decimal("0.99")},
        {"portfolio_ratio": Decimal("NaN")}, {"grace": {"vip": -1}},
    ],
)  # fmt: skip
def test_conversions_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Conversion(**wrong)  # type: ignore[arg-type]


def test_held_arrays_must_fit() -> None:
    units = Units(*(np.array(v) for v in ([1.0], [0, 0], [], [], [], [1.0], [0])))
    with pytest.raises(InputError):
        Held(units, ["a"], np.array([0, 0]), ("USDT",), np.array([0]), ("regular",), np.array([0]),
             np.array([True]))  # fmt: skip


def test_synthetic_accounts_carry_their_caveat() -> None:
    one = Account("s", (position("BTCUSDT", LONG, "1", "9", "5"),), note="synthetic")
    assert to_units([one], MARKETS)[0].caveats == ("synthetic",)


@given(st.integers(1, 10**15), st.integers(0, 12), st.sampled_from((LONG, SHORT)))
@settings(max_examples=1000)
def test_floats_are_the_nearest_to_the_exact_value(ticks: int, places: int, side: int) -> None:
    entry = Decimal(ticks).scaleb(-places)
    linear = Position(contract("BTCUSDT"), side, entry, entry)
    inverse = Position(contract("BTCUSD_PERP"), side, Decimal(ticks), entry)
    assert x_entry(linear) == ticks / 10**places
    assert x_entry(inverse) == 10**places / ticks
    assert x_size(linear) == side * (ticks / 10**places)
    assert x_size(inverse) == -side * float(ticks * 100)
