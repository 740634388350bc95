"""Claims on trial as the report shows them: what is said, the verdict, the evidence with the
findings that it rests on, what is missing.

Invariant: who speaks plays no part in the order or the form; claims stand in the order of the
case's file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..claims.claim import KIND_WORDS
from ..claims.trial import Evidence, Trial
from ..claims.value_words import moment as clock_words
from ..claims.verdict import OUTCOME_WORDS, VERDICTS, WORDS
from ..findings import Finding
from .figures import grouped
from .tables import Cell, Row, Table
from .text import Words, glue, named, say, wrap

SHOWN = 6
"""Findings that one piece of evidence links to; the others are counted."""


@dataclass(frozen=True)
class Weighed:
    """One test: its outcome (a word and its class), what was found, links to the findings."""

    outcome: str
    word: Words
    words: Words
    links: Markup | Words


@dataclass(frozen=True)
class Tried:
    """One claim as the page shows it. `about` are speaker, kind, source and time in words."""

    trial: Trial
    verdict: Words
    about: Words
    evidence: tuple[Weighed, ...]

    @property
    def id(self) -> str:
        """The claim's id; its anchor is claim-ID."""
        return self.trial.claim.id


def tried(trials: Iterable[Trial]) -> list[Tried]:
    """Every trial, in the order given."""
    return [
        Tried(one, verdict_tag(one.verdict), _about(one), tuple(_weighed(one))) for one in trials
    ]


def overview(trials: Sequence[Trial]) -> Table:
    """One row a claim: what is said, who says it, the verdict, how many tests say what."""
    outcomes = ("for", "against", "open")
    heads = [
        Cell(say("claim.text")), Cell(say("claim.verdict")),
        *(Cell(named("outcome", o), style="n") for o in outcomes), Cell(say("claim.speaker")),
    ]  # fmt: skip
    table = Table(tuple(heads), [], page=20, filtered=True)
    for one in trials:
        counts = [sum(e.outcome == o for e in one.evidence) for o in outcomes]
        link = wrap("a", one.claim.text, href=f"#claim-{one.claim.id}")
        cells = [
            Cell(link, style="w"), Cell(verdict_tag(one.verdict)),
            *(Cell(str(n), style="n") for n in counts), Cell(one.claim.speaker),
        ]  # fmt: skip
        table.rows.append(Row(tuple(cells)))
    return table


def tally(trials: Sequence[Trial]) -> Words:
    """How many claims there are, and how many of each verdict."""
    counts = {v: sum(t.verdict == v for t in trials) for v in VERDICTS}
    parts = [
        say("summary.tally_one", n=grouped(n), verdict=verdict_word(v))
        for v, n in counts.items()
        if n
    ]
    claims = glue([grouped(len(trials)), named("unit", "claims")], " ", "")
    return say(
        "summary.tally",
        n=wrap("a", claims, href="#claims"),
        counts=glue(parts, ", ", "、"),
    )


def evidence_findings(trials: Iterable[Trial]) -> list[Finding]:
    """The findings that the evidence links to, once each, in the order of the page."""
    shown = (f for t in trials for e in t.evidence for f in e.findings[:SHOWN])
    return list({f.id: f for f in shown}.values())


def links(findings: Sequence[Finding]) -> Markup | Words:
    """Links to the first of them by their ids, and how many more there are."""
    shown = [wrap("a", wrap("code", f.id[:8]), href=f"#f-{f.id[:12]}") for f in findings[:SHOWN]]
    if len(findings) > SHOWN:
        shown.append(say("claim.more", n=grouped(len(findings) - SHOWN)))
    return glue(shown, " ")


def verdict_word(verdict: str) -> Words:
    """The verdict in both languages."""
    return Words.of(WORDS[verdict])


def verdict_tag(verdict: str) -> Words:
    """The same as a tag; its class lets the page set it apart without a judgement."""
    return wrap("span", verdict_word(verdict), class_=f"tag v-{verdict.replace(' ', '-')}")


def _about(one: Trial) -> Words:
    claim = one.claim
    parts = [Words.of(claim.speaker), Words.of(KIND_WORDS[claim.kind])]
    if claim.source is not None:
        parts.append(Words.of(claim.source))
    if claim.said is not None:
        parts.append(Words.of(clock_words(claim.said)))
    return glue(parts, " · ")


def _weighed(one: Trial) -> Iterable[Weighed]:
    for evidence, test in zip(one.evidence, one.claim.tests, strict=True):
        word = Words.of(OUTCOME_WORDS[evidence.outcome])
        if test.weight == "bears":
            word = glue([word, say("claim.bears")], ", ", "，")
        words = Words.of(evidence.words)
        if test.reading is not None:
            words = glue([wrap("b", test.reading), words], ": ", "：")
        yield Weighed(evidence.outcome, word, words, _links(evidence))


def _links(evidence: Evidence) -> Markup | Words:
    return links(evidence.findings)
