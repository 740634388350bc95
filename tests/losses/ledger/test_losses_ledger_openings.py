"""Exports that begin in the middle, by hand: what was held is solved backwards, or not at all."""

from __future__ import annotations

import pytest
from _ledger_rows import D, at, codes, coin, exports, fill, forced, of, plain, row

from liquest.errors import InputError
from liquest.losses.entries import USDM
from liquest.losses.ledger.ledger import ASSUMED_FLAT, FLAT, ROW, SOLVED, UNKNOWN
from liquest.losses.ledger.reconstruct import reconstruct

KEY = (USDM, "ATOMUSDT", "B")


def test_a_position_row_that_ends_gives_quantity_and_the_first_profit_the_entry() -> None:
    # Nothing after the last trade, which sells 3: 3 were held. Sold 1 at 5 with a profit of
    # 0.9: entry 5 − 0.9 / 1 = 4.1, known to ± half of 1e-8.
    trades = [fill(10, -1, "1", "5", "0.9"), fill(20, -1, "2", "4", "-0.2")]
    rows = [row(1, "4.1", "4.3333333333", "5", "3", "0.7", -500, 20)]
    ledger, problems = reconstruct(exports(trades=trades, positions=rows))
    (path,) = ledger.positions
    assert path.opening is not None
    assert (path.opening.quantity, path.opening.entry, path.opening_by) == plain(
        (3, D("4.1"), SOLVED)
    )
    # The second profit is of 2: it bounds the entry twice as closely.
    assert path.opening.slack == D("2.5e-9")
    assert path.opening.ts == at(-500) and path.opening.trade == -1
    assert path.at(at(0)) == path.opening
    (said,) = of(problems, "position-solved-backwards")
    assert (said.path, said.first) == ("trades.csv", 2)
    assert "ATOMUSDT (B) was held before the first trade: 3" in said.text.en
    assert "4.0999999975 and 4.1000000025" in said.text.en
    assert "由其后的记录倒推" in said.text.zh
    assert not of(problems, "position-differs")


def test_an_average_after_an_opening_solves_the_one_before_it() -> None:
    # Held 2 at e, 2 bought at 5, all 4 sold at 5 with a profit of 3: the average was 4.25,
    # so 2·e + 2·5 = 17 and e = 3.5.
    trades = [fill(10, 1, "2", "5"), fill(20, -1, "4", "5", "3")]
    ledger, _ = reconstruct(exports(trades=trades), positions_at_end={KEY: D(0)})
    opening = ledger.positions[0].opening
    assert opening is not None
    assert (opening.quantity, opening.entry, opening.slack) == plain((2, D("3.5"), D("2.5e-9")))
    assert [h.entry for h in ledger.positions[0].steps] == [D("4.25"), None]
    assert ledger.positions[0].steps[0].slack == D("1.25e-9")


def test_inverse_openings_are_solved_in_their_coordinate() -> None:
    # 10 USD a contract: 4 contracts short from x = 1/5, closed at 4: −40 · (1/5 − 1/4) = 2.
    key = ("coinm", "ATOMUSD_PERP", "B")
    ledger, _ = reconstruct(
        exports(trades=[coin(10, 1, "4", "4", "2")]), positions_at_end={key: D(0)}
    )
    opening = ledger.positions[0].opening
    assert opening is not None and opening.entry is not None
    assert (opening.quantity, abs(opening.entry - 5) < D("1e-60")) == plain((-4, True))
    # Half of 1e-8 over 40 in x, times entry² in price.
    assert abs(opening.slack - D("5e-9") / 40 * 25) < D("1e-60")


def test_a_takeover_ends_the_position_where_no_row_does() -> None:
    trades = [fill(10, -1, "1", "5", "0.5"), fill(20, -1, "2", "3", "-3", order="77"),
              fill(30, 1, "1", "3")]  # fmt: skip
    orders = [forced(20, -1, "2", "3", "77")]
    ledger, problems = reconstruct(exports(trades=trades, orders=orders))
    (path,) = ledger.positions
    assert path.opening is not None and path.opening.quantity == 3
    assert [h.quantity for h in path.steps] == [2, 0, 1]
    assert "position-unknown" not in codes(problems)


