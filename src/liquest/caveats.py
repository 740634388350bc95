"""What a reader must know beside a number: fixed codes, so that ids do not hang on wording."""

from __future__ import annotations

from .errors import Text

CAVEATS: dict[str, Text] = {
    "bar-resolution": Text("known only to the length of a bar", "只精确到一根 K 线的时长"),
    "bar-reaches-outside": Text(
        "the bar reaches outside the window; the extreme may lie outside it",
        "该 K 线超出时间窗，极值可能在窗外",
    ),
    "thin": Text("rests on fewer than 5 trades at that price", "该价位成交不足 5 笔"),
    "few-trades": Text("fewer than 10 trades within one second of it", "前后一秒内成交不足 10 笔"),
    "mixed-kinds": Text("compares different kinds of contract", "比较了不同类型的合约"),
    "mixed-quotes": Text(
        "compares prices in different quote currencies, stablecoins taken at 1",
        "比较了不同计价货币，稳定币按 1 计",
    ),
    "different-resolution": Text(
        "the two sides are known at different resolution", "两侧数据的时间精度不同"
    ),
    "stale-reference": Text(
        "part of the window has no fresh reference price", "时间窗内部分时段无新鲜参考价"
    ),
    "not-covered": Text(
        "the data begin after the window does, or end before it ends",
        "数据晚于时间窗开始，或早于时间窗结束",
    ),
    "not-recovered": Text("not reached before the data end", "在数据结束前未达到"),
    "no-baseline": Text("no data before the window to compare with", "窗口前无数据可作比较"),
    "two-venues": Text("rests on two venues only", "仅依据两个交易场所"),
    "aggregated": Text(
        "rows are aggregate trades; single trades are counted by their ids",
        "数据为聚合成交，单笔数按成交编号计",
    ),
    "stablecoin-unknown": Text(
        "the stablecoin's own price is not known here and is taken at 1",
        "此处不知稳定币自身价格，按 1 计",
    ),
    "stale-baseline": Text(
        "the last trade before the window is older than max_age", "窗口前最后一笔成交早于 max_age"
    ),
    "short-baseline": Text(
        "the data before the window are shorter than the window", "窗口前的数据短于窗口本身"
    ),
    "thin-baseline": Text(
        "fewer than 10 trades or updates before the window", "窗口前成交或更新不足 10 次"
    ),
    "millisecond-clock": Text(
        "the venue stamps whole milliseconds: one timestamp is one millisecond",
        "该场所的时间戳为整毫秒，同一时刻指同一毫秒",
    ),
    "no-later-trades": Text("no later trades are at hand", "没有其后的成交数据"),
    "stale-price": Text(
        "part of the window has no fresh price of what is compared",
        "时间窗内部分时段无新鲜的被比价格",
    ),
    "aged-price": Text(
        "one of the prices was more than 10 seconds old at that moment",
        "其中一个价格在该时刻已早于 10 秒",
    ),
    "cut-by-window": Text(
        "touches the edge of the window: it may have begun before or lasted longer",
        "触及时间窗边缘：可能更早开始或持续更久",
    ),
    "other-venue": Text(
        "against other venues: the venue's own spot is not in the data",
        "与其他场所相比：数据中没有该场所自身的现货",
    ),
    "thin-others": Text(
        "the other venues together had fewer than 10 trades in that minute",
        "其他场所在该分钟内合计成交不足 10 笔",
    ),
    "synthetic": Text("synthetic data", "合成数据"),
}


def caveat(code: str) -> Text:
    """The words of a code; an unknown code stands for itself."""
    return CAVEATS.get(code, Text(code, code))
