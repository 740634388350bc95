"""Against the truth of synthetic accounts: every forced order is found, and nothing else."""

from __future__ import annotations

from functools import cache

from _synthetic_rows import exports_of

from liquest.losses.forced.forced_order import AT_LIMIT, EXPIRED, TAKEOVER
from liquest.losses.forced.forced_record import ForcedRecord, forced_record
from liquest.losses.ledger.reconstruct import reconstruct
from liquest.losses.synthetic.plan import Plan
from liquest.losses.synthetic.simulate import simulate
from liquest.losses.synthetic.truth import Truth
from liquest.problems import Problem
from liquest.rules.exact import ZERO, exact

SEEDS = range(90)


@cache
def truth_of(seed: int) -> Truth:
    return simulate(Plan(seed))


def made(seed: int, *, orders: bool = True) -> tuple[Truth, ForcedRecord, list[Problem]]:
    truth = truth_of(seed)
    exports = exports_of(truth, orders=orders)
    return truth, *forced_record(exports, reconstruct(exports)[0], None)


def true_orders(truth: Truth) -> list[str]:
    return sorted(truth.orders[sale.order].order_id for c in truth.chains for sale in c.sales)


@exact
def test_orders_chains_fees_and_deficits_are_the_true_ones() -> None:
    orders = deleveraged = 0
    for seed in SEEDS:
        truth, record, problems = made(seed)
        assert problems == []
        assert sorted(one.order_id for one in record.orders) == true_orders(truth)
        expired = sum(chain.expired for chain in truth.chains)
        assert sum(one.outcome == EXPIRED for one in record.orders) == expired
        adl = {o.order_id for o in truth.orders if o.client_id.startswith("adl_")}
        assert {one.order_id for one in record.adl} == adl
        assert all(chain.others == 0 for chain in record.chains)
        booked = ZERO
        for event in record.liquidations:
            booked += sum((one.amount for one in event.cleared), ZERO)
            for one in event.orders:
                booked -= sum((paid.amount for paid in one.clearance), ZERO)
        assert booked == sum((chain.cleared for chain in truth.chains), ZERO)
        orders, deleveraged = orders + len(record.orders), deleveraged + len(adl)
    assert orders > 300 and deleveraged > 5


def test_a_takeover_is_at_the_bankruptcy_price_of_the_truth() -> None:
    taken = 0
    for seed in SEEDS:
        truth, record, _ = made(seed)
        sales = {truth.orders[s.order].order_id: s for c in truth.chains for s in c.sales}
        for one in record.orders:
            if one.outcome in (TAKEOVER, AT_LIMIT):
                price = sales[one.order_id].bankruptcy
                if price is not None and one.average is not None:
                    # On the grid of prices, towards the account.
                    assert one.side * (price - one.average) >= 0
                    taken += one.outcome == TAKEOVER
    assert taken > 60


def test_without_the_orders_what_a_clearance_betrays_is_nearly_always_forced() -> None:
    """No clearance, no inference: a part is found, and of what is found all but few are true."""
    right = wrong = missed = 0
    for seed in SEEDS:
        truth, record, _ = made(seed, orders=False)
        forced = {
            truth.orders[sale.order].order_id
            for chain in truth.chains
            for sale in chain.sales
            if truth.orders[sale.order].executed
        }
        found = {one.order_id for one in record.orders}
        assert all(one.inferred for one in record.orders)
        right += len(found & forced)
        wrong += len(found - forced)
        missed += len(forced - found)
    assert right > 60 and wrong <= right // 50 and missed < right
