"""docs/logs.md: its TOML is what the program takes, its numbers are what the program says."""

from __future__ import annotations

import gzip
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from _cli import liquest
from _doc_log import KEY, PATH, text
from liquest.logs.readers import formats
from liquest.logs.schema import ACTIONS, CLASSES, KINDS
from liquest.logs.spec import parse_log
from liquest.measures import measures

PAGE = (Path(__file__).parents[2] / "docs" / "logs.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str], dict[str, Any]]:
    """The findings of the example by name and code, made as the page says."""
    case = tmp_path_factory.mktemp("docs") / "mylogs"
    assert liquest("new", case, PATH).code == 0
    path = case / "case.toml"
    told = path.read_text(encoding="utf-8")
    assert told.count('# tz = "UTC+8"') == 1
    path.write_text(told.replace('# tz = "UTC+8"', 'tz = "UTC+8"'), encoding="utf-8")
    (words,) = re.findall(r"^liquest measure mylogs (.*)$", PAGE, re.MULTILINE)
    done = liquest("measure", case, *words.split(), "--json")
    assert done.code == 0, done.err
    return {(f["name"], f["subject"].get("code", "")): f for f in done.json}


def test_the_log_is_the_one_that_is_described() -> None:
    assert gzip.decompress(PATH.read_bytes()).decode() == text()
    assert KEY in text().splitlines()[0]


def test_its_logs_are_logs() -> None:
    blocks = [tomllib.loads(b) for b in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]
    given = [parse_log(t, "docs/logs.md") for b in blocks for t in b["log"]]
    assert [s.tz for s in given] == ["UTC+8", "UTC+8"] and given[1].columns["side"] == "方向"


def test_it_names_every_format_and_measure_and_meaning() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)
    assert set(formats()) <= set(rows)
    told = re.findall(r"`([\w-]+)`", PAGE)
    assert {*KINDS[1:], *CLASSES[1:-1], *ACTIONS[1:]} <= set(told)
    logs = {"errors", "onset", "availability", "latency", "retry_cost", "lanes", "clocks"}
    assert logs <= set(rows) & set(measures())


def test_its_numbers_are_the_program_s(found: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    table = re.findall(r"^\| `((?:errors|onset|availability)\.\w+)`(?: −(\d+))? \| ([\d.]+)",
                       PAGE, re.MULTILINE)  # fmt: skip
    assert len(table) == 10
    for name, code, value in table:
        assert Decimal(found[name, f"-{code}" if code else ""]["value"]) == Decimal(value), name
    (waits,) = re.findall(r"`latency.p50`, `p95`, `p99` \| ([\d, ]+) ms", PAGE)
    assert [int(found[f"latency.{p}", ""]["value"]) for p in ("p50", "p95", "p99")] == [
        int(w) for w in waits.split(",")
    ]


def test_its_intervals_are_the_program_s(found: Mapping[tuple[str, str], dict[str, Any]]) -> None:
    at = found["onset.at", ""]["params"]
    assert f"between {at['from'][11:23]} and {at['to'][11:23]}" in PAGE
    for name in ("onset.rate_behind", "availability.accepted"):
        params = found[name, ""]["params"]
        assert f"{params['low']} to {params['high']}" in PAGE
    p95 = found["latency.p95", ""]["params"]
    assert f"interval of P95, {p95['low']} to {p95['high']}, misses" in PAGE
    share = found["availability.accepted", ""]["params"]
    assert f"{share['accepted']} of {share['attempts']}" in PAGE
    assert f"{share['accepted'] + share['judged']} of {share['attempts']}" in PAGE
    assert f"of {found['onset.rate_before', '']['count']} attempts" in PAGE
