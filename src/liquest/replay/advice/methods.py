"""What each number of the advisor is, in both languages."""

from __future__ import annotations

from ...errors import Text
from ...findings import Method

PREFIX = "replay.advice"

HOLDING = Text(
    "An exposure is opened at the first second of the main window at the trade price, as a linear "
    "contract margined in its quote currency with the tiers of COINUSDT. Isolated: 1/leverage of "
    "it stands behind it; cross: all that is on the exchange. It is liquidated when margin and "
    "result at the trigger price fall below maintenance and closed at the trade price of that "
    "second with the clearance fee; it never takes more than stands behind it. A stop order is "
    "sent where the trade price is `stop` against the entry and fills `delay_s` seconds later. "
    "What is off the exchange is not lost and does not help, unless `remargin_s` is given: then "
    "all of it is sent when half of the distance to liquidation is used up and arrives that many "
    "seconds later. Left over is all of the money, on the exchange and off it.",
    "敞口于主时间窗首秒按成交价开仓，视为以计价货币作保证金的线性合约，采用 COINUSDT 的维持保证金"
    "阶梯。逐仓：敞口的 1/杠杆 作为保证金；全仓：交易所内的全部资金作为保证金。保证金加触发价下的"
    "盈亏低于维持保证金时强平，按该秒成交价平仓并收清算费，损失不超过其保证金。成交价较开仓价不利"
    "变动达 stop 时发出止损单，delay_s 秒后成交。交易所外的资金不会损失，也不能补救；给出 "
    "remargin_s 时，至强平的距离用去一半即全部转入，经该秒数到账。“剩余”为交易所内外的全部资金。",
)
DRAWN = Text(
    "Paths are drawn from blocks of consecutive seconds of a stretch of the record (moving-block "
    "bootstrap): `event` is the main window, its paths as long as it; `before` is what lies "
    "before it, scaled by a steady factor so that a block's mean move is none (`fair`), its paths "
    "`horizon` seconds long.",
    "路径由记录中某段的连续秒块重抽样而成（移动块自助法）：event 为主时间窗，路径与其等长；before "
    "为其之前的时段，乘以固定速率的因子使块的平均变动为零（fair），路径长 horizon 秒。",
)


def _method(name: str, en: tuple[str, str], zh: tuple[str, str]) -> Method:
    return Method(f"{PREFIX}.{name}", Text(en[0], zh[0]), Text(en[1], zh[1]))


