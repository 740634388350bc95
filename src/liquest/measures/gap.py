"""`gap`: the lows of every two instruments of a coin, as a share of the higher and of the lower.

    gap.of_higher = (higher - lower) / higher       "29 % below"
    gap.of_lower  = (higher - lower) / lower        "41 % above"

Both are ratios rounded half-even to six decimals. The lows are those of the measure
`low`, per coin, of traded prices; the two need not fall into the same moment. Subject is
the instrument with the lower low, `against` the other one; `at` is the moment of the
lower low. A coin with one instrument has no gap, and a price in BTC is not put beside
one in dollars.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from ..clock import format_time
from ..errors import Text
from ..findings import Finding, Method
from ..problems import ABSENT, Problem
from . import Context, _lows
from ._extreme import Extreme

NAME = "gap"
DEFAULTS: Mapping[str, Any] = {"windows": []}
METHODS = (
    Method(
        NAME,
        Text("Gap between two lows", "两个最低价之差"),
        Text(
            "The lows of two instruments of one coin in the window, per coin, taken as in the "
            "measure low. of_higher = (higher - lower) / higher, of_lower = (higher - lower) / "
            "lower; exact division, rounded half-even to six decimals. The two lows may fall on "
            "different moments. Quote currencies count as one money when they are the dollar or "
            "a dollar stablecoin taken at 1.",
            "同一币种两个交易品种在时间窗内的最低价（按 low 取得，折合每枚）之差。"
            "of_higher =（高 − 低）/ 高，of_lower =（高 − 低）/ 低；精确相除，"
            "银行家舍入到六位小数。两个最低价可以不在同一时刻。"
            "美元与美元稳定币按 1 视为同一计价货币。",
        ),
        _lows.SQL,
    ),
)


def plan(context: Context) -> list[_lows.Task]:
    """Every traded track and window once; the tasks find the lows."""
    return _lows.plan(context)


def work(task: _lows.Task) -> list[Extreme | None]:
    """The lows of the task's tracks."""
    return _lows.work(task)


def merge(
    context: Context, partials: Sequence[Sequence[Extreme | None]]
) -> tuple[list[Finding], list[Problem]]:
    """Every pair of a coin, window by window, in the order of the two lows."""
    groups = _lows.groups(_lows.flat(partials))
    findings = [
        finding
        for sides in groups.values()
        for lower, higher in combinations(sorted(sides, key=_lows.order), 2)
        for finding in _pair(lower, higher)
    ]
    compared = {f.window for f in findings}
    return findings, [_alone(w.name) for w in context.chosen if w not in compared]


def _pair(lower: Extreme, higher: Extreme) -> Iterator[Finding]:
    """The two statements of one gap."""
    other = higher.track
    for name, whole in (("of_higher", higher), ("of_lower", lower)):
        yield Finding(
            name=f"{NAME}.{name}",
            subject={
                "coin": lower.track.coin,
                **lower.track.subject,
                "against": f"{other.instrument.key} {other.price}",
            },
            value=_lows.fall(lower.per_coin, higher.per_coin, whole.per_coin),
            unit="ratio",
            method=METHODS[0].id,
            at=lower.at,
            window=lower.window,
            params={
                "lower": lower.per_coin,
                "lower_resolution": lower.resolution,
                "higher": higher.per_coin,
                "higher_at": format_time(higher.at),
                "higher_resolution": higher.resolution,
            },
            inputs=_lows.inputs((lower, higher)),
            count=lower.scanned + higher.scanned,
            caveats=_lows.caveats((lower, higher)),
        )


def _alone(window: str) -> Problem:
    return Problem(
        "nothing-to-compare",
        ABSENT,
        Text(
            f"gap: no coin has two instruments with trades in the window '{window}'",
            f"gap：时间窗“{window}”内没有币种在两个品种上成交",
        ),
    )
