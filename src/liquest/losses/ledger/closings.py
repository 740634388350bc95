"""Trades against transactions: realised profits and fees, each row and each total.

A trade that closes something has one REALIZED_PNL of the same amount, and every trade one
COMMISSION of the negative fee. Rows that do not meet are named with file and row; files that do
not meet at all are of two accounts, two zones or two periods, and that is said instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ...clock import SECOND
from ...errors import Text
from ...problems import Problem
from ...rules.exact import ZERO, exact
from ..entries import Exports, Ref
from .ledger import Reconciled
from .matching import Entry, Matched, match
from .naming import FIRST, at_rows, market_name, moment, number, row_name
from .sides import FEE, PNL, Side, sides_of
from .strangers import Strangers, absent, strangers

WHAT = {
    PNL: Text("realised profits against REALIZED_PNL", "已实现盈亏与 REALIZED_PNL 流水"),
    FEE: Text("fees of trades against COMMISSION", "成交手续费与 COMMISSION 流水"),
}
NAME = {PNL: "realised", FEE: "commission"}
WORD = {PNL: Text("realised", "已实现盈亏"), FEE: Text("fee", "手续费")}


@exact
def closings(
    exports: Exports, settles: Mapping[tuple[str, str], str], rebuilt: Mapping[int, Decimal]
) -> tuple[list[Reconciled], list[Problem]]:
    """`settles`: settle currency by (market, symbol); `rebuilt`: profit of a trade as the
    positions give it, rounded, by its place."""
    lines: list[Reconciled] = []
    problems: list[Problem] = []
    sides = sides_of(exports, settles)
    for market in sorted({m for m, _ in sides} | {t.market for t in exports.trades}):
        pair = {kind: sides.get((market, kind), Side({}, {})) for kind in (PNL, FEE)}
        missing = absent(exports, market, pair)
        if missing is not None:
            problems.append(missing)
            continue
        matched = {
            kind: {
                asset: match(side.trades.get(asset, []), side.transactions.get(asset, []))
                for asset in sorted({*side.trades, *side.transactions})
            }
            for kind, side in pair.items()
        }
        stranger = strangers(exports, market, pair, matched)
        problems += stranger.problems
        span = _overlap(pair)
        outside: list[tuple[str, Entry]] = []
        for kind, by_asset in matched.items():
            for asset, one in by_asset.items():
                lines += _lines(market, kind, asset, pair[kind], one)
                named, out = _named(exports, kind, asset, one, span, stranger, rebuilt)
                problems += named
                outside += out
        problems += _outside(exports, market, outside, span)
    return lines, problems


def _overlap(pair: Mapping[str, Side]) -> tuple[int, int]:
    """First and last second that both files reach."""
    spans = []
    for place in (0, 1):
        seconds = [
            e.second
            for side in pair.values()
            for rows in side[place].values()
            for e in (rows[0], rows[-1])
        ]
        spans.append((min(seconds, default=0), max(seconds, default=0)))
    return max(s[0] for s in spans), min(s[1] for s in spans)


def _lines(market: str, kind: str, asset: str, side: Side, one: Matched) -> list[Reconciled]:
    """One line a symbol: stated by the transactions, rebuilt from the trades."""
    sums: dict[str, list[Decimal]] = {}
    counts: Counter[str] = Counter()
    for place, rows in enumerate((side.transactions.get(asset, []), side.trades.get(asset, []))):
        for entry in rows:
            sums.setdefault(entry.symbol, [ZERO, ZERO])[place] += entry.amount
            counts[entry.symbol] += place
    wrong: dict[str, list[Ref]] = {}
    for entry in (*(e for pair in one.pairs for e in pair), *one.left, *one.right):
        wrong.setdefault(entry.symbol, []).append(entry.ref)
    return [
        Reconciled(
            NAME[kind], WHAT[kind], market, asset, symbol, stated, rebuilt, counts[symbol],
            tuple(wrong.get(symbol, [])[:FIRST]),
        )
        for symbol, (stated, rebuilt) in sorted(sums.items())
    ]  # fmt: skip


def _named(
    exports: Exports,
    kind: str,
    asset: str,
    one: Matched,
    span: tuple[int, int],
    foreign: Strangers,
    rebuilt: Mapping[int, Decimal],
) -> tuple[list[Problem], list[tuple[str, Entry]]]:
    """Rows that do not meet, the first ones by name, and those of times that only one file
    reaches."""
    problems: list[Problem] = []
    outside: list[tuple[str, Entry]] = []
    pairs = [p for p in one.pairs if not {p[0].ref.file, p[1].ref.file} & foreign.files]
    for trade, row in pairs[:FIRST]:
        problems.append(_amount_differs(exports, kind, asset, trade, row, rebuilt))
    if len(pairs) > FIRST:
        more = [trade for trade, _ in pairs[FIRST:]]
        problems.append(_more(exports, f"{NAME[kind]}-differs", more))
    for from_trades, entries in ((True, one.left), (False, one.right)):
        code = f"{NAME[kind]}-without-{'transaction' if from_trades else 'trade'}"
        alone = []
        for entry in entries:
            if entry.ref.file in foreign.files:
                continue
            if span[0] <= entry.second <= span[1]:
                alone.append(entry)
            else:
                outside.append((code, entry))
        problems += [_alone(exports, code, kind, asset, e, from_trades) for e in alone[:FIRST]]
        if len(alone) > FIRST:
            problems.append(_more(exports, code, alone[FIRST:]))
    return problems, outside


def _amount_differs(
    exports: Exports, kind: str, asset: str, trade: Entry, row: Entry,
    rebuilt: Mapping[int, Decimal],
) -> Problem:  # fmt: skip
    mine, theirs = row_name(exports, trade.ref), row_name(exports, row.ref)
    tail = Text("", "")
    value = rebuilt.get(trade.place) if kind == PNL else None
    if value in (trade.amount, row.amount):
        which = mine if value == trade.amount else theirs
        tail = Text(
            f"; the positions give {number(value or ZERO)}, as {which.en} says",
            f"；按持仓推算为 {number(value or ZERO)}，与{which.zh}一致",
        )
    word = WORD[kind]
    said = trade.amount if kind == PNL else -trade.amount
    text = Text(
        f"{mine.en}: {word.en} {number(said)} {asset}, but {theirs.en} says {kind} "
        f"{number(row.amount)} for {trade.symbol or asset} in that second{tail.en}",
        f"{mine.zh}：{word.zh} {number(said)} {asset}，而{theirs.zh}在同一秒为 "
        f"{trade.symbol or asset} 记 {kind} {number(row.amount)}{tail.zh}",
    )
    return at_rows(exports, f"{NAME[kind]}-differs", text, [trade.ref])


def _alone(
    exports: Exports, code: str, kind: str, asset: str, entry: Entry, from_trades: bool
) -> Problem:
    name = row_name(exports, entry.ref)
    word = WORD[kind]
    if from_trades:
        said = number(entry.amount if kind == PNL else -entry.amount)
        text = Text(
            f"{name.en}: {word.en} {said} {asset} has no {kind} transaction",
            f"{name.zh}：{word.zh} {said} {asset} 没有对应的 {kind} 流水",
        )
    else:
        text = Text(
            f"{name.en}: {kind} {number(entry.amount)} {asset} of {entry.symbol or asset} has no "
            "trade",
            f"{name.zh}：{entry.symbol or asset} 的 {kind} {number(entry.amount)} {asset} "
            "没有对应的成交",
        )
    return at_rows(exports, code, text, [entry.ref])


def _more(exports: Exports, code: str, entries: Sequence[Entry]) -> Problem:
    first = row_name(exports, entries[0].ref)
    text = Text(
        f"{len(entries)} more rows of that kind, the first of them {first.en}",
        f"同类的行还有 {len(entries)} 行，首行为{first.zh}",
    )
    return at_rows(exports, code, text, [e.ref for e in entries])


def _outside(
    exports: Exports, market: str, found: Sequence[tuple[str, Entry]], span: tuple[int, int]
) -> list[Problem]:
    """Rows of times that only one of the two files reaches: cut differently, or rows removed."""
    problems = []
    name = market_name(market)
    for code in sorted({c for c, _ in found}):
        entries = sorted((e for c, e in found if c == code), key=lambda e: e.second)
        first = row_name(exports, entries[0].ref)
        ends = [moment(s * SECOND) for s in span]
        text = Text(
            f"{len(entries)} rows of the {name.en} exports lie outside the time that trades and "
            f"transactions share ({ends[0]} to {ends[1]}) and cannot be checked, the first of "
            f"them {first.en}: one file was cut, or its first or last rows are missing",
            f"{name.zh}导出中有 {len(entries)} 行在成交与资金流水共有的时段"
            f"（{ends[0]} 至 {ends[1]}）之外，无法核对，首行为{first.zh}："
            "某个文件被截短，或缺少首尾的行",
        )
        problems.append(at_rows(exports, "coverage-differs", text, [e.ref for e in entries]))
    return problems
