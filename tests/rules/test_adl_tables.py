"""The per-wave tables of the literature on the day's auto-deleveraging, reproduced."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from liquest.errors import InputError
from liquest.findings import rounded
from liquest.rules.budget import Gap, counted_again, counted_once, needed_budget, overshoot

D = Decimal
Row = dict[str, str]
TOLERANCE = D("1E-6")
"""The tables were printed from doubles."""


def table(shared_data: Path, name: str) -> list[Row]:
    with (shared_data / "adl" / f"chitra_{name}.csv").open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def by_wave(rows: list[Row], column: str) -> dict[int, Decimal]:
    return {int(row["wave"]): D(row[column]) for row in rows}


@pytest.fixture(scope="module")
def gaps(shared_data: Path) -> list[Gap]:
    return [
        Gap(int(r["wave"]), r["coin"], D(r["gap_per_contract_usd"]), D(r["qty_contracts"]))
        for r in table(shared_data, "wave_coin_gap_per_contract")
    ]


def near(found: dict[int, Decimal], expected: dict[int, Decimal]) -> bool:
    return found.keys() == expected.keys() and all(
        abs(found[wave] - expected[wave]) < TOLERANCE for wave in expected
    )


def test_the_needed_budget_of_every_wave_and_in_total(shared_data: Path, gaps: list[Gap]) -> None:
    needed = needed_budget(gaps)
    assert near(needed, by_wave(table(shared_data, "policy_per_wave_metrics"), "budget_needed"))
    assert near(needed, by_wave(table(shared_data, "two_pass_by_wave_h0"), "budget_needed_usd"))
    assert (len(needed), rounded(sum(needed.values()), 2)) == (16, D("15079669.61"))


def test_what_production_took_beyond_it(shared_data: Path, gaps: list[Gap]) -> None:
    rows = table(shared_data, "policy_per_wave_metrics")
    taken = by_wave(rows, "budget_prod")
    assert rounded(sum(taken.values()), 2) == D("60108335.33")
    beyond = overshoot(taken, needed_budget(gaps))
    assert near(beyond, by_wave(rows, "overshoot_prod"))
    assert rounded(sum(beyond.values()), 2) == D("45028665.72")
    # In six waves production took less than was needed: a sum hides it.
    assert sum(amount < 0 for amount in beyond.values()) == 6


def test_the_deficit_counts_one_account_in_nine_waves(shared_data: Path) -> None:
    rows = table(shared_data, "bad_debt_loser_waves")
    deficit = sum(by_wave(rows, "deficit_usd").values(), D(0))
    largest = by_wave(rows, "max_loss_usd")
    assert rounded(deficit, 2) == D("100063386.69")
    assert counted_again(largest) == {D("10925707.159377944"): 9}
    assert rounded(counted_once(deficit, largest), 2) == D("12657729.41")


def test_events_of_the_day_count_each_adl_fill_twice(shared_data: Path) -> None:
    # "98,620 events, $7.61 B" is a sum of all liquidation fills and, once more, of the fills
    # among them that were auto-deleveraged. The tables hold the rows of the waves with bad
    # debt only: they must be part of the 34,983, and cannot be added to the 63,637.
    fills, adl = 63_637, 34_983
    assert fills + adl == 98_620
    assert D("5.511") + D("2.103") == D("7.614")
    rows = sum(int(r["n_rows"]) for r in table(shared_data, "bad_debt_loser_waves"))
    assert rows == 31_152 and rows < adl < fills


def test_a_gap_is_a_distance() -> None:
    up = Gap.between(1, "BTC", D(100), D(98), D(3))
    down = Gap.between(1, "BTC", D(98), D(100), D(3))
    assert up.gap == down.gap == 2 and needed_budget([up, down]) == {1: 12}


@pytest.mark.parametrize(("gap", "quantity"), [("-1", "1"), ("1", "-1"), ("nan", "1")])
def test_what_is_no_gap_is_refused(gap: str, quantity: str) -> None:
    with pytest.raises(InputError) as refused:
        Gap(3, "ETH", D(gap), D(quantity))
    assert refused.value.where == "wave 3, ETH"
