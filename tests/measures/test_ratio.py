"""The walk of ratios against a slow and obvious one in decimals."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import median as middle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from _ticks import T0, Tick, measured, small_lake, window
from liquest.clock import DAY, SECOND, Window
from liquest.findings import rounded
from liquest.measures._ratio import ABOVE, BELOW, Beyond, Histogram, Tally, days
from liquest.measures._sides import median, medians
from liquest.run.executor import Executor, Processes, Threads

LIMITS = (Decimal("0.05"), Decimal("0.2"))
Prices = Sequence[Decimal | None]

prices = st.one_of(st.none(), st.integers(1, 40).map(lambda n: Decimal(n) / 8))
pairs = st.lists(st.tuples(prices, prices), max_size=60)


def floats(values: Prices) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)


def longest_run(beyond: Sequence[bool]) -> tuple[int, int | None]:
    """Length and first place of the longest run of True, the first of equals."""
    best: tuple[int, int | None] = (0, None)
    for start in range(len(beyond)):
        length = 0
        while start + length < len(beyond) and beyond[start + length]:
            length += 1
        if length > best[0]:
            best = (length, start)
    return best


@given(pairs, st.lists(st.integers(0, 60), max_size=3))
def test_a_tally_in_pieces_equals_the_obvious_whole(
    rows: list[tuple[Decimal | None, Decimal | None]], cuts: list[int]
) -> None:
    tally = Tally(LIMITS, median=True)
    edges = [0, *sorted(min(c, len(rows)) for c in cuts), len(rows)]
    moments = T0 + SECOND * np.arange(len(rows), dtype=np.int64)
    for start, end in pairwise(edges):
        piece = rows[start:end]
        top, bottom = floats([t for t, _ in piece]), floats([b for _, b in piece])
        tally.add(moments[start:end], top, bottom)

    ratios = [None if t is None or b is None else t / b - 1 for t, b in rows]
    known = [r for r in ratios if r is not None]
    assert (tally.seconds, tally.covered) == (len(rows), len(known))
    assert tally.without_top == sum(t is None for t, _ in rows)
    assert tally.without_bottom == sum(b is None for _, b in rows)
    assert (tally.lowest is None) == (not known)
    if known:
        for found, exact in ((tally.lowest, min(known)), (tally.highest, max(known))):
            assert found is not None
            assert found[1] == T0 + ratios.index(exact) * SECOND
            assert found[0] == pytest.approx(float(exact), abs=1e-11)
        assert tally.median == rounded(middle(rounded(k, 6) for k in known), 6)
    for (limit, direction), found_beyond in tally.beyond.items():
        sign = -1 if direction == BELOW else 1
        beyond = [r is not None and r * sign > limit for r in ratios]
        places = [i for i, b in enumerate(beyond) if b]
        length, start_at = longest_run(beyond)
        assert (found_beyond.seconds, found_beyond.longest) == (len(places), length)
        assert found_beyond.first == (T0 + places[0] * SECOND if places else None)
        assert found_beyond.last == (T0 + places[-1] * SECOND if places else None)
        expected = None if start_at is None else T0 + start_at * SECOND
        assert found_beyond.longest_start == expected


@given(st.lists(st.lists(st.integers(-9, 9), max_size=8), min_size=1, max_size=6))
def test_a_histogram_keeps_the_order_of_all(pieces: list[list[int]]) -> None:
    histogram = Histogram()
    histogram.LIMIT = 5  # so that it counts anew in between
    for piece in pieces:
        histogram.add(np.array(piece, dtype=np.float64))
    laid_out = sorted(number for piece in pieces for number in piece)
    assert [histogram.at(place) for place in range(len(laid_out))] == laid_out


def test_a_median_must_be_asked_for() -> None:
    with pytest.raises(ValueError, match="not asked"):
        _ = Tally(LIMITS).median


def test_exactly_at_a_threshold_is_not_beyond_it() -> None:
    beyond = Beyond(Decimal("0.05"), BELOW)
    ratio = np.round(np.array([95.0, 94.99]) / 100.0 - 1, 12)
    beyond.add(T0 + SECOND * np.arange(2, dtype=np.int64), ratio)
    assert (beyond.seconds, beyond.first) == (1, T0 + SECOND)


@given(st.lists(st.lists(prices, min_size=5, max_size=5), min_size=1, max_size=5))
def test_medians_leave_out_what_is_not_known(table: list[list[Decimal | None]]) -> None:
    found, count = medians(np.stack([floats(row) for row in table]))
    for column, (value, number) in enumerate(zip(found, count, strict=True)):
        known = [row[column] for row in table]
        exact = [k for k in known if k is not None]
        assert number == len(exact)
        assert np.isnan(value) if not exact else value == float(median(exact))


def test_the_exact_median() -> None:
    assert median([Decimal("3"), Decimal("1"), Decimal("2")]) == 2
    assert median([Decimal("1.1"), Decimal("1.2")]) == Decimal("1.15")


def test_a_window_is_cut_at_midnights() -> None:
    assert [(w.start, w.end) for w in days(Window("", DAY - 5, 2 * DAY + 7))] == [
        (DAY - 5, DAY), (DAY, 2 * DAY), (2 * DAY, 2 * DAY + 7),
    ]  # fmt: skip


MARKETS = (
    ("binance", "ATOMUSDT"),
    ("binance", "ATOMUSDC"),
    ("coinbase", "ATOM-USD"),
    ("gemini", "ATOMUSD"),
)
MAX_AGE = 7
MIDNIGHT = (DAY - T0 % DAY) // SECOND
SPAN = window(MIDNIGHT - 20, MIDNIGHT + 20)
"""Across a midnight, so that the walk is cut in two."""

trades = st.lists(
    st.tuples(st.integers(-300, 200), st.integers(10, 20)), min_size=1, max_size=12
).map(
    lambda rows: [
        Tick(str(MIDNIGHT + Decimal(tenth) / 10), str(Decimal(price) / 4))
        for tenth, price in sorted(rows)
    ]
)


def slow_price(rows: Sequence[Tick], second: int) -> Decimal | None:
    """The last price at the end of the second, if it is fresh."""
    last = [t for t in rows if t.ts < second + SECOND]
    if not last or (second - last[-1].ts // SECOND * SECOND) // SECOND > MAX_AGE:
        return None
    return Decimal(last[-1].price)


def slow_path(
    tape: Mapping[tuple[str, str], Sequence[Tick]], own: tuple[str, str]
) -> dict[int, Decimal]:
    """Ratio by second: own price over the median of the other venues' medians, less 1."""
    path = {}
    for second in range(SPAN.start, SPAN.end, SECOND):
        venues: dict[str, list[Decimal]] = {}
        for market, rows in tape.items():
            price = slow_price(rows, second)
            if price is not None and market[0] != own[0]:
                venues.setdefault(market[0], []).append(price)
        mine = slow_price(tape[own], second)
        if mine is not None and venues:
            path[second] = mine / middle(middle(v) for v in venues.values()) - 1
    return path


