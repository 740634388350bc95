"""What the rescue record hands on: a finding for every number of it.

Money is rounded to 8 decimals (what was needed is rounded up to them), times are seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from ...clock import SECOND, Window, format_time
from ...errors import Text
from ...findings import Finding, Input, Method, rounded
from ..entries import Exports
from ..forced.sources import rows_of
from ..prices.prices import Prices
from .attempts import WHY
from .needed import PLACES, Needed
from .rescue_record import AtRisk, Help, RescueRecord

NEEDED = Method(
    "losses.rescue.needed",
    Text("The sum that would have held a wallet", "可维持钱包的金额"),
    Text(
        "−min(margin balance − maintenance margin) over the seconds from the breach to the end of "
        "the prices, with positions and balance as they stood before the liquidation, nothing "
        "closed, prices as recorded and later transfers not counted; exact at the deciding "
        "second, rounded up to the eighth decimal. `at` is the second by which it had to be "
        "there: the breach, or the first forced order if that came before. at_most: the same at "
        "the worst of the low and high of every bar, where marks are known by bars only.",
        "自触发起至价格数据结束，−min（保证金余额 − 维持保证金）；按强平前的持仓与余额，不平任何"
        "仓位，价格按记录取值，不计其后划转；在决定性的一秒精确计算，向上取到第八位小数。at 为须"
        "到账的时刻：触发时刻，若首笔强平单更早则取其时刻。at_most：标记价格仅有 K 线时，按每根"
        " K 线最高、最低价中不利者计算。",
    ),
)  # fmt: skip
ARRIVAL = Method(
    "losses.rescue.arrival",
    Text("From the trigger to the arrival of a transfer", "自触发至划转到账"),
    Text(
        "Seconds from the trigger of the wallet to the arrival of a transfer into or out of it; "
        "below zero: before. Trigger: the moment given, else the first second below maintenance "
        "margin by the marks at hand, else the first forced order. Arrival: the TRANSFER row of "
        "the wallet that fits the movement by wallet, asset, amount and time; without one, the "
        "arrival that the transfer history states. late_s: how long after the second by which "
        "the sum was needed.",
        "自该钱包触发至划转到账的秒数，负值为触发前。触发：指定时刻；否则为按现有标记价格首次低于"
        "维持保证金的一秒；再否则为首笔强平单。到账：按钱包、资产、金额与时间对应的 TRANSFER 流水"
        "，没有时取划转历史所载到账时间。late_s 为晚于须到账时刻的秒数。",
    ),
)
TRANSFER = Method(
    "losses.rescue.transfer",
    Text("A transfer around the event", "事件前后的划转"),
    Text(
        "Amount moved between two wallets of the account, or in from outside; took_s: from asking "
        "to arrival.",
        "账户各钱包之间或自外部转入的金额；took_s 为自发起至到账的秒数。",
    ),
)
ATTEMPT = Method(
    "losses.rescue.attempt",
    Text("An order that did not come about", "未能成立的委托"),
    Text(
        "Orders of the account around the event with status REJECTED, EXPIRED or "
        "EXPIRED_IN_MATCH, and those that ended within two seconds of the first forced order of "
        "the market, which are taken for cancelled by the venue as the liquidation began. Other "
        "cancelled orders are taken for the account's own and left out.",
        "事件前后状态为 REJECTED、EXPIRED 或 EXPIRED_IN_MATCH 的账户委托，以及在该市场首笔强平单"
        "前后两秒内结束的委托（视为强平开始时由场所撤销）。其余撤单视为账户自撤，不列入。",
    ),
)
METHODS = (NEEDED, ARRIVAL, TRANSFER, ATTEMPT)


def findings(record: RescueRecord, exports: Exports, prices: Prices | None) -> Iterator[Finding]:
    """Wallets at risk, then transfers, then orders, each by time."""
    if record.window is None:
        return
    for risk in record.risks:
        if risk.needed is not None and prices is not None:
            yield _needed(record, risk, risk.needed, prices)
    for number, one in enumerate(record.help, 1):
        yield from _help(record, exports, record.window, one, number)
    for tried in record.attempts:
        params: dict[str, Any] = {
            "why": tried.why, "type": tried.type, "side": "buy" if tried.side > 0 else "sell",
            "quantity": tried.quantity, "executed": tried.executed,
            "ended": format_time(tried.updated),
            "reduces": {True: "yes", False: "no", None: "unknown"}[tried.reduces],
        }  # fmt: skip
        for name, value in (("price", tried.price), ("stop", tried.stop)):
            if value is not None:
                params[name] = value
        yield Finding(
            name=ATTEMPT.name, value=WHY[tried.why].en, unit="text", method=ATTEMPT.id, at=tried.ts,
            window=record.window, subject=_subject(record) | {"instrument": tried.symbol},
            params=params, inputs=rows_of(exports, [tried.ref]), count=1,
        )  # fmt: skip


def _needed(record: RescueRecord, risk: AtRisk, wanted: Needed, prices: Prices) -> Finding:
    caveats = ["exogenous", *risk.caveats]
    inputs: list[Input] = []
    for symbol in wanted.marks:
        caveats += prices.caveats(symbol)
        inputs += prices.inputs(symbol)
    most = {} if risk.at_most is None else {"at_most": risk.at_most}
    return Finding(
        name=NEEDED.name, value=wanted.sum, unit=risk.asset, method=NEEDED.id, at=wanted.by,
        window=Window("needed", wanted.by, wanted.until), subject=_of(record, risk),
        params={
            "breach": format_time(wanted.breach), "decisive": format_time(wanted.at),
            "at_once": wanted.at_once, "trigger_by": risk.trigger_by, "positions": risk.legs,
            "equity": rounded(wanted.margin.equity, PLACES),
            "maintenance": rounded(wanted.margin.maintenance, PLACES),
            "marks": dict(wanted.marks),
            **most,
        },
        inputs=tuple(dict.fromkeys(inputs)), count=risk.legs,
        caveats=tuple(dict.fromkeys(caveats)),
    )  # fmt: skip


def _help(
    record: RescueRecord, exports: Exports, window: Window, one: Help, number: int
) -> Iterator[Finding]:
    moved = one.transfer
    refs = [moved.ref]
    if moved.transaction >= 0:
        refs.append(exports.transactions[moved.transaction].ref)
    params: dict[str, Any] = {
        "transfer": number, "from": moved.source or "unknown", "to": moved.target or "unknown",
        "status": moved.status, "known_by": moved.known_by,
    }  # fmt: skip
    for name, moment in (("asked", moved.asked), ("arrived", moved.arrived)):
        if moment is not None:
            params[name] = format_time(moment)
    if moved.took is not None:
        params["took_s"] = rounded(seconds(moved.took), 3)
    common: dict[str, Any] = {
        "window": window,
        "at": moved.ts,
        "inputs": rows_of(exports, refs),
        "count": len(refs),
    }
    yield Finding(
        name=TRANSFER.name, value=moved.amount, unit=moved.asset, method=TRANSFER.id,
        subject=_subject(record), params=params, **common,
    )  # fmt: skip
    if one.after is not None:
        risk = record.risks[one.risk]
        timed = params | {
            "trigger": format_time(risk.trigger), "trigger_by": risk.trigger_by,
            "deadline": format_time(risk.deadline), "amount": moved.amount,
        }  # fmt: skip
        if one.late is not None:
            timed["late_s"] = rounded(seconds(one.late), 3)
        yield Finding(
            name=ARRIVAL.name, value=rounded(seconds(one.after), 3), unit="s",
            method=ARRIVAL.id, subject=_of(record, risk), params=timed, caveats=risk.caveats,
            **common,
        )  # fmt: skip


def seconds(us: int) -> Decimal:
    """Microseconds as seconds, exactly."""
    return Decimal(us) / SECOND


def _subject(record: RescueRecord) -> dict[str, str]:
    return {"account": record.account, "venue": record.venue}


def _of(record: RescueRecord, risk: AtRisk) -> dict[str, str]:
    named = {"instrument": risk.symbol} if risk.symbol else {}
    return _subject(record) | {"wallet": f"{risk.market} {risk.asset}"} | named
