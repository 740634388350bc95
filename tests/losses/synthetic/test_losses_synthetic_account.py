"""Synthetic accounts: their own accounting closes, and what is forced on them is by the rules."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import SECOND
from liquest.errors import UsageError
from liquest.losses.entries import COINM, CROSS, ISOLATED, USDM, Trade
from liquest.losses.synthetic.account import Account, Held, Key, Purse, money
from liquest.losses.synthetic.contracts import SYMBOLS, contract
from liquest.losses.synthetic.forced import at_bankruptcy
from liquest.losses.synthetic.plan import LATE, MODES, REFUSED, RESCUES, Plan
from liquest.losses.synthetic.simulate import simulate
from liquest.losses.synthetic.truth import (
    CLOSED,
    OPEN,
    PARTIAL,
    RECOVERED,
    TAKEOVER,
    Chain,
    Sale,
    Truth,
)  # fmt: skip
from liquest.losses.synthetic.units import units_of
from liquest.rules.bankruptcy import definition
from liquest.rules.exact import exact


def rational(value: Decimal) -> Fraction:
    return Fraction(value)


def to_8(value: Fraction) -> Decimal:
    """Half-even, from whole numbers alone."""
    scaled = value * 10**8
    return Decimal(round(scaled)).scaleb(-8)


@exact
def equity_then_and_all_changes_give_the_final_balance(truth: Truth) -> None:
    """equity + net transfers + all other changes + what open profits moved by = final equity"""
    middle, last = truth.start + truth.plan.seed % truth.plan.seconds * SECOND, truth.end
    for purse in truth.balances:
        open_then = truth.equity(purse, middle) - truth.wallet(purse, middle)
        open_last = truth.equity(purse, last) - truth.wallet(purse, last)
        later = [t for t in truth.transactions if (t.market, t.asset) == purse and t.ts > middle]
        transfers = sum((t.amount for t in later if t.type == "TRANSFER"), Decimal(0))
        changes = sum((t.amount for t in later if t.type != "TRANSFER"), Decimal(0))
        rebuilt = truth.equity(purse, middle) + transfers + changes + (open_last - open_then)
        assert abs(rebuilt - truth.equity(purse, last)) < Decimal("1E-60")


def what_is_realised_is_what_the_trades_say(truth: Truth) -> None:
    """From the trades alone, in rational numbers."""
    state: dict[Key, tuple[Fraction, Fraction]] = {}
    for trade in truth.trades:
        one = contract(trade.symbol)
        key = (trade.symbol, trade.place)
        held, cost = state.get(key, (Fraction(0), Fraction(0)))
        x = 1 / rational(trade.price) if one.inverse else rational(trade.price)
        signed = trade.side * rational(trade.quantity)
        realised = Fraction(0)
        if held * signed < 0:
            closing = min(abs(signed), abs(held)) * (1 if held > 0 else -1)
            moved = (cost / held - x) if one.inverse else (x - cost / held)
            realised = closing * moved * (rational(one.size) if one.inverse else 1)
            cost -= cost * closing / held
            held -= closing
            signed += closing
        state[key] = (held + signed, cost + signed * x)
        assert to_8(realised) == trade.realised
    for key, (held, _) in state.items():
        now = truth.position(key, truth.end)
        assert held == (rational(now.quantity) if now else 0)


def every_trade_has_its_rows(truth: Truth) -> None:
    rows: dict[tuple[int, str, str], list[Decimal]] = defaultdict(list)
    for row in truth.transactions:
        rows[row.ts, row.symbol, row.type].append(row.amount)
    trades: dict[tuple[int, str, str], list[Decimal]] = defaultdict(list)
    for trade in truth.trades:
        trades[trade.ts, trade.symbol, "COMMISSION"].append(-trade.fee)
    for trade in closing(truth):
        trades[trade.ts, trade.symbol, "REALIZED_PNL"].append(trade.realised)
    for key in {k for k in rows if k[2] in ("COMMISSION", "REALIZED_PNL")} | set(trades):
        assert sorted(rows[key]) == sorted(trades[key])
    ids = [int(t.id) for t in truth.transactions]
    assert ids == sorted(set(ids))
    assert [t.ts for t in truth.transactions] == sorted(t.ts for t in truth.transactions)


def closing(truth: Truth) -> list[Trade]:
    """The trades that a position stood against."""
    return [
        truth.trades[now.row]
        for steps in truth.held.values()
        for before, now in pairwise(steps)
        if now.row >= 0 and before.quantity * truth.trades[now.row].side < 0
    ]


def no_wallet_stays_below_zero(truth: Truth) -> None:
    """Below zero only while the profit of an open position stands against it, or in the course
    of a liquidation; the row that clears brings it to 0 exactly, but for isolated margin."""
    for purse, steps in truth.balances.items():
        for ts, amount in {b.ts: b.amount for b in steps}.items():
            assert amount >= 0 or any(u.purse == purse for u in truth.units(ts))
        for step in steps:
            row = truth.transactions[step.row]
            if row.type == "INSURANCE_CLEAR" and not row.symbol:
                margins = sum((h.margin for h in isolated_of(truth, purse, row.ts)), Decimal(0))
                assert row.amount > 0 and step.amount == margins


def isolated_of(truth: Truth, purse: Purse, ts: int) -> list[Held]:
    """The isolated positions of a wallet at a moment."""
    one = ((contract(key[0]), truth.position(key, ts)) for key in truth.held)
    return [h for c, h in one if h and h.isolated and (c.market, c.settle) == purse]


def a_liquidated_unit_was_below_its_maintenance_and_not_before(truth: Truth) -> None:
    for chain in truth.chains:
        assert chain.equity < chain.maintenance
        before = truth.margin(chain.purse, chain.start - SECOND, chain.key)
        # What was changed within the second itself cannot be told apart from before it.
        changed = any(
            h.ts in (chain.start, chain.start - SECOND)
            for steps in truth.held.values() for h in steps
        ) or any(
            b.ts in (chain.start, chain.start - SECOND)
            for steps in truth.balances.values() for b in steps
        )  # fmt: skip
        ended = [c.end for c in truth.chains if c is not chain]
        assert changed or before is None or not before.liquidated or chain.start - SECOND in ended


def no_unit_is_below_its_maintenance_unless_it_is_being_liquidated(truth: Truth) -> None:
    for n in range(4):
        ts = truth.start + (truth.plan.seed * (n + 7)) % truth.plan.seconds * SECOND
        for unit in truth.units(ts):
            if unit.margin(truth.paths, ts).liquidated:
                assert any(
                    c.start <= ts and (ts <= c.end or c.ended == OPEN) for c in truth.chains
                    if (c.purse, c.key) == unit.name
                )  # fmt: skip


def a_takeover_is_at_the_bankruptcy_price(truth: Truth) -> None:
    for chain in truth.chains:
        for sale in chain.sales:
            order = truth.orders[sale.order]
            one = contract(order.symbol)
            assert order.client_id.startswith("autoclose-") and order.price is not None
            expected = at_bankruptcy(one, -order.side, sale.bankruptcy)
            assert order.side * (order.price - expected) <= 0
            if sale in last_round(truth, chain):
                assert order.status == "FILLED" and order.price == order.average == expected
                fills = [t for t in truth.trades if t.order_id == order.order_id]
                assert [(t.price, t.quantity) for t in fills] == [(order.price, order.quantity)]
            if order.status == "EXPIRED":
                assert order.executed < order.quantity


def last_round(truth: Truth, chain: Chain) -> list[Sale]:
    """The sales of a takeover: the orders of the chain's last second at their own limit."""
    if chain.ended != TAKEOVER:
        return []
    last = max(truth.orders[s.order].ts for s in chain.sales)
    return [
        s for s in chain.sales
        if (o := truth.orders[s.order]).ts == last and o.status == "FILLED" and o.price == o.average
        and o.price == at_bankruptcy(contract(o.symbol), -o.side, s.bankruptcy)
    ]  # fmt: skip


