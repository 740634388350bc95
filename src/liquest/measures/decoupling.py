"""`decoupling`: what a coin cost in a stablecoin against what it cost in state money.

Per second and stablecoin: ratio = price in the stablecoin · price of the stablecoin /
price in `fiat` − 1 (signed, "ratio"), durations in seconds ("s"). Both prices are medians
over the venues that quote so. The stablecoin's own price is the median of its spot pairs
against `fiat` where the lake has one; else it is taken at 1 and the finding says so.
Inverse contracts are quoted in USD and settled in the coin: they stand on neither side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..clock import SECOND
from ..errors import CaseError, Text
from ..findings import Finding, Method
from ..instruments import KINDS, LINEAR, SPOT, STABLE
from ..problems import Problem
from ..tape.tracks import Track
from . import Context, flatten
from ._coins import MIN_REACH, THRESHOLDS, coins, fragments, thresholds
from ._params import integer
from ._ratio import ABOVE, BELOW, FRESH, SQL, Ratio, Task, Walked, walk
from ._sides import Side, mixed

NAME = "decoupling"
DEFAULTS: Mapping[str, Any] = {
    "windows": [],
    "fiat": "USD",
    "kinds": [SPOT],
    "include_perpetuals": False,
    "max_age": 60,
    "thresholds": THRESHOLDS,
    "min_reach": MIN_REACH,
}
METHODS = (
    Method(
        NAME,
        Text("Prices in a stablecoin against prices in state money", "稳定币计价与法币计价之差"),
        Text(
            "ratio = price in the stablecoin × price of the stablecoin / price in the fiat "
            "currency − 1 at every second of the window, for one coin and one stablecoin. "
            f"{FRESH.en} The price of the stablecoin is the median of its own spot pairs against "
            "that currency where the tape has one, else 1 (stablecoin-unknown). max is the ratio "
            "at its most negative, max_above at its highest above zero, with the trades in the "
            "stablecoin side's rows as their count; median is that of all seconds with a ratio; "
            "time_below and time_above count the seconds beyond a threshold; covered counts the "
            "seconds that have a ratio. Spot only, unless kinds says otherwise; with "
            "include_perpetuals linear perpetuals stand in where a coin has no such spot pair. "
            "Inverse contracts are left out.",
            "针对一个币和一种稳定币逐秒计算：偏离 = 稳定币计价价格 × 稳定币价格 / 法币计价价格 − "
            f"1。{FRESH.zh}若数据中有该稳定币对该法币的现货，则取其中位数作为稳定币价格，否则按 "
            "1 计（stablecoin-unknown）。max 为偏离最负之值，max_above 为正向最高之值，count 为"
            "稳定币侧所在行的成交笔数；median 为全部有值秒的中位数；time_below、time_above 为超"
            "过阈值的秒数；covered 为有偏离值的秒数。默认仅取现货（可由 kinds 指定）；"
            "include_perpetuals 为真且该币没有此类现货时以线性永续代替。反向合约不计入。",
        ),
        SQL,
    ),
)


def plan(context: Context) -> list[Task]:
    """One task per window and coin that is quoted in `fiat` and in a stablecoin."""
    given = context.params
    max_age = integer(given, "max_age", 0)
    limits = thresholds(given, "thresholds")
    fiat, kinds = str(given["fiat"]), tuple(given["kinds"])
    if unknown := [k for k in kinds if k not in KINDS]:
        raise CaseError(
            Text(f"'{unknown[0]}' is no kind of instrument", f"没有名为“{unknown[0]}”的合约类型"),
            remedy=Text(f"Kinds: {', '.join(KINDS)}", f"可用类型：{', '.join(KINDS)}"),
        )
    tasks = []
    for window in context.chosen:
        grouped: dict[str, list[Track]] = {}
        for (coin, _), tracks in coins(context, window, (max_age + 1) * SECOND).items():
            grouped.setdefault(coin, []).extend(t for t in tracks if not t.instrument.inverse)
        for coin, tracks in grouped.items():
            bottom = _quoted(tracks, fiat, kinds)
            ratios = []
            for stable in STABLE:
                top = _quoted(tracks, stable, kinds)
                if not top and given["include_perpetuals"]:
                    top = _quoted(tracks, stable, (LINEAR,))
                if top and bottom:
                    factor = _quoted(grouped.get(stable, []), fiat, (SPOT,))
                    ratios.append(_ratio(coin, stable, given, top, bottom, factor))
            if ratios:
                tasks.append(Task(tuple(ratios), window, limits, max_age, median=True))
    return tasks


def _quoted(tracks: Sequence[Track], quote: str, kinds: Sequence[str]) -> tuple[Track, ...]:
    return tuple(t for t in tracks if t.instrument.quote == quote and t.instrument.kind in kinds)


def _ratio(
    coin: str,
    stable: str,
    given: Mapping[str, Any],
    top: tuple[Track, ...],
    bottom: tuple[Track, ...],
    factor: tuple[Track, ...],
) -> Ratio:
    one, other = Side(top), Side(bottom)
    caveats = [c for c in mixed(one, other) if c != "mixed-quotes"]
    if not factor:
        caveats.append("stablecoin-unknown")
    if len({*one.venues, *other.venues}) <= 2:
        caveats.append("two-venues")
    return Ratio(
        {"coin": coin, "quote": stable, "against": str(given["fiat"])},
        one,
        other,
        Side(factor) if factor else None,
        {
            "top": one.keys,
            "bottom": other.keys,
            "stablecoin": Side(factor).keys,
            "max_age": given["max_age"],
        },
        tuple(caveats),
    )


def work(task: Task) -> list[Finding]:
    """The findings of one coin in one window."""
    return flatten(_findings(walked, task) for walked in walk(task))


def _findings(walked: Walked, task: Task) -> list[Finding]:
    tally, method = walked.tally, METHODS[0].id
    found = [walked.finding(f"{NAME}.covered", tally.covered, "s", method)]
    if tally.lowest is None or tally.highest is None:
        return found
    found.append(walked.extreme(f"{NAME}.max", tally.lowest[1], method))
    if tally.highest[0] > 0:
        found.append(walked.extreme(f"{NAME}.max_above", tally.highest[1], method))
    found.append(walked.finding(f"{NAME}.median", tally.median, "ratio", method))
    for direction in (BELOW, ABOVE):
        for limit in task.thresholds:
            beyond = tally.beyond[(limit, direction)]
            # One zero is kept, so that "never below the smallest" is a stated fact.
            if beyond.seconds or (direction == BELOW and limit == task.thresholds[0]):
                params = {"threshold": limit, "direction": direction}
                found.append(
                    walked.finding(
                        f"{NAME}.time_{direction}", beyond.seconds, "s", method, params=params
                    )
                )
    return found


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order, and what was not compared."""
    max_age = integer(context.params, "max_age", 0)
    return flatten(partials), fragments(context, NAME, (max_age + 1) * SECOND)
