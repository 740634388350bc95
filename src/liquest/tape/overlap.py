"""Two files that tell of the same rows: the first of the case counts, the second confirms.

A row of a later source whose identity (trade id; time, length and series of a bar) an
earlier source already has is set aside, so that nothing is counted twice. Where the two
disagree on price or size, that is reported as a conflict and the first stays. Aggregate
and single trades have no ids in common: there the later source yields for the whole time
that the earlier one tells of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import Text
from ..problems import ASIDE, KEPT, Problem
from ..run.database import connection
from .lake import COPY, Part, scan
from .reading import literal, quoted
from .schema import SCHEMAS

_VALUES = {"trades": ("price", "raw_size"), "bars": ("open", "high", "low", "close")}


@dataclass(frozen=True)
class OverlapTask:
    """Parts of one record, instrument and day, in the order of the case's sources."""

    root: Path
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Settled:
    """The parts that remain, and what was found."""

    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]


def plan_overlaps(root: Path, parts: Iterable[Part]) -> list[OverlapTask]:
    """One task for every day of an instrument that more than one source tells of."""
    groups: dict[tuple[str, str, str], list[Part]] = {}
    for part in parts:
        if part.record in _VALUES:
            groups.setdefault((part.record, part.instrument.key, part.date), []).append(part)
    return [
        OverlapTask(root, tuple(group))
        for _, group in sorted(groups.items())
        if len({p.source for p in group}) > 1
    ]


def settle(task: OverlapTask) -> Settled:
    """Cut from each part what earlier parts already hold."""
    kept: list[Part] = []
    problems: list[Problem] = []
    for part in task.parts:
        left: Part | None = part
        for other in kept:
            if left is not None and left.ts_min <= other.ts_max and other.ts_min <= left.ts_max:
                left = _trim(task.root, left, other, problems)
        if left is not None:
            kept.append(left)
    return Settled(tuple(kept), tuple(problems))


def _trim(root: Path, part: Part, other: Part, problems: list[Problem]) -> Part | None:
    """The part without the rows that `other` tells; None when nothing is left."""
    mine, theirs = _columns(root, part), _columns(root, other)
    if part.record == "trades" and ("n" in mine) != ("n" in theirs):
        # Ids of aggregate trades and of single trades number different things.
        told = f"ts BETWEEN {other.ts_min} AND {other.ts_max}"
        return _without(root, part, told, _problem("other-grain", part, other), problems)
    identity = SCHEMAS[part.record].identity
    if not set(identity) <= mine & theirs:
        found = _problem("overlap-unchecked", part, other)
        problems.append(replace(found, first=part.row_min, last=part.row_max, count=part.rows))
        return part
    same = " AND ".join(f"a.{quoted(n)}::VARCHAR = b.{quoted(n)}::VARCHAR" for n in identity)
    joined = f"{scan([str(root / part.path)])} a JOIN {scan([str(root / other.path)])} b ON {same}"
    values = [n for n in _VALUES[part.record] if n in mine & theirs]
    differs = " OR ".join(f"a.{quoted(n)} <> b.{quoted(n)}" for n in values)
    count, first, last = _one(
        f"SELECT count(*), min(a.row_no), max(a.row_no) FROM {joined} WHERE {differs}"
    )
    told = f"row_no IN (SELECT a.row_no FROM {joined})"
    left = _without(root, part, told, _problem("repeat-of-source", part, other), problems)
    if count:
        found = _problem("conflict", part, other)
        problems.append(replace(found, first=first, last=last, count=count))
    return left


def _without(
    root: Path, part: Part, told: str, like: Problem, problems: list[Problem]
) -> Part | None:
    """The part without its rows that are `told`, which are noted; None when nothing is left."""
    mine = scan([str(root / part.path)])
    count, first, last = _one(f"SELECT count(*), min(row_no), max(row_no) FROM {mine} WHERE {told}")
    if not count:
        return part
    problems.append(replace(like, first=first, last=last, count=count))
    if count == part.rows:
        return None
    path = part.path.removesuffix(".parquet") + "-rest.parquet"
    made = (root / path).with_suffix(".part")
    try:
        connection().execute(
            f"COPY (SELECT * FROM {mine} WHERE NOT ({told}) ORDER BY row_no) "
            f"TO {literal(str(made))} {COPY}"
        )
        rows, ts_min, ts_max, row_min, row_max = _one(
            f"SELECT count(*), min(ts), max(ts), min(row_no), max(row_no) FROM {scan([str(made)])}"
        )
        made.replace(root / path)
    finally:
        made.unlink(missing_ok=True)
    return replace(
        part, path=path, rows=rows, ts_min=ts_min, ts_max=ts_max, row_min=row_min, row_max=row_max
    )


def _columns(root: Path, part: Part) -> set[str]:
    described = f"DESCRIBE SELECT * FROM {scan([str(root / part.path)])}"
    return {row[0] for row in connection().execute(described).fetchall()}


def _one(query: str) -> tuple[Any, ...]:
    return connection().execute(query).fetchone() or ()


_WORDS = {
    "repeat-of-source": (
        ASIDE,
        Text("already told by source {}", "来源 {} 已有相同的行"),
    ),
    "conflict": (
        KEPT,
        Text(
            "disagrees with source {} on price or size; the first source counts",
            "与来源 {} 的价格或数量不一致，以先列出的来源为准",
        ),
    ),
    "other-grain": (
        ASIDE,
        Text(
            "source {} tells of the same time, one of the two in aggregate trades; the first "
            "source counts",
            "来源 {} 已有同一时段的数据，而两者之一为聚合成交；以先列出的来源为准",
        ),
    ),
    "overlap-unchecked": (
        KEPT,
        Text(
            "source {} tells of the same time, and without ids nobody can say which rows are in "
            "both: volumes may count twice",
            "来源 {} 已有同一时段的数据，且无成交编号可供比对：成交量可能重复计算",
        ),
    ),
}


def _problem(code: str, part: Part, other: Part) -> Problem:
    effect, words = _WORDS[code]
    named = Text(words.en.format(other.source[:12]), words.zh.format(other.source[:12]))
    return Problem(code, effect, named, part.instrument.key, part.source)
