"""What comes into a wallet besides trading: transfers, conversions, funding, and their partners.

A TRANSFER has its counterpart in the transfer history, an AUTO_EXCHANGE out of one asset another
into the next, a FUNDING_FEE a position that was held when it was paid. Types without a partner
are balance changes like all others.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ...clock import MINUTE, SECOND
from ...errors import Text
from ...problems import Problem
from ...rules.exact import ZERO, exact
from ..entries import DONE, Exports, Ref, Transaction
from .clears import ends_wallet
from .ledger import UNKNOWN, PositionPath, Reconciled
from .matching import Entry, match
from .naming import FIRST, at_rows, moment, number, row_name
from .sides import FEE, PNL
from .wallets import ON_THE_WAY

TRANSFER, EXCHANGE, FUNDING_FEE = "TRANSFER", "AUTO_EXCHANGE", "FUNDING_FEE"
PAID = 2 * MINUTE
"""How long after the full hour a funding fee may be stamped."""

WHAT = {
    TRANSFER: Text("transfers against the transfer history", "划转流水与划转记录"),
    EXCHANGE: Text("automatic conversions that have both sides", "两侧齐全的自动兑换"),
    FUNDING_FEE: Text("funding fees of positions that were held", "有持仓支撑的资金费"),
}


@exact
def flows(
    exports: Exports, positions: Sequence[PositionPath]
) -> tuple[list[Reconciled], list[Problem]]:
    """The lines of all three, and rows without a partner."""
    lines: list[Reconciled] = []
    problems: list[Problem] = []
    wanted: dict[str, list[Transaction]] = {TRANSFER: [], EXCHANGE: [], FUNDING_FEE: []}
    alone: list[Transaction] = []
    for row in exports.transactions:
        kind = row.type
        if kind in (PNL, FEE):
            continue
        if kind in wanted:
            wanted[kind].append(row)
        elif not ends_wallet(row, positions):
            alone.append(row)
    spoken = {w for m in exports.movements if m.status == DONE for w in (m.source, m.target)}
    alone += [t for t in wanted[TRANSFER] if t.market not in spoken]
    lines += _uncompared(alone)
    for found in (
        _transfers(exports, wanted[TRANSFER]),
        _exchanges(exports, wanted[EXCHANGE]),
        _fundings(exports, wanted[FUNDING_FEE], positions),
    ):
        lines += found[0]
        problems += found[1]
    return lines, problems


def _uncompared(rows: Sequence[Transaction]) -> list[Reconciled]:
    """Changes that no other file speaks of, by market, asset and type: they stand as stated."""
    grouped: dict[tuple[str, str, str], list[Decimal]] = {}
    for row in rows:
        grouped.setdefault((row.type, row.market, row.asset), []).append(row.amount)
    lines = []
    for (kind, market, asset), amounts in sorted(grouped.items()):
        total = sum(amounts, ZERO)
        what = Text(f"{kind}: nothing to compare with", f"{kind}：无可核对的其他记录")
        name = f"uncompared.{kind}"
        lines.append(Reconciled(name, what, market, asset, "", total, total, len(amounts)))
    return lines


def _transfers(
    exports: Exports, rows: Sequence[Transaction]
) -> tuple[list[Reconciled], list[Problem]]:
    """Only where the transfer history speaks of the futures wallet at all."""
    lines: list[Reconciled] = []
    problems: list[Problem] = []
    here: dict[tuple[str, str], list[Entry]] = {}
    there: dict[tuple[str, str], list[Entry]] = {}
    for place, row in enumerate(rows):
        entry = Entry(row.ts // SECOND, "", row.amount, place, row.ref)
        here.setdefault((row.market, row.asset), []).append(entry)
    for place, move in enumerate(exports.movements):
        if move.status == DONE:
            ts = move.ts if move.arrived is None else move.arrived
            for wallet, amount in ((move.target, move.amount), (move.source, -move.amount)):
                entry = Entry(ts // SECOND, "", amount, place, move.ref)
                there.setdefault((wallet, move.asset), []).append(entry)
    futures = {t.market for t in exports.transactions}
    spoken = {wallet for wallet, _ in there} & futures
    for key in sorted({*here, *there}):
        if key[0] not in spoken:
            continue
        mine, theirs = here.get(key, []), there.get(key, [])
        one = match(mine, theirs, ON_THE_WAY)
        refs = [e.ref for pair in one.pairs for e in pair] + [
            e.ref for e in (*one.left, *one.right)
        ]
        stated = sum((e.amount for e in mine), ZERO)
        rebuilt = sum((e.amount for e in theirs), ZERO)
        lines.append(_line(TRANSFER, *key, "", stated, rebuilt, len(mine), refs))
        for left, right in one.pairs:
            problems.append(_transfer_differs(exports, key[1], left, right))
        for code, entries in (
            ("transfer-without-history", one.left), ("history-without-transfer", one.right),
        ):  # fmt: skip
            problems += [_transfer_alone(exports, code, key[1], e) for e in entries]
    return lines, problems


def _transfer_differs(exports: Exports, asset: str, left: Entry, right: Entry) -> Problem:
    mine, theirs = row_name(exports, left.ref), row_name(exports, right.ref)
    text = Text(
        f"{mine.en}: TRANSFER {number(left.amount)} {asset}, but {theirs.en} says "
        f"{number(right.amount)} in that second",
        f"{mine.zh}：TRANSFER {number(left.amount)} {asset}，而{theirs.zh}在同一秒为 "
        f"{number(right.amount)}",
    )
    return at_rows(exports, "transfer-differs", text, [left.ref])


def _transfer_alone(exports: Exports, code: str, asset: str, entry: Entry) -> Problem:
    name, amount = row_name(exports, entry.ref), number(entry.amount)
    if code == "transfer-without-history":
        text = Text(
            f"{name.en}: TRANSFER {amount} {asset} is not in the transfer history",
            f"{name.zh}：TRANSFER {amount} {asset} 不在划转记录中",
        )
    else:
        text = Text(
            f"{name.en}: {amount} {asset} of the transfer history has no TRANSFER transaction",
            f"{name.zh}：划转记录中的 {amount} {asset} 没有对应的 TRANSFER 流水",
        )
    return at_rows(exports, code, text, [entry.ref])


def _exchanges(
    exports: Exports, rows: Sequence[Transaction]
) -> tuple[list[Reconciled], list[Problem]]:
    """In each second as many rows out as in, and of different assets."""
    stated: dict[tuple[str, str], Decimal] = {}
    rebuilt: dict[tuple[str, str], Decimal] = {}
    counts: dict[tuple[str, str], int] = {}
    alone: dict[tuple[str, str], list[Transaction]] = {}
    seconds: dict[tuple[str, int], list[Transaction]] = {}
    for row in rows:
        seconds.setdefault((row.market, row.ts // SECOND), []).append(row)
    for together in seconds.values():
        out = [r for r in together if r.amount < 0]
        into = [r for r in together if r.amount > 0]
        paired = min(len(out), len(into))
        good = {id(r) for r in (*out[:paired], *into[:paired])}
        for row in together:
            key = (row.market, row.asset)
            stated[key] = stated.get(key, ZERO) + row.amount
            counts[key] = counts.get(key, 0) + 1
            kept = row.amount if id(row) in good else ZERO
            rebuilt[key] = rebuilt.get(key, ZERO) + kept
            if row.amount and id(row) not in good:
                alone.setdefault(key, []).append(row)
    lines = [
        _line(
            EXCHANGE, *key, "", stated[key], rebuilt[key], counts[key],
            [r.ref for r in alone.get(key, [])],
        )
        for key in sorted(stated)
    ]  # fmt: skip
    problems = []
    for key in sorted(alone):
        for row in alone[key]:
            name = row_name(exports, row.ref)
            text = Text(
                f"{name.en}: AUTO_EXCHANGE {number(row.amount)} {row.asset} has no other side",
                f"{name.zh}：AUTO_EXCHANGE {number(row.amount)} {row.asset} 缺少另一侧",
            )
            problems.append(at_rows(exports, "exchange-without-partner", text, [row.ref]))
    return lines, problems


def _fundings(
    exports: Exports, rows: Sequence[Transaction], positions: Sequence[PositionPath]
) -> tuple[list[Reconciled], list[Problem]]:
    """Only for markets whose trades are there."""
    lines: list[Reconciled] = []
    problems: list[Problem] = []
    paths: dict[tuple[str, str], list[PositionPath]] = {}
    for path in positions:
        paths.setdefault((path.market, path.symbol), []).append(path)
    span: dict[str, tuple[int, int]] = {}
    for trade in exports.trades:
        first, last = span.get(trade.market, (trade.ts, trade.ts))
        span[trade.market] = (min(first, trade.ts), max(last, trade.ts))
    grouped: dict[tuple[str, str, str], list[Transaction]] = {}
    for row in rows:
        if row.market in span:
            grouped.setdefault((row.market, row.asset, row.symbol), []).append(row)
    for key in sorted(grouped):
        stated = rebuilt = ZERO
        alone: list[Transaction] = []
        for row in grouped[key]:
            stated += row.amount
            if _was_held(paths.get((row.market, row.symbol), []), row.ts):
                rebuilt += row.amount
            else:
                alone.append(row)
        first, last = span[key[0]]
        refs = [r.ref for r in alone]
        lines.append(_line(FUNDING_FEE, *key, stated, rebuilt, len(grouped[key]), refs))
        inside = [r for r in alone if first <= r.ts <= last]
        for row in inside or alone:
            problems.append(_not_held(exports, row))
    return lines, problems


def _was_held(paths: Sequence[PositionPath], ts: int) -> bool:
    """Whether any place of the symbol was held at some moment of the last minutes, or its
    positions are not known."""
    for path in paths:
        if path.opening_by == UNKNOWN:
            return True
        before = path.at(ts - PAID)
        if before is not None and before.quantity:
            return True
        place = bisect_left(path.times, ts - PAID)
        while place < len(path.steps) and path.steps[place].ts <= ts:
            if path.steps[place].quantity:
                return True
            place += 1
    return False


def _not_held(exports: Exports, row: Transaction) -> Problem:
    name = row_name(exports, row.ref)
    text = Text(
        f"{name.en}: FUNDING_FEE {number(row.amount)} {row.asset} of {row.symbol} at "
        f"{moment(row.ts)}, when by the trades nothing was held: trades are missing, or the row "
        "is of another account",
        f"{name.zh}：{moment(row.ts)} {row.symbol} 的 FUNDING_FEE {number(row.amount)} "
        f"{row.asset}，而按成交当时并无持仓：缺少成交，或该行属于另一账户",
    )
    return at_rows(exports, "funding-without-position", text, [row.ref])


_NAMES: Mapping[str, str] = {
    TRANSFER: "transfers", EXCHANGE: "auto-exchange", FUNDING_FEE: "funding",
}  # fmt: skip


def _line(
    kind: str, market: str, asset: str, symbol: str, stated: Decimal, rebuilt: Decimal,
    count: int, refs: Sequence[Ref],
) -> Reconciled:  # fmt: skip
    return Reconciled(
        _NAMES[kind], WHAT[kind], market, asset, symbol, stated, rebuilt, count,
        tuple(refs[:FIRST]),
    )  # fmt: skip
