"""Rows that stand twice: the same trade id, or the same transaction in every field."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import Text
from ...problems import Problem
from ..entries import Exports, Ref
from .naming import FIRST, at_rows, row_name


def doubles(exports: Exports) -> list[Problem]:
    """The first ones by name. They stay in the ledger: which of two rows is false, or whether
    either is, no file can say."""
    problems: list[Problem] = []
    left = 0
    last: tuple[Ref, Ref] | None = None
    for first, again in (*_trades(exports), *_transactions(exports)):
        if len(problems) < FIRST:
            problems.append(_named(exports, first, again))
        else:
            left, last = left + 1, (first, again)
    if last is not None:
        name = row_name(exports, last[1])
        text = Text(
            f"{left} more rows stand twice, the last of them {name.en}",
            f"另有 {left} 行重复，末行为{name.zh}",
        )
        problems.append(at_rows(exports, "row-twice", text, [last[1]], count=left))
    return problems


def _trades(exports: Exports) -> Iterator[tuple[Ref, Ref]]:
    """A trade with oneself stands twice rightly, once on each side."""
    seen: dict[tuple[str, str, int, str], Ref] = {}
    for trade in exports.trades:
        if trade.trade_id:
            key = (trade.trade_id, trade.symbol, trade.side, trade.market)
            first = seen.setdefault(key, trade.ref)
            if first is not trade.ref:
                yield first, trade.ref


def _transactions(exports: Exports) -> Iterator[tuple[Ref, Ref]]:
    """One id may stand for several changes; the same change in every field only once."""
    seen: dict[str, int] = {}
    rows = exports.transactions
    for index, row in enumerate(rows):
        if row.id:
            before = seen.setdefault(row.id, index)
            if before != index and rows[before][:7] == row[:7]:
                yield rows[before].ref, row.ref


def _named(exports: Exports, first: Ref, again: Ref) -> Problem:
    one, two = row_name(exports, first), row_name(exports, again)
    text = Text(
        f"{two.en} is the same as {one.en}, id and all: it counts twice until one is taken out",
        f"{two.zh}与{one.zh}（含编号）完全相同：去掉其一之前会重复计算",
    )
    return at_rows(exports, "row-twice", text, [again])
