"""`log_prices`: fills of a log at prices that the tape did not trade then.

    screen.log_prices    fills whose price lies outside of everything that the same instrument
                         traded within `seconds` (whole ones), widened by `slack` of the price
                         ("fills"), in words; parameters: fills, judged and the first such rows

The log is put on the tape's clock by its fills where they show an offset; where nothing does,
everything within `reach` seconds counts. Fills of which the tape has no trade near are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from ..clock import SECOND, Window
from ..errors import Text
from ..findings import Finding, Input, Method
from ..instruments import Instrument
from ..logs.schema import FILLED
from ..measures import Context
from ..measures._log_clock import by_fills, instruments
from ..measures._params import decimal, integer
from ..problems import Problem
from ..run.database import connection
from . import _log_result
from ._log_result import OneLog, flat, log_finding
from ._result import HINT, SOUND, STRONG, Result, Said

NAME = "log_prices"
DEFAULTS: Mapping[str, Any] = {"seconds": 5, "slack": "0.001", "reach": 300, "least": 3}
_MOST = 20_000
_SHOWN = 5

FILLS_SQL = f"""
SELECT row_no, ts, venue, market, symbol, price FROM {{events}}
WHERE kind = '{FILLED}' AND price IS NOT NULL AND symbol IS NOT NULL ORDER BY row_no LIMIT {_MOST}
"""
BAND_SQL = f"""
WITH seconds AS (
    SELECT ts // {SECOND} AS second, min(price) AS low, max(price) AS high
    FROM {{trades}} GROUP BY 1)
SELECT f.number, min(s.low), max(s.high)
FROM (SELECT unnest($numbers::BIGINT[]) AS number, unnest($moments::BIGINT[]) AS ts) f
JOIN seconds s ON s.second BETWEEN (f.ts - {{near}}) // {SECOND} AND (f.ts + {{near}}) // {SECOND}
GROUP BY f.number
"""

METHODS = (
    Method(
        NAME,
        Text("Fills away from the tape", "与行情不符的成交价"),
        Text(
            "Fills whose price is below the lowest or above the highest trade of the instrument "
            "within `seconds` (within `reach` where the log's clock could not be set against the "
            "tape), by more than `slack` of it. A hint where there are any, strong from `least` "
            "that are half of all judged.",
            "成交价低于（高于）该合约前后 seconds 秒内（日志时钟无法与行情带对齐时为 reach 秒内）"
            "最低（最高）成交价、且超出 slack 比例者的笔数。"
            "有则为 hint，不少于 least 笔且占被判断者一半以上为 strong。",
        ),
        f"{FILLS_SQL.strip()}\n\n{BAND_SQL.strip()}",
    ),
)
_OTHER = Text(
    "the symbol means another market (spot, perpetual, an index), the price is an average over an "
    "order that began earlier, the clock is off, or the tape lacks trades",
    "该代码指另一市场（现货、永续或指数），价格为更早开始的订单的均价，时钟有误，或行情数据不全",
)
_NOT = Text("it does not follow that the order was not filled", "不能由此推断订单未成交")


class Outside(NamedTuple):
    """A fill with the lowest and highest trade near it."""

    row: int
    ts: int
    price: Decimal
    low: Decimal
    high: Decimal


def plan(context: Context) -> list[OneLog]:
    """One task a log."""
    for name in ("seconds", "reach", "least"):
        integer(context.params, name, 1)
    decimal(context.params, "slack")
    return _log_result.plan(context)


def work(log: OneLog) -> list[Finding]:
    """The result of a log that has fills."""
    fills = log.query(FILLS_SQL).fetchall()
    if not fills:
        return []
    whole = Window("log", log.file.ts_min, log.file.ts_max + 1)
    offset = by_fills(log.logs, log.file, log.lake, whole, log.params["reach"] * SECOND)
    near = log.params["seconds" if offset is not None else "reach"]
    judged, outside, inputs = 0, [], []
    for band, found, read in _bands(log, fills, 0 if offset is None else offset.us, near * SECOND):
        judged += band
        outside += found
        inputs += read
    outside.sort()
    said = Text(
        f"{len(outside):,} of {judged:,} fills lie outside of what the tape traded within {near} s",
        f"{judged:,} 笔成交中有 {len(outside):,} 笔超出行情前后 {near} 秒的成交范围",
    )
    if outside:
        many = len(outside) >= log.params["least"] and 2 * len(outside) >= judged
        result = Result(STRONG if many else HINT, said, _OTHER, _NOT)
    else:
        result = Result(SOUND, said)
    shown = [
        {"row": o.row, "price": o.price, "low": o.low, "high": o.high} for o in outside[:_SHOWN]
    ]
    found_ = Said(
        result, len(outside), "fills", outside[0].ts if outside else None,
        log.rows(*(o.row for o in outside[:_SHOWN])),
        {"fills": len(fills), "judged": judged, "shown": shown},
        () if offset is not None else ("clock-unaligned",),
    )  # fmt: skip
    return [log_finding(NAME, METHODS[0], log, found_, count=judged, inputs=inputs)]


def _bands(
    log: OneLog, fills: Sequence[tuple[Any, ...]], shift: int, near: int
) -> Iterator[tuple[int, list[Outside], list[Input]]]:
    """(fills judged, those outside, rows of the tape) by instrument."""
    slack = decimal(log.params, "slack")
    for instrument, mine in _grouped(log, fills).items():
        moments = [fills[n][1] + shift for n in mine]
        span = Window("band", min(moments) - near, max(moments) + near + 1)
        parts = log.lake.of("trades", instrument, span)
        if not parts:
            continue
        query = BAND_SQL.format(trades=log.lake.table("trades", instrument, span), near=near)
        bands = connection().execute(query, {"numbers": mine, "moments": moments}).fetchall()
        outside = [
            Outside(fills[n][0], fills[n][1], fills[n][5], low, high)
            for n, low, high in bands
            if not low * (1 - slack) <= fills[n][5] <= high * (1 + slack)
        ]
        yield len(bands), outside, [Input(p.source, p.row_min, p.row_max) for p in parts]


def _grouped(log: OneLog, fills: Sequence[tuple[Any, ...]]) -> dict[Instrument, list[int]]:
    """Numbers of fills by the one instrument that they name."""
    found: dict[Instrument, list[int]] = {}
    known: dict[tuple[Any, ...], Instrument | None] = {}
    for number, (_, _, *named, _) in enumerate(fills):
        key = tuple(named)
        if key not in known:
            held = instruments(log.lake, *named)
            known[key] = held[0] if len(held) == 1 else None
        instrument = known[key]
        if instrument is not None:
            found.setdefault(instrument, []).append(number)
    return found


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """The results by log."""
    del context
    return flat(partials), []
