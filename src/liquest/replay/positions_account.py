"""From the rows of one account to the account, or to all that is wrong with them.

What is said once holds for the account; what is said twice must agree.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from ..errors import InputError
from .accounts import LONG, REGULAR, Account, Collateral, Position, Wallet
from .positions_numbers import BadCell, Fault, bad
from .positions_rows import Row, RowReader
from .positions_table import Raw

T = TypeVar("T")


class Found(NamedTuple):
    """A fault and the row that it stands in."""

    row: int
    fault: Fault


def assemble(name: str, rows: list[Raw], reader: RowReader) -> tuple[Account | None, list[Found]]:
    """The account of these rows, or None with every fault that keeps it from being one."""
    read: list[Row] = []
    faults: list[Found] = []
    for raw in rows:
        if raw.fault is not None:
            faults.append(Found(raw.number, raw.fault))
            continue
        try:
            read.append(reader.read(raw.number, raw.cells))
        except BadCell as error:
            faults.append(Found(raw.number, error.fault))
    if not faults and len(rows) > 1:
        faults = _contradictions(rows, read)
    if faults:
        return None, faults
    try:
        return _joined(name, read), []
    except InputError as error:  # a record that cannot be: its column is `where`
        fault = Fault("impossible", error.where, error.what, error.remedy or error.what, name)
        return None, [Found(_row_of(error.where, read), fault)]


def _joined(name: str, rows: list[Row]) -> Account:
    first = rows[0]
    if len(rows) == 1:
        return Account(
            name,
            () if first.position is None else (first.position,),
            () if first.wallet is None else (first.wallet,),
            tuple(first.collateral),
            first.category or REGULAR,
            bool(first.hedge),
            bool(first.portfolio),
            first.note,
        )
    wallets: dict[str, Wallet] = {}
    pledged: dict[str, Collateral] = {}
    for row in rows:
        if row.wallet is not None:
            wallets.setdefault(row.wallet.currency, row.wallet)
        for one in row.collateral:
            pledged.setdefault(one.asset, one)
    return Account(
        name,
        tuple(row.position for row in rows if row.position is not None),
        tuple(wallets.values()),
        tuple(pledged.values()),
        _said([row.category for row in rows], REGULAR),
        _said([row.hedge for row in rows], False),
        _said([row.portfolio for row in rows], False),
        _said([row.note or None for row in rows], ""),
    )


def _said(given: list[T | None], otherwise: T) -> T:
    """The first value that is given."""
    return next((value for value in given if value is not None), otherwise)


def _contradictions(raws: list[Raw], rows: list[Row]) -> list[Found]:
    """What two rows of an account say differently, or say twice."""
    said: dict[tuple[str, str], tuple[object, int]] = {}
    faults: list[Found] = []
    for row in rows:
        statements: list[tuple[str, str, object]] = [
            ("class", "", row.category), ("hedge", "", row.hedge),
            ("portfolio", "", row.portfolio), ("note", "", row.note or None),
        ]  # fmt: skip
        if row.wallet is not None:
            statements.append(("wallet", row.wallet.currency, row.wallet.balance))
        statements += [("collateral", one.asset, one.balance) for one in row.collateral]
        for column, what, value in statements:
            before = said.setdefault((column, what), (value, row.number))
            if before[0] is None:
                said[column, what] = (value, row.number)
            elif value is not None and value != before[0]:
                faults.append(Found(row.number, _differs(column, what, before[1])))
    return faults + _twice(raws, rows)


def _twice(raws: list[Raw], rows: list[Row]) -> list[Found]:
    """Positions that are given more than once, or both ways in a one-way account."""
    hedge = any(row.hedge for row in rows)
    held: dict[tuple[str, int], int] = {}
    faults = []
    for place, (raw, row) in enumerate(zip(raws, rows, strict=True)):
        one = row.position
        if one is None:
            continue
        before = held.setdefault((one.symbol, one.side), place)
        if before != place:
            same = raw.cells == raws[before].cells
            faults.append(Found(raw.number, _again(one, raws[before].number, same)))
            continue
        other = held.get((one.symbol, -one.side))
        if other is not None and not hedge:
            faults.append(Found(raw.number, _both_ways(one, raws[other].number)))
    return faults


def _row_of(column: str, rows: list[Row]) -> int:
    """The row that a fault of the whole account is shown at."""
    if column == "wallet":
        return next((r.number for r in rows if r.position and not r.position.isolated),
                    rows[0].number)  # fmt: skip
    return rows[0].number


def _differs(column: str, what: str, row: int) -> Fault:
    of = (f" of {what}", f"（{what}）") if what else ("", "")
    return bad(
        "contradiction", column, f"{column}{of[0]} differs from row {row}",
        f"{column}{of[1]} 与第 {row} 行不一致",
        "Write the same in every row of the account, or leave the others blank.",
        "请在该账户各行填写相同内容，或其余行留空。",
    ).fault  # fmt: skip


def _again(position: Position, row: int, same: bool) -> Fault:
    side = ("long", "多") if position.side == LONG else ("short", "空")
    if same:
        return bad(
            "duplicate-row", "", f"the same as row {row}", f"与第 {row} 行完全相同",
            "Remove one of the two rows.", "请删去其中一行。",
        ).fault  # fmt: skip
    return bad(
        "position-twice", "symbol",
        f"the {side[0]} position in {position.symbol} stands in row {row} already",
        f"第 {row} 行已有 {position.symbol} 的{side[1]}仓",
        "Join the two rows into one.", "请合并为一行。",
    ).fault  # fmt: skip


def _both_ways(position: Position, row: int) -> Fault:
    return bad(
        "both-sides", "side",
        f"a one-way account is both long and short of {position.symbol} (row {row})",
        f"单向持仓账户同时持有 {position.symbol} 的多仓与空仓（第 {row} 行）",
        "Write hedge in the column hedge, or give the net position.",
        "请在 hedge 列写 hedge（双向），或填写净持仓。",
    ).fault  # fmt: skip
