"""What is said of an opening position: solved backwards, assumed, not known, impossible."""

from __future__ import annotations

from decimal import Decimal

from ...errors import Text
from ...problems import ABSENT, ASIDE, Problem
from ...rules.exact import exact
from ..entries import BOTH, Exports, Ref, Trade
from .average import Contract, Opening
from .naming import at_rows, number, row_name
from .rounding import half_even


@exact
def solved(exports: Exports, contract: Contract, opening: Opening, ref: Ref) -> Problem:
    """The export begins in the middle, and what was held is known from what came after."""
    symbol, quantity = contract.symbol, number(opening.quantity)
    if not opening.x:
        tail = Text(
            "its entry is not known: nothing of it was closed with a stated profit, and no "
            "position row shows it",
            "其开仓均价未知：无带已实现盈亏的平仓，亦无仓位历史记录",
        )
    else:
        ends = sorted(contract.x(opening.x + s * opening.slack) for s in (-1, 1))
        low, high = (number(half_even(e, 12)) for e in ends)
        tail = Text(
            f"its entry lies between {low} and {high}, as far as the stated profits tell",
            f"其开仓均价在 {low} 与 {high} 之间（以所列盈亏的位数为限）",
        )
    return at_rows(
        exports, "position-solved-backwards",
        Text(
            f"{symbol} ({contract.place}) was held before the first trade: {quantity}, solved "
            f"backwards from what came after; {tail.en}",
            f"{symbol}（{contract.place}）在首笔成交前已有持仓：{quantity}，由其后的记录倒推；{tail.zh}",
        ),
        [ref],
    )  # fmt: skip


def assumed(exports: Exports, contract: Contract, ref: Ref) -> Problem:
    """Nothing speaks for or against an empty beginning."""
    return at_rows(
        exports, "position-assumed-flat",
        Text(
            f"nothing says for certain whether {contract.symbol} ({contract.place}) was held "
            "before the first trade; it is taken that it was not",
            f"无从确知 {contract.symbol}（{contract.place}）在首笔成交前是否已有持仓，按没有处理",
        ),
        [ref],
    )  # fmt: skip


def unknown(
    exports: Exports, contract: Contract, least: Decimal, ref: Ref, *, paid: bool = False
) -> Problem:
    """The profits, or a funding fee (`paid`), say that something was held, and nothing says how
    much; `least` is what it was if nothing was held after the last trade."""
    why = Text("as the stated profits show", "由所列盈亏可知")
    if paid:
        why = Text("as a FUNDING_FEE before that trade shows", "由此前的 FUNDING_FEE 可知")
    was = Text("was", "")
    if paid and contract.place != BOTH:
        was = Text("may have been", "可能")
    return at_rows(
        exports, "position-unknown",
        Text(
            f"{contract.symbol} ({contract.place}) {was.en} held before the first trade, {why.en}, "
            f"and nothing says how much ({number(least)} if all was closed with the "
            "last trade): give the position history, or what was held at the end",
            f"{contract.symbol}（{contract.place}）在首笔成交前{was.zh}已有持仓（{why.zh}），但无从得知数量"
            f"（若最后一笔成交后已全部平仓，则为 {number(least)}）：请提供仓位历史，或期末持仓",
        ),
        [ref], effect=ABSENT,
    )  # fmt: skip


def never_traded(exports: Exports, contract: Contract, ref: Ref) -> Problem:
    """Funding of a symbol that no trade and no position row names."""
    row = row_name(exports, ref)
    return at_rows(
        exports, "position-unknown",
        Text(
            f"{row.en}: a FUNDING_FEE of {contract.symbol}, of which the exports have no trade and "
            "no position: it was held all the time, and nothing says how much; or trades are "
            "missing, or the row is of another account: give what was held at the end",
            f"{row.zh}：{contract.symbol} 有 FUNDING_FEE，而导出中既无其成交也无其仓位："
            "该仓位全程持有而数量不明，或缺少成交，或该行属于另一账户：请提供期末持仓",
        ),
        [ref], effect=ABSENT,
    )  # fmt: skip


def impossible(exports: Exports, contract: Contract, quantity: Decimal, ref: Ref) -> Problem:
    """Solving backwards gives a position that its place cannot hold."""
    return at_rows(
        exports, "position-impossible",
        Text(
            f"{contract.symbol} ({contract.place}): to end as the record says it would have begun "
            f"at {number(quantity)}, which hedge mode cannot hold; trades are missing or were "
            "changed, and it is taken to begin at 0",
            f"{contract.symbol}（{contract.place}）：若按记录结束，期初应为 {number(quantity)}，"
            "双向持仓下不可能；成交有缺失或被改动，期初按 0 处理",
        ),
        [ref], effect=ABSENT,
    )  # fmt: skip


def unusable(exports: Exports, trade: Trade) -> Problem:
    """A trade without a price or a quantity above zero."""
    row = row_name(exports, trade.ref)
    return at_rows(
        exports, "trade-without-size",
        Text(
            f"{row.en}: a trade of {number(trade.quantity)} at {number(trade.price)} is none and "
            "is left out of the positions",
            f"{row.zh}：数量 {number(trade.quantity)}、价格 {number(trade.price)} 不构成成交，"
            "推算持仓时不计",
        ),
        [trade.ref], effect=ASIDE,
    )  # fmt: skip


def no_size(exports: Exports, contract: Contract, ref: Ref) -> Problem:
    """An inverse contract that neither rule nor list gives the size of."""
    return at_rows(
        exports, "contract-size-unknown",
        Text(
            f"the size of one contract of {contract.symbol} is not known and is taken as 1 USD: "
            "rebuilt profits may be off by that factor",
            f"{contract.symbol} 每张合约的面值未知，按 1 美元计：推算的盈亏可能相差该倍数",
        ),
        [ref],
    )  # fmt: skip
