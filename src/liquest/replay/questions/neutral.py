"""`neutral`: was a delta-neutral coin backed, along the recorded basis of the event?

Reserves that hold spot and are short perpetuals lose when the perpetual rises above spot,
when auto-deleveraging closes the shorts before spot falls further, and when a venue keeps
what lies there. What the reserves of the real coin were made of is not in the record, so
every leg is looked at for itself, as if it stood for all reserves, and any mix of them lies
between the worst and the best leg. Break-even points follow from the terms alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from ...clock import Window, format_time
from ...errors import Text
from ...findings import Finding, plain, rounded
from ...problems import ABSENT, Problem
from ...rules.neutral import (
    Reserves,
    Stress,
    break_even_basis,
    break_even_closed,
    break_even_fall,
    break_even_haircut,
    leg_value,
)
from ..context import Context
from ..given import number, numbers, whole, words
from ._neutral_legs import IDS, PLACES, Legs, Task, legs_of, pairs_of
from ._neutral_methods import METHODS as METHODS
from ._neutral_methods import NAME

DEFAULTS: Mapping[str, Any] = {
    "max_age": 10,
    "hedged": ["0.5", "1"],
    "excess": ["0", "0.005", "0.01", "0.02"],
    "closed": ["0.1", "0.25", "0.5", "1"],
    "held": ["0.05", "0.25", "1"],
    "premium": ["0", "0.05"],
    "adl_fall": "0.05",
    "majors": ["BTC", "ETH"],
}
"""Shares of the supply but for `closed` (of the shorts), `held` (of the coins) and `premium`
(of the price). Shorts are closed only once the perpetual has fallen by `adl_fall`: before
that no long of 1/adl_fall times is bankrupt. `majors` get a range of their own."""


def ask(context: Context) -> tuple[list[Finding], list[Problem]]:
    """Break-even points, every pair of the record, and the range over them."""
    given = {**DEFAULTS, **(context.params or {})}
    max_age = whole(given, "max_age", 0)
    findings = list(_formulas(given))
    majors = words(given, "majors")
    pairs = pairs_of(context.lake, context.core)
    tasks = [Task(context.lake, pair, context.core, max_age, given) for pair in pairs]
    found = [f for made in context.executor.map(_work, tasks) for f in made]
    findings += found
    coins = sorted({f.subject["coin"] for f in found})
    best = _best_covered(found)
    for label, chosen in (("all", coins), ("majors", [c for c in coins if c in majors])):
        findings += _range(context.core, label, chosen, best)
    problems = [_unknown_reserves()]
    problems += [_no_pair(c, context.core) for c in majors if c not in coins]
    return findings, problems


def _formulas(given: Mapping[str, Any]) -> Iterator[Finding]:
    """What follows from the terms alone."""
    kinds = {"linear": False, "inverse": True}
    for hedged in numbers(given, "hedged", "0.000001", "1"):
        for excess in numbers(given, "excess", "0"):
            subject = {"hedged": plain(hedged), "excess": plain(excess)}
            reserves = Reserves.one(hedged, excess)
            answers: list[tuple[str, Decimal | None, dict[str, str]]] = []
            for contract, inverse in kinds.items():
                basis = break_even_basis(Reserves.one(hedged, excess, inverse=inverse))
                answers.append(("break_even_basis", basis, {"contract": contract}))
            for closed in numbers(given, "closed", "0", "1"):
                fall = break_even_fall(reserves, closed)
                answers.append(("break_even_fall", fall, {"closed": plain(closed)}))
            for held in numbers(given, "held", "0", "1"):
                kept = break_even_haircut(Reserves.one(hedged, excess, held))
                answers.append(("break_even_haircut", kept, {"held": plain(held)}))
            for what, value, more in answers:
                name = f"replay.{NAME}.{what}"
                yield Finding(
                    name=name, subject={**subject, **more}, unit="ratio", method=IDS[name],
                    value=None if value is None else rounded(value, PLACES),
                    caveats=("reserves-unknown",),
                )  # fmt: skip


def _work(task: Task) -> list[Finding]:
    legs = legs_of(task)
    return [] if legs is None else list(_along(legs))


def _along(legs: Legs) -> Iterator[Finding]:
    """The answers of one pair."""
    start = legs.perpetuals[0] / legs.spots[0]
    if legs.leg.inverse:
        effect = start * legs.spots / legs.perpetuals - 1
        gains = (start / legs.perpetuals - 1 / legs.spots[0]) * legs.spots
    else:
        gains = start - legs.perpetuals / legs.spots[0]
        effect = legs.spots / legs.spots[0] + gains - 1
    for what, place in (("low", int(np.argmin(effect))), ("high", int(np.argmax(effect)))):
        now = legs.stress(legs.at(place))
        yield legs.finding(
            f"effect_{what}", legs.effect(place), "ratio", place,
            params={"spot": rounded(now.spot, PLACES), "basis": rounded(now.basis, PLACES),
                    "entry_basis": rounded(legs.leg.basis, PLACES)},
        )  # fmt: skip
    given = legs.task.given
    terms = [
        (h, e)
        for h in numbers(given, "hedged", "0.000001", "1")
        for e in numbers(given, "excess", "0")
    ]
    for hedged, excess in terms:
        below = int((np.round(effect, 12) < -float(excess / hedged)).sum())
        yield legs.finding(
            "below", below, "s", subject={"hedged": plain(hedged), "excess": plain(excess)},
            params={"covered": len(effect)},
        )  # fmt: skip
    place = int(np.argmax(gains))
    stress = legs.stress(legs.at(place))
    gain = leg_value(legs.leg, stress) - stress.spot
    yield legs.finding("gain_high", rounded(gain, PLACES), "ratio", place)
    yield from _deleveraged(legs, terms)


def _deleveraged(legs: Legs, terms: list[tuple[Decimal, Decimal]]) -> Iterator[Finding]:
    """The worst and the best pair of seconds to be closed and to sell."""
    given = legs.task.given
    since = {"adl_fall": number(given, "adl_fall", "0", "1")}
    fallen = np.flatnonzero(legs.perpetuals <= (1 - float(since["adl_fall"])) * legs.perpetuals[0])
    for premium in numbers(given, "premium", "-0.99"):
        subject = {"premium": plain(premium)}
        if not len(fallen):
            for what in ("adl_low", "adl_high"):
                yield legs.finding(
                    what, None, "ratio", subject=subject, params=since,
                    caveats=("not-reached",),
                )  # fmt: skip
            continue
        begin = int(fallen[0])
        spots, closing = legs.spots[begin:], legs.perpetuals[begin:] * (1 + float(premium))
        for what, pick in (("adl_low", np.minimum), ("adl_high", np.maximum)):
            # For each second the lowest (highest) spot from then on.
            later = pick.accumulate(spots[::-1])[::-1]
            worth = later / closing if legs.leg.inverse else later - closing
            at = int(np.argmin(worth) if what == "adl_low" else np.argmax(worth))
            sale = at + int(np.flatnonzero(spots[at:] == later[at])[0])
            at, sale = at + begin, sale + begin
            stress = legs.closed(at, sale, premium)
            value = rounded(leg_value(legs.leg, stress) - 1, PLACES)
            moved = 1 - legs.at(sale).spot.close / legs.at(at).spot.close
            times = {
                "sold_at": format_time(int(legs.seconds[sale])), "fall": rounded(moved, PLACES),
                **since,
            }  # fmt: skip
            yield legs.finding(what, value, "ratio", at, sale, subject=subject, params=times)
            if what == "adl_high":
                continue
            for hedged, excess in terms:
                yield _adl_share(legs, stress, hedged, excess, subject, times, at, sale)


def _adl_share(
    legs: Legs, stress: Stress, hedged: Decimal, excess: Decimal, subject: Mapping[str, str],
    times: Mapping[str, Any], at: int, sale: int,
) -> Finding:  # fmt: skip
    leg = legs.leg
    reserves = Reserves((replace(leg, share=hedged),), 1 - hedged + excess)
    share = break_even_closed(reserves, stress)
    words = {**subject, "hedged": plain(hedged), "excess": plain(excess)}
    return legs.finding(
        "adl_share", None if share is None else rounded(share, PLACES), "ratio", at, sale,
        subject=words, params=times,
    )  # fmt: skip


def _best_covered(found: list[Finding]) -> list[Finding]:
    """Of every perpetual the answers against the spot that has the most seconds with both
    prices: a thin venue's last print is no price to close at."""
    most: dict[str, tuple[int, str]] = {}
    for one in found:
        key = f"{one.subject['venue']} {one.subject['instrument']}"
        most[key] = max(most.get(key, (-1, "")), (one.count, one.subject["against"]))
    return [
        f
        for f in found
        if most[f"{f.subject['venue']} {f.subject['instrument']}"][1] == f.subject["against"]
    ]


