"""Wallets from transactions: every change in order, and the balance before the first one.

The margin of an isolated position is part of its wallet, so that a clear ends the wallet only
while none is held. Order of evidence for an opening balance: stated by the user; a wallet that
an INSURANCE_CLEAR brings to exactly 0; a stated closing balance; nothing before a first inflow
while nothing was held, if that leaves no balance below 0. Where none of these holds it is taken
as 0 and said so: changes are then right and levels are not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from ...clock import SECOND
from ...errors import Text
from ...problems import ABSENT, KEPT, Problem
from ...rules.exact import ZERO, exact
from ..entries import CROSS, Exports, Ref, Transaction
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

CLEAR = "INSURANCE_CLEAR"
Wallet = tuple[str, str]
"""Market, asset."""


class _Changes(NamedTuple):
    """The transactions of one wallet, Σ of the changes after each, and the places at which a
    second ends (the order within a second is the venue's and may not be that of time)."""

    places: list[int]
    totals: list[Decimal]
    ends: list[int]
    clears: list[int]


def _changes(transactions: Sequence[Transaction]) -> dict[Wallet, _Changes]:
    found: dict[Wallet, _Changes] = {}
    last: dict[Wallet, tuple[Decimal, int]] = {}
    for index, row in enumerate(transactions):
        ts, market, kind, amount, asset, _, _, _ = row
        key = (market, asset)
        changes = found.get(key)
        if changes is None:
            changes = found[key] = _Changes([], [], [], [])
            total, second = ZERO, ts // SECOND
        else:
            total, second = last[key]
        if ts // SECOND != second:
            second = ts // SECOND
            changes.ends.append(len(changes.places) - 1)
        if kind == CLEAR and amount > 0:
            changes.clears.append(len(changes.places))
        total += amount
        changes.places.append(index)
        changes.totals.append(total)
        last[key] = total, second
    for changes in found.values():
        changes.ends.append(len(changes.places) - 1)
    return found


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
    grouped = _changes(exports.transactions)
    for key in sorted({*grouped, *opening, *closing}):
        changes = grouped.get(key, _Changes([], [], [], []))
        clears = _clears(exports, changes, positions)
        start, by = _opening(exports, key, changes, clears, positions, opening, closing)
        rows, totals = exports.transactions, changes.totals
        steps = tuple(
            Step(rows[i].ts, rows[i].amount, start + total, i)
            for i, total in zip(changes.places, totals, strict=True)
        )
        wallet = WalletPath(*key, start, by, steps)
        wallets.append(wallet)
        if by == ASSUMED_ZERO and steps:
            problems.append(_not_known(exports, wallet, changes))
        line, found = _clears_line(exports, wallet, clears)
        lines += line
        problems += found
        problems += _below_zero(exports, wallet, changes)
        if key in closing:
            line, found = _closing_line(wallet, closing[key])
            lines += line
            problems += found
    return wallets, lines, problems


def ends_wallet(row: Transaction, positions: Sequence[PositionPath]) -> bool:
    """Whether a clear brings its wallet to 0: it is paid in, the position that it names is a cross
    one, and no position is held (or may be) whose margin stays in the wallet."""
    if row.type != CLEAR or row.amount <= 0:
        return False
    named = not row.symbol
    for path in positions:
        if (path.market, path.settle) != (row.market, row.asset):
            continue
        if path.mode == CROSS:
            named = named or path.symbol == row.symbol
            continue
        held = path.at(row.ts)
        if path.symbol == row.symbol or path.opening_by == UNKNOWN or (held and held.quantity):
            return False
    return named


def _clears(
    exports: Exports, changes: _Changes, positions: Sequence[PositionPath]
) -> list[tuple[int, int, int]]:
    """(place, end of its second, transaction) of clears that end a wallet."""
    found = []
    for place in changes.clears:
        index = changes.places[place]
        if ends_wallet(exports.transactions[index], positions):
            found.append((place, changes.ends[bisect_left(changes.ends, place)], index))
    return found


def _opening(
    exports: Exports,
    key: Wallet,
    changes: _Changes,
    clears: Sequence[tuple[int, int, int]],
    positions: Sequence[PositionPath],
    opening: Mapping[Wallet, Decimal],
    closing: Mapping[Wallet, Decimal],
) -> tuple[Decimal, str]:
    totals = changes.totals
    if key in opening:
        return opening[key], GIVEN
    solved = _solved(key, changes, clears, positions)
    if solved is not None:
        return solved, CLEARED
    if key in closing:
        return closing[key] - (totals[-1] if totals else ZERO), CLOSING
    enough = not any(totals[end] < 0 for end in changes.ends)
    if totals and enough and _inflow(exports.transactions[changes.places[0]]):
        first = exports.transactions[changes.places[0]].ts
        if not any(_held_before(path, key, first) for path in positions):
            return ZERO, FUNDED
    return ZERO, ASSUMED_ZERO


def _solved(
    key: Wallet,
    changes: _Changes,
    clears: Sequence[tuple[int, int, int]],
    positions: Sequence[PositionPath],
) -> Decimal | None:
    """The opening under which most clears end at 0. Where not every position is known to be a
    cross one, all clears must agree and no balance may be left below 0."""
    totals = changes.totals
    votes: Counter[Decimal] = Counter()
    for place, end, _ in clears:
        for value in dict.fromkeys((-totals[end], -totals[place])):
            if value >= 0 or _below_until(changes, value, place):
                votes[value] += 1
    if not votes:
        return None
    most = max(votes.values())
    ends = {-totals[end] for _, end, _ in clears}
    best = min((v for v, n in votes.items() if n == most), key=lambda v: (v != 0, v not in ends))
    if all(p.mode == CROSS for p in positions if (p.market, p.settle) == key):
        return best
    return best if most == len(clears) and not _uncleared(changes, best) else None


def _uncleared(changes: _Changes, opening: Decimal) -> list[int]:
    """Places where the wallet falls below 0 and no clear makes it up."""
    starts: list[int] = []
    start: int | None = None
    before = -1
    for end in changes.ends:
        below = opening + changes.totals[end] < 0
        if below and start is None:
            start = end
        elif not below and start is not None:
            if not any(before < c <= end for c in changes.clears):
                starts.append(start)
            start = None
        before = end
    return starts if start is None else [*starts, start]


def _below_until(changes: _Changes, opening: Decimal, place: int) -> bool:
    """Whether the wallet is below 0 from the first row to the clear: a file cut within a
    bankruptcy begins so."""
    before = [e for e in changes.ends if e < place]
    if not before and place:
        before = [place - 1]
    return all(opening + changes.totals[e] < 0 for e in before)


def _inflow(row: Transaction) -> bool:
    return row.amount > 0 and any(w in row.type for w in ("TRANSFER", "DEPOSIT", "EXCHANGE"))


def _held_before(path: PositionPath, key: Wallet, first: int) -> bool:
    """Whether a position in that wallet is older than its first change, or may be."""
    if (path.market, path.settle) != key:
        return False
    if path.opening is not None or path.opening_by in (UNKNOWN, ASSUMED_FLAT):
        return True
    return bool(path.steps) and path.steps[0].ts < first


def _not_known(exports: Exports, wallet: WalletPath, changes: _Changes) -> Problem:
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


def _clears_line(
    exports: Exports, wallet: WalletPath, clears: Sequence[tuple[int, int, int]]
) -> tuple[list[Reconciled], list[Problem]]:
    """Clears against what the wallet was short of when they came."""
    if not clears or not wallet.known:
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
            problems.append(_not_to_zero(exports, row, left))
    what = Text("insurance clears against the shortfall", "保险基金清零与穿仓金额")
    line = Reconciled(
        "insurance-clear", what, wallet.market, wallet.asset, "", stated, rebuilt, len(clears),
        tuple(wrong[:FIRST]),
    )  # fmt: skip
    return [line], problems


def _not_to_zero(exports: Exports, row: Transaction, left: Decimal) -> Problem:
    name = row_name(exports, row.ref)
    return at_rows(
        exports, "clear-not-to-zero",
        Text(
            f"{name.en}: INSURANCE_CLEAR of {number(row.amount)} {row.asset} leaves the wallet at "
            f"{number(left)}, not at 0: rows before it are missing or were changed, or it belongs "
            "to an isolated position",
            f"{name.zh}：INSURANCE_CLEAR {number(row.amount)} {row.asset} 之后余额为 "
            f"{number(left)}，并非 0：此前的行有缺失或被改动，或该行属于逐仓仓位",
        ),
        [row.ref],
    )  # fmt: skip


def _below_zero(exports: Exports, wallet: WalletPath, changes: _Changes) -> list[Problem]:
    """Stretches below zero that no INSURANCE_CLEAR ends."""
    if not wallet.known:
        return []
    rows = exports.transactions
    problems = []
    for place in _uncleared(changes, wallet.opening):
        row = rows[changes.places[place]]
        balance = wallet.steps[place].balance
        name = row_name(exports, row.ref)
        problems.append(
            at_rows(
                exports, "below-zero",
                Text(
                    f"{name.en}: after it the {wallet.asset} wallet stands at {number(balance)} "
                    f"({moment(row.ts)}), and no INSURANCE_CLEAR makes it up: open positions "
                    "carried it, or rows are missing or were changed",
                    f"{name.zh}：其后 {wallet.asset} 钱包余额为 {number(balance)}"
                    f"（{moment(row.ts)}），且无 INSURANCE_CLEAR 补足：由未平仓位的浮盈支撑，"
                    "或有行缺失、被改动",
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
