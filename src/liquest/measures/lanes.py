"""`lanes`: two clients, or two interfaces, compared within the same seconds.

A lane is a client together with the interface (host) that its log names. Two lanes of one
venue are compared only where both had attempts of the same action within one second, so that
what the venue did to everybody falls out:

    lanes.success    difference of the shares accepted, first minus second, over all common
                     seconds: Mantel–Haenszel's risk difference, each second a stratum
    lanes.latency    median over the common seconds of the difference of the median waits, ms
    lanes.seconds    how many seconds they have in common

Interval of the difference by T. Sato (Biometrics 45, 1989), which holds for few attempts a
second and for many seconds alike; `p` of no difference by Cochran, Mantel and Haenszel. Logs
of two files are put on one clock by their fills first, where both show an offset; where they
do not, a clock that is off by seconds compares different moments (clock-unaligned).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from ..clock import SECOND
from ..errors import Text
from ..findings import Finding, Method, rounded
from ..logs.schema import ACCEPTED, ENTRY
from ..problems import Problem
from ..run.database import connection
from ..tape.lake import Lake
from . import Context
from ._log_clock import median_places, shift
from ._log_rows import LogTask, listed, tasks
from ._log_shares import Z95
from ._params import integer

NAME = "lanes"
DEFAULTS: Mapping[str, Any] = {"windows": [], "least": 5, "reach": 300}
Ints = npt.NDArray[np.int64]

SQL = f"""
SELECT coalesce(venue, '') AS venue, client, coalesce(interface, '') AS interface, action,
       (ts + {{offset}}) // {SECOND} AS second, count(*) AS n,
       sum((outcome = '{ACCEPTED}')::INT) AS accepted,
       median(latency) FILTER (WHERE NOT censored) AS latency, min(row_no) AS first,
       max(row_no) AS last
