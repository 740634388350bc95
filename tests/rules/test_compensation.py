"""Schemes of compensation by hand: amounts with their arithmetic, windows to the second, what is
missing, and which dated text holds."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from _claimants import D, Fixed, at, close, lost, lot, one, rules

from liquest.clock import parse_time
from liquest.errors import InputError, Text, UsageError
from liquest.rules.book import Rules, book
from liquest.rules.claimant import SHORT, Claimant, Mitigation
from liquest.rules.compensation import (
    GROUNDS,
    ORIGINS,
    Award,
    Part,
    Reference,
    Span,
    Terms,
    moment_of,
)
from liquest.rules.schemes import chosen, scheme, schemes

ASSETS = Fixed(assets={"USDE": "0.999", "WBETH": "4100", "BNSOL": "200"})


def award(
    name: str, claimant: Claimant, reference: Reference | None = None, under: Rules | None = None
) -> Award:
    terms = Terms(reference or Fixed())
    return scheme(name).policy(under or rules(), [claimant], terms).award(claimant, terms)


# The collateral scheme.


def test_collateral_pays_the_difference_and_the_fee() -> None:
    """(0.999 − 0.70) · 1,000 = 299.00; + 10.50 = 309.50."""
    found = award("collateral", one(lots=(lot(),)), ASSETS)
    assert (found.eligible, found.amount, found.currency) == (True, D("309.50"), "USD")
    assert [part.amount for part in found.parts] == [D("299.000"), D("10.50")]
    assert ("asset", "USDE", at("00:00:00", "2025-10-11")) in ASSETS.asked


def test_several_lots_and_assets_add_up() -> None:
    """(0.999 − 0.70)·1,000 + (0.999 − 0.65)·2,000 = 299 + 698; (4,100 − 3,400)·0.5 = 350;
    fees 10.50 + 13 + 17 = 40.50: together 1,387.50."""
    lots = (
        lot(), lot("22:00:00", quantity="2000", price="0.65", fee="13"),
        lot("21:50:00", "WBETH", "0.5", "3400", "17"),
    )  # fmt: skip
    found = award("collateral", one(lots=lots), ASSETS)
    assert found.amount == D("1387.50")
    assert [p.what.en for p in found.parts] == [
        "difference of USDE", "difference of WBETH", "liquidation fees",
    ]  # fmt: skip


def test_a_lot_above_the_reference_price_counts_as_nothing_or_is_set_against_the_others() -> None:
    """Sold at 1.05: (0.999 − 1.05)·1,000 = −51. Each by itself: 299 + 0; set against: 248."""
    held = one(lots=(lot(fee="0"), lot(price="1.05", fee="0")))
    assert award("collateral", held, ASSETS).amount == D(299)
    netted = rules(collateral__net="account")
    assert award("collateral", held, ASSETS, netted).amount == D(248)
    dear = one(lots=(lot(price="1.05", fee="4"),))
    found = award("collateral", dear, ASSETS, netted)
    assert found.amount == 4 and [p.amount for p in found.parts] == [D(-51), D(51), D(4)]
    free = award("collateral", one(lots=(lot(price="1.05", fee="0"),)), ASSETS)
    assert (free.eligible, free.code, free.amount) == (True, "nothing-due", D(0))


def test_fees_may_be_left_out_and_assets_added() -> None:
    assert award(
        "collateral", one(lots=(lot(),)), ASSETS, rules(collateral__fees="no")
    ).amount == D(299)
    btc = one(lots=(lot(asset="BTC", quantity="1", price="100000", fee="0"),))
    assert award("collateral", btc, ASSETS).code == "other-collateral"
    more = rules(collateral__asset__BTC="true")
    assert award("collateral", btc, Fixed(assets={"BTC": "112000"}), more).amount == 12000
    assert award("collateral", one(lots=(lot(),)), ASSETS, rules(
        collateral__asset__USDE="false")).code == "other-collateral"  # fmt: skip


@pytest.mark.parametrize(
    ("clock", "eligible"),
    [
        ("21:35:59", False), ("21:36:00", True), ("22:15:59", True), ("22:16:00", True),
        ("22:16:01", False), ("22:16:59", False),
    ],
)  # fmt: skip
def test_the_window_of_the_announcement_to_the_second(clock: str, eligible: bool) -> None:
    found = award("collateral", one(lots=(lot(clock),)), ASSETS)
    assert found.eligible is eligible
    if not eligible:
        assert (found.code, found.amount) == ("outside-window", D(0))
        assert "2025-10-10 21:36:00 – 2025-10-10 22:16:00 UTC" in found.reason.zh


@pytest.mark.parametrize(
    ("clock", "eligible"),
    [("22:15:00", True), ("22:15:01", False), ("22:15:30", False), ("22:16:00", False)],
)
def test_the_window_of_the_later_text(clock: str, eligible: bool) -> None:
    later = book().at(parse_time("2026-02-01T00:00:00Z"))
    assert award("collateral", one(lots=(lot(clock),)), ASSETS, later).eligible is eligible


@pytest.mark.parametrize(
    ("clock", "edge", "eligible"),
    [("22:16:59", "through", True), ("22:17:00", "through", False), ("22:16:01", "at", False)],
)
def test_the_last_minute_may_count_whole(clock: str, edge: str, eligible: bool) -> None:
    under = rules(collateral__edge=edge)
    assert award("collateral", one(lots=(lot(clock),)), ASSETS, under).eligible is eligible


def test_which_text_holds_when() -> None:
    for moment, until in (
        ("2025-10-12T00:00:00Z", "22:16"), ("2026-01-30T23:59:59Z", "22:16"),
        ("2026-01-31T00:00:00Z", "22:15"),
    ):  # fmt: skip
        found = book().at(parse_time(moment))
        assert moment_of(found, "compensation.collateral.until") == at(f"{until}:00")
    assert book().at(parse_time("2025-10-20T00:00:00Z")).get(
        "compensation.collateral.total"
    ).number == D(283_000_000)
    with pytest.raises(UsageError, match=r"compensation\.collateral\.from before 2025-10-12"):
        award("collateral", one(), under=book().at(at("21:20:00")))


def test_a_moment_may_be_set_by_its_epoch() -> None:
    under = rules(collateral__until="epoch:1760134800")
    assert moment_of(under, "compensation.collateral.until") == at("22:20:00")
    assert award("collateral", one(lots=(lot("22:20:00"),)), ASSETS, under).eligible
    with pytest.raises(UsageError, match="ends before it starts"):
        award("collateral", one(), under=rules(collateral__until="epoch:1760000000"))


def test_a_price_that_is_missing_is_named_and_never_zero() -> None:
    found = award("collateral", one(lots=(lot(), lot(asset="BNSOL"))), Fixed(assets={"USDE": "1"}))
    assert (found.eligible, found.amount, found.code) == (True, None, "not-determinable")
    assert "market price of BNSOL at 2025-10-11T00:00:00Z" in found.reason.en
    assert "BNSOL" in found.reason.zh and len(found.missing) == 1


def test_without_collateral_there_is_no_award() -> None:
    assert award("collateral", one(), ASSETS).code == "no-collateral"


def test_over_payment_as_told() -> None:
    """309.50 · 1.05 = 324.975."""
    found = award("collateral-overpaid", one(lots=(lot(),)), ASSETS)
    assert found.amount == D("324.975") and found.parts[-1].amount == D("15.475")
    assert award("collateral-overpaid", one(), ASSETS).amount == 0
    assert award("collateral-overpaid", one(lots=(lot(),))).amount is None


# The Together Initiative.


def voucher(loss: str, net: str = "1000", **more: str) -> Award:
    return award("together", one(losses=(lost(loss),), net_assets=D(net)), under=rules(**more))


@pytest.mark.parametrize(
    ("loss", "net", "amount", "code"),
    [
        ("30000", "100000", "300.00", "paid"),  # 1 % of 30,000; 30 % of net assets exactly
        ("29999.99", "100000", "0", "below-share"),
        ("50", "166.66", "4", "paid"),  # 1 % is 0.50: the smallest voucher
        ("49.99", "100", "0", "below-least"),
        ("900000", "1000000", "6000", "paid"),  # 1 % is 9,000: the largest
        ("12345.67", "12345.67", "123.46", "paid"),  # 123.4567 to the cent
        ("60", "-500", "4", "paid"),  # net assets below zero: any loss is 30 % of them
    ],
)
def test_vouchers(loss: str, net: str, amount: str, code: str) -> None:
    found = voucher(loss, net)
    assert (found.amount, found.code, found.currency) == (D(amount), code, "USDC")


def test_the_share_and_the_bounds_may_be_set() -> None:
    assert voucher("30000", together__share="2%").amount == 600
    assert voucher("30000", together__low="500").amount == 500
    with pytest.raises(UsageError, match="largest voucher"):
        voucher("30000", together__low="7000")


@pytest.mark.parametrize(
    ("day", "clock", "edge", "eligible"),
    [
        ("2025-10-09", "23:59:59", "through", False),
        ("2025-10-10", "00:00:00", "through", True),
        ("2025-10-11", "23:59:00", "through", True),
        ("2025-10-11", "23:59:59", "through", True),
        ("2025-10-12", "00:00:00", "through", False),
        ("2025-10-11", "23:59:00", "at", True),
        ("2025-10-11", "23:59:01", "at", False),
    ],
)
def test_the_window_of_vouchers(day: str, clock: str, edge: str, eligible: bool) -> None:
    held = one(losses=(lost("30000", clock, day=day),), net_assets=D(1000))
    assert award("together", held, under=rules(together__edge=edge)).eligible is eligible


def test_only_losses_in_futures_and_margin_within_the_window_count() -> None:
    losses = (
        lost("1000", product="loan"), lost("20000"), lost("5000", product="margin"),
        lost("99", day="2025-10-12"),
    )  # fmt: skip
    assert award("together", one(losses=losses, net_assets=D(1000))).amount == 250
    assert award("together", one(losses=losses[:1])).code == "other-product"
    assert award("together", one(losses=losses[3:])).code == "outside-window"
    assert award("together", one()).code == "no-loss"


def test_those_compensated_before_are_left_out() -> None:
    held = one(losses=(lost("30000"),), net_assets=D(1000), compensated=D("0.01"))
    assert award("together", held).code == "compensated-before"
    assert award("together", held, under=rules(together__unpaid_only="no")).amount == 300


def test_net_assets_that_are_not_known_leave_it_open() -> None:
    found = award("together", one(losses=(lost("30000"),)))
    assert (found.eligible, found.amount) == (None, None)
    assert "net assets at the snapshot" in found.reason.en and "净资产" in found.reason.zh


def test_a_budget_is_spent_to_the_cent_over_the_eligible() -> None:
    """Losses 100, 1,000, 10,000, bounds 4 and 6,000, budget 1,000: c·100 + c·1,000 + c·10,000 =
    1,000 at c = 0.09009…, where the first would get 9.01: within the bounds."""
    everyone = [
        one(f"c{k}", losses=(lost(loss),), net_assets=D(1))
        for k, loss in enumerate(("100", "1000", "10000", "20"))
    ]
    under = rules(together__formula="budget", together__budget="1000")
    policy = scheme("together").policy(under, everyone, Terms())
    amounts = [policy.award(c, Terms()).amount for c in everyone]
    assert amounts == [D("9.01"), D("90.09"), D("900.90"), D(0)]


def test_both_schemes_as_they_reach_one_person() -> None:
    pledged = one("a", lots=(lot(),), losses=(lost("30000"),), net_assets=D(1000))
    traded = one("b", losses=(lost("30000"),), net_assets=D(1000))
    assert award("announced", pledged, ASSETS).amount == D("309.50")
    assert award("announced", traded, ASSETS).amount == 300
    assert award("announced", pledged).amount is None
    both = award("announced", pledged, ASSETS, rules(together__unpaid_only="no"))
    assert both.amount == D("609.50") and "; " in both.reason.en
    only = one("c", lots=(lot(),))
    assert award("announced", only, ASSETS, rules(together__unpaid_only="no")).amount == D("309.50")


# Vouchers as told.


def test_both_ends_of_the_vouchers_as_told() -> None:
    held = one(losses=(lost("4170000"),))
    assert award("voucher-low", held).amount == 4170
    assert award("voucher-high", held).amount == 41700
    assert award("voucher-low", one()).code == "no-loss"
    assert award("voucher-low", one(losses=(lost("5", product="loan"),))).code == "other-product"


# What claimants propose.


def test_fair_price_re_execution() -> None:
    """Long 100 closed at 1.90, others at 3.60: 170. Short 10 closed at 5, others at 4.50: 5."""
    closes = (close(), close(symbol="XRPUSDT", side=SHORT, quantity="10", price="5"))
    prices = Fixed(
        median={"ATOMUSDT": "3.60", "XRPUSDT": "4.50"}, usd={"ATOMUSDT": "3.56", "XRPUSDT": "5.5"}
    )
    found = award("fair-median", one(closes=closes), prices)
    assert found.amount == 175 and [p.what.en for p in found.parts] == ["ATOMUSDT", "XRPUSDT"]
    # At USD venues 166 − 5: the better fill is set against the worse one, or not.
    assert award("fair-usd", one(closes=closes), prices).amount == 161
    each = rules(proposed__net="each")
    assert award("fair-usd", one(closes=closes), prices, each).amount == 166
    better = one(closes=(close(price="9"),))
    found = award("fair-median", better, prices)
    assert (found.amount, found.code) == (D(0), "nothing-due")
    assert [p.amount for p in found.parts] == [D(-540), D(540)]


def test_inverse_fills_are_counted_in_coins_and_valued_at_the_reference() -> None:
    """500 contracts of 100 USD, long, closed at 100,000, others at 110,000:
    50,000 · (1/100,000 − 1/110,000) BTC · 110,000 = 50,000 · (1.1 − 1) = 5,000."""
    btc = close(symbol="BTCUSD_PERP", quantity="500", price="100000", face="100")
    found = award("fair-median", one(closes=(btc,)), Fixed(median={"BTCUSD_PERP": "110000"}))
    assert found.amount == 5000
    third = close(symbol="BTCUSD_PERP", quantity="1", price="3", face="1")
    assert third.worse_by(D(5)) == D("0.66666667")


def test_a_missing_median_is_named_with_its_second() -> None:
    found = award("fair-median", one(closes=(close("21:19:53"), close("21:20:01"))))
    assert found.amount is None and len(found.missing) == 2
    assert "median of the other venues of ATOMUSDT at 2025-10-10T21:19:53Z" in found.reason.en
    many = one(closes=tuple(close(f"21:20:{k:02d}") for k in range(9)))
    assert "; and 4 more" in award("fair-usd", many).reason.en
    assert "另有 4 项" in award("fair-usd", many).reason.zh
    assert award("fair-usd", one()).code == "no-fills"


def test_fees_are_paid_back() -> None:
    held = one(closes=(close(fee="3.5"), close(fee="1")), lots=(lot(fee="10.5"),))
    assert award("fee-refund", held).amount == 15
    assert award("fee-refund", one(closes=(close(),))).code == "no-fee"
    assert award("fee-refund", one()).code == "no-fills"


def test_a_pot_is_shared_by_the_loss_that_nobody_paid_for() -> None:
    """Losses 300 and 700 of which 400 were paid: 300 : 300, so a pot of 100.01 gives 50.01 and
    50.00: the odd cent goes by the largest remainder, here a tie, to the first id."""
    everyone = [
        one("b", losses=(lost("700"),), compensated=D(400)),
        one("a", losses=(lost("300"),)),
        one("c", losses=(lost("9"),), compensated=D(9)),
        one("d"),
    ]
    policy = scheme("pro-rata").policy(rules(pot__size="100.01"), everyone, Terms())
    found = [policy.award(c, Terms()) for c in everyone]
    assert [f.amount for f in found] == [D("50.00"), D("50.01"), 0, 0]
    assert [f.code for f in found[2:]] == ["compensated-before", "no-loss"]
    whole = scheme("pro-rata").policy(rules(), everyone, Terms())
    assert [whole.award(c, Terms()).amount for c in everyone] == [300, 300, 0, 0]
    stranger = one("z", losses=(lost("5"),))
    assert policy.award(stranger, Terms()).amount == 0


def test_valued_at_the_re_opening() -> None:
    """Long 100 closed at 1.90 within 21:18–21:51, mark at 21:51 3.19: 129, with the fee 2 131."""
    prices = Fixed(marks={"ATOMUSDT": "3.19"})
    held = one(closes=(close(fee="2"), close("21:17:59"), close("21:51:01")))
    assert award("reopening", held, prices).amount == 131
    assert prices.asked == [("mark", "ATOMUSDT", at("21:51:00"))]
    shut = rules(reopening__reading="shut")
    award("reopening", held, prices, shut)
    assert prices.asked[-1] == ("mark", "ATOMUSDT", at("21:18:00"))
    assert award("reopening", held).amount is None
    assert award("reopening", one(closes=(close("21:17:59"),))).code == "outside-window"
    assert award("reopening", one()).code == "no-fills"


def test_the_loss_counts_until_one_could_act_again() -> None:
    early, late = lost("300", "22:20:00"), lost("500", "22:20:01")
    assert award("mitigation", one(losses=(early, late))).amount == 300
    own = one(losses=(early, late), mitigation=Mitigation(at("23:00:00")))
    assert award("mitigation", own).amount == 800
    then = one(losses=(early, late), mitigation=Mitigation(at("23:00:00"), D(450)))
    assert award("mitigation", then).amount == 450
    most = one(losses=(early, late), mitigation=Mitigation(at("23:00:00"), D(5000)))
    assert award("mitigation", most).amount == 800
    assert award("mitigation", one(losses=(late,))).code == "outside-window"
    assert award("mitigation", one()).code == "no-loss"


def test_later_fills_count_at_the_mark_of_the_cut_off() -> None:
    """Basis 4. Closed at 1.90 in time: (4 − 1.90)·100 = 210, fee 1. Closed at 1.50 too late,
    mark at the cut-off 3: (4 − 3)·100 = 100 instead of 250. Together 311."""
    closes = (close(basis="4", fee="1"), close("22:30:00", "1.50", basis="4"))
    held = one(losses=(lost("461"),), closes=closes)
    assert award("mitigation", held, Fixed(marks={"ATOMUSDT": "3"})).amount == 311
    # A mark below the fill would make the loss larger: the fill's own counts.
    assert award("mitigation", held, Fixed(marks={"ATOMUSDT": "1"})).amount == 461
    assert award("mitigation", held).amount is None
    # Never more than the loss that is stated; without a basis for all, losses by their time.
    assert award("mitigation", one(losses=(lost("100"),), closes=closes),
                 Fixed(marks={"ATOMUSDT": "3"})).amount == 100  # fmt: skip
    bare = one(losses=(lost("461"),), closes=(*closes, close()))
    assert award("mitigation", bare).amount == 461


# What all schemes have in common.


@pytest.mark.parametrize("name", schemes())
def test_a_scheme_says_in_both_languages_what_it_does(name: str) -> None:
    found = schemes()[name]
    assert name == found.NAME and found.ORIGIN in ORIGINS
    for text in (found.TITLE, found.DEFINITION):
        assert text.en and re.search(r"[\u4e00-\u9fff]", text.zh)
        assert not re.search(r"[\u4e00-\u9fff]", text.en)
    for path in found.PATHS:
        assert rules().get(path).path == path


def test_schemes_come_in_order_and_by_name() -> None:
    assert list(schemes())[:3] == ["announced", "collateral", "together"]
    assert [s.NAME for s in chosen(["pro-rata", "collateral"])] == ["collateral", "pro-rata"]
    assert len(chosen([])) == len(schemes()) == 12
    with pytest.raises(UsageError, match="there is no scheme 'colateral'") as caught:
        scheme("colateral")
    assert "Nearest: collateral" in caught.value.render("en")


OK = Text("a", "甲")


@pytest.mark.parametrize(
    "wrong",
    [
        {"eligible": False, "amount": D(1)},
        {"eligible": None, "amount": D(1)},
        {"amount": D(-1)},
        {"amount": None},
        {"amount": Decimal("NaN")},
        {"missing": (OK,)},
        {"code": "because"},
        {"reason": Text("", "甲")},
        {"parts": (Part(OK, D(2)),)},
    ],
)
def test_awards_that_cannot_be(wrong: dict[str, object]) -> None:
    sound: dict[str, object] = {"eligible": True, "code": "paid", "reason": OK, "amount": D(1)}
    assert Award(**sound).amount == 1  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no award can be so"):
        Award(**{**sound, **wrong})  # type: ignore[arg-type]


def test_grounds_speak_both_languages() -> None:
    for text in (*GROUNDS.values(), *ORIGINS.values()):
        assert text.en and re.search(r"[\u4e00-\u9fff]", text.zh)


def test_a_window_of_a_moment_and_one_with_seconds() -> None:
    assert Span(5, 5).holds(5) and not Span(5, 5).holds(4)
    odd = Span(0, at("20:56:22"), "through")
    assert odd.holds(at("20:56:22")) and not odd.holds(at("20:56:23"))
    with pytest.raises(UsageError):
        Span(5, 6, "somehow")
