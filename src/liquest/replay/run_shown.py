"""A replay in the terminal: who is liquidated, who pays, and when, one row a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from rich.table import Table

from ..clock import SECOND, Window, clock_time
from ..terminal import escaped, table
from .chart import short, spark
from .recorded import Recorded
from .run import EXOGENOUS, Result

WIDTH = 42
MOST = 6
"""Scenarios that are drawn over time, or whose deleveraged accounts are named."""
CENT = 0.01
NAMED = 3
"""Deleveraged accounts that are named."""


def shown(results: Sequence[Result], window: Window, lang: str) -> Iterator[Table]:
    """Who is liquidated, who pays for it, and what that looks like over the window."""
    yield _hit(results, window, lang)
    yield _paid(results, lang)
    yield over_time(results, window, lang)


def _hit(results: Sequence[Result], window: Window, lang: str) -> Table:
    zh = lang == "zh"
    base = results[0].outcome
    grace = any(len(one.outcome.open_) for one in results)
    start = -(-window.start // SECOND) * SECOND
    made = table(
        f"谁被强平 · 共 {base.accounts:,} 个账户，金额为美元"
        if zh
        else f"Who is liquidated · {base.accounts:,} accounts, sums in USD",
        [
            ("情景" if zh else "scenario", "fold"), ("强平" if zh else "liquidated", "right"),
            ("名义额" if zh else "notional", "right"), ("首次 UTC" if zh else "first UTC", "left"),
            ("存活" if zh else "saved", "right"), ("新增" if zh else "newly hit", "right"),
            *([("宽限中" if zh else "in grace", "right")] if grace else []),
        ],
    )  # fmt: skip
    for one in results:
        done = one.outcome
        at = "–"
        if done.first >= 0:
            at = clock_time(start + done.first * SECOND, digits=0)
        plain = one is results[0]
        made.add_row(
            _name(one, lang), f"{len(done.hit):,}", _three(done.notional), at,
            "" if plain else f"{len(done.saved(base)):,}",
            "" if plain else f"{len(done.newly_hit(base)):,}",
            *([f"{len(done.open_):,}"] if grace else []),
        )  # fmt: skip
    return made


def _paid(results: Sequence[Result], lang: str) -> Table:
    zh = lang == "zh"
    made = table(
        "谁来承担 · 金额为美元" if zh else "Who pays · sums in USD",
        [
            ("情景" if zh else "scenario", "fold"), ("接管账户" if zh else "taken over", "right"),
            ("缺口" if zh else "deficit", "right"), ("基金支出" if zh else "fund", "right"),
            ("减仓账户" if zh else "deleveraged", "right"),
            ("减仓名义额" if zh else "notional", "right"),
        ],
    )  # fmt: skip
    for one in results:
        done = one.outcome
        made.add_row(
            _name(one, lang), f"{len(done.bankrupt):,}", _three(done.deficit),
            _three(done.fund_used), f"{len(done.reduced):,}", _three(float(done.reduced_by.sum())),
        )  # fmt: skip
    return made


def over_time(results: Sequence[Result], window: Window, lang: str) -> Table:
    """Notional liquidated over the window, peaks kept; the height is the square root."""
    zh = lang == "zh"
    first, last = (clock_time(t, digits=0)[:5] for t in (window.start, window.end))
    more = len(results) - MOST
    title = f"每秒强平名义额 {first}–{last} UTC" if zh else f"Liquidated, {first}–{last} UTC"
    if more > 0:
        title += f"（前 {MOST} 个情景）" if zh else f" (the first {MOST} scenarios)"
    made = table(
        title,
        [
            ("情景" if zh else "scenario", "fold"), ("", "left"),
            ("峰值/秒" if zh else "peak/s", "right"),
        ],
        gap=1,
    )  # fmt: skip
    for one in results[:MOST]:
        flow = one.outcome.flow
        made.add_row(
            _name(one, lang), spark(np.sqrt(flow), WIDTH),
            _three(float(flow.max()) if len(flow) else 0.0),
        )  # fmt: skip
    return made


def told(
    results: Sequence[Result], recorded: Sequence[Recorded], ids: Sequence[str], lang: str
) -> Iterator[str]:  # fmt: skip
    """What a table does not say: who was deleveraged most, what was moved by how much, whether
    the population is larger than its markets, and in which seconds a market had no price."""
    zh = lang == "zh"
    yield from _larger(results[0], recorded, lang)
    for one in [r for r in results if len(r.outcome.reduced)][:MOST]:
        done = one.outcome
        order = np.lexsort((done.reduced, -done.reduced_by))[:NAMED]
        most = ", ".join(
            f"{ids[int(done.reduced[k])]} {_three(float(done.reduced_by[k]))}" for k in order
        )
        word = "减仓最多" if zh else "deleveraged most"
        yield f"{one.scenario.label}: {word}: {most}"
    moved = next((r for r in results if r.depths), None)
    if moved is not None:
        depths = ", ".join(f"{k} {_three(v)}" for k, v in moved.depths.items())
        word = "使价格变动 1% 的成交额（美元）" if zh else "USD that move the price by 1 %"
        yield f"{moved.scenario.label}: {word}: {depths}"
    yield from _holes(results, lang)


def _larger(base: Result, recorded: Sequence[Recorded], lang: str) -> Iterator[str]:
    """Contracts in which the baseline forces more than all that was traded."""
    found = []
    for one, forced in zip(recorded, base.outcome.forced, strict=False):
        traded, volume = float(one.traded[one.lead :].sum()), float(np.abs(forced).sum())
        if volume > traded:
            found.append(f"{one.market.symbol} {_three(volume)} / {_three(traded)}")
    if found and lang == "zh":
        yield (
            "强平额超过行情带中该合约的全部成交额（账户群大于其市场，反馈结果不可按字面理解）："
            + "，".join(found)
        )
    elif found:
        yield (
            "Forced volume above all that the contract traded on the tape (the population is "
            "larger than its market; do not take feedback at its word): " + ", ".join(found)
        )


def _holes(results: Sequence[Result], lang: str) -> Iterator[str]:
    """Seconds without an index and without a mark, and what follows from that."""
    alike: dict[str, list[str]] = {}
    for one in results:
        words = ", ".join(f"{k} {i:,} / {m:,}" for k, (i, m) in one.holes.items())
        alike.setdefault(words, []).append(one.scenario.label)
    alike.pop("", None)
    if not alike:
        return
    yield (
        "没有指数（无有效来源）/没有标记价格的秒数；没有标记价格的秒不评估持有该合约的账户，"
        "仅缺指数时标记价格由规则的其余部分得出："
        if lang == "zh"
        else "Seconds without an index (no source is live) / without a mark. Accounts are not "
        "evaluated without a mark; where only the index is missing, the mark is what the rule "
        "makes of the rest:"
    )
    for words, labels in list(alike.items())[:MOST]:
        more = f" (+{len(labels) - 1})" if labels[1:] else ""
        yield f"  {labels[0]}{more}: {words}"


def _name(one: Result, lang: str) -> str:
    """The scenario, a line for each of its parts, and its mode where that is not exogenous."""
    mode = ""
    if one.mode != EXOGENOUS:
        mode = "\n（一阶反馈）" if lang == "zh" else "\n(first-order feedback)"
    return escaped(one.scenario.label.replace(" ", "\n")) + mode


def _three(value: float) -> str:
    """Three significant digits, for a table; cents and less are nothing."""
    return short(float(f"{value:.3g}")) if abs(value) >= CENT else "0"
