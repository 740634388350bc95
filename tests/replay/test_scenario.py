"""Scenarios from the command line: sets, sweeps, their product, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liquest.clock import parse_time
from liquest.errors import UsageError
from liquest.replay.scenario import BASELINE, Scenario, scenarios


def test_nothing_set_is_no_scenario() -> None:
    assert scenarios([], []) == []
    assert BASELINE.label == "baseline"


def test_a_set_is_one_scenario_and_keeps_its_text() -> None:
    (one,) = scenarios(["mark.window=150s", "index.own_weight = 60%"], [])
    assert one.overrides == {"mark.window": "150s", "index.own_weight": "60%"}
    assert one.label == "mark.window=150s index.own_weight=60%"


def test_sweeps_combine_in_the_order_of_their_values() -> None:
    found = scenarios(["fund.size=0"], ["mark.window=30s,60s", "index.own_weight=0,1"])
    assert [one.label for one in found] == [
        "fund.size=0 mark.window=30s index.own_weight=0",
        "fund.size=0 mark.window=30s index.own_weight=1",
        "fund.size=0 mark.window=60s index.own_weight=0",
        "fund.size=0 mark.window=60s index.own_weight=1",
    ]


def test_a_moment_is_a_scenario_of_its_own() -> None:
    before, after = scenarios([], ["at=2025-05-01T00:00:00Z,2025-10-10T21:20:00Z"])
    assert before.overrides == {} and before.at == parse_time("2025-05-01T00:00:00Z")
    assert after.label == "at=2025-10-10T21:20:00Z"


def test_a_moment_without_a_zone_is_read_in_the_zone_given() -> None:
    (one,) = scenarios(["at=2025-10-11T05:20"], [], "UTC+8")
    assert one.at == parse_time("2025-10-10T21:20:00Z")


def test_over_keeps_its_own() -> None:
    one = Scenario({"mark.window": "60"}).over({"mark.window": "30", "fund.size": "5"})
    assert one.overrides == {"mark.window": "60", "fund.size": "5"}


@pytest.mark.parametrize(
    ("sets", "sweeps", "fact"),
    [
        (["mark.window"], [], "PATH=VALUE"),
        (["=5"], [], "PATH=VALUE"),
        ([], ["mark.window="], "PATH=VALUE"),
        (["mark.window=60"], ["mark.window=30,60"], "set twice"),
        ([], ["mark.window=30,30"], "twice"),
        ([], ["mark.window=,"], "none"),
        ([], ["a=" + ",".join(map(str, range(40))), "b=" + ",".join(map(str, range(40)))], "1,600"),
    ],
)
def test_what_is_refused(sets: list[str], sweeps: list[str], fact: str) -> None:
    with pytest.raises(UsageError) as refused:
        scenarios(sets, sweeps)
    assert fact in refused.value.render("en") and refused.value.remedy is not None


values = st.lists(
    st.integers(0, 999).map(str), min_size=1, max_size=5, unique=True
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["a.b", "c.d", "e.f"]), values, min_size=1))
def test_the_count_is_the_product(swept: dict[str, list[str]]) -> None:
    found = scenarios([], [f"{path}={','.join(v)}" for path, v in swept.items()])
    count = 1
    for each in swept.values():
        count *= len(each)
    assert len(found) == count == len({one.label for one in found})
    assert all(set(one.overrides) == set(swept) for one in found)
