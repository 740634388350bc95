"""`funding`: the funding rate of a perpetual around the window ("ratio" per funding period).

funding.start  the last known at the window's start
funding.least  the lowest stated in the window, `at` its moment
funding.most   the highest
funding.end    the last in the window
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..clock import Window
from ..errors import Text
from ..findings import Finding, Method
from ..problems import ABSENT, Problem
from ..tape.tracks import Track
from . import Context, flatten
from ._book import coverage, scanned
from ._values import VALUES_SQL, points

NAME = "funding"
DEFAULTS: Mapping[str, Any] = {"windows": []}

METHODS = (
    Method(
        NAME,
        Text("Funding rate", "资金费率"),
        Text(
            "The rate as the source states it, per funding period: the last at or before the "
            "window's start, the lowest, highest and last stated in the window. A rate that the "
            "source keeps restating before it is paid is a forecast until then.",
            "来源所述每期资金费率：时间窗起点或之前的最后一个，以及窗内最低、最高与最后一个。"
            "来源在支付前反复更新的费率此前仅为预测值。",
        ),
        VALUES_SQL.strip(),
    ),
)


@dataclass(frozen=True)
class Task:
    """One instrument in one window."""

    track: Track
    window: Window


def plan(context: Context) -> list[Task]:
    """Every instrument with a state in the lake."""
    lake = context.lake
    return [
        Task(Track(lake.root, i, "ticker", "ticker", 0, lake.of("ticker", i)), window)
        for window in context.chosen
        for i in lake.instruments("ticker")
    ]


def work(task: Task) -> list[Finding]:
    """The findings of one instrument."""
    return list(_findings(task))


def _findings(task: Task) -> Iterator[Finding]:
    track, window = task.track, task.window
    for what, point in points(track, "funding_rate", window).items():
        if what == "first":
            continue
        read = Window("read", min(point.ts, window.start), window.end)
        yield Finding(
            f"{NAME}.{what}", track.subject, point.value, "ratio", METHODS[0].id, at=point.ts,
            window=window, inputs=(point.input, *scanned(track, read)),
            count=sum(p.rows for p in track.parts), caveats=coverage(track, window),
        )  # fmt: skip


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order; a problem where there is no rate at all."""
    found = flatten(partials)
    words = Text(f"{NAME}: no funding rates in the tape", f"{NAME}：行情带中没有资金费率")
    return found, [] if found else [Problem("no-funding", ABSENT, words, count=0)]
