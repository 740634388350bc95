"""The liquidation record in words and rows, for the terminal and for the page of a statement.

A row holds its cells as text, in the order of `COLUMNS`; sentences are in both languages and
name every moment in UTC and in UTC+8. Numbers are exact up to the decimals that are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ...clock import clock_time, format_time
from ...errors import Text
from ...findings import plain, rounded
from ...rules.exact import ZERO
from ...sheet import both
from .chain import Chain, Liquidation, tally
from .forced_order import (
    AT_LIMIT,
    EXPIRED,
    FILLED,
    OPEN,
    OUTCOMES,
    PARTLY,
    TAKEOVER,
    ForcedOrder,
    Sum,
)
from .forced_record import ForcedRecord
from .slippage import INDEX, LAST, MARK, OTHERS, OTHERS_USD, Slip

COLUMNS: tuple[Text, ...] = (
    Text("contract", "合约"),
    Text("sent UTC", "发出 UTC"),
    Text("ended UTC", "结束 UTC"),
    Text("quantity", "数量"),
    Text("executed", "成交"),
    Text("limit", "限价"),
    Text("average", "均价"),
    Text("outcome", "结果"),
    Text("against mark, bp", "对标记价 bp"),
    Text("against other venues, bp", "对其他场所 bp"),
    Text("fees", "费用"),
    Text("profit", "盈亏"),
)
AGAINST: dict[str, Text] = {
    MARK: Text("own mark price", "自身标记价格"),
    LAST: Text("own last trade", "自身最新成交"),
    INDEX: Text("index", "指数价格"),
    OTHERS: Text("median of the other venues", "其他场所中位价"),
    OTHERS_USD: Text("median of the USD venues", "美元场所中位价"),
}
DASH = "–"


def side_of(one: ForcedOrder) -> Text:
    """The position that the order closes: a sell closes a long."""
    return Text("long", "多仓") if one.side < 0 else Text("short", "空仓")


def row(one: ForcedOrder) -> tuple[Text, ...]:
    """The cells of one order, one for each of `COLUMNS`."""
    side, outcome = side_of(one), OUTCOMES[one.outcome]
    by = {slip.against: slip for slip in one.slips}
    paid = [*one.fees, *one.clearance]
    return (
        Text(f"{one.contract.symbol} {side.en}", f"{one.contract.symbol} {side.zh}"),
        both(clock_time(one.sent)), both(clock_time(one.ended, digits=0)),
        both(plain(one.quantity)), both(plain(one.executed)),
        both(DASH if one.limit is None else plain(one.limit)),
        both(DASH if one.average is None else plain(rounded(one.average, 10))),
        Text(f"{outcome.en} (inferred)", f"{outcome.zh}（推断）") if one.inferred else outcome,
        both(_bp(by.get(MARK))), both(_bp(by.get(OTHERS))),
        both(", ".join(_sum(s) for s in paid) or DASH),
        both(DASH if one.realised is None
              else _sum(Sum(one.contract.settle, one.realised))),
    )  # fmt: skip


def rows(record: ForcedRecord) -> list[tuple[Text, ...]]:
    """Every forced order, liquidation by liquidation."""
    return [row(one) for one in record.orders]


def sentences(record: ForcedRecord) -> list[Text]:
    """What happened, a sentence each: liquidations, their chains, ADL, collateral sold."""
    found: list[Text] = []
    for one in record.liquidations:
        found.append(liquidation_told(one))
        if len(one.chains) > 1:
            found += [chain_told(chain) for chain in one.chains]
        found += money_told(one)
    found += [adl_told(one) for one in record.adl]
    for sale in record.sales:
        entry = sale.entry
        amount = f"{plain(entry.quantity)} {entry.asset}"
        price = f"{plain(entry.price)} {entry.quote}"
        found.append(
            Text(
                f"{amount} were sold by force ({entry.product}) at {price}, {_moment(entry.ts).en}"
                f"{_slipped(sale.slips).en}.",
                f"{amount}（{entry.product}）于{_moment(entry.ts).zh}被强制卖出，价格 {price}"
                f"{_slipped(sale.slips).zh}。",
            )
        )
    return found


def chain_told(chain: Chain) -> Text:
    """As "ATOMUSDT long: 11 of 12 orders expired at 21:18:53 …, taken over at 21:19:53"."""
    side = side_of(chain.orders[0])
    head = f"{chain.symbol} {side.en}", f"{chain.symbol} {side.zh}"
    body = _ended(chain.orders, chain.first)
    left = Text("", "")
    if chain.left:
        left = Text(
            f"; {plain(abs(chain.left))} were left open", f"；剩余 {plain(abs(chain.left))} 未平"
        )
    return Text(f"{head[0]}: {body.en}{left.en}.", f"{head[1]}：{body.zh}{left.zh}。")


def liquidation_told(one: Liquidation) -> Text:
    """The whole of a wallet's liquidation in one sentence."""
    if len(one.chains) == 1:
        return chain_told(one.chains[0])
    body = _ended(one.orders, one.first)
    count = len(one.chains)
    return Text(
        f"The {one.asset} wallet ({one.market}), {count} positions: {body.en}.",
        f"{one.asset} 钱包（{one.market}），{count} 个仓位：{body.zh}。",
    )


