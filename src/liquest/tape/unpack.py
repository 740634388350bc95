"""From a file as it came to plain text that a parser can be trusted with.

Takes gzip, bzip2, xz, zip archives of one data file, and plain text. The result has no
BOM, UTF-8 text and Unix line ends, and its lines are counted, because row numbers are
line numbers. A truncated archive gives its whole lines and a problem; a bomb is refused
before it fills the disk.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol, cast

import numpy as np

from ..errors import OutputError, Text, UnreadableFile
from ..problems import UNREAD, Problem
from .reading import PEEK

_FAST_GZIP: Any = gzip
_GZIP_ERROR: type[Exception] = zlib.error
try:
    from isal import igzip, isal_zlib
except ImportError:  # no wheel for this machine: the standard library reads the same bytes
    pass
else:
    _FAST_GZIP, _GZIP_ERROR = igzip, cast(type[Exception], isal_zlib.error)

_CHUNK = 1 << 20
BOMB_RATIO = 200
BOMB_FLOOR = 256 << 20
"""An archive is a bomb when it unpacks to more than 200 times its size and over 256 MiB."""
DISK_RESERVE = 16 << 20
"""Bytes that unpacking always leaves free on the disk."""

_BROKEN: tuple[type[Exception], ...] = (
    EOFError,
    OSError,
    gzip.BadGzipFile,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    _GZIP_ERROR,
)
_NO_ZIP = (zipfile.BadZipFile, OSError, ValueError, RuntimeError, struct.error, EOFError)
"""What the standard library raises for a damaged zip."""


@dataclass
class Unpacked:
    """`path` holds the plain text; `lines` counts its lines, a last one without end included."""

    path: Path
    lines: int
    size: int
    problems: list[Problem] = field(default_factory=list)


def container(path: Path) -> str:
    """What the first bytes say: gzip, zip, bzip2, xz, zstd, parquet, or text."""
    with path.open("rb") as stream:
        head = stream.read(8)
    for magic, name in (
        (b"\x1f\x8b", "gzip"),
        (b"PK\x03\x04", "zip"),
        (b"PK\x05\x06", "zip"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"PAR1", "parquet"),
    ):
        if head.startswith(magic):
            return name
    return "text"


class _Gzip:
    """The fast reader; where it meets damage, the standard library, which still gives the
    bytes before it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: Any = _FAST_GZIP.open(path, "rb")
        self._slow = _FAST_GZIP is gzip
        self._given = 0

    def read1(self, size: int) -> bytes:
        try:
            got: bytes = self._stream.read1(size)
        except _BROKEN:
            if self._slow:
                raise
            self._again()
            got = self._stream.read1(size)
        self._given += len(got)
        return got

    def _again(self) -> None:
        """Open the file anew and pass over what was given."""
        self.close()
        self._stream, self._slow = gzip.GzipFile(self._path), True
        self._stream.seek(self._given)

    def close(self) -> None:
        self._stream.close()


class _Bytes(Protocol):
    """What is asked of an open file."""

    def read1(self, size: int, /) -> bytes: ...


@contextmanager
def open_plain(path: Path) -> Iterator[_Bytes]:
    """The unpacked bytes as a stream; raises UnreadableFile for what is no single file."""
    kind = container(path)
    if kind == "zstd":
        raise UnreadableFile(
            Text("zstd files are not read", "不支持直接读取 zstd 文件"),
            where=str(path),
            remedy=Text("Unpack it with: zstd -d FILE", "请先解压：zstd -d 文件名"),
        )
    if kind == "gzip":
        with closing(_Gzip(path)) as stream:
            yield stream
    elif kind == "bzip2":
        with bz2.open(path, "rb") as stream:
            yield stream
    elif kind == "xz":
        with lzma.open(path, "rb") as stream:
            yield stream
    elif kind == "zip":
        with _zip_member(path) as stream:
            yield stream
    else:
        with path.open("rb") as stream:
            yield stream