FROM {{attempts}} WHERE action IN ({listed(ENTRY)}) GROUP BY ALL ORDER BY ALL
"""

METHODS = (
    Method(
        NAME,
        Text("Two lanes at the same second", "同一秒内两条通道的比较"),
        Text(
            "A lane: client and interface. Strata: seconds and actions in which both lanes had "
            "attempts. success: Σ(a₁n₂ - a₂n₁)/N ÷ Σ n₁n₂/N with aᵢ accepted of nᵢ, N = n₁ + n₂ "
            "(Mantel–Haenszel), interval with Sato's variance; p: Cochran–Mantel–Haenszel without "
            "correction. latency: median over strata of the difference of median waits (answered "
            "attempts), low and high order statistics. seconds: strata. Positive: the first lane "
            "got more through, or waited longer. Needs `least` common strata.",
            "通道：客户端与接口。分层：两条通道在同一秒、同一操作类别均有请求者。success：Σ(a₁n₂ − "
            "a₂n₁)/N ÷ Σ n₁n₂/N，aᵢ 为 nᵢ 次请求中被接受者，N = n₁ + n₂（Mantel–Haenszel），区间用 "
            "Sato 方差；p 为未校正的 Cochran–Mantel–Haenszel 检验。latency："
            "各层等待时间中位数之差的"
            "中位数，low、high 为次序统计量。seconds 为层数。正值表示第一条通道成功更多或等待更久。"
            "至少需 least 层。",
        ),
        SQL.strip(),
    ),
)


@dataclass(frozen=True)
class Task:
    """One log in one window, with the lake that its clock is taken from."""

    log: LogTask
    lake: Lake


@dataclass(frozen=True)
class Lane:
    """What one lane did, by (action, second): attempts, accepted, median wait (µs or None)."""

    log: LogTask
    venue: str
    client: str
    interface: str
    aligned: bool
    seconds: Mapping[tuple[str, int], tuple[int, int, float | None]]
    rows: tuple[int, int]

    @property
    def name(self) -> str:
        return f"{self.client} · {self.interface}" if self.interface else self.client


def plan(context: Context) -> list[Task]:
    """One task per log and window."""
    integer(context.params, "least", 1)
    integer(context.params, "reach", 1)
    return [Task(one, context.lake) for one in tasks(context)]


def work(task: Task) -> list[Lane]:
    """The lanes of one log."""
    log = task.log
    offset = shift(log.logs, log.file, task.lake, log.window, log.params)
    rows = connection().execute(
        SQL.format(
            attempts=log.logs.attempts(log.window, [log.file]),
            offset=0 if offset is None else offset.us,
        )
    ).fetchall()  # fmt: skip
    found: dict[tuple[str, str, str], dict[tuple[str, int], tuple[int, int, float | None]]] = {}
    edges: dict[tuple[str, str, str], tuple[int, int]] = {}
    for venue, client, interface, action, second, n, accepted, latency, first, last in rows:
        key = (venue, client, interface)
        found.setdefault(key, {})[(action, second)] = (n, int(accepted), latency)
        low, high = edges.get(key, (first, last))
        edges[key] = (min(low, first), max(high, last))
    return [
        Lane(log, *key, offset is not None, seconds, edges[key])
        for key, seconds in sorted(found.items())
    ]


def merge(context: Context, partials: Sequence[list[Lane]]) -> tuple[list[Finding], list[Problem]]:
    """Findings by window and pair of lanes."""
    least = int(context.params["least"])
    lanes = [lane for partial in partials for lane in partial]
    findings: list[Finding] = []
    for one, other in combinations(lanes, 2):
        if one.log.window != other.log.window or one.venue != other.venue:
            continue
        common = sorted(set(one.seconds) & set(other.seconds))
        if len(common) >= least:
            findings += _findings(one, other, common)
    return findings, []


def _findings(one: Lane, other: Lane, common: Sequence[tuple[str, int]]) -> list[Finding]:
    first = np.array([one.seconds[c][:2] for c in common], dtype=np.int64)
    second = np.array([other.seconds[c][:2] for c in common], dtype=np.int64)
    value, low, high, p = difference(first[:, 1], first[:, 0], second[:, 1], second[:, 0])
    n = int(first[:, 0].sum() + second[:, 0].sum())
    caveats = set(one.log.caveats()) | set(other.log.caveats())
    if one.log.file != other.log.file and not (one.aligned and other.aligned):
        caveats.add("clock-unaligned")
    params: dict[str, Any] = {
        "first": [int(v) for v in first.sum(axis=0)],
        "second": [int(v) for v in second.sum(axis=0)],
    }  # fmt: skip

    def made(name: str, value: Decimal | int, unit: str, count: int, **more: Any) -> Finding:
        return Finding(
            name=f"{NAME}.{name}",
            subject=one.log.subject(one.name, one.venue or None, other=other.name),
            value=value,
            unit=unit,
            method=METHODS[0].id,
            at=min(s for _, s in common) * SECOND,
            window=one.log.window,
            params={**params, **more},
            inputs=(
                *one.log.rows(*one.rows), *other.log.rows(*other.rows), one.log.scanned(),
                *(() if one.log.file == other.log.file else (other.log.scanned(),)),
            ),
            count=count,
            caveats=tuple(sorted(caveats)),
        )  # fmt: skip

    found = [
        made("success", rounded(value, 6), "ratio", n, low=rounded(low, 6), high=rounded(high, 6),
             p=rounded(p, 6)),
        made("seconds", len({s for _, s in common}), "s", n),
    ]  # fmt: skip
    waits = [
        (a - b) / 1000
        for c in common
        if (a := one.seconds[c][2]) is not None and (b := other.seconds[c][2]) is not None
    ]
    if waits:
        ordered = sorted(waits)
        least, most = median_places(len(ordered))
        found.append(
            made("latency", rounded(float(np.median(ordered)), 3), "ms", len(waits),
                 low=rounded(ordered[least], 3), high=rounded(ordered[most], 3))
        )  # fmt: skip
    return found


def difference(a: Ints, n1: Ints, b: Ints, n2: Ints) -> tuple[float, float, float, float]:
    """(difference, low, high, p) of accepted shares a/n1 and b/n2 over strata."""
    total = n1 + n2
    weight = float((n1 * n2 / total).sum())
    value = float(((a * n2 - b * n1) / total).sum()) / weight
    # Sato 1989: var = (RD·ΣP + ΣQ) / (Σ n1·n2/N)²
    p_part = (n1**2 * b - n2**2 * a + n1 * n2 * (n2 - n1) / 2) / total**2
    q_part = (a * (n2 - b) + b * (n1 - a)) / (2 * total)
    spread = math.sqrt(max(value * float(p_part.sum()) + float(q_part.sum()), 0.0)) / weight
    accepted = a + b
    expected = float((n1 * accepted / total).sum())
    held = total > 1
    variance = float(
        (n1 * n2 * accepted * (total - accepted))[held].astype(float)
        @ (1.0 / (total[held].astype(float) ** 2 * (total[held] - 1)))
    )
    z = abs(float(a.sum()) - expected) / math.sqrt(variance) if variance > 0 else 0.0
    return (
        value,
        max(value - Z95 * spread, -1.0),
        min(value + Z95 * spread, 1.0),
        math.erfc(z / math.sqrt(2)),
    )
