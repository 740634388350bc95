"""What versions add, change and leave out; by whom it is known decides what may be said."""

from __future__ import annotations

from pathlib import Path

from _around import RELAYED, SHA, keys, record, says, upholds, version
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.claims.statement_diff import (
    ADDED,
    CHANGED,
    DROPPED,
    SAID,
    Change,
    changes,
    finding,
    findings,
)
from liquest.claims.statements import HELD, STANCE, Point, Record, Statement
from liquest.errors import Text

A, B = 'stance = "a"', 'stance = "b"'


def made(folder: Path, *versions: str) -> list[Change]:
    return changes(record(folder, *versions))


def moved(found: list[Change]) -> list[tuple[str, str, str]]:
    """Without what is merely said."""
    return keys([one for one in found if one.kind != SAID])


def test_the_first_version_of_a_topic_adds_nothing(tmp_path: Path) -> None:
    assert keys(made(tmp_path, version("one", says("p", A), says("q", B)))) == [
        ("said", "one", "p"), ("said", "one", "q"),
    ]  # fmt: skip


def test_added_changed_and_dropped(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        version("one", says("p", A), says("q", A)),
        version("two", says("p", B), says("new", A)),
    )
    assert moved(found) == [
        ("changed", "two", "p"), ("added", "two", "new"), ("dropped", "two", "q"),
    ]  # fmt: skip


def test_the_same_value_changes_nothing(tmp_path: Path) -> None:
    versions = [version(name, says("p", 'amount = "1.50"\nunit = "USD"')) for name in ("one",)]
    versions.append(version("two", says("p", 'amount = "1.5"\nunit = "USD"')))
    assert moved(made(tmp_path, *versions)) == []


def test_another_unit_is_another_value(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        version("one", says("p", 'amount = "1"\nunit = "USD"')),
        version("two", says("p", 'amount = "1"\nunit = "BTC"')),
    )
    assert moved(found) == [("changed", "two", "p")]


def test_topics_and_parties_are_compared_apart(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        version("one", says("p", A)),
        version("two", says("p", B, topic="money")),
        version("three", says("p", B), party="maker"),
    )
    assert moved(found) == []


def test_a_topic_that_is_not_spoken_of_loses_nothing(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        version("one", says("p", A), says("m", A, topic="money")),
        version("two", says("p", A)),
        version("three", says("n", A, topic="money")),
    )
    assert moved(found) == [("added", "three", "n"), ("dropped", "three", "m")]


def test_a_version_that_upholds_drops_nothing(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        version("one", says("p", A), says("q", A)),
        version("two", says("p", A), upholds("cause")),
        version("three", says("p", A)),
    )
    # What was upheld still stands, and is missed by the next.
    assert moved(found) == [("dropped", "three", "q")]


def test_a_text_that_is_not_held_drops_nothing(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        version("one", says("p", A), says("q", A)),
        version("two", says("p", B, line=None), known=RELAYED),
        version("three", says("p", B)),
    )
    assert moved(found) == [("changed", "two", "p"), ("dropped", "three", "q")]


def test_a_point_that_returns_is_compared_with_its_last_value(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        version("one", says("p", A), says("q", A)),
        version("two", says("p", A)),
        version("three", says("p", A), says("q", A)),
        version("four", says("p", A)),
        version("five", says("p", A), says("q", B)),
    )
    assert moved(found) == [
        ("dropped", "two", "q"), ("dropped", "four", "q"), ("changed", "five", "q"),
    ]  # fmt: skip


def test_a_change_as_a_finding(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        version("one", says("p", 'amount = "283"\nunit = "USD"', line=2),
                more='published = "2025-10-12T18:15:45Z"'),
        version("two", says("p", 'amount = "328"\nunit = "USD"', line=5,
                            more='quote = "in all"'), more='published = "2025-10-22"'),
    )  # fmt: skip
    one = finding(found[-1])
    assert (one.name, one.value, one.unit, one.at, one.count) == (CHANGED, 328, "USD", None, 2)
    assert dict(one.subject) == {
        "party": "venue", "topic": "cause", "point": "p", "statement": "two",
    }  # fmt: skip
    assert one.params["before"] == {"statement": "one", "value": 283, "en": "p", "zh": "要点"}
    assert (one.params["published"], one.params["quote"]) == ("2025-10-22", "in all")
    assert [(i.source, i.first, i.last, i.role) for i in one.inputs] == [
        (SHA, 5, 5, "extreme"), (SHA, 2, 2, "scanned"),
    ]  # fmt: skip
    assert one.caveats == ()


def test_a_dropped_point_rests_on_the_whole_text(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        version("one", says("p", A), says("q", A, line=7)),
        version("two", says("p", A), more='published = "2025-10-12T18:15:45Z"'),
    )
    one = finding(found[-1])
    assert (one.name, one.value, one.at) == (DROPPED, "a", 1_760_292_945_000_000)
    assert [(i.first, i.last, i.role) for i in one.inputs] == [
        (1, 9, "scanned"), (7, 7, "scanned"),
    ]  # fmt: skip
    assert one.caveats == ("statement-undated", "not-repeated")
    assert "quote" not in one.params


def test_what_is_not_held_has_no_rows_and_says_so(tmp_path: Path) -> None:
    found = made(tmp_path, version("one", says("p", A, line=None), known=RELAYED))
    one = finding(found[0])
    assert one.inputs == () and one.caveats == ("statement-not-held", "statement-undated")


POINTS = st.dictionaries(st.sampled_from("pqrs"), st.sampled_from("abc"), min_size=1)
VERSIONS = st.lists(st.tuples(POINTS, st.booleans()), max_size=6)


def built(versions: list[tuple[dict[str, str], bool]]) -> Record:
    """A record of one topic; the flag says whether the text is held."""
    words = Text("t", "文")
    made = []
    for number, (points, held) in enumerate(versions):
        said = tuple(
            Point("cause", name, words, STANCE, value, line=1 if held else None)
            for name, value in points.items()
        )
        known = {"known": HELD, "file": "a", "sha256": SHA, "lines": 1} if held else {}
        given_ = {"known": "relayed", **known}
        made.append(Statement(f"v{number}", "venue", words, source=words, points=said, **given_))  # type: ignore[arg-type]
    return Record({"venue": words}, {"cause": words}, tuple(made))


@settings(max_examples=500)
@given(VERSIONS)
def test_the_changes_lead_from_each_version_to_the_next(
    versions: list[tuple[dict[str, str], bool]],
) -> None:
    """Replaying the changes gives, after each version, what stands."""
    standing: dict[str, str] = {}
    by_version: dict[str, list[Change]] = {}
    for one in changes(built(versions)):
        by_version.setdefault(one.statement.id, []).append(one)
    ever: dict[str, str] = {}
    for number, (points, held) in enumerate(versions):
        for change in by_version[f"v{number}"]:
            name, value = change.said.point.point, change.said.point.value
            if change.kind == DROPPED:
                assert held and name not in points
                assert standing.pop(name) == value
            elif change.kind == ADDED:
                assert number > 0 and name not in ever
            elif change.kind == CHANGED:
                assert change.before is not None
                assert ever[name] == change.before.point.value != value
            else:
                assert points[name] == value
        standing |= points
        ever |= points
        assert not held or standing == points
    assert len({one.id for one in findings(changes(built(versions)))}) == sum(
        len(found) for found in by_version.values()
    )
