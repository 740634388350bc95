"""From findings to the values that a test looks at.

    find    = { name = "low", …, take = "at", of = "each" }
    against = { name = "low", … }              # what it is compared with
    pair    = ["instrument"]                   # subject keys by which both sides are matched
    relation = "shortfall"

`take` is a path with slashes: value, at, count, unit, window/from, window/to (moments),
params/low, params/rules/mark.window, subject/coin. `of` says which values count: `each` and
`any` leave them as they are, `one` asks that there be one only, `least`, `most`, `median`,
`sum`, `count` and `share` make one value of all (`count` and `share` of those that `where`
holds for). With fewer than `enough` values (1 unless said) a side has no answer; `enough = 0`
with `count` says that none at all is an answer too, namely 0.

    relation     value
    difference   a − b
    ratio        a / b
    shortfall    (b − a) / b
    excess       (a − b) / b
    delay        a − b in seconds, both moments

Divisions are rounded half-even to six decimals. Invariant: a value is never made of findings
that are not handed on with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from ..clock import SECOND
from ..errors import Text, UsageError
from ..findings import Finding, rounded
from .expectation import Expectation, moment_of, number_of
from .selecting import Pool, Selection, as_text
from .value_words import MOMENT, TIMES, Raw

OPEN_ENDED = ("each", "any")
REDUCING = ("one", "least", "most", "median", "sum", "count", "share")
OF = (*OPEN_ENDED, *REDUCING)
RELATIONS = ("difference", "ratio", "shortfall", "excess", "delay")
HEADS = ("value", "at", "count", "unit", "window", "params", "subject")
_PLACES = 6


@dataclass(frozen=True)
class Element:
    """One value, its unit and the findings it comes from; `of` is what was counted (how many,
    in what unit), `sides` the two values that a relation was made of."""

    value: Raw
    unit: str
    findings: tuple[Finding, ...]
    of: tuple[int, str] | None = None
    sides: tuple[Element, ...] = ()


@dataclass(frozen=True)
class Side:
    """A selection, what is taken of each finding, and what is made of all."""

    selection: Selection
    take: tuple[str, ...] = ("value",)
    of: str = "each"
    where: Expectation | None = None
    enough: int = 1

    def __post_init__(self) -> None:
        if self.of not in OF or not self.take or self.take[0] not in HEADS:
            raise _wrong("no such 'of' or 'take'", "没有这样的 of 或 take")
        if (self.where is None) == (self.of in ("count", "share")):
            raise _wrong("'where' goes with 'count' and 'share'", "where 与 count、share 同用")
        if self.enough < 0 or (self.enough == 0 and self.of != "count"):
            raise _wrong("'enough' = 0 goes with 'count' only", "enough = 0 只与 count 同用")

    def elements(self, pool: Pool) -> tuple[Element, ...]:
        """The value of each finding that has one, not reduced."""
        found = (_taken(one, self.take) for one in pool.select(self.selection))
        return tuple(one for one in found if one is not None)

    def reduced(self, elements: tuple[Element, ...]) -> tuple[Element, ...]:
        """What `of` makes of them; nothing of fewer than enough."""
        if len(elements) < self.enough:
            return ()
        if self.of in OPEN_ENDED:
            return elements
        if self.of == "one":
            if len(elements) > 1:
                raise _wrong(
                    f"{len(elements)} findings fit where one is meant: {self.selection.words().en}",
                    f"应仅一条结论，却有 {len(elements)} 条符合：{self.selection.words().zh}",
                )
            return elements
        every = _distinct(f for e in elements for f in e.findings)
        if self.of in ("count", "share"):
            assert self.where is not None
            met = [e for e in elements if self.where.met(e.value)]
            counted = (len(elements), elements[0].unit if elements else "")
            if self.of == "count":
                return (Element(Decimal(len(met)), "", every, counted),)
            share = rounded(Decimal(len(met)) / len(elements), _PLACES)
            return (Element(share, "ratio", every, counted),)
        ordered = sorted(elements, key=lambda e: number_of(e.value))
        if self.of in ("least", "most"):
            return (ordered[0 if self.of == "least" else -1],)
        numbers, unit = [number_of(e.value) for e in ordered], ordered[0].unit
        if self.of == "sum":
            return (Element(sum(numbers, Decimal(0)), unit, every),)
        half = len(numbers) // 2
        middle = numbers[half] if len(numbers) % 2 else (numbers[half - 1] + numbers[half]) / 2
        return (Element(middle, unit, every),)


@dataclass(frozen=True)
class Quantity:
    """What is looked at, and what it is compared with when it is compared."""

    find: Side
    against: Side | None = None
    relation: str = ""
    pair: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.against is None) == bool(self.relation):
            raise _wrong("'against' and 'relation' go together", "against 与 relation 须同用")
        if self.relation and self.relation not in RELATIONS:
            raise _wrong(f"no relation '{self.relation}'", f"没有关系“{self.relation}”")
        if self.pair and self.against is None:
            raise _wrong("'pair' needs 'against'", "pair 须与 against 同用")
        if self.against is not None and not self.pair:
            for side in (self.find, self.against):
                if side.of in OPEN_ENDED:
                    raise _wrong(
                        "two sides need 'pair', or an 'of' that makes one value of each",
                        "比较两侧须有 pair，或各以 of 归为一个值",
                    )

    def elements(self, pool: Pool) -> tuple[Element, ...]:
        """The values to be held against the expectation; none when a finding is wanting.
        Raises UsageError when the test does not fit the findings."""
        own = self.find.elements(pool)
        if self.against is None:
            return self.find.reduced(own)
        other = self.against.elements(pool)
        if not self.pair:
            sides = self.find.reduced(own), self.against.reduced(other)
            return tuple(self._related(a, b) for a, b in zip(*sides, strict=False))
        return self.find.reduced(tuple(self._paired(own, other)))

    def _paired(self, own: Iterable[Element], other: Iterable[Element]) -> Iterator[Element]:
        """Each with its counterpart; raises UsageError where a key names two."""
        known: dict[tuple[str, ...], Element] = {}
        for key, group in groupby(sorted(other, key=self._key), self._key):
            first, *rest = group
            if rest:
                raise _wrong(
                    f"'pair' does not tell findings apart: {' '.join(key)}",
                    f"pair 不足以区分结论：{' '.join(key)}",
                )
            known[key] = first
        for one in own:
            if (match := known.get(self._key(one))) is not None:
                yield self._related(one, match)

    def _key(self, one: Element) -> tuple[str, ...]:
        return tuple(one.findings[0].subject.get(k, "") for k in self.pair)

    def _related(self, a: Element, b: Element) -> Element:
        both, sides = _distinct((*a.findings, *b.findings)), (a, b)
        if self.relation == "delay":
            seconds = Decimal(moment_of(a.value) - moment_of(b.value)) / SECOND
            return Element(seconds, "s", both, sides=sides)
        left, right = number_of(a.value), number_of(b.value)
        if self.relation == "difference":
            return Element(left - right, a.unit, both, sides=sides)
        if not right:
            raise _wrong("the divisor is zero", "除数为零")
        if self.relation == "ratio":
            return Element(rounded(left / right, _PLACES), TIMES, both, sides=sides)
        over = left - right if self.relation == "excess" else right - left
        return Element(rounded(over / right, _PLACES), "ratio", both, sides=sides)


def _distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, in order; those of one pool are told apart as objects."""
    return tuple({id(one): one for one in findings}.values())


def _taken(one: Finding, take: tuple[str, ...]) -> Element | None:
    """The value at the path, None when the finding has none there."""
    head, *rest = take
    if head == "at":
        return None if one.at is None else Element(one.at, MOMENT, (one,))
    if head == "window":
        if one.window is None:
            return None
        edges: dict[str, Raw] = {
            "from": one.window.start,
            "to": one.window.end,
            "name": one.window.name,
        }
        edge = edges.get(rest[0]) if rest else None
        return None if edge is None else Element(edge, MOMENT, (one,))
    held: Any = getattr(one, head)
    for key in rest:
        held = held.get(key) if hasattr(held, "get") else None
    if isinstance(held, list | tuple):
        return Element(tuple(as_text(v) for v in held), "", (one,))
    if held is None or hasattr(held, "get"):
        return None
    unit = one.unit if head == "value" else ""
    return Element(held, unit, (one,))


def _wrong(en: str, zh: str) -> UsageError:
    return UsageError(
        Text(en, zh),
        remedy=Text("See docs/claims.md for the keys of a test.", "检验的各键见 docs/claims.md。"),
    )
