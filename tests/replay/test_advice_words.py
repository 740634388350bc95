"""rivals, grid, asked: which ways are compared, and the word that three differences give."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liquest.errors import UsageError
from liquest.replay.advice.asked import Asked, amount, amounts, stop_of
from liquest.replay.advice.grid import MARGIN, TIERS, Unopened, Way, grid, most_leverage
from liquest.replay.advice.rivals import (
    AGAIN,
    EVEN,
    FAILS,
    HOLDS,
    LIKE_STOP,
    LUCKY,
    PRICE,
    QUESTIONS,
    RETURNED,
    SHARE,
    SMALL,
    UNDETERMINED,
    WHOLE,
    Drawn,
    break_even,
    rivals,
    word,
)
from liquest.rules.structure import CROSS, ISOLATED
from liquest.rules.tiers import flat, tiers

D = Decimal
MORE = Drawn(D(100), D(10), 400, 100, D(500))
LESS = Drawn(D(-100), D(10), 100, 400, D(-500))
NEITHER = Drawn(D(10), D(10), 251, 249, D(0))
FREE = Drawn(D(-19), D(10), 0, 50, D(0))
COSTS = Drawn(D(-21), D(10), 0, 50, D(0))


@pytest.mark.parametrize(
    ("event", "drawn", "before", "expected"),
    [
        (D(5), MORE, FREE, HOLDS), (D(5), NEITHER, FREE, HOLDS), (D(5), MORE, COSTS, PRICE),
        (D(5), LESS, FREE, LUCKY), (D(5), LESS, COSTS, LUCKY),
        (D(-5), MORE, FREE, RETURNED), (D(-5), NEITHER, FREE, FAILS), (D(-5), LESS, FREE, FAILS),
        (D(0), NEITHER, FREE, EVEN), (D(0), NEITHER, COSTS, FAILS), (D(0), MORE, FREE, RETURNED),
        (D(5), None, FREE, UNDETERMINED), (D(-5), MORE, None, UNDETERMINED),
    ],
)  # fmt: skip
def test_the_word_flips_with_what_decides_it(
    event: Decimal, drawn: Drawn | None, before: Drawn | None, expected: str
) -> None:
    assert word(event, drawn, before) == expected


def test_how_often_the_event_must_come() -> None:
    assert break_even(D(300), D(-20)) == 15
    assert break_even(D(300), D(0)) is None
    assert break_even(D(-300), D(-20)) is None


def test_a_lead_counts_beyond_two_standard_errors() -> None:
    # 500 decided paths: two standard errors of the difference are 44.7.
    assert Drawn(D(0), D(0), 272, 228, D(0)).leans == 0
    assert Drawn(D(0), D(0), 273, 227, D(0)).leans == 1
    assert Drawn(D(0), D(0), 0, 0, D(0)).leans == 0


def test_the_ways_of_the_defaults() -> None:
    ways, aside = grid(Asked(), D(75))
    assert len(ways) == len(set(ways)) == 2 * (3 + 8)
    assert aside == [Unopened(D(2), D("0.2"), MARGIN)]
    by_question = {r.question: r for r in rivals(ways)}
    assert tuple(by_question) == QUESTIONS
    small, all_in = Way(ISOLATED, D(20), D("0.2"), None), Way(CROSS, D(20), D(1), None)
    assert by_question[WHOLE][1:] == (small, all_in, False)
    assert by_question[AGAIN][1:] == (small, all_in, True)
    beside, large = Way(ISOLATED, D(20), D(1), None), Way(ISOLATED, D(2), D(1), None)
    assert by_question[SMALL][1:] == (beside, large, False)
    assert by_question[LIKE_STOP].other == Way(ISOLATED, D(2), D(1), D("0.05"))
    assert by_question[SHARE][1:] == (Way(CROSS, D(20), D("0.2"), None), all_in, False)


def test_tiers_bound_the_leverage() -> None:
    ladder = tiers()["ATOMUSDT"]
    most = most_leverage(ladder, D(10_000))
    assert most == ladder.bracket(D(10_000)).max_leverage
    ways, aside = grid(Asked(leverages=(D(2), most, most + 1)), most)
    assert max(w.leverage for w in ways) == most
    assert Unopened(most + 1, None, TIERS) in aside
    assert ladder.cap is not None and most_leverage(ladder, ladder.cap + 1) == 0
    assert grid(Asked(), D(0))[0] == []
    assert most_leverage(flat("X", D("0.01")), D(10)) == 100


def test_what_cannot_be_compared_is_not() -> None:
    ways, _ = grid(Asked(leverages=(D(20),), shares=(D(1),), stop=None), D(75))
    assert [r.question for r in rivals(ways)] == [WHOLE, AGAIN]
    assert rivals([]) == []


@settings(max_examples=500, deadline=None)
@given(
    st.integers(1, 10**7), st.integers(1, 10**7),
    st.lists(st.integers(1, 125), min_size=1, max_size=4),
    st.lists(st.integers(1, 100), min_size=1, max_size=4),
    st.sampled_from([None, "0.05", "0.3"]), st.booleans(),
)  # fmt: skip
def test_every_way_can_be_built_and_keeps_all_the_money(
    exposure: int, capital: int, leverages: list[int], shares: list[int], stop: str | None,
    again: bool,
) -> None:  # fmt: skip
    asked = Asked(
        D(exposure), D(capital), tuple(map(D, leverages)), tuple(D(s) / 100 for s in shares),
        None if stop is None else D(stop),
    )  # fmt: skip
    for way in grid(asked, D(125))[0]:
        made = way.structure(asked, again=again)
        assert abs(made.capital + made.reserve - D(capital) / D(exposure)) < D("1e-20")
        assert made.margin <= made.capital and made.mode == way.mode


@pytest.mark.parametrize(
    ("wrong", "option"),
    [
        ({"exposure": D(0)}, "--exposure"), ({"capital": D(-1)}, "--capital"),
        ({"exposure": D("NaN")}, "--exposure"), ({"leverages": (D("0.5"),)}, "--leverage"),
        ({"leverages": ()}, "--leverage"), ({"leverages": (D("NaN"),)}, "--leverage"),
        ({"shares": (D(0),)}, "--on-exchange"), ({"shares": (D("1.1"),)}, "--on-exchange"),
        ({"stop": D(1)}, "--stop"), ({"stop": D("NaN")}, "--stop"), ({"side": "up"}, "--side"),
        ({"again_s": 0}, "--again"), ({"delay_s": 0}, "--stop-delay"), ({"paths": 5}, "--paths"),
        ({"seed": -1}, "--seed"), ({"remargin_s": -1}, "--remargin"),
        ({"hold_h": 999}, "--hold-hours"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_by_its_option(
    wrong: dict[str, object], option: str
) -> None:  # fmt: skip
    with pytest.raises(UsageError) as caught:
        Asked(**wrong)  # type: ignore[arg-type]
    for lang in ("en", "zh"):
        assert option in caught.value.render(lang)


def test_numbers_as_people_write_them() -> None:
    assert amount("--exposure", "10,000.50") == D("10000.50")
    assert amounts("--leverage", ["2", "5, 20"]) == (D(2), D(5), D(20))
    assert stop_of(" None ") is None and stop_of("0.05") == D("0.05")
    assert Asked(leverages=(D(20), D(2), D(20))).leverages == (D(2), D(20))


@pytest.mark.parametrize("text", ["", "ten", "0,05", "1e99", "inf", "nan", "5%", "1,00"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--exposure cannot be"):
        amount("--exposure", text)
