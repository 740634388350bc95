"""Random histories against the slow and obvious reference: every state, whole and cut."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from _ledger_histories import SETTLE, T0, Account
from _ledger_rows import codes, plain
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import SECOND
from liquest.losses.entries import COINM, USDM
from liquest.losses.ledger.ledger import CLEARED, CLOSING, FLAT, SOLVED, Ledger, PositionPath
from liquest.losses.ledger.reconstruct import reconstruct
from liquest.losses.ledger.rounding import EXACT, HALF_EVEN

SEEDS = st.integers(0, 10**9)
MARKETS = st.sampled_from([USDM, COINM])
FAR = Fraction(1, 10**60)


def moments(account: Account) -> list[int]:
    """Just before, at, and after everything that happened."""
    found = sorted({t.ts for t in account.transactions} | {t.ts for t in account.trades})
    return [T0 - 1, *(ts + d for ts in found for d in (-1, 0, 1))]


def compare_positions(account: Account, ledger: Ledger, since: int) -> None:
    """Quantity and entry of every place at every moment from `since` on."""
    for path in ledger.positions:
        for ts in moments(account):
            if ts < since:
                continue
            quantity, x = account.held(path.symbol, path.place, ts)
            held = path.at(ts)
            assert Fraction(held.quantity if held is not None else 0) == quantity
            if held is not None and quantity:
                assert held.entry is not None
                entry = 1 / x if path.inverse else x
                # The bound of an inverse entry is its first order: entry² times that of x.
                most = Fraction(held.slack) * Fraction(10_001, 10_000) + FAR
                assert abs(Fraction(held.entry) - entry) <= most


def by_hand(account: Account, asset: str, ts: int, opening: Decimal) -> Decimal:
    return opening + sum(
        (t.amount for t in account.transactions if t.asset == asset and t.ts <= ts), Decimal(0)
    )


@settings(max_examples=300, deadline=None)
@given(SEEDS, MARKETS, st.booleans(), st.booleans())
def test_whole_histories_are_rebuilt_to_the_last_digit(
    seed: int, market: str, hedge: bool, settled: bool
) -> None:
    account = Account(seed, market=market, hedge=hedge, settled=settled)
    opening = {(market, asset): account.opening for asset in account.wallets}
    ledger, problems = reconstruct(account.exports(), opening=opening)
    said = {"below-zero"}
    if not settled:
        said |= {"position-not-listed", "positions-missing", "position-assumed-flat"}
    assert codes(problems) <= said
    compare_positions(account, ledger, T0 - 1)
    for asset, end in account.wallets.items():
        wallet = ledger.wallet(market, asset)
        assert wallet is not None and wallet.closing == end
        for ts in moments(account):
            assert wallet.at(ts) == by_hand(account, asset, ts, account.opening)
    assert all(line.closes and line.difference == 0 for line in ledger.lines)
    assert all(check.agrees for check in ledger.checks)
    rules = {line.rule for line in ledger.lines if line.name == "rebuilt-realised"}
    assert rules <= {EXACT, HALF_EVEN}


@settings(max_examples=300, deadline=None)
@given(SEEDS, MARKETS, st.booleans(), st.integers(0, 100))
def test_an_export_cut_anywhere_is_solved_backwards(
    seed: int, market: str, hedge: bool, percent: int
) -> None:
    account = Account(seed, market=market, hedge=hedge)
    if not account.trades:
        return
    cut = account.trades[(len(account.trades) - 1) * percent // 100].ts
    ledger, problems = reconstruct(account.exports(cut))
    assert codes(problems) <= {"position-solved-backwards", "opening-unknown", "opening-not-sure",
                               "below-zero", "position-unknown"}  # fmt: skip
    for path in ledger.positions:
        quantity, _ = account.held(path.symbol, path.place, cut - 1)
        assert path.opening_by == (SOLVED if quantity else FLAT)
    compare_positions(account, ledger, cut - 1)
    assert not [line for line in ledger.lines if line.name != "funding" and not line.closes]


@settings(max_examples=200, deadline=None)
@given(SEEDS, st.booleans(), st.integers(0, 100))
def test_an_opening_balance_is_solved_from_any_cut(seed: int, hedge: bool, percent: int) -> None:
    account = Account(seed, hedge=hedge, rows=25, start="100000")
    account.go_bankrupt()
    rows = account.transactions
    cut = rows[(len(rows) - 1) * percent // 100].ts
    before = by_hand(account, "USDT", cut - 1, account.opening)
    ledger, problems = reconstruct(account.exports(cut))
    wallet = ledger.wallet(USDM, "USDT")
    assert wallet is not None
    assert (wallet.opening, wallet.opening_by, wallet.closing) == plain((before, CLEARED, 0))
    assert "below-zero" not in codes(problems) and "clear-not-to-zero" not in codes(problems)
    again, _ = reconstruct(account.exports(cut), closing={(USDM, "USDT"): Decimal(0)})
    assert again.wallet(USDM, "USDT") == replace(wallet, opening_by=CLOSING)


def unrealised(path: PositionPath, ts: int, price: Decimal) -> Fraction:
    held = path.at(ts)
    if held is None or not held.quantity or held.entry is None:
        return Fraction(0)
    mark, entry = Fraction(price), Fraction(held.entry)
    if path.inverse:
        return Fraction(held.quantity * path.contract_size) * (1 / entry - 1 / mark)
    return Fraction(held.quantity) * (mark - entry)


@settings(max_examples=150, deadline=None)
@given(SEEDS, MARKETS, st.booleans(), st.integers(2_000, 4_500))
def test_equity_at_any_moment_is_the_opening_and_the_gain_of_every_trade(
    seed: int, market: str, hedge: bool, mark: int
) -> None:
    """Wallet + unrealised = opening + other changes + Σ over trades of what each is worth at the
    mark, up to the 8th decimal at which each profit is stated."""
    account = Account(seed, market=market, hedge=hedge, settled=False)
    ledger, _ = reconstruct(account.exports())
    price = Decimal(mark).scaleb(-3)
    symbol = "ATOMUSDT" if market == USDM else "ATOMUSD_PERP"
    asset = SETTLE[symbol]
    for ts in moments(account)[::9]:
        paths = [p for p in ledger.positions if p.symbol == symbol]
        realised = sum(
            (Fraction(t.realised) for t in account.trades if t.symbol == symbol and t.ts <= ts),
            Fraction(0),
        )
        worth = Fraction(0)
        closings = 0
        for t in account.trades:
            if t.symbol == symbol and t.ts <= ts:
                closings += bool(t.realised)
                signed, at, now = t.side * Fraction(t.quantity), Fraction(t.price), Fraction(price)
                worth += signed * (10 * (1 / at - 1 / now) if market == COINM else now - at)
        total = realised + sum((unrealised(p, ts, price) for p in paths), Fraction(0))
        assert abs(total - worth) <= closings * Fraction(1, 2 * 10**8) + FAR
        wallet = ledger.wallet(market, asset)
        if wallet is not None:
            assert wallet.at(ts) == by_hand(account, asset, ts, wallet.opening)


@settings(max_examples=150, deadline=None)
@given(SEEDS, MARKETS, st.booleans())
def test_a_position_is_the_sum_of_its_signed_trades(seed: int, market: str, hedge: bool) -> None:
    account = Account(seed, market=market, hedge=hedge, settled=False)
    ledger, _ = reconstruct(account.exports())
    for path in ledger.positions:
        total = Decimal(0)
        for held in path.steps:
            trade = account.trades[held.trade]
            total += trade.side * trade.quantity
            assert (held.quantity, held.ts) == (total, trade.ts)
        assert path.steps[-1].quantity == total
        assert path.at(T0 + 10**6 * SECOND) == path.steps[-1]
