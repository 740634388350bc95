"""`retry_cost`: what "try again in a few minutes" meant in price, order by order.

An *intent* is one or more attempts of one client to trade one instrument on one side, the
first of them refused for one of `classes`; it ends with the first that is accepted, or
unresolved when nothing of it is logged for `give_up` seconds. Its cost at a later moment is
how much worse the tape's price had become since the first refusal:

    sell: (price at refusal - price later) / price at refusal, buy: the other way round

so that more than 0 is a loss.

    retry_cost.median    median over the intents of a client, instrument and side
    retry_cost.worst     the highest of them; `at` is its first refusal
    retry_cost.money     sum over the intents whose quantity is known, in the quote currency
    retry_cost.order     one intent, the `most` costliest ones

for every `later`: "accepted", and so many seconds after the refusal (`waits`). The price of a
moment is that of the last trade before it, at most `max_age` seconds old; the log is put on
the tape's clock by its fills where they show an offset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any, NamedTuple

from ..clock import SECOND, Window
from ..errors import Text
from ..findings import Finding, Input, Method, rounded
from ..instruments import INVERSES, Instrument
from ..logs.schema import ACCEPTED, CLASSES, CLOSE, OPEN, ORDER, OVERLOAD, REDUCE
from ..problems import ABSENT, Problem
from ..run.database import connection
from ..tape.lake import Lake
from ..tape.tracks import Track, tracks, whole
from . import Context, flatten
from ._log_clock import instruments, shift
from ._log_prices import Price, prices_at
from ._log_rows import LogTask, listed, tasks, texts
from ._params import integer, integers

NAME = "retry_cost"
DEFAULTS: Mapping[str, Any] = {
    "windows": [],
    "classes": [OVERLOAD],
    "waits": [60, 180, 300],
    "give_up": 600,
    "max_age": 60,
    "most": 20,
    "reach": 300,
}
_NEW = (ORDER, OPEN, CLOSE, REDUCE)

SQL = f"""
SELECT client, venue, market, symbol, side, quantity, ts, coalesce(row_answer, row_no) AS row_no,
       outcome = '{ACCEPTED}' AS accepted, class IN ({{classes}}) AS refused
