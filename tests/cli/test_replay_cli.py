"""liquest replay, population and ask, as a person asks: tables, files, repeats, refusals."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from _cli import WIDE, Done, liquest, refused

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "cases" / "2025-10-11"
FEW = ("--accounts", "200", "--seed", "3")
HEAD = "account,class,mode,symbol,side,quantity,entry,margin,wallet,note\n"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of results: the tape is built once."""
    return tmp_path_factory.mktemp("replay") / "out"


def replay(out: Path, *words: str | Path, **env: str) -> Done:
    return liquest("replay", CASE, "--out", out, *words, env=env)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def of(found: list[dict[str, Any]], name: str) -> dict[str, dict[str, Any]]:
    """scenario → the finding of that name."""
    return {f["params"]["scenario"]: f for f in found if f["name"] == f"replay.run.{name}"}


def test_a_sweep_of_two_by_three_over_a_synthetic_population(out: Path) -> None:
    words = (*FEW, "--sweep", "mark.window=60s,150s", "--sweep", "index.own_weight=0,0.5,1")
    done = replay(out, *words)
    assert done.code == 0, done.err
    assert "Synthetic accounts: nobody held them" in done.out
    assert "synthetic: synthetic data" in done.out and "exogenous:" in done.out
    assert "BTCUSDT, SOLUSDT, XRPUSDT have no trade before the window" in " ".join(done.err.split())
    assert max(map(len, done.out.split("Seconds without")[0].splitlines())) <= 100
    ET.parse(out / "replay" / "replay.svg")
    touched = rows(out / "replay" / "accounts.csv")
    assert len(touched[0]) == 1 + 7 and all(r["account"].startswith("synthetic-") for r in touched)
    # The same again, from what was kept, as JSON: nothing differs but the form.
    kept = (out / "replay" / "replay.jsonl").read_text(encoding="utf-8")
    again = replay(out, *words, "--json")
    assert again.out == kept and rows(out / "replay" / "accounts.csv") == touched
    found = again.json
    assert len(found) == 7 * 12 == len({f["id"] for f in found})
    hit = ("liquidated", "taken over")
    for label, one in of(found, "accounts").items():
        assert one["value"] == sum(r[label] in hit for r in touched)
        saved = sum(r["baseline"] in hit and r[label] not in hit for r in touched)
        assert of(found, "saved")[label]["value"] == saved
        assert one["params"]["population"] == {"name": "synthetic", "accounts": 210, "seed": 3}


def test_nobody_is_liquidated_before_the_first_second_moves(out: Path) -> None:
    # Contracts that begin late are entered at their index, not at a price of later.
    first = of(replay(out, *FEW, "--json").json, "first")["baseline"]
    assert str(first["value"]) > "2025-10-10T20:50:00Z"


def test_grace_and_an_empty_fund_in_chinese(out: Path) -> None:
    done = replay(
        out, "--accounts", "600", "--set", "fund.size=0", "--set", "grace.vip=24h", "--lang",
        "zh", COLUMNS="80",
    )  # fmt: skip
    assert done.code == 0, done.err
    for word in ("合成账户（非真实账户）", "谁被强平", "谁来承担", "宽限中", "减仓最多", "adl.csv"):
        assert word in done.out
    label = "fund.size=0 grace.vip=24h"
    adl = rows(out / "replay" / "adl.csv")
    assert adl and {r["scenario"] for r in adl} == {label}
    assert all(float(r["deleveraged_usd"]) > 0 for r in adl)
    states = {r[label] for r in rows(out / "replay" / "accounts.csv")}
    assert {"in grace", "deleveraged", "taken over"} <= states


def test_feedback_is_named_and_moves_nothing_where_nothing_changed(out: Path) -> None:
    found = replay(out, *FEW, "--json", "--sweep", "feedback.model=linear,sqrt", "--set",
                   "feedback.depth=1M").json  # fmt: skip
    modes = {f["params"]["scenario"]: f["params"]["mode"] for f in found}
    assert list(modes.values()) == ["exogenous", "first-order feedback", "first-order feedback"]
    for name in ("accounts", "notional", "deficit", "first"):
        assert len({one["value"] for one in of(found, name).values()}) == 1
    assert all("first-order-feedback" in f["caveats"] for f in found
               if f["params"]["mode"] != "exogenous")  # fmt: skip


