"""One row of a register: what it says of its claimant, or the first fault in it with its remedy.

A row is read whole or not at all; a claimant is put together from all his rows, and set aside
whole when one of them is at fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from ...clock import parse_time
from ...errors import InputError, LiquestError, UsageError
from ...replay.accounts import contract
from ...replay.positions_numbers import BadCell, Fault, bad, formula, number
from ...rules.claimant import (
    FORMULA,
    Claimant,
    ForcedClose,
    ForcedLoss,
    Lot,
    Mitigation,
    check_class,
)
from ...rules.exact import ZERO
from .register_words import CLAIMANT, CLASSES, CLOSE, KINDS, LOSS, LOT, PRODUCTS, SIDES, plain

T = TypeVar("T")

Cells = Mapping[str, str]
"""Column → cell, blank ones left out."""


@dataclass
class Told:
    """What the rows of one claimant say so far."""

    category: str = ""
    net_assets: Decimal | None = None
    compensated: Decimal = ZERO
    mitigation: Mitigation | None = None
    losses: list[ForcedLoss] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    closes: list[ForcedClose] = field(default_factory=list)

    def claimant(self, name: str) -> Claimant:
        """The claimant; raises BadCell where no row says who it is."""
        if not self.category:
            raise bad(
                "no-claimant", "kind", "no row of kind claimant says the class of this id",
                "没有 claimant 行说明该编号的类别",
                "Add a row with kind claimant and its class.", "请补上一行 claimant 并写明 class。",
            )  # fmt: skip
        try:
            return Claimant(
                name, self.category, tuple(self.losses), tuple(self.lots), tuple(self.closes),
                self.net_assets, self.compensated, self.mitigation,
            )  # fmt: skip
        except InputError as error:
            raise of_record(error) from None


@dataclass(frozen=True)
class RowReader:
    """Reads rows with times that name no zone taken in `tz`; without `tz` they are at fault."""

    tz: str = ""

    def read(self, told: Told, cells: Cells) -> None:
        """Add what a row says; raises BadCell with the fault."""
        for column, cell in cells.items():
            if cell.startswith(("=", "@")):
                raise formula(column, cell)
        kind = _word("kind", cells.get("kind", CLAIMANT), KINDS)
        try:
            if kind == CLAIMANT:
                self._claimant(told, cells)
            elif kind == LOSS:
                told.losses.append(self._loss(cells))
            elif kind == LOT:
                told.lots.append(self._lot(cells))
            elif kind == CLOSE:
                told.closes.append(self._close(cells))
        except InputError as error:
            raise of_record(error) from None

    def _claimant(self, told: Told, cells: Cells) -> None:
        if told.category:
            raise bad(
                "twice", "id", "this id has two rows of kind claimant", "该编号有两行 claimant",
                "Keep one; write further losses in rows of kind loss.",
                "请只保留一行；其余亏损另写 loss 行。",
            )  # fmt: skip
        category = plain(_needed("class", cells))
        category = CLASSES.get(category, category)
        check_class(category)
        if "amount" in cells:
            told.losses.append(self._loss(cells))
        told.net_assets = _number("net_assets", cells)
        told.compensated = _number("compensated", cells) or ZERO
        if "able" in cells:
            told.mitigation = Mitigation(self._time("able", cells), _number("loss_then", cells))
        elif "loss_then" in cells:
            _needed("able", cells)
        told.category = category

    def _loss(self, cells: Cells) -> ForcedLoss:
        product = _word("product", _needed("product", cells), PRODUCTS)
        return ForcedLoss(self._time("at", cells), product, _given("amount", cells))

    def _lot(self, cells: Cells) -> Lot:
        product = _word("product", _needed("product", cells), PRODUCTS)
        return Lot(
            self._time("at", cells), product, _needed("symbol", cells).upper(),
            _given("quantity", cells), _given("price", cells), _number("fee", cells) or ZERO,
        )  # fmt: skip

    def _close(self, cells: Cells) -> ForcedClose:
        symbol = _needed("symbol", cells).upper()
        return ForcedClose(
            self._time("at", cells), symbol, _word("side", _needed("side", cells), SIDES),
            _given("quantity", cells), _given("price", cells), _number("fee", cells) or ZERO,
            _number("basis", cells), _number("face", cells) or face(symbol),
        )  # fmt: skip

    def _time(self, column: str, cells: Cells) -> int:
        cell = _needed(column, cells)
        found = _moment(cell, self.tz)
        if found is not None:
            return found
        if _naive(cell):
            raise bad(
                "no-zone", column, f"'{cell[:40]}' names no time zone", f"“{cell[:40]}”未注明时区",
                "Write Z or +08:00 after it, or give --tz for the whole file.",
                "请在其后写 Z 或 +08:00，或以 --tz 指明整个文件的时区。", cell,
            )  # fmt: skip
        raise bad(
            "time", column, f"'{cell[:40]}' is no time", f"“{cell[:40]}”不是有效时间",
            "Write 2025-10-10T21:40:12Z; a spreadsheet may have changed it: format as text.",
            "请写成 2025-10-10T21:40:12Z；若被电子表格改动，请先设为文本格式。", cell,
        )  # fmt: skip


@lru_cache(maxsize=65536)
def _moment(text: str, tz: str) -> int | None:
    """Microseconds UTC; None for what is no time, or has no zone and none is given."""
    try:
        if not tz and _naive(text):
            return None
        return parse_time(text, tz or "UTC")
    except UsageError:
        return None


def _naive(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def face(symbol: str) -> Decimal | None:
    """USD of one inverse contract by its symbol; None for a linear one."""
    found = contract(symbol)
    return found.contract_size if found.inverse else None


def _needed(column: str, cells: Cells) -> str:
    found = cells.get(column)
    if found is None:
        raise bad(
            "blank", column, "the cell is blank", "单元格为空",
            f"Fill in {column}.", f"请填写 {column}。",
        )  # fmt: skip
    return found


def _given(column: str, cells: Cells) -> Decimal:
    return number(column, _needed(column, cells))


def _number(column: str, cells: Cells) -> Decimal | None:
    cell = cells.get(column)
    return None if cell is None else number(column, cell)


def _word(column: str, cell: str, table: Mapping[str, T]) -> T:
    found = table.get(plain(cell))
    if found is not None:
        return found
    if cell.startswith(FORMULA):
        raise formula(column, cell)
    known = list(dict.fromkeys(str(v) for v in table.values()))
    if column == "side":
        known = ["long", "short"]
    raise bad(
        "unknown-word", column, f"'{cell[:40]}' is not known here", f"无法识别“{cell[:40]}”",
        f"Write one of: {', '.join(known)}.", f"请写其中之一：{'、'.join(known)}。", cell,
    )  # fmt: skip


def of_record(error: LiquestError) -> BadCell:
    """The fault of a record that cannot be; it names its column in `where`."""
    return BadCell(Fault("impossible", error.where, error.what, error.remedy or error.what))


def cells_of(columns: Sequence[str | None], row: Sequence[str]) -> Cells:
    """Column → cell of a row, blank ones left out."""
    return {
        name: cell for name, cell in zip(columns, row, strict=True) if name is not None and cell
    }
