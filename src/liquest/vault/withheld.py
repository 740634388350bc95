"""A source with credentials: the original is sealed private, a version without them public.

The private item holds every byte as it came; the public one, its child, is the unpacked text
with each credential withheld (credentials.py), line for line, so that row numbers hold for
both. Its `transform` names the rules and the SHA-256 of the original: that is what findings
cite, and whoever is given the original can make the version again and compare it.

Looked through are texts that are no tables: logs, JSON, HAR, notes. Of a CSV file only the
beginning is, of a picture or an archive of several files nothing.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from ..errors import InputError, Text
from .credentials import RULES, Stream, chunks, holds_any, write_without
from .items import Item
from .private import seal_private_file
from .store import Fields, Vault

SAID = Text(
    "holds API keys, signatures or other credentials: the original is sealed encrypted, "
    "a version without them for all to see",
    "含有接口密钥、签名等凭据：原件已加密封存，公开版本中凭据已隐去",
)
"""What is told whenever a source was sealed so."""
_PREFIX = "credentials-"
_TABLES = (".csv", ".tsv")
_NO_TEXT = (".parquet", ".pdf", ".png", ".jpg", ".jpeg", ".webp", ".mp4", ".xlsx", ".npy", ".warc")
_PACKED = (".gz", ".bz2", ".xz", ".zip")
_PEEK = 1 << 18
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_DAMAGED = (OSError, EOFError, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, ValueError)


def must_withhold(path: Path) -> bool:
    """Whether the file holds credentials, as far as it is looked through; a file that cannot
    be read holds none that could be shown."""
    suffixes = [s.lower() for s in path.suffixes]
    inner = next((s for s in reversed(suffixes) if s not in _PACKED), "")
    if inner in _NO_TEXT:
        return False
    try:
        with _plain(path) as stream:
            if stream is None:
                return False
            head = _read(stream, _PEEK)
            if b"\0" in head[:4096]:
                return False
            if inner in _TABLES:
                return holds_any([head])
            return holds_any(_joined(head, stream))
    except _DAMAGED:
        return False


def original_of(item: Item) -> str:
    """SHA-256 of the original that a public version was made from; "" for any other item."""
    rules, _, sha = item.transform.partition(":")
    return sha if rules.startswith(_PREFIX) and item.parent else ""


def known_version(vault: Vault, sha256: str, source: str) -> Item | None:
    """The public version of those bytes under that name, if it is sealed."""
    return next((i for i in vault.items() if original_of(i) == sha256 and i.source == source), None)


def seal_withheld(vault: Vault, path: Path, sha256: str, fields: Fields) -> Item:
    """Seal the original private and its version without credentials public; returns the
    latter. Raises InputError for an archive of several files."""
    source = fields.get("source", path.name)
    known = known_version(vault, sha256, source)
    if known is not None:
        return known
    if zipfile.is_zipfile(path) and _member(path) is None:
        raise InputError(
            Text(
                "the archive holds credentials among several files",
                "压缩包含多个文件，且其中有密钥等凭据",
            ),
            where=str(path),
            remedy=Text(
                "Unpack it and seal the files, or seal it with --private.",
                "请解压后逐个封存，或使用 --private 封存。",
            ),
        )

    def pieces() -> Iterator[bytes]:
        with _plain(path) as stream:
            if stream is not None:
                yield from chunks(stream)

    hidden: Fields = {**fields, "source": source}
    original = seal_private_file(vault, path, **hidden)
    with tempfile.TemporaryDirectory() as folder:
        version = Path(folder) / "version"
        seen = write_without(pieces, version)
        public: Fields = {
            **fields, "source": source, "parent": original.id, "media_type": "text/plain",
            "transform": f"{RULES}:{sha256}",
            "note": f"{fields.get('note', '')} {seen.count} credentials withheld".strip(),
        }  # fmt: skip
        return vault.put(version, **public)


@contextmanager
def _plain(path: Path) -> Iterator[Stream | None]:
    """The unpacked text as UTF-8, None for an archive of several files."""
    with path.open("rb") as raw:
        magic = raw.read(8)
    if magic.startswith(b"PK\x03\x04"):
        name = _member(path)
        if name is None:
            yield _several(path)
            return
        with zipfile.ZipFile(path) as archive, archive.open(name) as member:
            yield _recoded(member)
    elif magic.startswith(b"\x1f\x8b"):
        with gzip.open(path, "rb") as stream:
            yield _recoded(cast(IO[bytes], stream))
    elif magic.startswith(b"BZh"):
        with bz2.open(path, "rb") as stream:
            yield _recoded(cast(IO[bytes], stream))
    elif magic.startswith(b"\xfd7zXZ"):
        with lzma.open(path, "rb") as stream:
            yield _recoded(cast(IO[bytes], stream))
    else:
        with path.open("rb") as stream:
            yield _recoded(stream)


def _member(path: Path) -> str | None:
    """The one file of a zip archive."""
    with zipfile.ZipFile(path) as archive:
        names = [m.filename for m in archive.infolist() if not m.is_dir()]
    return names[0] if len(names) == 1 else None


def _several(path: Path) -> Stream:
    """The texts of all files of an archive, one behind the other: to be looked through only."""
    with zipfile.ZipFile(path) as archive:
        parts = [archive.read(m) for m in archive.infolist() if not m.is_dir()]
    return cast(Stream, io.BytesIO(b"\n".join(p for p in parts if b"\0" not in p[:4096])))


def _recoded(stream: IO[bytes]) -> Stream:
    """The stream as it is, or as UTF-8 where it is UTF-16."""
    buffered = cast(io.BufferedReader, stream if hasattr(stream, "peek") else _buffered(stream))
    if buffered.peek(2)[:2] not in _UTF16:
        return buffered
    text = io.TextIOWrapper(buffered, encoding="utf-16", errors="replace", newline="")
    return _AsUtf8(text)


def _buffered(stream: IO[bytes]) -> io.BufferedReader:
    return io.BufferedReader(cast(io.RawIOBase, stream))


class _AsUtf8:
    """A text read as bytes of UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text

    def read1(self, size: int, /) -> bytes:
        return self._text.read(max(1, size // 4)).encode("utf-8", errors="replace")


def _read(stream: Stream, size: int) -> bytes:
    """Up to `size` bytes, fewer only at the end."""
    got = b""
    while len(got) < size and (piece := stream.read1(size - len(got))):
        got += piece
    return got


def _joined(head: bytes, stream: Stream) -> Iterable[bytes]:
    """The text in whole lines, its beginning read already."""
    yield head
    rest = head[head.rfind(b"\n") + 1 :]
    for piece in chunks(stream):
        yield rest + piece
        rest = b""
