"""The call auction: its price, volume and fills, and the price against every other."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError
from liquest.rules.auction import AuctionOrder, Uncrossing, uncross

D = Decimal
ONE = D(1)


def bid(quantity: int, limit: int | None = None) -> AuctionOrder:
    return AuctionOrder(1, 1, D(quantity), None if limit is None else D(limit))


def ask(quantity: int, limit: int | None = None) -> AuctionOrder:
    return AuctionOrder(2, -1, D(quantity), None if limit is None else D(limit))


def test_the_price_executes_most() -> None:
    # At 101 six trade; at 100 and 102 five.
    orders = [bid(5, 102), bid(4, 101), ask(5, 100), ask(1, 101), ask(9, 103)]
    found = uncross(orders, D(100), ONE)
    assert found == Uncrossing(D(101), D(6), D(3), (D(5), D(1), D(5), D(1), D(0)))


def test_of_equal_volumes_the_least_imbalance_wins() -> None:
    # Five trade from 100 to 104; at 104 the second bid of 3 is out.
    orders = [bid(5, 104), bid(3, 102), ask(5, 100)]
    assert uncross(orders, D(100), ONE).price == 103
    assert uncross(orders, D(100), ONE).imbalance == 0


def test_of_equal_imbalances_the_nearest_to_the_reference_wins() -> None:
    orders = [bid(5, 110), ask(5, 100)]
    for reference, price in ((90, 100), (104, 104), (120, 110)):
        assert uncross(orders, D(reference), ONE).price == price
    # Between two ticks the lower one.
    assert uncross(orders, D("104.5"), ONE).price == 104


def test_orders_without_a_limit_go_first() -> None:
    orders = [bid(5, 110), bid(3), ask(4, 100), ask(2)]
    found = uncross(orders, D(105), ONE)
    assert found.volume == 6 and found.fills == (D(3), D(3), D(4), D(2))
    assert uncross([bid(3), ask(2)], D(105), ONE).price == 105


def test_without_a_cross_nothing_is_executed() -> None:
    orders = [bid(5, 99), ask(5, 100)]
    assert uncross(orders, D(99), ONE) == Uncrossing(None, D(0), D(0), (D(0), D(0)))
    assert uncross([], D(99), ONE).price is None


def test_limits_are_whole_ticks_and_orders_have_a_side() -> None:
    with pytest.raises(InputError):
        uncross([bid(5, 99), AuctionOrder(2, -1, D(1), D("98.5"))], D(99), ONE)
    with pytest.raises(InputError):
        AuctionOrder(1, 0, D(1), D(1))
    with pytest.raises(InputError):
        AuctionOrder(1, 1, D(0), D(1))


some = st.builds(
    lambda side, quantity, limit: AuctionOrder(
        0, side, D(quantity), None if limit is None else D(limit)
    ),
    st.sampled_from([1, -1]),
    st.integers(1, 9),
    st.one_of(st.integers(2, 20), st.none()),
)


@settings(max_examples=700, deadline=None)
@given(st.lists(some, max_size=8), st.integers(2, 44).map(lambda n: D(n) / 2))
def test_no_tick_is_better_than_the_price(orders: list[AuctionOrder], reference: Decimal) -> None:
    def rank(price: Decimal) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        demand = sum(
            (o.quantity for o in orders if o.side > 0 and (o.limit is None or o.limit >= price)),
            D(0),
        )
        supply = sum(
            (o.quantity for o in orders if o.side < 0 and (o.limit is None or o.limit <= price)),
            D(0),
        )
        return -min(demand, supply), abs(demand - supply), abs(price - reference), price

    best = min(rank(D(price)) for price in range(1, 30))
    found = uncross(orders, reference, ONE)
    assert found.volume == -best[0]
    assert found.price == (best[3] if best[0] else None)
    for side in (1, -1):
        filled = [
            (order, fill)
            for order, fill in zip(orders, found.fills, strict=True)
            if order.side == side
        ]
        assert sum(fill for _, fill in filled) == found.volume
        for order, fill in filled:
            assert 0 <= fill <= order.quantity
            if fill and order.limit is not None and found.price is not None:
                assert side * (order.limit - found.price) >= 0
        # A better limit is never passed over.
        for order, fill in filled:
            for other, theirs in filled:
                better = order.limit is None or (
                    other.limit is not None and side * (order.limit - other.limit) > 0
                )
                if better and other.limit is not None and theirs:
                    assert fill == order.quantity
