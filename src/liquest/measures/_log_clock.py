"""Logs put on the clock of the tape: by fills that both show, and by the exchange's own times.

By fills: a fill of the log that names instrument, price and quantity is looked for among the
trades of that instrument, same price and size (or the same price, where no size stands in
the log), within `reach` of it. Every pair votes for an offset; the offset that most fills
share within `near` is that of the log, its interval that of a median by order statistics.
By exchange times: a line that carries the venue's own time (transactTime, updateTime …) was
written after it, so the median of written minus venue time is offset plus the way back.

Offsets are µs to be added to the log's times to be on the tape's clock.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..clock import SECOND, Window
from ..errors import LiquestError
from ..instruments import Instrument
from ..logs.schema import FILLED
from ..logs.store import LogFile, Logs
from ..run.database import connection
from ..tape.lake import Lake
from ..tape.unified import instrument_of

Ints = npt.NDArray[np.int64]

LEAST = 3
"""Fills, or lines with an exchange's time, that must agree."""
_MOST = 2000
_NEAR = SECOND

FILLS_SQL = f"""
SELECT row_no, ts, venue, market, symbol, price, quantity FROM {{events}}
WHERE kind = '{FILLED}' AND price IS NOT NULL AND symbol IS NOT NULL
ORDER BY row_no LIMIT {_MOST}
"""
MATCH_SQL = """
SELECT f.number, t.ts - f.ts AS gap
FROM (SELECT unnest($numbers::BIGINT[]) AS number, unnest($moments::BIGINT[]) AS ts,
             unnest($prices::VARCHAR[])::DECIMAL(38, 18) AS price,
             unnest($sizes::VARCHAR[])::DECIMAL(38, 18) AS size) f
JOIN {trades} t ON t.price = f.price AND (f.size IS NULL OR t.raw_size = f.size)
 AND t.ts BETWEEN f.ts - {reach} AND f.ts + {reach}
"""
EXCHANGE_SQL = """
SELECT row_no, exchange_ts - ts AS gap FROM {events}
WHERE exchange_ts IS NOT NULL AND abs(exchange_ts - ts) <= {reach} ORDER BY row_no
"""
SQL = f"{FILLS_SQL.strip()}\n\n{MATCH_SQL.strip()}\n\n{EXCHANGE_SQL.strip()}"


@dataclass(frozen=True)
class Offset:
    """`us` to be added, with its interval; `matched` of `of` fills or lines agree; `row` is one
    of those in the middle."""

    us: int
    low: int
    high: int
    matched: int
    of: int
    row: int


def instruments(lake: Lake, venue: str | None, market: str | None, symbol: str) -> list[Instrument]:
    """Instruments of the tape that a symbol of a log names: of its venue and kind where the log
    says them."""
    try:
        named = instrument_of(venue or "binance", symbol)
    except LiquestError:
        return []
    plain = _plain(named.symbol)
    return [
        i
        for i in lake.instruments("trades", "seconds", "bars")
        if _plain(i.symbol) == plain
        and (venue is None or i.venue == venue)
        and (market is None or i.kind == market)
        and (not symbol.endswith((":USDT", ":USDC")) or i.kind == named.kind)
    ]


def _plain(symbol: str) -> str:
    return "".join(c for c in symbol.upper() if c not in "/-_:")


def by_fills(logs: Logs, file: LogFile, lake: Lake, window: Window, reach: int) -> Offset | None:
    """The offset that the fills of a log show; None where too few are on the tape."""
    rows = connection().execute(FILLS_SQL.format(events=logs.events(window, [file]))).fetchall()
    groups: dict[Instrument, list[int]] = {}
    for number, (_, _, venue, market, symbol, _, _) in enumerate(rows):
        for instrument in instruments(lake, venue, market, symbol):
            if lake.of("trades", instrument):
                groups.setdefault(instrument, []).append(number)
    numbers: list[Ints] = []
    gaps: list[Ints] = []
    for instrument, mine in groups.items():
        span = Window("reach", min(rows[n][1] for n in mine) - reach,
                      max(rows[n][1] for n in mine) + reach + 1)  # fmt: skip
        if not lake.of("trades", instrument, span):
            continue
        query = MATCH_SQL.format(trades=lake.table("trades", instrument, span), reach=reach)
        given = {
            "numbers": mine, "moments": [rows[n][1] for n in mine],
            "prices": [str(rows[n][5]) for n in mine],
            "sizes": [None if rows[n][6] is None else str(rows[n][6]) for n in mine],
        }  # fmt: skip
        found = connection().execute(query, given).fetchnumpy()
        numbers.append(np.ma.getdata(found["number"]).astype(np.int64))
        gaps.append(np.ma.getdata(found["gap"]).astype(np.int64))
    if not sum(map(len, gaps)):
        return None
    lines = np.array([r[0] for r in rows], dtype=np.int64)
    return agreed(np.concatenate(numbers), np.concatenate(gaps), lines, len(rows))


