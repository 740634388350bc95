"""Scores of auto-deleveraging: each venue's text, on both sides, linear and inverse."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError
from liquest.rules.scores import SCORES, Candidate, queue

D = Decimal


def candidate(
    account: int = 1,
    side: int = -1,
    quantity: str = "10",
    entry: str = "100",
    mark: str = "80",
    wallet: str = "300",
    equity: str = "500",
    maintenance: str = "8",
    inverse: bool = False,
) -> Candidate:
    numbers = (D(quantity), D(entry), D(mark), D(wallet), D(equity), D(maintenance))
    return Candidate(account, side, *numbers, inverse)


def score(name: str, one: Candidate) -> Decimal | None:
    return SCORES[name].score(one)


# A short of 10 from 100 at 80: u = 200, N = 800, equity 500, wallet 300, maintenance 8.
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("binance-2025", "0.4"),  # 200/800 · 800/500
        ("binance-2019", "0.0106666666666666666666666667"),  # 200/300 · 8/500
        ("bitmex", "0.32"),  # 200/1000 · 800/500
        ("bybit", "0.32"),  # 20/100 · 800/500
        ("hyperliquid", "1.28"),  # 80/100 · 800/500
        ("hyperliquid-sided", "2"),  # 100/80 · 800/500
    ],
)
def test_a_short_in_profit(name: str, expected: str) -> None:
    found = score(name, candidate())
    assert found is not None and abs(found - D(expected)) < D("1e-20")


# The same short at 120: u = −200, N = 1200, equity 100.
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("binance-2025", D(-200) / 1200 / 12),
        ("binance-2019", D(0)),
        ("bitmex", D(-200) / 1000 / 12),
        ("bybit", None),
        ("hyperliquid", None),
        ("hyperliquid-sided", None),
    ],
)
def test_a_short_in_loss(name: str, expected: Decimal | None) -> None:
    found = score(name, candidate(mark="120", equity="100"))
    if expected is None:
        assert found is None
    else:
        assert found is not None and abs(found - expected) < D("1e-20")


def test_the_wallet_of_the_older_text_counts_as_one_at_least() -> None:
    small = score("binance-2019", candidate(wallet="0.5", equity="200.5"))
    assert small == score("binance-2019", candidate(wallet="1", equity="200.5"))


# 1,000 USD long from 50 at 100: x from 0.02 to 0.01, u = 10, N = 10 coins; equity 15.
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("binance-2025", D(10) / 15),
        ("bitmex", D(10) / 20 * 10 / 15),
        ("bybit", D(1) * 10 / 15),
        ("hyperliquid", D(2) * 10 / 15),
        ("hyperliquid-sided", D(2) * 10 / 15),
    ],
)
def test_an_inverse_long_is_scored_in_the_coin(name: str, expected: Decimal) -> None:
    one = candidate(side=1, quantity="1000", entry="50", mark="100", equity="15", inverse=True)
    found = score(name, one)
    assert found is not None and abs(found - expected) < D("1e-20")


@pytest.mark.parametrize("name", SCORES)
@pytest.mark.parametrize("equity", ["0", "-1"])
def test_without_equity_a_position_is_in_no_queue(name: str, equity: str) -> None:
    assert score(name, candidate(equity=equity)) is None


def test_hyperliquid_as_written_puts_the_short_with_the_least_profit_first() -> None:
    # Same notional, same leverage; one short has gained 50 %, the other 1 %.
    rich = candidate(account=1, entry="200", mark="100", equity="500")
    poor = candidate(account=2, entry="101", mark="100", equity="500")
    literal, sided = SCORES["hyperliquid"], SCORES["hyperliquid-sided"]
    assert [c.account for c in queue([rich, poor], literal)] == [2, 1]
    assert [c.account for c in queue([rich, poor], sided)] == [1, 2]
    # Among longs both agree.
    up = [candidate(account=a, side=1, entry=e, mark="100") for a, e in ((1, "50"), (2, "99"))]
    assert [c.account for c in queue(up, literal)] == [c.account for c in queue(up, sided)]


def test_equal_scores_go_by_account_number() -> None:
    same = [candidate(account=a) for a in (3, 1, 2)]
    assert [c.account for c in queue(same, SCORES["binance-2025"])] == [1, 2, 3]


@pytest.mark.parametrize(
    ("field", "value"), [("side", 0), ("quantity", D(0)), ("entry", D(-1)), ("equity", D("nan"))]
)
def test_what_is_no_position_is_refused(field: str, value: object) -> None:
    fields = {**candidate().__dict__, field: value}
    with pytest.raises(InputError) as refused:
        Candidate(**fields)
    assert refused.value.where == "account 1" and refused.value.remedy is not None


amounts = st.integers(1, 10_000).map(D)
RANKED = [n for n in SCORES if n != "hyperliquid"]


@settings(max_examples=300, deadline=None)
@given(amounts, amounts, amounts, amounts, st.sampled_from([1, -1]), st.booleans())
def test_more_leverage_never_lowers_the_score_of_a_profit(
    quantity: Decimal, entry: Decimal, mark: Decimal, equity: Decimal, side: int, inverse: bool
) -> None:
    tight = Candidate(1, side, quantity, entry, mark, equity, equity, D(1), inverse)
    loose = Candidate(1, side, quantity, entry, mark, equity, 2 * equity, D(1), inverse)
    if tight.profit <= 0:
        return
    for name in RANKED:
        high, low = score(name, tight), score(name, loose)
        assert high is not None and low is not None and high >= low, name
