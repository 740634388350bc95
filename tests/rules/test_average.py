"""average: moving, exponential and time-weighted averages, exact and as machine code."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.rules.average import Values, exponential, moving_average, time_weighted
from liquest.rules.average_kernel import moved, updated, window_mean
from liquest.rules.centre_kernel import Floats

D = Decimal


def some(*numbers: int | str | None) -> list[Decimal | None]:
    return [None if n is None else D(n) for n in numbers]


def test_a_moving_average_takes_one_sample_a_stride_back_from_now() -> None:
    values = some(*range(1, 11))
    assert moving_average(values, 3, 1) == 9  # 10, 9, 8
    assert moving_average(values, 3, 4) == 6  # 10, 6, 2
    assert moving_average(values, 5, 4) == 6  # there is no more than three of them yet
    assert moving_average(values[:1], 30, 5) == 1


def test_seconds_without_a_value_are_left_out() -> None:
    assert moving_average(some(4, None, 8), 3, 1) == 6
    assert time_weighted(some(9, 4, None, 8), 3) == 6
    assert moving_average(some(None, None), 2, 1) is None
    assert moving_average([], 30, 1) is None
    assert time_weighted([], 30) is None
    assert exponential(some(None, None), 150) is None


def test_the_windows_of_binance_hold_thirty_samples_each() -> None:
    # A basis that is the number of its second: the mean of the samples says where they lie.
    values = some(*range(200))
    for stride, mean in ((5, "126.5"), (2, "170"), (1, "184.5")):
        assert moving_average(values, 30, stride) == D(mean)


def test_the_exponential_average_as_hyperliquid_writes_it() -> None:
    def recursion(values: Values, scale: int) -> Decimal:
        top = bottom = D(0)
        before: int | None = None
        for second, value in enumerate(values):
            if value is not None:
                gap = 1 if before is None else second - before
                decay = (D(-gap) / scale).exp()
                top, bottom = top * decay + value * gap, bottom * decay + gap
                before = second
        return top / bottom

    values = some(None, 5, 7, None, None, 1, 2)
    found = exponential(values, 150)
    assert found is not None
    assert abs(found - recursion(values, 150)) < D("1e-24")
    assert exponential(some(5), 150) == 5
    # After a gap the new sample stands for the whole gap.
    gap = exponential(some(0, None, None, 4), 10**9)
    assert gap is not None
    assert abs(gap - 3) < D("1e-7")


SERIES = st.lists(
    st.none() | st.integers(1, 10**7).map(lambda n: D(n) / 1000), min_size=1, max_size=80
)


def floats(values: Values) -> Floats:
    return np.array([np.nan if v is None else float(v) for v in values])


def close(value: float, wanted: Decimal | None, scale: Decimal) -> bool:
    """NaN for None, else within 1e-12 of the largest value."""
    if wanted is None:
        return bool(np.isnan(value))
    return abs(D(float(value)) - wanted) <= D("1e-12") * scale


@given(
    values=SERIES, samples=st.integers(1, 12), stride=st.integers(1, 6), window=st.integers(1, 90)
)
@settings(max_examples=600, deadline=None)
def test_the_kernels_average_as_the_exact_ones(
    values: list[Decimal | None], samples: int, stride: int, window: int
) -> None:
    row = floats(values)
    largest = max((v for v in values if v is not None), default=D(1))
    held = np.array([0.0, 0.0, -1.0])
    recent = [updated(held, x, s, float(window)) for s, x in enumerate(row)]
    means = window_mean(row, window)
    for second in {0, len(values) // 2, len(values) - 1}:
        past = values[: second + 1]
        assert close(
            moved(row, second, samples, stride), moving_average(past, samples, stride), largest
        )
        assert close(means[second], time_weighted(past, window), largest)
        assert close(recent[second], exponential(past, window), largest)


def test_an_average_after_a_spike_is_as_good_as_before_it() -> None:
    row = np.full(200, 0.001)
    row[50] = 1e15
    after = window_mean(row, 30)
    np.testing.assert_allclose(after[90:], 0.001, rtol=1e-15)
    assert after[79] > 1e13
