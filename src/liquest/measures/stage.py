"""The stage from the lake to findings: each measure once, and only when something changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..case import Case
from ..clock import Window
from ..errors import Text
from ..findings import Finding, read_findings, write_findings
from ..problems import Problem, read_problems, write_problems
from ..run import fingerprint
from ..run.disk import whole
from ..run.executor import Executor
from ..run.progress import Progress, shown
from ..tape.lake import Lake
from ..vault.intake import digest
from . import Context, Measure, measure, measures, params_of, run

CODE = ("measures", "tape", "findings.py", "instruments.py", "clock.py")


@dataclass
class Kept:
    """The findings of one measure: in memory when just made, else in a file whose digest was
    kept, read only when asked for."""

    count: int
    digest: str
    path: Path
    made: list[Finding] | None = None

    @property
    def findings(self) -> list[Finding]:
        """All of them, in the order of the measure."""
        if self.made is None:
            self.made = list(read_findings(self.path, unchanged=True))
        return self.made


@dataclass
class Measured:
    """What each measure found, what went wrong, and the methods by id."""

    kept: dict[str, Kept] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    methods: dict[str, Any] = field(default_factory=dict)
    fresh: bool = False

    @property
    def findings(self) -> list[Finding]:
        """Every finding, in the order of measures."""
        return [f for one in self.kept.values() for f in one.findings]

    @property
    def count(self) -> int:
        """How many findings there are, without reading them."""
        return sum(one.count for one in self.kept.values())

    def of(self, name: str) -> list[Finding]:
        """The findings of one measure; none when it was not run."""
        return self.kept[name].findings if name in self.kept else []


def build(
    case: Case,
    lake: Lake,
    out: Path,
    executor: Executor,
    progress: Progress,
    names: Iterable[str] = (),
    windows: Mapping[str, Window] | None = None,
) -> Measured:
    """The findings of the measures `names` (all when none is named) below `out`/findings.

    `windows` stands in for those of the case; what is measured so is not kept.
    """
    for name in case.measures:
        measure(name)
    chosen = [m for n, m in measures().items() if not set(names) or n in set(names)]
    made_with = fingerprint.of(
        fingerprint.code(*CODE),
        [asdict(m) for m in case.maps],
        [(p.path, p.source, p.rows, p.ts_min, p.ts_max) for p in lake.parts],
        [str(p.instrument.contract_size) for p in lake.parts],
        [w.json() for w in case.windows.values()],
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
                found, problems = run(one, Context(lake, windows, params), executor)
                kept, fresh = Kept(len(found), "", folder, found), True
            else:
                kept, problems, fresh = _kept_or_made(
                    one, Context(lake, case.windows, params), made_with, folder, executor
                )
            result.kept[one.NAME] = kept
            result.problems += problems
            result.fresh |= fresh
            result.methods |= {m.id: m.json() for m in one.METHODS}
    if not set(names) and windows is None:
        _write(out / "methods.json", result.methods)
    return result


def _kept_or_made(
    one: Measure, context: Context, made_with: str, folder: Path, executor: Executor
) -> tuple[Kept, list[Problem], bool]:
    """What stands in the folder when lake, windows, parameters and code are the same, and the
    file is still the one that was written."""
    key = fingerprint.of(made_with, context.params)
    path, mark = folder / f"{one.NAME}.jsonl", folder / f"{one.NAME}.key"
    faults_path = folder / f"{one.NAME}.problems.jsonl"
    if mark.exists() and path.exists():
        known = mark.read_text(encoding="utf-8").split()
        if len(known) == 3 and known[0] == key and known[1] == digest(path):
            kept = Kept(int(known[2]), known[1], path)
            return kept, list(read_problems(faults_path)), False
    mark.unlink(missing_ok=True)
    found, problems = run(one, context, executor)
    _check_unique(found)
    write_findings(path, found)
    write_problems(faults_path, problems)
    kept = Kept(len(found), digest(path), path, found)
    mark.write_text(f"{key} {kept.digest} {kept.count}", encoding="utf-8")
    return kept, problems, True


def _check_unique(found: list[Finding]) -> None:
    """Two findings of one id would be one number counted twice."""
    seen: set[str] = set()
    for one in found:
        if one.id in seen:
            raise AssertionError(f"a measure reports the same finding twice: {one.body()}")
        seen.add(one.id)


def _write(path: Path, data: Any) -> None:
    text = json.dumps(data, ensure_ascii=False, indent=1)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        with whole(path) as out:
            out.write(text)
