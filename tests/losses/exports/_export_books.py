"""Workbooks as a venue or a spreadsheet would write them, and ones made to do harm."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from _export_files import TRADE, TRADES
from openpyxl import Workbook

HEADER = TRADES.strip().split(",")
ROW = TRADE.strip().split(",")
"""A sound row of texts."""


def cells(**given: Any) -> list[Any]:
    """The sound row with other cells, named as in the header without blanks."""
    names = [name.replace(" ", "_").replace("(UTC)", "") for name in HEADER]
    return list((dict(zip(names, ROW, strict=True)) | given).values())


def book(path: Path, **sheets: Iterable[Sequence[Any]]) -> Path:
    """A workbook with rows by the title of a sheet."""
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def trades_book(path: Path, *rows: Sequence[Any], header: Sequence[str] = HEADER) -> Path:
    return book(path, Sheet1=[header, *rows])


def rewritten(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """The workbook with another text of one part."""
    with zipfile.ZipFile(path) as held:
        parts = {info.filename: held.read(info) for info in held.infolist()}
    parts[part] = change(parts[part].decode()).encode()
    return packed(path, parts)


def packed(path: Path, parts: Mapping[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as held:
        for name, body in parts.items():
            held.writestr(name, body)
    return path


def shared(path: Path) -> Path:
    """The workbook with its texts in one table, each once, as spreadsheets write them."""
    texts: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        place = texts.setdefault(found[2], len(texts))
        return f'<c{found[1]} t="s"><v>{place}</v></c>'

    rewritten(path, SHEET, lambda xml: _INLINE.sub(number, xml))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    rewritten(path, "[Content_Types].xml", lambda xml: xml.replace(
        "</Types>", f'<Override PartName="/{TEXTS}" ContentType="{kind}"/></Types>'
    ))  # fmt: skip
    table = "".join(f"<si>{text}</si>" for text in texts)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as held:
        held.writestr(TEXTS, f'<?xml version="1.0"?><sst xmlns="{space}">{table}</sst>')
    return path


_INLINE = re.compile(r'<c([^>]*) t="inlineStr"><is>(.*?)</is></c>', re.DOTALL)
TEXTS = "xl/sharedStrings.xml"
SHEET = "xl/worksheets/sheet1.xml"
