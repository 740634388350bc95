"""`log_wording`: a venue's text that was not served yet at the time of its line.

    screen.log_wording    lines with such a text ("lines"), in words; `at` is the first

The dated table (logs/codes.toml) says when a text was announced and from when it was served.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..clock import DAY, format_time
from ..errors import Text
from ..findings import Finding, Method
from ..logs import codes
from ..measures import Context
from ..measures._params import integer
from ..problems import Problem
from . import _log_result
from ._log_result import OneLog, flat, log_finding
from ._result import HINT, SOUND, STRONG, Result, Said

NAME = "log_wording"
DEFAULTS: Mapping[str, Any] = {"days": 1}

SQL = """
SELECT wording, count(*), min(ts), arg_min(row_no, ts) FROM {events}
WHERE wording IS NOT NULL GROUP BY wording ORDER BY wording
"""
EARLY_SQL = "SELECT count(*) FROM {events} WHERE wording = $wording AND ts < $limit"

METHODS = (
    Method(
        NAME,
        Text("A text before its time", "早于生效日期的文本"),
        Text(
            "Lines that hold a venue's wording more than `days` before the day from which it was "
            "served, by the dated table. Strong before the day on which it was announced, a hint "
            "between announcement and service.",
            "含有交易所某一文本、但时间比其生效日早 days 天以上的行数（据带日期的文本表）。"
            "早于公告日"
            "为 strong，介于公告日与生效日之间为 hint。",
        ),
        f"{SQL.strip()}\n\n{EARLY_SQL}",
    ),
)
_EARLY = Text(
    "some servers had the text before it was announced, the log's clock or zone is off, or the "
    "line was written by a later version of the program from a stored answer",
    "部分服务器在公告前已使用该文本，或日志时钟、时区有误，或该行由较新版本的程序据存储的应答写成",
)
_NOT = Text(
    "it does not follow that the other lines are not as they were written",
    "不能由此推断其他各行并非原样",
)


def plan(context: Context) -> list[OneLog]:
    """One task a log."""
    integer(context.params, "days", 0)
    return _log_result.plan(context)


def work(log: OneLog) -> list[Finding]:
    """The result of one log."""
    known = {w.id: w for w in codes.wordings()}
    margin = log.params["days"] * DAY
    texts: list[dict[str, Any]] = []
    rows: list[int] = []
    strength, lines, first_at = SOUND, 0, None
    for wording, count, first, row in log.query(SQL).fetchall():
        lines += count
        one = known[wording]
        if one.since is None or one.announced is None or first >= one.since - margin:
            continue
        given = {"wording": wording, "limit": one.since - margin}
        before = log.query(EARLY_SQL, given).fetchone()[0]
        strength = STRONG if first < one.announced - margin or strength == STRONG else HINT
        first_at = first if first_at is None else min(first_at, first)
        rows.append(row)
        texts.append(
            {
                "wording": one.text, "lines": before, "source": one.source,
                "announced": format_time(one.announced)[:10],
                "served_from": format_time(one.since)[:10],
            }
        )  # fmt: skip
    early = sum(t["lines"] for t in texts)
    if strength == SOUND:
        result = Result(SOUND, Text("no text before its time", "没有早于生效日期的文本"))
    else:
        shown = texts[0]
        said = Text(
            f"{early:,} lines with a text served only from {shown['served_from']} (announced "
            f"{shown['announced']})",
            f"{early:,} 行含有自 {shown['served_from']} 起才使用的文本（公告于 "
            f"{shown['announced']}）",
        )
        result = Result(strength, said, _EARLY, _NOT)
    whole = Said(result, early, "lines", first_at, log.rows(*rows), {"texts": texts})
    return [log_finding(NAME, METHODS[0], log, whole, count=lines)]


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """The results by log."""
    del context
    return flat(partials), []
