"""Many accounts as a sheet, and as two tables for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...errors import Text
from ...findings import plain
from ...run.disk import whole
from ...sheet import FOLD, RIGHT, Column, Grid, Section, Sheet, Shown
from ..schemes.register import guarded
from .accounts import DONE, Account

MOST = 30
"""Accounts that are shown one by one; those with something to say come first."""
_STATES = {True: Text("closes", "闭合"), False: Text("does not close", "未闭合")}
HEADS = ("account", "state", "rows", "lines", "open", "problems", "class", "forced_loss", "why")


def sheet(found: Sequence[Account]) -> Sheet:
    """Totals, then the accounts that need attention first."""
    done = [one for one in found if one.state == DONE]
    closed = [one for one in done if not one.open_]
    lost = [one.claim.loss for one in done if one.claim and one.claim.loss is not None]
    total = sum(lost)
    sentences = (
        Text(
            f"{len(done)} of {len(found)} accounts were read, {sum(o.rows for o in done):,} rows; "
            f"{len(closed)} close to the last digit. {len(lost)} state a forced loss, "
            f"{total:,.2f} dollars together.",
            f"读取 {len(found)} 个账户中的 {len(done)} 个，共 {sum(o.rows for o in done):,} 行；"
            f"{len(closed)} 个账目完全闭合。{len(lost)} 个有强平亏损，合计 {total:,.2f} 美元。",
        ),
    )
    ranked = sorted(found, key=lambda o: (o.state == DONE, -o.open_, -o.problems, o.name))
    grid = Grid(
        Text("Accounts, those to look at first", "账户（需关注者在前）"),
        (
            Column(Text("account", "账户"), FOLD), Column(Text("rows", "行数"), RIGHT),
            Column(Text("lines", "比对"), RIGHT), Column(Text("open", "未闭合"), RIGHT),
            Column(Text("forced loss", "强平亏损"), RIGHT), Column(Text("", ""), FOLD),
        ),
        tuple(_row(one) for one in ranked[:MOST]), left=max(0, len(found) - MOST),
        command="accounts.csv",
    )  # fmt: skip
    return Sheet(
        Text("Accounts", "账户"), Text("Losses of many accounts", "多账户损失"),
        (Section(Text("What was read", "读取情况"), sentences, (grid,)),),
    )  # fmt: skip


def _row(one: Account) -> tuple[Shown, ...]:
    loss = one.claim.loss if one.claim else None
    word = one.why or _STATES[not one.open_]
    return (
        one.name, f"{one.rows:,}", str(one.lines), str(one.open_),
        "–" if loss is None else f"{loss:,.2f}", word,
    )  # fmt: skip


def write_table(path: Path, found: Sequence[Account], lang: str) -> None:
    """A row an account; no cell runs as a formula."""
    with whole(path) as out:
        out.write("\ufeff")
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(HEADS)
        rows.writerows([guarded(cell) for cell in row] for row in _cells(found, lang))


def _cells(found: Sequence[Account], lang: str) -> Iterator[list[str]]:
    for one in found:
        loss = one.claim.loss if one.claim else None
        yield [
            one.name, one.state, str(one.rows), str(one.lines), str(one.open_),
            str(one.problems), one.claim.category if one.claim else "",
            "" if loss is None else plain(loss), one.why.in_(lang) if one.why else "",
        ]  # fmt: skip
