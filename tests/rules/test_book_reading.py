"""TOML that cannot be a rulebook is refused with file and key."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from liquest.errors import CaseError
from liquest.rules.book import FOLDER, read_book
from liquest.rules.book_reading import PAGES, read_toml

GOOD = """
[source.text]
en = "a text"
zh = "文本"

[parameter."a.window"]
unit = "s"
title = { en = "Window", zh = "窗口" }
min = "1"
rows = [
  { from = "2025-01-01T00:00:00Z", value = "60", certainty = "official", source = "text" },
  { from = "2025-02-01T00:00:00Z", value = "30", certainty = "official", source = "text" },
]
"""


def read(folder: Path, text: str, name: str = "a.toml") -> None:
    (folder / name).write_text(text, encoding="utf-8")
    read_book(folder)


def test_a_good_file(tmp_path: Path) -> None:
    (tmp_path / PAGES).write_text("[page]\n", encoding="utf-8")
    read(tmp_path, GOOD)
    one = read_book(tmp_path).parameter("a.window")
    assert [row.number for row in one.rows] == [60, 30]
    assert (one.domain.low, one.title.zh) == (Decimal(1), "窗口")


@pytest.mark.parametrize(
    ("old", "new", "key", "what"),
    [
        ('unit = "s"', 'unit = "minutes"', 'parameter."a.window"', "no unit 'minutes'"),
        ('unit = "s"', 'unit = "s"\nunits = 1', 'parameter."a.window"', "unknown key 'units'"),
        ('unit = "s"', "", 'parameter."a.window"', "'unit' is missing"),
        ("min =", "words = 3\nmin =", 'parameter."a.window"', "'words' is no list"),
        ('min = "1"', "min = 1", 'parameter."a.window"', "'min' is no number in quotation"),
        ('title = { en = "Window", zh = "窗口" }', 'title = "Window"', "title", "no table"),
        ('zh = "窗口"', 'zh = " "', "title", "a text is empty"),
        (', zh = "窗口"', "", "title", "'zh' is missing"),
        ('value = "60"', "value = 60", "row 1", "'60' is not a duration"),
        ('value = "60"', 'value = "1m"', "row 1", "'1m' is not a duration"),
        ('value = "60"', 'value = "0"', "row 1", "'0' is below 1"),
        ('value = "60"', 'value = "0.5"', "row 1", "whole seconds"),
        (', value = "60"', "", "row 1", "has no value"),
        ('"2025-01-01T00:00:00Z"', '"2025-01-01T00:00:00"', "row 1", "no time in UTC"),
        ('"2025-01-01T00:00:00Z"', '"soonZ"', "row 1", "is not a time"),
        ('"2025-01-01T00:00:00Z"', "2025-01-01T00:00:00Z", "row 1", "no time in UTC"),
        ("2025-01-01", "2025-03-01", 'parameter."a.window"', "not later than the one before"),
        ("2025-01-01", "2025-02-01", 'parameter."a.window"', "not later than the one before"),
        ('certainty = "official"', 'certainty = "sure"', "row 1", "no certainty"),
        ('certainty = "official"', 'certainty = "asked"', "row 1", "no certainty"),
        ('certainty = "official"', 'certainty = "unknown"', "row 1", "needs a range"),
        ('certainty = "official", source', "source", "row 1", "'certainty' is missing"),
        (', source = "text" }', " }", "row 1", "'source' is missing"),
        ('source = "text"', 'source = "book"', "row 1", "no [source.book]"),
        ('source = "text"', 'source = { en = "a" }', "row 1", "'zh' is missing"),
        ('source = "text"', 'source = "text", note = 1', "row 1", "unknown key 'note'"),
        ('source = "text"', 'source = "text", range = "1"', "row 1", "'range' is no list"),
        ('source = "text"', 'source = "text", range = ["1"]', "row 1", "two numbers"),
        ('source = "text"', 'source = "text", range = ["70", "90"]', "row 1", "between them"),
        ('source = "text"', 'source = "text", dating = "about"', "row 1", "'about'"),
        ('source = "text"', 'source = "text", applies_to = { coins = "A" }', "row 1 applies_to",
         "unknown key 'coins'"),
        ('source = "text"', 'source = "text", applies_to = { kind = "x" }', "row 1", "no kind"),
        ('source = "text"', 'source = "text", applies_to = 1', "row 1 applies_to", "no table"),
        ("[source.text]", "[sources.text]", "a.toml", "unknown key 'sources'"),
        ('en = "a text"', "en = 1", "[source.text]", "a text is empty"),
        ("rows = [", "rows = 1\nold = [", 'parameter."a.window"', "unknown key 'old'"),
        ('[parameter."a.window"]', '[parameter."a.*"]', 'parameter."a.*"', "names no coin"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, key: str, what: str) -> None:
    assert old in GOOD
    with pytest.raises(CaseError) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    error = caught.value
    assert error.where.startswith("a.toml") and key in error.where, error.where
    assert what in error.what.en, error.what.en
    assert error.what.zh != error.what.en


def test_rows_that_are_none(tmp_path: Path) -> None:
    head = GOOD[: GOOD.index("rows = [")]
    with pytest.raises(CaseError, match="no rows"):
        read(tmp_path, head + "rows = []")
    with pytest.raises(CaseError, match="'rows' is no list"):
        read(tmp_path, head + "rows = 1")
    with pytest.raises(CaseError, match="no table"):
        read(tmp_path, head + "rows = [1]")


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"not valid TOML.*line 3") as caught:
        read(tmp_path, "a = 1\nb = 2\nc = = 3\n")
    assert caught.value.where == "a.toml"
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(CaseError, match="not valid TOML"):
        read_book(tmp_path)
    with pytest.raises(CaseError, match=r"not valid TOML.*twice|not valid TOML.*overwrite"):
        read(tmp_path, GOOD + GOOD)


def test_a_parameter_stands_in_one_file(tmp_path: Path) -> None:
    read(tmp_path, GOOD)
    with pytest.raises(CaseError, match=r"a\.window is declared twice") as caught:
        read(tmp_path, GOOD, "b.toml")
    assert caught.value.where == "b.toml · a.toml"


def test_an_empty_folder_is_no_rulebook(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no rules in this folder"):
        read_book(tmp_path)


def test_every_source_of_the_book_is_used() -> None:
    for path in sorted(FOLDER.glob("*.toml")):
        if path.name == PAGES:
            continue
        table = read_toml(path)
        used = {
            row["source"]
            for body in table["parameter"].values()
            for row in body["rows"]
            if isinstance(row["source"], str)
        }
        assert set(table.get("source", {})) == used, path.name
