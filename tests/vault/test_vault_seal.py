"""Sealing: what is taken as it is, and what is refused with the reason."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from _vaults import empty_case, old

from liquest.errors import (
    InputError,
    IntegrityError,
    LiquestError,
    OutputError,
    UnreadableFile,
    UsageError,
)
from liquest.run.progress import Silent
from liquest.vault import now, objects, store
from liquest.vault.intake import Source, digest
from liquest.vault.items import Item
from liquest.vault.note import Checkpoint, Signer
from liquest.vault.seal import named_files, seal_paths, seal_sources
from liquest.vault.store import Vault


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return empty_case(tmp_path / "case")


def seal(root: Path, *paths: Path, **fields: Any) -> list[Item]:
    return list(seal_paths(Vault.open(root), paths, Silent(), fields))  # type: ignore[arg-type]


def test_what_a_line_says(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(now, "now", lambda: "2025-10-11T00:00:00.000000Z")
    file = old(tmp_path / "d" / "a b.CSV", b"x" * 9)
    item = seal(root, tmp_path / "d", collector="Li Wei", method="export", note="说明")[0]
    assert item == Item(
        hashlib.sha256(b"x" * 9).hexdigest(), 9, "text/csv", "d/a b.CSV", "", "export",
        store.TOOL, "2025-10-11T00:00:00.000000Z", "Li Wei", "", "", "说明",
    )  # fmt: skip
    vault = Vault.open(root, write=False)
    assert vault.items() == [item]
    assert vault.path_of(item.sha256).read_bytes() == file.read_bytes()


def test_a_later_edit_does_not_reach_the_sealed_bytes(root: Path, tmp_path: Path) -> None:
    for size in (10, 9_000_000):
        file = old(tmp_path / f"{size}", b"a" * size)
        item = seal(root, file)[0]
        with file.open("r+b") as stream:
            stream.write(b"changed")
        sealed = Vault.open(root, write=False).path_of(item.sha256)
        assert digest(sealed) == item.sha256 == hashlib.sha256(b"a" * size).hexdigest()
        assert sealed.stat().st_nlink == 1
        assert sealed.stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("kernel", [True, False])
def test_large_files(
    kernel: bool, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not kernel:

        def refuse(*_: object) -> int:
            raise OSError(errno.ENOSYS, "not here")

        monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    for extra in (-1, 0, 1):
        data = os.urandom(1000) * 17_000
        data = data[: (16 << 20) + extra]
        item = seal(root, old(tmp_path / f"f{extra}", data))[0]
        assert (item.sha256, item.size) == (hashlib.sha256(data).hexdigest(), len(data))


def test_sealing_again_adds_nothing(root: Path, tmp_path: Path) -> None:
    for n in range(5):
        old(tmp_path / "d" / f"{n}", b"%d" % n)
    first = seal(root, tmp_path / "d")
    old(tmp_path / "d" / "3", b"new")
    again = seal(root, tmp_path / "d")
    assert len(Vault.open(root).items()) == 6
    assert [a == b for a, b in zip(first, again, strict=True)] == [True, True, True, False, True]
    points = [
        Checkpoint.of(n.decode().split("\n\n")[0] + "\n") for _, n in Vault.open(root).checkpoints()
    ]
    assert [p.size for p in points] == [5, 6]


def test_the_same_bytes_under_two_names_are_one_object(root: Path, tmp_path: Path) -> None:
    items = seal(root, old(tmp_path / "a", b"same"), old(tmp_path / "b", b"same"))
    assert [i.source for i in items] == ["a", "b"]
    assert len(list((root / "vault" / "objects").glob("??/*"))) == 1


def test_an_empty_file_is_sealed_and_marked(root: Path, tmp_path: Path) -> None:
    item = seal(root, old(tmp_path / "nothing.csv", b""))[0]
    assert (item.size, item.media_type) == (0, "application/x-empty")


def test_the_same_bytes_seen_again(root: Path) -> None:
    vault = Vault.open(root)
    first = vault.put(b"x", source="s")
    assert vault.put(b"x", source="s") == first
    assert vault.put(b"x", source="s", again=True, note="seen again") != first
    assert vault.log.size == 2


@pytest.mark.parametrize("name", ["a\nb", "a\x1bb", "a\x7fb", "a\u202eb", "a\u2028b", "a\udcffb"])
def test_names_that_do_not_read_as_they_are(name: str, root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "good").write_bytes(b"1")
    try:
        (folder / name).write_bytes(b"2")
    except OSError:
        pytest.skip("the file system refuses the name itself")
    with pytest.raises(InputError, match="name is refused") as refused:
        seal(root, folder)
    assert refused.value.where.isprintable() and refused.value.remedy
    assert Vault.open(root).log.size == 0


def test_nothing_to_seal(root: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        seal(root, tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="nothing to seal"):
        seal(root, tmp_path / "empty")


def test_a_folder_is_named_by_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old(tmp_path / "d" / "in" / "x", b"1")
    monkeypatch.chdir(tmp_path / "d")
    assert named_files([Path()])[0][0] == "d/in/x"
    assert named_files([Path("../d/in/x")], "okx support/")[0][0] == "okx support/x"


def _append(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more")


def _rewrite(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.write(b"other")


def _replace(path: Path) -> None:
    fresh = path.with_name("fresh")
    fresh.write_bytes(path.read_bytes())
    fresh.replace(path)


@pytest.mark.parametrize("change", [_append, _rewrite, _replace, Path.unlink])
@pytest.mark.parametrize("size", [1000, 9_000_000])
def test_a_file_that_changes_while_it_is_read(
    change: Callable[[Path], None], size: int, root: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    file = old(tmp_path / "log.csv", b"a" * size)
    real = objects._from_stream if size < 5000 else objects._side_by_side

    def meanwhile(source: BinaryIO, out: BinaryIO) -> objects.Taken:
        taken = real(source, out)
        change(file)
        return taken

    monkeypatch.setattr(objects, real.__name__, meanwhile)
    with pytest.raises(UnreadableFile, match="changes while it is read"):
        seal(root, file)
    vault = Vault.open(root)
    assert vault.log.size == 0
    assert not list((root / "vault" / "objects" / ".tmp").iterdir())


def test_a_change_that_the_time_stamp_hides(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written to within one tick of the clock: size and time are the same, the bytes not."""
    file = tmp_path / "log.csv"
    file.write_bytes(b"a" * 100)
    state = file.stat()
    real = objects._from_stream

    def meanwhile(source: BinaryIO, out: BinaryIO) -> objects.Taken:
        taken = real(source, out)
        file.write_bytes(b"b" * 100)
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
        return taken

    monkeypatch.setattr(objects, "_from_stream", meanwhile)
    with pytest.raises(UnreadableFile, match="second reading"):
        seal(root, file)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("where", ["object", "log"])
