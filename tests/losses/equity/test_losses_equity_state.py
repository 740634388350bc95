"""A unit at one moment: the rules' own margin, what is isolated, and what is not known."""

from __future__ import annotations

from decimal import Decimal

import pytest
from _equity_ledgers import RULES, at, ledger_of, position, prices_of, wallet
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError, UsageError
from liquest.losses.entries import ISOLATED
from liquest.losses.equity.state import ENTRY, MARK, POSITION, TIERS, Lack, equity_at
from liquest.losses.equity.terms import Terms
from liquest.losses.equity.units import units
from liquest.losses.ledger.ledger import ASSUMED_ZERO, UNKNOWN
from liquest.rules.ladder import flat
from liquest.rules.leg import Leg
from liquest.rules.liquidation_price import liquidation_prices
from liquest.rules.margin import MarginRule, Wallet
from liquest.rules.tiers import tiers

LINEAR = ("XRPUSDT", "BTCUSDT", "ATOMUSDT")
RATE = RULES.get("margin.inverse_rate", "ATOMUSD_PERP").number
money = st.decimals("0.01", "50000", places=4)


@st.composite
def linear_legs(draw: st.DrawFn) -> list[tuple[str, str, Decimal, Decimal, Decimal]]:
    """(symbol, place, signed quantity, entry, mark), each place once, hedge or one-way."""
    found = []
    for symbol in draw(st.lists(st.sampled_from(LINEAR), min_size=1, max_size=3, unique=True)):
        mark = draw(st.decimals("0.5", "200", places=4))
        hedge = draw(st.booleans())
        for place in ("L", "S") if hedge else ("B",):
            size = draw(st.decimals("0.1", "100000", places=2))
            side = {"L": 1, "S": -1}.get(place) or draw(st.sampled_from((1, -1)))
            found.append((symbol, place, side * size, draw(st.decimals("0.5", "200", places=4)),
                          mark))  # fmt: skip
    return found


@settings(max_examples=300, deadline=None)
@given(balance=money, legs=linear_legs())
def test_a_cross_wallet_is_what_the_rules_say(
    balance: Decimal, legs: list[tuple[str, str, Decimal, Decimal, Decimal]]
) -> None:
    marks = {symbol: mark for symbol, _, _, _, mark in legs}
    ledger = ledger_of(
        [wallet(balance)],
        [position(s, (0, q, e), place=place) for s, place, q, e, _ in legs],
    )
    (state,) = equity_at(ledger, prices_of(5, {s: [m] * 5 for s, m in marks.items()}), at(2), RULES)
    rule = MarginRule(RATE)
    same = Wallet(balance, tuple(
        Leg(s, 1 if q > 0 else -1, abs(q), e, False, rule.tiers(tiers(), s), place)
        for s, place, q, e, _ in legs
    ))  # fmt: skip
    margin = same.margin(marks)
    assert (state.equity, state.unrealised) == (margin.equity, margin.unrealised)
    assert state.maintenance == margin.maintenance and state.liquidated == margin.liquidated
    assert {n.symbol: n.liquidation for n in state.near} == liquidation_prices(same, marks)
    for near in state.near:
        if near.distance is not None and len(legs) == 1:
            assert (near.distance < 0) == margin.liquidated or near.distance == 0


@settings(max_examples=100, deadline=None)
@given(
    balance=st.decimals("0.01", "500", places=8), count=st.integers(-5000, 5000),
    entry=st.decimals("1", "10", places=3), mark=st.decimals("1", "10", places=3),
)  # fmt: skip
def test_a_coin_wallet_holds_contracts_of_its_coin(
    balance: Decimal, count: int, entry: Decimal, mark: Decimal
) -> None:
    ledger = ledger_of(
        [wallet(balance, asset="ATOM", market="coinm")],
        [position("ATOMUSD_PERP", (0, Decimal(count or 1), entry), settle="ATOM", size="10")],
    )
    (state,) = equity_at(ledger, prices_of(5, {"ATOMUSD_PERP": [mark] * 5}), at(2), RULES)
    contracts = count or 1
    side = 1 if contracts > 0 else -1
    leg = Leg("ATOMUSD_PERP", side, Decimal(abs(contracts) * 10), entry, True,
              MarginRule(RATE).tiers({}, "ATOMUSD_PERP", inverse=True))  # fmt: skip
    margin = Wallet(balance, (leg,)).margin({"ATOMUSD_PERP": mark})
    assert (state.equity, state.maintenance) == (margin.equity, margin.maintenance)
    assert "tiers-assumed" in state.caveats


