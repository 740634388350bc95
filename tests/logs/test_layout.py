"""Forms of lines in braces: what they take, and the patterns that are refused."""

from __future__ import annotations

import pytest

from liquest.logs.layout import Layout, choose
from liquest.logs.readers import formats, layouts

LINE = "2025-10-11 04:56:22,438 - bot.execution - ERROR - Bot 1 | rejected"


def test_a_field_goes_on_to_the_text_behind_it() -> None:
    found = Layout("x", "{time} - {skip} - {level} - {client} | {message}").match(LINE)
    assert found is not None
    assert (found.us, found.zoned, found.level) == (1_760_158_582_438_000, False, 5)
    assert [(f, LINE[a:b]) for f, a, b in found.spans] == [("client", "Bot 1")]


def test_one_space_stands_for_any_spaces_and_tabs() -> None:
    layout = Layout("x", "{time} {level} {message}")
    assert layout.match("2025-10-11 04:56:22 \t ERROR   x") is not None
    assert layout.match("2025-10-11 04:56:22ERROR x") is None


def test_colours_of_a_terminal_are_passed_over() -> None:
    layout = Layout("x", "[{time}] {level} {message}")
    assert layout.match("\x1b[32m[\x1b[1;33m2025-10-11 04:56:22\x1b[0m] \x1b[31mERROR\x1b[0m x")


def test_a_word_that_is_no_level_is_none() -> None:
    assert Layout("x", "{time} {level} {message}").match("2025-10-11 04:56:22 HELLO x") is None


def test_braces_are_written_twice() -> None:
    layout = Layout("x", "{{{time}}} {message}")
    assert layout.match("{2025-10-11 04:56:22} x") is not None


@pytest.mark.parametrize(
    ("pattern", "fact"),
    [
        ("{message}", "{time} once"),
        ("{time} {time}", "{time} once"),
        ("{time} {nonsense}", "{nonsense}"),
        ("{time} {message} x", "must come last"),
        ("{message} {time}", "must come last"),
        ("{time} {client}{symbol}", "nothing parts"),
        ("{time} {", "a single {"),
    ],
)
def test_a_pattern_that_cannot_be_read(pattern: str, fact: str) -> None:
    with pytest.raises(ValueError, match=fact.replace("{", r"\{").replace("}", r"\}")):
        Layout("x", pattern)


def test_the_most_demanding_form_comes_first() -> None:
    chosen = choose(layouts(), LINE)
    assert chosen is not None
    assert layouts()[chosen[0]].pattern == "{time} - {skip} - {level} - {message}".replace(
        "{skip}", "{logger}"
    )


def test_forms_and_formats_are_each_of_one_reader() -> None:
    patterns = [one.pattern for one in layouts()]
    assert len(set(patterns)) == len(patterns) > 50
    assert {one.format for one in layouts()} <= set(formats())
    assert len(formats()) < 127
