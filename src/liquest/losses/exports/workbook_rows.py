"""The rows of a workbook's sheet as cells of text, as `Sheet.rows` gives those of a CSV.

A cell that a spreadsheet has computed, or could not, is no evidence: its row is set aside. So is
a row whose cell is merged with another. Numbers are exact as the workbook holds them, which is
said; an id of more than fifteen digits that is stored as a number is not taken for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ...errors import Text
from ...replay.positions_numbers import Fault
from .faults import Faults
from .sources import Source
from .workbook import DATE, ERROR, FORMULA, LONG, MARKS, NUMBER, transcript

IDS = frozenset({"uid", "id", "trade_id", "order_id", "client_id", "txid"})
"""Fields of which no digit may be lost."""
TIMES = frozenset({"time", "arrived", "updated", "opened", "closed_at"})
_SURE = 15
"""Digits that a double, and so a cell that holds a number, keeps for certain (IEEE 754)."""

_FRESH = Text(
    "Give the workbook as the exchange sent it, not one that was worked on.",
    "请提供交易所导出的原始工作簿，不要提供改动过的版本。",
)
STORED = Fault(
    "number-stored", "",
    Text("the workbook stores amounts as numbers of a spreadsheet (doubles), not as text; each "
         "is read as the shortest number that is the same double",
         "工作簿以电子表格数值（双精度）而非文本保存金额，按与其相等的最短数字读取"),
    Text("", ""),
)  # fmt: skip
CUT = Fault(
    "number-digits", "",
    Text("the number has more than the fifteen digits that a spreadsheet keeps; what stands "
         "behind them may not be the exchange's",
         "数字超过电子表格所能保留的十五位，其后的位数未必是交易所的原值"),
    _FRESH,
)  # fmt: skip
ID_STORED = Fault(
    "id-stored", "",
    Text("the id is stored as a number or date of a spreadsheet, which keeps fifteen digits; the "
         "row is kept without it",
         "编号以电子表格数值或日期保存（仅保留十五位），该行保留但不采用此编号"),
    _FRESH,
)  # fmt: skip
_FAULTS: Mapping[str, Fault] = {
    FORMULA: Fault(
        "formula", "",
        Text("the cell is a formula, not what the exchange wrote",
             "单元格是公式，不是交易所的原始内容"), _FRESH,
    ),
    ERROR: Fault(
        "spreadsheet-error", "",
        Text("the cell is the error of a spreadsheet", "单元格是电子表格的报错值"), _FRESH,
    ),
    LONG: Fault(
        "long-row", "",
        Text("the cell is longer than any of an export", "单元格过长，不是导出数据"), _FRESH,
    ),
}  # fmt: skip
_MERGED = Fault(
    "merged", "",
    Text("the cell is merged with another, and what it holds may belong to either row or column",
         "单元格与其他单元格合并，无法确定其内容归属"), _FRESH,
)  # fmt: skip


def header_of(cells: Sequence[str]) -> list[str]:
    """Cells of a row above the entries, without marks."""
    return [cell[1:] if cell[:1] in MARKS else cell for cell in cells]


def rows_of(
    source: Source, header_row: int, header: Sequence[str], fields: Mapping[str, int],
    remark: Callable[[int, Sequence[str], Faults], bool], faults: Faults, notes: list[Fault],
) -> Iterator[tuple[int, list[str]]]:  # fmt: skip
    """Row of the sheet, and its cells, of every row below the header that can be an entry.
    `fields` is field → column; what is to be known of a row goes into `notes` before it."""
    width = len(header)
    named = sorted((place, field) for field, place in fields.items())
    merged = _Merges(source, header_row, {place + 1 for place, _ in named})
    for number, cells in transcript(source.path):
        if number <= header_row:
            continue
        cells += [""] * (width - len(cells))
        bare = header_of(cells)
        if not any(bare):
            continue
        if len(cells) > width:
            if not remark(number, bare, faults):
                faults.aside(number, _beside(len(cells), width), ",".join(bare))
            continue
        if merged.hold(number):
            if not remark(number, bare, faults):
                faults.aside(number, _MERGED, ",".join(bare))
            continue
        wrong = next(
            ((place, cells[place][0]) for place, _ in named if cells[place][:1] in _FAULTS), None
        )
        if wrong is not None:
            if not remark(number, bare, faults):
                fault = _FAULTS[wrong[1]]._replace(column=header[wrong[0]])
                faults.aside(number, fault, ",".join(bare))
            continue
        _note(cells, bare, named, notes)
        yield number, bare


def _note(
    cells: Sequence[str], bare: list[str], named: Sequence[tuple[int, str]], notes: list[Fault]
) -> None:
    """What numbers and dates of a row call for; ids that are not whole are blanked."""
    stored = cut = False
    for place, field in named:
        mark = cells[place][:1]
        if mark not in (NUMBER, DATE):
            continue
        if field in IDS:
            if mark == DATE or not bare[place].isdigit() or len(bare[place]) > _SURE:
                notes.append(ID_STORED._replace(column=field))
                bare[place] = ""
        elif mark == NUMBER and field not in TIMES:
            stored = True
            cut |= len(bare[place].lstrip("-0.").replace(".", "").rstrip("0")) > _SURE
    if stored:
        notes.append(STORED)
    if cut:
        notes.append(CUT)


class _Merges:
    """The rows below the header in which a cell that is read is merged and not the first of its
    range; asked in the order of rows."""

    def __init__(self, source: Source, header_row: int, columns: set[int]) -> None:
        spans = []
        for one in source.merged or ():
            taken = {c for c in columns if one.first_column <= c <= one.last_column}
            first = one.first_row if taken - {one.first_column} else one.first_row + 1
            if taken and one.last_row > header_row and first <= one.last_row:
                spans.append((max(first, header_row + 1), one.last_row))
        self._spans: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if self._spans and start <= self._spans[-1][1] + 1:
                self._spans[-1] = (self._spans[-1][0], max(end, self._spans[-1][1]))
            else:
                self._spans.append((start, end))
        self._at = 0

    def hold(self, row: int) -> bool:
        """Whether the row is one of them."""
        while self._at < len(self._spans) and self._spans[self._at][1] < row:
            self._at += 1
        return self._at < len(self._spans) and self._spans[self._at][0] <= row


def _beside(found: int, width: int) -> Fault:
    return Fault(
        "cells", "",
        Text(f"the row has {found} cells where the header has {width}",
             f"该行有 {found} 列，表头为 {width} 列"), _FRESH,
    )  # fmt: skip
