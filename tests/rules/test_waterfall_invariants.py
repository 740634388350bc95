"""What holds for every waterfall: contracts, cash, zero balances, transfers, bystanders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from liquest.rules.adl import ALLOCATIONS, PRICES, AdlRule
from liquest.rules.fund import Fund
from liquest.rules.ledger import Account, Holding, Ledger, Market
from liquest.rules.scores import SCORES
from liquest.rules.waterfall import Order, Outcome, breached, cascade, liquidate

D = Decimal
SYMBOLS = ("A", "B")
MAKER = 90
"""An account with money, without positions."""

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A ledger takes long to draw on a busy machine."""

quantities = st.integers(-12, 12)
prices = st.integers(80, 125)


@st.composite
def some_ledger(draw: st.DrawFn, symbols: tuple[str, ...] = SYMBOLS, fee: bool = True) -> Ledger:
    """Up to six accounts whose positions cancel out, at one mark a symbol; account 0 is below
    its maintenance margin."""
    markets = [
        Market(
            symbol, D(draw(prices)), D(draw(prices)), draw(st.sampled_from([D("0.01"), D(1)])),
            D(1), D("0.05"), draw(st.sampled_from([D(0), D("0.0125")])) if fee else D(0),
            D("0.05"),
        )
        for symbol in symbols
    ]  # fmt: skip
    count = draw(st.integers(2, 6))
    held: list[dict[str, Holding]] = [{} for _ in range(count)]
    for symbol in symbols:
        sizes = [draw(quantities) for _ in range(count - 1)]
        for place, size in enumerate((*sizes, -sum(sizes))):
            if size:
                held[place][symbol] = Holding.of(D(size), D(draw(prices)))
    wallets = [D(draw(st.integers(-200, 1500))) for _ in range(count)]
    accounts = [Account(n, w, h) for n, (w, h) in enumerate(zip(wallets, held, strict=True))]
    first = accounts[0]
    assume(first.holdings)
    known = {m.symbol: m for m in markets}
    # Set so that equity is a share of the maintenance margin below one, often below zero.
    wanted = first.maintenance(known) * draw(st.integers(-300, 99)) / 100
    accounts[0] = first.paid(wanted - first.equity(known))
    fund = Fund(
        draw(st.one_of(st.none(), st.integers(0, 300).map(D))),
        draw(st.one_of(st.none(), st.integers(0, 100).map(D))),
    )
    return Ledger.of([*accounts, Account(MAKER, D(10_000))], markets, fund)


