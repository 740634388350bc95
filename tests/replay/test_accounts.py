"""Accounts: what cannot be held cannot be built, and what can is exact."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from typing import Any

import pytest
from _made_accounts import accounts, positions
from hypothesis import given, settings

from liquest.errors import InputError
from liquest.instruments import DELIVERY, INVERSE, INVERSE_DELIVERY, LINEAR, identify
from liquest.replay.accounts import (
    HUGE,
    LONG,
    SHORT,
    Account,
    Collateral,
    Position,
    Wallet,
    contract,
)

ONE = Decimal(1)


def position(symbol: str = "BTCUSDT", side: int = LONG, **other: Any) -> Position:
    given = {"quantity": ONE, "entry": Decimal(120_000), "margin": None, **other}
    return Position(contract(symbol), side, **given)


def account(*held: Position, **other: Any) -> Account:
    given = {"wallets": (Wallet("USDT", Decimal(1000)),), **other}
    return Account(given.pop("id", "a"), held, **given)


@pytest.mark.parametrize(
    ("symbol", "venue", "kind", "settle"),
    [
        ("BTCUSDT", "binance", LINEAR, "USDT"), ("BTCUSDC", "binance", LINEAR, "USDC"),
        ("ETHBTC", "binance", LINEAR, "BTC"), ("BTCUSD_PERP", "binance", INVERSE, "BTC"),
        ("ETHUSD_251226", "binance", INVERSE_DELIVERY, "ETH"),
        ("BTCUSDT_251226", "binance", DELIVERY, "USDT"),
        ("1000PEPEUSDT", "binance", LINEAR, "USDT"),
        ("BTCUSD", "bybit", INVERSE, "BTC"), ("BTCUSDT", "bybit", LINEAR, "USDT"),
        ("BTC-USD-SWAP", "okx", INVERSE, "BTC"), ("BTC-USDT-SWAP", "okx", LINEAR, "USDT"),
    ],
)  # fmt: skip
def test_a_symbol_says_what_it_settles_in(symbol: str, venue: str, kind: str, settle: str) -> None:
    one = Position(contract(symbol, venue), LONG, ONE, Decimal(100))
    assert (one.instrument.kind, one.settle, one.inverse) == (kind, settle, "inverse" in kind)


def test_amount_and_notional_of_inverse_contracts_are_dollars() -> None:
    btc = position("BTCUSD_PERP", quantity=Decimal(50))
    assert btc.amount == btc.notional == 5000
    assert position("ATOMUSD_PERP", quantity=Decimal(50)).amount == 500
    linear = position(quantity=Decimal("0.5"))
    assert (linear.amount, linear.notional) == (Decimal("0.5"), Decimal(60_000))


def test_products_are_exact_in_any_context() -> None:
    with localcontext(prec=3):
        one = position(quantity=Decimal("1.000000000000000001"), entry=Decimal("123456.789"))
        pledge = Collateral("USDE", Decimal("1000000000.00000001"))
        assert one.notional == Decimal("123456.789000000000123456789")
        assert pledge.value(Decimal("0.95")) == Decimal("950000000.0000000095")
    assert Collateral("USDE", Decimal(-7)).value(Decimal("0.95")) == -7


BAD_POSITIONS: list[tuple[str, dict[str, Any]]] = [
    ("quantity", {"quantity": Decimal(0)}),
    ("quantity", {"quantity": Decimal("-0.1")}),
    ("quantity", {"quantity": Decimal("NaN")}),
    ("quantity", {"quantity": HUGE}),
    ("quantity", {"quantity": Decimal("1e-31")}),
    ("quantity", {"quantity": Decimal("1." + "1" * 60)}),
    ("quantity", {"symbol": "BTCUSD_PERP", "quantity": Decimal("0.5")}),
    ("entry", {"entry": Decimal(0)}),
    ("entry", {"entry": Decimal("Infinity")}),
    ("margin", {"margin": Decimal(0)}),
    ("leverage", {"leverage": Decimal("0.5")}),
    ("leverage", {"leverage": Decimal(1001)}),
    ("leverage", {"leverage": Decimal("sNaN")}),
    ("side", {"side": 0}),
    ("symbol", {"symbol": "BTC"}),
]


@pytest.mark.parametrize(("column", "given"), BAD_POSITIONS)
def test_positions_that_cannot_be(column: str, given: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        position(**given)
    assert caught.value.where == column
    assert_speaks_both(caught.value)


def test_spot_is_no_position() -> None:
    with pytest.raises(InputError):
        Position(identify("binance", "BTCUSDT"), LONG, ONE, ONE)
    with pytest.raises(InputError):  # the contract's size is not known
        Position(contract("FIL-USDT-SWAP", "okx"), LONG, ONE, ONE)


LONG_BTC, SHORT_BTC = position(), position(side=SHORT)
COIN_M = position("BTCUSD_PERP", quantity=ONE)
USDE = (Collateral("USDE", ONE),)
BAD_ACCOUNTS: list[tuple[str, tuple[Position, ...], dict[str, Any]]] = [
    ("account", (LONG_BTC,), {"id": ""}),
    ("account", (LONG_BTC,), {"id": " a"}),
    ("account", (LONG_BTC,), {"id": "a\u202eb"}),
    ("account", (LONG_BTC,), {"id": "a\nb"}),
    ("account", (LONG_BTC,), {"id": "a\ufffd"}),
    ("account", (LONG_BTC,), {"id": "=1+1"}),
    ("account", (LONG_BTC,), {"id": "@sum"}),
    ("account", (LONG_BTC,), {"id": "1.23457E+11"}),
    ("account", (LONG_BTC,), {"id": "x" * 129}),
    ("note", (LONG_BTC,), {"note": "+1"}),
    ("note", (LONG_BTC,), {"note": "\x00"}),
    ("class", (LONG_BTC,), {"category": ""}),
    ("class", (LONG_BTC,), {"category": "VIP"}),
    ("class", (LONG_BTC,), {"category": "a b"}),
    ("class", (LONG_BTC,), {"category": "=x"}),
    ("symbol", (), {}),
    ("symbol", (LONG_BTC, LONG_BTC), {}),
    ("symbol", (LONG_BTC, LONG_BTC), {"hedge": True}),
    ("side", (LONG_BTC, SHORT_BTC), {}),
    ("wallet", (LONG_BTC,), {"wallets": ()}),
    ("wallet", (COIN_M,), {}),
    ("wallet", (LONG_BTC,), {"wallets": (Wallet("USDT", -ONE),)}),
    ("wallet", (LONG_BTC,), {"wallets": (Wallet("USDT", ONE), Wallet("USDT", ONE))}),
    ("wallet", (COIN_M,), {"collateral": USDE}),
    ("wallet", (position("ETHBTC"),), {"collateral": USDE}),
    ("symbol", (position("ETHBTC"), COIN_M), {"wallets": (Wallet("BTC", ONE),)}),
    ("collateral", (LONG_BTC,), {"collateral": USDE * 2}),
    ("collateral", (), {"collateral": tuple(Collateral(f"A{i}", ONE) for i in range(257))}),
]


@pytest.mark.parametrize(("column", "held", "given"), BAD_ACCOUNTS)
def test_accounts_that_cannot_be(
    column: str, held: tuple[Position, ...], given: dict[str, Any]
) -> None:
    with pytest.raises(InputError) as caught:
        account(*held, **given)
    assert caught.value.where == column
    assert_speaks_both(caught.value)


@pytest.mark.parametrize(
    ("kind", "name", "balance", "column"),
    [
        (Wallet, "USDT", Decimal("NaN"), "wallet"), (Wallet, "usdt", ONE, "symbol"),
        (Wallet, "USDT", -HUGE, "wallet"), (Collateral, "USDE", Decimal(0), "collateral"),
        (Collateral, "=USDE", ONE, "symbol"), (Collateral, "", ONE, "symbol"),
    ],
)  # fmt: skip
def test_balances_that_cannot_be(kind: Any, name: str, balance: Decimal, column: str) -> None:
    with pytest.raises(InputError) as caught:
        kind(name, balance)
    assert caught.value.where == column
    assert_speaks_both(caught.value)


def assert_speaks_both(error: InputError) -> None:
    assert error.remedy is not None
    for text in (error.what, error.remedy):
        assert text.en and re.search("[\u4e00-\u9fff]", text.zh)


def test_what_may_be() -> None:
    both = (position(), position(side=SHORT))
    assert account(*both, hedge=True).hedge
    assert account(position(margin=ONE), wallets=()).positions[0].isolated
    pooled = account(
        position(), wallets=(Wallet("USDT", -ONE),), collateral=(Collateral("USDE", Decimal(9)),)
    )
    assert pooled.pooled and not pooled.portfolio
    assert account(collateral=(Collateral("USDE", ONE),), wallets=()).positions == ()
    assert account(position(), wallets=(), portfolio=True).pooled


def test_wallets_and_collateral_are_kept_by_name() -> None:
    one = account(
        position(), wallets=(Wallet("USDT", ONE), Wallet("BTC", ONE)),
        collateral=(Collateral("USDE", ONE), Collateral("BNSOL", ONE)),
    )  # fmt: skip
    assert [w.currency for w in one.wallets] == ["BTC", "USDT"]
    assert [c.asset for c in one.collateral] == ["BNSOL", "USDE"]


def test_records_cannot_be_changed() -> None:
    one = account(position())
    with pytest.raises(AttributeError):
        one.id = "b"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        one.positions[0].quantity = ONE  # type: ignore[misc]


@given(positions())
@settings(max_examples=300)
def test_notional_is_the_product(one: Position) -> None:
    with localcontext(prec=80):
        size = one.instrument.contract_size or ONE
        assert one.amount == one.quantity * (size if one.inverse else 1)
        assert one.notional == (one.amount if one.inverse else one.quantity * one.entry)


@given(accounts())
@settings(max_examples=300)
def test_every_account_made_here_can_be(one: Account) -> None:
    assert one.positions or one.collateral
    if not one.hedge:
        assert len({p.symbol for p in one.positions}) == len(one.positions)
