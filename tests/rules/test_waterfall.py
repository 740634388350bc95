"""The waterfall step by step, on cases small enough to check by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from liquest.errors import InputError
from liquest.rules.adl import AdlRule
from liquest.rules.bankruptcy import ZeroPrice
from liquest.rules.fund import Fund
from liquest.rules.ledger import Account, Holding, Ledger, Market
from liquest.rules.leg import Leg
from liquest.rules.margin import Wallet
from liquest.rules.tiers import flat
from liquest.rules.waterfall import (
    Order,
    Outcome,
    bankruptcy_price,
    cascade,
    liquidate,
)

D = Decimal
X = "XUSDT"


def market(symbol: str = X, mark: str = "100", fee: str = "0.01", tick: str = "0.1") -> Market:
    return Market(symbol, D(mark), D("101"), D(tick), D(1), D("0.05"), D(fee))


def account(number: int, wallet: str, quantity: int = 0, entry: str = "100") -> Account:
    held = {X: Holding.of(D(quantity), D(entry))} if quantity else {}
    return Account(number, D(wallet), held)


def ledger(*accounts: Account, fund: Fund | None = None) -> Ledger:
    return Ledger.of(accounts, [market()], fund or Fund(D(0)))


def bid(number: int, quantity: int, price: str) -> Order:
    return Order(number, X, 1, D(price), D(quantity))


def kinds(outcome: Outcome) -> list[str]:
    return [step.kind for step in outcome.steps]


# Long 10 from 110 at a mark of 100: maintenance 50.
def long(wallet: str) -> Account:
    return account(1, wallet, 10, "110")


def test_a_partial_close_that_is_enough_ends_it() -> None:
    # Equity 40, bankruptcy price 96. Four sold at 99 leave 36, less a fee of 3.96, against 30.
    before = ledger(long("140"), account(2, "900"), account(3, "500", -10))
    done = liquidate(before, 1, [bid(2, 4, "99")])
    after = done.ledger
    assert kinds(done) == ["ioc", "fee", "compliant"]
    assert after.accounts[1] == account(1, "92.04", 6, "110")
    assert after.accounts[2] == account(2, "900", 4, "99")
    assert (after.fees, after.total()) == (D("3.96"), before.total())
    assert done.orders == ()


def test_own_orders_go_first_and_do_not_trade() -> None:
    before = ledger(long("140"), account(2, "900"), account(3, "500", -10))
    own, other = bid(1, 9, "99.5"), bid(2, 3, "90")
    done = liquidate(before, 1, [own, other])
    assert done.steps[0][:5] == ("cancel", X, 0, D(9), D("99.5"))
    # The other bid is beyond the bankruptcy price of 96 and still rests.
    assert kinds(done) == ["cancel", "takeover"] and done.orders == (other,)


def test_the_band_stops_the_order_before_the_bankruptcy_price() -> None:
    # Equity 49 of 50: bankruptcy price 95.1; a band of 2 % reaches to 98.
    tight = Market(X, D(100), D(100), D("0.1"), D(1), D("0.05"), band=D("0.02"))
    before = Ledger.of(
        [long("149"), account(2, "900"), account(3, "500", -10)], [tight], Fund(D(0))
    )
    orders = [bid(2, 1, "98"), bid(2, 1, "97.9")]
    done = liquidate(before, 1, orders)
    assert [s.price for s in done.steps if s.kind == "ioc"] == [D(98)]


def test_the_best_bids_go_first_and_equal_ones_in_order() -> None:
    before = ledger(long("140"), account(2, "900"), account(3, "500", -10), account(4, "900"))
    done = liquidate(before, 1, [bid(2, 2, "97"), bid(4, 9, "97"), bid(2, 3, "99")])
    taken = [(s.account, s.quantity, s.price) for s in done.steps if s.kind == "ioc"]
    assert taken == [(2, D(3), D(99)), (2, D(2), D(97)), (4, D(5), D(97))]
    assert done.orders == (bid(4, 4, "97"),)
    # All is closed: 140 + 3·(−11) + 7·(−13) = 16, less a fee of 9.76.
    assert kinds(done)[-2:] == ["fee", "closed"]
    assert done.ledger.accounts[1] == Account(1, D("6.24"))


def test_a_fee_takes_no_more_than_there_is() -> None:
    before = ledger(long("140"), account(2, "900"), account(3, "500", -10))
    done = liquidate(before, 1, [bid(2, 10, "96.5")])
    assert done.amount("fee") == done.ledger.fees == D(5)
    assert done.ledger.accounts[1].wallet == 0


def test_the_fund_takes_over_at_the_bankruptcy_price() -> None:
    # The equity of 40 goes to the fund with the position; no fee is charged on it.
    before = ledger(long("140"), account(3, "500", -10), fund=Fund(D(7)))
    done = liquidate(before, 1, [])
    after = done.ledger
    assert kinds(done) == ["takeover"]
    assert done.steps[0].price == 96 and after.accounts[1] == Account(1, D(0))
    assert (after.fund.size, after.inventory, after.fees) == (D(47), {X: D(10)}, D(0))
    assert (after.net(X), after.total()) == (D(0), before.total())


def test_what_the_fund_cannot_take_is_deleveraged() -> None:
    # Equity −20: bankruptcy price 102. A fund of 7 takes three at a loss of 2 each.
    before = ledger(
        long("80"), account(2, "60", -6, "120"), account(3, "60", -4, "110"), account(4, "9"),
        fund=Fund(D(7)),
    )  # fmt: skip
    done = liquidate(before, 1, [])
    after = done.ledger
    # u/equity: 120/180 before 40/100.
    assert [(s.kind, s.account, s.quantity, s.price) for s in done.steps] == [
        ("takeover", 0, D(3), D(102)),
        ("adl", 2, D(6), D(102)),
        ("adl", 3, D(1), D(102)),
    ]
    assert after.accounts[1] == Account(1, D(0)) and after.accounts[4] == account(4, "9")
    assert after.accounts[2] == account(2, "168")  # 60 + 6·18
    assert after.accounts[3] == account(3, "68", -3, "110")
    assert after.fund.size == 1
    assert (after.open_interest(X), before.open_interest(X)) == (D(3), D(10))
    assert after.total() == before.total()


def test_a_cap_of_the_fund_leaves_more_to_the_other_side() -> None:
    side = (account(2, "60", -6, "120"), account(3, "60", -4, "110"))
    free = liquidate(ledger(long("80"), *side, fund=Fund(D(99))), 1, [])
    capped = liquidate(ledger(long("80"), *side, fund=Fund(D(99), cap=D(5))), 1, [])
    assert (free.quantity("adl"), capped.quantity("adl")) == (D(0), D(8))
    assert capped.ledger.fund.size == 95


def test_closed_at_the_mark_the_deficit_remains_and_is_socialised() -> None:
    # Closed at 100, the long ends at −20: the fund pays its cap, the winners the rest.
    before = ledger(long("80"), account(2, "60", -6, "120"), account(3, "60", -4, "110"))
    rich = Ledger(before.accounts, before.markets, Fund(D(100), cap=D("1.5")))
    done = liquidate(rich, 1, [], AdlRule(price="mark"))
    assert kinds(done) == ["adl", "adl", "fund", "socialised", "socialised"]
    assert done.amount("fund") == D("1.5")
    paid = {s.account: s.amount for s in done.steps if s.kind == "socialised"}
    # 18.5 by profits of 120 : 40.
    assert paid == {2: D("13.875"), 3: D("4.625")}
    assert done.ledger.accounts[1] == Account(1, D(0)) and done.ledger.uncovered == 0


def test_the_previous_mark_closes_at_the_mark_before() -> None:
    before = ledger(long("80"), account(2, "60", -10, "120"))
    done = liquidate(before, 1, [], AdlRule(price="previous-mark"))
    assert [(s.kind, s.price) for s in done.steps] == [("adl", D(101)), ("socialised", D(0))]
    assert done.amount("adl") == done.amount("socialised") == 10


def test_what_nobody_can_pay_is_stated_as_uncovered() -> None:
    # The only short has no equity: it is in no queue, and there is no profit to socialise.
    before = ledger(long("80"), account(2, "-200", -10, "120"), fund=Fund(D(3)))
    done = liquidate(before, 1, [])
    assert kinds(done) == ["takeover", "exhausted", "fund", "uncovered"]
    # One lot at a loss of 2, then 1 of the other 18.
    assert done.ledger.uncovered == 17 and done.ledger.fund.size == 0
    assert done.ledger.accounts[1] == Account(1, D(0))
    assert done.ledger.inventory == {X: D(10)} and done.ledger.total() == before.total()


def test_a_winner_may_lose_more_than_its_profit_unless_cash_is_spared() -> None:
    # Closed at 102, a short from 101 loses 1 a contract although the mark shows a profit.
    poor, rich = account(2, "60", -6, "101"), account(3, "600", -4, "120")
    before = ledger(long("80"), poor, rich)
    careless = liquidate(before, 1, [], AdlRule(score="binance-2025", allocation="min-max"))
    assert careless.ledger.accounts[2].wallet < 60
    spared = liquidate(before, 1, [], AdlRule(spare_cash=True))
    assert [s.account for s in spared.steps if s.kind == "adl"] == [3]
    # The rest goes to the fund at the mark; its deficit is paid from profits alone.
    paid = {s.account: s.amount for s in spared.steps if s.kind == "socialised"}
    assert spared.quantity("exhausted") == 6 and paid[2] <= 6 and paid[3] <= 72
    assert spared.ledger.uncovered == 0


def test_a_short_is_liquidated_the_same_way_round() -> None:
    # Short 10 from 90, equity −20: bankruptcy price 98; longs are closed there.
    before = ledger(account(1, "80", -10, "90"), account(2, "60", 10, "80"))
    done = liquidate(before, 1, [])
    assert [(s.kind, s.price, s.amount) for s in done.steps] == [("adl", D(98), D(20))]
    assert done.ledger.accounts[2] == account(2, "240")
    asks = [Order(3, X, -1, D(104), D(4)), Order(3, X, -1, D(103), D(4))]
    live = ledger(account(1, "140", -10, "90"), account(2, "60", 10, "80"), account(3, "900"))
    sold = liquidate(live, 1, asks)
    assert [s.price for s in sold.steps if s.kind == "ioc"] == [D(103), D(104)]


def test_a_price_below_a_tick_is_none() -> None:
    # A short whose deficit is above its notional cannot be bankrupt at any price.
    before = ledger(account(1, "-1500", -10, "90"), account(2, "2000", 10, "80"))
    done = liquidate(before, 1, [])
    assert done.steps[0].price == D("0.1")
    assert kinds(done) == ["adl", "uncovered"] and done.ledger.total() == before.total()


def test_bankruptcy_prices_are_those_of_the_zero_price_definition() -> None:
    markets = {s: market(s, mark, tick="0.00000001") for s, mark in (("A", "50"), ("B", "20"))}
    held = {"A": Holding.of(D(4), D(55)), "B": Holding.of(D(-7), D(18))}
    one = Account(1, D(43), held)
    legs = (
        Leg("A", 1, D(4), D(55), False, flat("A", D("0.05"))),
        Leg("B", -1, D(7), D(18), False, flat("B", D("0.05"))),
    )
    marks = {s: m.mark for s, m in markets.items()}
    for symbol, exact in zip(
        ("A", "B"), ZeroPrice().prices(Wallet(D(43), legs), marks), strict=True
    ):
        assert exact is not None
        assert abs(bankruptcy_price(one, symbol, markets) - exact) < D("0.00000001")


def test_a_compliant_account_is_not_liquidated() -> None:
    with pytest.raises(InputError) as refused:
        liquidate(ledger(long("150"), account(2, "60", -10)), 1, [])
    assert refused.value.where == "account 1"


def test_a_ledger_refuses_what_it_cannot_carry() -> None:
    with pytest.raises(InputError):
        Ledger.of([account(1, "1", 1)], [], Fund(None))
    with pytest.raises(InputError):
        Ledger.of([account(1, "1"), account(1, "2")], [market()], Fund(None))
    with pytest.raises(InputError):
        Ledger.of([Account(1, D(1), {X: Holding.of(D("0.5"), D(1))})], [market()], Fund(None))
    with pytest.raises(InputError):
        market(mark="0")
    with pytest.raises(InputError):
        ledger(long("80"), account(2, "60", -10)).take_over(1, X, D(10), D(102))


def test_a_deeper_book_can_liquidate_more_when_its_maker_is_thin() -> None:
    # Long 10, bankruptcy price 96. Its buyer holds 10 on a wallet of 30: maintenance 50.
    before = ledger(long("140"), account(2, "30"), account(3, "900", -10))
    shallow = cascade(before, [])
    deep = cascade(before, [bid(2, 10, "99")])
    liquidated = [{s.kind for s in o.steps} for o in (shallow, deep)]
    assert liquidated[0] == {"takeover"}
    assert deep.ledger.accounts[2] == Account(2, D(0)) and deep.quantity("takeover") == 10
    assert deep.quantity("ioc") == 10 and liquidated[1] > {"ioc", "takeover"}


def test_a_deeper_book_can_turn_a_partial_close_into_a_whole_one_by_its_fee() -> None:
    # Equity 42, a fee of 2 %. Four at 99 leave 38 − 7.92 against 30: enough. Five more at the
    # bankruptcy price of 95.8 leave 17 − 17.50 against 5: not enough.
    accounts = (long("142"), account(2, "900"), account(3, "500", -10))
    before = Ledger.of(accounts, [market(fee="0.02")], Fund(D(0)))
    shallow = liquidate(before, 1, [bid(2, 4, "99")])
    deep = liquidate(before, 1, [bid(2, 4, "99"), bid(2, 5, "95.8")])
    assert kinds(shallow)[-1] == "compliant"
    assert kinds(deep) == ["ioc", "ioc", "takeover"]


def test_over_several_liquidations_a_larger_fund_can_close_more_contracts() -> None:
    # One long is 10 under water a contract, the next 1 on each of nine. A fund of 9 can take
    # the nine only; one of 10 takes the first and has nothing left: less money, more contracts.
    deep = account(1, "0", 1, "110")
    shallow = account(2, "81", 9, "110")
    winners = account(3, "900", -10, "120")
    found = {
        size: cascade(ledger(deep, shallow, winners, fund=Fund(D(size))), []) for size in (9, 10)
    }
    assert [found[size].quantity("adl") for size in (9, 10)] == [D(1), D(9)]
    assert [found[size].amount("adl") for size in (9, 10)] == [D(10), D(9)]
