"""`clocks`: how far a log's clock is from the tape's, in seconds to be added to the log.

    clocks.fills       by fills that both the log and the tape show
    clocks.exchange    by the exchange's own times in the log: offset plus the way back
    clocks.between     for two logs with fills: what must be added to the second to be on the
                       clock of the first

The interval (`params.low`, `params.high`) is that of a median by order statistics. Measures
that set a log beside the tape, or two logs beside each other, add the offset of the fills
where it is larger than its own uncertainty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

from ..clock import SECOND
from ..errors import Text
from ..findings import Finding, Input, Method
from ..problems import Problem
from ..tape.lake import Lake
from . import Context
from ._log_clock import SQL, Offset, by_exchange, by_fills
from ._log_rows import LogTask, tasks
from ._params import integer

NAME = "clocks"
DEFAULTS: Mapping[str, Any] = {"windows": [], "reach": 300}

METHODS = (
    Method(
        NAME,
        Text("A log's clock against the tape's", "日志时钟与行情时钟之差"),
        Text(
            "fills: every fill of the log with instrument and price is paired with the trades of "
            "the tape at the same price and size within `reach` seconds; the offset that most "
            "fills share within a second, if at least 3 do, half of those with any match, and "
            "twice as many as any other offset. exchange: median of the exchange's own time in a "
            "line minus the time of the line. Positive: the log's clock is behind. low, high: "
            "order statistics n/2 ∓ (0.98√n + 0.5). between: difference of two offsets by fills.",
            "fills：日志中写明合约与价格的每笔成交，与行情中 reach 秒内同价同量的成交配对；"
            "取最多成交"
            "在一秒内共有的时差（至少 3 笔，且不少于有配对者之半，并为其他时差的两倍以上）。"
            "exchange：行内交易所时间减该行时间的中位数。正值表示日志时钟偏慢。low、"
            "high 为次序统计量 "
            "n/2 ∓（0.98√n + 0.5）。between：两份日志按 fills 所得时差之差。",
        ),
        SQL,
    ),
)


@dataclass(frozen=True)
class Task:
    """One log in one window, with the lake that its fills are looked for in."""

    log: LogTask
    lake: Lake


@dataclass(frozen=True)
class Placed:
    """What was found of one log."""

    log: LogTask
    fills: Offset | None
    exchange: Offset | None


def plan(context: Context) -> list[Task]:
    """One task per log and window."""
    integer(context.params, "reach", 1)
    return [Task(one, context.lake) for one in tasks(context)]


def work(task: Task) -> Placed:
    """Both offsets of one log."""
    log = task.log
    reach = int(log.params["reach"]) * SECOND
    return Placed(
        log,
        by_fills(log.logs, log.file, task.lake, log.window, reach),
        by_exchange(log.logs, log.file, log.window, reach),
    )


def merge(context: Context, partials: Sequence[Placed]) -> tuple[list[Finding], list[Problem]]:
    """Findings by window and log, then by pairs of logs."""
    del context
    findings = []
    for one in partials:
        for name, offset in (("fills", one.fills), ("exchange", one.exchange)):
            if offset is not None:
                findings.append(_finding(one.log, name, offset))
    for first, second in combinations([p for p in partials if p.fills is not None], 2):
        if first.log.window == second.log.window and first.fills and second.fills:
            findings.append(_between(first, second, first.fills, second.fills))
    return findings, []


def _finding(log: LogTask, name: str, offset: Offset) -> Finding:
    return Finding(
        name=f"{NAME}.{name}",
        subject=log.subject(log.file.client),
        value=_seconds(offset.us),
        unit="s",
        method=METHODS[0].id,
        window=log.window,
        params={
            "low": _seconds(offset.low), "high": _seconds(offset.high), "matched": offset.matched,
            "of": offset.of,
        },
        inputs=(*log.rows(offset.row), log.scanned()),
        count=offset.matched,
        caveats=log.caveats(*(("way-back-included",) if name == "exchange" else ())),
    )  # fmt: skip


def _between(one: Placed, other: Placed, first: Offset, second: Offset) -> Finding:
    low, high = second.low - first.high, second.high - first.low
    inputs: tuple[Input, ...] = (
        *one.log.rows(first.row), *other.log.rows(second.row), one.log.scanned(),
        other.log.scanned(),
    )  # fmt: skip
    return Finding(
        name=f"{NAME}.between",
        subject=one.log.subject(one.log.file.client, other=other.log.file.name),
        value=_seconds(second.us - first.us),
        unit="s",
        method=METHODS[0].id,
        window=one.log.window,
        params={"low": _seconds(low), "high": _seconds(high)},
        inputs=inputs,
        count=first.matched + second.matched,
        caveats=tuple(sorted({*one.log.caveats(), *other.log.caveats()})),
    )


def _seconds(us: int) -> Decimal:
    return Decimal(us) / SECOND