@exact
def left_at_bankruptcy(truth: Truth, chain: Chain) -> Decimal | None:
    """Equity of a cross unit if all of it were closed at its bankruptcy prices."""
    unit = next((u for u in truth.units(chain.start) if u.name == (chain.purse, chain.key)), None)
    if unit is None or chain.key is not None:
        return None
    prices = definition().prices(unit.wallet(), unit.marks(truth.paths, chain.start))
    if None in prices:
        return None
    return unit.balance + sum(
        h.profit(p) for h, p in zip(unit.holdings, prices, strict=True) if p is not None
    )


def bankruptcy_prices_leave_nothing(truth: Truth) -> None:
    for chain in truth.chains[:1]:
        left = left_at_bankruptcy(truth, chain)
        assert left is None or abs(left) < Decimal("1E-60")


def a_cross_takeover_ends_at_zero_or_with_less_than_a_tick_of_each_position(truth: Truth) -> None:
    for chain in truth.chains:
        if chain.ended != TAKEOVER or truth.traits.isolated:
            continue
        sold = last_round(truth, chain)
        grain = sum(
            (
                one.notional(o.quantity, o.price) * one.tick / o.price
                for s in sold
                if (o := truth.orders[s.order]) and (one := contract(o.symbol)) and o.price
            ),
            Decimal(0),
        )  # fmt: skip
        left = truth.wallet(chain.purse, chain.end)
        transfers = sum(
            (t.amount for t in truth.transactions if t.ts == chain.end and t.type in (
                "TRANSFER", "AUTO_EXCHANGE", "WELCOME_BONUS", "API_REBATE",
                "POSITION_CLAIM_TRANSFER") and (t.market, t.asset) == chain.purse),
            Decimal(0),
        )  # fmt: skip
        # What came in that second may have been there before the wallet was cleared, or after.
        assert 0 <= left <= grain * 2 + max(transfers, Decimal(0))


