"""What the record lacks, and where it speaks both ways.

Invariant: a gap names the data and, where an archive holds them, the command that fetches them;
a conflict names the claim or the hypothesis with the tests on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..claims.claim import Missing
from ..claims.hypotheses import Weighed
from ..claims.trial import Evidence, Trial
from .tables import Cell, Row, Table
from .text import Part, Words, glue, named, say, wrap


def missing(trials: Iterable[Trial], hypotheses: Iterable[Weighed]) -> Table:
    """The data that tests ask for, each once, with the claims and hypotheses that need them."""
    needed: dict[Missing, list[Words]] = {}
    for trial in trials:
        link = wrap("a", trial.claim.id, href=f"#claim-{trial.claim.id}")
        for one in trial.missing:
            needed.setdefault(one, []).append(link)
    for rival in hypotheses:
        name = rival.hypothesis
        link = wrap("a", name.name, href=f"#hypothesis-{name.id}")
        for one in rival.missing:
            needed.setdefault(one, []).append(link)
    heads = ("data", "fetch", "asked_by")
    table = Table(tuple(Cell(say(f"factual.{h}")) for h in heads), [], page=20)
    for one, links in needed.items():
        command = wrap("code", one.fetch) if one.fetch else say("factual.no_archive")
        table.rows.append(
            Row((Cell(one.what, style="w"), Cell(command, style="s"),
                 Cell(glue(links, ", ", "、"), style="w")))
        )  # fmt: skip
    return table


def conflicts(trials: Iterable[Trial], hypotheses: Iterable[Weighed]) -> Table:
    """Claims and hypotheses with evidence on both sides."""
    heads = [Cell(say("claim.claim")), *(Cell(named("outcome", o)) for o in ("for", "against"))]
    table = Table(tuple(heads), [], page=20)
    for trial in trials:
        claim = trial.claim
        link = wrap("a", claim.text, href=f"#claim-{claim.id}")
        _add(table, link, trial.evidence)
    for rival in hypotheses:
        name = rival.hypothesis
        _add(table, wrap("a", name.name, href=f"#hypothesis-{name.id}"), rival.evidence)
    return table


def _add(table: Table, link: Part, evidence: Iterable[Evidence]) -> None:
    """A row where there is evidence on both sides."""
    sides = [[e for e in evidence if e.outcome == o] for o in ("for", "against")]
    if all(sides):
        cells = [Cell(glue([wrap("div", e.words) for e in side]), style="w") for side in sides]
        table.rows.append(Row((Cell(link, style="w"), *cells)))
