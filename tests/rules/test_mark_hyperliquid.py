"""hyperliquid: the median of oracle, own book and other venues, and what joins two of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from liquest.errors import UsageError
from liquest.rules.constituents import Source, shares
from liquest.rules.hyperliquid import book, external, hyperliquid
from liquest.rules.index import IndexRule, Quote, index_price
from liquest.rules.mark import MarkRule, mark_price
from liquest.rules.second import ABSENT, PART, WHOLE, Second

D = Decimal
RULE = MarkRule("hyperliquid")


def venues(*prices: int | None) -> tuple[Decimal | None, ...]:
    return tuple(None if p is None else D(p) for p in prices)


def test_three_inputs_and_the_median_of_them() -> None:
    now = Second(
        index=D(100), last=D(94), mid=D(95), bid=D(93), ask=D(97),
        external=venues(97, 98, 99, 90, 91),
    )  # fmt: skip
    # Oracle and EMA: 100 - 5 = 95; own book: 94; venues: weights 1, 1, 3 reach 5 of 9 at 97.
    assert mark_price([now], RULE) == (D(95), WHOLE)
    assert hyperliquid(now, [now]) == (D(95), WHOLE)


def test_the_weights_of_the_venues() -> None:
    assert external(Second(external=venues(5, 4, 3, 2, 1))) == 4  # 1, 1, 2 and then 2 of 9
    assert external(Second(external=venues(5, None, 3, None, None))) == 5  # 2, then 3 of 5
    assert external(Second(external=venues(None, 4, 3, None, None))) == D("3.5")  # half each
    assert external(Second(external=venues(None, None, None, None, None))) is None
    assert external(Second()) is None
    with pytest.raises(UsageError, match="2 venues for 5 weights"):
        external(Second(external=venues(1, 2)))


def test_the_own_book_is_what_there_is_of_it() -> None:
    assert book(Second(last=D(5), bid=D(1), ask=D(9))) == 5
    assert book(Second(bid=D(1), ask=D(9))) == 5
    assert book(Second(last=D(5), bid=D(1))) == 3
    assert book(Second(last=D(5))) == 5
    assert book(Second(last=D(5), mid=D(8))) == 8  # the mid for bid and ask
    assert book(Second()) is None


def test_the_short_average_of_the_book_joins_two_inputs() -> None:
    before = Second(last=D(50), bid=D(50), ask=D(50))
    now = Second(index=D(100), last=D(90), mid=D(90), bid=D(90), ask=D(90))
    # 100 - 10 = 90 and 90, with an EMA of 50 and 90 below both.
    assert mark_price([before, now], RULE) == (D(90), PART)
    apart = Second(last=D(90), bid=D(90), ask=D(90), external=venues(100, 100, 100, 100, 100))
    found = mark_price([before, apart], RULE)
    # 90, 100 and an EMA between 50 and 90: the middle is 90, not their mean.
    assert found == (D(90), PART)


def test_one_input_is_the_mark_and_with_none_the_oracle() -> None:
    assert mark_price([Second(last=D(90))], RULE) == (D(90), PART)
    assert mark_price([Second(index=D(100))], RULE) == (D(100), PART)
    assert mark_price([Second(mid=None)], RULE) == (None, ABSENT)


def test_the_average_outlives_the_book() -> None:
    # One sample of -10, then neither bid nor ask nor trade: oracle and EMA alone.
    past = [Second(index=D(100), mid=D(90)), Second(index=D(110))]
    assert mark_price(past, RULE) == (D(100), PART)


def test_the_oracle_is_an_index_by_weighted_median() -> None:
    names = ["Binance", "OKX", "Bybit", "Kraken", "KuCoin", "Gate", "MEXC"]
    sources = [Source(n, weight=D(w)) for n, w in zip(names, (3, 2, 2, 1, 1, 1, 1), strict=True)]
    prices = (60, 98, 99, 100, 101, 102, 103)
    quotes = [
        Quote(n, D(p), weight=w) for n, p, w in zip(names, prices, shares(sources), strict=True)
    ]
    # Binance alone at 60: 3, 5, 7 of 11 at 99.
    assert index_price(quotes, IndexRule(method="weighted-median")).value == 99
