"""Content-addressed bytes: `objects/ab/cdef…` holds the bytes whose SHA-256 is abcdef….

Invariants: an object appears under its name whole or not at all (written aside, put on
disk, renamed), and the digest is taken from the copy that is kept, not from the
original, so that they agree even if the original moves under our hands. Never a hard
link: a later edit of the original must not reach the sealed bytes.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import threading
import time
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO, NamedTuple

from ..errors import Text, UnreadableFile
from .log import sync_folder

_SMALL = 4 << 20
"""Up to here a file is read in one piece; above, copying and hashing run side by side."""
_CHUNK = 8 << 20
_RECENT_NS = 2_000_000_000
"""A file touched this recently is read twice: its time stamp may be too coarse to tell."""

_numbers = itertools.count()


class Taken(NamedTuple):
    """What was taken in."""

    sha256: str
    size: int


class Objects:
    """The objects below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._fresh: set[Path] = set()
        self._syncing = threading.Lock()

    def path_of(self, sha256: str) -> Path:
        """Where the object of that digest lies, or would lie."""
        return self.root / sha256[:2] / sha256[2:]

    def create(self) -> None:
        """Make the folders, and clear away what a stopped run left behind."""
        aside = self.root / ".tmp"
        aside.mkdir(parents=True, exist_ok=True)
        for path in aside.iterdir():
            if not _alive(path.name.split("-")[0]):
                path.unlink(missing_ok=True)

    def add(self, data: Path | BinaryIO | bytes) -> Taken:
        """Copy bytes in; returns their digest and size. On disk, but its name only after `sync`.

        Raises UnreadableFile for a file that cannot be read or that changes meanwhile.
        """
        aside = self.root / ".tmp" / f"{os.getpid()}-{next(_numbers)}"
        try:
            with aside.open("xb", buffering=0) as out:
                if isinstance(data, bytes):
                    taken = _from_bytes(data, out)
                elif isinstance(data, Path):
                    taken = _from_path(data, out)
                else:
                    taken = _from_stream(data, out)
                os.fchmod(out.fileno(), 0o444)
                os.fsync(out.fileno())
            final = self.path_of(taken.sha256)
            if not final.parent.exists():
                final.parent.mkdir(exist_ok=True)
                self._fresh.add(self.root)
            aside.replace(final)
            self._fresh.add(final.parent)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        return taken

    def sync(self) -> None:
        """Put the names of everything added on disk, also of what another thread is at."""
        with self._syncing:
            while self._fresh:
                sync_folder(self._fresh.pop())


def _from_bytes(data: bytes, out: BinaryIO) -> Taken:
    _write(out, data)
    return Taken(hashlib.sha256(data).hexdigest(), len(data))


def _from_stream(stream: BinaryIO, out: BinaryIO) -> Taken:
    total, size = hashlib.sha256(), 0
    while chunk := stream.read(_CHUNK):
        total.update(chunk)
        size += len(chunk)
        _write(out, chunk)
    return Taken(total.hexdigest(), size)


def _from_path(path: Path, out: BinaryIO) -> Taken:
    try:
        source = path.open("rb", buffering=0)
    except OSError as error:
        raise UnreadableFile(
            Text(f"cannot be opened: {error.strerror}", f"无法打开：{error.strerror}"),
            where=str(path),
        ) from error
    with source:
        before = os.fstat(source.fileno())
        if before.st_size <= _SMALL:
            taken = _from_stream(source, out)
        else:
            taken = _side_by_side(source, out)
        _unchanged(path, before, taken)
    return taken


def _side_by_side(source: BinaryIO, out: BinaryIO) -> Taken:
    """Copy in one thread, hash what has been copied in this one."""
    done: SimpleQueue[int | OSError | None] = SimpleQueue()

    def copy() -> None:
        try:
            for count in iter(_Copier(source, out).step, 0):
                done.put(count)
            done.put(None)
        except OSError as error:
            done.put(error)

    thread = threading.Thread(target=copy, daemon=True)
    thread.start()
    total, at = hashlib.sha256(), 0
    buffer = memoryview(bytearray(1 << 20))
    with Path(out.name).open("rb", buffering=0) as copied:
        while (step := done.get()) is not None:
            if isinstance(step, OSError):
                thread.join()
                raise step
            end = at + step
            while at < end:
                count = copied.readinto(buffer[: min(len(buffer), end - at)])
                if not count:
                    raise OSError(errno.EIO, "the copy is shorter than what was written")
                total.update(buffer[:count])
                at += count
    thread.join()
    return Taken(total.hexdigest(), at)


class _Copier:
    """Copies in steps: inside the kernel where it can (or by reference), else by hand."""

    def __init__(self, source: BinaryIO, out: BinaryIO) -> None:
        self._source, self._out = source, out
        self._kernel = hasattr(os, "copy_file_range")

    def step(self) -> int:
        """Bytes copied and on disk; 0 at the end."""
        count = self._copy()
        if count and hasattr(os, "fdatasync"):
            # The disk writes while the other thread hashes, instead of all at the end.
            os.fdatasync(self._out.fileno())
        return count

    def _copy(self) -> int:
        if self._kernel:
            try:
                return os.copy_file_range(self._source.fileno(), self._out.fileno(), _CHUNK)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
                    raise
                self._kernel = False
        chunk = self._source.read(_CHUNK)
        _write(self._out, chunk)
        return len(chunk)


def _unchanged(path: Path, before: os.stat_result, taken: Taken) -> None:
    """Raise UnreadableFile if the file is not what it was when it was opened."""
    try:
        after = path.stat()
    except OSError:
        raise _changed(path, "it is gone", "文件已消失") from None
    if (after.st_dev, after.st_ino) != (before.st_dev, before.st_ino):
        raise _changed(path, "another file stands in its place", "已被另一文件替换")
    if not before.st_size == after.st_size == taken.size:
        raise _changed(
            path, f"size {before.st_size} before, {after.st_size} after, {taken.size} read",
            f"读取前 {before.st_size} 字节，读取后 {after.st_size} 字节，读到 {taken.size} 字节",
        )  # fmt: skip
    if after.st_mtime_ns != before.st_mtime_ns:
        raise _changed(path, "it was written to", "读取期间被写入")
    if time.time_ns() - after.st_mtime_ns < _RECENT_NS:
        with path.open("rb") as stream:
            again = hashlib.file_digest(stream, "sha256").hexdigest()
        if again != taken.sha256:
            raise _changed(path, "a second reading gave other bytes", "再次读取得到不同内容")


def _changed(path: Path, en: str, zh: str) -> UnreadableFile:
    return UnreadableFile(
        Text(f"the file changes while it is read: {en}", f"文件在读取期间发生变化：{zh}"),
        where=str(path),
        remedy=Text(
            "Seal it when nothing writes to it any more, or seal a copy.",
            "请在不再写入后封存，或封存其副本。",
        ),
    )


def _write(out: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[out.write(view) :]


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
