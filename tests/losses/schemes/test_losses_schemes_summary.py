"""Sums over a register: coverage by class adds up, who is left out is counted once, and what a
uniform rule would take."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from _scheme_registers import REGISTERS, RULES, START, D, Prices
from hypothesis import given, settings

from liquest.errors import InputError, UsageError
from liquest.findings import Input
from liquest.losses.schemes.pay import first_known, pay
from liquest.losses.schemes.schemes_findings import WORDS, findings, methods, rules_taken
from liquest.losses.schemes.summary import decimal_of, summaries
from liquest.rules.book import book
from liquest.rules.claimant import Claimant, ForcedLoss, Lot
from liquest.rules.compensation import GROUNDS
from liquest.rules.schemes import scheme, schemes


def held(name: str, category: str, loss: str, lots: str = "") -> Claimant:
    at = START + 40 * 60 * 10**6
    pledged = (Lot(at, "margin", "USDE", D(lots), D("0.70")),) if lots else ()
    return Claimant(name, category, (ForcedLoss(at, "futures", D(loss)),), pledged)


def test_by_hand() -> None:
    """USDe 1,000 sold at 0.70 with a market price of 0.999: 299 of a loss of 260, so 39 too
    much; two others with losses of 740 and 1,000 get nothing. Coverage 299/2,000; that of the
    class collateral, 299/260 = 1.15, for all takes 2,300, of which 2,001 are missing. By head
    0, 0, 299 is a Gini of 2/3."""
    everyone = [
        held("a", "collateral", "260", "1000"), held("b", "contract", "740"),
        held("c", "vip", "1000"),
    ]  # fmt: skip
    (found,) = summaries(pay(everyone, RULES, Prices(), ["collateral"]))
    assert (found.paid, found.overpaid, found.overpayment) == (D(299), 1, D(39))
    assert found.overall.coverage == Fraction(299, 2000)
    assert [(g.name, g.coverage) for g in found.groups] == [
        ("collateral", Fraction(299, 260)), ("contract", 0), ("vip", 0),
    ]  # fmt: skip
    assert found.uniform is not None
    assert (found.uniform.budget, found.uniform.more) == (D(2300), D(2001))
    assert found.uneven == Fraction(2, 3)
    # Losses in order of cover: 1,740 of nothing, 260 of all: 1 − 260/2,000.
    assert found.uneven_cover == Fraction(1740, 2000)
    assert [(o.code, o.claimants, o.loss) for o in found.left_out] == [
        ("no-collateral", 2, D(1740))
    ]
    (other,) = summaries(pay(everyone, RULES, Prices(), ["collateral"]), "margin")
    assert other.uniform is None


@settings(max_examples=300, deadline=None)
@given(REGISTERS)
def test_the_parts_add_up(everyone: list[Claimant]) -> None:
    paid = pay(everyone, RULES, Prices())
    for one, outcome in zip(summaries(paid), paid.outcomes, strict=True):
        assert one.paid == sum((a.amount or D(0) for a in outcome.awards), D(0))
        assert one.overall.recipients + one.nothing == one.claimants == len(everyone)
        for key in ("claimants", "measured", "recipients", "loss", "paid"):
            assert sum(getattr(g, key) for g in one.groups) == getattr(one.overall, key)
        assert sum(o.claimants for o in one.left_out) == one.nothing
        losses = {c.id: c.loss or D(0) for c in everyone}
        out = [c for c, a in zip(everyone, outcome.awards, strict=True) if not a.amount]
        assert sum((o.loss for o in one.left_out), D(0)) == sum((losses[c.id] for c in out), D(0))
        covers = [g.coverage for g in one.groups if g.coverage is not None]
        if one.overall.coverage is not None:
            assert min(covers) <= one.overall.coverage <= max(covers) or any(
                not g.loss and g.paid for g in one.groups
            )
        assert 0 <= (one.uneven or 0) < 1 and 0 <= (one.uneven_cover or 0) < 1
        if one.uniform is not None:
            assert 0 <= one.uniform.more <= one.uniform.budget
            assert one.uniform.coverage == one.group("collateral").coverage  # type: ignore[union-attr]


@settings(max_examples=100, deadline=None)
@given(REGISTERS)
def test_a_pot_that_covers_everything_is_even(everyone: list[Claimant]) -> None:
    clean = [Claimant(c.id, c.category, c.losses) for c in everyone]
    (one,) = summaries(pay(clean, RULES, Prices(), ["pro-rata"]))
    assert one.overpaid == 0 and one.uneven_cover in (None, 0)
    assert one.overall.coverage in (None, 1)


@settings(max_examples=60, deadline=None)
@given(REGISTERS)
def test_findings_say_what_the_summaries_say(everyone: list[Claimant]) -> None:
    paid = pay(everyone, RULES, Prices())
    found = summaries(paid)
    rows = {c.id: Input("0" * 64, k, k) for k, c in enumerate(everyone, 2)}
    made = list(findings(paid, found, rows, {"asset": ((Input("1" * 64, 2, 3),), ("thin",))}))
    assert len({f.id for f in made}) == len(made)
    known = {m.id for m in methods()}
    assert {f.method for f in made} <= known
    awards = [f for f in made if f.name == "schemes.award"]
    assert len(awards) == len(everyone) * len(schemes())
    for f in awards:
        assert (f.value is None) == bool(f.params["missing"])
        assert all(f.params["reason"]) and f.inputs[0] == rows[f.subject["claimant"]]
        assert ("thin" in f.caveats) == (f.subject["scheme"] in (
            "collateral", "collateral-overpaid", "announced"))  # fmt: skip
    totals = {f.subject["scheme"]: f.value for f in made if f.name == "schemes.paid"}
    for name, value in totals.items():
        assert value == sum(
            f.value for f in awards
            if f.subject["scheme"] == name and isinstance(f.value, Decimal)
        )  # fmt: skip
    for f in made:
        if f.name == "schemes.left_out":
            assert f.value == sum(r["claimants"] for r in f.params["reasons"].values())
            assert set(f.params["reasons"]) <= set(GROUNDS)


def test_methods_and_rules_that_findings_name() -> None:
    for method in methods():
        for text in (method.title, method.definition):
            assert text.en and any("\u4e00" <= c <= "\u9fff" for c in text.zh), method.name
    assert {m.name for m in methods()} >= {f"schemes.{k}" for k in WORDS}
    taken, firm = rules_taken(RULES, scheme("collateral"))
    assert taken["compensation.collateral.asset.USDE"] == "true" and not firm
    assert taken["compensation.collateral.until"] == "2025-10-10 22:16"
    assert rules_taken(RULES, scheme("fee-refund")) == ({}, True)


def test_rules_by_default_are_those_after_the_last_first_announcement() -> None:
    from liquest.clock import format_time

    assert format_time(first_known(book()), digits=0) == "2025-10-14T15:17:13Z"


def test_registers_that_cannot_be() -> None:
    with pytest.raises(InputError, match="no claimants"):
        pay([], RULES)
    with pytest.raises(InputError, match="the id a stands twice"):
        pay(iter([held("a", "vip", "1"), held("a", "vip", "2")]), RULES)
    with pytest.raises(UsageError, match="there is no scheme 'nothing'"):
        pay([held("a", "vip", "1")], RULES, schemes=["nothing"])


def test_any_iterable_will_do() -> None:
    paid = pay((held(n, "vip", "100") for n in "abc"), RULES, schemes=["voucher-high"])
    assert [a.amount for a in paid.of("voucher-high").awards] == [1, 1, 1]


def test_shares_are_rounded_half_even() -> None:
    assert decimal_of(Fraction(1, 3)) == D("0.333333")
    assert decimal_of(Fraction(5, 2), 0) == 2 and decimal_of(Fraction(7, 2), 0) == 4
