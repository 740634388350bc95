"""Many accounts: each as its own statement gives it, a broken one told, a stopped run resumed."""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from _cli import WIDE, liquest, refused
from liquest.case import read_case
from liquest.errors import UsageError
from liquest.losses.accounts.accounts import DONE, FAILED, Asked, accounts, named
from liquest.losses.register.record import read
from liquest.losses.synthetic.sample import write_sample
from liquest.run.executor import Inline, Processes, Threads
from liquest.run.progress import Silent
from liquest.tape import stage

CASE = Path(__file__).resolve().parents[3] / "cases" / "2025-10-11"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("each") / "out"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three synthetic accounts, and one that holds a screenshot."""
    root = tmp_path_factory.mktemp("many")
    for seed in (1, 2, 3):
        write_sample(root, seed, "zh" if seed == 2 else "en")
        (root / f"synthetic-sample-{seed}" / "README.md").unlink()
    (root / "shot").mkdir()
    (root / "shot" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    return root


@pytest.fixture(scope="module")
def asked(out: Path) -> Asked:
    case = read_case(CASE)
    return Asked(case, stage.build(case, out, Threads(), Silent()).lake, out / "losses" / "x")


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_each_account_comes_out_and_a_broken_one_stops_nobody(asked: Asked, folder: Path) -> None:
    found = accounts(asked, [folder], Inline(), Silent())
    assert [(one.name, one.state) for one in found] == [
        ("shot", FAILED), *((f"synthetic-sample-{n}", DONE) for n in (1, 2, 3)),
    ]  # fmt: skip
    why = found[0].why
    assert why is not None and "no export" in why.en and "导出" in why.zh
    assert all(one.open_ == 0 and one.rows > 50 and one.fresh for one in found[1:])
    assert all(one.claim and one.claim.loss for one in found[1:])


def test_what_was_done_is_not_done_again_until_a_file_changes(asked: Asked, folder: Path) -> None:
    accounts(asked, [folder], Inline(), Silent())
    again = accounts(asked, [folder], Inline(), Silent())
    assert [one.fresh for one in again] == [True, False, False, False]
    path = next((folder / "synthetic-sample-3" / "exports").glob("*Futures-Trade*"))
    before = path.read_bytes()
    try:
        path.write_bytes(before.replace(b"\n", b"\n", 1) + b"\n")
        third = accounts(asked, [folder], Inline(), Silent())
        assert [one.fresh for one in third] == [True, False, False, True]
        assert third[3].claim == again[3].claim
    finally:
        path.write_bytes(before)


def test_a_kept_result_that_was_changed_is_made_again(asked: Asked, folder: Path) -> None:
    first = accounts(asked, [folder], Inline(), Silent())
    for kept in asked.out.glob("*.json"):
        text = kept.read_text(encoding="utf-8")
        assert "losses" in text
        kept.write_text(text.replace("losses", "gains"), encoding="utf-8")
    again = accounts(asked, [folder], Inline(), Silent())
    assert all(one.fresh for one in again)
    assert [one.claim for one in again] == [one.claim for one in first]


def test_processes_give_the_same(asked: Asked, folder: Path) -> None:
    inline = accounts(asked, [folder], Inline(), Silent())
    shutil.rmtree(asked.out)
    apart = accounts(asked, [folder], Processes(2), Silent())
    assert [one.claim for one in apart] == [one.claim for one in inline]


def test_the_command_writes_tables_claims_and_awards(out: Path, folder: Path) -> None:
    single = folder / "synthetic-sample-1"
    done = liquest("losses", CASE, folder, "--each", "--out", out)
    assert done.code == 3, done.err
    assert "3 of 4 accounts" in done.out and "pro-rata" in done.out
    place = out / "losses" / "accounts"
    rows = table(place / "accounts.csv")
    assert [r["state"] for r in rows] == [FAILED, DONE, DONE, DONE]
    assert len(table(place / "awards.csv")) >= 3
    alone = liquest("losses", CASE, single, "--out", out, "--account", single.name, "--reference",
                    "2025-10-10T20:00Z")  # fmt: skip
    assert alone.code == 0, alone.err
    mine = read((out / "losses" / single.name / "claim.json").read_bytes(), "x")
    each = read((place / f"{single.name}.claim.json").read_bytes(), "x")
    assert mine.loss == each.loss == Decimal(rows[1]["forced_loss"])
    assert liquest("losses", CASE, folder, "--each", "--out", out, "--json").json[0]["why"]


def test_no_account_or_two_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    done = liquest("losses", CASE, tmp_path / "none", "--each", "--out", tmp_path / "o", env=WIDE)
    refused(done, 2, "no account")
    for root in ("a", "b"):
        (tmp_path / root / "same").mkdir(parents=True)
    with pytest.raises(UsageError, match="two accounts are called same"):
        named([tmp_path / "a", tmp_path / "b"])