@contextmanager
def _zip_member(path: Path) -> Iterator[_Bytes]:
    try:
        archive = zipfile.ZipFile(path)
    except _NO_ZIP:
        raise _bad_zip(path) from None
    with archive:
        members = [m for m in archive.infolist() if not m.is_dir() and _is_data(m.filename)]
        if len(members) != 1:
            names = ", ".join(m.filename for m in members[:4]) or "-"
            raise UnreadableFile(
                Text(
                    f"the zip holds {len(members)} data files ({names}), one is expected",
                    f"zip 中有 {len(members)} 个数据文件（{names}），应只有一个",
                ),
                where=str(path),
                remedy=Text(
                    "Unpack it and give the files themselves.", "请解压后直接给出其中的文件。"
                ),
            )
        if members[0].flag_bits & 1:
            raise UnreadableFile(
                Text("the zip is encrypted", "zip 已加密"),
                where=str(path),
                remedy=Text("Unpack it with its password.", "请用密码解压后再提供。"),
            )
        try:
            stream: Any = archive.open(members[0])
        except NotImplementedError:
            raise UnreadableFile(
                Text("the zip is packed in a way that is not read", "不支持该 zip 的压缩方式"),
                where=str(path),
                remedy=Text("Unpack it and give the file itself.", "请解压后直接给出其中的文件。"),
            ) from None
        except _NO_ZIP:
            raise _bad_zip(path) from None
        with stream:
            yield stream


def _bad_zip(path: Path) -> UnreadableFile:
    return UnreadableFile(
        Text("the zip archive is broken or cut off", "zip 压缩包已损坏或不完整"),
        where=str(path),
        remedy=Text("Download it again.", "请重新下载。"),
    )


def _is_data(name: str) -> bool:
    """Not what archivers add on their own."""
    last = name.rsplit("/", 1)[-1]
    return not (name.startswith("__MACOSX") or last.startswith(".") or last == "Thumbs.db")


def breaks(path: Path) -> bool:
    """Whether the archive ends or breaks before its peeked beginning is over."""
    with open_plain(path) as stream:
        try:
            left = PEEK
            while left > 0 and (chunk := stream.read1(left)):
                left -= len(chunk)
        except _BROKEN:
            return True
    return False


def peek(path: Path, size: int = PEEK) -> bytes:
    """The first `size` unpacked bytes, fewer when the file ends or breaks before."""
    with open_plain(path) as stream:
        try:
            return _Patient(stream).read(size)
        except _BROKEN as error:
            raise _broken(path, error) from None


class _Patient:
    """A stream that gives what can be read before it says that the rest is broken."""

    def __init__(self, raw: _Bytes) -> None:
        self._raw = raw
        self._error: BaseException | None = None

    def read(self, size: int) -> bytes:
        """As many bytes as asked for, fewer at the end or before a break."""
        got: list[bytes] = []
        while size and self._error is None:
            try:
                piece = self._raw.read1(size)
            except _BROKEN as error:
                self._error = error
                break
            if not piece:
                break
            got.append(piece)
            size -= len(piece)
        if not got and self._error is not None:
            raise self._error
        return b"".join(got)


def _broken(path: Path, error: Exception) -> UnreadableFile:
    return UnreadableFile(
        Text(f"the archive cannot be unpacked ({error})", f"压缩文件无法解开（{error}）"),
        where=str(path),
        remedy=Text("Download or copy it again.", "请重新下载或复制。"),
    )


