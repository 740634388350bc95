"""The report as data: every chapter made once from the case and the inputs, for page and PDF.

Invariant: whatever a chapter shows stands here; the templates add markup and words only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..case import Case
from ..clock import Window
from ..problems import ABSENT
from . import annex_schemes, annexes, gaps, hypotheses, trials
from .annex_schemes import Losses
from .chapters import LIQUIDATIONS, LIQUIDITY, MARK, SCREENS, Chapter, contents
from .coins import MOST, Section, of_measures, others, sections
from .conclusions import Conclusion, conclusions
from .facts import Fact, Facts
from .hypotheses import Factor
from .inputs import Inputs
from .inventory import Inventory, inventory
from .lows import Lows, by_coin, counts, lows, main_coins
from .lows import table as lows_table
from .outlines import Charts, charts
from .questions import Open, open_questions
from .recommendations import Recommendation, recommendations
from .replays import Asked, replays
from .sequence import sequence
from .statements import Told, told
from .tables import Table
from .text import Words

SUMMARY = {"low": 3, "sweep": 3, "outliers": 1, "dislocation": 1, "decoupling": 1, "mark": 1,
           "replay.window": 1, "replay.own_weight": 1}  # fmt: skip
"""How many sentences of each rule the summary takes from the findings."""


@dataclass(frozen=True)
class Report:
    """Everything that the report shows."""

    case: Case
    inputs: Inputs
    windows: Sequence[Window]
    facts: Facts
    contents: Sequence[Chapter]
    stock: Inventory
    sequence: Table
    missing: Table
    conflicts: Table
    screens: Sequence[Table]
    told: Told
    lows: Lows
    charts: Charts
    uncharted: Sequence[str]
    step: int
    sections: Sequence[Section]
    others: Sequence[Table]
    liquidity: Sequence[Table]
    marks: Table
    index: Sequence[Table]
    liquidations: Sequence[Table]
    absent: Mapping[str, Sequence[Words]]
    replays: Sequence[Asked]
    rivals: Sequence[hypotheses.Rival]
    rivals_table: Table
    tried: Sequence[trials.Tried]
    tried_table: Table
    conclusions: Sequence[Conclusion]
    factors: Sequence[Factor]
    recommendations: Sequence[Recommendation]
    questions: Sequence[Open]
    losses: Losses
    methods: Table
    errors: Table
    custody: Table

    @property
    def summary(self) -> list[Conclusion]:
        """The findings that the summary repeats."""
        room = dict(SUMMARY)
        found = []
        for one in self.conclusions:
            if room.get(one.sentence.key, 0):
                room[one.sentence.key] -= 1
                found.append(one)
        return found

    @property
    def cited(self) -> list[Fact]:
        """The findings that sentences cite, once each, in their order."""
        said = [c.sentence for c in self.conclusions] + [f.sentence for f in self.factors]
        cites = [fact for one in said for fact in one.cites]
        cites += [fact for one in self.recommendations for fact in one.cites]
        return list({fact.id: fact for fact in cites}.values())

    @property
    def digest(self) -> str:
        """SHA-256 over the sorted ids of all findings, one a line: the same record gives it on
        every machine."""
        ids = sorted(fact.id for fact in self.facts.all)
        return hashlib.sha256("".join(f"{one}\n" for one in ids).encode()).hexdigest()

    def shown(self) -> Iterator[Fact]:
        """The findings that the page links to, in the order in which they are embedded: those
        of sentences, of evidence, then of tables."""
        yield from self.cited
        evidence = trials.evidence_findings(self.inputs.trials)
        evidence += [f for q in self.inputs.questions for f in q.findings]
        evidence += [f for h in self.inputs.hypotheses for f in h.findings]
        yield from self.facts.by_id(f.id for f in (*evidence, *self.told.findings))
        for table in self._tables():
            yield from table.cited
        yield from self.losses.cited

    def _tables(self) -> Iterator[Table]:
        yield self.sequence
        yield from self.screens
        for one in self.replays:
            yield from (answer.table for answer in one.answers)
        yield from (self.marks, *self.index, *self.liquidations, *self.liquidity, self.lows.main)
        for section in self.sections:
            yield section.lows
            yield from section.tables
        yield from self.others
        yield self.lows.rest


def report(case: Case, inputs: Inputs) -> Report:
    """Every chapter of the case's report."""
    windows = list(case.windows.values())
    facts = Facts(inputs.findings, windows)
    outlines = inputs.outlines.get("coins", {})
    order = _order(facts, outlines)
    drawn = charts(outlines, order[:MOST])
    coins = sorted(order[:MOST])
    return Report(
        case=case,
        inputs=inputs,
        windows=windows,
        facts=facts,
        contents=contents(),
        stock=inventory(inputs.sources, inputs.problems),
        sequence=sequence(facts, inputs.statements),
        missing=gaps.missing(inputs.trials, inputs.hypotheses),
        conflicts=gaps.conflicts(inputs.trials, inputs.hypotheses),
        screens=of_measures(facts, SCREENS),
        told=told(inputs.statements),
        lows=lows(facts),
        charts=drawn,
        uncharted=sorted({*outlines} - {*drawn.coins}),
        step=int(inputs.outlines.get("step", 1)),
        sections=sections(facts, coins),
        others=others(_causes(facts, windows), coins),
        liquidity=of_measures(facts, LIQUIDITY),
        marks=_marks(facts),
        index=of_measures(facts, MARK),
        liquidations=of_measures(facts, LIQUIDATIONS),
        absent={key: _absent(inputs, names) for key, names in _ABSENT.items()},
        replays=replays(facts, inputs.methods),
        rivals=hypotheses.rivals(inputs.hypotheses),
        rivals_table=hypotheses.overview(inputs.hypotheses),
        tried=trials.tried(inputs.trials),
        tried_table=trials.overview(inputs.trials),
        conclusions=conclusions(facts, inputs.methods),
        factors=hypotheses.factors(inputs.hypotheses, facts),
        recommendations=recommendations(facts, inputs.problems),
        questions=open_questions(inputs.questions, inputs.holders),
        losses=annex_schemes.losses(facts, inputs.methods),
        methods=annexes.methods(inputs.methods),
        errors=annexes.errors(facts),
        custody=annexes.custody(inputs.custody),
    )