@st.composite
def some_orders(
    draw: st.DrawFn, accounts: tuple[int, ...], symbols: tuple[str, ...]
) -> list[Order]:
    return [
        Order(
            draw(st.sampled_from(accounts)), draw(st.sampled_from(symbols)),
            draw(st.sampled_from([1, -1])), D(draw(prices)), D(draw(st.integers(1, 9))),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]  # fmt: skip


rules = st.builds(
    AdlRule,
    score=st.sampled_from(sorted(SCORES)),
    allocation=st.sampled_from(ALLOCATIONS),
    price=st.sampled_from(sorted(PRICES)),
    cap=st.sampled_from([D(1), D("0.5")]),
    spare_cash=st.booleans(),
)
orders = some_orders((0, 1, MAKER), SYMBOLS)


def signed(account: Account, symbol: str) -> Decimal:
    return account.holdings[symbol].quantity if symbol in account.holdings else D(0)


@settings(UNHURRIED, max_examples=400)
@given(some_ledger(), orders, rules)
def test_contracts_and_cash_add_up(before: Ledger, resting: list[Order], rule: AdlRule) -> None:
    done, all_done = liquidate(before, 0, resting, rule), cascade(before, resting, rule)
    for after in (done.ledger, all_done.ledger):
        assert after.total() == before.total()
        assert all(after.net(symbol) == before.net(symbol) == 0 for symbol in SYMBOLS)
        # At any common mark what one gains another loses.
        moved = {s: replace(m, mark=m.mark + 13) for s, m in before.markets.items()}
        gained = [a.equity(moved) - a.equity(before.markets) for a in after.accounts.values()]
        assert sum(gained) + sum(q * 13 for q in after.inventory.values()) == 0
        assert after.fund.size is None or after.fund.size >= 0
        assert after.fees >= 0 and after.uncovered >= 0
    assert not any(breached(a, before.markets) for a in all_done.ledger.accounts.values())


@settings(UNHURRIED, max_examples=400)
@given(some_ledger(), rules)
def test_no_position_grows_or_flips_and_open_interest_falls(before: Ledger, rule: AdlRule) -> None:
    done = liquidate(before, 0, [], rule)
    for symbol in SYMBOLS:
        closed = sum(
            (s.quantity for s in done.steps if s.kind == "adl" and s.symbol == symbol), D(0)
        )
        fallen = before.open_interest(symbol) - done.ledger.open_interest(symbol)
        assert fallen == closed
        for number, account in before.accounts.items():
            was, now = signed(account, symbol), signed(done.ledger.accounts[number], symbol)
            assert was * now >= 0 and abs(now) <= abs(was)


@settings(UNHURRIED, max_examples=400)
@given(some_ledger(), orders, rules)
def test_a_bankrupt_account_ends_at_zero(
    before: Ledger, resting: list[Order], rule: AdlRule
) -> None:
    done = liquidate(before, 0, resting, rule)
    kinds = {step.kind for step in done.steps}
    account = done.ledger.accounts[0]
    assert account.wallet >= 0 or account.holdings
    if kinds & {"compliant", "closed"}:
        assert not kinds & {"takeover", "adl", "exhausted", "uncovered"}
        assert not breached(account, before.markets)
    else:
        dust = sum(
            before.markets[s].tick * abs(h.quantity) for s, h in before.accounts[0].holdings.items()
        )
        assert not account.holdings and account.wallet >= 0
        if rule.price == "bankruptcy" or "adl" not in kinds:
            assert account.wallet <= dust


@settings(UNHURRIED, max_examples=400)
@given(some_ledger(), orders, rules)
def test_what_the_account_is_spared_is_what_others_pay(
    before: Ledger, resting: list[Order], rule: AdlRule
) -> None:
    done = liquidate(before, 0, resting, rule)
    gained = done.ledger.accounts[0].equity(before.markets)
    gained -= before.accounts[0].equity(before.markets)
    kinds = ("ioc", "takeover", "adl", "fund", "socialised", "uncovered")
    assert gained == sum((done.amount(k) for k in kinds), D(0)) - done.amount("fee")


def profits(before: Ledger, number: int) -> Decimal:
    """Profit of an account on the sides opposite to account 0."""
    ours, theirs = before.accounts[0].holdings, before.accounts[number].holdings
    found = [
        theirs[s].profit(before.markets[s].mark)
        for s in ours
        if s in theirs and theirs[s].side == -ours[s].side
    ]
    return sum((p for p in found if p > 0), D(0))


@settings(UNHURRIED, max_examples=400)
@given(some_ledger(), rules)
def test_with_cash_spared_each_pays_from_profit_alone(before: Ledger, rule: AdlRule) -> None:
    done = liquidate(before, 0, [], replace(rule, spare_cash=True, price="bankruptcy"))
    paid: dict[int, Decimal] = {}
    for step in done.steps:
        if step.kind in ("adl", "socialised"):
            paid[step.account] = paid.get(step.account, D(0)) + step.amount
    for number, amount in paid.items():
        assert amount <= profits(before, number)
        lost = before.accounts[number].equity(before.markets)
        lost -= done.ledger.accounts[number].equity(before.markets)
        assert lost == amount
    # Socialising never takes what the equity does not hold.
    assert all(
        done.ledger.accounts[s.account].equity(before.markets) >= 0
        for s in done.steps
        if s.kind == "socialised"
    )


@settings(UNHURRIED, max_examples=400)
@given(some_ledger(), orders, rules)
def test_bystanders_are_untouched(before: Ledger, resting: list[Order], rule: AdlRule) -> None:
    done = liquidate(before, 0, resting, rule)
    ours = before.accounts[0].holdings
    trading = {order.account for order in resting}
    for number, account in before.accounts.items():
        opposite = any(
            s in account.holdings and account.holdings[s].side == -ours[s].side for s in ours
        )
        if number and not opposite and number not in trading:
            assert done.ledger.accounts[number] is account


def left_over(done: Outcome) -> Decimal:
    """What neither the book nor the fund took at the bankruptcy price."""
    return done.quantity("adl") + done.quantity("exhausted")


@settings(UNHURRIED, max_examples=300)
@given(some_ledger(("A",)), some_orders((1, MAKER), ("A",)), rules, st.integers(0, 300))
def test_a_larger_fund_leaves_weakly_less(
    before: Ledger, resting: list[Order], rule: AdlRule, more: int
) -> None:
    assume(before.fund.size is not None)
    assert before.fund.size is not None
    larger = replace(before, fund=replace(before.fund, size=before.fund.size + more))
    small, large = (liquidate(x, 0, resting, rule) for x in (before, larger))
    assert left_over(large) <= left_over(small)
    assert large.ledger.uncovered <= small.ledger.uncovered


@settings(UNHURRIED, max_examples=300)
@given(
    some_ledger(("A",), fee=False), some_orders((1, MAKER), ("A",)), some_orders((MAKER,), ("A",)),
    rules,
)  # fmt: skip
def test_without_a_fee_a_deeper_book_leaves_weakly_less(
    before: Ledger, resting: list[Order], deeper: list[Order], rule: AdlRule
) -> None:
    shallow = liquidate(before, 0, resting, rule)
    deep = liquidate(before, 0, [*resting, *deeper], rule)
    for kinds in (("takeover", "adl", "exhausted"), ("adl", "exhausted")):
        left = [sum((o.quantity(k) for k in kinds), D(0)) for o in (shallow, deep)]
        assert left[1] <= left[0]


@settings(UNHURRIED, max_examples=150)
@given(some_ledger(), orders, rules)
def test_a_waterfall_is_the_same_each_time(
    before: Ledger, resting: list[Order], rule: AdlRule
) -> None:
    once = cascade(before, resting, rule)
    shuffled: Mapping[int, Account] = dict(sorted(before.accounts.items(), reverse=True))
    again = cascade(replace(before, accounts=shuffled), resting, rule)
    assert once.steps == again.steps
    # What a cascade leaves is at rest.
    assert cascade(once.ledger, once.orders, rule).steps == ()
