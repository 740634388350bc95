"""A source as a sheet: its encoding, where the header stands, what it is, and its rows.

Above the header may stand the lines that the venue's workbook puts there (account, period,
zone). Every line is read for itself: a quote that is never closed costs its own row only. A
sheet of a workbook is read by `workbook_rows`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from ...errors import InputError, Text, UnknownFormat
from ...replay.positions_numbers import Fault
from ...replay.positions_text import LONGEST_LINE, TextFile, split, text_file
from .faults import Faults
from .foreign import refuse_other
from .layouts import Form, nearest, other, plain, recognise, table, words, zone_in
from .mapped import ColumnMap
from .sources import Source
from .workbook import transcript
from .workbook_rows import header_of, rows_of

ABOVE = 30
"""Lines that may stand above the header."""
_DELIMITERS = ",;\t|"
_SEP = re.compile(r"sep=(.)")
_COMMA = re.compile(r"[+-]?(?:0,[0-9]+|[0-9]+,(?:[0-9]{1,2}|[0-9]{4,}))")
_LOOKED_AT = 2_000
"""Rows that are looked at for a decimal comma."""


@dataclass(frozen=True)
class Sheet:
    """A source that was understood. `places` is field → column; `zone` what the header or the
    lines above it say; `comma` whether decimals are written with a comma."""

    source: Source
    text: TextFile
    delimiter: str
    header_row: int
    header: tuple[str, ...]
    form: Form
    places: Mapping[str, int]
    zone: str | None
    comma: bool
    column_map: ColumnMap | None = None

    @property
    def ignored(self) -> tuple[str, ...]:
        """Columns that no field takes."""
        taken = set(self.places.values())
        return tuple(c for place, c in enumerate(self.header) if c and place not in taken)

    def column(self, field: str) -> int:
        """The place of a field in what `rows` gives: a column, a constant of the map behind
        the columns, or the blank cell for a field that is not there."""
        if field not in self.places and self.column_map and field in self.column_map.constants:
            return len(self.header) + 1 + list(self.column_map.constants).index(field)
        return self.places.get(field, len(self.header))

    def has(self, field: str) -> bool:
        """Whether the file or its map says anything of a field."""
        return self.column(field) != len(self.header)

    def rows(self, faults: Faults, notes: list[Fault]) -> Iterator[tuple[int, list[str]]]:
        """Line number and cells of every row; behind them a blank cell and the constants of
        the map. Rows that do not split into as many cells as the header are set aside; what is
        to be known of a row goes into `notes` before it."""
        width, delimiter = len(self.header), self.delimiter
        behind = ["", *(self.column_map.constants.values() if self.column_map else ())]
        if self.source.of_workbook:
            for number, cells in rows_of(
                self.source, self.header_row, self.header, self.places, self.remark, faults, notes
            ):
                yield number, cells + behind
            return
        quotes, seam = 2 * width, f'"{delimiter}"'
        number = 0
        # A mark of the encoding stands before the header at most, and without it C decodes.
        encoding = self.text.encoding.removesuffix("-sig")
        with self.text.path.open("r", encoding=encoding, errors="replace", newline=None) as lines:
            for line in iter(partial(lines.readline, LONGEST_LINE), ""):
                number += 1
                if number <= self.header_row:
                    continue
                text = line.rstrip("\n")
                # Quoted cells hold no quote and no seam when the quotes are just enough.
                if text[:1] == '"' and text[-1:] == '"' and text.count('"') == quotes:
                    cells = text[1:-1].split(seam)
                    if len(cells) == width:
                        cells += behind
                        yield number, cells
                        continue
                elif '"' not in text:
                    cells = text.split(delimiter)
                    if len(cells) == width:
                        cells += behind
                        yield number, cells
                        continue
                if len(line) >= LONGEST_LINE and line[-1] != "\n":
                    _skip_rest(lines.readline)
                    faults.aside(number, _LONG, text)
                    continue
                careful = self._careful(number, text, line[-1:] != "\n", faults)
                if careful is not None:
                    yield number, careful + behind

    def _careful(self, number: int, text: str, last: bool, faults: Faults) -> list[str] | None:
        """The cells of a line that is quoted in part or at fault; None for one set aside or
        blank."""
        if not text.strip(self.delimiter + '" \t\u3000\ufeff'):
            return None
        cells = split(text, self.delimiter)
        if cells is None:
            faults.aside(number, _CUT if last else _QUOTE, text)
            return None
        width = len(self.header)
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if len(cells) == width:
            return cells
        if not self.remark(number, cells, faults):
            faults.aside(number, _CUT if last else _cells(len(cells), width), text)
        return None

    def remark(self, number: int, cells: Sequence[str], faults: Faults) -> bool:
        """Whether a row that is no entry is none by intent: the header again, a line of totals,
        or the venue's word that there is nothing; such a row is counted."""
        seen = [plain(cell) for cell in cells if cell.strip()]
        if seen and seen == [plain(cell) for cell in self.header if cell][: len(seen)]:
            faults.headers.append(number)
            faults.aside(number, _AGAIN, self.delimiter.join(cells))
            return True
        known = words("totals")
        meant = next((known[word] for word in seen[:2] if word in known), None)
        if meant is not None:
            faults.aside(
                number, _TOTALS if meant == "totals" else _NOTHING, self.delimiter.join(cells)
            )
        return meant is not None


