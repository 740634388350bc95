"""`bands`: depth that a venue gives by bands, held against itself and against the trades.

screen.bands            one per source: rows that cannot be ("rows"), how strong, in words
screen.bands.phantom    what such rows hold in common that no trade can explain (raw size)
screen.bands.corrected  depth less that, in a window of the case: the median, with the average
                        price of what is left and how far below (above) the market that is
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from ..clock import DAY, SECOND, Window, format_time
from ..errors import Text
from ..findings import Finding, Input, Method, plain, rounded
from ..measures import Context, flatten
from ..measures._bands import PRICE
from ..measures._params import integer
from ..problems import Problem
from ._bands_corrected import findings, input_of
from ._bands_say import averages, fits, rows_of, shrinking
from ._phantom_bands import ROWS_SQL, Bools, Remainder, Row, impossible, remainder, rows_by_band
from ._phantom_say import of_bands
from ._result import Said, Source, finding, sources, span_of
from ._witness import Heard, Witness, witness

NAME = "bands"
DEFAULTS: Mapping[str, Any] = {"windows": [], "tolerance": 5}
_SIGNS = {"bid": -1, "ask": 1}

METHODS = (
    Method(
        NAME,
        Text("Depth by bands against itself and the trades", "分档深度的自洽性及与成交的比对"),
        Text(
            "A row's average price is notional / depth. Of the narrowest band it cannot be at or "
            "above that of the asks' (bids; asks: at or below), nor beyond everything traded "
            "within `tolerance` seconds; a row of a minute is taken by its snapshot with least in "
            "it. phantom: where at least half of such rows hold one depth (within a thousandth), "
            "that depth with its average price; constant from the first row of the longest "
            "stretch in which every row holds it and nothing else, up to the last such row. "
            "corrected: depth less that, exact; of the rows in the window the one with the (lower) "
            "median. average: its average price; from_market: its distance from the middle of "
            "what was traded around it. The file measures its bands from a middle that takes the "
            "phantom for the best quote, so its p % is not p % from the market: `band` names the "
            "row. A row with nothing left does not reach the market, and says nothing of what "
            "stood there. Also counted: snapshots whose wider band holds less than a narrower one.",
            "某行均价 = 名义额 / 数量。最窄一档买单行的均价不可能不低于卖单行（卖单：不高于），也"
            "不可能高于（卖单：低于）前后 tolerance 秒内全部成交价；分钟行取其数量最少的快照。"
            "phantom：若至少半数此类行的数量相同（千分之一以内），即该数量及其均价；恒定起点为其后"
            "每行只含该数量的最长一段之首行，直至最后一个此类行。corrected：扣除后的深度（精确），"
            "取窗内（偏低）中位的一行；average 为其均价，from_market 为其距当时成交中点的距离。文"
            "件以把幽灵挂单当作最优报价的中间价划档，故其 p% 并非距市场 p%：band 仅为行名。扣除后"
            "为零的行未触及市场，不说明市场上有多少挂单。另计较宽一档少于较窄一档的快照数。",
        ),
        ROWS_SQL.strip(),
    ),
)


@dataclass(frozen=True)
class Task:
    """All bands of one source and their witness."""

    source: Source
    witness: Witness
    windows: tuple[Window, ...]
    tolerance: int


@dataclass(frozen=True)
class Side:
    """The narrowest band of one side, which of its rows cannot be, and what those hold."""

    name: str
    percentage: Decimal
    rows: list[Row]
    wrong: Bools
    inverted: int
    beyond: int
    held: Remainder | None


def plan(context: Context) -> list[Task]:
    """One task per source of bands, whole."""
    tolerance = integer(context.params, "tolerance", 0) * SECOND
    return [
        Task(source, witness(context.lake, source.track.instrument, span_of(source.track)),
             tuple(context.chosen), tolerance)
        for source in sources(context.lake, "depth", PRICE)
    ]  # fmt: skip


def work(task: Task) -> list[Finding]:
    """The findings of one source."""
    return list(_findings(task))


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order."""
    del context
    return flatten(partials), []


