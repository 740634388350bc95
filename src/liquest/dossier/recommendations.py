"""Recommendations, each with whom it is addressed to and what of this report it rests on.

The texts stand in recommendations.toml, each with what calls for it: a finding of a name, a
caveat, an absence, or a measure without findings. Invariant: none stands in the report that
nothing calls for, and what it rests on is named.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import Text
from ..problems import ABSENT, Problem
from .facts import Fact, Facts

FILE = Path(__file__).parent / "recommendations.toml"
CITED = 3
"""Findings that one recommendation cites."""


@dataclass(frozen=True)
class Recommendation:
    """R1, R2 …: a text for an addressee. It rests on `cites`, or on what is `absent`."""

    number: str
    id: str
    to: Text
    text: Text
    cites: tuple[Fact, ...] = ()
    absent: tuple[Text, ...] = ()

    def __post_init__(self) -> None:
        if not self.cites and not self.absent:
            raise ValueError(f"nothing calls for the recommendation '{self.id}'")


def recommendations(facts: Facts, problems: Iterable[Problem]) -> list[Recommendation]:
    """Those that something calls for, in the order of the file."""
    gaps: dict[str, list[Text]] = {}
    for one in problems:
        if one.effect == ABSENT:
            gaps.setdefault(one.code, []).append(one.text)
    made: list[Recommendation] = []
    for row in _rows():
        cites, absent = _called_for(row, facts, gaps)
        if cites or absent:
            number = f"R{len(made) + 1}"
            to, text = (Text(row[k]["en"], row[k]["zh"]) for k in ("to", "text"))
            made.append(Recommendation(number, row["id"], to, text, cites, absent))
    return made


def _called_for(
    row: Mapping[str, Any], facts: Facts, gaps: Mapping[str, Sequence[Text]]
) -> tuple[tuple[Fact, ...], tuple[Text, ...]]:
    """The findings and the absences that call for it."""
    if "name" in row:
        names = [n for n in facts.names if fnmatchcase(n, row["name"])]
        return tuple(f for n in names[:1] for f in facts.named(n)[:CITED]), ()
    if "caveat" in row:
        bearing = (f for f in facts.all if row["caveat"] in f.finding.caveats)
        return tuple(f for f, _ in zip(bearing, range(CITED), strict=False)), ()
    if "without" in row:
        measure = row["without"]
        there = facts.of(measure)
        text = Text(f"findings of the measure {measure}", f"度量 {measure} 的结论")
        return (), () if there else (text,)
    return (), tuple(gaps.get(row["absent"], ()))[:1]


@cache
def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))["recommendation"]
    return rows
