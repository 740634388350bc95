"""The stage from findings to verdicts: the claims of a case tried, and the verdicts kept as
findings beside the others.

Invariant: a verdict is a finding like any other. It names the lines of the claim, the tests and
the ids of the findings that each rests on, so that its own id changes when any of them does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..case import Case
from ..errors import Text, UsageError
from ..findings import Finding, Input, Method
from ..kept import Measured, kept_or_made
from ..run import fingerprint
from ..vault.intake import digest
from .claim import Claim
from .reading import NAME, read_claims
from .stored import files_of, stored
from .trial import Trial, trials

FINDING = "claim.verdict"
KEPT = "claims"
METHOD = Method(
    FINDING,
    Text("Verdict on a claim", "对主张的判定"),
    Text(
        "Each test of the claim names findings and what is expected of them, with its tolerance; "
        "it speaks for the claim, against it, or is open. The tests that decide are put together "
        "by layer: fact, number, conclusion; a layer is for when all its tests are, against when "
        "one is and none is for, mixed when some are for and some against; tests of different "
        "readings must agree, else their layer is mixed or open. Contradicted: the conclusion is "
        "against, or the fact is and the conclusion not for, or the number is and neither fact "
        "nor conclusion is for or open. Mixed: a layer is mixed, or some are for and some "
        "against. Supported: all are for. Not testable: no test that decides found a finding. "
        "Undetermined: otherwise. Who speaks plays no part.",
        "主张的每项检验指明结论、预期及容差，其结果为支持、反对或未决。起决定作用的检验按事实、数字、"
        "推论三层归并：全部支持则该层支持；有反对而无支持则该层反对；兼有则不一；不同读法须一致，否则"
        "该层不一或未决。推论被反对，或事实被反对而推论未获支持，或数字被反对且事实与推论均无支持亦非"
        "未决，判为“证据相反”；某层不一，或有的层支持有的层反对，判为“证据不一”；全部支持判为“证据支"
        "持”；起决定作用的检验均无结论可依判为“暂不可检验”；其余为“未能判定”。与发言者身份无关。",
    ),
)


@dataclass
class Judged:
    """The trials in the order of the file, and the verdicts as findings."""

    trials: list[Trial] = field(default_factory=list)
    measured: Measured = field(default_factory=Measured)


def judge(case: Case, out: Path, names: Iterable[str] = ()) -> Judged:
    """Every claim of the case, or those named, on the findings below `out`. All of them are
    kept in `out`/findings/claims.jsonl. Raises CaseError for a file with errors and UsageError
    for a name that there is not."""
    path = case.root / NAME
    if not path.is_file():
        return Judged()
    claims = chosen(read_claims(path, case.windows), names)
    files = files_of(out)
    found = stored(files, {name for one in claims for name in selected(one)})
    tried, problems = trials(claims, found, NAME)
    if names:
        return Judged(tried, Measured(problems=problems, methods={METHOD.id: METHOD.json()}))
    source = digest(path)
    key = fingerprint.of(
        fingerprint.code("claims", "findings.py", "clock.py"), source,
        [(f.name, digest(f)) for f in files],
    )  # fmt: skip
    kept, problems, fresh = kept_or_made(
        out / "findings", KEPT, key, lambda: ([finding(one, source) for one in tried], problems)
    )
    return Judged(tried, Measured({KEPT: kept}, problems, {METHOD.id: METHOD.json()}, fresh))


def chosen(claims: list[Claim], names: Iterable[str]) -> list[Claim]:
    """The claims of these ids, all when none is named."""
    wanted = list(names)
    known = {one.id: one for one in claims}
    for name in wanted:
        if name not in known:
            raise UsageError(
                Text(f"there is no claim '{name}'", f"没有名为“{name}”的主张"),
                remedy=Text("List them: liquest claim list CASE", "列出：liquest claim list 案件"),
            )
    return [known[name] for name in dict.fromkeys(wanted)] if wanted else claims


def selected(claim: Claim) -> Iterable[str]:
    """The names of findings that the tests of a claim name."""
    for test in claim.tests:
        for side in (test.quantity.find, test.quantity.against):
            if side is not None:
                yield side.selection.name


def finding(trial: Trial, source: str) -> Finding:
    """A verdict as a finding; `source` is the digest of the file of claims."""
    claim = trial.claim
    params: dict[str, Any] = {
        "party": claim.party,
        "kind": claim.kind,
        "evidence": [
            {"test": e.test, "outcome": e.outcome, "findings": [f.id for f in e.findings]}
            for e in trial.evidence
        ],
        "flags": [{"en": f.en, "zh": f.zh} for f in trial.flags],
        "missing": [{"en": m.what.en, "zh": m.what.zh, "fetch": m.fetch} for m in trial.missing],
    }
    caveats = dict.fromkeys(c for f in trial.findings for c in f.caveats)
    return Finding(
        FINDING, {"claim": claim.id}, trial.verdict, "text", METHOD.id, at=claim.about,
        params=params, inputs=(Input(source, *claim.lines),), count=len(trial.findings),
        caveats=tuple(caveats),
    )  # fmt: skip
