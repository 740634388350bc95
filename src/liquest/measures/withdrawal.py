"""`withdrawal`: depth per venue against its own hour before, in what order it went, and how
likely it is that it went everywhere at once.

    withdrawal.before    median depth in the `baseline` seconds before the window
    withdrawal.floor     lowest depth in the window as a share of it ("ratio"), `at` its second
    withdrawal.onset     seconds from the window's start to the first of `hold` seconds in a row
                         below `below` of the depth before
    withdrawal.return    seconds from the onset to the first of `hold` seconds in a row at or
                         above `back`; empty with not-recovered
    withdrawal.away      seconds below in the window ("s")
    withdrawal.order     place of the onset among the instruments of the coin, 1 the first
    withdrawal.together  seconds in which every instrument of the coin is below ("s")
    withdrawal.most      most instruments below in one second, `at` the first such second
    withdrawal.odds      probability that all of n makers are away at once, by `_odds`
    withdrawal.odds_s    the same in seconds of a year ("s")

The odds rest on uptimes that are claimed, not on the tape: they show what the assumption of
independence is worth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from ..clock import SECOND, Window
from ..errors import CaseError, Text
from ..findings import Finding, Input, Method, Value, rounded
from ..problems import ABSENT, Problem
from ..tape.tracks import Floats, Ints, Track
from . import Context
from ._bands import BANDS_SQL
from ._book import coverage, money, no_books, row_input, scanned
from ._levels import BOTH, Asked, Path, Stretch, path_of, stretches
from ._odds import Together
from ._params import decimal, decimals, integer, integers

NAME = "withdrawal"
DEFAULTS: Mapping[str, Any] = {
    "windows": [],
    "side": BOTH,
    "levels": 10,
    "band": "0.01",
    "baseline": 3600,
    "below": "0.5",
    "back": "0.8",
    "hold": 5,
    "max_age": 60,
    "makers": [2, 3, 5],
    "uptimes": ["0.99", "0.999"],
    "common": ["0", "0.1", "0.5"],
}
_PLACES = 6
_DIGITS, _MOST_PLACES = 6, 24

METHODS = (
    Method(
        NAME,
        Text("Withdrawal of depth, venue by venue", "各场所深度撤离"),
        Text(
            "Depth is the sum of the best `levels` levels (of a venue's bands: the band of that "
            "width) on the side asked for, at the end of every second, at most max_age seconds "
            "old. before: the median over the `baseline` seconds before the window. onset: the "
            "first of `hold` seconds in a row below `below` × before; a second without a book "
            "ends a row. return: the first of `hold` seconds in a row at or above `back` × "
            "before, after the lowest second. order: by onset, equal ones share a place. together "
            "counts the seconds in which every instrument of the coin that has a baseline is "
            "below.",
            "深度取所问一侧最优 levels 档之和（场所分档数据取该宽度的一档），于每秒末、不早于 "
            "max_age 秒。before：时间窗前 baseline 秒的中位数。onset：首个连续 hold 秒低于 below "
            "× before 的首秒，无订单簿的秒会使其中断。return：最低秒之后首个连续 hold 秒不低于 "
            "back × before 的首秒。order：按 onset 排序，相同者并列。together：该币全部有基准的品"
            "种同时低于阈值的秒数。",
        ),
        BANDS_SQL.strip(),
    ),
    Method(
        f"{NAME}.odds",
        Text("Odds of a withdrawal everywhere at once", "同时撤离的概率"),
        Text(
            "n makers, each away Q = 1 − uptime of the time. Independent (common = 0): Qⁿ. With "
            "a share β of Q from a common cause: c = βQ, r = (Q − c)/(1 − c), probability "
            "c + (1 − c)·rⁿ (beta-factor model, Fleming 1975). odds_s: times 31,536,000 s. That "
            "something is improbable if makers act independently says nothing about whether they "
            "do: one shock to all of them is what the larger β stands for.",
            "n 家做市商，各自缺席时间占比 Q = 1 − uptime。相互独立（common = 0）：Qⁿ。若 Q 中有 β "
            "的比例来自共同原因：c = βQ，r = (Q − c)/(1 − c)，概率为 c + (1 − c)·rⁿ（β 因子模型，"
            "Fleming 1975）。odds_s：乘以 31,536,000 秒。“相互独立时几乎不可能”并不说明它们相互"
            "独立：较大的 β 即代表共同冲击。",
        ),
    ),
)


@dataclass(frozen=True)
class Course:
    """One instrument in one window: its depth as shares of the depth before, second by second;
    times are places in `seconds`, −1 for never."""

    track: Track
    window: Window
    before: float
    count: int
    seconds: Ints
    share: Floats
    row: Ints
    lowest: int
    onset: int
    returned: int
    covered: int

    def below(self, limit: Decimal) -> Any:
        """Where the share is known and below; NaN compares false."""
        return self.share < float(limit)


def plan(context: Context) -> list[Stretch]:
    """Every book and band, from the baseline's start to the window's end."""
    params = context.params
    if params["side"] not in ("bid", "ask", BOTH):
        raise CaseError(
            Text(f"'{params['side']}' is no side of a book", f"“{params['side']}”不是订单簿的一侧"),
            where="[measures.withdrawal]",
            remedy=Text("Write bid, ask or both.", "请写 bid、ask 或 both。"),
        )
    asked = Asked(
        params["side"], integer(params, "levels", 1), decimal(params, "band"),
        integer(params, "max_age", 0),
    )  # fmt: skip
    return [s for w in context.chosen for s in stretches(context, _reach(context, w), asked)]


def _reach(context: Context, window: Window) -> Window:
    before = integer(context.params, "baseline", 1) * SECOND
    return Window(window.name, window.start - before, window.end)


def work(task: Stretch) -> Path:
    """The depth of one stretch."""
    return path_of(task)


def merge(context: Context, partials: Sequence[Path]) -> tuple[list[Finding], list[Problem]]:
    """Findings by window, coin and instrument, then the odds."""
    findings: list[Finding] = []
    problems: list[Problem] = []
    empty = []
    for window in context.chosen:
        reach = _reach(context, window)
        grouped: dict[str, list[Path]] = {}
        for path in partials:
            if path.stretch.piece.window == reach:
                grouped.setdefault(path.stretch.piece.track.instrument.key, []).append(path)
        courses = [_course(context, window, group) for group in grouped.values()]
        known = [c for c in courses if c is not None]
        problems += _unknown(
            context, window, [k for k, c in zip(grouped, courses, strict=True) if c is None]
        )
        findings += [f for course in known for f in _of_instrument(context, course)]
        coins: dict[str, list[Course]] = {}
        for course in known:
            coins.setdefault(course.track.coin, []).append(course)
        for coin, members in sorted(coins.items()):
            if len(members) > 1:
                findings += _of_coin(context, coin, members)
        if not grouped:
            empty.append(window)
    return [*findings, *_odds(context)], [*problems, *no_books(NAME, empty)]


def _unknown(context: Context, window: Window, keys: Sequence[str]) -> list[Problem]:
    """Instruments whose depth cannot be set against the time before; none where there are none."""
    if not keys:
        return []
    seconds = context.params["baseline"]
    named = ", ".join(keys[:3]) + (" …" if len(keys) > 3 else "")
    words = Text(
        f"{NAME}: depth is not on record both in the window '{window.name}' and in the {seconds} s "
        f"before it ({named}); begin the window later, or give data from before it",
        f"{NAME}：时间窗“{window.name}”内与其前 {seconds} 秒内未同时有深度记录（{named}）；"
        "请推后起始时刻，或补充此前的数据",
    )
    return [Problem("no-baseline", ABSENT, words, count=len(keys))]


def _course(context: Context, window: Window, group: Sequence[Path]) -> Course | None:
    """None where nothing was known before or in the window."""
    seconds, value, row = (
        np.concatenate([getattr(p, name) for p in group]) for name in ("seconds", "value", "row")
    )
    earlier = value[seconds < window.start]
    own = seconds >= window.start
    if np.isnan(earlier).all() or np.isnan(value[own]).all():
        return None
    before = float(np.nanmedian(earlier))
    if before <= 0:
        return None
    share, hold = value[own] / before, integer(context.params, "hold", 1)
    lowest = int(np.nanargmin(share))
    onset = first_run(share < float(decimal(context.params, "below")), hold)
    back = first_run(share >= float(decimal(context.params, "back")), hold, lowest)
    return Course(
        group[0].stretch.piece.track, window, before, sum(p.count for p in group),
        seconds[own], share, row[own], lowest, onset, back, int((~np.isnan(earlier)).sum()),
    )  # fmt: skip


def first_run(true: Any, length: int, start: int = 0) -> int:
    """The place from `start` on at which `length` true values in a row begin; −1 for none."""
    run = 0
    for at in range(start, len(true)):
        run = run + 1 if true[at] else 0
        if run == length:
            return at - length + 1
    return -1


def _of_instrument(context: Context, course: Course) -> Iterator[Finding]:
    track, window, params = course.track, course.window, context.params
    unit, notes = money(track)
    caveats = [*notes, *coverage(track, window)]
    # A venue's minute is known from its end on: a little is always missing.
    if course.covered < 0.95 * integer(params, "baseline", 1):
        caveats.append("short-baseline")
    if track.record == "depth":
        caveats.append("as-published")
    limits = {"below": decimal(params, "below"), "hold": params["hold"]}
    which = {"band": params["band"]} if track.record == "depth" else {"levels": params["levels"]}

    def made(name: str, value: Value, unit: str, at: int | None = None, *more: str) -> Finding:
        rows: tuple[Input, ...] = ()
        if at is not None and (row := int(course.row[np.searchsorted(course.seconds, at)])):
            rows = (row_input(track, row),)
        return Finding(
            f"{NAME}.{name}", track.subject, value, unit, METHODS[0].id, at=at, window=window,
            params={"side": params["side"], **which, **limits, "back": params["back"]},
            inputs=(*rows, *scanned(track, _reach(context, window))), count=course.count,
            caveats=(*caveats, *more),
        )  # fmt: skip

    yield made("before", rounded(course.before, 2), unit)
    lowest = float(course.share[course.lowest])
    yield made("floor", rounded(lowest, _PLACES), "ratio", int(course.seconds[course.lowest]))
    yield made("away", int(course.below(limits["below"]).sum()), "s")
    if course.onset < 0:
        return
    start = int(course.seconds[course.onset])
    yield made("onset", Decimal(start - window.start) / SECOND, "s", start)
    if course.returned < 0:
        yield made("return", None, "s", None, "not-recovered")
    else:
        back = int(course.seconds[course.returned])
        yield made("return", Decimal(back - start) / SECOND, "s", back)


def _of_coin(context: Context, coin: str, members: Sequence[Course]) -> Iterator[Finding]:
    """The order of onsets, and what was away at once."""
    window, below = members[0].window, decimal(context.params, "below")
    spans = tuple(
        dict.fromkeys(i for c in members for i in scanned(c.track, _reach(context, window)))
    )
    count = sum(c.count for c in members)

    def made(
        name: str, subject: Mapping[str, str], value: Value, unit: str, at: int | None = None
    ) -> Finding:
        return Finding(
            f"{NAME}.{name}", subject, value, unit, METHODS[0].id, at=at, window=window,
            params={"below": below, "of": len(members), "hold": context.params["hold"]},
            inputs=spans, count=count, caveats=("two-venues",) * (len(members) == 2),
        )  # fmt: skip

    onsets = sorted(int(c.seconds[c.onset]) for c in members if c.onset >= 0)
    for course in members:
        if course.onset >= 0:
            at = int(course.seconds[course.onset])
            yield made("order", course.track.subject, onsets.index(at) + 1, "place", at)
    away = np.sum([c.below(below) for c in members], axis=0)
    yield made("together", {"coin": coin}, int((away == len(members)).sum()), "s")
    most = int(away.max())
    first = int(members[0].seconds[int(np.argmax(away))]) if most else None
    yield made("most", {"coin": coin}, most, "instruments", first)


def _odds(context: Context) -> Iterator[Finding]:
    """Once for the case: it rests on no row."""
    for makers in integers(context.params, "makers", 1):
        for uptime in decimals(context.params, "uptimes"):
            for common in decimals(context.params, "common"):
                one = Together(makers, uptime, common)
                for name, value, unit in (
                    ("odds", one.probability(), "probability"),
                    ("odds_s", one.seconds_a_year(), "s"),
                ):
                    # However small, a probability has digits to show: adjusted() is −9 for 1e-9.
                    places = min(max(_DIGITS - 1 - value.adjusted(), 0), _MOST_PLACES)
                    yield Finding(
                        f"{NAME}.{name}", {"makers": str(makers)}, rounded(value, places), unit,
                        METHODS[1].id, params={"uptime": uptime, "common": common},
                        caveats=("assumed-rules",),
                    )  # fmt: skip
