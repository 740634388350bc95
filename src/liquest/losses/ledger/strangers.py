"""Files that do not belong together: one is not there, or they are of two accounts.

Transactions carry no account number, so that only their rows can tell: the profits and fees of
one account stand in both of its files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ...errors import Text
from ...problems import ABSENT, Problem
from ..entries import Exports
from .matching import Entry, Matched, match, shifted
from .naming import at_rows, market_name
from .sides import Side

FEW = 3
"""Rows from which on two files that do not meet at all are called those of two accounts."""
HOURS = (-8, 8)
"""By how much the clocks of two files are moved to see whether they meet then."""


def absent(exports: Exports, market: str, pair: Mapping[str, Side]) -> Problem | None:
    """One of the two files is not there at all."""
    name = market_name(market)
    rows = [e for s in pair.values() for e in s.of_transactions()]
    trades = [t for t in exports.trades if t.market == market]
    if rows and not trades:
        text = Text(
            f"{len(rows)} profits and fees stand in the {name.en} transactions and there is no "
            "trade history: positions cannot be rebuilt",
            f"{name.zh}资金流水有 {len(rows)} 笔盈亏与手续费，但缺少成交历史：无法重建持仓",
        )
        return at_rows(exports, "trades-missing", text, [rows[0].ref], effect=ABSENT,
                       count=len(rows))  # fmt: skip
    if trades and all(t.market != market for t in exports.transactions):
        text = Text(
            f"there are {name.en} trades and no transaction history: the wallet is not known, and "
            "profits and fees stand unconfirmed",
            f"有{name.zh}成交，但缺少资金流水：钱包余额未知，盈亏与手续费无从核对",
        )
        return at_rows(exports, "transactions-missing", text, [trades[0].ref], effect=ABSENT,
                       count=len(trades))  # fmt: skip
    return None


class Strangers(NamedTuple):
    """Files none of whose rows meet another's, and what is said of them."""

    files: set[int]
    problems: list[Problem]


def strangers(
    exports: Exports,
    market: str,
    pair: Mapping[str, Side],
    matched: Mapping[str, Mapping[str, Matched]],
) -> Strangers:
    """Whether all files meet, or which of them meets no other."""
    if not any(m.pairs or m.left or m.right for found in matched.values() for m in found.values()):
        return Strangers(set(), [])
    met = sum(m.both for found in matched.values() for m in found.values())
    lefts = [e for s in pair.values() for e in s.of_trades()]
    rights = [e for s in pair.values() for e in s.of_transactions()]
    if met == 0:
        if min(len(lefts), len(rights)) < FEW:
            return Strangers(set(), [])
        files = {e.ref.file for e in (*lefts, *rights)}
        return Strangers(files, [_never_meet(exports, market, pair, lefts, rights)])
    alone: Counter[int] = Counter()
    for found in matched.values():
        for one in found.values():
            alone.update(e.ref.file for e in (*one.left, *one.right))
            alone.update(e.ref.file for two in one.pairs for e in two)
    every = Counter(e.ref.file for e in (*lefts, *rights))
    files = {f for f, n in every.items() if n >= FEW and alone[f] == n}
    problems = []
    for file in sorted(files):
        name = exports.files[file].name
        first = next(e.ref for e in (*lefts, *rights) if e.ref.file == file)
        text = Text(
            f"not one of the {every[file]} profits and fees in {name} stands in the other files, "
            "while the others agree: it seems to be of another account",
            f"{name} 中 {every[file]} 笔盈亏与手续费无一见于其他文件，而其余文件相互吻合："
            "疑属另一账户",
        )
        problems.append(at_rows(exports, "accounts-differ", text, [first], count=every[file]))
    return Strangers(files, problems)


def _never_meet(
    exports: Exports,
    market: str,
    pair: Mapping[str, Side],
    lefts: Sequence[Entry],
    rights: Sequence[Entry],
) -> Problem:
    """Two zones where a shift makes them meet; two periods where they do not overlap; else two
    accounts."""
    name = market_name(market)
    for hours in HOURS:
        again = sum(
            match(shifted(rows, hours), side.transactions.get(asset, [])).both
            for side in pair.values()
            for asset, rows in side.trades.items()
        )
        if again >= FEW:
            text = Text(
                f"{name.en} trades and transactions agree in {again} rows only if the trades are "
                f"moved by {hours:+d} hours: one of the files is in another time zone",
                f"{name.zh}成交与资金流水仅在成交时间移动 {hours:+d} 小时后才有 {again} 行吻合："
                "其中一个文件的时区不同",
            )
            return at_rows(exports, "zones-differ", text, [lefts[0].ref], count=len(lefts))
    ends = [(min(e.second for e in s), max(e.second for e in s)) for s in (lefts, rights)]
    if ends[0][1] < ends[1][0] or ends[1][1] < ends[0][0]:
        text = Text(
            f"{name.en} trades and transactions are of two periods and have no day in common",
            f"{name.zh}成交与资金流水属于两个不重叠的时段",
        )
        return at_rows(exports, "periods-differ", text, [lefts[0].ref], count=len(lefts))
    both = sorted({exports.files[e.ref.file].name for e in (*lefts, *rights)})
    text = Text(
        f"of {len(lefts)} profits and fees of {name.en} trades not one stands among the "
        f"{len(rights)} of the transactions: the files seem to be of two accounts "
        f"({', '.join(both)})",
        f"{name.zh}成交中的 {len(lefts)} 笔盈亏与手续费，无一见于资金流水的 {len(rights)} 笔："
        f"文件疑属两个账户（{'、'.join(both)}）",
    )
    return at_rows(exports, "accounts-differ", text, [lefts[0].ref], count=len(lefts))
