"""What a replay hands on: every value of every scenario, the accounts behind it, the same twice."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from _replayed import COINBASE, OWN, PERP, context_of, flat, lake_with, path
from rich.console import Console

from liquest.clock import SECOND, parse_time
from liquest.findings import Finding, Input
from liquest.replay.context import Context
from liquest.replay.crowd import Crowd, from_file
from liquest.replay.run import Result, replay
from liquest.replay.run_findings import (
    LINES,
    METHODS,
    RULES,
    WORDS,
    drawn,
    findings,
    write_accounts,
    write_deleveraged,
)
from liquest.replay.run_shown import MOST, over_time, shown, told
from liquest.replay.scenario import Scenario
from liquest.run.progress import Silent

SECONDS = 90
PATH = [f"{2 - 0.02 * k:.2f}" for k in range(60)] + ["1.3"] * 30
POSITIONS = """account,class,symbol,side,quantity,entry,margin,wallet,note
thin,regular,XRPUSDT,long,1000,2,105.5,,synthetic
middle,vip,XRPUSDT,long,1000,2,501.7,,synthetic
thick,regular,XRPUSDT,long,1000,2,1900,,synthetic
short,market-maker,XRPUSDT,short,4000,2,,9000,synthetic
other,market-maker,XRPUSDT,short,3000,2,,9000,synthetic
"""
LAST = {"mark.formula": "last"}
ASKED = [
    Scenario(LAST),
    Scenario({**LAST, "fund.size": "0", "liquidation.band": "0.0001", "liquidation.fee": "0"}),
    Scenario({**LAST, "grace.vip": "24h"}),
    Scenario({**LAST, "feedback.model": "sqrt", "feedback.depth": "1M"}),
]
POPULATION = {"name": "mine.csv", "source": "a" * 64}
INPUTS = (Input("a" * 64, 1, 6),)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    lake = lake_with(tmp_path_factory.mktemp("found"), {
        PERP: path(*PATH), OWN: flat("2", SECONDS), COINBASE: flat("2", SECONDS),
    })  # fmt: skip
    return context_of(lake, SECONDS)


@pytest.fixture(scope="module")
def crowd(context: Context, tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    file = tmp_path_factory.mktemp("accounts") / "mine.csv"
    file.write_text(POSITIONS, encoding="utf-8")
    return from_file(context, file)


@pytest.fixture(scope="module")
def results(
    context: Context, crowd: Crowd, tmp_path_factory: pytest.TempPathFactory
) -> list[Result]:
    return list(replay(context, crowd, ASKED, tmp_path_factory.mktemp("kept"), Silent()))


def made(context: Context, results: Sequence[Result], crowd: Crowd) -> list[Finding]:
    return list(findings(context, results, POPULATION, INPUTS, crowd.caveats, crowd.ids))


def values(found: Sequence[Finding], scenario: Scenario) -> dict[str, Finding]:
    return {
        f.name.removeprefix("replay.run."): f
        for f in found if f.params["scenario"] == scenario.label
    }  # fmt: skip


def test_every_value_of_every_scenario_once_and_the_same_twice(
    context: Context, results: list[Result], crowd: Crowd
) -> None:
    found = made(context, results, crowd)
    assert len(found) == len(WORDS) * len(results) == len({f.id for f in found})
    assert {f.method for f in found} == {m.id for m in METHODS.values()}
    assert [f.id for f in made(context, results, crowd)] == [f.id for f in found]


def test_mode_rules_population_and_caveats_stand_in_each(
    context: Context, results: list[Result], crowd: Crowd
) -> None:
    found = made(context, results, crowd)
    for one in found:
        assert set(one.params["rules"]) == set(RULES) and one.params["population"] == POPULATION
        assert one.inputs[0] == INPUTS[0] and len(one.inputs) > 1 and one.count == 5
        assert "synthetic" in one.caveats
        moved = one.params["scenario"] == ASKED[3].label
        assert one.params["mode"] == ("first-order feedback" if moved else "exogenous")
        assert ("first-order-feedback" in one.caveats) == moved
        assert ("depth" in one.params) == moved
    graced = values(found, ASKED[2])
    assert graced["open"].value == 1 and "data-end" in graced["accounts"].caveats
    assert "data-end" not in values(found, ASKED[0])["accounts"].caveats


def test_saved_and_newly_hit_are_those_of_the_file_of_accounts(
    context: Context, results: list[Result], crowd: Crowd, tmp_path: Path
) -> None:
    write_accounts(tmp_path / "accounts.csv", results, crowd.ids)
    with (tmp_path / "accounts.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = made(context, results, crowd)
    hit = ("liquidated", "taken over")
    for result in results:
        label = result.scenario.label
        got = values(found, result.scenario)
        assert got["accounts"].value == sum(r[label] in hit for r in rows)
        assert got["bankrupt"].value == sum(r[label] == "taken over" for r in rows)
        assert got["saved"].value == sum(r["baseline"] in hit and r[label] not in hit for r in rows)
        assert got["newly_hit"].value == sum(
            r[label] in hit and r["baseline"] not in hit for r in rows
        )
    by_name = {r["account"]: r for r in rows}
    assert by_name["middle"][ASKED[2].label] == "in grace"
    assert by_name["middle"][ASKED[0].label] in hit


def test_who_was_deleveraged_and_by_how_much(
    context: Context, results: list[Result], crowd: Crowd, tmp_path: Path
) -> None:
    write_deleveraged(tmp_path / "adl.csv", results, crowd.ids)
    with (tmp_path / "adl.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {r["scenario"] for r in rows} == {ASKED[1].label}
    assert {r["account"] for r in rows} <= {"short", "other"}
    got = values(made(context, results, crowd), ASKED[1])
    assert got["adl_accounts"].value == len(rows) > 0
    assert got["adl_notional"].value == sum(Decimal(r["deleveraged_usd"]) for r in rows)
    assert got["adl_forgone"].value == sum(Decimal(r["forgone_usd"]) for r in rows)
    largest = got["adl_accounts"].params["largest"]
    assert largest == {
        r["account"]: r["deleveraged_usd"]
        for r in sorted(rows, key=lambda r: -Decimal(r["deleveraged_usd"]))
    }


def test_the_first_liquidation_has_its_second(
    context: Context, results: list[Result], crowd: Crowd
) -> None:
    found = made(context, results, crowd)
    first = values(found, ASKED[0])["first"]
    start = int(context.recorded()[0].seconds[0])
    assert first.at == start + results[1].outcome.first * SECOND
    assert parse_time(str(first.value)) == first.at
    calm = values(found, Scenario())["first"]
    assert calm.value is None or calm.at is not None


def test_the_chart_draws_each_scenario_up_to_a_number_of_them_and_says_so(
    context: Context, results: list[Result]
) -> None:
    svg = drawn(results, context.span)
    ET.fromstring(svg)
    assert svg.count("<polyline") == len(results) and "stroke-dasharray" in svg
    many = drawn([*results, *results, *results], context.span)
    assert many.count("<polyline") == LINES
    assert f"the first {LINES} of {3 * len(results)}" in many and "情景" in many


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_tables_fit_eighty_columns_and_lose_no_number(
    context: Context, results: list[Result], crowd: Crowd, lang: str
) -> None:
    out = io.StringIO()
    terminal = Console(width=80, file=out)
    for table in shown(results, context.span, lang):
        terminal.print(table)
    text = out.getvalue()
    assert max(map(len, text.splitlines())) <= 80 and "…" not in text
    for one in results:
        for part in one.scenario.label.split(" "):
            assert part in text
    heads = {
        "en": ("liquidated", "saved", "newly hit", "in grace", "deficit", "deleveraged"),
        "zh": ("强平", "存活", "新增", "宽限中", "缺口", "减仓账户"),
    }[lang]
    assert all(head in text for head in heads)
    words = list(told(results, context.recorded(), crowd.ids, lang))
    assert any("short" in line or "other" in line for line in words)


def test_scenarios_that_are_not_drawn_over_time_are_counted(
    context: Context, results: list[Result]
) -> None:
    table = over_time([*results, *results], context.span, "en")
    assert table.row_count == MOST and str(MOST) in str(table.title)
    assert over_time(results, context.span, "en").row_count == len(results)
    assert np.isfinite(results[0].outcome.flow).all()