def test_a_population_written_and_read_again_is_the_same_replay(out: Path, tmp_path: Path) -> None:
    file, law = tmp_path / "p.csv", tmp_path / "law.toml"
    words = ("population", CASE, "--out", out, "--accounts", "150", "--seed", "9")
    made = liquest(*words, "--write", file, "--law", law)
    assert made.code == 0 and "160 synthetic accounts: nobody held them" in made.out
    told = liquest(*words, "--json").json[0]
    assert told["synthetic"] is True and told["accounts"] == 160
    again = liquest(*words, "--assumptions", law, "--write", tmp_path / "q.csv")
    assert again.code == 0, again.err
    assert (tmp_path / "q.csv").read_bytes() == file.read_bytes()
    asked = ("--set", "mark.window=150s", "--json")
    one = replay(out, "--positions", file, *asked).json
    other = replay(out, "--accounts", "150", "--seed", "9", *asked).json
    assert [f["value"] for f in one] == [f["value"] for f in other]
    assert all("synthetic" in f["caveats"] for f in one)
    assert one[0]["params"]["population"]["name"] == "p.csv" and one[0]["inputs"][0]["rows"][0] == 1


def test_a_file_of_accounts_twice_and_whom_it_leaves_out(out: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(
        HEAD + "a,regular,isolated,XRPUSDT,long,10000,2.5,5500,,\n"
        "b,vip,cross,ATOMUSD_PERP,short,40,4.06,,900,\nc,,isolated,DOGEUSDT,long,9,0.2,5,,\n"
        "d,,isolated,XRPUSDT,long,-1,2.5,60,,\n",
        encoding="utf-8",
    )
    words = ("--positions", file, "--set", "mark.window=60s")
    done = replay(out, *words, **WIDE)
    assert done.code == 0, done.err
    assert "Synthetic" not in done.out and "2 accounts" in done.out
    assert "row 5, column quantity: -1 is not above zero" in done.err
    assert "no price path for DOGEUSDT" in done.err and "Set aside: d, c" in done.err
    problems = (out / "replay" / "problems.jsonl").read_text(encoding="utf-8").splitlines()
    assert "no-price-path" in {json.loads(line)["code"] for line in problems}
    # Kept scenarios do not silence what was left out.
    again = replay(out, *words, **WIDE)
    assert (again.out, again.err) == (done.out, done.err)
    assert {r["account"]: r["baseline"] for r in rows(out / "replay" / "accounts.csv")} == {
        "a": "taken over"
    }


@pytest.mark.parametrize(
    ("words", "fact"),
    [
        (("--sweep", "adl.scor=bitmex,bybit"), "adl.score"),
        (("--set", "fund.size=-5"), "below 0"),
        (("--set", "adl.score=foo"), "binance-2025"),
        (("--sweep", "mark.window=" + ",".join(f"{30 * k}s" for k in range(1, 1200))), "1,000"),
        (("--positions", "nosuch.csv"), "nosuch.csv"),
        (("--assumptions", "nosuch.toml"), "nosuch.toml"),
        (("--at", "2020-10-01"), "before 2020-10-29"),
        (("--window", "nosuch"), "scramble"),
    ],
)
def test_what_cannot_be_replayed_is_refused(out: Path, words: tuple[str, ...], fact: str) -> None:
    refused(replay(out, *FEW, *words), 2, fact)


def test_questions_are_listed_shown_and_refused(out: Path) -> None:
    refused(liquest("ask", CASE, "--out", out, "windw"), 2, "window")
    done = liquest("ask", CASE, "--out", out, "window", "loops", "--lang", "en")
    assert done.code == 0, done.err
    assert "replay.window.mark_low" in done.out and "range" in done.out and "at UTC" in done.out
    assert "mark.window=150" in done.out and "borrow=0.05" in done.out
    assert "… 74 more: liquest ask --json" in done.out
    assert "no spot price of DOGE" in " ".join(done.err.split())
    found = liquest("ask", CASE, "--out", out, "window", "--json").json
    kept = (out / "findings" / "replay.window.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["id"] for line in kept} == {f["id"] for f in found}
    zh = liquest("ask", CASE, "--out", out, "published", "--lang", "zh")
    assert "与公布标记价格的差距" in zh.out and "对象" in zh.out
