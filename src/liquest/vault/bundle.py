"""A bundle: one file with the evidence and all that is needed to verify it, and no more.

    README.txt, verify.py          how to verify, with ours or without anything of ours
    case/                          case.toml and the other texts of the case
    vault/key.pub, log, checkpoints, proofs, objects
    out/                           findings, methods, problems, inventory, dossier
    bundle.note                    digest, size and name of every file above, signed

Invariant: the bytes follow from the case alone. Members are sorted and stored as they are
(the output of a compressor depends on its version), their headers hold no time, and
Ed25519 gives one signature for one text. The private keys never enter.
"""

from __future__ import annotations

import fcntl
import filecmp
import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ..errors import IntegrityError, Text, UsageError
from ..run.progress import Progress, shown
from . import alone, proofs
from .alone.checks import ENTRIES, HEAD, KEY, NOTE, OBJECTS
from .alone.container import refusal, zip_central, zip_end, zip_local
from .disk import writing
from .items import Item
from .log import sync_folder
from .note import Checkpoint
from .readme import readme
from .store import Vault

_CHUNK = 1 << 20
_RESULTS = ("methods.json", "problems.jsonl", "inventory.json", "dossier/index.html")


class Bundled(NamedTuple):
    """What was made: `fresh` is False when the same bundle stood there already."""

    path: Path
    files: int
    size: int
    sha256: str
    fresh: bool


class _Placed(NamedTuple):
    name: str
    sha256: str
    size: int
    crc: int
    offset: int


def bundle(case_root: Path, out: Path, target: Path, progress: Progress) -> Bundled:
    """Write the bundle of a case and its results below `out` to the file `target`.

    Raises UsageError when another file stands there, IntegrityError when a sealed object
    is not what the log says; then nothing is written.
    """
    vault = Vault.open(case_root, write=False)
    members = gather(case_root, out, vault)
    part = target.with_name(f".{target.name}.part")
    with writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as stream:
            _alone_at(stream, target)
            fresh = False
            try:
                with shown(progress, Text("Bundling", "打包证据"), len(members)):
                    files, sha = _write(stream, members, vault, progress)
                size = stream.tell()
                stream.flush()
                os.fsync(stream.fileno())
                fresh = _settle(part, target)
            finally:
                # The lock ends only when the stream is closed: until then it is ours.
                if not fresh:
                    part.unlink(missing_ok=True)
    return Bundled(target, files, size, sha, fresh)


def gather(case_root: Path, out: Path, vault: Vault) -> list[tuple[str, Path | bytes]]:
    """Every member but the signed list: (name, where its bytes are), sorted by name."""
    point = Checkpoint.of(vault.checkpoint().decode().rpartition("\n\n")[0] + "\n")
    lines = list(vault.log.lines())[: point.size]
    found: dict[str, Path | bytes] = {
        "verify.py": alone.source(),
        KEY: vault.root / "key.pub",
        ENTRIES: b"".join(line + b"\n" for line in lines),
    }
    for line in lines:
        sha = Item.of(line).sha256
        found[f"{OBJECTS}{sha[:2]}/{sha[2:]}"] = vault.path_of(sha)
    for path, _ in vault.checkpoints():
        if int(path.name) <= point.size:
            found[f"vault/checkpoints/{path.name}"] = path
    for path in _plain_files(vault.proofs_dir):
        found[f"vault/proofs/{path.relative_to(vault.proofs_dir).as_posix()}"] = path
    for path in sorted([*case_root.glob("*.toml"), case_root / "provenance.json"]):
        if path.is_file():
            found[f"case/{path.name}"] = path
    for name in _RESULTS:
        if (out / name).is_file():
            found[f"out/{name}"] = out / name
    for path in sorted((out / "findings").glob("*.jsonl")):
        found[f"out/findings/{path.name}"] = path
    commands = proofs.verify_commands(vault.root, Path("vault"))
    found["README.txt"] = readme(vault.verifier.vkey(), point, commands).encode()
    for name in found:
        if (why := refusal(name)) is not None:
            raise UsageError(
                Text(f"a name cannot be bundled: {why[0]}", f"文件名不能放入证据包：{why[1]}"),
                where=ascii(name),
            )  # fmt: skip
    return sorted(found.items())


