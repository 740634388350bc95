"""The statements of the embedded case, against the texts as published, and the verb."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from _around import GOOD_CASE, run

from liquest.case import read_case
from liquest.claims.reading_statements import NAME, read_statements
from liquest.claims.statement_diff import ADDED, CHANGED, DROPPED, METHODS, SAID
from liquest.claims.statements import HELD, Record
from liquest.claims.statements_stage import compare
from liquest.errors import UsageError
from liquest.findings import Finding, read_findings

CASE = Path(__file__).resolve().parents[2] / "cases" / "2025-10-11"


@pytest.fixture(scope="module")
def record() -> Record:
    return read_statements(CASE / NAME)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    return compare(read_case(CASE), tmp_path_factory.mktemp("out")).findings


def test_every_quotation_stands_on_its_line_of_the_held_text(
    record: Record, shared_data: Path
) -> None:
    folder = shared_data / "2025-10-10" / "statements"
    held = [one for one in record.statements if one.known == HELD]
    assert len(held) == len(list(folder.glob("*.md"))) == 5
    for one in held:
        content = (folder / one.file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one.sha256
        lines = content.decode().splitlines()
        assert len(lines) == one.lines
        quoted = [(p.quote, p.line) for p in one.points] + [(u.quote, u.line) for u in one.upholds]
        for quote, line in quoted:
            assert quote and line is not None and quote in lines[line - 1], quote
        # The name of the file is the time of publication.
        assert one.file[8:22] == "".join(c for c in one.when if c.isdigit())


def test_statements_of_every_party_of_the_record(record: Record) -> None:
    assert all(record.of(party) for party in record.parties)
    spoken = {topic for one in record.statements for topic in one.topics}
    assert spoken == set(record.topics)


def kinds(found: list[Finding], party: str, point: str, topic: str = "") -> list[tuple[str, str]]:
    return [
        (f.name, f.subject["statement"])
        for f in found
        if f.subject["party"] == party
        and f.subject["point"] == point
        and (not topic or f.subject["topic"] == topic)
        and f.name != SAID
    ]


def test_the_amount_and_the_window_change(found: list[Finding]) -> None:
    assert kinds(found, "binance", "amount", "compensation") == [
        (ADDED, "binance-2025-10-12"), (CHANGED, "binance-2025-10-22"),
    ]  # fmt: skip
    assert kinds(found, "binance", "window", "depeg") == [
        (ADDED, "binance-2025-10-12-plan"), (DROPPED, "binance-2025-10-12"),
        (CHANGED, "binance-2026-01-31"),
    ]  # fmt: skip
    (changed,) = [f for f in found if f.name == CHANGED and f.subject["point"] == "window"]
    assert "22:15" in str(changed.value) and "22:16" in changed.params["before"]["value"]


def test_the_cause_that_galaxy_gives_changes(found: list[Finding]) -> None:
    assert kinds(found, "galaxy", "cause") == [
        (CHANGED, "galaxy-second"), (CHANGED, "galaxy-2025-10-17"),
    ]  # fmt: skip


def test_responsibility_is_added_and_not_repeated(found: list[Finding]) -> None:
    assert kinds(found, "binance", "user-losses") == [(ADDED, "binance-2025-10-14")]
    assert kinds(found, "binance", "depeg-losses") == [(DROPPED, "binance-2025-10-14")]


def test_the_compensated_window_is_upheld(found: list[Finding]) -> None:
    assert kinds(found, "binance", "window", "compensation") == [(ADDED, "binance-2025-10-12-plan")]


def test_findings_are_kept_until_the_file_changes(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(GOOD_CASE, encoding="utf-8")
    (tmp_path / NAME).write_bytes((CASE / NAME).read_bytes())
    case, out = read_case(tmp_path), tmp_path / "out"
    first = compare(case, out)
    assert first.fresh and set(first.methods) == {m.id for m in METHODS.values()}
    stored = read_findings(out / "findings" / "statements.jsonl")
    assert [f.id for f in stored] == [f.id for f in first.findings]
    assert not compare(case, out).fresh
    text = (CASE / NAME).read_text(encoding="utf-8").replace('"283000000"', '"284000000"')
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    again = compare(case, out)
    assert again.fresh and again.count == first.count
    assert {f.id for f in again.findings} != {f.id for f in first.findings}


def test_a_case_without_statements_has_no_findings(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(GOOD_CASE, encoding="utf-8")
    assert compare(read_case(tmp_path), tmp_path / "out").count == 0
    with pytest.raises(UsageError, match=r"no statements\.toml"):
        run("statements", tmp_path)


def test_the_verb_shows_changes_in_both_languages(tmp_path: Path) -> None:
    en = run("statements", CASE, "--out", tmp_path, "--party", "galaxy")
    assert "changed" in en and "The tariff war caused the crash." in en and "Binance" not in en
    zh = run("statements", CASE, "--out", tmp_path, lang="zh")
    assert "改变" in zh and "不再提及" in zh and "不承担用户损失的责任" in zh
    with pytest.raises(UsageError, match="no party"):
        run("statements", CASE, "--out", tmp_path, "--party", "nobody")


def test_the_verb_prints_findings(tmp_path: Path) -> None:
    lines = [
        json.loads(x) for x in run("statements", CASE, "--out", tmp_path, "--json").split("\n") if x
    ]
    assert {one["name"] for one in lines} == {ADDED, CHANGED, DROPPED}
    every = run("statements", CASE, "--out", tmp_path, "--json", "--all").count("\n")
    assert every == len(list(read_findings(tmp_path / "findings" / "statements.jsonl")))
