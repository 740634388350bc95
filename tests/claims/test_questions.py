"""Open questions: what is known is looked up, what is asked is written out field by field."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from _around import GOOD_CASE, run
from _claims import CRASH, T0, WINDOWS, found

from liquest.case import read_case
from liquest.claims.inquiry import PER
from liquest.claims.questions import asked, questions
from liquest.claims.reading_questions import read_questions
from liquest.errors import CaseError, UsageError
from liquest.findings import Finding, write_findings

CASE = Path(__file__).resolve().parents[2] / "cases" / "2025-10-11"
HEAD = """as_of = "2026-01-31T00:00:00Z"
[holder.venue]
en = "The venue"
zh = "交易所"
[span.event]
from = "2025-10-10T20:00:00Z"
to = "2025-10-11T00:00:00Z"
"""
FIELD = '{ name = "time", type = "time", unit = "µs", what = { en = "Second", zh = "秒" } }'
RECORD = f"""[[record]]
id = "book"
title = {{ en = "Books", zh = "订单簿" }}
scope = {{ en = "All", zh = "全部" }}
holders = ["venue"]
per = "second"
spans = ["event"]
fields = [{FIELD}]
"""
QUESTION = """[[question]]
id = "why"
text = { en = "Why?", zh = "为何？" }
answer = { en = "Books", zh = "订单簿" }
records = ["book"]
ask = ["venue"]
"""
LOW = 'find = { name = "low", window = "crash" }'


def known(find: str = LOW, more: str = "") -> str:
    return f'[[question.known]]\ntitle = {{ en = "Low", zh = "最低" }}\n{find}\n{more}'


def written(folder: Path, text: str) -> Path:
    path = folder / "questions.toml"
    path.write_text(text, encoding="utf-8")
    return path


def words(folder: Path, find: str, findings: list[Finding]) -> tuple[str, str, int]:
    """The one line that a file with this `find` shows."""
    inquiry = read_questions(written(folder, HEAD + RECORD + QUESTION + known(find)), WINDOWS)
    (one,) = asked(inquiry, findings)
    (line,) = one.known
    return line.words.en, line.words.zh, len(line.findings)


def test_a_line_shows_the_value_with_its_moment(tmp_path: Path) -> None:
    en, zh, n = words(tmp_path, LOW, [found("low", "0.001")])
    assert en == "0.001 USDT at 2025-10-10 21:20:00 UTC (2025-10-11 05:20:00 UTC+8)"
    assert zh == "0.001 USDT，2025-10-10 21:20:00 UTC（2025-10-11 05:20:00 UTC+8）"
    assert n == 1


def test_several_values_up_to_three_and_the_range_of_more(tmp_path: Path) -> None:
    lows = [found("low", v, at=None) for v in ("3", "1", "2", "4")]
    assert words(tmp_path, LOW, lows[:3])[0] == "3 USDT; 1 USDT; 2 USDT"
    assert words(tmp_path, LOW, lows) == (
        "from 1 USDT to 4 USDT (4 findings)", "1 USDT 至 4 USDT（4 条结论）", 4,
    )  # fmt: skip
    least = 'find = { name = "low", of = "least" }'
    assert words(tmp_path, least, lows)[0] == "1 USDT"


def test_a_moment_is_not_said_twice(tmp_path: Path) -> None:
    at = 'find = { name = "low", take = "at" }'
    assert words(tmp_path, at, [found("low", "1")])[0].count("21:20:00") == 1


def test_a_long_number_is_shortened_and_a_short_one_is_not(tmp_path: Path) -> None:
    odds = [found("low", "0.00100073046018991964", "probability", at=None)]
    assert words(tmp_path, LOW, odds)[0] == "0.00100073"
    exact = [found("low", "123456.123456", at=None)]
    assert words(tmp_path, LOW, exact)[0] == "123456.123456 USDT"


@pytest.mark.parametrize(
    ("known_", "at", "published", "note"),
    [
        ("held", T0, "2025-10-10T21:20:00Z", "(published 2025-10-10 21:20:00 UTC ("),
        ("relayed", None, "2025-10-22", "(relayed by others, published 2025-10-22)"),
        ("told", None, "", "(told by a party, date not known)"),
    ],
)
def test_a_statement_shows_its_words_and_how_it_is_known(
    tmp_path: Path, known_: str, at: int | None, published: str, note: str
) -> None:
    params = {"text": {"en": "Paid.", "zh": "已付。"}, "known": known_, "published": published}
    said = found("statement.said", "283", "USD", at=at, params=params, window=None)
    en, zh, _ = words(tmp_path, 'find = { name = "statement.said" }', [said])
    assert en.startswith(f"Paid {note}"[:20]) and note in en
    assert zh.startswith("已付（")


def test_what_no_finding_says_is_said_to_be_so(tmp_path: Path) -> None:
    assert words(tmp_path, LOW, []) == ("the record does not say", "记录中未见", 0)


def test_a_line_that_does_not_fit_says_why(tmp_path: Path) -> None:
    one = 'find = { name = "low", of = "one" }'
    en, _, n = words(tmp_path, one, [found("low", "1"), found("low", "2")])
    assert "2 findings fit where one is meant" in en and n == 0


GOOD = HEAD + RECORD + QUESTION


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        (GOOD.replace('as_of = "2026-01-31T00:00:00Z"\n', ""), "'as_of' is missing", "["),
        (GOOD.replace("2026-01-31T00:00:00Z", "2026-01-31"), "no time with a zone", "as_of"),
        (GOOD.replace('holders = ["venue"]', 'holders = ["nobody"]'), "no holders", "holders"),
        (GOOD.replace('holders = ["venue"]', "holders = []"), "needs an id, a holder", "[[rec"),
        (GOOD.replace('per = "second"', 'per = "year"'), "is no per", "per"),
        (GOOD.replace('spans = ["event"]', 'spans = ["night"]'), "is no spans", "spans"),
        (GOOD.replace('type = "time"', 'type = "clock"'), "is no type", "fields"),
        (GOOD.replace('type = "time"', 'type = "text"'), "no time as its first", "[[record]]"),
        (GOOD.replace(f"[{FIELD}]", f"[{FIELD}, {FIELD}]"), "a field twice", "[[record]]"),
        (GOOD.replace(f"[{FIELD}]", "[]"), "needs an id, a holder", "[[record]]"),
        (GOOD.replace('id = "book"', 'id = "Book"'), "needs an id", "[[record]]"),
        (GOOD.replace('records = ["book"]', 'records = ["x"]'), "is no records", "records"),
        (GOOD.replace('ask = ["venue"]', "ask = []"), "somebody to ask", "[[question]]"),
        (GOOD.replace('answer = {', 'answers = {'), "unknown key 'answers'", "answers"),
        (HEAD + RECORD + RECORD + QUESTION, "stands there twice", 'id = "book"'),
        (HEAD + RECORD + QUESTION + QUESTION, "stands there twice", 'id = "why"'),
        (GOOD + known(""), "names findings, or the source", "[[question.known]]"),
        (GOOD + known(more='source = { en = "s", zh = "源" }'), "names findings, or", "[[question"),
        (GOOD + known('find = { name = "low", window = "night" }'), "is no window", "find"),
        (GOOD + known('find = { name = "low", of = "best" }'), "is no of", "find"),
        (GOOD + known('find = { name = "low", take = "colour" }'), "'take'", "find"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_line(
    tmp_path: Path, text: str, says: str, line: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(CaseError) as refused:
        read_questions(path, WINDOWS)
    error = refused.value
    assert says in error.what.en, error.what.en
    assert re.search("[\u4e00-\u9fff]", error.what.zh) and error.remedy is not None
    number = int(error.where.removeprefix(f"{path}:"))
    got = text.splitlines()[number - 1]
    assert got.startswith(line) or says == "'as_of' is missing", got


def test_the_case_asks_the_seven_questions_of_the_discussion() -> None:
    inquiry = read_questions(CASE / "questions.toml", read_case(CASE).windows)
    assert [q.id for q in inquiry.questions] == [
        "spot-near-zero", "mark-window", "self-reference", "outside-windows", "vip-grace",
        "compensation-standard", "outage-responsibility",
    ]  # fmt: skip
    assert all(len(q.known) >= 3 for q in inquiry.questions)
    used = {r for q in inquiry.questions for r in q.records}
    assert used == set(inquiry.records)
    # Whoever is asked holds one of the records that would answer.
    for q in inquiry.questions:
        for holder in q.ask:
            assert any(holder in inquiry.records[r].holders for r in q.records), (q.id, holder)


def test_the_records_asked_for_are_those_of_the_discussion() -> None:
    records = read_questions(CASE / "questions.toml").records
    fields = {f"{r.id}.{f.name}" for r in records.values() for f in r.fields}
    assert {
        "order-gateway.latency_p50", "order-gateway.latency_p95", "order-gateway.code",
        "halts.kind", "order-book.quantity", "index-inputs.capped", "index-inputs.weight_used",
        "connections.priority", "maker-activity.refused", "mark-price.window",
        "rule-changes.test_result", "access.requests", "account-flows.state",
        "grace.deferred_until", "compensation.paid",
    } <= fields  # fmt: skip
    per_second = [r for r in records.values() if r.per == "second"]
    assert len(per_second) >= 8 and {r.per for r in records.values()} == set(PER)
    crash = CRASH
    assert all(
        any(s.start <= crash.start and s.end >= crash.end for s in r.spans) for r in per_second
    )


def test_a_case_without_questions_asks_none(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(GOOD_CASE, encoding="utf-8")
    assert questions(read_case(tmp_path), []) == []
    with pytest.raises(UsageError, match=r"no questions\.toml"):
        run("questions", tmp_path)


def small(folder: Path) -> Path:
    """A case with one question and one finding."""
    (folder / "case.toml").write_text(GOOD_CASE, encoding="utf-8")
    written(folder, GOOD + known())
    (folder / "out" / "findings").mkdir(parents=True)
    write_findings(folder / "out" / "findings" / "low.jsonl", [found("low", "0.001")])
    return folder


def test_the_verb_shows_what_is_known(tmp_path: Path) -> None:
    case = small(tmp_path)
    assert "0.001 USDT" in run("questions", case)
    assert "询问: 交易所" in run("questions", case, lang="zh")
    (line,) = [json.loads(x) for x in run("questions", case, "--json").splitlines()]
    assert line["question"] == "why" and line["known"][0]["findings"] == [found("low", "0.001").id]


def test_the_verb_needs_findings(tmp_path: Path) -> None:
    case = small(tmp_path)
    (case / "out" / "findings" / "low.jsonl").unlink()
    with pytest.raises(UsageError, match="no findings yet"):
        run("questions", case)
