"""`statement_rows`: an account statement against itself, row by row.

    screen.statement_rows       one per source and asset: rows that contradict others ("rows"), in
                                words; parameters: backwards, repeated, unclosed, late
    screen.statement_rows.row   the first `listed` balances that do not close (asset units): what
                                the balance is over what it should be
    screen.statement_rows.digits  a hint: how unlikely the last digits of the amounts are if each
                                were as likely as another (p-value of a χ² test)

A statement runs in one direction of time, forwards or backwards; the direction that most rows
have is taken. In it ids do not turn back and no id is given twice, and each balance is the one
before it plus the amount.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any, NamedTuple

from ..errors import Text
from ..findings import Finding, Input, Method, plain, rounded
from ..measures import Context, flatten
from ..measures._params import integer
from ..problems import Problem
from ..run.database import connection
from ._result import HINT, SOUND, STRONG, Result, Said, Source, finding, many, sources, span_of

NAME = "statement_rows"
DEFAULTS: Mapping[str, Any] = {"listed": 50, "least_digits": 300}

ROWS_SQL = """
SELECT ts, id::VARCHAR AS id, amount, balance, source_id, row_no FROM {rows}
ORDER BY row_no
"""

METHODS = (
    Method(
        NAME,
        Text("An account statement against itself", "账户流水的自洽性"),
        Text(
            "Rows in the order of the file, in the direction that most steps of time have. late: "
            "a row earlier than the one before it. backwards: a whole-number id below the one "
            "before it. repeated: an id that stood before. unclosed: balance ≠ balance before + "
            "amount, exactly, where both rows give a balance.",
            "按文件次序，方向取多数行的时间方向。late：早于上一行；backwards：整数编号小于上一行；"
            "repeated：编号此前已出现；unclosed：两行均有余额而 余额 ≠ 上一行余额 + 金额（精确）。",
        ),
        ROWS_SQL.strip(),
    ),
    Method(
        f"{NAME}.digits",
        Text("Last digits of the amounts", "金额的末位数字"),
        Text(
            "Amounts that are not whole, by their last written digit other than 0 (1 to 9); χ² of "
            "their counts against equal ones, eight degrees of freedom; the p-value by the series "
            "for even degrees, exp(−x/2)·Σ(x/2)^k/k! (k < 4). Amounts computed from prices and "
            "rates have digits that are even; amounts typed by hand often have not. It is a hint "
            "and never more: fees of fixed size, round lots and rates break it just as well.",
            "非整数金额按其最末非零数字（1 至 9）计数，与均匀分布作 χ² 检验，自由度 8；p 值按偶数"
            "自由度级数 exp(−x/2)·Σ(x/2)^k/k!（k < 4）计算。由价格与费率算出的金额末位均匀，手工键"
            "入者常非如此。仅为线索：固定费用、整数手数与费率同样会使其偏离。",
        ),
    ),
)
INNOCENT = Text(
    "rows of other kinds or assets were left out of the export, rows of one second stand in any "
    "order, or ids are given by more than one machine",
    "导出时略去了其他类型或资产的行；同一秒内的行次序任意；或编号由多台机器分配",
)


class Row(NamedTuple):
    ts: int
    id: str | None
    amount: Decimal
    balance: Decimal | None
    source: str
    row: int

    @property
    def input(self) -> Input:
        return Input(self.source, self.row, self.row, "extreme")


@dataclass(frozen=True)
class Task:
    """One statement of one asset."""

    source: Source
    listed: int
    least_digits: int


@dataclass(frozen=True)
class Faults:
    """Rows that contradict the one before them (or an earlier one), in the statement's order."""

    late: tuple[Row, ...]
    backwards: tuple[Row, ...]
    repeated: tuple[Row, ...]
    unclosed: tuple[tuple[Row, Decimal], ...]

    @property
    def rows(self) -> list[Row]:
        """All of them, by row."""
        every = {*self.late, *self.backwards, *self.repeated, *(r for r, _ in self.unclosed)}
        return sorted(every, key=lambda r: r.row)


def plan(context: Context) -> list[Task]:
    """Every statement, by asset."""
    listed, digits = (integer(context.params, name, 0) for name in ("listed", "least_digits"))
    return [
        Task(source, listed, digits) for source in sources(context.lake, "statement", "statement")
    ]


