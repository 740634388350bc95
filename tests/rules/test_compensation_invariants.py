"""What holds of every scheme whatever the claimant: nobody is paid who is not eligible, nothing
is below zero, more lost collateral never pays less."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from _claimants import ABOVE, D, Fixed, claimants, lot, one, references, registers, rules
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.rules.claimant import Claimant, total
from liquest.rules.compensation import GROUNDS, Terms
from liquest.rules.schemes import scheme, schemes

SETTINGS: tuple[dict[str, str], ...] = (
    {}, {"together__formula": "budget", "together__budget": "5000", "pot__size": "12345.67"},
    {"collateral__net": "account", "proposed__net": "each", "reopening__reading": "shut"},
    {"together__unpaid_only": "no", "collateral__edge": "through"},
)  # fmt: skip
RULES = [rules(**asked) for asked in SETTINGS]


@settings(max_examples=1000, deadline=None)
@given(registers(), references(), st.sampled_from(RULES))
def test_every_award_of_every_scheme(
    everyone: list[Claimant], reference: Fixed, under: object
) -> None:
    terms = Terms(reference)
    for found in schemes().values():
        policy = found.policy(under, everyone, terms)  # type: ignore[arg-type]
        for claimant in everyone:
            award = policy.award(claimant, terms)
            assert award.code in GROUNDS and award.reason.en and award.reason.zh
            if award.eligible is not True:
                assert not award.amount
            assert award.amount is None or award.amount >= 0
            assert (award.amount is None) == bool(award.missing)
            if award.parts:
                assert total(p.amount for p in award.parts) == award.amount
            # Pure: asked again, or with the others gone from a scheme that shares nothing.
            assert policy.award(claimant, terms) == award


@settings(max_examples=500, deadline=None)
@given(registers(), references())
def test_without_any_price_nothing_that_needs_one_is_paid(
    everyone: list[Claimant], reference: Fixed
) -> None:
    for name in ("collateral", "fair-median", "fair-usd", "reopening"):
        policy = scheme(name).policy(RULES[0], everyone, Terms())
        for claimant in everyone:
            assert not policy.award(claimant, Terms()).amount


@settings(max_examples=500, deadline=None)
@given(registers())
def test_the_pot_is_used_up_or_all_is_paid(everyone: list[Claimant]) -> None:
    under = rules(pot__size="12345.67")
    policy = scheme("pro-rata").policy(under, everyone, Terms())
    awards = [policy.award(c, Terms()).amount or D(0) for c in everyone]
    open_ = sum((max((c.loss or D(0)) - c.compensated, D(0)) for c in everyone), D(0))
    assert sum(awards) == min(D("12345.67"), open_)


@settings(max_examples=500, deadline=None)
@given(ABOVE, ABOVE, ABOVE, ABOVE, st.sampled_from(("each", "account")))
def test_collateral_is_monotone(
    quantity: Decimal, price: Decimal, market: Decimal, more: Decimal, net: str
) -> None:
    """More quantity, a lower liquidation price, a higher market price, a further lot or a higher
    fee never pay less."""
    under = rules(collateral__net=net)

    def paid(claimant: Claimant, at: Decimal) -> Decimal:
        terms = Terms(Fixed(assets={"USDE": str(at)}))
        found = scheme("collateral").policy(under, [claimant], terms).award(claimant, terms).amount
        assert found is not None
        return found

    first = lot(quantity=str(quantity), price=str(price))
    base = paid(one(lots=(first,)), market)
    assert paid(one(lots=(replace(first, quantity=quantity + more),)), market) >= base
    assert paid(one(lots=(first,)), market + more) >= base
    assert paid(one(lots=(replace(first, fee=first.fee + more),)), market) >= base
    lower = replace(first, price=max(price - more, D(0)))
    assert paid(one(lots=(lower,)), market) >= base
    if net == "each" or more <= market:
        further = replace(first, price=more)
        assert paid(one(lots=(first, further)), market) >= base


@settings(max_examples=500, deadline=None)
@given(claimants(), references())
def test_the_over_paid_scheme_pays_as_much_more(claimant: Claimant, reference: Fixed) -> None:
    terms = Terms(reference)
    one_, two = (
        scheme(name).policy(RULES[0], [claimant], terms).award(claimant, terms)
        for name in ("collateral", "collateral-overpaid")
    )
    assert two.eligible is one_.eligible
    assert two.amount == (None if one_.amount is None else one_.amount * D("1.05"))


@pytest.mark.parametrize("share", ["0.001", "0.01", "0.5"])
@settings(max_examples=200, deadline=None)
@given(claimant=claimants())
def test_vouchers_lie_between_their_bounds(share: str, claimant: Claimant) -> None:
    policy = scheme("together").policy(rules(together__share=share), [claimant], Terms())
    amount = policy.award(claimant, Terms()).amount
    assert not amount or 4 <= amount <= 6000


@settings(max_examples=500, deadline=None)
@given(registers(), references(), st.randoms(use_true_random=False))
def test_the_order_of_the_register_does_not_matter(
    everyone: list[Claimant], reference: Fixed, order: object
) -> None:
    mixed = list(everyone)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    terms = Terms(reference)
    for name in ("together", "announced", "pro-rata"):
        first = scheme(name).policy(RULES[1], everyone, terms)
        second = scheme(name).policy(RULES[1], mixed, terms)
        for claimant in everyone:
            assert first.award(claimant, terms) == second.award(claimant, terms)
