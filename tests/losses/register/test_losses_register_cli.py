"""`liquest register` as a committee runs it, and its refusals."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from _register_claims import claimant, full

from _cli import WIDE, liquest, refused
from liquest.losses.register.key import key_path
from liquest.losses.register.record import write


def claim_file(folder: Path, loss: str = "1000") -> Path:
    path = folder / f"claim-{loss}.json"
    path.write_bytes(write(claimant(loss)))
    return path


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "committee.db"
    done = liquest("register", "new", path)
    assert done.code == 0 and "Keep a copy" in done.out
    return path


def add(register: Path, loss: str, *words: str) -> str:
    done = liquest("register", "add", register, claim_file(register.parent, loss), *words, "--json")
    assert done.code == 0, done.err
    return str(done.json[0]["id"])


def test_a_claim_is_entered_listed_moved_and_erased(register: Path) -> None:
    id_ = add(register, "1000", "--uid", "12345678", "--consent", "aggregate")
    done = liquest("register", "list", register)
    assert id_ in done.out and "1,000.00" in done.out and "12345678" not in done.out
    assert "已收到" in liquest("register", "list", register, env={"LIQUEST_LANG": "zh"}).out
    assert "reviewed" in liquest("register", "status", register, id_, "reviewed").out
    assert liquest("register", "consent", register, id_, "counsel").code == 0
    (row,) = liquest("register", "list", register, "--json").json
    assert row["consent"] == ["aggregate", "counsel"] and row["status"] == "reviewed"
    liquest("register", "consent", register, id_, "counsel", "--back")
    assert liquest("register", "list", register, "--json").json[0]["consent"] == ["aggregate"]
    assert liquest("register", "update", register, id_, claim_file(register.parent, "7")).code == 0
    assert liquest("register", "list", register, "--json").json[0]["loss"] == "7"
    assert liquest("register", "erase", register, id_, "--yes").code == 0
    assert liquest("register", "list", register, "--json").json == []


def test_personal_files_go_in_and_come_out(register: Path, tmp_path: Path) -> None:
    secret = tmp_path / "合约成交.csv"
    secret.write_text("personal\n", encoding="utf-8")
    id_ = add(register, "5", "--attach", str(secret))
    assert liquest("register", "attach", register, id_, secret).code == 0
    shown = liquest("register", "show", register, id_, env=WIDE)
    assert "合约成交.csv" in shown.out and "file attached" in shown.out
    back = tmp_path / "back.csv"
    assert liquest("register", "reveal", register, id_, "2", "--to", back).code == 0
    assert back.read_text(encoding="utf-8") == "personal\n"
    refused(
        liquest("register", "reveal", register, id_, "2", "--to", back, env=WIDE), 2, "back.csv"
    )
    (found,) = liquest("register", "check", register, "--json").json
    assert found["files"] == 2 and len(found["head"]) == 64


def test_sums_are_told_once_there_are_enough(register: Path) -> None:
    for n in range(4):
        add(register, str(100 + n), "--consent", "aggregate")
    refused(liquest("register", "aggregate", register, env=WIDE), 2, "too few")
    add(register, "104", "--consent", "aggregate")
    done = liquest("register", "aggregate", register)
    assert done.code == 0 and "510.00" in done.out and "Release 1" in done.out
    assert "不公布" not in done.out
    (row,) = liquest("register", "aggregate", register, "--json").json
    assert row["release"] == 1 and row["fresh"] is False
    refused(liquest("register", "aggregate", register, "--least", "2", env=WIDE), 2, "nobody")
    refused(liquest("register", "aggregate", register, "--most", "x", env=WIDE), 2, "--most")


def test_counsel_gets_an_archive(register: Path, tmp_path: Path) -> None:
    id_ = add(register, "9", "--consent", "counsel")
    add(register, "8")
    done = liquest("register", "export", register, tmp_path / "c.zip")
    assert done.code == 0 and "1 claims" in done.out and "1 without consent" in done.out
    with zipfile.ZipFile(tmp_path / "c.zip") as archive:
        assert json.loads(archive.read("claims.json"))[0]["id"] == id_


def test_the_register_feeds_the_schemes(register: Path, tmp_path: Path) -> None:
    claim = tmp_path / "full.json"
    claim.write_bytes(write(full()))
    done = liquest("register", "add", register, claim, "--consent", "aggregate", "--json")
    assert done.code == 0, done.err
    case = Path(__file__).resolve().parents[3] / "cases" / "2025-10-11"
    paid = liquest("schemes", case, register, "--no-tape", "--scheme", "voucher-high", "--json")
    assert paid.code == 0, paid.err
    (award,) = [f for f in paid.json if f["name"] == "schemes.award"]
    assert award["subject"]["claimant"] == done.json[0]["id"] and award["value"] == "10"


def test_what_is_wrong_is_refused_by_name(register: Path, tmp_path: Path) -> None:
    claim = claim_file(tmp_path, "3")
    refused(liquest("register", "new", register, env=WIDE), 2, "key already")
    refused(liquest("register", "list", tmp_path / "no.db", env=WIDE), 2, "no.db")
    refused(liquest("register", "add", register, tmp_path / "no.json", env=WIDE), 2, "no.json")
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    refused(liquest("register", "add", register, bad, env=WIDE), 2, "no claim file", "bad.json")
    refused(liquest("register", "add", register, claim, "--consent", "sale", env=WIDE), 2, "sale")
    refused(liquest("register", "add", register, claim, "--evidence", "x", env=WIDE), 2, "evidence")
    refused(liquest("register", "show", register, "C-000000", env=WIDE), 2, "C-000000")
    add(register, "1", "--uid", "1")
    again = liquest("register", "add", register, claim, "--uid", "1", env=WIDE)
    refused(again, 2, "is entered as")
    key_path(register).unlink()
    refused(liquest("register", "list", register, env=WIDE), 2, "key is not here")
