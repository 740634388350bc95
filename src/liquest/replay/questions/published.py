"""`published`: the replayed mark against the marks that the venue published.

Where the tape holds published mark bars of a contract beside bars of its trades, mark ÷ last
is compared minute by minute with the replayed mark ÷ last of the same contract, or of the
venue's other perpetual of the coin where only that has a path by the second. The residual
tells which window and which formula the published minute bears, and which it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...clock import MINUTE, SECOND, Window
from ...errors import Text
from ...findings import Finding, Input, Method, rounded
from ...problems import Problem
from ...tape.tracks import Floats, Ints, Track, tracks, walk
from ..context import Context
from ..marks import Marked
from ..rows import rules_taken
from ..scenario import Scenario
from ._lows import RULES

NAME = "published"
DEFAULTS: Mapping[str, Any] = {"windows": ["30", "60", "150"]}
METHODS = tuple(
    Method(
        f"replay.{NAME}.{part}",
        Text(f"Distance from the published mark: {en}", f"与公布标记价格的差距：{zh}"),
        Text(
            "For each minute in which the venue's mark bar and trade bar of a contract are on the "
            f"tape, (mark ÷ last)_replayed − (mark ÷ last)_published at the {en} of the minute; "
            "the value is the median of its absolute value over the minutes. Where the replayed "
            "contract is another of the same coin and venue, only the ratio can be compared.",
            "对行情带中同时有某合约标记价格 K 线与成交 K 线的每一分钟，计算该分钟"
            f"{zh}处（标记价格÷成交价）重放值减公布值；取值为各分钟绝对值的中位数。若所重放的是同一场所"
            "同一币种的另一合约，则只能比较该比值。",
        ),
    )
    for part, en, zh in (("close", "close", "收盘"), ("low", "low", "最低"))
)


@dataclass(frozen=True)
class Minutes:
    """Published bars: opening times (µs) and mark ÷ last at their closes and lows."""

    mark: Track
    trade: Track
    ts: Ints
    close: Floats
    low: Floats


def ask(context: Context) -> tuple[list[Finding], list[Problem]]:
    """Residuals of every published contract under each window, and under the index alone."""
    windows = (context.params or DEFAULTS)["windows"]
    chosen = [
        *(Scenario({"mark.window": str(w)}) for w in windows), Scenario({"mark.formula": "index"}),
    ]  # fmt: skip
    found: list[Finding] = []
    for minutes in published(context):
        for scenario in chosen:
            marks = context.marked(scenario)
            if (one := _of(minutes, marks)) is not None:
                found += _residuals(context, scenario, minutes, one)
    return found, []


def published(context: Context) -> Iterator[Minutes]:
    """Contracts of the venue with minutes of mark, and of trades by the bar or the second."""
    found = {
        (t.instrument.key, t.price): t
        for t in tracks(context.lake, context.span, per_second=True)
        if t.instrument.venue == context.venue
    }
    for (key, price), mark in sorted(found.items()):
        trade = found.get((key, "trade"))
        if price != "mark" or mark.duration != MINUTE or trade is None:
            continue
        of_mark = walk(mark, context.span)
        ts, low, close = _minutes(trade, context.span)
        both, left, right = np.intersect1d(of_mark.ts, ts, return_indices=True)
        inside = (both >= context.span.start) & (both + MINUTE <= context.span.end)
        left, right = left[inside], right[inside]
        if len(left):
            yield Minutes(
                mark, trade, both[inside], of_mark.close[left] / close[right],
                of_mark.low[left] / low[right],
            )  # fmt: skip


def _minutes(trade: Track, window: Window) -> tuple[Ints, Floats, Floats]:
    """Opening times, lows and closes of the minutes of a trade track."""
    rows = walk(trade, window)
    starts = rows.ts // MINUTE * MINUTE
    first = np.flatnonzero(np.diff(starts, prepend=-1))
    if not len(first):
        return starts, rows.low, rows.close
    last = np.concatenate([first[1:], [len(starts)]]) - 1
    # Lows of closes, as the replay sees them by the second, not of single trades.
    lows = rows.low if trade.duration == MINUTE else rows.close
    return starts[first], np.minimum.reduceat(lows, first), rows.close[last]


def _of(minutes: Minutes, marks: list[Marked]) -> Marked | None:
    """The market of the same contract, else one of the same coin."""
    same = [m for m in marks if m.recorded.market.instrument == minutes.mark.instrument]
    coin = [m for m in marks if m.recorded.market.own.coin == minutes.mark.coin]
    return next(iter([*same, *coin]), None)


def _residuals(
    context: Context, scenario: Scenario, minutes: Minutes, one: Marked
) -> Iterator[Finding]:
    seconds = one.recorded.seconds
    close, low = (np.full(len(minutes.ts), np.nan) for _ in range(2))
    for place, ts in enumerate(minutes.ts):
        inside = (seconds >= ts) & (seconds + SECOND <= ts + MINUTE)
        mark, last = one.mark[inside], one.last[inside]
        if len(mark) and np.isfinite(mark).all() and np.isfinite(last).all():
            close[place] = mark[-1] / last[-1] - minutes.close[place]
            low[place] = mark.min() / last.min() - minutes.low[place]
    market = one.recorded.market
    taken, firm = rules_taken(context.rules_of(scenario), RULES, market.symbol)
    caveats = [*one.recorded.caveats, *([] if firm else ["assumed-rules"])]
    if market.instrument != minutes.mark.instrument:
        caveats.append("other-contract")
    inputs = [
        Input(p.source, p.row_min, p.row_max)
        for t in (minutes.mark, minutes.trade) for p in t.parts
    ]  # fmt: skip
    for method, values in zip(METHODS, (close, low), strict=True):
        known = values[np.isfinite(values)]
        if len(known):
            yield Finding(
                name=method.name, subject={**minutes.mark.subject}, unit="ratio",
                value=rounded(float(np.median(np.abs(known))), 6), method=method.id,
                window=context.span, count=len(known), caveats=tuple(dict.fromkeys(caveats)),
                params={
                    "scenario": scenario.label, "rules": taken, "replayed": market.symbol,
                    "signed": rounded(float(np.median(known)), 6),
                },
                inputs=tuple(dict.fromkeys([*inputs, *one.recorded.inputs])),
            )  # fmt: skip
