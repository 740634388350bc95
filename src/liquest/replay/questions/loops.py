"""`loops`: when a loop of USDe was liquidated on the venue's own price, and when on others.

A loop of exposure E (own money 1, debt E − 1) is liquidated at the lender's limit L from
p* = (E − 1)/(E·L) down and worth nothing from p₀ = (E − 1)/E down. The prices are those of
the tape, in bars: a moment is known to a bar. What the lender takes the coin to be worth is
varied (rules of `replay.lending`); the coins are always sold on the venue's own book, so a
loss is between the best and the worst price of the bar in which the rule first allows it.
The limit of the day is no record but a claim, so every answer is given for a range of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ...clock import Window, format_time
from ...errors import Text, UsageError
from ...findings import Finding, Input, Value, plain, rounded
from ...instruments import SPOT
from ...problems import ABSENT, Problem
from ...rules.book import Rules
from ...rules.loop import Loop, safe_exposure
from ..context import Context
from ..given import number, numbers, words
from ..lending import Average, Valued, VenueClose, rule, valuations
from ..series import Bar, Series, finest
from ._loops_methods import METHODS, NAME

DEFAULTS: Mapping[str, Any] = {
    "venue": "binance",
    "symbol": "USDEUSDT",
    "onchain_venue": "uniswap",
    "onchain_symbol": "USDEUSDT",
    "exposures": [],
    "limits": ["0.85", "0.87", "0.89", "0.93", "0.95"],
    "prices": [
        "venue", "venue-close", "onchain", "redemption", "floor:0.90", "floor:0.95",
        "average:5", "average:15", "average:30", "median", "capped:0.03", "capped:0.05",
    ],
    "entry": "1",
    "redemption": "1",
    "reward": "",
    "borrow": ["0.05", "0.10", "0.15"],
    "compared": "compensation",
}  # fmt: skip
"""Where exposures or reward are left out they are those of the rulebook; its limit is always
among the limits."""
LOOPS = ("loan.loop.vip-loan", "loan.loop.deposit", "loan.loop.margin")
LIMIT, REWARD = "loan.liquidation_ltv", "campaign.usde_apr"
PLACES = 6


_IDS = {m.name: m.id for m in METHODS}


@dataclass(frozen=True)
class Asked:
    """What the question is put to: the terms, the venue's own bars, those on chain."""

    span: Window
    own: Series
    onchain: Series | None
    entry: Decimal
    compared: Window | None

    def finding(
        self,
        what: str,
        value: Value,
        unit: str,
        subject: Mapping[str, str],
        *,
        bar: Bar | None = None,
        inputs: tuple[Input, ...] = (),
        params: Mapping[str, Any] | None = None,
        caveats: tuple[str, ...] = (),
        series: Series | None = None,
    ) -> Finding:
        """A finding; with a series it stands on all bars of it that were looked through."""
        coarse = ("bar-resolution",) if series is not None and series.coarse else ()
        name = f"replay.{NAME}.{what}"
        return Finding(
            name=name,
            subject={**self.own.track.subject, **subject},
            value=value,
            unit=unit,
            method=_IDS[name],
            at=None if bar is None else bar.ts,
            window=None if series is None else self.span,
            params={"entry": self.entry, **(params or {})},
            inputs=tuple(dict.fromkeys((*inputs, *(series.inputs if series else ())))),
            count=0 if series is None else len(series),
            caveats=(*coarse, *caveats),
        )

    @property
    def quote(self) -> str:
        return self.own.track.instrument.quote

    def bounds(self, bar: Bar) -> dict[str, Any]:
        """Between which moments something in a bar happened, and how it lies to the window."""
        found: dict[str, Any] = {
            "from": format_time(bar.ts), "to": format_time(bar.ts + self.own.duration)
        }  # fmt: skip
        if self.compared is not None:
            before, after = bar.ts < self.compared.start, bar.ts >= self.compared.end
            found["against"] = self.compared.name
            found["lies"] = "before" if before else "after" if after else "inside"
        return found


