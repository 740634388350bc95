"""clocks: how far a log is from the tape, by planted offsets."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from _log_cases import held, log_findings
from _planted_logs import stamp
from _ticks import T0, Tick, one, pick, small_lake, window
from liquest.clock import SECOND
from liquest.findings import Finding
from liquest.measures._log_clock import agreed
from liquest.measures._log_clock_kernel import shared
from liquest.tape.lake import Lake

D = Decimal
ATOM = ("binance-futures", "ATOMUSDT")
SPAN = window(0, 1800)
ZONE = '[[log]]\nfiles = "*"\ntz = "UTC"\n'


def market(seed: int, seconds: int = 600) -> list[Tick]:
    """Trades at a walking price, several a second, sizes that come again and again."""
    rng = random.Random(seed)
    price, made = 400, []
    for second in range(seconds):
        for part in sorted(rng.sample(range(1000), 3)):
            price += rng.choice((-1, 0, 1))
            size = rng.choice(("1", "2", "5", "10"))
            made.append(Tick(f"{second}.{part:03d}", f"{price / 100:.2f}", size))
    return made


def fills(trades: list[Tick], ahead: float, seed: int, count: int = 40, sized: bool = True) -> str:
    """A log whose clock is `ahead` seconds ahead; each fill is written 5 … 60 ms after."""
    rng = random.Random(seed)
    lines = []
    for trade in sorted(rng.sample(trades, count), key=lambda t: t.ts):
        moment = trade.ts + round(ahead * SECOND) + rng.randrange(5_000, 60_000)
        size = f" quantity={trade.amount}" if sized else ""
        lines.append(
            f"{stamp(moment)} - bot - INFO - binance usdm order filled symbol=ATOMUSDT "
            f"price={trade.price}{size} side=SELL\n"
        )
    return "".join(lines)


def seconds(offset: Finding) -> Decimal:
    assert isinstance(offset.value, Decimal | int)
    return D(offset.value)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return small_lake(tmp_path_factory.mktemp("tape"), {ATOM: market(1)})


@pytest.mark.parametrize("ahead", [0.0, 2.5, -3.75, 95.0, -240.0])
def test_a_planted_offset_is_found(tmp_path: Path, lake: Lake, ahead: float) -> None:
    right = 0
    for seed in range(6):
        text = fills(market(1), ahead, seed)
        logs = held(tmp_path / f"{seed}", {"a.log": text}, ZONE).logs
        offset = one(log_findings("clocks", logs, SPAN, lake)[0], "clocks.fills")
        # The wait between trade and line, 5 to 60 ms, belongs to the offset.
        assert abs(seconds(offset) + D(str(ahead)) + D("0.0325")) < D("0.02")
        right += offset.params["low"] <= D(str(-ahead)) - D("0.0325") <= offset.params["high"]
    assert right >= 5


def test_prices_alone_are_enough_where_they_are_many(tmp_path: Path, lake: Lake) -> None:
    text = fills(market(1), 12.0, 3, count=150, sized=False)
    logs = held(tmp_path, {"a.log": text}, ZONE).logs
    offset = one(log_findings("clocks", logs, SPAN, lake)[0], "clocks.fills")
    assert abs(seconds(offset) + 12) < D("0.1") and offset.params["of"] == 150


def test_fills_of_another_market_show_no_offset(tmp_path: Path, lake: Lake) -> None:
    text = fills(market(2), 0.0, 3)
    logs = held(tmp_path, {"a.log": text}, ZONE).logs
    assert pick(log_findings("clocks", logs, SPAN, lake)[0], "clocks.fills") == []


def test_the_exchanges_own_times(tmp_path: Path) -> None:
    text = "".join(
        f"{stamp(T0 + n * SECOND + 1_500_000 + 1000 * n)} - bot - INFO - order accepted "
        f'{{"orderId":{n},"transactTime":{(T0 + n * SECOND) // 1000}}}\n'
        for n in range(21)
    )
    logs = held(tmp_path, {"a.log": text}, ZONE).logs
    offset = one(log_findings("clocks", logs, SPAN)[0], "clocks.exchange")
    assert (offset.value, offset.count) == (D("-1.51"), 21)
    assert "way-back-included" in offset.caveats


def test_two_logs_on_one_clock(tmp_path: Path, lake: Lake) -> None:
    files = {"a.log": fills(market(1), 4.0, 1), "b.log": fills(market(1), -6.0, 2)}
    logs = held(tmp_path, files, ZONE).logs
    between = one(log_findings("clocks", logs, SPAN, lake)[0], "clocks.between")
    # The second is 10 s behind the first.
    assert abs(seconds(between) - 10) < D("0.05") and between.subject["other"].endswith("b.log")
    assert between.params["low"] <= 10 <= between.params["high"] + D("0.03")


PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(-40, 40)), min_size=1, max_size=40)


@given(PAIRS, st.integers(0, 20))
def test_the_kernel_counts_what_a_set_counts(pairs: list[tuple[int, int]], width: int) -> None:
    pairs = sorted(pairs, key=lambda p: p[1])
    numbers, gaps = (np.array(c, dtype=np.int64) for c in zip(*pairs, strict=True))
    wanted = [
        len({n for n, g in pairs[at:] if g <= gap + width}) for at, (_, gap) in enumerate(pairs)
    ]
    assert shared(numbers, gaps, width, 6).tolist() == wanted


def test_offsets_that_contradict_each_other_are_none() -> None:
    numbers = np.arange(10)
    one_, other = np.full(5, 3 * SECOND), np.full(5, 90 * SECOND)
    assert agreed(numbers, np.concatenate([one_, other]), numbers + 1, 10) is None
    most = np.concatenate([np.full(8, 3 * SECOND), np.full(2, 90 * SECOND)])
    found = agreed(numbers, most, numbers + 1, 10)
    assert found is not None and (found.us, found.matched, found.of) == (3 * SECOND, 8, 10)
    assert agreed(np.arange(2), np.zeros(2, dtype=np.int64), np.arange(2), 2) is None
