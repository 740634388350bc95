"""Small lakes for tests of measures: ticks written as a user holds them, loaded, made seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from liquest.clock import SECOND, Window, parse_time
from liquest.findings import Finding
from liquest.measures import Context, measure, params_of, run
from liquest.problems import Problem
from liquest.run.executor import Executor, Inline, Processes, Threads
from liquest.tape.lake import Lake
from liquest.tape.load import LoadTask, load
from liquest.tape.seconds import make_seconds, plan_seconds
from liquest.vault.intake import Source, digest

T0 = parse_time("2025-10-10T21:20:00Z")
HEADER = "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"


class Tick(NamedTuple):
    """A trade `at` seconds after T0 (a decimal text keeps microseconds exact)."""

    at: str | int
    price: str
    amount: str = "1"
    side: str = "sell"

    @property
    def ts(self) -> int:
        return T0 + int(Decimal(self.at) * SECOND)


def ticks(market: str, symbol: str, trades: Iterable[Tick]) -> str:
    """A tick CSV of one instrument, rows in the order given."""
    lines = [
        f"{market},{symbol},{t.ts},{t.ts + 5000},{number},{t.side},{t.price},{t.amount}\n"
        for number, t in enumerate(trades, start=1)
    ]
    return HEADER + "".join(lines)


def small_lake(
    folder: Path,
    trades: Mapping[tuple[str, str], Iterable[Tick]],
    files: Mapping[str, str] | None = None,
) -> Lake:
    """A lake of ticks by (market, symbol), and of other files by name and content."""
    named = {f"{m}_trades_{s}.csv": ticks(m, s, rows) for (m, s), rows in trades.items()}
    named.update(files or {})
    inputs = folder / "in"
    inputs.mkdir(parents=True)
    paths = []
    for number, (name, content) in enumerate(named.items()):
        path = inputs / f"{number}-{Path(name).name}"
        path.write_text(content, encoding="utf-8")
        paths.append((name, path))
    return _loaded(folder / "lake", paths, Inline())


def lake_of(folder: Path, paths: Iterable[Path]) -> Lake:
    """A lake of files as they lie on disk."""
    return _loaded(folder, [(p.name, p) for p in paths], Threads(2))


def _loaded(root: Path, paths: Iterable[tuple[str, Path]], executor: Executor) -> Lake:
    sources = [Source(name, p, p.stat().st_size, digest(p)) for name, p in paths]
    loaded = list(executor.map(load, [LoadTask(s, root) for s in sources]))
    assert not (bad := [d.source.name for d in loaded if not d.read]), bad
    lake = Lake(root, tuple(p for done in loaded for p in done.parts))
    made = executor.map(make_seconds, plan_seconds(lake))
    return Lake(root, lake.parts + tuple(p for p in made if p is not None))


def window(start: int | str, end: int | str, name: str = "w") -> Window:
    """Between two moments: seconds after T0, or ISO times."""
    edges = [parse_time(e) if isinstance(e, str) else T0 + e * SECOND for e in (start, end)]
    return Window(name, edges[0], edges[1])


def measured(
    name: str,
    lake: Lake,
    span: Window,
    executor: Executor | None = None,
    **params: Any,
) -> list[Finding]:
    """The findings of a measure in one window; it must have no problems."""
    chosen = measure(name)
    context = Context(lake, {span.name: span}, params_of(chosen, params))
    found, problems = run(chosen, context, executor or Inline())
    assert problems == []
    return found


def outcome(
    name: str, lake: Lake, *spans: Window, executor: Executor | None = None, **params: Any
) -> tuple[list[Finding], list[Problem]]:
    """Findings and problems of a measure in some windows."""
    chosen = measure(name)
    context = Context(lake, {s.name: s for s in spans}, params_of(chosen, params))
    return run(chosen, context, executor or Inline())


def same_everywhere(name: str, lake: Lake, *spans: Window, **params: Any) -> list[Finding]:
    """The findings, after a look that every executor gives the same ones in the same order."""
    found, problems = outcome(name, lake, *spans, **params)
    for executor in (Threads(2), Processes(2)):
        again, faults = outcome(name, lake, *spans, executor=executor, **params)
        assert [f.json() for f in again] == [f.json() for f in found]
        assert faults == problems
    assert len({f.id for f in found}) == len(found)
    return found


def pick(found: Iterable[Finding], name: str, **subject: str) -> list[Finding]:
    """The findings of a name; keywords narrow subject or parameters."""

    def has(finding: Finding, key: str, value: str) -> bool:
        held = finding.subject.get(key, finding.params.get(key))
        return str(held) == value

    return [f for f in found if f.name == name and all(has(f, k, v) for k, v in subject.items())]


def one(found: Iterable[Finding], name: str, **subject: str) -> Finding:
    """The only finding of that name and subject."""
    (single,) = pick(found, name, **subject)
    return single
