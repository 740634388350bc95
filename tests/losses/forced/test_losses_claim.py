"""The claim of an account: dollars lost by force, fills with their basis, collateral sold."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from _forced_exports import Fake, Told, at
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.losses.claim import Told as Says
from liquest.losses.claim import claimant
from liquest.losses.entries import COINM, ForcedSale, Ref
from liquest.rules.claimant import Claimant

D = Decimal


def claim(
    told: Told, prices: Fake, says: Says | None = None, reference: int | None = None
) -> Claimant:
    """The claimant of exports, and no problem but that of coins."""
    record, _ = told.record(prices)
    made, problems = claimant(told.ledger(), record, prices, says or Says(), reference)
    assert {p.code for p in problems} <= {"coins-in-dollars"}
    return made


def forced() -> Told:
    """100 bought at 4, closed by force at 1.4 for a fee of 0.07; the fund pays in 60."""
    told = Told()
    told.row(-100, "TRANSFER", "200")
    told.trade(-90, "ATOMUSDT", 1, "4", "100", "o1", fee="0.2")
    told.order(0, "ATOMUSDT", -1, "100", order_id="o2", limit="1.4", executed="100",
               average="1.4", status="FILLED")  # fmt: skip
    told.trade(0, "ATOMUSDT", -1, "1.4", "100", "o2", realised="-260", fee="0.07")
    told.row(0, "INSURANCE_CLEAR", "60.27", "ATOMUSDT")
    return told


def test_the_loss_is_what_the_account_bore() -> None:
    made = claim(forced(), Fake({}))
    # 260 of the price, 0.07 of fees, less 60.27 that the fund bore.
    assert made.loss == D("199.8") and made.category == "contract"
    (close,) = made.closes
    assert (close.symbol, close.side) == ("ATOMUSDT", 1)
    assert (close.quantity, close.price) == (D(100), D("1.4"))
    assert close.basis == 4 and close.face is None and close.fee == D("0.07")


def test_the_basis_is_the_mark_at_the_reference_for_what_was_held_then() -> None:
    prices = Fake({("mark", "ATOMUSDT"): {-50: "3.9"}})
    assert claim(forced(), prices, reference=at(-50)).closes[0].basis == D("3.9")
    # Before the purchase nothing was held: the entry price stands.
    assert claim(forced(), prices, reference=at(-95)).closes[0].basis == 4


def test_what_is_not_in_the_exports_is_taken_from_the_claimant() -> None:
    says = Says("vip", D(500), D("1.5"), at(60))
    made = claim(forced(), Fake({}), says)
    assert (made.category, made.net_assets, made.compensated) == ("vip", D(500), D("1.5"))
    assert made.mitigation is not None and made.mitigation.able == at(60)


def test_a_loss_in_coins_is_counted_at_the_mark_of_its_second_and_says_so() -> None:
    told = Told()
    told.row(-100, "TRANSFER", "50", asset="ATOM", market=COINM)
    told.trade(-90, "ATOMUSD_PERP", 1, "4", "10", "o1", market=COINM, asset="ATOM")
    told.order(0, "ATOMUSD_PERP", -1, "10", order_id="o2", limit="2", executed="10", average="2",
               status="FILLED", market=COINM)  # fmt: skip
    told.trade(0, "ATOMUSD_PERP", -1, "2", "10", "o2", realised="-25", market=COINM, asset="ATOM")
    prices = Fake({("mark", "ATOMUSD_PERP"): {0: "1.6", -1800: "4.2"}})
    record, _ = told.record(prices)
    made, problems = claimant(told.ledger(), record, prices, Says())
    # 10 contracts of 10 USD: 100·(1/4 − 1/2) = −25 coins, at 1.6 dollars each.
    assert made.loss == 40 and made.closes[0].face == 10
    (said,) = [p for p in problems if p.code == "coins-in-dollars"]
    assert "40.00 dollars" in said.text.en and "105.00" in said.text.en
    assert "105.00" in said.text.zh


def test_collateral_sold_in_margin_or_by_exchange_is_a_lot() -> None:
    told = Told()
    told.sales.append(
        ForcedSale(at(5), "margin", "USDE", D(100), D("0.66"), "USDT", D(50), D("0.5"), "1",
                   Ref(4, 2))
    )  # fmt: skip
    told.row(9, "AUTO_EXCHANGE", "-10", asset="BNSOL")
    told.row(9, "AUTO_EXCHANGE", "350", asset="USDT")
    told.row(12, "AUTO_EXCHANGE", "-1", asset="BNSOL")
    made = claim(told, Fake({}))
    assert made.category == "collateral"
    lots = [(x.asset, x.quantity, x.price, x.fee, x.product) for x in made.lots]
    assert lots == [
        ("USDE", D(100), D("0.66"), D("0.5"), "margin"), ("BNSOL", D(10), D(35), D(0), "futures"),
    ]  # fmt: skip


def test_nothing_forced_is_no_claim() -> None:
    told = Told()
    told.row(-100, "TRANSFER", "200")
    told.trade(-90, "ATOMUSDT", 1, "4", "10", "o1")
    told.trade(0, "ATOMUSDT", -1, "3", "10", "o2", realised="-10")
    made = claim(told, Fake({}))
    assert made.loss is None and made.closes == () and made.lots == ()


@settings(max_examples=60, deadline=None)
@given(
    price=st.decimals("0.5", "3.9", places=2), fee=st.decimals("0", "3", places=2),
    clear=st.decimals("-5", "300", places=2),
)  # fmt: skip
def test_a_loss_is_never_below_zero(price: Decimal, fee: Decimal, clear: Decimal) -> None:
    told = Told()
    told.row(-100, "TRANSFER", "200")
    told.trade(-90, "ATOMUSDT", 1, "4", "100", "o1")
    told.order(0, "ATOMUSDT", -1, "100", order_id="o2", limit=str(price), executed="100",
               average=str(price), status="FILLED")  # fmt: skip
    told.trade(0, "ATOMUSDT", -1, str(price), "100", "o2", realised=100 * (price - 4),
               fee=str(fee))  # fmt: skip
    if clear:
        told.row(0, "INSURANCE_CLEAR", clear, "ATOMUSDT")
    bore = -(100 * (price - 4)) + fee - clear
    made = claim(told, Fake({}))
    assert made.loss == (bore if bore > 0 else None)


def test_a_pseudonym_is_needed_and_kept() -> None:
    made = claim(forced(), Fake({}))
    assert made.id == "A1" and replace(made, id="C-1").id == "C-1"
    with pytest.raises(Exception, match="id"):
        replace(made, id="")


def test_an_average_that_never_ends_is_a_basis_all_the_same() -> None:
    told = Told()
    told.trade(-90, "ATOMUSDT", 1, "4", "1", "o1")
    told.trade(-80, "ATOMUSDT", 1, "3", "2", "o2")
    told.order(0, "ATOMUSDT", -1, "3", order_id="o3", limit="1", executed="3", average="1",
               status="FILLED")  # fmt: skip
    told.trade(0, "ATOMUSDT", -1, "1", "3", "o3", realised="-7")
    assert claim(told, Fake({})).closes[0].basis == D("3.333333333333")
