"""The chart: a spike is drawn, holes stay holes, foreign text cannot become markup."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from liquest.clock import SECOND, Window, parse_time
from liquest.errors import Text
from liquest.replay.chart import BLOCKS, HEIGHT, TOP, Line, chart, short, spark

START = parse_time("2025-10-10T21:10:00Z")


def drawn(*lines: Line, log: bool | None = None, seconds: int = 1800) -> str:
    span = Window("crash", START, START + seconds * SECOND)
    return chart(Text("Title", "标题"), Text("USD", "美元"), span, lines, log=log)


def heights(svg: str) -> list[float]:
    return [
        float(point.split(",")[1])
        for points in re.findall(r'<polyline points="([^"]+)"', svg)
        for point in points.split()
    ]


def test_a_spike_of_one_second_in_a_day_reaches_the_top() -> None:
    values = np.ones(86_400)
    values[40_000] = 100.0
    svg = drawn(Line(Text("a", "a"), values), seconds=86_400, log=False)
    assert min(heights(svg)) == pytest.approx(TOP, abs=0.1)
    assert max(heights(svg)) <= HEIGHT - 48 + 0.1


def test_a_hole_cuts_the_line() -> None:
    values = np.ones(1800)
    values[600:900] = np.nan
    assert drawn(Line(Text("a", "a"), values)).count("<polyline") == 2
    assert drawn(Line(Text("a", "a"), np.full(1800, np.nan))).count("<polyline") == 0


def test_it_is_well_formed_and_speaks_both_languages_and_clocks() -> None:
    svg = drawn(Line(Text("base <&>", "基准 \"'"), np.arange(1800.0)))
    texts = [node.text or "" for node in ET.fromstring(svg).iter() if node.tag.endswith("text")]
    assert "Title · 标题" in texts and "base <&> · 基准 \"'" in texts
    assert {"21:10", "05:10", "UTC", "UTC+8"} <= set(texts)


def test_no_request_and_the_same_bytes_twice() -> None:
    line = Line(Text("a", "a"), np.sin(np.arange(1800.0)))
    svg = drawn(line)
    assert svg == drawn(line)
    assert set(re.findall(r"https?://[^\"']+", svg)) == {"http://www.w3.org/2000/svg"}


def test_a_wide_range_is_logarithmic_and_keeps_order() -> None:
    values = np.geomspace(0.001, 1000, 1800)
    found = heights(drawn(Line(Text("a", "a"), values)))
    assert found == sorted(found, reverse=True)
    middle = found[len(found) // 2]
    assert middle == pytest.approx((TOP + HEIGHT - 48) / 2, abs=3)


@pytest.mark.parametrize(
    ("value", "text"), [(1_500_000, "1.5M"), (20_000, "20k"), (0.25, "0.25"), (2e9, "2B")]
)
def test_axis_numbers(value: float, text: str) -> None:
    assert short(value) == text


def test_the_terminal_line_shows_peaks() -> None:
    values = np.zeros(480)
    values[5], values[470] = 8.0, 4.0
    line = spark(values, 48)
    assert len(line) == 48 and line[0] == BLOCKS[-1] and line[47] == BLOCKS[4]
    assert set(line[1:47]) == {" "}
    assert spark(np.array([]), 10) == "" and spark(np.zeros(5), 10) == " " * 5