def open_sheet(source: Source, maps: Sequence[ColumnMap]) -> Sheet:
    """The sheet in a source; raises UnknownFormat or UnreadableFile with what it is instead and
    what to do."""
    text = _text(source)
    above: list[str] = []
    best: tuple[int, list[str]] = (0, [])
    for number, line, splits in _lines(source, text):
        for delimiter, cells in splits:
            while cells and not cells[-1]:
                cells.pop()
            found = _understood(source, cells, maps)
            if found is not None:
                return _sheet(source, text, delimiter, number, cells, above, *found)
            if len(cells) > len(best[1]):
                best = (number, cells)
        above.append(line)
    for one in maps:
        if one.takes(source.file_name):
            raise _unmapped(source, one, *best)
    raise _unrecognised(source, *best)


def _text(source: Source) -> TextFile:
    if source.of_workbook:
        return TextFile(source.path, "utf-8")
    refuse_other(source.path, source.name)
    try:
        return text_file(source.path)
    except InputError as error:
        what = error.what.en.rpartition(" but ")[2], error.what.zh.rpartition("而是")[2]
        raise UnknownFormat(
            Text(f"this is no export but {what[0]}", f"这不是导出文件，而是{what[1]}"),
            where=source.name, remedy=_GIVE,
        ) from None  # fmt: skip


def _lines(
    source: Source, text: TextFile
) -> Iterator[tuple[int, str, list[tuple[str, list[str]]]]]:
    """The first lines: number, text, and the cells that each delimiter makes of it."""
    if source.of_workbook:
        for number, cells in islice(transcript(source.path), ABOVE + 1):
            cells = header_of(cells)
            yield number, " ".join(cells), [(",", cells)]
        return
    forced = ""
    for line in text.lines():
        if line.number > ABOVE + 1 or line.cut:
            return
        if sep := _SEP.fullmatch(line.text.strip().strip('"').lower()):
            forced = sep[1]
            continue
        body = line.text.lstrip("\ufeff")
        yield line.number, line.text, [(d, split(body, d) or []) for d in forced or _DELIMITERS]


def _understood(
    source: Source, cells: Sequence[str], maps: Sequence[ColumnMap]
) -> tuple[Form, dict[str, int], ColumnMap | None] | None:
    for one in maps:
        if one.takes(source.file_name):
            places = one.places(cells)
            return None if places is None else (one.form, places, one)
    if len(cells) < 3:
        return None
    if other(cells) is not None:
        raise UnknownFormat(
            Text("this is a history of spot trading, which is not needed",
                 "这是现货交易历史，此处不需要"),
            where=source.name,
            remedy=Text("Give the futures histories: transactions, trades, orders, positions.",
                        "请提供合约的资金流水、成交、订单与仓位历史。"),
        )  # fmt: skip
    found = recognise(cells)
    return None if found is None else (*found, None)


def _sheet(
    source: Source, text: TextFile, delimiter: str, row: int, cells: list[str], above: list[str],
    form: Form, places: dict[str, int], one: ColumnMap | None,
) -> Sheet:  # fmt: skip
    times = [cells[places[f]] for f in ("time", "opened", "updated", "closed_at") if f in places]
    stated = next((zone for cell in times if (zone := zone_in(cell))), None)
    if stated is None:
        stated = next((zone for line in above if (zone := zone_in(line))), None)
    if one is not None and one.tz:
        stated = one.tz
    made = Sheet(source, text, delimiter, row, tuple(cells), form, places, stated, False, one)
    comma = (
        one.decimal == ","
        if one is not None
        else ((delimiter != "," or source.of_workbook) and _has_comma(made))
    )
    return Sheet(source, text, delimiter, row, tuple(cells), form, places, stated, comma, one)


