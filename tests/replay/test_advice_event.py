"""advice: the coins of the embedded event, against exact decimals, and what a person is shown."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from _asking import CASE, embedded_case, survives

from _ticks import lake_of, one, pick
from liquest.findings import Finding, rounded
from liquest.replay.advice.advise import advise
from liquest.replay.advice.asked import Asked
from liquest.replay.advice.grid import grid
from liquest.replay.advice.methods import METHODS
from liquest.replay.advice.picture import picture
from liquest.replay.advice.rivals import WORDS
from liquest.replay.advice.sheet import Sheet
from liquest.replay.advice.tables import drawn, event, verdicts
from liquest.replay.context import Context
from liquest.replay.questions._structures import held_on
from liquest.rules.book import book
from liquest.rules.structure import Costs, follow, maintenance
from liquest.rules.tiers import tiers
from liquest.run.executor import Threads
from liquest.run.progress import Silent

D = Decimal
ASKED = Asked(paths=40)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    lake = lake_of(tmp_path_factory.mktemp("advice"), [CASE / "facts" / "seconds.parquet"])
    return Context.of(embedded_case(), lake, book(), Threads(2))


@pytest.fixture(scope="module")
def found(context: Context) -> list[Finding]:
    return advise(context, ASKED, [], Silent())[0]


def test_every_way_against_exact_decimals_on_the_replayed_mark(
    context: Context, found: list[Finding]
) -> None:
    path = next(p for p in held_on(context, 60) if (p.coin, p.trigger) == ("ATOM", "mark"))
    core = embedded_case().main
    marks, trades = (
        [None if np.isnan(x) else Decimal(float(x)) for x in row]
        for row in path.within(core.start, core.end)
    )
    costs = Costs(D("0.0005"), D("0.0175"), 1)
    rule = maintenance(tiers()["ATOMUSDT"], ASKED.exposure)
    for way in grid(ASKED, D(75))[0]:
        for again, name in ((False, "left"), (True, "left_again")):
            exact = follow(marks, trades, way.structure(ASKED, again=again), rule, costs)
            made = one(found, f"replay.advice.{name}", coin="ATOM", **way.words)
            assert made.value == rounded(exact.left * ASKED.exposure, 2)
            assert made.params["stops"] == exact.stops
            assert made.params["liquidations"] == exact.liquidations
            assert (made.at is None) == (exact.closed is None)


def test_atom_in_numbers(found: list[Finding]) -> None:
    small = {"mode": "isolated", "leverage": "20", "on_exchange": "0.2", "stop": "none"}
    kept = one(found, "replay.advice.left", coin="ATOM", **small)
    assert kept.value == D("9495.00")
    large = {"mode": "isolated", "leverage": "2", "on_exchange": "1", "stop": "none"}
    assert one(found, "replay.advice.left", coin="ATOM", **large).value == D("4995.00")
    gain = one(found, "replay.advice.gain", coin="ATOM", question="margin", stretch="record")
    assert gain.value == D("4500.00")


def test_what_is_said_of_all_coins_is_what_was_found_of_each(found: list[Finding]) -> None:
    assert len({f.id for f in found}) == len(found)
    assert {f.method for f in found} == {m.id for m in METHODS}
    coins = [f.subject["coin"] for f in pick(found, "replay.advice.move")]
    assert len(coins) == 14
    for question in ("whole", "margin", "stop", "share", "again"):
        of_coins = {
            f.subject["coin"]: f for f in pick(found, "replay.advice.verdict", question=question)
            if "coin" in f.subject
        }  # fmt: skip
        counted = pick(found, "replay.advice.coins_verdict", question=question)
        assert sum(int(f.value or 0) for f in counted) == 14 and len(counted) == len(WORDS)
        for group in counted:
            assert group.params["coins"] == [
                c for c, f in of_coins.items() if f.value == group.subject["word"]
            ]
        gains = pick(found, "replay.advice.gain", question=question, stretch="record")
        mean = one(found, "replay.advice.coins_gain", question=question, stretch="record")
        total = sum((D(str(f.value)) for f in gains), D(0))
        assert mean.value == rounded(total / 14, 2)
    falls = {f.subject["coin"]: D(str(f.value)) for f in pick(found, "replay.advice.move")}
    words = {
        f.subject["coin"]: f.params["event"] for f in pick(found, "replay.advice.verdict",
                                                         question="whole") if "coin" in f.subject
    }  # fmt: skip
    # The small margin of a twentieth and its fee left more just where the price ended lower.
    assert all((D(str(words[c])) > 0) == (falls[c] < D("-0.05")) for c in coins)


def test_findings_come_back_from_a_file(found: list[Finding], tmp_path: Path) -> None:
    assert survives(found, tmp_path)


def test_nothing_isolated_is_lost_beyond_its_margin(found: list[Finding]) -> None:
    for left in pick(found, "replay.advice.left", mode="isolated"):
        bound = D(10_000) / D(left.subject["leverage"]) + 5
        assert isinstance(left.value, Decimal) and left.value >= 10_000 - bound
    for name in ("left", "left_again"):
        for left in pick(found, f"replay.advice.{name}"):
            off = (1 - D(left.subject["on_exchange"])) * 10_000
            assert isinstance(left.value, Decimal) and left.value >= off


def test_tables_hold_what_was_found(found: list[Finding]) -> None:
    sheet = Sheet(found)
    assert sheet.together and len(sheet.ways("ATOM")) == len(sheet.ways("")) == 22
    made = verdicts(sheet)
    assert len(made.rows) == 15 and made.rows[-1][0].zh == "平均"
    for coin in ("", "ATOM"):
        rows = event(sheet, coin).rows
        assert len(rows) == len(drawn(sheet, coin, "event").rows) == 22
    merged = drawn(sheet, "ATOM", "before").merged()
    assert len(merged.rows) < 22 and "20–100" in [r[2].en for r in merged.rows]


def test_the_same_picture_again(context: Context) -> None:
    made = [picture(Sheet(advise(context, ASKED, ["ATOM"], Silent())[0])) for _ in range(2)]
    assert made[0] == made[1]
    assert re.search(r"what is left of 10,000 USDT with 10,000 held long", made[0])
    assert "做多 10,000" in made[0]
