"""The stage from the lake to findings: each measure once, and only when something changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

from ..case import Case
from ..clock import Window
from ..errors import Text
from ..kept import Kept, Measured, kept_or_made
from ..logs.store import EMPTY, Logs
from ..run import fingerprint
from ..run.executor import Executor
from ..run.progress import Progress, shown
from ..tape.lake import Lake
from . import Context, measure, measures, params_of, run

CODE = ("measures", "logs", "tape", "findings.py", "instruments.py", "clock.py", "kept.py")


def build(
    case: Case,
    lake: Lake,
    out: Path,
    executor: Executor,
    progress: Progress,
    names: Iterable[str] = (),
    windows: Mapping[str, Window] | None = None,
    logs: Logs = EMPTY,
) -> Measured:
    """The findings of the measures `names` (all when none is named) below `out`/findings.

    `windows` stands in for those of the case; what is measured so is not kept. `logs` are
    what the clients' own logs say.
    """
    for name in case.measures:
        measure(name)
    chosen = [m for n, m in measures().items() if not set(names) or n in set(names)]
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
    with shown(progress, Text("Measuring", "度量"), len(chosen)):
        for one in chosen:
            progress.step(one.NAME)
            given = case.measures.get(one.NAME, {})
            params = params_of(one, given)
            if windows is not None:
                params = {**params, "windows": []} if "windows" in params else params
                found, problems = run(one, Context(lake, windows, params, logs), executor)
                kept, fresh = Kept(len(found), "", folder, found), True
            else:
                context = Context(lake, case.windows, params, logs)
                kept, problems, fresh = kept_or_made(
                    folder, one.NAME, fingerprint.of(made_with, params),
                    partial(run, one, context, executor),
                )  # fmt: skip
            result.kept[one.NAME] = kept
            result.problems += problems
            result.fresh |= fresh
            result.methods |= {m.id: m.json() for m in one.METHODS}
    return result
