"""Writes accounts as a positions file that reads back as the very same accounts.

Numbers are written in plain notation, never rounded. No cell can run as a formula: names and
notes that begin like one cannot be built (accounts.py).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import InputError, Text
from ..findings import plain
from ..run.disk import whole, writing
from .accounts import CATEGORIES, LONG, Account
from .positions_columns import (
    COLLATERAL,
    COLUMNS,
    CROSS,
    ISOLATED,
    WALLET,
    category,
    near_class,
)

Cells = list[str]


def write_positions(path: Path, accounts: Iterable[Account]) -> int:
    """One row a position, account by account; the number of accounts written.

    The file is there whole or not at all. Raises OutputError for what the disk refuses,
    InputError for a class that would be read as another.
    """
    count = 0
    with writing(path.parent), whole(path) as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for account in accounts:
            writer.writerows(rows(account))
            count += 1
    return count


def rows(account: Account) -> Iterator[Cells]:
    """The rows of one account, cells in the order of COLUMNS."""
    _check_class(account)
    hedge = "hedge" if account.hedge else "one-way"
    portfolio = "yes" if account.portfolio else "no"
    unsaid = {w.currency: plain(w.balance) for w in account.wallets}
    pledged = [(c.asset, plain(c.balance)) for c in account.collateral]
    if account.positions:
        listed = ";".join(f"{asset}:{balance}" for asset, balance in pledged)
        for one in account.positions:
            balance = "" if one.isolated else unsaid.pop(one.settle, "")
            yield [
                account.id, "", account.category, ISOLATED if one.isolated else CROSS, hedge,
                one.symbol, "long" if one.side == LONG else "short", plain(one.quantity),
                plain(one.entry), "" if one.margin is None else plain(one.margin), balance,
                "" if one.leverage is None else plain(one.leverage), portfolio, listed,
                account.note,
            ]  # fmt: skip
            listed = ""
        pledged = []
    for kind, assets in ((COLLATERAL, pledged), (WALLET, list(unsaid.items()))):
        for asset, balance in assets:
            quantity = ("", balance) if kind == WALLET else (balance, "")
            yield [
                account.id, kind, account.category, "", hedge, asset, "", quantity[0], "", "",
                quantity[1], "", portfolio, "", account.note,
            ]  # fmt: skip


def _check_class(account: Account) -> None:
    word = account.category
    if word not in CATEGORIES and (category(word) != word or near_class(word)):
        raise InputError(
            Text(
                f"the class '{word}' would be read as another", f"账户类别“{word}”会被读作另一类别"
            ),
            where=account.id,
            remedy=Text(
                f"Name it differently, or one of {', '.join(CATEGORIES)}.",
                f"请改用其他名称，或使用：{'、'.join(CATEGORIES)}。",
            ),
        )
