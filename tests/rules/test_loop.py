"""Loop leverage: published multiples, and what holds for every loop."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import UsageError
from liquest.findings import rounded
from liquest.rules.loop import Loop, safe_exposure

LTVS = st.decimals("0", "0.97", places=4)
LIMITS = st.decimals("0.5", "1", places=4)
PRICES = st.decimals("0.0001", "1.2", places=4)
EXPOSURES = st.decimals("1", "30", places=3)


@pytest.mark.parametrize(
    ("exposure", "ltv", "limit", "price"),
    [("3.5", "0.714", "0.91", "0.785"), ("5", "0.8", "0.91", "0.879")],
)
def test_the_multiples_that_were_advertised(
    exposure: str, ltv: str, limit: str, price: str
) -> None:
    loop = Loop(Decimal(exposure))
    assert rounded(loop.ltv, 3) == Decimal(ltv)
    assert rounded(loop.liquidation_price(Decimal(limit)), 3) == Decimal(price)


def test_a_ltv_gives_the_exposure_step_by_step() -> None:
    assert Loop.of(Decimal("0.8")).exposure == 5
    assert Loop.of(Decimal("0.8"), 0) == Loop(Decimal(1))
    assert Loop.of(Decimal("0.8"), 3).exposure == Decimal("2.952")  # 1 + .8 + .64 + .512
    assert Loop.of(Decimal("0")).debt == 0


def test_equity_loss_and_shortfall_of_five_times() -> None:
    loop = Loop(Decimal(5))
    assert loop.debt == 4
    assert loop.equity(Decimal(1)) == 1
    assert loop.equity(Decimal("0.9")) == Decimal("0.5")
    assert loop.loss(Decimal("0.9")) == Decimal("0.5")
    assert loop.wipe_out_price == Decimal("0.8")
    assert loop.loss(Decimal("0.65")) == 1
    assert loop.shortfall(Decimal("0.65")) == Decimal("0.75")
    assert loop.shortfall(Decimal("0.9")) == 0
    assert rounded(loop.safe_limit(Decimal("0.9")), 4) == Decimal("0.8889")


def test_carry() -> None:
    loop = Loop(Decimal("3.5"))
    assert loop.carry(Decimal("0.12"), Decimal("0.08")) == Decimal("0.22")  # .42 - .2
    assert loop.break_even_borrow(Decimal("0.12")) == Decimal("0.168")
    assert Loop(Decimal(1)).break_even_borrow(Decimal("0.12")) is None
    assert Loop(Decimal(1)).carry(Decimal("0.12"), Decimal("0.08")) == Decimal("0.12")


@pytest.mark.parametrize("exposure", ["0.99", "-1", "NaN", "Infinity"])
def test_an_exposure_below_one_is_refused(exposure: str) -> None:
    with pytest.raises(UsageError, match="exposure"):
        Loop(Decimal(exposure))


@pytest.mark.parametrize(("ltv", "loops"), [("1", None), ("-0.1", 3), ("0.5", -1), ("NaN", 2)])
def test_a_loop_that_cannot_be_is_refused(ltv: str, loops: int | None) -> None:
    with pytest.raises(UsageError, match="no loop borrows"):
        Loop.of(Decimal(ltv), loops)


@pytest.mark.parametrize("limit", ["0", "1.01", "NaN"])
def test_a_limit_that_cannot_be_is_refused(limit: str) -> None:
    with pytest.raises(UsageError, match="no lender liquidates"):
        Loop(Decimal(5)).liquidation_price(Decimal(limit))


@settings(max_examples=500)
@given(LTVS, LTVS, st.integers(0, 12))
def test_exposure_grows_with_ltv_and_with_every_loop(
    one: Decimal, other: Decimal, loops: int
) -> None:
    low, high = sorted((one, other))
    assert Loop.of(low, loops).exposure <= Loop.of(high, loops).exposure
    assert Loop.of(low, loops).exposure <= Loop.of(low, loops + 1).exposure
    assert Loop.of(low, loops + 1).exposure <= Loop.of(low).exposure
    if low < high and loops:
        assert Loop.of(low, loops).exposure < Loop.of(high, loops).exposure


@settings(max_examples=1000)
@given(EXPOSURES, LIMITS, PRICES)
def test_liquidation_comes_before_ruin_and_where_the_formula_says(
    exposure: Decimal, limit: Decimal, price: Decimal
) -> None:
    loop = Loop(exposure)
    at = loop.liquidation_price(limit)
    assert loop.wipe_out_price <= at
    assert (at < 1) == (loop.ltv < limit)
    # Beside the very threshold, where the quotient is rounded, both ways agree.
    if abs(price - at) > Decimal("1e-40"):
        assert loop.is_liquidated(price, limit) == (bool(loop.debt) and price <= at)
    assert loop.is_liquidated(price, limit) == (
        bool(loop.debt) and loop.debt >= limit * exposure * price
    )
    wiped = loop.equity(price) <= 0
    assert wiped == (loop.loss(price) == 1)
    assert (loop.shortfall(price) > 0) == (loop.equity(price) < 0)


@settings(max_examples=500)
@given(EXPOSURES, LIMITS, PRICES, PRICES)
def test_a_lower_price_never_helps(
    exposure: Decimal, limit: Decimal, one: Decimal, other: Decimal
) -> None:
    low, high = sorted((one, other))
    loop = Loop(exposure)
    assert loop.equity(low) <= loop.equity(high)
    assert loop.loss(low) >= loop.loss(high)
    assert loop.is_liquidated(low, limit) >= loop.is_liquidated(high, limit)


@settings(max_examples=500)
@given(EXPOSURES, LIMITS, st.decimals("0.3", "0.999", places=3))
def test_the_safe_limit_and_the_safe_exposure_part_who_lives_from_who_does_not(
    exposure: Decimal, limit: Decimal, low: Decimal
) -> None:
    loop = Loop(exposure)
    edge = loop.safe_limit(low)
    if abs(limit - edge) > Decimal("1e-40"):
        assert loop.is_liquidated(low, limit) == (limit < edge and loop.debt > 0)
    most = safe_exposure(low, limit)
    assert most is not None
    if abs(exposure - most) > Decimal("1e-40") * most:
        assert loop.is_liquidated(low, limit) == (exposure > most)


def test_no_exposure_is_liquidated_where_the_limit_never_binds() -> None:
    assert safe_exposure(Decimal(1), Decimal(1)) is None
    most = safe_exposure(Decimal("0.65"), Decimal("0.91"))
    assert most is not None and rounded(most, 3) == Decimal("2.448")
