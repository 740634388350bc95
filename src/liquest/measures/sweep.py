"""`sweep`: runs of same-side trades at one timestamp that walk the book.

A run is a row of consecutive trades of one side and one timestamp, sells at prices that
never rise or buys at prices that never fall. It is a sweep with at least `min_levels`
distinct prices and a price range of at least `min_range` of its first price. Reported
for each instrument of which there are trades are the `top` sweeps by range, and the one
that made the low of the window if it is not among them:

    sweep.from, sweep.to                first and last price (quote currency)
    sweep.range                         |to - from| / from (ratio)
    sweep.trades                        single trades, aggregate ones counted by their ids
    sweep.levels                        distinct prices
    sweep.quantity, sweep.notional      base units; worth in the quote currency
    sweep.at_extreme.quantity, .notional   the part at exactly the last price
    sweep.return_time                   µs to the first trade of a later timestamp back at
                                        (sell: at or above, buy: at or below) the first
                                        price, or a price of `return_to`

`return_to` names absolute prices, as a list for all instruments or by the key of one:
{"binance:spot:ATOMUSDT" = ["1.00"]}; those that the sweep passed are timed. The way back is
looked for to the end of the data: not found there it is empty (not-recovered), and so it
is without any later trade (no-later-trades). Quantities of inverse contracts are rounded
to eight decimals per trade, their notional is exact. Where a venue stamps whole
milliseconds a run is of one millisecond (millisecond-clock). Bars show no sweeps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..clock import MINUTE, Window
from ..errors import Text
from ..findings import Finding, Input, Method, plain
from ..problems import ABSENT, Problem
from ..run.database import connection
from ..tape.lake import Lake
from ..tape.seconds import BUSY
from ..tape.tracks import Track, whole
from . import Context, _lows, _params

NAME = "sweep"
DEFAULTS: Mapping[str, Any] = {
    "windows": [],
    "min_levels": 5,
    "min_range": "0.01",
    "top": 3,
    "return_to": [],
}

BUSY_SQL = """
WITH moments AS (
    SELECT ts, count(*) AS rows, min(price) AS low, max(price) AS high
    FROM {rows} WHERE ts >= {start} AND ts < {end} GROUP BY ts)
SELECT sum(rows)::BIGINT, min(low), bool_and(ts % 1000 = 0), list(ts) FILTER (
    rows >= {min_levels} AND (high - low)::DOUBLE >= {min_range} * low::DOUBLE * 0.999999)
FROM moments
"""

RUNS_SQL = """
WITH ordered AS (
    SELECT *, lag(side) OVER own AS side_before, lag(price) OVER own AS price_before
    FROM {rows} WHERE ts IN ({busy})
    WINDOW own AS (PARTITION BY ts, source_id ORDER BY row_no)),
numbered AS (
    SELECT *, sum(CASE WHEN side = side_before AND NOT (
        CASE side WHEN 'sell' THEN price > price_before ELSE price < price_before END
    ) THEN 0 ELSE 1 END) OVER (PARTITION BY ts, source_id ORDER BY row_no) AS run
    FROM ordered),
