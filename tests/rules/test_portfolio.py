"""portfolio: one ratio over everything, and a depeg that liquidates a hedged book."""

from __future__ import annotations

from decimal import Decimal

import pytest
from _margins import D, amounts
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import InputError
from liquest.findings import rounded
from liquest.rules.collateral import NO_HAIRCUT, CollateralPrice, CollateralRule
from liquest.rules.ladder import flat
from liquest.rules.leg import LONG, SHORT
from liquest.rules.margin import Leg
from liquest.rules.portfolio import (
    FREE,
    LIQUIDATION,
    REDUCE_ONLY,
    WARNING,
    Holding,
    Portfolio,
    PortfolioRule,
)

HALF_PERCENT = D("0.005")


def position(symbol: str, side: int, quantity: str, entry: str, inverse: bool = False) -> Leg:
    return Leg(symbol, side, D(quantity), D(entry), inverse, flat(symbol, HALF_PERCENT))


def test_the_venues_example() -> None:
    """Balances, loans, positions and marks as Binance states them, in three settle assets;
    the indices and rates are ours. Profits: 600 and −414 USDT, −0.05 BTC."""
    account = Portfolio(
        (
            Holding("USDT", D(6000)),
            Holding("BTC", D("0.2"), D("0.04"), D("0.1")),
            Holding("ETH", D(20), D(15), D("0.1")),
        ),
        (
            ("USDT", position("BTCUSDT", -1, "0.05", "52000")),
            ("USDT", position("BTCUSDT_220624", 1, "0.04", "52350")),
            ("BTC", position("BTCUSD_PERP", 1, "10000", "50000", inverse=True)),
        ),
    )
    marks = {"BTCUSDT": D(40000), "BTCUSDT_220624": D(42000), "BTCUSD_PERP": D(40000)}
    indices = {"USDT": D(1), "BTC": D(40000), "ETH": D(3000)}
    rule = CollateralRule({"USDT": D(1), "BTC": D("0.95"), "ETH": D("0.9")})
    state = account.state(marks, indices, rule)
    # 6,186 + 0.11·40,000·0.95 + 5·3,000·0.9; 18.4 + (0.004 + 0.00125)·40,000 + 1.5·3,000.
    assert state.equity == 6186 + 4180 + 13500
    assert state.maintenance == D("18.4") + 210 + 4500
    assert state.ratio is not None and rounded(state.ratio, 4) == D("5.0474")
    assert state.level == FREE


@pytest.mark.parametrize(
    ("equity", "level"),
    [("150.01", FREE), ("150", WARNING), ("120.01", WARNING), ("120", REDUCE_ONLY),
     ("105.01", REDUCE_ONLY), ("105", LIQUIDATION), ("0", LIQUIDATION), ("-1", LIQUIDATION)],
)  # fmt: skip
def test_the_levels_begin_at_and_below_their_ratios(equity: str, level: str) -> None:
    assert PortfolioRule().level(D(equity), D(100)) == level


def test_without_positions_only_debt_is_a_fault() -> None:
    assert Portfolio((Holding("A", D(1)),)).state({}, {"A": D(1)}, NO_HAIRCUT).level == FREE
    owing = Portfolio((Holding("A", D(1), D(2)),)).state({}, {"A": D(1)}, NO_HAIRCUT)
    assert (owing.equity, owing.ratio, owing.level) == (D(-1), None, LIQUIDATION)


def test_an_open_loss_is_taken_off_in_full() -> None:
    account = Portfolio((Holding("A", D(100), open_loss=D(10)),))
    state = account.state({}, {"A": D(2)}, CollateralRule({"A": D("0.5")}))
    assert state.equity == 100 - 20


def hedged(usde: str) -> Portfolio:
    """Long and short of ten bitcoin, opened at 120,000, on USDe alone."""
    legs = (
        Leg("BTCUSDT", 1, D(10), D(120000), False, flat("BTCUSDT", D("0.02")), LONG),
        Leg("BTCUSDT", -1, D(10), D(120000), False, flat("BTCUSDT", D("0.02")), SHORT),
    )
    return Portfolio((Holding("USDE", D(usde)),), tuple(("USDT", leg) for leg in legs))


