"""A workbook looked over before any of it is parsed: what would break the reader is refused here.

Bounded are the parts, what they unpack to (declared and as it comes), rows, cells of a row and
shared texts. A part with a DOCTYPE is refused, so that no entity is ever expanded; a sheet's
merged cells are found in passing, as a reader that goes row by row is told of them last.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from ...errors import Text, UnreadableFile
from . import sources
from .foreign import AGAIN, BROKEN
from .sources import SHORTER, Merged

MOST_ROWS_OF_SHEET = 1 << 20
"""Rows of a sheet in the format (ECMA-376, as Excel limits it)."""
MOST_TEXTS = 4_000_000
"""Texts that cells share; four for each row that an account may have."""
MOST_MERGED = 200_000
"""Merged ranges of a sheet."""
LONGEST_ROW = 8 << 20
"""Bytes between the beginnings of two rows or two shared texts, and of whatever holds neither."""
_CHUNK = 1 << 20
_STEP = 16
_PROLOG = 1 << 16
"""Bytes in which the first element of a part must stand."""
_OVERLAP = 200
_ENCODINGS = frozenset({"", "utf-8", "us-ascii", "ascii"})
_MARK = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?(row|si|mergeCell)(?=[\s/>])")
_ROW = re.compile(rb"""\sr=["'](\d{1,10})["']""")
_RANGE = re.compile(rb"""\sref=["']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})["']""")


@dataclass(frozen=True)
class Looked:
    """What a workbook holds: merged cells by part, bytes of its sheets, and whether it has
    macros."""

    merged: Mapping[str, tuple[Merged, ...]]
    size: int
    macros: bool


def look_over(path: Path, name: str, step: Callable[[], None]) -> Looked:
    """Looks over the workbook at `path`, shown as `name`; `step` is called now and then.

    Raises UnreadableFile for a bomb, a DOCTYPE, a password or damage.
    """
    merged: dict[str, tuple[Merged, ...]] = {}
    try:
        limit = min(max(sources.SMALL, path.stat().st_size * sources.RATIO), sources.LARGEST)
        size = 0
        with zipfile.ZipFile(path) as held:
            infos = [info for info in held.infolist() if not info.is_dir()]
            if len(infos) > sources.MOST_FILES or sum(i.file_size for i in infos) > limit:
                _bomb(name)
            for info in infos:
                if info.flag_bits & 0x1:
                    raise UnreadableFile(
                        Text("the workbook has a password", "工作簿设有密码"), where=name,
                        remedy=Text("Take the password off and save it again.",
                                    "请取消密码后重新保存。"),
                    )  # fmt: skip
                merged[info.filename.lstrip("/")] = _look(held, info, name, step)
                size += info.file_size
    except BROKEN:
        raise damaged(name) from None
    macros = any("vbaproject" in part.casefold() for part in merged)
    return Looked(merged, size, macros)


def damaged(name: str) -> UnreadableFile:
    """The refusal of a workbook that cannot be parsed."""
    return UnreadableFile(Text("the workbook is damaged", "工作簿已损坏"), where=name, remedy=AGAIN)


def _look(
    held: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, step: Callable[[], None]
) -> tuple[Merged, ...]:
    """One part, unpacked in passing."""
    found: list[Merged] = []
    rows = texts = last = seen = since = chunks = 0
    before = b""
    with held.open(info) as stream:
        chunk = stream.read(_PROLOG)
        if not _is_xml(chunk, name):
            if info.filename.casefold().endswith((".xml", ".rels")):
                _short(info.file_size, name)
            return ()
        while chunk:
            block, chunk = before + chunk, stream.read(_CHUNK)
            # A tag near the end of the block is left to the next one.
            edge = max(0, len(block) - _OVERLAP) if chunk else len(block)
            for mark in _MARK.finditer(block):
                if mark.start() >= edge:
                    break
                if mark[1] == b"mergeCell":
                    _merge(_tag(block, mark), found, name)
                    continue
                if mark[1] == b"row":
                    rows += 1
                    number = _ROW.search(_tag(block, mark))
                    place = int(number[1]) if number is not None else last + 1
                    # The reader leaves out a row that comes twice.
                    if place <= last:
                        raise damaged(name)
                    last = place
                else:
                    texts += 1
                _short(seen + mark.start() - since, name)
                since = seen + mark.start()
            seen += edge
            before = block[edge:]
            _short(seen - since, name)
            if max(rows, last) > MOST_ROWS_OF_SHEET or texts > MOST_TEXTS:
                _long(name)
            chunks += 1
            if not chunks % _STEP:
                step()
    return tuple(found)


def _tag(block: bytes, mark: re.Match[bytes]) -> bytes:
    """The attributes of the tag that begins at a mark."""
    return block[mark.end() : block.find(b">", mark.end()) + 1]


def _is_xml(head: bytes, name: str) -> bool:
    """Whether a part begins as XML; raises UnreadableFile for a DOCTYPE before the first
    element, the only place where one may stand, and for an encoding that could hide it."""
    started: list[bool] = []
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in head[:4]:
        return _of_utf16(head, name)

    def doctype(*_: object) -> NoReturn:
        raise UnreadableFile(
            Text("the workbook declares entities, which no export does",
                 "工作簿含有实体声明，正常导出文件没有"), where=name, remedy=AGAIN,
        )  # fmt: skip

    def declared(_version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding or "").casefold() not in _ENCODINGS:
            raise damaged(name)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    parser.XmlDeclHandler = declared
    parser.StartElementHandler = lambda *_: started.append(True)
    try:
        parser.Parse(head, False)
    except expat.ExpatError:
        return bool(started)
    if not started and head.strip():
        raise damaged(name)
    return True


def _of_utf16(head: bytes, name: str) -> bool:
    """Whether what is no UTF-8 is XML all the same, which is refused; pictures are not."""
    parser = expat.ParserCreate()
    try:
        parser.Parse(head, False)
    except expat.ExpatError:
        return False
    raise damaged(name)


def _merge(tag: bytes, found: list[Merged], name: str) -> None:
    if (ends := _RANGE.search(tag)) is None:
        return
    if len(found) >= MOST_MERGED:
        _long(name)
    found.append(Merged(int(ends[2]), _column(ends[1]), int(ends[4]), _column(ends[3])))


def _column(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    place = 0
    for letter in letters:
        place = 26 * place + letter - 64
    return place


def _short(length: int, name: str) -> None:
    if length > LONGEST_ROW:
        _bomb(name)


def _bomb(name: str) -> NoReturn:
    raise UnreadableFile(
        Text("the workbook unpacks to far more than exports do",
             "工作簿解压后的大小远超正常导出文件"),
        where=name,
        remedy=Text("Download the export again, for a shorter time.",
                    "请缩短时间范围后重新下载导出文件。"),
    )  # fmt: skip


def _long(name: str) -> NoReturn:
    raise UnreadableFile(
        Text("the workbook holds more rows, texts or merged cells than a spreadsheet takes",
             "工作簿的行、文本或合并单元格数量超过电子表格的上限"), where=name, remedy=SHORTER,
    )  # fmt: skip
