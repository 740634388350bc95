"""What a rule does to the mark of each contract: its low, and the leverage that lives.

Shared by the questions that change one rule of index or mark. Each value stands beside the
range that it takes over what is not on record of that day: the weight of the venue's own
price in the index, and which of three published texts protected the index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from ...clock import SECOND, Window
from ...errors import Text
from ...findings import Finding, Method, Value, rounded
from ...instruments import LINEAR
from ...problems import ABSENT, Problem
from ...rules.tiers import tiers
from ..context import Context
from ..marks import Marked
from ..rows import rules_taken
from ..scenario import Scenario

WEIGHTS = ("0", "0.2", "0.4", "0.6", "0.8", "1")
"""Shares of the venue's own price in the index over which an answer is a range."""
TEXTS: Mapping[str, Mapping[str, str]] = {
    "2020-10-29": {
        "index.protection": "zero", "index.deviation": "0.05", "index.stale": "10",
    },
    "2024-06-06": {
        "index.protection": "cap", "index.deviation": "0.05", "index.stale": "10",
    },
    "later": {
        "index.protection": "cap", "index.deviation": "0.03", "index.stale": "300",
    },
}  # fmt: skip
"""Three texts of the venue on protection and stale sources; which ran that day is open."""
PLACES = 8
RULES = (
    "index.method", "index.own_weight", "index.sources", "index.protection", "index.deviation",
    "index.stale", "mark.formula", "mark.window", "mark.samples",
)  # fmt: skip
"""The rules that decide the mark of a scenario; each answer lists their values."""


