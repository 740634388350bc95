"""Questions over a synthetic population: grace for a class, and who pays under each rule."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from _asking import asked, survives
from _replayed import COINBASE, OWN, PERP, flat, lake_with, path, span_of

from _ticks import Tick
from liquest.clock import Window
from liquest.errors import UsageError
from liquest.findings import Finding
from liquest.problems import Problem
from liquest.replay.questions import adl, grace
from liquest.tape.lake import Lake

SECONDS, BEFORE = 150, 130
DOWN = [f"{2 - 0.02 * k:.2f}" for k in range(51)]
"""To 1.00 in 50 seconds."""
DIP = [*DOWN, *["1"] * 19, *reversed(DOWN), *["2"] * 29]
SLIDE = [*DOWN, *["1"] * 99]
SMALL: dict[str, Any] = {"accounts": 300, "seeds": [1, 2]}


def ask_grace(lake: Lake, span: Window, **params: Any) -> tuple[list[Finding], list[Problem]]:
    return asked(grace, lake, span, **{**SMALL, **params})


def ask_adl(lake: Lake, span: Window, **params: Any) -> tuple[list[Finding], list[Problem]]:
    return asked(adl, lake, span, **{**SMALL, **params})


def lake_of(folder: Path, prices: list[str]) -> Lake:
    """The same prices on the contract and on two spot venues, calm before."""
    trades: list[Tick] = [*flat("2", BEFORE, -BEFORE), *path(*prices)]
    return lake_with(folder, {PERP: trades, OWN: trades, COINBASE: trades})


@pytest.fixture(scope="module")
def dip(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_of(tmp_path_factory.mktemp("dip"), DIP)


@pytest.fixture(scope="module")
def slide(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_of(tmp_path_factory.mktemp("slide"), SLIDE)


SPAN = span_of(SECONDS)


def by_part(found: list[Finding], scenario: str) -> dict[str, Finding]:
    return {f.name.rsplit(".", 1)[1]: f for f in found if f.params["scenario"] == scenario}


def number(one: Finding) -> Decimal:
    assert isinstance(one.value, Decimal | int)
    return Decimal(one.value)


def ranges_hold(found: list[Finding]) -> bool:
    return all(f.params["low"] <= number(f) <= f.params["high"] for f in found)


def test_no_grace_keeps_nothing_and_costs_nothing(dip: Lake) -> None:
    found, problems = ask_grace(dip, SPAN, graces=["0"])
    assert problems == [] and len(found) == len(grace.METHODS)
    assert {number(f) for f in found} == {Decimal(0)}
    assert all(f.params["low"] == f.params["high"] == 0 for f in found)


def test_grace_over_a_dip_keeps_what_no_grace_loses(dip: Lake, tmp_path: Path) -> None:
    found, _ = ask_grace(dip, SPAN, graces=["20", "145"])
    assert len(found) == 2 * len(grace.METHODS) and ranges_hold(found)
    longer = by_part(found, "grace.vip=145")
    assert number(longer["spared"]) > 0 and number(longer["kept"]) > 0
    for label in ("grace.vip=20", "grace.vip=145"):
        got = by_part(found, label)
        assert number(got["privilege"]) == number(got["kept"]) - number(got["cost"])
        assert got["kept"].subject["class"] == "vip" and got["spared"].unit == "accounts"
    assert number(longer["spared"]) >= number(by_part(found, "grace.vip=20")["spared"])
    assert survives(found, tmp_path)


def test_grace_that_outlasts_the_data_says_so_and_costs_the_fund_open_deficits(
    slide: Lake,
) -> None:
    found, _ = ask_grace(slide, SPAN, graces=["86400"])
    got = by_part(found, "grace.vip=86400")
    assert all("data-end" in f.caveats and "synthetic" in f.caveats for f in found)
    # Nothing recovers: what the class would have lost to a fund that closed early is still open.
    assert number(got["cost"]) > 0 and number(got["privilege"]) < 0


def test_another_class_is_another_answer_and_none_is_refused(dip: Lake) -> None:
    vip, _ = ask_grace(dip, SPAN, graces=["145"])
    regular, _ = ask_grace(dip, SPAN, graces=["145"], **{"class": "regular"})
    assert regular[0].subject["class"] == "regular"
    spared = [number(by_part(f, f[0].params["scenario"])["spared"]) for f in (vip, regular)]
    assert spared[1] > spared[0]
    with pytest.raises(UsageError, match=r"grace\.whale"):
        ask_grace(dip, SPAN, **{"class": "whale"})


def test_a_fund_without_limit_leaves_nothing_to_share_out(slide: Lake) -> None:
    found, problems = ask_adl(slide, SPAN, fund="unlimited", scores=["bitmex"], allocations=[])
    assert problems == []
    assert {number(f) for f in found} == {Decimal(0)}


def test_every_rule_shares_out_the_whole(slide: Lake, tmp_path: Path) -> None:
    found, _ = ask_adl(slide, SPAN)
    labels = dict.fromkeys(f.params["scenario"] for f in found)
    assert len(labels) == len(adl.DEFAULTS["scores"]) + len(adl.DEFAULTS["allocations"])
    assert ranges_hold(found) and survives(found, tmp_path)
    for label in labels:
        mine = [f for f in found if f.params["scenario"] == label]
        got = by_part(mine, label)
        assert number(got["accounts"]) > 0 and number(got["notional"]) > 0
        assert 0 < number(got["top_share"]) <= 1
        shares = [number(f) for f in mine if f.name.endswith("class_share")]
        assert abs(sum(shares, Decimal(-1))) <= Decimal("0.0001") * len(shares)
        assert got["accounts"].params["rules"]["fund.size"].startswith("0 ")


def test_a_queue_takes_few_and_a_share_takes_all(slide: Lake) -> None:
    found, _ = ask_adl(slide, SPAN, scores=["binance-2025"], allocations=["pro-rata"])
    queue, share = dict.fromkeys(f.params["scenario"] for f in found)
    assert number(by_part(found, queue)["accounts"]) < number(by_part(found, share)["accounts"])


def test_the_same_question_twice_is_the_same_answer(slide: Lake) -> None:
    ids = [f.id for f in ask_adl(slide, SPAN, scores=["bybit"])[0]]
    assert ids == [f.id for f in ask_adl(slide, SPAN, scores=["bybit"])[0]]


@pytest.mark.parametrize("question", [grace, adl])
def test_a_tape_without_a_contract_is_a_problem_and_no_error(question: Any, tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {COINBASE: flat("2", SECONDS)})
    found, problems = asked(question, lake, SPAN)
    assert found == [] and [p.effect for p in problems] == ["absent"]