FROM {{attempts}}
WHERE action IN ({listed(_NEW)}) AND symbol IS NOT NULL AND side IS NOT NULL
ORDER BY client, venue, market, symbol, side, ts, row_no
"""

METHODS = (
    Method(
        NAME,
        Text("Price of trying again", "“稍后重试”的价格代价"),
        Text(
            "An intent: attempts of one client, instrument and side from one refused for `classes` "
            "to the first accepted, or to `give_up` seconds without another. Cost: (price at the "
            "first refusal - later price) / price at the first refusal for a sale, the reverse for "
            "a purchase; price: the last trade at that moment, at most `max_age` seconds old. "
            "later: accepted, or seconds after the refusal. money: cost × price × quantity, not "
            "for inverse contracts. Exact prices, ratios to six decimals.",
            "意图：同一客户端、合约、方向的请求，自首个因 classes 被拒绝者起，至首个被接受者止，或 "
            "give_up 秒内无后续者止。卖出代价 =（首次被拒时价格 − 其后价格）/ 首次被拒时价格，买入"
            "相反；价格取该时刻最近一笔成交，不早于 max_age 秒。later 为被接受时，或被拒后若干秒。"
            "money 为代价 × 价格 × 数量（反向合约不计）。价格精确，比例取六位小数。",
        ),
        SQL.strip(),
    ),
)


@dataclass(frozen=True)
class Task:
    """One log in one window, with the lake whose prices count."""

    log: LogTask
    lake: Lake


class Intent(NamedTuple):
    """What a client tried: first refusal, when it was accepted (None: never), attempts, rows."""

    client: str
    instrument: Instrument
    side: str
    quantity: Decimal | None
    refused: int
    accepted: int | None
    attempts: int
    rows: tuple[int, int]


class Cost(NamedTuple):
    """An intent with its price at the refusal and at every later moment that has one."""

    intent: Intent
    first: Price
    later: Mapping[str, Price]

    def ratio(self, later: str) -> Decimal:
        """How much worse the price became, relative to that of the refusal."""
        change = self.later[later].price / self.first.price - 1
        return rounded(-change if self.intent.side == "sell" else change, 6)

    def money(self, later: str) -> Decimal | None:
        """The same in the quote currency; None without a quantity."""
        quantity = self.intent.quantity
        if quantity is None or self.intent.instrument.kind in INVERSES:
            return None
        change = (self.later[later].price - self.first.price) * quantity
        return rounded(-change if self.intent.side == "sell" else change, 8)


@dataclass
class Result:
    """The costs of one log, and the symbols that the tape does not know."""

    log: LogTask
    costs: list[Cost]
    unknown: list[str]
    offset: int | None
    tracks: dict[str, Track]


def plan(context: Context) -> list[Task]:
    """One task per log and window."""
    texts(context.params, "classes", CLASSES[1:])
    integers(context.params, "waits", 1)
    for name, least in (("give_up", 1), ("max_age", 0), ("most", 0), ("reach", 1)):
        integer(context.params, name, least)
    return [Task(one, context.lake) for one in tasks(context)]


def work(task: Task) -> Result:
    """Every intent of the log with its prices."""
    log = task.log
    given = {"classes": listed(texts(log.params, "classes", CLASSES[1:]))}
    rows = connection().execute(
        SQL.format(attempts=log.logs.attempts(log.window, [log.file]), **given)
    ).fetchall()  # fmt: skip
    intents, unknown = _intents(task, rows)
    if not intents:
        return Result(log, [], unknown, None, {})
    offset = shift(log.logs, log.file, task.lake, log.window, log.params)
    added = 0 if offset is None else offset.us
    waits = {str(w): w * SECOND for w in integers(log.params, "waits", 1)}
    found = _tracks(task, intents)
    costs = []
    for key, track in found.items():
        mine = [i for i in intents if i.instrument.key == key]
        moments = {i.refused + added + wait for i in mine for wait in (0, *waits.values())}
        moments |= {i.accepted + added for i in mine if i.accepted is not None}
        known = prices_at(track, moments, int(log.params["max_age"]))
        for intent in mine:
            at = intent.refused + added
            if at not in known:
                continue
            later = {n: known[at + w] for n, w in waits.items() if at + w in known}
            if intent.accepted is not None and intent.accepted + added in known:
                later["accepted"] = known[intent.accepted + added]
            if later:
                costs.append(Cost(intent, known[at], later))
    return Result(log, costs, unknown, added if offset is not None else None, found)


def _intents(task: Task, rows: Sequence[tuple[Any, ...]]) -> tuple[list[Intent], list[str]]:
    """The intents of attempts in the order of client, instrument, side and time."""
    give_up = int(task.log.params["give_up"]) * SECOND
    found: list[Intent] = []
    unknown: set[str] = set()
    known: dict[tuple[str, str, str], Instrument | None] = {}
    open_: Intent | None = None
    last = 0
    before: tuple[Any, ...] = ()
    for client, venue, market, symbol, side, quantity, ts, row, accepted, refused in rows:
        key = (client, venue, market, symbol, side)
        if open_ is not None and (key != before or ts > last + give_up):
            found.append(open_)
            open_ = None
        before = key
        named = (venue or "", market or "", symbol)
        if named not in known:
            held = instruments(task.lake, venue, market, symbol)
            known[named] = held[0] if len(held) == 1 else None
        instrument = known[named]
        if instrument is None:
            unknown |= {symbol} if refused else set()
            continue
        if open_ is None and refused:
            open_ = Intent(client, instrument, side, quantity, ts, None, 1, (row, row))
        elif open_ is not None:
            open_ = open_._replace(attempts=open_.attempts + 1, rows=(open_.rows[0], row))
            if accepted:
                found.append(open_._replace(accepted=ts))
                open_ = None
        last = ts
    return (found if open_ is None else [*found, open_]), sorted(unknown)


def _tracks(task: Task, intents: Sequence[Intent]) -> dict[str, Track]:
    """The finest record of traded prices of every instrument, over all days of the lake."""
    wanted = {i.instrument.key for i in intents}
    start = min(i.refused for i in intents)
    end = max(i.refused for i in intents)
    reach = Window("reach", start - 3600 * SECOND, end + 3600 * SECOND)
    return {
        t.instrument.key: whole(task.lake, t)
        for t in tracks(task.lake, reach)
        if t.price == "trade" and t.instrument.key in wanted
    }


def merge(context: Context, partials: Sequence[Result]) -> tuple[list[Finding], list[Problem]]:
    """Findings by window, log, client, instrument and side; a problem for unknown symbols."""
    del context
    return flatten(_findings(r) for r in partials), [_unknown(r) for r in partials if r.unknown]


def _findings(result: Result) -> Iterator[Finding]:
    groups: dict[tuple[str, str, str], list[Cost]] = {}
    for cost in result.costs:
        key = (cost.intent.client, cost.intent.instrument.key, cost.intent.side)
        groups.setdefault(key, []).append(cost)
    for _, costs in sorted(groups.items()):
        for later in sorted({n for c in costs for n in c.later}):
            held = [c for c in costs if later in c.later]
            yield from _group(result, later, held)
    most = int(result.log.params["most"])
    for cost in sorted(result.costs, key=lambda c: (-_last(c), c.intent.refused))[:most]:
        yield _finding(result, "order", _name(cost), [cost], _last(cost), "ratio", cost)


def _name(cost: Cost) -> str:
    """The moment that an order is judged at: when it was accepted, else the longest wait."""
    return "accepted" if "accepted" in cost.later else max(cost.later, key=int)


def _last(cost: Cost) -> Decimal:
    return cost.ratio(_name(cost))


def _group(result: Result, later: str, costs: list[Cost]) -> Iterator[Finding]:
    worst = max(costs, key=lambda c: (c.ratio(later), -c.intent.refused))
    middle = median(c.ratio(later) for c in costs)
    yield _finding(result, "median", later, costs, rounded(middle, 6), "ratio", None)
    yield _finding(result, "worst", later, costs, worst.ratio(later), "ratio", worst)
    sums = [m for c in costs if (m := c.money(later)) is not None]
    if sums:
        quote = costs[0].intent.instrument.quote or "quote"
        held = [c for c in costs if c.money(later) is not None]
        yield _finding(result, "money", later, held, sum(sums, Decimal(0)), quote, None)


def _finding(
    result: Result, name: str, later: str, costs: list[Cost], value: Decimal, unit: str,
    one: Cost | None,
) -> Finding:  # fmt: skip
    log, intent = result.log, (one or costs[0]).intent
    track = result.tracks[intent.instrument.key]
    params: dict[str, Any] = {
        "later": later, "accepted": sum(c.intent.accepted is not None for c in costs),
    }  # fmt: skip
    inputs: list[Input] = []
    if one is not None:
        price = one.later[later]
        params |= {
            "price_refused": one.first.price, "price_later": price.price,
            "attempts": one.intent.attempts, "seconds": Decimal(price.at - one.first.at) / SECOND,
        }  # fmt: skip
        params |= {} if intent.quantity is None else {"quantity": intent.quantity}
        inputs += [*log.rows(*intent.rows), one.first.row, price.row]
    caveats = ["clock-unaligned"] if result.offset is None else []
    if track.duration:
        caveats.append("bar-resolution")
    return Finding(
        name=f"{NAME}.{name}",
        subject={
            **log.subject(intent.client, intent.instrument.venue, side=intent.side),
            "coin": intent.instrument.base, "instrument": intent.instrument.symbol,
            "kind": intent.instrument.kind,
        },
        value=value,
        unit=unit,
        method=METHODS[0].id,
        at=intent.refused if one is not None else None,
        window=log.window,
        params=params,
        inputs=(
            *dict.fromkeys(inputs), log.scanned(),
            *(Input(p.source, p.row_min, p.row_max) for p in track.parts),
        ),
        count=len(costs) if one is None else one.intent.attempts,
        caveats=log.caveats(*caveats),
    )  # fmt: skip


def _unknown(result: Result) -> Problem:
    names = ", ".join(result.unknown[:8]) + (" …" if len(result.unknown) > 8 else "")
    file = result.log.file
    return Problem(
        "no-prices", ABSENT,
        Text(
            f"retry_cost: the tape has no single instrument that the log calls {names}; give its "
            "trades or bars, or the venue in a [[log]] where several fit",
            f"retry_cost：行情中没有（或不止一个）日志所称的合约 {names}；请补充其成交或 K 线，"
            "若有多个，请在 [[log]] 中写明 venue",
        ),
        file.name, file.source, file.row_min, file.row_max, len(result.unknown),
    )  # fmt: skip