def ask(context: Context) -> tuple[list[Finding], list[Problem]]:
    """Every loop under every limit and price; without the venue's own price or terms of a loan
    a problem only."""
    given = {**DEFAULTS, **(context.params or {})}
    own = finest(context.lake, context.span, given["venue"], given["symbol"], SPOT)
    if own is None:
        return [], [_absent(given["venue"], given["symbol"], context.span)]
    prices = {word: rule(word) for word in words(given, "prices")}
    try:
        loops, limits, reward = _terms(context.rules, given)
    except UsageError as error:
        return [], [Problem("no-rule", ABSENT, error.what, path=error.where)]
    onchain = finest(
        context.lake, context.span, given["onchain_venue"], given["onchain_symbol"], SPOT
    )
    problems = [] if onchain else [
        _absent(given["onchain_venue"], given["onchain_symbol"], context.span)
    ]  # fmt: skip
    asked = Asked(
        context.span, own, onchain, number(given, "entry", "0.01"),
        context.case.windows.get(str(given["compared"])),
    )  # fmt: skip
    redemption = number(given, "redemption", "0")
    findings: list[Finding] = []
    for loop in loops:
        findings += _formulas(asked, loop, limits, reward, numbers(given, "borrow"))
        findings += _ruin(asked, loop)
    for limit in limits:
        findings += _outlives(asked, limit)
    for word, one in prices.items():
        values = list(valuations(one, own, onchain, redemption))
        if values:
            for loop in loops:
                findings += _valued(asked, loop, word, values, limits)
    return findings, problems


def _terms(rules: Rules, given: Mapping[str, Any]) -> tuple[list[Loop], list[Decimal], Decimal]:
    """Loops, limits and reward; raises UsageError where neither case nor rulebook has them."""
    exposures = numbers(given, "exposures", "1")
    if not exposures:
        exposures = sorted({rules.get(path).number for path in LOOPS})
    limits = {*numbers(given, "limits", "0.01", "1"), rules.get(LIMIT).number}
    reward = number(given, "reward") if given["reward"] != "" else rules.get(REWARD).number
    return [Loop(e) for e in exposures], sorted(limits), reward


def _formulas(
    asked: Asked, loop: Loop, limits: list[Decimal], reward: Decimal, borrows: list[Decimal]
) -> Iterator[Finding]:
    """What follows from the terms alone."""
    subject = {"exposure": plain(loop.exposure)}
    for limit in limits:
        price = rounded(loop.liquidation_price(limit) * asked.entry, PLACES)
        yield asked.finding("threshold", price, asked.quote, {**subject, "limit": plain(limit)})
    ruin = rounded(loop.wipe_out_price * asked.entry, PLACES)
    yield asked.finding("ruin", ruin, asked.quote, subject)
    rates = {"reward": reward}
    for borrow in borrows:
        value = rounded(loop.carry(reward, borrow), PLACES)
        terms = {**rates, "borrow": borrow}
        yield asked.finding(
            "carry", value, "ratio", subject, params=terms, caveats=("assumed-rules",)
        )
    even = loop.break_even_borrow(reward)
    if even is not None:
        value = rounded(even, PLACES)
        yield asked.finding("break_even_borrow", value, "ratio", subject, params=rates)


def _ruin(asked: Asked, loop: Loop) -> Iterator[Finding]:
    """When nothing was left, and which limits outlived the low, before the window and at all."""
    subject = {"exposure": plain(loop.exposure)}
    low = min(asked.own, key=lambda b: b.low)
    for word, series in (("venue", asked.own), ("onchain", asked.onchain)):
        if series is None:
            continue
        bar = next((b for b in series if loop.equity(b.low / asked.entry) <= 0), None)
        yield asked.finding(
            "wiped", None if bar is None else bar.low, asked.quote,
            {**subject, "valued": word}, bar=bar, series=series,
            inputs=(bar.decisive,) if bar else (),
            params=asked.bounds(bar) if bar else {},
            caveats=() if bar else ("not-reached",),
        )  # fmt: skip
    yield asked.finding(
        "safe_limit", rounded(loop.safe_limit(low.low / asked.entry), PLACES), "ratio", subject,
        bar=low, series=asked.own, inputs=(low.decisive,), params={"low": low.low},
    )  # fmt: skip
    early = [b for b in asked.own if asked.compared and b.ts < asked.compared.start]
    if asked.compared is not None and early:
        low = min(early, key=lambda b: b.low)
        yield asked.finding(
            "limit_before", rounded(loop.safe_limit(low.low / asked.entry), PLACES), "ratio",
            subject, bar=low, series=asked.own, inputs=(low.decisive,),
            params={"low": low.low, "against": asked.compared.name},
        )  # fmt: skip