def test_a_full_disk(
    where: str, code: int, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = seal(root, old(tmp_path / "a", b"1"))

    def full(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(
            *(
                ("liquest.vault.objects._write", full)
                if where == "object"
                else ("liquest.vault.log._extend", full)
            )
        )
        with pytest.raises(OutputError, match="disk is full") as refused:
            seal(root, old(tmp_path / "b", b"2"))
        assert refused.value.exit_code == 4
    assert Vault.open(root).items() == first
    assert len(seal(root, tmp_path / "a", tmp_path / "b")) == 2
    assert Vault.open(root).log.size == 2


def test_a_wrong_key_is_refused_before_anything_is_written(root: Path, tmp_path: Path) -> None:
    seal(root, old(tmp_path / "a", b"1"))
    (root / "vault" / "key").write_text(Signer.make("liquest/case/x").text())
    with pytest.raises(IntegrityError, match="wrong key"):
        seal(root, old(tmp_path / "b", b"2"))
    assert Vault.open(root, write=False).log.size == 1


def test_a_fork_is_reported_as_one(root: Path, tmp_path: Path) -> None:
    """The vault is restored from an old copy and goes on: two logs of one origin."""
    seal(root, old(tmp_path / "a", b"1"))
    vault = Vault.open(root)
    saved = {p: p.read_bytes() for p in (root / "vault" / "log").iterdir()}
    seal(root, old(tmp_path / "b", b"2"))
    signed = root / "vault" / "checkpoints" / "000000000002"
    later = signed.read_bytes()
    for path, raw in saved.items():
        path.write_bytes(raw)
    with pytest.raises(IntegrityError, match="shorter than what was signed"):
        Vault.open(root)
    signed.unlink()
    seal(root, old(tmp_path / "c", b"3"))
    assert signed.read_bytes() != later
    signed.write_bytes(later)
    with pytest.raises(IntegrityError, match="a fork: two logs of") as refused:
        Vault.open(root)
    assert vault.verifier.name in refused.value.what.en
    assert refused.value.expected.startswith("root ") and refused.value.got.startswith("root ")


def test_two_processes_share_a_vault(root: Path) -> None:
    one, other = Vault.open(root), Vault.open(root)
    first = one.put(b"1", source="a")
    second = other.put(b"2", source="b")
    assert other.put(b"1", source="a") == first
    assert one.put(b"2", source="b") == second
    assert one.items() == other.items() == [first, second]


def test_no_vault_yet(root: Path) -> None:
    with pytest.raises(UsageError, match="nothing is sealed"):
        Vault.open(root, write=False)
    assert not (root / "vault").exists()


def source_of(path: Path, name: str) -> Source:
    return Source(name, path, path.stat().st_size, digest(path))


def test_sources_of_a_run(root: Path, tmp_path: Path) -> None:
    files = [old(tmp_path / f"{n}", b"%d" % n) for n in range(3)]
    sources = [source_of(p, f"facts/{p.name}") for p in files]
    derived = [(sources[0].sha256, "tape/trades", [{"rows": 3, "path": "x"}])]
    for _ in range(2):
        assert seal_sources(root, sources, derived, Silent()) == []
        items = Vault.open(root).items()
        assert [i.source for i in items] == ["facts/0", "facts/1", "facts/2", "facts/0"]
        assert (items[3].parent, items[3].transform) == (items[0].id, "tape/trades")
        assert len(Vault.open(root).checkpoints()) == 1
    changed = [(sources[0].sha256, "tape/trades", [{"rows": 4, "path": "x"}])]
    seal_sources(root, sources, changed, Silent())
    assert Vault.open(root).log.size == 5


def test_what_cannot_be_sealed_stops_no_run(root: Path, tmp_path: Path) -> None:
    files = [old(tmp_path / f"{n}", b"%d" % n) for n in range(3)]
    sources = [source_of(p, p.name) for p in files]
    files[1].unlink()
    old(files[2], b"changed since")
    found = seal_sources(root, sources, [], Silent())
    assert [(p.code, p.path) for p in found] == [("not-sealed", "1"), ("changed", "2")]
    assert all(p.text.zh for p in found)
    assert [i.source for i in Vault.open(root).items()] == ["0", "2"]
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "vault").write_text("a file")
    assert [p.code for p in seal_sources(blocked, sources, [], Silent())] == ["not-sealed"]


def test_errors_speak_both_languages(root: Path, tmp_path: Path) -> None:
    with pytest.raises(LiquestError) as refused:
        seal(root, tmp_path / "absent")
    assert refused.value.render("zh") != refused.value.render("en")
