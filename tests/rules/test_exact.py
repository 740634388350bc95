"""exact: 80 digits in every context, and what is no number."""

from __future__ import annotations

from decimal import Decimal, DivisionByZero, InvalidOperation, getcontext, localcontext

import pytest

from liquest.errors import InputError, Text
from liquest.rules.exact import DIGITS, exact, finite, positive, share

NAME = Text("the number", "数值")


@exact
def third(value: Decimal) -> Decimal:
    return value / 3


def test_the_callers_context_neither_matters_nor_changes() -> None:
    with localcontext(prec=3):
        found = third(Decimal(1))
        assert getcontext().prec == 3
    assert str(found) == "0." + "3" * DIGITS


def test_nothing_becomes_nan() -> None:
    with localcontext() as own:
        own.traps[DivisionByZero] = own.traps[InvalidOperation] = False
        with pytest.raises(DivisionByZero):
            exact(lambda: Decimal(1) / Decimal(0))()
        with pytest.raises(InvalidOperation):
            exact(lambda: Decimal(0) / Decimal(0))()


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("-Infinity"), Decimal("sNaN"), 0.5])
def test_only_finite_decimals_pass(value: Decimal) -> None:
    with pytest.raises(InputError, match="the number is no finite decimal"):
        finite(NAME, value)


@pytest.mark.parametrize("value", ["0", "-1"])
def test_above_zero(value: str) -> None:
    with pytest.raises(InputError, match="not above zero") as caught:
        positive(NAME, Decimal(value), "row 7")
    assert caught.value.where == "row 7"
    assert "数值不大于零" in caught.value.render("zh")


def test_a_share_is_at_most_one() -> None:
    share(NAME, Decimal(1))
    with pytest.raises(InputError, match="above 100 %"):
        share(NAME, Decimal("1.0001"))
