"""The equity and maintenance of a unit over time as one SVG: both languages, both clocks.

Forced orders, transfers and the reference time stand in it as upright lines. The lines are
drawn by the chart of the replay; the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

import numpy as np

from ...clock import SECOND, Window, clock_time
from ...errors import Text
from ...replay.chart import HEIGHT, LEFT, RIGHT, ROW, TOP, WIDTH, Line, chart
from ...tape.tracks import Floats, seconds_of
from ..ledger.ledger import Ledger
from .forced_seconds import forced
from .path import UnitPath
from .units import Unit

FORCED, RECEIVED, SENT, REFERENCE, BREACH = "forced", "received", "sent", "reference", "breach"
_LOOKS: dict[str, tuple[Text, str, str]] = {
    FORCED: (Text("forced orders", "强平委托"), "#d00000", ""),
    RECEIVED: (Text("transfers in", "转入"), "#2b8a3e", "2 3"),
    SENT: (Text("transfers out", "转出"), "#8a3ffc", "2 3"),
    REFERENCE: (Text("reference time", "参考时刻"), "#5d6d7e", "8 4"),
    BREACH: (Text("equity below maintenance", "权益低于维持保证金"), "#1b1b1b", "1 2"),
}
"""Words, colour and dashes of each kind of mark; the legend keeps this order."""
_BOTTOM = HEIGHT - 48


class Mark(NamedTuple):
    """Something that happened at `ts` (µs)."""

    ts: int
    kind: str


def marks_of(
    ledger: Ledger, unit: Unit, *, reference: int | None = None, breach: int | None = None
) -> list[Mark]:
    """The forced orders and transfers that touch a unit, by time, and the moments given."""
    symbols = {path.symbol for path in unit.paths}
    found = [
        Mark(order.ts, FORCED) for order in ledger.exports.orders
        if order.market == unit.market and order.symbol in symbols
        and forced(order.client_id)
    ]  # fmt: skip
    found += [
        Mark(row.ts, RECEIVED if row.amount > 0 else SENT) for row in ledger.exports.transactions
        if (row.market, row.asset, row.type) == (unit.market, unit.asset, "TRANSFER")
    ]  # fmt: skip
    for ts, kind in ((reference, REFERENCE), (breach, BREACH)):
        if ts is not None:
            found.append(Mark(ts, kind))
    return sorted(found)


def equity_chart(path: UnitPath, window: Window, marks: Iterable[Mark] = ()) -> str:
    """The SVG of one unit over the window of its path; marks outside of it are left out."""
    unit = path.unit
    named = unit.words
    title = Text(f"Equity: {named.en}", f"权益：{named.zh}")
    equity, least, wallet = (
        Text("equity (margin balance)", "权益（保证金余额）"),
        Text("maintenance margin", "维持保证金"),
        Text("wallet balance", "钱包余额"),
    )
    lines = [
        Line(equity, _spread(path, path.equity, window)),
        Line(least, _spread(path, path.maintenance, window)),
        Line(wallet, _spread(path, path.balance, window), dashed=True),
    ]
    if path.possible != path.breach:
        worst = _spread(path, path.worst + path.maintenance, window)
        words = Text("lowest equity that the bars allow", "K 线高低价所允许的最低权益")
        lines.insert(1, Line(words, worst, dashed=True))
    within = [mark for mark in marks if window.start <= mark.ts < window.end]
    drawn = chart(
        title,
        Text(f"in {unit.asset}, at mark prices", f"单位 {unit.asset}，按标记价格"),
        window,
        lines,
        log=False,
    )
    start = HEIGHT + ROW * len(lines) + 8
    legend = [kind for kind in _LOOKS if any(mark.kind == kind for mark in within)]
    height = start + ROW * len(legend) + 8
    parts = [_upright(kind, within, window) for kind in legend]
    parts += [
        _legend(kind, [m.ts for m in within if m.kind == kind], start + number * ROW + 8)
        for number, kind in enumerate(legend)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title.en)}">'
        f'<rect width="100%" height="100%" fill="#fff"/>{drawn.rstrip()}{"".join(parts)}</svg>\n'
    )


def _spread(path: UnitPath, values: Floats, window: Window) -> Floats:
    """Values of every few seconds as a value a second: each holds until the next."""
    every = seconds_of(window)
    at = np.searchsorted(path.seconds, every, side="right") - 1
    found = np.full(len(every), np.nan)
    found[at >= 0] = values[at[at >= 0]]
    return found


def _upright(kind: str, marks: Sequence[Mark], window: Window) -> str:
    """The lines of one kind of mark, one for each tenth of a pixel that holds any."""
    _, colour, dashes = _LOOKS[kind]
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    span = window.end - window.start
    places = {
        f"{LEFT + (mark.ts - window.start) / span * (WIDTH - LEFT - RIGHT):.1f}": None
        for mark in marks if mark.kind == kind
    }  # fmt: skip
    return "".join(
        f'<line x1="{x}" x2="{x}" y1="{TOP}" y2="{_BOTTOM}" stroke="{colour}" '
        f'stroke-width="1.2" stroke-opacity="0.6"{dash}/>'
        for x in places
    )


def _legend(kind: str, times: Sequence[int], y: int) -> str:
    words, colour, dashes = _LOOKS[kind]
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    first, last = min(times), max(times)
    when = clock_time(first, digits=0)
    if last - first >= SECOND:
        when += f"–{clock_time(last, digits=0)}"
    count = f" ({len(times)})" if len(times) > 1 else ""
    text = f"{words.en} · {words.zh}{count}: {when} UTC"
    return (
        f'<line x1="{LEFT + 14}" x2="{LEFT + 14}" y1="{y - 12}" y2="{y + 2}" stroke="{colour}" '
        f'stroke-width="2"{dash}/><text x="{LEFT + 36}" y="{y}" class="s">{escape(text)}</text>'
    )
