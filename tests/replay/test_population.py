"""Synthetic populations: reproducible, closed, labelled, and the same as arrays and as records."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import UsageError
from liquest.replay.accounts import contract
from liquest.replay.population import Ids, Population, population
from liquest.replay.population_law import Assumptions, ClassShare, Pareto
from liquest.replay.population_terms import Listing
from liquest.replay.positions import read_positions
from liquest.replay.to_units import Conversion, to_units
from liquest.replay.units import Paths
from liquest.rules.ladder import flat
from liquest.rules.tiers import tiers

PRICES = {"BTCUSDT": 121_000, "ETHUSDT": 4_300, "1000PEPEUSDT": 0.0093, "SOLUSDC": 220,
          "BTCUSD_PERP": 121_050, "ATOMUSD_PERP": 4.05}  # fmt: skip
OPEN = {"BTCUSDT": 9_000_000_000, "ETHUSDT": 5_000_000_000, "1000PEPEUSDT": 60_000_000,
        "SOLUSDC": 100_000_000, "BTCUSD_PERP": 900_000_000, "ATOMUSD_PERP": 5_000_000}  # fmt: skip
HOURS = Decimal(2)
LAW = Assumptions(hours=HOURS)
HOW = Conversion(grace={"vip": 60, "regular": 1})


def before(price: float, minutes: int = 121, seed: int = 7) -> Any:
    """A mark by the minute, moving by up to a percent, with some minutes missing."""
    rng = np.random.default_rng(seed)
    path = price * (1 + rng.uniform(-0.01, 0.01, minutes))
    path[rng.random(minutes) < 0.1] = np.nan
    path[-1] = price
    return path


def listings(open_interest: Mapping[str, int] | None = None) -> list[Listing]:
    known = tiers()
    return [
        Listing(
            contract(name), before(price, seed=k),
            known.get(name) or flat(name, Decimal("0.01")),
            None if open_interest is None else Decimal(open_interest[name]),
        )
        for k, (name, price) in enumerate(PRICES.items())
    ]  # fmt: skip


def at_the_beginning(drawn_on: list[Listing]) -> Paths:
    return Paths.of(
        [one.instrument.symbol for one in drawn_on],
        np.array([[one.before[-1]] for one in drawn_on]),
        [one.instrument.inverse for one in drawn_on], [one.tiers for one in drawn_on],
    )  # fmt: skip


def fingerprint(made: Population) -> str:
    total = hashlib.sha256()
    for name in ("category", "isolated", "hedge", "owner", "wallet", "start", "market", "side",
                 "lots", "ticks", "leverage"):  # fmt: skip
        total.update(np.asarray(getattr(made, name)).astype("<i8").tobytes())
    return total.hexdigest()[:16]


@pytest.mark.parametrize("open_interest", [None, OPEN])
def test_arrays_records_and_file_are_the_same_accounts(
    tmp_path: Path, open_interest: Mapping[str, int] | None
) -> None:
    made = population(700, listings(open_interest), seed=11, assumptions=LAW)
    names = ["other", *reversed(PRICES)]
    held = made.units(names, HOW)
    records = list(made.accounts())
    assert made.write(tmp_path / "p.csv") == len(made) == len(records) > 700
    found, problems = read_positions(tmp_path / "p.csv", tiers=tiers())
    assert problems == []
    assert found == records
    again, problems = to_units(found, names, HOW)
    assert problems == []
    for name in ("wallet", "start", "market", "size", "entry", "trigger", "grace"):
        assert np.array_equal(getattr(held.units, name), getattr(again.units, name)), name
    for name in ("account", "currency", "category", "isolated"):
        assert np.array_equal(getattr(held, name), getattr(again, name)), name
    assert list(held.ids) == list(again.ids)
    assert (held.currencies, held.categories) == (again.currencies, again.categories)
    assert held.caveats == again.caveats == made.caveats == ("synthetic",)
    assert {len(a.positions) for a in records[:700]} >= {1, 2, 3}
    assert any(p.inverse for a in records for p in a.positions)


def test_every_account_is_labelled() -> None:
    made = population(20, listings(), seed=1, assumptions=LAW)
    records = list(made.accounts())
    assert records[0].id == "synthetic-0000001"
    assert all(a.synthetic and a.id.startswith("synthetic-") for a in records)
    assert [a.id for a in records] == list(made.ids)


def test_long_and_short_are_equal_and_meet_the_open_interest() -> None:
    drawn_on = listings(OPEN)
    made = population(5000, drawn_on, seed=3, assumptions=LAW)
    signed = np.bincount(made.market, weights=made.side * made.lots, minlength=len(drawn_on))
    assert (signed == 0).all()
    for symbol, held in made.open_interest().items():
        # Each position is rounded to a lot, and an entry price to seven digits.
        assert abs(held.notional / OPEN[symbol] - 1) < Decimal("0.0001"), symbol
        assert 0 <= held.counterparties <= 1
    closing = {a.category for a in list(made.accounts())[5000:]}
    assert closing == {"counterparty"}


def test_the_counterparties_share_is_what_they_hold() -> None:
    made = population(300, listings(), seed=3, assumptions=LAW)
    records = list(made.accounts())
    for symbol, held in made.open_interest().items():
        quantities = {
            (side, drawn): sum(
                (p.quantity for a in (records[:300] if drawn else records[300:])
                 for p in a.positions if p.symbol == symbol and p.side == side), Decimal(0))
            for side in (1, -1) for drawn in (True, False)
        }  # fmt: skip
        long, short = (quantities[s, True] + quantities[s, False] for s in (1, -1))
        assert long == short
        taken = quantities[1, False] + quantities[-1, False]
        assert held.counterparties == (taken / (long + short) if long else 0)
    # Only one side is short of the other, so a contract has counterparties on one side only.
    assert len({a.id for a in records[300:]}) <= LAW.counterparties


def test_a_side_that_tiers_do_not_let_the_drawn_hold_is_held_by_counterparties() -> None:
    drawn_on = [Listing(contract("0GUSDT"), before(2.0), tiers()["0GUSDT"], Decimal(10**11))]
    made = population(20, drawn_on, seed=3, assumptions=LAW)
    held = made.open_interest()["0GUSDT"]
    assert abs(held.notional / 10**11 - 1) < Decimal("0.00001")
    assert held.counterparties > Decimal("0.9")
    records = list(made.accounts())
    assert max(p.notional for a in records[:20] for p in a.positions) <= Decimal(15_000_000)
    sides = {p.side for a in records[20:] for p in a.positions}
    assert sides == {1, -1}


def test_nobody_is_liquidated_before_the_window() -> None:
    drawn_on = listings(OPEN)
    high = replace(LAW, leverage={100: Decimal(1), 125: Decimal(1)}, spare=Decimal(0))
    for law in (LAW, high):
        made = population(4000, drawn_on, seed=5, assumptions=law)
        units = made.units(list(PRICES)).units
        start = at_the_beginning(drawn_on)
        # An entry price is rounded to seven digits: what that moves is far below the margin.
        assert (units.equity(start, 0) > units.maintenance(start, 0)).all()


def test_leverages_are_those_listed_and_allowed() -> None:
    made = population(3000, listings(OPEN), seed=5, assumptions=LAW)
    table = tiers()
    for one in made.accounts():
        for p in one.positions:
            if one.category == "counterparty":
                assert p.leverage is None
                continue
            assert p.leverage is not None and int(p.leverage) in LAW.leverage
            if p.symbol in table:
                table[p.symbol].check_leverage(p.notional, p.leverage)


def test_shares_are_those_assumed() -> None:
    law = Assumptions(
        leverage={5: Decimal(1), 20: Decimal(3)}, long=Decimal("0.8"), isolated=Decimal("0.25"),
        hedge=Decimal("0.3"), legs=(Decimal(1), Decimal(1)), hours=HOURS,
        classes={"regular": ClassShare(Decimal("0.9")), "vip": ClassShare(Decimal("0.1"))},
    )  # fmt: skip
    count = 40_000
    made = population(count, listings(), seed=2, assumptions=law)
    near = {"abs": 4 * 0.5 / count**0.5}
    drawn = made.category[:count]
    assert (drawn == 1).mean() == pytest.approx(0.1, **near)
    assert made.isolated[:count].mean() == pytest.approx(0.25, **near)
    assert made.hedge[:count].mean() == pytest.approx(0.3, **near)
    owner = np.repeat(made.owner, np.diff(made.start))
    legs = owner < count
    # The second leg of an account in hedge mode is the other side of its first.
    one_way = legs & ~made.hedge[owner]
    assert (made.side[one_way] > 0).mean() == pytest.approx(0.8, abs=0.01)
    assert set(made.leverage[legs]) == {5, 20}
    many = np.bincount(owner[legs & made.hedge[owner]], minlength=count)[made.hedge[:count]]
    assert (many == 2).mean() == pytest.approx(0.5, abs=0.02)


def test_a_pareto_population() -> None:
    law = Assumptions(size=Pareto(Decimal(100), Decimal("1.5")), hours=HOURS,
                      classes={"regular": ClassShare(Decimal(1))})  # fmt: skip
    drawn_on = [listings()[0]]
    made = population(20_000, drawn_on, seed=2, assumptions=law)
    sizes = made.lots[:20_000] / 1e7 * 121_000
    assert sizes.min() == pytest.approx(100, rel=1e-3)
    assert (sizes > 1000).mean() == pytest.approx(10**-1.5, abs=0.005)


def test_the_same_seed_gives_the_same_accounts_on_every_machine() -> None:
    first = population(2000, listings(OPEN), seed=9, assumptions=LAW)
    second = population(2000, listings(OPEN), seed=9, assumptions=LAW)
    other = population(2000, listings(OPEN), seed=10, assumptions=LAW)
    assert fingerprint(first) == fingerprint(second) == "2518283ea246139f"
    assert fingerprint(first) != fingerprint(other)


def test_more_accounts_leave_the_first_ones_as_they_are() -> None:
    few = list(population(50, listings(), seed=4, assumptions=LAW).accounts())[:50]
    many = list(population(400, listings(), seed=4, assumptions=LAW).accounts())[:50]
    assert few == many


@given(st.integers(1, 60), st.integers(0, 2**40), st.booleans(), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_any_population_is_closed_and_can_be(
    count: int, seed: int, stated: bool, legs: int
) -> None:
    law = replace(LAW, legs=(Decimal(1),) * legs, hedge=Decimal("0.5"), counterparties=3)
    made = population(count, listings(OPEN if stated else None), seed=seed, assumptions=law)
    assert (np.bincount(made.market, weights=made.side * made.lots) == 0).all()
    assert (made.lots > 0).all() and (made.wallet > 0).all()
    records = list(made.accounts())  # none of which could be built if it could not be
    assert len(records) == len(made) >= count
    held, again = made.units(list(PRICES)), to_units(records, list(PRICES))[0]
    assert np.array_equal(held.units.wallet, again.units.wallet)
    assert np.array_equal(held.units.start, again.units.start)


def test_ids_are_made_when_asked_for() -> None:
    ids = Ids(3)
    assert (len(ids), ids[0], ids[-1], ids[1:]) == (
        3, "synthetic-0000001", "synthetic-0000003", ["synthetic-0000002", "synthetic-0000003"],
    )  # fmt: skip
    with pytest.raises(IndexError):
        ids[3]


def broken(**other: Any) -> Listing:
    given = {"instrument": contract("BTCUSDT"), "before": before(100.0), **other}
    return Listing(**given)


@pytest.mark.parametrize(
    "other",
    [
        {"before": np.array([])}, {"before": np.array([1.0, np.nan])},
        {"before": np.array([[1.0]])}, {"before": np.array([-1.0, 1.0])},
        {"before": np.array([np.inf])}, {"instrument": contract("ETHBTC")},
        {"instrument": contract("FIL-USDT-SWAP", "okx")}, {"open_interest": Decimal("NaN")},
        {"open_interest": Decimal(-1)}, {"weight": Decimal(10) ** 15},
    ],
)  # fmt: skip
def test_listings_that_cannot_be(other: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        broken(**other)


@pytest.mark.parametrize(
    "how",
    [
        {"count": 0}, {"count": 10**9}, {"seed": -1}, {"step": 0}, {"drawn_on": []},
        {"drawn_on": [broken(), broken()]}, {"drawn_on": [broken(weight=Decimal(0))]},
        {"assumptions": Assumptions(hours=Decimal(3))}, {"step": 1},
        {"drawn_on": [broken(before=before(1e-9), open_interest=Decimal(10) ** 12)]},
    ],
)  # fmt: skip
def test_populations_that_cannot_be(how: dict[str, Any]) -> None:
    given = {"count": 10, "seed": 1, "step": 60, "assumptions": LAW, **how}
    drawn_on = given.pop("drawn_on", [broken()])
    with pytest.raises(UsageError) as caught:
        population(given.pop("count"), drawn_on, **given)
    assert caught.value.remedy is not None


def test_a_contract_that_is_not_replayed_is_refused() -> None:
    made = population(10, listings(), seed=1, assumptions=LAW)
    with pytest.raises(UsageError) as caught:
        made.units(["BTCUSDT"])
    assert "ETHUSDT" in caught.value.what.en