def _causes(facts: Facts, windows: Sequence[Window]) -> Facts:
    """The findings without those on compensation, which stand in their annex alone."""
    if not facts.of(annex_schemes.MEASURE):
        return facts
    rest = (f.finding for f in facts.all if f.measure != annex_schemes.MEASURE)
    return Facts(rest, windows)


_ABSENT = {"mark": MARK, "liquidations": LIQUIDATIONS, "price": LIQUIDITY}


def _absent(inputs: Inputs, measures: Iterable[str]) -> list[Words]:
    """What these measures say is not in the record; their problems begin with their name."""
    heads = tuple(f"{name}:" for name in measures)
    texts = [p.text for p in inputs.problems if p.effect == ABSENT and p.text.en.startswith(heads)]
    return [Words.of(text) for text in dict.fromkeys(texts)]


def _order(facts: Facts, outlines: Mapping[str, Any]) -> list[str]:
    """Coins for sections: those with trades by the second first, then the other fine ones."""
    fine = {f.coin for f in facts.named("low") if f.seconds in (0, 1)}
    return sorted({*outlines, *main_coins(facts)}, key=lambda coin: (coin not in fine, coin))


def _marks(facts: Facts) -> Table:
    """The lows of prices that are no trades: mark, index, premium."""
    kinds = ("", "trade")
    found = [f for f in facts.named("low") if f.finding.subject.get("price", "trade") not in kinds]
    made = lows_table(by_coin(found), counts(facts))
    made.page = 20
    return made
