"""The mark price, exactly, at the end of a history of seconds.

Binance perpetual contracts (Binance, "What Are Mark Price and Price Index in USDⓈ-M Futures"):

    mark    = median(Price 1, Price 2, last price of the contract)
    Price 1 = index × (1 + last funding rate × time to funding / funding period)
    Price 2 = index + moving average of (mid − index),  mid = (bid₁ + ask₁) / 2

Of three inputs that are not all there, the median of those that are. Delivery contracts:
index + moving average, in the last 30 minutes the average of the index (Binance announcements
of 2024-11-04 and 2025-09-16). Where no index is known, both follow their own last price within
a band of the last mark that had one ("Last Price Protected" of the same page; the width of the
band is not published). Variants: the index or the last price alone, the last price within a
band of the index, index + EMA of (mid − index), the time-weighted average of the last price,
and Hyperliquid's median (`hyperliquid`).

Invariant: a mark is above zero or None, and its state says what it was made of. The kernel
takes the same steps in the same order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any, NamedTuple

from ..clock import SECOND
from ..errors import Text, UsageError
from .average import exponential, moving_average, time_weighted
from .centre import PRECISION, median
from .hyperliquid import hyperliquid
from .index import HOLD, HOLES, MISSING, STALE
from .lookup import Rules, one_of, whole, whole_row, within
from .second import CARRIED, HELD, NOTHING, PART, PROTECTED, WHOLE, MarkValue, Second

FUNDING_PERIOD = 28_800
SETTLING = 1_800
"""Seconds between fundings, and before delivery in which the index is averaged (Binance)."""
PERPETUAL, DELIVERY = "binance-perpetual", "binance-delivery"
BINANCE = (PERPETUAL, DELIVERY)
LAST_PROTECTED = "last-protected"
RECORD = "record"
"""As funding rate: the rates of the record, second by second."""


@dataclass(frozen=True)
class MarkRule:
    """How a mark comes about.

    `window_s` holds `samples` samples of the basis, window / samples seconds apart (Binance:
    30 in 150, 60 or 30 s); EMA and TWAP take it as time constant and as length. `funding_rate`
    overrides the rates of the record. `band` is the share by which a protected last price may
    leave its reference. `hold_s` is how long the last mark stands under `hold`, None for as
    long as it takes; under `stale` the last known index and last price take the place of those
    missing. Hyperliquid's time constants are its own.
    """

    formula: str = PERPETUAL
    window_s: int = 30
    samples: int = 30
    funding_rate: Decimal | None = None
    band: Decimal = Decimal("0.05")
    missing: str = MISSING
    hold_s: int | None = None
    funding_period_s: int = FUNDING_PERIOD
    settling_s: int = SETTLING

    def __post_init__(self) -> None:
        one_of("mark.formula", self.formula, FORMULAS)
        one_of("mark.missing", self.missing, HOLES)
        whole("mark.window", self.window_s, 1)
        whole("mark.samples", self.samples, 1)
        whole("funding period", self.funding_period_s, 1)
        whole("settling", self.settling_s, 1)
        if self.hold_s is not None:
            whole("hold", self.hold_s, 1)
        within("mark.band", self.band, Decimal(0), Decimal(1))
        if self.funding_rate is not None:
            within("mark.funding_rate", self.funding_rate, Decimal(-1), Decimal(1))
        if self.window_s % self.samples:
            raise UsageError(
                Text(
                    f"{self.samples} samples do not divide a window of {self.window_s} s into "
                    "whole seconds",
                    f"{self.window_s} 秒的窗口不能按 {self.samples} 个样本分成整秒",
                ),
                where="mark.window, mark.samples",
                remedy=Text(
                    "Take a window that is a multiple of the samples, such as 150, 60 or 30 s "
                    f"for 30, or set mark.samples={self.window_s} as well.",
                    "请使窗口为样本数的整数倍，例如 30 个样本取 150、60 或 30 秒；"
                    f"或同时设定 mark.samples={self.window_s}。",
                ),
            )

    @property
    def stride_s(self) -> int:
        """Seconds between two samples."""
        return self.window_s // self.samples

    @classmethod
    def of(cls, rules: Rules, symbol: str) -> MarkRule:
        """The rule that the rulebook gives a symbol, of what its formula needs.

        UsageError for what no mark can run on.
        """
        formula = rules.get("mark.formula", symbol).text
        asked: dict[str, Any] = {"missing": rules.get("mark.missing", symbol).text}
        if formula in (*BINANCE, "ema", "twap"):
            asked["window_s"] = whole_row(rules, "mark.window", symbol, 1)
            asked["samples"] = 1
        if formula in BINANCE:
            asked["samples"] = whole_row(rules, "mark.samples", symbol, 1)
        if formula in (*BINANCE, LAST_PROTECTED):
            asked["band"] = rules.get("mark.band", symbol).number
        if formula == PERPETUAL:
            rate = rules.get("mark.funding_rate", symbol)
            asked["funding_rate"] = None if rate.value == RECORD else rate.number
        if formula == DELIVERY:
            asked["settling_s"] = whole_row(rules, "mark.delivery_average", symbol, 1)
        return cls(one_of("mark.formula", formula, FORMULAS, where=symbol), **asked)


def price_1(index: Decimal, rate: Decimal, to_funding_s: int, period_s: int) -> Decimal:
    """index × (1 + funding rate × time to funding / funding period)."""
    with localcontext(prec=PRECISION):
        return index * (1 + rate * to_funding_s / period_s)


def protected(last: Decimal, reference: Decimal | None, band: Decimal) -> Decimal:
    """The last price, at most `band` from the reference; as it is where there is none."""
    if reference is None:
        return last
    with localcontext(prec=PRECISION):
        return min(max(last, reference * (1 - band)), reference * (1 + band))


def to_funding(moment: int, period_s: int = FUNDING_PERIOD) -> int:
    """Seconds from a moment (µs) to the next funding, 1 to `period_s`; fundings fall on whole
    periods of the UTC day."""
    return period_s - moment // SECOND % period_s


def untimed() -> UsageError:
    """A funding rate of which nobody can say how much of its period is left."""
    return UsageError(
        Text(
            "a funding rate without the time to the next funding",
            "提供了资金费率，但缺少距下次结算的时间",
        ),
        where="mark.funding_rate",
        remedy=Text(
            "Give the seconds to funding, or take a rate of 0.",
            "请提供距下次资金费结算的秒数，或将费率取为 0。",
        ),
    )


def mark_price(seconds: Sequence[Second], rule: MarkRule) -> MarkValue:
    """The mark at the end of the last of `seconds`; what was before them is not known."""
    found = deque(marks(seconds, rule), maxlen=1)
    return found[0] if found else NOTHING


def marks(seconds: Sequence[Second], rule: MarkRule) -> Iterator[MarkValue]:
    """The mark at the end of every second."""
    formula = FORMULAS[rule.formula]
    held, held_at = NOTHING, 0
    known = Second()
    reference: Decimal | None = None
    for at, now in enumerate(seconds):
        known = replace(now, index=now.index or known.index, last=now.last or known.last)
        past = seconds[: at + 1]
        if rule.formula == LAST_PROTECTED:
            reference = known.index
        made = _checked(formula(Moment(now, past, rule, reference)))
        if made.value is not None:
            held, held_at = made, at
            reference = reference if now.index is None else made.value
        elif rule.missing == STALE:
            made = _checked(formula(Moment(known, past, rule, reference)))
            made = made if made.value is None else MarkValue(made.value, CARRIED)
        elif rule.missing == HOLD and (rule.hold_s is None or at - held_at <= rule.hold_s):
            made = NOTHING if held.value is None else MarkValue(held.value, HELD)
        yield made


class Moment(NamedTuple):
    """What a formula sees: the second, all up to it, and the reference of a protected price."""

    now: Second
    past: Sequence[Second]
    rule: MarkRule
    reference: Decimal | None

    @property
    def moving(self) -> Decimal | None:
        """The moving average of the basis."""
        reach = [s.basis for s in self.past[-self.rule.window_s :]]
        return moving_average(reach, self.rule.samples, self.rule.stride_s)


def _checked(made: MarkValue) -> MarkValue:
    return NOTHING if made.value is None or made.value <= 0 else MarkValue(*made)


def _own(of: Moment) -> MarkValue:
    """Without an index: the last price within the band of the last mark that had one."""
    if of.now.last is None:
        return NOTHING
    return MarkValue(protected(of.now.last, of.reference, of.rule.band), PROTECTED)


def _perpetual(of: Moment) -> MarkValue:
    now, rule = of.now, of.rule
    if now.index is None:
        return _own(of)
    rate = now.funding_rate if rule.funding_rate is None else rule.funding_rate
    if rate and now.to_funding_s is None:
        raise untimed()
    first = price_1(now.index, rate or Decimal(0), now.to_funding_s or 0, rule.funding_period_s)
    moving = of.moving
    second = None if moving is None else now.index + moving
    there = [p for p in (first, second, now.last) if p is not None]
    return MarkValue(median(there), WHOLE if len(there) == 3 else PART)


def _delivery(of: Moment) -> MarkValue:
    left, now = of.now.to_delivery_s, of.now
    if left is not None and left < 0:
        return NOTHING
    if left is not None and left < of.rule.settling_s:
        settled = time_weighted([s.index for s in of.past], of.rule.settling_s - left)
        if settled is not None:
            return MarkValue(settled, WHOLE)
    if now.index is None:
        return _own(of)
    moving = of.moving
    return MarkValue(now.index, PART) if moving is None else MarkValue(now.index + moving, WHOLE)


def _ema(of: Moment) -> MarkValue:
    if of.now.index is None:
        return NOTHING
    moving = exponential([s.basis for s in of.past], of.rule.window_s)
    if moving is None:
        return MarkValue(of.now.index, PART)
    return MarkValue(of.now.index + moving, WHOLE)


def _twap(of: Moment) -> MarkValue:
    found = time_weighted([s.last for s in of.past], of.rule.window_s)
    return MarkValue(of.now.last, PART) if found is None else MarkValue(found, WHOLE)


def _last_protected(of: Moment) -> MarkValue:
    if of.now.last is None:
        return MarkValue(of.now.index, PART)
    found = protected(of.now.last, of.reference, of.rule.band)
    return MarkValue(found, PROTECTED if of.now.index is None else WHOLE)


FORMULAS: Mapping[str, Callable[[Moment], MarkValue]] = {
    PERPETUAL: _perpetual,
    DELIVERY: _delivery,
    "index": lambda of: MarkValue(of.now.index, WHOLE),
    "last": lambda of: MarkValue(of.now.last, WHOLE),
    LAST_PROTECTED: _last_protected,
    "ema": _ema,
    "twap": _twap,
    "hyperliquid": lambda of: hyperliquid(of.now, of.past),
}
"""The formulas by their words; the place in the table is the number in a kernel."""
