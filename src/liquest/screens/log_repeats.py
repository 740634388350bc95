"""`log_repeats`: the same message twice in one log.

    screen.log_repeats          what was found of a log, in words; value: pairs as in `moved`
    screen.log_repeats.same     lines that stand there again with the same time and text
    screen.log_repeats.moved    texts that stand there exactly twice, all pairs the same time
                                apart to the millisecond: a passage repeated at another time

Heartbeats repeat their text for ever and say nothing; a text that stands there exactly twice
mostly names an order or a price, and many such pairs at one distance are a copied passage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import Text
from ..findings import Finding, Method
from ..measures import Context
from ..measures._params import integer
from ..problems import Problem
from . import _log_result
from ._log_result import OneLog, flat, log_finding
from ._result import HINT, SOUND, STRENGTHS, STRONG, Result, Said, many

NAME = "log_repeats"
DEFAULTS: Mapping[str, Any] = {"pairs": 10, "lines": 3}

SAME_SQL = """
SELECT coalesce(sum(n - 1), 0)::BIGINT, (SELECT count(*) FROM {events}), min(second)
FROM (SELECT count(*) AS n, max(row_no) AS second FROM {events}
      GROUP BY ts, text_hash HAVING count(*) > 1)
"""
MOVED_SQL = """
WITH twice AS (
    SELECT text_hash, min(row_no) AS first, max(row_no) AS second,
           (arg_max(ts, row_no) - arg_min(ts, row_no)) // 1000 AS apart
    FROM {events} GROUP BY text_hash HAVING count(*) = 2)
SELECT apart, count(*) AS n, min(first), min(second) FROM twice
WHERE apart <> 0 AND second > first + 1
GROUP BY apart ORDER BY n DESC, apart LIMIT 1
"""

METHODS = (
    Method(
        NAME,
        Text("The same message twice", "重复的消息"),
        Text(
            "same: lines beyond the first with equal time and equal text (without its time); a "
            "hint from `lines` on. moved: texts that stand in the log exactly twice, by their "
            "distance in time to the ms; the commonest distance, a hint from 3 pairs, strong from "
            "`pairs`.",
            "same：时间与文本（不含时间）均相同的重复行数，达 lines 行为 hint。moved："
            "恰好出现两次的文本"
            "按两次相隔时间（毫秒）归类，取最常见的间隔：达 3 对为 hint，达 pairs 对为 strong。",
        ),
        f"{SAME_SQL.strip()}\n\n{MOVED_SQL.strip()}",
    ),
)
_HANDLERS = Text(
    "two handlers of the logging set-up write every line, or rotated files were joined with their "
    "overlap",
    "日志配置了两个处理器而各写一遍，或拼接轮转文件时有重叠",
)
_RESENT = Text(
    "a queue was sent again after a break, or a collector stamped old lines with the time of their "
    "arrival",
    "断线后队列重发，或采集程序以到达时间为旧日志打上时间戳",
)
_NOT = Text("counts of attempts may be too high", "请求次数可能偏多")
_LEAST = 3


def plan(context: Context) -> list[OneLog]:
    """One task a log."""
    integer(context.params, "pairs", _LEAST)
    integer(context.params, "lines", 1)
    return _log_result.plan(context)


def work(log: OneLog) -> list[Finding]:
    """The result of one log, then its two parts."""
    again, lines, row = log.query(SAME_SQL).fetchone()
    found = log.query(MOVED_SQL).fetchone()
    apart, pairs, first, second = found or (0, 0, None, None)
    said = Text(
        f"{again:,} of {lines:,} lines repeat an earlier one, time included",
        f"{lines:,} 行中有 {again:,} 行连同时间与此前某行相同",
    )
    same = Said(
        Result(HINT, said, _HANDLERS, _NOT)
        if again >= log.params["lines"]
        else Result(SOUND, said),
        again, "lines", rows=log.rows(row),
    )  # fmt: skip
    said = Text(
        f"{many(pairs, 'text')} {'stands' if pairs == 1 else 'stand'} there twice, "
        f"{apart:,} ms apart",
        f"{pairs:,} 条文本各出现两次，相隔均为 {apart:,} 毫秒",
    )
    if not pairs:
        said = Text("no text stands there twice at different times", "没有文本在不同时间出现两次")
    strength = SOUND if pairs < _LEAST else STRONG if pairs >= log.params["pairs"] else HINT
    moved = Said(
        Result(SOUND, said) if strength == SOUND else Result(strength, said, _RESENT, _NOT),
        pairs, "pairs", rows=log.rows(first, second), params={"apart_ms": int(apart)},
    )  # fmt: skip
    ranks = list(STRENGTHS)
    own = max((moved, same), key=lambda s: ranks.index(s.result.strength))
    return [
        log_finding(NAME, METHODS[0], log, own, count=lines),
        log_finding(NAME, METHODS[0], log, same, "same", lines),
        log_finding(NAME, METHODS[0], log, moved, "moved", lines),
    ]


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """The results by log."""
    del context
    return flat(partials), []