def methods(question: str, what: Text) -> tuple[Method, ...]:
    """The two methods of a question that changes a rule of index or mark."""
    return (
        Method(
            f"replay.{question}.mark_low",
            Text(f"Lowest mark price: {what.en}", f"最低标记价格：{what.zh}"),
            Text(
                "Index and mark are computed again for every second of the window from the trades "
                "on the tape under the rules named in the parameters; the value is the lowest mark "
                "of the main window and its first second. `low` and `high` are the lowest and "
                "highest value over the weights of the venue's own price and the texts on "
                "protection of the index that `over` names.",
                "按参数所列规则，用行情带中的成交逐秒重算指数与标记价格；取值为主时间窗内的最低标记价"
                "格及其首次出现的秒。low 与 high 为 over 所列本所权重与指数保护文本范围内该值的"
                "下限与上限。",
            ),
        ),
        Method(
            f"replay.{question}.long_leverage",
            Text(
                f"Highest leverage at which a long lives: {what.en}",
                f"多头可存活的最高杠杆：{what.zh}",
            ),
            Text(
                "A long in isolated mode, opened at the mark price of the first second of the main "
                "window with margin = notional / leverage and nothing added, is liquidated when "
                "its margin balance falls below maintenance (rate of the smallest tier). The value "
                "is the highest leverage at which this does not happen in the main window.",
                "逐仓多头于主时间窗首秒按标记价格开仓，保证金=名义价值÷杠杆，其后不追加；当保证金余额低于"
                "维持保证金（最小档费率）即被强平。取值为主时间窗内不发生强平的最高杠杆。",
            ),
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Low:
    """The lowest mark of a market in the core window: its second (µs), value, and the mark of
    the first second."""

    marked: Marked
    at: int
    value: float
    first: float


def lows(found: Sequence[Marked], core: Window) -> Iterator[Low]:
    """One for each market that has a mark in the core window."""
    for one in found:
        seconds = one.recorded.seconds
        inside = (seconds >= core.start) & (seconds + SECOND <= core.end) & np.isfinite(one.mark)
        if inside.any():
            at = int(np.flatnonzero(inside)[np.argmin(one.mark[inside])])
            first = float(one.mark[np.flatnonzero(inside)[0]])
            yield Low(one, int(seconds[at]), float(one.mark[at]), first)


def long_leverage(low: Low, rate: Decimal) -> Decimal | None:
    """The highest leverage of a long opened at `first` that lives at `value`, to 2 decimals,
    rounded down; None where any leverage lives.

    Linear: 1/L = 1 − (low/first)(1 − rate). Inverse: 1/L = (first/low)(1 + rate) − 1; both
    from balance = maintenance at the low.
    """
    share = Decimal(repr(low.value)) / Decimal(repr(low.first))
    if low.marked.recorded.market.instrument.kind == LINEAR:
        inverse_leverage = 1 - share * (1 - rate)
    else:
        inverse_leverage = (1 + rate) / share - 1
    if inverse_leverage <= 0:
        return None
    return (1 / inverse_leverage).quantize(Decimal("0.01"), rounding="ROUND_DOWN")


def maintenance_rate(context: Context, scenario: Scenario, low: Low) -> tuple[Decimal, bool]:
    """The rate of the smallest tier, and whether it is on record."""
    market = low.marked.recorded.market
    rules = context.rules_of(scenario)
    factor = rules.get("margin.rate_factor", market.symbol).number
    known = tiers().get(market.symbol) if market.instrument.kind == LINEAR else None
    if known is not None:
        return known.rates[0] * factor, True
    return rules.get("margin.inverse_rate", market.symbol).number * factor, False


def answers(
    context: Context, question: str, method: tuple[Method, ...], scenarios: Sequence[Scenario]
) -> tuple[list[Finding], list[Problem]]:
    """The two findings of each scenario and market, with their ranges over `WEIGHTS`; a problem
    for each scenario that leaves contracts without any mark."""
    found: list[Finding] = []
    problems: list[Problem] = []
    marked = {low.marked.symbol for low in lows(context.marked(), context.core)}
    for scenario in scenarios:
        others, over = rivals_of(scenario)
        ranges = [
            {low.marked.symbol: low for low in lows(context.marked(o), context.core)}
            for o in others
        ]
        here = list(lows(context.marked(scenario), context.core))
        if without := sorted(marked - {low.marked.symbol for low in here}):
            problems.append(_without(scenario, without))
        for low in here:
            rivals = [r[low.marked.symbol] for r in ranges if low.marked.symbol in r]
            found += _two(context, question, method, scenario, low, rivals, over)
    return found, problems


def _without(scenario: Scenario, symbols: Sequence[str]) -> Problem:
    names = ", ".join(symbols)
    text = Text(
        f"under {scenario.label} no second has a mark price of {names}: the index has no live "
        "source on this tape, so nothing is answered for it",
        f"在 {scenario.label} 下，{names} 没有任何一秒的标记价格：其指数在本行情带上没有有效来源，"
        "故不作回答",
    )
    return Problem("no-live-source", ABSENT, text, count=len(symbols), sample=names[:200])


def rivals_of(scenario: Scenario) -> tuple[list[Scenario], dict[str, list[str]]]:
    """The scenario over all that is plausible where it says nothing itself, and what that is."""
    said = set(scenario.overrides)
    weights = list(WEIGHTS) if "index.own_weight" not in said else []
    texts = [n for n, text in TEXTS.items() if not said & set(text)]
    found = [
        scenario.over({
            **({"index.own_weight": w} if w else {}), **TEXTS.get(text, {}),
        })
        for w in weights or [""] for text in texts or [""]
    ]  # fmt: skip
    over = {"index.own_weight": weights, "index.protection_text": texts}
    return (found if weights or texts else []), {k: v for k, v in over.items() if v}


def _two(
    context: Context, question: str, method: tuple[Method, ...], scenario: Scenario, low: Low,
    rivals: Sequence[Low], over: Mapping[str, Sequence[str]],
) -> Iterator[Finding]:  # fmt: skip
    rate, on_record = maintenance_rate(context, scenario, low)
    recorded = low.marked.recorded
    taken, firm = rules_taken(context.rules_of(scenario), RULES, low.marked.symbol)
    caveats = ["exogenous", *recorded.caveats]
    if not firm:
        caveats.append("assumed-rules")
    if rivals:
        caveats.append("index-weights-unknown")
    params: dict[str, Any] = {"scenario": scenario.label, "rules": taken}
    if rivals:
        params["over"] = {k: list(v) for k, v in over.items()}
    common: Mapping[str, Any] = {
        "subject": {**recorded.market.own.subject, "price": "mark"},
        "window": context.core, "inputs": recorded.inputs, "count": len(recorded.seconds),
    }  # fmt: skip
    mark = rounded(low.value, PLACES)
    yield Finding(
        name=f"replay.{question}.mark_low", value=mark, unit=recorded.market.instrument.quote,
        method=method[0].id, at=low.at, caveats=tuple(caveats),
        params={**params, **_range(mark, [rounded(r.value, PLACES) for r in rivals])}, **common,
    )  # fmt: skip
    leverage = long_leverage(low, rate)
    if not on_record:
        caveats.append("tiers-assumed")
    more = {"maintenance_rate": rate, "opened_at": rounded(low.first, PLACES)}
    yield Finding(
        name=f"replay.{question}.long_leverage", value=leverage, unit="x", method=method[1].id,
        caveats=tuple(caveats), **common,
        params={
            **params, **more, **_range(leverage, [long_leverage(r, rate) for r in rivals]),
        },
    )  # fmt: skip


def _range(value: Value, rivals: Sequence[Decimal | None]) -> dict[str, Value]:
    """The lowest and highest of the value and its rivals; {} where there are none or where a
    value has no number."""
    numbers = [r for r in rivals if r is not None]
    if not rivals or len(numbers) < len(rivals) or not isinstance(value, Decimal):
        return {}
    return {"low": min(value, *numbers), "high": max(value, *numbers)}
