"""What a replay did to a population, by account and in totals, written and read again."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from _aftermaths import Small
from _worked import NONE, Own, Worked

from liquest.replay.outcome import Outcome
from liquest.replay.to_units import Held

near = pytest.approx
COIN = "ATOMUSD_PERP"
MARKETS = Worked({"XRPUSDT": [100, 100, 86, 86], COIN: [5, 5, 5, 5]}, inverse=[COIN])
OWNS = (
    Own(10, [("XRPUSDT", 1, 100)]),
    Own(3, [(COIN, 10, 5)]),
    Own(100, [("XRPUSDT", -2, 100)]),
    Own(13, [("XRPUSDT", 1, 100)], grace=60),
    Own(7, [("XRPUSDT", 0.1, 100)]),
)


def held(world: Small) -> Held:
    """Three accounts: the first with a linear and a coin unit, the last with two."""
    return Held(
        world.units, ["one", "two", "three"], np.array([0, 0, 1, 2, 2]), ("USDT", "ATOM"),
        np.array([0, 1, 0, 0, 0]), ("regular",), np.zeros(5, dtype=np.int64),
        np.zeros(5, dtype=np.bool_),
    )  # fmt: skip


@pytest.fixture
def outcome() -> Outcome:
    world = MARKETS.world(*OWNS, fund=1)
    return Outcome.of(held(world), world.ledger())


def test_accounts_and_what_happened_to_them(outcome: Outcome) -> None:
    assert outcome.accounts == 3
    assert outcome.hit.tolist() == outcome.bankrupt.tolist() == [0]
    assert outcome.open_.tolist() == [2] and outcome.reduced.tolist() == [1]
    assert outcome.first == 2 and outcome.flow.tolist() == [0, 0, near(86), 0]


def test_sums_are_by_account_and_in_dollars(outcome: Outcome) -> None:
    # Four are missing of which the fund has one.
    assert outcome.deficits.tolist() == [near(4), 0, 0] and outcome.deficit == near(4)
    assert outcome.reduced_by.tolist() == [near(0.75 * 86)]
    assert outcome.forgone.tolist() == [near(3)]
    assert outcome.fund_used == near(1) and outcome.fund_net == near(-1)
    assert outcome.residual == near(0, abs=1e-9) and outcome.fee == 0
    # Three coins of 5; then 100 and 28 less 3; then −1 and 7 − 1.4.
    assert outcome.kept.tolist() == [near(15), near(125), near(4.6)]
    assert outcome.forced.shape == (2, 4) and outcome.forced[0, 2] == near(-86 * 0.25)
    assert outcome.notional == near(86)


def test_what_cannot_be_told_is_not_a_number() -> None:
    world = MARKETS.world(*OWNS)
    prices = dict(MARKETS.prices) | {"XRPUSDT": [100, 100, 86, NONE]}
    blind = replace(MARKETS, prices=prices, last=prices).world(*OWNS)
    assert not np.isnan(Outcome.of(held(world), world.ledger()).kept).any()
    kept = Outcome.of(held(blind), blind.ledger()).kept
    assert kept[0] == near(15) and np.isnan(kept[1:]).all()


def test_saved_and_newly_hit(outcome: Outcome) -> None:
    longer = MARKETS.world(*(replace(one, grace=0) for one in OWNS))
    other = Outcome.of(held(longer), longer.ledger())
    assert other.hit.tolist() == [0, 2]
    assert outcome.saved(other).tolist() == [2] and outcome.newly_hit(other).tolist() == []
    assert other.newly_hit(outcome).tolist() == [2] and other.saved(outcome).tolist() == []


def test_nothing_happened() -> None:
    calm = Worked({"XRPUSDT": [100, 100], COIN: [5, 5]}, inverse=[COIN]).world(*OWNS)
    outcome = Outcome.of(held(calm), calm.ledger())
    assert outcome.first == -1 and not len(outcome.hit) and not len(outcome.reduced)
    assert outcome.kept.tolist() == [near(25), near(100), near(20)]


def test_it_is_read_as_it_was_written(outcome: Outcome, tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    outcome.write(path)
    again = Outcome.read(path)
    for one in fields(Outcome):
        before, after = getattr(outcome, one.name), getattr(again, one.name)
        assert type(before) is type(after), one.name
        assert np.array_equal(before, after)
    assert [p.name for p in tmp_path.iterdir()] == ["one.npz"]
