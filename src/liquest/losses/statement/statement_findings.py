"""The statement as findings, in the order of its sections, and the methods behind them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from ...clock import format_time
from ...errors import Text
from ...findings import Finding, Input, Method
from ..attribution import attribution_findings
from ..entries import Ref
from ..equity.path import UnitPath
from ..forced import forced_findings
from ..rescue import rescue_findings
from ..schemes import schemes_findings
from ..schemes.pay import Paid
from ..schemes.references import KINDS
from ..schemes.summary import summaries
from .statement import Statement

RECONCILED = Method(
    "losses.reconciled",
    Text("A total as stated less the same rebuilt", "所述总额减重建总额"),
    Text(
        "One total of the exports (profit, commission, funding, transfers, balances) against the "
        "same total rebuilt from the other files, to the last digit; `rule` says how single rows "
        "agree where they were rounded. Zero closes.",
        "导出文件中的一项总额（盈亏、手续费、资金费、划转、余额）与由其他文件重建的同一总额之差，精确到最后"
        "一位；rule 说明逐行舍入后的吻合方式。零即闭合。",
    ),
)
EQUITY = Method(
    "losses.equity",
    Text(
        "The least that a margin unit had over its maintenance", "保证金单元超出维持保证金的最小值"
    ),
    Text(
        "Equity (balance + unrealised profit at mark prices) less maintenance margin of one unit, "
        "second by second over the prices at hand; the value is the smallest with something held, "
        "at its second. `breach` is the first second below zero, decided in decimals.",
        "逐秒计算某单元的权益（余额加按标记价格计的未实现盈亏）减维持保证金；取持仓期间的最小值及其所在"
        "秒。breach 为首次低于零的秒，以十进制精确判定。",
    ),
)
METHODS = (
    RECONCILED, EQUITY, *attribution_findings.METHODS, *forced_findings.METHODS,
    *rescue_findings.METHODS,
)  # fmt: skip


def findings(one: Statement, paid: Paid | None = None) -> Iterator[Finding]:
    """Everything that the statement says in numbers."""
    symbols = dict.fromkeys(path.symbol for path in one.ledger.positions)
    caveats = tuple(dict.fromkeys(c for s in symbols for c in one.prices.caveats(s)))
    inputs = (*_files(one), *dict.fromkeys(i for s in symbols for i in one.prices.inputs(s)))
    yield from attribution_findings.findings(one.ledger, one.question, one.shares, caveats, inputs)
    table = [(row.reference, row.leans, row.question, row.shares) for row in one.table]
    yield from attribution_findings.by_reference(one.ledger, table, caveats)
    yield from chain.from_iterable(_equity(one, unit) for unit in one.path.units)
    yield from forced_findings.findings(one.forced, one.exports, one.prices)
    yield from rescue_findings.findings(one.rescue, one.exports, one.prices)
    yield from _reconciled(one)
    if paid is not None:
        # A register of one has no shares to speak of: only the awards are told.
        stands = dict.fromkeys(KINDS, (tuple(inputs), caveats))
        made = schemes_findings.findings(paid, summaries(paid), {}, stands)
        yield from (f for f in made if "claimant" in f.subject)


def _files(one: Statement) -> list[Input]:
    return [Input(f.sha256, 2, f.rows + 1) for f in one.exports.files if f.rows]


def _equity(one: Statement, unit: UnitPath) -> Iterator[Finding]:
    near = unit.closest
    if near is None:
        return
    params: dict[str, Any] = {"mode": unit.unit.mode}
    if unit.breach is not None:
        params["breach"] = format_time(unit.breach)
    yield Finding(
        "losses.equity",
        {"account": one.exports.account, "venue": one.exports.venue, "unit": unit.unit.name},
        near[1], unit.unit.asset, EQUITY.id, at=near[0], window=one.path.window, params=params,
        inputs=unit.inputs, count=len(unit.seconds), caveats=unit.caveats,
    )  # fmt: skip


def _reconciled(one: Statement) -> Iterator[Finding]:
    for line in one.ledger.lines:
        named = {"symbol": line.symbol} if line.symbol else {}
        yield Finding(
            "losses.reconciled",
            {
                "account": one.exports.account, "venue": one.exports.venue, "line": line.name,
                "wallet": f"{line.market}:{line.asset}", **named,
            },
            line.difference, line.asset or "text", RECONCILED.id,
            params={
                "what": list(line.what), "stated": line.stated, "rebuilt": line.rebuilt,
                "rule": line.rule, "closes": "yes" if line.closes else "no",
            },
            inputs=tuple(_input(one, ref) for ref in line.refs), count=line.count,
            caveats=() if line.closes else ("does-not-close",),
        )  # fmt: skip


def _input(one: Statement, ref: Ref) -> Input:
    return Input(one.exports.files[ref.file].sha256, ref.row, ref.row, "extreme")
