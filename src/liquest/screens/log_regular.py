"""`log_regular`: intervals and waits of a log that are the same to the millisecond.

    screen.log_regular             the client with the strongest result of a log, in words; value:
                                   its share of waits that are the commonest one
    screen.log_regular.wait        per client: the share of waits (request to answer) that are the
                                   commonest one, to the millisecond
    screen.log_regular.interval    the same of the intervals between one request and the next

A network is never that even: over the internet waits differ by tenths of a millisecond at
least, and by more under load. A timer is: requests that a program sends every second stand
exactly a second apart, and then the interval says nothing of the venue. Judged are clients
with at least `least` values of which the commonest is at least `shortest` ms; shorter ones are
even for lack of resolution. Clocks of whole seconds are not judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import Text
from ..findings import Finding, Method, rounded
from ..measures import Context
from ..measures._params import decimals, integer
from ..problems import Problem
from . import _log_result
from ._log_result import OneLog, flat, log_finding
from ._result import HINT, SOUND, STRENGTHS, STRONG, Result, Said, many

NAME = "log_regular"
DEFAULTS: Mapping[str, Any] = {"least": 20, "shortest": 10, "shares": ["0.5", "0.9"]}
_MS = 1000

SQL = """
SELECT client, ts, latency, row_no FROM {attempts}
WHERE NOT coalesce(censored, false) ORDER BY client, ts, row_no
"""

METHODS = (
    Method(
        NAME,
        Text("Too even for a network", "对网络而言过于规整"),
        Text(
            "Share of the commonest value among the waits of a client, rounded to ms, and among "
            "the intervals between its successive requests. A hint from the first of `shares` on, "
            "strong from the second; sound with fewer than `least` values, where the commonest is "
            "below `shortest` ms, or where the clock counts whole seconds. Even intervals are "
            "never more than a hint: a timer makes them.",
            "客户端各次等待时间按毫秒取整后最常见值所占比例，以及相邻两次请求间隔的同一比例。"
            "达 shares "
            "第一个值为 hint，达第二个为 strong；少于 least 个值、"
            "最常见值低于 shortest 毫秒或时钟只到秒"
            "者为 sound。间隔规整至多为 hint：定时器即会如此。",
        ),
        SQL.strip(),
    ),
)
_TIMER = Text(
    "a timer of the program's own sends at even intervals; then the interval is no latency of the "
    "venue",
    "程序自身的定时器按固定间隔发送；此时该间隔不代表交易所延迟",
)
_WRITTEN = Text(
    "the program writes a wait that it set itself (a fixed sleep, a time-out, a rounded figure), "
    "not one that it measured",
    "程序记录的是自行设定的等待（固定休眠、超时或取整数值），而非实测值",
)
_NOT = Text(
    "it does not follow that orders were not sent or not refused",
    "不能由此推断订单未发送或未被拒绝",
)

Ints = npt.NDArray[np.int64]


def plan(context: Context) -> list[OneLog]:
    """One task a log."""
    integer(context.params, "least", 2)
    integer(context.params, "shortest", 0)
    decimals(context.params, "shares")
    return _log_result.plan(context)


def work(log: OneLog) -> list[Finding]:
    """The results of one log: its own, then one for waits and one for intervals by client."""
    found = log.query(SQL).fetchnumpy()
    made: list[Finding] = []
    for client in sorted(set(found["client"])):
        mine = found["client"] == client
        ts, rows = (np.ma.getdata(found[n])[mine].astype(np.int64) for n in ("ts", "row_no"))
        waits = found["latency"][mine]
        held = ~np.ma.getmaskarray(waits)
        known = np.ma.getdata(waits)[held].astype(np.int64)
        coarse = bool(len(ts)) and not np.any(ts % 1_000_000)
        made.append(_finding(log, client, "wait", known, rows[held], coarse))
        order = np.argsort(ts, kind="stable")
        made.append(_finding(log, client, "interval", np.diff(ts[order]), rows[order][1:], coarse))
    if not made:
        return []
    ranks = list(STRENGTHS)
    strongest = max(made, key=lambda f: ranks.index(str(f.params["strength"])))
    whole = Finding(
        f"screen.{NAME}", strongest.subject, strongest.value, strongest.unit, strongest.method,
        params=strongest.params, inputs=strongest.inputs, count=strongest.count,
    )  # fmt: skip
    return [whole, *made]


def _finding(
    log: OneLog, client: str, what: str, values: Ints, rows: Ints, coarse: bool
) -> Finding:
    commonest, share, at = commonest_of(values)
    hint, strong = decimals(log.params, "shares")
    judged = len(values) >= log.params["least"] and commonest >= log.params["shortest"]
    value = rounded(share, 6)
    strength = SOUND
    if judged and not coarse and value >= hint:
        strength = STRONG if value >= strong and what == "wait" else HINT
    words = {"wait": ("waits", "等待时间"), "interval": ("intervals", "请求间隔")}[what]
    said = _said(words, len(values), commonest, rounded(share * 100, 1))
    if not judged or coarse:
        said = _unjudged(words, len(values), commonest, log, coarse=coarse)
    if strength == SOUND:
        result = Result(SOUND, said)
    else:
        result = Result(strength, said, _WRITTEN if what == "wait" else _TIMER, _NOT)
    row = int(rows[at]) if len(values) else None
    return log_finding(
        NAME, METHODS[0], log,
        Said(result, value, "ratio", rows=log.rows(row), params={"commonest_ms": commonest}),
        what, len(values), client=client,
    )  # fmt: skip


def _said(words: tuple[str, str], count: int, commonest: int, percent: Decimal) -> Text:
    return Text(
        f"{percent} % of {count:,} {words[0]} are {commonest} ms to the millisecond",
        f"{count:,} 个{words[1]}中有 {percent}% 恰为 {commonest} 毫秒",
    )


def _unjudged(
    words: tuple[str, str], count: int, commonest: int, log: OneLog, *, coarse: bool
) -> Text:
    """Why nothing is said of values."""
    least, shortest = log.params["least"], log.params["shortest"]
    if count < least:
        return Text(
            f"{many(count, words[0][:-1])}: not judged below {least}",
            f"{words[1]} {count:,} 个，少于 {least} 个不作判断",
        )
    if coarse:
        return Text(
            f"{words[0]} are not judged: the log's clock counts whole seconds",
            f"{words[1]}不作判断：日志时钟只到整秒",
        )
    return Text(
        f"{words[0]} are not judged: the commonest is {commonest} ms, below {shortest} ms",
        f"{words[1]}不作判断：最常见者为 {commonest} 毫秒，低于 {shortest} 毫秒",
    )


def commonest_of(values: Ints) -> tuple[int, float, int]:
    """(ms, share, place of the first) of the commonest value (µs) to the millisecond."""
    if not len(values):
        return 0, 0.0, 0
    ms = (values + _MS // 2) // _MS
    distinct, first, counts = np.unique(ms, return_index=True, return_counts=True)
    best = int(np.argmax(counts))
    return int(distinct[best]), float(counts[best] / len(values)), int(first[best])


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """The results by log."""
    del context
    return flat(partials), []
