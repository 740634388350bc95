"""How ways, numbers and words are written, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ...errors import Text
from ...findings import plain, rounded
from ...rules.structure import CROSS
from .asked import NONE
from .rivals import (
    AGAIN,
    EVEN,
    FAILS,
    HOLDS,
    LIKE_STOP,
    LUCKY,
    PRICE,
    RETURNED,
    SHARE,
    SMALL,
    UNDETERMINED,
    WHOLE,
)

MODES = {"isolated": Text("isolated", "逐仓"), "cross": Text("cross", "全仓")}
SAID = {
    HOLDS: Text("holds", "成立"),
    PRICE: Text("holds at a price", "成立，但有代价"),
    LUCKY: Text("holds on this path only", "仅在此路径上成立"),
    RETURNED: Text("does not hold on this path, but on most drawn from it",
                   "在此路径上不成立，但在多数重抽样路径上成立"),
    FAILS: Text("does not hold", "不成立"),
    EVEN: Text("makes no difference", "无差别"),
    UNDETERMINED: Text("undetermined", "无法判定"),
}  # fmt: skip
SHORT = {
    HOLDS: Text("holds", "成立"), PRICE: Text("costs", "有代价"),
    LUCKY: Text("by luck", "仅此次"), RETURNED: Text("not here", "此次否"),
    FAILS: Text("fails", "不成立"), EVEN: Text("even", "无差别"),
    UNDETERMINED: Text("unknown", "未定"),
}  # fmt: skip
LEGEND = Text(
    "holds: left more in the event, and costs nothing measurable before it · costs: left more in "
    "the event, and costs before it · by luck: left more, but less on most paths drawn from the "
    "event · not here: left no more, but more on most paths drawn from it · fails: left no more · "
    "even: no difference",
    "成立：事件中剩余更多，事发前无可测代价 · 有代价：事件中剩余更多，但事发前有代价 · 仅此次：剩"
    "余更多，但在多数重抽样路径上更少 · 此次否：并未剩余更多，但在多数重抽样路径上更多 · 不成立："
    "并未剩余更多 · 无差别：没有差别",
)
PARTS = {
    WHOLE: Text("The advice as a whole", "整体建议"),
    SMALL: Text("Small margin, high leverage", "小保证金、高杠杆"),
    LIKE_STOP: Text("Like a stop", "类止损"),
    SHARE: Text("Most off the exchange", "多数资金离开交易所"),
    AGAIN: Text("Re-entering after every close", "每次平仓后再开仓"),
}
HEADS = {
    WHOLE: Text("whole", "整体"), SMALL: Text("small\nmargin", "小保\n证金"),
    LIKE_STOP: Text("like a\nstop", "类止损"), SHARE: Text("off ex-\nchange", "离开\n交易所"),
    AGAIN: Text("re-\nenter", "再开仓"),
}  # fmt: skip


def way(words: Mapping[str, Any]) -> Text:
    """A way in a few words."""
    mode, share = MODES[str(words["mode"])], percent(Decimal(str(words["on_exchange"])))
    cross, stop = words["mode"] == CROSS, str(words["stop"])
    en = mode.en + ("" if cross else f" {words['leverage']}x") + f", {share} on the exchange"
    zh = mode.zh + ("" if cross else f" {words['leverage']} 倍") + f"、场内 {share}"
    if stop != NONE:
        en += f", stop at {percent(Decimal(stop))}"
        zh += f"、止损 {percent(Decimal(stop))}"
    return Text(en, zh.replace(" %", "%"))


def percent(share: Decimal | None, places: int = 1) -> str:
    """0.312 → 31.2 %; 0.2 → 20 %."""
    if share is None:
        return "–"
    return f"{plain(rounded(share * 100, places))} %".replace("-", "−")


def money(value: Decimal | None, *, sign: bool = False) -> str:
    """Whole units, thousands separated; `sign` writes a plus."""
    if value is None:
        return "–"
    whole = rounded(value, 0)
    text = "0" if not whole else f"{whole:+,}" if sign else f"{whole:,}"
    return text.replace("-", "−")


def exactly(value: Decimal, *, sign: bool = False) -> str:
    """To the hundredth, thousands separated."""
    value = rounded(value, 2) or Decimal(0)
    return (f"{value:+,.2f}" if sign and value else f"{value:,.2f}").replace("-", "−")


def span(seconds: Decimal | int) -> Text:
    """30 min, 4 h, 12.5 days."""
    for size, en, zh in ((86_400, "days", "天"), (3600, "h", "小时"), (60, "min", "分钟")):
        if seconds >= size * (2 if size == 86_400 else 1):
            text = plain(rounded(Decimal(seconds) / size, 1))
            return Text(f"{text} {en}", f"{text} {zh}")
    return Text(
        f"{plain(rounded(Decimal(seconds), 0))} s", f"{plain(rounded(Decimal(seconds), 0))} 秒"
    )
