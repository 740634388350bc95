"""The stage from sources to a lake: load what changed, settle overlaps, make seconds.

Work is kept per source under the digest of its bytes, so a run that was stopped goes on
where it was, and a second run with nothing changed reads no data at all.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ..case import Case
from ..clock import DAY, date_of
from ..errors import Text
from ..instruments import Instrument
from ..problems import ABSENT, ASIDE, UNREAD, Problem
from ..run import fingerprint
from ..run.disk import whole
from ..run.executor import Executor
from ..run.progress import Progress, counted, shown
from ..vault.intake import Digests, Source, take_in
from .lake import Lake, Part
from .load import Loaded, LoadTask, load
from .overlap import Settled, plan_overlaps, settle
from .rebuild import plan_rebuilds, rebuild
from .seconds import make_seconds, plan_seconds

CODE = ("tape", "instruments.py", "clock.py")


@dataclass
class Tape:
    """The lake of a case, what became of each source, and everything that is to be known."""

    lake: Lake
    loaded: list[Loaded] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def unread(self) -> list[Problem]:
        """Sources that could not be read, or not to their end."""
        return [p for p in self.problems if p.effect == UNREAD]


def build(
    case: Case, out: Path, executor: Executor, progress: Progress,
    taken: Mapping[str, tuple[str, int]] = {},
) -> Tape:  # fmt: skip
    """Bring the lake below `out` up to date with the sources of the case.

    `taken` are sources that another stage reads, (format, rows) by SHA-256: they are listed
    as read and not opened. A run that fails leaves whole parts, which the next one takes
    over, and nothing half-made.
    """
    try:
        return _build(case, out, executor, progress, taken)
    finally:
        shutil.rmtree(out / "lake" / ".tmp", ignore_errors=True)


def _build(
    case: Case, out: Path, executor: Executor, progress: Progress,
    taken: Mapping[str, tuple[str, int]],
) -> Tape:  # fmt: skip
    memory = out / "tape"
    memory.mkdir(parents=True, exist_ok=True)
    root = out / "lake"
    root.mkdir(exist_ok=True)
    digests = Digests(memory / "digests.json")
    files = [(name, path) for name, path in case.files() if not _within(path, out)]
    with shown(progress, Text("Sealing sources", "校验来源文件"), 0):
        sources, problems = take_in(files, digests)
        digests.save()
    problems += _no_files(case, files)
    key = _key(case)
    own = [s for s in sources if s.sha256 not in taken]
    read = {one.source.sha256: one for one in
            _load_all(case, own, key, memory, root, executor, progress)}  # fmt: skip
    loaded = [read.get(s.sha256) or _elsewhere(s, *taken[s.sha256]) for s in sources]
    problems += [p for one in loaded for p in one.problems]
    problems += _changed(loaded, digests)
    digests.save()
    described, faults = _one_description([p for one in loaded for p in one.parts])
    problems += faults
    parts, faults = _settle_all(described, key, root, memory, executor)
    problems += faults
    books, faults = _books_all(Lake(root, parts), key, memory, executor, progress)
    problems += faults
    seconds = _seconds_all(Lake(root, parts), key, memory, executor, progress)
    lake = Lake(root, (*parts, *books, *seconds))
    _sweep(root, lake, loaded)
    problems += missing_days(lake, case)
    names = {one.source.sha256: one.source.name for one in loaded}
    problems = [replace(p, path=names.get(p.source, p.path)) for p in problems]
    lake.save(memory / "catalog.json")
    return Tape(lake, loaded, problems)


def _elsewhere(source: Source, format: str, rows: int) -> Loaded:
    """A source that another stage reads."""
    return Loaded(source, format, "log", rows=rows, read=True)


def _within(path: Path, out: Path) -> bool:
    """Whether a file is one that Liquest wrote itself, where `out` lies among the sources."""
    return Path(os.path.realpath(path)).is_relative_to(out.resolve())


def _no_files(case: Case, files: Sequence[tuple[str, Path]]) -> list[Problem]:
    """Sources of the case without a single file."""
    empty = Text("there is no file here that the case takes", "此处没有案件所需的文件")
    return [
        Problem("no-files", ABSENT, empty, label)
        for label in case.labels()
        if not any(name == label or name.startswith(f"{label}/") for name, _ in files)
    ]


def _changed(loaded: Iterable[Loaded], digests: Digests) -> list[Problem]:
    """Sources that are no longer the bytes whose digest their rows carry."""
    problems = []
    for one in loaded:
        try:
            if digests.of(one.source.path) == one.source.sha256:
                continue
        except OSError:
            pass
        words = Text(
            "was changed while it was read; run it again", "读取过程中文件被改动，请重新运行"
        )
        problems.append(Problem("changed", UNREAD, words, one.source.name, one.source.sha256))
    return problems


def _one_description(parts: Iterable[Part]) -> tuple[list[Part], list[Problem]]:
    """The parts whose instrument is described as by the first source that names it. Sizes in
    contracts of two sizes cannot stand in one column, so the others are set aside."""
    first: dict[str, Instrument] = {}
    kept: list[Part] = []
    problems: list[Problem] = []
    for part in parts:
        known = first.setdefault(part.instrument.key, part.instrument)
        if part.instrument == known:
            kept.append(part)
            continue
        words = Text(
            f"describes {known.key} otherwise than an earlier source (coin, quote currency or "
            "contract size); the earlier counts",
            f"对 {known.key} 的描述（币种、计价货币或合约面值）与先前来源不同，以先前来源为准",
        )
        problems.append(
            Problem(
                "other-instrument", ASIDE, words, source=part.source,
                first=part.row_min, last=part.row_max, count=part.rows,
            )
        )  # fmt: skip
    return kept, problems


def _key(case: Case) -> str:
    """What every row of the lake depends on besides the bytes."""
    return fingerprint.of(
        fingerprint.code(*CODE),
        [asdict(m) for m in case.maps],
        sorted((v, s, str(c)) for (v, s), c in case.contracts.items()),
    )


def _load_all(
    case: Case, sources: Sequence[Source], key: str, memory: Path, root: Path,
    executor: Executor, progress: Progress,
) -> list[Loaded]:  # fmt: skip
    """Every source's result, from memory where neither bytes, code nor maps changed."""
    done: dict[str, Loaded] = {}
    todo: list[LoadTask] = []
    for source in sources:
        known = _recall(memory / f"{source.sha256[:16]}.json", fingerprint.of(key, source.name))
        if known is not None and all((root / p["path"]).exists() for p in known["parts"]):
            done[source.sha256] = _loaded_of(known, source)
        else:
            # What is about to be replaced is forgotten first, in case the run is stopped.
            (memory / f"{source.sha256[:16]}.json").unlink(missing_ok=True)
            todo.append(LoadTask(source, root, case.maps, tuple(case.contracts.items())))
    todo.sort(key=lambda t: (-t.source.size, t.source.name))
    if todo:
        with shown(progress, Text("Reading sources", "读取来源"), len(todo)):
            for made in counted(progress, executor.map(load, todo)):
                done[made.source.sha256] = made
                _remember(
                    memory / f"{made.source.sha256[:16]}.json",
                    fingerprint.of(key, made.source.name), _json_of(made),
                )  # fmt: skip
    for stale in memory.glob("*.json"):
        if len(stale.stem) == 16 and not any(s.sha256.startswith(stale.stem) for s in sources):
            stale.unlink()
    return [done[s.sha256] for s in sources]


