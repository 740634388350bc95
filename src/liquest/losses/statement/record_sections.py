"""Equity over time, what was closed by force, and whether it could have been saved."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import Text
from ...sheet import FOLD, LEFT, RIGHT, TIME, Column, Grid, Picture, Section
from ..equity.chart import equity_chart, marks_of
from ..forced import told as forced_told
from ..rescue import told as rescue_told
from .figures import clock, moment, money
from .statement import Statement

_SIDES = (LEFT, TIME, TIME, RIGHT, RIGHT, RIGHT, RIGHT, FOLD, RIGHT, RIGHT, RIGHT, RIGHT)
_BRIEF = (0, 1, 3, 4, 5, 6, 7)
"""Columns of the forced orders that a terminal has room for."""


def pictures(one: Statement) -> Iterator[Section]:
    pictures, sentences = [], []
    for unit in one.path.units:
        if not unit.held.any():
            continue
        marks = marks_of(
            one.ledger, unit.unit, reference=one.question.reference, breach=unit.breach
        )
        alt = Text(
            f"Equity and maintenance margin of {unit.unit.name}",
            f"{unit.unit.words.zh} 的权益与维持保证金",
        )
        pictures.append(Picture(equity_chart(unit, one.path.window, marks), alt))
        low, near = unit.lowest, unit.closest
        if low is None or near is None:
            continue
        name = unit.unit.words
        asset = unit.unit.asset
        breach, least = unit.breach, money(low[1], asset)
        said = (
            Text("never below maintenance", "从未低于维持保证金") if breach is None else
            Text(f"below maintenance from {moment(breach)}", f"{moment(breach)} 起低于维持保证金")
        )  # fmt: skip
        sentences.append(
            Text(
                f"{name.en}: lowest equity {least} at {clock(low[0])} UTC; {said.en}.",
                f"{name.zh}：最低权益 {least}（{clock(low[0])} UTC）；{said.zh}。",
            )
        )
    if pictures:
        yield Section(
            Text("Equity and maintenance margin", "权益与维持保证金"), tuple(sentences),
            pictures=tuple(pictures),
        )  # fmt: skip


def forced(one: Statement) -> Section:
    rows = forced_told.rows(one.forced)
    grids = []
    if rows:
        columns = tuple(
            Column(head, side, place in _BRIEF)
            for place, (head, side) in enumerate(zip(forced_told.COLUMNS, _SIDES, strict=True))
        )
        grids.append(
            Grid(Text("Forced orders", "强平委托"), columns, tuple(tuple(row) for row in rows))
        )
    sentences = forced_told.sentences(one.forced) or [
        Text("No forced order stands in the exports.", "导出文件中没有强平委托。")
    ]
    return Section(
        Text("What was closed by force", "被强制平仓的经过"), tuple(sentences), tuple(grids)
    )


def rescue(one: Statement) -> Section:
    grids = []
    for heads, rows, title in (
        (rescue_told.TRANSFERS, rescue_told.transfer_rows(one.rescue),
         Text("Transfers around the event", "事件前后的划转")),
        (rescue_told.ORDERS, rescue_told.order_rows(one.rescue),
         Text("Orders that did not come about", "未能成立的委托")),
    ):  # fmt: skip
        if rows:
            grids.append(
                Grid(title, tuple(Column(h) for h in heads), tuple(tuple(r) for r in rows))
            )
    sentences = rescue_told.sentences(one.rescue) or [
        Text("The account was never at risk.", "账户从未面临强平。")
    ]
    return Section(
        Text("Could it have been saved?", "当时能否挽救？"), tuple(sentences), tuple(grids)
    )