def _has_comma(sheet: Sheet) -> bool:
    """Whether numbers of the first rows have a decimal comma that can be nothing else."""
    unheard = Faults(sheet.source.name, sheet.source.sha256)
    for looked, (_, cells) in enumerate(sheet.rows(unheard, [])):
        if any(_COMMA.fullmatch(cell.strip()) for cell in cells):
            return True
        if looked >= _LOOKED_AT:
            break
    return False


def _skip_rest(readline: Callable[[int], str]) -> None:
    while True:
        part = readline(LONGEST_LINE)
        if not part or part.endswith("\n"):
            return


def _unmapped(source: Source, one: ColumnMap, row: int, header: list[str]) -> UnknownFormat:
    """The columns that a map names and the file does not have."""
    seen = {plain(cell) for cell in header}
    names = ", ".join(name for name in one.columns.values() if plain(name) not in seen)
    return UnknownFormat(
        Text(f"the column map names columns that the file does not have: {names}",
             f"列映射提到文件中不存在的列：{names}"),
        where=f"{source.name}:{row}" if row else source.name,
        remedy=Text(f"The file has: {', '.join(header)}", f"文件的列：{', '.join(header)}"),
    )  # fmt: skip


def _unrecognised(source: Source, row: int, header: list[str]) -> UnknownFormat:
    """What the file lacks of the export that it nearly is, else what exports are taken."""
    where = f"{source.name}:{row}" if row else source.name
    near = nearest(header)
    if near is not None and near[1]:
        form, lacks = near
        example = next(
            one for one in table()["layout"] if one.get("form", one["kind"]) == form.name
        )
        named = dict(zip(example["fields"], zip(example["en"], example["zh"], strict=True),
                         strict=True))  # fmt: skip
        en = ", ".join(named.get(field, (field, field))[0] for field in lacks)
        zh = "、".join(named.get(field, (field, field))[1] for field in lacks)
        return UnknownFormat(
            Text(f"it looks like a history of {form.kind}, but these columns are missing: {en}",
                 f"文件像是{KINDS_ZH[form.kind]}，但缺少列：{zh}"),
            where=where,
            remedy=Text("Export it again with all columns, or describe its columns (--columns).",
                        "请重新导出完整的列，或用 --columns 说明各列含义。"),
        )  # fmt: skip
    shown = ", ".join(cell[:20] for cell in header[:8]) if len(header) > 2 else ""
    return UnknownFormat(
        Text(f"no export is known with these columns: {shown}" if shown else
             "no table with a header was found", f"没有与这些列相符的导出格式：{shown}" if shown
             else "未找到带表头的表格"),
        where=where, remedy=_GIVE,
    )  # fmt: skip


KINDS_ZH = {
    "transactions": "资金流水", "trades": "成交历史", "orders": "订单历史", "positions": "仓位历史",
    "transfers": "划转或充提记录", "margin-liquidations": "杠杆强平历史",
    "loan-liquidations": "借贷强平历史",
}  # fmt: skip
"""Kinds of exports in Chinese."""

_GIVE = Text(
    "Give the CSV or xlsx that the exchange exports, or describe the columns of another venue "
    "(--columns).",
    "请提供交易所导出的 CSV 或 xlsx；其他交易所的文件请用 --columns 说明各列含义。",
)
_FRESH = Text("Download the export again.", "请重新下载导出文件。")
_LONG = Fault(
    "long-row", "", Text("the row is longer than any row of an export", "该行过长，不是导出数据"),
    _FRESH,
)  # fmt: skip
_QUOTE = Fault("quote", "", Text("a quote is not closed in this row", "该行的引号没有闭合"), _FRESH)
_CUT = Fault(
    "row-cut", "",
    Text("the last row is cut off: the file is not whole", "最后一行被截断：文件不完整"),
    _FRESH,
)  # fmt: skip
_AGAIN = Fault(
    "header-again", "",
    Text("the header stands here again, where files were joined by hand; the rows are read",
         "此处再次出现表头（文件曾手工拼接），其余行照常读取"),
    Text("", ""),
)  # fmt: skip
_TOTALS = Fault("totals", "", Text("a row of totals is no entry", "合计行不是明细"), Text("", ""))
_NOTHING = Fault(
    "nothing", "", Text("the exchange says that there is nothing to export", "交易所提示没有数据"),
    Text("", ""),
)  # fmt: skip


def _cells(found: int, width: int) -> Fault:
    return Fault(
        "cells", "",
        Text(f"the row has {found} cells where the header has {width}",
             f"该行有 {found} 列，表头为 {width} 列"),
        _FRESH,
    )  # fmt: skip