def _settle_all(
    parts: list[Part], key: str, root: Path, memory: Path, executor: Executor
) -> tuple[tuple[Part, ...], list[Problem]]:
    """Parts without what another source already tells."""
    tasks = plan_overlaps(root, parts)
    key = fingerprint.of(key, [[(p.path, p.rows) for p in t.parts] for t in tasks])
    path = memory / "overlaps.json"
    known = _recall(path, key)
    results: list[Settled]
    if known is not None and all(
        (root / p["path"]).exists() for r in known["settled"] for p in r["parts"]
    ):
        results = [
            Settled(
                tuple(Part.of(p) for p in r["parts"]), tuple(Problem.of(p) for p in r["problems"])
            )
            for r in known["settled"]
        ]
    else:
        path.unlink(missing_ok=True)
        results = list(executor.map(settle, tasks))
        settled = [
            {"parts": [p.json() for p in r.parts], "problems": [p.json() for p in r.problems]}
            for r in results
        ]
        _remember(path, key, {"settled": settled})
    touched = {p.path for t in tasks for p in t.parts}
    kept = [p for p in parts if p.path not in touched]
    kept += [p for r in results for p in r.parts]
    return tuple(kept), [p for r in results for p in r.problems]


def _books_all(
    lake: Lake, key: str, memory: Path, executor: Executor, progress: Progress
) -> tuple[tuple[Part, ...], list[Problem]]:
    """Snapshots of every book that is told by its changes, made anew when any part changed."""
    tasks = plan_rebuilds(lake)
    path = memory / "books.json"
    key = fingerprint.of(key, [[(p.path, p.rows) for p in t.parts] for t in tasks])
    known = _recall(path, key)
    if known is not None and all((lake.root / p["path"]).exists() for p in known["parts"]):
        parts = tuple(Part.of(p) for p in known["parts"])
        return parts, [Problem.of(p) for p in known["problems"]]
    path.unlink(missing_ok=True)
    results = []
    if tasks:
        with shown(progress, Text("Rebuilding books", "重建订单簿"), len(tasks)):
            results = list(counted(progress, executor.map(rebuild, tasks)))
    parts = tuple(p for r in results for p in r.parts)
    problems = [p for r in results for p in r.problems]
    made = {"parts": [p.json() for p in parts], "problems": [p.json() for p in problems]}
    _remember(path, key, made)
    return parts, problems


