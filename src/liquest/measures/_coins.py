"""Which tracks of a coin are compared per second, and which are too short to be."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..clock import Window
from ..errors import CaseError, Text
from ..instruments import STABLE
from ..problems import KEPT, Problem
from ..tape.tracks import Track, by_coin
from . import Context, flatten
from ._params import decimal, decimals

THRESHOLDS = ("0.05", "0.10", "0.20", "0.50")
MIN_REACH = "0.1"
"""Share of the window that the data of a track must reach over to be compared."""


def money(quote: str) -> str:
    """What a price is counted in when stablecoins are taken at 1: only like is compared."""
    return "USD" if quote in STABLE else quote


def coins(context: Context, window: Window, before: int) -> dict[tuple[str, str], list[Track]]:
    """The per-second trade tracks of the window by coin and by what their prices are counted in.

    Tracks with rows up to `before` µs ahead of the window take part: their price is known.
    Fragments are left out.
    """
    grouped: dict[tuple[str, str], list[Track]] = {}
    for track in _tracks(context, window, before):
        if not _fragment(context, track, window):
            grouped.setdefault((track.coin, money(track.instrument.quote)), []).append(track)
    return dict(sorted(grouped.items()))


def _tracks(context: Context, window: Window, before: int) -> list[Track]:
    reach = Window(window.name, window.start - before, window.end)
    return flatten(by_coin(context.tracks(reach, per_second=True)).values())


def _fragment(context: Context, track: Track, window: Window) -> bool:
    """Whether the data reach over less than `min_reach` of the window.

    A lone sweep of a microsecond is no path: what the venue traded a moment later is not at
    hand, and its last print would stand for a minute as if it were the price.
    """
    first = max(window.start, min(p.ts_min for p in track.parts))
    last = min(window.end, max(p.ts_max for p in track.parts) + track.duration)
    share = decimal(context.params, "min_reach")
    return max(last - first, 0) < share * (window.end - window.start)


def fragments(context: Context, measure: str, before: int) -> list[Problem]:
    """The tracks that `coins` leaves out, so that none goes in silence."""
    found: dict[str, tuple[Track, list[str]]] = {}
    for window in context.chosen:
        for track in _tracks(context, window, before):
            if _fragment(context, track, window):
                found.setdefault(track.instrument.key, (track, []))[1].append(window.name)
    return [
        Problem(
            "fragment",
            KEPT,
            Text(
                f"{measure}: {key} is not compared in {', '.join(names)}: its data reach over "
                "too little of the window",
                f"{measure}：{key} 的数据只及时间窗的一小部分，未参与比较（{'、'.join(names)}）",
            ),
            source=track.sources[0],
            first=min(p.row_min for p in track.parts),
            last=max(p.row_max for p in track.parts),
            count=sum(p.rows for p in track.parts),
        )
        for key, (track, names) in found.items()
    ]


def thresholds(params: Mapping[str, Any], name: str) -> tuple[Decimal, ...]:
    """Thresholds as positive decimals in rising order; raises CaseError for anything else."""
    found = sorted(set(decimals(params, name)))
    if not found or found[0] <= 0:
        raise CaseError(
            Text(
                f"'{name}' must be above zero: {params[name]!r}",
                f"“{name}”须大于零：{params[name]!r}",
            ),
            remedy=Text(f'Write it as {name} = "0.05".', f'请写成 {name} = "0.05"。'),
        )
    return tuple(found)
