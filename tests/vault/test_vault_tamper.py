"""Whatever is done to a bundle or a vault is seen, and named; what is whole passes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from _vaults import made_bundle, sealed_case

from liquest.run.progress import Silent
from liquest.vault.alone import source
from liquest.vault.alone.program import verify as verify_alone
from liquest.vault.check import INVALID, STATUSES
from liquest.vault.verify import Known, verify

KINDS = {
    "README": "README.txt", "verify": "verify.py", "case": "case/case.toml",
    "key": "vault/key.pub", "entries": "vault/log/entries", "list": "bundle.note",
    "older": "vault/checkpoints/000000000005", "newest": "vault/checkpoints/000000000007",
    "object": "vault/objects/*/*", "proven": "vault/proofs/*/checkpoint",
    "proof": "vault/proofs/*/*/proof.json", "ots": "vault/proofs/*/*/checkpoint.ots",
    "findings": "out/findings/low.jsonl", "methods": "out/methods.json",
    "problems": "out/problems.jsonl", "inventory": "out/inventory.json",
    "dossier": "out/dossier/index.html",
}  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sealed_case(tmp_path_factory.mktemp("tamper") / "case")


@pytest.fixture(scope="module")
def bundle(case: Path) -> Path:
    return made_bundle(case, case.parent / "bundle.zip")


@pytest.fixture
def folder(bundle: Path, tmp_path: Path) -> Path:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path / "b")
    return tmp_path / "b"


def one_of(folder: Path, kind: str) -> Path:
    """The first not empty file of a kind."""
    return next(p for p in sorted(folder.glob(KINDS[kind])) if p.stat().st_size)


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def drop(path: Path) -> None:
    path.unlink()


def swap(path: Path) -> None:
    """Two lines of the file, or its two halves, change places."""
    lines = path.read_bytes().splitlines(keepends=True)
    other = next((i for i, line in enumerate(lines) if line != lines[0]), None)
    if other is None:
        raw = path.read_bytes()
        half = len(raw) // 2
        assert raw[:half] != raw[half:]
        path.write_bytes(raw[half:] + raw[:half])
    else:
        lines[0], lines[other] = lines[other], lines[0]
        path.write_bytes(b"".join(lines))


def grow(path: Path) -> None:
    """One entry more: the last line once again."""
    raw = path.read_bytes()
    path.write_bytes(raw + (raw.splitlines(keepends=True) or [b"x"])[-1])


def add(path: Path) -> None:
    """One file more beside it."""
    path.with_name("added").write_bytes(b"more")


def both(path: Path) -> tuple[list[str], list[str]]:
    """What liquest verify and verify.py find invalid: subjects with their words."""
    ours = [f"{c.subject} {c.detail.en}" for c in verify(path, Silent()) if c.status == INVALID]
    theirs = [f"{f.subject} {f.detail[0]}" for f in verify_alone(path) if f.status == INVALID]
    return ours, theirs


def test_unmodified_passes_everywhere(case: Path, bundle: Path, folder: Path) -> None:
    for place in (case, bundle, folder):
        checks = verify(place, Silent())
        assert {c.status for c in checks} <= set(STATUSES) - {INVALID}, checks
        assert {"pending", "valid", "valid with assumption"} == {c.status for c in checks}
    for place in (bundle, folder):
        assert not [f for f in verify_alone(place) if f.status == INVALID]
    for arguments in ([str(bundle)], [str(folder)]):
        script = folder.parent / "verify.py"
        script.write_bytes(source())
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(script), *arguments], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "nothing is invalid" in done.stdout


def test_every_kind_of_file_is_listed(folder: Path) -> None:
    seen = {p for pattern in [*KINDS.values(), "vault/checkpoints/*"] for p in folder.glob(pattern)}
    full = {p for p in folder.rglob("*") if p.is_file() and p.stat().st_size}
    assert full <= seen


@pytest.mark.parametrize("how", [flip, truncate, drop, swap, grow, add], ids=lambda f: f.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_tampered_bundle(kind: str, how: Callable[[Path], None], folder: Path) -> None:
    path = one_of(folder, kind)
    how(path)
    named = path.with_name("added") if how is add else path
    for found in both(folder):
        inner = named.relative_to(folder).as_posix()
        assert any(inner in words for words in found), (inner, found)


@pytest.mark.parametrize("kind", ["object", "proven", "proof", "ots", "older"])
def test_two_files_swapped(kind: str, folder: Path) -> None:
    first = one_of(folder, kind)
    everything = sorted(p for p in folder.rglob("*") if p.is_file() and p != first)
    pattern = "vault/checkpoints/*" if kind == "older" else KINDS[kind]
    second = next(
        (p for p in sorted(folder.glob(pattern)) if p.read_bytes() != first.read_bytes()),
        everything[0],
    )
    mine, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(mine)
    for found in both(folder):
        for path in (first, second):
            assert any(path.relative_to(folder).as_posix() in words for words in found)


def test_an_older_checkpoint_replayed(folder: Path) -> None:
    newest = folder / KINDS["newest"]
    newest.write_bytes((folder / KINDS["older"]).read_bytes())
    for found in both(folder):
        assert any("older one replayed" in words for words in found), found
    newest.unlink()
    for found in both(folder):
        assert any("an older one replayed" in words for words in found), found


def test_an_older_log_under_an_older_checkpoint(folder: Path) -> None:
    """A consistent older state is still not what the list was signed over."""
    entries = folder / KINDS["entries"]
    entries.write_bytes(b"".join(entries.read_bytes().splitlines(keepends=True)[:5]))
    for path in folder.glob("vault/checkpoints/*"):
        if int(path.name) > 5:
            path.unlink()
    for found in both(folder):
        assert any("vault/log/entries was changed" in words for words in found), found


def test_another_key_re_signs_it_all(case: Path, bundle: Path, tmp_path: Path) -> None:
    """A forger can sign with his own key; who demands the right one sees it."""
    vkey = (case / "vault" / "key.pub").read_text()
    forged = sealed_case(tmp_path / "case")
    other = made_bundle(forged, tmp_path / "forged.zip")
    assert not any(c.status == INVALID for c in verify(other, Silent()))
    for name, path, bad in (("right", bundle, False), ("wrong", other, True)):
        found = [c for c in verify(path, Silent(), known=Known(key=vkey)) if c.name == "key"]
        assert (found[0].status == INVALID) is bad, name
        assert (verify_alone(path, vkey)[0].status == INVALID) is bad, name
    swapped = tmp_path / "swapped"
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(swapped)
    shutil.copy(forged / "vault" / "key.pub", swapped / "vault" / "key.pub")
    for found_words in both(swapped):
        assert any("another key" in words for words in found_words)


def places(path: Path) -> Iterator[int]:
    """Bytes of the zip file in every part of its structure, and some of its members."""
    size = path.stat().st_size
    yield from range(0, 80)
    yield from range(80, size, max(1, size // 150))
    yield from range(size - 22, size)


def test_a_flipped_byte_of_the_zip_file(bundle: Path, tmp_path: Path) -> None:
    raw = bundle.read_bytes()
    path = tmp_path / "flipped.zip"
    for place in places(bundle):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 0x41]) + raw[place + 1 :])
        found = [f for f in verify_alone(path) if f.status == INVALID]
        assert found and all(f.detail[0] and f.detail[1] for f in found), place


@pytest.mark.parametrize("change", ["cut", "longer", "before", "text", "empty"])
def test_a_zip_that_is_not_whole(change: str, bundle: Path, tmp_path: Path) -> None:
    raw = bundle.read_bytes()
    path = tmp_path / "b.zip"
    path.write_bytes(
        {"cut": raw[:-7], "longer": raw + b"\0", "before": b"MZ" + raw, "text": b"hello",
         "empty": b""}[change]
    )  # fmt: skip
    for found in both(path):
        assert found and "zip" in found[0]


@pytest.mark.parametrize("name", ["../out", "/etc/x", "a\\b", "C:x", "a\nb", "a/./b", "a//b"])
def test_members_that_leave_the_bundle(name: str, tmp_path: Path) -> None:
    from liquest.vault.alone.container import zip_central, zip_end, zip_local

    raw = name.encode()
    local, central = zip_local(raw, 0, 0), zip_central(raw, 0, 0, 0)
    path = tmp_path / "b.zip"
    path.write_bytes(local + central + zip_end(1, len(local), len(central)))
    for found in both(path):
        assert found and "is refused" in found[0], found


def test_a_link_in_an_unpacked_bundle(folder: Path) -> None:
    (folder / "case" / "link").symlink_to("/etc/passwd")
    for found in both(folder):
        assert any("case/link" in words and "link" in words for words in found)


VAULT = {
    "entries": "log/entries", "hashes": "log/hashes", "state": "log/state",
    "older": "checkpoints/000000000005", "newest": "checkpoints/000000000007",
    "public": "key.pub", "private": "key", "object": "objects/??/*",
    "ots": "proofs/*/*/checkpoint.ots", "proof": "proofs/*/*/proof.json",
    "proven": "proofs/*/checkpoint",
}  # fmt: skip


@pytest.mark.parametrize("how", [flip, truncate, drop], ids=lambda f: f.__name__)
@pytest.mark.parametrize("kind", VAULT)
def test_tampered_vault(kind: str, how: Callable[[Path], None], case: Path, tmp_path: Path) -> None:
    root = tmp_path / "case"
    shutil.copytree(case, root)
    path = next(p for p in sorted((root / "vault").glob(VAULT[kind])) if p.stat().st_size)
    if path.stat().st_mode & 0o222 == 0:
        path.chmod(0o644)
    how(path)
    checks = verify(root, Silent())
    bad = [c for c in checks if c.status == INVALID]
    # Without its private key a vault can be read as well as before. A kept older
    # checkpoint, a proof as a whole: nobody can know that they were there.
    if how is drop and kind in {"private", "older", "proof", "ots", "proven"}:
        assert kind not in {"private", "older"} or not bad, bad
        return
    if how is drop and kind == "newest":
        assert any("not signed yet" in c.detail.en for c in checks)
    assert bad, checks
    assert all(c.detail.en and c.detail.zh for c in bad)


def test_two_lines_of_a_vault_swapped(case: Path, tmp_path: Path) -> None:
    root = tmp_path / "case"
    shutil.copytree(case, root)
    swap(root / "vault" / "log" / "entries")
    bad = [c for c in verify(root, Silent()) if c.status == INVALID]
    assert any("not the one that was logged" in c.detail.en for c in bad)


def test_changed_results(case: Path, tmp_path: Path) -> None:
    root = tmp_path / "case"
    shutil.copytree(case, root)
    flip(root / "out" / "dossier" / "index.html")
    findings = root / "out" / "findings" / "low.jsonl"
    findings.write_text(findings.read_text().replace("okx", "oky", 1))
    bad = {c.name: c.detail.en for c in verify(root, Silent()) if c.status == INVALID}
    assert "changed after it was written" in bad["dossier"]
    assert "expected" in bad["finding"]
