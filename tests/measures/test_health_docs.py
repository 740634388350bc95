"""docs/health.md: its TOML is what the program takes, its numbers are what the program says."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path

from liquest.measures._obligation import obligation_of
from liquest.measures._odds import Together
from liquest.measures.uptime import DEFAULTS
from liquest.params import with_defaults
from liquest.screens import screens
from liquest.tape.mapped import parse_map

PAGE = (Path(__file__).parents[2] / "docs" / "health.md").read_text(encoding="utf-8")
BLOCKS = [tomllib.loads(b) for b in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]


def test_its_maps_are_maps() -> None:
    maps = [parse_map(m, "docs/health.md") for b in BLOCKS for m in b.get("map", [])]
    assert [m.record for m in maps] == ["orders", "insurance"]


def test_its_obligations_are_obligations() -> None:
    (given,) = [b["measures"]["uptime"] for b in BLOCKS if "measures" in b]
    params = with_defaults("measures.uptime", DEFAULTS, given)
    own, named = obligation_of(params, "binance:linear-perpetual:BTCUSDT", DEFAULTS)
    assert named and (own.levels, str(own.uptime)) == (20, "0.999")
    other, named = obligation_of(params, "okx:linear-perpetual:BTC-USDT-SWAP", DEFAULTS)
    assert named and (other.levels, str(other.uptime)) == (10, "0.99")


def test_its_odds_are_the_program_s() -> None:
    alone, shock = (Together(3, Decimal("0.999"), Decimal(c)) for c in ("0", "0.1"))
    assert round(alone.seconds_a_year(), 2) == Decimal("0.03")
    assert round(shock.seconds_a_year() / 60) == 53


def test_every_screen_of_the_tape_stands_on_it() -> None:
    named = set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))
    assert {s for s in screens() if not s.startswith("log_")} <= named
