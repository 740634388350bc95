"""The ways of holding as one SVG file that opens anywhere: both languages, no script.

A row is a way; along it lies what is left of all the money: on the recorded path of each coin,
on paths drawn from the event from the worst of them to their mean, and on paths drawn from
before it. What lies beyond the right edge is drawn on the edge as an arrow. The same findings
give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape

from ...errors import Text
from .asked import NONE
from .rivals import WHOLE
from .sheet import Sheet, Words, number
from .weigh import BEFORE, EVENT
from .words import money, percent, way

WIDTH = 1000
LEFT, RIGHT, TOP = 296, 790, 84
ROW, GROUP = 30, 30
BEYOND = Decimal("1.25")
"""The right edge as a multiple of the capital."""
RECORDED, DRAWN, CALM = "#c1440e", "#0067a5", "#2b8a3e"
STYLE = (
    "text{font-family:system-ui,'Noto Sans CJK SC',sans-serif;fill:#222}"
    ".t{font-size:16px;font-weight:600}.b{font-size:13px;font-weight:600}.s{font-size:12px}"
    ".q{font-size:11px;fill:#666}.g{stroke:#e2e2e2}"
)


def picture(sheet: Sheet) -> str:
    """The picture of all coins, or of the one coin."""
    coin = "" if sheet.together else sheet.coins[0]
    capital = Decimal(str(sheet.params["capital"]))
    scale = _Scale(capital * BEYOND)
    groups: dict[str, list[Words]] = {}
    for one in sheet.ways(coin):
        groups.setdefault(one[3], []).append(one)
    body: list[str] = []
    y = TOP
    for stop, ways in groups.items():
        words = (
            Text("without a stop", "不设止损")
            if stop == NONE
            else Text(
                f"with a stop at {percent(Decimal(stop))}",
                f"止损 {percent(Decimal(stop))}".replace(" %", "%"),
            )
        )
        body.append(f'<text x="12" y="{y + 20}" class="b">{words.en} · {words.zh}</text>')
        y += GROUP
        for alike in _alike(sheet, coin, ways):
            body += _row(sheet, coin, alike, scale, y + ROW / 2)
            y += ROW
    bottom = y + 6
    height = bottom + 104
    who = coin or f"{len(sheet.coins)} coins"
    who_zh = coin or f"{len(sheet.coins)} 个币种"
    held = money(Decimal(str(sheet.params["exposure"])))
    side = Text("long", "多") if sheet.params["side"] == "long" else Text("short", "空")
    title = Text(
        f"{who}: what is left of {money(capital)} USDT with {held} held {side.en}",
        f"{who_zh}：做{side.zh} {held}，{money(capital)} USDT 还剩多少",
    )
    legend = "".join(_legend(sheet, bottom + 34))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title.en)}">'
        f"<style>{STYLE}</style>"
        f'<rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="12" y="24" class="t">{escape(title.en)}</text>'
        f'<text x="12" y="44" class="s">{escape(title.zh)}</text>'
        f"{''.join(_frame(scale, capital, bottom))}{''.join(body)}{legend}</svg>\n"
    )


class _Scale:
    """Money to a place between LEFT and RIGHT."""

    def __init__(self, most: Decimal) -> None:
        self.most = most

    def place(self, value: Decimal) -> float:
        share = min(max(value / self.most, Decimal(0)), Decimal(1))
        return float(LEFT + share * (RIGHT - LEFT))

    def ticks(self) -> Iterator[Decimal]:
        size = Decimal(1).scaleb(self.most.adjusted())
        step = next(s for s in (size / 5, size / 2, size, size * 2) if self.most / s <= 7)
        value = Decimal(0)
        while value <= self.most:
            yield value
            value += step


def _frame(scale: _Scale, capital: Decimal, bottom: float) -> Iterator[str]:
    for value in scale.ticks():
        x = scale.place(value)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}" class="g"/>'
        yield (
            f'<text x="{x:.1f}" y="{bottom + 14}" class="q" text-anchor="middle">{money(value)}'
            "</text>"
        )
    x = scale.place(capital)
    yield (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}" stroke="#888" '
        'stroke-dasharray="4 4"/>'
    )
    heads = (
        (868, "closed by force", "被动平仓"), (838, "event", "事件"), (936, "before", "事前"),
    )  # fmt: skip
    for k, (at, en, zh) in enumerate(heads):
        y = TOP - 24 if k == 0 else TOP - 8
        at = 887 if k == 0 else at
        yield f'<text x="{at}" y="{y}" class="q" text-anchor="middle">{en} · {zh}</text>'


def _alike(sheet: Sheet, coin: str, ways: Sequence[Words]) -> list[list[Words]]:
    """Ways of one mode and leverage that leave the same to a thousandth, as one row."""
    found: list[list[Words]] = []
    least = Decimal(str(sheet.params["capital"])) / 1000
    for one in ways:
        mine = _values(sheet, coin, one)
        if found and found[-1][0][:2] == one[:2]:
            before = _values(sheet, coin, found[-1][0])
            if len(mine) == len(before) and all(
                abs(a - b) <= least for a, b in zip(mine, before, strict=True)
            ):
                found[-1].append(one)
                continue
        found.append([one])
    return found


def _values(sheet: Sheet, coin: str, one: Words) -> list[Decimal]:
    """What is drawn of a way."""
    drawn = [sheet.way(coin, n, one, s) for n, s in
             (("low_left", EVENT), ("mean_left", EVENT), ("mean_left", BEFORE))]  # fmt: skip
    each = [sheet.way(name, "left", one) for name in ([coin] if coin else sheet.coins)]
    return [v for v in map(number, (*drawn, *each)) if v is not None]


def _row(
    sheet: Sheet, coin: str, alike: Sequence[Words], scale: _Scale, y: float
) -> Iterator[str]:  # fmt: skip
    one = alike[0]
    mode, leverage, share, _ = one
    words = way({"mode": mode, "leverage": leverage, "on_exchange": share, "stop": NONE})
    if len(alike) > 1:
        least = percent(Decimal(alike[-1][2])).removesuffix(" %")
        high = percent(Decimal(share))
        words = Text(
            words.en.replace(high, f"{least}–{high}"),
            words.zh.replace(high.replace(" ", ""), f"{least}–{high}".replace(" ", "")),
        )
    bold = ' style="font-weight:600"' if any(_is_advised(sheet, a) for a in alike) else ""
    yield f'<text x="12" y="{y}" class="s"{bold}>{escape(words.en)}</text>'
    yield f'<text x="12" y="{y + 12}" class="q">{escape(words.zh)}</text>'
    low, mean, before = (
        number(sheet.way(coin, name, one, stretch))
        for name, stretch in (("low_left", EVENT), ("mean_left", EVENT), ("mean_left", BEFORE))
    )
    if low is not None and mean is not None:
        a, b = scale.place(low), scale.place(mean)
        yield (
            f'<line x1="{a:.1f}" x2="{b:.1f}" y1="{y}" y2="{y}" stroke="{DRAWN}" '
            'stroke-width="5" stroke-opacity=".35"/>'
        )
        yield (
            f'<line x1="{a:.1f}" x2="{a:.1f}" y1="{y - 6}" y2="{y + 6}" stroke="{DRAWN}" '
            'stroke-width="2"/>'
        )
        yield _mark(scale, mean, y, f'<circle cx="{b:.1f}" cy="{y}" r="4" fill="{DRAWN}"/>', DRAWN)
    if before is not None:
        x = scale.place(before)
        yield (
            f'<path d="M{x:.1f} {y - 6}l5 6l-5 6l-5 -6z" fill="none" stroke="{CALM}" '
            'stroke-width="1.8"/>'
        )
    for name in [coin] if coin else sheet.coins:
        value = number(sheet.way(name, "left", one))
        if value is not None:
            x, r = scale.place(value), 6 if coin else 4
            dot = (
                f'<circle cx="{x:.1f}" cy="{y}" r="{r}" fill="{RECORDED}" fill-opacity=".5">'
                f"<title>{escape(name)} {money(value)}</title></circle>"
            )
            yield _mark(scale, value, y, dot, RECORDED)
    for x, stretch in ((838, EVENT), (936, BEFORE)):
        closed = [number(sheet.way(coin, n, one, stretch)) for n in ("chance", "stopped")]
        if closed[0] is not None:
            total = closed[0] + (closed[1] or Decimal(0))
            yield (
                f'<text x="{x}" y="{y + 4}" class="s" text-anchor="middle">{percent(total)}</text>'
            )


def _mark(scale: _Scale, value: Decimal, y: float, inside: str, colour: str) -> str:
    """The mark, or an arrow on the edge for what lies beyond it."""
    if value <= scale.most:
        return inside
    return f'<path d="M{RIGHT} {y - 5}l7 5l-7 5z" fill="{colour}" fill-opacity=".6"/>'


def _is_advised(sheet: Sheet, one: Words) -> bool:
    """Whether the way is the advised one, as a whole."""
    gain = next((g for c in sheet.coins if (g := sheet.gain(c, WHOLE)) is not None), None)
    if gain is None:
        return False
    words = gain.params["advised"]
    return one == tuple(words[k] for k in ("mode", "leverage", "on_exchange", "stop"))


def _legend(sheet: Sheet, y: float) -> Iterator[str]:
    """What the marks are."""
    each = (
        Text("recorded path, a dot for each coin", "记录路径，每点一个币种")
        if sheet.together
        else Text("recorded path", "记录路径")
    )
    rows = (
        (f'<circle cx="24" cy="{y}" r="5" fill="{RECORDED}" fill-opacity=".5"/>', each),
        (f'<line x1="12" x2="36" y1="{y + 20}" y2="{y + 20}" stroke="{DRAWN}" stroke-width="5" '
         f'stroke-opacity=".35"/><circle cx="36" cy="{y + 20}" r="4" fill="{DRAWN}"/>',
         Text("paths drawn from the event: from the worst 1 in 20 to the mean",
              "由事件重抽样的路径：自最差 5% 至平均")),
        (f'<path d="M24 {y + 34}l5 6l-5 6l-5 -6z" fill="none" stroke="{CALM}" stroke-width="1.8"/>',
         Text("paths drawn from the minutes before it: the "
              "mean", "由事发前时段重抽样的路径：平均")),
    )  # fmt: skip
    for k, (mark, words) in enumerate(rows):
        yield f'{mark}<text x="50" y="{y + 4 + 20 * k}" class="s">{words.en} · {words.zh}</text>'
    yield (
        f'<text x="{WIDTH - 12}" y="{y + 44}" class="q" text-anchor="end">'
        "bold: the advised way · 加粗：所建议的方式</text>"
    )
