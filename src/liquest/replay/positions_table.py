"""The rows of a positions file by account: where the header stands, and which rows go together.

A row that cannot be read still belongs to an account: to the one it names, else to the one
above it. So an account is never taken for whole when one of its rows is lost.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..errors import InputError, Text, UnknownFormat
from . import positions_columns as words
from .positions_numbers import Fault
from .positions_text import Line, TextFile, split, text_file

MOST_HELD = 2_000_000
"""Rows that are held in memory at once: where the rows of an account do not stand together."""
_ABOVE = 10
"""Lines that may stand above the header: a title, a date of export."""
_DELIMITERS = ",;\t|"
_SEP = re.compile(r"sep=(.)")
_TORN = re.compile("[\x00\ufffd]")


class Raw(NamedTuple):
    """A row as it stands: its line, its account where it names one, and cells or a fault."""

    number: int
    account: str
    cells: list[str]
    fault: Fault | None = None


@dataclass(frozen=True)
class Table:
    """A file whose header was understood. `places` is column → place, `ignored` the others."""

    text: TextFile
    delimiter: str
    header_row: int
    width: int
    places: Mapping[str, int]
    ignored: tuple[str, ...]

    def rows(self) -> Iterator[Raw]:
        """Every row below the header that is not blank."""
        at, width, delimiter = self.places["account"], self.width, self.delimiter
        account = ""
        for line in self.text.lines():
            if line.number <= self.header_row:
                continue
            text = line.text
            if not line.cut and '"' not in text and not _TORN.search(text):
                cells = text.split(delimiter)
                if " " in text or not text.isprintable():
                    cells = [cell.strip() for cell in cells]
                if len(cells) == width and cells[at]:
                    account = cells[at]
                    yield Raw(line.number, account, cells)
                    continue
            row = self._careful(line, account)
            if row is not None:
                account = row.account
                yield row

    def _careful(self, line: Line, above: str) -> Raw | None:
        """A row that is quoted or at fault; None for a blank one."""
        at = self.places["account"]
        if not line.text.strip(self.delimiter + '" \t\u3000'):
            return None
        if line.cut:
            return Raw(line.number, above, [], _LONG)
        cells = split(line.text, self.delimiter)
        if cells is not None:
            while len(cells) > self.width and not cells[-1]:
                cells.pop()
        named = line.text.split(self.delimiter)[0].strip(' "') if at == 0 else ""
        fault = None
        if _TORN.search(line.text):
            fault, named = _GARBAGE, "" if _TORN.search(named) else named
        elif cells is None:
            fault = _QUOTE
        elif len(cells) != self.width:
            fault = _cells(len(cells), self.width)
        elif not cells[at]:
            fault, named = _NAMELESS, ""
        if fault is None and cells is not None:
            return Raw(line.number, cells[at], cells)
        return Raw(line.number, named or above, [], fault)

    def by_account(self) -> Iterator[tuple[str, list[Raw]]]:
        """Each account with all its rows, in the order of their first.

        Raises InputError when a file of more than MOST_HELD rows does not hold the rows of
        an account together; else memory does not grow with the file.
        """
        together, count = self._together()
        if not together and count > MOST_HELD:
            raise InputError(
                Text(
                    f"{count:,} rows, and those of one account do not stand together",
                    f"共 {count:,} 行，且同一账户的行没有排在一起",
                ),
                where=str(self.text.path),
                remedy=Text(
                    f"Sort the file by account: unsorted, at most {MOST_HELD:,} rows are read.",
                    f"请按账户排序：未排序的文件最多读取 {MOST_HELD:,} 行。",
                ),
            )
        if not together:
            held: dict[str, list[Raw]] = {}
            for row in self.rows():
                held.setdefault(row.account, []).append(row)
            yield from held.items()
            return
        run: list[Raw] = []
        for row in self.rows():
            if run and row.account != run[0].account:
                yield run[0].account, run
                run = []
            run.append(row)
        if run:
            yield run[0].account, run

    def _together(self) -> tuple[bool, int]:
        """Whether no account comes back after another, and the number of rows."""
        starts = array("q")
        last, count = None, 0
        for row in self.rows():
            count += 1
            if row.account != last:
                last = row.account
                starts.append(hash(last))
        # Two names of one hash only cost the quick way.
        return len(np.unique(np.frombuffer(starts, dtype=np.int64))) == len(starts), count


def open_table(path: Path) -> Table:
    """The table in a file; raises UnreadableFile or UnknownFormat with what is missing."""
    text = text_file(path)
    best: tuple[int, str, int, list[str]] = (0, ",", 0, [])
    forced = ""
    for line in text.lines():
        if line.number > _ABOVE + 1 or line.cut:
            break
        if sep := _SEP.fullmatch(line.text.strip().strip('"').lower()):
            forced = sep[1]
            continue
        for delimiter in forced or _DELIMITERS:
            cells = split(line.text, delimiter) or []
            known = len(words.header(cells))
            if known > best[0]:
                best = (known, delimiter, line.number, cells)
        if best[0] >= len(words.REQUIRED):
            break
    return _understood(text, *best)


def _understood(text: TextFile, known: int, delimiter: str, row: int, cells: list[str]) -> Table:
    while cells and not cells[-1]:
        cells.pop()
    found = words.header(cells)
    missing = [name for name in words.REQUIRED if name not in found]
    if missing:
        raise UnknownFormat(
            Text(
                f"no table of positions: no column {', '.join(missing)}",
                f"不是持仓表：缺少列 {'、'.join(missing)}",
            ),
            where=str(text.path) if not known else f"{text.path}:{row}",
            remedy=Text(
                f"Name the columns in the first line: {','.join(words.COLUMNS)}",
                "请在首行写明列名，例如：账户,合约,方向,数量,开仓价,保证金,钱包余额",
            ),
        )
    twice = next((name for name, places in found.items() if len(places) > 1), None)
    if twice is not None:
        names = ", ".join(cells[place] for place in found[twice])
        raise UnknownFormat(
            Text(f"two columns mean '{twice}': {names}", f"有两列都表示“{twice}”：{names}"),
            where=f"{text.path}:{row}",
            remedy=Text("Remove or rename one.", "请删去或改名其中一列。"),
        )
    ignored = tuple(cell for cell in cells if cell and words.column(cell) is None)
    for cell in ignored:
        meant = words.likely(cell)
        if meant is not None and meant not in found:
            raise UnknownFormat(
                Text(f"the column '{cell}' is not known", f"无法识别列“{cell}”"),
                where=f"{text.path}:{row}",
                remedy=Text(
                    f"Did you mean {meant}? Rename it, or remove the column.",
                    f"是否应为 {meant}？请改名，或删去该列。",
                ),
            )
    places = {name: at[0] for name, at in found.items()}
    return Table(text, delimiter, row, len(cells), places, ignored)


_LONG = Fault(
    "garbage", "", Text("the row is longer than any row of positions", "该行过长，不是持仓行"),
    Text("Remove it or restore the file.", "请删去该行或恢复文件。"),
)  # fmt: skip
_GARBAGE = Fault(
    "garbage", "", Text("the row holds bytes that are no text", "该行含有非文本字节"),
    Text("Export the file again.", "请重新导出文件。"),
)  # fmt: skip
_QUOTE = Fault(
    "quote", "", Text("a quote is not closed in this row", "该行的引号没有闭合"),
    Text("Close it, or remove line breaks from its cells.", "请补上引号，或去除单元格内的换行。"),
)  # fmt: skip
_NAMELESS = Fault(
    "no-account", "account",
    Text("the row names no account and may belong to the one above",
         "该行未填写账户，可能属于上一行的账户"),
    Text("Write the account in every row.", "请在每一行填写账户。"),
)  # fmt: skip


def _cells(found: int, width: int) -> Fault:
    return Fault(
        "cells", "",
        Text(f"{found} cells where {width} are expected", f"该行有 {found} 列，应为 {width} 列"),
        Text("Quote cells that hold the separator, and write numbers without thousands marks.",
             "含分隔符的单元格请加引号，数字请勿使用千分位。"),
    )  # fmt: skip
