"""A workbook to transcripts of its sheets: every cell as text, marked where it was none.

The workbook is read once, row by row, and never run: a formula stays a formula, macros are left
in the file. A transcript has one line for each row that is not blank: the row's number in the
sheet and its cells, parted by _PART; a cell that is no text begins with a mark.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from ...errors import InputError, LiquestError, Text, UnknownFormat, UnreadableFile
from ...problems import KEPT, Problem
from . import sources
from .sources import Source, unread, unreadable
from .workbook_guard import MOST_ROWS_OF_SHEET, Looked, damaged, look_over

NUMBER, DATE, FORMULA, ERROR, LONG = "\x01", "\x02", "\x03", "\x04", "\x05"
"""Marks of cells that are no text; LONG is one that no export has."""
MARKS = (NUMBER, DATE, FORMULA, ERROR, LONG)
MOST_SHEETS = 100
"""Sheets of a workbook."""
MOST_COLUMNS = 128
"""Columns in which cells may stand."""
MOST_CELLS = 128_000_000
"""Cells of a workbook, blank ones up to the last of a row counted."""
LONGEST_CELL = 2_000
"""Characters of a cell; no export has that many."""
_PART = "\x1f"
_STEP = 1 << 14
_UNSEEN = dict.fromkeys((*range(32), 0x7F, 0x85, 0x2028, 0x2029), " ")
_UNNAMED = re.compile(r"[\x00-\x1f/\\:]+")
_SURE = 10**15


def unfolded(
    found: Sequence[Source], folder: Path, problems: list[Problem],
    is_workbook: Callable[[Path], bool], step: Callable[[str], None],
) -> list[Source]:  # fmt: skip
    """The sources with each workbook replaced by its sheets, whose transcripts are written to
    `folder`. Raises UnreadableFile or UnknownFormat for a workbook that was named itself; others
    become problems."""
    made: list[Source] = []
    for place, source in enumerate(found):
        if not is_workbook(source.path):
            made.append(source)
            continue
        try:
            made += _sheets(source, folder / f"workbook{place}", problems, step)
        except InputError as error:
            if source.named:
                raise
            problems.append(unread(error, source.name, source.sha256))
    return made


def transcript(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number in the sheet, and cells, of every row that is not blank."""
    with path.open("r", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            number, *cells = line[:-1].split(_PART)
            yield int(number), cells


def _sheets(
    source: Source, folder: Path, problems: list[Problem], step: Callable[[str], None]
) -> list[Source]:
    """The sheets of a workbook that hold anything."""
    # Here, as it takes a third of a second that no CSV should wait for.
    from openpyxl import load_workbook

    looked = look_over(source.path, source.name, lambda: step(source.name))
    folder.mkdir()
    try:
        # The library warns of styles and extensions that it does not know.
        with warnings.catch_warnings(), source.path.open("rb") as stream:
            warnings.simplefilter("ignore")
            book = load_workbook(stream, read_only=True, data_only=False, keep_links=False)
            made = list(_written(book, looked, source, folder, problems, step))
    except (LiquestError, MemoryError):
        raise
    except OSError as error:
        # The library has one without a number for a workbook that lacks its parts.
        if error.errno is None:
            raise damaged(source.name) from error
        raise unreadable(source.path, error) from None
    except Exception as error:
        # What the library raises for a broken part is of every kind.
        raise damaged(source.name) from error
    if not made:
        raise UnknownFormat(
            Text("this is no export but an empty workbook", "这不是导出文件，而是空工作簿"),
            where=source.name, remedy=_FRESH,
        )  # fmt: skip
    if looked.macros:
        problems.append(_told(source, "macros", Text(
            "the workbook holds macros; they were not run", "工作簿含有宏，未运行",
        )))  # fmt: skip
    return made


def _written(
    book: Any, looked: Looked, source: Source, folder: Path, problems: list[Problem],
    step: Callable[[str], None],
) -> Iterator[Source]:  # fmt: skip
    if len(book.worksheets) > MOST_SHEETS:
        raise _beyond(
            source.name, f"more than {MOST_SHEETS} sheets", f"工作表超过 {MOST_SHEETS} 个"
        )
    left = [MOST_CELLS, max(sources.SMALL, source.size * sources.RATIO)]
    for place, sheet in enumerate(book.worksheets):
        title = _UNNAMED.sub("_", str(sheet.title))[:64]
        name = f"{source.name}!{title}"
        path = folder / str(place)
        if not _transcribe(sheet, path, name, left, partial(step, name)):
            continue
        made = replace(
            source, name=name, path=path, size=path.stat().st_size,
            merged=looked.merged.get(str(sheet._worksheet_path).lstrip("/"), ()),
        )  # fmt: skip
        if sheet.sheet_state != "visible":
            problems.append(_told(made, "hidden-sheet", Text(
                "the sheet is hidden in the workbook; it is read all the same",
                "该工作表在工作簿中被隐藏，仍予读取",
            )))  # fmt: skip
        yield made


def _transcribe(
    sheet: Any, path: Path, name: str, left: list[int], step: Callable[[], None]
) -> int:
    """Writes the transcript of a sheet; the rows in it. `left` is what the workbook may still
    have of cells and of bytes."""
    # What a workbook says of its own size is often wrong.
    sheet.reset_dimensions()
    rows, last = 0, 0
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as out:
        for seen, row in enumerate(sheet.iter_rows(max_row=MOST_ROWS_OF_SHEET)):
            if not seen % _STEP:
                step()
            left[0] -= len(row)
            if left[0] < 0:
                raise _wide(name)
            if len(row) > MOST_COLUMNS:
                if any(cell.value is not None for cell in row[MOST_COLUMNS:]):
                    raise _wide(name)
                row = row[:MOST_COLUMNS]
            number = next((cell.row for cell in row if cell.value is not None), 0)
            if not number:
                continue
            if number <= last:
                raise damaged(name)
            last = number
            cells = [_cell(cell) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                rows += 1
                left[1] -= out.write(f"{number}{_PART}{_PART.join(cells)}\n")
                if left[1] < 0:
                    raise _wide(name)
    return rows


def _cell(cell: Any) -> str:
    """The text of a cell, with a mark where it is none."""
    value = cell.value
    if value is None:
        return ""
    kind = cell.data_type
    if kind == "s" or (kind == "str" and isinstance(value, str)):
        return _text(value)
    if kind == "n" and isinstance(value, int | float):
        return NUMBER + digits(value)
    if kind == "b":
        return "true" if value else "false"
    if kind == "d":
        return DATE + _moment(value, cell)
    if kind == "f":
        return FORMULA + (_text(str(getattr(value, "text", value))) or "=")
    return ERROR + _text(str(value))


def _text(value: str) -> str:
    if len(value) > LONGEST_CELL:
        return LONG
    return value.translate(_UNSEEN).strip()


def digits(value: int | float) -> str:
    """The shortest decimal that is this double, without an exponent; a whole number as the
    workbook writes it."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < _SURE:
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def _moment(value: Any, cell: Any) -> str:
    """The time as the sheet shows it, with its seconds. A whole day that is formatted without
    hours is a date only."""
    if isinstance(value, datetime):
        if value.time() == time(0) and "h" not in str(cell.number_format).lower():
            return value.date().isoformat()
        at = value.replace(tzinfo=None)
        return at.isoformat(" ", "milliseconds" if at.microsecond else "seconds")
    return str(value)


def _told(source: Source, code: str, text: Text) -> Problem:
    return Problem(code, KEPT, text, source.name, source.sha256)


def _wide(name: str) -> UnreadableFile:
    return _beyond(name, "more columns or cells than any export has", "列数或单元格数远超导出文件")


def _beyond(name: str, en: str, zh: str) -> UnreadableFile:
    return UnreadableFile(
        Text(f"the workbook has {en}", f"工作簿的{zh}"), where=name, remedy=_FRESH
    )


_FRESH = Text(
    "Give the workbook as the exchange sent it.", "请提供交易所导出的原始工作簿。"
)  # fmt: skip
