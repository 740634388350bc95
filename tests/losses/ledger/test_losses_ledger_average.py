"""Positions by hand: average cost, linear and inverse, flips, hedge mode, and rounding rules."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from _ledger_histories import T0
from _ledger_rows import D, at, codes, coin, exports, fill, of, plain, row
from hypothesis import given
from hypothesis import strategies as st

from liquest.losses.entries import COINM, USDM
from liquest.losses.ledger.ledger import ASSUMED_FLAT, FLAT
from liquest.losses.ledger.reconstruct import reconstruct
from liquest.losses.ledger.rounding import (
    CUT,
    DIFFERS,
    EXACT,
    HALF_EVEN,
    INTERVAL,
    UNIT,
    cut,
    half_even,
    rule_of,
    shown,
    together,
)


def test_opening_averages_and_closing_leaves_the_average() -> None:
    # Buy 2 at 4.00 and 1 at 4.30: cost 8.00 + 4.30 = 12.30, average 12.30 / 3 = 4.10.
    # Sell 1 at 5.00: (5.00 − 4.10) · 1 = 0.90, average stays. Buy 2 at 5.10: cost
    # 2 · 4.10 + 2 · 5.10 = 18.40, average 4.60. Sell 4 at 4.00: −0.60 · 4 = −2.40.
    trades = [
        fill(0, 1, "2", "4.00"),
        fill(1, 1, "1", "4.30"),
        fill(2, -1, "1", "5.00", "0.90"),
        fill(3, 1, "2", "5.10"),
        fill(4, -1, "4", "4.00", "-2.40"),
    ]
    ledger, problems = reconstruct(exports(trades=trades))
    (path,) = ledger.positions
    assert [(h.quantity, h.entry) for h in path.steps] == plain([
        (2, D("4")), (3, D("4.1")), (2, D("4.1")), (4, D("4.6")), (0, None),
    ])  # fmt: skip
    assert [(h.closed, h.realised) for h in path.steps] == plain([
        (0, 0), (0, 0), (1, D("0.9")), (0, 0), (4, D("-2.4")),
    ])  # fmt: skip
    assert (path.opening, path.opening_by, path.settle) == (None, FLAT, "USDT")
    assert codes(problems) == {"positions-missing", "transactions-missing"}
    (line,) = [one for one in ledger.lines if one.name == "rebuilt-realised"]
    assert (line.stated, line.rebuilt, line.rule, line.count) == (D("-1.5"), D("-1.5"), EXACT, 2)
    assert line.closes and line.difference == 0


def test_state_at_a_time_is_after_everything_stamped_then() -> None:
    trades = [fill(0, 1, "2", "4"), fill(5, 1, "1", "4"), fill(5, -1, "3", "4")]
    ledger, _ = reconstruct(exports(trades=trades))
    (path,) = ledger.positions
    assert path.at(at(0) - 1) is None
    assert [path.at(at(s)).quantity for s in (0, 4, 5, 9)] == [2, 2, 0, 0]  # type: ignore[union-attr]
    assert [h.quantity for _, h in ledger.held(at(4))] == [2]
    assert ledger.held(at(5)) == []
    assert (ledger.start, ledger.end) == (T0, at(5))
    assert ledger.position(USDM, "ATOMUSDT", "B") is path
    assert ledger.position(USDM, "ATOMUSDT", "L") is None


def test_an_average_that_never_ends_gives_exact_profits() -> None:
    # Cost 1 · 1 + 2 · 2 = 5 over 3. Closing 1 at 2: 2 − 5/3 = 1/3 → 0.33333333;
    # the other 2 at 2: 4 − 10/3 = 2/3 → 0.66666667. In all 6 − 5 = 1, as the cash says.
    trades = [
        fill(0, 1, "1", "1"),
        fill(1, 1, "2", "2"),
        fill(2, -1, "1", "2", "0.33333333"),
        fill(3, -1, "2", "2", "0.66666667"),
    ]
    ledger, problems = reconstruct(exports(trades=trades))
    (path,) = ledger.positions
    assert sum(h.realised or 0 for h in path.steps) == 1
    (line,) = [one for one in ledger.lines if one.name == "rebuilt-realised"]
    assert (line.rule, line.closes, line.stated) == plain((HALF_EVEN, True, 1))
    assert not of(problems, "realised-not-rebuilt")


def test_a_flip_closes_the_old_and_opens_the_rest_at_its_price() -> None:
    # Long 2 at 4; sell 5 at 6: (6 − 4) · 2 = 4, then short 3 at 6; buy 3 at 5: (6 − 5) · 3 = 3.
    trades = [fill(0, 1, "2", "4"), fill(1, -1, "5", "6", "4"), fill(2, 1, "3", "5", "3")]
    ledger, _ = reconstruct(exports(trades=trades))
    (path,) = ledger.positions
    assert [(h.quantity, h.entry, h.closed) for h in path.steps] == plain([
        (2, 4, 0), (-3, 6, 2), (0, None, 3),
    ])  # fmt: skip
    assert [h.realised for h in path.steps] == [0, 4, 3]


def test_inverse_contracts_count_in_coin() -> None:
    # 10 USD a contract. 3 contracts at 4 and 5 at 5: x = (3/4 + 5/5)/8 = 1.75/8 = 0.21875,
    # entry 1/x = 8/1.75 = 4.571428…  Sell 4 at 2.5: 4 · 10 · (0.21875 − 0.4) = −7.25 coins.
    # Sell the other 4 at 8: 40 · (0.21875 − 0.125) = 3.75.
    trades = [
        coin(0, 1, "3", "4"),
        coin(1, 1, "5", "5"),
        coin(2, -1, "4", "2.5", "-7.25"),
        coin(3, -1, "4", "8", "3.75"),
    ]
    ledger, problems = reconstruct(exports(trades=trades))
    (path,) = ledger.positions
    assert (path.inverse, path.contract_size, path.settle) == plain((True, 10, "ATOM"))
    assert path.steps[1].entry is not None
    assert Fraction(path.steps[1].entry) - Fraction(8) / Fraction(7, 4) < Fraction(1, 10**70)
    assert [h.realised for h in path.steps] == [0, 0, D("-7.25"), D("3.75")]
    assert path.size(path.steps[1]) == -80
    assert not of(problems, "realised-not-rebuilt")


def test_an_inverse_short_gains_when_the_coin_falls() -> None:
    # Short 2 contracts at 5, closed at 4: −1 · 20 · (1/5 − 1/4) = 1 coin.
    ledger, _ = reconstruct(exports(trades=[coin(0, -1, "2", "5"), coin(1, 1, "2", "4", "1")]))
    assert ledger.positions[0].steps[1].realised == 1


def test_bitcoin_contracts_are_of_100_dollars() -> None:
    one = fill(0, 1, "1", "50000", symbol="BTCUSD_PERP", market=COINM, asset="BTC")
    ledger, _ = reconstruct(exports(trades=[one]))
    assert ledger.positions[0].contract_size == 100
    assert ledger.positions[0].opening_by == ASSUMED_FLAT


def test_a_contract_of_unknown_size_is_said() -> None:
    trades = [fill(0, 1, "1", "4", symbol="ETHUSD", market=COINM, asset="ETH")]
    ledger, problems = reconstruct(replace(exports(trades=trades), venue="bitmex"))
    assert ledger.positions[0].contract_size == 1
    (found,) = of(problems, "contract-size-unknown")
    assert (found.path, found.first) == ("trades.csv", 2) and "面值未知" in found.text.zh


def test_hedge_mode_holds_both_sides_apart() -> None:
    trades = [
        fill(0, 1, "2", "4", place="L"),
        fill(1, -1, "3", "5", place="S"),
        fill(2, -1, "2", "5", "2", place="L"),
        fill(3, 1, "3", "6", "-3", place="S"),
    ]
    ledger, problems = reconstruct(exports(trades=trades))
    assert [(p.place, [h.quantity for h in p.steps]) for p in ledger.positions] == plain([
        ("L", [2, 0]), ("S", [-3, 0]),
    ])  # fmt: skip
    assert not of(problems, "closes-more-than-held")


def test_hedge_mode_cannot_close_more_than_is_held() -> None:
    trades = [fill(0, 1, "2", "4", place="L"), fill(1, -1, "5", "5", "2", place="L"),
              fill(2, 1, "1", "6", place="L")]  # fmt: skip
    (found,) = of(reconstruct(exports(trades=trades))[1], "closes-more-than-held")
    assert found.first == 3
    # That something was held before is one reading; a row that opens at 0 s refutes it.
    rows = [row(1, "4", "5", "2", "2", "2", 0, 1, place="L")]
    ledger, problems = reconstruct(exports(trades=trades, positions=rows))
    (found,) = of(problems, "closes-more-than-held")
    assert (found.path, found.first) == ("trades.csv", 3)
    assert "row 3 of trades.csv: closes 3 more of ATOMUSDT (L)" in found.text.en
    assert "trades.csv 第 3 行" in found.text.zh
    assert [h.quantity for h in ledger.positions[0].steps] == [2, 0, 1]


def test_a_trade_without_price_is_set_aside() -> None:
    ledger, problems = reconstruct(exports(trades=[fill(0, 1, "2", "4"), fill(1, 1, "2", "0")]))
    (found,) = of(problems, "trade-without-size")
    assert (found.first, found.effect) == (3, "aside")
    assert len(ledger.positions[0].steps) == 1


@pytest.mark.parametrize(
    ("stated", "value", "rule"),
    [
        ("1.25000000", "1.25", EXACT),
        ("0.33333333", "0.333333333333333333", HALF_EVEN),
        ("0.66666667", "0.666666666666666666", HALF_EVEN),
        ("0.66666666", "0.666666666666666666", CUT),
        ("-0.66666666", "-0.666666666666666666", CUT),
        ("0.00000002", "0.000000015", HALF_EVEN),  # A tie goes to the even digit.
        ("0.00000002", "0.000000025", HALF_EVEN),
        ("0.00000003", "0.000000025", UNIT),
        ("0.33333334", "0.333333333333333333", UNIT),
        ("0.33333335", "0.333333333333333333", DIFFERS),
    ],
)
def test_the_strictest_rule_is_named(stated: str, value: str, rule: str) -> None:
    assert rule_of(D(stated), D(value)) == rule


def test_an_average_is_compared_at_its_own_digits() -> None:
    assert shown(D("4.57"), D("4.571428571")) == HALF_EVEN
    assert shown(D("4.571"), D("4.5719")) == CUT
    assert shown(D("4.573"), D("4.5719")) == DIFFERS
    assert shown(D("4.573"), D("4.5719"), D("0.001")) == INTERVAL
    assert shown(D("5"), D("4.6")) == HALF_EVEN


def test_rows_share_the_strictest_rule_that_holds_for_all() -> None:
    third, two = D(1) / 3, D(2) / 3
    none = D(0)
    assert together([(D("0.33333333"), third, none), (D("0.66666667"), two, none)], 8) == HALF_EVEN
    assert together([(D("0.33333333"), third, none), (D("0.66666666"), two, none)], 8) == CUT
    assert together([(D("0.33333334"), third, none), (D("0.66666666"), two, none)], 8) == UNIT
    assert together([(D("0.33333334"), third, none), (D("0.7"), two, none)], 8) == DIFFERS


def test_a_line_says_that_a_venue_cuts() -> None:
    # 2 − 5/3 = 0.333…, 4 − 10/3 = 0.666…; the second is stated cut, not rounded.
    trades = [fill(0, 1, "1", "1"), fill(1, 1, "2", "2"), fill(2, -1, "1", "2", "0.33333333"),
              fill(3, -1, "2", "2", "0.66666666")]  # fmt: skip
    ledger, problems = reconstruct(exports(trades=trades))
    (line,) = [one for one in ledger.lines if one.name == "rebuilt-realised"]
    assert (line.rule, line.closes, line.rebuilt) == (CUT, True, D("0.99999999"))
    assert not of(problems, "realised-not-rebuilt")


@given(st.integers(-(10**30), 10**30), st.integers(0, 8))
def test_rounding_is_that_of_fractions(numerator: int, places: int) -> None:
    value = Decimal(f"{numerator}E-20")
    exact = Fraction(numerator, 10**20) * 10**places
    assert half_even(value, places) == Decimal(round(exact)).scaleb(-places)
    assert cut(value, places) == Decimal(int(exact)).scaleb(-places)
    assert rule_of(half_even(value, places), value, places) in (EXACT, HALF_EVEN)
    assert rule_of(cut(value, places), value, places) in (EXACT, HALF_EVEN, CUT)
