"""What a test expects of a value: small policies, each with one question, `met`.

    { at_least = "0.4" }   { above = "0.4", at_most = "0.6" }     a number between bounds
    { near = "1.4", within = "5 %" }   { near = "40", within = "2" }   a number with tolerance
    { since = "2025-10-10T21:20:00Z", before = "…Z" }              a moment
    { text = "30 s*" }                                             a text that fits a pattern
    { includes = "ATOM" }                                          a list that holds an item

Numbers are exact decimals in quotation marks. A tolerance is explicit: without one nothing is
near. Invariant: an expectation that nothing could meet, or that everything meets, is not built.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import Protocol

from ..clock import parse_time
from ..errors import Text, UsageError
from .value_words import MOMENT, Raw, moment, shown


class Expectation(Protocol):
    """A question about one value."""

    def met(self, value: Raw) -> bool:
        """Whether the value is as expected; raises UsageError when it is of another sort."""
        ...

    def words(self, unit: str) -> Text:
        """What is expected, for a sentence."""
        ...


@dataclass(frozen=True)
class Between:
    """A number between two bounds, each with or without itself; one of them may be absent."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise _senseless("no bound is given", "未给出界限")
        if self.low is not None and self.high is not None:
            empty = self.low > self.high or (
                self.low == self.high and (self.low_open or self.high_open)
            )
            if empty:
                raise _senseless("no number lies between the bounds", "没有数字介于两界之间")

    def met(self, value: Raw) -> bool:
        number = number_of(value)
        if self.low is not None and (number < self.low or (self.low_open and number == self.low)):
            return False
        return (
            self.high is None or number < self.high or (not self.high_open and number == self.high)
        )

    def words(self, unit: str) -> Text:
        en, zh = [], []
        if self.low is not None:
            said = shown(self.low, unit)
            en.append(f"{'above' if self.low_open else 'at least'} {said.en}")
            zh.append(f"{'高于' if self.low_open else '不低于'} {said.zh}")
        if self.high is not None:
            said = shown(self.high, unit)
            en.append(f"{'below' if self.high_open else 'at most'} {said.en}")
            zh.append(f"{'低于' if self.high_open else '不高于'} {said.zh}")
        return Text(" and ".join(en), "且".join(zh))


@dataclass(frozen=True)
class Near:
    """A number within a stated tolerance of another; `share` says that it is a part of it."""

    value: Decimal
    within: Decimal
    share: bool = False

    def __post_init__(self) -> None:
        if self.within < 0 or (self.share and self.value == 0):
            raise _senseless("the tolerance holds nothing", "容差无效")

    @property
    def tolerance(self) -> Decimal:
        """In the unit of the value."""
        return abs(self.value) * self.within if self.share else self.within

    def met(self, value: Raw) -> bool:
        return abs(number_of(value) - self.value) <= self.tolerance

    def words(self, unit: str) -> Text:
        value, width = shown(self.value, unit), shown(self.tolerance, unit)
        return Text(f"{value.en} ± {width.en}", f"为 {value.zh} ± {width.zh}")


@dataclass(frozen=True)
class During:
    """A moment in UTC microseconds, `since <= t < before`; one of them may be absent."""

    since: int | None = None
    before: int | None = None

    def __post_init__(self) -> None:
        if self.since is None and self.before is None:
            raise _senseless("no moment is given", "未给出时刻")
        if self.since is not None and self.before is not None and self.before <= self.since:
            raise _senseless("the stretch ends before it begins", "时段的结束早于开始")

    def met(self, value: Raw) -> bool:
        at = moment_of(value)
        return (self.since is None or at >= self.since) and (
            self.before is None or at < self.before
        )

    def words(self, unit: str) -> Text:
        del unit
        en, zh = [], []
        if self.since is not None:
            said = moment(self.since)
            en.append(f"not before {said.en}")
            zh.append(f"不早于 {said.zh}")
        if self.before is not None:
            said = moment(self.before)
            en.append(f"before {said.en}")
            zh.append(f"早于 {said.zh}")
        return Text(" and ".join(en), "且".join(zh))


@dataclass(frozen=True)
class Matches:
    """A text that fits a pattern with * and ?."""

    pattern: str

    def __post_init__(self) -> None:
        if not self.pattern.strip("*? "):
            raise _senseless("every text fits this pattern", "任何文本都符合该模式")

    def met(self, value: Raw) -> bool:
        if not isinstance(value, str):
            raise _other_sort("a text", "文本", value)
        return fnmatchcase(value, self.pattern)

    def words(self, unit: str) -> Text:
        del unit
        return Text(f"“{self.pattern}”", f"为“{self.pattern}”")


@dataclass(frozen=True)
class Includes:
    """A list that holds an item."""

    item: str

    def __post_init__(self) -> None:
        if not self.item:
            raise _senseless("no item is given", "未给出项目")

    def met(self, value: Raw) -> bool:
        if not isinstance(value, tuple):
            raise _other_sort("a list", "列表", value)
        return self.item in value

    def words(self, unit: str) -> Text:
        del unit
        return Text(f"a list with {self.item}", f"含 {self.item} 的列表")


def number_of(value: Raw) -> Decimal:
    """The number that a value is, or is written as."""
    try:
        if not isinstance(value, tuple):
            number = Decimal(value)
            if number.is_finite():
                return number
    except InvalidOperation:
        pass
    raise _other_sort("a number", "数字", value)


def moment_of(value: Raw) -> int:
    """The moment in µs that a value is, or is written as in ISO 8601."""
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        try:
            return parse_time(value)
        except UsageError:
            pass
    raise _other_sort("a moment", "时刻", value)


def sort_unit(expectation: Expectation, unit: str) -> str:
    """The unit in which a value is shown beside this expectation."""
    return MOMENT if isinstance(expectation, During) else unit


def _senseless(en: str, zh: str) -> UsageError:
    return UsageError(
        Text(en, zh), remedy=Text("Write an expectation that can fail.", "请写可能不成立的预期。")
    )


def _other_sort(en: str, zh: str, value: Raw) -> UsageError:
    return UsageError(
        Text(f"{value!r} is not {en}", f"{value!r} 不是{zh}"),
        remedy=Text("Check 'take' and 'expect' of the test.", "请检查该检验的 take 与 expect。"),
    )