def agreed(numbers: Ints, gaps: Ints, lines: Ints, of: int) -> Offset | None:
    """The offset that most fills share; None unless it is shared by LEAST of them, by half of
    those with any match, and by twice as many as any other offset.

    `numbers` and `gaps` are the pairs: the number of a fill and the offset it would need.
    """
    order = np.argsort(gaps, kind="stable")
    numbers, gaps = numbers[order], gaps[order]
    best, rival = _densest(numbers, gaps)
    inside = (gaps >= best) & (gaps <= best + 2 * _NEAR)
    chosen: dict[int, int] = {}
    middle = int(np.median(gaps[inside]))
    for number, gap in zip(numbers[inside].tolist(), gaps[inside].tolist(), strict=True):
        if number not in chosen or abs(gap - middle) < abs(chosen[number] - middle):
            chosen[number] = gap
    known = len(set(numbers.tolist()))
    if len(chosen) < max(LEAST, known / 2, 2 * rival):
        return None
    picked = sorted(chosen.items(), key=lambda item: (item[1], item[0]))
    low, high = median_places(len(picked))
    number, us = picked[len(picked) // 2]
    return Offset(us, picked[low][1], picked[high][1], len(picked), of, int(lines[number]))


def _densest(numbers: Ints, gaps: Ints) -> tuple[int, int]:
    """The lower edge of the stretch of 2·near that holds most fills (of equal ones the nearest
    to no offset), and how many the fullest stretch apart from it holds."""
    from ._log_clock_kernel import shared

    counts = shared(numbers, gaps, 2 * _NEAR, int(numbers.max()) + 1)
    most = np.flatnonzero(counts == counts.max())
    best = int(gaps[most[np.argmin(np.abs(gaps[most]))]])
    apart = counts[np.abs(gaps - best) > 4 * _NEAR]
    return best, int(apart.max(initial=0))


def by_exchange(logs: Logs, file: LogFile, window: Window, reach: int) -> Offset | None:
    """The offset that the exchange's own times in a log show; None where too few stand in it."""
    found = connection().execute(
        EXCHANGE_SQL.format(events=logs.events(window, [file]), reach=reach)
    ).fetchnumpy()  # fmt: skip
    gaps = np.ma.getdata(found["gap"]).astype(np.int64)
    if len(gaps) < LEAST:
        return None
    order = np.argsort(gaps, kind="stable")
    low, high = median_places(len(gaps))
    middle = order[len(gaps) // 2]
    rows = np.ma.getdata(found["row_no"])
    return Offset(
        int(gaps[middle]), int(gaps[order[low]]), int(gaps[order[high]]), len(gaps), len(gaps),
        int(rows[middle]),
    )  # fmt: skip


def median_places(n: int) -> tuple[int, int]:
    """Places of the order statistics that hold the median of n at 95 % or more, by the normal
    approximation of the binomial law, cut to the sample: n/2 ∓ (0.98·√n + 0.5)."""
    half = 0.98 * math.sqrt(n) + 0.5
    return max(math.floor(n / 2 - half), 0), min(math.ceil(n / 2 + half), n - 1)


def shift(
    logs: Logs, file: LogFile, lake: Lake, window: Window, params: Mapping[str, Any]
) -> Offset | None:
    """What puts a log on the tape's clock: its fills, where they show it."""
    return by_fills(logs, file, lake, window, int(params["reach"]) * SECOND)