def _seconds_all(
    lake: Lake, key: str, memory: Path, executor: Executor, progress: Progress
) -> tuple[Part, ...]:
    """One-second bars of all trades, made anew when any trade part changed."""
    tasks = plan_seconds(lake)
    path = memory / "seconds.json"
    known = _recall(path, key) or {"made": {}}
    keys = [fingerprint.of(t.part.path, t.part.source, t.part.rows, t.start, t.end) for t in tasks]
    made: dict[str, Any] = {
        k: v
        for k, v in known["made"].items()
        if k in set(keys) and (v is None or (lake.root / v["path"]).exists())
    }
    todo = [(k, t) for k, t in zip(keys, tasks, strict=True) if k not in made]
    if todo:
        _remember(path, key, {"made": made})
        with shown(progress, Text("Second by second", "逐秒汇总"), len(todo)):
            results = counted(progress, executor.map(make_seconds, [t for _, t in todo]))
            for (k, _), part in zip(todo, results, strict=True):
                made[k] = None if part is None else part.json()
        _remember(path, key, {"made": made})
    return tuple(Part.of(made[k]) for k in keys if made[k] is not None)


def missing_days(lake: Lake, case: Case) -> list[Problem]:
    """Days of the case's windows, or between an instrument's first and last, with no rows."""
    problems = []
    wanted = [(w.start // DAY, (w.end - 1) // DAY) for w in case.windows.values()]
    for record in lake.records():
        if record == "seconds":
            continue
        for instrument in lake.instruments(record):
            parts = lake.of(record, instrument)
            have = sorted({p.ts_min // DAY for p in parts})
            for first, last in _holes([*wanted, (have[0], have[-1])], have):
                problems.append(
                    Problem("missing-day", ABSENT, _no_days(record, first, last),
                            instrument.key, count=0)
                )  # fmt: skip
    return problems


def _holes(stretches: Iterable[tuple[int, int]], have: Sequence[int]) -> list[tuple[int, int]]:
    """(first, last) of every run of days that lie in a stretch and not in `have`."""
    holes: list[tuple[int, int]] = []
    at: int | None = None
    for first, last in sorted(stretches):
        at = first if at is None else max(at, first)
        for day in (*(d for d in have if at <= d <= last), last + 1):
            if day > at:
                holes.append((at, day - 1))
            at = max(at, day + (day <= last))
    return holes


def _no_days(record: str, first: int, last: int) -> Text:
    start, end = date_of(first * DAY), date_of(last * DAY)
    if first == last:
        return Text(f"no {record} on {start}", f"{start} 无 {record} 数据")
    days = last - first + 1
    return Text(
        f"no {record} from {start} to {end} ({days:,} days)",
        f"{start} 至 {end} 无 {record} 数据（{days:,} 天）",
    )


def _sweep(root: Path, lake: Lake, loaded: Iterable[Loaded]) -> None:
    """Remove parts that no source of the case stands behind any more."""
    keep = {p.path for p in lake.parts} | {p.path for one in loaded for p in one.parts}
    for folder in sorted(root.glob("*/venue=*/kind=*/instrument=*/date=*")):
        for path in (*folder.glob("*.parquet"), *folder.glob("*.part")):
            if path.relative_to(root).as_posix() not in keep:
                path.unlink()
        while folder != root and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def _remember(path: Path, key: str, data: dict[str, Any]) -> None:
    with whole(path) as out:
        json.dump({"key": key, **data}, out, ensure_ascii=False)


def _recall(path: Path, key: str) -> dict[str, Any] | None:
    """What was remembered under that key; None when it is another, or broken."""
    if not path.exists():
        return None
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return data if isinstance(data, dict) and data.get("key") == key else None


def _json_of(one: Loaded) -> dict[str, Any]:
    return {
        "format": one.format, "record": one.record, "rows": one.rows, "read": one.read,
        "parts": [p.json() for p in one.parts],
        "problems": [p.json() for p in one.problems],
    }  # fmt: skip


def _loaded_of(data: dict[str, Any], source: Source) -> Loaded:
    return Loaded(
        source, data["format"], data["record"], [Part.of(p) for p in data["parts"]],
        [replace(Problem.of(p), path=source.name) for p in data["problems"]],
        data["rows"], data["read"],
    )  # fmt: skip
