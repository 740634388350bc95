"""The path is what the moments are: every second, every step, and the second of the breach."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from _equity_ledgers import (
    REF,
    RULES,
    T0,
    at,
    ledger_of,
    position,
    prices_of,
    quoted,
    span,
    wallet,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import SECOND, Window
from liquest.errors import UsageError
from liquest.losses.entries import CROSS, ISOLATED, Order, Trade, Transaction
from liquest.losses.equity.forced_seconds import forced_seconds
from liquest.losses.equity.path import EquityPath, UnitPath, equity_path
from liquest.losses.equity.state import MARK, Lack, UnitState, equity_at
from liquest.losses.equity.units import units
from liquest.losses.ledger.ledger import Ledger
from liquest.losses.prices.given import GivenPrices

SECONDS = 12
ISOLATED_MARGIN = {("usdm", "SOLUSDT", "B"): Decimal("77")}


@st.composite
def accounts(draw: st.DrawFn) -> tuple[Ledger, GivenPrices]:
    """One-way, hedge, isolated and inverse positions that change, wallets that change, marks
    that move and are missing now and then."""
    price = st.decimals("0.2", "9", places=3)
    second = st.integers(-3, SECONDS - 1)
    paths, marks = [], {}
    for symbol, place, mode, size in (
        ("XRPUSDT", "L", CROSS, "1"), ("XRPUSDT", "S", CROSS, "1"), ("BTCUSDT", "B", CROSS, "1"),
        ("SOLUSDT", "B", ISOLATED, "1"), ("ATOMUSD_PERP", "B", CROSS, "10"),
    ):  # fmt: skip
        states: list[tuple[int, Decimal, Decimal | None]] = []
        for when in sorted(draw(st.lists(second, max_size=3, unique=True))):
            quantity = Decimal(draw(st.integers(0, 4000)))
            quantity *= {"L": 1, "S": -1}.get(place) or draw(st.sampled_from((1, -1)))
            states.append((when, quantity, draw(price) if quantity else None))
        paths.append(position(symbol, *states, place=place, mode=mode, size=size,
                              settle="ATOM" if size != "1" else "USDT"))  # fmt: skip
        marks[symbol] = draw(st.lists(price, min_size=SECONDS, max_size=SECONDS))
    changes = [
        (draw(st.integers(0, SECONDS - 1)), draw(st.decimals("-900", "900", places=8)))
        for _ in range(draw(st.integers(0, 4)))
    ]
    own = [
        wallet(draw(st.decimals("0", "9000", places=8)), *sorted(changes)),
        wallet("40", (3, "-1"), asset="ATOM", market="coinm"),
    ]
    if draw(st.booleans()):
        del marks["BTCUSDT"]
    return ledger_of(own, paths), prices_of(SECONDS, marks)


def agrees(state: UnitState, path: UnitPath, place: int) -> None:
    """Every sum of a moment, to the precision of doubles."""
    for exact, floats in (
        (state.balance, path.balance), (state.equity, path.equity),
        (state.unrealised, path.unrealised), (state.maintenance, path.maintenance),
        (state.cushion, path.cushion),
    ):  # fmt: skip
        wanted = np.nan if exact is None else float(exact)
        np.testing.assert_allclose(floats[place], wanted, rtol=1e-9, atol=1e-7)
    if state.ratio is not None and path.equity[place] > 1e-6:
        assert path.ratio[place] == pytest.approx(float(state.ratio), rel=1e-6, abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(accounts(), st.integers(1, 5))
def test_every_moment_of_a_path_is_the_state_of_that_moment(
    made: tuple[Ledger, GivenPrices], step: int
) -> None:
    ledger, prices = made
    found = equity_path(ledger, prices, span(SECONDS), RULES, step, isolated=ISOLATED_MARGIN)
    places = {at(s): n for n, s in enumerate(range(step - 1, SECONDS, step))}
    assert found.units[0].seconds.tolist() == list(places)
    breaches: dict[str, int] = {}
    for second in map(at, range(SECONDS)):
        states = equity_at(ledger, prices, second + SECOND - 1, RULES, isolated=ISOLATED_MARGIN)
        assert [s.unit for s in states] == [p.unit for p in found.units]
        for state, path in zip(states, found.units, strict=True):
            if state.liquidated:
                breaches.setdefault(path.unit.name, second)
            assert not set(state.missing) - set(path.missing)
            if second in places:
                agrees(state, path, places[second])
    for path in found.units:
        assert path.breach == breaches.get(path.unit.name)


def crossing(mark: str, opening: str) -> EquityPath:
    ledger = ledger_of([wallet(opening)], [position("XRPUSDT", (-1, "1000", "2.5"))])
    marks = ["2.5", "2.4", mark, "2.2", "2.5"]
    return equity_path(ledger, prices_of(5, {"XRPUSDT": marks}), span(5), RULES)


def test_equity_at_the_maintenance_margin_still_stands() -> None:
    """At 2.3 the loss is 200 and the maintenance 0.5 % of 2300: 11.5."""
    (stands,) = crossing("2.3", "211.5").units
    (falls,) = crossing("2.3", "211.49999999").units
    assert stands.breach == at(3) and falls.breach == at(2)
    assert stands.lowest is not None and stands.lowest == (at(3), Decimal("-88.5"))
    assert stands.closest is not None and stands.closest == (at(3), Decimal("-99.5"))


def test_nothing_is_breached_after_the_position_is_gone() -> None:
    ledger = ledger_of(
        [wallet("100", (2, "-300"))], [position("XRPUSDT", (-1, "100", "2"), (2, "0", None))]
    )
    found = equity_path(ledger, prices_of(5, {"XRPUSDT": ["2"] * 5}), span(5), RULES).units[0]
    assert found.breach is None and found.equity[-1] == -200
    assert found.closest is not None and found.closest[0] == at(0)
    assert np.isfinite(found.ratio[:2]).all() and np.isnan(found.ratio[2:]).all()


@pytest.mark.parametrize(
    ("client", "breach"),
    [(f"autoclose-{T0 // 1000 + 2000}", 2), ("adl_autoclose", None), ("web_autoclose-1", None)],
)
def test_what_was_held_going_into_a_forced_second(client: str, breach: int | None) -> None:
    """The position is gone at the end of the second of its breach."""
    one = Decimal(1)
    order = Order(at(2), at(2), "usdm", "XRPUSDT", "7", client, "LIMIT", -1, "B", one, one, one,
                  one, None, None, "FILLED", "IOC", None, REF)  # fmt: skip
    trade = Trade(at(2), "usdm", "XRPUSDT", -1, "B", one, one, None, one, "USDT", one, False, "1",
                  "7", REF)  # fmt: skip
    ledger = ledger_of(
        [wallet("500", (2, "-480"))],
        [position("XRPUSDT", (-1, "1000", "2.5"), (2, "0", None))],
        orders=[order],
        trades=[trade],
    )
    prices = prices_of(5, {"XRPUSDT": ["2.5", "2.5", "2", "2", "2"]})
    for step in (1, 5):
        (found,) = equity_path(ledger, prices, span(5), RULES, step).units
        assert found.breach == found.possible == (None if breach is None else at(breach))


def test_a_breach_after_the_first_does_not_make_the_first_only_possible() -> None:
    row = Transaction(at(2), "usdm", "INSURANCE_CLEAR", Decimal(-1), "USDT", "", "1", REF)
    path = position("XRPUSDT", (-1, "1000", "2.5"), (2, "0", None), (3, "1000", "2.5"))
    ledger = ledger_of([wallet("500", (2, "-480"))], [path], [row])
    prices = prices_of(5, {"XRPUSDT": ["2.5", "2.5", "2", "2", "2"]})
    (found,) = equity_path(ledger, prices, span(5), RULES).units
    assert (found.breach, found.possible) == (at(2), at(2))


def test_forced_seconds_are_those_of_the_unit() -> None:
    """A long and a short of one contract, both isolated, and a wallet of another contract."""
    one, ids = Decimal(1), (f"autoclose-{T0 // 1000}", f"autoclose-{T0 // 1000 + 1}")
    orders = [
        Order(at(n), at(n), "usdm", "XRPUSDT", str(n), client, "LIMIT", -1, place, one, one, one,
              one, None, None, "FILLED", "IOC", None, REF)
        for n, (client, place) in enumerate(zip(ids, "LS", strict=True))
    ]  # fmt: skip
    trades = [
        Trade(at(n), "usdm", "XRPUSDT", -1, place, one, one, None, one, "USDT", one, False, "1",
              str(n), REF)
        for n, place in enumerate("LS")
    ]  # fmt: skip
    rows = [
        Transaction(at(n), "usdm", "INSURANCE_CLEAR", -one, asset, symbol, "1", REF)
        for n, asset, symbol in ((5, "USDT", "XRPUSDT"), (6, "USDT", "BTCUSDT"), (7, "BNB", ""))
    ]
    ledger = ledger_of([wallet("9")], [
        position("XRPUSDT", (-1, "1", "2"), place="L", mode=ISOLATED),
        position("XRPUSDT", (-1, "-1", "2"), place="S", mode=ISOLATED),
        position("BTCUSDT", (-1, "1", "2")),
    ], rows, orders, trades)  # fmt: skip
    seen = {unit.name: forced_seconds(ledger, unit) for unit in units(ledger)[0]}
    assert seen == {
        "usdm cross USDT": [at(5), at(6)],
        "usdm isolated XRPUSDT L": [at(0), at(5)],
        "usdm isolated XRPUSDT S": [at(1), at(5)],
    }


def test_a_clearance_is_a_forced_second_too() -> None:
    paths = [position("XRPUSDT", (-1, "1000", "2.5"), (2, "0", None))]
    for type_, second, breach in (
        ("INSURANCE_CLEAR", 2, 2), ("INSURANCE_CLEAR", 9, None), ("REALIZED_PNL", 2, None),
    ):  # fmt: skip
        row = Transaction(at(second), "usdm", type_, Decimal(-1), "USDT", "", "1", REF)
        ledger = ledger_of([wallet("500", (2, "-500"))], paths, [row])
        prices = prices_of(5, {"XRPUSDT": ["2.5", "2.5", "2", "2", "2"]})
        (found,) = equity_path(ledger, prices, span(5), RULES).units
        assert found.breach == (None if breach is None else at(breach))


def test_a_close_hides_a_breach_that_the_bar_does_not() -> None:
    bars = [("2.4", "2.6"), ("1.0", "2.6"), ("2.4", "2.6")]
    prices = GivenPrices(span(180), {"XRPUSDT": quoted(["2.5", "2.5", "2.5"], bars=bars)})
    ledger = ledger_of([wallet("500")], [position("XRPUSDT", (-1, "1000", "2.5"))])
    (found,) = equity_path(ledger, prices, span(180), RULES).units
    assert found.breach is None and found.possible == at(60)
    assert np.isnan(found.equity[0]) and found.equity[59] == 500  # A close is known at the end.
    assert found.worst[70] == pytest.approx(500 - 1500 - 5)
    assert "bar-resolution" in found.caveats and found.inputs == prices.inputs("XRPUSDT")
    (minutes,) = equity_path(ledger, prices, span(180), RULES, 60).units
    assert minutes.possible == at(60) and minutes.seconds.tolist() == [
        at(s) for s in (59, 119, 179)
    ]


def test_a_long_and_a_short_are_at_one_price_within_a_bar() -> None:
    bars = [("1.0", "4.0")] * 2
    prices = GivenPrices(span(120), {"XRPUSDT": quoted(["2.5", "2.5"], bars=bars)})
    ledger = ledger_of([wallet("100")], [
        position("XRPUSDT", (-1, "1000", "2.5"), place="L"),
        position("XRPUSDT", (-1, "-1000", "2.5"), place="S"),
    ])  # fmt: skip
    (found,) = equity_path(ledger, prices, span(120), RULES).units
    assert found.possible is None and found.worst[80] == pytest.approx(100 - 2 * 0.005 * 4000)


def test_a_second_without_a_mark_has_no_equity_and_is_counted() -> None:
    ledger = ledger_of([wallet("500")], [
        position("XRPUSDT", (-1, "10", "2.5")), position("SOLUSDT", (2, "1", "2"), (4, "0", None)),
    ])  # fmt: skip
    found = equity_path(ledger, prices_of(6, {"XRPUSDT": ["2.5"] * 6}), span(6), RULES)
    (path,) = found.units
    assert np.isnan(path.equity).tolist() == [False, False, True, True, False, False]
    assert path.lacking == (Lack("SOLUSDT", MARK, 2),) and path.missing == ("SOLUSDT",)
    (problem,) = found.problems
    assert (problem.code, problem.count) == ("mark-unknown", 2)
    assert "SOLUSDT" in problem.text.zh and "2 of 6" in problem.text.en


def test_a_window_beyond_the_prices_is_not_known_there() -> None:
    ledger = ledger_of([wallet("500")], [position("XRPUSDT", (-1, "10", "2.5"))])
    wide = Window("w", at(-2), at(5))
    path = equity_path(ledger, prices_of(3, {"XRPUSDT": ["2.5"] * 3}), wide, RULES).units[0]
    assert np.isnan(path.equity).tolist() == [True] * 2 + [False] * 3 + [True] * 2


@pytest.mark.parametrize("step", [0, -1, 6])
def test_a_step_that_is_none_is_refused(step: int) -> None:
    with pytest.raises(UsageError, match="step"):
        equity_path(ledger_of([wallet("5")], []), prices_of(5, {}), span(5), RULES, step)