def _findings(task: Task) -> Iterator[Finding]:
    source, span = task.source, span_of(task.source.track)
    bands = rows_by_band(source.track, span)
    traded = task.witness.heard(Window("witness", span.start - DAY, span.end + DAY))
    sides = [s for side in _SIGNS if (s := _side(bands, side, traded, task.tolerance)) is not None]
    shrunk, beside = not_cumulative(bands), task.witness.inputs
    bad = [s for s in sides if s.wrong.any()]
    # Two averages that contradict each other do not say which of them is wrong; the trades do,
    # or one that never changes.
    bad = [s for s in bad if s.beyond or s.held is not None] or bad
    for side in bad:
        yield _averages(source, side, shrunk, beside)
    if not bad:
        shown = max((len(s.rows) for s in sides), default=0)
        what = rows_of(any(r.duration for s in sides for r in s.rows))
        witnessed = bool(task.witness.tracks)
        result = shrinking(shrunk, shown, what) if shrunk else fits(shown, what, witnessed)
        said = Said(result, shrunk, "rows", rows=beside, params={"not_cumulative": shrunk})
        yield finding(NAME, METHODS[0], source, said)
    for side in bad:
        if side.held is None:
            continue
        yield _phantom(source, side.held, traded, beside)
        own = {p: rows for p, rows in bands.items() if p * _SIGNS[side.name] > 0}
        yield from findings(
            f"screen.{NAME}.corrected", METHODS[0].id, source, task.windows, own, side.rows,
            side.held, traded, task.tolerance,
        )  # fmt: skip


def _side(
    bands: Mapping[Decimal, list[Row]], name: str, traded: Heard, tolerance: int
) -> Side | None:
    sign = _SIGNS[name]
    own = min((p for p in bands if p * sign > 0), key=abs, default=None)
    other = min((p for p in bands if p * sign < 0), key=abs, default=None)
    if own is None:
        return None
    against = [] if other is None else bands[other]
    inverted, beyond = impossible(name, bands[own], against, traded, tolerance)
    wrong = inverted | beyond
    return Side(
        name, abs(own), bands[own], wrong, int(inverted.sum()), int(beyond.sum()),
        remainder(name, bands[own], wrong),
    )  # fmt: skip


def not_cumulative(bands: Mapping[Decimal, list[Row]]) -> int:
    """Snapshots in which a wider band of a side holds less than a narrower one."""
    wrong: set[int] = set()
    for sign in _SIGNS.values():
        ordered = sorted((p for p in bands if p * sign > 0), key=abs)
        for narrow, wide in pairwise(ordered):
            held = {r.ts: r.depth for r in bands[narrow]}
            wrong |= {r.ts for r in bands[wide] if r.depth < held.get(r.ts, Decimal(0))}
    return len(wrong)


def _averages(source: Source, side: Side, shrunk: int, beside: tuple[Input, ...]) -> Finding:
    """One side's rows that cannot be."""
    wrong = [r for r, w in zip(side.rows, side.wrong, strict=True) if w]
    first, last = wrong[0], wrong[-1]
    counts = (len(wrong), side.inverted, len(side.rows))
    what = rows_of(bool(first.duration))
    result = averages(side.name, counts, what, first.ts, last.ts, plain(side.percentage))
    told = {
        "side": side.name, "band": Decimal(plain(side.percentage / 100)), "inverted": side.inverted,
        "beyond_trades": side.beyond, "not_cumulative": shrunk,
    }  # fmt: skip
    rows = (input_of(first), *beside)
    said = Said(result, len(wrong), "rows", first.ts, rows, told)
    return finding(NAME, METHODS[0], source, said)


def _phantom(source: Source, held: Remainder, traded: Heard, beside: tuple[Input, ...]) -> Finding:
    """What such rows hold in common."""
    instrument = source.track.instrument
    base = source.track.coin if instrument.counts_coins and source.track.coin else "contracts"
    told: dict[str, Any] = {
        "side": held.side, "average": rounded(held.price, 2), "until": format_time(held.last.ts),
        "breaks": held.breaks, "rows": held.shown, "values": [depth for depth, _ in held.values],
    }  # fmt: skip
    marks = [held.first, held.last]
    if held.steady is not None:
        told["constant_from"] = format_time(held.steady.ts)
        marks.append(held.steady)
    prices = traded.within(held.first.ts, held.last.ts)
    if prices is not None:
        told |= {"traded_low": prices[0], "traded_high": prices[1]}
    rows = (*(input_of(r) for r in marks), *beside)
    result = of_bands(held, base, prices)
    said = Said(result, held.depth, base, held.first.ts, rows, told)
    return finding(NAME, METHODS[0], source, said, "phantom")
