"""The stage from the lake to results: each screen once, and only when something changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from ..case import Case
from ..errors import Text
from ..kept import Measured, kept_or_made
from ..logs.store import EMPTY, Logs
from ..measures import Context, run
from ..params import with_defaults
from ..run import fingerprint
from ..run.executor import Executor
from ..run.progress import Progress, shown
from ..tape.lake import Lake
from . import screen, screens

CODE = (
    "screens", "measures", "logs", "tape", "findings.py", "instruments.py", "clock.py", "kept.py",
)  # fmt: skip


def build(
    case: Case,
    lake: Lake,
    out: Path,
    executor: Executor,
    progress: Progress,
    logs: Logs = EMPTY,
    names: Iterable[str] = (),
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> Measured:
    """The findings of the screens `names` (all when none is named) below `out`/findings, as
    screen.NAME.jsonl. `given` are parameters by screen, those of [screens.NAME] if left out."""
    given = case.screens if given is None else given
    for name in given:
        screen(name)
    chosen = [s for n, s in screens().items() if not set(names) or n in set(names)]
    made_with = fingerprint.of(
        fingerprint.code(*CODE),
        [asdict(m) for m in case.maps],
        lake.state(),
        [w.json() for w in case.windows.values()],
        logs.state(),
    )
    folder = out / "findings"
    folder.mkdir(parents=True, exist_ok=True)
    result = Measured()
    with shown(progress, Text("Screening", "筛查"), len(chosen)):
        for one in chosen:
            progress.step(one.NAME)
            params = with_defaults(f"screens.{one.NAME}", one.DEFAULTS, given.get(one.NAME, {}))
            context = Context(lake, case.windows, params, logs)
            name = f"screen.{one.NAME}"
            kept, problems, fresh = kept_or_made(
                folder, name, fingerprint.of(made_with, params),
                partial(run, one, context, executor),
            )  # fmt: skip
            result.kept[name] = kept
            result.problems += problems
            result.fresh |= fresh
            result.methods |= {m.id: m.json() for m in one.METHODS}
    return result
