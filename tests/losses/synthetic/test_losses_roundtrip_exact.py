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

import pytest
from _written import Back, back, plans, quantity
from hypothesis import given, settings

from liquest.losses.ledger.ledger import (
    ASSUMED_FLAT,
    CLEARED,
    CLOSING,
    FLAT,
    FUNDED,
    GIVEN,
    SOLVED,
    UNKNOWN,
)
from liquest.losses.synthetic.contracts import contract
from liquest.losses.synthetic.plan import Plan
from liquest.rules.exact import exact

SOME = settings(max_examples=60, deadline=None)
EMPTY_PARTS = "no-rows"
"""A part of an export in which nothing happened has a header only, and that is said."""
NOT_SURE = "opening-not-sure"
"""A first inflow does not prove that the account began with it: one for each such wallet."""
ACCUSED = {
    "trades-do-not-lead-there", "realised-not-rebuilt", "position-differs", "closes-more-than-held",
    "position-impossible", "position-without-trades", "funding-without-position", "below-zero",
    "clear-not-to-zero", "closing-differs", "accounts-differ", "amount-differs",
}  # fmt: skip
"""What is said of rows that are wrong. A cut export has none."""
CLOSE = Decimal("1E-50")
"""Relative: entries are quotients at 80 digits on both sides."""


def by_contract(rows: Any) -> list[Any]:
    """Rows without their place in a file. Ids are counted by contract and market, so the order
    within one second is told within each only."""
    plain = [row._replace(ref=None) for row in rows]
    return sorted(plain, key=lambda r: (r.ts, r.market, getattr(r, "order_id", "") and r.symbol))


def wallets_are_true(done: Back, *, known: bool = False) -> None:
    """At the time of every row that the export holds; of those that are `known` alone, or all."""
    for (market, asset), steps in done.truth.balances.items():
        times = [b.ts for b in steps if done.shown(b.ts)]
        path = done.ledger.wallet(market, asset)
        assert (path is not None) or not times
        if path is None or (known and not path.known):
            continue
        for ts in times:
            assert path.at(ts) == done.truth.wallet((market, asset), ts), (path.opening_by, ts)


@exact
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
                off = true.entry * CLOSE + held.slack
                assert abs(held.entry - true.entry) <= off, (key, path.opening_by, ts)


def no_row_is_accused(done: Back) -> None:
    """Every row is intact."""
    assert not {p.code for p in done.problems} & ACCUSED
    assert [
        line for line in done.ledger.lines if not line.closes and line.name != "transfers"
    ] == []


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
    unsure = [w for w in done.ledger.wallets if not w.known]
    said = Counter(p.code for p in done.problems if p.code != EMPTY_PARTS)
    assert said == ({NOT_SURE: len(unsure)} if unsure else {})


@given(plans)
@SOME
def test_a_cut_export_with_its_end_comes_back_exactly(plan: Plan) -> None:
    done = back(plan, cut=True, known="end")
    wallets_are_true(done)
    positions_are_true(done)
    assert {w.opening_by for w in done.ledger.wallets} <= {CLOSING}
    for path in done.ledger.positions:
        opened = path.opening.quantity if path.opening else Decimal(0)
        assert path.opening_by != UNKNOWN
        assert opened == quantity(done.truth, (path.symbol, path.place), done.start - 1)
    no_row_is_accused(done)


@given(plans)
@settings(max_examples=30, deadline=None)
def test_a_cut_export_with_its_beginning_comes_back_exactly(plan: Plan) -> None:
    done = back(plan, cut=True, known="start")
    wallets_are_true(done)
    assert {w.opening_by for w in done.ledger.wallets} <= {GIVEN}
    no_row_is_accused(done)


@given(plans)
@SOME
def test_what_a_cut_export_is_said_to_show_is_true(plan: Plan) -> None:
    """What is assumed is not called known, and is named."""
    done = back(plan, cut=True)
    wallets_are_true(done, known=True)
    positions_are_true(done, but=(ASSUMED_FLAT, UNKNOWN))
    for wallet in done.ledger.wallets:
        assert not wallet.known or wallet.opening_by in (CLEARED, FUNDED)
    for path in done.ledger.positions:
        opened = path.opening.quantity if path.opening else Decimal(0)
        if path.opening_by in (SOLVED, FLAT):
            assert opened == quantity(done.truth, (path.symbol, path.place), done.start - 1)
    said = Counter(p.code for p in done.problems)
    unsure = sum(not w.known and bool(w.steps) for w in done.ledger.wallets)
    assert said["opening-unknown"] + said[NOT_SURE] == unsure
    no_row_is_accused(done)


TRIPLE = ("ATOMUSDT", "BTCUSDC", "DOGEUSDT")
FOUND = (
    (Plan(34, symbols=TRIPLE, hedge=False, mode="mixed"), "end"),
    (Plan(216, symbols=TRIPLE, hedge=False, mode="mixed"), "end"),
    (Plan(216, symbols=TRIPLE, hedge=False, mode="mixed"), "start"),
    (Plan(19, symbols=TRIPLE, hedge=False, mode="cross"), ""),
    (Plan(1298, symbols=("ATOMUSD_PERP",), hedge=True, mode="cross"), ""),
)
"""A flip at the cut; a clear beside isolated margin; a flip and nothing given; an opening on top
of what was held, at the same price."""


@pytest.mark.parametrize(("plan", "known"), FOUND)
def test_cuts_that_were_once_read_wrongly(plan: Plan, known: str) -> None:
    done = back(plan, cut=True, known=known)
    wallets_are_true(done, known=True)
    positions_are_true(done, but=(ASSUMED_FLAT, UNKNOWN))
    no_row_is_accused(done)


def test_a_wallet_may_stand_below_zero_while_positions_carry_it() -> None:
    done = back(Plan(1, symbols=("ATOMUSD_PERP", "ETHUSDT"), hedge=True, mode="cross"))
    low = [s for s in done.ledger.wallets for b in s.steps if b.balance < 0]
    assert low and {w.opening_by for w in done.ledger.wallets} <= {FUNDED, CLEARED}
    wallets_are_true(done)
