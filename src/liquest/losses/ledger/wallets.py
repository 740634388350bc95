"""Wallets from transactions: every change in order, and the balance before the first one.

Order of evidence for an opening balance: stated by the user; a stated closing balance; a wallet
that an INSURANCE_CLEAR brings to exactly 0; nothing before a first inflow while nothing was held,
if that leaves no balance below 0 that no position carries. An inflow alone is weak: an export cut
anywhere may begin with one. It is known to be the first money only if the wallet came back to
exactly 0 by more than transfers, which any other opening would have missed. Where none of these
holds the opening is taken as 0 and said so: changes are then right and levels are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ...clock import SECOND
from ...errors import Text
from ...problems import ABSENT, KEPT, Problem
from ...rules.exact import ZERO, exact
from ..entries import DONE, Exports, Ref, Transaction
from .clears import Changes, Wallet, carried, changes_of, clears_of, solved, uncleared
from .ledger import (
    ASSUMED_FLAT,
    ASSUMED_ZERO,
    CLEARED,
    CLOSING,
    FUNDED,
    GIVEN,
    UNKNOWN,
    PositionPath,
    Reconciled,
    Step,
    WalletPath,
)
from .naming import FIRST, at_rows, market_name, moment, number, row_name

ON_THE_WAY = 3600
"""Seconds that a transfer may take: a history that has no arrival gives the time of asking."""


@exact
def build_wallets(
    exports: Exports,
    positions: Sequence[PositionPath],
    opening: Mapping[Wallet, Decimal],
    closing: Mapping[Wallet, Decimal],
) -> tuple[list[WalletPath], list[Reconciled], list[Problem]]:
    """Every wallet that the exports or the user name, its lines, and what is to be said."""
    wallets: list[WalletPath] = []
    lines: list[Reconciled] = []
    problems: list[Problem] = []
    grouped = changes_of(exports.transactions)
    for key in sorted({*grouped, *opening, *closing}):
        changes = grouped.get(key, Changes([], [], [], []))
        clears = clears_of(exports, changes, positions)
        start, by, sure = _opening(exports, key, changes, clears, positions, opening, closing)
        rows, totals = exports.transactions, changes.totals
        steps = tuple(
            Step(rows[i].ts, rows[i].amount, start + total, i)
            for i, total in zip(changes.places, totals, strict=True)
        )
        wallet = WalletPath(*key, start, by, steps, sure)
        wallets.append(wallet)
        if by == ASSUMED_ZERO and steps:
            problems.append(_not_known(exports, wallet, changes))
        elif not sure:
            problems.append(_not_sure(exports, wallet))
        line, found = _clears_line(exports, wallet, clears)
        lines += line
        problems += found
        problems += _below_zero(exports, wallet, changes, positions)
        if key in closing:
            line, found = _closing_line(wallet, closing[key])
            lines += line
            problems += found
    return wallets, lines, problems


def _opening(
    exports: Exports,
    key: Wallet,
    changes: Changes,
    clears: Sequence[tuple[int, int, int]],
    positions: Sequence[PositionPath],
    opening: Mapping[Wallet, Decimal],
    closing: Mapping[Wallet, Decimal],
) -> tuple[Decimal, str, bool]:
    """The balance, how it is known, and whether that is sure."""
    totals, rows = changes.totals, exports.transactions
    if key in opening:
        return opening[key], GIVEN, True
    if key in closing:
        return closing[key] - (totals[-1] if totals else ZERO), CLOSING, True
    found = solved(rows, key, changes, clears, positions)
    if found is not None:
        return found, CLEARED, True
    if totals and _inflow(rows[changes.places[0]]):
        first = rows[changes.places[0]]
        held = any(_held_before(path, key, first.ts) for path in positions)
        older = held or _moved_before(exports, first)
        if not older and not _left_below(rows, key, changes, positions):
            return ZERO, FUNDED, _came_back(rows, changes)
    return ZERO, ASSUMED_ZERO, False


def _left_below(
    rows: Sequence[Transaction], key: Wallet, changes: Changes, positions: Sequence[PositionPath]
) -> bool:
    """Whether an opening of 0 leaves a balance below 0 that no position carries."""
    return any(
        changes.totals[end] < 0 and not carried(key, positions, rows[changes.places[end]].ts)
        for end in changes.ends
    )


def _came_back(rows: Sequence[Transaction], changes: Changes) -> bool:
    """Whether the changes add up to exactly 0 somewhere, not by transfers alone."""
    ends = set(changes.ends)
    own = ZERO
    for place, index in enumerate(changes.places):
        if rows[index].type != "TRANSFER":
            own += rows[index].amount
        if place in ends and own and not changes.totals[place]:
            return True
    return False


def _moved_before(exports: Exports, first: Transaction) -> bool:
    """Whether the transfer history shows money in the wallet before its first row."""
    return any(
        move.status == DONE
        and move.asset == first.asset
        and first.market in (move.source, move.target)
        and (move.ts if move.arrived is None else move.arrived) < first.ts - ON_THE_WAY * SECOND
        for move in exports.movements
    )


def _inflow(row: Transaction) -> bool:
    return row.amount > 0 and any(w in row.type for w in ("TRANSFER", "DEPOSIT", "EXCHANGE"))


def _held_before(path: PositionPath, key: Wallet, first: int) -> bool:
    """Whether a position in that wallet is older than its first change, or may be."""
    if (path.market, path.settle) != key:
        return False
    if path.opening is not None or path.opening_by in (UNKNOWN, ASSUMED_FLAT):
        return True
    return bool(path.steps) and path.steps[0].ts < first


def _not_known(exports: Exports, wallet: WalletPath, changes: Changes) -> Problem:
    least = max(ZERO, -min(changes.totals[e] for e in changes.ends))
    tail = Text("", "")
    if least:
        tail = Text(
            f"; it was at least {number(least)} if the wallet never fell below 0",
            f"；若余额从未为负，期初至少为 {number(least)}",
        )
    name = market_name(wallet.market)
    return at_rows(
        exports, "opening-unknown",
        Text(
            f"the {name.en} balance of {wallet.asset} before the first row is not known and is "
            f"taken as 0{tail.en}: give the balance at the beginning or at the end",
            f"{name.zh} {wallet.asset} 钱包首行之前的余额未知，按 0 计{tail.zh}："
            "请提供期初或期末余额",
        ),
        [exports.transactions[changes.places[0]].ref],
    )  # fmt: skip


def _not_sure(exports: Exports, wallet: WalletPath) -> Problem:
    name = market_name(wallet.market)
    given = f"--opening {wallet.market}:{wallet.asset}=…"
    end = f"--closing {wallet.market}:{wallet.asset}=…"
    return at_rows(
        exports, "opening-not-sure",
        Text(
            f"the {name.en} wallet of {wallet.asset} begins with an inflow and is taken to have "
            "been empty before it; nothing else says that the account began there: if it is "
            f"older, give its balance at the beginning ({given}, 0 if it is new) or at the end "
            f"({end})",
            f"{name.zh} {wallet.asset} 钱包以转入开始，按此前为空处理；"
            "并无其他记录表明账户始于此时："
            f"若账户更早，请提供期初余额（{given}，新账户填 0）或期末余额（{end}）",
        ),
        [exports.transactions[wallet.steps[0].transaction].ref],
    )  # fmt: skip


def _clears_line(
    exports: Exports, wallet: WalletPath, clears: Sequence[tuple[int, int, int]]
) -> tuple[list[Reconciled], list[Problem]]:
    """Clears against what the wallet was short of when they came."""
    if not clears or wallet.opening_by == ASSUMED_ZERO:
        return [], []
    stated = rebuilt = ZERO
    wrong: list[Ref] = []
    problems: list[Problem] = []
    for place, end, index in clears:
        row = exports.transactions[index]
        left = min((wallet.steps[p].balance for p in (place, end)), key=abs)
        stated += row.amount
        rebuilt += row.amount - left
        if left:
            wrong.append(row.ref)
            problems.append(_not_to_zero(exports, row, left, wallet.opening_by))
    what = Text("insurance clears against the shortfall", "保险基金清零与穿仓金额")
    line = Reconciled(
        "insurance-clear", what, wallet.market, wallet.asset, "", stated, rebuilt, len(clears),
        tuple(wrong[:FIRST]),
    )  # fmt: skip
    return [line], problems


def _not_to_zero(exports: Exports, row: Transaction, left: Decimal, by: str) -> Problem:
    name = row_name(exports, row.ref)
    tail = Text("", "")
    if by in (GIVEN, CLOSING):
        tail = Text(", or the balance that was given is not right", "，或所给余额有误")
    return at_rows(
        exports, "clear-not-to-zero",
        Text(
            f"{name.en}: INSURANCE_CLEAR of {number(row.amount)} {row.asset} leaves the wallet at "
            f"{number(left)}, not at 0: rows before it are missing or were changed, or it belongs "
            f"to an isolated position{tail.en}",
            f"{name.zh}：INSURANCE_CLEAR {number(row.amount)} {row.asset} 之后余额为 "
            f"{number(left)}，并非 0：此前的行有缺失或被改动，或该行属于逐仓仓位{tail.zh}",
        ),
        [row.ref],
    )  # fmt: skip


def _below_zero(
    exports: Exports, wallet: WalletPath, changes: Changes, positions: Sequence[PositionPath]
) -> list[Problem]:
    """Stretches below zero that no position carries and no INSURANCE_CLEAR ends."""
    if wallet.opening_by == ASSUMED_ZERO:
        return []
    rows, key = exports.transactions, (wallet.market, wallet.asset)
    problems = []
    for place in uncleared(rows, key, changes, wallet.opening, positions):
        row = rows[changes.places[place]]
        balance = wallet.steps[place].balance
        name = row_name(exports, row.ref)
        problems.append(
            at_rows(
                exports, "below-zero",
                Text(
                    f"{name.en}: after it the {wallet.asset} wallet stands at {number(balance)} "
                    f"({moment(row.ts)}), no open position is known that carries it, and no "
                    "INSURANCE_CLEAR makes it up: rows are missing or were changed",
                    f"{name.zh}：其后 {wallet.asset} 钱包余额为 {number(balance)}"
                    f"（{moment(row.ts)}），既无已知的未平仓位支撑，也无 INSURANCE_CLEAR 补足："
                    "有行缺失或被改动",
                ),
                [row.ref],
            )
        )  # fmt: skip
    return problems


def _closing_line(wallet: WalletPath, closing: Decimal) -> tuple[list[Reconciled], list[Problem]]:
    what = Text("closing balance against opening and all changes", "期末余额与期初加全部变动")
    line = Reconciled(
        "closing-balance", what, wallet.market, wallet.asset, "", closing, wallet.closing,
        len(wallet.steps),
    )  # fmt: skip
    if line.closes:
        return [line], []
    name = market_name(wallet.market)
    text = Text(
        f"the {name.en} wallet of {wallet.asset} ends at {number(wallet.closing)} by its rows and "
        f"at {number(closing)} as given: {number(line.difference)} is missing",
        f"{name.zh} {wallet.asset} 钱包按各行推算期末为 {number(wallet.closing)}，所给为 "
        f"{number(closing)}：相差 {number(line.difference)}",
    )
    effect = KEPT if wallet.known else ABSENT
    return [line], [Problem("closing-differs", effect, text, sample=wallet.asset)]
