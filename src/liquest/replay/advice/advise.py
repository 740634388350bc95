"""From the tape to the advice: each coin with a path by the second, weighed for itself, and then
all of them together.

Invariant: a coin, a leverage or a share that is left out is named in a problem; nothing is
computed for a leverage that the tiers do not allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from difflib import get_close_matches

from ...errors import Text, UsageError
from ...findings import Finding, plain
from ...instruments import LINEAR
from ...problems import ABSENT, Problem
from ...rules.structure import Costs
from ...rules.tiers import flat, tiers
from ...run.progress import Progress, shown
from ..context import Context
from ..questions._structures import LAST, MARK, Path, held_on
from ..rows import rules_taken
from .asked import Asked
from .coin_findings import of_coin
from .coins_findings import of_coins
from .grid import TIERS, Unopened, grid, most_leverage
from .weigh import Task

RULES = ("liquidation.fee", "margin.rate_factor")
TAKER = Decimal("0.0005")
"""The share of the value that an order of one's own costs: Binance USDⓈ-M, regular user."""
MAX_AGE = 60
"""Seconds for which a price of a spot track stands."""


def advise(
    context: Context, asked: Asked, coins: Sequence[str], progress: Progress
) -> tuple[list[Finding], list[Problem]]:
    """Findings of the coins (all that have a path when none is named) and over all of them.

    Raises UsageError for a coin without a path, and where nothing can be opened at all.
    """
    with shown(progress, Text("Computing marks", "计算标记价格"), 0):
        chosen = _chosen(context, coins)
    found: list[Finding] = []
    problems: list[Problem] = list(context.kept.get("problems", []))
    tasks = [t for path, last in chosen if (t := _task(context, asked, path, last, problems))]
    if not tasks:
        raise _nothing_opens(asked)
    with shown(progress, Text("Weighing", "权衡"), len(tasks)):
        for task, (more, wrong) in zip(tasks, context.executor.map(of_coin, tasks), strict=True):
            progress.step(task.path.coin)
            found += more
            problems += [p for p in wrong if p not in problems]
    if len(tasks) > 1:
        found += of_coins(asked, context.core, found)
    return found, problems


def _chosen(context: Context, coins: Sequence[str]) -> list[tuple[Path, Path | None]]:
    """One path a coin, with its sibling on the last trade: a linear perpetual where there is "
    "one."""
    by_coin: dict[str, list[Path]] = {}
    for path in held_on(context, MAX_AGE):
        by_coin.setdefault(path.coin, []).append(path)
    wanted = list(dict.fromkeys(c.strip().upper() for c in coins)) or sorted(by_coin)
    missing = [c for c in wanted if c not in by_coin]
    if missing or not by_coin:
        raise _no_path("".join(missing[:1]), list(by_coin), context.core.name)
    found = []
    for coin in wanted:
        paths = sorted(
            by_coin[coin],
            key=lambda p: (p.track.instrument.kind != LINEAR, p.trigger != MARK),
        )
        first = paths[0]
        last = [
            p
            for p in paths[1:]
            if p.trigger == LAST and p.track.instrument == first.track.instrument
        ]
        found.append((first, last[0] if last and first.trigger == MARK else None))
    return found


def _task(
    context: Context, asked: Asked, path: Path, last: Path | None, problems: list[Problem]
) -> Task | None:
    """The task of a coin; None, and a problem, where nothing can be opened."""
    coin = path.coin
    symbol = f"{coin}USDT"
    taken, firm = rules_taken(context.rules, RULES, coin)
    known = tiers().get(symbol)
    caveats = ["exogenous", *path.caveats] + ([] if firm else ["assumed-rules"])
    if known is None:
        known = flat(symbol, context.rules.get("margin.inverse_rate", coin).number)
        caveats.append("tiers-assumed")
    ladder = known.scaled(context.rules.get("margin.rate_factor", coin).number)
    most = most_leverage(known, asked.exposure)
    ways, aside = grid(asked, most)
    problems += [p for p in _aside(asked, symbol, most, aside) if p not in problems]
    if not ways:
        return None
    costs = Costs(TAKER, context.rules.get("liquidation.fee", coin).number, asked.delay_s)
    params = {**asked.params(), "rules": taken, "ladder": symbol, "taker": TAKER, "most": most}
    return Task(path, last, context.core, asked, tuple(ways), ladder, costs, params, tuple(caveats))


def _aside(
    asked: Asked, symbol: str, most: Decimal, aside: Sequence[Unopened]
) -> Iterator[Problem]:
    exposure = plain(asked.exposure)
    for leverage, share, why in aside:
        x = plain(leverage)
        if why == TIERS:
            yield Problem(
                "leverage-too-high", ABSENT,
                Text(
                    f"structure: {symbol} allows at most {plain(most)}x at an exposure of "
                    f"{exposure}: {x}x is left out",
                    f"structure：{symbol} 在敞口 {exposure} 时最高 {plain(most)} 倍：不计算 {x} 倍",
                ),
                sample=symbol,
            )  # fmt: skip
        elif share is not None:
            yield _unpaid(asked, leverage, share)


def _unpaid(asked: Asked, leverage: Decimal, share: Decimal) -> Problem:
    margin, there = asked.exposure / leverage, share * asked.capital
    return Problem(
        "margin-above-exchange", ABSENT,
        Text(
            f"structure: {plain(leverage)}x needs a margin of {margin:.2f}, and "
            f"{plain(share * 100)} % on the exchange is {there:.2f}: left out",
            f"structure：{plain(leverage)} 倍需保证金 {margin:.2f}，而交易所内 "
            f"{plain(share * 100)}% 仅 {there:.2f}：不计算",
        ),
        sample=plain(share),
    )  # fmt: skip


def _no_path(coin: str, known: Sequence[str], window: str) -> UsageError:
    if not known:
        return UsageError(
            Text(
                f"no coin has a price by the second in the window {window}",
                f"时间窗 {window} 内没有任何币种的逐秒价格",
            ),
            remedy=Text(
                "Add tick files to the case and run again.", "请为案件加入逐笔成交文件后重新运行。"
            ),
        )
    near = get_close_matches(coin.removesuffix("USDT"), known, 1, 0.5)
    hint = f"{near[0]}? " if near else ""
    return UsageError(
        Text(f"no price by the second of '{coin}'", f"没有“{coin}”的逐秒价格"),
        where="--coin",
        remedy=Text(
            f"{hint}Coins with one: {', '.join(known)}.", f"{hint}可选币种：{'、'.join(known)}。"
        ),
    )


def _nothing_opens(asked: Asked) -> UsageError:
    share, leverage = asked.shares[-1], asked.leverages[-1]
    there = plain(share * asked.capital)
    return UsageError(
        Text(
            f"nothing can be opened: an exposure of {plain(asked.exposure)} with {there} on the "
            f"exchange and at most {plain(leverage)}x, for any of these coins",
            f"无法开仓：敞口 {plain(asked.exposure)}，交易所内 {there}，最高 {plain(leverage)} "
            "倍，对所选币种均不可行",
        ),
        remedy=Text(
            "Lower --exposure, raise --capital, --on-exchange or --leverage, or lower --leverage "
            "to what the tiers allow.",
            "请降低 --exposure，或提高 --capital、--on-exchange、--leverage；若超过阶梯上限则降低 "
            "--leverage。",
        ),
    )
