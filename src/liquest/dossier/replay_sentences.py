"""Sentences on the counterfactuals, each with the range over what is not on record. Which
scenarios are named is decided by rule: of a question on the mark, the contract on which the
lowest mark differs most between two scenarios and the one on which it differs least; of any
other question, the finding that LEADING names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..errors import Text
from .facts import Fact, Facts
from .replays import MEASURE, span_of
from .summary import Sentence
from .text import NOTHING, Words, fill, say, texts, wrap

Methods = Mapping[str, Mapping[str, Any]]
LEADING: dict[str, tuple[str, Callable[[Sequence[Decimal]], Decimal]]] = {
    "published": ("close", min),
    "grace": ("privilege", max),
    "adl": ("top_share", max),
    "loops": ("safe_exposure", min),
    "neutral": ("effect_low", min),
    "structure": ("holds", max),
}
"""Which finding speaks for a question: its name, and whether the smallest or the largest."""


def replay_sentences(facts: Facts, methods: Methods) -> list[Sentence]:
    """One or two for each question that has findings, in the order of the questions."""
    questions: dict[str, dict[str, list[Fact]]] = {}
    for fact in facts.of(MEASURE):
        _, question, *part = fact.finding.name.split(".")
        questions.setdefault(question, {}).setdefault(".".join(part), []).append(fact)
    found: list[Sentence] = []
    for question, names in sorted(questions.items()):
        made = _marks(names.get("mark_low", ())) or _leading(question, names, methods)
        found += [Sentence(one.words, one.cites, key=f"replay.{question}") for one in made]
    return found


def _marks(lows: Sequence[Fact]) -> list[Sentence]:
    """The contract with the widest and the one with the narrowest distance of its lowest mark
    between two scenarios."""
    contracts: dict[Any, list[Fact]] = {}
    for fact in lows:
        if _number(fact) is not None and _number(fact):
            contracts.setdefault(fact.key, []).append(fact)
    pairs = []
    for key, found in contracts.items():
        low = min(found, key=lambda f: (_number(f), f.id))
        high = max(found, key=lambda f: (_number(f), f.id))
        if low is not high:
            ratio = (_number(high) or Decimal(0)) / (_number(low) or Decimal(1))
            pairs.append((ratio, key, high, low))
    pairs.sort(key=lambda p: (-p[0], p[1]))
    chosen = pairs[:1] + pairs[-1:] if len(pairs) > 1 else pairs
    return [_pair(high, low) for _, _, high, low in chosen]


def _pair(high: Fact, low: Fact) -> Sentence:
    words = say(
        "finding.replayed",
        scenario=_scenario(high),
        label=high.label(),
        value=high.figure(),
        range=_range(high),
        other=_scenario(low),
        base=low.figure(),
        base_range=_range(low),
    )
    return Sentence(words, (high, low))


def _leading(
    question: str, names: Mapping[str, Sequence[Fact]], methods: Methods
) -> list[Sentence]:
    """The finding that speaks for the question; of an unknown question its first."""
    name, pick = LEADING.get(question, (next(iter(names)), max))
    numbers = [(n, f) for f in names.get(name, ()) if (n := _number(f)) is not None]
    if not numbers:
        return []
    value = pick([n for n, _ in numbers])
    fact = next(f for n, f in numbers if n == value)
    title = methods.get(fact.finding.method, {}).get("title", (fact.finding.name,) * 2)
    key = "finding.answer_with" if fact.params.get("scenario") else "finding.answer"
    words = say(
        key,
        title=Text(*title),
        label=fact.label() if fact.key else Words.of(texts()["finding.everything"]),
        scenario=_scenario(fact),
        value=fact.figure(),
        range=_range(fact),
    )
    return [Sentence(words, (fact,))]


def _scenario(fact: Fact) -> Words:
    return wrap("code", str(fact.params.get("scenario", "")))


def _range(fact: Fact) -> Words:
    """The range over what is not on record, in brackets; nothing where there is none."""
    edges = span_of(fact)
    if edges is None:
        return NOTHING
    return fill(texts()["finding.range"], low=edges[0], high=edges[1])


def _number(fact: Fact) -> Decimal | None:
    value = fact.finding.value
    return None if value is None or isinstance(value, str) else Decimal(value)
