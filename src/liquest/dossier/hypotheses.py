"""Rival hypotheses as the report shows them, and the contributing factors that follow from them.

A factor is a hypothesis for which a finding speaks; how many tests speak for and against it is
said with it. Invariant: no rank, no verdict, and no factor without a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..claims.claim import OUTCOMES
from ..claims.hypotheses import Weighed
from ..claims.trial import Evidence
from .confidence import together
from .facts import Fact, Facts
from .figures import grouped
from .summary import Sentence
from .tables import Cell, Row, Table
from .text import Words, glue, named, say, wrap
from .trials import links


@dataclass(frozen=True)
class Side:
    """The evidence of one outcome: its word, each sentence with links to its findings."""

    outcome: str
    word: Words
    lines: tuple[tuple[Words, Markup | Words], ...]


@dataclass(frozen=True)
class Rival:
    """A hypothesis with its evidence, side by side."""

    weighed: Weighed
    sides: tuple[Side, ...]

    @property
    def id(self) -> str:
        """Its anchor is hypothesis-ID."""
        return self.weighed.hypothesis.id


@dataclass(frozen=True)
class Factor:
    """A contributing factor: C1, C2 … with the tests on both sides."""

    number: str
    sentence: Sentence
    confidence: str


def rivals(hypotheses: Iterable[Weighed]) -> list[Rival]:
    """Every hypothesis, in the order given."""
    return [
        Rival(one, tuple(_side(o, one.said(o)) for o in OUTCOMES if one.said(o)))
        for one in hypotheses
    ]


def overview(hypotheses: Sequence[Weighed]) -> Table:
    """One row a hypothesis: what it predicts, how many tests say what, what would decide it."""
    heads = [
        Cell(say("hypothesis.title")), Cell(say("hypothesis.predicts")),
        *(Cell(named("outcome", o), style="n") for o in OUTCOMES),
        Cell(say("hypothesis.decides")),
    ]  # fmt: skip
    table = Table(tuple(heads), [])
    for one in hypotheses:
        it = one.hypothesis
        cells = [
            Cell(wrap("a", it.name, href=f"#hypothesis-{it.id}")), Cell(it.prediction, style="w"),
            *(Cell(grouped(len(one.said(o))), style="n") for o in OUTCOMES),
            Cell(glue([wrap("div", d.what) for d in it.decides]), style="w"),
        ]  # fmt: skip
        table.rows.append(Row(tuple(cells)))
    return table


def factors(hypotheses: Iterable[Weighed], facts: Facts) -> list[Factor]:
    """A factor for each hypothesis for which a finding speaks; cites both sides."""
    made: list[Factor] = []
    for one in hypotheses:
        speaks = [_facts(one.said(o), facts) for o in ("for", "against")]
        if not speaks[0]:
            continue
        counts = {o: grouped(len(one.said(o))) for o in ("for", "against")}
        title = wrap("a", one.hypothesis.name, href=f"#hypothesis-{one.hypothesis.id}")
        words = say("finding.factor", title=title, **counts)
        cites = tuple({f.id: f for side in speaks for f in side}.values())
        made.append(Factor(f"C{len(made) + 1}", Sentence(words, cites, key="factor"),
                           together(speaks[0])))  # fmt: skip
    return made


def _facts(evidence: Iterable[Evidence], facts: Facts) -> list[Fact]:
    """The findings behind the evidence that the report holds."""
    return facts.by_id(f.id for one in evidence for f in one.findings)


def _side(outcome: str, evidence: Sequence[Evidence]) -> Side:
    lines = tuple((Words.of(one.words), links(one.findings)) for one in evidence)
    return Side(outcome, named("outcome", outcome), lines)