def _plain_files(folder: Path) -> Iterator[Path]:
    """Files below a folder, without hidden ones: half-made proofs and those set aside."""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        if path.is_file() and not path.is_symlink() and not any(p.startswith(".") for p in inner):
            yield path


def _write(
    stream: BinaryIO, members: list[tuple[str, Path | bytes]], vault: Vault, progress: Progress
) -> tuple[int, str]:
    """The zip file into `stream`; returns the number of members and the list's digest."""
    signer = vault.signer()
    placed = []
    for name, data in members:
        one = _add(stream, name, data)
        if name.startswith(OBJECTS) and one.sha256 != name[len(OBJECTS) :].replace("/", "", 1):
            raise IntegrityError(
                Text("a sealed object is not what its name says", "封存对象与其名称不符"),
                expected=name[len(OBJECTS) :].replace("/", "", 1), got=one.sha256, where=str(data),
            )  # fmt: skip
        placed.append(one)
        progress.step(name)
    listed = "".join(f"{p.sha256} {p.size} {p.name}\n" for p in placed)
    note = signer.sign(f"{HEAD}\norigin {signer.name}\n{listed}")
    placed.append(_add(stream, NOTE, note))
    start = stream.tell()
    for one in placed:
        stream.write(zip_central(one.name.encode(), one.crc, one.size, one.offset))
    stream.write(zip_end(len(placed), start, stream.tell() - start))
    return len(placed), hashlib.sha256(note).hexdigest()


def _add(stream: BinaryIO, name: str, data: Path | bytes) -> _Placed:
    """One stored member. Its header needs what only its bytes tell, so it is written last."""
    offset = stream.tell()
    if isinstance(data, bytes):
        crc = zlib.crc32(data)
        stream.write(zip_local(name.encode(), crc, len(data)))
        stream.write(data)
        return _Placed(name, hashlib.sha256(data).hexdigest(), len(data), crc, offset)
    expected = data.stat().st_size
    stream.write(zip_local(name.encode(), 0, expected))
    total, size, crc = hashlib.sha256(), 0, 0
    with data.open("rb", buffering=0) as source:
        while chunk := source.read(_CHUNK):
            total.update(chunk)
            crc = zlib.crc32(chunk, crc)
            size += len(chunk)
            stream.write(chunk)
    if size != expected:
        raise IntegrityError(
            Text("a file changes while it is bundled", "文件在打包期间发生变化"),
            expected=f"{expected} bytes", got=f"{size} bytes", where=str(data),
        )  # fmt: skip
    end = stream.tell()
    stream.seek(offset)
    stream.write(zip_local(name.encode(), crc, size))
    stream.seek(end)
    return _Placed(name, total.hexdigest(), size, crc, offset)


def _alone_at(stream: BinaryIO, target: Path) -> None:
    """Take the place for this process, and clear what a stopped run left there."""
    try:
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(
            Text("this bundle is being written by another run", "另一次运行正在写此证据包"),
            where=str(target),
        ) from None
    stream.truncate(0)
    stream.seek(0)


def _settle(part: Path, target: Path) -> bool:
    """Put the file in its place; False when the same bytes stand there already."""
    if target.exists():
        if target.is_file() and filecmp.cmp(part, target, shallow=False):
            return False
        raise UsageError(
            Text("another file stands there", "目标位置已有其他文件"), where=str(target),
            remedy=Text("Choose another name, or move it away.", "请换一个名称，或先移走该文件。"),
        )  # fmt: skip
    part.replace(target)
    sync_folder(target.parent)
    return True
