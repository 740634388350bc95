"""Manifest lines: canonical, self-naming, and refused when anything about them is off."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from liquest.errors import IntegrityError
from liquest.vault.alone.text import Broken, canonical, checked_id
from liquest.vault.items import Item

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)
NAMES = ("media_type", "source", "url", "method", "tool", "collected_at", "collector", "parent",
         "transform", "note")  # fmt: skip
ITEMS = st.builds(
    Item, sha256=DIGESTS, size=st.integers(0, 2**53 - 1), **dict.fromkeys(NAMES, TEXT)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(ITEMS)
def test_lines_are_rfc_8785(item: Item) -> None:
    assert item.line() == rfc8785.dumps(item.json())
    assert b"\n" not in item.line()
    assert Item.of(item.line()) == item
    assert checked_id(item.line().decode(), ("a line", "行"))["id"] == item.id


@given(VALUES)
def test_canonical_json_of_the_verifier_is_rfc_8785(value: object) -> None:
    assert canonical(value).encode() == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_keys_sort_by_utf_16() -> None:
    value = {"\ufb33": 1, "\U0001f600": 2, "a": 3}
    assert canonical(value).encode() == rfc8785.dumps(value)
    line = json.dumps({"id": "x", **value})
    with pytest.raises(Broken, match="expected x"):
        checked_id(line, ("a line", "行"))


ITEM = Item("ab" * 32, 3, "text/csv", "a.csv", "", "file", "t", "2025-10-11T00:00:00Z", "me")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"", "not an item"),
        (b"[]", "not an item"),
        (b"{}", "not an item"),
        (b'"text"', "not an item"),
        (ITEM.line().replace(b'"size":3', b'"size":4'), "id it claims"),
        (ITEM.line().replace(b'":', b'": '), "not canonical"),
        (ITEM.line()[:-1], "not an item"),
        (ITEM.line()[:-1] + b',"extra":1}', "not an item"),
        (ITEM.line().replace(b'"note":"",', b""), "not canonical"),
        (b"\xff" + ITEM.line(), "not an item"),
        (replace(ITEM, sha256="../../../etc/passwd").line(), "not an item"),
        (replace(ITEM, size="3").line(), "not an item"),  # type: ignore[arg-type]
        (replace(ITEM, size=-1).line(), "not an item"),
        (replace(ITEM, note=None).line(), "not an item"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_line(line: bytes, why: str) -> None:
    with pytest.raises(IntegrityError, match=why) as refused:
        Item.of(line)
    assert refused.value.expected and refused.value.got


@pytest.mark.parametrize(
    "line", ['{"id":"x","a":1.5}', '{"id":"x","a":1,"a":2}', '{"id":"x","a":NaN}', "[1]", "{", "1"]
)
def test_the_verifier_refuses_floats_and_double_keys(line: str) -> None:
    with pytest.raises(Broken):
        checked_id(line, ("a line", "行"))
