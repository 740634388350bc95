"""`basis`: a perpetual's price against spot of the same coin, second by second.

ratio = perpetual / spot − 1 (signed, "ratio"), durations in seconds ("s"). Spot is that of
the same venue where the tape has it (in the perpetual's own quote currency first), else
the median of all spot venues of the coin; the subject's `against` says which. Linear and
inverse perpetuals alike: both are quoted per coin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..clock import SECOND
from ..errors import Text
from ..findings import Finding, Method
from ..instruments import SPOT
from ..problems import Problem
from ..tape.tracks import Track
from . import Context, flatten
from ._coins import MIN_REACH, coins, fragments, thresholds
from ._params import integer
from ._ratio import ABOVE, BELOW, FRESH, SQL, Ratio, Task, Walked, walk
from ._sides import PERPETUALS, Side, mixed

NAME = "basis"
DEFAULTS: Mapping[str, Any] = {
    "windows": [],
    "max_age": 60,
    "threshold": "0.05",
    "min_reach": MIN_REACH,
}
METHODS = (
    Method(
        NAME,
        Text("Perpetual against spot", "永续与现货的基差"),
        Text(
            "ratio = perpetual / spot − 1 at every second of the window. Spot is that of the same "
            "venue where the tape has it, in the perpetual's quote currency first; else the median "
            f"of all spot venues of the coin (other-venue). {FRESH.en} min and max are the lowest "
            "and highest ratio, their count the trades in the perpetual's row; median is that of "
            "all seconds with a ratio; longest is the longest unbroken run of seconds beyond the "
            "threshold in one direction, `at` its first second: a second without a ratio breaks "
            "it; covered counts the seconds that have a ratio.",
            "逐秒计算：基差率 = 永续价格 / 现货价格 − 1。现货优先取同一场所（先取与永续相同计价"
            f"货币），若无则取该币全部现货场所的中位数（other-venue）。{FRESH.zh}min、max 为最低"
            "与最高基差率，count 为永续所在行的成交笔数；median 为全部有值秒的中位数；longest 为"
            "同一方向连续超过阈值的最长秒数，at 为其首秒，无值的秒会使其中断；covered 为有基差值"
            "的秒数。",
        ),
        SQL,
    ),
)


def plan(context: Context) -> list[Task]:
    """One task per window and coin that has a perpetual and spot."""
    max_age = integer(context.params, "max_age", 0)
    limits = thresholds(context.params, "threshold")[:1]
    tasks = []
    for window in context.chosen:
        for (coin, _), tracks in coins(context, window, (max_age + 1) * SECOND).items():
            spot = [t for t in tracks if t.instrument.kind == SPOT]
            ratios = [
                _ratio(coin, t, spot, max_age)
                for t in tracks
                if spot and t.instrument.kind in PERPETUALS
            ]
            if ratios:
                tasks.append(Task(tuple(ratios), window, limits, max_age, median=True))
    return tasks


def _ratio(coin: str, own: Track, spot: Sequence[Track], max_age: int) -> Ratio:
    here = [t for t in spot if t.instrument.venue == own.instrument.venue]
    same_quote = [t for t in here if t.instrument.quote == own.instrument.quote]
    chosen = Side(tuple(same_quote or here or spot))
    against = "median of spot" if not here else f"median of spot at {own.instrument.venue}"
    if len(chosen.keys) == 1:
        against = chosen.keys[0]
    # That kinds differ is what a basis measures, so it is no caveat here.
    caveats = [c for c in mixed(Side((own,)), chosen) if c != "mixed-kinds"]
    if not here:
        caveats.append("other-venue")
    return Ratio(
        {"coin": coin, **own.subject, "against": against},
        Side((own,)),
        chosen,
        params={"spot": chosen.keys, "max_age": max_age},
        caveats=tuple(caveats),
    )


def work(task: Task) -> list[Finding]:
    """The findings of one coin in one window."""
    return flatten(_findings(walked, task.thresholds[0]) for walked in walk(task))


def _findings(walked: Walked, limit: Decimal) -> list[Finding]:
    tally, method = walked.tally, METHODS[0].id
    found = [walked.finding(f"{NAME}.covered", tally.covered, "s", method)]
    if tally.lowest is None or tally.highest is None:
        return found
    found += [
        walked.extreme(f"{NAME}.min", tally.lowest[1], method),
        walked.extreme(f"{NAME}.max", tally.highest[1], method),
        walked.finding(f"{NAME}.median", tally.median, "ratio", method),
    ]
    for direction in (BELOW, ABOVE):
        beyond = tally.beyond[(limit, direction)]
        start = beyond.longest_start
        # One zero is kept, so that "never below" is a stated fact.
        if start is None and direction == ABOVE:
            continue
        found.append(
            walked.finding(
                f"{NAME}.longest",
                beyond.longest,
                "s",
                method,
                at=start,
                params={"threshold": limit, "direction": direction},
                cut=start is not None
                and walked.at_edge(start, start + (beyond.longest - 1) * SECOND),
            )
        )
    return found


def merge(
    context: Context, partials: Sequence[list[Finding]]
) -> tuple[list[Finding], list[Problem]]:
    """All findings in task order, and what was not compared."""
    max_age = integer(context.params, "max_age", 0)
    return flatten(partials), fragments(context, NAME, (max_age + 1) * SECOND)
