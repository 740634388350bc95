"""`latency`: how long clients waited for an answer; time-outs count as longer, never dropped.

    latency.p50, latency.p95, latency.p99    milliseconds, by Kaplan and Meier

of the attempts of one client and action whose waiting time is known: from the two lines of
request and answer, or from the figure that the answer's line gives. A time-out, or a request
without an answer, is censored at the time that the client is known to have waited. Where so
many never got an answer that the percentile lies beyond everything seen, there is no value,
and `params.at_least` is the longest time that anything is known for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import Text
from ..findings import Finding, Method
from ..problems import Problem
from ..run.database import connection
from . import Context, flatten
from ._log_rows import UNSTATED, LogTask, tasks
from ._log_survival import curve, interval, percentile

NAME = "latency"
DEFAULTS: Mapping[str, Any] = {"windows": []}
PERCENTILES = (("p50", 0.50), ("p95", 0.95), ("p99", 0.99))
_FEW = 10
_MS = 1000

SQL = f"""
SELECT venue, client, coalesce(action, '{UNSTATED}') AS action, latency, censored, row_no
FROM {{attempts}} WHERE latency IS NOT NULL AND latency >= 0
ORDER BY venue, client, action, ts, row_no
"""

METHODS = (
    Method(
        NAME,
        Text("Waiting time for an answer", "等待应答的时间"),
        Text(
            "Attempts whose waiting time is known, by client and action. Time-outs and requests "
            "without an answer are censored at the time waited. S(t): product over answered times "
            "s ≤ t of 1 - answered(s)/waiting(s) (Kaplan–Meier). p50, p95, p99: the first t with "
            "S(t) ≤ 1 - q, in ms, three decimals; low and high: 95 % interval by Brookmeyer and "
            "Crowley, log-log, Greenwood's variance. No value where S stays above 1 - q.",
            "按客户端与操作类别，取等待时间已知的请求；超时及无应答者在已等待时间处删失。S(t) 为 "
            "s ≤ t 各应答时刻 1 − 应答数(s)/仍在等待数(s) 之积（Kaplan–Meier）。p50、p95、"
            "p99 为首个"
            "满足 S(t) ≤ 1 − q 的 t，单位毫秒，三位小数；low、high 为 Brookmeyer–Crowley 95 % 区间"
            "（log-log 变换，Greenwood 方差）。若 S 始终高于 1 − q 则无值。",
        ),
        SQL.strip(),
    ),
)


def plan(context: Context) -> list[LogTask]:
    """One task per log and window."""
    return tasks(context)


def work(task: LogTask) -> list[Finding]:
    """The findings of one log."""
    query = SQL.format(attempts=task.logs.attempts(task.window, [task.file]))
    found = connection().execute(query).fetchnumpy()
    if not len(found["latency"]):
        return []
    keys = [(v or "", c, a) for v, c, a in
            zip(_plain(found["venue"]), found["client"], found["action"], strict=True)]  # fmt: skip
    starts = [0, *(i for i in range(1, len(keys)) if keys[i] != keys[i - 1]), len(keys)]
    return flatten(
        _findings(task, keys[start], {n: found[n][start:end] for n in found})
        for start, end in pairwise(starts)
    )


def _plain(values: Any) -> list[str | None]:
    masked = np.ma.getmaskarray(values)
    return [None if m else v for v, m in zip(np.ma.getdata(values), masked, strict=True)]


def _findings(task: LogTask, key: tuple[str, str, str], found: Mapping[str, Any]) -> list[Finding]:
    venue, client, action = key
    times = np.ma.getdata(found["latency"]).astype(np.int64)
    censored = np.ma.getdata(found["censored"]).astype(bool)
    rows = np.ma.getdata(found["row_no"]).astype(np.int64)
    curve_ = curve(times, ~censored)
    made = []
    for name, q in PERCENTILES:
        value = percentile(curve_, q)
        low, high = interval(curve_, q)
        params: dict[str, Any] = {"attempts": len(times), "censored": int(censored.sum())}
        params |= {"low": _ms(low)} if low is not None else {}
        params |= {"high": _ms(high)} if high is not None else {}
        more = ["few-attempts"] if len(times) < _FEW else []
        if value is None:
            params["at_least"] = _ms(curve_.longest)
            more.append("censored")
        decisive = [] if value is None else task.rows(int(rows[int(np.argmax(times == value))]))
        made.append(
            Finding(
                name=f"{NAME}.{name}",
                subject=task.subject(client, venue or None, action=action),
                value=None if value is None else _ms(value),
                unit="ms",
                method=METHODS[0].id,
                window=task.window,
                params=params,
                inputs=(*decisive, task.scanned()),
                count=len(times),
                caveats=task.caveats(*more),
            )
        )
    return made


def _ms(us: int) -> Decimal:
    """Microseconds as milliseconds, exact."""
    return Decimal(us) / _MS


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """Findings in the order of windows, logs, clients and actions."""
    del context
    return flatten(partials), []
