"""Lines over time as one SVG file that opens anywhere: both languages, both clocks, no script.

Long lines are drawn with the minimum and the maximum of each pixel column, so that a spike
is never hidden. The same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from ..clock import SECOND, Window, clock_time
from ..errors import Text
from ..tape.tracks import Floats

WIDTH, HEIGHT = 960, 420
LEFT, RIGHT, TOP = 92, 28, 64
ROW = 18
"""Height of one legend row."""
COLOURS = (
    "#1b1b1b", "#0067a5", "#c1440e", "#2b8a3e", "#8a3ffc", "#b8860b", "#008b8b", "#c2185b",
    "#5d6d7e", "#7cb342",
)  # fmt: skip
LOG_SPAN = 50.0
"""Ratio of the largest to the smallest value above zero beyond which the axis is logarithmic."""


@dataclass(frozen=True)
class Line:
    """One value a second of the window; NaN leaves a hole. `dashed` for what was recorded."""

    label: Text
    values: Floats
    dashed: bool = False


def chart(
    title: Text, unit: Text, window: Window, lines: Sequence[Line], *, log: bool | None = None
) -> str:
    """The lines as an SVG document. `log` forces or forbids a logarithmic axis."""
    finite = np.concatenate([one.values[np.isfinite(one.values)] for one in lines] or [np.zeros(0)])
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    above = finite[finite > 0]
    if log is None:
        log = bool(len(above)) and low > 0 and high / float(above.min()) > LOG_SPAN
    if not log:
        low = min(low, 0.0) if low >= 0 and low < high / 3 else low
    if high <= low:
        high = low + (abs(low) or 1.0)
    axis = _Axis(low, high, log)
    bottom = HEIGHT - 48
    parts = [
        f'<text x="{LEFT}" y="22" class="t">{escape(title.en)} · {escape(title.zh)}</text>',
        f'<text x="{LEFT}" y="42" class="s">{escape(unit.en)} · {escape(unit.zh)}</text>',
    ]
    for value, text in axis.ticks():
        y = axis.place(value, TOP, bottom)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="g"/>'
        )
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" class="s" text-anchor="end">{text}</text>'
        )
    parts += _times(window, bottom)
    drawn: list[str] = []
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        dash = ' stroke-dasharray="5 4"' if line.dashed else ""
        drawn += [
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"{dash}/>'
            for points in _pieces(line.values, axis, bottom)
        ]
        y = HEIGHT + number * ROW
        parts.append(
            f'<line x1="{LEFT}" x2="{LEFT + 28}" y1="{y - 4}" y2="{y - 4}" stroke="{colour}" '
            f'stroke-width="3"{dash}/>'
        )
        words = line.label.en if line.label.en == line.label.zh else " · ".join(line.label)
        parts.append(f'<text x="{LEFT + 36}" y="{y}" class="s">{escape(words)}</text>')
    parts += reversed(drawn)  # The first line, what the others are compared with, lies on top.
    height = HEIGHT + ROW * len(lines) + 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title.en)}">'
        "<style>text{font-family:system-ui,'Noto Sans CJK SC',sans-serif;fill:#222}"
        ".t{font-size:15px;font-weight:600}.s{font-size:12px}.g{stroke:#ddd}</style>"
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


@dataclass(frozen=True)
class _Axis:
    low: float
    high: float
    log: bool

    def place(self, value: float, top: float, bottom: float) -> float:
        low, high, at = self.low, self.high, value
        if self.log:
            low, high, at = np.log10(low), np.log10(high), np.log10(max(value, self.low))
        return float(bottom - (at - low) / (high - low) * (bottom - top))

    def ticks(self) -> list[tuple[float, str]]:
        """Round values between low and high."""
        if self.log:
            first, last = int(np.floor(np.log10(self.low))), int(np.ceil(np.log10(self.high)))
            steps = (1,) if last - first > 3 else (1, 2, 5)
            found = [s * 10.0**e for e in range(first, last + 1) for s in steps]
        else:
            raw = (self.high - self.low) / 5
            size = 10.0 ** np.floor(np.log10(raw))
            step = float(size * min((m for m in (1, 2, 5, 10) if m * size >= raw), default=10))
            first = int(np.ceil(self.low / step))
            found = [k * step for k in range(first, int(np.floor(self.high / step)) + 1)]
        return [(v, short(v)) for v in found if self.low <= v <= self.high]


def short(value: float) -> str:
    """A number for an axis: 1.5M, 20k, 0.25."""
    for size, mark in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.6g}{mark}"
    return f"{value:.6g}"


def _times(window: Window, bottom: float) -> list[str]:
    """The time axis: UTC above, UTC+8 below."""
    span = (window.end - window.start) // SECOND
    step = next(
        (s for s in (60, 120, 300, 600, 900, 1800, 3600, 7200, 14400) if span / s <= 10), 21600
    )
    first = -(-window.start // (step * SECOND)) * step * SECOND
    parts = []
    for at in range(first, window.end + 1, step * SECOND):
        x = LEFT + (at - window.start) / (window.end - window.start) * (WIDTH - LEFT - RIGHT)
        utc, east = (clock_time(at, zone, digits=0)[:5] for zone in ("UTC", "UTC+8"))
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 5}" stroke="#888"/>'
        )
        parts.append(
            f'<text x="{x:.1f}" y="{bottom + 18}" class="s" text-anchor="middle">{utc}</text>'
        )
        parts.append(
            f'<text x="{x:.1f}" y="{bottom + 32}" class="s" text-anchor="middle">{east}</text>'
        )
    # Left of the first time, which is centred on the axis.
    parts.append(f'<text x="8" y="{bottom + 18}" class="s">UTC</text>')
    parts.append(f'<text x="8" y="{bottom + 32}" class="s">UTC+8</text>')
    return parts


def _pieces(values: Floats, axis: _Axis, bottom: float) -> list[str]:
    """Polyline points, one string for each stretch without a hole."""
    columns = min(len(values), WIDTH - LEFT - RIGHT)
    if not columns:
        return []
    edges = np.linspace(0, len(values), columns + 1).astype(int)
    pieces: list[str] = []
    points: list[str] = []
    for column in range(columns):
        part = values[edges[column] : edges[column + 1]]
        part = part[np.isfinite(part)]
        if not len(part):
            if points:
                pieces.append(" ".join(points))
            points = []
            continue
        x = LEFT + (column + 0.5) / columns * (WIDTH - LEFT - RIGHT)
        first, last = float(part[0]), float(part[-1])
        shown = dict.fromkeys((first, float(part.min()), float(part.max()), last))
        points += [f"{x:.1f},{axis.place(v, TOP, bottom):.1f}" for v in shown]
    if points:
        pieces.append(" ".join(points))
    return pieces


BLOCKS = " ▁▂▃▄▅▆▇█"


def spark(values: Floats, width: int = 48) -> str:
    """The maximum of each of `width` equal stretches as blocks, for a terminal."""
    if not len(values) or not np.isfinite(values).any():
        return ""
    columns = np.array_split(np.nan_to_num(values, nan=0.0), min(width, len(values)))
    peaks = np.array([float(part.max()) for part in columns])
    top = float(peaks.max())
    if top <= 0:
        return BLOCKS[0] * len(peaks)
    heights = np.ceil(peaks / top * (len(BLOCKS) - 1)).astype(int)
    return "".join(BLOCKS[h] for h in np.clip(heights, 0, len(BLOCKS) - 1))
