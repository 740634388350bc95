"""outline: thinned for drawing, and yet no spike is hidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _cases import T0, TICKS, case_of, tape_of, tick
from liquest.clock import HOUR, MINUTE, SECOND, Window
from liquest.tape import outline as module
from liquest.tape.lake import Lake
from liquest.tape.outline import outline, outlines_json, plan_outlines, span_of

MOMENTS = st.lists(
    st.tuples(st.integers(0, 2 * HOUR // SECOND - 1), st.integers(1, 10**6)),
    min_size=1, max_size=60,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(trades=MOMENTS, points=st.sampled_from([1, 2, 7, 60, 1200, 100_000]))
def test_every_extreme_is_in_its_bucket(
    tmp_path_factory: pytest.TempPathFactory, trades: list[tuple[int, int]], points: int
) -> None:
    text = TICKS + "".join(
        tick(i, f"{price}e-3", at=second * SECOND)
        for i, (second, price) in enumerate(sorted(trades), start=1)
    )
    lake = tape_of(case_of(tmp_path_factory.mktemp("case"), {"a.csv": text})).lake
    span = Window("span", T0, T0 + 2 * HOUR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "POINTS", points)
        (task,) = plan_outlines(lake, span)
    drawn = outline(task)
    for second, price in trades:
        at = drawn["x"].index(second // task.step * task.step)
        assert drawn["lo"][at] <= price / 1000 <= drawn["hi"][at]
    assert min(drawn["lo"]) == min(p for _, p in trades) / 1000
    assert max(drawn["hi"]) == max(p for _, p in trades) / 1000
    assert drawn["x"] == sorted(set(drawn["x"]))
    assert len(drawn["x"]) <= min(points, 2 * HOUR // SECOND) + 1


def klines(start: int, lows: list[str]) -> str:
    return "".join(
        f"{(start + i * MINUTE) // 1000},9,9,{low},9,7,{(start + (i + 1) * MINUTE) // 1000 - 1},"
        "17.5,9,1,1,0\n"
        for i, low in enumerate(lows)
    )


def bars_lake(folder: Path, text: str) -> Lake:
    return tape_of(case_of(folder, {"ATOMUSDT-um-1m-2025-10-10.csv": text})).lake


@pytest.mark.parametrize("before", [1, 30, 59])
@pytest.mark.parametrize("points", [1, 10, 10_000])
def test_the_bar_that_reaches_into_the_span_is_drawn_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, points: int
) -> None:
    monkeypatch.setattr(module, "POINTS", points)
    lake = bars_lake(tmp_path, klines(T0, ["1", "5", "6"]))
    (task,) = plan_outlines(lake, Window("span", T0 + before * SECOND, T0 + HOUR))
    assert min(outline(task)["lo"]) == 1


def test_nothing_in_the_span_is_nothing_drawn(tmp_path: Path) -> None:
    lake = bars_lake(tmp_path, klines(T0, ["1"]))
    (task,) = plan_outlines(lake, Window("span", T0, T0 + HOUR))
    later = module.OutlineTask(task.track, Window("span", T0 + HOUR, T0 + 2 * HOUR), 1)
    assert outline(later)["x"] == []
    assert outlines_json([], 1, [outline(later)])["coins"] == {}


def test_the_span_holds_every_window_with_a_margin() -> None:
    span = span_of([Window("a", T0, T0 + HOUR), Window("b", T0 - HOUR, T0 + MINUTE)])
    assert (span.start, span.end) == (T0 - HOUR - 5 * MINUTE, T0 + HOUR + 5 * MINUTE)


def test_only_the_coins_that_are_asked_for(tmp_path: Path) -> None:
    text = TICKS + tick(1) + tick(2, symbol="DOT-USD")
    lake = tape_of(case_of(tmp_path, {"a.csv": text})).lake
    span = Window("span", T0, T0 + HOUR)
    assert [t.track.coin for t in plan_outlines(lake, span)] == ["ATOM", "DOT"]
    assert [t.track.coin for t in plan_outlines(lake, span, {"DOT"})] == ["DOT"]


def test_outlines_are_json_without_a_gap_in_meaning(tmp_path: Path) -> None:
    lake = tape_of(case_of(tmp_path, {"a.csv": TICKS + tick(1, "1e-9")})).lake
    span = Window("crash", T0, T0 + HOUR)
    drawn = outlines_json([span], 1, [outline(t) for t in plan_outlines(lake, span)])
    text = json.dumps(drawn, allow_nan=False)
    assert json.loads(text)["coins"]["ATOM"]["tracks"][0]["lo"] == [1e-9]
    assert drawn["windows"][0]["from"] == "2025-10-10T21:20:00.000000Z"
