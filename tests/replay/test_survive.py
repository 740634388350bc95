"""One position under many rules: the second, the cushion, what was missing, help in time."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from _replayed import COINBASE, INVERSE, OWN, PERP, context_of, flat, lake_with, path
from hypothesis import given, settings
from hypothesis import strategies as st

from _cli import liquest, refused
from _ticks import T0
from liquest.clock import SECOND
from liquest.errors import InputError, UsageError
from liquest.replay.accounts import Account
from liquest.replay.aftermath import aftermath
from liquest.replay.context import Context
from liquest.replay.positions_given import given_account
from liquest.replay.scenario import BASELINE, Scenario
from liquest.replay.survive import _after_grace, cushions, survive
from liquest.replay.survive_findings import drawn, findings
from liquest.replay.terms import Terms
from liquest.replay.units import Paths, Units
from liquest.rules.grace import AT_END, AT_ONCE
from liquest.rules.ladder import flat as one_rate
from liquest.rules.margin import Leg, Wallet
from liquest.rules.tiers import tiers

LAST = Scenario({"mark.formula": "last"})
PRICES = ["2"] * 10 + ["1.8"] * 10 + ["1.5"] * 10 + ["1.2"] * 10 + ["2"] * 10


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """XRP falls in three steps and comes back; ATOM likewise, inverse."""
    lake = lake_with(tmp_path, {
        PERP: path(*PRICES), OWN: path(*PRICES), COINBASE: flat("2", 50),
        INVERSE: path(*PRICES), ("coinbase", "ATOM-USD"): flat("2", 50),
    })  # fmt: skip
    return context_of(lake, 50)


def mine(*texts: str) -> list[Account]:
    return given_account(texts, tiers(), ["ATOMUSD_PERP"])


def test_alive_liquidated_and_what_was_missing(context: Context) -> None:
    # 1000 XRP at 2, margin 500: at 1.5 the balance is 0 and below maintenance.
    (one,) = survive(context, mine("symbol=XRPUSDT side=long quantity=1000 entry=2 margin=500"),
                     [LAST])  # fmt: skip
    rate = tiers()["XRPUSDT"].rates[0]
    assert not one.alive and one.liquidated_at == T0 + 20 * SECOND == one.needed_by
    assert one.cushion == -1500 * rate and one.closest_at == T0 + 20 * SECOND
    # To live through 1.2: 800 lost, 500 there, maintenance of 1200.
    assert one.needed == 300 + 1200 * rate
    assert one.first_cushion == 500 - 2000 * rate
    assert one.currency == "USDT" and one.unit == "isolated XRPUSDT"
    (rich,) = survive(context, mine("symbol=XRPUSDT side=long quantity=1000 entry=2 margin=900"),
                      [LAST])  # fmt: skip
    assert rich.alive and rich.needed == 0 and rich.needed_by is None
    assert rich.cushion == 100 - 1200 * rate and rich.closest_at == T0 + 30 * SECOND


def test_exactly_what_was_needed_holds_it_and_a_hair_less_does_not(context: Context) -> None:
    text = "symbol=XRPUSDT side=long quantity=1000 entry=2 margin={}"
    (one,) = survive(context, mine(text.format(500)), [LAST])
    enough = 500 + one.needed
    (kept,) = survive(context, mine(text.format(enough)), [LAST])
    (lost,) = survive(context, mine(text.format(enough - Decimal("1e-8"))), [LAST])
    assert kept.alive and not lost.alive


def test_the_warning_and_whether_help_arrives(context: Context) -> None:
    # Half of the cushion of 450 is gone at 1.5 (second 20), the breach at 1.2 (second 30).
    (one,) = survive(context, mine("symbol=XRPUSDT side=long quantity=1000 entry=2 margin=600"),
                     [LAST])  # fmt: skip
    assert one.needed_by == T0 + 30 * SECOND and one.warned_at == T0 + 20 * SECOND
    assert one.warning_seconds == 10
    assert one.in_time(9) and not one.in_time(10) and not one.in_time(180)


def test_an_inverse_long_in_coins_against_exact_margin(context: Context) -> None:
    text = "symbol=ATOMUSD_PERP side=long quantity=100 entry=2 margin=250"
    (one,) = survive(context, mine(text), [LAST])
    rate = context.rules.get("margin.inverse_rate", "ATOMUSD_PERP").number
    leg = Leg("ATOMUSD_PERP", 1, Decimal(1000), Decimal(2), True, one_rate("A", rate))
    at_15, at_12 = (
        Wallet(Decimal(250), (leg,)).margin({leg.symbol: Decimal(p)}) for p in ("1.5", "1.2")
    )
    assert not at_15.liquidated and at_12.liquidated
    assert one.liquidated_at == T0 + 30 * SECOND
    assert float(one.cushion) == pytest.approx(float(at_12.equity - at_12.maintenance), abs=1e-7)


def test_grace_defers_clears_or_is_open_at_the_end(context: Context) -> None:
    text = "symbol=XRPUSDT side=long quantity=1000 entry=2 margin=500"
    at_end = LAST.over({"grace.clears": "at-end"})
    after = {s: survive(context, mine(text), [at_end.over({"grace.regular": f"{s}s"})])[0]
             for s in (0, 5, 15, 25, 60)}  # fmt: skip
    assert [after[s].liquidated_at for s in (0, 5, 15)] == [
        T0 + (20 + s) * SECOND for s in (0, 5, 15)
    ]
    assert after[25].alive and not after[25].open_in_grace  # back at 2 when the grace ends
    assert after[60].alive and after[60].open_in_grace and "data-end" in after[60].caveats
    # Back at 2 in second 40: with at-once, as the rules have it, no grace is left to run out.
    (once,) = survive(context, mine(text), [LAST.over({"grace.regular": "60s"})])
    assert once.alive and not once.open_in_grace and "data-end" not in once.caveats


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([2.0, 1.6, 1.3, 1.0, float("nan")]), min_size=5, max_size=40),
    st.integers(0, 20), st.sampled_from([AT_ONCE, AT_END]), st.floats(101, 900),
)  # fmt: skip
def test_grace_ends_as_it_does_in_a_replay(
    prices: list[float], grace: int, clears: str, wallet: float
) -> None:
    path = np.array([prices])
    paths = Paths.of(["a"], path, [False], [one_rate("a", Decimal("0.01"))])
    units = Units(
        np.array([wallet]), np.array([0, 1]), np.array([0]), np.array([1000.0]), np.array([2.0]),
        np.array([1.0]), np.array([grace]),
    )  # fmt: skip
    terms = Terms(
        np.array([100.0]), np.zeros(1), np.full(1, 1e-9), steps="full", execution="mark",
        clears=clears,
    )  # fmt: skip
    ledger = aftermath(paths, path, units, terms, np.array([True]))
    breach = int(ledger.first[0])
    closed, _, open_ = _after_grace(
        cushions(paths, units, 0), breach, grace, at_once=clears == AT_ONCE
    )
    assert (-1 if closed is None else closed) == ledger.at[0]
    assert open_ == bool(ledger.open_[0])


def test_two_isolated_positions_of_one_contract_are_told_apart(context: Context) -> None:
    both = mine(
        "symbol=XRPUSDT side=long quantity=1000 entry=2 margin=500 hedge=hedge",
        "symbol=XRPUSDT side=short quantity=1000 entry=2 margin=500 hedge=hedge",
    )
    found = survive(context, both, [LAST])
    assert [one.unit for one in found] == ["isolated XRPUSDT long", "isolated XRPUSDT short"]
    assert [one.alive for one in found] == [False, True]


def test_a_scenario_without_a_mark_is_refused_by_name(tmp_path: Path) -> None:
    lake = lake_with(tmp_path, {PERP: flat("2", 50), OWN: flat("2", 50)})
    bare = Scenario({"index.sources": "usd", "mark.formula": "index"})
    text = "symbol=XRPUSDT side=long quantity=1000 entry=2 margin=500"
    with pytest.raises(InputError, match=r"index\.sources=usd"):
        survive(context_of(lake, 50), mine(text), [bare])


def test_a_short_in_the_same_fall_lives_and_a_hedge_is_one_wallet(context: Context) -> None:
    (short,) = survive(context, mine("symbol=XRPUSDT side=short quantity=1000 entry=2 margin=200"),
                       [LAST])  # fmt: skip
    assert short.alive
    both = mine(
        "symbol=XRPUSDT side=long quantity=1000 entry=2 wallet=300 hedge=hedge",
        "symbol=XRPUSDT side=short quantity=1000 entry=2 hedge=hedge",
    )
    (hedged,) = survive(context, both, [LAST])
    assert hedged.alive and hedged.unit == "cross XRPUSDT"


def test_findings_carry_both_and_the_chart_draws(context: Context) -> None:
    found = survive(context, mine("symbol=XRPUSDT side=long quantity=1000 entry=2 margin=500"),
                    [BASELINE, LAST])  # fmt: skip
    made = list(findings(context, found))
    assert [f.name for f in made] == ["replay.survive", "replay.survive.needed"] * 2
    assert len({f.id for f in made}) == 4
    told = made[2]
    assert told.value == "liquidated" and told.at == T0 + 20 * SECOND
    assert told.params["mode"] == "exogenous" and "exogenous" in told.caveats
    assert told.params["needed"] == made[3].value and told.inputs
    assert drawn(found, context.span).count("<polyline") == 2


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("symbol=XRPUSDT side=long quantity=-5 entry=2 margin=5", "--position 1"),
        ("symbol=XRPUSDTT side=long quantity=5 entry=2 margin=5", "XRPUSDT"),
        ("symbol=XRPUSDT side=long quantity=5 entry=2", "wallet"),
        ("symbol=XRPUSDT side=long quantity=1e99 entry=2 margin=5", "quantity"),
        ("symbol=XRPUSDT side=long quantity=5 entry=2 margin=5 colour=red", "colour"),
        ("symbol=XRPUSDT side", "KEY=VALUE"),
        ("side=long side=short", "twice"),
    ],
)
def test_a_position_that_cannot_be_is_refused(text: str, fact: str) -> None:
    with pytest.raises((InputError, UsageError)) as error:
        mine(text)
    assert fact in error.value.render("en") and error.value.remedy is not None


def test_a_contract_without_a_path_is_refused_by_name(context: Context) -> None:
    with pytest.raises(InputError, match="BTCUSDT"):
        survive(context, mine("symbol=BTCUSDT side=long quantity=1 entry=2 margin=5"), [LAST])


legs = st.lists(
    st.tuples(
        st.integers(0, 1), st.floats(-1e4, 1e4).filter(lambda v: abs(v) > 1e-3), st.floats(0.5, 4)
    ),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(max_examples=200)
@given(legs, st.floats(0, 1e5), st.sampled_from([1.0, 1.05]))
def test_cushions_are_equity_less_trigger_times_maintenance(
    held: list[tuple[int, float, float]], wallet: float, trigger: float
) -> None:
    ladder = tiers()["XRPUSDT"]
    prices = np.array([[2.0, 1.0, np.nan], [3.0, 2.5, 2.0]])
    paths = Paths.of(["a", "b"], prices, [False, True], [ladder, one_rate("b", Decimal("0.01"))])
    units = Units(
        np.array([wallet]), np.array([0, len(held)]), np.array([m for m, _, _ in held]),
        np.array([q for _, q, _ in held]),
        np.array([e if m == 0 else 1 / e for m, _, e in held]), np.array([trigger]), np.array([0]),
    )  # fmt: skip
    found = cushions(paths, units, 0)
    for second in range(3):
        expected = units.equity(paths, second) - trigger * units.maintenance(paths, second)
        np.testing.assert_allclose(found[second], expected[0], rtol=1e-12, atol=1e-9)


def test_the_command_refuses_neither_and_both(tmp_path: Path) -> None:
    refused(liquest("survive", "cases/2025-10-11", "--out", tmp_path / "out"), 2, "--position")
