"""`refill`: orders that the venue accepted, looked for in the public book and on the tape.

A party's own limit orders (a table of them, or accepted requests of its logs: `_own_orders`)
against snapshots and trades of the same instrument. Counts of orders in the window:

    refill.orders          all of them
    refill.shown           in the book within `tolerance` seconds of being accepted
    refill.shown_late      later than that
    refill.never_shown     snapshots reached its price, and none showed it
    refill.untestable      no snapshot later than `tolerance` reached its price in its life
    refill.traded_through  trades at a worse price than its own while it was open
    refill.latest          longest time to be shown ("s"), of those shown
    refill.order           each of the first `listed` that were late, never shown or passed

An order that is in nobody's book can have been accepted and not passed on, or be in a book
that this record does not show (hidden, iceberg, another price level of a pooled record).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from ..clock import SECOND, Window, format_time
from ..errors import Text
from ..findings import Finding, Input, Method, Value
from ..problems import ABSENT, Problem
from ..run.database import connection
from ..tape.tracks import Floats, Track
from . import Context
from ._book import books, levels_of, scanned
from ._book_sql import SIDES, suffix
from ._own_orders import LOG_SQL, OwnOrders, own_orders
from ._params import decimal, integer

NAME = "refill"
DEFAULTS: Mapping[str, Any] = {"windows": [], "tolerance": "2", "life": "10", "listed": 100}
SHOWN, LATE, NEVER_SHOWN, UNTESTABLE = "shown", "shown_late", "never_shown", "untestable"

ORDERS_SQL = """
SELECT ts, least(coalesce(ended_ts, {end}), {end}) AS ended, side = 'buy' AS buy,
       price::DOUBLE, (raw_size - coalesce(filled_size, 0))::DOUBLE, id, price, raw_size,
       source_id, row_no
