"""The insurance fund: never below zero, and what it leaves."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import parse_time
from liquest.errors import InputError
from liquest.rules.book import book
from liquest.rules.fund import Fund

D = Decimal


def test_a_fund_pays_until_it_is_empty() -> None:
    fund, paid, shortfall = Fund(D(10)).pay(D(7))
    assert (fund.size, paid, shortfall) == (D(3), D(7), D(0))
    fund, paid, shortfall = fund.pay(D(7))
    assert (fund.size, paid, shortfall, fund.paid) == (D(0), D(3), D(4), D(10))
    assert fund.receive(D(2)).size == 2 and fund.receive(D(2)).received == 2


def test_a_cap_holds_for_each_loss() -> None:
    fund, paid, shortfall = Fund(D(10), cap=D(4)).pay(D(7))
    assert (fund.size, paid, shortfall) == (D(6), D(4), D(3))
    assert fund.pay(D(1)).shortfall == 0


def test_a_fund_without_limit_pays_all_and_counts_it() -> None:
    fund, paid, shortfall = Fund(None).pay(D(7))
    assert (fund.size, fund.paid, paid, shortfall) == (None, D(7), D(7), D(0))
    assert Fund(None, cap=D(4)).pay(D(7)).shortfall == 3


@pytest.mark.parametrize("fields", [{"size": D(-1)}, {"size": D(1), "cap": D(-1)}])
def test_a_negative_fund_is_refused(fields: dict[str, Decimal]) -> None:
    with pytest.raises(InputError) as refused:
        Fund(**fields)
    assert refused.value.where == "fund" and refused.value.remedy is not None


def test_a_gain_is_not_paid_and_a_loss_is_not_received() -> None:
    with pytest.raises(InputError):
        Fund(D(1)).pay(D(-1))
    with pytest.raises(InputError):
        Fund(D(1)).receive(D(-2))


def test_a_fund_is_read_from_the_rulebook() -> None:
    rules = book().at(parse_time("2025-10-10T21:20:00Z"))
    assert Fund.of(rules) == Fund(None)
    assert Fund.of(rules.override("fund.size", "5")) == Fund(D(5))


amounts = st.integers(0, 1000).map(D)


@settings(max_examples=500, deadline=None)
@given(amounts, amounts, st.lists(amounts, max_size=8), st.one_of(st.none(), amounts))
def test_a_larger_fund_leaves_weakly_less(
    size: Decimal, more: Decimal, losses: list[Decimal], cap: Decimal | None
) -> None:
    left = []
    for fund in (Fund(size, cap), Fund(size + more, cap)):
        shortfalls = D(0)
        for loss in losses:
            fund, paid, shortfall = fund.pay(loss)
            assert paid + shortfall == loss
            assert fund.size is not None and fund.size >= 0
            assert cap is None or paid <= cap
            shortfalls += shortfall
        left.append(shortfalls)
    assert left[1] <= left[0]
