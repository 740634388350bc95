"""One cell of a positions file: an exact number, or the fault with its remedy.

Nothing is guessed: a number that can be read in two ways, a date that a spreadsheet made of
a number, a formula, each is a fault of that cell. 1.2E+05 is read as it stands: 120000.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from ..errors import Text

_SIMPLE = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,24})?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(\.[0-9]+)?")
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    r"[0-9]{1,4}[-/年][0-9]{1,2}(?:[-/月][0-9]{1,4}日?)?(?:[ T].*)?|[0-9]{1,2}月[0-9]{1,2}日"
    rf"|[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?|[0-9]{{1,2}}[- ]{_MONTH}(?:[- ][0-9]+)?"
    rf"|{_MONTH}[- ][0-9]+",
    re.IGNORECASE,
)
_LONGEST = 120
"""Characters of a number."""


class Fault(NamedTuple):
    """What is wrong with a row, in which column, and what to do."""

    code: str
    column: str
    what: Text
    remedy: Text
    sample: str = ""


class BadCell(Exception):
    """Carries the fault of a cell to the row that it stands in."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what.en)
        self.fault = fault


def number(column: str, cell: str) -> Decimal:
    """The exact value of a cell; raises BadCell for anything that is not one number."""
    if _SIMPLE.fullmatch(cell):
        return Decimal(cell)
    text = cell if cell.isascii() else unicodedata.normalize("NFKC", cell)
    if len(text) <= _LONGEST and _NUMBER.fullmatch(text):
        return Decimal(text)
    if grouped := _GROUPED.fullmatch(text):
        if grouped[1] or text.count(",") > 1:
            return Decimal(text.replace(",", ""))
        raise bad(
            "ambiguous-number", column, f"'{text}' can be read in two ways", f"“{text}”有两种读法",
            f"Write {text.replace(',', '')} or {text.replace(',', '.')}.",
            f"请写成 {text.replace(',', '')} 或 {text.replace(',', '.')}。", cell,
        )  # fmt: skip
    raise _no_number(column, text, cell)


def _no_number(column: str, text: str, cell: str) -> BadCell:
    shown = text[:40]
    if text.startswith(("=", "@")) or (text.startswith(("+", "-")) and len(text) > 1):
        return formula(column, cell)
    if text.startswith("#"):
        return bad(
            "spreadsheet-error", column, f"'{shown}' is the error of a spreadsheet",
            f"“{shown}”是电子表格的报错值", "Mend the formula and save the table as values.",
            "请修正公式，并以数值另存。", cell,
        )  # fmt: skip
    if _DATE.fullmatch(text):
        return bad(
            "date", column, f"'{shown}' is a date where a number is expected",
            f"此处应为数字，却是日期“{shown}”",
            "A spreadsheet may have changed it: format the column as text and enter the number.",
            "可能被电子表格自动转换：请将该列设为文本格式后重新填写数字。", cell,
        )  # fmt: skip
    if text.lower().lstrip("+-") in ("nan", "inf", "infinity", "null", "none", "n/a"):
        return bad(
            "not-finite", column, f"'{shown}' is no finite number", f"“{shown}”不是有限数字",
            "Write the number, or leave out the position.", "请填写数字，或删去该持仓。", cell,
        )  # fmt: skip
    return bad(
        "not-a-number", column, f"'{shown}' is no number", f"“{shown}”不是数字",
        "Write plain digits with a point for decimals: 1234.5, without unit or thousands mark.",
        "请只写数字，小数用点号：1234.5，不带单位与千分位。", cell,
    )  # fmt: skip


def formula(column: str, cell: str) -> BadCell:
    return bad(
        "formula", column, f"'{cell[:40]}' is a formula", f"“{cell[:40]}”是公式",
        "Save the table as values.", "请以数值另存表格。", cell,
    )  # fmt: skip


def bad(
    code: str, column: str, en: str, zh: str, remedy_en: str, remedy_zh: str, sample: str = ""
) -> BadCell:
    return BadCell(Fault(code, column, Text(en, zh), Text(remedy_en, remedy_zh), sample[:200]))