def test_the_ratio_and_the_distance_as_the_venue_shows_them() -> None:
    ledger = ledger_of([wallet("1000")], [position("XRPUSDT", (0, "1000", "2.5"))])
    (state,) = equity_at(ledger, prices_of(5, {"XRPUSDT": ["2"] * 5}), at(1), RULES)
    assert state.equity == 500 and state.maintenance == 10 and state.cushion == 490
    assert state.ratio == Decimal("0.02")
    (near,) = state.near
    assert float(near.liquidation or 0) == pytest.approx(1500 / 995)
    assert float(near.distance or 0) == pytest.approx((2 - 1500 / 995) / 2)
    short = ledger_of([wallet("1000")], [position("XRPUSDT", (0, "-1000", "2.5"))])
    (other,) = equity_at(short, prices_of(5, {"XRPUSDT": ["2"] * 5}), at(1), RULES)
    assert float(other.near[0].liquidation or 0) == pytest.approx(3500 / 1005)
    assert float(other.near[0].distance or 0) == pytest.approx((3500 / 1005 - 2) / 2)


def test_after_everything_stamped_up_to_the_moment() -> None:
    ledger = ledger_of(
        [wallet("100", (2, "-30"))], [position("XRPUSDT", (1, "10", "2"), (3, "0", None))]
    )
    prices = prices_of(6, {"XRPUSDT": ["2", "2", "3", "3", "3", "3"]})
    seen = [equity_at(ledger, prices, at(s), RULES)[0].equity for s in range(4)]
    assert seen == [100, 100, 80, 70]
    assert equity_at(ledger, prices, at(2, -1), RULES)[0].equity == 100


def test_a_wallet_without_positions_has_no_ratio_to_fear() -> None:
    (state,) = equity_at(ledger_of([wallet("5")], []), prices_of(2, {}), at(0), RULES)
    assert [state.equity, state.maintenance, state.ratio] == [5, 0, 0]
    assert state.liquidated is False and state.near == ()


@pytest.mark.parametrize(
    ("states", "symbol", "by", "place", "lack"),
    [
        ([(0, "10", "2")], "SOLUSDT", ASSUMED_ZERO, "B", MARK),
        ([(0, "10", None)], "XRPUSDT", ASSUMED_ZERO, "B", ENTRY),
        ([(0, "10", "2")], "NOSUCHUSDT", ASSUMED_ZERO, "B", TIERS),
        ([], "XRPUSDT", UNKNOWN, "B", POSITION),
        ([(0, "-10", "2")], "XRPUSDT", ASSUMED_ZERO, "L", POSITION),
    ],
)
def test_what_is_not_known_is_named_and_never_zero(
    states: list[tuple[int, str, str | None]], symbol: str, by: str, place: str, lack: str
) -> None:
    path = position(symbol, *states, by=by, place=place)
    ledger = ledger_of([wallet("100")], [path, position("BTCUSDT", (0, "1", "2"))])
    prices = prices_of(3, {s: ["2"] * 3 for s in ("XRPUSDT", "BTCUSDT", "NOSUCHUSDT")})
    (state,) = equity_at(ledger, prices, at(1), RULES)
    assert state.lacking == (Lack(symbol, lack),)
    assert state.missing == ((symbol,) if lack == MARK else ())
    assert (state.equity, state.maintenance, state.ratio, state.liquidated) == (None,) * 4
    assert [leg.symbol for leg in state.legs] == ["BTCUSDT"]


