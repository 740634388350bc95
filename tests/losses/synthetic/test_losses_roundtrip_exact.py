"""Round trip: what is read and rebuilt from the files of a synthetic account is its truth.

The generator keeps its own books and shares no code with the readers. An export of the whole
life comes back to the last digit. One that begins in the middle or ends early comes back as far
as it says: with the balances and positions of the end it is exact, with nothing more what is
stated as known is true, and what is not known is said to be.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from _written import Back, back, plans, quantity
from hypothesis import given, settings

from liquest.losses.ledger.ledger import (
    ASSUMED_FLAT,
    ASSUMED_ZERO,
    CLEARED,
    CLOSING,
    FUNDED,
    GIVEN,
    UNKNOWN,
)
from liquest.losses.synthetic.contracts import contract
from liquest.losses.synthetic.plan import Plan

SOME = settings(max_examples=120, deadline=None)
EMPTY_PARTS = "no-rows"
"""A part of an export in which nothing happened has a header only, and that is said."""
CLOSE = Decimal("1E-50")
"""Relative: entries are quotients at 80 digits on both sides."""


def by_contract(rows: Any) -> list[Any]:
    """Rows without their place in a file. Ids are counted by contract and market, so the order
    within one second is told within each only."""
    plain = [row._replace(ref=None) for row in rows]
    return sorted(plain, key=lambda r: (r.ts, r.market, getattr(r, "order_id", "") and r.symbol))


def wallets_are_true(done: Back, *, only: tuple[str, ...] = ()) -> None:
    """At the time of every row that the export holds."""
    for (market, asset), steps in done.truth.balances.items():
        times = [b.ts for b in steps if done.shown(b.ts)]
        path = done.ledger.wallet(market, asset)
        assert (path is not None) or not times
        if path is None or (only and path.opening_by not in only):
            continue
        for ts in times:
            assert path.at(ts) == done.truth.wallet((market, asset), ts), (path.opening_by, ts)


def positions_are_true(done: Back, *, but: tuple[str, ...] = ()) -> None:
    """After every trade that the export holds: quantity, and entry where it is stated."""
    for key, steps in done.truth.held.items():
        times = [h.ts for h in steps if h.row >= 0 and done.shown(h.ts)]
        path = done.ledger.position(contract(key[0]).market, *key)
        assert path is not None or not times
        if path is None or path.opening_by in but:
            continue
        for ts in times:
            held, true = path.at(ts), done.truth.position(key, ts)
            said = held.quantity if held else Decimal(0)
            assert said == quantity(done.truth, key, ts), (key, path.opening_by, ts)
            if held is not None and held.entry is not None and true is not None:
                off = max(true.entry * CLOSE, held.slack)
                assert abs(held.entry - true.entry) <= off, (key, path.opening_by, ts)


@given(plans)
@SOME
def test_a_whole_export_comes_back_to_the_last_digit(plan: Plan) -> None:
    done = back(plan)
    truth, exports = done.truth, done.exports
    assert exports.uid == truth.traits.uid
    assert by_contract(exports.transactions) == by_contract(truth.transactions)
    assert by_contract(exports.trades) == by_contract(truth.trades)
    assert by_contract(exports.orders) == by_contract(truth.orders)
    sent = Counter((m.ts, m.asset, m.amount, m.source, m.target) for m in truth.movements)
    assert Counter((m.ts, m.asset, m.amount, m.source, m.target) for m in exports.movements) == sent
    wallets_are_true(done)
    positions_are_true(done)
    for path in done.ledger.positions:
        assert all(s.entry is not None for s in path.steps if s.quantity)
    assert [line for line in done.ledger.lines if not line.closes] == []
    assert {p.code for p in done.problems} <= {EMPTY_PARTS}


@given(plans)
@SOME
def test_a_cut_export_with_its_end_comes_back_exactly(plan: Plan) -> None:
    done = back(plan, cut=True, known="end")
    wallets_are_true(done)
    positions_are_true(done)
    for path in done.ledger.positions:
        opened = path.opening.quantity if path.opening else Decimal(0)
        if path.opening_by != UNKNOWN:
            assert opened == quantity(done.truth, (path.symbol, path.place), done.start - 1)


@given(plans)
@settings(max_examples=60, deadline=None)
def test_a_cut_export_with_its_beginning_comes_back_exactly(plan: Plan) -> None:
    done = back(plan, cut=True, known="start")
    wallets_are_true(done, only=(GIVEN, CLEARED, CLOSING, ASSUMED_ZERO))
    assert {w.opening_by for w in done.ledger.wallets} <= {GIVEN}


@given(plans)
@SOME
def test_what_a_cut_export_is_said_to_show_is_true(plan: Plan) -> None:
    """`funded` and the two assumed states are said to be assumptions; the rest is evidence."""
    done = back(plan, cut=True)
    assert FUNDED not in (CLEARED, CLOSING, GIVEN)
    wallets_are_true(done, only=(CLEARED, CLOSING, GIVEN))
    positions_are_true(done, but=(ASSUMED_FLAT, UNKNOWN))
    for wallet in done.ledger.wallets:
        if wallet.opening_by == ASSUMED_ZERO and not wallet.known:
            continue
        assert wallet.known
