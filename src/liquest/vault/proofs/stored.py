"""Proofs on disk: PROOFS/<16 hex of the checkpoint>/<proof>/, each folder whole or absent.

    PROOFS/1f0c…/checkpoint              the bytes that are proven
    PROOFS/1f0c…/rfc3161-freetsa.org-…/  proof.json and the files that it lists
    PROOFS/1f0c…/ots-…~2/                a later version of `ots-…`; the highest counts

A proof is written to a hidden folder, flushed, and renamed, so that a process killed
at any instant leaves either no proof or a whole one. proof.json is canonical JSON
(RFC 8785) with the SHA-256 of every file and of itself: one flipped byte is seen
before any library reads it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rfc8785

from ...errors import InputError, IntegrityError, OutputError, Text
from .. import now as clock

FORMAT = "liquest-proof/1"
CHECKPOINT = "checkpoint"
_RECORD = "proof.json"
_LARGEST = 64 << 20
_STALE = 600.0
"""Seconds after which a hidden folder belongs to nobody who is still alive."""


def digest_of(checkpoint: bytes) -> str:
    """SHA-256 of the checkpoint bytes, hex: what every proof is about."""
    return hashlib.sha256(checkpoint).hexdigest()


@dataclass(frozen=True)
class Made:
    """What a target yields for keeping: files by name, and facts for proof.json."""

    files: Mapping[str, bytes]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stored:
    """A proof as read from disk; its files have the digests that proof.json names."""

    path: Path
    kind: str
    source: str
    checkpoint: str
    files: Mapping[str, bytes]
    facts: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """How a check names it: checkpoint folder and proof folder."""
        return f"{self.path.parent.name}/{self.path.name}"

    def file(self, name: str) -> bytes:
        """The bytes of one file; raises IntegrityError when the proof has none of that name."""
        if name not in self.files:
            raise IntegrityError(
                Text("the proof lacks a file", "证明缺少文件"),
                expected=name, got=", ".join(self.files) or "-", where=str(self.path),
            )  # fmt: skip
        return self.files[name]


def name_of(kind: str, source: str) -> str:
    """Folder name of a proof: readable, and unique to the source by six digits of its hash."""
    plain = source.split("://", 1)[-1].lower()
    slug = "".join(c if c.isascii() and (c.isalnum() or c == ".") else "-" for c in plain)
    tail = hashlib.sha256(source.encode()).hexdigest()[:6]
    return f"{kind}-{slug.strip('-.')[:40]}-{tail}"


def shelf_of(proofs: Path, checkpoint: bytes) -> Path:
    """The folder of one checkpoint's proofs."""
    return proofs / digest_of(checkpoint)[:16]


def open_shelf(proofs: Path, checkpoint: bytes) -> Path:
    """That folder, made, holding the checkpoint; left-overs of killed runs are cleared."""
    shelf = shelf_of(proofs, checkpoint)
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        path = shelf / CHECKPOINT
        if not path.exists() or path.read_bytes() != checkpoint:
            _settle(shelf, path.name, checkpoint)
        for left in shelf.glob(".tmp-*"):
            # By age and not by name: another run may be writing its own just now.
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > _STALE:
                    shutil.rmtree(left) if left.is_dir() else left.unlink()
        for group in versions(shelf).values():
            # What a run had replaced when it was killed; only if the new one is whole.
            with contextlib.suppress(InputError, IntegrityError, FileNotFoundError):
                if len(group) > 1 and read(group[-1]):
                    _retire(group[:-1])
    except OSError as error:
        raise _unwritable(shelf, error) from None
    return shelf


def versions(shelf: Path) -> dict[str, list[Path]]:
    """Proof folders by name, lowest version first; hidden names are left out."""
    found: dict[str, list[tuple[int, Path]]] = {}
    for path in shelf.iterdir() if shelf.is_dir() else ():
        if path.is_dir() and not path.name.startswith("."):
            name, _, number = path.name.partition("~")
            place = int(number) if number.isascii() and number.isdigit() else 1
            found.setdefault(name, []).append((place, path))
    return {name: [p for _, p in sorted(group)] for name, group in sorted(found.items())}


def latest(shelf: Path, name: str) -> Path | None:
    """The version of a proof that counts."""
    return versions(shelf).get(name, [None])[-1]


def keep(shelf: Path, name: str, kind: str, source: str, checkpoint: str, made: Made) -> Stored:
    """Store a proof, whole or not at all; versions that it replaces go afterwards."""
    older = versions(shelf).get(name, [])
    record: dict[str, Any] = {
        "format": FORMAT,
        "kind": kind,
        "source": source,
        "checkpoint": checkpoint,
        "stored_at": clock.now(),
        "files": {n: hashlib.sha256(b).hexdigest() for n, b in made.files.items()},
        "facts": dict(made.facts),
    }
    record["sum"] = hashlib.sha256(rfc8785.dumps(record)).hexdigest()
    place = 1
    if older:
        number = older[-1].name.partition("~")[2]
        place = (int(number) if number.isascii() and number.isdigit() else 1) + 1
    temp = shelf / f".tmp-{os.getpid()}-{os.urandom(6).hex()}"
    try:
        temp.mkdir()
        for file, content in {**made.files, _RECORD: rfc8785.dumps(record)}.items():
            _flushed(temp / file, content)
        _flush_folder(temp)
        target = _settled(temp, shelf, name, place)
        _flush_folder(shelf)
        _retire(older)
    except OSError as error:
        shutil.rmtree(temp, ignore_errors=True)
        raise _unwritable(shelf / name, error) from None
    return Stored(target, kind, source, checkpoint, made.files, made.facts)


