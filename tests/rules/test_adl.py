"""Auto-deleveraging of one order: who is closed, in whole lots, at which price."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import parse_time
from liquest.errors import InputError, UsageError
from liquest.rules import adl_kernel
from liquest.rules.adl import ALLOCATIONS, PRICES, AdlRule, Closed
from liquest.rules.book import book
from liquest.rules.scores import SCORES, Candidate

D = Decimal


def short(account: int, quantity: str, entry: str = "110", equity: str = "50") -> Candidate:
    """A short at a mark of 100."""
    return Candidate(account, -1, D(quantity), D(entry), D(100), D(equity), D(equity), D(1))


def test_the_example_of_bitmex() -> None:
    # Longs from 100 at 110, with the equity that gives each the score of the example.
    sizes = {1: (10, 3), 2: (10, 6), 3: (20, 1), 4: (30, 4), 5: (20, 5), 6: (10, 2)}
    longs = []
    for account, (quantity, score) in sizes.items():
        equity = D(quantity) * 110 / 10 / score
        longs.append(Candidate(account, 1, D(quantity), D(100), D(110), equity, equity, D(1)))
        found = SCORES["bitmex"].score(longs[-1])
        assert found is not None and abs(found - score) < D("1e-20")
    rule = AdlRule("bitmex", "queue")
    assert rule.close(D(20), longs, D(115)) == Closed({2: D(10), 5: D(10)}, D(0))


def test_shares_go_by_profit_leverage_or_equity() -> None:
    # Profits 300 and 100; leverage·profit 300·3000/300 and 100·1000/50; equities 300 and 50.
    two = [short(1, "30", equity="300"), short(2, "10", equity="50")]
    taken = {
        name: AdlRule(allocation=name).close(D(20), two, D(105)).quantities for name in ALLOCATIONS
    }
    assert taken["pro-rata"] == taken["contract-lots"] == {1: D(15), 2: D(5)}
    assert taken["leverage"] == {1: D(12), 2: D(8)}
    assert taken["min-max"] == {1: D(17), 2: D(3)}
    assert taken["queue"] == {1: D(10), 2: D(10)}
    capped = AdlRule(allocation="capped", cap=D("0.4")).close(D(20), two, D(105))
    assert capped == Closed({1: D(12), 2: D(4)}, D(4))


def test_shares_take_only_positions_in_profit() -> None:
    mixed = [short(1, "10"), short(2, "10", entry="90")]
    assert AdlRule(allocation="pro-rata").close(D(15), mixed, D(105)).residual == 5
    # A queue of Binance goes on to those in loss.
    assert AdlRule().close(D(15), mixed, D(105)) == Closed({1: D(10), 2: D(5)}, D(0))


def test_nobody_need_be_closed_at_a_loss() -> None:
    # Closed at 112, a short from 110 loses although the mark of 100 shows a profit.
    two = [short(1, "10"), short(2, "10", entry="120")]
    careless = AdlRule("binance-2025", "pro-rata").close(D(20), two, D(112))
    assert careless.quantities == {1: D(10), 2: D(10)}
    spared = AdlRule("binance-2025", "pro-rata", spare_cash=True).close(D(20), two, D(112))
    assert spared == Closed({2: D(10)}, D(10))


def test_the_closing_price_is_a_policy() -> None:
    prices = {name: p.price(D(3), D(1), D(2)) for name, p in PRICES.items()}
    assert prices == {"bankruptcy": 3, "mark": 1, "previous-mark": 2}


def test_names_are_those_of_the_kernel() -> None:
    assert tuple(adl_kernel.ALLOCATIONS) == ALLOCATIONS
    assert list(adl_kernel.SCORES) == list(SCORES)
    assert list(adl_kernel.PRICES) == list(PRICES)


@pytest.mark.parametrize("fields", [{"score": "best"}, {"allocation": "fair"}, {"price": "last"}])
def test_an_unknown_name_is_refused_with_the_known_ones(fields: dict[str, str]) -> None:
    with pytest.raises(UsageError) as refused:
        AdlRule(**fields)  # type: ignore[arg-type]
    assert next(iter(fields)) in str(refused.value) and refused.value.remedy is not None


@pytest.mark.parametrize("fields", [{"lot": D(0)}, {"cap": D(0)}, {"cap": D("1.5")}])
def test_a_lot_or_a_cap_out_of_range_is_refused(fields: dict[str, Decimal]) -> None:
    with pytest.raises(InputError):
        AdlRule(**fields)  # type: ignore[arg-type]


def test_quantities_that_are_no_whole_lots_are_refused() -> None:
    with pytest.raises(InputError) as refused:
        AdlRule(lot=D("0.1")).close(D("1.05"), [short(1, "10")], D(105))
    assert refused.value.where == "adl"
    with pytest.raises(InputError) as refused:
        AdlRule(lot=D(3)).close(D(3), [short(9, "10")], D(105))
    assert refused.value.where == "account 9"


def test_a_rule_is_read_from_the_rulebook() -> None:
    rules = book().at(parse_time("2025-10-10T21:20:00Z"))
    assert AdlRule.of(rules, "BTCUSDT") == AdlRule(
        "binance-2025", "queue", "bankruptcy", D("0.001")
    )
    for path, word in (
        ("adl.score", "bitmex"),
        ("adl.allocation", "capped"),
        ("adl.price", "mark"),
    ):
        rules = rules.override(path, word)
    asked = AdlRule.of(rules.override("adl.lot", "0.5"), "BTCUSDT")
    assert asked == AdlRule("bitmex", "capped", "mark", D("0.5"))


lots = st.integers(1, 30)


@st.composite
def some_shorts(draw: st.DrawFn) -> list[Candidate]:
    return [
        short(a, str(draw(lots)), str(draw(st.integers(80, 140))), str(draw(st.integers(1, 900))))
        for a in range(1, draw(st.integers(1, 6)) + 1)
    ]


@settings(max_examples=500, deadline=None)
@given(
    some_shorts(), lots, st.sampled_from(ALLOCATIONS), st.sampled_from(sorted(SCORES)),
    st.booleans(),
)  # fmt: skip
def test_contracts_net_and_no_position_grows_or_flips(
    shorts: list[Candidate], quantity: int, allocation: str, score: str, spare: bool
) -> None:
    rule = AdlRule(score, allocation, spare_cash=spare)
    found = rule.close(D(quantity), shorts, D(105))
    assert sum(found.quantities.values()) + found.residual == quantity
    held = {c.account: c for c in shorts}
    assert all(0 < q <= held[a].quantity for a, q in found.quantities.items())
    assert found.residual >= 0
    if spare:
        # x ≤ w: what a close at 105 costs against the mark is no more than the profit.
        assert all(q * 5 <= held[a].profit for a, q in found.quantities.items())


@settings(max_examples=300, deadline=None)
@given(some_shorts(), lots, lots, st.sampled_from(sorted(SCORES)))
def test_a_queue_takes_more_of_nobody_when_it_needs_less(
    shorts: list[Candidate], quantity: int, more: int, score: str
) -> None:
    rule = AdlRule(score, "queue")
    low = rule.close(D(quantity), shorts, D(105)).quantities
    high = rule.close(D(quantity + more), shorts, D(105)).quantities
    assert all(high[a] >= q for a, q in low.items())
    partly = [c.account for c in shorts if 0 < low.get(c.account, D(0)) < c.quantity]
    assert len(partly) <= 1
