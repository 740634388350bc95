"""Faults by file and row: "row 17 of trades.csv …", "trades.csv 第 17 行…"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from ...clock import format_time
from ...errors import Text
from ...findings import plain
from ...problems import KEPT, Problem
from ..entries import USDM, Exports, Ref

FIRST = 5
"""Faults of one kind that are named row by row; the rest are counted."""
MANY = 20
"""Problems of one code that a ledger names one by one."""


def market_name(market: str) -> Text:
    """How people call it."""
    return Text("USDⓈ-M", "U 本位") if market == USDM else Text("COIN-M", "币本位")


def row_name(exports: Exports, ref: Ref) -> Text:
    """The row and its file; a row of no file (−1) is one of what was given."""
    if ref.file < 0:
        return Text("a row given", "所给的一行")
    name = exports.files[ref.file].name
    return Text(f"row {ref.row} of {name}", f"{name} 第 {ref.row} 行")


def number(value: Decimal) -> str:
    """A number as it is read: −12.3."""
    return plain(value).replace("-", "−")


def moment(ts: int) -> str:
    """A time to the second."""
    return format_time(ts, digits=0)


def at_rows(
    exports: Exports, code: str, text: Text, refs: Sequence[Ref], *, effect: str = KEPT,
    count: int | None = None, sample: str = "",
) -> Problem:  # fmt: skip
    """A problem that points to the first of `refs`, and to their file where all share it."""
    refs = [r for r in refs if r.file >= 0]
    if not refs:
        return Problem(code, effect, text, count=1 if count is None else count, sample=sample)
    file = exports.files[refs[0].file]
    rows = [r.row for r in refs if r.file == refs[0].file]
    return Problem(
        code, effect, text, file.name, file.sha256, min(rows), max(rows),
        len(refs) if count is None else count, sample[:200],
    )  # fmt: skip


def few(problems: Sequence[Problem]) -> list[Problem]:
    """At most `MANY` of one code, and the rest of it as one that counts them."""
    kept: list[Problem] = []
    rest: dict[str, list[Problem]] = {}
    seen: Counter[str] = Counter()
    for problem in problems:
        seen[problem.code] += 1
        if seen[problem.code] <= MANY:
            kept.append(problem)
        else:
            rest.setdefault(problem.code, []).append(problem)
    for code, more in rest.items():
        first = more[0]
        at = f"{first.path}:{first.first}" if first.path else first.sample
        text = Text(
            f"{len(more)} more of the kind {code}, the next of them at {at}",
            f"同类问题（{code}）另有 {len(more)} 处，下一处在 {at}",
        )
        kept.append(replace(first, text=text, count=sum(p.count for p in more)))
    return kept
