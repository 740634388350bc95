"""Tests as claims.toml and its like write them, read one by one.

Invariant: whatever is refused names file, line and remedy; a number that is not exact and a
time without a zone are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from ..clock import parse_time
from ..errors import LiquestError, Text, UsageError
from .claim import AGAINST, DECIDES, FACT, FOR, LAYERS, OUTCOMES, WEIGHTS, Missing, Test
from .expectation import Between, During, Expectation, Includes, Matches, Near
from .quantity import OF, RELATIONS, Quantity, Side
from .selecting import read_selection
from .toml_file import Key, TomlFile

KEYS = (
    "title", "about", "reading", "weight", "find", "against", "pair", "relation", "expect", "then",
    "else", "needs",
)  # fmt: skip
_BOUNDS = ("at_least", "at_most", "above", "below")
_Made = TypeVar("_Made")


class ReadingTests:
    """Reads the tests of one file; `windows` are the names that a test may use, None for any."""

    def __init__(self, file: TomlFile, windows: Iterable[str] | None = None) -> None:
        self.file = file
        self._windows = None if windows is None else tuple(windows)

    def test(self, key: Key, body: Mapping[str, Any]) -> Test:
        """One test, its `find`, `against` and `expect` with it."""
        file = self.file
        file.only(key, body, KEYS, needed={"title", "find", "expect"})
        against = self._side((*key, "against"), body["against"]) if "against" in body else None
        relation = body.get("relation", "")
        if relation:
            file.word((*key, "relation"), relation, RELATIONS)
        pair = body.get("pair", [])
        if not isinstance(pair, list) or not all(isinstance(p, str) and p for p in pair):
            raise file.refuse(
                (*key, "pair"), Text("'pair' is no list of names", "pair 须为名称的列表"),
                Text('Write pair = ["instrument"].', '请写 pair = ["instrument"]。'),
            )  # fmt: skip
        quantity = self.built(
            key, Quantity, find=self._side((*key, "find"), body["find"]), against=against,
            relation=relation, pair=tuple(pair),
        )  # fmt: skip
        return self.built(
            key, Test, title=file.both((*key, "title"), body["title"]), quantity=quantity,
            expect=self.expectation((*key, "expect"), body["expect"]),
            about=file.word((*key, "about"), body.get("about", FACT), LAYERS),
            reading=file.both((*key, "reading"), body["reading"]) if "reading" in body else None,
            weight=file.word((*key, "weight"), body.get("weight", DECIDES), WEIGHTS),
            then=file.word((*key, "then"), body.get("then", FOR), OUTCOMES),
            otherwise=file.word((*key, "else"), body.get("else", AGAINST), OUTCOMES),
            needs=self.needs((*key, "needs"), body.get("needs")), line=file.line(key),
        )  # fmt: skip

    def _side(self, key: Key, raw: Any) -> Side:
        file = self.file
        chosen = read_selection(file, key, raw, self._windows, ("take", "of", "where", "enough"))
        take = file.string((*key, "take"), raw.get("take", "value"))
        where = self.expectation((*key, "where"), raw["where"]) if "where" in raw else None
        return self.built(
            key, Side, selection=chosen, take=tuple(take.split("/")),
            of=file.word((*key, "of"), raw.get("of", "each"), OF), where=where,
            enough=file.count((*key, "enough"), raw.get("enough", 1)),
        )  # fmt: skip

    def expectation(self, key: Key, raw: Any) -> Expectation:
        """What is expected; one sort of expectation at a time."""
        file = self.file
        body = file.mapping(key, raw)
        file.only(key, body, (*_BOUNDS, "near", "within", "since", "before", "text", "includes"))
        names = set(body)
        if names and names <= set(_BOUNDS):
            return self._between(key, body)
        if names == {"near", "within"}:
            within = file.string((*key, "within"), body["within"])
            share = within.endswith("%")
            width = self.number((*key, "within"), within.removesuffix("%").strip())
            return self.built(
                key, Near, value=self.number((*key, "near"), body["near"]),
                within=width / 100 if share else width, share=share,
            )  # fmt: skip
        if names and names <= {"since", "before"}:
            edges = {n: self.moment((*key, n), body[n]) for n in names}
            return self.built(key, During, **edges)
        if names == {"text"}:
            return self.built(key, Matches, pattern=file.string((*key, "text"), body["text"]))
        if names == {"includes"}:
            return self.built(key, Includes, item=file.string((*key, "includes"), body["includes"]))
        raise file.refuse(
            key,
            Text(
                f"'{key[-1]}' mixes sorts of expectation: {', '.join(body) or 'nothing'}",
                f"“{key[-1]}”混用了不同的预期：{'、'.join(body) or '空'}",
            ),
            Text(
                "Write bounds, or near with within, or since and before, or text, or includes.",
                "请写界限，或 near 与 within，或 since 与 before，或 text，或 includes。",
            ),
        )

    def _between(self, key: Key, body: Mapping[str, Any]) -> Between:
        for one, other in (("at_least", "above"), ("at_most", "below")):
            if one in body and other in body:
                raise self.file.refuse(
                    (*key, one), Text(f"'{one}' beside '{other}'", f"{one} 与 {other} 并存"),
                    Text("Keep one of them.", "请只保留其一。"),
                )  # fmt: skip
        got = {n: self.number((*key, n), body[n]) for n in body}
        return self.built(
            key, Between, low=got.get("at_least", got.get("above")),
            high=got.get("at_most", got.get("below")), low_open="above" in got,
            high_open="below" in got,
        )  # fmt: skip

    def needs(self, key: Key, raw: Any) -> tuple[Missing, ...]:
        """Data that are wanting, each with the command that fetches them where there is one."""
        found = []
        for number, body in enumerate(self.file.tables(key, raw)):
            at = (*key, number)
            self.file.only(at, body, ("what", "fetch"), needed={"what"})
            what = self.file.both((*at, "what"), body["what"])
            fetch = body.get("fetch", "")
            if fetch:
                fetch = self.file.string((*at, "fetch"), fetch)
            found.append(self.built(at, Missing, what=what, fetch=fetch))
        return tuple(found)

    def moment(self, key: Key, raw: Any) -> int:
        """Times say their zone: a moment eight hours off is another moment."""
        text = raw.isoformat() if hasattr(raw, "isoformat") else raw
        try:
            if isinstance(text, str) and (text.endswith("Z") or "+" in text[10:]):
                return parse_time(text)
        except UsageError:
            pass
        raise self.file.refuse(
            key, Text(f"'{text}' is no time with a zone", f"“{text}”不是带时区的时间"),
            Text(
                "Write 2025-10-10T21:20:00Z, or 2025-10-11T05:20:00+08:00.",
                "请写 2025-10-10T21:20:00Z 或 2025-10-11T05:20:00+08:00。",
            ),
        )  # fmt: skip

    def number(self, key: Key, raw: Any) -> Decimal:
        """Numbers are exact: text, or whole numbers; a float of TOML is not."""
        try:
            if isinstance(raw, str) or (isinstance(raw, int) and not isinstance(raw, bool)):
                number = Decimal(raw)
                if number.is_finite():
                    return number
        except InvalidOperation:
            pass
        raise self.file.refuse(
            key, Text(f"'{raw}' is no exact number", f"“{raw}”不是精确的数字"),
            Text('Write it in quotation marks: "0.05".', '请写在引号内："0.05"。'),
        )  # fmt: skip

    def built(self, key: Key, make: Callable[..., _Made], /, **parts: Any) -> _Made:
        """The object; what it refuses gets file and line."""
        try:
            return make(**parts)
        except LiquestError as error:
            if error.where:
                raise
            remedy = error.remedy or Text("Mend it there.", "请在该处修正。")
            raise self.file.refuse(key, error.what, remedy) from None
