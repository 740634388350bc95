"""`errors`: what the logs say was refused, by code and class, with the venue's own meaning.

    errors.count      lines with this code (status, or class where neither stands); `at` is the
                      first, `params.last` the last
    errors.peak       most of them in one second; `at` is that second
    errors.seconds    seconds with at least one

Every line counts that says a refusal or a missing answer, whatever was asked for. A dated
table (logs/codes.toml) gives class, meaning and the wordings with the days from which they
were served; a wording that was met is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..clock import SECOND, format_time
from ..errors import Text
from ..findings import Finding, Method
from ..logs import codes
from ..logs.schema import REFUSED, UNANSWERED
from ..problems import Problem
from ..run.database import connection
from . import Context, flatten
from ._log_rows import LogTask, tasks

NAME = "errors"
DEFAULTS: Mapping[str, Any] = {"windows": []}

SQL = f"""
WITH failing AS (
    SELECT ts, row_no, venue, client, class, code, CASE WHEN code IS NULL THEN status END AS status,
           wording
    FROM {{events}} WHERE kind IN ('{REFUSED}', '{UNANSWERED}')),
seconds AS (
    SELECT venue, client, class, code, status, ts // {SECOND} AS second, count(*) AS n
    FROM failing GROUP BY ALL)
SELECT f.venue, f.client, f.class, f.code, f.status, count(*), min(ts), max(ts),
       arg_min(row_no, (ts, row_no)), arg_max(row_no, (ts, row_no)),
       list_sort(list(DISTINCT wording) FILTER (WHERE wording IS NOT NULL)),
       any_value(s.peak), any_value(s.second), any_value(s.seconds)
FROM failing f JOIN (
    SELECT venue, client, class, code, status, max(n) AS peak, count(*) AS seconds,
           arg_max(second, (n, -second)) AS second
    FROM seconds GROUP BY ALL) s
  ON f.client = s.client AND f.venue IS NOT DISTINCT FROM s.venue
 AND f.class IS NOT DISTINCT FROM s.class AND f.code IS NOT DISTINCT FROM s.code
 AND f.status IS NOT DISTINCT FROM s.status
GROUP BY ALL ORDER BY ALL
"""

METHODS = (
    Method(
        NAME,
        Text("Refusals by code", "按错误码统计的拒绝"),
        Text(
            "Lines of a client's log that say a refusal or a missing answer, by code; by HTTP "
            "status where there is no code; by class where there is neither. The class is that of "
            "the code in the dated table, else that of the wording, the status or the words of "
            "the line. count: lines, `at` the first. peak: most in one second, `at` that second. "
            "seconds: seconds with at least one. official: the venue's own meaning, in short.",
            "客户端日志中表明被拒绝或无应答的行，按错误码统计；无错误码时按 HTTP 状态码，两者皆无时"
            "按类别。类别取自带日期的错误码表，其次取自文本、状态码或该行用词。count 为行数，at 为"
            "首行；peak 为单秒最多行数，at 为该秒；seconds 为至少有一行的秒数。official meaning 为"
            "交易所自身释义之摘要。",
        ),
        SQL.strip(),
    ),
)


def plan(context: Context) -> list[LogTask]:
    """One task per log and window."""
    return tasks(context)


def work(task: LogTask) -> list[Finding]:
    """The findings of one log."""
    query = SQL.format(events=task.logs.events(task.window, [task.file]))
    return flatten(_findings(task, row) for row in connection().execute(query).fetchall())


def _findings(task: LogTask, row: tuple[Any, ...]) -> list[Finding]:
    (venue, client, cls, code, status, count, first, last, row_first, row_last, wordings, peak,
     second, seconds) = row  # fmt: skip
    named = {"class": cls or "other"}
    if code is not None:
        named["code"] = str(code)
    elif status is not None:
        named["status"] = str(status)
    params = {"last": format_time(last), **_official(venue or task.file.venue, code, status)}
    if wordings:
        params["wordings"] = [w.text for w in codes.wordings() if w.id in wordings]

    def made(name: str, value: int, unit: str, at: int) -> Finding:
        return Finding(
            name=f"{NAME}.{name}",
            subject=task.subject(client, venue, **named),
            value=value,
            unit=unit,
            method=METHODS[0].id,
            at=at,
            window=task.window,
            params=params,
            inputs=(*dict.fromkeys(task.rows(row_first, row_last)), task.scanned()),
            count=count,
            caveats=task.caveats(),
        )

    return [
        made("count", count, "lines", first),
        made("peak", peak, "lines/s", second * SECOND),
        made("seconds", seconds, "s", first),
    ]


def _official(venue: str, code: int | None, status: int | None) -> dict[str, Any]:
    """What the table says of a code or a status; nothing where it does not know it."""
    if code is not None and (known := codes.meaning(venue, code)) is not None:
        return {
            "official": list(known.meaning), "source": known.source, "certainty": known.certainty,
        }  # fmt: skip
    if status is not None and code is None and status in codes.statuses():
        return {"official": list(codes.statuses()[status][1]), "certainty": "standard"}
    return {}


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """Findings in the order of windows, logs and codes."""
    del context
    return flatten(partials), []
