"""tiers: the shipped table of 2025-10-09, contract by contract."""

from __future__ import annotations

import csv
import gzip
import pickle
from decimal import Decimal
from pathlib import Path

import pytest
from _margins import D, amounts, check_shape
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError
from liquest.findings import plain
from liquest.rules.tiers import COLUMNS, SHIPPED, Tiers, read_tiers, tiers

RAW = "brackets/binance_usdm_brackets_2025-10-09.csv.gz"


def test_604_contracts_of_600_symbols() -> None:
    table = tiers()
    dated = [s for s in table if "_" in s]
    assert (len(table), sum(map(len, table.values()))) == (604, 5425)
    assert dated == ["BTCUSDT_251226", "BTCUSDT_260327", "ETHUSDT_251226", "ETHUSDT_260327"]
    assert sum(s.endswith("USDC") for s in table) == 37
    assert all(one.rates[-1] == D("0.5") for one in table.values())
    assert [s for s, one in table.items() if one.cap is None] == ["BTCSTUSDT"]


def test_plain_numbers() -> None:
    rows = list(csv.reader(SHIPPED.read_text(encoding="utf-8").splitlines()))
    assert tuple(rows[0]) == COLUMNS
    cells = {cell for row in rows[1:] for cell in row[1:] if cell}
    assert all(plain(Decimal(cell)) == cell for cell in cells)


def test_known_contracts() -> None:
    table = tiers()
    assert table["BTCUSDT"].maintenance(D(10_000_000)) == 88_000
    assert table["ATOMUSDT"].maintenance(D(100_000)) == 1310
    assert table["ETHBTC"].bracket(D(450)).rate == D("0.025")
    table["BTCUSDT"].check_leverage(D(300_000), D(150))
    with pytest.raises(InputError, match="leverage 75 is above the 50 that bracket 2 of ATOMUSDT"):
        table["ATOMUSDT"].check_leverage(D("10000.01"), D(75))


def test_every_contract_asks_less_than_its_initial_margin() -> None:
    """Else a position at the highest leverage would be liquidated as it is opened."""
    tight = [
        (symbol, bracket.number)
        for symbol, one in tiers().items()
        for bracket in one.brackets
        if bracket.rate * bracket.max_leverage >= 1
    ]
    assert tight == []


@settings(max_examples=1500, deadline=None)
@given(
    st.sampled_from(sorted(tiers())),
    st.lists(amounts("0", "2000000000", 2), min_size=3, max_size=3, unique=True),
)
def test_continuous_and_convex_on_every_contract(symbol: str, notionals: list[Decimal]) -> None:
    check_shape(tiers()[symbol], notionals)


def test_continuous_at_every_floor_of_the_table() -> None:
    for one in tiers().values():
        check_shape(one, [D(1), one.floors[-1] + 2, one.floors[-1] * 3 + 4])


def test_the_raw_list_names_three_contracts_alike(shared_data: Path) -> None:
    with pytest.raises(InputError, match="the tiers of BTCUSDT begin again") as caught:
        read_tiers(shared_data / RAW)
    lines = gzip.decompress((shared_data / RAW).read_bytes()).decode().split("\n")
    number = int(caught.value.where.rpartition(":")[2])
    assert lines[number - 1].startswith("BTCUSDT,1,0.0,50000.0")


def test_the_shipped_table_is_the_raw_one(shared_data: Path) -> None:
    raw = gzip.decompress((shared_data / RAW).read_bytes()).decode().splitlines()[1:]
    cells = [line.split(",") for line in raw]
    stated = sorted((c[0], *map(Decimal, (c[1], c[2], c[4], c[5], c[6]))) for c in cells)
    ours = sorted(
        (one.symbol.partition("_")[0], Decimal(b.number), b.floor, b.rate, b.max_leverage, b.cum)
        for one in tiers().values()
        for b in one.brackets
    )
    assert ours == stated


def test_tables_travel_between_processes() -> None:
    one: Tiers = pickle.loads(pickle.dumps(tiers()["ATOMUSDT"]))
    assert one == tiers()["ATOMUSDT"]
