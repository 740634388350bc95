"""Rows of the rulebook: a value with the moment from which it holds, its source and certainty.

Invariant: the rows of one parameter and one scope are in the order of their moments, no two
of them at the same one; a row whose value is not known says within which range it plausibly
lies. A row without a moment ("undated") has been found without a date: it holds from the
first, and says so wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, NamedTuple

from ..clock import format_time
from ..errors import CaseError, Text, UsageError
from ..findings import plain
from ..instruments import DELIVERY, INVERSE_DELIVERY, KINDS, LINEAR, SPOT, identify
from .book_units import LOOSE, Domain, Value, shown

CERTAINTY: Mapping[str, Text] = {
    "official": Text("official", "官方"),
    "relayed": Text("relayed", "转述"),
    "claimed": Text("claimed", "主张"),
    "derived": Text("derived", "推导"),
    "assumed": Text("assumed", "假定"),
    "unknown": Text("unknown", "未知"),
}
"""How well a row is known, best first: a text of the venue; such a text as press or others
relay it; the word of a party; computed or checked from data; chosen here because the record
says nothing; not found, the value being a working value within a range."""
ASKED = "asked"
ASKED_TEXT = Text("asked", "设定")
"""The certainty of a value that somebody set to ask a question. No file may state it."""

DATINGS = ("exact", "day", "seen", "assumed", "undated")
"""How the moment of a row is known: as stated; the day only; the first day on which the text
is known, which may be older; chosen here; not at all."""
MARGIN = "margin"
"""Besides the kinds of instruments: the index of margin and loan accounts."""


class Subject(NamedTuple):
    """What a value is asked for; a symbol stands for itself and for the coin in it."""

    venue: str
    kind: str = ""
    symbol: str = ""
    coins: tuple[str, ...] = ()


@lru_cache(maxsize=8192)
def subject(venue: str, symbol: str = "", kind: str = "") -> Subject:
    """The subject of a symbol at a venue, as the venue writes it, or of a coin (ATOM).

    Rules are about contracts: a joined symbol that may be spot or a perpetual is taken for
    the linear perpetual, unless `kind` says otherwise.
    """
    if not symbol:
        return Subject(venue, kind)
    found = identify(venue, symbol)
    if not kind:
        kind = LINEAR if found.kind == SPOT else found.kind
        if kind == DELIVERY and venue == "binance" and found.quote == "USD":
            kind = INVERSE_DELIVERY
    coins = tuple(dict.fromkeys(c for c in (symbol.upper(), found.base) if c))
    return Subject(venue, kind, symbol, coins)


@dataclass(frozen=True, order=True)
class Scope:
    """What a row applies to: venue, kind, coin, symbol; empty means any. Kind, coin and
    symbol may be patterns with * and ?."""

    venue: str = ""
    kind: str = ""
    coin: str = ""
    symbol: str = ""

    def __post_init__(self) -> None:
        if self.kind and not any(fnmatchcase(k, self.kind) for k in (*KINDS, MARGIN)):
            raise UsageError(
                Text(f"no kind is '{self.kind}'", f"没有种类“{self.kind}”"),
                remedy=Text(
                    f"Choose {', '.join((*KINDS, MARGIN))}.",
                    f"可选：{'、'.join((*KINDS, MARGIN))}。",
                ),
            )

    def fits(self, asked: Subject) -> bool:
        """Whether a row of this scope speaks of the subject."""
        return (
            self.venue in ("", asked.venue)
            and (not self.kind or fnmatchcase(asked.kind, self.kind))
            and (not self.coin or any(fnmatchcase(c, self.coin) for c in asked.coins))
            and (not self.symbol or fnmatchcase(asked.symbol, self.symbol))
        )

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """The more specific of two scopes has the higher rank: symbol before coin before kind
        before venue, of two patterns the one that says more."""
        return (_says(self.symbol), _says(self.coin), _says(self.kind), int(bool(self.venue)))

    @property
    def label(self) -> str:
        """In one line, without the venue: ATOM, BTCUSDT, inverse-*; empty for all."""
        return " ".join(part for part in (self.symbol or self.coin, self.kind) if part)

    def json(self) -> dict[str, str]:
        return {k: v for k, v in self.__dict__.items() if v}


def _says(pattern: str) -> int:
    """Characters that a pattern fixes; a name without wildcards fixes more than any pattern."""
    fixed = len(pattern) - pattern.count("*") - pattern.count("?")
    return fixed + 1000 * (fixed == len(pattern) > 0)


@dataclass(frozen=True)
class Row:
    """One value of a parameter. `begins` in UTC microseconds, None when undated; `span` is the
    plausible range of an uncertain value: lowest and highest number, or the possible words."""

    path: str
    value: Value | None
    unit: str
    begins: int | None
    certainty: str
    origin: Text
    dating: str = "exact"
    scope: Scope = Scope()
    span: tuple[Value, ...] = ()

    def __post_init__(self) -> None:
        if self.certainty not in (*CERTAINTY, ASKED):
            raise self._refuse(
                f"'{self.certainty}' is no certainty; choose {', '.join(CERTAINTY)}",
                f"没有确定性“{self.certainty}”；可选：{'、'.join(CERTAINTY)}",
            )
        if self.dating not in DATINGS or (self.begins is None) != (self.dating == "undated"):
            raise self._refuse(
                f"'dating' is '{self.dating}', which does not go with its 'from'",
                f"dating 为“{self.dating}”，与 from 不符",
            )
        if not (self.origin.en and self.origin.zh):
            raise self._refuse("it names no source", "未注明来源")
        if self.certainty == "unknown" and not self.span and self.unit not in LOOSE:
            raise self._refuse(
                "a value that is not known needs a range", "未知的值须给出合理范围 (range)"
            )
        if self.value is None and self.certainty != "unknown":
            raise self._refuse("it has no value", "没有取值")
        self._check_span()

    def _check_span(self) -> None:
        numbers = [v for v in self.span if isinstance(v, Decimal)]
        if numbers:
            inside = not isinstance(self.value, Decimal) or (
                len(numbers) == 2 and numbers[0] <= self.value <= numbers[1]
            )
            if len(self.span) != 2 or len(numbers) != 2 or numbers[0] > numbers[1] or not inside:
                raise self._refuse(
                    "the range is not two numbers, lowest first, with the value between them",
                    "range 须为由小到大的两个数，且取值在其间",
                )
        elif self.span and self.value is not None and self.value not in self.span:
            raise self._refuse("the value is not in its range", "取值不在其范围内")

    def _refuse(self, en: str, zh: str) -> CaseError:
        return CaseError(Text(f"{self.path}: {en}", f"{self.path}：{zh}"))

    @property
    def source(self) -> str:
        """Where the value is from, in English; `origin` has both languages."""
        return self.origin.en

    @property
    def number(self) -> Decimal:
        """The value as a number in the unit; raises UsageError when it is none."""
        if isinstance(self.value, Decimal):
            return self.value
        raise self._other(Text("number", "数字"))

    @property
    def text(self) -> str:
        """The value as text that may be typed again: a word or formula as it is, a number in
        plain notation, parts by name; of a text in two languages the English one. Whoever asks
        whether a share is the word "book" gets an answer for a number as well."""
        if self.value is None:
            raise self._other(Text("word", "词"))
        return (
            plain(self.value) if isinstance(self.value, Decimal) else shown(self.value, self.unit)
        )

    @property
    def flag(self) -> bool:
        """The value as true or false."""
        if isinstance(self.value, bool):
            return self.value
        raise self._other(Text("flag", "真假值"))

    @property
    def parts(self) -> Mapping[str, Decimal]:
        """Parts by name, as they are written: they need not add up to 1."""
        if isinstance(self.value, Mapping):
            found = {k: v for k, v in self.value.items() if isinstance(v, Decimal)}
            if len(found) == len(self.value):
                return found
        raise self._other(Text("table of parts", "份额表"))

    def _other(self, wanted: Text) -> UsageError:
        if self.value is None:
            span = " – ".join(shown(v, self.unit) for v in self.span)
            return UsageError(
                Text(f"{self.path} is not known", f"{self.path} 未知"),
                remedy=Text(
                    f"Set it, as {self.path}=VALUE; plausible is {span or 'any'}.",
                    f"请以 {self.path}=取值 设定；合理范围：{span or '不限'}。",
                ),
            )
        held = shown(self.value, self.unit)
        return UsageError(
            Text(
                f"{self.path} is '{held}', which is no {wanted.en}",
                f"{self.path} 为“{held}”，不是{wanted.zh}",
            ),
            remedy=Text("Set another value.", "请设定其他取值。"),
        )

    def json(self) -> dict[str, Any]:
        """As a replay lists the rows that it took."""
        return {
            "path": self.path,
            "value": json_value(self.value),
            "unit": self.unit,
            "from": None if self.begins is None else format_time(self.begins, digits=0),
            "dating": self.dating,
            "certainty": self.certainty,
            "source": list(self.origin),
            "applies_to": self.scope.json(),
            "range": [json_value(v) for v in self.span],
        }


def json_value(value: Value | None) -> Any:
    """Numbers as strings in plain notation, as everywhere in findings."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Text):
        return {"en": value.en, "zh": value.zh}
    if isinstance(value, Mapping):
        return {
            k: plain(v) if isinstance(v, Decimal) else [plain(one) for one in v]
            for k, v in value.items()
        }
    return value


