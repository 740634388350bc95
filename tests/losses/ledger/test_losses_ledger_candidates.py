"""Exports whose first word is a position that closed, perhaps inside a trade that went on."""

from __future__ import annotations

from decimal import Decimal

import pytest
from _ledger_histories import T0, Account
from _ledger_rows import D, codes, coin, exports, fill, of, plain, row
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.losses.entries import COINM, USDM
from liquest.losses.ledger.candidates import begun
from liquest.losses.ledger.ledger import FLAT, SOLVED, UNKNOWN, PositionPath
from liquest.losses.ledger.reconstruct import reconstruct

KEY = (USDM, "ATOMUSDT", "B")
ACCUSED = {
    "trades-do-not-lead-there", "realised-not-rebuilt", "position-differs", "closes-more-than-held",
    "position-impossible", "position-without-trades",
}  # fmt: skip
FLIP = fill(10, -1, "5", "5", "2")
"""Closes 2 of an average of 4 and opens 3 short."""


def solved(path: PositionPath) -> tuple[str, Decimal, list[Decimal]]:
    opening = path.opening.quantity if path.opening is not None else Decimal(0)
    return path.opening_by, opening, [h.quantity for h in path.steps]


def test_the_profit_and_the_entry_of_the_row_tell_how_much_a_flip_closed() -> None:
    # 2 = (5 − 4)·h, so that 2 were held; the row of the short that followed is not there.
    rows = [row(1, "4.00000000", "5", "6", "7", "9", -500, 10)]
    trades = [FLIP, fill(20, -1, "1", "5")]
    ledger, problems = reconstruct(exports(trades=trades, positions=rows))
    assert solved(ledger.positions[0]) == plain((SOLVED, 2, [-3, -4]))
    assert not codes(problems) & ACCUSED


def test_the_closings_before_it_tell_the_average_where_no_row_does() -> None:
    rows = [row(1, "0", "5", "6", "7", "9", -500, 10)]
    trades = [fill(5, -1, "1", "4.5", "0.5"), FLIP]
    ledger, _ = reconstruct(exports(trades=trades, positions=rows))
    assert solved(ledger.positions[0]) == plain((SOLVED, 3, [2, -3]))


def test_the_closed_volume_tells_it_where_the_price_was_the_entry() -> None:
    # No profit at the entry itself; all that the row closed is this trade.
    rows = [row(1, "5", "5", "2", "2", "0", -500, 10)]
    trades = [fill(10, -1, "5", "5", "0"), fill(20, 1, "3", "4", "3")]
    ledger, problems = reconstruct(exports(trades=trades, positions=rows))
    assert solved(ledger.positions[0]) == plain((SOLVED, 2, [-3, 0]))
    assert not codes(problems) & ACCUSED


def test_an_inverse_flip_is_solved_in_its_coordinate() -> None:
    # Short from 1/5, closed at 4: 10·h·(1/4 − 1/5) = 2, so that h = 4 of 9.
    rows = [
        row(-1, "5.00000000", "4", "8", "9", "3", -500, 10, symbol="ATOMUSD_PERP", market=COINM)
    ]
    ledger, problems = reconstruct(exports(trades=[coin(10, 1, "9", "4", "2")], positions=rows))
    assert solved(ledger.positions[0]) == plain((SOLVED, -4, [5]))
    assert not codes(problems) & ACCUSED


def test_a_position_that_ended_with_the_trade_is_not_taken_for_a_flip() -> None:
    rows = [row(1, "4.6", "5", "6", "7", "9", -500, 10)]
    trades = [FLIP, fill(20, -1, "1", "5")]
    ledger, problems = reconstruct(exports(trades=trades, positions=rows))
    assert solved(ledger.positions[0]) == plain((SOLVED, 5, [0, -1]))
    assert not codes(problems) & ACCUSED


def test_the_end_that_is_given_stands_where_nothing_else_tells() -> None:
    # The row shows no entry, and more was closed before: 2 or 5 or anything between.
    rows = [row(1, "0", "5", "6", "7", "9", -500, 10)]
    ledger, problems = reconstruct(
        exports(trades=[FLIP], positions=rows), positions_at_end={KEY: D(-3)}
    )
    assert solved(ledger.positions[0]) == plain((SOLVED, 2, [-3]))
    assert codes(problems) & ACCUSED == {"position-differs"}, "an entry of 0 is none"


