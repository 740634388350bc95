"""What a test found, in one sentence of each language, and what would have spoken otherwise.

    Lowest price on Binance spot: 0.001 USDT at 2025-10-10 21:20:37.689043 UTC (…); at most
    0.01 USDT speaks for the claim, else against it.

Invariant: the sentence states values, times and the rule, and no opinion.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import Text
from .claim import AGAINST, FOR, OPEN, Test
from .expectation import Between, Expectation, Near, number_of, sort_unit
from .quantity import Element
from .value_words import MOMENT, Raw, moment, shown

_SPEAKS = {
    FOR: Text("speaks for the claim", "则支持主张"),
    AGAINST: Text("speaks against the claim", "则反对主张"),
    OPEN: Text("settles nothing", "则不作判断"),
}
_ELSE = {
    FOR: Text("else for it", "否则支持主张"),
    AGAINST: Text("else against it", "否则反对主张"),
    OPEN: Text("else nothing follows", "否则不作判断"),
}
_OF = {"each": Text("each ", "每一项"), "any": Text("at least one ", "至少一项")}


def told(test: Test, elements: Sequence[Element]) -> Text:
    """The sentence of a test that has elements."""
    return _sentence(test.title, _found(test, elements), _rule(test, elements[0].unit))


def unanswered(test: Test) -> Text:
    """The sentence of a test that no finding answers."""
    nothing = Text("no finding answers this", "没有可作答的结论")
    return _sentence(test.title, nothing, _rule(test, ""))


def _sentence(title: Text, found: Text, rule: Text) -> Text:
    return Text(f"{title.en}: {found.en}; {rule.en}.", f"{title.zh}：{found.zh}；{rule.zh}。")


def _rule(test: Test, unit: str) -> Text:
    """What is expected, of which of the values, and what it means."""
    said = test.expect.words(sort_unit(test.expect, unit))
    which = _OF.get(test.quantity.find.of, Text("", ""))
    then, other = _SPEAKS[test.then], _ELSE[test.otherwise]
    return Text(
        f"{which.en}{said.en} {then.en}, {other.en}",
        f"若{which.zh}{said.zh}，{then.zh}，{other.zh}",
    )


def _found(test: Test, elements: Sequence[Element]) -> Text:
    expect = test.expect
    if len(elements) == 1:
        return _one(elements[0], test)
    units = {e.unit for e in elements}
    unit = sort_unit(expect, units.pop() if len(units) == 1 else "")
    met = sum(expect.met(e.value) for e in elements)
    values = [e.value for e in elements]
    fit = Text(f"{met} of {len(elements)} fit", f"{len(elements)} 项中 {met} 项符合")
    if any(isinstance(v, str | tuple) for v in values):
        return fit
    first, last = shown(min(values, key=_size), unit), shown(max(values, key=_size), unit)
    return Text(f"from {first.en} to {last.en}, {fit.en}", f"{first.zh} 至 {last.zh}，{fit.zh}")


def _one(element: Element, test: Test) -> Text:
    """One value, with what was counted, the two sides, or the moment of it."""
    unit = sort_unit(test.expect, element.unit)
    if element.of is not None:
        return _counted(element, test)
    said = shown(_read(element.value, test.expect), unit)
    if element.sides:
        a, b = (shown(one.value, one.unit) for one in element.sides)
        return Text(f"{said.en} ({a.en} against {b.en})", f"{said.zh}（{a.zh} 对 {b.zh}）")
    ats = {f.at for f in element.findings}
    at = ats.pop() if len(ats) == 1 else None
    if unit == MOMENT or at is None or test.quantity.find.take[0] != "value":
        return said
    then = moment(at)
    return Text(f"{said.en} at {then.en}", f"{said.zh}，{then.zh}")


def _counted(element: Element, test: Test) -> Text:
    """How many, or what share, of how many, and with what value."""
    where = test.quantity.find.where
    assert where is not None and element.of is not None
    total, unit = element.of
    said = where.words(sort_unit(where, unit))
    got = shown(element.value, element.unit)
    if element.unit:
        return Text(f"{got.en} of {total} ({said.en})", f"{total} 项中的 {got.zh}（{said.zh}）")
    return Text(f"{got.en} of {total} ({said.en})", f"{total} 项中 {got.zh} 项（{said.zh}）")


def _read(value: Raw, expect: Expectation) -> Raw:
    """A number that stands as text, when a number is expected."""
    return number_of(value) if isinstance(expect, Between | Near) else value


def _size(value: Raw) -> int | float:
    return float(value) if not isinstance(value, tuple | str) else 0.0
