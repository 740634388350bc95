"""Wallets by hand: running balances, how an opening is known, clears, balances below zero."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from _ledger_rows import D, at, codes, exports, fill, move, of, plain, row, tx

from liquest.losses.entries import USDM, Ref, Transaction
from liquest.losses.ledger.ledger import (
    ASSUMED_ZERO,
    CLEARED,
    CLOSING,
    FUNDED,
    GIVEN,
    WalletPath,
)
from liquest.losses.ledger.reconstruct import reconstruct
from liquest.problems import KEPT

USDT = (USDM, "USDT")


def wallet(
    rows: list[Transaction], **known: Mapping[tuple[str, str], object]
) -> tuple[WalletPath, set[str]]:
    ledger, problems = reconstruct(exports(rows), **known)  # type: ignore[arg-type]
    found = ledger.wallet(*USDT)
    assert found is not None
    return found, codes(problems)


def test_every_change_in_order_and_the_balance_at_any_time() -> None:
    rows = [tx(0, "TRANSFER", "100"), tx(5, "FUNDING_FEE", "-0.5", "ATOMUSDT"),
            tx(5, "FUNDING_FEE", "0.25", "BTCUSDT"), tx(9, "TRANSFER", "-20")]  # fmt: skip
    ledger, problems = reconstruct(exports(rows))
    path = ledger.wallet(*USDT)
    assert path is not None and path.opening_by == FUNDED and path.opening == 0
    assert [(s.change, s.balance, s.transaction) for s in path.steps] == [
        (100, 100, 0), (D("-0.5"), D("99.5"), 1), (D("0.25"), D("99.75"), 2), (-20, D("79.75"), 3),
    ]  # fmt: skip
    assert [path.at(at(s)) for s in (-1, 0, 4, 5, 8, 9, 99)] == [
        0, 100, 100, D("99.75"), D("99.75"), D("79.75"), D("79.75"),
    ]  # fmt: skip
    assert path.closing == D("79.75") and not path.known
    (said,) = problems
    assert (said.code, said.effect, said.first) == ("opening-not-sure", KEPT, 2)
    for words in (said.text.en, said.text.zh):
        assert "--opening usdm:USDT=…" in words and "--closing usdm:USDT=…" in words
    changes = ledger.changes(at(0), at(5))
    assert sum(t.amount for t in changes) == path.at(at(5)) - path.at(at(0)) == D("-0.25")
    assert [t.ref for t in ledger.changes(at(-1), at(9), {"TRANSFER"})] == [Ref(0, 2), Ref(0, 5)]
    assert ledger.wallet(USDM, "BNB") is None


def test_what_nothing_speaks_of_is_listed_by_name() -> None:
    ledger, _ = reconstruct(
        exports([tx(0, "TRANSFER", "100"), tx(1, "POSITION_CLAIM_TRANSFER", "-7")])
    )
    found = {line.name: (line.stated, line.count) for line in ledger.lines}
    assert found == plain(
        {"uncompared.TRANSFER": (100, 1), "uncompared.POSITION_CLAIM_TRANSFER": (-7, 1)}
    )


def test_an_opening_balance_that_is_given_stands() -> None:
    path, said = wallet([tx(0, "FUNDING_FEE", "-1", "ATOMUSDT")], opening={USDT: D(50)})
    assert (path.opening, path.opening_by, path.closing) == plain((50, GIVEN, 49))
    assert said == set()


def test_a_clear_to_zero_solves_the_opening_backwards() -> None:
    # x + 40 − 90 − 5 + 12 = 0, so x = 43.
    rows = [tx(0, "FUNDING_FEE", "40", "ATOMUSDT"), tx(1, "REALIZED_PNL", "-90", "ATOMUSDT"),
            tx(1, "COMMISSION", "-5", "ATOMUSDT"), tx(2, "INSURANCE_CLEAR", "12"),
            tx(3, "TRANSFER", "7")]  # fmt: skip
    path, said = wallet(rows)
    assert (path.opening, path.opening_by) == plain((43, CLEARED))
    assert (path.at(at(2)), path.closing) == plain((0, 7))
    assert said == {"trades-missing"}


def test_a_clear_within_a_second_is_judged_at_its_end() -> None:
    # The venue lists the clear before the loss of the same second: x + 12 − 55 = 0.
    rows = [tx(1, "INSURANCE_CLEAR", "12"), tx(1, "REALIZED_PNL", "-55", "ATOMUSDT")]
    path, _ = wallet(rows)
    assert (path.opening, path.opening_by) == plain((43, CLEARED))


def test_two_clears_must_agree() -> None:
    rows = [tx(0, "FUNDING_FEE", "-5"), tx(1, "INSURANCE_CLEAR", "2"), tx(2, "TRANSFER", "10"),
            tx(3, "FUNDING_FEE", "-30"), tx(4, "INSURANCE_CLEAR", "20")]  # fmt: skip
    path, said = wallet(rows)
    assert (path.opening, path.closing, said) == plain((3, 0, set()))
    ledger, problems = reconstruct(exports([*rows[:4], tx(4, "INSURANCE_CLEAR", "21")]))
    (found,) = of(problems, "clear-not-to-zero")
    assert (found.path, found.first) == ("transactions.csv", 6)
    assert "row 6 of transactions.csv: INSURANCE_CLEAR of 21 USDT leaves the wallet at 1" in (
        found.text.en
    )
    assert "transactions.csv 第 6 行" in found.text.zh
    (line,) = [one for one in ledger.lines if one.name == "insurance-clear"]
    assert (line.stated, line.rebuilt, line.difference, line.closes) == plain((23, 22, 1, False))


def test_the_clear_of_an_isolated_position_says_nothing_of_the_wallet() -> None:
    rows = [tx(0, "TRANSFER", "100"), tx(3, "INSURANCE_CLEAR", "2", "ATOMUSDT")]
    isolated = [row(1, "4", "3", "1", "1", "-1", 1, 2, mode="isolated")]
    trades = [fill(1, 1, "1", "4"), fill(2, -1, "1", "3", "-1")]
    ledger, _ = reconstruct(exports(rows, trades, isolated))
    path = ledger.wallet(*USDT)
    assert path is not None and (path.opening, path.opening_by) == plain((0, FUNDED))
    assert "uncompared.INSURANCE_CLEAR" in {one.name for one in ledger.lines}


BANKRUPT = [tx(1, "REALIZED_PNL", "-30", "ATOMUSDT"), tx(2, "INSURANCE_CLEAR", "7", "ATOMUSDT")]
CLOSED = [fill(0, 1, "10", "5"), fill(1, -1, "10", "2", "-30")]


@pytest.mark.parametrize(
    ("mode", "opening", "by"), [("cross", 23, CLEARED), ("isolated", 0, ASSUMED_ZERO)]
)
def test_the_mode_of_the_position_says_what_its_clear_means(
    mode: str, opening: int, by: str
) -> None:
    rows = [row(1, "5", "2", "10", "10", "-30", 0, 1, mode=mode)]
    path = reconstruct(exports(BANKRUPT, CLOSED, rows))[0].wallet(*USDT)
    assert path is not None and (path.opening, path.opening_by) == plain((opening, by))


def test_a_clear_that_names_a_position_of_unknown_mode_is_no_evidence() -> None:
    path = reconstruct(exports(BANKRUPT, CLOSED))[0].wallet(*USDT)
    assert path is not None and path.opening_by == ASSUMED_ZERO
    unnamed = [BANKRUPT[0], BANKRUPT[1]._replace(symbol="")]
    path = reconstruct(exports(unnamed, CLOSED))[0].wallet(*USDT)
    assert path is not None and (path.opening, path.opening_by) == plain((23, CLEARED))
    # Afterwards 5 is paid out of nothing: with the mode unknown, the clear ended no wallet.
    spent = [*unnamed, tx(9, "FUNDING_FEE", "-5")]
    path = reconstruct(exports(spent, CLOSED))[0].wallet(*USDT)
    assert path is not None and path.opening_by == ASSUMED_ZERO


def test_a_clear_beside_an_isolated_position_leaves_its_margin() -> None:
    other = [fill(0, 1, "1", "100", symbol="BTCUSDT"), fill(9, -1, "1", "100", symbol="BTCUSDT")]
    trades = sorted([*CLOSED, *other], key=lambda t: t.ts)
    alone = row(1, "100", "100", "1", "1", "0", 0, 9, symbol="BTCUSDT", mode="isolated")
    rows = [row(1, "5", "2", "10", "10", "-30", 0, 1), alone]
    ledger, _ = reconstruct(exports(BANKRUPT, trades, rows))
    path = ledger.wallet(*USDT)
    assert path is not None and path.opening_by == ASSUMED_ZERO
    assert "uncompared.INSURANCE_CLEAR" in {one.name for one in ledger.lines}


def test_a_file_cut_within_a_bankruptcy_begins_below_zero() -> None:
    path, _ = wallet([tx(1, "COMMISSION", "-2", "ATOMUSDT"), tx(2, "INSURANCE_CLEAR", "9")])
    assert (path.opening, path.opening_by, path.closing) == plain((-7, CLEARED, 0))


def test_the_fee_of_a_solvent_liquidation_is_no_clear() -> None:
    path, said = wallet([tx(0, "TRANSFER", "100"), tx(1, "INSURANCE_CLEAR", "-2", "ATOMUSDT")])
    assert (path.opening_by, path.closing, said) == plain((FUNDED, 98, {"opening-not-sure"}))


def test_a_closing_balance_solves_the_opening() -> None:
    path, said = wallet([tx(0, "FUNDING_FEE", "-5")], closing={USDT: D(20)})
    assert (path.opening, path.opening_by, said) == plain((25, CLOSING, set()))


def test_a_closing_balance_that_does_not_fit_is_shown_with_the_difference() -> None:
    rows = [tx(0, "TRANSFER", "10"), tx(1, "FUNDING_FEE", "-1")]
    ledger, problems = reconstruct(exports(rows), opening={USDT: D(0)}, closing={USDT: D("8.5")})
    (line,) = [one for one in ledger.lines if one.name == "closing-balance"]
    assert (line.stated, line.rebuilt, line.difference) == plain((D("8.5"), 9, D("-0.5")))
    (found,) = of(problems, "closing-differs")
    assert "8.5" in found.text.en and "−0.5" in found.text.zh


def test_an_unknown_opening_is_said_with_its_least_value() -> None:
    rows = [tx(0, "FUNDING_FEE", "-5"), tx(1, "TRANSFER", "2"), tx(2, "FUNDING_FEE", "-4")]
    ledger, problems = reconstruct(exports(rows))
    path = ledger.wallet(*USDT)
    assert path is not None and (path.opening_by, path.known) == (ASSUMED_ZERO, False)
    (found,) = of(problems, "opening-unknown")
    assert "at least 7" in found.text.en and "至少为 7" in found.text.zh


def test_a_first_inflow_funds_only_a_wallet_that_held_nothing() -> None:
    # The first trade closes a position that is older than the transfer.
    rows = [tx(0, "TRANSFER", "10"), tx(5, "REALIZED_PNL", "3", "ATOMUSDT")]
    ledger, _ = reconstruct(exports(rows, [fill(5, -1, "1", "5", "3")]),
                            positions_at_end={(USDM, "ATOMUSDT", "B"): D(2)})  # fmt: skip
    path = ledger.wallet(*USDT)
    assert path is not None and path.opening_by == ASSUMED_ZERO
    # And one that would leave the wallet below zero is not the first money either.
    path, said = wallet([tx(0, "TRANSFER", "10"), tx(1, "FUNDING_FEE", "-12")])
    assert (path.opening_by, said) == (ASSUMED_ZERO, {"opening-unknown"})


def test_a_wallet_that_came_back_to_exactly_zero_was_empty_before_its_first_inflow() -> None:
    rows = [tx(0, "TRANSFER", "10"), tx(1, "COMMISSION", "-0.3", "ATOMUSDT"),
            tx(2, "TRANSFER", "-9.7"), tx(9, "TRANSFER", "5")]  # fmt: skip
    path, said = wallet(rows)
    assert (path.opening_by, path.known, said) == (FUNDED, True, {"trades-missing"})
    # What came in and went out again would add up to 0 whatever was there before.
    path, said = wallet([tx(0, "TRANSFER", "10"), tx(2, "TRANSFER", "-10")])
    assert (path.opening_by, path.known, said) == (FUNDED, False, {"opening-not-sure"})


def test_an_older_transfer_says_that_the_first_row_is_not_the_first_money() -> None:
    rows = [tx(7200, "TRANSFER", "10"), tx(7201, "FUNDING_FEE", "-1")]
    moves = [move(0, "spot", USDM, "500"), move(7200, "spot", USDM, "10")]
    for history, by in ((moves, ASSUMED_ZERO), (moves[1:], FUNDED)):
        path = reconstruct(exports(rows, movements=history))[0].wallet(*USDT)
        assert path is not None and (path.opening_by, path.known) == (by, False)


def test_open_positions_may_carry_a_wallet_below_zero() -> None:
    # 12 are lost on the one position while the other is held, and made up by a transfer.
    rows = [tx(0, "TRANSFER", "10"), tx(3, "REALIZED_PNL", "-12", "ATOMUSDT"),
            tx(8, "TRANSFER", "9")]  # fmt: skip
    trades = [fill(1, 1, "1", "100", symbol="BTCUSDT"), fill(2, 1, "4", "5"),
              fill(3, -1, "4", "2", "-12"), fill(9, -1, "1", "100", symbol="BTCUSDT")]  # fmt: skip
    history = [row(1, "100", "100", "1", "1", "0", 1, 9, symbol="BTCUSDT"),
               row(1, "5", "2", "4", "4", "-12", 2, 3)]  # fmt: skip
    ledger, problems = reconstruct(exports(rows, trades, history))
    path = ledger.wallet(*USDT)
    assert path is not None and (path.opening_by, path.at(at(3))) == plain((FUNDED, -2))
    assert codes(problems) == {"opening-not-sure"}
    # An isolated one cannot; and nor can one that was closed before.
    for other in (
        [history[0]._replace(mode="isolated"), history[1]],
        [history[0]._replace(closed_at=at(2)), history[1]],
    ):
        own = trades if other[0].mode == "isolated" else [
            trades[0], trades[1], trades[3]._replace(ts=at(2)), trades[2]
        ]  # fmt: skip
        ledger, problems = reconstruct(exports(rows, own, other))
        path = ledger.wallet(*USDT)
        assert path is not None and path.opening_by == ASSUMED_ZERO
        assert of(problems, "opening-unknown")


def test_a_balance_that_is_given_outranks_what_is_solved() -> None:
    # The clear says 43 at the beginning, the user 50 then, or 5 at the end.
    rows = [tx(0, "FUNDING_FEE", "40", "ATOMUSDT"), tx(1, "FUNDING_FEE", "-95", "ATOMUSDT"),
            tx(2, "INSURANCE_CLEAR", "12")]  # fmt: skip
    ledger, problems = reconstruct(exports(rows), opening={USDT: D(50)})
    path = ledger.wallet(*USDT)
    assert path is not None and (path.opening, path.opening_by) == plain((50, GIVEN))
    (said,) = of(problems, "clear-not-to-zero")
    assert "leaves the wallet at 7" in said.text.en and "所给余额有误" in said.text.zh
    ledger, problems = reconstruct(exports(rows), closing={USDT: D(5)})
    path = ledger.wallet(*USDT)
    assert path is not None and (path.opening, path.opening_by) == plain((48, CLOSING))
    (said,) = of(problems, "clear-not-to-zero")
    assert "or the balance that was given is not right" in said.text.en
    # Where both agree nothing is said.
    ledger, problems = reconstruct(exports(rows), closing={USDT: D(0)})
    assert codes(problems) == set()


def test_a_balance_below_zero_that_nothing_clears_is_named() -> None:
    rows = [tx(0, "TRANSFER", "10"), tx(1, "FUNDING_FEE", "-12"), tx(9, "TRANSFER", "50")]
    _, problems = reconstruct(exports(rows), opening={USDT: D(1)})
    (found,) = of(problems, "below-zero")
    assert (found.path, found.first) == ("transactions.csv", 3)
    assert "row 3 of transactions.csv: after it the USDT wallet stands at −1" in found.text.en
    assert "transactions.csv 第 3 行" in found.text.zh
    cleared = [*rows[:2], tx(2, "INSURANCE_CLEAR", "1"), rows[2]]
    assert not of(reconstruct(exports(cleared), opening={USDT: D(1)})[1], "below-zero")


def test_wallets_of_each_asset_and_market_stand_apart() -> None:
    rows = [tx(0, "TRANSFER", "10"), tx(1, "TRANSFER", "1", asset="BNB"),
            tx(2, "TRANSFER", "3", asset="BTC", market="coinm")]  # fmt: skip
    ledger, _ = reconstruct(exports(rows))
    assert [(w.market, w.asset, w.closing) for w in ledger.wallets] == plain([
        ("coinm", "BTC", 3), ("usdm", "BNB", 1), ("usdm", "USDT", 10),
    ])  # fmt: skip


def test_a_wallet_known_only_by_its_opening() -> None:
    ledger, problems = reconstruct(exports(), opening={USDT: D(5)}, closing={USDT: D(5)})
    path = ledger.wallet(*USDT)
    assert path is not None and path.at(0) == path.closing == 5
    assert (ledger.start, ledger.end, problems) == (0, 0, [])


@pytest.mark.parametrize("asset", ["USDT", "USDC"])
def test_conversions_come_in_pairs(asset: str) -> None:
    rows = [tx(0, "TRANSFER", "10", asset=asset), tx(1, "AUTO_EXCHANGE", "-4", asset=asset),
            tx(1, "AUTO_EXCHANGE", "0.004", asset="BNB")]  # fmt: skip
    ledger, problems = reconstruct(exports(rows))
    lines = [one for one in ledger.lines if one.name == "auto-exchange"]
    assert [(one.asset, one.closes) for one in lines] == [("BNB", True), (asset, True)]
    assert not of(problems, "exchange-without-partner")
    ledger, problems = reconstruct(exports(rows[:2]))
    (found,) = of(problems, "exchange-without-partner")
    assert (found.first, found.path) == (3, "transactions.csv")
    (line,) = [one for one in ledger.lines if one.name == "auto-exchange"]
    assert (line.stated, line.rebuilt, line.closes) == plain((-4, 0, False))
