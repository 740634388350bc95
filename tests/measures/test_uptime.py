"""uptime: obligations kept and broken, to the microsecond, and what the unknown leaves open."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _books import World, book_csv, empty, shot, thinned, wide
from _ticks import T0, measured, one, outcome, pick, same_everywhere, small_lake, window
from liquest.clock import MINUTE, SECOND
from liquest.errors import CaseError
from liquest.measures._obligation import Obligation
from liquest.measures._uptime_kernel import kept, none
from liquest.measures.uptime import verdict

D = Decimal


def test_a_book_by_hand_to_the_microsecond(tmp_path: Path) -> None:
    shots = [
        shot("0", "100x5", "101x5"), shot("1.5", "100x1", "101x5"), shot("2.25", "100x5", "101x5"),
        shot("3", "", "101x5"), shot("3.000001", "100x5", "101x5"), shot("4", "90x5", "101x5"),
    ]  # fmt: skip
    lake = small_lake(tmp_path, {}, {"a.csv": book_csv("coinbase", "ATOM-USD", shots, 1)})
    found = measured(
        "uptime", lake, window(0, 10), two_sided_levels=1, max_spread_bps="200",
        min_notional="500", uptime="0.9", max_age=2,
    )  # fmt: skip
    assert one(found, "uptime.known").value == 6
    broken = {f.params.get("term", ""): f.value for f in pick(found, "uptime.broken")}
    assert broken == {
        "": D("2.750001"), "two_sided_levels": D("0.000001"), "max_spread_bps": D("2.000001"),
        "min_notional": D("2.750001"),
    }  # fmt: skip
    assert one(found, "uptime.share").value == D("0.541666")
    # Four seconds are unknown: kept in all of them it would be 0.725.
    assert one(found, "uptime.obligation").value == "broken"
    longest = one(found, "uptime.longest")
    assert (longest.value, longest.at) == (2, T0 + 4 * SECOND)
    assert longest.params["until"] == "2025-10-10T21:20:06.000000Z"
    assert [f.value for f in pick(found, "uptime.breach")] == [D("0.75"), D("0.000001"), 2]
    assert one(found, "uptime.breaches").value == 3
    (minute,) = pick(found, "uptime.minute")
    assert (minute.at, minute.value) == (T0, D("0.541666"))


def test_planted_breaches_are_found_and_nothing_else(tmp_path: Path) -> None:
    world = World(seconds=200).faulty(30, 42, thinned("1", 5)).faulty(100, 101, empty("ask"))
    world.faulty(170, 175, wide("3"))
    lake = small_lake(tmp_path, {}, world.files())
    found = measured(
        "uptime", lake, window(0, 200), two_sided_levels=20, max_spread_bps="10", uptime="0.9"
    )
    spells = [(f.at - T0 if f.at else -1, f.value) for f in pick(found, "uptime.breach")]
    assert spells == [(30 * SECOND, 12), (100 * SECOND, 1), (170 * SECOND, 5)]
    assert one(found, "uptime.share").value == D("0.91")
    assert one(found, "uptime.obligation").value == "kept"
    assert [f.value for f in pick(found, "uptime.minute")] == [
        D("0.8"), D("0.983333"), D("0.916667"),
    ]  # fmt: skip
    notes = one(found, "uptime.share").caveats
    assert "book-of-all-makers" in notes and "claimed-terms" not in notes


def test_a_sound_book_keeps_its_terms_and_a_withdrawn_one_breaks_them(tmp_path: Path) -> None:
    sound, broken = World(seconds=60), World(seconds=60, seed=2).faulty(0, 60, thinned("1", 3))
    lake = small_lake(tmp_path, {}, sound.files() | broken.files("okex-swap", "BTC-USDT-SWAP"))
    found = measured("uptime", lake, window(0, 60))
    verdicts = {f.subject["venue"]: f.value for f in pick(found, "uptime.obligation")}
    assert verdicts == {"binance": "kept", "okx": "broken"}
    assert all("claimed-terms" in f.caveats for f in pick(found, "uptime.share"))
    assert one(found, "uptime.breaches", venue="binance").value == 0
    assert pick(found, "uptime.minute", venue="binance") == []


def test_terms_by_instrument(tmp_path: Path) -> None:
    world = World(seconds=20).faulty(0, 20, thinned("1", 10))
    lake = small_lake(tmp_path, {}, world.files() | world.files("okex-swap", "BTC-USDT-SWAP"))
    terms = [{"instruments": "okx:*", "two_sided_levels": 10, "uptime": "0.999"}]
    found = measured("uptime", lake, window(0, 20), obligations=terms)
    verdicts = {f.subject["venue"]: f.value for f in pick(found, "uptime.obligation")}
    assert verdicts == {"binance": "broken", "okx": "kept"}
    given_terms = one(found, "uptime.share", venue="okx")
    assert given_terms.params["uptime"] == D("0.999")
    assert "claimed-terms" not in given_terms.caveats


def test_a_record_of_too_few_levels_is_no_witness(tmp_path: Path) -> None:
    world = World(seconds=10, levels=5)
    lake = small_lake(tmp_path, {}, world.files())
    found, problems = outcome("uptime", lake, window(0, 10))
    assert found == [] and [p.code for p in problems] == ["levels-not-on-record"]
    assert "20" in problems[0].text.zh and "5" in problems[0].text.zh


@pytest.mark.parametrize(
    ("time", "said"),
    [((99, 1, 0), "kept"), ((98, 2, 0), "broken"), ((90, 0, 10), "open"), ((0, 0, 9), "open"),
     ((0, 2, 98), "broken"), ((199, 1, 0), "kept")],
)  # fmt: skip
def test_the_verdict_stands_whatever_the_unknown_time_was(
    time: tuple[int, int, int], said: str
) -> None:
    assert verdict(*time, D("0.99")) == said


@pytest.mark.parametrize(
    "given_terms",
    [{"two_sided_levels": 0}, {"two_sided_levels": 26}, {"uptime": "1.1"}, {"uptime": "0"},
     {"max_spread_bps": "-1"}, {"min_notional": "x"}, {"obligations": [{"levels": 3}]}],
)  # fmt: skip
def test_terms_that_no_book_can_meet_are_refused(
    tmp_path: Path, given_terms: dict[str, Any]
) -> None:
    lake = small_lake(tmp_path, {}, World(seconds=3).files())
    with pytest.raises(CaseError) as refused:
        outcome("uptime", lake, window(0, 3), **given_terms)
    assert refused.value.remedy is not None


def test_an_obligation_cannot_be_built_wrong() -> None:
    with pytest.raises(CaseError):
        Obligation(20, D(0), None, D(1))


def test_every_executor_finds_the_same(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, World(seconds=70).faulty(50, 65, empty("bid")).files())
    same_everywhere("uptime", lake, window(0, 70))


SNAPS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 7)), min_size=1, max_size=25)


@settings(max_examples=2000, deadline=None)
@given(SNAPS, st.integers(0, 300), st.integers(1, 300), st.integers(1, 60))
def test_the_kernel_counts_what_a_walk_over_every_tick_counts(
    drawn: list[tuple[int, int]], start: int, length: int, most: int
) -> None:
    """One tick stands for two seconds, so that stretches cross minutes."""
    tick = 2 * SECOND
    moments = np.cumsum([step for step, _ in drawn]) * tick
    ts, fails = moments.astype(np.int64), np.array([f for _, f in drawn], dtype=np.int64)
    begin, end = start * tick, (start + length) * tick
    first = begin // MINUTE * MINUTE
    known, failed, spells = none(-(-(end - first) // MINUTE), 3, len(ts))
    count = kept(ts, fails, begin, end, most * tick, first, known, failed, spells)
    expect_known, expect_failed = np.zeros_like(known), np.zeros_like(failed)
    states = []
    for moment in range(begin, end, tick):
        at = int(np.searchsorted(ts, moment, side="right")) - 1
        if at < 0 or moment >= ts[at] + most * tick:
            states.append(-1)
            continue
        states.append(int(fails[at] > 0))
        expect_known[(moment - first) // MINUTE] += tick
        for kind in range(3):
            expect_failed[(moment - first) // MINUTE, kind] += tick * (fails[at] >> kind & 1)
    assert (known == expect_known).all() and (failed == expect_failed).all()
    spans, run = [], 0
    for at, state in enumerate([*states, -1]):
        if state == 1:
            run += 1
        elif run:
            spans.append((begin + (at - run) * tick, begin + at * tick))
            run = 0
    assert [(int(b), int(e)) for b, e, _ in spells[:count]] == spans
