"""The stage from sources to events and attempts of the clients: only what changed is read.

Work is kept per source under the digest of its bytes, as on the tape. A file that is no log
is remembered as such, so a second run does not even open it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..case import Case
from ..clock import format_time
from ..errors import LiquestError, Text
from ..problems import ABSENT, UNREAD, Problem
from ..run import fingerprint
from ..run.disk import whole
from ..run.executor import Executor
from ..run.progress import Progress, counted, shown
from ..vault.intake import Digests, Source, take_in
from .blocks import Prepared, prepare
from .finish import Finished, FinishTask, finish
from .parse import ParseTask, parse
from .recognise import Reading, reading_of
from .schema import GIVEN, INFERRED
from .store import Aside, LogFile, Logs
from .zones import offset_of, place

_ANY_YEAR = 2000
CODE = ("logs", "tape", "clock.py", "instruments.py")


@dataclass
class _Job:
    """One source on its way."""

    source: Source
    reading: Reading
    prepared: Prepared = field(default_factory=Prepared)
    tasks: list[ParseTask] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def build(
    case: Case, out: Path, executor: Executor, progress: Progress, year: int = 0
) -> tuple[Logs, list[Problem]]:
    """Bring the logs below `out`/logs up to date with the sources of the case. `year` is that
    of times without one where the case has no window yet, 0 where nobody knows it.

    Returns them with what could not be used. Sources that are no logs are not spoken of: that
    is the tape's to do. Raises CaseError where a `[[log]]` contradicts its file.
    """
    root = out / "logs"
    scratch = root / ".tmp"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        return _build(case, out, root, scratch, executor, progress, year)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _build(
    case: Case, out: Path, root: Path, scratch: Path, executor: Executor, progress: Progress,
    year: int,
) -> tuple[Logs, list[Problem]]:  # fmt: skip
    memory = out / "tape"
    memory.mkdir(parents=True, exist_ok=True)
    root.mkdir(parents=True, exist_ok=True)
    digests = Digests(memory / "digests.json")
    files = [(n, p) for n, p in case.files() if not _within(p, out)]
    with shown(progress, Text("Sealing sources", "校验来源文件"), 0):
        sources, _ = take_in(files, digests)
        digests.save()
    year = int(format_time(case.main.start)[:4]) if case.windows else year
    key = fingerprint.of(
        fingerprint.code(*CODE), [asdict(m) for m in case.maps], [asdict(s) for s in case.logs],
        year,
    )  # fmt: skip
    known: dict[str, dict[str, Any]] = {}
    jobs: list[_Job] = []
    problems: list[Problem] = []
    for source in sources:
        kept = _recall(root, source, key)
        if kept is not None:
            known[source.sha256] = kept
            continue
        _note(root, source).unlink(missing_ok=True)
        try:
            reading = reading_of(source, case.logs, case.maps, year)
        except LiquestError as error:
            problems.append(_unread(source, error))
            continue
        if reading is not None:
            jobs.append(_Job(source, reading))
        elif not year and reading_of(source, case.logs, case.maps, _ANY_YEAR) is not None:
            known[source.sha256] = _remember(root, source, key, _yearless(source))
        else:
            known[source.sha256] = _remember(root, source, key, Finished(None, []))
    for job, done in _run(jobs, root, scratch, year, executor, progress):
        done.problems = [*job.problems, *done.problems]
        known[job.source.sha256] = _remember(root, job.source, key, done)
    of = [known[s.sha256] for s in sources if s.sha256 in known]
    logs = Logs(
        root,
        tuple(LogFile.of(k["file"]) for k in of if k["file"]),
        tuple(Aside(**k["aside"]) for k in of if k["aside"]),
    )
    for source in sources:
        problems += [Problem.of(p) for p in known.get(source.sha256, {}).get("problems", ())]
    _sweep(root, logs, sources)
    logs.save(root / "catalog.json")
    return logs, problems


def _within(path: Path, out: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(out.resolve())


def _run(
    jobs: Sequence[_Job], root: Path, scratch: Path, year: int, executor: Executor,
    progress: Progress,
) -> list[tuple[_Job, Finished]]:  # fmt: skip
    """Read the sources block by block, all blocks of all sources side by side."""
    if not jobs:
        return []
    todo: list[_Job] = []
    done: dict[str, Finished] = {}
    with shown(progress, Text("Reading logs", "读取日志"), 0):
        for job, prepared in zip(jobs, executor.map(_prepare, [(j, scratch) for j in jobs]),
                                 strict=True):  # fmt: skip
            if isinstance(prepared, Problem):
                job.problems.append(prepared)
                done[job.source.sha256] = Finished(None, [])
            else:
                job.prepared = prepared
                todo.append(job)
        for job in todo:
            job.tasks = _tasks(job, root, year)
    tasks = [t for job in todo for t in job.tasks]
    with shown(progress, Text("Reading logs", "读取日志"), len(tasks)):
        parsed = list(counted(progress, executor.map(parse, tasks)))
    finishing = []
    at = 0
    for job in todo:
        mine = tuple(parsed[at : at + len(job.tasks)])
        at += len(job.tasks)
        offset = job.tasks[0].offset if job.tasks else None
        finishing.append(
            FinishTask(job.source, job.reading, job.prepared, mine, offset, root, year)
        )
    with shown(progress, Text("Pairing requests and answers", "配对请求与应答"), len(finishing)):
        for job, result in zip(todo, counted(progress, executor.map(finish, finishing)),
                               strict=True):  # fmt: skip
            done[job.source.sha256] = result
    return [(job, done[job.source.sha256]) for job in jobs]


def _prepare(task: tuple[_Job, Path]) -> Prepared | Problem:
    """The blocks of one source, or why there are none."""
    job, scratch = task
    try:
        return prepare(job.source, job.reading, scratch / job.source.sha256[:16])
    except LiquestError as error:
        if error.exit_code == 4:
            raise
        return _unread(job.source, error)
    except OSError as error:
        words = Text(f"cannot be read: {error.strerror}", f"无法读取：{error.strerror}")
        return Problem("unreadable", UNREAD, words, job.source.name, job.source.sha256)


def _tasks(job: _Job, root: Path, year: int) -> list[ParseTask]:
    """One task a block, with the zone that is given or that the first block shows."""
    short = job.source.sha256[:16]
    offset = offset_of(job.reading.tz) if job.reading.tz else None
    word = GIVEN if job.reading.tz else ""
    made = [
        ParseTask(block, job.reading, job.source.sha256, root / f"{short}-{n:04d}.parquet",
                  offset, word, year)
        for n, block in enumerate(job.prepared.blocks)
    ]  # fmt: skip
    if offset is None and made:
        first = place([parse(made[0])], "")
        if first.single is not None:
            made = [
                ParseTask(t.block, t.reading, t.source, t.target, first.single, INFERRED, year)
                for t in made
            ]
    return made


def _yearless(source: Source) -> Finished:
    """A log whose times have no year, where no window tells it."""
    words = Text(
        "a log whose times have no year: give a window, with --from or in case.toml",
        "日志时间未写年份：请用 --from 或在 case.toml 中给出时间窗",
    )
    problem = Problem("no-year", ABSENT, words, source.name, source.sha256)
    return Finished(None, [problem], Aside(source.sha256, source.name, "log"))


def _unread(source: Source, error: LiquestError) -> Problem:
    what, remedy = error.what, error.remedy
    if remedy is not None:
        what = Text(f"{what.en}. {remedy.en}", f"{what.zh}。{remedy.zh}")
    return Problem("unreadable", UNREAD, what, source.name, source.sha256)


def _note(root: Path, source: Source) -> Path:
    return root / f"{source.sha256[:16]}.json"


def _remember(root: Path, source: Source, key: str, done: Finished) -> dict[str, Any]:
    data = {
        "key": fingerprint.of(key, source.name),
        "file": None if done.file is None else done.file.json(),
        "aside": None if done.aside is None else asdict(done.aside),
        "problems": [p.json() for p in done.problems],
    }
    with whole(_note(root, source)) as out:
        json.dump(data, out, ensure_ascii=False)
    return data


def _recall(root: Path, source: Source, key: str) -> dict[str, Any] | None:
    """What was made of the source before, None when anything changed since."""
    path = _note(root, source)
    if not path.exists():
        return None
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    if not isinstance(data, dict) or data.get("key") != fingerprint.of(key, source.name):
        return None
    file = data["file"]
    if file and not all((root / p).exists() for p in (*file["parts"], file["attempts"])):
        return None
    return data


def _sweep(root: Path, logs: Logs, sources: Sequence[Source]) -> None:
    """Remove what no source of the case stands behind any more."""
    keep = {p for f in logs.files for p in (*f.parts, f.attempts)}
    keep |= {_note(root, s).name for s in sources} | {"catalog.json"}
    for path in (*root.glob("*.parquet"), *root.glob("*.json"), *root.glob("*.new")):
        if path.name not in keep:
            path.unlink()
