"""What each answer of the question `structure` is, in both languages."""

from __future__ import annotations

from ...errors import Text
from ...findings import Method

NAME = "structure"


def _method(name: str, en: tuple[str, str], zh: tuple[str, str]) -> Method:
    return Method(f"replay.{NAME}.{name}", Text(en[0], zh[0]), Text(en[1], zh[1]))


HOLDING = Text(
    "An exposure of 1 is opened at the first second of the main window and followed by the second "
    "to its end. Isolated: 1/leverage of the wallet stands behind it; cross: all of the wallet. It "
    "is liquidated when margin and result at the trigger price fall below maintenance, closed at "
    "the trade price of that second with the clearance fee, and never takes more than stands "
    "behind it. A stop order is sent where the trade price is `stop` against the entry and fills "
    "`delay_s` seconds later. After a close the same number of coins (with `refill` the exposure "
    "of 1) is opened again after `again`, while the wallet holds margin and fee.",
    "敞口 1 于主时间窗首秒开仓，逐秒跟踪至窗口结束。逐仓：钱包的 1/杠杆 作为保证金；全仓：整个钱包"
    "作为保证金。保证金加触发价下的盈亏低于维持保证金时强平，按该秒成交价平仓并收清算费，损失不超过"
    "其保证金。成交价较开仓价不利变动达 stop 时发出止损单，delay_s 秒后成交。平仓后经 again 再次"
    "买入相同币数（refill 时为敞口 1），直至钱包不足以支付保证金与手续费。",
)
METHODS = (
    _method(
        "loss",
        ("What a way of holding lost in the event",
         f"{HOLDING.en} The value is the loss of the wallet in units of the exposure, an open "
         "position taken at the last price; below 0 it is a gain. `at` is the first liquidation."),
        ("某种持仓方式在事件中的损失",
         f"{HOLDING.zh}数值为钱包损失（以敞口为单位），未平仓位按最后价格计，负值为盈利；at 为首次"
         "强平时刻。"),
    ),
    _method(
        "probability",
        ("Share of resampled paths with a forced close",
         f"{HOLDING.en} Paths of `horizon` seconds are drawn from blocks of a stretch of the "
         "record (moving-block bootstrap): `event` is the main window, `before` what lies before "
         "it, its mean move taken out (`centred`). The value is the share of paths with at least "
         "one liquidation or stop; `error` is its standard error."),
        ("重抽样路径中被强制平仓的比例",
         f"{HOLDING.zh}从记录的某段中按块重抽样得到长 horizon 秒的路径（移动块自助法）：event 为主"
         "时间窗，before 为其之前并去除平均涨跌（centred）。数值为至少发生一次强平或止损的路径"
         "比例，error 为标准误。"),
    ),
    _method(
        "loss_given",
        ("Mean loss of the resampled paths with a forced close",
         "The mean loss, in units of the exposure, over the paths of `replay.structure."
         "probability` with a liquidation or stop; empty where there is none."),
        ("被强制平仓路径的平均损失",
         "replay.structure.probability 中发生强平或止损的路径的平均损失（以敞口为单位）；"
         "没有则为空。"),
    ),
    _method(
        "expected_loss",
        ("Mean loss over all resampled paths",
         "The mean loss, in units of the exposure, over all paths of `replay.structure."
         "probability`, those without a forced close included."),
        ("全部重抽样路径的平均损失",
         "replay.structure.probability 全部路径（含未被强制平仓者）的平均损失（以敞口为单位）。"),
    ),
    _method(
        "saved",
        ("What the small margin saved in the event",
         "Loss of `against` less loss of the small isolated margin on the same path, in units of "
         "the exposure; below 0 the small margin lost more. `against` is the whole wallet behind "
         "the position (the large margin), without a stop or with one at the same distance."),
        ("小保证金在事件中少亏多少",
         "同一路径上 against 的损失减去小额逐仓保证金的损失（以敞口为单位），负值表示小保证金亏得"
         "更多。against 为以整个钱包作保证金（大保证金），不设止损或在相同距离设止损。"),
    ),
    _method(
        "pays_for",
        ("How many lost small margins the event pays for",
         "What the small margin saved against the large one without a stop, over the small margin: "
         "the number of times that noise may take it before the advice costs more than it saved."),
        ("事件中节省的金额相当于多少份小保证金",
         "小保证金相对不设止损的大保证金所节省的金额除以小保证金：噪声强平超过此次数后，该建议的代价"
         "即高于其节省。"),
    ),
    _method(
        "noise_cost",
        ("What the small margin costs more in a resampled stretch",
         "Expected loss of the small isolated margin less that of the large margin without a stop, "
         "in units of the exposure, over the same resampled paths; below 0 the small margin costs "
         "less."),
        ("小保证金在重抽样路径中的额外代价",
         "相同重抽样路径上，小额逐仓保证金的平均损失减去不设止损的大保证金的平均损失（以敞口为单位），"
         "负值表示小保证金代价更小。"),
    ),
    _method(
        "holds",
        ("Coins for which the small margin lost less in the event",
         "The number of coins whose `replay.structure.saved` against the large margin without a "
         "stop is above 0, of `count`; on the mark where the coin has one, else on the last trade. "
         "`coins` lists them, `not` the others."),
        ("小保证金在事件中亏得更少的币种数",
         "replay.structure.saved（相对不设止损的大保证金）大于 0 的币种数，总数为 count；有标记价的"
         "币种按标记价，否则按最近成交。coins 列出这些币种，not 列出其余。"),
    ),
)  # fmt: skip
