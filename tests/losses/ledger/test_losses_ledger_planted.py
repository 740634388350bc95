"""Errors planted in sound exports: each kind is found, and named with file and row."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from _ledger_histories import NAMES, T0, Account, files
from _ledger_rows import codes, of
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import HOUR
from liquest.losses.entries import COINM, USDM, Exports, Ref, Trade, Transaction
from liquest.losses.ledger.ledger import Ledger
from liquest.losses.ledger.reconstruct import reconstruct
from liquest.problems import Problem

SEEDS = st.integers(0, 10**9)
MARKETS = st.sampled_from([USDM, COINM])
CHECKED = ("REALIZED_PNL", "COMMISSION")


def sound(seed: int, market: str, hedge: bool, rows: int = 40) -> tuple[Account, Exports]:
    """An account that trades (and starts with a few trades for certain)."""
    account = Account(seed, market=market, hedge=hedge, rows=rows, settled=False)
    while len(account.trades) < 12:
        account.step()
    account.close_all()
    return account, account.exports()


def rebuilt(account: Account, exports: Exports) -> tuple[Ledger, list[Problem]]:
    opening = {(account.market, asset): account.opening for asset in account.wallets}
    return reconstruct(exports, opening=opening)


def points_at(problems: list[Problem], ref: Ref) -> bool:
    """Whether a problem names the row, alone or among others."""
    return any(
        p.path == NAMES[ref.file] and p.first is not None and p.last is not None
        and p.first <= ref.row <= p.last
        for p in problems
    )  # fmt: skip


def in_words(problems: list[Problem], ref: Ref) -> bool:
    """Whether the row stands in the text of a problem, in both languages."""
    en, zh = f"row {ref.row} of {NAMES[ref.file]}", f"{NAMES[ref.file]} 第 {ref.row} 行"
    return any(en in p.text.en and zh in p.text.zh for p in problems)


def same(rows: list[Transaction], row: Transaction) -> list[Ref]:
    """The rows that cannot be told from one: equal second, symbol and amount."""
    return [t.ref for t in rows if (t.ts, t.symbol, t.amount) == (row.ts, row.symbol, row.amount)]


@settings(max_examples=150, deadline=None)
@given(SEEDS, MARKETS, st.booleans(), st.data())
def test_a_transaction_taken_out_is_missed_by_its_trade(
    seed: int, market: str, hedge: bool, data: st.DataObject
) -> None:
    account, exports = sound(seed, market, hedge)
    checked = [t for t in exports.transactions if t.type in CHECKED]
    gone = data.draw(st.sampled_from(checked))
    left = tuple(t for t in exports.transactions if t is not gone)
    ledger, problems = rebuilt(account, replace(exports, transactions=left))
    stated = "realised" if gone.type == "REALIZED_PNL" else "fee"
    amount = {t.ref: t.realised if stated == "realised" else -t.fee for t in exports.trades}
    there = [t.ref for t in exports.trades if (t.ts, t.symbol) == (gone.ts, gone.symbol)]
    trades = [ref for ref in there if amount[ref] == gone.amount]
    assert any(in_words(problems, ref) and points_at(problems, ref) for ref in trades)
    line = next(one for one in ledger.lines if one.symbol == gone.symbol and not one.closes)
    assert abs(line.difference) == abs(gone.amount) and set(line.refs) & set(trades)


@settings(max_examples=150, deadline=None)
@given(SEEDS, MARKETS, st.booleans(), st.data())
def test_a_trade_taken_out_is_missed_by_its_transactions_and_its_position(
    seed: int, market: str, hedge: bool, data: st.DataObject
) -> None:
    account, exports = sound(seed, market, hedge)
    gone = data.draw(st.sampled_from(exports.trades))
    left = tuple(t for t in exports.trades if t is not gone)
    ledger, problems = rebuilt(account, replace(exports, trades=left))
    fee = next(t for t in exports.transactions
               if t.type == "COMMISSION" and t.ts == gone.ts and t.amount == -gone.fee)  # fmt: skip
    known = same([t for t in exports.transactions if t.type == "COMMISSION"], fee)
    assert any(points_at(problems, ref) and in_words(problems, ref) for ref in known)
    inside = exports.trades[0].ts < gone.ts < exports.trades[-1].ts
    if inside:
        assert codes(problems) & {
            "trades-do-not-lead-there", "closes-more-than-held", "position-differs",
            "realised-not-rebuilt", "position-without-trades", "position-impossible",
            "position-solved-backwards",
        }  # fmt: skip
    assert any(not line.closes for line in ledger.lines)


def changed(number: Decimal, place: int) -> Decimal:
    """The number with one of its digits changed, never the sign."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    at = place % len(digits)
    other = list(digits)
    other[at] = (digits[at] + 1 + place // 7 % 8) % 10
    if not any(other):
        other[at] = 1
    return Decimal((sign, tuple(other), exponent))


@settings(max_examples=150, deadline=None)
@given(SEEDS, MARKETS, st.booleans(), st.integers(0, 60), st.data())
def test_a_digit_changed_in_a_transaction_is_told_from_the_trade(
    seed: int, market: str, hedge: bool, place: int, data: st.DataObject
) -> None:
    account, exports = sound(seed, market, hedge)
    true = data.draw(st.sampled_from([t for t in exports.transactions if t.type in CHECKED]))
    false = true._replace(amount=changed(true.amount, place))
    if false.amount == true.amount or not false.amount:
        return
    rows = tuple(false if t is true else t for t in exports.transactions)
    ledger, problems = rebuilt(account, replace(exports, transactions=rows))
    assert in_words(problems, true.ref)
    assert any(true.ref in line.refs for line in ledger.lines if not line.closes)
    pairs = of(problems, "realised-differs")
    if true.type == "REALIZED_PNL" and pairs:
        assert "the positions give" in pairs[0].text.en and "of trades.csv says" in pairs[0].text.en


FIELDS: dict[str, tuple[str, ...]] = {
    "price": ("amount-differs", "realised-not-rebuilt", "position-differs"),
    "quantity": ("amount-differs", "realised-not-rebuilt", "position-differs",
                 "trades-do-not-lead-there", "closes-more-than-held", "position-impossible",
                 "position-solved-backwards", "position-not-listed"),
    "realised": ("realised-differs", "realised-not-rebuilt", "realised-without-trade",
                 "realised-without-transaction", "coverage-differs"),
    "fee": ("commission-differs", "commission-without-trade", "commission-without-transaction",
            "coverage-differs"),
}  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(
    SEEDS, MARKETS, st.booleans(), st.sampled_from(sorted(FIELDS)), st.integers(0, 60), st.data()
)
def test_a_digit_changed_in_a_trade_is_found(
    seed: int, market: str, hedge: bool, field: str, place: int, data: st.DataObject
) -> None:
    account, exports = sound(seed, market, hedge)
    clean = rebuilt(account, exports)
    able = [t for t in exports.trades if getattr(t, field)]
    if not able:
        return
    true = data.draw(st.sampled_from(able))
    value = changed(getattr(true, field), place)
    if value <= 0 < getattr(true, field) or value == getattr(true, field):
        return
    false = true._replace(**{field: value})  # type: ignore[arg-type]
    rows = tuple(false if t is true else t for t in exports.trades)
    ledger, problems = rebuilt(account, replace(exports, trades=rows))
    assert codes(problems) & set(FIELDS[field])
    if field in ("realised", "fee") or market == USDM:
        assert in_words(problems, true.ref)
        assert any(not line.closes for line in ledger.lines)
    assert all(line.closes for line in clean[0].lines)


@settings(max_examples=100, deadline=None)
@given(SEEDS, MARKETS, st.booleans(), st.data())
def test_a_position_row_taken_out_or_changed_is_found(
    seed: int, market: str, hedge: bool, data: st.DataObject
) -> None:
    account, exports = sound(seed, market, hedge)
    assert exports.positions
    row = data.draw(st.sampled_from(exports.positions))
    left = tuple(p for p in exports.positions if p is not row)
    _, problems = rebuilt(account, replace(exports, positions=left))
    assert codes(problems) & {"position-not-listed", "positions-missing"}
    field = data.draw(st.sampled_from(["entry", "close", "most", "closed", "pnl"]))
    value = changed(getattr(row, field), data.draw(st.integers(0, 60)))
    wrong = row._replace(**{field: value})  # type: ignore[arg-type]
    rows = tuple(wrong if p is row else p for p in exports.positions)
    ledger, problems = rebuilt(account, replace(exports, positions=rows))
    if abs(value - getattr(row, field)) > Decimal("1e-8"):
        assert in_words(of(problems, "position-differs"), row.ref)
        assert [c.name for c in ledger.checks if not c.agrees] == [field]


@settings(max_examples=60, deadline=None)
@given(SEEDS, MARKETS, st.data())
def test_a_row_that_stands_twice_is_named(seed: int, market: str, data: st.DataObject) -> None:
    account, exports = sound(seed, market, False)
    place = data.draw(st.integers(0, len(exports.transactions) - 1))
    twice = exports.transactions[place]._replace(ref=Ref(0, 999))
    rows = (*exports.transactions[: place + 1], twice, *exports.transactions[place + 1 :])
    (found,) = of(rebuilt(account, replace(exports, transactions=rows))[1], "row-twice")
    assert (found.path, found.first) == ("transactions.csv", 999)
    assert f"row {place + 2} of transactions.csv" in found.text.en
    at = data.draw(st.integers(0, len(exports.trades) - 1))
    again = exports.trades[at]._replace(ref=Ref(1, 999))
    trades = (*exports.trades[: at + 1], again, *exports.trades[at + 1 :])
    ledger, problems = rebuilt(account, replace(exports, trades=trades))
    assert in_words(of(problems, "row-twice"), Ref(1, 999))
    assert any(not line.closes for line in ledger.lines)


@settings(max_examples=60, deadline=None)
@given(SEEDS, MARKETS, st.booleans())
def test_two_accounts_are_told_apart(seed: int, market: str, hedge: bool) -> None:
    account, mine = sound(seed, market, hedge)
    _, other = sound(seed + 1, market, hedge)
    _, problems = rebuilt(account, replace(mine, transactions=other.transactions))
    shared = min(mine.trades[-1].ts, other.trades[-1].ts) - max(mine.trades[0].ts, T0)
    if shared > HOUR:
        (found,) = [p for p in of(problems, "accounts-differ") if "two accounts" in p.text.en]
        assert "transactions.csv" in found.text.en and "trades.csv" in found.text.zh
        assert "两个账户" in found.text.zh
    assert codes(problems) & {"accounts-differ", "periods-differ"}
    assert not codes(problems) & {"realised-without-trade", "commission-without-transaction"}


def test_the_one_file_of_another_account_is_named() -> None:
    account, mine = sound(3, USDM, False)
    _, other = sound(4, USDM, False)
    names = (*files(), files()[1]._replace(name="other.csv"))
    foreign = tuple(t._replace(ref=Ref(5, t.ref.row), trade_id="") for t in other.trades)
    trades = tuple(sorted((*mine.trades, *foreign), key=lambda t: t.ts))
    _, problems = rebuilt(account, replace(mine, files=names, trades=trades))
    (found,) = of(problems, "accounts-differ")
    assert found.path == "other.csv" and "other.csv" in found.text.zh


def test_a_position_history_of_another_account_is_named() -> None:
    account, mine = sound(3, USDM, False, rows=80)
    _, other = sound(8, USDM, False, rows=80)
    moved = tuple(p._replace(opened=p.opened + 5_000_000, closed_at=(p.closed_at or 0) + 7_000_000)
                  for p in other.positions)  # fmt: skip
    assert len(mine.positions) > 2 and len(moved) > 2
    _, problems = rebuilt(account, replace(mine, positions=moved))
    found = of(problems, "accounts-differ")
    assert [p.path for p in found] == ["positions.csv"] or codes(problems) & {
        "position-without-trades"
    }


@pytest.mark.parametrize("market", [USDM, COINM])
def test_a_missing_file_is_said(market: str) -> None:
    account, exports = sound(5, market, False)
    cases: list[tuple[str, Callable[[Exports], Exports]]] = [
        ("trades-missing", lambda e: replace(e, trades=(), positions=())),
        ("transactions-missing", lambda e: replace(e, transactions=())),
        ("positions-missing", lambda e: replace(e, positions=())),
    ]
    for code, without in cases:
        _, problems = rebuilt(account, without(exports))
        (found,) = of(problems, code)
        assert found.effect == "absent" and found.text.zh != found.text.en


def test_a_zone_apart_is_said_and_not_taken_for_another_account() -> None:
    account, exports = sound(6, USDM, False)
    late = tuple(t._replace(ts=t.ts + 8 * HOUR) for t in exports.trades)
    _, problems = rebuilt(account, replace(exports, trades=late, positions=()))
    (found,) = of(problems, "zones-differ")
    assert "-8 hours" in found.text.en and "时区" in found.text.zh
    assert "accounts-differ" not in codes(problems)


def test_two_periods_are_said() -> None:
    account, exports = sound(6, USDM, False)
    late = tuple(t._replace(ts=t.ts + 1_000 * HOUR) for t in exports.trades)
    _, problems = rebuilt(account, replace(exports, trades=late, positions=()))
    assert len(of(problems, "periods-differ")) == 1


def test_a_file_cut_short_is_one_fault_not_hundreds() -> None:
    account, exports = sound(6, USDM, False, rows=120)
    half = exports.trades[len(exports.trades) // 2].ts
    kept = tuple(t for t in exports.trades if t.ts < half)
    _, problems = rebuilt(account, replace(exports, trades=kept))
    found = of(problems, "coverage-differs")
    assert {p.path for p in found} == {"transactions.csv"} and len(found) == 2
    assert sum(p.count for p in found) > 20
    assert not of(problems, "commission-without-trade")


def test_a_changed_transfer_or_funding_shows_at_the_end() -> None:
    account, exports = sound(9, USDM, False, rows=80)
    ends = {(USDM, a): w for a, w in account.wallets.items()}
    transfer = next(t for t in exports.transactions if t.type == "TRANSFER")
    wrong = transfer._replace(amount=transfer.amount + 1)
    rows = tuple(wrong if t is transfer else t for t in exports.transactions)
    opening = dict.fromkeys(ends, account.opening)
    _, problems = reconstruct(replace(exports, transactions=rows), opening=opening, closing=ends)
    assert in_words(of(problems, "transfer-differs"), transfer.ref)
    assert len(of(problems, "closing-differs")) == 1
    funding = next(t for t in exports.transactions if t.type == "FUNDING_FEE")
    rows = tuple(t for t in exports.transactions if t is not funding)
    ledger, problems = reconstruct(
        replace(exports, transactions=rows), opening=opening, closing=ends
    )
    (line,) = [one for one in ledger.lines if one.name == "closing-balance" and not one.closes]
    assert line.difference == funding.amount
    assert codes(problems) == {"closing-differs"}


def test_many_faults_of_one_kind_are_counted() -> None:
    account, exports = sound(10, USDM, False, rows=400)
    trades = tuple(bent(t, i) for i, t in enumerate(exports.trades))
    _, problems = rebuilt(account, replace(exports, trades=trades, positions=()))
    assert len(problems) < 120
    assert any("more rows of that kind" in p.text.en for p in problems)
    for problem in problems:
        assert re.search(r"[\u4e00-\u9fff]", problem.text.zh), problem.code


def bent(trade: Trade, place: int) -> Trade:
    """Every third trade with a fee of its own."""
    return trade._replace(fee=trade.fee + Decimal("0.5")) if place % 3 == 0 else trade
