"""`judge`: verdicts as findings, kept until something they rest on changes; the verb itself."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from unittest import mock

import pytest
from _claims import a_test, claim, found
from _judging import GAP, LOW, OTHER, case_with, keep, run

from _cases import state_of
from _cli import WIDE, refused
from liquest.case import Case
from liquest.claims.stage import FINDING, METHOD, judge
from liquest.claims.stored import files_of, stored
from liquest.errors import IntegrityError, UsageError
from liquest.findings import read_findings
from liquest.vault.intake import digest

SPOT = a_test('name = "low", subject = { venue = "binance" }, of = "one"', 'at_most = "0.01"')
TALL = a_test('name = "low", subject = { venue = "coinbase" }, of = "one"', "at_most = 1")
NONE = a_test(
    'name = "high"', "at_most = 1",
    'needs = [{ what = { en = "ticks", zh = "逐笔" }, fetch = "liquest fetch x --case c" }]',
)  # fmt: skip
CLAIMS = claim(SPOT, id_="spot") + claim(TALL, id_="tall") + claim(NONE, id_="none")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return case_with(tmp_path / "case", CLAIMS)


def out_of(case: Case) -> Path:
    return case.root / "out"


def test_every_claim_gets_a_verdict_that_is_a_finding(case: Case) -> None:
    done = judge(case, out_of(case))
    assert [t.verdict for t in done.trials] == ["supported", "contradicted", "not testable"]
    kept = list(read_findings(out_of(case) / "findings" / "claims.jsonl"))
    assert kept == done.measured.of("claims")
    assert [(f.name, f.subject["claim"], f.value, f.unit) for f in kept] == [
        (FINDING, t.claim.id, t.verdict, "text") for t in done.trials
    ]
    spot, _, none = kept
    source = digest(case.root / "claims.toml")
    assert spot.inputs[0].source == source and spot.method == METHOD.id
    lines = (case.root / "claims.toml").read_text(encoding="utf-8").splitlines()
    assert lines[spot.inputs[0].first - 1] == "[[claim]]"
    assert spot.params["evidence"] == [{"test": "spot#1", "outcome": "for", "findings": [LOW.id]}]
    assert (spot.count, spot.caveats) == (1, ("thin",))
    assert none.params["missing"] == [
        {"en": "ticks", "zh": "逐笔", "fetch": "liquest fetch x --case c"}
    ]
    assert done.measured.fresh and METHOD.id in done.measured.methods


def test_verdicts_are_kept_until_something_changes(case: Case) -> None:
    first = judge(case, out_of(case))
    before = state_of(out_of(case))
    again = judge(case, out_of(case))
    assert not again.measured.fresh and state_of(out_of(case)) == before
    assert [t.verdict for t in again.trials] == [t.verdict for t in first.trials]

    keep(out_of(case) / "findings", [found("low", "2", coin="ATOM", venue="binance"), OTHER])
    changed = judge(case, out_of(case))
    assert changed.measured.fresh and changed.trials[0].verdict == "contradicted"

    path = case.root / "claims.toml"
    path.write_text(path.read_text(encoding="utf-8") + "# a comment\n", encoding="utf-8")
    assert judge(case, out_of(case)).measured.fresh


def test_the_id_of_a_verdict_changes_with_its_evidence(case: Case) -> None:
    before = judge(case, out_of(case)).measured.of("claims")
    keep(out_of(case) / "findings", [found("low", "0.002", coin="ATOM", venue="binance"), OTHER])
    after = judge(case, out_of(case)).measured.of("claims")
    assert before[0].value == after[0].value == "supported"
    assert before[0].id != after[0].id and before[1].id == after[1].id


def test_some_claims_only_and_nothing_kept(case: Case) -> None:
    done = judge(case, out_of(case), ["tall", "tall"])
    assert [t.claim.id for t in done.trials] == ["tall"] and done.measured.count == 0
    assert not (out_of(case) / "findings" / "claims.jsonl").exists()
    with pytest.raises(UsageError, match="no claim 'short'"):
        judge(case, out_of(case), ["short"])


def test_a_case_without_claims_has_no_trials(tmp_path: Path) -> None:
    done = judge(case_with(tmp_path, None), tmp_path / "out")
    assert done.trials == [] and done.measured.kept == {}


def test_without_findings_there_is_nothing_to_judge_by(tmp_path: Path) -> None:
    case = case_with(tmp_path, CLAIMS, [])
    with pytest.raises(UsageError, match="no findings yet"):
        judge(case, out_of(case))


# --- What is stored --------------------------------------------------------------------------


def test_only_the_names_that_are_wanted_are_read(case: Case) -> None:
    files = files_of(out_of(case))
    assert [p.name for p in files] == ["gap.jsonl", "low.jsonl"]
    assert stored(files, ["low"]) == [LOW, OTHER]
    assert stored(files, ["gap.*", "l?w"]) == [GAP, LOW, OTHER]
    assert stored(files, []) == []
    assert stored(files, ["lo", "ow", "gap"]) == []


def test_a_file_that_was_changed_is_checked_by_ids(case: Case) -> None:
    path = out_of(case) / "findings" / "low.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("0.001", "0.009"), encoding="utf-8")
    with pytest.raises(IntegrityError) as broken:
        judge(case, out_of(case))
    assert str(path) in broken.value.where and broken.value.exit_code == 5


@pytest.mark.parametrize("line", ["{", '{"id": "x"}', "[]", '{"id": 1, "name": "low"}'])
def test_a_line_that_is_no_finding_is_named(case: Case, line: str) -> None:
    path = out_of(case) / "findings" / "low.jsonl"
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(IntegrityError) as broken:
        stored([path], ["low"])
    assert broken.value.where == f"{path}:3"


def test_a_stored_finding_under_another_name_is_not_read(case: Case) -> None:
    path = out_of(case) / "findings" / "gap.jsonl"
    assert stored([path], ["low"]) == []


# --- The verb --------------------------------------------------------------------------------


def test_judge_shows_a_table(case: Case) -> None:
    done = run("judge", case.root)
    assert done.code == 0, done.err
    for fact in ("spot", "supported", "contradicted", "not testable", "what is said"):
        assert fact in done.out
    assert "supported 1 · contradicted 1 · mixed 0 · undetermined 0 · not testable 1" in done.out


def test_judge_in_chinese(case: Case) -> None:
    done = run("judge", case.root, "--lang", "zh")
    assert "证据支持 1 · 证据相反 1 · 证据不一 0 · 未能判定 0 · 暂不可检验 1" in done.out


def test_judge_tells_everything_of_one_claim(case: Case) -> None:
    done = run("judge", case.root, "spot", "none")
    for fact in (
        "spot — supported", "“what is said”", "A trader", "[for] what is looked at: 0.001 USDT",
        f"findings: {LOW.id[:8]}", "Missing: ticks", "liquest fetch x --case c", "thin: ",
    ):  # fmt: skip
        assert fact in done.out, done.out
    assert "tall" not in done.out


def test_judge_as_json(case: Case) -> None:
    first, second, third = run("judge", case.root, "--json").json
    assert (first["claim"], first["verdict"]) == ("spot", "supported")
    assert first["evidence"][0]["findings"] == [LOW.id]
    assert first["evidence"][0]["caveats"] == ["thin"]
    assert second["verdict_words"] == {"en": "contradicted", "zh": "证据相反"}
    assert third["missing"][0]["fetch"] == "liquest fetch x --case c"
    assert run("judge", case.root, "tall", "--json").json == [second]


def test_judge_says_which_test_does_not_fit(tmp_path: Path) -> None:
    case = case_with(tmp_path, claim(a_test('name = "low", of = "one"', "at_most = 1")))
    done = run("judge", case.root, env=WIDE)
    assert done.code == 0 and "2 findings fit where one is meant" in done.err


def test_a_file_with_errors_is_refused(tmp_path: Path) -> None:
    case = case_with(tmp_path, claim(a_test('name = "low"', "at_most = 0.5")))
    refused(run("judge", case.root), 2, "claims.toml:17", "quotation marks")
    refused(run("claim", "list", case.root), 2, "claims.toml:17")


def test_an_unknown_claim_a_case_without_claims_a_case_without_findings(tmp_path: Path) -> None:
    case = case_with(tmp_path / "a", CLAIMS)
    refused(run("judge", case.root, "ghost"), 2, "no claim 'ghost'", "liquest claim list")
    case = case_with(tmp_path / "b", None)
    refused(run("judge", case.root), 2, "no claims yet", "liquest claim add")
    case = case_with(tmp_path / "c", CLAIMS, [])
    refused(run("judge", case.root), 2, "no findings yet", "liquest investigate")


def test_an_output_folder_that_cannot_be_written(case: Case) -> None:
    place = out_of(case) / "findings" / "claims.jsonl"
    denied = OSError(errno.EROFS, "Read-only file system", str(place))
    with mock.patch("liquest.kept.write_findings", side_effect=denied):
        refused(run("judge", case.root), 4, "cannot be written")
    assert not place.exists()


def test_claims_are_listed_untried(case: Case) -> None:
    done = run("claim", "list", case.root)
    assert done.code == 0 and "spot" in done.out and "A trader" in done.out
    listed = run("claim", "list", case.root, "--json").json
    assert listed[0] == {
        "claim": "spot", "party": "trader", "kind": "fact", "tests": 1,
        "text": {"en": "what is said", "zh": "所称"},
    }  # fmt: skip


def test_what_is_written_is_valid_json_lines(case: Case) -> None:
    judge(case, out_of(case))
    for line in (out_of(case) / "findings" / "claims.jsonl").read_text("utf-8").splitlines():
        assert json.loads(line)["name"] == FINDING
