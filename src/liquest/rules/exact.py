"""Decimal arithmetic for rules: 80 digits, half-even, on every machine and in every thread.

Prices, sizes and money of real markets have up to 20 digits before and 18 after the point, so
sums and products of two of them are exact; a quotient is right to 80 digits. What cannot be
computed (a division by zero, an overflow) raises and never becomes NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from functools import wraps
from typing import ParamSpec, TypeVar

from ..errors import InputError, Text

DIGITS = 80
"""Significant digits of every step."""

P = ParamSpec("P")
R = TypeVar("R")
_CONTEXT = Context(
    prec=DIGITS, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow]
)
ZERO, ONE = Decimal(0), Decimal(1)


def exact(function: Callable[P, R]) -> Callable[P, R]:
    """The function, computed at `DIGITS` digits whatever the caller's own context is."""

    @wraps(function)
    def computed(*args: P.args, **named: P.kwargs) -> R:
        with localcontext(_CONTEXT):
            return function(*args, **named)

    return computed


def finite(name: Text, value: Decimal, where: str = "") -> None:
    """Raises InputError unless `value` is a finite Decimal; floats are not taken."""
    if not isinstance(value, Decimal) or not value.is_finite():
        raise InputError(
            Text(f"{name.en} is no finite decimal: {value!r}", f"{name.zh}不是有限小数：{value!r}"),
            where=where,
            remedy=Text(
                "Give it as a Decimal, for example Decimal('0.1').",
                "请以 Decimal 给出，例如 Decimal('0.1')。",
            ),
        )


def positive(name: Text, value: Decimal, where: str = "") -> None:
    """Raises InputError unless `value` is a finite Decimal above zero."""
    finite(name, value, where)
    if value <= 0:
        raise InputError(
            Text(f"{name.en} is not above zero: {value}", f"{name.zh}不大于零：{value}"),
            where=where,
            remedy=Text(
                "Give it as a positive number; the side is stated apart.",
                "请给出正数；多空方向另行说明。",
            ),
        )


def share(name: Text, value: Decimal, where: str = "") -> None:
    """Raises InputError unless 0 < value ≤ 1."""
    positive(name, value, where)
    if value > 1:
        raise InputError(
            Text(f"{name.en} is above 100 %: {value}", f"{name.zh}超过 100%：{value}"),
            where=where,
            remedy=Text("Give a share of one: 1 % is 0.01.", "请以小数表示比例：1% 写作 0.01。"),
        )