def money_told(one: Liquidation) -> list[Text]:
    """What it cost: profit, fees, the fund's part, and slippage against what is known."""
    found: list[Text] = []
    if one.realised is not None:
        profit = _sum(Sum(one.asset, one.realised))
        fees = ", ".join(_sum(Sum(*pair)) for pair in one.paid().items()) or f"0 {one.asset}"
        fund = sum((s.amount for s in one.cleared), ZERO)
        cover, way = _sum(Sum(one.asset, abs(fund))), "+" if fund > 0 else "-"
        words = (
            {
                "+": Text(f"; the insurance fund paid in {cover}", f"；保险基金补入 {cover}"),
                "-": Text(f"; the insurance fund took {cover}", f"；保险基金收取 {cover}"),
            }[way]
            if fund
            else Text("", "")
        )
        found.append(
            Text(
                f"Realised: {profit}; fees paid: {fees}{words.en}.",
                f"已实现盈亏 {profit}；支付费用 {fees}{words.zh}。",
            )
        )
    costs = one.costs()
    if costs:
        en = ", ".join(f"{_sum(Sum(one.asset, v))} ({AGAINST[k].en})" for k, v in costs.items())
        zh = "，".join(f"{_sum(Sum(one.asset, v))}（{AGAINST[k].zh}）" for k, v in costs.items())
        found.append(
            Text(
                f"Less than at the reference of the same second, positive is worse: {en}.",
                f"与同一秒参考价相比少得（正值为不利）：{zh}。",
            )
        )
    return found


def adl_told(one: ForcedOrder) -> Text:
    """A position that was deleveraged, which is no liquidation."""
    side, when = side_of(one), _moment(one.ended)
    price = DASH if one.average is None else plain(rounded(one.average, 10))
    amount = f"{plain(one.executed)} {one.contract.symbol}"
    slipped = _slipped(one.slips)
    won = Text("", "")
    if one.realised is not None:
        won = Text(
            f", profit {_sum(Sum(one.contract.settle, one.realised))}",
            f"，盈亏 {_sum(Sum(one.contract.settle, one.realised))}",
        )
    return Text(
        f"{amount} {side.en} were deleveraged (ADL) at {price}, {when.en}{won.en}{slipped.en}.",
        f"{amount} {side.zh}于{when.zh}被自动减仓（ADL），价格 {price}{won.zh}{slipped.zh}。",
    )


