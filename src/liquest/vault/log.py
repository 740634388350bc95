"""The append-only log on disk: lines, their Merkle tree, and what is acknowledged.

    log/entries   the lines, one after the other, each ended by a line break
    log/hashes    32 bytes for every complete subtree, in the order of completion
    log/state     {"size", "bytes", "root"}: what is acknowledged

Invariant: an append is acknowledged when `state` names it, and `state` is replaced in
one step after the other two are on disk. Whatever lies beyond `state` is the torn tail
of an append that was cut off, and the next writer cuts it away. What `state` names and
the files lack is damage, and refused.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ..errors import IntegrityError, Text, UsageError
from .merkle import (
    EMPTY,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    range_root,
    stored_count,
    stored_index,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "EMPTY",
    "Log",
    "State",
    "leaf_hash",
    "node_hash",
    "verify_consistency",
    "verify_inclusion",
]


class State(NamedTuple):
    """What is acknowledged: `size` lines in `bytes` bytes under `root` (hex)."""

    size: int
    bytes: int
    root: str


class Log:
    """A log in `folder`. Readers see the acknowledged part; writers take turns by a lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._entries = folder / "entries"
        self._hashes = folder / "hashes"
        self._turn = threading.RLock()
        self._depth = 0
        self._lock_fd = -1
        self._read_fd = -1
        self.state = State(0, 0, EMPTY.hex())
        self.refresh()

    def create(self) -> None:
        """Lay down an empty log unless there is one."""
        if (self._folder / "state").exists():
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with self.writing():
            if (self._folder / "state").exists():
                return
            for path in (self._entries, self._hashes):
                if path.exists() and path.stat().st_size:
                    raise self._damaged("log/state", "missing")
                path.touch()
            self._acknowledge(State(0, 0, EMPTY.hex()))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The only writer, of all threads and processes, until the end; may be nested."""
        with self._turn:
            if self._depth == 0:
                self._lock_fd = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._lock_fd, fcntl.LOCK_EX)
            self._depth += 1
            try:
                if self._depth == 1:
                    self.refresh()
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    os.close(self._lock_fd)
                    self._lock_fd = -1

    def refresh(self) -> None:
        """See what other processes have acknowledged since."""
        path = self._folder / "state"
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            self.state = State(int(found["size"]), int(found["bytes"]), str(found["root"]))
        except FileNotFoundError:
            if self._entries.exists() and self._entries.stat().st_size:
                raise self._damaged("log/state", "missing") from None
            return
        except (ValueError, KeyError, TypeError):
            raise self._damaged("log/state", "not readable") from None
        for file, length in self._lengths(self.state):
            have = file.stat().st_size if file.exists() else 0
            if have < length:
                raise self._damaged(f"{length} bytes in log/{file.name}", f"{have} bytes")
        if self.state.size and self.root().hex() != self.state.root:
            raise self._damaged(f"root {self.state.root}", f"root {self.root().hex()}")

    def append(self, lines: Sequence[bytes]) -> int:
        """Add lines; returns the index of the first. Acknowledged when this returns."""
        if any(b"\n" in line for line in lines):
            raise UsageError(Text("a line of the log holds a line break", "日志条目中含有换行"))
        with self.writing():
            first = self.state.size
            if not lines:
                return first
            for file, length in self._lengths(self.state):
                if file.stat().st_size > length:
                    os.truncate(file, length)
            hashes, root = self._grown(lines)
            text = b"".join(line + b"\n" for line in lines)
            _extend(self._hashes, hashes)
            _extend(self._entries, text)
            self._acknowledge(State(first + len(lines), self.state.bytes + len(text), root.hex()))
            return first

    def _grown(self, lines: Sequence[bytes]) -> tuple[bytes, bytes]:
        """The hashes that the new lines complete, and the new root."""
        size = self.state.size
        # Hashes of the complete subtrees on the right edge, by level, as in adding one
        # to a binary number: every carry completes a subtree.
        edge = {
            level: self._stored(level, (size >> level) - 1)
            for level in range(size.bit_length())
            if size >> level & 1
        }
        row: list[bytes] = []
        for line in lines:
            node, level = leaf_hash(line), 0
            row.append(node)
            while size >> level & 1:
                node = node_hash(edge.pop(level), node)
                row.append(node)
                level += 1
            edge[level] = node
            size += 1
        root = b""
        for level in sorted(edge):
            root = node_hash(edge[level], root) if root else edge[level]
        return b"".join(row), root

    def _acknowledge(self, state: State) -> None:
        fresh = self._folder / "state.new"
        with fresh.open("w", encoding="utf-8") as out:
            json.dump(state._asdict(), out)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self._folder / "state")
        sync_folder(self._folder)
        self.state = state

    def _lengths(self, state: State) -> tuple[tuple[Path, int], ...]:
        return (self._entries, state.bytes), (self._hashes, 32 * stored_count(state.size))

    def _stored(self, level: int, index: int) -> bytes:
        if self._read_fd < 0:
            self._read_fd = os.open(self._hashes, os.O_RDONLY)
        return os.pread(self._read_fd, 32, 32 * stored_index(level, index))

    def __del__(self) -> None:
        if getattr(self, "_read_fd", -1) >= 0:
            os.close(self._read_fd)

    def leaf(self, index: int) -> bytes:
        """The stored leaf hash of line `index`."""
        return self._stored(0, index)

    def check_tree(self) -> None:
        """Raise IntegrityError unless every stored inner hash is that of its two halves."""
        for level in range(1, self.size.bit_length()):
            for index in range(self.size >> level):
                made = node_hash(
                    self._stored(level - 1, 2 * index), self._stored(level - 1, 2 * index + 1)
                )
                if made != (stored := self._stored(level, index)):
                    raise self._damaged(f"hash {made.hex()}", f"{stored.hex()} at {level}/{index}")

    @property
    def size(self) -> int:
        """Acknowledged lines."""
        return self.state.size

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` lines, all when not given."""
        return range_root(self._stored, 0, self._within(self.size if size is None else size))

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The audit path of line `index` in the log of the first `size` lines."""
        size = self._within(self.size if size is None else size)
        if not 0 <= index < size:
            raise UsageError(Text(f"the log has no line {index}", f"日志中没有第 {index} 行"))
        return inclusion_path(self._stored, index, size)

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """The proof that the first `old` lines of the first `new` are unchanged."""
        new = self._within(self.size if new is None else new)
        if not 0 <= old <= new:
            raise UsageError(Text("a log cannot shrink", "日志不能变短"))
        return consistency_path(self._stored, old, new)

    def lines(self, start: int = 0) -> Iterator[bytes]:
        """Acknowledged lines from byte `start` on, without their line breaks."""
        left = self.state.bytes - start
        if left <= 0:
            return
        with self._entries.open("rb") as stream:
            stream.seek(start)
            while left > 0:
                line = stream.readline()
                left -= len(line)
                if not line.endswith(b"\n") or left < 0:
                    raise self._damaged("whole lines", "a line without an end")
                yield line[:-1]

    def _within(self, size: int) -> int:
        if not 0 <= size <= self.size:
            raise UsageError(
                Text(
                    f"the log has {self.size} lines, not {size}",
                    f"日志只有 {self.size} 行，没有 {size} 行",
                )
            )  # fmt: skip
        return size

    def _damaged(self, expected: str, got: str) -> IntegrityError:
        return IntegrityError(
            Text("the log is damaged", "日志已损坏"), expected=expected, got=got,
            where=str(self._folder),
            remedy=Text(
                "Do not seal into it; restore the folder from a bundle or a copy.",
                "请勿继续封存；请用证据包或备份恢复该文件夹。",
            ),
        )  # fmt: skip


def rebuild(folder: Path, entries: bytes) -> Log:
    """A log in `folder` made anew from its lines, for a bundle that brings only these."""
    log = Log(folder)
    log.create()
    log.append(entries.split(b"\n")[:-1])
    return log


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on disk: a rename is not durable before that."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _extend(path: Path, data: bytes) -> None:
    with path.open("ab", buffering=0) as out:
        view = memoryview(data)
        while view:
            view = view[out.write(view) :]
        os.fsync(out.fileno())
