"""`log_clock`: times that run backwards from one line of a log to the next.

    screen.log_clock    steps back of more than `tolerance` ms ("steps"), in words;
                        `params.largest` in seconds, `at` the time after the largest

Lines of one client in one format are compared in the order in which they stand in the file.
Steps of whole quarters of an hour are zones, which the reading of the log has settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..clock import SECOND, span
from ..errors import Text
from ..findings import Finding, Method
from ..measures import Context
from ..measures._params import integer
from ..problems import Problem
from . import _log_result
from ._log_result import OneLog, flat, log_finding
from ._result import HINT, SOUND, STRONG, Result, Said, many

NAME = "log_clock"
DEFAULTS: Mapping[str, Any] = {"tolerance": 50, "large": 5}

SQL = """
WITH steps AS (
    SELECT ts, row_no, ts - lag(ts) OVER (PARTITION BY client, format ORDER BY row_no) AS step
    FROM {events})
SELECT count(*) FILTER (WHERE step < -1000 * {tolerance}),
       count(*) FILTER (WHERE step <= -1000000),
       coalesce(min(step), 0), arg_min(ts, step), arg_min(row_no, step), count(*)
FROM steps
"""

METHODS = (
    Method(
        NAME,
        Text("A clock that runs backwards", "时钟倒退"),
        Text(
            "Steps back of more than `tolerance` ms between successive lines of one client and "
            "format. A hint where there are any, strong from `large` of at least a second.",
            "同一客户端、同一格式的相邻行之间，时间倒退超过 tolerance 毫秒的次数。有则为 hint，"
            "其中达"
            "一秒者不少于 large 次为 strong。",
        ),
        SQL.strip(),
    ),
)
_SYNC = Text(
    "the machine's clock was set by a time service, or several threads or processes write into "
    "one file",
    "机器时钟被校时服务调整，或多个线程、进程写入同一文件",
)
_NOT = Text(
    "the order of lines is not the order of times; durations across the step are uncertain",
    "行序不等于时序；跨越倒退处的时长不确定",
)


def plan(context: Context) -> list[OneLog]:
    """One task a log."""
    integer(context.params, "tolerance", 0)
    integer(context.params, "large", 1)
    return _log_result.plan(context)


def work(log: OneLog) -> list[Finding]:
    """The result of one log."""
    steps, large, lowest, at, row, lines = log.query(
        SQL, tolerance=log.params["tolerance"]
    ).fetchone()  # fmt: skip
    largest = -min(lowest, 0)
    if steps:
        said = Text(
            f"times step back in {many(steps, 'place')}, by {span(largest)} at most",
            f"时间倒退 {steps:,} 处，最多 {span(largest)}",
        )
        strength = STRONG if large >= log.params["large"] else HINT
        result = Result(strength, said, _SYNC, _NOT)
    else:
        result = Result(SOUND, Text("times do not step back", "时间没有倒退"))
    params = {"largest": Decimal(largest) / SECOND, "of_a_second": large}
    rows = log.rows(row) if steps else ()
    whole = Said(result, steps, "steps", at if steps else None, rows, params)
    return [log_finding(NAME, METHODS[0], log, whole, count=lines)]


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """The results by log."""
    del context
    return flat(partials), []
