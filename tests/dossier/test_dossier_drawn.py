"""What stands on paper: charts that hide no spike, columns that break no number, advice that
something calls for."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import _dossier_made as made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.clock import SECOND
from liquest.dossier.columns import EM, INSET, SIZES, WIDTH, layout
from liquest.dossier.drawn import HEIGHT, TOP, chart
from liquest.dossier.facts import Facts
from liquest.dossier.markup import parse
from liquest.dossier.paper import Paper
from liquest.dossier.recommendations import Recommendation, recommendations
from liquest.errors import Text
from liquest.problems import ABSENT, Problem

WINDOW = made.WINDOWS[0]


def track(prices: list[float]) -> dict[str, Any]:
    base = made.outline(made.LOWS["ATOM"][0])
    start = WINDOW.start // SECOND
    return {
        **base, "t0": start, "x": [n * 3 for n in range(len(prices))],
        "lo": prices, "hi": prices, "close": prices,
    }  # fmt: skip


def heights(svg: str) -> list[float]:
    """The places from top of every point of the bands."""
    bands = re.findall(r'<path d="M([^"]*)Z"', svg)
    return [float(y) for band in bands for y in re.findall(r"[\d.]+ ([\d.]+)", band)]


@given(
    st.lists(st.floats(1, 1000), min_size=20, max_size=590).filter(lambda p: max(p) > min(p) + 1)
)
@settings(max_examples=60, deadline=None)
def test_the_lowest_and_the_highest_price_are_on_the_chart(prices: list[float]) -> None:
    found = heights(chart([track(prices)], WINDOW))
    low, high = min(prices), max(prices)
    room = (high - low) * 0.04
    bottom = max(low - room, 0.0)
    inner = HEIGHT - TOP - 22
    expected = [
        HEIGHT - 22 - (price - bottom) / (high + room - bottom) * inner for price in (high, low)
    ]
    assert min(found) == pytest.approx(expected[0], abs=0.06)
    assert max(found) == pytest.approx(expected[1], abs=0.06)


def test_no_price_no_chart() -> None:
    assert chart([], WINDOW) == ""
    assert chart([{**track([1.0]), "t0": 0}], WINDOW) == ""


def run(text: str) -> list[dict[str, Any]]:
    return [{"t": text}]


words = st.text("ab 中", min_size=1, max_size=60).map(run)
numbers = st.integers(0, 10**9).map(lambda n: run(f"{n:,} USDT"))


@given(st.lists(st.tuples(words, numbers, words), min_size=1, max_size=6))
def test_columns_fill_the_page_and_numbers_are_not_broken(rows: list[Any]) -> None:
    heads = [run("Name"), run("Value at the last price"), run("Caveats")]
    size, columns = layout(heads, rows, [False, True, False])
    widths = [float(c) for c in columns]
    assert float(size) in SIZES
    assert sum(widths) == pytest.approx(WIDTH, abs=1)
    longest = max(len(row[1][0]["t"]) for row in rows)
    assert widths[1] >= longest * EM * float(size) + INSET - 0.1


def test_a_table_that_is_too_wide_shrinks_alike() -> None:
    row = [run("123,456,789,012.345678 USDT")] * 12
    size, columns = layout([run("n")] * 12, [row], [True] * 12)
    assert float(size) == SIZES[-1] and len(set(columns)) == 1
    assert sum(map(float, columns)) == pytest.approx(WIDTH, abs=1)


def blocks(html: str, lang: str = "zh") -> list[dict[str, Any]]:
    return Paper(lang, 2025, {"abc": "cite-1"}, lambda _: None).blocks(parse(html))


def test_paper_takes_one_language_and_leaves_out_what_is_for_the_screen() -> None:
    found = blocks(
        '<p><span lang="en">one</span><span lang="zh">一</span> <b>x</b></p>'
        '<p data-paper="no">screen</p><section id="s"><h2>Head</h2></section>'
    )
    assert found[0]["runs"] == [{"t": "一 "}, {"t": "x", "b": True}]
    assert [b["k"] for b in found] == ["p", "anchor", "h"]


def test_links_lead_to_what_is_listed_only() -> None:
    (found,) = blocks('<p><a href="#f-abc">1</a><a href="#f-def">2</a><a href="#x">3</a></p>')
    assert [r.get("l", "") for r in found["runs"]] == ["cite-1", "", "x"]


def test_a_time_past_midnight_has_its_day_in_the_other_clock() -> None:
    (found,) = blocks("<p><time>12-31 21:20:37.5</time></p>")
    assert [r["t"] for r in found["runs"]] == ["12-31 21:20:37.5 UTC", " (01-01 05:20:37.5 UTC+8)"]


def test_codes_of_caveats_become_words() -> None:
    (found,) = blocks("<p><abbr>thin</abbr> <abbr>unheard-of</abbr></p>")
    assert "".join(r["t"] for r in found["runs"]) == "成交少 · unheard-of"


def test_a_recommendation_stands_only_where_something_calls_for_it() -> None:
    assert {r.id for r in recommendations(Facts([], made.WINDOWS), [])} == {
        "order-entry", "participants-logs"
    }  # fmt: skip
    mark = {"venue": "binance", "instrument": "ATOMUSDT", "price": "mark"}
    found = [
        made.finding("replay.window.mark_low", mark, Decimal(1), "USD",
                     caveats=("index-weights-unknown",)),
        made.finding("errors.count", {"venue": "binance"}, 3, "errors"),
    ]  # fmt: skip
    gap = Problem("no-books", ABSENT, Text("depth: no books", "无订单簿"))
    told = recommendations(Facts(found, made.WINDOWS), [gap])
    assert [r.id for r in told] == ["index-weights", "mark-window", "books"]
    assert [r.number for r in told] == ["R1", "R2", "R3"]
    assert told[1].cites[0].finding is found[0] and told[2].absent == (gap.text,)


def test_advice_without_a_ground_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="nothing calls for"):
        Recommendation("R1", "x", Text("a", "甲"), Text("b", "乙"))
