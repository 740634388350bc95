"""What happens to exports on their way: damage of known kind and place, for tests and demos.

Each function changes one file and says what it did; nothing else in the file is touched, its
quotes, byte order mark and line ends included.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ...errors import InputError, Text

BOM = b"\xef\xbb\xbf"
_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


class Damage(NamedTuple):
    """The file, the line (from 1, the header; 0 the whole file), and what was done to it."""

    path: Path
    row: int
    what: Text


class _Table(NamedTuple):
    rows: list[list[str]]
    quoted: bool
    bom: bool


def _read(path: Path) -> _Table:
    data = path.read_bytes()
    text = data.removeprefix(BOM).decode("utf-8")
    return _Table(list(csv.reader(io.StringIO(text))), text.startswith('"'), data.startswith(BOM))


def _write(path: Path, table: _Table) -> None:
    text = io.StringIO(newline="")
    out = csv.writer(
        text, lineterminator="\n", quoting=csv.QUOTE_ALL if table.quoted else csv.QUOTE_MINIMAL
    )
    out.writerows(table.rows)
    path.write_bytes((BOM if table.bom else b"") + text.getvalue().encode("utf-8"))


def _checked(path: Path, table: _Table, row: int) -> None:
    if not 2 <= row <= len(table.rows):
        raise InputError(
            Text(f"there is no row {row} to damage", f"没有可损坏的第 {row} 行"),
            where=str(path),
            remedy=Text(
                f"Choose from 2 to {len(table.rows)}.", f"请在 2 至 {len(table.rows)} 之间选择。"
            ),
        )


def row_removed(path: Path, row: int) -> Damage:
    """Takes a row out."""
    table = _read(path)
    _checked(path, table, row)
    gone = table.rows.pop(row - 1)
    _write(path, table)
    return Damage(path, row, Text(f"removed: {', '.join(gone)}", f"已删除：{'，'.join(gone)}"))


def row_doubled(path: Path, row: int) -> Damage:
    """Writes a row twice."""
    table = _read(path)
    _checked(path, table, row)
    table.rows.insert(row, list(table.rows[row - 1]))
    _write(path, table)
    return Damage(path, row + 1, Text("a row doubled", "一行重复"))


def digit_changed(path: Path, row: int, column: int) -> Damage:
    """Adds one (9 to 0) to the last digit of a cell that is not a closing zero; of `0E-8` makes
    `1E-8`. Raises InputError for a cell without digits."""
    table = _read(path)
    _checked(path, table, row)
    cell = table.rows[row - 1][column]
    number = cell.split(" ")[0]
    mantissa = number.split("E")[0]
    places = [n for n, c in enumerate(mantissa) if c.isdigit()]
    if not places:
        raise InputError(
            Text(f"the cell {cell!r} has no digit", f"单元格 {cell!r} 中没有数字"),
            where=f"{path}:{row}",
            remedy=Text("Choose a column of numbers.", "请选择数字列。"),
        )
    at = next((n for n in reversed(places) if mantissa[n] != "0"), places[-1])
    changed = f"{cell[:at]}{(int(cell[at]) + 1) % 10}{cell[at + 1 :]}"
    table.rows[row - 1][column] = changed
    _write(path, table)
    return Damage(path, row, Text(f"{cell} became {changed}", f"{cell} 变为 {changed}"))


def file_missing(path: Path) -> Damage:
    """Takes a file away."""
    path.unlink()
    return Damage(path, 0, Text("the file is missing", "文件缺失"))


def accounts_mixed(path: Path, other: Path) -> Damage:
    """Puts the rows of another account's export of the same kind below one's own."""
    table, strange = _read(path), _read(other)
    first = len(table.rows) + 1
    table.rows.extend(strange.rows[1:])
    _write(path, table)
    return Damage(path, first, Text("rows of another account", "混入另一账户的行"))


def excel_mangled(path: Path) -> Damage:
    """Opened and saved by a spreadsheet: long ids as 1.23457E+11, times as 10/10/2025 21:20, the
    seconds lost, closing zeros gone, quotes gone."""
    table = _read(path)
    rows = [table.rows[0], *([_mangled(cell) for cell in row] for row in table.rows[1:])]
    _write(path, _Table(rows, False, table.bom))
    return Damage(path, 0, Text("saved by a spreadsheet", "经电子表格另存"))


def _mangled(cell: str) -> str:
    if len(cell) == 19 and cell[4] == cell[7] == "-" and cell[13] == ":":
        year, month, day = cell[:10].split("-")
        return f"{int(month)}/{int(day)}/{year} {cell[11:16]}"
    if cell.isdigit() and len(cell) > 11:
        return f"{int(cell):.5E}"
    try:
        float(cell)
    except ValueError:
        return cell
    return cell.rstrip("0").rstrip(".") if "." in cell and "E" not in cell else cell


def formula_cell(path: Path, row: int, column: int) -> Damage:
    """Puts a formula in place of a number."""
    table = _read(path)
    _checked(path, table, row)
    table.rows[row - 1][column] = "=SUM(C2:C9)"
    _write(path, table)
    return Damage(path, row, Text("a formula in place of a number", "数字被公式取代"))


def semicolons(path: Path) -> Damage:
    """Separates cells by semicolons, as spreadsheets of some countries do."""
    table = _read(path)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(table.rows)
    path.write_bytes(text.getvalue().encode("utf-8"))
    return Damage(path, 0, Text("semicolons between cells", "以分号分隔"))


def in_gbk(path: Path) -> Damage:
    """Writes the text in GBK."""
    text = path.read_bytes().removeprefix(BOM).decode("utf-8")
    path.write_bytes(text.encode("gbk", errors="replace"))
    return Damage(path, 0, Text("encoded in GBK", "GBK 编码"))


def in_utf_16(path: Path) -> Damage:
    """Writes the text in UTF-16 with a byte order mark."""
    text = path.read_bytes().removeprefix(BOM).decode("utf-8")
    path.write_bytes(text.encode("utf-16"))
    return Damage(path, 0, Text("encoded in UTF-16", "UTF-16 编码"))


def cut_short(path: Path) -> Damage:
    """Ends the file in the middle of a row."""
    data = path.read_bytes()
    end = data.rstrip(b"\n").rfind(b"\n")
    path.write_bytes(data[: end + 1 + max((len(data) - end) // 2, 1)])
    return Damage(path, data[:end].count(b"\n") + 2, Text("ends within a row", "在一行中间截断"))


def screenshot(path: Path) -> Damage:
    """Puts a picture in place of the table, under its name."""
    path.write_bytes(_PNG + bytes(range(256)) * 8)
    return Damage(path, 0, Text("a picture, no table", "是图片而非表格"))


WHOLE_FILE: dict[str, Callable[[Path], Damage]] = {
    one.__name__: one
    for one in (file_missing, excel_mangled, semicolons, in_gbk, in_utf_16, cut_short, screenshot)
}
"""Damage that needs no row, by name."""
