"""Accounts for tests: made at random, all of them possible."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from liquest.problems import Problem
from liquest.replay.accounts import (
    CATEGORIES,
    LONG,
    SHORT,
    Account,
    Collateral,
    Position,
    Wallet,
    contract,
)
from liquest.replay.positions import read_positions
from liquest.rules.ladder import Tiers

LADDER = Tiers(
    "BTCUSDT",
    (Decimal(0), Decimal(300_000), Decimal(3_000_000)),
    (Decimal("0.004"), Decimal("0.01"), Decimal("0.05")),
    (Decimal(0), Decimal(1800), Decimal(121_800)),
    (Decimal(125), Decimal(50), Decimal(10)),
    Decimal(100_000_000),
)
SYMBOLS = ("BTCUSDT", "ETHUSDT", "ATOMUSDT", "1000PEPEUSDT", "SOLUSDC", "ETHBTC")
INVERSE = ("BTCUSD_PERP", "ETHUSD_PERP", "ATOMUSD_PERP")
TIERS = {name: Tiers(name, *(getattr(LADDER, f) for f in
                             ("floors", "rates", "cums", "max_leverage", "cap")))
         for name in SYMBOLS}  # fmt: skip
HEADER = "account,class,mode,hedge,symbol,side,quantity,entry,margin,wallet,leverage,portfolio"


def amount(least: str = "0.00000001", most: str = "1e12", places: int = 12) -> Any:
    """Decimals above zero."""
    return st.decimals(Decimal(least), Decimal(most), places=places, allow_nan=False)


@st.composite
def positions(draw: Any) -> Position:
    """A position without a stated leverage."""
    symbol = draw(st.sampled_from(SYMBOLS + INVERSE))
    quantity = draw(st.integers(1, 10**9).map(Decimal) if symbol in INVERSE else amount(most="1e8"))
    return Position(
        contract(symbol), draw(st.sampled_from((LONG, SHORT))), quantity,
        draw(amount(least="0.0000001", most="1e6")), draw(st.none() | amount()),
    )  # fmt: skip


IDS = st.text(
    st.characters(min_codepoint=32, exclude_categories=("C", "Z")) | st.sampled_from(' ,;"\'|'),
    min_size=1, max_size=20,
).filter(
    lambda t: t == t.strip() and t.isprintable() and "\ufffd" not in t
    and not t.startswith(("=", "+", "-", "@"))
)  # fmt: skip
BALANCES = st.decimals(Decimal("-1e12"), Decimal("1e12"), places=8)


@st.composite
def accounts(draw: Any) -> Account:
    """Any account that can be: one-way or hedge, pooled or not, with all that it must have."""
    hedge = draw(st.booleans())
    key = (lambda p: (p.symbol, p.side)) if hedge else (lambda p: p.symbol)
    held = draw(st.lists(positions(), max_size=5, unique_by=key))
    if any(p.inverse and p.settle == "BTC" for p in held):  # which has a wallet of its own
        held = [p for p in held if p.symbol != "ETHBTC"]
    assets = draw(st.lists(st.sampled_from(["USDE", "BNSOL", "WBETH", "BTC"]), unique=True,
                           min_size=0 if held else 1))  # fmt: skip
    pledged = tuple(Collateral(a, draw(BALANCES.filter(bool))) for a in assets)
    portfolio = draw(st.booleans())
    pooled = bool(pledged) or portfolio
    currencies = {p.settle for p in held if not p.isolated}
    currencies |= set(draw(st.lists(st.sampled_from(["USDT", "USDC", "ETH"]), max_size=2)))
    wallets = tuple(
        Wallet(c, draw(BALANCES if pooled and c.startswith("USD") else amount(least="0")))
        for c in sorted(currencies)
    )
    return Account(
        draw(IDS), tuple(held), wallets, pledged,
        draw(st.sampled_from([*CATEGORIES, "fund-a", "自营"])), hedge, portfolio,
        draw(st.just("") | IDS),
    )  # fmt: skip


def read(folder: Path, text: str | bytes, **how: Any) -> tuple[list[Account], list[Problem]]:
    """What a positions file of that content gives."""
    path = folder / "positions.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return read_positions(path, tiers=how.pop("tiers", TIERS), **how)