def slow_facts(path: Mapping[int, Decimal]) -> set[tuple[object, ...]]:
    """Name, direction, threshold, value and moment of what `dislocation` must state."""
    facts: set[tuple[object, ...]] = {("covered", None, None, len(path), None)}
    if path and (low := min(path.values())) < 0:
        at = min(s for s, r in path.items() if r == low)
        facts.add(("max_below", None, None, rounded(low, 6), at))
    if path and (high := max(path.values())) > 0:
        at = min(s for s, r in path.items() if r == high)
        facts.add(("max_above", None, None, rounded(high, 6), at))
    for direction, sign in ((BELOW, -1), (ABOVE, 1)):
        for limit in LIMITS:
            beyond = [s for s, r in path.items() if r * sign > limit]
            if beyond or (path and direction == BELOW and limit == LIMITS[0]):
                facts.add((f"time_{direction}", direction, limit, len(beyond), None))
            if beyond:
                for name, moment in (("onset", beyond[0]), ("end", beyond[-1])):
                    since = (moment - SPAN.start) // SECOND
                    facts.add((name, direction, limit, since, moment))
    return facts


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.tuples(trades, trades, trades, trades))
def test_dislocation_equals_the_slow_walk(drawn: tuple[list[Tick], ...]) -> None:
    tape = dict(zip(MARKETS, drawn, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        found = measured(
            "dislocation", small_lake(Path(folder), tape), SPAN,
            max_age=MAX_AGE, thresholds=LIMITS, min_reach=0,
        )  # fmt: skip
    for market in MARKETS:
        got = {
            (
                f.name.removeprefix("dislocation."), f.params.get("direction"),
                f.params.get("threshold"), f.value, f.at,
            )
            for f in found
            if f.subject["instrument"] == market[1]
        }  # fmt: skip
        reach = {
            m for m in MARKETS
            if tape[m][-1].ts >= SPAN.start - (MAX_AGE + 1) * SECOND and tape[m][0].ts < SPAN.end
        }  # fmt: skip
        # A venue without another to compare it with has no findings, not even of nothing.
        if got or (market in reach and any(m[0] != market[0] for m in reach)):
            assert got == slow_facts(slow_path(tape, market))


@pytest.mark.parametrize("name", ["dislocation", "decoupling", "basis", "wick"])
@pytest.mark.parametrize("executor", [Threads(2), Processes(2)])
def test_every_executor_finds_the_same(tmp_path: Path, name: str, executor: Executor) -> None:
    rows = [Tick(second, str(4 + second % 7)) for second in range(-70, 120)]
    steady = [Tick(second, "6") for second in range(-70, 120)]
    tape = {}
    for coin in ("ATOM", "DOT"):
        tape[("binance", f"{coin}USDT")] = tape[("binance-futures", f"{coin}USDT")] = rows
        tape[("coinbase", f"{coin}-USD")] = steady
    lake = small_lake(tmp_path, tape)
    expected = [f.id for f in measured(name, lake, window(0, 120))]
    assert len(expected) > 4
    assert [f.id for f in measured(name, lake, window(0, 120), executor)] == expected
