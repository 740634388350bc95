"""errors: one tree, both languages, codes of exit; an error travels between processes whole."""

from __future__ import annotations

import inspect
import pickle

import pytest

from liquest import errors
from liquest.errors import (
    CaseError,
    InputError,
    IntegrityError,
    LiquestError,
    OutputError,
    Text,
    UnknownFormat,
    UnreadableFile,
    UsageError,
)

WHAT = Text("the row is broken", "该行已损坏")
REMEDY = Text("Mend it.", "请修正。")
KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, LiquestError)
]


def made(kind: type[LiquestError]) -> LiquestError:
    if issubclass(kind, IntegrityError):
        return kind(WHAT, expected="a", got="b", where="x.csv:7", remedy=REMEDY)
    return kind(WHAT, where="x.csv:7", remedy=REMEDY)


def test_the_tree() -> None:
    assert issubclass(UnreadableFile, InputError) and issubclass(UnknownFormat, InputError)
    assert all(issubclass(k, LiquestError) for k in (UsageError, CaseError, InputError))
    assert not issubclass(OutputError, InputError)


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_drawn_at_the_top_of_the_file(kind: type[LiquestError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_says_what_where_and_what_to_do_in_both_languages(
    kind: type[LiquestError],
) -> None:
    error = made(kind)
    english, chinese = error.render("en"), error.render("zh")
    assert WHAT.en in english and "Where: x.csv:7" in english and "Remedy: Mend it." in english
    assert WHAT.zh in chinese and "位置: x.csv:7" in chinese and "处理: 请修正。" in chinese
    assert str(error) == english


def test_what_is_not_known_is_left_out() -> None:
    assert UsageError(WHAT).render("en") == "the row is broken"


def test_expected_and_got_stand_in_both_languages() -> None:
    error = made(IntegrityError)
    assert isinstance(error, IntegrityError)
    assert (error.expected, error.got) == ("a", "b")
    assert "expected a, got b" in error.render("en") and "应为 a，实为 b" in error.render("zh")


def test_codes_of_exit_tell_the_kinds_apart() -> None:
    codes = {kind.__name__: kind.exit_code for kind in KINDS}
    assert {codes[n] for n in ("UsageError", "CaseError", "InputError", "UnreadableFile")} == {2}
    assert codes["OutputError"] == 4 and codes["IntegrityError"] == 5


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_comes_out_of_another_process_as_it_went_in(kind: type[LiquestError]) -> None:
    error = made(kind)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert again.render("zh") == error.render("zh")
    assert again.__dict__ == error.__dict__


def test_a_text_in_a_language() -> None:
    assert (WHAT.in_("zh"), WHAT.in_("en"), WHAT.in_("fr")) == (WHAT.zh, WHAT.en, WHAT.en)
