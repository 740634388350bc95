"""Charts for paper: price paths as SVG, a band from lowest to highest price and the last price
as a line, so that no spike is hidden. Invariant: the lowest and the highest price of a track are
on the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..clock import SECOND, Window, format_time

WIDTH, HEIGHT = 660, 230
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 6, 22
COLUMNS = 330
"""Stretches of time of one track: two units of width each."""
FONT = "Noto Sans CJK SC"
COLOURS = ("#d55e00", "#0072b2", "#009e73", "#aa4499", "#8a6d00", "#4d4d4d", "#3a9bd9", "#882255")
FIXED = {"binance": 0, "coinbase": 1, "gemini": 2, "kraken": 3, "bybit": 4, "okx": 5}
_DASHES = {"linear-perpetual": "4 2", "inverse-perpetual": "1.5 1.5"}
_STEPS = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)


def colour(venue: str) -> str:
    """The colour of a venue: the one that it has in the page, or the last two in turn."""
    return COLOURS[FIXED.get(venue, 6 + sum(venue.encode()) % 2)]


def chart(tracks: Sequence[Mapping[str, Any]], window: Window, margin: int = 600) -> str:
    """All tracks of a coin around the window (± `margin` seconds) as SVG; empty text when none
    has a price there."""
    start, end = window.start // SECOND - margin, window.end // SECOND + margin
    cut = [(t, _cut(t, start, end)) for t in tracks]
    cut = [(t, points) for t, points in cut if points]
    if not cut:
        return ""
    low = min(p[1] for _, points in cut for p in points)
    high = max(p[2] for _, points in cut for p in points)
    room = (high - low or abs(high) or 1.0) * 0.04
    bottom = low - room if low - room > 0 or low < 0 else 0.0
    frame = _Frame(start, end, bottom, high + room)
    parts = [frame.shade(window), *frame.grid()]
    for track, points in cut:
        parts += _drawn(track, points, frame)
    body = "".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="{FONT}" font-size="9" fill="#555">{body}</svg>'
    )


Point = tuple[float, float, float, float]
"""Second, lowest, highest and last price of a stretch."""


def _cut(track: Mapping[str, Any], start: int, end: int) -> list[Point]:
    """The track between two seconds in at most COLUMNS stretches, each with its extremes."""
    step = (end - start) / COLUMNS
    found: dict[int, Point] = {}
    first = track["t0"]
    for x, lo, hi, close in zip(track["x"], track["lo"], track["hi"], track["close"], strict=True):
        second = first + x
        if start <= second <= end:
            place = int((second - start) / step)
            before = found.get(place)
            low, high, last = float(lo), float(hi), float(close)
            if before is not None:
                low, high = min(low, before[1]), max(high, before[2])
            found[place] = (start + (place + 0.5) * step, low, high, last)
    return [found[place] for place in sorted(found)]


class _Frame:
    """Seconds and prices as places on the paper."""

    def __init__(self, start: int, end: int, low: float, high: float) -> None:
        self.start, self.end, self.low, self.high = start, end, low, high

    def x(self, second: float) -> float:
        return LEFT + (second - self.start) / (self.end - self.start) * (WIDTH - LEFT - RIGHT)

    def y(self, price: float) -> float:
        inner = HEIGHT - TOP - BOTTOM
        return HEIGHT - BOTTOM - (price - self.low) / (self.high - self.low) * inner

    def shade(self, window: Window) -> str:
        left, right = (self.x(t / SECOND) for t in (window.start, window.end))
        return (
            f'<rect x="{left:.1f}" y="{TOP}" width="{right - left:.1f}" '
            f'height="{HEIGHT - TOP - BOTTOM}" fill="#f1f4f8"/>'
        )

    def grid(self) -> list[str]:
        """Lines with their labels: prices at the left, times of day in UTC below."""
        parts = []
        for price, label in _ticks(self.low, self.high):
            y = self.y(price)
            parts.append(
                f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#dfe2e6" stroke-width=".6"/>'
                f'<text x="{LEFT - 5}" y="{y + 3:.1f}" text-anchor="end">{label}</text>'
            )
        step = next((s for s in _STEPS if (self.end - self.start) / s <= 8), _STEPS[-1])
        for second in range(-(-self.start // step) * step, self.end + 1, step):
            x = self.x(second)
            label = format_time(second * SECOND, digits=0)[11:16]
            parts.append(
                f'<path d="M{x:.1f} {HEIGHT - BOTTOM}v4" stroke="#888" stroke-width=".6"/>'
                f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 14}" text-anchor="middle">{label}</text>'
            )
        return parts


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    """About five round prices between the two."""
    rough = (high - low) / 5
    size = 10 ** len(str(int(rough))) if rough >= 1 else 1.0
    while size > rough:
        size /= 10
    step = next(m * size for m in (1, 2, 5, 10) if m * size >= rough * 0.999)
    places = max(0, len(f"{step:.10f}".rstrip("0").partition(".")[2]))
    first = int(low / step) + (low > 0)
    return [(n * step, f"{n * step:,.{places}f}") for n in range(first, int(high / step) + 1)]


def _drawn(track: Mapping[str, Any], points: Sequence[Point], frame: _Frame) -> list[str]:
    """A track: its band, and its line where prices follow within five minutes."""
    ink = colour(track["venue"])
    parts = []
    for run in _runs(points):
        top = [f"{frame.x(p[0]):.1f} {frame.y(p[2]):.1f}" for p in run]
        base = [f"{frame.x(p[0]):.1f} {frame.y(p[1]):.1f}" for p in reversed(run)]
        line = [f"{frame.x(p[0]):.1f} {frame.y(p[3]):.1f}" for p in run]
        dash = "1 2" if track["price"] != "trade" else _DASHES.get(track["kind"], "")
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        if len(run) == 1:
            x, low, high = frame.x(run[0][0]), frame.y(run[0][1]), frame.y(run[0][2])
            parts.append(
                f'<path d="M{x:.1f} {high:.1f}V{max(low, high + 1):.1f}" stroke="{ink}" '
                'stroke-width="2"/>'
            )
            continue
        parts.append(
            f'<path d="M{"L".join([*top, *base])}Z" fill="{ink}" fill-opacity=".3"/>'
            f'<path d="M{"L".join(line)}" fill="none" stroke="{ink}" stroke-width=".9"{dashed}/>'
        )
    return parts


def _runs(points: Sequence[Point], hold: float = 300) -> list[list[Point]]:
    """Stretches without a pause longer than `hold` seconds."""
    found: list[list[Point]] = []
    for point in points:
        if found and point[0] - found[-1][-1][0] <= hold:
            found[-1].append(point)
        else:
            found.append([point])
    return found
