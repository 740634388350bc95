"""resample: blocks of the record laid end to end, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.replay.resample import Blocks, filled, resampled


def test_draws_are_blocks_of_the_stretch() -> None:
    drawn = Blocks(paths=50, length=25, block=10, seed=1).drawn(40)
    assert drawn.shape == (50, 25)
    assert drawn.min() >= 1 and drawn.max() <= 39
    assert (np.diff(drawn[:, :10], axis=1) == 1).all()
    assert (np.diff(drawn[:, 20:], axis=1) == 1).all()
    assert len({int(row[0]) for row in drawn}) > 10


def test_the_same_seed_gives_the_same_draws_and_another_others() -> None:
    one, again, other = (Blocks(3, 30, 5, seed).drawn(60) for seed in (7, 7, 8))
    assert (one == again).all() and (one != other).any()
    # Fixed numbers: Python keeps the sequence of random() for a seed.
    assert Blocks(1, 3, 1, 20251010).drawn(101).tolist() == [[17, 29, 51]]


def test_a_stretch_shorter_than_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="holds no block"):
        Blocks(1, 10, 10, 1).drawn(10)
    with pytest.raises(ValueError, match="holds no block"):
        resampled(np.full(100, np.nan), np.ones(100), Blocks(1, 10, 10, 1))


def test_a_silent_second_stands_still() -> None:
    assert filled(np.array([np.nan, 2.0, np.nan, 3.0])).tolist()[1:] == [2.0, 2.0, 3.0]
    assert np.isnan(filled(np.array([np.nan, 2.0]))[0])
    assert len(filled(np.array([]))) == 0


def test_a_steady_fall_stays_a_steady_fall() -> None:
    trades = 100 * 0.99 ** np.arange(50.0)
    marks, walked = resampled(trades * 1.02, trades, Blocks(4, 20, 5, 3))
    assert walked[:, 0].tolist() == [1.0] * 4
    assert np.allclose(walked, 0.99 ** np.arange(20.0))
    assert np.allclose(marks / walked, 1.02)
    assert np.allclose(resampled(trades, trades, Blocks(4, 20, 5, 3), centred=True)[1], 1)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(1, 100), min_size=12, max_size=60), st.integers(1, 8), st.integers(0, 99))
def test_moves_and_ratios_are_those_of_the_record(
    prices: list[float], block: int, seed: int
) -> None:
    trades = np.array(prices)
    marks = trades[::-1].copy()
    blocks = Blocks(5, 30, block, seed)
    source = blocks.drawn(len(trades))
    mark, trade = resampled(marks, trades, blocks)
    moves = trade[:, 1:] / trade[:, :-1]
    assert np.allclose(moves, (trades[1:] / trades[:-1])[source[:, 1:] - 1])
    assert np.allclose(mark / trade, (marks / trades)[source])


def test_centred_paths_neither_rise_nor_fall_on_average() -> None:
    """A stretch that falls at its edges, which stand in fewer blocks than its middle."""
    rng = np.random.default_rng(7)
    moves = rng.normal(0, 0.001, 600)
    moves[:30] -= 0.002
    moves[-30:] -= 0.002
    trades = np.exp(np.cumsum(moves))
    ends = resampled(trades, trades, Blocks(4000, 301, 60, 1), centred=True)[1][:, -1]
    error = float(ends.std()) / 4000**0.5
    assert abs(float(ends.mean()) - 1) < 4 * error
