"""`outliers`: coins whose low on one venue lies far below every other venue's.

A venue's low of a coin is the lowest of its instruments. The venue is an outlier for the
coin by its shortfall against the next lowest venue,

    shortfall = (second lowest - lowest) / second lowest,

when that is more than a threshold (0.1, 0.5). Measured against the *second lowest* it
takes one other venue to clear it, and only the lowest can be one. Each kind of contract
is compared by itself, and then "all": there a venue's low is its lowest of any kind.

    outliers.coin    shortfall (ratio) of one coin beyond the smallest threshold
    outliers.count   outlying coins of a venue (coins), `count` those compared
    outliers.share   the same as a ratio of the coins compared

Compared are coins that the venue lists and that at least `min_venues` venues list.
Dollars and dollar stablecoins only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..clock import Window, format_time
from ..errors import Text
from ..findings import Finding, Input, Method, plain
from ..instruments import KINDS
from ..problems import ABSENT, Problem
from . import Context, _lows, _params
from ._coins import thresholds
from ._extreme import Extreme

NAME = "outliers"
DEFAULTS: Mapping[str, Any] = {
    "windows": [],
    "thresholds": ["0.1", "0.5"],
    "min_venues": [2, 3],
}
ALL = "all"
SECOND = "second-lowest venue"
METHODS = (
    Method(
        NAME,
        Text("Coins far below the second-lowest venue", "远低于次低交易场所的币种"),
        Text(
            "Per coin and kind of contract: the low of each venue (its lowest instrument, per "
            "coin, taken as in the measure low). The lowest venue is an outlier when "
            "(second lowest - lowest) / second lowest is more than the threshold, the second "
            "lowest being another venue's. coin: that ratio, for coins beyond the smallest "
            "threshold. count: the outlying coins of a venue, out of the coins that it lists "
            "and that at least min_venues venues list (`count`). share: one over the other, "
            "half-even to six decimals. Kind 'all' takes a venue's lowest of any kind. Dollar "
            "and dollar stablecoins (taken at 1) only.",
            "按币种与合约类型：取各场所最低价（同一场所取最低的品种，折合每枚，方法同 low）。"
            "若（次低 − 最低）/ 次低 大于阈值，则最低场所为离群；次低必须来自另一场所。"
            "coin：超过最小阈值的币种的该比率。count：某场所离群币种数，"
            "分母为该场所上市且至少 min_venues 家场所上市的币种（即 count 字段）。"
            "share：两者之比，银行家舍入到六位小数。类型 all 取该场所各类型中的最低者。"
            "只比较以美元或美元稳定币（按 1 计）计价的价格。",
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


@dataclass(frozen=True)
class Coin:
    """One coin of a kind: the low of every venue, lowest first."""

    kind: str
    name: str
    lows: tuple[Extreme, ...]

    @property
    def venues(self) -> list[str]:
        return [low.track.instrument.venue for low in self.lows]

    def beyond(self, threshold: Decimal) -> bool:
        """Whether the lowest lies more than `threshold` below the second lowest, exactly."""
        lowest, second = (Fraction(low.per_coin) for low in self.lows[:2])
        return lowest < second * (1 - Fraction(threshold))


def merge(
    context: Context, partials: Sequence[Sequence[Extreme | None]]
) -> tuple[list[Finding], list[Problem]]:
    """By window and kind: the outlying coins, then counts and shares by venue."""
    limits = thresholds(context.params, "thresholds")
    least = sorted(set(_params.integers(context.params, "min_venues", 2)))
    findings: list[Finding] = []
    problems: list[Problem] = []
    for window in context.chosen:
        lows = [low for low in _lows.flat(partials) if low.window == window]
        before = len(findings)
        for kind in (*KINDS, ALL):
            coins = _coins(lows, kind)
            for coin in coins:
                findings += _outlying(coin, limits)
            for minimum in least:
                compared = [c for c in coins if len(c.lows) >= minimum]
                for venue in sorted({v for c in compared for v in c.venues}):
                    own = [c for c in compared if venue in c.venues]
                    for threshold in limits:
                        findings += _count(window, venue, own, threshold, minimum)
        if len(findings) == before:
            problems.append(_alone(window.name))
    return findings, problems


def _coins(lows: Iterable[Extreme], kind: str) -> list[Coin]:
    """The coins of a kind that two venues or more list, by name."""
    own = [x for x in lows if kind in (ALL, x.track.instrument.kind)]
    coins = []
    for (_, name, money), group in sorted(_lows.groups(own).items()):
        venues: dict[str, Extreme] = {}
        for low in sorted(group, key=_lows.order):
            venues.setdefault(low.track.instrument.venue, low)
        if money == "USD" and len(venues) > 1:
            coins.append(Coin(kind, name, tuple(venues.values())))
    return coins


def _outlying(coin: Coin, limits: Sequence[Decimal]) -> Iterator[Finding]:
    """The shortfall of a coin, when it is beyond the smallest threshold."""
    passed = [t for t in limits if coin.beyond(t)]
    if not passed:
        return
    lowest, second = coin.lows[:2]
    caveats = {*_lows.caveats((lowest, second)), *_few(coin)}
    yield Finding(
        name=f"{NAME}.coin",
        # Of kind "all" the subject would be one with the same coin's by its own kind.
        subject={
            "coin": coin.name,
            **lowest.track.subject,
            "compared": coin.kind,
            "against": SECOND,
        },
        value=_lows.fall(lowest.per_coin, second.per_coin, second.per_coin),
        unit="ratio",
        method=METHODS[0].id,
        at=lowest.at,
        window=lowest.window,
        params={
            "threshold": passed[-1],
            "venues": coin.venues,
            "low": lowest.per_coin,
            "second": second.per_coin,
            "second_at": format_time(second.at),
            "second_instrument": f"{second.track.instrument.key} {second.track.price}",
        },
        inputs=_lows.inputs((lowest, second)),
        count=len(coin.lows),
        caveats=tuple(sorted(caveats)),
    )


def _count(
    window: Window, venue: str, coins: list[Coin], threshold: Decimal, minimum: int
) -> Iterator[Finding]:
    """How many of `coins`, all listed by the venue, it is an outlier for; and their share."""
    found = [c for c in coins if c.venues[0] == venue and c.beyond(threshold)]
    caveats = {x for c in coins for x in (*_lows.unlike(c.lows), *_few(c))}
    values = (
        ("count", len(found), "coins"),
        ("share", _lows.fall(Decimal(0), Decimal(len(found)), Decimal(len(coins))), "ratio"),
    )
    for name, value, unit in values:
        yield Finding(
            name=f"{NAME}.{name}",
            subject={"venue": venue, "kind": coins[0].kind, "against": SECOND},
            value=value,
            unit=unit,
            method=METHODS[0].id,
            window=window,
            params={
                "threshold": threshold,
                "min_venues": minimum,
                "coins": [c.name for c in found],
            },
            inputs=_inputs(found, coins),
            count=len(coins),
            caveats=tuple(sorted(caveats)),
        )


def _inputs(found: list[Coin], coins: list[Coin]) -> tuple[Input, ...]:
    """The rows of the outlying lows and their seconds; one span a source for all the rest."""
    rows = [low.row for coin in found for low in coin.lows[:2]]
    spans: dict[str, Input] = {}
    for coin in coins:
        for low in coin.lows:
            for one in low.inputs[1:]:
                known = spans.get(one.source, one)
                spans[one.source] = Input(
                    one.source, min(known.first, one.first), max(known.last, one.last)
                )
    return (*dict.fromkeys(rows), *(spans[source] for source in sorted(spans)))


def _few(coin: Coin) -> list[str]:
    return ["two-venues"] if len(coin.lows) == 2 else []


def _alone(window: str) -> Problem:
    return Problem(
        "nothing-to-compare",
        ABSENT,
        Text(
            f"outliers: no coin has trades on two venues in the window '{window}'",
            f"outliers：时间窗“{window}”内没有币种在两家场所成交",
        ),
    )


@dataclass(frozen=True)
class Cell:
    """One case's side of a row; `ids` are the findings of count and share."""

    count: int
    compared: int
    share: Decimal
    ids: tuple[str, str]


