"""`claim add`: the file keeps what it has, and is written whole or not at all."""

from __future__ import annotations

import tomllib
from pathlib import Path
from unittest import mock

import pytest
from _claims import HEAD, claim
from _judging import case_with, run
from hypothesis import given
from hypothesis import strategies as st

from _cli import refused
from liquest.claims.reading import read_claims
from liquest.claims.writing import append, quoted, table_of
from liquest.errors import CaseError

COMMENTED = "# kept as it is\n" + claim(
    "", more='needs = [{ what = { en = "x", zh = "甲" } }] # this too'
)
ADD = ("--zh", "ATOM 现货跌破 0.01", "--en", "ATOM spot fell below 0.01 dollars")
TESTED = (
    "--find", "low venue=binance window=crash params.resolution=1s take=value of=least",
    "--expect", "below=0.01",
)  # fmt: skip
NEEDED = ("--needs", "logs of the interface · 接口日志", "--fetch", "liquest fetch x")


def test_a_claim_is_added_behind_what_stands_there(tmp_path: Path) -> None:
    case = case_with(tmp_path, COMMENTED)
    path = case.root / "claims.toml"
    before = path.read_text(encoding="utf-8")
    done = run("claim", "add", case.root, "--speaker", "trader", *ADD, *TESTED, "--title",
               "Lowest trade · 最低成交价")  # fmt: skip
    assert done.code == 0, done.err
    after = path.read_text(encoding="utf-8")
    assert after.startswith(before)
    _, one = read_claims(path, case.windows)
    assert one.id == "atom-spot-fell-below-0-01" and one.party == "trader"
    assert f"claims.toml:{one.lines[0]}" in done.out
    (test,) = one.tests
    assert test.title == ("Lowest trade", "最低成交价")
    chosen = test.quantity.find
    assert chosen.selection.subject == {"venue": "binance"} and chosen.of == "least"
    assert chosen.selection.params == {"resolution": "1s"}
    assert run("judge", case.root).code == 0


def test_a_claim_with_data_that_it_needs(tmp_path: Path) -> None:
    case = case_with(tmp_path, COMMENTED)
    done = run("claim", "add", case.root, "--speaker", "An engineer · 一名工程师", "--id", "mine",
               "--kind", "cause", "--said", "2025-10-12T08:00:00+08:00", *ADD, *NEEDED)  # fmt: skip
    assert done.code == 0, done.err
    one = read_claims(case.root / "claims.toml")[-1]
    assert (one.id, one.kind, one.speaker) == ("mine", "cause", ("An engineer", "一名工程师"))
    assert one.needs[0].what == ("logs of the interface", "接口日志")
    assert one.needs[0].fetch == "liquest fetch x" and one.said is not None


def test_the_first_claim_makes_the_file(tmp_path: Path) -> None:
    case = case_with(tmp_path, None)
    assert run("claim", "add", case.root, "--speaker", "me · 我", *ADD, *NEEDED).code == 0
    assert len(read_claims(case.root / "claims.toml")) == 1


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "# no end of line"])
def test_a_file_that_ends_in_any_way(tmp_path: Path, end: str) -> None:
    case = case_with(tmp_path, None)
    path = case.root / "claims.toml"
    path.write_bytes((HEAD + COMMENTED + end).encode())
    before = path.read_bytes()
    assert run("claim", "add", case.root, "--speaker", "me · 我", *ADD, *NEEDED).code == 0
    assert path.read_bytes().startswith(before) and len(read_claims(path)) == 2