def encoding(head: bytes) -> str:
    """utf-16, utf-8 or gb18030 by byte-order mark and by what decodes; else latin-1."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    cut = head[: head.rfind(b"\n") + 1] or head
    for name in ("utf-8", "gb18030"):
        try:
            # Not final: a text without any end of line may break off within a character.
            codecs.getincrementaldecoder(name)().decode(cut)
        except UnicodeDecodeError:
            continue
        return name
    return "latin-1"


def unpack(path: Path, into: Path, *, name: str = "") -> Unpacked:
    """Write the plain text of `path` to the file `into`, with lines counted.

    Raises UnreadableFile for bombs and broken archives without one whole line,
    OutputError when the disk is full. A file cut off in the middle keeps its whole lines.
    """
    label = name or str(path)
    charset = encoding(peek(path))
    limit = max(path.stat().st_size * BOMB_RATIO, BOMB_FLOOR)
    packed = container(path) != "text"
    size = lines = 0
    last = b"\n"
    room = 0
    carry = b""
    problems: list[Problem] = []
    with open_plain(path) as raw, into.open("wb") as out:
        stream = _to_utf8(_Patient(raw), charset)
        first = True
        while True:
            try:
                chunk = stream.read(_CHUNK)
            except _BROKEN as error:
                if not size:
                    raise _broken(Path(label), error) from None
                problems.append(_truncated(label, lines))
                _cut_to_last_line(out)
                size, last = out.tell(), b"\n"
                break
            if not chunk and not carry:
                break
            ended = not chunk
            chunk, carry = carry + chunk, b""
            if first:
                chunk, first = chunk.removeprefix(b"\xef\xbb\xbf"), False
            if chunk.endswith(b"\r") and not ended:
                chunk, carry = chunk[:-1], b"\r"
            if b"\r" in chunk:
                chunk = chunk.replace(b"\r\n", b"\n")
            if not chunk:
                continue
            if packed and size + len(chunk) > limit:
                raise UnreadableFile(
                    Text(
                        f"unpacks to more than {BOMB_RATIO} times its size; taken for a bomb",
                        f"解压后超过原大小的 {BOMB_RATIO} 倍，视为压缩炸弹",
                    ),
                    where=label,
                    remedy=Text(
                        "If it is sound, unpack it yourself and give the plain file.",
                        "若确认无误，请自行解压后提供明文文件。",
                    ),
                )
            if room < len(chunk):
                room = shutil.disk_usage(into.parent).free - DISK_RESERVE
                if room < len(chunk):
                    raise OutputError(
                        Text("the disk is full", "磁盘空间不足"),
                        where=str(into.parent),
                        remedy=Text(
                            "Free some space or choose another folder with --out.",
                            "请清理空间，或用 --out 选择其他文件夹。",
                        ),
                    )
                room = min(room, 1 << 28)
            out.write(chunk)
            room -= len(chunk)
            size += len(chunk)
            lines += _line_ends(chunk)
            last = chunk[-1:]
    if last != b"\n":
        lines += 1
    return Unpacked(into, lines, size, problems)


def _line_ends(chunk: bytes) -> int:
    """Line ends in a piece: four times as fast as bytes.count on lines of 80 characters."""
    return int(np.count_nonzero(np.frombuffer(chunk, dtype=np.uint8) == 10))


def _to_utf8(raw: _Patient, charset: str) -> _Patient | _Recoded:
    return raw if charset == "utf-8" else _Recoded(raw, charset)


class _Recoded:
    """A byte stream in `charset` read as UTF-8."""

    def __init__(self, raw: _Patient, charset: str) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder(charset)(errors="replace")

    def read(self, size: int) -> bytes:
        text = ""
        while not text and (piece := self._raw.read(size)):
            text = self._decoder.decode(piece)
        return (text or self._decoder.decode(b"", final=True)).encode("utf-8")


def _truncated(name: str, lines: int) -> Problem:
    return Problem(
        "truncated",
        UNREAD,
        Text(
            f"the archive is cut off or damaged: {lines} whole lines could be read, the rest "
            "is lost",
            f"压缩文件不完整或已损坏：可读出 {lines} 整行，其余丢失",
        ),
        path=name,
    )


def _cut_to_last_line(out: IO[bytes]) -> None:
    """Drop the piece of a line that a truncated archive ends with."""
    out.flush()
    end = out.tell()
    with Path(out.name).open("rb") as written:
        back = min(end, 1 << 20)
        written.seek(end - back)
        keep = written.read(back).rfind(b"\n") + 1
    out.truncate(end - back + keep)
    out.seek(0, io.SEEK_END)