def _ended(orders: Sequence[ForcedOrder], first: int) -> Text:
    """How the orders ended, in the order of what a person asks: expired, filled, taken over."""
    total, counts = len(orders), tally(orders)
    buys = {one.side for one in orders}
    nobody = {
        frozenset({-1}): ("no bid", "无买盘"), frozenset({1}): ("no offer", "无卖盘"),
    }.get(frozenset(buys), ("no counterparty", "无对手盘"))  # fmt: skip
    en: list[str] = []
    zh: list[str] = []
    for outcome, word in _phrases(nobody):
        n = counts[outcome]
        if not n:
            continue
        span = _span([one.ended for one in orders if one.outcome == outcome])
        if outcome == TAKEOVER and n == 1:
            en.append(f"taken over {span.en}")
            zh.append(f"{span.zh}被接管")
        elif not en:
            noun = "order" if total == 1 else "orders"
            en.append(f"{n} of {total} {noun} {word.en.format(span.en)}")
            zh.append(f"{total} 笔强平单中 {n} 笔{word.zh.format(span.zh)}")
        else:
            en.append(f"{n} {word.en.format(span.en)}")
            zh.append(f"{n} 笔{word.zh.format(span.zh)}")
    if en[0].startswith("taken over"):
        en[0], zh[0] = f"1 of {total} orders {en[0]}", f"{total} 笔强平单中 1 笔{zh[0]}"
    east = sorted({clock_time(one.ended, "UTC+8", digits=0) for one in orders})
    named = east[0] if len(east) == 1 else f"{east[0]}–{east[-1]}"
    day, far = format_time(first)[:10], format_time(first, "UTC+8")[:10]
    return Text(
        f"{', '.join(en)} (UTC, {day}; in UTC+8 {named}, {far})",
        f"{'，'.join(zh)}（UTC，{day}；UTC+8 为 {far} {named}）",
    )


def _phrases(nobody: tuple[str, str]) -> Iterator[tuple[str, Text]]:
    yield EXPIRED, Text(f"expired {{}} ({nobody[0]} within the limit)",
                        f"于{{}}因限价内{nobody[1]}而失效")  # fmt: skip
    yield PARTLY, Text("partly filled {}", "于{}部分成交")
    yield FILLED, Text("filled {}", "于{}成交")
    yield AT_LIMIT, Text("filled {} at exactly the limit", "于{}恰以限价成交")
    yield OPEN, Text("not ended in the export, last changed {}", "在导出中尚未结束，最后变动于{}")
    yield TAKEOVER, Text("taken over {}", "于{}被接管")


def _span(times: Sequence[int]) -> Text:
    first, last = (clock_time(t, digits=0) for t in (min(times), max(times)))
    if first == last:
        return Text(f"at {first}", f" {first} ")
    return Text(f"from {first} to {last}", f" {first} 至 {last} ")


def _moment(ts: int) -> Text:
    utc, east = format_time(ts, digits=0), format_time(ts, "UTC+8", digits=0)
    shown = f"{utc[:10]} {utc[11:19]} UTC", f"{east[:10]} {east[11:19]} UTC+8"
    return Text(f"{shown[0]} ({shown[1]})", f" {shown[0]}（{shown[1]}）")


def _slipped(found: Sequence[Slip]) -> Text:
    """Against each reference that is known, in basis points; worse is positive."""
    if not found:
        return Text("", "")
    en = ", ".join(f"{_bp(one)} bp against the {AGAINST[one.against].en}" for one in found)
    zh = "，".join(f"相对{AGAINST[one.against].zh} {_bp(one)} bp" for one in found)
    return Text(f"; {en} (positive: worse)", f"；{zh}（正值为不利）")


def _bp(one: Slip | None) -> str:
    return DASH if one is None else f"{rounded(one.bp, 1):+,f}"


def _sum(one: Sum) -> str:
    places = 2 if one.asset in ("USDT", "USDC", "BUSD", "FDUSD", "USD") else 8
    value: Decimal = rounded(one.amount, places)
    return f"{value:,f} {one.asset}"
