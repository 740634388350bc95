"""`dislocation`: how far, how long and when a venue's price stood away from the others.

Per second: ratio = price / reference − 1 (signed, "ratio": −0.05 is 5 % below the
reference), durations in seconds ("s"). The reference is the median of the other venues of
the coin, or one venue that the parameter `reference` names. Of every other venue the
instruments of the same kind are taken where it has them, else those it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..clock import SECOND
from ..errors import Text
from ..findings import Finding, Method
from ..problems import ABSENT, Problem
from ..tape.tracks import Track
from . import Context, flatten
from ._coins import MIN_REACH, THRESHOLDS, coins, fragments, thresholds
from ._params import integer
from ._ratio import ABOVE, BELOW, FRESH, SQL, Ratio, Task, Walked, walk
from ._sides import Side, mixed, nearest

NAME = "dislocation"
MEDIAN = "median"
DEFAULTS: Mapping[str, Any] = {
    "windows": [],
    "reference": MEDIAN,
    "max_age": 60,
    "min_others": 1,
    "thresholds": THRESHOLDS,
    "min_reach": MIN_REACH,
}
METHODS = (
    Method(
        NAME,
        Text("A venue's price against the others", "单一场所价格相对其他场所的偏离"),
        Text(
            "ratio = price / reference − 1 at every second of the window; the reference is the "
            "median of the other venues of the coin (at least min_others of them fresh), or the "
            f"one named. {FRESH.en} Of a venue the instruments of the same kind are taken where "
            "it has them. max_below and max_above are the ratio at its lowest below and highest "
            "above zero, their count the trades in that price's row; time_below and time_above "
            "count the seconds with a ratio beyond the threshold, onset and end are the first "
            "and last of them, in seconds from the start of the window; covered counts the "
            "seconds that have a ratio. Ratios are compared at 12 decimals, stated at 6.",
            "逐秒计算：偏离 = 价格 / 参考价 − 1；参考价为该币其他场所价格的中位数（至少 min_others "
            f"个场所有新鲜价格），或指定的某一场所。{FRESH.zh}对每个场所优先取同类合约。max_below、"
            "max_above 为负向最低与正向最高的偏离，其 count 为该价格所在行的成交笔数；time_below、"
            "time_above 为偏离超过阈值的秒数，onset、end 为其首秒与末秒（自时间窗起点的秒数）；"
            "covered 为有偏离值的秒数。偏离按 12 位小数比较，按 6 位小数列出。",
        ),
        SQL,
    ),
)


def plan(context: Context) -> list[Task]:
    """One task per window and coin that at least two venues trade."""
    given = context.params
    reference = str(given["reference"])
    max_age = integer(given, "max_age", 0)
    least = integer(given, "min_others", 1)
    limits = thresholds(given, "thresholds")
    tasks = []
    for window in context.chosen:
        for (coin, _), tracks in coins(context, window, (max_age + 1) * SECOND).items():
            ratios = [
                _ratio(coin, own, others, given, least)
                for own in tracks
                if (others := _others(own, tracks, reference))
            ]
            if ratios:
                tasks.append(Task(tuple(ratios), window, limits, max_age))
    return tasks


def _others(own: Track, tracks: Sequence[Track], reference: str) -> list[Track]:
    """The tracks of other venues, or of the one that is named."""
    venue = own.instrument.venue
    return [
        t
        for t in tracks
        if t.instrument.venue != venue and reference in (MEDIAN, t.instrument.venue)
    ]


def _ratio(
    coin: str, own: Track, others: Sequence[Track], given: Mapping[str, Any], least: int
) -> Ratio:
    top, bottom = Side((own,)), Side(nearest(own, others), least)
    against = "median of others"
    if given["reference"] != MEDIAN:
        against = bottom.keys[0] if len(bottom.keys) == 1 else f"median of {given['reference']}"
    caveats = mixed(top, bottom)
    if len(bottom.venues) == 1:
        caveats.append("two-venues")
    return Ratio(
        {"coin": coin, **own.subject, "against": against},
        top,
        bottom,
        params={
            "reference": given["reference"],
            "others": bottom.keys,
            "max_age": given["max_age"],
            "min_others": given["min_others"],
        },
        caveats=tuple(caveats),
    )


def work(task: Task) -> list[Finding]:
    """The findings of one coin in one window."""
    return flatten(_findings(walked, task) for walked in walk(task))


def _findings(walked: Walked, task: Task) -> list[Finding]:
    tally, method = walked.tally, METHODS[0].id
    found = [walked.finding(f"{NAME}.covered", tally.covered, "s", method)]
    if tally.lowest is not None and tally.lowest[0] < 0:
        found.append(walked.extreme(f"{NAME}.max_below", tally.lowest[1], method))
    if tally.highest is not None and tally.highest[0] > 0:
        found.append(walked.extreme(f"{NAME}.max_above", tally.highest[1], method))
    for direction in (BELOW, ABOVE):
        for limit in task.thresholds:
            beyond = tally.beyond[(limit, direction)]
            # One zero is kept, so that "never below the smallest" is a stated fact.
            stated = direction == BELOW and limit == task.thresholds[0] and tally.covered
            if not beyond.seconds and not stated:
                continue
            params = {"threshold": limit, "direction": direction}
            found.append(
                walked.finding(
                    f"{NAME}.time_{direction}", beyond.seconds, "s", method, params=params
                )
            )
            for name, moment in (("onset", beyond.first), ("end", beyond.last)):
                if moment is not None:
                    since = (moment - task.window.start) // SECOND
                    found.append(
                        walked.finding(
                            f"{NAME}.{name}",
                            since,
                            "s",
                            method,
                            at=moment,
                            params=params,
                            cut=walked.at_edge(moment, moment),
                        )
                    )
    return found


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order; a named reference that the lake does not hold is a problem."""
    reference = str(context.params["reference"])
    max_age = integer(context.params, "max_age", 0)
    problems = fragments(context, NAME, (max_age + 1) * SECOND)
    if reference not in {MEDIAN, *(i.venue for i in context.lake.instruments())}:
        problems.append(
            Problem(
                "no-reference",
                ABSENT,
                Text(
                    f"dislocation: the reference venue '{reference}' is not in the data",
                    f"dislocation：数据中没有参考场所“{reference}”",
                ),
            )
        )
    return flatten(partials), problems