def _outlives(asked: Asked, limit: Decimal) -> Iterator[Finding]:
    """The exposure that outlived the low of the venue's own book."""
    low = min(asked.own, key=lambda b: b.low)
    most = safe_exposure(low.low / asked.entry, limit)
    if most is not None:
        yield asked.finding(
            "safe_exposure", rounded(most, PLACES), "ratio", {"limit": plain(limit)}, bar=low,
            series=asked.own, inputs=(low.decisive,), params={"low": low.low},
            caveats=("assumed-rules",),
        )  # fmt: skip


def _valued(
    asked: Asked, loop: Loop, word: str, values: list[Valued], limits: list[Decimal]
) -> Iterator[Finding]:
    """One loop under one price of the lender and every limit."""
    subject = {"exposure": plain(loop.exposure), "valued": word}
    least = min(values, key=lambda v: v.price)
    yield asked.finding(
        "lowest", rounded(loop.equity(least.price / asked.entry), PLACES), "ratio", subject,
        bar=least.bar, series=asked.own, inputs=least.rows,
        params={"price": rounded(least.price, 12), **asked.bounds(least.bar)},
    )  # fmt: skip
    for limit in limits:
        first = next((v for v in values if loop.is_liquidated(v.price / asked.entry, limit)), None)
        yield from _liquidated(asked, loop, {**subject, "limit": plain(limit)}, limit, first)


def _liquidated(
    asked: Asked, loop: Loop, subject: dict[str, str], limit: Decimal, first: Valued | None
) -> Iterator[Finding]:
    """When, at what price, and what the sale on the venue's own book leaves."""
    threshold = loop.liquidation_price(limit) * asked.entry
    terms = {"threshold": rounded(threshold, PLACES)}
    if first is None:
        yield asked.finding(
            "first", None, asked.quote, subject, series=asked.own, params=terms,
            caveats=("assumed-rules", "not-reached"),
        )  # fmt: skip
        return
    bar, caveats = first.bar, ("assumed-rules",)
    at_close = isinstance(rule(subject["valued"]), Average | VenueClose)
    terms |= asked.bounds(bar)
    yield asked.finding(
        "first", rounded(first.price, 12), asked.quote, subject, bar=bar, series=asked.own,
        inputs=first.rows, params=terms, caveats=caveats,
    )  # fmt: skip
    # What is judged at the end of a bar is sold at its close, not before.
    sold = {"close": bar.close} if at_close else {"low": bar.low, "close": bar.close}
    if subject["valued"] == "venue":
        sold = {"threshold": min(threshold, bar.open), **sold}
    worst = min(sold.values())
    for word, price in sold.items():
        yield asked.finding(
            "loss", rounded(loop.loss(price / asked.entry), PLACES), "ratio", subject, bar=bar,
            series=asked.own, inputs=(bar.decisive,),
            params={**terms, "sold": word, "price": rounded(price, 12)}, caveats=caveats,
        )  # fmt: skip
    yield asked.finding(
        "shortfall", rounded(loop.shortfall(worst / asked.entry), PLACES), "ratio", subject,
        bar=bar, series=asked.own, inputs=(bar.decisive,),
        params={**terms, "price": worst}, caveats=caveats,
    )  # fmt: skip


def _absent(venue: str, symbol: str, window: Window) -> Problem:
    return Problem(
        "no-price",
        ABSENT,
        Text(
            f"loops: {venue} {symbol} has no bars of a minute or less in the window {window.name}",
            f"loops：{venue} {symbol} 在时间窗 {window.name} 内没有一分钟或更短的 K 线",
        ),
        path=f"{venue}:{SPOT}:{symbol}",
    )
