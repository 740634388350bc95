"""What `survive` hands on: findings, and a chart of the cushion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..clock import Window, format_time
from ..errors import Text
from ..findings import Finding, Method
from .chart import Line, chart
from .context import Context
from .rows import rules_taken
from .survive import Survival

RULES = (
    "index.method", "index.own_weight", "index.sources", "index.protection", "index.deviation",
    "index.stale", "index.missing", "mark.formula", "mark.window", "mark.samples", "mark.missing",
    "margin.rate_factor", "margin.inverse_rate", "grace.regular", "grace.vip", "grace.clears",
)  # fmt: skip
OUTCOME = Method(
    "replay.survive",
    Text("Alive or liquidated", "存活或被强平"),
    Text(
        "The margin balance of one cross wallet or isolated position is followed second by second "
        "over the replayed mark prices. It is liquidated in the first second in which the balance "
        "is below maintenance margin (where its class has a grace, as grace.clears says). "
        "`cushion` is the smallest balance − maintenance up to then, `needed` the sum that would "
        "have kept it above zero to the end of the window, `needed_by` the second by which it had "
        "to be there, `warned_at` the last time before at which half of the first cushion was "
        "left.",
        "按重放的标记价格逐秒跟踪一个全仓钱包或逐仓仓位的保证金余额。余额首次低于维持保证金的那一秒即被"
        "强平（若其类别有宽限期，则按 grace.clears）。cushion 为截至该时余额减维持保证金的"
        "最小值；needed 为使其在时间窗内始终不低于零所需追加的金额；needed_by 为须到账的时刻；"
        "warned_at 为此前最后一次余量降至初始一半的时刻。",
    ),
)  # fmt: skip
NEEDED = Method(
    "replay.survive.needed",
    Text("Margin that would have been needed", "所需追加的保证金"),
    Text(
        "The largest shortfall of balance below maintenance from the breach to the end of the "
        "window, had nothing been closed; zero where there is no breach. Prices as recorded.",
        "自触发强平起至时间窗结束，若未平仓，余额低于维持保证金的最大缺口；未触发则为零。价格按记录取值。",
    ),
)
METHODS = (OUTCOME, NEEDED)
ALIVE = Text("alive", "存活")
LIQUIDATED = Text("liquidated", "被强平")
IN_GRACE = Text("in grace at the end", "宽限中（数据结束）")


def outcome(one: Survival) -> Text:
    """In a word."""
    return IN_GRACE if one.open_in_grace else ALIVE if one.alive else LIQUIDATED


def findings(context: Context, found: Sequence[Survival]) -> Iterator[Finding]:
    """Two for each unit and scenario."""
    inputs = {r.market.symbol: r.inputs for r in context.recorded()}
    for one in found:
        symbol = next((s for s in one.symbols if s in inputs), "")
        taken, firm = rules_taken(context.rules_of(one.scenario), RULES, symbol)
        caveats = (*one.caveats, *(() if firm else ("assumed-rules",)))
        params: dict[str, Any] = {
            "scenario": one.scenario.label, "mode": "exogenous", "rules": taken,
            "currency": one.currency, "cushion": one.cushion, "first_cushion": one.first_cushion,
            "closest_at": format_time(one.closest_at), "needed": one.needed,
        }  # fmt: skip
        for name, at in (("needed_by", one.needed_by), ("warned_at", one.warned_at)):
            if at is not None:
                params[name] = format_time(at)
        if one.warning_seconds is not None:
            params["warning_seconds"] = one.warning_seconds
        common: dict[str, Any] = {
            "subject": {"venue": context.venue, "account": one.account, "unit": one.unit},
            "window": context.span, "caveats": tuple(dict.fromkeys(caveats)), "params": params,
            "inputs": tuple(dict.fromkeys(i for s in one.symbols for i in inputs.get(s, ()))),
            "count": len(one.path),
        }  # fmt: skip
        yield Finding(
            name=OUTCOME.name, value=outcome(one).en, unit="text", method=OUTCOME.id,
            at=one.liquidated_at, **common,
        )  # fmt: skip
        yield Finding(
            name=NEEDED.name, value=one.needed, unit=one.currency, method=NEEDED.id,
            at=one.needed_by, **common,
        )  # fmt: skip


def drawn(found: Sequence[Survival], window: Window) -> str:
    """The cushion of every scenario as a share of the first one, as SVG."""
    lines = []
    for one in found:
        first = float(one.first_cushion) or 1.0
        label = f"{one.account} {one.unit}: {one.scenario.label}"
        lines.append(
            Line(Text(label, label), one.path / abs(first), dashed=bool(one.scenario.overrides))
        )
    return chart(
        Text("Margin cushion", "保证金余量"),
        Text(
            "margin balance − maintenance, as a share of the first second's; below 0: liquidation",
            "余额减维持保证金，相对首秒之比；低于 0 即强平",
        ),
        window, lines, log=False,
    )  # fmt: skip
