"""From findings to values: what is taken, what is made of all, how two sides are related."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from _claims import T0, found
from hypothesis import given
from hypothesis import strategies as st

from liquest.claims.expectation import Between
from liquest.claims.quantity import OF, RELATIONS, Element, Quantity, Side
from liquest.claims.selecting import Pool, Selection
from liquest.clock import SECOND
from liquest.errors import UsageError
from liquest.findings import Finding

TEN = Between(low=Decimal(10))


def side(name: str = "low", take: str = "value", of: str = "each", **more: Any) -> Side:
    return Side(Selection(name), tuple(take.split("/")), of, **more)


def lows(*values: str, name: str = "low") -> list[Finding]:
    return [
        found(name, v, at=T0 + i * SECOND, instrument=f"I{i}", venue="binance")
        for i, v in enumerate(values)
    ]


def values(quantity: Quantity, pool: list[Finding]) -> list[Any]:
    return [e.value for e in quantity.elements(Pool(pool))]


@pytest.mark.parametrize(
    ("of", "where", "got"),
    [
        ("each", None, ["3", "20", "11"]), ("any", None, ["3", "20", "11"]),
        ("least", None, ["3"]), ("most", None, ["20"]), ("median", None, ["11"]),
        ("sum", None, ["34"]), ("count", TEN, ["2"]), ("share", TEN, ["0.666667"]),
    ],
)  # fmt: skip
def test_what_is_made_of_all(of: str, where: Any, got: list[str]) -> None:
    quantity = Quantity(side(of=of, where=where))
    assert values(quantity, lows("3", "20", "11")) == [Decimal(v) for v in got]


def test_the_median_of_two_lies_between() -> None:
    assert values(Quantity(side(of="median")), lows("3", "4")) == [Decimal("3.5")]


def test_one_is_one() -> None:
    assert values(Quantity(side(of="one")), lows("3")) == [Decimal(3)]
    with pytest.raises(UsageError, match="2 findings fit where one is meant"):
        values(Quantity(side(of="one")), lows("3", "4"))


@pytest.mark.parametrize("of", [o for o in OF if o not in ("count", "share")])
def test_nothing_is_made_of_nothing(of: str) -> None:
    assert values(Quantity(side("high", of=of)), lows("3")) == []


def test_too_few_are_no_answer() -> None:
    few = Quantity(side(of="share", where=TEN, enough=4))
    assert values(few, lows("3", "20", "11")) == []
    assert values(few, lows("3", "20", "11", "9")) == [Decimal("0.5")]


def test_none_at_all_is_an_answer_where_that_is_said() -> None:
    none = Quantity(side(of="count", where=TEN, enough=0))
    assert values(none, []) == [Decimal(0)]
    assert values(Quantity(side(of="count", where=TEN)), []) == []


@pytest.mark.parametrize(
    ("take", "got"),
    [
        ("value", Decimal("1.5")), ("at", T0), ("count", 7), ("unit", "USDT"),
        ("window/from", T0 - 600 * SECOND), ("params/low", "1.2"), ("params/coins", ("A", "B")),
        ("params/rules/mark.window", "30 s"), ("subject/venue", "binance"),
    ],
)  # fmt: skip
def test_what_is_taken(take: str, got: Any) -> None:
    one = found(
        "low", "1.5", count=7, venue="binance",
        params={"low": "1.2", "coins": ["A", "B"], "rules": {"mark.window": "30 s"}},
    )  # fmt: skip
    assert values(Quantity(side(take=take, of="one")), [one]) == [got]


@pytest.mark.parametrize("take", ["params/none", "params/rules", "subject/none", "window/middle"])
def test_what_is_not_there_is_not_taken(take: str) -> None:
    one = found("low", "1.5", params={"rules": {"a": "b"}})
    assert values(Quantity(side(take=take, of="one")), [one]) == []


def test_a_finding_without_value_or_moment_has_none() -> None:
    empty = found("recovery.time", None, "us", at=None, window=None)
    for take in ("value", "at", "window/from"):
        assert values(Quantity(side("recovery.time", take)), [empty]) == []


NUMBERS = st.decimals("0.01", "1000", places=2)


@given(NUMBERS, NUMBERS)
def test_relations_are_exact_to_six_places(a: Decimal, b: Decimal) -> None:
    pool = [found("low", a), found("high", b)]
    left, right = Fraction(a), Fraction(b)
    expected = {
        "difference": left - right, "ratio": left / right, "shortfall": (right - left) / right,
        "excess": (left - right) / right,
    }  # fmt: skip
    for relation, exact in expected.items():
        quantity = Quantity(side(of="one"), side("high", of="one"), relation)
        (got,) = values(quantity, pool)
        assert abs(Fraction(got) - exact) <= Fraction(1, 2_000_000)


def test_a_delay_is_in_seconds() -> None:
    pool = [found("low", "1", at=T0 + 1_500_000), found("high", "1", at=T0)]
    quantity = Quantity(side(take="at", of="one"), side("high", "at", "one"), "delay")
    (one,) = quantity.elements(Pool(pool))
    assert (one.value, one.unit) == (Decimal("1.5"), "s")


def test_pairs_are_matched_by_their_keys() -> None:
    pool = [*lows("1", "2", "3"), *lows("2", "8", name="base")]
    quantity = Quantity(side(), side("base"), "ratio", ("instrument",))
    assert values(quantity, pool) == [Decimal("0.5"), Decimal("0.25")]
    counted = Quantity(
        side(of="count", where=Between(high=Decimal("0.3"))), side("base"), "ratio", ("instrument",)
    )
    (one,) = counted.elements(Pool(pool))
    assert (one.value, one.of) == (1, (2, "×"))


def test_keys_must_tell_findings_apart() -> None:
    pool = [*lows("1"), *lows("2", "3", name="base")]
    with pytest.raises(UsageError, match="does not tell findings apart: binance"):
        values(Quantity(side(), side("base"), "ratio", ("venue",)), pool)


def test_an_element_carries_all_its_findings_once() -> None:
    pool = [*lows("1", "2"), *lows("4", name="base")]
    quantity = Quantity(side(of="sum"), side("base", of="one"), "ratio")
    (one,) = quantity.elements(Pool(pool))
    assert list(one.findings) == pool
    assert [s.value for s in one.sides] == [3, 4]


def test_no_division_by_zero() -> None:
    pool = [*lows("1"), *lows("0", name="base")]
    with pytest.raises(UsageError, match="divisor is zero"):
        values(Quantity(side(of="one"), side("base", of="one"), "ratio"), pool)


def test_text_is_no_number() -> None:
    pool = [found("low", "thin", "text"), *lows("2", name="base")]
    with pytest.raises(UsageError, match="'thin' is not a number"):
        values(Quantity(side(of="one"), side("base", of="one"), "ratio"), pool)


@pytest.mark.parametrize(
    "make",
    [
        lambda: side(of="mean"),
        lambda: side(take="colour"),
        lambda: side(of="count"),
        lambda: side(where=TEN),
        lambda: side(enough=0),
        lambda: side(enough=-1),
        lambda: Quantity(side(), relation="ratio"),
        lambda: Quantity(side(of="one"), side(of="one")),
        lambda: Quantity(side(of="one"), side(of="one"), "twice"),
        lambda: Quantity(side(), pair=("venue",)),
        lambda: Quantity(side(), side(of="one"), "ratio"),
        lambda: Quantity(side(of="one"), side(), "ratio"),
    ],
)
def test_a_quantity_that_makes_no_sense_cannot_be_built(make: Any) -> None:
    with pytest.raises(UsageError):
        make()


def test_every_relation_is_known_to_the_quantity() -> None:
    pool = [found("low", "2", at=T0), found("high", "4", at=T0)]
    for relation in RELATIONS:
        take = "at" if relation == "delay" else "value"
        quantity = Quantity(side(take=take, of="one"), side("high", take, "one"), relation)
        (one,) = quantity.elements(Pool(pool))
        assert isinstance(one, Element)
