"""Reads a positions file: accounts as records, and what could not be read as problems.

    account,class,mode,hedge,symbol,side,quantity,entry,margin,wallet,leverage,portfolio,…

An account is read whole or not at all: one row at fault sets the account aside, by name, and
the others go on, because half an account would be liquidated at another price. Docs:
docs/positions.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import InputError, Text
from ..problems import ASIDE, KEPT, Problem
from ..rules.tiers import Tiers
from .accounts import CATEGORIES, Account
from .positions_account import Found, assemble
from .positions_numbers import Fault
from .positions_rows import RowReader, Symbols
from .positions_table import MOST_HELD, Raw, Table, open_table

MOST_SHOWN = 500
"""Problems that are listed one by one; further ones are counted by kind."""


@dataclass
class _Left:
    """Problems of one kind that are only counted."""

    count: int
    first: int
    last: int


@dataclass
class PositionsFile:
    """A positions file, read account by account: memory does not grow with its length.

    `tiers` lists the contracts that may stand in it and their leverage limits; `symbols` are
    further ones, `classes` further classes of accounts. `problems` is complete once
    `accounts` has been walked through. With `strict` the first fault raises InputError.
    """

    path: Path
    tiers: Mapping[str, Tiers]
    symbols: Collection[str] = ()
    venue: str = "binance"
    classes: Collection[str] = ()
    strict: bool = False
    source: str = ""
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.table: Table = open_table(self.path)

    def accounts(self) -> Iterator[Account]:
        """The sound accounts in the order of their first rows."""
        known = Symbols({*self.tiers, *self.symbols}, self.venue)
        reader = RowReader(self.table.places, known, self.tiers)
        self.problems[:] = self._of_header()
        left_out: dict[str, _Left] = {}
        free: dict[str, int] = {}
        for name, rows in self.table.by_account():
            account, faults = assemble(name, rows, reader)
            if account is None:
                self._set_aside(name, rows, faults, left_out)
                continue
            if account.category not in CATEGORIES and account.category not in self.classes:
                free[account.category] = free.get(account.category, 0) + 1
            yield account
        self.problems += [self._named(_counted(code, left)) for code, left in left_out.items()]
        self.problems += [self._named(_free_word(word, count)) for word, count in free.items()]

    def _of_header(self) -> list[Problem]:
        found = []
        if self.table.ignored:
            names = ", ".join(self.table.ignored[:12])
            found.append(
                Problem("column-ignored", KEPT, Text(
                    f"columns that are not read: {names}", f"未读取的列：{names}",
                ), count=len(self.table.ignored))
            )  # fmt: skip
        if self.table.text.damaged:
            found.append(
                Problem("encoding", KEPT, Text(
                    "some bytes are no text of any encoding; their rows are set aside",
                    "部分字节无法按任何编码解读，所在行不予采用",
                ))
            )  # fmt: skip
        return [self._named(p) for p in found]

    def _named(self, problem: Problem) -> Problem:
        return replace(problem, path=str(self.path), source=self.source)

    def _set_aside(
        self, name: str, rows: list[Raw], faults: list[Found], left_out: dict[str, _Left]
    ) -> None:
        if self.strict:
            row, fault = faults[0]
            column = f", {fault.column}" if fault.column else ""
            raise InputError(fault.what, where=f"{self.path}:{row}{column}", remedy=fault.remedy)
        for problem in (*(_of_fault(name, *found) for found in faults), _aside(name, rows)):
            if len(self.problems) < MOST_SHOWN:
                self.problems.append(self._named(problem))
                continue
            first, last = problem.first or 0, problem.last or 0
            left = left_out.setdefault(problem.code, _Left(0, first, last))
            left.count += problem.count
            left.first, left.last = min(left.first, first), max(left.last, last)


def read_positions(
    path: Path, *, tiers: Mapping[str, Tiers], symbols: Collection[str] = (),
    venue: str = "binance", classes: Collection[str] = (), strict: bool = False, source: str = "",
) -> tuple[list[Account], list[Problem]]:  # fmt: skip
    """All accounts of a file and what was set aside; for a file of up to MOST_HELD accounts.

    Raises UnreadableFile or UnknownFormat for what is no table of positions, InputError for
    the first fault when `strict`. A longer file is walked with `PositionsFile`.
    """
    file = PositionsFile(path, tiers, symbols, venue, classes, strict, source)
    found = []
    for account in file.accounts():
        found.append(account)
        if len(found) > MOST_HELD:
            raise InputError(
                Text(f"more than {MOST_HELD:,} accounts", f"超过 {MOST_HELD:,} 个账户"),
                where=str(path),
                remedy=Text("Split the file.", "请拆分文件。"),
            )
    return found, file.problems


def _of_fault(name: str, row: int, fault: Fault) -> Problem:
    """One row at fault: where, what, and the remedy."""
    column = (f", column {fault.column}", f"、{fault.column} 列") if fault.column else ("", "")
    return Problem(
        fault.code, ASIDE,
        Text(
            f"row {row}{column[0]}: {fault.what.en}. {fault.remedy.en}",
            f"第 {row} 行{column[1]}：{fault.what.zh}。{fault.remedy.zh}",
        ),
        first=row, last=row, sample=fault.sample or name[:200],
    )  # fmt: skip


def _aside(name: str, rows: list[Raw]) -> Problem:
    """The account that the faults keep out, with all its rows."""
    shown = "".join(c for c in name[:60] if c.isprintable())
    return Problem(
        "account-aside", ASIDE,
        Text(f"the account '{shown}' is set aside whole", f"账户“{shown}”整体不予采用"),
        first=rows[0].number, last=rows[-1].number, count=len(rows), sample=name[:200],
    )  # fmt: skip


def _counted(code: str, left: _Left) -> Problem:
    return Problem(
        code, ASIDE,
        Text(
            f"and {left.count:,} more of the kind {code}",
            f"另有 {left.count:,} 行同类问题（{code}）",
        ),
        first=left.first, last=left.last, count=left.count,
    )  # fmt: skip


def _free_word(word: str, count: int) -> Problem:
    known = ", ".join(CATEGORIES)
    return Problem(
        "class-of-its-own", KEPT,
        Text(
            f"the class '{word}' is none of {known}: its accounts have the grace of regular ones "
            "unless a grace is stated for it",
            f"账户类别“{word}”不在已知类别（{known}）之中：除非另行指定，按普通账户的宽限处理",
        ),
        count=count,
    )  # fmt: skip
