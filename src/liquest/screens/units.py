"""`units`: sizes that only make sense in contracts, or in other units than the tape takes them in.

    screen.units       one per source of bars, depth or states that gives a size and its worth:
                       what one unit of size is worth in coins ("coins"), how strong, in words
    screen.units.peer  of books: an instrument whose depth is out of all proportion to that of
                       the coin's other instruments ("ratio")

worth / size is a price where sizes are coins. Where it is a price times a number that stays the
same, that number is the size of a contract. The tape's own contract size must say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

import numpy as np

from ..clock import MINUTE, Window
from ..errors import Text
from ..findings import Finding, Method, plain, rounded
from ..instruments import LINEAR, Instrument
from ..measures import Context
from ..measures._book import books, levels_of, money, scanned
from ..measures._book_sql import best, snapshots
from ..measures._params import decimal, integer
from ..problems import Problem
from ..run.database import connection
from ..tape.lake import Lake
from ..tape.tracks import Track
from ._result import HINT, SOUND, STRONG, Result, Said, Source, finding, sources, span_of
from ._witness import Witness, witness

NAME = "units"
DEFAULTS: Mapping[str, Any] = {
    "windows": [], "near": "0.05", "least": 10, "proportion": "200", "levels": 10,
}  # fmt: skip
SIZED = {
    "bars": ("trade", "raw_volume", "notional", "(low + high) / 2"),
    "depth": ("band", "depth", "notional", None),
    "ticker": (
        "ticker", "open_interest", "open_interest_value", "coalesce(mark_price, last_price)",
    ),
}  # fmt: skip
"""Record → kind of price, its size, the worth of it, and a price of its own."""

FACTOR_SQL = """
SELECT ts, {worth}::DOUBLE / {size}::DOUBLE AS each, {price}::DOUBLE AS price
FROM {rows} WHERE {size} > 0 AND {worth} > 0 ORDER BY ts, row_no
"""
PEER_SQL = "SELECT median({bid} + {ask}) FROM ({snapshots})"

METHODS = (
    Method(
        NAME,
        Text("Units of sizes", "数量的单位"),
        Text(
            "Per row: worth / size / price, where the price is the row's own or the middle of what "
            "was traded within a minute of it; stated is the median. Within `near` of 1 sizes are "
            "coins. Else, where half of the rows lie within `near` of the median, it is the size "
            "of a contract in coins: sound where the tape takes it so, strong where it does not. "
            "Instruments whose contract size is not known are a hint: their depth and volume stay "
            "in contracts. Inverse contracts are left out: their worth is in coins.",
            "逐行计算 名义额 / 数量 / 价格，价格取本行自身或前后一分钟内成交的中点；陈述其中位数。"
            "与 1 相差不超过 near 者，数量即币数；否则若半数的行与中位数相差不超过 near，则为每张"
            "合约的币数：与行情带所取一致为正常，不一致为少见。合约面值未知者为线索：其深度与成交"
            "量保留为张数。反向合约不计：其名义额以币计。",
        ),
        FACTOR_SQL.strip(),
    ),
    Method(
        f"{NAME}.peer",
        Text("Depth out of proportion to other instruments", "与其他品种不成比例的深度"),
        Text(
            "The median worth of the best `levels` levels of both sides over all snapshots of the "
            "window, over the median of that of the coin's other instruments. Told where it is "
            "more than `proportion` times or less than a `proportion`th: then sizes may be counted "
            "in contracts.",
            "时间窗全部快照两侧最优 levels 档名义额的中位数，与该币其他品种同一数值的中位数之比。"
            "超过 proportion 倍或不足其分之一时列出：数量可能以张计。",
        ),
        snapshots(Instrument("", "", LINEAR), 2, best(2)),
    ),
)
INNOCENT = Text(
    "a column of another unit than its name says, or a contract size that the tape does not know",
    "列的单位与名称不符，或行情带未知的合约面值",
)


@dataclass(frozen=True)
class Task:
    """A source whose sizes have a worth, with its witness; or a book in one window."""

    source: Source | None
    track: Track
    witness: Witness
    window: Window
    near: Decimal
    least: int
    levels: int


@dataclass(frozen=True)
class Weighed:
    """The findings of a source; or the worth of a book, None without a snapshot."""

    made: tuple[Finding, ...] = ()
    worth: float | None = None


def plan(context: Context) -> list[Task]:
    """Every source with sizes of linear contracts or coins, and every book in every window."""
    params = context.params
    given = (decimal(params, "near"), integer(params, "least", 1), integer(params, "levels", 1))
    tasks = []
    for record, (price, *_) in SIZED.items():
        for source in sources(context.lake, record, price):
            span = span_of(source.track)
            heard = witness(context.lake, source.track.instrument, span)
            if not source.track.instrument.inverse:
                tasks.append(Task(source, source.track, heard, span, *given))
    for window in context.chosen:
        for track in books(context, window):
            if track.instrument.contract_size is None:
                continue
            tasks.append(Task(None, track, Witness(()), window, *given))
    return tasks


def work(task: Task) -> Weighed:
    """One source, or one book."""
    if task.source is not None:
        return Weighed(tuple(_of_source(task, task.source)))
    track, levels = task.track, min(task.levels, levels_of(task.track))
    if not track.holds(task.window):
        return Weighed()
    shown = snapshots(track.instrument, levels, best(levels)).format(rows=track.table(task.window))
    query = PEER_SQL.format(snapshots=shown, bid=f'"bid_{levels}"', ask=f'"ask_{levels}"')
    row = connection().execute(query).fetchone()
    return Weighed(worth=None if row is None or row[0] is None else float(row[0]))


def _of_source(task: Task, source: Source) -> Iterator[Finding]:
    """What one unit of size is worth in coins."""
    instrument = source.track.instrument
    if instrument.contract_size is None:
        yield _unknown(source)
        return
    _, size, worth, price = SIZED[source.track.record]
    table = Lake(source.track.root, source.track.parts).table(
        source.track.record, instrument, task.window
    )
    if source.track.record == "bars":
        table = f"(SELECT * FROM {table} WHERE series = 'trade')"
    query = FACTOR_SQL.format(worth=worth, size=size, price=price or "NULL", rows=table)
    found = connection().execute(query).fetchnumpy()
    each = np.ma.filled(found["each"].astype(np.float64), np.nan)
    own = np.ma.filled(found["price"].astype(np.float64), np.nan)
    if price is None:
        ts = np.asarray(found["ts"], np.int64)
        low, high = task.witness.heard(task.window).around(ts, MINUTE)
        own = (low + high) / 2
    factors = each / own
    factors = factors[np.isfinite(factors)]
    if len(factors) < task.least:
        return
    factor = float(np.median(factors))
    steady = float(np.mean(np.abs(factors / factor - 1) <= float(task.near)))
    told = {
        "contract_size": instrument.contract_size, "steady": rounded(steady, 4),
        "compared": len(factors), "near": task.near,
    }  # fmt: skip
    result = judged(factor, steady, instrument.contract_size, task.near)
    made = Said(result, rounded(factor, 6), "coins", rows=task.witness.inputs, params=told)
    yield finding(NAME, METHODS[0], source, made)


def judged(factor: float, steady: float, size: Decimal, near: Decimal) -> Result:
    """What a unit of size worth `factor` coins means for a tape that takes it for `size`."""
    told = plain(rounded(factor, 6))
    if abs(factor / float(size) - 1) <= float(near):
        said = Text(
            f"one unit of size is worth {told} coins, as the tape takes it",
            f"每单位数量值 {told} 币，与行情带所取一致",
        )
        return Result(SOUND, said)
    if steady < 0.5:
        said = Text(
            f"worth and size fit no price: one unit of size is worth {told} coins in the middle, "
            "and something else in most rows",
            f"名义额与数量不对应任何价格：每单位数量中位值 {told} 币，多数行与之不同",
        )
        return Result(HINT, said, INNOCENT)
    said = Text(
        f"the sizes only make sense as contracts of {told} coins; the tape takes them for "
        f"{plain(size)}",
        f"数量只有按每张 {told} 币才讲得通，行情带按 {plain(size)} 计",
    )
    return Result(STRONG, said, INNOCENT)


def _unknown(source: Source) -> Finding:
    said = Text(
        "sizes are contracts whose size is not known: no worth in USD is made of them; give "
        "contract_size in case.toml",
        "数量以张计而合约面值未知，未折算为美元；请在 case.toml 中给出 contract_size",
    )
    made = Said(Result(HINT, said, INNOCENT), None, "coins", caveats=("contract-size-unknown",))
    return finding(NAME, METHODS[0], source, made)


def merge(context: Context, partials: Sequence[Weighed]) -> tuple[list[Finding], list[Problem]]:
    """Sources, then books out of proportion to the coin's others."""
    findings = [f for one in partials for f in one.made]
    limit = decimal(context.params, "proportion")
    coins: dict[tuple[Window, str], list[tuple[Task, float]]] = {}
    for task, one in zip(plan(context), partials, strict=True):
        if one.worth is not None and task.track.coin:
            coins.setdefault((task.window, task.track.coin), []).append((task, one.worth))
    for members in coins.values():
        for at, (task, worth) in enumerate(members):
            others = [w for n, (_, w) in enumerate(members) if n != at and w > 0]
            if others and not 1 / limit <= (ratio := Decimal(worth / median(others))) <= limit:
                findings.append(_peer(task, ratio, len(others), limit))
    return findings, []


def _peer(task: Task, ratio: Decimal, others: int, limit: Decimal) -> Finding:
    shown = rounded(ratio, 6)
    said = Text(
        f"the book is worth {plain(shown)} times that of the {others} other instruments of the "
        "coin: sizes may be counted in contracts",
        f"该订单簿的名义额为该币其余 {others} 个品种的 {plain(shown)} 倍：数量可能以张计",
    )
    result = Result(HINT, said, INNOCENT)
    return Finding(
        f"screen.{NAME}.peer", task.track.subject, shown, "ratio", METHODS[1].id,
        window=task.window, params={"others": others, "proportion": limit, **result.params()},
        inputs=scanned(task.track, task.window), count=sum(p.rows for p in task.track.parts),
        caveats=money(task.track)[1],
    )  # fmt: skip
