"""Stated profits of trades against those of the rebuilt positions, and amounts against price
times quantity: what a changed digit cannot escape."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ...errors import Text
from ...problems import Problem
from ...rules.exact import ZERO, exact
from ..entries import Exports, Trade
from .ledger import Held, Reconciled
from .naming import FIRST, at_rows, number, row_name
from .positions import Built
from .rounding import (
    CUT,
    DIFFERS,
    EXACT,
    HALF_EVEN,
    INTERVAL,
    PLACES,
    cut,
    digits,
    half_even,
    rule_of,
    together,
)

WHAT = Text("profits of trades against the rebuilt positions", "成交所列盈亏与重建持仓")
AMOUNT = Text("amounts of trades against price × quantity", "成交金额与价格 × 数量")
_UNIT = Decimal("1e-8")


class _Off(NamedTuple):
    """A stated profit that no rule explains."""

    trade: Trade
    held: Held
    rebuilt: Decimal


@exact
def profits(
    exports: Exports, built: Sequence[Built]
) -> tuple[list[Reconciled], list[Problem], dict[int, Decimal]]:
    """One line for each place, problems, and the rounded profit of every closing by the place
    of its trade."""
    lines: list[Reconciled] = []
    problems: list[Problem] = []
    rounded: dict[int, Decimal] = {}
    for one in built:
        line, off = _line(exports.trades, one, rounded)
        if line is None:
            continue
        lines.append(line)
        problems += [_problem(exports, one, fault) for fault in off[:FIRST]]
        if len(off) > FIRST:
            problems.append(_more(exports, one, off[FIRST:]))
    return lines, problems, rounded


def _line(
    trades: Sequence[Trade], one: Built, rounded: dict[int, Decimal]
) -> tuple[Reconciled | None, list[_Off]]:
    stated = rebuilt = ZERO
    count = 0
    loose = one.loose
    off: list[_Off] = []
    odd: list[tuple[Held, Decimal]] = []
    every: list[tuple[Held, Decimal]] = []
    all_exact = True
    for held in one.path.steps:
        if held.trade < 0:
            continue
        said, value = trades[held.trade].realised, held.realised
        if value is None or (not said and not value):
            continue
        count += 1
        stated += said
        if said == value:
            rounded[held.trade] = said
            rebuilt += said
        else:
            all_exact = False
            near = value.quantize(_UNIT)
            if near != said:
                near = half_even(value)
            rounded[held.trade] = near
            if near == said:
                rebuilt += said
            else:
                odd.append((held, said))
        every.append((held, said))
    if not count:
        return None, []
    rule = EXACT if all_exact else HALF_EVEN
    if odd:
        places = max(PLACES, *(digits(s) for _, s in odd))
        for held, said in odd:
            value = held.realised or ZERO
            slack = loose.get(held.trade, ZERO)
            single = rule_of(said, value, places, slack)
            if single == DIFFERS:
                off.append(_Off(trades[held.trade], held, rounded[held.trade]))
                rebuilt += half_even(value, places)
            else:
                rebuilt += _by(single, said, value, places)
        rule = (
            DIFFERS
            if off
            else together(
                ((s, h.realised or ZERO, loose.get(h.trade, ZERO)) for h, s in every), places
            )
        )
    path = one.path
    line = Reconciled(
        "rebuilt-realised", WHAT, path.market, path.settle, path.symbol, stated, rebuilt, count,
        tuple(fault.trade.ref for fault in off[:FIRST]), rule,
    )  # fmt: skip
    return line, off


def _by(rule: str, said: Decimal, value: Decimal, places: int) -> Decimal:
    """The rebuilt profit as its rule would state it; within a solved entry's bounds the stated
    one is as good as any."""
    if rule in (EXACT, INTERVAL):
        return said
    return cut(value, places) if rule == CUT else half_even(value, places)


def _problem(exports: Exports, one: Built, fault: _Off) -> Problem:
    name = row_name(exports, fault.trade.ref)
    said, value = number(fault.trade.realised), number(fault.rebuilt)
    text = Text(
        f"{name.en}: realised {said}, but the position of {one.path.symbol} gives {value}: price, "
        "quantity or profit of this row or of one before it was changed, or rows are missing",
        f"{name.zh}：所列已实现盈亏 {said}，而 {one.path.symbol} 持仓推算为 {value}："
        "该行或此前某行的价格、数量、盈亏被改动，或有行缺失",
    )
    return at_rows(exports, "realised-not-rebuilt", text, [fault.trade.ref])


def _more(exports: Exports, one: Built, off: Sequence[_Off]) -> Problem:
    first = row_name(exports, off[0].trade.ref)
    text = Text(
        f"{len(off)} more profits of {one.path.symbol} do not follow from its trades, the first "
        f"of them {first.en}",
        f"{one.path.symbol} 还有 {len(off)} 笔盈亏与成交推算不符，首行为{first.zh}",
    )
    return at_rows(exports, "realised-not-rebuilt", text, [f.trade.ref for f in off])


@exact
def amounts(exports: Exports, built: Sequence[Built]) -> tuple[list[Reconciled], list[Problem]]:
    """Amounts of linear trades against price × quantity, one line a symbol; amounts of inverse
    contracts are in no fixed unit and are left."""
    lines: list[Reconciled] = []
    problems: list[Problem] = []
    trades = exports.trades
    for one in built:
        if one.path.inverse:
            continue
        stated = rebuilt = ZERO
        count = 0
        wrong: list[Trade] = []
        for index in one.places:
            trade = trades[index]
            said = trade.amount
            if said is None:
                continue
            value = trade.price * trade.quantity
            count += 1
            stated += said
            # Rounding is an excuse only where the product has more digits than are shown.
            whole = digits(value.normalize()) <= digits(said)
            if said != value and (whole or rule_of(said, value, digits(said)) == DIFFERS):
                wrong.append(trade)
                rebuilt += value
            else:
                rebuilt += said
        if count:
            path = one.path
            lines.append(
                Reconciled(
                    "amount", AMOUNT, path.market, path.settle, path.symbol, stated, rebuilt,
                    count, tuple(t.ref for t in wrong[:FIRST]),
                )
            )  # fmt: skip
        for trade in wrong:
            name = row_name(exports, trade.ref)
            shown = number(trade.amount or ZERO), number(trade.price * trade.quantity)
            text = Text(
                f"{name.en}: amount {shown[0]}, but price × quantity is {shown[1]}: one of the "
                "three was changed",
                f"{name.zh}：成交金额 {shown[0]}，而价格 × 数量为 {shown[1]}：三者之一被改动",
            )
            problems.append(at_rows(exports, "amount-differs", text, [trade.ref]))
    return lines, problems
