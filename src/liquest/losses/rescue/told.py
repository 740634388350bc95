"""The rescue record in words and rows, for the terminal and for the page of a statement.

Rows hold their cells as text in the order of `TRANSFERS` or `ORDERS`; sentences are in both
languages and name every moment in UTC and UTC+8.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from ...clock import clock_time, format_time, span
from ...errors import Text
from ...findings import plain
from ...sheet import both
from ..entries import DONE, FAILED
from .attempts import WHY, Attempt
from .rescue_record import BREACH, FORCED, GIVEN, AtRisk, Help, RescueRecord

TRANSFERS: tuple[Text, ...] = (
    Text("asked UTC", "发起 UTC"),
    Text("arrived UTC", "到账 UTC"),
    Text("amount", "金额"),
    Text("from", "来自"),
    Text("to", "去往"),
    Text("took", "耗时"),
    Text("after the trigger", "距触发"),
    Text("too late by", "迟到"),
    Text("status", "状态"),
)
ORDERS: tuple[Text, ...] = (
    Text("sent UTC", "发出 UTC"),
    Text("ended UTC", "结束 UTC"),
    Text("contract", "合约"),
    Text("type", "类型"),
    Text("side", "方向"),
    Text("price", "价格"),
    Text("quantity", "数量"),
    Text("executed", "成交"),
    Text("what became of it", "结果"),
    Text("would have reduced", "可减仓"),
)
TRIGGERS: dict[str, Text] = {
    GIVEN: Text("the moment given", "指定时刻"),
    BREACH: Text("the first second below maintenance margin", "首次低于维持保证金的一秒"),
    FORCED: Text("the first forced order", "首笔强平单"),
}
DASH = "–"
ASSUMES = Text(
    "All else equal: the positions and balance as they stood before the liquidation, nothing "
    "closed, mark prices as recorded, later transfers not counted.",
    "其他条件不变：按强平前的持仓与余额，不平任何仓位，标记价格按记录取值，不计其后的划转。",
)


def transfer_rows(record: RescueRecord) -> list[tuple[Text, ...]]:
    """Every transfer around the event, by time."""
    return [_transfer(one) for one in record.help]


def order_rows(record: RescueRecord) -> list[tuple[Text, ...]]:
    """Every order that did not come about, by time."""
    return [_attempt(one) for one in record.attempts]


def sentences(record: RescueRecord) -> list[Text]:
    """Wallet by wallet: trigger, what was needed, what came too late; then the orders."""
    found: list[Text] = []
    for place, risk in enumerate(record.risks):
        found.append(_triggered(risk))
        if risk.needed is not None or risk.at_most:
            found.append(needed_told(risk))
        own = [h for h in record.help if h.risk == place and h.transfer.inward]
        found += [_arrived(h) for h in own]
        late = record.late(place)
        if late:
            found.append(_late(record, place, late))
    if record.risks and any(risk.needed is not None for risk in record.risks):
        found.append(ASSUMES)
    found += _orders(record)
    return found


def needed_told(risk: AtRisk) -> Text:
    """The sum, and the second by which it had to be there."""
    wanted = risk.needed
    if wanted is None and risk.at_most:
        name, up_to = _name(risk), f"{plain(risk.at_most)} {risk.asset}"
        return Text(
            f"{name.en}: no close of its marks is below maintenance, but they are bars: at their "
            f"worst ends up to {up_to} was needed.",
            f"{name.zh}：标记价格收盘值未触及维持保证金，但仅有 K 线：按不利一端计，"
            f"最多须追加 {up_to}。",
        )
    if wanted is None:
        return Text("What was needed is not known.", "所需金额未知。")
    total = f"{plain(wanted.sum)} {risk.asset}"
    once = f"{plain(wanted.at_once)} {risk.asset}"
    by, worst, end = _both(wanted.by), _both(wanted.at), _both(wanted.until)
    name = _name(risk)
    most = Text("", "")
    if risk.at_most is not None and risk.at_most > wanted.sum:
        bars = f"{plain(risk.at_most)} {risk.asset}"
        most = Text(
            f" Its marks are bars: at their worst ends it would have been {bars}.",
            f"标记价格仅有 K 线：按各 K 线不利一端计为 {bars}。",
        )
    return Text(
        f"{name.en}: {total}, there by {by.en}, would have held it until {end.en}; {once} of it "
        f"were missing at once, and most at {worst.en}.{most.en}",
        f"{name.zh}：若在{by.zh}前追加 {total}，可维持至{end.zh}；其中触发当秒缺口为 {once}，"
        f"缺口最大时为{worst.zh}。{most.zh}",
    )


def _triggered(risk: AtRisk) -> Text:
    name, why, at = _name(risk), TRIGGERS[risk.trigger_by], _both(risk.trigger)
    return Text(f"{name.en}: trigger {at.en}, {why.en}.", f"{name.zh}：触发于{at.zh}，{why.zh}。")


def _arrived(one: Help) -> Text:
    moved = one.transfer
    amount = f"{plain(moved.amount)} {moved.asset}"
    if moved.arrived is None:
        asked = _both(moved.asked or 0)
        return Text(
            f"{amount} asked for at {asked.en} did not arrive ({moved.status}).",
            f"{asked.zh}发起的 {amount} 未到账（{moved.status}）。",
        )
    arrived = _both(moved.arrived)
    en, zh = [f"{amount} arrived at {arrived.en}"], [f"{amount} 于{arrived.zh}到账"]
    if moved.took is not None and moved.asked is not None:
        asked = _both(moved.asked)
        if moved.took:
            en.append(f"asked for at {asked.en}, took {span(moved.took)}")
            zh.append(f"发起于{asked.zh}，历时 {span(moved.took)}")
    if one.after is not None:
        word = ("after", "触发后") if one.after >= 0 else ("before", "触发前")
        en.append(f"{span(abs(one.after))} {word[0]} the trigger")
        zh.append(f"{word[1]} {span(abs(one.after))}")
    if one.late is not None:
        en.append(f"{span(one.late)} too late")
        zh.append(f"迟到 {span(one.late)}")
    return Text(", ".join(en) + ".", "，".join(zh) + "。")


def _late(record: RescueRecord, place: int, late: Decimal) -> Text:
    risk = record.risks[place]
    total = f"{plain(late)} {risk.asset}"
    enough = record.enough(place)
    name = _name(risk)
    if enough is None:
        return Text(
            f"{name.en}: {total} in all arrived too late.", f"{name.zh}：合计 {total} 迟到。"
        )
    verdict = (
        Text("in time it would have held the wallet", "若及时到账足以维持该钱包")
        if enough
        else Text(
            "even in time it would not have held the wallet", "即使及时到账也不足以维持该钱包"
        )
    )
    return Text(
        f"{name.en}: {total} in all arrived too late; {verdict.en}.",
        f"{name.zh}：合计 {total} 迟到；{verdict.zh}。",
    )


def _orders(record: RescueRecord) -> list[Text]:
    found = []
    for why, count in sorted(Counter(one.why for one in record.attempts).items()):
        own = [one for one in record.attempts if one.why == why]
        reducing = sum(1 for one in own if one.reduces)
        first, last = _both(own[0].ts), _both(own[-1].ts)
        words = WHY[why]
        noun = "order" if count == 1 else "orders"
        sent = (
            Text(f"sent at {first.en}", f"发出于{first.zh}")
            if count == 1
            else Text(f"sent from {first.en} to {last.en}", f"发出于{first.zh}至{last.zh}")
        )
        found.append(
            Text(
                f"{count} {noun} of the account {words.en} ({sent.en}); {reducing} of them would "
                "have reduced a position.",
                f"账户有 {count} 笔委托{words.zh}（{sent.zh}），其中 {reducing} 笔可减少持仓。",
            )
        )
    return found


def _transfer(one: Help) -> tuple[Text, ...]:
    moved = one.transfer
    status = {DONE: Text("done", "完成"), FAILED: Text("failed", "失败")}
    return (
        both(DASH if moved.asked is None else clock_time(moved.asked, digits=0)),
        both(DASH if moved.arrived is None else clock_time(moved.arrived, digits=0)),
        both(f"{plain(moved.amount)} {moved.asset}"),
        both(moved.source or DASH), both(moved.target or DASH),
        both(span(moved.took) if moved.took else DASH),
        both(DASH if one.after is None else _signed(one.after)),
        both(DASH if one.late is None else span(one.late)),
        status.get(moved.status, Text("pending", "处理中")),
    )  # fmt: skip


def _attempt(one: Attempt) -> tuple[Text, ...]:
    reduces = {True: Text("yes", "是"), False: Text("no", "否"), None: Text(DASH, DASH)}
    return (
        both(clock_time(one.ts, digits=0)), both(clock_time(one.updated, digits=0)),
        both(one.symbol), both(one.type),
        Text("buy", "买") if one.side > 0 else Text("sell", "卖"),
        both(DASH if one.price is None else plain(one.price)),
        both(plain(one.quantity)), both(plain(one.executed)), WHY[one.why],
        reduces[one.reduces],
    )  # fmt: skip


def _signed(us: int) -> str:
    return f"{'−' if us < 0 else ''}{span(abs(us))}"


def _name(risk: AtRisk) -> Text:
    if risk.symbol:
        return Text(f"{risk.symbol} isolated", f"{risk.symbol} 逐仓")
    return Text(f"The {risk.asset} wallet ({risk.market})", f"{risk.asset} 钱包（{risk.market}）")


def _both(ts: int) -> Text:
    utc, east = format_time(ts, digits=0), format_time(ts, "UTC+8", digits=0)
    shown = f"{utc[11:19]} UTC", f"{east[5:10]} {east[11:19]} UTC+8"
    return Text(f"{shown[0]} ({shown[1]})", f" {shown[0]}（{shown[1]}）")
