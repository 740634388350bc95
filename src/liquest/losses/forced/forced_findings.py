"""What the liquidation record hands on: a finding for every number of it.

Subjects name account, venue and instrument; orders are told by their place in the chain and the
rows that they stand in, never by an order number. Money is rounded to 8 decimals, prices and
slippage in price to 12, basis points to 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...clock import format_time
from ...errors import Text
from ...findings import Finding, Input, Method, rounded
from ...rules.exact import ZERO
from ..entries import Exports
from ..prices.prices import Prices
from .chain import Chain, Liquidation, tally
from .forced_order import OUTCOMES, ForcedOrder
from .forced_record import ForcedRecord
from .sales import SALE_CAVEATS
from .slippage import Slip
from .sources import rows_of

ORDER = Method(
    "losses.forced.order",
    Text("A forced order and what came of it", "强平单及其结果"),
    Text(
        "Orders whose client order id begins with autoclose- and whose time in that id fits the "
        "order (within a minute) are the venue's. expired: nothing filled, so no counterparty "
        "stood within the limit; takeover: filled in all its fills at exactly its own limit, after "
        "an order of the same position had failed; at-limit: the same with none before. Where no "
        "orders file holds it, it is inferred from an INSURANCE_CLEAR and the closing trades "
        "before it.",
        "客户订单号以 autoclose- 开头、且其中时间与委托时间相符（一分钟以内）的委托为场所发出。"
        "expired：无成交，即限价内没有对手盘；takeover：同一仓位此前有委托失败，其后一笔全部恰以"
        "自身限价成交；at-limit：同上但此前无失败委托。委托文件缺失时，由 INSURANCE_CLEAR 及其前"
        "的平仓成交推断。",
    ),
)  # fmt: skip
SLIPPAGE = Method(
    "losses.forced.slippage",
    Text("Slippage of a forced close", "强制平仓的滑点"),
    Text(
        "s·(p − r) / r · 10⁴ with s = +1 for a buy, −1 for a sell, p the average price filled and "
        "r the reference in the second of each fill, averaged as p is; positive is worse for the "
        "account. References: own mark price, own last trade in or before that second (fills of "
        "the account itself may be among them), index, median of the last trades of the other "
        "venues at most 60 s old, the same over venues in state money.",
        "s·(p − r) / r · 10⁴，买入 s = +1，卖出 s = −1，p 为成交均价，r 为各笔成交所在秒的参考价"
        "（按与 p 相同方式平均）；正值对账户不利。参考价：自身标记价格、该秒及之前的自身最新成交"
        "（可能含账户自身成交）、指数、其他场所 60 秒内最新成交的中位数、法币计价场所的同一数值。",
    ),
)  # fmt: skip
FEE = Method(
    "losses.forced.fee",
    Text("Fees of a forced close", "强制平仓的费用"),
    Text(
        "Commissions of its trades, and the INSURANCE_CLEAR of the same symbol that follows within "
        "clear_s seconds (the clearance fee); above zero: paid.",
        "其成交的手续费，以及同一合约在 clear_s 秒内随后出现的 INSURANCE_CLEAR（强平清算费）；"
        "正值为支付。",
    ),
)
PROFIT = Method(
    "losses.forced.realised",
    Text("Profit realised by forced closes", "强制平仓的已实现盈亏"),
    Text(
        "Sum of the realised profit that the trades of the forced orders state, fees apart; below "
        "zero: a loss.",
        "强平单各笔成交所列已实现盈亏之和，不含费用；负值为亏损。",
    ),
)
CHAIN = Method(
    "losses.forced.chain",
    Text("Forced orders that found no counterparty", "未找到对手盘的强平单"),
    Text(
        "Number of forced orders of one position that expired without a fill. A chain ends where "
        "the position is closed or no forced order follows within pause_s seconds. count: all "
        "orders of the chain.",
        "同一仓位中未成交即失效的强平单数量。仓位平完，或 pause_s 秒内无后续强平单，链即结束。"
        "count 为该链全部委托数。",
    ),
)
DEFICIT = Method(
    "losses.forced.cleared",
    Text("Insurance fund rows of a liquidation", "强平中的保险基金流水"),
    Text(
        "Sum of the INSURANCE_CLEAR rows of the wallet that no single order owns; above zero: the "
        "fund bore a deficit.",
        "不归属于单笔委托的该钱包 INSURANCE_CLEAR 流水之和；正值表示保险基金承担了穿仓损失。",
    ),
)
DELEVERAGED = Method(
    "losses.forced.adl",
    Text("A position deleveraged", "被自动减仓的仓位"),
    Text(
        "Quantity closed by an order whose client order id begins with adl_autoclose: the venue "
        "closed a position of this account to settle another's liquidation.",
        "客户订单号以 adl_autoclose 开头的委托所平数量：场所为他人强平而平掉该账户仓位。",
    ),
)
SALE = Method(
    "losses.forced.sale",
    Text("Collateral sold by force", "被强制卖出的抵押品"),
    Text(
        "Quantity times price of a forced sale in margin trading or of a loan, as exported; "
        "slippage as for forced orders, side −1.",
        "杠杆或借贷中强制卖出的数量乘以价格，按导出文件；滑点算法同强平单，方向为卖出。",
    ),
)
COST = Method(
    "losses.forced.cost",
    Text("What slippage cost in a liquidation", "强平滑点的代价"),
    Text(
        "Sum over all fills of a liquidation of s·(p − r)·q, for inverse contracts of "
        "s·(1/r − 1/p)·n·C, with r the reference in the second of the fill, where it is known for "
        "every fill; positive: the account got less than at the reference.",
        "一次强平的全部成交之 s·(p − r)·q 之和，币本位合约为 s·(1/r − 1/p)·n·C，r 为成交所在秒的"
        "参考价，仅在每笔成交均有参考价时给出；正值表示所得少于按参考价成交。",
    ),
)
METHODS = (ORDER, SLIPPAGE, COST, FEE, PROFIT, CHAIN, DEFICIT, DELEVERAGED, SALE)
INFERRED = "forced-inferred"


def findings(record: ForcedRecord, exports: Exports, prices: Prices | None) -> Iterator[Finding]:
    """Orders, then chains and liquidations, then ADL, then sales, each in order of time."""
    for event, one in enumerate(record.liquidations, 1):
        for chain in one.chains:
            for number, order in enumerate(chain.orders, 1):
                params = {"liquidation": event, "place": order.place, "number": number}
                yield from _order(record, exports, prices, order, params)
            yield _chain(record, exports, chain, event)
        yield from _liquidation(record, exports, prices, one, event)
    for number, order in enumerate(record.adl, 1):
        params = {"adl": number, "place": order.place}
        yield Finding(
            name=DELEVERAGED.name, value=order.executed, unit=_unit(order),
            method=DELEVERAGED.id, **_common(record, exports, order, params | _told(order)),
        )  # fmt: skip
        yield from _slips(record, exports, prices, order, params)
        if order.realised is not None:
            yield _profit(record, exports, order, params)
    yield from _sales(record, exports, prices)


def _order(
    record: ForcedRecord, exports: Exports, prices: Prices | None, order: ForcedOrder,
    params: dict[str, Any],
) -> Iterator[Finding]:  # fmt: skip
    yield Finding(
        name=ORDER.name, value=OUTCOMES[order.outcome].en, unit="text", method=ORDER.id,
        **_common(record, exports, order, params | _told(order)),
    )  # fmt: skip
    yield from _slips(record, exports, prices, order, params)
    for kind, sums, places in (
        ("commission", order.fees, order.commissions),
        ("clearance", order.clearance, order.clears),
    ):
        common = _common(record, exports, order, params | {"fee": kind} | record.nearby.json())
        rows = [exports.transactions[place].ref for place in places]
        common["inputs"] = (*common["inputs"], *rows_of(exports, rows))
        for one in sums:
            yield Finding(
                name=FEE.name, value=rounded(one.amount, 8), unit=one.asset, method=FEE.id,
                **common,
            )  # fmt: skip
    if order.realised is not None and order.executed:
        yield _profit(record, exports, order, params)


def _told(order: ForcedOrder) -> dict[str, Any]:
    """The particulars of an order, beside its outcome."""
    told: dict[str, Any] = {
        "outcome": order.outcome, "side": "buy" if order.side > 0 else "sell",
        "sent": format_time(order.sent), "sent_by": order.sent_by,
        "ended": format_time(order.ended), "quantity": order.quantity,
        "executed": order.executed, "partial": "yes" if order.partial else "no",
    }  # fmt: skip
    for name, value in (("limit", order.limit), ("held", order.held), ("left", order.left)):
        if value is not None:
            told[name] = value
    if order.average is not None:
        told["average"] = rounded(order.average, 12)
    told["limit_against"] = {one.against: rounded(one.bp, 4) for one in order.room}
    return told


def _slips(
    record: ForcedRecord, exports: Exports, prices: Prices | None, order: ForcedOrder,
    params: dict[str, Any],
) -> Iterator[Finding]:  # fmt: skip
    common = _common(record, exports, order, params)
    for one in order.slips:
        yield _slip(one, order.contract.settle, order.contract.symbol, common, prices)


def _slip(
    one: Slip, currency: str, symbol: str, common: dict[str, Any], prices: Prices | None
) -> Finding:
    more: tuple[Input, ...] = prices.inputs(symbol) if prices is not None else ()
    caveats = prices.caveats(symbol) if prices is not None else ()
    params = common["params"] | {
        "against": one.against, "reference": rounded(one.price, 12),
        "each": rounded(one.each, 12), "cost": rounded(one.cost, 8), "currency": currency,
    }  # fmt: skip
    return Finding(
        name=SLIPPAGE.name, value=rounded(one.bp, 4), unit="bp", method=SLIPPAGE.id,
        **common
        | {
            "params": params,
            "inputs": tuple(dict.fromkeys((*common["inputs"], *more))),
            "caveats": tuple(dict.fromkeys((*common["caveats"], *caveats))),
        },
    )  # fmt: skip


def _profit(
    record: ForcedRecord, exports: Exports, order: ForcedOrder, params: dict[str, Any]
) -> Finding:
    return Finding(
        name=PROFIT.name, value=rounded(order.realised or ZERO, 8), unit=order.contract.settle,
        method=PROFIT.id, **_common(record, exports, order, params),
    )  # fmt: skip


def _chain(record: ForcedRecord, exports: Exports, chain: Chain, event: int) -> Finding:
    counts = tally(chain.orders)
    params: dict[str, Any] = {
        "liquidation": event, "place": chain.orders[0].place, "outcomes": counts,
        "executed": chain.executed, "from": format_time(chain.first),
        "to": format_time(chain.last), **record.nearby.json(),
    }  # fmt: skip
    for name, value in (("held", chain.held), ("left", chain.left), ("others", chain.others)):
        if value is not None:
            params[name] = value
    return Finding(
        name=CHAIN.name, value=counts["expired"], unit="orders", method=CHAIN.id,
        subject=_subject(record, chain.symbol), at=chain.first, params=params,
        inputs=_rows(exports, chain.orders), count=len(chain.orders),
        caveats=_caveats(chain.orders),
    )  # fmt: skip


def _liquidation(
    record: ForcedRecord, exports: Exports, prices: Prices | None, one: Liquidation, event: int
) -> Iterator[Finding]:
    subject = _subject(record, one.symbol) if one.symbol else _subject(record, "")
    subject = {k: v for k, v in subject.items() if v} | {"wallet": f"{one.market} {one.asset}"}
    params: dict[str, Any] = {
        "liquidation": event, "market": one.market, "positions": len(one.chains),
        "outcomes": tally(one.orders), "from": format_time(one.first), "to": format_time(one.last),
    }  # fmt: skip
    common: dict[str, Any] = {
        "subject": subject,
        "at": one.first,
        "params": params,
        "caveats": _caveats(one.orders),
    }
    if one.realised is not None:
        yield Finding(
            name=PROFIT.name, value=rounded(one.realised, 8), unit=one.asset, method=PROFIT.id,
            inputs=_rows(exports, one.orders), count=len(one.orders), **common,
        )  # fmt: skip
    for against, value in one.costs().items():
        symbols = dict.fromkeys(chain.symbol for chain in one.chains)
        more = [i for s in symbols for i in prices.inputs(s)] if prices is not None else []
        noted = [c for s in symbols for c in prices.caveats(s)] if prices is not None else []
        inputs = (*_rows(exports, one.orders), *more)
        yield Finding(
            name=COST.name, value=rounded(value, 8), unit=one.asset, method=COST.id,
            inputs=tuple(dict.fromkeys(inputs)), count=len(one.orders),
            **common
            | {
                "params": params | {"against": against},
                "caveats": tuple(dict.fromkeys((*common["caveats"], *noted))),
            },
        )  # fmt: skip
    if one.cleared:
        rows = [exports.transactions[place].ref for place in one.clears]
        total = sum((s.amount for s in one.cleared), ZERO)
        yield Finding(
            name=DEFICIT.name, value=rounded(total, 8), unit=one.asset, method=DEFICIT.id,
            inputs=rows_of(exports, rows), count=len(rows), **common,
        )  # fmt: skip


def _sales(record: ForcedRecord, exports: Exports, prices: Prices | None) -> Iterator[Finding]:
    for number, sale in enumerate(record.sales, 1):
        entry = sale.entry
        common: dict[str, Any] = {
            "subject": _subject(record, sale.symbol), "at": entry.ts, "count": 1,
            "inputs": rows_of(exports, [entry.ref]), "caveats": (),
            "params": {
                "sale": number, "product": entry.product, "quantity": entry.quantity,
                "price": entry.price, "debt": entry.debt, "fee": entry.fee,
            },
        }  # fmt: skip
        yield Finding(
            name=SALE.name, value=rounded(sale.gross, 8), unit=entry.quote, method=SALE.id,
            **common,
        )  # fmt: skip
        for one in sale.slips:
            named = common | {"caveats": SALE_CAVEATS.get(one.against, ())}
            yield _slip(one, entry.quote, sale.symbol, named, prices)


def _subject(record: ForcedRecord, instrument: str) -> dict[str, str]:
    return {"account": record.account, "venue": record.venue, "instrument": instrument}


def _unit(order: ForcedOrder) -> str:
    return "contracts" if order.contract.inverse else "base"


def _common(
    record: ForcedRecord, exports: Exports, order: ForcedOrder, params: dict[str, Any]
) -> dict[str, Any]:
    return {
        "subject": _subject(record, order.contract.symbol), "at": order.sent, "params": params,
        "inputs": _rows(exports, [order]), "count": len(order.fills),
        "caveats": _caveats([order]),
    }  # fmt: skip


def _rows(exports: Exports, orders: Sequence[ForcedOrder]) -> tuple[Input, ...]:
    refs = [one.ref for one in orders]
    refs += [exports.trades[place].ref for one in orders for place in one.trades]
    return rows_of(exports, refs)


def _caveats(orders: Sequence[ForcedOrder]) -> tuple[str, ...]:
    return (INFERRED,) if any(one.inferred for one in orders) else ()
