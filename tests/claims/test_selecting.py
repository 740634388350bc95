"""A test finds the findings that it names, and no others."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest
from _claims import WINDOWS, file_of, found
from hypothesis import given
from hypothesis import strategies as st

from liquest.claims.selecting import Pool, Selection, as_text, read_selection
from liquest.errors import CaseError
from liquest.findings import Finding, rounded

LOW = found("low", "1.5", coin="ATOM", venue="binance", kind="spot", params={"resolution": "1s"})
MARK = found(
    "replay.window.mark_low", "1.1", coin="ATOM", venue="binance",
    params={"scenario": "mark.window=30", "rules": {"mark.window": "30 s (relayed)"}},
)  # fmt: skip
COUNT = found("outliers.count", 3, "coins", at=None, count=55, venue="binance",
              params={"coins": ["ATOM", "POL"], "threshold": rounded(0.1, 1)})  # fmt: skip
POOL = [LOW, MARK, COUNT]


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (Selection("low"), [LOW]),
        (Selection("*low"), [LOW, MARK]),
        (Selection("low", {"venue": "bin*", "coin": "ATOM"}), [LOW]),
        (Selection("low", {"venue": "okx"}), []),
        (Selection("low", {"against": ""}), [LOW]),
        (Selection("low", {"coin": ""}), []),
        (Selection("low", window="crash"), [LOW]),
        (Selection("low", window="scramble"), []),
        (Selection("low", params={"resolution": "1s"}), [LOW]),
        (Selection("low", params={"resolution": "60s"}), []),
        (Selection("*", params={"rules": {"mark.window": "30 s*"}}), [MARK]),
        (Selection("*", params={"rules": {"mark.window": "60 s*"}}), []),
        (Selection("low", params={"rules": {"mark.window": "30 s*"}}), []),
        (Selection("outliers.*", params={"threshold": "0.1", "coins": "ATOM,*"}), [COUNT]),
        (Selection("outliers.count", min_count=55), [COUNT]),
        (Selection("outliers.count", min_count=56), []),
        (Selection("LOW"), []),
    ],
)
def test_what_fits(wanted: Selection, fits: list[Finding]) -> None:
    assert list(Pool(POOL).select(wanted)) == fits


def test_a_finding_without_a_window_is_in_no_window() -> None:
    one = found("claim", "x", "text", window=None)
    assert Pool([one]).select(Selection("claim")) == (one,)
    assert Pool([one]).select(Selection("claim", window="crash")) == ()


NAMES = st.sampled_from(["low", "low.n_at", "gap.of_higher", "gap.of_lower", "high"])
WORDS = st.sampled_from(["a", "ab", "b", ""])
PATTERNS = st.sampled_from(["*", "a*", "?", "a", "b", ""])
GLOBS = st.sampled_from(["*", "low*", "gap.?f_*", "low", "none", "*.of_lower"])


@given(
    st.lists(st.tuples(NAMES, WORDS, WORDS), max_size=12),
    GLOBS,
    st.dictionaries(st.sampled_from(["venue", "coin"]), PATTERNS, max_size=2),
)
def test_selecting_is_asking_every_finding(
    made: list[tuple[str, str, str]], name: str, subject: dict[str, str]
) -> None:
    pool = [found(n, i, venue=v, coin=c) for i, (n, v, c) in enumerate(made)]
    plain = [
        f for f in pool
        if fnmatchcase(f.name, name)
        and all(fnmatchcase(f.subject[k], p) for k, p in subject.items())
    ]  # fmt: skip
    assert list(Pool(pool).select(Selection(name, subject))) == plain


@pytest.mark.parametrize(
    ("value", "text"),
    [("x", "x"), (rounded(0.5, 3), "0.5"), (7, "7"), (None, ""), (["a", 2], "a,2"), (("b",), "b")],
)
def test_parameters_as_patterns_see_them(value: Any, text: str) -> None:
    assert as_text(value) == text


def test_what_is_looked_for_can_be_said() -> None:
    wanted = Selection("low", {"venue": "x"}, "crash", {"rules": {"mark.window": "30*"}})
    assert wanted.words().en == "low venue=x rules/mark.window=30* window=crash"


@pytest.mark.parametrize(
    ("table", "fact"),
    [
        ({"subject": {}}, "'name' is missing"),
        ({"name": "low", "windows": "crash"}, "Did you mean 'window'"),
        ({"name": "low", "window": "night"}, "Choose one of: crash, scramble"),
        ({"name": "low", "subject": {"venue": 1}}, "is no text"),
        ({"name": "low", "params": {"rules": {"x": 3}}}, "is no text"),
        ({"name": "low", "min_count": -1}, "is no count"),
        ({"name": "low", "min_count": True}, "is no count"),
        ({"name": ""}, "is no text"),
        ("low", "is no table"),
    ],
)
def test_a_selection_that_is_not_understood_is_refused(table: Any, fact: str) -> None:
    with pytest.raises(CaseError) as refused:
        read_selection(file_of(""), ("find",), table, WINDOWS)
    assert fact in str(refused.value) and "claims.toml:" in refused.value.where


def test_a_selection_is_read_as_it_stands() -> None:
    table = {"name": "low", "subject": {"venue": "a*"}, "window": "crash", "min_count": 2}
    assert read_selection(file_of(""), ("find",), table, WINDOWS) == Selection(
        "low", {"venue": "a*"}, "crash", {}, 2
    )