@pytest.mark.parametrize(
    ("more", "facts"),
    [
        ((*NEEDED, "--id", "one"), ["not added", "stands at line", "claims.toml:"]),
        ((*NEEDED, "--id", "No Id"), ["not added", "is no id"]),
        ((*NEEDED, "--kind", "gossip"), ["not added", "is no kind"]),
        ((*NEEDED, "--said", "yesterday"), ["not added", "no time with a zone"]),
        (("--needs", "x", "--fetch", "rm -r /"), ["not added", "no command of Liquest"]),
        (("--find", "low window=night", "--expect", "below=1"), ["not added", "crash, scramble"]),
        (("--find", "low", "--expect", "below=much"), ["not added", "no exact number"]),
        (("--find", "low"), ["--expect is not understood"]),
        (("--find", "low venue", "--expect", "below=1"), ["--find is not understood"]),
        (("--find", "low 'venue", "--expect", "below=1"), ["--find is not understood"]),
        (("--find", "venue=x", "--expect", "below=1"), ["--find is not understood"]),
        (("--find", "low take=hue", "--expect", "below=1"), ["--find is not understood"]),
    ],
)
def test_what_cannot_be_read_again_is_not_written(
    tmp_path: Path, more: tuple[str, ...], facts: list[str]
) -> None:
    case = case_with(tmp_path, COMMENTED)
    path = case.root / "claims.toml"
    before = path.read_bytes()
    refused(run("claim", "add", case.root, "--speaker", "trader", *ADD, *more), 2, *facts)
    assert path.read_bytes() == before
    assert sorted(p.name for p in case.root.iterdir()) == ["case.toml", "claims.toml", "out"]


def test_a_file_that_is_broken_already_stays_as_it_is(tmp_path: Path) -> None:
    case = case_with(tmp_path, "[[claim]]\nid = = 1\n")
    before = (case.root / "claims.toml").read_bytes()
    refused(run("claim", "add", case.root, "--speaker", "x · 甲", *ADD, *NEEDED), 2, "valid TOML")
    assert (case.root / "claims.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("given_", "missing"),
    [
        (("--speaker", "x", "--en", "words"), "--zh is missing"),
        (("--speaker", "x", "--zh", "话"), "--en is missing"),
        (("--zh", "话", "--en", "words"), "--speaker is missing"),
        (("--speaker", "x", "--zh", "话", "--en", "words"), "--find or --needs is missing"),
        (("--speaker", "x", "--zh", "话", "--en", "话", "--needs", "x"), "no id can be made"),
    ],
)
def test_where_nobody_can_be_asked_the_option_is_named(
    tmp_path: Path, given_: tuple[str, ...], missing: str
) -> None:
    case = case_with(tmp_path, COMMENTED)
    refused(run("claim", "add", case.root, *given_), 2, missing)


def test_a_person_is_asked(tmp_path: Path) -> None:
    case = case_with(tmp_path, COMMENTED)
    answers = iter(["所说", "what they said", "a trader · 交易者", "logs · 日志"])
    with (
        mock.patch("sys.stdin.isatty", return_value=True),
        mock.patch("typer.prompt", side_effect=lambda words: next(answers)),
    ):
        assert run("claim", "add", case.root).code == 0
    one = read_claims(case.root / "claims.toml")[-1]
    assert one.id == "what-they-said" and one.needs[0].what == ("logs", "日志")
    assert next(answers, None) is None


def test_the_disk_refuses_and_nothing_is_left(tmp_path: Path) -> None:
    case = case_with(tmp_path, COMMENTED)
    path = case.root / "claims.toml"
    before = path.read_bytes()
    full = OSError(28, "No space left on device")
    with mock.patch("pathlib.Path.replace", side_effect=full):
        done = run("claim", "add", case.root, "--speaker", "trader", *ADD, *NEEDED)
    assert done.code == 4 and "the disk is full" in done.err
    assert path.read_bytes() == before
    assert sorted(p.name for p in case.root.iterdir()) == ["case.toml", "claims.toml", "out"]


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)


@given(TEXTS)
def test_any_text_comes_back_from_toml(text: str) -> None:
    assert tomllib.loads(f"a = {quoted(text)}") == {"a": text}


@given(TEXTS, TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=3))
def test_any_table_comes_back_from_toml(zh: str, en: str, subject: dict[str, str]) -> None:
    body = {
        "id": "a", "text": {"zh": zh, "en": en},
        "test": [{"find": {"name": "low", "subject": subject}, "expect": {"at_most": 1}}],
    }  # fmt: skip
    assert tomllib.loads(table_of(body)) == {"claim": [body]}


def test_an_error_of_another_claim_is_told_as_what_it_is(tmp_path: Path) -> None:
    case = case_with(tmp_path, claim(""))
    with pytest.raises(CaseError, match="not added"):
        append(case.root, {"id": "a"}, case.windows)
