"""`availability`: the share of order-entry attempts that got through, by what was asked for.

    availability.accepted    accepted / attempts
    availability.answered    (accepted + judged) / attempts, where judged means refused for a
                             reason that lies in the order itself (class validation)
    availability.worst       the lowest share accepted in one minute of at least `least`
                             attempts; `at` is that minute

Actions: open, close, reduce-only, cancel, transfer, login; `order` is a new order that does
not say whether it opens or closes, `unstated` a refusal of which not even that is known.
Attempts are those of logs/attempts.py; one without an answer is not accepted. Shares come
with Wilson's 95 % interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..clock import MINUTE
from ..errors import Text
from ..findings import Finding, Method
from ..logs.schema import ACCEPTED, REFUSED, UNANSWERED, VALIDATION
from ..problems import Problem
from ..run.database import connection
from . import Context, flatten
from ._log_rows import UNSTATED, LogTask, tasks
from ._log_shares import share, wilson
from ._params import integer

NAME = "availability"
DEFAULTS: Mapping[str, Any] = {"windows": [], "least": 10}
_FEW = 10

SQL = f"""
WITH attempts AS (
    SELECT ts, row_no, coalesce(row_answer, row_no) AS row_answer, venue, client,
           coalesce(action, '{UNSTATED}') AS action, ts // {MINUTE} AS minute,
           (outcome = '{ACCEPTED}')::INT AS accepted,
           (outcome = '{REFUSED}' AND class = '{VALIDATION}')::INT AS judged,
           (outcome = '{UNANSWERED}')::INT AS unanswered
    FROM {{attempts}}),
minutes AS (
    SELECT venue, client, action, minute, sum(accepted) AS accepted, count(*) AS n
    FROM attempts GROUP BY ALL HAVING count(*) >= {{least}}),
worst AS (
    SELECT venue, client, action, arg_min(minute, (accepted / n, minute)) AS minute,
           arg_min(accepted, (accepted / n, minute)) AS accepted,
           arg_min(n, (accepted / n, minute)) AS n
    FROM minutes GROUP BY ALL)
SELECT a.venue, a.client, a.action, count(*) AS n, sum(a.accepted), sum(a.judged),
       sum(a.unanswered), min(a.row_no), max(a.row_answer), any_value(w.minute),
       any_value(w.accepted), any_value(w.n)
FROM attempts a LEFT JOIN worst w
  ON a.client = w.client AND a.action = w.action AND a.venue IS NOT DISTINCT FROM w.venue
GROUP BY a.venue, a.client, a.action ORDER BY ALL
"""

METHODS = (
    Method(
        NAME,
        Text("Order-entry attempts that got through", "下单等请求的成功率"),
        Text(
            "Attempts are requests of a client whose send time lies in the window, each with its "
            "answer (by client order id, else the next answer of that client), or without one "
            "within 60 s; a logged answer without a logged request counts as one. accepted: "
            "accepted / attempts. answered: accepted or refused for a reason in the order itself "
            "(validation) / attempts: the venue worked. worst: the lowest share accepted in a "
            "minute of at least `least` attempts. Exact shares, six decimals; low and high are "
            "Wilson's 95 % interval.",
            "请求指客户端在时间窗内发出的请求及其应答（按客户端订单号，否则取该客户端的下一应答），"
            "60 秒内无应答者亦计；仅有应答而无请求记录者按一次计。accepted：被接受 / 请求数。"
            "answered：（被接受 + 因订单自身原因被拒绝）/ 请求数，即交易所正常处理。worst：请求数"
            "不少于 least 的分钟中最低的接受率。比例精确到六位小数；low、high 为 Wilson 95 % 区间。"
            "",
        ),
        SQL.strip(),
    ),
)


def plan(context: Context) -> list[LogTask]:
    """One task per log and window."""
    integer(context.params, "least", 1)
    return tasks(context)


def work(task: LogTask) -> list[Finding]:
    """The findings of one log."""
    query = SQL.format(
        attempts=task.logs.attempts(task.window, [task.file]), least=task.params["least"]
    )
    return flatten(_findings(task, row) for row in connection().execute(query).fetchall())


def _findings(task: LogTask, row: tuple[Any, ...]) -> list[Finding]:
    (venue, client, action, n, accepted, judged, unanswered, first, last, minute, best, of) = row
    params: dict[str, Any] = {
        "attempts": n, "accepted": int(accepted), "judged": int(judged),
        "unanswered": int(unanswered), "refused": int(n - accepted - judged - unanswered),
    }  # fmt: skip

    def made(name: str, successes: int, total: int, at: int | None = None) -> Finding:
        low, high = wilson(successes, total)
        few = ("few-attempts",) if total < _FEW else ()
        return Finding(
            name=f"{NAME}.{name}",
            subject=task.subject(client, venue, action=action),
            value=share(successes, total),
            unit="ratio",
            method=METHODS[0].id,
            at=at,
            window=task.window,
            params={**params, "low": low, "high": high},
            inputs=(*dict.fromkeys(task.rows(first, last)), task.scanned()),
            count=total,
            caveats=task.caveats(*few, *(("action-unstated",) if action == UNSTATED else ())),
        )

    found = [
        made("accepted", int(accepted), n),
        made("answered", int(accepted + judged), n),
    ]
    if minute is not None:
        found.append(made("worst", int(best), int(of), minute * MINUTE))
    return found


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """Findings in the order of windows, logs, clients and actions."""
    del context
    return flatten(partials), []