METHODS = (
    _method(
        "left",
        ("What is left in the event",
         f"{HOLDING.en} Opened once, on the recorded path; an open position is taken at the last "
         "price. `at` is the first forced close, liquidation or stop."),
        ("事件中的剩余资金",
         f"{HOLDING.zh}按记录路径只开仓一次；未平仓位按最后价格计；at 为首次被动平仓（强平或止损）"
         "时刻。"),
    ),
    _method(
        "left_again",
        ("What is left in the event when it is opened again after every close",
         "As `replay.advice.left`, but `again_s` seconds after every close the same number of "
         "coins is opened again, as long as what is on the exchange pays the margin and the fee."),
        ("事件中每次平仓后再次开仓的剩余资金",
         "同 replay.advice.left，但每次平仓 again_s 秒后再次买入相同币数，直至交易所内资金不足以支"
         "付保证金与手续费。"),
    ),
    _method(
        "stop_outs",
        ("Forced closes in the event when it is opened again after every close",
         "The number of liquidations and stops of `replay.advice.left_again`."),
        ("事件中每次平仓后再次开仓的被动平仓次数",
         "replay.advice.left_again 中强平与止损的次数。"),
    ),
    _method(
        "reenter",
        ("How often what is left on the exchange opens the exposure again",
         "After the forced close of `replay.advice.left`: what is left on the exchange over the "
         "initial margin and fee of the exposure, whole times; in cross mode, behind which all of "
         "it stands, 0 or 1. `with_all` counts the money off the exchange too. Empty where the "
         "position is still open."),
        ("交易所内剩余资金可再次开仓的次数",
         "replay.advice.left 被动平仓之后，交易所内剩余资金除以该敞口的初始保证金与手续费，取整；"
         "全仓以全部资金作保证金，取 0 或 1。with_all 另计交易所外资金。仓位仍在则为空。"),
    ),
    _method(
        "chance",
        ("Chance of liquidation",
         f"{HOLDING.en} {DRAWN.en} The value is the share of paths with a liquidation, opened "
         "once; `error` is its standard error."),
        ("强平概率",
         f"{HOLDING.zh}{DRAWN.zh}数值为只开仓一次时发生强平的路径比例；error 为标准误。"),
    ),
    _method(
        "stopped",
        ("Chance that the stop is filled",
         "The share of the paths of `replay.advice.chance` on which the stop is filled."),
        ("止损成交概率", "replay.advice.chance 的路径中止损成交的比例。"),
    ),
    _method(
        "loss_given",
        ("Mean loss given a liquidation or stop",
         "The mean loss of all the money over the paths of `replay.advice.chance` with a "
         "liquidation or a stop; empty where there is none."),
        ("被强平或止损时的平均损失",
         "replay.advice.chance 中发生强平或止损的路径上全部资金的平均损失；没有则为空。"),
    ),
    _method(
        "mean_left",
        ("Mean of what is left", "The mean of what is left over all paths of "
                                 "`replay.advice.chance`."),
        ("剩余资金的平均值", "replay.advice.chance 全部路径剩余资金的平均值。"),
    ),
    _method(
        "low_left",
        ("What is left on the worst paths",
         "At most one path in 20 of `replay.advice.chance` leaves less than this."),
        ("最差路径的剩余资金", "replay.advice.chance 中至多二十分之一的路径剩余低于此值。"),
    ),
    _method(
        "mean_left_again",
        ("Mean of what is left when it is opened again after every close",
         "As `replay.advice.mean_left`, opened again as in `replay.advice.left_again`."),
        ("每次平仓后再次开仓的剩余资金平均值",
         "同 replay.advice.mean_left，但如 replay.advice.left_again 再次开仓。"),
    ),
    _method(
        "mean_stop_outs",
        ("Mean number of forced closes when it is opened again after every close",
         "The mean number of liquidations and stops on the paths of "
         "`replay.advice.mean_left_again`."),
        ("每次平仓后再次开仓的平均被动平仓次数",
         "replay.advice.mean_left_again 的路径上强平与止损次数的平均值。"),
    ),
    _method(
        "stop_out_cost",
        ("What opening again costs",
         "`replay.advice.mean_left` less `replay.advice.mean_left_again`; below 0 opening again "
         "gained."),
        ("再次开仓的代价",
         "replay.advice.mean_left 减 replay.advice.mean_left_again；负值表示再次开仓有盈余。"),
    ),
    _method(
        "move",
        ("How far the price went against the position, and where it ended",
         "The trade price of the main window against its first: the value is the move at the end, "
         "`worst` the furthest against the position, both with the sign of the result."),
        ("价格的最大不利变动与最终变动",
         "主时间窗内成交价相对首价的变动：数值为窗口结束时的变动，worst 为最大不利变动，符号与盈亏"
         "一致。"),
    ),
    _method(
        "noise",
        ("How restless the minutes before the event were",
         "The standard deviation of the minute moves of the trade price before the main window, "
         "times the square root of 60: that of an hour's move."),
        ("事发前时段的波动",
         "主时间窗之前成交价每分钟对数变动的标准差乘以 60 的平方根，即一小时变动的标准差。"),
    ),
    _method(
        "most",
        ("Highest leverage that the tiers allow",
         "The maximum leverage of the tier of the exposure, before which nothing higher is "
         "opened."),
        ("阶梯允许的最高杠杆", "该敞口所在档位的最高杠杆；高于此者不予开仓。"),
    ),
    _method(
        "gain",
        ("What the advised way leaves more",
         "What the advised way leaves less what the other leaves, on the same path. On drawn "
         "paths the mean; `error` is its standard error, `better` and `worse` are the numbers of "
         "paths on which it leaves more or less, `low` is the same for what is left on the worst "
         "paths. `last` is the gain where the last trade liquidates instead of the mark."),
        ("建议方式多剩余的资金",
         "同一路径上，建议方式的剩余减去另一方式的剩余。重抽样路径取平均；error 为标准误，better "
         "与 worse 为剩余更多或更少的路径数，low 为最差路径剩余之差；last 为以最近成交代替标记价触"
         "发强平时的差额。"),
    ),
    _method(
        "verdict",
        ("Whether the advice holds",
         "holds: it left more in the event and costs nothing measurable on the paths drawn from "
         "before it. price: it left more in the event and costs on those paths; it pays if such "
         "an event comes at least once in `break_even` times the length of such a path. lucky: it "
         "left more in the event, but less on more of the paths drawn from it than it left more "
         "on. returned: it left no more in the event, but more on more of the paths drawn from "
         "it. fails: it left no more, in the event and on the paths drawn from it. even: no "
         "difference. undetermined: a stretch could not be drawn from. Measurable is what exceeds "
         "two standard errors."),
        ("该建议是否成立",
         "holds：事件中剩余更多，在由事发前时段重抽样的路径上无可测代价。price：事件中剩余更多，但"
         "在这些路径上有代价；若此类事件在 break_even 倍路径时长内至少发生一次，则划算。lucky：事"
         "件中剩余更多，但在由其重抽样的路径中，更少者多于更多者。returned：事件中并未剩余更多，但"
         "在重抽样路径中，更多者多于更少者。fails：事件中与重抽样路径中均未剩余更多。even：无差"
         "别。undetermined：某时段无法重抽样。“可测”指超过两倍标准误。"),
    ),
    _method(
        "closed_coins",
        ("Coins whose position is closed by force in the event",
         "The number of coins, of `count`, for which `replay.advice.left` had a liquidation or a "
         "stop; `liquidated` and `stopped` list them."),
        ("事件中被动平仓的币种数",
         "replay.advice.left 中发生强平或止损的币种数，总数为 count；liquidated 与 stopped 列出。"),
    ),
    _method(
        "coins_median",
        ("Median over the coins",
         "The median over the coins of the number that `of` names; `least` and `most` are its "
         "extremes, with their coins."),
        ("各币种的中位数", "of 所指数值在各币种间的中位数；least 与 most 为极值及其币种。"),
    ),
    _method(
        "coins_mean",
        ("Mean over the coins", "The mean over the coins of the number that `of` names, for those "
                                "that have one."),
        ("各币种的平均值", "of 所指数值在有值的币种间的平均值。"),
    ),
    _method(
        "coins_gain",
        ("What the advised way leaves more, mean over the coins",
         "The mean of `replay.advice.gain` over the coins; on drawn paths `error` is the standard "
         "error of that mean, coins taken as independent."),
        ("建议方式多剩余的资金，各币种平均",
         "replay.advice.gain 在各币种间的平均；重抽样路径的 error 为该平均的标准误，视各币种相互独"
         "立。"),
    ),
    _method(
        "coins_verdict",
        ("For how many coins the advice holds",
         "The number of coins with that word in `replay.advice.verdict`, of `count`; `coins` "
         "lists them."),
        ("该建议对多少币种成立",
         "replay.advice.verdict 为该词的币种数，总数为 count；coins 列出。"),
    ),
)  # fmt: skip
IDS = {m.name.removeprefix(f"{PREFIX}."): m.id for m in METHODS}
