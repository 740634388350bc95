"""liquest survive: one position under many rules, as a person asks; every refusal by name."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from _cases import case_of, ticks
from _cli import WIDE, Done, liquest, refused

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "cases" / "2025-10-11"
ATOM = "symbol=ATOMUSD_PERP side=long quantity=400 entry=4.06 margin=330"
TRX = "symbol=TRXUSD_PERP side=long quantity=100 entry=0.33 margin=600"
XRP = "symbol=XRPUSDT side=long quantity=100 entry=2.5 margin=60"
HEAD = "account,class,mode,symbol,side,quantity,entry,margin,wallet,collateral,note\n"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of results: the tape is built once."""
    return tmp_path_factory.mktemp("survive") / "out"


def survive(out: Path, *words: str | Path, **env: str) -> Done:
    return liquest("survive", CASE, "--out", out, *words, env=env)


def file_of(folder: Path, *rows: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def rows_of(done: Done) -> dict[str, dict[str, Any]]:
    """scenario → its finding of the outcome."""
    assert done.code == 0, done.err
    return {f["params"]["scenario"]: f for f in done.json if f["name"] == "replay.survive"}


def test_a_position_under_the_standard_scenarios(out: Path) -> None:
    done = survive(out, "--position", ATOM)
    assert done.code == 0 and done.err == ""
    for word in ("baseline", "mark.window=150s", "index.sources=usd", "grace.regular=24h"):
        assert word in done.out
    assert "exogenous" in done.out and "tiers-assumed" in done.out
    assert "would have held it over the whole window" in done.out and "too late" in done.out
    assert max(map(len, done.out.split("ATOM by")[0].splitlines())) <= 100
    ET.parse(out / "replay" / "survive.svg")
    kept = (out / "replay" / "survive.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(kept) == 2 * 9 == len({json.loads(line)["id"] for line in kept})


def test_the_same_in_chinese(out: Path) -> None:
    done = survive(out, "--position", "合约=ATOMUSD_PERP 方向=多 数量=400 开仓均价=4.06 保证金=330",
                   "--lang", "zh", "--set", "index.sources=usd", "--set",
                   "mark.formula=index")  # fmt: skip
    assert done.code == 0, done.err
    # What the index of USD venues alone would have done is alive.
    assert "被强平" in done.out and "方可在整个时间窗内不被强平" in done.out
    assert "来不及" in done.out and "存活" in done.out


def test_sweeps_combine_and_a_longer_window_liquidates_later(out: Path) -> None:
    found = rows_of(survive(
        out, "--position", ATOM, "--json", "--sweep", "mark.window=30s,60s,150s", "--sweep",
        "index.own_weight=0,1",
    ))  # fmt: skip
    assert len(found) == 1 + 3 * 2
    times = [found[f"mark.window={w} index.own_weight=1"]["at"] for w in ("30s", "60s", "150s")]
    assert times == sorted(times) and len(set(times)) == 3


def test_rules_of_another_year(out: Path) -> None:
    found = rows_of(survive(out, "--position", ATOM, "--json", "--sweep",
                            "at=2024-06-01,2025-10-10"))  # fmt: skip
    label = "at=2024-06-01T00:00:00Z"
    assert found[label]["params"]["rules"]["mark.window"].startswith("150 s")
    assert found["at=2025-10-10T00:00:00Z"]["at"] == found["baseline"]["at"] != found[label]["at"]
    assert found[label]["params"]["rules"]["mark.window"] == "150 s (relayed)"
    then = rows_of(survive(out, "--position", ATOM, "--json", "--at", "2024-06-01", "--set",
                           "grace.regular=0s"))  # fmt: skip
    assert then["baseline"]["at"] == found[label]["at"]


BAD = [
    (ATOM.replace("400", "-400"), "-400 is not above zero"),
    (ATOM.replace("ATOMUSD_PERP", "ATOMUSD_PRP"), "ATOMUSD_PERP is the nearest"),
    ("symbol=DOGEUSDT side=long quantity=9 entry=0.2 margin=5", "no spot price of DOGE"),
]


@pytest.mark.parametrize(("position", "fact"), BAD)
def test_a_position_that_cannot_be_is_refused(out: Path, position: str, fact: str) -> None:
    refused(survive(out, "--position", position), 2, fact)


@pytest.mark.parametrize(
    ("words", "fact"),
    [
        (("--set", "mark.windw=60s"), "mark.window"),
        (("--set", "mark.window=60parsecs"), "whole seconds"),
        (("--set", "mark.formula=bogus"), "binance-perpetual"),
        (("--set", "mark.window"), "PATH=VALUE"),
        (("--set", "index.own_weight=2"), "above 1"),
        (("--set", "mark.window=61s"), "30 samples do not divide"),
        (("--set", "feedback.model=linear"), "liquest replay"),
        (("--set", "mark.window=60s", "--sweep", "mark.window=30s,150s"), "set twice"),
        (("--at", "2024-01-01"), "before 2024-04-03"),
        (("--at", "yesterday"), "is not a time"),
        (("--window", "nosuch"), "crash"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    out: Path, words: tuple[str, ...], fact: str
) -> None:
    refused(survive(out, "--position", ATOM, *words), 2, fact)


def test_neither_and_both_are_refused(out: Path, tmp_path: Path) -> None:
    refused(survive(out), 2, "--position")
    refused(survive(out, "--position", ATOM, "--positions", tmp_path / "x.csv"), 2, "--position")


def test_an_index_without_a_live_source_is_named_and_the_others_are_answered(out: Path) -> None:
    done = survive(out, "--position", TRX, "--sweep", "index.sources=all,usd", "--sweep",
                   "mark.formula=index,binance-perpetual")  # fmt: skip
    assert done.code == 0
    assert "no second of the window has a mark price of TRXUSD_PERP" in " ".join(done.err.split())
    told = (out / "replay" / "problems.jsonl").read_text(encoding="utf-8")
    assert "index.sources=usd mark.formula=index" in told
    found = rows_of(survive(out, "--position", TRX, "--json", "--sweep", "index.sources=all,usd",
                            "--set", "mark.formula=index"))  # fmt: skip
    assert set(found) == {"baseline", "mark.formula=index index.sources=all"}


def test_holes_follow_the_policy_that_is_set(out: Path) -> None:
    found = rows_of(survive(
        out, "--position", XRP, "--json", "--set", "mark.formula=index", "--set",
        "index.stale=10s", "--sweep", "index.missing=hold,stale,missing",
    ))  # fmt: skip
    needed = {
        label.rsplit("=", 1)[-1]: Decimal(one["params"]["needed"]) for label, one in found.items()
    }
    # A stale source that counts on moves the index where one that is held does not.
    assert needed["stale"] > needed["hold"] >= needed["missing"] > 0


def test_a_file_names_whom_it_cannot_follow_and_marks_the_synthetic(
    out: Path, tmp_path: Path
) -> None:
    path = file_of(
        tmp_path, "a,regular,isolated,XRPUSDT,long,100,2.5,60,,,synthetic",
        "b,vip,isolated,XRPUSDT,short,100,2.5,60,,,", "c,,isolated,DOGEUSDT,long,9,0.2,5,,,",
        "d,,cross,XRPUSDT,long,9,2.5,,,NOCOIN:7,", "e,,isolated,XRPUSDT,long,-1,2.5,60,,,",
    )  # fmt: skip
    done = survive(out, "--positions", path, "--set", "mark.window=60s", **WIDE)
    assert done.code == 0
    for name in ("c", "d", "e"):
        assert name in done.err.split("Set aside: ")[1].split("\n")[0].split(", ")
    assert "row 6, column quantity: -1 is not above zero" in done.err
    assert done.out.index("a · isolated") < done.out.index("b · isolated")
    assert done.out.count("a · isolated XRPUSDT") == 2  # its rows stand together, and a sentence
    one = ("--set", "mark.window=60s")
    found = survive(out, "--positions", path, "--json", *one).json
    caveats = {f["subject"]["account"]: f["caveats"] for f in found}
    assert "synthetic" in caveats["a"] and "synthetic" not in caveats["b"]
    only = survive(out, "--positions", path, "--account", "b", "--json", *one).json
    assert {f["subject"]["account"] for f in only} == {"b"}
    refused(survive(out, "--positions", path, "--account", "z"), 2, "--account")
    refused(survive(out, "--positions", tmp_path / "nosuch.csv"), 2, "nosuch.csv")


def test_too_many_accounts_are_for_the_replay(out: Path, tmp_path: Path) -> None:
    path = file_of(tmp_path, *(
        f"a{k},,isolated,XRPUSDT,long,100,2.5,60,,," for k in range(201)
    ))  # fmt: skip
    refused(survive(out, "--positions", path), 2, "liquest replay", "--account")


def test_a_case_without_a_contract_is_named(tmp_path: Path) -> None:
    case_of(tmp_path, {"spot.csv": ticks(40)})
    words = ("--out", tmp_path / "out")
    for verb in ("survive", "replay", "population"):
        more = ("--position", ATOM) if verb == "survive" else ()
        refused(liquest(verb, tmp_path, *words, *more), 2, "no contract that can be replayed")
    done = liquest("ask", tmp_path, *words, "window")
    assert done.code == 0 and "replay.window: no answer on this tape" in done.out
