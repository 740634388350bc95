"""The conductor: sources → tape → measures → dossier, only what changed since the last run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import __version__
from .case import Case
from .clock import Window, format_time
from .dossier.page import Inputs, build_page
from .errors import Text
from .measures import stage as measure_stage
from .measures.stage import Measured
from .problems import Problem, write_problems
from .run import fingerprint
from .run.disk import whole, writing
from .run.executor import Executor
from .run.progress import Progress, counted, shown
from .tape import stage as tape_stage
from .tape.outline import outline, outlines_json, plan_outlines, span_of
from .tape.stage import Tape
from .vault.results import seal_results
from .vault.seal import seal_sources


@dataclass
class Outcome:
    """What a run leaves: the dossier's path, the tape, the findings, every problem."""

    dossier: Path
    tape: Tape
    measured: Measured
    problems: list[Problem]
    fresh: bool

    @property
    def complete(self) -> bool:
        """Whether every source that was taken for data was read to its end."""
        return not self.tape.unread


def investigate(case: Case, out: Path, executor: Executor, progress: Progress) -> Outcome:
    """All stages into `out`; raises OutputError when it cannot be written."""
    with writing(out):
        tape = tape_stage.build(case, out, executor, progress)
        sealing = seal_sources(case.root, [t.source for t in tape.loaded], made_of(tape), progress)
        measured = measure_stage.build(case, tape.lake, out, executor, progress)
        problems = [*tape.problems, *sealing, *measured.problems]
        write_problems(out / "problems.jsonl", problems)
        inventory = inventory_of(tape, provenance(case))
        _write_json(out / "inventory.json", inventory)
        dossier, fresh = _dossier(
            case, out, tape, measured, problems, inventory, executor, progress
        )
        seal_results(case.root, out)
    return Outcome(dossier, tape, measured, problems, fresh)


def measure(
    case: Case, out: Path, executor: Executor, progress: Progress, names: list[str],
    windows: Mapping[str, Window] | None = None,
) -> Measured:  # fmt: skip
    """The tape brought up to date and the named measures on it."""
    with writing(out):
        tape = tape_stage.build(case, out, executor, progress)
        return measure_stage.build(case, tape.lake, out, executor, progress, names, windows)


def provenance(case: Case) -> dict[str, Any]:
    """What each derived file of the case was made from: {name: {"files": […], "note": […]}}."""
    path = case.root / "provenance.json"
    if not path.exists():
        return {}
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def made_of(tape: Tape) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """(source, transform, catalog) of every source that became part of the tape."""
    for one in tape.loaded:
        if one.parts:
            yield one.source.sha256, f"tape/{one.record}", [p.json() for p in one.parts]


def inventory_of(tape: Tape, origins: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every source with what it was taken for and what came of it, for the dossier."""
    listed = []
    for one in tape.loaded:
        spans: dict[str, dict[str, Any]] = {}
        for part in one.parts:
            seen = spans.setdefault(
                part.instrument.key,
                {**part.instrument.subject, "rows": 0, "from": part.ts_min, "to": part.ts_max},
            )
            seen["rows"] += part.rows
            seen["from"] = min(seen["from"], part.ts_min)
            seen["to"] = max(seen["to"], part.ts_max)
        listed.append(
            {
                "name": one.source.name,
                "sha256": one.source.sha256,
                "size": one.source.size,
                "format": one.format,
                "record": one.record,
                "rows": one.rows,
                "read": one.read,
                "instruments": [
                    {**s, "from": format_time(s["from"]), "to": format_time(s["to"])}
                    for _, s in sorted(spans.items())
                ],
                "problems": sum(p.count for p in one.problems),
                "origin": origins.get(one.source.name),
            }
        )
    return listed


def _dossier(
    case: Case, out: Path, tape: Tape, measured: Measured, problems: list[Problem],
    inventory: list[dict[str, Any]], executor: Executor, progress: Progress,
) -> tuple[Path, bool]:  # fmt: skip
    """Write dossier/index.html unless it stands there for exactly this content."""
    path = out / "dossier" / "index.html"
    key = fingerprint.of(
        fingerprint.code("dossier", "tape/outline.py", "caveats.py"), __version__, static(),
        list(case.title), [w.json() for w in case.windows.values()],
        {n: k.digest for n, k in measured.kept.items()}, sorted(measured.methods),
        [p.json() for p in problems], inventory,
    )  # fmt: skip
    mark = out / "dossier" / ".key"
    if path.exists() and mark.exists() and mark.read_text(encoding="utf-8") == key:
        return path, False
    path.parent.mkdir(exist_ok=True)
    windows = list(case.windows.values())
    tasks = plan_outlines(tape.lake, span_of(windows))
    with shown(progress, Text("Drawing", "绘图"), len(tasks)):
        made = list(counted(progress, executor.map(outline, tasks)))
    outlines = outlines_json(windows, tasks[0].step if tasks else 1, made)
    inputs = Inputs(
        sources=inventory, problems=problems, findings=measured.findings,
        methods=measured.methods, outlines=outlines, made_at=None, version=__version__,
    )  # fmt: skip
    with shown(progress, Text("Writing the dossier", "生成卷宗"), 0):
        page = build_page(case, inputs)
        mark.unlink(missing_ok=True)
        with whole(path) as out_file:
            out_file.write(page)
        mark.write_text(key, encoding="utf-8")
    return path, True


def static() -> str:
    """A digest of templates, styles and scripts of the dossier."""
    folder = fingerprint.PACKAGE / "dossier"
    return fingerprint.of(
        [
            (p.relative_to(folder).as_posix(), p.read_text(encoding="utf-8"))
            for p in sorted(folder.rglob("*"))
            if p.is_file() and p.suffix in {".html", ".css", ".js", ".toml"}
        ]
    )


def _write_json(path: Path, data: Any) -> None:
    with whole(path) as out:
        json.dump(data, out, ensure_ascii=False, indent=1)
