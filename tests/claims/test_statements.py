"""statements.toml is read whole, or refused with file, line and remedy."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from _around import HELD, NAMES, RELAYED, SHA, record, says, upholds, version

from liquest.claims.reading_statements import read_statements
from liquest.claims.statements import Record
from liquest.errors import CaseError, UsageError


def test_a_version_keeps_what_it_says(tmp_path: Path) -> None:
    got = record(
        tmp_path,
        version(
            "one", says("why", 'stance = "load"', more='quote = "high load"'),
            upholds("money"), more='published = "2025-10-11T01:24:28Z"',
        ),
    )  # fmt: skip
    (one,) = got.statements
    assert (one.party, one.known, one.sha256, one.lines) == ("venue", "held", SHA, 9)
    assert one.when == "2025-10-11T01:24:28Z" and one.published == 1_760_145_868_000_000
    (point,) = one.points
    assert (point.topic, point.value, point.unit) == ("cause", "load", "text")
    assert (point.quote, point.line) == ("high load", 3)
    assert one.topics == ("cause",) and one.upholds[0].topic == "money"


@pytest.mark.parametrize(
    ("given", "value", "unit", "words"),
    [
        ('amount = "328000000"\nunit = "USD"', Decimal(328_000_000), "USD", "328000000 USD"),
        ('amount = "0.30"\nunit = "share"', Decimal("0.3"), "share", "30 %"),
        (
            'moment = "2025-10-11T05:36:00+08:00"', "2025-10-10T21:36:00.000000Z", "text",
            "2025-10-10 21:36:00 UTC (2025-10-11 05:36:00 UTC+8)",
        ),
        (
            'window = ["2025-10-10T21:36:00Z", "2025-10-10T22:16:00Z"]',
            "2025-10-10T21:36:00.000000Z/2025-10-10T22:16:00.000000Z", "text",
            "2025-10-10 21:36:00 – 22:16:00 UTC (2025-10-11 05:36:00 – 06:16:00 UTC+8)",
        ),
        (
            'window = ["2025-10-10T20:00:00Z", "2025-10-11T01:00:00Z"]',
            "2025-10-10T20:00:00.000000Z/2025-10-11T01:00:00.000000Z", "text",
            "2025-10-10 20:00:00 – 2025-10-11 01:00:00 UTC "
            "(2025-10-11 04:00:00 – 09:00:00 UTC+8)",
        ),
        ('items = ["WBETH", "BNSOL", "BNSOL"]', "BNSOL, WBETH", "text", "BNSOL, WBETH"),
        ('stance = "denied"', "denied", "text", "p"),
    ],
)  # fmt: skip
def test_each_sort_of_value_has_one_notation(
    tmp_path: Path, given: str, value: object, unit: str, words: str
) -> None:
    (point,) = record(tmp_path, version("one", says("p", given))).statements[0].points
    assert (point.value, point.unit, point.words.en) == (value, unit, words)


def test_a_day_alone_is_no_moment(tmp_path: Path) -> None:
    (one,) = record(
        tmp_path, version("one", says("p", 'stance = "x"'), more='published = "2025-10-22"')
    ).statements
    assert one.published is None and one.when == "2025-10-22"


def test_a_case_without_the_file_has_an_empty_record(tmp_path: Path) -> None:
    assert read_statements(tmp_path / "statements.toml") == Record()


def test_versions_of_one_party(tmp_path: Path) -> None:
    got = record(
        tmp_path,
        version("one", says("p", 'stance = "x"')),
        version("two", says("p", 'stance = "x"'), party="maker"),
    )
    assert [one.id for one in got.of("maker")] == ["two"]
    with pytest.raises(UsageError, match="no party 'nobody'"):
        got.of("nobody")


GOOD = says("p", 'stance = "x"')


@pytest.mark.parametrize(
    ("text", "says_", "line"),
    [
        (version("One", GOOD), "is no id", "[[statement]]"),
        (version("one", GOOD, party="other"), "is no party", "party ="),
        (version("one", GOOD, known='known = "heard"\n'), "is no known", "known ="),
        (version("one", GOOD, known=RELAYED), "needs a line of the held text", "[[statement]]"),
        (version("one", says("p", 'stance = "x"', line=None)), "needs a line", "[[statement]]"),
        (version("one", says("p", 'stance = "x"', line=10)), "needs a line", "[[statement]]"),
        (version("one", GOOD, known='known = "held"\n'), "'file', 'sha256'", "[[statement]]"),
        (version("one", GOOD, known=HELD.replace("ab" * 32, "ab")), "'sha256'", "[[statement]]"),
        (version("one", GOOD, GOOD), "same point twice", "[[statement]]"),
        (version("one", says("p", "")), "one of: stance", "[[statement.says]]"),
        (version("one", says("p", 'stance = "x"\namount = "1"')), "one of", "[[statement.says]]"),
        (version("one", says("p", 'amount = "1"')), "amount with unit", "[[statement.says]]"),
        (version("one", says("p", 'amount = 0.5\nunit = "USD"')), "no exact number", "amount ="),
        (version("one", says("p", 'moment = "2025-10-10T21:36:00"')), "no time", "moment ="),
        (version("one", says("p", 'items = []')), "no list", "items ="),
        (version("one", says("p", 'window = ["2025-10-10T21:36:00Z"]')), "length", "window ="),
        (
            version("one", says("p", 'window = ["2025-10-10T21:36Z", "2025-10-10T21:36Z"]')),
            "ends before", "window =",
        ),
        (version("one", says("p", 'stance = "x"', topic="love")), "is no topic", "topic ="),
        (
            version("one", says("p", 'stance = "x"', more=f'quote = "{"x" * 201}"')),
            "more than 200", "[[statement.says]]",
        ),
        (version("one", GOOD, more="lines_ = 3"), "unknown key 'lines_'", "lines_ ="),
        (version("one", GOOD, more='published = "soon"'), "is no time", "published ="),
        (
            version("one", says("p", 'stance = "x"', line=None), upholds("cause"), known=RELAYED),
            "only a text that is held", "[[statement]]",
        ),
        (
            version("one", GOOD, more='published = "2025-10-12T18:15:45Z"')
            + version("two", GOOD, more='published = "2025-10-11"'),
            "before the version above", 'published = "2025-10-11"',
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_line(
    tmp_path: Path, text: str, says_: str, line: str
) -> None:
    with pytest.raises(CaseError) as refused:
        record(tmp_path, text)
    error = refused.value
    assert says_ in error.what.en, error.what.en
    assert re.search("[\u4e00-\u9fff]", error.what.zh) and error.remedy is not None
    path, _, number = error.where.rpartition(":")
    assert path == str(tmp_path / "statements.toml")
    assert (NAMES + text).splitlines()[int(number) - 1].startswith(line), number


def test_an_id_is_used_once(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="stands there twice"):
        record(tmp_path, version("one", GOOD), version("one", GOOD))


def test_a_day_may_stand_before_a_moment_of_it(tmp_path: Path) -> None:
    got = record(
        tmp_path,
        version("one", GOOD, more='published = "2025-10-12T18:15:45Z"'),
        version("two", GOOD, more='published = "2025-10-12"'),
        version("three", GOOD, more='published = "2025-10-12T19:00:00Z"'),
        version("four", GOOD),
    )
    assert [one.id for one in got.statements] == ["one", "two", "three", "four"]