def test_isolated_margin_is_taken_out_of_the_cross_balance() -> None:
    apart = position("XRPUSDT", (0, "50", "2"), (2, "100", "2"), (4, "25", "2"), mode=ISOLATED)
    ledger = ledger_of([wallet("1000")], [apart, position("BTCUSDT", (0, "1", "2"))])
    prices = prices_of(9, {"XRPUSDT": ["2"] * 9, "BTCUSDT": ["2"] * 9})
    stated = {("usdm", "XRPUSDT", "B"): Decimal(40)}
    seen = []
    for second in (1, 3, 5):
        cross, own = equity_at(ledger, prices, at(second), RULES, isolated=stated)
        assert cross.unit.mode == "cross" and own.unit.name == "usdm isolated XRPUSDT B"
        assert [leg.symbol for leg in cross.legs] == ["BTCUSDT"]
        assert cross.equity is not None and own.equity is not None
        assert cross.equity + own.equity == 1000
        seen.append(own.equity)
    assert seen == [20, 40, 10]
    assert "isolated-margin-stated" in own.caveats


def test_isolated_margin_that_is_not_known_is_a_problem_and_no_equity() -> None:
    ledger = ledger_of([wallet("1000")], [position("XRPUSDT", (0, "50", "2"), mode=ISOLATED)])
    cross, own = equity_at(ledger, prices_of(3, {"XRPUSDT": ["1"] * 3}), at(1), RULES)
    assert cross.equity == 1000 and "isolated-margin-unknown" in cross.caveats
    assert [own.balance, own.equity, own.unrealised] == [None, None, -50]
    _, (problem,) = units(ledger)
    assert problem.code == "isolated-margin-unknown"
    assert "XRPUSDT" in problem.text.en and "逐仓" in problem.text.zh


def test_modes_wallets_and_assets_that_no_export_tells() -> None:
    ledger = ledger_of(
        [wallet("1000", by=ASSUMED_ZERO), wallet("2", asset="BNB")],
        [position("XRPUSDT", (0, "50", "2"), mode=""),
         position("BTCUSDC", (0, "1", "2"), settle="USDC")],
    )  # fmt: skip
    found, problems = units(ledger)
    assert [u.name for u in found] == ["usdm cross USDT", "usdm cross BNB", "usdm cross USDC"]
    assert [p.code for p in problems] == [
        "margin-mode-unknown", "wallet-unknown", "multi-assets-unknown",
    ]  # fmt: skip
    assert "not modelled" in problems[-1].text.en and "未建模" in problems[-1].text.zh
    assert found[0].caveats == ("opening-unknown", "margin-mode-unknown")
    state = equity_at(ledger, prices_of(3, {}), at(0), RULES)[2]
    assert state.balance is None and state.equity is None


@pytest.mark.parametrize(
    ("key", "margin", "error", "words"),
    [
        (("usdm", "XRPUSDT", "L"), "5", UsageError, "不在导出文件中"),
        (("usdm", "XRPUSDT", "B"), "5", UsageError, "全仓模式"),
        (("usdm", "BTCUSDT", "B"), "0", InputError, "不大于零"),
    ],
)
def test_a_margin_for_the_wrong_position_is_refused(
    key: tuple[str, str, str], margin: str, error: type[Exception], words: str
) -> None:
    ledger = ledger_of([wallet("9")], [
        position("XRPUSDT", (0, "1", "2")), position("BTCUSDT", (0, "1", "2"), mode=ISOLATED),
    ])  # fmt: skip
    with pytest.raises(error) as caught:
        units(ledger, {key: Decimal(margin)})
    assert words in caught.value.render("zh")  # type: ignore[attr-defined]


def test_tiers_are_those_of_the_rules_and_the_table_that_is_given() -> None:
    ledger = ledger_of([wallet("1000")], [position("XRPUSDT", (0, "1000", "2.5"))])
    prices = prices_of(2, {"XRPUSDT": ["2"] * 2})
    double = RULES.override("margin.rate_factor", "2")
    table = {"XRPUSDT": flat("XRPUSDT", Decimal("0.1"))}
    for terms, held in (
        (Terms(RULES), 10), (Terms(double), 20), (Terms(RULES, table), 200),
        (Terms(double, table), 400),
    ):  # fmt: skip
        (state,) = equity_at(ledger, prices, at(1), RULES, terms=terms)
        assert state.maintenance == held
