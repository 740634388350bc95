"""`onset`: when refusals began, with an interval, and not by the first error there is.

    onset.at             the moment from which the failure rate is higher, in seconds from the
                         start of the window; `params.from` … `params.to` is its interval
    onset.first          the first failure of the window, for comparison
    onset.rate_before    failures per attempt ahead of it
    onset.rate_behind    failures per attempt from it to its end
    onset.end            where the rate falls again, when the window holds that

A failure is an attempt that ends in one of `classes`. Where a log tells only failures, never
that anything got through, their times are taken as a Poisson stream, and rates are failures
per second. A rise that chance alone shows more often than `alpha` is reported as none. The
model takes attempts as independent; retries in a loop are not, and make the interval look
narrower than it is: `params.attempts` and the rates say on how much it rests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..clock import SECOND, format_time
from ..errors import Text
from ..findings import Finding, Method, rounded
from ..logs.schema import ACCEPTED, CLASSES, OVERLOAD, REFUSED, UNANSWERED
from ..problems import ABSENT, Problem
from ..run.database import connection
from . import Context
from ._log_onset import Burst, Rise, burst, rise
from ._log_rows import LogTask, listed, tasks, texts
from ._log_shares import wilson
from ._params import decimal

NAME = "onset"
DEFAULTS: Mapping[str, Any] = {"windows": [], "classes": [OVERLOAD], "alpha": "0.01"}
_FEW = 10

ATTEMPTS_SQL = f"""
SELECT client, ts, coalesce(row_answer, row_no) AS row_no, outcome = '{ACCEPTED}' AS accepted,
       class IN ({{classes}}) AS failed
