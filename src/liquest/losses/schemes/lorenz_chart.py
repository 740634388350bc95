"""Lorenz curves of the schemes as one SVG: payments against losses, in order of coverage."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ...errors import Text
from .inequality import Point
from .summary import Summary

SIDE, LEFT, TOP, ROW = 420, 64, 66, 20
LEGEND = 330
MOST = 400
"""Corners of a curve that are drawn; of a longer one every k-th, which keeps it convex."""
COLOURS = (
    "#1b1b1b", "#0067a5", "#c1440e", "#2b8a3e", "#8a3ffc", "#b8860b", "#008b8b", "#c2185b",
    "#5d6d7e", "#7cb342", "#795548", "#d81b60",
)  # fmt: skip
TITLE = Text("How evenly losses are covered", "亏损覆盖的均匀程度")
AXES = (
    Text("share of all losses, least covered first", "亏损占比（覆盖率由低到高）"),
    Text("share of all payments", "赔付占比"),
)


def lorenz_chart(found: Sequence[Summary]) -> str:
    """The curves of all schemes that pay anything, with their Gini coefficients."""
    drawn = [one for one in found if one.curve]
    width, height = LEFT + SIDE + LEGEND, TOP + max(SIDE, ROW * 2 * len(drawn)) + 64
    parts = [
        f'<text x="{LEFT}" y="24" class="t">{_both(TITLE)}</text>',
        f'<text x="{LEFT}" y="46" class="s">{_both(AXES[1])} ↑</text>',
        f'<text x="{LEFT}" y="{TOP + SIDE + 46}" class="s">{_both(AXES[0])} →</text>',
    ]
    for tick in range(0, 101, 20):
        x, y = LEFT + SIDE * tick / 100, TOP + SIDE * (100 - tick) / 100
        parts += [
            f'<line x1="{LEFT}" x2="{LEFT + SIDE}" y1="{y:.1f}" y2="{y:.1f}" class="g"/>',
            f'<line y1="{TOP}" y2="{TOP + SIDE}" x1="{x:.1f}" x2="{x:.1f}" class="g"/>',
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" class="s" text-anchor="end">{tick} %</text>',
            f'<text x="{x:.1f}" y="{TOP + SIDE + 20}" class="s" text-anchor="middle">'
            f"{tick} %</text>",
        ]
    parts.append(
        f'<line x1="{LEFT}" y1="{TOP + SIDE}" x2="{LEFT + SIDE}" y2="{TOP}" stroke="#999" '
        'stroke-dasharray="3 4"/>'
    )
    for number, one in enumerate(drawn):
        colour = COLOURS[number % len(COLOURS)]
        dash = "" if number < len(COLOURS) // 2 else ' stroke-dasharray="7 3"'
        points = " ".join(
            f"{LEFT + SIDE * float(p.x):.1f},{TOP + SIDE * (1 - float(p.y)):.1f}"
            for p in _thinned(one.curve)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"{dash}/>'
        )
        parts += _entry(one, TOP + 12 + 2 * ROW * number, colour, dash)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{escape(TITLE.en)}">'
        "<style>text{font-family:system-ui,'Noto Sans CJK SC',sans-serif;fill:#222}"
        ".t{font-size:15px;font-weight:600}.s{font-size:12px}.g{stroke:#ddd}</style>"
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _entry(one: Summary, y: int, colour: str, dash: str) -> list[str]:
    """Two lines of the legend: the scheme in both languages, its Gini coefficient."""
    x = LEFT + SIDE + 24
    gini = "–" if one.uneven_cover is None else f"{float(one.uneven_cover):.3f}"
    return [
        f'<line x1="{x}" x2="{x + 26}" y1="{y - 4}" y2="{y - 4}" stroke="{colour}" '
        f'stroke-width="3"{dash}/>',
        f'<text x="{x + 34}" y="{y}" class="s">{escape(one.scheme.TITLE.en)}</text>',
        f'<text x="{x + 34}" y="{y + 16}" class="s">{escape(one.scheme.TITLE.zh)} · {gini}</text>',
    ]


def _thinned(curve: Sequence[Point]) -> list[Point]:
    step = -(-len(curve) // MOST)
    return [*curve[:-1:step], curve[-1]]


def _both(text: Text) -> str:
    return f"{escape(text.en)} · {escape(text.zh)}"
