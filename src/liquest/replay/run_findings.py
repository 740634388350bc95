"""What a replay hands on: findings for each scenario, the accounts behind them, a chart."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..clock import SECOND, Window, format_time
from ..errors import Text
from ..findings import Finding, Input, Method, Value, plain, rounded
from ..run.disk import whole
from .chart import Line, chart
from .context import Context
from .outcome import Outcome
from .rows import rules_taken
from .run import EXOGENOUS, Result

RULES = (
    "index.method", "index.own_weight", "index.sources", "index.protection", "index.deviation",
    "index.stale", "index.missing", "mark.formula", "mark.window", "mark.samples", "mark.missing",
    "margin.rate_factor", "margin.inverse_rate", "liquidation.steps", "liquidation.execution",
    "liquidation.bankruptcy", "fund.size", "adl.score", "adl.allocation", "adl.price",
    "grace.vip", "grace.regular", "grace.clears", "halt.trigger", "halt.length",
    "portfolio.liquidation", "feedback.model", "feedback.half_life",
)  # fmt: skip
"""The rules that a finding lists; fees, bands and lots differ from contract to contract."""
PLACES = 2
MOST = 20
"""Accounts that a finding lists; all of them stand in the file of accounts."""

LINES = 10
"""Scenarios that the chart draws."""

WORDS: Mapping[str, tuple[str, Text, Text]] = {
    "accounts": ("accounts", Text("Accounts liquidated", "被强平账户"), Text(
        "accounts of which a margin unit was liquidated, in whole or in part",
        "至少一个保证金单位被全部或部分强平的账户数")),
    "notional": ("USD", Text("Notional liquidated", "强平名义额"), Text(
        "notional of forced orders and of positions taken over, at the mark of the second",
        "强平委托与被接管持仓的名义额，按当秒标记价格计")),
    "first": ("text", Text("First liquidation", "首次强平"), Text(
        "the second of the first liquidation", "首次强平所在的秒")),
    "bankrupt": ("accounts", Text("Accounts taken over", "被接管账户"), Text(
        "accounts of which a margin unit was taken over at its bankruptcy price",
        "至少一个保证金单位按破产价格被接管的账户数")),
    "deficit": ("USD", Text("Bankrupt deficit", "穿仓缺口"), Text(
        "what closing at the last price would have left below zero, over all units taken over",
        "按最近成交价平仓后低于零的部分之和")),
    "fund_used": ("USD", Text("Use of the fund", "基金支出"), Text(
        "the lowest point of the fund's sum of payments and receipts, below zero; without a limit "
        "unless fund.size sets one",
        "基金收支累计的最低点（取正值）；除非 fund.size 设限，否则不设上限")),
    "adl_accounts": ("accounts", Text("Accounts deleveraged", "被自动减仓账户"), Text(
        "accounts of which a position was closed by auto-deleveraging",
        "至少一笔持仓被自动减仓的账户数")),
    "adl_notional": ("USD", Text("Notional deleveraged", "自动减仓名义额"), Text(
        "notional closed by auto-deleveraging, at the mark", "自动减仓的名义额，按标记价格计")),
    "adl_forgone": ("USD", Text("Gain forgone by deleveraging", "自动减仓放弃的收益"), Text(
        "mark minus closing price of what was deleveraged, times its quantity; below zero where "
        "the closing price was the better one",
        "被减仓部分的标记价格与成交价之差乘以数量；成交价更优时为负")),
    "saved": ("accounts", Text("Saved against the baseline", "较基准得以存活"), Text(
        "accounts that the baseline liquidates and this scenario does not, those still in grace "
        "when the data end included; one whose contracts have no mark in this scenario is not "
        "counted",
        "基准下被强平而本情景下未被强平的账户数，含数据结束时仍在宽限者；在本情景下合约没有标记价格者"
        "不计")),
    "newly_hit": ("accounts", Text("Newly hit against the baseline", "较基准新增强平"), Text(
        "accounts that this scenario liquidates and the baseline does not",
        "本情景下被强平而基准下未被强平的账户数")),
    "open": ("accounts", Text("In grace at the end", "结束时仍在宽限"), Text(
        "accounts whose grace outlasts the data", "宽限期超出数据末端的账户数")),
}  # fmt: skip

METHODS: Mapping[str, Method] = {
    key: Method(
        f"replay.run.{key}",
        title,
        Text(
            f"Index and mark are computed again per second under the rules of the scenario, every "
            f"account is walked through liquidation, fund and deleveraging; counted are "
            f"{words.en}.",
            f"按情景规则逐秒重算指数与标记价格，并使每个账户经历强平、保险基金与自动减仓；统计：{words.zh}。",
        ),
    )
    for key, (_, title, words) in WORDS.items()
}


def values(result: Result, base: Outcome, start: int) -> dict[str, Value]:
    """What of a scenario becomes findings, by key."""
    one = result.outcome
    second = None if one.first < 0 else format_time(start + one.first * SECOND, digits=0)
    found: dict[str, Value] = {
        "accounts": len(one.hit), "notional": rounded(one.notional, PLACES),
        "first": second, "bankrupt": len(one.bankrupt), "deficit": rounded(one.deficit, PLACES),
        "fund_used": rounded(one.fund_used, PLACES), "adl_accounts": len(one.reduced),
        "adl_notional": rounded(float(one.reduced_by.sum()), PLACES),
        "adl_forgone": rounded(float(one.forgone.sum()), PLACES),
        "saved": len(one.saved(base)), "newly_hit": len(one.newly_hit(base)),
        "open": len(one.open_),
    }  # fmt: skip
    return found


def findings(
    context: Context, results: Sequence[Result], population: Mapping[str, Any],
    inputs: tuple[Input, ...], caveats: Sequence[str], ids: Sequence[str],
) -> Iterator[Finding]:  # fmt: skip
    """Every value of every scenario. `population` describes the accounts."""
    base = results[0].outcome
    start = int(context.recorded()[0].seconds[0])
    tape = tuple(dict.fromkeys(i for one in context.recorded() for i in one.inputs))
    for result in results:
        taken, firm = rules_taken(context.rules_of(result.scenario), RULES)
        mode = "exogenous" if result.mode == EXOGENOUS else "first-order-feedback"
        said = dict.fromkeys((
            mode, *caveats, *(() if firm else ("assumed-rules",)),
            *(("data-end",) if len(result.outcome.open_) else ()),
        ))  # fmt: skip
        params: dict[str, Any] = {
            "scenario": result.scenario.label, "mode": result.mode, "rules": taken,
            "population": dict(population),
        }  # fmt: skip
        if result.holes:
            params["seconds_without"] = {
                k: {"index": index, "mark": mark} for k, (index, mark) in result.holes.items()
            }
        if result.depths:
            params["depth"] = {k: rounded(v, 0) for k, v in result.depths.items()}
        for key, value in values(result, base, start).items():
            more: dict[str, Any] = {}
            if key.startswith("adl_") and len(result.outcome.reduced):
                more = {"largest": _largest(result.outcome, ids)}
            yield Finding(
                name=f"replay.run.{key}", unit=WORDS[key][0], value=value,
                subject={"venue": context.venue, "population": str(population["name"])},
                method=METHODS[key].id, window=context.span, params={**params, **more},
                inputs=(*inputs, *tape), count=result.outcome.accounts, caveats=tuple(said),
                at=start + result.outcome.first * SECOND
                if key == "first" and result.outcome.first >= 0
                else None,
            )  # fmt: skip


def _largest(one: Outcome, ids: Sequence[str]) -> dict[str, str]:
    order = np.lexsort((one.reduced, -one.reduced_by))[:MOST]
    return {
        ids[int(one.reduced[k])]: plain(rounded(float(one.reduced_by[k]), PLACES)) for k in order
    }


def write_accounts(path: Path, results: Sequence[Result], ids: Sequence[str]) -> None:
    """One row for each account that any scenario touched: what each did to it."""
    touched = np.unique(
        np.concatenate([a for r in results for a in (r.outcome.hit, r.outcome.reduced)])
    )
    with whole(path) as out:
        writer = csv.writer(out)
        writer.writerow(["account", *(r.scenario.label for r in results)])
        columns = [_words(r.outcome) for r in results]
        for account in touched.tolist():
            writer.writerow([ids[account], *(c.get(account, "untouched") for c in columns)])


def write_deleveraged(path: Path, results: Sequence[Result], ids: Sequence[str]) -> None:
    """One row for each scenario and account that auto-deleveraging closed: by how many dollars
    at the mark, and at what gain forgone."""
    with whole(path) as out:
        writer = csv.writer(out)
        writer.writerow(["scenario", "account", "deleveraged_usd", "forgone_usd"])
        for result in results:
            one = result.outcome
            for account, by, gone in zip(one.reduced, one.reduced_by, one.forgone, strict=True):
                sums = (plain(rounded(float(v), PLACES)) for v in (by, gone))
                writer.writerow([result.scenario.label, ids[int(account)], *sums])


def _words(one: Outcome) -> dict[int, str]:
    """account → what happened to it, the gravest last so that it stands."""
    said = {int(a): "deleveraged" for a in one.reduced}
    said |= {int(a): "in grace" for a in one.open_}
    said |= {int(a): "liquidated" for a in one.hit}
    said |= {int(a): "taken over" for a in one.bankrupt}
    return said


def drawn(results: Sequence[Result], window: Window) -> str:
    """Liquidated notional, added up over time, one line a scenario, the first LINES of them."""
    lines = [
        Line(
            Text(r.scenario.label, "基准" if r.scenario.label == "baseline" else r.scenario.label),
            np.cumsum(r.outcome.flow), dashed=r.mode != EXOGENOUS,
        )
        for r in results[:LINES]
    ]  # fmt: skip
    more = Text("", "")
    if len(results) > LINES:
        more = Text(f" (the first {LINES} of {len(results):,} scenarios)",
                    f"（{len(results):,} 个情景中的前 {LINES} 个）")  # fmt: skip
    return chart(
        Text("Liquidated notional" + more.en, "累计强平名义额" + more.zh),
        Text("USD at the mark, added up · dashed: first-order feedback",
             "美元，按标记价格累计 · 虚线：一阶反馈"),
        window, lines, log=False,
    )  # fmt: skip
