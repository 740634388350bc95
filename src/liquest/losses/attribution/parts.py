"""The parts of a change in equity, by name, with their words in both languages.

They are a partition: every row of a wallet and every second of a position falls into one of
them. `rounding` holds what the venue's own rounding leaves (at most half a unit of the eighth
decimal a row), `unexplained` anything beyond; one of the two is always zero.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import Text

BEFORE, MARKET, DISLOCATION, COMMON, RULE, EXECUTION, UNPRICED = (
    "before", "market", "dislocation", "common", "rule", "execution", "unpriced",
)  # fmt: skip
VOLUNTARY, HELD, OPENED_AFTER = "voluntary", "held", "opened-after"
FEES, FUNDING, INSURANCE, OTHER = "fees", "funding", "insurance", "other"
ROUNDING, UNEXPLAINED = "rounding", "unexplained"

PARTS: Mapping[str, Text] = {
    BEFORE: Text("before the reference time", "参考时刻之前"),
    MARKET: Text("market move common to all venues", "各交易场所共同的市场波动"),
    DISLOCATION: Text("venue dislocation", "本所价格偏离"),
    COMMON: Text("market and venue, not separable", "市场与本所偏离（无法分开）"),
    RULE: Text("rule effect", "规则影响"),
    EXECUTION: Text("execution against the mark price", "成交价与标记价格之差"),
    UNPRICED: Text("forced closes without a mark price", "缺少标记价格的强制平仓"),
    VOLUNTARY: Text("voluntary closes", "自行平仓"),
    HELD: Text("still held at the end", "期末仍持有"),
    OPENED_AFTER: Text("positions opened after the reference", "参考时刻之后新开的仓位"),
    FEES: Text("trading and clearance fees", "交易与强平清算费用"),
    FUNDING: Text("funding", "资金费"),
    INSURANCE: Text("deficit borne by the insurance fund", "由保险基金承担的穿仓"),
    OTHER: Text("other changes of the wallet", "钱包其他变动"),
    ROUNDING: Text("rounding of the venue", "交易场所舍入"),
    UNEXPLAINED: Text("not explained by trades and prices", "成交与价格无法解释"),
}
"""In the order in which they are shown."""

MEANING: Mapping[str, Text] = {
    BEFORE: Text(
        "equity at the reference time less equity at the start of the export, transfers taken out",
        "参考时刻权益减去导出起点权益，剔除划转",
    ),
    MARKET: Text(
        "what the median of the other venues moved between the reference and the forced close",
        "参考时刻至强制平仓之间其他场所中位价的变动",
    ),
    DISLOCATION: Text(
        "what the own mark price, under the rules asked for, moved beyond the other venues",
        "按所问规则，本所标记价格超出其他场所的变动",
    ),
    COMMON: Text(
        "as the two above together, where the tape has no other venue's price",
        "同以上两项之和；行情带中没有其他场所价格时不予分开",
    ),
    RULE: Text(
        "the mark price in force less the mark price under the rules asked for",
        "实际标记价格与所问规则下标记价格之差",
    ),
    EXECUTION: Text(
        "price of the forced fill less the mark price of that second",
        "强制成交价与该秒标记价格之差",
    ),
    UNPRICED: Text(
        "forced closes against the entry price, since a mark price is missing",
        "因缺少标记价格，按开仓价计算的强制平仓盈亏",
    ),
    VOLUNTARY: Text(
        "positions of the reference time that the account's own orders closed",
        "参考时刻持有、由账户自己的订单平掉的仓位",
    ),
    HELD: Text(
        "positions of the reference time that were still open at the end, at the mark price there",
        "参考时刻持有、期末仍未平的仓位，按期末标记价格计",
    ),
    OPENED_AFTER: Text(
        "profit and loss, open or closed, of what was opened after the reference time",
        "参考时刻之后开仓部分的盈亏（含未实现）",
    ),
    FEES: Text(
        "commissions, and clearance fees taken from the wallet", "手续费及从钱包扣取的强平清算费"
    ),
    FUNDING: Text("funding received less funding paid", "收取的资金费减支付的资金费"),
    INSURANCE: Text(
        "what the fund paid in so that the wallet was not below zero",
        "保险基金补入、使钱包不为负的金额",
    ),
    OTHER: Text(
        "every other type of row: conversions, rebates, rewards, claims",
        "其余各类记录：兑换、返佣、奖励、认领等",
    ),
    ROUNDING: Text(
        "the venue rounds each realised profit to eight decimals",
        "交易场所将每笔已实现盈亏舍入到八位小数",
    ),
    UNEXPLAINED: Text(
        "the rows of the wallet and the trades do not tally: see the reconciliation",
        "钱包流水与成交不符：见对账",
    ),
}
