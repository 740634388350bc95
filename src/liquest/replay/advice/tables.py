"""The tables of the advisor as text, for the terminal and the page alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from ...clock import clock_time
from ...errors import Text
from ...findings import Finding, plain, rounded
from ...rules.structure import CROSS
from .asked import NONE
from .coin_findings import RECORD
from .rivals import QUESTIONS, WHOLE
from .sheet import Sheet, Words, number
from .weigh import BEFORE, EVENT
from .words import HEADS, MODES, SHORT, money, percent

LEFT, RIGHT = "left", "right"
SHARED = 2
"""The column of the share on the exchange, which changes nothing for many ways."""


@dataclass
class Table:
    """`heads` are (words, side); a row has a text for each. `tones` colours a row's cell."""

    title: Text
    heads: list[tuple[Text, str]]
    rows: list[list[Text]] = field(default_factory=list)
    tones: list[list[str]] = field(default_factory=list)

    def merged(self, column: int = SHARED) -> Table:
        """Rows one after the other that differ in one column only, as one row with its range."""
        found = Table(self.title, self.heads)
        ranges: list[tuple[str, str]] = []
        for cells, tones in zip(self.rows, self.tones, strict=True):
            same = found.rows and all(
                a == b for k, (a, b) in enumerate(zip(found.rows[-1], cells, strict=True))
                if k != column
            )  # fmt: skip
            if not same:
                found.add(list(cells), tones)
                ranges.append((cells[column].en, cells[column].en))
                continue
            ranges[-1] = (ranges[-1][0], cells[column].en)
            text = f"{ranges[-1][1]}–{ranges[-1][0]}"
            found.rows[-1][column] = Text(text, text)
        return found

    def add(self, cells: list[Text], tones: list[str] | None = None) -> None:
        """A row; tones are words of the advice, "" for none."""
        self.rows.append(cells)
        self.tones.append(tones or [""] * len(cells))


WAY = [
    (Text("margin", "保证金"), LEFT), (Text("lev.", "杠杆"), RIGHT),
    (Text("on ex.\n%", "场内\n%"), RIGHT), (Text("stop", "止损"), RIGHT),
]  # fmt: skip


def event(sheet: Sheet, coin: str) -> Table:
    """What each way left on the recorded path."""
    name = coin or f"{len(sheet.coins)}"
    title = (
        Text(f"{coin}: on the recorded path of the event", f"{coin}：事件的记录路径")
        if coin
        else Text(f"On the recorded paths of {name} coins", f"{name} 个币种的记录路径")
    )
    heads = [*WAY, (Text("at risk", "风险\n资金"), RIGHT)]
    if coin:
        heads += [
            (Text("closed\n(UTC)", "平仓\n(UTC)"), RIGHT), (Text("left", "剩余"), RIGHT),
            (Text("can open\nagain", "可再\n开仓"), RIGHT),
        ]  # fmt: skip
    else:
        heads += [
            (Text("closed,\ncoins", "平仓\n币种"), RIGHT),
            (Text("left,\nmedian", "剩余\n中位"), RIGHT),
            (Text("left,\nleast", "剩余\n最少"), RIGHT),
        ]  # fmt: skip
    heads += [
        (Text("again:\nclosed", "再开仓\n平仓数"), RIGHT),
        (Text("left", "剩余"), RIGHT),
    ]
    made = Table(title, heads)
    for way in sheet.ways(coin):
        left = sheet.way(coin, "left", way)
        cells = [*_way(way), _text(money(_behind(sheet, way)))]
        if coin:
            again = sheet.way(coin, "reenter", way)
            cells += [_closed(left), _text(money(number(left))), _reenter(again)]
        else:
            hit = sheet.way(coin, "closed_coins", way)
            least = None if left is None else Decimal(str(left.params["least"]))
            cells += [
                _text("–" if hit is None else f"{hit.value}/{hit.count}"),
                _text(money(number(left))), _text(money(least)),
            ]  # fmt: skip
        outs = number(sheet.way(coin, "stop_outs", way))
        cells += [
            _text("–" if outs is None else plain(rounded(outs, 1))),
            _text(money(number(sheet.way(coin, "left_again", way)))),
        ]
        made.add(cells)
    return made


STRETCHES = {
    EVENT: Text("drawn from the event", "由事件重抽样的"),
    BEFORE: Text(
        "drawn from the minutes before it, without their trend", "由事发前时段（去除趋势）重抽样的"
    ),
}