def test_without_an_end_it_is_not_known_and_said() -> None:
    trades = [fill(10, -1, "1", "5", "0.9"), fill(20, -1, "2", "4", "-0.2")]
    ledger, problems = reconstruct(exports(trades=trades))
    (path,) = ledger.positions
    assert (path.opening, path.opening_by, path.steps) == (None, UNKNOWN, ())
    assert path.at(at(99)) is None and ledger.held(at(99)) == []
    (said,) = of(problems, "position-unknown")
    assert "nothing says how much (3 if all was closed with the last trade)" in said.text.en
    assert "（若最后一笔成交后已全部平仓，则为 3）" in said.text.zh


def test_profits_that_fit_one_quantity_alone_solve_it() -> None:
    # Held 2 at 4. Sold 1 at 5 (+1), 3 bought at 5 (average (4 + 15)/4 = 4.75), sold 2 at 5
    # (+0.5), 2 at 6 (+2.5), bought 1 at 7, sold 1 at 9 (+2). Only 2 makes all of them so.
    trades = [
        fill(1, -1, "1", "5", "1"), fill(2, 1, "3", "5"), fill(3, -1, "2", "5", "0.5"),
        fill(4, -1, "2", "6", "2.5"), fill(5, 1, "1", "7"), fill(6, -1, "1", "9", "2"),
    ]  # fmt: skip
    ledger, problems = reconstruct(exports(trades=trades))
    (path,) = ledger.positions
    assert path.opening is not None and (path.opening.quantity, path.opening.entry) == plain((2, 4))
    assert [h.quantity for h in path.steps] == [1, 4, 2, 0, 1, 0]
    assert not of(problems, "realised-not-rebuilt")


def test_a_flat_beginning_is_known_by_its_profits_or_assumed() -> None:
    # Of two averages, or one of two prices, the profits speak of the quantity too.
    twice = [fill(1, 1, "1", "4"), fill(2, -1, "1", "5", "1"), fill(3, 1, "1", "6"),
             fill(4, -1, "1", "7", "1")]  # fmt: skip
    mixed = [fill(1, 1, "1", "4"), fill(2, 1, "1", "5"), fill(3, -1, "2", "5", "1")]
    for trades in (twice, mixed):
        known = reconstruct(exports(trades=trades))[0]
        assert (known.positions[0].opening, known.positions[0].opening_by) == (None, FLAT)
    # Bought at 4 on top of what was held at 4: the profit is the same.
    same = reconstruct(exports(trades=[fill(1, 1, "1", "4"), fill(2, -1, "1", "5", "1")]))[0]
    assert (same.positions[0].opening, same.positions[0].opening_by) == (None, ASSUMED_FLAT)
    assumed = reconstruct(exports(trades=[fill(1, 1, "1", "4")]))[0]
    assert (assumed.positions[0].opening, assumed.positions[0].opening_by) == (None, ASSUMED_FLAT)


def test_hedge_mode_cannot_have_begun_on_the_other_side() -> None:
    # Nothing after 20 s, and 2 bought: −2 was held under L, which cannot be.
    trades = [fill(10, 1, "2", "5", place="L"), fill(15, 1, "1", "5", place="S")]
    rows = [row(1, "5", "5", "2", "2", "0", 5, 12, place="L")]
    ledger, problems = reconstruct(exports(trades=trades, positions=rows))
    path = ledger.position(USDM, "ATOMUSDT", "L")
    assert path is not None and path.opening_by == ASSUMED_FLAT
    (said,) = of(problems, "position-impossible")
    assert "would have begun at −2" in said.text.en and "−2" in said.text.zh


def test_a_position_never_traded_is_read_from_its_row() -> None:
    rows = [row(-1, "4.20", None, "7", "0", "0", -300, None, symbol="BTCUSDT")]
    trades = [fill(1, 1, "1", "4"), fill(2, -1, "1", "5", "1")]
    ledger, _ = reconstruct(exports(trades=trades, positions=rows))
    path = ledger.position(USDM, "BTCUSDT", "B")
    assert path is not None and path.opening is not None
    assert (path.opening.quantity, path.opening.entry, path.opening_by) == plain(
        (-7, D("4.20"), ROW)
    )
    assert (path.opening.slack, path.opening.ts) == (D("0.005"), at(-300))
    assert [(p.symbol, h.quantity) for p, h in ledger.held(at(0))] == plain([("BTCUSDT", -7)])