def work(task: Task) -> list[Finding]:
    """The findings of one statement."""
    return list(_findings(task))


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order."""
    del context
    return flatten(partials), []


def ordered(rows: Sequence[Row]) -> list[Row]:
    """The rows forwards in time, as most of the file's steps run; by their ids where all are of
    one moment."""
    steps = [b.ts - a.ts for a, b in pairwise(rows)]
    if not any(steps):
        ids = [_whole(r.id) for r in rows]
        steps = [b - a for a, b in pairwise(ids) if a is not None and b is not None]
    forwards = sum(s > 0 for s in steps) >= sum(s < 0 for s in steps)
    return list(rows) if forwards else list(reversed(rows))


def faults(rows: Sequence[Row]) -> Faults:
    """What in a statement, forwards in time, contradicts itself."""
    late, backwards, repeated, unclosed = [], [], [], []
    seen: set[str] = set()
    for before, row in pairwise(rows):
        if row.ts < before.ts:
            late.append(row)
        if (n := _whole(row.id)) is not None and (m := _whole(before.id)) is not None and n < m:
            backwards.append(row)
        if row.balance is not None and before.balance is not None:
            with localcontext(prec=60):
                off = row.balance - before.balance - row.amount
            if off:
                unclosed.append((row, off))
    for row in rows:
        if row.id:
            if row.id in seen:
                repeated.append(row)
            seen.add(row.id)
    return Faults(tuple(late), tuple(backwards), tuple(repeated), tuple(unclosed))


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def digits_p(amounts: Sequence[Decimal], least: int) -> tuple[Decimal, int] | None:
    """The p-value of the last digits and how many amounts it rests on; None of too few."""
    last = []
    for amount in amounts:
        text = plain(abs(amount))
        if "." in text:
            last.append(int(text[-1]))
    if len(last) < max(least, 1):
        return None
    counts, expected = Counter(last), len(last) / 9
    half = sum((counts.get(d, 0) - expected) ** 2 / expected for d in range(1, 10)) / 2
    p = math.exp(-half) * sum(half**k / math.factorial(k) for k in range(4))
    return rounded(p, 6), len(last)


def _findings(task: Task) -> Iterator[Finding]:
    source = task.source
    table = source.track.table(span_of(source.track))
    rows = ordered([Row(*r) for r in connection().execute(ROWS_SQL.format(rows=table)).fetchall()])
    found = faults(rows)
    told = {
        "late": len(found.late), "backwards": len(found.backwards),
        "repeated": len(found.repeated), "unclosed": len(found.unclosed),
        "with_balance": sum(r.balance is not None for r in rows),
    }  # fmt: skip
    wrong = found.rows
    result = _result(found, len(rows), told["with_balance"])
    at, marks = (wrong[0].ts, (wrong[0].input,)) if wrong else (None, ())
    yield finding(NAME, METHODS[0], source, Said(result, len(wrong), "rows", at, marks, told))
    asset = source.track.instrument.symbol
    for row, off in found.unclosed[: task.listed]:
        more = {"row": row.row, "balance": row.balance, "amount": row.amount}
        yield Finding(
            f"screen.{NAME}.row", source.track.subject, off, asset, METHODS[0].id, at=row.ts,
            params=more, inputs=(row.input,), count=1,
        )  # fmt: skip
    if digits := digits_p([r.amount for r in rows], task.least_digits):
        p, count = digits
        said = Text(
            f"the last digits of {count:,} amounts: p = {plain(p)} if each were as likely",
            f"{count:,} 个金额的末位数字：若各数字等可能，p = {plain(p)}",
        )
        hint = Result(HINT, said, INNOCENT) if p < Decimal("0.001") else Result(SOUND, said)
        made = Said(hint, p, "probability", params={"amounts": count})
        yield finding(NAME, METHODS[1], source, made, "digits")


def _result(found: Faults, rows: int, balances: int) -> Result:
    parts = (
        (found.unclosed, "balance that does not close", "balances that do not close",
         "处余额不能闭合"),
        (found.repeated, "id given twice", "ids given twice", "个编号重复"),
        (found.backwards, "id that turns back", "ids that turn back", "处编号倒退"),
        (found.late, "row earlier than the one before", "rows earlier than the one before",
         "行早于上一行"),
    )  # fmt: skip
    told = [(len(some), noun, plural, zh) for some, noun, plural, zh in parts if some]
    if not told:
        note = Text("", "") if balances else Text(
            "; it gives no balances to close", "；未给出余额，无从核对"
        )  # fmt: skip
        said = Text(
            f"{rows:,} rows follow each other without a contradiction{note.en}",
            f"{rows:,} 行前后一致，无矛盾{note.zh}",
        )
        return Result(SOUND, said)
    said = Text(
        f"in {many(rows, 'row')}: {', '.join(many(n, a, b) for n, a, b, _ in told)}",
        f"{rows:,} 行中：{'，'.join(f'{n:,} {zh}' for n, _, _, zh in told)}",
    )
    return Result(STRONG if found.unclosed or found.repeated else HINT, said, INNOCENT)
