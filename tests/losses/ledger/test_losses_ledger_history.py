"""Position history, transfers, funding and amounts by hand, each against what the trades say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from _ledger_rows import D, at, codes, coin, exports, fill, move, of, plain, row, tx

from liquest.losses.entries import COINM, USDM, Ref
from liquest.losses.ledger.ledger import ASSUMED_FLAT, SOLVED, UNKNOWN, Ledger
from liquest.losses.ledger.reconstruct import reconstruct

TRADES = [
    fill(0, 1, "2", "4.00"),
    fill(5, 1, "1", "4.30"),
    fill(6, -1, "1", "5.00", "0.9"),
    fill(9, -1, "2", "4.40", "0.6"),
]
"""Average 4.10; closed 1 at 5.00 and 2 at 4.40: (5.00 + 8.80)/3 = 4.60."""


def rules(ledger: Ledger) -> dict[str, str]:
    return {check.name: check.rule for check in ledger.checks}


def test_every_figure_of_a_row_is_checked() -> None:
    rows = [row(1, "4.10", "4.60", "3", "3", "1.5", 0, 9)]
    ledger, problems = reconstruct(exports(trades=TRADES, positions=rows))
    assert rules(ledger) == dict.fromkeys(
        ("entry", "close", "most", "closed", "pnl", "opened", "closed-at"), "exact"
    )
    assert codes(problems) == {"transactions-missing"}
    lines = {one.name: (one.stated, one.rebuilt) for one in ledger.lines}
    assert lines["position-pnl"] == plain((D("1.5"), D("1.5"))) and lines[
        "position-closed"
    ] == plain((3, 3))


@pytest.mark.parametrize(
    ("name", "wrong", "en", "zh"),
    [
        ("entry", row(1, "4.12", "4.60", "3", "3", "1.5", 0, 9), "entry price 4.12", "开仓均价"),
        ("close", row(1, "4.10", "4.62", "3", "3", "1.5", 0, 9), "average close 4.62", "平仓均价"),
        ("most", row(1, "4.10", "4.60", "4", "3", "1.5", 0, 9), "max open interest 4", "最大持仓"),
        ("closed", row(1, "4.10", "4.60", "3", "2", "1.5", 0, 9), "closed volume 2", "已平仓量"),
        ("pnl", row(1, "4.10", "4.60", "3", "3", "1.6", 0, 9), "closing PnL 1.6", "平仓盈亏"),
        ("opened", row(1, "4.10", "4.60", "3", "3", "1.5", 4, 9), "opened 20", "开仓时间"),
        ("closed-at", row(1, "4.10", "4.60", "3", "3", "1.5", 0, 99), "closed 20", "平仓时间"),
    ],
)
def test_a_figure_that_differs_is_named(name: str, wrong: object, en: str, zh: str) -> None:
    more = [*TRADES, fill(50, 1, "1", "4"), fill(200, -1, "1", "4")]
    rest = row(1, "4", "4", "1", "1", "0", 50, 200)
    ledger, problems = reconstruct(exports(trades=more, positions=[wrong, rest]))  # type: ignore[list-item]
    (found,) = of(problems, "position-differs")
    assert (found.path, found.first) == ("positions.csv", 2)
    assert found.text.en.startswith("row 2 of positions.csv (ATOMUSDT): ") and en in found.text.en
    assert "positions.csv 第 2 行" in found.text.zh and zh in found.text.zh
    assert [c.name for c in ledger.checks if not c.agrees] == [name]


def test_entry_may_be_that_of_all_openings() -> None:
    # Bought 2 at 4, sold 1 at 5, bought 1 at 6: average (4 + 6)/2 = 5; of all openings 14/3.
    trades = [fill(0, 1, "2", "4"), fill(1, -1, "1", "5", "1"), fill(2, 1, "1", "6"),
              fill(3, -1, "2", "5", "0")]  # fmt: skip
    said = {"5": "exact", "4.6667": "half-even", "4.6666": "cut", "4.7": "half-even",
            "4.6669": "differs", "4.8": "differs"}  # fmt: skip
    for entry, rule in said.items():
        rows = [row(1, entry, "5", "2", "3", "1", 0, 3)]
        assert rules(reconstruct(exports(trades=trades, positions=rows))[0])["entry"] == rule


def test_an_inverse_close_is_harmonic_or_plain() -> None:
    # 1 contract closed at 4 and 1 at 5: 2/(1/4 + 1/5) = 4.444…, plainly 4.5.
    trades = [coin(0, 1, "2", "4"), coin(1, -1, "1", "4", "0"), coin(2, -1, "1", "5", "0.5")]
    for close, rule in (("4.4444", "half-even"), ("4.5", "exact"), ("4.46", "differs")):
        rows = [row(1, "4", close, "2", "2", "0.5", 0, 2, symbol="ATOMUSD_PERP", market=COINM)]
        ledger, _ = reconstruct(exports(trades=trades, positions=rows))
        assert rules(ledger)["close"] == rule


def test_a_flip_ends_one_row_and_begins_the_next() -> None:
    trades = [fill(0, 1, "2", "4"), fill(5, -1, "5", "6", "4"), fill(9, 1, "3", "5", "3")]
    rows = [row(1, "4", "6", "2", "2", "4", 0, 5), row(-1, "6", "5", "3", "3", "3", 5, 9)]
    ledger, problems = reconstruct(exports(trades=trades, positions=rows))
    assert codes(problems) == {"transactions-missing"}
    assert len(ledger.checks) == 14 and all(c.agrees for c in ledger.checks)


def test_rows_of_one_way_accounts_may_name_a_side() -> None:
    rows = [row(1, "4.10", "4.60", "3", "3", "1.5", 0, 9, place="L")]
    ledger, problems = reconstruct(exports(trades=TRADES, positions=rows))
    assert codes(problems) == {"transactions-missing"} and len(ledger.checks) == 7
    assert ledger.positions[0].mode == "cross"


def test_a_position_that_no_row_shows_is_named_and_the_reverse() -> None:
    more = [*TRADES, fill(20, -1, "1", "4"), fill(30, 1, "1", "4")]
    rows = [row(1, "4.10", "4.60", "3", "3", "1.5", 0, 9),
            row(1, "7", "8", "1", "1", "1", 12, 15, symbol="BTCUSDT"),
            row(1, "7", "8", "1", "1", "1", -90, -50, symbol="BTCUSDT")]  # fmt: skip
    _, problems = reconstruct(exports(trades=more, positions=rows))
    (unlisted,) = of(problems, "position-not-listed")
    assert (unlisted.path, unlisted.first) == ("trades.csv", 6)
    assert "row 6 of trades.csv: the trades make a position of ATOMUSDT" in unlisted.text.en
    assert "trades.csv 第 6 行" in unlisted.text.zh
    (untraded,) = of(problems, "position-without-trades")
    assert (untraded.path, untraded.first, untraded.effect) == ("positions.csv", 3, "absent")
    (outside,) = of(problems, "position-outside-trades")
    assert (outside.path, outside.first) == ("positions.csv", 4)


def test_the_position_that_was_open_before_knows_its_entry_and_end() -> None:
    trades = [fill(6, -1, "1", "5.00", "0.9"), fill(9, -1, "2", "4.40", "0.6")]
    rows = [row(1, "4.10", "4.60", "3", "3", "1.5", -100, 9)]
    ledger, problems = reconstruct(exports(trades=trades, positions=rows))
    assert rules(ledger) == {"entry": "exact", "closed-at": "exact"}
    assert codes(problems) == {"position-solved-backwards", "transactions-missing"}


def test_missing_trades_between_two_known_states_are_counted() -> None:
    gone = [TRADES[0], *TRADES[2:]]
    rows = [row(1, "4.10", "4.60", "3", "3", "1.5", 0, 9)]
    _, problems = reconstruct(exports(trades=gone, positions=rows))
    (found,) = of(problems, "trades-do-not-lead-there")
    assert "the trades lead to −1" in found.text.en and "of 1 in all" in found.text.en
    assert "合计 1" in found.text.zh and found.effect == "absent"


def test_transfers_meet_the_transfer_history() -> None:
    rows = [tx(0, "TRANSFER", "100"), tx(9, "TRANSFER", "-40")]
    moves = [move(0, "spot", USDM, "100"), move(10, USDM, "spot", "40")]
    ledger, problems = reconstruct(exports(rows, movements=moves))
    (line,) = [one for one in ledger.lines if one.name == "transfers"]
    assert (line.stated, line.rebuilt, line.count, line.closes) == plain((60, 60, 2, True))
    assert codes(problems) == {"opening-not-sure"}
    wrong = [moves[0]._replace(amount=D(101)), moves[1]._replace(ts=at(9_999), arrived=at(9_999))]
    ledger, problems = reconstruct(exports(rows, movements=wrong))
    assert {p.code: (p.path, p.first) for p in problems} == {
        "opening-not-sure": ("transactions.csv", 2),
        "transfer-differs": ("transactions.csv", 2),
        "transfer-without-history": ("transactions.csv", 3),
        "history-without-transfer": ("transfers.csv", 3),
    }
    (line,) = [one for one in ledger.lines if one.name == "transfers"]
    assert (line.difference, line.closes) == plain((-1, False))
    failed = [moves[0], moves[1]._replace(status="failed")]
    said = codes(reconstruct(exports(rows, movements=failed))[1])
    assert said == {"opening-not-sure", "transfer-without-history"}


def test_funding_needs_a_position() -> None:
    paid = [(4, "-0.1", "ATOMUSDT"), (100, "-0.2", "ATOMUSDT"), (900, "-0.3", "ATOMUSDT")]
    rows = [tx(second, "FUNDING_FEE", amount, symbol) for second, amount, symbol in paid]
    trades = [*TRADES, fill(2_000, 1, "1", "4")]
    ledger, problems = reconstruct(exports(rows, trades))
    # Paid at 4 s while held; at 100 s within two minutes of the end; at 900 s for nothing.
    (found,) = of(problems, "funding-without-position")
    assert (found.path, found.first) == ("transactions.csv", 4)
    (line,) = [one for one in ledger.lines if one.name == "funding"]
    assert (line.stated, line.rebuilt) == (D("-0.6"), D("-0.3"))
    assert line.refs == (Ref(0, 4),) and not line.closes


def test_funding_without_any_trade_is_of_a_position_held_all_the_time() -> None:
    rows = [tx(4, "FUNDING_FEE", "-0.1", "BTCUSDT")]
    ledger, problems = reconstruct(exports(rows, TRADES))
    path = ledger.position(USDM, "BTCUSDT", "B")
    assert path is not None and (path.opening_by, path.steps) == (UNKNOWN, ())
    (found,) = of(problems, "position-unknown")
    assert (found.path, found.first) == ("transactions.csv", 2) and "全程持有" in found.text.zh
    assert not of(problems, "funding-without-position")
    # Given as nothing at the end, no trade can have closed it: then the fee is in question.
    nothing = {(USDM, "BTCUSDT", "B"): D(0)}
    _, problems = reconstruct(exports(rows, TRADES), positions_at_end=nothing)
    assert of(problems, "funding-without-position")


def test_funding_before_the_first_trade_refutes_an_empty_beginning() -> None:
    trades = [fill(9_000, 1, "1", "4"), fill(9_001, -1, "1", "5", "1")]
    for second, by in ((0, UNKNOWN), (9_000, ASSUMED_FLAT)):
        rows = [tx(second, "FUNDING_FEE", "-0.1", "ATOMUSDT")]
        ledger, problems = reconstruct(exports(rows, trades))
        path = ledger.position(USDM, "ATOMUSDT", "B")
        assert path is not None and path.opening_by == by
        assert bool(of(problems, "position-unknown")) == (by == UNKNOWN)
        assert not of(problems, "funding-without-position")
    # In hedge mode it may have been either side; a side that is known explains it.
    sides = [t._replace(place="L") for t in trades] + [fill(9_002, -1, "1", "4", place="S")]
    rows = [tx(0, "FUNDING_FEE", "-0.1", "ATOMUSDT")]
    ledger, problems = reconstruct(exports(rows, sides))
    assert [p.opening_by for p in ledger.positions] == [UNKNOWN, UNKNOWN]
    assert all("may have been held" in p.text.en for p in of(problems, "position-unknown"))
    held = {(USDM, "ATOMUSDT", "S"): D(-3)}
    ledger, _ = reconstruct(exports(rows, sides), positions_at_end=held)
    assert [p.opening_by for p in ledger.positions] == [ASSUMED_FLAT, SOLVED]


def test_amounts_are_price_times_quantity_at_their_digits() -> None:
    trades = [fill(0, 1, "3", "4.001")._replace(amount=D("12.00")),
              fill(1, 1, "3", "4.001")._replace(amount=D("12.013"))]  # fmt: skip
    ledger, problems = reconstruct(exports(trades=trades))
    (found,) = of(problems, "amount-differs")
    assert (found.path, found.first) == ("trades.csv", 3)
    assert "amount 12.013, but price × quantity is 12.003" in found.text.en
    (line,) = [one for one in ledger.lines if one.name == "amount"]
    assert (line.difference, line.refs) == (D("0.01"), (Ref(1, 3),))


def test_the_words_of_a_profit_that_no_transaction_has() -> None:
    trades = [fill(0, 1, "3", "9"), fill(5, -1, "3", "4.9", "-12.3"), fill(9, 1, "1", "4"),
              fill(12, -1, "1", "5", "1")]  # fmt: skip
    rows = [tx(0, "REALIZED_PNL", "7", "BTCUSDT"), tx(12, "REALIZED_PNL", "1", "ATOMUSDT")]
    _, problems = reconstruct(exports(rows, trades))
    (found,) = of(problems, "realised-without-transaction")
    assert (
        found.text.en == "row 3 of trades.csv: realised −12.3 USDT has no REALIZED_PNL transaction"
    )
    assert found.text.zh == "trades.csv 第 3 行：已实现盈亏 −12.3 USDT 没有对应的 REALIZED_PNL 流水"


def test_commissions_without_a_symbol_are_matched_by_asset() -> None:
    trades = [fill(0, 1, "3", "9", fee="0.01"), fill(5, 1, "3", "9", fee="0.02")]
    trades = [t._replace(fee_asset="BNB") for t in trades]
    rows = [tx(0, "COMMISSION", "-0.01", asset="BNB"), tx(6, "COMMISSION", "-0.02", asset="BNB")]
    ledger, problems = reconstruct(exports(rows, trades))
    (line,) = [one for one in ledger.lines if one.name == "commission"]
    assert (line.asset, line.stated, line.rebuilt, line.closes) == (
        "BNB",
        D("-0.03"),
        D("-0.03"),
        True,
    )
    assert codes(problems) == {"positions-missing", "opening-unknown", "position-assumed-flat"}


def test_a_rebate_is_a_negative_fee() -> None:
    rows = [tx(0, "COMMISSION", "0.01", "ATOMUSDT")]
    ledger, _ = reconstruct(exports(rows, [fill(0, 1, "3", "9", fee="-0.01")]))
    (line,) = [one for one in ledger.lines if one.name == "commission"]
    assert line.closes and line.stated == D("0.01")


def test_the_ledger_is_a_value() -> None:
    one, again = (reconstruct(exports(trades=TRADES))[0] for _ in range(2))
    assert one == again
    assert replace(one, start=0) != one
