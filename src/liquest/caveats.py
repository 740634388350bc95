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
    "beyond-levels": Text(
        "the last level on record still lies within the band: more may stand there",
        "记录的最后一档仍在该比例内，其外可能还有挂单",
    ),
    "book-of-all-makers": Text(
        "the book shows all makers together; nothing follows for one of them",
        "订单簿为全部做市商之和，不能推知某一家",
    ),
    "claimed-terms": Text(
        "the terms are claimed by a party; no contract is on record",
        "条款系当事人主张，合同不在记录中",
    ),
    "own-record": Text("rests on a party's own record", "依据当事人自己的记录"),
    "no-trades": Text("no trades of it are on the tape", "行情带中没有其成交"),
    "end-not-on-record": Text(
        "the log does not tell when the order ended", "日志未记载订单何时结束"
    ),
    "volume-below-drop": Text(
        "less was traded than open interest fell: one of the two is incomplete or in other units",
        "成交量小于未平仓量降幅：二者之一不完整或单位不同",
    ),
    "sampled": Text(
        "the stream shows at most one per symbol and second: a floor",
        "该流每个合约每秒至多一笔，仅为下限",
    ),
    "zone-inferred": Text(
        "times without an offset were placed by the exchange's own times in the same log",
        "未注明时区的时间按同一日志中的交易所时间确定",
    ),
    "clock-change": Text(
        "the log's clock was set meanwhile, or lines of two zones stand in one file",
        "日志时钟曾被调整，或同一文件中有两个时区的行",
    ),
    "censored": Text(
        "more attempts than that were never answered: known only as a least value",
        "更多请求始终没有应答，只知其下限",
    ),
    "data-end": Text(
        "undecided at the end of the data: what followed is not in the tape",
        "数据结束时尚未确定，其后情况不在行情带中",
    ),
    "recorded-mark": Text(
        "the venue's own mark prices, as its archive recorded them",
        "交易所自身标记价格，取自其档案记录",
    ),
    "recomputed-mark": Text(
        "mark prices computed again by the rules of the day",
        "标记价格按当日规则重新计算",
    ),
    "borrowed-contract": Text(
        "another contract of the same coin stands in for this one",
        "以同一币种的另一合约代替本合约",
    ),
    "given-marks": Text(
        "mark prices as the claimant gave them",
        "标记价格由申索人提供",
    ),
    "marks-from-trades": Text(
        "bars of trades stand in for mark prices",
        "以成交 K 线代替标记价格",
    ),
    "marks-of-two-sources": Text(
        "marks of the claimant where he gives them, else those of the tape",
        "标记价格先取申索人所提供者，其余取自行情带",
    ),
    "one-other-venue": Text(
        "rests on one other venue only",
        "仅依据一个其他交易场所",
    ),
    "opening-unknown": Text(
        "the opening balance is not known, or not sure, and taken as zero",
        "期初余额未知或未能确定，按零计",
    ),
    "isolated-margin-unknown": Text(
        "the margin of an isolated position is not known",
        "逐仓仓位的保证金未知",
    ),
    "isolated-margin-stated": Text(
        "isolated margin as stated, in proportion to the quantity",
        "逐仓保证金以所填为准，按数量折算",
    ),
    "margin-mode-unknown": Text(
        "no position row says whether it was cross or isolated: cross is assumed",
        "没有仓位记录说明全仓或逐仓，按全仓计",
    ),
    "forced-inferred": Text(
        "a forced close inferred from a clearance: no orders were given",
        "强平由清算记录推断：未提供委托文件",
    ),
    "breach-before-change": Text(
        "it was below maintenance before its last change: the sum holds from that change on",
        "在最后一次变动前已低于维持保证金：所需金额自该变动起算",
    ),
    "breach-after-forced": Text(
        "by the marks at hand it fell below maintenance only after the first forced order",
        "按现有标记价格，首个强平单之后才低于维持保证金",
    ),
    "stated-losses": Text(
        "losses are as the claimants state them",
        "亏损以申索人所载为准",
    ),
    "no-mark-price": Text(
        "a mark price is missing: the entry price stands in",
        "缺少标记价格，以开仓价代替",
    ),
    "refuted-reference": Text(
        "the reference time leans on what the record contradicts",
        "参考时刻所依据的说法与记录相反",
    ),
    "does-not-close": Text(
        "stated and rebuilt totals differ",
        "所述与重建总额不一致",
    ),
    "kept-back": Text(
        "kept back: too few claimants, or one of them is most of it",
        "不予公布：人数过少，或其中一人占绝大部分",
    ),
}


def caveat(code: str) -> Text:
    """The words of a code; an unknown code stands for itself."""
    return CAVEATS.get(code, Text(code, code))