@dataclass(frozen=True)
class Row:
    """One venue and kind across cases; `cells` by (case, window), where it was compared."""

    venue: str
    kind: str
    threshold: Decimal
    min_venues: int
    cells: Mapping[tuple[str, str], Cell]

    def json(self) -> dict[str, Any]:
        """The row as one JSON object, decimals as strings."""
        return {
            "venue": self.venue,
            "kind": self.kind,
            "threshold": plain(self.threshold),
            "min_venues": self.min_venues,
            "cells": [
                {
                    "case": case,
                    "window": window,
                    "outliers": cell.count,
                    "compared": cell.compared,
                    "share": plain(cell.share),
                    "findings": list(cell.ids),
                }
                for (case, window), cell in self.cells.items()
            ],
        }


def compare(findings_by_case: Mapping[str, Iterable[Finding]]) -> list[Row]:
    """Cases side by side: this event against an earlier one.

    Takes all findings of each case, uses outliers.count and .share; rows are sorted by
    venue, kind, threshold and min_venues, and hold a cell for each (case, window).
    """
    pairs: dict[tuple[str, str, Decimal, int], dict[tuple[str, str], dict[str, Finding]]] = {}
    for case, findings in findings_by_case.items():
        for f in findings:
            if f.name in (f"{NAME}.count", f"{NAME}.share") and f.window is not None:
                row = (
                    f.subject["venue"], f.subject["kind"],
                    Decimal(str(f.params["threshold"])), int(f.params["min_venues"]),
                )  # fmt: skip
                sides = pairs.setdefault(row, {}).setdefault((case, f.window.name), {})
                sides[f.name.removeprefix(f"{NAME}.")] = f
    return [
        Row(*row, {key: _cell(both) for key, both in cells.items() if len(both) == 2})
        for row, cells in sorted(pairs.items())
    ]


def _cell(both: Mapping[str, Finding]) -> Cell:
    count, share = both["count"], both["share"]
    # Read back from JSON a whole number and a decimal are told apart by nothing but use.
    return Cell(int(count.value or 0), count.count, Decimal(share.value or 0), (count.id, share.id))