def set_aside(path: Path) -> Path:
    """Hide a proof that does not hold: it is evidence too, and stays as it is."""
    aside = path.parent / f".invalid-{path.name}-{os.urandom(4).hex()}"
    try:
        path.rename(aside)
    except OSError as error:
        raise _unwritable(aside, error) from None
    return aside


def read(path: Path) -> Stored:
    """The proof in a folder; raises IntegrityError when one byte is not as it was stored."""
    where = str(path)
    raw = _content(path / _RECORD)
    try:
        record = json.loads(raw)
        found = record.pop("sum")
        # Compared as bytes: another spelling of the same JSON is another file.
        made = hashlib.sha256(rfc8785.dumps(record)).hexdigest()
        same = rfc8785.dumps({**record, "sum": found}) == raw
        files, facts = dict(record["files"]), dict(record["facts"])
        kind, source = str(record["kind"]), str(record["source"])
        checkpoint, form = str(record["checkpoint"]), str(record["format"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _broken(where, "a readable proof.json", str(error)[:120] or "garbage") from None
    if made != found or not same:
        raise _broken(where, f"sum {found}", made)
    if form != FORMAT:
        raise InputError(
            Text(f"'{form[:40]}' is no proof format known here", f"未知的证明格式“{form[:40]}”"),
            where=where,
            remedy=Text("Use a newer Liquest.", "请使用更新的 Liquest。"),
        )
    if stray := sorted({p.name for p in path.iterdir()} - set(files) - {_RECORD}):
        raise _broken(where, f"only {', '.join(files)}", f"also {', '.join(stray)}")
    held: dict[str, bytes] = {}
    for name, expected in files.items():
        if Path(name).name != name or name in {"", ".", ".."}:
            raise _broken(where, "plain file names", name[:80])
        held[name] = _content(path / name)
        if (got := hashlib.sha256(held[name]).hexdigest()) != expected:
            raise _broken(f"{where}/{name}", str(expected), got)
    return Stored(path, kind, source, checkpoint, held, facts)


def shelves(proofs: Path) -> Iterator[Path]:
    """Every checkpoint folder, sorted."""
    if proofs.is_dir():
        yield from sorted(p for p in proofs.iterdir() if p.is_dir() and p.name[:1] != ".")


def _content(path: Path) -> bytes:
    if path.is_symlink() or not path.is_file():
        raise _broken(str(path), "a file", "nothing" if not path.exists() else "no plain file")
    if (size := path.stat().st_size) > _LARGEST:
        raise _broken(str(path), f"at most {_LARGEST} bytes", f"{size}")
    return path.read_bytes()


def _settled(temp: Path, shelf: Path, name: str, place: int) -> Path:
    """Give the finished folder its name: the first that is free from version `place` on."""
    while True:
        target = shelf / (name if place == 1 else f"{name}~{place}")
        try:
            return temp.rename(target)
        except OSError as error:
            # Another run was quicker; both are whole, and the next run keeps the later one.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        place += 1


def _retire(paths: list[Path]) -> None:
    """Remove replaced versions: hidden at once, gone a moment later."""
    for path in paths:
        hidden = path.parent / f".tmp-{os.getpid()}-{os.urandom(6).hex()}"
        # Another run may be doing the same.
        with contextlib.suppress(FileNotFoundError):
            path.rename(hidden)
            shutil.rmtree(hidden)


def _flushed(path: Path, content: bytes) -> None:
    with path.open("xb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def _settle(folder: Path, name: str, content: bytes) -> None:
    temp = folder / f".tmp-{os.getpid()}-{os.urandom(6).hex()}"
    _flushed(temp, content)
    temp.replace(folder / name)
    _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    # Windows cannot open a folder; there the rename is as durable as the system makes it.
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _broken(where: str, expected: str, got: str) -> IntegrityError:
    return IntegrityError(
        Text("a stored proof has been altered", "已存证明被改动"),
        expected=expected, got=got, where=where,
        remedy=Text(
            "Take the proof from another copy, or run: liquest prove CASE",
            "请从其他副本取回，或重新运行：liquest prove 案件",
        ),
    )  # fmt: skip


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        Text(f"a proof cannot be stored: {error.strerror}", f"无法保存证明：{error.strerror}"),
        where=str(path),
        remedy=Text("Free space or check permissions.", "请检查磁盘空间与权限。"),
    )
