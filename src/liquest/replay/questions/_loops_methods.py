"""What each answer of the question `loops` is, in both languages."""

from __future__ import annotations

from ...errors import Text
from ...findings import Method

NAME = "loops"


def _method(name: str, en: tuple[str, str], zh: tuple[str, str]) -> Method:
    return Method(f"replay.{NAME}.{name}", Text(en[0], zh[0]), Text(en[1], zh[1]))


METHODS = (
    _method(
        "threshold",
        ("Price at which a loop is liquidated",
         "p* = (E − 1) / (E · L) times the entry price: exposure E, liquidated when debt over "
         "collateral reaches the limit L. A formula; no data."),
        ("循环贷的清算价",
         "p* = (E − 1) / (E · L) × 买入价：敞口为 E，当债务与抵押品之比达到上限 L 时清算。"
         "仅为公式，不含数据。"),
    ),
    _method(
        "ruin",
        ("Price at which nothing is left of a loop",
         "p₀ = (E − 1) / E times the entry price. A formula; no data."),
        ("循环贷归零的价格", "p₀ = (E − 1) / E × 买入价。仅为公式，不含数据。"),
    ),
    _method(
        "carry",
        ("Yearly return of a loop on the stake",
         "E · reward − (E − 1) · borrow at constant price and rates; the reward is the advertised "
         "one, the borrow rate an assumption."),
        ("循环贷对本金的年收益率",
         "E × 奖励利率 − (E − 1) × 借款利率，价格与利率不变；奖励为宣传利率，借款利率为假设。"),
    ),
    _method(
        "break_even_borrow",
        ("Borrow rate at which a loop earns nothing", "E · reward / (E − 1). A formula; no data."),
        ("循环贷收益为零时的借款利率", "E × 奖励利率 / (E − 1)。仅为公式，不含数据。"),
    ),
    _method(
        "first",
        ("First bar in which a loop can be liquidated",
         "The first bar of the venue's own book in which the lender's price is at or below p*. "
         "The value is that price, `at` the opening of the bar; the moment lies between `from` "
         "and `to`. Empty where the price never gets there. `against` says where the bar lies "
         "relative to the window named."),
        ("循环贷可被清算的首根 K 线",
         "出借方估值首次不高于 p* 的本场所 K 线。数值为该估值，at 为该 K 线开盘时刻，实际时刻在 "
         "from 与 to 之间；从未达到则为空。against 说明该 K 线相对所指时间窗的先后。"),
    ),
    _method(
        "loss",
        ("Share of the stake lost when liquidated",
         "E · (1 − p), at most 1, with all coins sold on the venue's own book in the bar of "
         "`replay.loops.first` at `sold`: threshold is the lower of p* and the bar's opening (the "
         "best case, own book only), low and close are those of the bar; what is judged at the end "
         "of a bar (venue-close, average) is sold at its close. No fee is taken off."),
        ("清算时本金损失比例",
         "E × (1 − p)，不超过 1；全部抵押品于 replay.loops.first 所在 K 线在本场所卖出。sold 为 "
         "threshold 时取 p* 与开盘价的较低者（最好情形，仅限本场所估值），low、close 为该 K 线"
         "最低价与收盘价；在 K 线结束时才判定的规则（venue-close、average）按收盘价卖出。"
         "未计费用。"),
    ),
    _method(
        "shortfall",
        ("What the lender lacks after the sale",
         "(E − 1) − E · p at the lowest price sold at in that bar, at least 0, in stakes."),
        ("卖出后出借方的缺口", "该 K 线最低卖出价处的 (E − 1) − E × p，为负则取 0，以本金为单位。"),
    ),
    _method(
        "wiped",
        ("First bar in which nothing is left of a loop",
         "The first bar of the venue's own book, or of the pool on chain, whose low is at or below "
         "p₀; the value is that low. Empty where there is none."),
        ("循环贷归零的首根 K 线",
         "本场所（或链上池）最低价首次不高于 p₀ 的 K 线，数值为该最低价；没有则为空。"),
    ),
    _method(
        "lowest",
        ("Equity of a loop at the lender's lowest price",
         "E · p − (E − 1) at the lowest value that the lender's price takes, as a share of the "
         "stake, of a loop that is not liquidated before; the first such bar."),
        ("出借方估值最低时循环贷的权益",
         "估值最低处的 E × p − (E − 1)，占本金比例，假设此前未被清算；取首次出现的 K 线。"),
    ),
    _method(
        "safe_limit",
        ("Limit above which a loop outlives the low",
         "(E − 1) / (E · low) with the lowest trade of the venue's own book; above 1 no limit "
         "would have done."),
        ("可度过最低价所需的清算上限",
         "(E − 1) / (E × 最低价)，取本场所最低成交价；大于 1 表示任何上限都不够。"),
    ),
    _method(
        "safe_exposure",
        ("Exposure below which a loop outlives the low",
         "1 / (1 − L · low) with the lowest trade of the venue's own book."),
        ("可度过最低价的最大敞口", "1 / (1 − L × 最低价)，取本场所最低成交价。"),
    ),
    _method(
        "limit_before",
        ("Limit up to which a loop was liquidated before the window",
         "(E − 1) / (E · low) with the lowest trade of the venue's own book before the window "
         "named in `against`: a loop with a limit up to this was liquidated before it began."),
        ("在该时间窗之前即被清算的上限",
         "(E − 1) / (E × 最低价)，取 against 所指时间窗之前本场所最低成交价：清算上限不高于此值的"
         "循环贷在时间窗开始前已被清算。"),
    ),
)  # fmt: skip