def drawn(sheet: Sheet, coin: str, stretch: str) -> Table:
    """What each way came to on the paths drawn from a stretch."""
    paths = f"{sheet.paths():,}"
    who = Text(f"{coin}: ", f"{coin}：") if coin else Text("Mean over the coins: ", "各币种平均：")
    words = STRETCHES[stretch]
    made = Table(
        Text(f"{who.en}{paths} paths {words.en}", f"{who.zh}{words.zh} {paths} 条路径"),
        [
            *WAY,
            (Text("liq.\n%", "强平\n%"), RIGHT), (Text("stop\n%", "止损\n%"), RIGHT),
            (Text("loss if\nclosed", "平仓时\n损失"), RIGHT),
            (Text("left,\nmean", "剩余\n平均"), RIGHT),
            (Text("left,\n1 in 20", "剩余\n最差5%"), RIGHT),
            (Text("again:\nclosed", "再开仓\n平仓数"), RIGHT),
            (Text("left,\nmean", "剩余\n平均"), RIGHT), (Text("its\ncost", "其\n代价"), RIGHT),
        ],
    )  # fmt: skip
    names = (
        "chance", "stopped", "loss_given", "mean_left", "low_left", "mean_stop_outs",
        "mean_left_again", "stop_out_cost",
    )  # fmt: skip
    for way in sheet.ways(coin):
        cells = [_drawn(name, number(sheet.way(coin, name, way, stretch))) for name in names]
        made.add([*_way(way), *cells])
    return made


def verdicts(sheet: Sheet) -> Table:
    """Coin by coin: how the price moved, and whether each part of the advice holds."""
    made = Table(
        Text("Whether the advice holds, coin by coin", "建议是否成立，逐币种"),
        [
            (Text("coin", "币种"), LEFT), (Text("furthest", "最大不\n利变动"), RIGHT),
            (Text("at the\nend", "最终\n变动"), RIGHT),
            (Text("whole:\nevent", "整体：\n事件"), RIGHT),
            (Text("before", "事前"), RIGHT),
            *((HEADS[q], LEFT) for q in QUESTIONS),
        ],
    )  # fmt: skip
    for coin in [*sheet.coins, *([""] if sheet.together else [])]:
        move = sheet.coin(coin, "move") if coin else None
        worst = None if move is None else Decimal(str(move.params["worst"]))
        cells = [
            Text(coin, coin) if coin else Text("mean", "平均"), _text(percent(worst)),
            _text(percent(number(move))),
            _text(money(number(sheet.gain(coin, WHOLE, RECORD)), sign=True)),
            _text(money(number(sheet.gain(coin, WHOLE, BEFORE)), sign=True)),
        ]  # fmt: skip
        said = [sheet.verdict(coin, q) for q in QUESTIONS]
        words = ["" if one is None else str(one.value) for one in said]
        cells += [SHORT.get(w, Text("–", "–")) for w in words]
        made.add(cells, [""] * 5 + words)
    return made


def _way(way: Words) -> list[Text]:
    mode, leverage, share, stop = way
    return [
        MODES[mode], _text("–" if mode == CROSS else f"{leverage}x"),
        _text(percent(Decimal(share)).removesuffix(" %")),
        _text("–" if stop == NONE else percent(Decimal(stop))),
    ]  # fmt: skip


def _behind(sheet: Sheet, way: Words) -> Decimal:
    """The margin of an isolated way, all on the exchange of a cross one."""
    mode, leverage, share, _ = way
    if mode == CROSS:
        return Decimal(share) * Decimal(str(sheet.params["capital"]))
    return Decimal(str(sheet.params["exposure"])) / Decimal(leverage)


def _closed(left: Finding | None) -> Text:
    if left is None or left.at is None:
        return Text("open", "未平")
    liquidated = bool(left.params["liquidations"])
    at = clock_time(left.at, digits=0)
    word = Text("liq.", "强平") if liquidated else Text("stop", "止损")
    return Text(f"{word.en} {at}", f"{word.zh} {at}")


def _reenter(again: Finding | None) -> Text:
    if again is None or again.value is None:
        return Text("–", "–")
    everything = again.params["with_all"]
    more = "" if everything == again.value else f" ({everything})"
    return _text(f"{again.value}{more}")


def _drawn(name: str, value: Decimal | None) -> Text:
    if value is None:
        return Text("–", "–")
    if name in ("chance", "stopped"):
        return _text(f"{value * 100:.1f}")
    if name == "mean_stop_outs":
        return _text(f"{value:.1f}")
    return _text(money(value))


def _text(text: str) -> Text:
    return Text(text, text)
