"""Reads a register of claimants from CSV, and writes a template of one.

A claimant is read whole or not at all: one row at fault sets him aside, by row and remedy, and
the others go on. Rows of one id need not stand together. Docs: docs/schemes.md.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import InputError, Text, UnknownFormat
from ...findings import Input
from ...problems import ASIDE, KEPT, Problem
from ...replay.positions_numbers import BadCell, Fault
from ...replay.positions_text import TextFile, split
from ...rules.claimant import FORMULA, Claimant
from ...rules.overrides import nearest
from ...run.disk import whole, writing
from .register_rows import RowReader, Told, cells_of
from .register_words import COLUMNS, column
from .texts import text_of

REQUIRED = ("id", "class")
_DELIMITERS = ",;\t|"
_ABOVE = 10
"""Lines that may stand above the header."""
MOST_ROWS = 2_000_000

EXAMPLE = (
    "A-001,,collateral,,,,,,,,,,,,,,",
    "A-001,loss,,2025-10-10T21:41:05Z,margin,,,,,,3107,,,,,,",
    "A-001,lot,,2025-10-10T21:41:05Z,margin,USDE,,10000,0.70,105,,,,,,,",
    "B-002,,contract,2025-10-10T21:19:53Z,futures,,,,,,41700,,,60000,,2025-10-10T21:51:00Z,30000",
    "B-002,close,,2025-10-10T21:19:53Z,,ATOMUSDT,long,20000,1.90,665,,4.00,,,,,",
    "C-003,,vip,2025-10-10T21:20:10Z,futures,,,,,,900000,,,2500000,,,",
    "C-003,close,,2025-10-10T21:20:10Z,,BTCUSD_PERP,long,5000,102600,6250,,121800,,,,,",
)
"""Rows of the template; nobody is meant."""


@dataclass(frozen=True)
class Register:
    """Claimants in the order of their first rows, with the rows that each rests on."""

    claimants: tuple[Claimant, ...]
    inputs: Mapping[str, Input]
    problems: tuple[Problem, ...]
    source: str


@dataclass(frozen=True)
class _Head:
    text: TextFile
    row: int
    delimiter: str
    columns: tuple[str | None, ...]
    ignored: tuple[str, ...]


def read_register(path: Path, *, tz: str = "", strict: bool = False) -> Register:
    """The register in a CSV file.

    Raises UnreadableFile or UnknownFormat for what is no register, InputError where no claimant
    is sound, or for the first fault when `strict`.
    """
    head = _open(path)
    source = hashlib.sha256(path.read_bytes()).hexdigest()
    reader, faults = RowReader(tz), list[tuple[str, int, Fault]]()
    told: dict[str, Told] = {}
    rows: dict[str, tuple[int, int]] = {}
    for at, name, cells, fault in _rows(head):
        first, _ = rows.get(name, (at, at))
        rows[name] = (first, at)
        if fault is None:
            try:
                reader.read(told.setdefault(name, Told()), cells)
                continue
            except BadCell as error:
                fault = error.fault
        faults.append((name, at, fault))
    spoilt = {name for name, _, _ in faults}
    claimants = []
    for name, one in told.items():
        if name in spoilt:
            continue
        try:
            claimants.append(one.claimant(name))
        except BadCell as error:
            faults.append((name, rows[name][0], error.fault))
    if faults and strict:
        name, at, fault = faults[0]
        raise InputError(fault.what, where=f"{path}:{at}, {fault.column}", remedy=fault.remedy)
    problems = [_problem(path, source, name, at, fault) for name, at, fault in faults]
    if head.ignored:
        names = ", ".join(head.ignored[:12])
        problems.insert(0, Problem(
            "column-ignored", KEPT,
            Text(f"columns that are not read: {names}", f"未读取的列：{names}"),
            path=str(path), source=source, count=len(head.ignored),
        ))  # fmt: skip
    if not claimants:
        raise _empty(path, faults[0] if faults else None)
    inputs = {name: Input(source, *span) for name, span in rows.items()}
    return Register(tuple(claimants), inputs, tuple(problems), source)


def write_template(path: Path) -> None:
    """A register with every column and rows of each kind; raises OutputError."""
    with writing(path.parent), whole(path) as out:
        # A spreadsheet takes the file for UTF-8 only with this mark.
        out.write("\ufeff" + ",".join(COLUMNS) + "\n" + "\n".join(EXAMPLE) + "\n")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, on one line: control characters, which
    could end the cell or the row, become blanks."""
    clean = "".join(c if c.isprintable() else " " for c in cell)
    return f"'{clean}" if clean.lstrip().startswith(FORMULA) else clean


def write_rows(path: Path, heading: list[str], rows: Iterator[list[str]]) -> None:
    """A CSV file whose cells cannot run as formulas; raises OutputError."""
    with writing(path.parent), whole(path) as out:
        out.write("\ufeff")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(heading)
        writer.writerows([guarded(cell) for cell in row] for row in rows)


def _open(path: Path) -> _Head:
    """The header: the first line that names id and class, under whatever name."""
    text = text_of(path, Text("register of claimants", "申索人登记表"))
    for line in text.lines():
        if line.number > _ABOVE:
            break
        for delimiter in _DELIMITERS:
            cells = split(line.text.lstrip("\ufeff"), delimiter) or []
            columns = tuple(column(cell) for cell in cells)
            if set(REQUIRED) <= set(columns):
                return _checked(text, line.number, delimiter, cells, columns)
    raise UnknownFormat(
        Text(
            f"no register: no line names the columns {' and '.join(REQUIRED)}",
            f"不是登记表：没有一行列出 {'、'.join(REQUIRED)} 两列",
        ),
        where=str(path),
        remedy=Text(
            "Start from: liquest schemes --template FILE",
            "请由模板开始：liquest schemes --template 文件",
        ),
    )


