"""What is no export, told apart by its first bytes or by the parts of its archive.

A picture, a document, an archive or an old workbook is named for what it is, with what to do
instead. A workbook (xlsx, xlsm) is read; a zip that holds none is a zip of exports.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from ...errors import Text, UnknownFormat, UnreadableFile

BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError,
    RuntimeError,
)  # fmt: skip
"""What a damaged zip raises."""
_CHUNK = 1 << 20
_HEAD = 16
_SCANNED = 64
"""Chunks of an OLE file that are searched for the mark of a password."""
_LOCKED = "EncryptedPackage".encode("utf-16-le")
"""The stream that holds a workbook with a password, in the directory of an OLE file ([MS-OFFCRYPTO]
2.3.4)."""

_EXPORT = Text(
    "On the exchange's website open Orders, choose Export, and give the CSV or xlsx file that it "
    "sends.",
    "请在交易所网站“订单”页面点击“导出”，并提供其生成的 CSV 或 xlsx 文件。",
)
_PICTURE = Text(
    "A picture of a table cannot be checked. " + _EXPORT.en,
    "表格截图无法核对。" + _EXPORT.zh,
)
_AS_XLSX = Text(
    "Open it and save it as an Excel workbook (xlsx), not as CSV: a spreadsheet that saves CSV "
    "changes ids and times. Better still, download the export again.",
    "请打开后另存为 Excel 工作簿（xlsx），不要存为 CSV：表格软件另存 CSV 会改动编号与时间。"
    "最好重新下载导出文件。",
)
_UNLOCK = Text(
    "Open it with its password, take the password off (File, Info, Protect Workbook, Encrypt "
    "with Password, leave it blank) and save it as xlsx; or download the export again.",
    "请用密码打开，取消密码（文件 → 信息 → 保护工作簿 → 用密码进行加密，清空后确定）并保存为 xlsx；"
    "或重新下载导出文件。",
)
UNPACK = Text(
    "Unpack it and give the files in it, or pack them as zip.",
    "请解压后提供其中的文件，或改用 zip。",
)
AGAIN = Text("Download it again.", "请重新下载。")
_KINDS: tuple[tuple[bytes, Text, Text], ...] = (
    (b"\x89PNG", Text("a picture (PNG)", "图片（PNG）"), _PICTURE),
    (b"\xff\xd8\xff", Text("a picture (JPEG)", "图片（JPEG）"), _PICTURE),
    (b"GIF8", Text("a picture (GIF)", "图片（GIF）"), _PICTURE),
    (b"RIFF", Text("a picture (WebP)", "图片（WebP）"), _PICTURE),
    (b"\x00\x00\x00", Text("a picture or a video", "图片或视频"), _PICTURE),
    (b"%PDF", Text("a PDF", "PDF 文件"), _EXPORT),
    (
        b"\xd0\xcf\x11\xe0",
        Text("an old Excel workbook (xls)", "旧版 Excel 工作簿（xls）"),
        _AS_XLSX,
    ),
    (b"Rar!", Text("a RAR archive", "RAR 压缩包"), UNPACK),
    (b"7z\xbc\xaf", Text("a 7z archive", "7z 压缩包"), UNPACK),
    (b"\x1f\x8b", Text("a gzip archive", "gzip 压缩包"), UNPACK),
)
_OFFICE: tuple[tuple[str, Text, Text], ...] = (
    ("xl/workbook.bin", Text("a binary Excel workbook (xlsb)", "二进制 Excel 工作簿（xlsb）"),
     _AS_XLSX),
    ("word/document.xml", Text("a Word document", "Word 文档"), _EXPORT),
    ("ppt/presentation.xml", Text("a presentation", "演示文稿"), _EXPORT),
    ("index/document.iwa", Text("a Numbers document", "Numbers 表格"), _AS_XLSX),
    ("mimetype", Text("an OpenDocument file", "OpenDocument 文件"), _AS_XLSX),
    ("[content_types].xml", Text("an Office document", "Office 文档"), _EXPORT),
)  # fmt: skip
"""A part that tells what an archive is, and what it is."""


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook that can be read: xlsx or xlsm."""
    with path.open("rb") as stream:
        if stream.read(2) != b"PK":
            return False
    return {"[content_types].xml", "xl/workbook.xml"} <= _parts(path)


def unpacked(path: Path) -> int:
    """Bytes of a file, of a workbook those of all its parts unpacked, as it declares them."""
    if is_workbook(path):
        try:
            with zipfile.ZipFile(path) as held:
                return sum(info.file_size for info in held.infolist())
        except BROKEN:
            return 0
    return path.stat().st_size


def is_office(path: Path) -> bool:
    """Whether a zip is a workbook or a document, not a zip of files."""
    return not {part for part, _, _ in _OFFICE}.isdisjoint(_parts(path))


def refuse_other(path: Path, name: str) -> None:
    """Raises UnknownFormat, with what it is instead and what to do, for pictures, documents,
    old workbooks and archives; UnreadableFile for a damaged archive."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"PK"):
        if not zipfile.is_zipfile(path):
            raise UnreadableFile(
                Text("the workbook or zip is damaged", "工作簿或 zip 压缩包已损坏"), where=name,
                remedy=AGAIN,
            )  # fmt: skip
        parts = _parts(path)
        for part, what, remedy in _OFFICE:
            if part in parts:
                raise no_export(name, what, remedy)
        raise no_export(name, Text("a zip", "zip 压缩包"), UNPACK)
    for magic, what, remedy in _KINDS:
        if head.startswith(magic):
            if magic == _KINDS[6][0] and _locked(path):
                what = Text("a workbook with a password", "设有密码的工作簿")
                remedy = _UNLOCK
            raise no_export(name, what, remedy)


def no_export(name: str, what: Text, remedy: Text) -> UnknownFormat:
    """The refusal of a file that is `what` instead."""
    return UnknownFormat(
        Text(f"this is no export but {what.en}", f"这不是导出文件，而是{what.zh}"),
        where=name, remedy=remedy,
    )  # fmt: skip


def _parts(path: Path) -> set[str]:
    """Names of the parts of a zip, in lower case; none for what is no zip."""
    try:
        with zipfile.ZipFile(path) as held:
            return {name.casefold() for name in held.namelist()}
    except BROKEN:
        return set()


def _locked(path: Path) -> bool:
    """Whether an OLE file holds a workbook under a password."""
    before = b""
    with path.open("rb") as stream:
        for _ in range(_SCANNED):
            chunk = stream.read(_CHUNK)
            if not chunk:
                return False
            if _LOCKED in before + chunk:
                return True
            before = chunk[-len(_LOCKED) :]
    return False
