"""A grace period before liquidation, and what it is worth."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import parse_time
from liquest.errors import InputError, UsageError
from liquest.rules.book import book
from liquest.rules.grace import (
    AT_END,
    AT_ONCE,
    REGULAR,
    VIP,
    GraceRule,
    Privilege,
    Resolution,
    Settled,
    privilege,
    settle,
)

D = Decimal


def resolve(pattern: str, grace: int, clears: str = AT_END) -> Resolution:
    """`pattern` has x for a second below the maintenance margin."""
    equity = [D(0) if mark == "x" else D(2) for mark in pattern]
    return GraceRule(vip=grace, clears=clears).resolve(equity, [D(1)] * len(pattern), VIP)


def test_without_grace_the_first_breach_is_the_close() -> None:
    assert resolve("..x.x", 0) == Resolution(2, 2, ())


def test_a_breach_waits_until_the_grace_ends() -> None:
    assert resolve(".xxxx.", 3) == Resolution(1, 4, ())


def test_compliant_again_at_the_end_clears_the_breach() -> None:
    assert resolve(".xxx..", 3) == Resolution(1, None, (1,))
    # What happens between is not looked at: a dip at the end counts.
    assert resolve(".x..x.", 3) == Resolution(1, 4, ())
    assert resolve(".x..x.", 3, AT_ONCE) == Resolution(1, None, (1, 4))


def test_a_cleared_breach_starts_anew() -> None:
    assert resolve("xx.xxx", 2) == Resolution(3, 5, (0,))


def test_a_grace_beyond_the_record_stays_open() -> None:
    assert resolve("..xx", 5) == Resolution(2, None, ())


def test_the_balance_must_fall_below_not_to_the_margin() -> None:
    assert GraceRule().resolve([D(1)], [D(1)], REGULAR).closed is None


def test_classes_have_their_own_grace() -> None:
    rule = GraceRule(vip=60, regular=5)
    assert (rule.seconds(VIP), rule.seconds(REGULAR)) == (60, 5)
    with pytest.raises(UsageError):
        rule.seconds("friend")


def test_a_longer_grace_can_be_earlier_when_it_is_looked_at_once() -> None:
    # Two dips: five seconds wait out the first and restart at the second, seven end in it.
    pattern = "xxxxx.xxxxxxx"
    assert resolve(pattern, 5).closed == 11
    assert resolve(pattern, 7).closed == 7
    assert [resolve(pattern, g, AT_ONCE).closed for g in (5, 7)] == [11, None]


@pytest.mark.parametrize("fields", [{"vip": -1}, {"regular": -1}, {"clears": "never"}])
def test_a_grace_that_cannot_be_is_refused(fields: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        GraceRule(**fields)  # type: ignore[arg-type]


def test_series_of_different_lengths_are_refused() -> None:
    with pytest.raises(InputError):
        GraceRule().resolve([D(1)], [], VIP)


def test_the_rule_of_the_day_has_no_grace_and_the_claim_stands_as_its_range() -> None:
    rules = book().at(parse_time("2025-10-10T21:20:00Z"))
    assert GraceRule.of(rules) == GraceRule(vip=0, regular=0)
    assert [int(str(v)) for v in rules.get("grace.vip").span] == [0, 86_400]
    assert GraceRule.of(rules.override("grace.vip", "90s")) == GraceRule(vip=90)


def test_what_is_kept_and_what_the_fund_loses() -> None:
    equity = [D(5), D(1), D(-4), D(8)]
    assert settle(1, equity, 1) == Settled(1, D(0), D(1))
    assert settle(1, equity, 2) == Settled(1, D(0), D(-4))
    assert settle(1, equity, None) == Settled(1, D(8), D(0))
    # Spared by the grace the account keeps 8, and the fund misses the 1 that it had.
    gain = privilege([settle(1, equity, None)], [settle(1, equity, 1)])
    assert gain == Privilege(kept=D(8), fund=D(1), value=D(7))
    # Closed later and deeper, it keeps nothing, and the fund bears the deficit.
    loss = privilege([settle(1, equity, 2)], [settle(1, equity, 1)])
    assert loss == Privilege(kept=D(0), fund=D(5), value=D(-5))


def test_the_same_accounts_must_stand_on_both_sides() -> None:
    with pytest.raises(InputError):
        privilege([settle(1, [D(1)], None)], [settle(2, [D(1)], None)])


patterns = st.text(alphabet="x.", max_size=30)
graces = st.integers(0, 12)


def late(closed: int | None) -> float:
    return float("inf") if closed is None else closed


@settings(max_examples=1000, deadline=None)
@given(patterns, graces, graces)
def test_a_longer_grace_is_weakly_later(pattern: str, grace: int, more: int) -> None:
    short, long = resolve(pattern, grace, AT_ONCE), resolve(pattern, grace + more, AT_ONCE)
    assert late(short.closed) <= late(long.closed)


@settings(max_examples=1000, deadline=None)
@given(patterns, graces, st.sampled_from([AT_END, AT_ONCE]))
def test_any_grace_is_weakly_later_than_none(pattern: str, grace: int, clears: str) -> None:
    found = resolve(pattern, grace, clears)
    first = resolve(pattern, 0).closed
    assert late(first) + grace <= late(found.closed)
    assert (first is None) == (found.breach is None)
    if found.closed is not None:
        assert found.breach is not None and found.closed == found.breach + grace
        assert pattern[found.breach] == pattern[found.closed] == "x"
    if clears == AT_ONCE and found.closed is not None and found.breach is not None:
        assert "." not in pattern[found.breach : found.closed + 1]
    assert all(pattern[second] == "x" for second in found.cleared)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.integers(-9, 9).map(D), min_size=3, max_size=8), max_size=5), graces)
def test_the_value_is_what_both_gain_together(paths: list[list[Decimal]], grace: int) -> None:
    rule = GraceRule(vip=grace)
    sides: list[list[Settled]] = [[], []]
    for account, equity in enumerate(paths):
        margin = [D(1)] * len(equity)
        for side, name in zip(sides, (VIP, REGULAR), strict=True):
            closed = rule.resolve(equity, margin, name).closed
            side.append(settle(account, equity, closed))
    gain = privilege(*sides)
    together = [sum((s.kept + s.fund for s in side), D(0)) for side in sides]
    assert gain.value == together[0] - together[1]
    assert privilege(*reversed(sides)).value == -gain.value
