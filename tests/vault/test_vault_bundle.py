"""Bundles: the same bytes every time, nothing private inside, readable by anyone's unzip."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pytest
from _vaults import CALENDAR, empty_case, made_bundle, old, sealed_case

from liquest.errors import IntegrityError, OutputError, UsageError
from liquest.run.progress import Silent
from liquest.vault.bundle import bundle
from liquest.vault.private import seal_private
from liquest.vault.seal import seal_paths
from liquest.vault.store import Vault


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sealed_case(tmp_path_factory.mktemp("bundle") / "case")


def test_two_builds_are_identical(case: Path, tmp_path: Path) -> None:
    first = made_bundle(case, tmp_path / "1.zip").read_bytes()
    moved = tmp_path / "elsewhere" / "case"
    shutil.copytree(case, moved)
    for path in moved.rglob("*"):
        os.utime(path, (1, 1))
    assert made_bundle(moved, tmp_path / "2.zip").read_bytes() == first


def test_what_is_in_it(case: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made_bundle(case, tmp_path / "b.zip")) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        everything = b"".join(archive.read(n) for n in names)
        readme = archive.read("README.txt").decode()
    assert names == [*sorted(names[:-1]), "bundle.note"]
    assert {"verify.py", "case/case.toml", "vault/key.pub", "vault/log/entries",
            "out/findings/low.jsonl", "out/dossier/index.html"} <= set(names)  # fmt: skip
    assert not {"vault/key", "vault/identity"} & set(names)
    assert (case / "vault" / "key").read_bytes() not in everything
    assert b"PRIVATE+KEY" not in everything.replace(b"PRIVATE+KEY+name", b"")
    assert "ots verify -f vault/proofs/" in readme and str(case) not in readme
    assert CALENDAR.encode() in everything
    assert "锚定" in readme or "证明存在" in readme
    assert "existence, not truth" in readme


def test_the_commands_stand_there_even_without_proofs(tmp_path: Path) -> None:
    root = empty_case(tmp_path / "case")
    list(seal_paths(Vault.open(root), [old(tmp_path / "a", b"1")], Silent(), {}))
    with zipfile.ZipFile(made_bundle(root, tmp_path / "b.zip")) as archive:
        readme = archive.read("README.txt").decode()
    assert "openssl ts -verify" in readme and "ots verify" in readme


def test_an_identical_bundle_stays_another_is_not_overwritten(case: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    assert bundle(case, case / "out", target, Silent()).fresh
    assert not bundle(case, case / "out", target, Silent()).fresh
    target.write_bytes(b"something else")
    with pytest.raises(UsageError, match="another file stands there"):
        bundle(case, case / "out", target, Silent())
    assert target.read_bytes() == b"something else"
    assert [p.name for p in tmp_path.iterdir()] == ["b.zip"]


def test_a_changed_object_is_not_bundled(case: Path, tmp_path: Path) -> None:
    root = tmp_path / "case"
    shutil.copytree(case, root)
    path = next((root / "vault" / "objects").glob("??/*"))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(IntegrityError, match="sealed object") as refused:
        made_bundle(root, tmp_path / "b.zip")
    assert refused.value.expected != refused.value.got
    assert not (tmp_path / "b.zip").exists()


def test_private_items_go_in_as_ciphertext(tmp_path: Path) -> None:
    root = empty_case(tmp_path / "case")
    vault = Vault.open(root)
    seal_private(vault, b"my balance is 12345", source="statement")
    with zipfile.ZipFile(made_bundle(root, tmp_path / "b.zip")) as archive:
        everything = b"".join(archive.read(n) for n in archive.namelist())
    assert b"12345" not in everything
    assert b"age-encryption.org" in everything


def test_a_bundle_needs_a_vault_and_a_place(case: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing is sealed"):
        made_bundle(empty_case(tmp_path / "none"), tmp_path / "b.zip")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        made_bundle(case, tmp_path / "file" / "b.zip")


def test_half_made_and_refused_proofs_stay_out(case: Path, tmp_path: Path) -> None:
    root = tmp_path / "case"
    shutil.copytree(case, root)
    shelf = next((root / "vault" / "proofs").iterdir())
    (shelf / ".tmp-1").mkdir()
    (shelf / ".tmp-1" / "half").write_text("x")
    with zipfile.ZipFile(made_bundle(root, tmp_path / "b.zip")) as archive:
        assert not [n for n in archive.namelist() if "half" in n]