FROM {{attempts}} ORDER BY client, ts, row_no
"""
ERRORS_SQL = f"""
SELECT client, ts, row_no FROM {{events}}
WHERE kind IN ('{REFUSED}', '{UNANSWERED}') AND class IN ({{classes}})
ORDER BY client, ts, row_no
"""

METHODS = (
    Method(
        NAME,
        Text("Onset of refusals", "拒绝开始的时刻"),
        Text(
            "Attempts of a client in the order of their requests, failed where their class is one "
            "of `classes`. Maximum likelihood of one rise of the failure rate, and of its end "
            "where that gains 4 ln n of twice the log-likelihood. Interval: all places whose "
            "likelihood ratio stays below the 97.5 % quantile of the ratio in simulations of the "
            "fitted rise (at least 95 % coverage), from the attempt before the first such place to "
            "the attempt behind the last. p: share of simulated sequences of one rate with as "
            "clear a rise. Without accepted attempts: times of failing lines as a Poisson stream.",
            "按请求先后排列客户端的各次请求，类别属于 classes 者为失败。"
            "对失败率的一次上升（若结束点"
            "使两倍对数似然增加 4 ln n 以上则含其结束）作最大似然估计。区间：似然比低于拟合模型模拟"
            "所得 97.5% 分位数的全部位置（覆盖率不低于 95%），自首个此类位置之前的请求至末个之后的"
            "请求。p：单一失败率的模拟序列中出现同样明显上升的比例。若无被接受的请求，则将失败行的"
            "时刻视为泊松流。",
        ),
        f"{ATTEMPTS_SQL.strip()}\n\n{ERRORS_SQL.strip()}",
    ),
)


@dataclass(frozen=True)
class Found:
    """One client: what there is, and the rise if one was found."""

    task: LogTask
    client: str
    ts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    failed: npt.NDArray[np.bool_]
    shape: Rise | Burst | None


def plan(context: Context) -> list[LogTask]:
    """One task per log and window."""
    texts(context.params, "classes", CLASSES[1:])
    decimal(context.params, "alpha")
    return tasks(context)


def work(task: LogTask) -> list[Found]:
    """Every client of the log with failures in the window."""
    given = {"classes": listed(texts(task.params, "classes", CLASSES[1:]))}
    attempts = connection().execute(
        ATTEMPTS_SQL.format(attempts=task.logs.attempts(task.window, [task.file]), **given)
    ).fetchnumpy()  # fmt: skip
    errors = connection().execute(
        ERRORS_SQL.format(events=task.logs.events(task.window, [task.file]), **given)
    ).fetchnumpy()  # fmt: skip
    found = []
    for client in sorted(set(attempts["client"]) | set(errors["client"])):
        mine = attempts["client"] == client
        failed = np.ma.filled(attempts["failed"], False)[mine].astype(bool)
        if np.ma.filled(attempts["accepted"], False)[mine].any() and failed.any():
            ts, rows = (np.ma.getdata(attempts[n])[mine].astype(np.int64) for n in ("ts", "row_no"))
            found.append(Found(task, client, ts, rows, failed, rise(failed)))
        elif (errors["client"] == client).any():
            mine = errors["client"] == client
            ts, rows = (np.ma.getdata(errors[n])[mine].astype(np.int64) for n in ("ts", "row_no"))
            start = max(task.window.start, task.file.ts_min)
            stop = min(task.window.end, task.file.ts_max + 1)
            shape = burst(ts, start, stop)
            found.append(Found(task, client, ts, rows, np.ones(len(ts), dtype=bool), shape))
    return found


def merge(context: Context, partials: Sequence[list[Found]]) -> tuple[list[Finding], list[Problem]]:
    """Findings by window, log and client; a problem where failures show no rise."""
    alpha = float(decimal(context.params, "alpha"))
    findings: list[Finding] = []
    problems: list[Problem] = []
    for one in (f for partial in partials for f in partial):
        if one.shape is None or one.shape.p > alpha:
            problems.append(_no_rise(one))
        findings += _findings(one, alpha)
    return findings, problems


def _findings(one: Found, alpha: float) -> Iterator[Finding]:
    task, shape = one.task, one.shape
    first = int(np.argmax(one.failed))
    classes = ", ".join(texts(task.params, "classes", CLASSES[1:]))
    few = ("few-attempts",) if int(one.failed.sum()) < _FEW else ()

    def made(
        name: str, value: Any, unit: str, at: int | None, count: int, *rows: int, **params: Any
    ) -> Finding:
        return Finding(
            name=f"{NAME}.{name}",
            subject=task.subject(one.client, **{"class": classes}),
            value=value,
            unit=unit,
            method=METHODS[0].id,
            at=at,
            window=task.window,
            params={"failures": int(one.failed.sum()), "attempts": len(one.ts), **params},
            inputs=(*task.rows(*rows), task.scanned()),
            count=count,
            caveats=task.caveats(*few),
        )

    def since(at: int) -> Any:
        return rounded((at - task.window.start) / SECOND, 6)

    begun = int(one.ts[first])
    yield made("first", since(begun), "s", begun, 1, int(one.rows[first]))
    if shape is None or shape.p > alpha:
        return
    at, low, high, end, rates = _moments(one, shape)
    decisive = int(one.rows[min(int(np.searchsorted(one.ts, at)), len(one.rows) - 1)])
    yield made(
        "at", since(at), "s", at, len(one.ts), decisive,
        **{"from": format_time(low), "to": format_time(high)}, p=rounded(shape.p, 6),
        runs=shape.runs, model="attempts" if isinstance(shape, Rise) else "stream",
    )  # fmt: skip
    for name, (failures, size) in zip(("rate_before", "rate_behind"), rates, strict=True):
        if isinstance(shape, Rise):
            edges = wilson(failures, size)
            yield made(
                name, rounded(failures / size, 6), "ratio", at, size, decisive,
                low=edges[0], high=edges[1],
            )  # fmt: skip
        else:
            value = rounded(failures / (size / SECOND), 6)
            yield made(name, value, "1/s", at, failures, decisive)
    if end is not None:
        yield made("end", since(end), "s", end, len(one.ts), decisive)


def _moments(
    one: Found, shape: Rise | Burst
) -> tuple[int, int, int, int | None, tuple[tuple[int, int], tuple[int, int]]]:
    """(most likely, from, to, end, (failures, size) before and behind) in µs."""
    rates = (shape.before, shape.behind)
    if isinstance(shape, Burst):
        last = min(one.task.window.end, one.task.file.ts_max + 1)
        return shape.at, shape.low, shape.high, None if shape.end >= last else shape.end, rates
    ts = one.ts
    end = int(ts[shape.end]) if shape.end < len(ts) else None
    # The rate changed between two attempts: after the one before the place, up to the one at it.
    return int(ts[shape.place]), int(ts[shape.low - 1]), int(ts[shape.high]), end, rates


def _no_rise(one: Found) -> Problem:
    file = one.task.file
    return Problem(
        "no-onset", ABSENT,
        Text(
            f"onset: the failures of {one.client} in '{one.task.window.name}' show no rise that "
            "chance would not show as well",
            f"onset：{one.client} 在时间窗“{one.task.window.name}”内的失败没有超出偶然的上升",
        ),
        file.name, file.source, file.row_min, file.row_max, int(one.failed.sum()),
    )  # fmt: skip
