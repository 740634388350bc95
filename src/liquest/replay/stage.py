"""The stage from the tape to the answers of the replay: each question once, and again only
when the tape, the rulebook, its parameters or the code have changed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..case import Case
from ..errors import Text
from ..findings import Finding
from ..kept import Measured, kept_or_made
from ..params import with_defaults
from ..problems import Problem
from ..rules.book import book
from ..run import fingerprint
from ..run.executor import Executor
from ..run.progress import Progress, shown
from ..tape.lake import Lake
from ..vault.intake import digest
from .context import Context
from .questions import Question, question, questions

CODE = (
    "replay", "rules", "tape", "findings.py", "instruments.py", "clock.py", "kept.py", "params.py",
)  # fmt: skip
MOST = 5
"""Populations that are kept beside the one in use."""
_KEY = re.compile(r"[0-9a-f]{16}")
RULEBOOK = fingerprint.PACKAGE / "rules" / "rulebook"


def answer(
    case: Case, lake: Lake, out: Path, executor: Executor, progress: Progress,
    names: Iterable[str] = (),
) -> Measured:  # fmt: skip
    """The answers to the questions `names` (all when none is named) below `out`/findings, in
    files named replay.QUESTION."""
    for name in case.replay:
        question(name)
    if not lake.parts:
        return Measured()  # Nothing was recorded, so nothing can be replayed.
    chosen = [q for n, q in questions().items() if not set(names) or n in set(names)]
    made_with = _made_with(case, lake)
    folder = out / "findings"
    folder.mkdir(parents=True, exist_ok=True)
    context = Context.of(case, lake, book(), executor)
    result = Measured()
    with shown(progress, Text("Replaying", "重放"), len(chosen)):
        for one in chosen:
            progress.step(one.NAME)
            params = with_defaults(
                f"replay.{one.NAME}", one.DEFAULTS, case.replay.get(one.NAME, {})
            )
            kept, problems, fresh = kept_or_made(
                folder, f"replay.{one.NAME}", fingerprint.of(made_with, params),
                partial(_ask, one, context.asked(params)),
            )  # fmt: skip
            result.kept[f"replay.{one.NAME}"] = kept
            result.problems += [p for p in problems if p not in result.problems]
            result.fresh |= fresh
            result.methods |= {m.id: m.json() for m in one.METHODS}
    return result


def _made_with(case: Case, lake: Lake) -> str:
    """What every answer rests on: code, rulebook, tape, windows."""
    return fingerprint.of(
        fingerprint.code(*CODE), rulebook_digest(),
        lake.state(),
        [w.json() for w in case.windows.values()],
    )  # fmt: skip


def replay_key(context: Context, population: Mapping[str, Any]) -> str:
    """The name of the folder in which the scenarios of one population are kept."""
    made_with = _made_with(context.case, context.lake)
    return fingerprint.of(
        made_with, context.at, context.span.json(), context.venue, dict(population)
    )[:16]


def prune(folder: Path, keep: str) -> None:
    """Of the kept populations below `folder` leave `keep` and the `MOST` used last: each is
    made again when it is asked for."""
    kept = [p for p in folder.iterdir() if p.is_dir() and _KEY.fullmatch(p.name)]
    rest = sorted((p for p in kept if p.name != keep), key=lambda p: (-p.stat().st_mtime, p.name))
    for one in rest[MOST:]:
        shutil.rmtree(one, ignore_errors=True)


def rulebook_digest() -> str:
    """A digest of the dated parameters, whatever they are written in."""
    return fingerprint.of([(p.name, digest(p)) for p in sorted(RULEBOOK.iterdir()) if p.is_file()])


def _ask(one: Question, context: Context) -> tuple[list[Finding], list[Problem]]:
    found, problems = one.ask(context)
    return found, [*context.kept.get("problems", []), *problems]