def _range(core: Window, label: str, coins: list[str], found: list[Finding]) -> Iterator[Finding]:
    """The lowest and the highest leg of some coins."""
    name = f"replay.{NAME}.range"
    for closed, low_name, high_name in (
        ("0", "effect_low", "effect_high"), ("1", "adl_low", "adl_high"),
    ):  # fmt: skip
        sides: list[Finding] = []
        for what, choose in ((low_name, min), (high_name, max)):
            rows = [
                f for f in found
                if f.name == f"replay.{NAME}.{what}" and f.subject["coin"] in coins
                and f.value is not None
            ]  # fmt: skip
            if rows:
                sides.append(choose(rows, key=_value))
        if len(sides) < 2:
            continue
        low, high = sides
        yield Finding(
            name=name, subject={"coins": label, "closed": closed}, value=low.value, unit="ratio",
            method=IDS[name], at=low.at, window=core,
            params={
                "low": low.value, "high": high.value, "coins": coins,
                "lowest": dict(low.subject), "highest": dict(high.subject),
                "high_at": None if high.at is None else format_time(high.at),
                "findings": [low.id, high.id],
            },
            inputs=tuple(dict.fromkeys((*low.inputs, *high.inputs))),
            count=len({(f.subject["instrument"], f.subject["against"]) for f in found
                       if "against" in f.subject and f.subject["coin"] in coins}),
            caveats=tuple(dict.fromkeys((*low.caveats, *high.caveats))),
        )  # fmt: skip


def _value(finding: Finding) -> Decimal:
    return finding.value if isinstance(finding.value, Decimal) else Decimal(0)


def _unknown_reserves() -> Problem:
    return Problem(
        "reserves-unknown", ABSENT,
        Text(
            "neutral: what the reserves consisted of is not in the record. Narrower answers need "
            "the custodians' attestation of coins and venues for the hours of the event, the short "
            "positions and auto-deleveraging notices of each venue, and the excess reserve",
            "neutral：储备的构成不在记录中。要缩小范围，需要托管方对事件期间各币种与场所持仓的证明、"
            "各场所空头仓位与自动减仓通知，以及超额储备金额",
        ),
    )  # fmt: skip


def _no_pair(coin: str, window: Window) -> Problem:
    return Problem(
        "no-pair", ABSENT,
        Text(
            f"neutral: no perpetual and spot of {coin} both cover the window {window.name} by the "
            "minute or finer",
            f"neutral：{coin} 没有在时间窗 {window.name} 内精确到分钟的永续与现货",
        ),
    )  # fmt: skip
