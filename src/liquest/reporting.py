"""From findings to the report: statements compared, claims tried, hypotheses weighed, and the
dossier written, unless it stands there for exactly this content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import __version__
from .case import Case
from .claims import hypotheses, questions, statement_diff, statements_stage
from .claims import stage as claims_stage
from .claims.reading_questions import NAME as QUESTIONS
from .claims.reading_questions import read_questions
from .claims.reading_statements import NAME as STATEMENTS
from .claims.reading_statements import read_statements
from .claims.statements import Record
from .dossier.inputs import Inputs, Sealed
from .dossier.replies import read_replies
from .dossier.write import FILES, write_dossier
from .errors import LiquestError, Text
from .kept import Measured, kept_count
from .problems import Problem
from .run import fingerprint
from .run.executor import Executor
from .run.progress import Progress, counted, shown
from .tape.lake import Lake
from .tape.outline import outline, outlines_json, plan_outlines, span_of
from .vault.custody import custody
from .vault.intake import digest
from .vault.results import is_result
from .vault.store import Vault

TOLD = ("claims.toml", "statements.toml", "questions.toml", "hypotheses.toml", "replies.toml")
"""Files of a case that only the report reads."""
CODE = ("dossier", "claims", "pdf", "tape/outline.py", "caveats.py", "reporting.py")
_WRITTEN = {".html", ".css", ".js", ".toml", ".typ"}


METHODS: Mapping[str, Any] = {
    m.id: m.json() for m in (claims_stage.METHOD, *statement_diff.METHODS.values())
}
"""How verdicts and changes of statements come about."""


@dataclass(frozen=True)
class Reported:
    """The page, what the claims and statements added, and whether anything was made now."""

    dossier: Path
    counts: int
    problems: list[Problem]
    fresh: bool


def report(
    case: Case, out: Path, lake: Lake, measured: Measured, problems: Sequence[Problem],
    inventory: Sequence[Mapping[str, Any]], executor: Executor, progress: Progress,
) -> Reported:  # fmt: skip
    """The dossier below `out`; raises CaseError for a file of the case with errors."""
    folder = out / "dossier"
    key = fingerprint.of(
        fingerprint.code(*CODE), __version__, static(), list(case.title),
        [w.json() for w in case.windows.values()],
        {n: k.digest for n, k in measured.kept.items()}, sorted(measured.methods),
        [p.json() for p in problems], list(inventory),
        {n: digest(case.root / n) for n in TOLD if (case.root / n).is_file()},
    )  # fmt: skip
    mark = folder / ".key"
    findings = out / "findings"
    done = all((folder / name).exists() for name in FILES)
    if done and mark.exists() and mark.read_text(encoding="utf-8") == key:
        counts = [kept_count(findings, name) for name in ("statements", "claims")]
        return Reported(folder / FILES[0], sum(counts), [], False)
    mark.unlink(missing_ok=True)
    with shown(progress, Text("Trying the claims", "检验主张"), 0):
        told = statements_stage.compare(case, out)
        judged = claims_stage.judge(case, out)
    whole = measured.with_(told).with_(judged.measured)
    inputs = _inputs(case, lake, whole, judged, problems, inventory, executor, progress)
    with shown(progress, Text("Writing the dossier", "生成卷宗"), 0):
        paths = write_dossier(case, inputs, folder)
    mark.write_text(key, encoding="utf-8")
    return Reported(
        paths[0], told.count + judged.measured.count,
        [*told.problems, *judged.measured.problems], True,
    )  # fmt: skip


def _inputs(
    case: Case, lake: Lake, measured: Measured, judged: claims_stage.Judged,
    problems: Sequence[Problem], inventory: Sequence[Mapping[str, Any]], executor: Executor,
    progress: Progress,
) -> Inputs:  # fmt: skip
    windows = list(case.windows.values())
    tasks = plan_outlines(lake, span_of(windows))
    with shown(progress, Text("Drawing", "绘图"), len(tasks)):
        made = list(counted(progress, executor.map(outline, tasks)))
    statements = case.root / STATEMENTS
    inquiry = read_questions(case.root / QUESTIONS, case.windows)
    sealed, steps = _vault(case.root)
    return Inputs(
        sources=inventory, problems=problems, findings=measured.findings,
        methods=measured.methods, made_at=None, version=__version__,
        outlines=outlines_json(windows, tasks[0].step if tasks else 1, made),
        trials=judged.trials,
        statements=read_statements(statements) if statements.is_file() else Record(),
        questions=questions.asked(inquiry, measured.findings), holders=inquiry.holders,
        hypotheses=hypotheses.hypotheses(case, measured.findings),
        sealed=sealed, custody=steps, replies=read_replies(case.root),
    )  # fmt: skip


def _vault(root: Path) -> tuple[Sealed | None, list[dict[str, Any]]]:
    """The log up to the last line that is no result of a run, and the custody of those items;
    nothing where the vault cannot be read, which was said when the sources were sealed."""
    try:
        vault = Vault.open(root, write=False)
        steps = [s for s in custody(vault) if not is_result(s.item)]
        if not steps:
            return None, []
        size = max(step.line for step in steps)
        sealed = Sealed(
            vault.verifier.name, size, vault.log.root(size).hex(), vault.verifier.vkey()
        )
    except LiquestError:
        return None, []
    return sealed, [step.json() for step in steps]


def static() -> str:
    """A digest of templates, styles, scripts and texts of the report."""
    return fingerprint.of(
        [
            (p.relative_to(fingerprint.PACKAGE).as_posix(), p.read_text(encoding="utf-8"))
            for part in ("dossier", "claims", "pdf")
            for p in sorted((fingerprint.PACKAGE / part).rglob("*"))
            if p.is_file() and p.suffix in _WRITTEN
        ]
    )
