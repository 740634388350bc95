"""withdrawal: who went first, how far, for how long; and what independence would make of it."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _books import World, empty, thinned
from _ticks import T0, measured, one, outcome, pick, same_everywhere, small_lake, window
from liquest.clock import SECOND
from liquest.errors import CaseError
from liquest.measures._odds import YEAR, Together
from liquest.measures.withdrawal import first_run

D = Decimal


def two_venues(folder: Path, end: int = 90) -> dict[str, str]:
    """Binance is thin from 70, OKX from 75; both come back."""
    own = World(seconds=200).faulty(70, end, thinned("0.1"))
    other = World(seconds=200, seed=2).faulty(75, 85, thinned("0.2", 5))
    return own.files() | other.files("okex-swap", "BTC-USDT-SWAP")


def test_onset_floor_return_and_order_as_planted(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, two_venues(tmp_path))
    found = measured("withdrawal", lake, window(60, 200), baseline=60)
    for venue, start, back in (("binance", 70, 90), ("okx", 75, 85)):
        onset = one(found, "withdrawal.onset", venue=venue)
        assert (onset.value, onset.at) == (start - 60, T0 + start * SECOND)
        assert one(found, "withdrawal.return", venue=venue).value == back - start
        assert one(found, "withdrawal.away", venue=venue).value == back - start
        floor = one(found, "withdrawal.floor", venue=venue)
        assert floor.at is not None and start <= (floor.at - T0) // SECOND < back
        assert isinstance(floor.value, Decimal) and floor.value < D("0.25")
        assert "short-baseline" not in floor.caveats
    places = {f.subject["venue"]: f.value for f in pick(found, "withdrawal.order")}
    assert places == {"binance": 1, "okx": 2}
    together = one(found, "withdrawal.together")
    assert (together.value, together.subject, together.caveats) == (
        10, {"coin": "BTC"}, ("two-venues",),
    )  # fmt: skip
    most = one(found, "withdrawal.most")
    assert (most.value, most.at) == (2, T0 + 75 * SECOND)


def test_sound_books_are_not_called_withdrawn(tmp_path: Path) -> None:
    files: dict[str, str] = {}
    for seed, symbol in enumerate(("AUSDT", "BUSDT", "CUSDT", "DUSDT", "EUSDT")):
        files |= World(seed=seed, seconds=200).files("binance-futures", symbol)
    found = measured("withdrawal", small_lake(tmp_path, {}, files), window(60, 200), baseline=60)
    assert len(pick(found, "withdrawal.before")) == 5
    assert pick(found, "withdrawal.onset") == []
    assert all(f.value > D("0.5") for f in pick(found, "withdrawal.floor")  # type: ignore[operator]
               )  # fmt: skip


def test_what_does_not_come_back_has_no_return(tmp_path: Path) -> None:
    world = World(seconds=100).faulty(80, 100, empty("bid"))
    lake = small_lake(tmp_path, {}, world.files())
    found = measured("withdrawal", lake, window(60, 100), baseline=60, side="bid")
    gone = one(found, "withdrawal.return")
    assert gone.value is None and "not-recovered" in gone.caveats
    assert one(found, "withdrawal.floor").value == 0
    # The asks are all there.
    other = measured("withdrawal", lake, window(60, 100), baseline=60, side="ask")
    assert pick(other, "withdrawal.onset") == []


def test_without_an_hour_before_the_baseline_is_short(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, two_venues(tmp_path))
    found = measured("withdrawal", lake, window(60, 200))
    assert "short-baseline" in one(found, "withdrawal.before", venue="okx").caveats
    none, _ = outcome("withdrawal", lake, window(0, 100))
    assert pick(none, "withdrawal.before") == []


def test_depth_by_bands_serves_as_well(tmp_path: Path) -> None:
    lines = ["timestamp,percentage,depth,notional\n"]
    for second in range(0, 300, 30):
        size = 1 if 150 <= second < 240 else 10
        minute, rest = divmod(second, 60)
        for p in (-1, 1):
            lines.append(f"2025-10-10 21:{20 + minute}:{rest:02d},{p},{size},{size * 4}\n")
    lake = small_lake(tmp_path, {}, {"ATOMUSDT-bookDepth-2025-10-10.csv": "".join(lines)})
    found = measured("withdrawal", lake, window(120, 300), baseline=120)
    assert one(found, "withdrawal.onset").value == 30
    assert one(found, "withdrawal.floor").value == D("0.1")
    assert one(found, "withdrawal.return").value == 90
    assert "as-published" in one(found, "withdrawal.before").caveats


def test_the_odds_of_independence_and_of_a_common_shock(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, World(seconds=3).files())
    found, _ = outcome("withdrawal", lake, window(0, 3))
    independent = one(found, "withdrawal.odds", makers="3", uptime="0.999", common="0")
    assert independent.value == D("1e-9") and independent.caveats == ("assumed-rules",)
    assert one(found, "withdrawal.odds_s", makers="3", uptime="0.999", common="0").value == D(
        "0.031536"
    )
    # Half of each one's absence from one cause: half an absence a thousand, whatever their number.
    shock = one(found, "withdrawal.odds", makers="5", uptime="0.999", common="0.5")
    assert abs(D(str(shock.value)) - D("0.0005")) < D("1e-12")
    assert shock.inputs == () and shock.window is None


def test_however_small_the_odds_have_digits(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, World(seconds=3).files())
    found, _ = outcome("withdrawal", lake, window(0, 3), makers=[5], uptimes=["0.999"])
    assert one(found, "withdrawal.odds_s", common="0").value == D("3.1536e-8")
    assert one(found, "withdrawal.odds", common="0.1").value == D("0.0001")
    assert one(found, "withdrawal.odds_s", common="0.1").value == D("3153.6")


def test_depth_without_a_time_before_is_told(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, two_venues(tmp_path))
    found, problems = outcome("withdrawal", lake, window(0, 200), baseline=60)
    assert {f.name for f in found} == {"withdrawal.odds", "withdrawal.odds_s"}
    (told,) = problems
    assert (told.code, told.count) == ("no-baseline", 2)
    for words in told.text:
        assert "binance:linear-perpetual:BTCUSDT" in words and "60" in words


@given(
    st.integers(1, 8), st.decimals("0.5", "0.9999", places=4), st.decimals(0, 1, places=3),
    st.decimals(0, 1, places=3),
)  # fmt: skip
def test_odds_lie_between_independence_and_one_cause(
    makers: int, uptime: Decimal, one_share: Decimal, other_share: Decimal
) -> None:
    low, high = sorted((one_share, other_share))
    odds = [Together(makers, uptime, c).probability() for c in (D(0), low, high, D(1))]
    slack = D("1e-20")
    assert all(a <= b + slack for a, b in pairwise(odds))
    assert abs(odds[0] - (1 - uptime) ** makers) < slack and abs(odds[3] - (1 - uptime)) < slack
    # One maker is away as often as it is, whatever the cause.
    assert abs(Together(1, uptime, high).probability() - (1 - uptime)) < slack
    assert Together(makers, uptime, low).seconds_a_year() <= YEAR


@pytest.mark.parametrize(
    "wrong", [(0, D("0.9"), D(0)), (2, D(1), D(0)), (2, D(0), D(0)), (2, D("0.9"), D("1.1"))]
)
def test_odds_that_are_none_are_refused(wrong: tuple[int, Decimal, Decimal]) -> None:
    with pytest.raises(CaseError):
        Together(*wrong)


def test_a_side_that_no_book_has_is_refused(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, World(seconds=3).files())
    with pytest.raises(CaseError):
        outcome("withdrawal", lake, window(0, 3), side="middle")


@pytest.mark.parametrize(
    ("text", "length", "start", "place"),
    [("0110111", 3, 0, 4), ("0110111", 2, 0, 1), ("0110111", 2, 2, 4), ("111", 4, 0, -1),
     ("", 1, 0, -1)],
)  # fmt: skip
def test_the_first_run_of_a_length(text: str, length: int, start: int, place: int) -> None:
    assert first_run([c == "1" for c in text], length, start) == place


def test_every_executor_finds_the_same(tmp_path: Path) -> None:
    lake = small_lake(tmp_path, {}, two_venues(tmp_path))
    same_everywhere("withdrawal", lake, window(60, 200), baseline=60, makers=[2])