def test_an_open_row_never_reduced_says_what_is_held_at_the_end() -> None:
    trades = [fill(10, 1, "2", "5"), fill(11, 1, "1", "5")]
    rows = [row(1, "4.4", None, "5", "0", "0", -300, None)]
    ledger, problems = reconstruct(exports(trades=trades, positions=rows))
    (path,) = ledger.positions
    assert path.opening is not None and path.opening.quantity == 2
    assert path.steps[-1].quantity == 5
    # No profit tells the entry of what was held before. The row's, 4.40 ± 0.05, is that of the
    # whole: 2·e + 3·5 = 5·4.40, so e = 3.50 ± 5·0.05/2.
    assert (path.opening.entry, path.opening.slack) == (D("3.5"), D("0.125"))
    assert codes(problems) == {"position-solved-backwards", "transactions-missing"}


def test_an_open_row_whose_closings_are_all_there_tells_its_largest_quantity() -> None:
    # At most 7: 4 held, 3 bought, then 2 sold, all that the row closed. So 5 are left.
    trades = [fill(10, 1, "3", "5"), fill(11, -1, "2", "5", "1")]
    rows = [row(1, "4.5", None, "7", "2", "1", -300, None)]
    (path,) = reconstruct(exports(trades=trades, positions=rows))[0].positions
    assert path.opening is not None and path.opening.quantity == 4
    assert [h.quantity for h in path.steps] == [7, 5]
    # Average 4.5 of 7: 4·e + 15 = 31.5, e = 4.125.
    assert path.opening.entry == D("4.125")
    # More was closed before the trades: then 7 says nothing, only that something was held.
    more = [rows[0]._replace(closed=D(3))]
    (path,) = reconstruct(exports(trades=trades, positions=more))[0].positions
    assert (path.opening, path.opening_by) == (None, UNKNOWN)


def test_a_wrong_row_does_not_spoil_a_beginning_that_the_first_profit_confirms() -> None:
    trades = [fill(1, 1, "1", "3"), fill(1, 1, "1", "5"), fill(2, -1, "1", "5", "1"),
              fill(3, -1, "1", "6", "7"), fill(4, 1, "2", "4"),
              fill(5, -1, "2", "5", "9")]  # fmt: skip
    ledger, problems = reconstruct(exports(trades=trades))
    assert ledger.positions[0].opening_by == FLAT
    assert [p.first for p in of(problems, "realised-not-rebuilt")] == [5, 7]


def test_what_was_held_at_the_end_may_be_given() -> None:
    trades = [fill(10, -1, "1", "5", "0.5")]
    ledger, _ = reconstruct(exports(trades=trades), positions_at_end={KEY: D(4)})
    (path,) = ledger.positions
    assert path.opening is not None and (path.opening.quantity, path.opening.entry) == plain(
        (5, D("4.5"))
    )
    untraded = {(USDM, "BTCUSDT", "B"): D(-3)}
    ledger, _ = reconstruct(exports(trades=trades), positions_at_end=untraded)
    other = ledger.position(USDM, "BTCUSDT", "B")
    assert other is not None and other.opening is not None
    assert (other.opening.quantity, other.opening.entry) == plain((-3, None))


@pytest.mark.parametrize(("place", "quantity"), [("L", "-1"), ("S", "1"), ("X", "1")])
def test_an_end_that_no_place_can_hold_is_refused(place: str, quantity: str) -> None:
    with pytest.raises(InputError) as refused:
        reconstruct(exports(), positions_at_end={(USDM, "ATOMUSDT", place): D(quantity)})
    assert "ATOMUSDT" in refused.value.where and "仓" in refused.value.render("zh")


def test_clocks_of_two_files_may_differ_by_a_second() -> None:
    trades = [fill(10, 1, "2", "4"), fill(20, -1, "2", "5", "2")]
    rows = [row(1, "4", "5", "2", "2", "2", 11, 19)]
    ledger, problems = reconstruct(exports(trades=trades, positions=rows))
    assert [h.quantity for h in ledger.positions[0].steps] == [2, 0]
    assert codes(problems) == {"transactions-missing"}
    assert {c.rule for c in ledger.checks if c.name in ("opened", "closed-at")} == {"unit"}
