"""Units of the rulebook: what a value may be, as a row states it and as a person types it.

Invariant: what `shown` prints of a value that may be set, `Domain.typed` reads back to the same.
A number is exact (Decimal, in the base unit); no float passes through here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any, TypeAlias

from ..errors import Text, UsageError
from ..findings import plain

Value: TypeAlias = Decimal | str | bool | Text | Mapping[str, Decimal | tuple[Decimal, ...]]
"""Number, word or formula, flag, words in both languages, parts by name, columns of a table."""

_PLAIN = re.compile(r"-?[0-9]{1,24}(?:\.[0-9]{1,24})?")
_TYPED = re.compile(r"([+-]?(?:[0-9]{1,24}(?:[,_][0-9]{3})*(?:\.[0-9]{1,24})?|\.[0-9]{1,24}))(.*)")
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_TAKES_NUMBER = re.compile(r"([a-z-]+):<[a-z]+>")
"""A word that is followed by a number, such as floor:<price>."""
_HOUR = Decimal(3600)


@dataclass(frozen=True)
class Unit:
    """What numbers of a unit are called, how they may be typed, where they end."""

    noun: Text
    example: str
    scales: Mapping[str, Decimal]
    whole: bool = False
    low: Decimal | None = Decimal(0)
    high: Decimal | None = None


def _scales(**names: str) -> Mapping[str, Decimal]:
    """Suffix → size in the base unit, from text such as "s=1 min=60"; none means the base."""
    pairs = (pair.split("=") for text in names.values() for pair in text.split())
    return {"": Decimal(1), **{suffix: Decimal(size) for suffix, size in pairs}}


_MONEY = _scales(en="k=1000 m=1000000 b=1000000000", zh="万=10000 亿=100000000")
_PLAIN_NUMBER = _scales()

NUMBERS: Mapping[str, Unit] = {
    "s": Unit(
        Text("a duration in whole seconds", "以整秒计的时长"),
        "150s, 2.5min, 24h",
        _scales(
            short="ms=0.001 s=1 m=60 h=3600 d=86400",
            long="sec=1 second=1 seconds=1 min=60 minute=60 minutes=60 hour=3600 hours=3600",
            days="day=86400 days=86400",
            zh="毫秒=0.001 秒=1 分=60 分钟=60 时=3600 小时=3600 天=86400",
        ),
        whole=True,
    ),
    "share": Unit(
        Text("a share", "比例"),
        "60%, 0.6",
        _scales(en="%=0.01 ‰=0.001 bp=0.0001 bps=0.0001"),
        high=Decimal(1),
    ),
    "ratio": Unit(Text("a ratio", "倍数"), "1.05, 105%", _scales(en="x=1 倍=1 %=0.01")),
    "count": Unit(Text("a whole number", "整数"), "30", _PLAIN_NUMBER, whole=True),
    "price": Unit(Text("a price", "价格"), "0.251", _PLAIN_NUMBER),
    "size": Unit(Text("a quantity", "数量"), "0.001", _PLAIN_NUMBER),
    "USD": Unit(Text("an amount in USD", "美元金额"), "188M, 188000000", _MONEY),
    "settle": Unit(
        Text("an amount in the settle currency", "结算币种金额"), "188M, 188000000", _MONEY
    ),
    "quote": Unit(
        Text("an amount in the quote currency", "计价币种金额"), "10M, 10000000", _MONEY
    ),
}  # fmt: skip
OTHERS: Mapping[str, tuple[Text, str]] = {
    "word": (Text("a word of its list", "列表中的词"), ""),
    "flag": (Text("true or false", "true 或 false"), "true"),
    "parts": (Text("parts by name", "各项份额"), "binance=0.6,others=0.4"),
    "formula": (Text("a formula", "公式"), ""),
    "text": (Text("a text", "文字"), ""),
    "tiers": (Text("a table", "表格"), ""),
}
UNITS = (*NUMBERS, *OTHERS)
FIXED = ("formula", "text", "tiers")
"""Units whose values are read, not set."""
LOOSE = (*FIXED, "parts", "flag")
"""Units that have no range."""

_FLAGS = {
    "true": True, "yes": True, "on": True, "是": True,
    "false": False, "no": False, "off": False, "否": False,
}  # fmt: skip


@dataclass(frozen=True)
class Domain:
    """The values that one parameter may have: a unit, words besides, and bounds."""

    unit: str
    words: tuple[str, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise UsageError(
                Text(f"there is no unit '{self.unit}'", f"没有单位“{self.unit}”"),
                remedy=Text(f"Choose {', '.join(UNITS)}.", f"可选：{'、'.join(UNITS)}。"),
            )
        if self.unit == "word" and not self.words:
            raise UsageError(
                Text("a parameter of words has none", "词类参数未列出可选的词"),
                remedy=Text("List them in 'words'.", "请在 words 中列出。"),
            )
        if self.unit in NUMBERS:
            for name in ("low", "high"):
                if getattr(self, name) is None:
                    object.__setattr__(self, name, getattr(NUMBERS[self.unit], name))

    @property
    def noun(self) -> Text:
        """What is expected, in words: "a duration in whole seconds, or unlimited"."""
        noun = NUMBERS[self.unit].noun if self.unit in NUMBERS else OTHERS[self.unit][0]
        if not self.words:
            return noun
        listed = ", ".join(self.words)
        if self.unit == "word":
            return Text(f"one of {listed}", f"以下之一：{listed}")
        return Text(f"{noun.en}, or {listed}", f"{noun.zh}，或 {listed}")

    @property
    def example(self) -> str:
        """How a value may be typed."""
        if self.unit == "word":
            return self.words[0].split("<")[0] + ("0.99" if "<" in self.words[0] else "")
        return NUMBERS[self.unit].example if self.unit in NUMBERS else OTHERS[self.unit][1]

    def typed(self, text: str, path: str) -> Value:
        """The value that a person means; raises UsageError naming the unit and an example."""
        clean = unicodedata.normalize("NFKC", text).strip()
        if self.unit in FIXED:
            raise UsageError(
                Text(
                    f"{path} is {self.noun.en}; it cannot be set",
                    f"{path} 为{self.noun.zh}，不可设定",
                ),
                remedy=Text("Set the value that it speaks of.", "请设定其所涉及的参数。"),
            )
        value: Value | None = self._word(clean.lower())
        if value is None and self.unit == "flag":
            value = _FLAGS.get(clean.lower())
        if value is None and self.unit == "parts":
            value = _typed_parts(clean)
        if value is None and self.unit in NUMBERS:
            value = self._number(clean)
        if value is None:
            raise self._unfit(text, path)
        return self._within(value, text, path)

    def written(self, raw: Any, path: str) -> Value:
        """The value that a row of a TOML file states, in the base unit."""
        value: Value | None = None
        if self.unit == "text" or (self.unit == "formula" and isinstance(raw, Mapping)):
            if isinstance(raw, Mapping) and set(raw) == {"en", "zh"} and all(raw.values()):
                value = Text(str(raw["en"]), str(raw["zh"]))
        elif self.unit == "flag":
            value = raw if isinstance(raw, bool) else None
        elif self.unit in ("parts", "tiers"):
            value = _columns(raw, self.unit)
        elif isinstance(raw, str):
            value = self._word(raw)
            if value is None and self.unit == "formula" and raw.strip():
                value = raw
            if value is None and self.unit in NUMBERS:
                value = plain_number(raw)
        if value is None:
            raise self._unfit(str(raw), path)
        return self._within(value, str(raw), path)

    def _word(self, text: str) -> str | None:
        """`text` if it is a word of the list; a word with a number in plain notation."""
        for word in self.words:
            if takes := _TAKES_NUMBER.fullmatch(word):
                head, _, typed = text.partition(":")
                number = plain_number(typed.strip())
                if head == takes[1] and number is not None and number > 0:
                    return f"{head}:{plain(number)}"
            elif text == word:
                return word
        return None

    def _number(self, text: str) -> Decimal | None:
        """The number with its suffix resolved; None when it is none of this unit."""
        found = _TYPED.fullmatch(text)
        if found is None:
            return None
        scale = NUMBERS[self.unit].scales.get(found[2].strip().lower())
        if scale is None:
            return None
        with localcontext(prec=80):
            return Decimal(found[1].replace(",", "").replace("_", "")) * scale

    def _within(self, value: Value, text: str, path: str) -> Value:
        """The value, if it keeps the bounds and is whole where it must be."""
        if not isinstance(value, Decimal):
            return value
        if NUMBERS[self.unit].whole and value != value.to_integral_value():
            raise self._unfit(text, path)
        for bound, below in ((self.low, True), (self.high, False)):
            if bound is not None and (value < bound if below else value > bound):
                side = ("below", "小于") if below else ("above", "大于")
                raise UsageError(
                    Text(
                        f"'{text}' is {side[0]} {plain(bound)}, where {path} ends",
                        f"“{text}”{side[1]} {path} 的界限 {plain(bound)}",
                    ),
                    remedy=self._write(),
                )
        return Decimal(plain(value))

    def _unfit(self, text: str, path: str) -> UsageError:
        noun = self.noun
        return UsageError(
            Text(f"'{text}' is not {noun.en} ({path})", f"“{text}”不是{noun.zh}（{path}）"),
            remedy=self._write(),
        )

    def _write(self) -> Text:
        example = self.example or "…"
        return Text(f"Write it as: {example}", f"写法示例：{example}")


def plain_number(raw: object) -> Decimal | None:
    """The number that a text in plain notation is; None for anything else, floats above all."""
    return Decimal(raw) if isinstance(raw, str) and _PLAIN.fullmatch(raw) else None


def shown(value: Value | None, unit: str, lang: str = "en") -> str:
    """A value for people: 30 s, 24 h, 1.25 %, 188,000,000; "?" when there is none."""
    if value is None:
        return "?"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Text):
        return value.in_(lang)
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        if unit == "parts":
            return ", ".join(f"{k}={plain(v)}" for k, v in value.items() if isinstance(v, Decimal))
        return ", ".join(f"{k} ({len(v)})" for k, v in value.items() if isinstance(v, tuple))
    return _shown_number(value, unit)


def _shown_number(value: Decimal, unit: str) -> str:
    if unit == "s":
        if value >= _HOUR and value % _HOUR == 0:
            return f"{plain(value / _HOUR)} h"
        return f"{plain(value)} s"
    if unit == "share":
        with localcontext(prec=80):
            return f"{plain(value * 100)} %"
    if unit in ("USD", "settle", "quote"):
        whole, _, rest = plain(value).partition(".")
        return f"{int(whole):,}" + (f".{rest}" if rest else "")
    return plain(value)


def _typed_parts(text: str) -> Mapping[str, Decimal] | None:
    """binance=0.6,others=0.4; None when it is not that."""
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(_NAME.fullmatch(k.strip()) and _PLAIN.fullmatch(v.strip()) for k, _, v in pairs):
        return None
    found = {k.strip(): Decimal(v.strip()) for k, _, v in pairs}
    return _parts(found) if len(found) == len(pairs) else None


def _parts(found: Mapping[str, Decimal]) -> Mapping[str, Decimal] | None:
    """Parts that can be weights: none below zero, not all zero."""
    if not found or min(found.values()) < 0 or not any(found.values()):
        return None
    return {k: Decimal(plain(v)) for k, v in found.items()}


def _columns(raw: Any, unit: str) -> Value | None:
    """Parts by name, or columns of one length, from the strings of a TOML table."""
    if not isinstance(raw, Mapping) or not raw:
        return None
    if unit == "parts":
        if not all(isinstance(v, str) and _PLAIN.fullmatch(v) for v in raw.values()):
            return None
        return _parts({str(k): Decimal(v) for k, v in raw.items()})
    if not all(isinstance(column, list) and column for column in raw.values()):
        return None
    if len({len(column) for column in raw.values()}) != 1:
        return None
    if not all(isinstance(v, str) and _PLAIN.fullmatch(v) for c in raw.values() for v in c):
        return None
    return {str(k): tuple(Decimal(v) for v in c) for k, c in raw.items()}
