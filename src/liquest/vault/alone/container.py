"""The container of a bundle: a folder, or a zip file whose every byte is prescribed."""

from __future__ import annotations

import hashlib
import os
import re
import struct
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from .text import Broken, Words

CHUNK = 1 << 20


def refusal(name: str) -> Words | None:
    """Why a member's name is not acceptable; None when it is."""
    parts = name.split("/")
    climbs = any(part in ("", ".", "..") for part in parts)
    if climbs or "\\" in name or re.match(r"[A-Za-z]:", name):
        return "it leaves the bundle", "越出证据包"
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in name):
        return "it holds control characters", "含有控制字符"
    return None


def zip_local(name: bytes, crc: int, size: int) -> bytes:
    """The header before a stored member: no time of day, no attributes, no options."""
    big = size >= 0xFFFFFFFF
    extra = struct.pack("<HHQQ", 1, 16, size, size) if big else b""
    short = 0xFFFFFFFF if big else size
    return struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 45 if big else 20, 0x800, 0, 0, 0x21, crc, short,
                       short, len(name), len(extra)) + name + extra  # fmt: skip


def zip_central(name: bytes, crc: int, size: int, offset: int) -> bytes:
    """The entry of a member in the directory."""
    big = max(size, offset) >= 0xFFFFFFFF
    extra = struct.pack("<HHQQQ", 1, 24, size, size, offset) if big else b""
    short, where = (0xFFFFFFFF, 0xFFFFFFFF) if big else (size, offset)
    version = 45 if big else 20
    return struct.pack("<4sBBHHHHHIIIHHHHHII", b"PK\1\2", version, 3, version, 0x800, 0, 0, 0x21,
                       crc, short, short, len(name), len(extra), 0, 0, 0, 0o100644 << 16,
                       where) + name + extra  # fmt: skip


def zip_end(count: int, start: int, length: int) -> bytes:
    """What follows the directory."""
    tail = b""
    if count >= 0xFFFF or start >= 0xFFFFFFFF or length >= 0xFFFFFFFF:
        tail = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, start)
        tail += struct.pack("<4sIQI", b"PK\6\7", 0, start + length, 1)
    few, low = min(count, 0xFFFF), min(start, 0xFFFFFFFF)
    return tail + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, few, few, min(length, 0xFFFFFFFF), low,
                              0)  # fmt: skip


class Container(Protocol):
    """Members by name: their sizes, and the bytes of each."""

    names: list[str]
    sizes: dict[str, int]

    def chunks(self, name: str) -> Iterator[memoryview]: ...


class Folder:
    """An unpacked bundle."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sizes: dict[str, int] = {}
        for folder, folders, files in os.walk(root):
            for name in files + [f for f in folders if Path(folder, f).is_symlink()]:
                path = Path(folder, name)
                inner = path.relative_to(root).as_posix()
                if path.is_symlink() or not path.is_file():
                    raise Broken(f"{inner} is a link or a device", f"{inner} 是链接或设备")
                self.sizes[inner] = path.stat().st_size
        self.names = sorted(self.sizes)

    def chunks(self, name: str) -> Iterator[memoryview]:
        """The bytes of a member, piece by piece; a piece holds until the next."""
        with (self.root / name).open("rb", buffering=0) as stream:
            yield from _pieces(stream, self.sizes[name])


class Zip:
    """A bundle as one file: every byte that is not a member's is compared with what it must be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sizes: dict[str, int] = {}
        self._start: dict[str, int] = {}
        try:
            with zipfile.ZipFile(path) as archive:
                members = archive.infolist()
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            NotImplementedError,
            struct.error,
        ) as error:
            raise Broken(
                f"the bundle is no whole zip file: {error}", f"证据包不是完整的 zip 文件：{error}"
            ) from None
        place, directory = 0, b""
        with path.open("rb") as stream:
            for one in members:
                name, crc, size = one.orig_filename, one.CRC, one.file_size
                if name in self.sizes:
                    raise Broken(f"{name} stands twice in the bundle", f"{name} 在证据包中出现两次")
                raw = name.encode("utf-8", "surrogateescape")
                head = zip_local(raw, crc, size)
                stream.seek(place)
                _same(stream.read(len(head)), head, place, name)
                self.sizes[name], self._start[name] = size, place + len(head)
                directory += zip_central(raw, crc, size, place)
                place += len(head) + size
            tail = directory + zip_end(len(members), place, len(directory))
            stream.seek(place)
            _same(stream.read(len(tail) + 1), tail, place, "the directory of the zip file")
        self.names = sorted(self.sizes)

    def chunks(self, name: str) -> Iterator[memoryview]:
        """The bytes of a member, piece by piece; a piece holds until the next."""
        with self.path.open("rb", buffering=0) as stream:
            stream.seek(self._start[name])
            yield from _pieces(stream, self.sizes[name])


def _same(got: bytes, want: bytes, place: int, what: str) -> None:
    if got != want:
        length = min(len(got), len(want))
        at = next((i for i in range(length) if got[i] != want[i]), length)
        raise Broken(
            f"{what}: the zip file was altered at byte {place + at}",
            f"{what}：zip 文件在第 {place + at} 字节处被改动",
            want[at : at + 8].hex() or "the end", got[at : at + 8].hex() or "the end",
        )  # fmt: skip


def _pieces(stream: Any, left: int) -> Iterator[memoryview]:
    buffer = memoryview(bytearray(min(CHUNK, left)))
    while left:
        count = stream.readinto(buffer[: min(left, CHUNK)])
        if not count:
            return
        left -= count
        yield buffer[:count]


def read(box: Container, name: str) -> bytes:
    """The whole of a member; Broken when it is not there."""
    if name not in box.names:
        raise Broken(f"{name} is missing", f"缺少 {name}")
    return b"".join(bytes(piece) for piece in box.chunks(name))


def digest(box: Container, name: str) -> tuple[str, int]:
    """SHA-256 and size of a member."""
    total, size = hashlib.sha256(), 0
    for piece in box.chunks(name):
        total.update(piece)
        size += len(piece)
    return total.hexdigest(), size
