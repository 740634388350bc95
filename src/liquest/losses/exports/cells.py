"""Cells of an export by kind: exact numbers, fees with their asset, words, symbols, ids.

Each is a dictionary from the text of a cell to its value, so that a cell seen before costs one
look-up; a cell seen first is checked with care. A cell that cannot be read raises BadCell; what
is to be said of one that can goes into `notes`, and such a cell is not remembered, so that it is
said of every row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal

from ...errors import Text
from ...replay.positions_numbers import Fault, bad, number
from .layouts import plain, words

_EXACT = re.compile(r"-?[0-9]{1,24}(?:\.[0-9]{1,24})?(?:E-[0-9]{1,2})?")
_GROWN = re.compile(r"[+-]?[0-9](?:\.[0-9]+)?[eE]\+[0-9]+")
_COMMA = re.compile(r"[+-]?[0-9]{1,15},[0-9]{1,18}")
_AS_TEXT = re.compile(r'="?([^"=]*)"?')
_FEE = re.compile(r"([^A-Za-z]*(?:[0-9.][eE][+-]?[0-9]{1,3})?)\s*([A-Za-z0-9]*)")
_PERPETUAL = re.compile(r"([A-Z0-9]+?)_?(?:永续|PERPETUAL|PERP)")
_HUGE = Decimal("1E+24")
_CACHED = 200_000

SHORTENED = Fault(
    "number-shortened", "",
    Text("a spreadsheet has written the number with an exponent and may have dropped digits; "
         "it is read as it stands",
         "数字被电子表格改写为科学计数法，可能已丢失位数，按现有写法读取"),
    Text("Download the export again and do not open it in a spreadsheet.",
         "请重新下载导出文件，不要用表格软件打开。"),
)  # fmt: skip
ID_LOST = Fault(
    "id-shortened", "",
    Text("a spreadsheet has shortened the id; the row is kept without it",
         "编号被电子表格缩写，该行保留但不采用此编号"),
    Text("Download the export again and do not open it in a spreadsheet.",
         "请重新下载导出文件，不要用表格软件打开。"),
)  # fmt: skip


class Numbers(dict[str, Decimal]):
    """Cell → exact number. `comma` says that the file writes decimals with a comma."""

    def __init__(self, notes: list[Fault], *, comma: bool = False) -> None:
        super().__init__()
        self.notes, self.comma = notes, comma

    def __missing__(self, cell: str) -> Decimal:
        if _EXACT.fullmatch(cell):
            value = Decimal(cell)
            if len(self) > _CACHED:
                self.clear()
            self[cell] = value
            return value
        return self.careful(cell)

    def once(self, cell: str) -> Decimal:
        """As by key, for columns whose cells do not come again: they are not remembered."""
        return Decimal(cell) if _EXACT.fullmatch(cell) else self.careful(cell)

    def maybe(self, cell: str) -> Decimal | None:
        """None where the cell is blank."""
        return None if cell in BLANK or not cell.strip() else self.once(cell)

    def careful(self, cell: str) -> Decimal:
        """The number of a cell that is not written as the venue writes it."""
        text = _unwrapped(cell)
        if not text:
            raise bad(
                "empty", "", "the number is missing", "缺少数字",
                "Download the export again, or fill in the number.",
                "请重新下载导出文件，或补填数字。", cell,
            )  # fmt: skip
        if self.comma and _COMMA.fullmatch(text):
            text = text.replace(",", ".")
        if _GROWN.fullmatch(text):
            self.notes.append(SHORTENED)
        value = number("", text)
        if abs(value) >= _HUGE:
            raise bad(
                "too-large", "", f"{text[:40]} is too large to be true",
                f"{text[:40]} 数值过大，不可能属实",
                "Check the row against the exchange's page.", "请与交易所页面核对该行。", cell,
            )  # fmt: skip
        return value


BLANK = frozenset({"", "-", "--", "—", "/", "N/A", "n/a"})
"""Cells that say that there is nothing."""


class Fees:
    """Amount and asset of a cell: `0.0737 USDT`, `0.0737USDT`, `0E-8 BTC`, `0.0737`."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers

    def of(self, cell: str) -> tuple[Decimal, str]:
        """Nothing for a blank cell; raises BadCell for what is no amount."""
        amount, _, asset = cell.partition(" ")
        if asset.isalnum() and _EXACT.fullmatch(amount):
            return Decimal(amount), asset.upper()
        text = _unwrapped(cell)
        if text in BLANK:
            return Decimal(0), ""
        split = _FEE.fullmatch(text)
        amount, asset = (split[1].strip(), split[2]) if split else (text, "")
        return self.numbers[amount], asset.upper()