CHECKS = (
    equity_then_and_all_changes_give_the_final_balance,
    what_is_realised_is_what_the_trades_say,
    every_trade_has_its_rows,
    no_wallet_stays_below_zero,
    a_liquidated_unit_was_below_its_maintenance_and_not_before,
    no_unit_is_below_its_maintenance_unless_it_is_being_liquidated,
    a_takeover_is_at_the_bankruptcy_price,
    bankruptcy_prices_leave_nothing,
    a_cross_takeover_ends_at_zero_or_with_less_than_a_tick_of_each_position,
)


@given(st.integers(0, 2**40))
@settings(max_examples=500, deadline=None)
def test_every_account_keeps_the_rules(seed: int) -> None:
    truth = simulate(Plan(seed))
    for check in CHECKS:
        check(truth)


def test_a_plan_makes_the_same_account_again() -> None:
    first, second = simulate(Plan(11)), simulate(Plan(11))
    assert (first.transactions, first.trades, first.orders) == (
        second.transactions, second.trades, second.orders,
    )  # fmt: skip
    assert simulate(Plan(12)).transactions != first.transactions


def test_all_that_can_happen_does() -> None:
    """Among a few hundred seeds every kind of row and every end of a chain."""
    types, ends, modes, signs, markets = set(), set(), set(), set(), set()
    partial = adl = flips = late = refused = 0
    for seed in range(250):
        truth = simulate(Plan(seed))
        types |= {t.type for t in truth.transactions}
        signs |= {t.amount > 0 for t in truth.transactions if t.type == "INSURANCE_CLEAR"}
        ends |= {c.ended for c in truth.chains}
        modes |= {(p.mode, p.place) for p in truth.positions}
        markets |= {t.market for t in truth.transactions}
        partial += any(0 < o.executed < o.quantity for o in truth.orders)
        adl += any(o.client_id.startswith("adl_autoclose") for o in truth.orders)
        flips += any(
            a.quantity * b.quantity < 0
            for s in truth.held.values() for a, b in pairwise(s)
        )  # fmt: skip
        late += any(r.in_time is False for r in truth.rescues) and truth.traits.rescue == LATE
        refused += any(m.status == "failed" for m in truth.movements)
    assert types >= {
        "REALIZED_PNL", "FUNDING_FEE", "COMMISSION", "TRANSFER", "INSURANCE_CLEAR",
        "AUTO_EXCHANGE", "POSITION_CLAIM_TRANSFER",
    }  # fmt: skip
    assert ends >= {TAKEOVER, PARTIAL, CLOSED, RECOVERED} and signs == {True, False}
    assert modes == {(m, p) for m in (CROSS, ISOLATED) for p in "BLS"}
    assert markets == {USDM, COINM} and min(partial, adl, flips, late, refused) > 3


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_each_contract_can_be_traded(symbol: str) -> None:
    truth = simulate(Plan(5, symbols=(symbol,), rescue=REFUSED))
    assert {t.symbol for t in truth.trades} == {symbol}


def test_what_no_account_can_be_is_refused() -> None:
    for wrong in ({"start": 1}, {"seconds": 10}, {"actions": 0}, {"mode": "x"}, {"rescue": "x"}):
        with pytest.raises(UsageError):
            Plan(1, **wrong)
    with pytest.raises(UsageError, match="XYZUSDT"):
        simulate(Plan(1, symbols=("XYZUSDT",)))
    assert Plan(1).account.startswith("synthetic-") and len(MODES) == 3 and len(RESCUES) == 4


def test_money_is_rounded_half_even_at_ties() -> None:
    assert money(Decimal("0.000000005")) == Decimal("0E-8")
    assert money(Decimal("0.000000015")) == Decimal("2E-8").quantize(
        Decimal("1E-8"), ROUND_HALF_EVEN
    )
    with_error = exact(lambda: money(Decimal("0.3") * (Decimal("0.000000005") / Decimal("0.3"))))
    assert with_error() == 0


def test_units_of_a_new_account_are_none() -> None:
    assert units_of(Account(frozenset(), Decimal(1), 0)) == []
