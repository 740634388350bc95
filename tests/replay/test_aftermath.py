"""Each step of an aftermath on numbers that can be followed by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from _aftermaths import Small
from _worked import NONE, Own, Worked, told

from liquest.errors import InputError
from liquest.replay.aftermath import Terms, aftermath
from liquest.replay.aftermath_state import ALIVE, BANKRUPT, CLOSED, PARTLY
from liquest.replay.units import Paths, Units
from liquest.rules.ladder import Tiers

D = Decimal
LONG = Own(10, [("A", 1, 100)])
near = pytest.approx


def test_who_is_at_the_trigger_is_left_alone() -> None:
    # 1 at 100 with 10 asks 4.75 at 95 and has 5; at 94.7368421 both are the same.
    ledger = Worked({"A": [100, 95, 94.8]}).live(LONG)
    assert ledger.first.tolist() == ledger.at.tolist() == [-1]
    assert ledger.outcome.tolist() == [ALIVE] and not len(ledger.events.kind)
    assert ledger.equity.tolist() == [near(4.8)] and ledger.notional == 0


def test_a_partial_step_leaves_the_unit_at_its_trigger_and_no_dust_follows() -> None:
    # 4 − 0.94·p = 4.7·(1 − p): p = 0.7/3.76. Then nothing moves, and nothing happens.
    ledger = Worked({"A": [100, *[94.0] * 50]}, charge=0.01).live(LONG)
    part = 0.7 / 3.76
    assert told(ledger) == [(1, "executed", 0, part)]
    assert ledger.outcome.tolist() == [PARTLY] and ledger.at.tolist() == [1]
    assert ledger.wallet.tolist() == [near(10 - 6 * part - 0.94 * part)]
    assert ledger.size.tolist() == [near(1 - part)]
    assert ledger.fee.tolist() == [near(0.94 * part)] and ledger.fund_net == near(0.94 * part)
    assert ledger.equity[0] == near(0.05 * 94 * (1 - part))


def test_without_steps_all_of_it_goes() -> None:
    ledger = Worked({"A": [100, 94.0, 94.0]}, charge=0.01).live(LONG, steps="full")
    assert told(ledger) == [(1, "executed", 0, 1)]
    assert ledger.outcome.tolist() == [CLOSED] and ledger.wallet.tolist() == [near(4 - 0.94)]


@pytest.mark.parametrize("steps", ["partial", "full"])
def test_the_fee_stops_at_what_is_left(steps: str) -> None:
    # At 90.5 a half is left; 1 % of 90.5 would be more.
    ledger = Worked({"A": [100, 90.5, 80]}, charge=0.01).live(LONG, steps=steps)
    assert told(ledger) == [(1, "executed", 0, 1)]
    assert ledger.outcome.tolist() == [CLOSED]
    assert ledger.wallet.tolist() == [near(0, abs=1e-12)] and ledger.fee.tolist() == [near(0.5)]
    assert ledger.deficit.tolist() == [0] and ledger.fund_used == 0


def test_a_share_of_every_leg_that_fills() -> None:
    worked = Worked({"A": [100, 80], "B": [50, 50]})
    # Equity 6 of a unit that asks 4 + 5: a third of both.
    ledger = worked.live(Own(26, [("A", 1, 100), ("B", -2, 50)]))
    assert told(ledger) == [(1, "executed", 0, 1 / 3), (1, "executed", 0, -2 / 3)]
    assert ledger.equity.tolist() == [near(6)] and ledger.wallet.tolist() == [near(26 - 20 / 3)]


def test_the_trigger_of_a_portfolio_is_higher() -> None:
    worked = Worked({"A": [100, 94.8]})
    assert told(worked.live(LONG)) == []
    ledger = worked.live(Own(10, [("A", 1, 100)], trigger=1.05))
    # 4.8 against 1.05 · 4.74 = 4.977.
    assert told(ledger) == [(1, "executed", 0, 1 - 4.8 / 4.977)]
    assert ledger.equity[0] == near(1.05 * 0.05 * 94.8 * ledger.size[0])


def test_a_step_through_the_floor_of_a_tier() -> None:
    tiers = Tiers("A", (D(0), D(1000)), (D("0.01"), D("0.1")), (D(0), D(90)), (D(1), D(1)))
    # 20 at 100 ask 110; with 90 a tenth is enough, with 5 three quarters.
    for wallet, part in ((90, 0.1), (10, 0.5), (5, 0.75)):
        ledger = Worked({"A": [100]}, tiers={"A": tiers}).live(Own(wallet, [("A", 20, 100)]))
        assert told(ledger) == [(0, "executed", 0, 20 * part)]


def test_a_step_that_cannot_help_is_not_taken() -> None:
    # The fee of 2 % eats more than the 1 % that a share frees.
    ledger = Worked({"A": [100, 99]}, rate="0.01", charge=0.02).live(Own(1.5, [("A", 1, 100)]))
    assert told(ledger) == [(1, "executed", 0, 1)] and ledger.outcome.tolist() == [CLOSED]


def test_a_step_is_in_whole_lots_rounded_up() -> None:
    # 0.7/4.7 of one is 0.1489…: one lot of 0.15, two of 0.1, or the only one there is.
    for lot, closed in ((0.15, 0.15), (0.1, 0.2), (0.7, 0.7), (1, 1), (50, 1)):
        ledger = Worked({"A": [100, 94]}, lot=lot).live(LONG)
        assert told(ledger) == [(1, "executed", 0, closed)]
        assert ledger.outcome.tolist() == [CLOSED if closed == 1 else PARTLY]


def test_what_is_less_than_a_lot_goes_with_the_last_one() -> None:
    ledger = Worked({"A": [100, 94, 92, 88, 80]}, lot=0.3).live(LONG)
    sizes = [size for *_, size in told(ledger)]
    assert sizes == [near(0.3), near(0.3), near(0.3), near(0.1)]
    assert ledger.outcome.tolist() == [CLOSED]


def test_a_lot_that_costs_more_than_there_is_left_is_none() -> None:
    # Half of the two would do at 0.4; a whole lot at the last price loses 1.2.
    tiers = {"A": Tiers("A", (D(0),), (D("0.5"),), (D(0),), (D(1),))}
    worked = Worked({"A": [1]}, last={"A": [0.4]}, band=0.9, lot=2, tiers=tiers)
    ledger = worked.live(Own(0.95, [("A", 2, 1)]))
    assert told(ledger) == [(0, "taken", 0, 2)] and ledger.fund_net == near(-0.25)


@pytest.mark.parametrize(
    ("quantity", "mark", "last", "fills"),
    [
        (1, 94, 84.6, True), (1, 94, 84.59, False), (1, 94, 200, True), (1, 94, NONE, False),
        (-1, 106, 116.6, True), (-1, 106, 116.61, False), (-1, 106, 1, True),
    ],
)  # fmt: skip
def test_the_band_binds_on_the_side_that_hurts(
    quantity: float, mark: float, last: float, *, fills: bool
) -> None:
    worked = Worked({"A": [100, mark]}, last={"A": [100, last]})
    ledger = worked.live(Own(30.4, [("A", quantity, 100)], trigger=6))
    assert [word for _, word, _, _ in told(ledger)] == ["executed" if fills else "taken"]


@pytest.mark.parametrize(
    ("quantity", "mark", "last", "fills"),
    [
        (100, 94, 84.6, True), (100, 94, 84.59, False), (100, 94, 200, True),
        (-100, 106, 116.6, True), (-100, 106, 116.61, False), (-100, 106, 1, True),
    ],
)  # fmt: skip
def test_the_band_is_one_of_prices_for_inverse_contracts_too(
    quantity: float, mark: float, last: float, *, fills: bool
) -> None:
    worked = Worked({"A": [100, mark]}, last={"A": [100, last]}, inverse=["A"])
    ledger = worked.live(Own(0.31, [("A", quantity, 100)], trigger=6))
    assert [word for _, word, _, _ in told(ledger)] == ["executed" if fills else "taken"]


def test_a_forced_order_may_trade_at_the_mark() -> None:
    worked = Worked({"A": [100, 94]}, last={"A": [100, NONE]})
    ledger = worked.live(LONG, execution="mark")
    assert told(ledger) == [(1, "executed", 0, 0.7 / 4.7)] and ledger.lost.tolist() == [0]
    ledger = Worked({"A": [100, 88]}, last={"A": [100, 80]}).live(LONG, execution="mark")
    assert told(ledger) == [(1, "taken", 0, 1)] and ledger.fund_net == near(-2)


def test_what_is_lost_to_the_last_price() -> None:
    # At 94 with a last of 92: 4 − 2·p = 4.7·(1 − p).
    ledger = Worked({"A": [100, 94]}, last={"A": [100, 92]}).live(LONG)
    part = 0.7 / 2.7
    assert told(ledger) == [(1, "executed", 0, part)]
    assert ledger.lost.tolist() == [near(2 * part)]
    assert ledger.wallet.tolist() == [near(10 - 8 * part)]
    assert ledger.forced[0].tolist() == [0, near(-92 * part)]
    assert ledger.notional == near(94 * part)


def test_a_takeover_leaves_nothing_and_the_fund_bears_the_rest() -> None:
    # At 94 four are left, a last of 89 would leave −1.
    ledger = Worked({"A": [100, 94, 94]}, last={"A": [100, 89, 89]}).live(LONG)
    assert told(ledger) == [(1, "taken", 0, 1)]
    assert ledger.outcome.tolist() == [BANKRUPT]
    assert ledger.wallet.tolist() == ledger.size.tolist() == ledger.equity.tolist() == [0]
    assert ledger.events.bankruptcy.tolist() == [near(90)]
    assert ledger.events.at.tolist() == [89] and ledger.events.fund.tolist() == [near(-1)]
    assert ledger.deficit.tolist() == [near(1)] and ledger.lost.tolist() == [near(4)]
    assert ledger.fund_used == near(1) and ledger.fund_net == near(-1) and ledger.residual == 0
    assert ledger.forced[0].tolist() == [0, -89, 0]
    assert ledger.taken_over == ledger.notional == 94


def test_the_fund_gains_where_the_last_price_is_the_better_one() -> None:
    # The band is 1 % and the last price 10 % better for a takeover: the owner still has none.
    worked = Worked({"A": [100, 94], "B": [10, 10]}, last={"A": [100, NONE]})
    ledger = worked.live(LONG)
    assert told(ledger) == [(1, "taken", 0, 1)]
    assert ledger.fund_net == near(4) and ledger.fund_used == 0
    assert ledger.lost.tolist() == [near(4)] and ledger.deficit.tolist() == [0]


def test_whoever_owes_more_than_he_has_loses_nothing_more() -> None:
    ledger = Worked({"A": [100, 88]}).live(LONG)
    assert told(ledger) == [(1, "taken", 0, 1)]
    assert ledger.lost.tolist() == [0] and ledger.deficit.tolist() == [near(2)]
    assert ledger.events.bankruptcy.tolist() == [near(90)]


def test_what_fills_is_executed_and_the_remainder_taken_over() -> None:
    # A fills at 48; B has no price, and asks for more than is left.
    worked = Worked(
        {"A": [100, 50], "B": [10, 5]}, last={"A": [100, 48], "B": [10, NONE]}, charge=0.01
    )
    ledger = worked.live(Own(103.5, [("A", 1, 100), ("B", 10, 10)]))
    assert told(ledger) == [(1, "executed", 0, 1), (1, "taken", 0, 10)]
    events = ledger.events
    # 1.5 are left after A went at 48 without a fee: 5 − 1.5/10 is where B leaves nothing.
    assert events.fee.tolist() == [0, 0] and events.bankruptcy[1] == near(4.85)
    assert ledger.fund_net == near(1.5) and ledger.wallet.tolist() == [0]
    assert ledger.lost.tolist() == [near(3.5)]


def test_nothing_is_executed_beyond_zero() -> None:
    # A would fill, but below what there is: all of it is taken over.
    worked = Worked({"A": [100, 50], "B": [10, 5]}, last={"A": [100, 46], "B": [10, NONE]})
    ledger = worked.live(Own(103.5, [("A", 1, 100), ("B", 10, 10)], trigger=2))
    assert told(ledger) == [(1, "taken", 0, 1), (1, "taken", 0, 10)]
    assert ledger.fund_net == near(-0.5) and ledger.deficit.tolist() == [near(0.5)]


def test_equity_is_shared_by_maintenance_margin() -> None:
    tiers = {"B": Tiers("B", (D(0),), (D("0.1"),), (D(0),), (D(1),))}
    worked = Worked({"A": [100], "B": [10]}, last={"A": [NONE], "B": [NONE]}, tiers=tiers)
    own = Own(12, [("A", 1, 100), ("B", -10, 10)])
    ledger = worked.live(own)
    # 12 against 5 + 10: 4 stand behind A, 8 behind B.
    assert ledger.events.bankruptcy.tolist() == [near(96), near(10.8)]
    assert ledger.events.fund.tolist() == [near(4), near(8)]
    ledger = worked.live(own, bankruptcy="whole-account")
    # The larger leg stands for all of it; of two of one size it is the first.
    assert ledger.events.bankruptcy.tolist() == [near(88), near(10)]
    assert ledger.fund_net == near(12)


def test_a_market_without_tiers_shares_by_notional() -> None:
    worked = Worked({"A": [100, 80], "B": [10, 10]}, last={"A": [100, NONE], "B": [10, NONE]})
    world = worked.world(Own(5, [("A", 1, 100), ("B", 2, 10)]))
    bare = Paths.of(["A", "B"], np.array([[100.0, 80], [10, 10]]), [False] * 2, [None, None])
    ledger = replace(world, paths=bare).ledger()
    # −15 over 80 + 20.
    assert ledger.events.bankruptcy.tolist() == [near(92), near(11.5)]


def test_a_unit_with_pledged_assets() -> None:
    worked = Worked({"A": [100, 94], "P": [2, 1]}, assets=["P"])
    # 5 in cash and 2.5 units of an asset that loses half: −6 + 5 + 2.5 against 4.7.
    own = Own(5, [("A", 1, 100), ("P", 2.5, 0)])
    ledger = worked.live(own)
    assert told(ledger) == [(1, "executed", 0, 1 - 1.5 / 4.7)]
    assert ledger.size.tolist() == [near(1.5 / 4.7), 2.5]
    ledger = Worked({"A": [100, 90], "P": [2, 1]}, assets=["P"]).live(own)
    assert told(ledger) == [(1, "taken", 0, 1), (1, "seized", 0, 2.5)]
    assert ledger.events.bankruptcy[0] == near(92.5) and ledger.fund_net == near(-2.5)
    assert ledger.forced[1].tolist() == [0, 0] and ledger.notional == 90


def test_what_is_pledged_stays_when_the_contracts_are_closed_and_answers_for_the_debt() -> None:
    worked = Worked({"A": [100, 96, 96, 96], "P": [2, 1, 0.9, 0.7]}, assets=["P"])
    ledger = worked.live(Own(0, [("A", 1, 100), ("P", 5, 0)]), steps="full")
    # −4 in cash against 5, then 4.5, then 3.5 of the asset.
    assert told(ledger) == [(1, "executed", 0, 1), (3, "seized", 0, 5)]
    assert ledger.outcome.tolist() == [BANKRUPT] and ledger.at.tolist() == [1]
    assert ledger.fund_net == near(-0.5) and ledger.deficit.tolist() == [near(0.5)]


def test_an_inverse_unit_is_told_in_dollars_at_the_mark() -> None:
    worked = Worked({"A": [100, 80]}, inverse=["A"])
    # 1,000 USD at 100 with 2 coins: 2 + 1000/100 − 1000/80 is −0.5 coins.
    ledger = worked.live(Own(2, [("A", 1000, 100)]))
    assert told(ledger) == [(1, "taken", 0, -1000)]
    assert ledger.deficit.tolist() == [near(40)] and ledger.fund_net == near(-40)
    assert 1 / ledger.events.bankruptcy[0] == near(1000 / 12)
    assert ledger.forced[0].tolist() == [0, -1000] and ledger.notional == 1000


def test_a_short_inverse_unit_buys() -> None:
    worked = Worked({"A": [100, 120]}, inverse=["A"], charge=0.01)
    # 1,000 USD short at 100 with 2 coins: 2 − 10 + 1000/120 against 5 % of that.
    ledger = worked.live(Own(2, [("A", -1000, 100)]))
    held = 1000 / 120
    part = (0.05 * held - (2 - 10 + held)) / (0.05 * held - 0.01 * held)
    assert told(ledger) == [(1, "executed", 0, 1000 * part)]
    assert ledger.forced[0].tolist() == [0, near(1000 * part)]
    assert ledger.fee.tolist() == [near(0.01 * 1000 * part)]


def test_both_sides_of_one_market() -> None:
    worked = Worked({"A": [100, 90]}, charge=0.0)
    # 3 long and 2 short ask for both: 26 − 10 against 22.5.
    ledger = worked.live(Own(26, [("A", 3, 100), ("A", -2, 100)]))
    part = 1 - 16 / 22.5
    assert told(ledger) == [(1, "executed", 0, 3 * part), (1, "executed", 0, -2 * part)]
    assert ledger.forced[0].tolist() == [0, near(-90 * part)]


def test_more_legs_than_most_have() -> None:
    legs = [("A", 1.0 + n, 100.0) for n in range(150)]
    total = sum(q for _, q, _ in legs)
    ledger = Worked({"A": [100, 94]}).live(Own(10 * total, legs), Own(1e9, [("A", -1, 100)]))
    assert len(ledger.events.kind) == 150
    assert ledger.size[:150].sum() == near(total * (1 - 0.7 / 4.7))


def test_debts_without_positions_go_to_the_fund() -> None:
    ledger = Worked({"A": [100, 90]}).live(Own(-3), Own(0), LONG)
    assert ledger.outcome.tolist() == [BANKRUPT, ALIVE, CLOSED]
    assert ledger.fund_net == near(-3) and ledger.wallet.tolist()[:2] == [0, 0]
    assert not len(ledger.events.kind[ledger.events.unit == 0])
    poor = Worked({"A": [100, 90]}).live(Own(-3), fund=1)
    assert poor.fund_net == near(-1) and poor.residual == near(2)


def world() -> Small:
    return Worked({"A": [100, 90], "B": [1, 1]}, inverse=["B"]).world(LONG)


def test_arrays_that_do_not_fit_are_refused() -> None:
    good = world()
    cases: tuple[dict[str, Any], ...] = (
        {"last": good.last[:1]}, {"last": -good.last}, {"contract": good.contract[:1]},
        {"terms": Terms(np.ones(3), np.zeros(2), np.ones(2))},
    )  # fmt: skip
    for case in cases:
        given: dict[str, Any] = {"paths": good.paths, "last": good.last, "units": good.units,
                 "terms": good.terms, "contract": good.contract}  # fmt: skip
        with pytest.raises(InputError):
            aftermath(**(given | case))


def test_a_unit_of_two_currencies_is_refused() -> None:
    mixed = Worked({"A": [100, 90], "B": [1, 1]}, inverse=["B"]).world(
        LONG, Own(1, [("A", 1, 100), ("B", 1, 1)])
    )
    with pytest.raises(InputError, match="different currencies") as caught:
        mixed.ledger()
    assert caught.value.where == "unit 1"


def test_nobody_at_all() -> None:
    empty = Units(*(np.array([0] if name == "start" else []) for name in (
        "wallet", "start", "market", "size", "entry", "trigger", "grace"
    )))  # fmt: skip
    good = world()
    ledger = aftermath(good.paths, good.last, empty, good.terms, good.contract)
    assert not len(ledger.at) and ledger.forced.shape == (2, 2) and ledger.fund_used == 0
