"""What index and mark ask of the rulebook: a word from a list, a number in a range, or nothing.

Whatever answers `get(path, symbol)` with a row will do. A value that no rule can run on is
refused here with its path, before a kernel sees it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Protocol

from ..errors import Text, UsageError


class Row(Protocol):
    """One dated value of a parameter: a number, a word, a number with words besides,
    or parts by name."""

    @property
    def value(self) -> object: ...

    @property
    def number(self) -> Decimal: ...

    @property
    def text(self) -> str: ...

    @property
    def parts(self) -> Mapping[str, Decimal]: ...


class Rules(Protocol):
    """The parameters in force at a moment."""

    def get(self, path: str, symbol: str = "") -> Row: ...


def one_of(path: str, value: str, allowed: Collection[str], *, where: str = "") -> str:
    """`value` when it is one of the words; raises UsageError that lists them."""
    if value in allowed:
        return value
    words = ", ".join(sorted(allowed))
    raise UsageError(
        Text(f"'{path}' cannot be '{value}'", f"“{path}”不能为“{value}”"),
        where=where,
        remedy=Text(f"Write one of: {words}.", f"请写下列之一：{words}。"),
    )


def within(
    path: str, value: Decimal, low: Decimal, high: Decimal | None = None, *, where: str = ""
) -> Decimal:
    """`value` when low <= value <= high; raises UsageError that states the range."""
    if value.is_finite() and low <= value and (high is None or value <= high):
        return value
    en = f"at least {low}" if high is None else f"from {low} to {high}"
    zh = f"不小于 {low}" if high is None else f"{low} 至 {high}"
    raise UsageError(
        Text(f"'{path}' cannot be {value}", f"“{path}”不能为 {value}"),
        where=where,
        remedy=Text(f"Write a number {en}.", f"请写{zh}的数。"),
    )


def whole(path: str, value: Decimal | int, low: int, *, where: str = "") -> int:
    """`value` as an integer; raises UsageError when it is no whole number from `low` on."""
    number = Decimal(value)
    if number.is_finite() and number == number.to_integral_value() and number >= low:
        return int(number)
    raise UsageError(
        Text(f"'{path}' cannot be {value}", f"“{path}”不能为 {value}"),
        where=where,
        remedy=Text(f"Write a whole number from {low} on.", f"请写不小于 {low} 的整数。"),
    )


def whole_row(rules: Rules, path: str, symbol: str, low: int) -> int:
    """A whole number of the rulebook, seconds or a count."""
    return whole(path, rules.get(path, symbol).number, low, where=symbol)
