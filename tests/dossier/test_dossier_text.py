"""Words: both languages everywhere, the same gaps to fill, nothing unescaped."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from markupsafe import Markup

from liquest.caveats import CAVEATS
from liquest.dossier.recommendations import FILE as ADVICE
from liquest.dossier.text import FILES, FOLDER, Words, fill, flat, glue, named, say, texts, wrap
from liquest.errors import Text

SAME = {
    "UTC",
    "UTC+8",
    "SQL",
    "SHA-256",
    "×",
    "{value}",
    "Liquest {version}",
    "{low} to {high}",
    ".",
}


def test_every_entry_has_exactly_both_languages() -> None:
    def walk(table: dict[str, Any], path: str) -> None:
        for key, value in table.items():
            if isinstance(value, dict) and not {"en", "zh"} & set(value):
                walk(value, f"{path}.{key}")
            else:
                assert set(value) == {"en", "zh"}, f"{path}.{key}"
                assert value["en"].strip() and value["zh"].strip(), f"{path}.{key}"

    for file in FILES:
        walk(tomllib.loads(file.read_text(encoding="utf-8")), file.name)


def test_no_entry_stands_in_two_files() -> None:
    counted = sum(file.read_text(encoding="utf-8").count("{ en = ") for file in FILES)
    assert counted == len(texts())


def test_every_recommendation_speaks_both_languages_and_says_what_calls_for_it() -> None:
    rows = tomllib.loads(ADVICE.read_text(encoding="utf-8"))["recommendation"]
    assert len({row["id"] for row in rows}) == len(rows) > 10
    for row in rows:
        assert len({"name", "caveat", "absent", "without"} & set(row)) == 1, row["id"]
        for key in ("to", "text"):
            assert row[key]["en"] and re.search("[\u4e00-\u9fff]", row[key]["zh"]), row["id"]


def test_both_languages_have_the_same_gaps_and_are_not_one() -> None:
    for key, text in texts().items():
        assert set(re.findall(r"{\w+}", text.en)) == set(re.findall(r"{\w+}", text.zh)), key
        assert (
            text.en in SAME
            or not re.search("[a-z]", re.sub(r"{\w+}", "", text.en))
            or re.search("[\u4e00-\u9fff（）]", text.zh)
        ), key
        assert not re.search("[\u4e00-\u9fff]", text.en), key


def test_every_caveat_has_a_short_form() -> None:
    assert [code for code in CAVEATS if f"short.{code}" not in texts()] == []


def test_every_word_that_the_scripts_ask_for_is_there() -> None:
    asked = set()
    for script in (FOLDER / "static").glob("*.js"):
        asked |= set(re.findall(r"words?\('([\w.]+)'", script.read_text(encoding="utf-8")))
    assert len(asked) > 10
    assert asked <= set(texts())


def test_every_word_that_the_templates_ask_for_is_there() -> None:
    asked = set()
    for template in (FOLDER / "templates").glob("*.html"):
        asked |= set(re.findall(r'\bt\("([\w.]+)"[,)]', template.read_text(encoding="utf-8")))
    assert len(asked) > 40
    assert asked <= set(texts())


def test_words_print_as_two_spans_only_where_they_differ() -> None:
    assert Words.of("a<b").__html__() == "a&lt;b"
    both = Words.of(Text("one & two", "一与二"))
    assert both.__html__() == '<span lang="en">one &amp; two</span><span lang="zh">一与二</span>'


def test_parts_are_filled_in_by_language_and_escaped() -> None:
    filled = fill(Text("{a} of {b}", "{b}的{a}"), a="<i>", b=Text("all", "全部"))
    assert (str(filled.en), str(filled.zh)) == ("&lt;i&gt; of all", "全部的&lt;i&gt;")


def test_parts_join_and_wrap() -> None:
    joined = glue([wrap("b", "<x>", title='"'), Text("and", "和")], " ", "")
    assert str(joined.en) == '<b title="&#34;">&lt;x&gt;</b> and'
    assert str(joined.zh) == '<b title="&#34;">&lt;x&gt;</b>和'
    assert flat([Markup("<b>1</b>"), "<2>"], "<br>") == "<b>1</b><br>&lt;2&gt;"


def test_unknown_names_stand_for_themselves_and_unknown_keys_are_refused() -> None:
    assert named("kind", "<odd>").en == "&lt;odd&gt;"
    with pytest.raises(KeyError):
        say("page.no_such_key")
