"""`insurance`: the balance of an insurance fund around the window, in its own asset.

    insurance.start   the last balance at the window's start
    insurance.end     the last in the window
    insurance.least   the lowest in the window, `at` its moment
    insurance.change  end − start
    insurance.used    start − least, where that is above zero, else zero

A venue may top the fund up or take profits from liquidations into it within the day: the change
is the balance of all of that, so `used` is a floor for what the fund paid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..clock import Window
from ..errors import Text
from ..findings import Finding, Method, Value
from ..problems import ABSENT, Problem
from ..tape.tracks import Track
from . import Context, flatten
from ._book import coverage, scanned
from ._values import VALUES_SQL, Point, points

NAME = "insurance"
DEFAULTS: Mapping[str, Any] = {"windows": []}

METHODS = (
    Method(
        NAME,
        Text("Insurance fund", "保险基金"),
        Text(
            "Balances as the source states them. start: the last at or before the window's start, "
            "else the first in it (no-baseline). change = end − start; used = max(0, start − "
            "least): a floor, because gains from other liquidations and top-ups in between raise "
            "the balance. A daily history cannot place a payment within its day.",
            "余额按来源所述。start：时间窗起点或之前的最后一个；没有时取窗内第一个（no-baseline）。"
            "change = end − start；used = max(0, start − least)，仅为下限：期间其他强平的盈余与注资"
            "会抬高余额。按日的历史不能确定日内何时支付。",
        ),
        VALUES_SQL.strip(),
    ),
)


@dataclass(frozen=True)
class Task:
    """One fund in one window."""

    track: Track
    window: Window


def plan(context: Context) -> list[Task]:
    """Every fund in the lake."""
    lake = context.lake
    return [
        Task(Track(lake.root, i, "balance", "insurance", 0, lake.of("insurance", i)), window)
        for window in context.chosen
        for i in lake.instruments("insurance")
    ]


def work(task: Task) -> list[Finding]:
    """The findings of one fund."""
    found = points(task.track, "balance", task.window)
    return list(_findings(task, found)) if "end" in found else []


def _findings(task: Task, found: Mapping[str, Point]) -> Iterator[Finding]:
    track, window = task.track, task.window
    start = found.get("start", found["first"])
    least, end = found["least"], found["end"]
    unit = track.instrument.symbol
    notes = (*coverage(track, window), *(() if "start" in found else ("no-baseline",)))
    spans = scanned(track, Window("read", min(start.ts, window.start), window.end))

    def made(name: str, value: Value, *rows: Point) -> Finding:
        return Finding(
            f"{NAME}.{name}", {"venue": track.instrument.venue, "fund": unit}, value, unit,
            METHODS[0].id, at=rows[-1].ts, window=window,
            inputs=(*(r.input for r in rows), *spans), count=sum(p.rows for p in track.parts),
            caveats=notes,
        )  # fmt: skip

    yield made("start", start.value, start)
    yield made("end", end.value, end)
    yield made("least", least.value, least)
    yield made("change", end.value - start.value, start, end)
    yield made("used", max(start.value - least.value, Decimal(0)), start, least)


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order; a problem where there is no fund at all."""
    found = flatten(partials)
    words = Text(f"{NAME}: no insurance fund in the tape", f"{NAME}：行情带中没有保险基金数据")
    return found, [] if found else [Problem("no-insurance", ABSENT, words, count=0)]
