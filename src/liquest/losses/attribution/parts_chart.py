"""The parts of a loss as one SVG: bars to the left for losses, to the right for gains.

Every bar is as long as its part is large, on one scale; the sum stands below. Both languages,
no script; the same input gives the same bytes.
"""

from __future__ import annotations

from decimal import Decimal
from html import escape

from ...errors import Text
from ...findings import rounded
from .attribute import Share
from .parts import BEFORE, PARTS

WIDTH, LEFT, RIGHT, ROW, TOP = 960, 400, 190, 24, 58
LOSS, GAIN, SUM = "#c1440e", "#2b8a3e", "#1b1b1b"


def parts_chart(share: Share, places: int) -> str:
    """The parts of one wallet from the reference time on, and their sum."""
    rows = [
        (PARTS[name], value, GAIN if value > 0 else LOSS)
        for name, value in share.parts.items()
        if value and name != BEFORE
    ]
    rows.append((Text("after the reference, in all", "参考时刻之后合计"), share.after, SUM))
    most = max((abs(value) for _, value, _ in rows), default=Decimal(0)) or Decimal(1)
    losses = max((-value for _, value, _ in rows if value < 0), default=Decimal(0))
    gains = max((value for _, value, _ in rows if value > 0), default=Decimal(0))
    room = WIDTH - LEFT - RIGHT
    zero = LEFT + room * float(losses / (losses + gains)) if losses + gains else LEFT
    scale = room / float(losses + gains or most)
    height = TOP + ROW * len(rows) + 12
    name = f"{share.asset} ({share.market})"
    parts = [
        f'<text x="12" y="22" class="t">{escape(name)}: where the loss came from · 亏损由何构成'
        "</text>",
        f'<line x1="{zero:.1f}" x2="{zero:.1f}" y1="{TOP - 8}" y2="{height - 8}" stroke="#999"/>',
    ]
    for place, (words, value, colour) in enumerate(rows):
        y = TOP + place * ROW
        wide = abs(float(value)) * scale
        x = zero - wide if value < 0 else zero
        parts.append(
            f'<text x="{LEFT - 12}" y="{y + 11}" text-anchor="end">{escape(words.en)} · '
            f"{escape(words.zh)}</text>"
            f'<rect x="{x:.1f}" y="{y}" width="{max(wide, 0.5):.1f}" height="14" fill="{colour}"/>'
            f'<text x="{WIDTH - 12}" y="{y + 11}" text-anchor="end" class="n">'
            f"{rounded(value, places):,f} {escape(share.asset)}</text>"
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" font-family="system-ui, Noto Sans CJK SC, '
        'sans-serif" font-size="12" fill="#1b1b1b"><style>.t{font-size:15px;font-weight:600}'
        ".n{font-variant-numeric:tabular-nums}</style>"
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )
