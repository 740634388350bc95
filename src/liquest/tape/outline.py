"""Outlines: price paths thinned for drawing, so that a spike is never hidden.

Each bucket of time keeps the lowest and the highest price in it and the last close
(min-max decimation). Outlines are pictures: no number of a finding is read from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..clock import SECOND, Window, format_time
from .lake import Lake
from .tracks import Track, by_coin, tracks, walk

POINTS = 1200
"""Buckets across the whole span."""


@dataclass(frozen=True)
class OutlineTask:
    """One track over the span of all windows, in buckets of `step` seconds."""

    track: Track
    span: Window
    step: int


def span_of(windows: list[Window], margin: int = 300 * SECOND) -> Window:
    """The stretch that holds every window, with five minutes on each side."""
    return Window(
        "span", min(w.start for w in windows) - margin, max(w.end for w in windows) + margin
    )


def plan_outlines(lake: Lake, span: Window, only: set[str] | None = None) -> list[OutlineTask]:
    """Per-second tracks of the span; all kinds of price, so a mark stands beside its trades.

    `only` limits the coins.
    """
    step = max(1, -(-(span.end - span.start) // (POINTS * SECOND)))
    found = tracks(lake, span, per_second=True)
    return [
        OutlineTask(track, span, step)
        for price in ("trade", "mark", "index")
        for coin, group in by_coin(found, price=price).items()
        if only is None or coin in only
        for track in group
    ]


def outline(task: OutlineTask) -> dict[str, Any]:
    """The thinned path of one track: offsets in seconds, low, high, close per bucket."""
    path = walk(task.track, task.span)
    bucket = (path.ts - task.span.start) // (task.step * SECOND)
    starts = np.flatnonzero(np.diff(bucket, prepend=bucket[:1] - 1))
    empty = len(path.ts) == 0
    lows = np.array([]) if empty else np.minimum.reduceat(path.low, starts)
    highs = np.array([]) if empty else np.maximum.reduceat(path.high, starts)
    ends = np.append(starts[1:], len(path.ts)) - 1
    closes = np.array([]) if empty else path.close[ends]
    return {
        **task.track.subject,
        "coin": task.track.coin,
        "quote": task.track.instrument.quote,
        "resolution": f"{max(task.track.duration, SECOND) // SECOND}s",
        "t0": task.span.start // SECOND,
        "x": [int(b) * task.step for b in bucket[starts]],
        "lo": [_short(v) for v in lows],
        "hi": [_short(v) for v in highs],
        "close": [_short(v) for v in closes],
    }


def outlines_json(windows: list[Window], step: int, made: list[dict[str, Any]]) -> dict[str, Any]:
    """All outlines by coin, with the windows to be shaded."""
    coins: dict[str, Any] = {}
    for one in made:
        if one["x"]:
            coins.setdefault(one["coin"], {"tracks": []})["tracks"].append(one)
    return {
        "windows": [
            {"name": w.name, "from": format_time(w.start), "to": format_time(w.end)}
            for w in windows
        ],
        "step": step,
        "coins": dict(sorted(coins.items())),
    }


def _short(value: float) -> float:
    """Seven significant digits: finer than any screen, and a third of the bytes."""
    return float(f"{value:.7g}")
