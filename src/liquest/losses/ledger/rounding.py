"""How a stated number agrees with an exact one: explicit rules, from strict to loose.

A venue states money to a fixed number of decimals. What it did to get there is never assumed:
each rule is tried, and the strictest that holds is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from ...rules.exact import ZERO, exact

EXACT, HALF_EVEN, CUT, UNIT, INTERVAL, DIFFERS = (
    "exact", "half-even", "cut", "unit", "interval", "differs",
)  # fmt: skip
"""Equal; rounded half-even; digits cut off; within one unit of the last digit; within what is
known of a solved entry; none of these."""

STRICT = (EXACT, HALF_EVEN, CUT, INTERVAL, UNIT, DIFFERS)
"""From strict to loose."""

PLACES = 8
"""Decimals of money in the exports of futures accounts."""
_NOISE = Decimal("1e-40")
"""Quotients are right to 80 digits: a tie shows as a tie only after their noise is off."""


def digits(number: Decimal) -> int:
    """Decimals that a number is given with."""
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _rounded(value: Decimal, places: int, how: str) -> Decimal:
    return value.quantize(_NOISE, ROUND_HALF_EVEN).quantize(Decimal(1).scaleb(-places), how)


@exact
def half_even(value: Decimal, places: int = PLACES) -> Decimal:
    """The value rounded half-even."""
    return _rounded(value, places, ROUND_HALF_EVEN)


@exact
def cut(value: Decimal, places: int = PLACES) -> Decimal:
    """The value with the digits after `places` decimals cut off, towards zero."""
    return _rounded(value, places, ROUND_DOWN)


@exact
def rule_of(stated: Decimal, value: Decimal, places: int = PLACES, slack: Decimal = ZERO) -> str:
    """The strictest rule under which `stated`, given to `places` decimals, is `value`, which is
    known to ± `slack`."""
    difference = abs(stated - value)
    if not difference:
        return EXACT
    if stated == _rounded(value, places, ROUND_HALF_EVEN):
        return HALF_EVEN
    if stated == _rounded(value, places, ROUND_DOWN):
        return CUT
    unit = Decimal(1).scaleb(-places)
    if slack and difference <= slack + unit / 2:
        return INTERVAL
    return UNIT if difference <= unit + _NOISE else DIFFERS


def shown(stated: Decimal, value: Decimal, slack: Decimal = ZERO) -> str:
    """As `rule_of`, at the digits that `stated` itself shows."""
    return rule_of(stated, value, digits(stated), slack)


@exact
def together(pairs: Iterable[tuple[Decimal, Decimal, Decimal]], places: int) -> str:
    """The strictest rule that holds for all of (stated, value, slack)."""
    rules: list[tuple[str, Callable[[Decimal, Decimal], bool]]] = [
        (EXACT, lambda s, v: s == v),
        (HALF_EVEN, lambda s, v: s == _rounded(v, places, ROUND_HALF_EVEN)),
        (CUT, lambda s, v: s == _rounded(v, places, ROUND_DOWN)),
    ]
    found = list(pairs)
    for name, holds in rules:
        if all(holds(s, v) for s, v, _ in found):
            return name
    single = {rule_of(s, v, places, slack) for s, v, slack in found}
    for name in (DIFFERS, INTERVAL):
        if name in single:
            return name
    return UNIT
