"""What each answer of the question `neutral` is, in both languages."""

from __future__ import annotations

from ...errors import Text
from ...findings import Method

NAME = "neutral"


def _method(name: str, en: tuple[str, str], zh: tuple[str, str]) -> Method:
    return Method(f"replay.{NAME}.{name}", Text(en[0], zh[0]), Text(en[1], zh[1]))


LEG = Text(
    "A leg of 1 holds spot of one coin and is short as many coins in a perpetual, both taken at "
    "the first second of the main window that has both prices; prices are the last closes at the "
    "end of each second, at most max_age seconds old, of bars longer than a second only where they "
    "end.",
    "一份腿为 1：持有某币现货并做空等量永续，均按主时间窗内首个两侧皆有价格的秒计；价格取各秒末最近"
    "收盘价，且不早于 max_age 秒，长于一秒的 K 线只在其结束时取值。",
)
METHODS = (
    _method(
        "break_even_basis",
        ("Basis from which the coin is not backed",
         "The perpetual this far above spot, for all reserves, uses up the excess: excess / hedged "
         "for linear contracts, hedged / (hedged − excess) − 1 for inverse ones, at the spot price "
         "of the start. A formula; no data."),
        ("币不再足额支持的基差",
         "全部储备的永续高于现货达此比例时超额部分耗尽：线性合约为 excess / hedged，反向合约为 "
         "hedged / (hedged − excess) − 1，现货价与起点相同。仅为公式。"),
    ),
    _method(
        "break_even_fall",
        ("Fall of spot after auto-deleveraging from which the coin is not backed",
         "excess / (hedged · closed): the share `closed` of every short is closed at par without "
         "being opened anew, then spot falls this far; above 1 no fall is enough. A formula; no "
         "data."),
        ("自动减仓后使币不再足额支持的现货跌幅",
         "excess / (hedged × closed)：全部空头的 closed 比例被平价平仓且未补回，其后现货跌至此幅；"
         "大于 1 表示任何跌幅都不够。仅为公式。"),
    ),
    _method(
        "break_even_haircut",
        ("Share kept by failed venues from which the coin is not backed",
         "excess / (hedged · held) with no gain unpaid: `held` of the coins lies at the venues as "
         "collateral; above 1 the loss of all of it is borne. A formula; no data."),
        ("场所倒闭扣留多少使币不再足额支持",
         "excess / (hedged × held)，且无未付盈利：held 比例的币作为抵押存于场所；大于 1 表示"
         "全部损失仍可承受。仅为公式。"),
    ),
    _method(
        "effect_low",
        ("Lowest effect of the basis on a leg",
         f"{LEG.en} 1 of reserves hedged so becomes 1 + effect when both sides are closed at "
         "that second: for linear contracts the effect is the change of (spot − perpetual) since "
         "then over spot at the start, for inverse ones (1 + start basis) / (1 + basis) − 1; "
         "the value is the lowest, its first second."),
        ("基差对一份腿的最低影响",
         f"{LEG.zh}若在该秒两侧同时平仓，1 份如此对冲的储备变为 1 + 影响：线性合约的影响为自起点"
         "以来（现货 − 永续）的变化除以起点现货价，反向合约为（1 + 起点基差）/（1 + 基差）− 1。"
         "取最低值及其首次出现的秒。"),
    ),
    _method(
        "effect_high",
        ("Highest effect of the basis on a leg",
         f"{LEG.en} As `replay.{NAME}.effect_low`, the highest: a perpetual that falls below spot "
         "is a gain for the short."),
        ("基差对一份腿的最高影响",
         f"{LEG.zh}同 replay.{NAME}.effect_low，取最高值：永续跌至现货之下时空头获利。"),
    ),
    _method(
        "below",
        ("Seconds in which a leg alone takes the backing below 1",
         "Seconds of the main window in which 1 + excess + hedged · effect < 1, were all hedged "
         "reserves in this coin on this perpetual; `covered` is the number of seconds with both "
         "prices."),
        ("该腿单独使储备低于 1 的秒数",
         "主时间窗内 1 + excess + hedged × 影响 < 1 的秒数，假设全部对冲储备都在该币该永续；"
         "covered 为两侧皆有价格的秒数。"),
    ),
    _method(
        "gain_high",
        ("Largest unpaid gain of the short",
         f"{LEG.en} The value is the largest gain of the short over spot at the start: what would "
         "have lain at the venue beside the collateral had nothing been paid out."),
        ("空头未付盈利的最大值",
         f"{LEG.zh}数值为空头盈利除以起点现货价的最大值：若从未支付，即为除抵押外存于场所的金额。"),
    ),
    _method(
        "adl_low",
        ("Worst effect of auto-deleveraging on a leg",
         f"{LEG.en} At one second, once the perpetual has fallen by `adl_fall` since the start, "
         "all of the short is closed at its last trade times 1 + premium (the closing price of "
         "auto-deleveraging is the bankruptcy price of another and is not on record); the coins "
         "are sold at spot of the same or a later second of the window. The value is the lowest "
         "effect over all such pairs, `at` the second of the closing, `sold_at` that of the sale."),
        ("自动减仓对一份腿的最坏影响",
         f"{LEG.zh}永续自起点下跌 adl_fall 之后，某秒全部空头以永续最近成交价 ×（1 + premium）平仓"
         "（自动减仓的成交价为他人破产价，不在记录中），币在同秒或其后按现货卖出。取全部组合中的最低"
         "影响，at 为平仓秒，sold_at 为卖出秒。"),
    ),
    _method(
        "adl_high",
        ("Best effect of auto-deleveraging on a leg",
         f"As `replay.{NAME}.adl_low`, the highest effect: closed near the low and sold after the "
         "recovery."),
        ("自动减仓对一份腿的最好影响",
         f"同 replay.{NAME}.adl_low，取最高影响：在低位被平仓、回升后卖出。"),
    ),
    _method(
        "adl_share",
        ("Share of the shorts closed from which the coin is not backed",
         f"The share closed at the two seconds of `replay.{NAME}.adl_low` that takes the backing "
         "to 1, were all hedged reserves in this leg; above 1 the coin stays backed, empty where "
         "closing did no harm."),
        ("使币不再足额支持的减仓比例",
         f"在 replay.{NAME}.adl_low 的两个秒，使储备恰为 1 的减仓比例，假设全部对冲储备都在该腿；"
         "大于 1 表示仍足额，空表示减仓无害。"),
    ),
    _method(
        "range",
        ("Between what the backing lay, whatever the mix of coins",
         "1 of reserves hedged in any mix of the coins and venues that the record has lay, were "
         "all of them closed at one second, between 1 + low and 1 + high. The value is low, the "
         "lowest effect of a leg; with `closed` = 1 it is that of the worst auto-deleveraging. Of "
         "each perpetual the spot with the most covered seconds counts."),
        ("任意币种组合下储备的范围",
         "以记录中任意币种与场所组合对冲的 1 份储备，若在某一秒全部平仓，必在 1 + low 与 1 + high "
         "之间。数值为 low，即单腿最低影响；closed = 1 时为最坏自动减仓的影响。每个永续取覆盖秒数"
         "最多的现货。"),
    ),
)  # fmt: skip