@dataclass(frozen=True)
class Parameter:
    """All rows of one path. A family (collateral.rate.*) holds one parameter per asset, whose
    rows name their coin."""

    path: str
    title: Text
    domain: Domain
    rows: tuple[Row, ...]
    by_scope: Mapping[Scope, tuple[Row, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        grouped: dict[Scope, list[Row]] = {}
        for row in self.rows:
            if self.family and not row.scope.coin:
                raise CaseError(
                    Text(
                        f"{self.path}: a row of a family names no coin",
                        f"{self.path}：该族参数的行须注明 coin",
                    )
                )
            group = grouped.setdefault(row.scope, [])
            if group and _moment(row) <= _moment(group[-1]):
                raise CaseError(
                    Text(
                        f"{self.path}: a row is not later than the one before it",
                        f"{self.path}：有一行不晚于其前一行",
                    ),
                    remedy=Text(
                        "Sort the rows of one scope by 'from', one row a moment.",
                        "同一适用范围的行须按 from 排序，且每一时刻只有一行。",
                    ),
                )
            group.append(row)
        if not self.rows:
            raise CaseError(Text(f"{self.path}: no rows", f"{self.path}：没有任何行"))
        object.__setattr__(self, "by_scope", {k: tuple(v) for k, v in grouped.items()})

    @property
    def family(self) -> bool:
        return self.path.endswith(".*")

    @property
    def coins(self) -> tuple[str, ...]:
        """The assets of a family that have rows of their own."""
        named = {s.coin for s in self.by_scope if s.coin and "*" not in s.coin}
        return tuple(sorted(named)) if self.family else ()

    def in_force(self, moment: int) -> tuple[Row, ...]:
        """Of every scope the last row not after the moment (UTC microseconds)."""
        found = []
        for rows in self.by_scope.values():
            before = [row for row in rows if row.begins is None or row.begins <= moment]
            found += before[-1:]
        return tuple(found)


def _moment(row: Row) -> tuple[bool, int]:
    """What rows are sorted by: undated ones come first."""
    return (row.begins is not None, row.begins or 0)
