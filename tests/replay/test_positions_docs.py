"""docs/positions.md says what the reader does: its examples are read, its defaults are those."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from liquest.replay.accounts import CATEGORIES
from liquest.replay.population_law import Assumptions
from liquest.replay.population_toml import parse_assumptions
from liquest.replay.positions import read_positions
from liquest.replay.positions_columns import COLUMNS, REQUIRED, column
from liquest.replay.positions_table import MOST_HELD
from liquest.replay.to_units import Conversion, to_units
from liquest.rules.tiers import tiers

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "positions.md").read_text(encoding="utf-8")
TABLES = re.findall(r"^```csv\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(("number", "accounts"), [(0, 5), (1, 2), (2, 2)])
def test_tables_of_the_page_are_read(tmp_path: Path, number: int, accounts: int) -> None:
    path = tmp_path / "page.csv"
    path.write_text(TABLES[number], encoding="utf-8")
    found, problems = read_positions(path, tiers=tiers())
    assert (len(found), problems) == (accounts, [])


def test_every_column_is_explained_under_every_name_it_is_given() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", PAGE, re.MULTILINE)
    assert [name for name, _ in rows] == list(COLUMNS)
    for name, others in rows:
        for other in others.split(","):
            assert column(other) == name, other
    assert f"Required: {', '.join(REQUIRED)}" in PAGE
    assert f"{MOST_HELD:,} rows" in PAGE


def test_the_defaults_are_those_of_the_page() -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert parse_assumptions(tomllib.loads(block, parse_float=Decimal)) == Assumptions()


def test_the_example_is_synthetic_and_can_be_replayed() -> None:
    found, problems = read_positions(DOCS / "synthetic_positions.csv", tiers=tiers())
    assert problems == []
    assert all(a.synthetic and a.id.startswith("synthetic-") for a in found)
    assert {a.category for a in found} < set(CATEGORIES)
    names = [*sorted({p.symbol for a in found for p in a.positions}), "USDE", "BNSOL"]
    how = Conversion(rates={"USDE": Decimal("0.95"), "BNSOL": Decimal("0.9")})
    held, problems = to_units(found, names, how)
    assert (problems, held.caveats) == ([], ("synthetic",))
    assert set(held.currencies) == {"USDT", "BTC", "ATOM", "USD"}
