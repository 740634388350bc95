"""The conductor: sources → record → measures, screens, replay, schemes → report, only what
changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import record as record_stage
from .case import Case
from .clock import Window, format_time
from .kept import Measured, write_methods
from .losses.schemes import stage as scheme_stage
from .measures import stage as measure_stage
from .problems import UNREAD, Problem, write_problems
from .replay import stage as replay_stage
from .reporting import METHODS, report
from .run.disk import whole, writing
from .run.executor import Executor
from .run.progress import Progress
from .screens import stage as screen_stage
from .tape.stage import Tape
from .vault.results import seal_results
from .vault.seal import seal_sources


@dataclass
class Outcome:
    """What a run leaves: the dossier's path, the tape, the findings, every problem. `told`
    counts the findings about claims and statements."""

    dossier: Path
    tape: Tape
    measured: Measured
    problems: list[Problem]
    told: int
    fresh: bool

    @property
    def count(self) -> int:
        """How many findings there are: measured, screened, replayed, paid, told."""
        return self.measured.count + self.told

    @property
    def complete(self) -> bool:
        """Whether every source that was taken for data was read to its end."""
        return not any(p.effect == UNREAD for p in self.problems)


def investigate(case: Case, out: Path, executor: Executor, progress: Progress) -> Outcome:
    """All stages into `out`; raises OutputError when it cannot be written."""
    with writing(out):
        record = record_stage.build(case, out, executor, progress)
        tape, logs = record.tape, record.logs
        sealing = seal_sources(case.root, [t.source for t in tape.loaded], made_of(tape), progress)
        measured = measure_stage.build(case, tape.lake, out, executor, progress, logs=logs)
        screened = screen_stage.build(case, tape.lake, out, executor, progress, logs)
        answered = replay_stage.answer(case, tape.lake, out, executor, progress)
        paid = scheme_stage.build(case, tape.lake, out, executor, progress)
        measured = measured.with_(screened).with_(answered).with_(paid)
        write_methods(out / "methods.json", {**measured.methods, **METHODS})
        problems = [*record.problems, *tape.problems, *sealing, *measured.problems]
        write_problems(out / "problems.jsonl", problems)
        inventory = inventory_of(tape, provenance(case))
        _write_json(out / "inventory.json", inventory)
        told = report(case, out, tape.lake, measured, problems, inventory, executor, progress)
        seal_results(case.root, out)
    return Outcome(
        told.dossier, tape, measured, [*problems, *told.problems], told.counts, told.fresh
    )


def measure(
    case: Case, out: Path, executor: Executor, progress: Progress, names: list[str],
    windows: Mapping[str, Window] | None = None,
) -> Measured:  # fmt: skip
    """The tape brought up to date and the named measures on it; what could not be read of the
    record stands before their own problems."""
    with writing(out):
        record = record_stage.build(case, out, executor, progress)
        made = measure_stage.build(
            case, record.tape.lake, out, executor, progress, names, windows, record.logs
        )
        return replace(made, problems=[*record.hindering, *made.problems])


def screen(
    case: Case, out: Path, executor: Executor, progress: Progress, names: list[str]
) -> Measured:
    """The record brought up to date and the named screens on it, problems likewise."""
    with writing(out):
        record = record_stage.build(case, out, executor, progress)
        made = screen_stage.build(
            case, record.tape.lake, out, executor, progress, record.logs, names
        )
        return replace(made, problems=[*record.hindering, *made.problems])


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


def _write_json(path: Path, data: Any) -> None:
    with whole(path) as out:
        json.dump(data, out, ensure_ascii=False, indent=1)