FROM {orders} WHERE ts >= {start} AND ts < {end} ORDER BY ts, source_id, row_no
"""
BOOK_SQL = "SELECT ts, row_no, {columns} FROM {rows} WHERE ts >= {start} AND ts < {end}"
TRADES_SQL = """
SELECT ts, price::DOUBLE AS price FROM {rows} WHERE ts >= {start} AND ts < {end}
ORDER BY ts, source_id, row_no
"""

METHODS = (
    Method(
        NAME,
        Text("Accepted orders in the public book", "已接受订单是否进入公开订单簿"),
        Text(
            "An order is looked for in every snapshot of its life (from being accepted to its end, "
            "or to the window's) that reaches its price. It is shown where a level at its price "
            "holds at least its size less what was filled of it in the end. never_shown: at least "
            "one such snapshot later than tolerance seconds, and none shows it. traded_through: a "
            "trade at a strictly worse price (below a buy, above a sell), more than tolerance "
            "seconds after its start and before its end. An order of a log that tells neither fill "
            "nor cancellation is looked for during `life` seconds (end-not-on-record). Clocks of "
            "the log and of the tape are taken as they are: a skew longer than tolerance moves "
            "orders between the counts.",
            "在订单存续期内（自接受至结束或时间窗结束）、覆盖其价格的每个快照中查找该订单：同价位"
            "数量不少于订单数量减去最终已成交部分即为已显示。never_shown：tolerance 秒之后至少有一"
            "个此类快照而无一显示。traded_through：开始 tolerance 秒之后、结束 tolerance 秒之前，"
            "出现严格更差的成交价（买单之下、卖单之上）。日志中既无成交也无撤单的订单只在 life 秒"
            "内查找（end-not-on-record）。日志与行情的时钟按原样采用，偏差大于 tolerance 会使订单"
            "在各计数间移动。",
        ),
        "\n".join((ORDERS_SQL, LOG_SQL, BOOK_SQL, TRADES_SQL)).strip(),
    ),
)


@dataclass(frozen=True)
class Task:
    """The orders of one instrument in one window, and its book."""

    orders: OwnOrders
    book: Track
    trades: Track | None
    window: Window
    tolerance: int


@dataclass(frozen=True)
class Order:
    """One order and what became of it; `shown` and `passed` are moments, None for never."""

    id: str
    ts: int
    side: str
    price: Decimal
    size: Decimal
    row: Input
    outcome: str
    shown: int | None
    passed: int | None


def plan(context: Context) -> list[Task]:
    """One task per instrument with orders and a book in the window."""
    lake, params = context.lake, context.params
    tolerance = int(decimal(params, "tolerance") * SECOND)
    life = int(decimal(params, "life") * SECOND)
    tasks = []
    for window in context.chosen:
        held = {t.instrument: t for t in books(context, window)}
        for orders in own_orders(context, window, set(held), life):
            if book := held.get(orders.instrument):
                traded = lake.of("trades", orders.instrument, window)
                trades = Track(lake.root, orders.instrument, "trade", "trades", 0, traded)
                tasks.append(Task(orders, book, trades if traded else None, window, tolerance))
    return tasks


def work(task: Task) -> list[Order]:
    """What became of every order."""
    from ._refill_kernel import NEVER, passed, seen
    from ._refill_kernel import UNTESTABLE as UNTESTED

    window, db = task.window, connection()
    rows = db.execute(
        ORDERS_SQL.format(orders=task.orders.table(window), start=window.start, end=window.end)
    ).fetchall()
    if not rows:
        return []
    start, end, buy = (np.array([r[n] for r in rows], dtype=np.int64) for n in range(3))
    price, size = (np.array([r[n] for r in rows], dtype=np.float64) for n in (3, 4))
    ts, prices, sizes = _book(task.book, window)
    found, through = np.empty(len(rows), np.int64), np.full(len(rows), NEVER)
    seen(ts, prices, sizes, start, end, buy, price, size, task.tolerance, found)
    traded_ts = np.empty(0, np.int64)
    if task.trades is not None:
        given = {"rows": task.trades.table(window), "start": window.start, "end": window.end}
        arrays = db.execute(TRADES_SQL.format(**given)).fetchnumpy()
        traded_ts = np.asarray(arrays["ts"], dtype=np.int64)
        traded = np.asarray(arrays["price"], dtype=np.float64)
        passed(traded_ts, traded, start, end, buy, price, task.tolerance, through)
    made = []
    for at, row in enumerate(rows):
        outcome, shown = NEVER_SHOWN, None
        if found[at] == UNTESTED:
            outcome = UNTESTABLE
        elif found[at] != NEVER:
            shown = int(ts[found[at]])
            outcome = LATE if shown > row[0] + task.tolerance else SHOWN
        beyond = int(traded_ts[through[at]]) if through[at] != NEVER else None
        made.append(
            Order(
                str(row[5] or ""), row[0], "buy" if row[2] else "sell", row[6], row[7],
                Input(row[8], row[9], row[9], "extreme"), outcome, shown, beyond,
            )
        )  # fmt: skip
    return made


def _book(track: Track, window: Window) -> tuple[Any, Floats, Floats]:
    """Moments [n], prices and sizes [n, side, level] of the snapshots in the window."""
    levels = levels_of(track)
    names = [f"{s}_{w}{suffix(n)}" for w in ("price", "size") for s in SIDES for n in range(levels)]
    found = connection().execute(
        BOOK_SQL.format(
            columns=", ".join(f"{n}::DOUBLE AS {n}" for n in names), rows=track.table(window),
            start=window.start, end=window.end,
        )
    ).fetchnumpy()  # fmt: skip
    ts = np.ma.filled(found["ts"], 0).astype(np.int64)
    order = np.argsort(ts, kind="stable")
    flat = np.stack([np.ma.filled(found[n].astype(np.float64), np.nan)[order] for n in names], 1)
    prices, sizes = flat.reshape(len(ts), 2, 2, levels).transpose(1, 0, 2, 3)
    return ts[order], np.ascontiguousarray(prices), np.ascontiguousarray(sizes)


def merge(context: Context, partials: Sequence[list[Order]]) -> tuple[list[Finding], list[Problem]]:
    """Counts by window and instrument; a problem for orders without a book."""
    tasks = plan(context)
    listed = integer(context.params, "listed", 0)
    findings = [
        f for task, orders in zip(tasks, partials, strict=True)
        if orders for f in _findings(task, orders, listed)
    ]  # fmt: skip
    have = {(t.window, t.orders.instrument) for t in tasks}
    problems = [
        _without_book(window, orders.instrument.key)
        for window in context.chosen
        for orders in own_orders(context, window, set(), 0)
        if (window, orders.instrument) not in have
    ]
    return findings, problems


def _without_book(window: Window, key: str) -> Problem:
    words = Text(
        f"refill: orders but no book of it in the window '{window.name}'",
        f"refill：时间窗“{window.name}”内有订单而无其订单簿",
    )
    return Problem("no-books", ABSENT, words, key, count=0)


def _findings(task: Task, orders: Sequence[Order], listed: int) -> Iterator[Finding]:
    window, subject = task.window, task.orders.subject
    spans = (*task.orders.inputs(window), *scanned(task.book, window))
    notes = ["own-record"]
    if task.orders.track is None:
        notes.append("end-not-on-record")
    if task.trades is None:
        notes.append("no-trades")
    else:
        spans = (*spans, *scanned(task.trades, window))

    def made(name: str, value: Value, unit: str, **more: Any) -> Finding:
        return Finding(
            f"{NAME}.{name}", subject, value, unit, METHODS[0].id, window=window,
            params={"tolerance": Decimal(task.tolerance) / SECOND, **more.pop("params", {})},
            inputs=(*more.pop("rows", ()), *spans), count=len(orders), caveats=tuple(notes), **more,
        )  # fmt: skip

    yield made("orders", len(orders), "orders")
    for outcome in (SHOWN, LATE, NEVER_SHOWN, UNTESTABLE):
        yield made(outcome, sum(o.outcome == outcome for o in orders), "orders")
    if task.trades is not None:
        yield made("traded_through", sum(o.passed is not None for o in orders), "orders")
    shown = [(o.shown - o.ts, o) for o in orders if o.shown is not None]
    if shown:
        delay, one = max(shown, key=lambda pair: (pair[0], -pair[1].ts))
        yield made("latest", Decimal(delay) / SECOND, "s", at=one.ts, rows=(one.row,))
    told = [o for o in orders if o.outcome in (LATE, NEVER_SHOWN) or o.passed is not None]
    for o in told[:listed]:
        moments = {"shown": o.shown, "passed": o.passed}
        params = {"id": o.id, "side": o.side, "price": o.price, "size": o.size, "row": o.row.first}
        params |= {k: format_time(v) for k, v in moments.items() if v is not None}
        yield made("order", o.outcome, "text", at=o.ts, params=params, rows=(o.row,))