ended AS (
    SELECT *, last_value(price) OVER (PARTITION BY ts, source_id, run ORDER BY row_no
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS price_to
    FROM numbered WHERE side IS NOT NULL)
SELECT ts, source_id, side, min(row_no), max(row_no), arg_min(price, row_no), price_to,
       count(DISTINCT price) AS levels, sum(coalesce(n, 1))::BIGINT, count(*),
       sum(size), sum(notional),
       sum(size) FILTER (price = price_to), sum(notional) FILTER (price = price_to)
FROM ended GROUP BY ts, source_id, run, side, price_to
HAVING count(DISTINCT price) >= {min_levels} ORDER BY ts, source_id, min(row_no)
"""

BACK_SQL = """
SELECT ts, source_id, row_no FROM {rows}
WHERE ts > {after} AND ts < {end} AND price {back} {price}
ORDER BY ts, source_id, row_no LIMIT 1
"""

METHODS = (
    Method(
        NAME,
        Text("Sweep through the book", "扫单"),
        Text(
            "Consecutive trades of one side, one timestamp and one source, sells at prices that "
            "never rise, buys at prices that never fall, with at least min_levels distinct "
            "prices and |last - first| / first >= min_range. Reported: the `top` by that range "
            "and the one that made the low of the window. Quantity in base units, notional in "
            "the quote currency, at_extreme: at exactly the last price. return_time: to the "
            "first trade of a later timestamp at or above (buy: at or below) the first price or "
            "a price of return_to, up to the end of the data.",
            "同一时间戳、同一来源、同一方向的连续成交：卖出价格不升，买入价格不降，"
            "至少 min_levels 个不同价位，且 |末价 − 首价| / 首价 ≥ min_range。"
            "报告该幅度最大的 top 次，以及造成窗口最低价的一次。数量以标的币计，金额以计价货币计，"
            "at_extreme 为恰在末价的部分。return_time：至其后（时间戳更晚）首笔"
            "不低于（买入则不高于）首价或 return_to 所列价格的成交，一直找到数据末尾。",
        ),
        "\n".join((BUSY_SQL, RUNS_SQL, BACK_SQL)).strip(),
    ),
)


@dataclass(frozen=True)
class Task:
    """The trades of one instrument in [start, end), a piece of the window."""

    track: Track
    window: Window
    start: int
    end: int
    min_levels: int
    min_range: Decimal
    top: int
    return_to: tuple[Decimal, ...]


@dataclass(frozen=True)
class Back:
    """Where a price was reached again; `at` is None where it was not."""

    price: Decimal
    at: int | None = None
    row: Input | None = None


@dataclass(frozen=True)
class Run:
    """One sweep; `backs` is empty as long as nobody looked, `later` whether trades follow."""

    ts: int
    source: str
    side: str
    row_first: int
    row_last: int
    start: Decimal
    end: Decimal
    levels: int
    trades: int
    rows: int
    quantity: Decimal | None
    notional: Decimal | None
    extreme_quantity: Decimal | None
    extreme_notional: Decimal | None
    backs: tuple[Back, ...] = ()
    later: bool = True

    @property
    def reach(self) -> Fraction:
        """Price range as a share of the first price, exact."""
        return abs(Fraction(self.end) - Fraction(self.start)) / Fraction(self.start)


@dataclass(frozen=True)
class Piece:
    """The sweeps of a piece that may be reported, and what the whole window needs to know."""

    task: Task
    runs: tuple[Run, ...] = ()
    rows: int = 0
    low: Decimal | None = None
    milliseconds: bool = True


def plan(context: Context) -> list[Task]:
    """One task per instrument with trades and window; many rows in pieces of time."""
    params = context.params
    given = (
        _params.integer(params, "min_levels", 2),
        _params.decimal(params, "min_range"),
        _params.integer(params, "top", 1),
    )
    tasks = []
    for window in context.chosen:
        for track in context.tracks(window):
            if track.record == "trades":
                data = whole(context.lake, track)
                prices = _return_to(params, track.instrument.key)
                rows = sum(p.rows for p in track.parts)
                step = -(-(window.end - window.start) // (1 + rows // BUSY))
                for at in range(window.start, window.end, step):
                    end = min(at + step, window.end)
                    tasks.append(Task(data, window, at, end, *given, prices))
    return tasks


def _return_to(params: Mapping[str, Any], key: str) -> tuple[Decimal, ...]:
    """The absolute prices to be timed for one instrument."""
    named = params["return_to"]
    if isinstance(named, Mapping):
        named = named.get(key, [])
    return tuple(_params.decimals({"return_to": named}, "return_to"))


def work(task: Task) -> Piece:
    """The sweeps of a piece, with their way back."""
    db, span = connection(), Window("piece", task.start, task.end)
    if not task.track.holds(span):
        return Piece(task)
    given = {
        "rows": task.track.table(span),
        "start": task.start,
        "end": task.end,
        "min_levels": task.min_levels,
        "min_range": plain(task.min_range),
    }
    row = db.execute(BUSY_SQL.format(**given)).fetchone()
    if row is None or not row[0]:
        return Piece(task)
    rows, low, milliseconds, busy = row
    runs: list[Run] = []
    if busy:
        given["rows"] = task.track.table(Window("busy", min(busy), max(busy) + 1))
        query = RUNS_SQL.format(**given, busy=", ".join(map(str, sorted(busy))))
        runs = [Run(*run) for run in db.execute(query).fetchall()]
    chosen = _choose([r for r in runs if r.reach >= task.min_range], task.top, low)
    return Piece(
        task, tuple(_with_way_back(task, run) for run in chosen), rows, low, bool(milliseconds)
    )


def _choose(runs: Sequence[Run], top: int, low: Decimal | None) -> list[Run]:
    """The `top` widest and the first that made the low, widest first."""
    ordered = sorted(runs, key=lambda r: (-r.reach, r.ts, r.row_first))
    lowest = min(
        (r for r in runs if r.side == "sell" and r.end == low),
        key=lambda r: (r.ts, r.row_first),
        default=None,
    )
    return [r for at, r in enumerate(ordered) if at < top or r is lowest]


def _with_way_back(task: Task, run: Run) -> Run:
    """The run with the first later trades at its first price and at those of `return_to`."""
    after = max(p.ts_max for p in task.track.parts)
    if after <= run.ts:
        return replace(run, backs=(Back(run.start),), later=False)
    low, high = sorted((run.start, run.end))
    prices = [run.start, *(p for p in task.return_to if low < p < high)]
    return replace(run, backs=tuple(_back(task.track, run, p, after + 1) for p in prices))


def _back(track: Track, run: Run, price: Decimal, end: int) -> Back:
    """Most prices are back within a minute: look there first, then to the end."""
    for until in (min(run.ts + MINUTE, end), end):
        query = BACK_SQL.format(
            rows=track.table(Window("after", run.ts, until)),
            after=run.ts,
            end=until,
            back=">=" if run.side == "sell" else "<=",
            price=plain(price),
        )
        if row := connection().execute(query).fetchone():
            return Back(price, row[0], Input(row[1], row[2], row[2], "extreme"))
    return Back(price)


def merge(context: Context, partials: Sequence[Piece]) -> tuple[list[Finding], list[Problem]]:
    """Findings by window, instrument and rank; a problem for a window without trades."""
    tracks: dict[tuple[Window, str], list[Piece]] = {}
    for piece in partials:
        if piece.rows:
            key = (piece.task.window, piece.task.track.instrument.key)
            tracks.setdefault(key, []).append(piece)
    findings: list[Finding] = []
    for pieces in tracks.values():
        low = min(p.low for p in pieces if p.low is not None)
        runs = _choose([r for p in pieces for r in p.runs], pieces[0].task.top, low)
        # Runs of pieces that made only their piece's low fall out again here.
        for rank, run in enumerate(runs, start=1):
            findings += _findings(pieces, rank, run, low)
    traded = {window for window, _ in tracks}
    return findings, [_nothing(w.name) for w in context.chosen if w not in traded]


def _findings(pieces: Sequence[Piece], rank: int, run: Run, low: Decimal) -> Iterator[Finding]:
    """Everything about one sweep; the ways back last."""
    task = pieces[0].task
    instrument = task.track.instrument
    quote, coin = instrument.quote or "quote", instrument.base or "base"
    caveats = set()
    if all(p.milliseconds for p in pieces):
        caveats.add("millisecond-clock")
    if run.trades != run.rows:
        caveats.add("aggregated")
    spans = tuple(
        Input(p.source, p.row_min, p.row_max)
        for p in Lake(task.track.root, task.track.parts).of("trades", instrument, task.window)
    )

    def made(
        name: str, value: Decimal | int | None, unit: str, *more: str, back: Back | None = None
    ) -> Finding:
        params: dict[str, Any] = {
            "side": run.side,
            "rank": rank,
            "makes_low": run.side == "sell" and run.end == low,
            "min_levels": task.min_levels,
            "min_range": task.min_range,
        }
        own = [Input(run.source, run.row_first, run.row_last, "extreme")]
        if back is not None:
            params["price"] = back.price
            own += [back.row] if back.row else []
        return Finding(
            name=f"{NAME}.{name}",
            subject=task.track.subject,
            value=value,
            unit=unit,
            method=METHODS[0].id,
            at=run.ts,
            window=task.window,
            params=params,
            inputs=(*own, *spans),
            count=run.rows,
            caveats=tuple(sorted({*caveats, *more})),
        )

    yield made("from", run.start, quote)
    yield made("to", run.end, quote)
    low_price, high_price = sorted((run.start, run.end))
    yield made("range", _lows.fall(low_price, high_price, run.start), "ratio")
    yield made("trades", run.trades, "trades")
    yield made("levels", run.levels, "levels")
    for name, value, unit in (
        ("quantity", run.quantity, coin),
        ("notional", run.notional, quote),
        ("at_extreme.quantity", run.extreme_quantity, coin),
        ("at_extreme.notional", run.extreme_notional, quote),
    ):
        if value is not None:
            yield made(name, value, unit)
    for back in run.backs:
        missing = () if back.at else ("not-recovered",) if run.later else ("no-later-trades",)
        passed = None if back.at is None else back.at - run.ts
        yield made("return_time", passed, "us", *missing, back=back)


def _nothing(window: str) -> Problem:
    return Problem(
        "no-trades",
        ABSENT,
        Text(
            f"sweep: no single trades at hand in the window '{window}'",
            f"sweep：时间窗“{window}”内没有逐笔成交数据",
        ),
    )
