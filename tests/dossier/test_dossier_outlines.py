"""Packed price paths: what comes out is what went in, and no spike gets lost."""

from __future__ import annotations

import base64
from typing import Any

import _dossier_made as made
from hypothesis import given
from hypothesis import strategies as st

from liquest.dossier import outlines
from liquest.dossier.outlines import charts

Bucket = tuple[int, float, float, float]


def unpack(packed: dict[str, Any]) -> list[Bucket]:
    """What drawing.js does."""
    data, at = base64.b64decode(packed["d"]), 0
    numbers = []
    while at < len(data):
        value = shift = 0
        while True:
            byte = data[at]
            value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
            if byte < 128:
                break
        numbers.append(value)
    one = 10 ** packed["s"]
    x = price = 0
    buckets = []
    for i in range(0, len(numbers), 4):
        dx, close, high, low = numbers[i], *(_signed(n) for n in numbers[i + 1 : i + 4])
        x, price = x + dx, price + close
        buckets.append((x, (price - low) / one, (price + high) / one, price / one))
    return buckets


def _signed(value: int) -> int:
    return -(value + 1) // 2 if value % 2 else value // 2


def track(buckets: list[Bucket]) -> dict[str, Any]:
    base = made.outline(made.LOWS["ATOM"][0])
    columns = zip(*buckets, strict=True)
    return {**base, **dict(zip(("x", "lo", "hi", "close"), map(list, columns), strict=True))}


@st.composite
def paths(draw: st.DrawFn) -> list[Bucket]:
    places = draw(st.integers(0, 6))
    prices = st.integers(1, 10**8).map(lambda n: round(n / 10**places, places))
    buckets, x = [], 0
    for _ in range(draw(st.integers(1, 30))):
        low, close, high = sorted(draw(st.tuples(prices, prices, prices)))
        buckets.append((x, low, high, close))
        x += draw(st.integers(1, 5000))
    return buckets


@given(paths())
def test_a_path_comes_back_as_it_was(path: list[Bucket]) -> None:
    (packed,) = charts({"A": {"tracks": [track(path)]}}, ["A"]).coins["A"]["tracks"]
    assert packed["n"] == len(path)
    assert unpack(packed) == path


def test_charts_that_do_not_fit_get_coarser_without_losing_a_spike(monkeypatch: Any) -> None:
    coins = {c: {"tracks": [made.outline(t, 1200) for t in ts]} for c, ts in made.LOWS.items()}
    monkeypatch.setattr(outlines, "BUDGET", 60_000)
    drawn = charts(coins, list(coins))
    assert drawn.merged > 1 and not drawn.left
    for coin, tracks in made.LOWS.items():
        for packed, one in zip(drawn.coins[coin]["tracks"], tracks, strict=True):
            assert min(b[1] for b in unpack(packed)) == float(one[4])


def test_coins_beyond_the_budget_are_named(monkeypatch: Any) -> None:
    coins = {c: {"tracks": [made.outline(t) for t in ts]} for c, ts in made.LOWS.items()}
    monkeypatch.setattr(outlines, "BUDGET", 9_000)
    drawn = charts(coins, ["SKY", "ATOM", "BTC"])
    assert list(drawn.coins) == ["SKY"]
    assert drawn.left == ["ATOM", "BTC"]


def test_empty_tracks_are_left_out() -> None:
    empty = {**made.outline(made.LOWS["ATOM"][0]), "x": [], "lo": [], "hi": [], "close": []}
    assert charts({"A": {"tracks": [empty]}}, ["A"]).left == ["A"]
