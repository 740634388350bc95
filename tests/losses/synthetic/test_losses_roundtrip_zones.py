"""Round trip of files that say their zone in the header, in the name, or nowhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from liquest.errors import InputError
from liquest.losses.exports import read_exports
from liquest.losses.synthetic.plan import Plan
from liquest.losses.synthetic.simulate import simulate
from liquest.losses.synthetic.truth import Truth
from liquest.losses.synthetic.writing import BOTH, HEADER, NAME, Style, write_exports


@cache
def account() -> Truth:
    return simulate(Plan(5, symbols=("ATOMUSD_PERP", "BTCUSDT")))


def times(folder: Path, tz: str | None = None) -> tuple[list[int], list[int]]:
    """Of the trades, and of the openings in the position history."""
    exports, _ = read_exports([folder], tz=tz)
    return [t.ts for t in exports.trades], sorted(p.opened for p in exports.positions)


WANTED = [t.ts for t in account().trades], sorted(p.opened for p in account().positions)


@pytest.mark.parametrize("hours", [0, 8])
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("place", [HEADER, NAME, BOTH])
def test_a_zone_that_is_said_is_taken(tmp_path: Path, place: str, lang: str, hours: int) -> None:
    write_exports(account(), tmp_path, Style(lang=lang, hours=hours, zone_in=place))
    assert times(tmp_path) == WANTED


@pytest.mark.parametrize("hours", [0, 8])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_newer_exports_say_it_in_their_name_only(tmp_path: Path, lang: str, hours: int) -> None:
    style = Style(lang=lang, hours=hours, zone_in=NAME, newer=True)
    write_exports(account(), tmp_path, style)
    assert times(tmp_path)[0] == WANTED[0]


@pytest.mark.parametrize("newer", [False, True])
@pytest.mark.parametrize("hours", [0, 8])
def test_a_zone_that_nothing_says_is_asked_for(tmp_path: Path, hours: int, newer: bool) -> None:
    style = Style(hours=hours, zone_in=NAME, random_names=True, newer=newer)
    write_exports(account(), tmp_path, style)
    with pytest.raises(InputError, match="zone") as caught:
        read_exports([tmp_path])
    assert "--tz" in caught.value.render("zh")
    assert times(tmp_path, "UTC+8" if hours else "UTC")[0] == WANTED[0]
