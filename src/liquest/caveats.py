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
    "own-spot-proxy": Text(
        "the venue's own spot is not in the tape; the contract's own trades stand in for it",
        "行情带中没有该场所自身的现货，以合约自身成交代替",
    ),
    "mid-from-trades": Text(
        "no quotes are in the tape: the last trade stands in for the middle of bid and ask",
        "行情带中没有报价，以最近成交代替买一卖一中间价",
    ),
    "no-funding-rate": Text(
        "the funding rate is not in the tape; the rate of the rules is used",
        "行情带中没有资金费率，采用规则中的取值",
    ),
    "index-weights-unknown": Text(
        "the index weights of the day, and which text protected the index, are not on record; the "
        "range over plausible ones stands beside the value; the venue's constituents, weights and "
        "index per second would narrow it",
        "当日指数权重及适用的指数保护文本不在记录中，数值旁列出合理范围内的区间；场所的指数成分、权重与"
        "逐秒指数可收窄该区间",
    ),
    "tiers-assumed": Text(
        "the maintenance tiers of this contract are not on record; one assumed rate is used (the "
        "venue's COIN-M tiers of the day would replace it)",
        "该合约的维持保证金阶梯不在记录中，采用单一假定费率（场所当日的币本位阶梯可取代之）",
    ),
    "exogenous": Text(
        "prices as recorded: what fewer or more liquidations would have done to them is left out",
        "按记录价格计算，未计入强平增减对价格的影响",
    ),
    "first-order-feedback": Text(
        "the forced volume that differs from the baseline moves the price through a stated model, "
        "once",
        "与基准不同的强平成交量按给定模型影响价格，只计一次",
    ),
    "assumed-rules": Text(
        "rests on rules that are assumed or claimed, not published",
        "依据假定或当事人主张的规则，而非公开规则",
    ),
    "statement-not-held": Text(
        "the words are known through others: no copy is held", "原文未持有，内容经他人转述得知"
    ),
    "statement-undated": Text("when it was made is not known", "发表时间不明"),
    "not-repeated": Text(
        "a later text does not repeat it; that is no withdrawal", "后来的文本未再提及，并不等于撤回"
    ),
    "as-published": Text("as the venue published it", "按场所公布的数值"),
    "few-attempts": Text("rests on few attempts", "依据的请求次数很少"),
    "action-unstated": Text(
        "the log does not say which action these attempts were", "日志未说明这些请求属于何种操作"
    ),
    "clock-unaligned": Text(
        "the log's clock could not be set against the tape", "日志时钟无法与行情带对齐"
    ),
    "way-back-included": Text("the time includes the reply's way back", "时间包含应答返回的路程"),
    "not-to-the-market": Text(
        "after the correction no depth is left between the level and the market",
        "更正后该档与市价之间没有剩余深度",
    ),
    "contract-size-unknown": Text(
        "the size of a contract is not known, so sizes stay in contracts",
        "合约面值未知，数量以张计",
    ),
    "not-reached": Text("not reached in the window", "时间窗内未达到"),
    "reserves-unknown": Text(
        "the coin's real reserves are not on record: each leg is judged for itself",
        "该币的真实储备不在记录中，各腿单独判断",
    ),
    "other-contract": Text(
        "compared with another contract of the same coin on the same venue",
        "与同一场所同一币种的另一合约比较",
    ),
    "data-end": Text(
        "undecided at the end of the data: what followed is not in the tape",
        "数据结束时尚未确定，其后情况不在行情带中",
    ),
}


def caveat(code: str) -> Text:
    """The words of a code; an unknown code stands for itself."""
    return CAVEATS.get(code, Text(code, code))
