"""Findings of the report, numbered, each with what it cites and how well it is known.

Sentences come from rules on findings alone; nothing of claims or of compensation enters.
Invariant: no sentence without a finding, and its confidence is the lowest of what it cites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Text
from .chapters import LIQUIDATIONS, LIQUIDITY
from .confidence import together
from .facts import Fact, Facts
from .figures import moment
from .replay_sentences import replay_sentences
from .summary import Sentence, sentences
from .text import say

GROUPS = ("prices", "marks", "others", "replays")
_ON_MARKS = ("basis", "mark")
MARKS = 3
"""Sentences on lows of marks."""
MEASURED = 8
"""Sentences on orders, depth and open interest."""


@dataclass(frozen=True)
class Conclusion:
    """A numbered sentence: F1, F2 …; `group` is one of GROUPS."""

    number: str
    group: str
    sentence: Sentence
    confidence: str


def conclusions(facts: Facts, methods: Mapping[str, Mapping[str, Any]]) -> list[Conclusion]:
    """All of them, group by group."""
    grouped: dict[str, list[Sentence]] = {group: [] for group in GROUPS}
    for one in sentences(facts):
        grouped["marks" if one.key in _ON_MARKS else "prices"].append(one)
    grouped["marks"] += _marks(facts)
    grouped["others"] += _measured(facts, methods)
    grouped["replays"] += replay_sentences(facts, methods)
    made: list[Conclusion] = []
    for group, found in grouped.items():
        for one in found:
            number = f"F{len(made) + 1}"
            made.append(Conclusion(number, group, one, together(one.cites)))
    return made


def _marks(facts: Facts) -> list[Sentence]:
    """The lows of published mark prices, those with the widest range in the window first."""
    lows = [f for f in facts.named("low", 0) if f.finding.subject.get("price") == "mark"]
    highs = {f.key: f.per_coin for f in facts.named("high", 0)}

    def fall(fact: Fact) -> Any:
        high = highs.get(fact.key)
        return (fact.per_coin or 0) / high if high else 1

    lows.sort(key=lambda f: (fall(f), f.key))
    made = []
    for fact in lows[:MARKS]:
        at = "–" if fact.finding.at is None else moment(fact.finding.at)
        words = say("finding.mark", label=fact.label(), value=fact.figure(), at=at)
        made.append(Sentence(words, (fact,), key="mark"))
    return made


def _measured(facts: Facts, methods: Mapping[str, Mapping[str, Any]]) -> list[Sentence]:
    """Of each kind of finding about orders, depth and open interest the one with the largest
    value in the main window, or without a window."""
    made: list[Sentence] = []
    for name in _names(facts):
        numbers = [
            f
            for f in facts.named(name)
            if f.window in (0, None)
            and f.finding.value is not None
            and not isinstance(f.finding.value, str)
        ]
        if numbers and len(made) < MEASURED:
            best = max(numbers, key=lambda f: (abs(f.per_coin or 0), f.id))
            made.append(_one(best, methods))
    return made


def _names(facts: Facts) -> Sequence[str]:
    """The first name of each measure: the one that it reports before all others."""
    names = []
    for measure in (*LIQUIDATIONS, *LIQUIDITY):
        if found := facts.of(measure):
            names.append(found[0].finding.name)
    return names


def _one(fact: Fact, methods: Mapping[str, Mapping[str, Any]]) -> Sentence:
    title = methods.get(fact.finding.method, {}).get("title", (fact.finding.name,) * 2)
    key = "finding.measured" if fact.finding.at is None else "finding.measured_at"
    at = "–" if fact.finding.at is None else moment(fact.finding.at)
    words = say(key, title=Text(*title), label=fact.label(), value=fact.figure(), at=at)
    return Sentence(words, (fact,), key=fact.measure)
