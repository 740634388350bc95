"""findings: an id that is the same everywhere, no floats, nothing changed unnoticed."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liquest.clock import Window, parse_time
from liquest.errors import IntegrityError, Text
from liquest.findings import (
    Finding,
    Input,
    Method,
    plain,
    read_findings,
    rounded,
    write_findings,
)

LOW = Finding(
    name="low",
    subject={"coin": "ATOM", "venue": "binance", "instrument": "ATOMUSDT", "kind": "spot"},
    value=Decimal("0.00100000"),
    unit="USDT",
    method="low@0123456789ab",
    at=parse_time("2025-10-10T21:20:37.689043Z"),
    window=Window("crash", parse_time("2025-10-10T21:10:00Z"), parse_time("2025-10-10T21:40:00Z")),
    params={"resolution": "trade", "levels": [Decimal("0.5"), 2]},
    inputs=(Input("ab" * 32, 7, 7, "extreme"), Input("ab" * 32, 2, 72)),
    count=71,
    caveats=("aggregated", "thin"),
)
GOLDEN = "69b2e6c5ea4b84052b4da929c295df8a64438634ffb2f12d91aae08658f78aeb"


def test_the_id_is_the_same_on_every_machine() -> None:
    assert LOW.id == GOLDEN


@pytest.mark.parametrize(
    "other",
    [
        replace(LOW, value=Decimal("0.0010001")),
        replace(LOW, unit="USD"),
        replace(LOW, count=72),
        replace(LOW, at=None),
        replace(LOW, window=None),
        replace(LOW, inputs=LOW.inputs[::-1]),
        replace(LOW, params={"resolution": "1s", "levels": [Decimal("0.5"), 2]}),
        replace(LOW, caveats=("thin",)),
    ],
)
def test_whatever_changes_the_id_changes(other: Finding) -> None:
    assert other.id != LOW.id


def test_trailing_zeros_do_not_change_the_id() -> None:
    assert replace(LOW, value=Decimal("0.001")).id == LOW.id


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def backwards(value: Any) -> Any:
    """The same value, every mapping in the other order."""
    if isinstance(value, dict):
        return {k: backwards(v) for k, v in reversed(value.items())}
    return [backwards(v) for v in value] if isinstance(value, list) else value


@given(st.dictionaries(st.text(), JSON, max_size=5), st.dictionaries(st.text(), st.text()))
def test_the_order_of_keys_does_not_matter(params: dict[str, Any], subject: dict[str, str]) -> None:
    one = replace(LOW, params=params, subject=subject)
    assert replace(LOW, params=backwards(params), subject=backwards(subject)).id == one.id


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_a_finding_reads_back_with_its_id(params: dict[str, Any]) -> None:
    one = replace(LOW, params=params)
    again = Finding.of(json.loads(json.dumps(one.json())))
    assert again.id == one.id
    assert again.value == one.value and isinstance(again.value, Decimal)
    assert again.window == one.window and again.at == one.at and again.inputs == one.inputs


@pytest.mark.parametrize("value", [None, 92, Decimal("9695.33")])
def test_a_value_keeps_its_kind(value: Any) -> None:
    again = Finding.of(replace(LOW, value=value).json())
    assert again.value == value and type(again.value) is type(value)


def test_text_stays_text_though_it_looks_like_a_number() -> None:
    assert Finding.of(replace(LOW, value="007", unit="text").json()).value == "007"


@pytest.mark.parametrize(
    "changed",
    [
        {"value": 0.1},
        {"params": {"threshold": 0.5}},
        {"params": {"levels": [Decimal(1), 2.0]}},
        {"params": {"inner": {"deep": float("nan")}}},
    ],
)
def test_a_float_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="float"):
        _ = replace(LOW, **changed).id


def test_decimals_travel_as_strings() -> None:
    body = LOW.json()
    assert body["value"] == "0.001" and body["params"]["levels"] == ["0.5", 2]
    assert next(iter(body)) == "id"


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.11520", "0.1152"), ("100", "100"), ("1E+2", "100"), ("1E-8", "0.00000001"), ("0", "0"),
     ("-0.00", "0"), ("0E-8", "0"), ("-1.50", "-1.5"),
     ("12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678")],
)  # fmt: skip
def test_plain(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_plain_says_the_same_number(value: Decimal) -> None:
    assert Decimal(plain(value)) == value
    assert "E" not in plain(value)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(0.125, 2, "0.12"), (0.135, 2, "0.14"), (Decimal("2.5"), 0, "2"), (-0.04, 1, "0"),
     (Decimal("12345678901234567890.123456789012"), 10, "12345678901234567890.123456789"),
     (1e22, 4, "10000000000000000000000")],
)  # fmt: skip
def test_rounded_is_half_even(value: Any, places: int, text: str) -> None:
    assert plain(rounded(value, places)) == text


def test_findings_are_one_object_a_line(tmp_path: Path) -> None:
    found = [LOW, replace(LOW, value=None), replace(LOW, value=7)]
    assert write_findings(tmp_path / "f.jsonl", found) == 3
    lines = (tmp_path / "f.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [f.id for f in found]
    assert [f.id for f in read_findings(tmp_path / "f.jsonl")] == [f.id for f in found]
    assert [p.name for p in tmp_path.iterdir()] == ["f.jsonl"]


def test_a_changed_line_is_refused_with_what_was_expected_and_where(tmp_path: Path) -> None:
    path = tmp_path / "low.jsonl"
    write_findings(path, [LOW, replace(LOW, count=9)])
    path.write_text(path.read_text(encoding="utf-8").replace('"count": 9', '"count": 8'))
    found = read_findings(path)
    assert next(found).id == LOW.id
    with pytest.raises(IntegrityError) as refused:
        next(found)
    assert refused.value.expected == replace(LOW, count=9).id
    assert refused.value.got == replace(LOW, count=8).id
    assert refused.value.where == f"{path}:2"
    assert refused.value.remedy is not None


@pytest.mark.parametrize("line", ["", "{", "[]", "{}", '{"id": "x", "name": "low"}', "7"])
def test_a_broken_line_is_refused_where_it_stands(tmp_path: Path, line: str) -> None:
    path = tmp_path / "low.jsonl"
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(IntegrityError) as refused:
        list(read_findings(path))
    assert refused.value.where == f"{path}:1"


def test_a_method_is_named_by_its_words_and_its_sql() -> None:
    one = Method("low", Text("Low", "最低"), Text("lowest", "最低价"), "SELECT 1")
    assert one.id.startswith("low@") and len(one.id) == len("low@") + 12
    assert replace(one, title=Text("x", "y")).id == one.id
    assert replace(one, sql="SELECT 2").id != one.id
    assert replace(one, definition=Text("lowest", "最低成交价")).id != one.id
    assert one.json()["id"] == one.id
