"""From the bytes of a table to its lines: what kind of text it is, and what is no table at all.

Encodings: UTF-8, UTF-16, UTF-32 (by mark or by pattern), GB18030 (which holds GBK). The whole
file decides, not its beginning. A picture, a workbook or an archive is named for what it is.
Lines are read one by one: a quote that is never closed costs its own row, not the rest.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..errors import Text, UnknownFormat, UnreadableFile

_CHUNK = 1 << 20
_HEAD = 1 << 16
LONGEST_LINE = 1 << 16
"""Characters of a row; no account has that many."""

_ODD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffd]")
"""Characters that no table has, and those that stand for bytes which are none."""

_SAVE = Text(
    "Save the table as CSV (UTF-8) and give that file.", "请将表格另存为 CSV（UTF-8）后再提供。"
)
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG", "a PNG picture", "PNG 图片"),
    (b"\xff\xd8\xff", "a JPEG picture", "JPEG 图片"),
    (b"GIF8", "a GIF picture", "GIF 图片"),
    (b"BM\x00\x00", "a picture", "图片"),
    (b"II*\x00", "a TIFF picture", "TIFF 图片"),
    (b"RIFF", "a media file", "媒体文件"),
    (b"\x00\x00\x00\x18ftyp", "a video or picture", "视频或图片"),
    (b"\x00\x00\x00\x1cftyp", "a video or picture", "视频或图片"),
    (b"\x00\x00\x00 ftyp", "a video or picture", "视频或图片"),
    (b"%PDF", "a PDF", "PDF 文件"),
    (b"{\\rtf", "a text document (RTF)", "RTF 文档"),
    (b"PK\x03\x04", "an Excel workbook or a zip archive", "Excel 工作簿或 zip 压缩包"),
    (b"PK\x05\x06", "an empty zip archive", "空 zip 压缩包"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (xls)", "旧版 Excel 工作簿（xls）"),
    (b"\x1f\x8b", "a gzip archive", "gzip 压缩包"),
    (b"BZh", "a bzip2 archive", "bzip2 压缩包"),
    (b"\xfd7zXZ", "an xz archive", "xz 压缩包"),
    (b"7z\xbc\xaf", "a 7z archive", "7z 压缩包"),
    (b"Rar!", "a RAR archive", "RAR 压缩包"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "zstd 压缩包"),
    (b"PAR1", "a Parquet file", "Parquet 文件"),
    (b"SQLite format", "a SQLite database", "SQLite 数据库"),
    (b"\x7fELF", "a program", "程序文件"),
    (b"MZ\x90", "a program", "程序文件"),
)
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"),
)  # fmt: skip


class Line(NamedTuple):
    """A line of the file, its number from 1; `cut` when it was longer than any row is."""

    number: int
    text: str
    cut: bool


@dataclass(frozen=True)
class TextFile:
    """A readable text: `encoding` decodes every byte of it, unless `damaged`."""

    path: Path
    encoding: str
    damaged: bool = False

    def lines(self) -> Iterator[Line]:
        """Every line without its end, whatever kind of end; bytes that do not decode are U+FFFD."""
        with self.path.open("r", encoding=self.encoding, errors="replace", newline=None) as text:
            number = 0
            while line := text.readline(LONGEST_LINE + 1):
                number += 1
                cut = len(line) > LONGEST_LINE and not line.endswith("\n")
                rest = line
                while rest and not rest.endswith("\n"):
                    rest = text.readline(LONGEST_LINE)
                yield Line(number, line.rstrip("\n"), cut)


def text_file(path: Path) -> TextFile:
    """The text of `path`; raises UnreadableFile or UnknownFormat with what it is instead."""
    try:
        if path.is_dir():
            raise UnreadableFile(
                Text("this is a folder, not a table", "这是文件夹，不是表格"), where=str(path),
                remedy=Text("Name the file in it.", "请指定其中的文件。"),
            )  # fmt: skip
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
        if not head.strip(b" \r\n\t\x00\xef\xbb\xbf\xff\xfe"):
            raise _no_table(path, "an empty file", "空文件")
        _check_magic(path, head)
        return _decoded(path, head)
    except OSError as error:
        raise UnreadableFile(
            Text(f"it cannot be read ({error.strerror})", f"无法读取（{error.strerror}）"),
            where=str(path),
            remedy=Text("Check the path and its permissions.", "请检查路径与权限。"),
        ) from None


def split(line: str, delimiter: str) -> list[str] | None:
    """The cells of one line, blanks around them taken off; None when a quote is not closed."""
    if '"' not in line:
        return [cell.strip() for cell in line.split(delimiter)]
    try:
        rows = list(csv.reader(io.StringIO(line), delimiter=delimiter, skipinitialspace=True,
                               strict=True))  # fmt: skip
    except csv.Error:
        return None
    return [cell.strip() for cell in rows[0]] if len(rows) == 1 else None


def _check_magic(path: Path, head: bytes) -> None:
    for magic, en, zh in _MAGIC:
        if head.startswith(magic):
            raise _no_table(path, en, zh)


def _decoded(path: Path, head: bytes) -> TextFile:
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    encoding = marked or _by_nul(head)
    if encoding is None:
        encoding = next((n for n in ("utf-8", "gb18030") if _decodes(path, n)), None)
        sound = encoding is not None
    else:
        sound = _decodes(path, encoding)
    found = TextFile(path, encoding or "utf-8", damaged=not sound)
    _check_text(path, head.decode(found.encoding, errors="replace"))
    return found


def _by_nul(head: bytes) -> str | None:
    """UTF-16 without a mark shows by its NUL bytes, all in even or all in odd places."""
    even, odd = head[0::2], head[1::2]
    for part, other, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if len(part) > 8 and part.count(0) > 0.6 * len(part) and other.count(0) < 0.05 * len(other):
            return name
    return None


def _decodes(path: Path, encoding: str) -> bool:
    """Whether every byte of the file is text of that encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _check_text(path: Path, text: str) -> None:
    start = text.lstrip("\ufeff \r\n\t")
    if start.startswith("<"):
        raise _no_table(path, "a web page or XML", "网页或 XML")
    if start.startswith(("{", "[")):
        raise _no_table(path, "JSON", "JSON")
    if len(_ODD.findall(text)) * 20 > len(text):
        raise _no_table(path, "bytes that are no text", "非文本数据")


def _no_table(path: Path, en: str, zh: str) -> UnknownFormat:
    return UnknownFormat(
        Text(f"this is no table of positions but {en}", f"这不是持仓表，而是{zh}"),
        where=str(path),
        remedy=_SAVE,
    )
