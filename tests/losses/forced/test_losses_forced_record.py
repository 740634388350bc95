"""The liquidation record: chains, takeovers, partial steps, fees, ADL, sales, inference."""

from __future__ import annotations

import pytest
from _forced_exports import T0, D, Fake, Told, at, ds, twelve
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import SECOND
from liquest.errors import InputError, IntegrityError
from liquest.losses.entries import COINM, CROSS, ISOLATED, LONG, SHORT, ForcedSale, PositionRow, Ref
from liquest.losses.forced.chain import Chain, tally
from liquest.losses.forced.forced_order import (
    AT_LIMIT,
    EXPIRED,
    FILLED,
    OPEN,
    PARTLY,
    TAKEOVER,
    Sum,
)
from liquest.losses.forced.nearby import Nearby
from liquest.losses.forced.slippage import LAST, MARK, OTHERS
from liquest.losses.forced.told import sentences
from liquest.problems import ASIDE


def test_eleven_of_twelve_expire_and_the_last_is_the_takeover() -> None:
    record, problems = twelve().record(
        Fake({("mark", "ATOMUSDT"): "3.6", ("others", "ATOMUSDT"): "3.5"})
    )
    assert problems == []
    (chain,) = record.chains
    assert tally(chain.orders) == {
        EXPIRED: 11, PARTLY: 0, FILLED: 0, AT_LIMIT: 0, TAKEOVER: 1, OPEN: 0
    }  # fmt: skip
    assert (chain.held, chain.left, chain.executed, chain.others) == ds(100, 0, 100, 0)
    assert (chain.first, chain.last) == (T0 + SECOND // 4, at(60))
    last = chain.orders[-1]
    assert (last.limit, last.average, last.realised) == ds("3.15", "3.15", -105)
    assert last.fees == (Sum("USDT", D("0.126")),)
    assert len(last.commissions) == 1
    by = {one.against: one for one in last.slips}
    # (3.6 − 3.15)/3.6 = 12.5 %, (3.5 − 3.15)/3.5 = 10 %; in money ·100
    assert (by[MARK].bp, by[MARK].cost) == ds(1250, 45)
    assert (by[OTHERS].bp, by[OTHERS].cost) == ds(1000, 35)
    # The first ones would have sold down to 3.5: 0.1/3.6
    first = chain.orders[0]
    assert (first.slips, first.partial, first.average) == ((), False, None)
    assert (first.room[0].against, first.room[0].each) == (MARK, D("0.1"))
    (event,) = record.liquidations
    assert event.cleared == (Sum("USDT", D("5.294")),)
    assert event.realised == -105 and event.paid() == {"USDT": D("0.126")}
    assert record.closes() == {("usdm", "f11"): "takeover"}
    assert record.first == T0 + SECOND // 4


def test_the_chain_in_plain_words() -> None:
    record, _ = twelve().record()
    text, money = sentences(record)
    assert text.en == (
        "ATOMUSDT long: 11 of 12 orders expired at 21:18:53 (no bid within the limit), taken over "
        "at 21:19:53 (UTC, 2025-10-10; in UTC+8 05:18:53–05:19:53, 2025-10-11)."
    )
    assert text.zh == (
        "ATOMUSDT 多仓：12 笔强平单中 11 笔于 21:18:53 因限价内无买盘而失效， 21:19:53 被接管"
        "（UTC，2025-10-10；UTC+8 为 2025-10-11 05:18:53–05:19:53）。"
    )
    assert money.en == (
        "Realised: -105.00 USDT; fees paid: 0.13 USDT; the insurance fund paid in 5.29 USDT."
    )
    priced, _ = twelve().record(Fake({("mark", "ATOMUSDT"): "3.6", ("others", "ATOMUSDT"): "3.5"}))
    assert sentences(priced)[-1].en == (
        "Less than at the reference of the same second, positive is worse: 45.00 USDT (own mark "
        "price), 35.00 USDT (median of the other venues)."
    )
    assert "保险基金补入" in sentences(priced)[1].zh


def test_a_fill_at_the_limit_without_a_failure_before_is_not_called_a_takeover() -> None:
    told = Told()
    told.row(-60, "TRANSFER", "100")
    told.trade(-50, "ATOMUSDT", 1, "4", "10", "1")
    told.order(0, "ATOMUSDT", -1, "10", order_id="f", limit="3.5", executed="10", average="3.5",
               status="FILLED")  # fmt: skip
    told.trade(0, "ATOMUSDT", -1, "3.5", "10", "f", realised="-5")
    record, _ = told.record()
    assert [one.outcome for one in record.orders] == [AT_LIMIT]
    assert record.closes() == {("usdm", "f"): "forced"}


def test_partial_steps_leave_a_position_and_each_has_its_fees() -> None:
    """A short of 10 at 4 is bought back 4, 3 and 3; clearance fees follow the first two."""
    told = Told()
    told.row(-60, "TRANSFER", "100")
    told.trade(-50, "ATOMUSDT", -1, "4", "10", "1")
    for number, (quantity, price) in enumerate((("4", "5"), ("3", "5.5"), ("3", "6"))):
        second = 10 * number
        told.order(second, "ATOMUSDT", 1, quantity, order_id=f"f{number}", limit="7",
                   executed=quantity, average=price, status="FILLED")  # fmt: skip
        realised = (D(4) - D(price)) * D(quantity)
        told.trade(second, "ATOMUSDT", 1, price, quantity, f"f{number}", realised=realised,
                   fee="0.01")  # fmt: skip
        if number < 2:
            told.row(second + 1, "INSURANCE_CLEAR", "-0.3", "ATOMUSDT")
    record, problems = told.record()
    assert problems == []
    (chain,) = record.chains
    assert [(o.held, o.left, o.partial) for o in chain.orders] == [
        (*ds(-10, -6), True), (*ds(-6, -3), True), (*ds(-3, 0), False)
    ]  # fmt: skip
    assert [o.clearance for o in chain.orders] == [
        (Sum("USDT", D("0.3")),), (Sum("USDT", D("0.3")),), ()
    ]  # fmt: skip
    assert record.liquidations[0].paid() == {"USDT": D("0.63")}
    assert record.liquidations[0].realised == -4 - D("4.5") - 6
    assert sentences(record)[0].en.startswith(
        "ATOMUSDT short: 3 of 3 orders filled from 21:18:53 to 21:19:13 ("
    )


def test_two_orders_of_one_second_share_neither_commission_nor_clearance() -> None:
    told = Told()
    told.row(-60, "TRANSFER", "100")
    told.trade(-50, "ATOMUSDT", 1, "4", "10", "1")
    for number in (0, 1):
        told.order(0, "ATOMUSDT", -1, "5", order_id=f"f{number}", limit="3", executed="5",
                   average="3.5", status="FILLED")  # fmt: skip
        told.trade(0, "ATOMUSDT", -1, "3.5", "5", f"f{number}", realised="-2.5", fee="0.01")
        told.row(0, "INSURANCE_CLEAR", "-0.2", "ATOMUSDT")
    record, problems = told.record()
    assert problems == []
    first, second = record.orders
    assert not set(first.commissions) & set(second.commissions)
    assert len(first.clears) == len(second.clears) == 1 and first.clears != second.clears


def test_a_long_and_a_short_of_one_symbol_are_two_chains_of_one_wallet() -> None:
    told = Told()
    told.row(-60, "TRANSFER", "100")
    told.trade(-50, "ATOMUSDT", 1, "4", "10", "1", place=LONG)
    told.trade(-50, "ATOMUSDT", -1, "4", "3", "2", place=SHORT)
    told.order(0, "ATOMUSDT", -1, "10", order_id="f1", limit="3.5", place=LONG)
    told.order(0, "ATOMUSDT", 1, "3", order_id="f2", limit="4.5", place=SHORT)
    record, problems = told.record()
    assert problems == []
    assert [(c.held, c.left) for c in record.chains] == [ds(10, 10), ds(-3, -3)]
    assert len(record.liquidations) == 1
    whole, long, short, _ = sentences(record)
    assert "2 of 2 orders expired" in whole.en and "no counterparty" in whole.en
    assert "no bid" in long.en and "10 were left open" in long.en
    assert "no offer" in short.en and "无卖盘" in short.zh


def test_an_isolated_position_is_liquidated_for_itself() -> None:
    told = Told()
    told.row(-60, "TRANSFER", "100")
    for symbol, mode in (("ATOMUSDT", CROSS), ("XRPUSDT", ISOLATED)):
        told.trade(-50, symbol, 1, "4", "10", symbol)
        told.order(0, symbol, -1, "10", order_id=f"f{symbol}", limit="3.5", executed="10",
                   average="3.6", status="FILLED")  # fmt: skip
        told.trade(0, symbol, -1, "3.6", "10", f"f{symbol}", realised="-4")
        told.positions.append(
            PositionRow("usdm", symbol, mode, "B", 1, D(4), D("3.6"), D(10), D(10), D(-4),
                        at(-50), at(0), "Closed", Ref(3, len(told.positions) + 2))
        )  # fmt: skip
    told.row(1, "INSURANCE_CLEAR", "0.5", "XRPUSDT")
    record, problems = told.record()
    assert problems == []
    assert [(one.symbol, one.cleared) for one in record.liquidations] == [
        ("", ()), ("XRPUSDT", (Sum("USDT", D("0.5")),))
    ]  # fmt: skip


def test_a_position_opened_again_begins_a_new_chain() -> None:
    told = twelve()
    told.row(100, "TRANSFER", "100")
    told.trade(120, "ATOMUSDT", 1, "3", "10", "again")
    told.order(180, "ATOMUSDT", -1, "10", order_id="g", limit="2.8", executed="10",
               average="2.9", status="FILLED")  # fmt: skip
    told.trade(180, "ATOMUSDT", -1, "2.9", "10", "g", realised="-1")
    record, _ = told.record()
    assert [len(chain.orders) for chain in record.chains] == [12, 1]
    assert len(record.liquidations) == 1
    apart, _ = told.record(nearby=Nearby(pause_s=100))
    assert len(apart.liquidations) == 2


def test_what_the_account_closes_itself_in_between_is_said() -> None:
    told = Told()
    told.row(-60, "TRANSFER", "100")
    told.trade(-50, "ATOMUSDT", 1, "4", "10", "1")
    told.order(0, "ATOMUSDT", -1, "10", order_id="f0", limit="3.5")
    told.trade(5, "ATOMUSDT", -1, "3.6", "4", "own", realised="-1.6")
    told.order(10, "ATOMUSDT", -1, "6", order_id="f1", limit="3", executed="6", average="3.1",
               status="FILLED")  # fmt: skip
    told.trade(10, "ATOMUSDT", -1, "3.1", "6", "f1", realised="-5.4")
    (chain,) = told.record()[0].chains
    assert (chain.held, chain.executed, chain.left, chain.others) == ds(10, 6, 0, 4)


def test_inverse_contracts_are_counted_in_contracts_and_lose_coins() -> None:
    told = Told()
    told.row(-60, "TRANSFER", "0.05", asset="BTC", market=COINM)
    told.trade(-50, "BTCUSD_PERP", 1, "100000", "50", "1", market=COINM, asset="BTC")
    told.order(0, "BTCUSD_PERP", -1, "50", order_id="f", limit="79000", executed="50",
               average="80000", status="FILLED", market=COINM)  # fmt: skip
    # 50·100·(1/100000 − 1/80000) = 0.05 − 0.0625
    told.trade(0, "BTCUSD_PERP", -1, "80000", "50", "f", realised="-0.0125", market=COINM,
               asset="BTC")  # fmt: skip
    record, problems = told.record(Fake({("mark", "BTCUSD_PERP"): "90000"}))
    assert problems == []
    (event,) = record.liquidations
    assert (event.market, event.asset, event.realised) == (COINM, "BTC", D("-0.0125"))
    (slip,) = record.orders[0].slips
    # 5000/80000 − 5000/90000 = 0.0625 − 0.0555…
    assert slip.cost.quantize(D("1e-12")) == D("0.006944444444")


def test_without_trades_the_order_and_the_wallet_speak() -> None:
    told = Told()
    told.order(0, "ATOMUSDT", -1, "10", order_id="f", limit="3", executed="10", average="3.5",
               status="FILLED")  # fmt: skip
    told.row(0, "COMMISSION", "-0.02", "ATOMUSDT")
    told.row(0, "REALIZED_PNL", "-5", "ATOMUSDT")
    record, problems = told.record()
    assert problems == []
    (one,) = record.orders
    assert (one.average, one.realised) == ds("3.5", -5)
    assert one.fees == (Sum("USDT", D("0.02")),)
    assert (one.held, one.left, record.chains[0].others) == (None, None, None)


# What does not fit together


def test_a_forced_order_without_a_position_is_set_aside() -> None:
    told = twelve()
    told.order(300, "ATOMUSDT", -1, "5", order_id="ghost", limit="3")
    record, problems = told.record()
    assert len(record.orders) == 12
    (problem,) = problems
    assert (problem.code, problem.effect, problem.first) == ("forced-without-position", ASIDE, 14)
    assert "sells ATOMUSDT" in problem.text.en and "无可平之仓" in problem.text.zh


def test_a_forced_order_on_the_side_of_the_position_is_set_aside() -> None:
    told = twelve()
    told.order(1, "ATOMUSDT", 1, "5", order_id="ghost", limit="5")
    assert [p.code for p in told.record()[1]] == ["forced-without-position"]


def test_fills_that_differ_from_the_order_are_named_and_the_trades_stand() -> None:
    told = twelve()
    told.orders[-1] = told.orders[-1]._replace(executed=D("99"))
    record, problems = told.record()
    assert [p.code for p in problems] == ["forced-fills-differ"]
    assert record.orders[-1].executed == 100


@pytest.mark.parametrize("quantity", ["99", "-1"])
def test_an_order_that_cannot_be_is_set_aside(quantity: str) -> None:
    told = twelve()
    told.orders[-1] = told.orders[-1]._replace(quantity=D(quantity))
    record, problems = told.record()
    assert "forced-contradiction" in [p.code for p in problems]
    assert all(one.order_id != "f11" or one.inferred for one in record.orders)


def test_a_lost_commission_is_named() -> None:
    told = twelve()
    told.transactions = [t for t in told.transactions if t.type != "COMMISSION"]
    assert [(p.code, p.path, p.first) for p in told.record()[1]] == [
        ("forced-commission-lost", "trades.csv", 3)
    ]


def test_a_clearance_that_follows_nothing_is_named() -> None:
    told = twelve()
    told.row(7200, "INSURANCE_CLEAR", "1")
    assert [(p.code, p.path) for p in told.record()[1]] == [("clear-alone", "transactions.csv")]


def test_nouns_refuse_what_cannot_be() -> None:
    record, _ = twelve().record()
    first, last = record.orders[0], record.orders[-1]
    with pytest.raises(IntegrityError):
        Chain(())
    with pytest.raises(IntegrityError):
        Chain((last, first))
    with pytest.raises(InputError):
        Nearby(clear_s=-1)


# ADL, settlement, sales


def test_adl_stands_apart_and_names_the_profit() -> None:
    told = twelve()
    told.trade(-1700, "XRPUSDT", -1, "3", "10", "short")
    told.order(60, "XRPUSDT", 1, "10", order_id="adl", limit="1.5", executed="10",
               average="1.5", status="FILLED", client_id="adl_autoclose")  # fmt: skip
    told.trade(60, "XRPUSDT", 1, "1.5", "10", "adl", realised="15")
    record, problems = told.record(Fake({("mark", "XRPUSDT"): "1.2"}))
    assert problems == []
    assert len(record.orders) == 12
    (one,) = record.adl
    assert (one.realised, one.slips[0].each, one.sent) == (*ds(15, "0.3"), at(60))
    assert record.closes()["usdm", "adl"] == "adl"
    text = sentences(record)[-1]
    assert text.en.startswith("10 XRPUSDT short were deleveraged (ADL) at 1.5, 2025-10-10 21:19:53")
    assert "profit 15.00 USDT" in text.en and "+2,500.0 bp against the own mark price" in text.en
    assert "自动减仓" in text.zh


def test_settlement_is_no_liquidation() -> None:
    told = twelve()
    told.order(5, "ATOMUSDT", -1, "1", order_id="s", client_id="settlement_autoclose-1")
    record, problems = told.record()
    assert (record.settlements, len(record.orders), problems) == ((11,), 12, [])


def test_sold_collateral_is_set_against_the_coin() -> None:
    told = Told()
    told.sales = [
        ForcedSale(at(5), "loan", "BNSOL", D("10"), D("35"), "USDT", D("300"), D("7"), "1",
                   Ref(4, 2)),
        ForcedSale(at(6), "margin", "ATOM", D("0"), D("1"), "USDT", D(0), D(0), "2", Ref(4, 3)),
    ]  # fmt: skip
    record, problems = told.record(
        Fake({("others", "BNSOLUSDT"): "200", ("last", "BNSOLUSDT"): "40",
              ("mark", "BNSOLUSDT"): "50"})
    )  # fmt: skip
    assert [(p.code, p.first) for p in problems] == [("sale-contradiction", 3)]
    (sale,) = record.sales
    assert sale.gross == 350
    # (200 − 35)/200 = 82.5 %; a mark is none of a spot sale
    assert {s.against: s.bp for s in sale.slips} == {OTHERS: 8250, LAST: 1250}
    (text,) = sentences(record)
    assert text.en.startswith("10 BNSOL were sold by force (loan) at 35 USDT")


# Many chains

steps = st.lists(
    st.tuples(st.sampled_from(("expire", "part", "own")), st.integers(1, 30)), max_size=10
)


@given(steps=steps, start=st.integers(50, 500), side=st.sampled_from((1, -1)))
@settings(max_examples=250, deadline=None)
def test_what_the_orders_executed_is_what_was_closed(
    steps: list[tuple[str, int]], start: int, side: int
) -> None:
    told = Told()
    told.row(-60, "TRANSFER", "100000")
    told.trade(-50, "ATOMUSDT", side, "4", str(start), "1")
    held, own, failed = start, 0, False
    for number, (kind, quantity) in enumerate(steps):
        done = min(quantity, held - 1)
        if kind == "own" and done:
            told.trade(number, "ATOMUSDT", -side, "4", str(done), f"own{number}")
            held, own = held - done, own + done
            continue
        part, failed = (done if kind == "part" else 0), True
        told.order(number, "ATOMUSDT", -side, str(held), order_id=f"f{number}", limit="3",
                   executed=str(part), average="4" if part else None)  # fmt: skip
        if part:
            told.trade(number, "ATOMUSDT", -side, "4", str(part), f"f{number}")
            held -= part
    told.order(99, "ATOMUSDT", -side, str(held), order_id="last", limit="3", executed=str(held),
               average="3", status="FILLED")  # fmt: skip
    realised = side * (D(3) - D(4)) * held
    told.trade(99, "ATOMUSDT", -side, "3", str(held), "last", realised=realised)
    record, problems = told.record()
    assert problems == []
    (chain,) = record.chains
    assert chain.held is not None
    assert abs(chain.held) == chain.executed + (chain.others or 0)
    assert chain.left == 0
    assert chain.others == own - (start - abs(chain.held))
    assert chain.orders[-1].outcome == (TAKEOVER if failed else AT_LIMIT)
    assert sum((o.executed for o in chain.orders), D(0)) == chain.executed
    assert chain.executed == sum((t.quantity for t in told.trades if t.order_id[0] in "fl"), D(0))