def test_a_depeg_of_collateral_liquidates_a_hedged_book_with_no_move_in_what_it_trades() -> None:
    account, rule = hedged("70000"), CollateralRule({"USDE": D("0.9"), "USDT": D(1)})
    marks = {"BTCUSDT": D(120000)}
    quotes = {"venue": D("0.6567"), "onchain": D("1.0002")}

    def state(price: Decimal) -> tuple[Decimal, str]:
        found = account.state(marks, {"USDE": price, "USDT": D(1)}, rule)
        assert found.maintenance == 48000
        return found.equity, found.level

    before, after = state(D(1)), state(CollateralPrice("venue").price("USDE", quotes))
    assert (before[1], after[1]) == (WARNING, LIQUIDATION)
    # The loss of equity is balance · rate · fall.
    assert before[0] - after[0] == 70000 * D("0.9") * (1 - D("0.6567"))
    # At the price on chain, or with a floor, nothing happens.
    assert state(CollateralPrice.of("onchain").price("USDE", quotes))[1] == WARNING
    assert state(CollateralPrice.of("floor:0.98").price("USDE", quotes))[1] == WARNING
    # The fall that it could stand: 63,000·p = 1.05·48,000.
    limit = account.liquidation_index("USDE", marks, {"USDT": D(1)}, rule)
    assert limit == D("0.8")
    assert state(limit)[1] == LIQUIDATION
    assert state(limit + D("0.000001"))[1] == REDUCE_ONLY


def test_no_price_of_an_asset_that_does_not_matter_liquidates() -> None:
    account, rule = hedged("70000"), CollateralRule({"USDE": D("0.9"), "USDT": D(1)})
    marks, indices = {"BTCUSDT": D(120000)}, {"USDE": D(1), "USDT": D(1)}
    assert account.liquidation_index("BNB", marks, indices, rule) is None
    rich = Portfolio((*account.holdings, Holding("USDT", D(10**6))), account.legs)
    assert rich.liquidation_index("USDE", marks, indices, rule) is None


@settings(max_examples=500, deadline=None)
@given(
    amounts("-50000", "500000", 2), amounts("0", "100000", 2), amounts("0", "0.2", 2),
    amounts("0.1", "1", 2), amounts("-50000", "50000", 2), amounts("0", "9000", 2),
    st.sampled_from(("USDE", "USDT")),
)  # fmt: skip
def test_at_the_liquidation_index_equity_is_the_multiple_of_maintenance(
    balance: Decimal,
    loan: Decimal,
    loan_rate: Decimal,
    rate: Decimal,
    cash: Decimal,
    open_loss: Decimal,
    asset: str,
) -> None:
    account = Portfolio(
        (Holding("USDE", balance, loan, loan_rate, open_loss), Holding("USDT", cash)),
        hedged("1").legs,
    )
    marks, rule = {"BTCUSDT": D(110000)}, CollateralRule({"USDE": rate, "USDT": D(1)})
    indices = {"USDE": D(1), "USDT": D(1)}
    limit = account.liquidation_index(asset, marks, indices, rule)
    now = account.state(marks, indices, rule)
    if limit is None:
        # Then no price of it changes whether the account stands.
        for price in ("0.000001", "0.5", "2", "1000000"):
            there = account.state(marks, {**indices, asset: D(price)}, rule)
            assert (there.level == LIQUIDATION) == (now.level == LIQUIDATION)
        return
    there = account.state(marks, {**indices, asset: limit}, rule)
    due = there.maintenance * D("1.05")
    assert abs(there.equity - due) <= due * D("1e-20")


def test_what_is_missing_is_named() -> None:
    account = hedged("1")
    rule = CollateralRule({"USDE": D("0.9")})
    with pytest.raises(InputError, match="no mark price for BTCUSDT"):
        account.state({}, {"USDE": D(1)}, NO_HAIRCUT)
    with pytest.raises(InputError, match="no index price of USDT"):
        account.state({"BTCUSDT": D(1)}, {"USDE": D(1)}, NO_HAIRCUT)
    in_profit = Portfolio((Holding("USDT", D(1)), Holding("USDE", D(1))))
    with pytest.raises(InputError, match="no collateral rate for USDT"):
        in_profit.state({}, {"USDT": D(1), "USDE": D(1)}, rule)


def test_what_is_no_portfolio_cannot_be_built() -> None:
    with pytest.raises(InputError, match="A stands twice"):
        Portfolio((Holding("A", D(1)), Holding("A", D(2))))
    for wrong in ({"loan": D(-1)}, {"loan_rate": D(-1)}, {"open_loss": D(-1)}):
        with pytest.raises(InputError, match="negative"):
            Holding("A", D(1), **wrong)
    with pytest.raises(InputError, match="do not rise"):
        PortfolioRule(reduce_only=D(1))
    with pytest.raises(InputError, match="liquidation ratio"):
        PortfolioRule(liquidation=D(0))