def _checked(
    text: TextFile, row: int, delimiter: str, cells: list[str], columns: tuple[str | None, ...]
) -> _Head:
    named = [c for c in columns if c is not None]
    for name in named:
        if named.count(name) > 1:
            raise UnknownFormat(
                Text(f"two columns mean '{name}'", f"有两列都表示“{name}”"),
                where=f"{text.path}:{row}",
                remedy=Text("Remove or rename one.", "请删去或改名其中一列。"),
            )
    unknown = [cell for cell, name in zip(cells, columns, strict=True) if cell and name is None]
    for cell in unknown:
        close = nearest(cell, [c for c in COLUMNS if c not in named], 1) if cell.isascii() else []
        if close and _alike(cell, close[0]):
            raise UnknownFormat(
                Text(f"the column '{cell[:40]}' is not known", f"无法识别列“{cell[:40]}”"),
                where=f"{text.path}:{row}",
                remedy=Text(
                    f"Did you mean {close[0]}? Rename it, or remove the column.",
                    f"是否应为 {close[0]}？请改名，或删去该列。",
                ),
            )
    return _Head(text, row, delimiter, columns, tuple(unknown))


def _alike(cell: str, name: str) -> bool:
    """Whether a column is so close to a known one that it must have been meant."""
    return len(set(cell.lower()) ^ set(name)) <= 2 and abs(len(cell) - len(name)) <= 2


def _rows(head: _Head) -> Iterator[tuple[int, str, Mapping[str, str], Fault | None]]:
    """Line, id, cells and fault of every row below the header; a row that cannot be read belongs
    to the id that it begins with, else to the one above it, so that nobody is taken for whole
    with a row lost."""
    width, place, above, count = len(head.columns), head.columns.index("id"), "", 0
    for line in head.text.lines():
        if line.number <= head.row or not line.text.strip(head.delimiter + '" \t\u3000'):
            continue
        count += 1
        if count > MOST_ROWS:
            raise InputError(
                Text(f"more than {MOST_ROWS:,} rows", f"超过 {MOST_ROWS:,} 行"),
                where=str(head.text.path), remedy=Text("Split the file.", "请拆分文件。"),
            )  # fmt: skip
        cells = None if line.cut or "\ufffd" in line.text else split(line.text, head.delimiter)
        while cells is not None and len(cells) > width and not cells[-1]:
            cells.pop()
        if cells is None or len(cells) != width or not cells[place]:
            first = line.text.split(head.delimiter)[0].strip(' "') if place == 0 else ""
            named = "" if "\ufffd" in first else first
            yield line.number, named or above, {}, _torn(cells, width)
            continue
        above = cells[place]
        yield line.number, above, cells_of(head.columns, cells), None


def _torn(cells: list[str] | None, width: int) -> Fault:
    if cells is None:
        return Fault(
            "garbage", "",
            Text("the row cannot be read: a quote is not closed, or bytes that are no text",
                 "该行无法读取：引号未闭合，或含非文本字节"),
            Text("Mend the row or export the file again.", "请修正该行或重新导出文件。"),
        )  # fmt: skip
    if len(cells) != width:
        return Fault(
            "cells", "",
            Text(f"{len(cells)} cells where {width} are expected",
                 f"该行有 {len(cells)} 列，应为 {width} 列"),
            Text("Quote cells that hold the delimiter.", "含分隔符的单元格请加引号。"),
        )  # fmt: skip
    return Fault(
        "no-id", "id",
        Text("the row names no id and may belong to the one above",
             "该行未填写编号，可能属于上一行的申索人"),
        Text("Write the id in every row.", "请在每一行填写编号。"),
    )  # fmt: skip


def _problem(path: Path, source: str, name: str, at: int, fault: Fault) -> Problem:
    where = (f", column {fault.column}", f"、{fault.column} 列") if fault.column else ("", "")
    shown = "".join(c for c in name[:60] if c.isprintable())
    return Problem(
        fault.code, ASIDE,
        Text(
            f"row {at}{where[0]}: {fault.what.en}. {fault.remedy.en} '{shown}' is set aside whole.",
            f"第 {at} 行{where[1]}：{fault.what.zh}。{fault.remedy.zh}“{shown}”整体不予采用。",
        ),
        path=str(path), source=source, first=at, last=at, sample=name[:200],
    )  # fmt: skip


def _empty(path: Path, first: tuple[str, int, Fault] | None) -> InputError:
    if first is None:
        return InputError(
            Text("the register has no rows", "登记表没有任何行"), where=str(path),
            remedy=Text("Add a row for each claimant.", "请为每名申索人填写一行。"),
        )  # fmt: skip
    _, at, fault = first
    column_ = f", {fault.column}" if fault.column else ""
    return InputError(
        Text(
            f"no claimant of the register is sound; the first fault: {fault.what.en}",
            f"登记表中没有可用的申索人；首个问题：{fault.what.zh}",
        ),
        where=f"{path}:{at}{column_}",
        remedy=fault.remedy,
    )
