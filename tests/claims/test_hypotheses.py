"""Rival hypotheses: the same record for all, for and against, and no verdict."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from _around import GOOD_CASE, run
from _claims import WINDOWS, found

from liquest.case import read_case
from liquest.claims.hypotheses import Weighed, hypotheses, read_hypotheses, weighed
from liquest.errors import CaseError, UsageError
from liquest.findings import Finding, write_findings

CASE = Path(__file__).resolve().parents[2] / "cases" / "2025-10-11"
HEAD = """[[hypothesis]]
id = "shock"
name = { en = "Shock", zh = "冲击" }
prediction = { en = "All fall.", zh = "同跌。" }
decides = [{ what = { en = "Books", zh = "订单簿" }, record = "book" }]
"""


def a_test(find: str = 'name = "low"', expect: str = 'at_most = "2"', more: str = "") -> str:
    return (
        '[[hypothesis.test]]\ntitle = { en = "Low of the claim", zh = "主张的最低" }\n'
        f"find = {{ {find} }}\nexpect = {{ {expect} }}\n{more}\n"
    )


def read(folder: Path, text: str, findings: list[Finding]) -> Weighed:
    path = folder / "hypotheses.toml"
    path.write_text(text, encoding="utf-8")
    (one,) = weighed(read_hypotheses(path, ["book"], WINDOWS), findings)
    return one


def test_a_test_speaks_for_against_or_is_open(tmp_path: Path) -> None:
    text = HEAD + a_test() + a_test('name = "high"') + a_test('name = "none"')
    one = read(tmp_path, text, [found("low", "1"), found("high", "9")])
    assert [e.outcome for e in one.evidence] == ["for", "against", "open"]
    assert [e.test for e in one.evidence] == ["shock#1", "shock#2", "shock#3"]
    assert [len(e.findings) for e in one.evidence] == [1, 1, 0]
    assert [e.test for e in one.said("against")] == ["shock#2"]
    assert {f.name for f in one.findings} == {"low", "high"}


def test_the_sentence_speaks_of_the_hypothesis(tmp_path: Path) -> None:
    (said,) = read(tmp_path, HEAD + a_test(), [found("low", "1")]).evidence
    # The title stays as it is written.
    assert said.words.en.startswith("Low of the claim: 1 USDT")
    assert "speaks for the hypothesis" in said.words.en and said.words.en.count("the claim") == 1
    assert said.words.zh.startswith("主张的最低：1 USDT") and said.words.zh.count("主张") == 1
    assert "支持假说" in said.words.zh


def test_a_test_that_does_not_fit_is_open_and_says_why(tmp_path: Path) -> None:
    twice = a_test('name = "low", of = "one"')
    one = read(tmp_path, HEAD + twice, [found("low", "1"), found("low", "2")])
    (said,) = one.evidence
    assert said.outcome == "open" and "2 findings fit where one is meant" in said.words.en


def test_open_tests_name_what_they_need(tmp_path: Path) -> None:
    needs = 'needs = [{ what = { en = "Logs", zh = "日志" } }]'
    one = read(tmp_path, HEAD + a_test(more=needs) + a_test('name = "x"', more=needs), [])
    assert [m.what.en for m in one.missing] == ["Logs"]
    assert read(tmp_path, HEAD + a_test(more=needs), [found("low", "1")]).missing == ()


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        (HEAD, "'test' is missing", "[[hypothesis]]"),
        (HEAD + a_test(more='else = "open"'), "tests that can speak for and against", "[[hypo"),
        (HEAD.replace('id = "shock"', 'id = "a b"') + a_test(), "needs an id", "[[hypothesis]]"),
        (HEAD.replace('"book"', '"tape"') + a_test(), "'tape' is no record", "decides"),
        (HEAD + a_test() + HEAD + a_test(), "stands there twice", "id ="),
        (HEAD.replace("prediction", "predicts") + a_test(), "unknown key 'predicts'", "predicts"),
        (HEAD + a_test(expect='near = "1"'), "mixes sorts", "expect"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(
    tmp_path: Path, text: str, says: str, line: str
) -> None:
    with pytest.raises(CaseError) as refused:
        read(tmp_path, text, [])
    error = refused.value
    assert says in error.what.en, error.what.en
    assert re.search("[\u4e00-\u9fff]", error.what.zh) and error.remedy is not None
    number = int(error.where.rpartition(":")[2])
    assert text.splitlines()[number - 1].startswith(line)


def test_the_case_holds_the_eight_rivals() -> None:
    rivals = hypotheses(read_case(CASE), [])
    assert [one.hypothesis.id for one in rivals] == [
        "market-wide-shock", "order-entry-failure", "maker-withdrawal", "self-referencing-index",
        "short-mark-window", "collateral-loop", "stale-quotes", "targeted-attack",
    ]  # fmt: skip
    # Without a finding nothing speaks for or against any of them.
    assert {e.outcome for one in rivals for e in one.evidence} == {"open"}
    assert all(len(one.hypothesis.tests) >= 3 for one in rivals)


def test_a_case_without_hypotheses_has_none(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(GOOD_CASE, encoding="utf-8")
    assert hypotheses(read_case(tmp_path), []) == []
    with pytest.raises(UsageError, match=r"no hypotheses\.toml"):
        run("hypotheses", tmp_path)


def test_the_verb_shows_and_prints(tmp_path: Path) -> None:
    place = tmp_path / "out" / "findings"
    place.mkdir(parents=True)
    lows = [
        found("low", low, "USD", venue="gemini", instrument="BTCUSD", coin="BTC")
        for low in ("107000",)
    ]
    highs = [found("high", "121000", "USD", venue="gemini", instrument="BTCUSD", coin="BTC")]
    write_findings(place / "low.jsonl", [*lows, *highs])
    shown = run("hypotheses", CASE, "--out", tmp_path / "out")
    assert "[for] Lowest against highest price of BTC on Gemini" in shown
    assert "[支持]" in run("hypotheses", CASE, "--out", tmp_path / "out", lang="zh")
    lines = [
        json.loads(x)
        for x in run("hypotheses", CASE, "--out", tmp_path / "out", "--json").splitlines()
    ]
    assert len(lines) == 8 and lines[0]["evidence"][0]["outcome"] == "for"
    assert lines[0]["evidence"][0]["findings"] == [lows[0].id, highs[0].id]
    assert all(one["decides"] for one in lines)