@pytest.mark.parametrize("most", ["3", "1"])
def test_the_most_that_was_held_refutes_what_would_be_more(most: str) -> None:
    # The trade of 5 cannot have closed 5 of a position that never held more than 3; and if the
    # entry fits no quantity either, nothing is known.
    rows = [row(1, "4.123", "5", most, "7", "9", -500, 10)]
    ledger, problems = reconstruct(exports(trades=[FLIP], positions=rows))
    assert ledger.positions[0].opening_by == UNKNOWN
    (said,) = of(problems, "position-unknown")
    assert "期末持仓" in said.text.zh
    assert not codes(problems) & ACCUSED


def test_parts_of_one_order_may_close_and_open() -> None:
    # 2 and 1 close, the rest of the second part and the third open 4 short.
    rows = [row(1, "4.00000000", "5", "6", "7", "9", -500, 10)]
    trades = [fill(10, -1, "2", "5", "2"), fill(10, -1, "2", "5", "1"), fill(10, -1, "3", "5")]
    ledger, problems = reconstruct(exports(trades=trades, positions=rows))
    assert solved(ledger.positions[0]) == plain((SOLVED, 3, [1, -1, -4]))
    assert not codes(problems) & ACCUSED


def test_a_position_of_one_second_that_its_row_shows_begins_and_ends_at_nothing() -> None:
    trades = [fill(10, 1, "1", "4"), fill(10, -1, "1", "5", "1"), fill(20, 1, "1", "6")]
    rows = [row(1, "4", "5", "1", "1", "1", 10, 10)]
    (path,) = reconstruct(exports(trades=trades, positions=rows))[0].positions
    assert solved(path) == plain((FLAT, 0, [1, 0, 1]))


def test_which_row_was_held_when_the_trades_began() -> None:
    trades = [fill(10, -1, "1", "5"), fill(30, -1, "1", "5")]
    rows = [
        row(1, "4", "5", "2", "2", "1", -9, 30), row(1, "4", "5", "2", "2", "1", -9, 11),
        row(1, "4", "5", "2", "2", "1", 10, 10), row(1, "4", None, "2", "0", "0", -9, None),
    ]  # fmt: skip
    found = begun(trades, (0, 1), rows)
    assert found is not None and (found.row, found.low, found.high) == (rows[1], 0, 1)
    assert begun(trades, (0, 1), rows[2:]) is None


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([USDM, COINM]), st.integers(0, 100), st.booleans())
def test_rows_that_closed_later_are_not_needed_for_the_truth(
    seed: int, market: str, percent: int, ended: bool
) -> None:
    """An export cut at both ends: the row of what is held at its end is not there. What is said
    to be known is true, with the end given or not, and no row is accused."""
    account = Account(seed, market=market)
    if not account.trades:
        return
    whole = account.exports(account.trades[(len(account.trades) - 1) * percent // 200].ts)
    first, last = whole.trades[0].ts, whole.trades[len(whole.trades) * 3 // 4].ts
    cut = account.exports(first)
    kept = exports(
        [t for t in cut.transactions if t.ts <= last], [t for t in cut.trades if t.ts <= last],
        [p for p in cut.positions if p.closed_at is not None and p.closed_at <= last],
        [o for o in cut.orders if o.ts <= last],
    )  # fmt: skip
    end = {
        (market, *key): Decimal(int(held.numerator)) / held.denominator
        for key in account.places
        for held in [account.held(*key, last)[0]]
    }
    ledger, problems = reconstruct(kept, positions_at_end=end if ended else {})
    assert not codes(problems) & ACCUSED
    for path in ledger.positions:
        if path.opening_by in (SOLVED, FLAT):
            true, _ = account.held(path.symbol, path.place, first - 1)
            assert (path.opening.quantity if path.opening else 0) == true
        if ended:
            assert path.opening_by in (SOLVED, FLAT)
    assert first >= T0