class Words(dict[str, str]):
    """Cell → the meaning that a list of words gives it. Where the list is `open`, a word that
    is not in it stands for itself, in upper case with _ for blanks; else it is a fault."""

    def __init__(self, name: str, *, open_: bool = False, own: Mapping[str, str] | None = None):
        super().__init__()
        self.name, self.open = name, open_
        self.known = words(name) | {plain(k): v for k, v in (own or {}).items()}

    def __missing__(self, cell: str) -> str:
        key = plain(cell)
        meaning = self.known.get(key)
        if meaning is None and self.open and not cell.lstrip().startswith(("=", "#")):
            meaning = re.sub(r"[\s\-]+", "_", cell.strip().upper())
        if meaning is None:
            shown = cell.strip()[:40]
            raise bad(
                "unknown-word", "", f"'{shown}' is not a word of this column" if shown else
                "the word is missing", f"“{shown}”不是该列的有效值" if shown else "缺少内容",
                "Download the export again; if the exchange writes it so, report it.",
                "请重新下载导出文件；如交易所原文如此，请告知。", cell,
            )  # fmt: skip
        self[cell] = meaning
        return meaning


class Symbols(dict[str, str]):
    """Cell → symbol or asset in upper case, without blanks, as the venue's files write it
    ("BTCUSD 永续" is BTCUSD_PERP); a blank one stays blank."""

    def __missing__(self, cell: str) -> str:
        text = _unwrapped(cell).upper().replace(" ", "").replace("/", "")
        if text in ("-", "--"):
            text = ""
        if perpetual := _PERPETUAL.fullmatch(text):
            text = perpetual[1] + ("_PERP" if perpetual[1].endswith("USD") else "")
        if len(text) > 40 or text[:1] in ("=", "#", "@"):
            raise bad(
                "not-a-symbol", "", f"'{text[:40]}' is no contract", f"“{text[:40]}”不是合约或币种",
                "Download the export again.", "请重新下载导出文件。", cell,
            )  # fmt: skip
        if len(self) > _CACHED:
            self.clear()
        self[cell] = text
        return text


def clean_id(cell: str, notes: list[Fault]) -> str:
    """An id as the venue wrote it; blank, with a note, where a spreadsheet has shortened it."""
    text = _unwrapped(cell)
    if _GROWN.fullmatch(text) or text.startswith("##"):
        notes.append(ID_LOST)
        return ""
    if text.startswith("="):
        raise bad(
            "formula", "", f"'{text[:40]}' is a formula", f"“{text[:40]}”是公式",
            "Save the table as values.", "请以数值另存表格。", cell,
        )  # fmt: skip
    return "" if text in BLANK else text


def zeroed(ids: Iterable[str]) -> bool:
    """Whether a spreadsheet has cut ids to fifteen digits: all of the longer ones, at least
    three of them, end in zeros from the sixteenth digit on (one in a thousand by chance)."""
    cut = 0
    for text in ids:
        if len(text) > 16 and text.isdigit():
            if text[15:].strip("0"):
                return False
            cut += 1
    return cut >= 3


def _unwrapped(cell: str) -> str:
    """A cell without what keeps a spreadsheet from changing it: a leading apostrophe, a tab,
    or ="…"."""
    text = cell.strip() if cell.isascii() else unicodedata.normalize("NFKC", cell).strip()
    if text.startswith('="') and (inner := _AS_TEXT.fullmatch(text)):
        text = inner[1].strip()
    return text.lstrip("'")
