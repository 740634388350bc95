"""Findings that a stage keeps: made once, and again only when what they rest on has changed.

Beside each file of findings stands its key: what it was made with, the digest of the file as
it was written, and the number of findings in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .findings import Finding, read_findings, write_findings
from .problems import Problem, read_problems, write_problems
from .run.disk import whole
from .vault.intake import digest


@dataclass
class Kept:
    """The findings of one name: in memory when just made, else in a file whose digest was
    kept, read only when asked for."""

    count: int
    digest: str
    path: Path
    made: list[Finding] | None = None

    @property
    def findings(self) -> list[Finding]:
        """All of them, in the order in which they were made."""
        if self.made is None:
            self.made = list(read_findings(self.path, unchanged=True))
        return self.made


@dataclass
class Measured:
    """What each name found, what went wrong, and the methods by id."""

    kept: dict[str, Kept] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    methods: dict[str, Any] = field(default_factory=dict)
    fresh: bool = False

    @property
    def findings(self) -> list[Finding]:
        """Every finding, in the order of names."""
        return [f for one in self.kept.values() for f in one.findings]

    @property
    def count(self) -> int:
        """How many findings there are, without reading them."""
        return sum(one.count for one in self.kept.values())

    def of(self, name: str) -> list[Finding]:
        """The findings of one name; none when it was not asked for."""
        return self.kept[name].findings if name in self.kept else []

    def with_(self, other: Measured) -> Measured:
        """Both together; `other` comes after."""
        return Measured(
            {**self.kept, **other.kept}, [*self.problems, *other.problems],
            {**self.methods, **other.methods}, self.fresh or other.fresh,
        )  # fmt: skip


def kept_or_made(
    folder: Path, name: str, key: str, make: Callable[[], tuple[list[Finding], list[Problem]]]
) -> tuple[Kept, list[Problem], bool]:
    """What stands in `folder` under `name` when it was made with the same `key` and the file is
    still the one that was written; else what `make` gives, written. The last value says
    whether it was made now."""
    path, mark = folder / f"{name}.jsonl", folder / f"{name}.key"
    faults_path = folder / f"{name}.problems.jsonl"
    if mark.exists() and path.exists():
        known = mark.read_text(encoding="utf-8").split()
        if len(known) == 3 and known[0] == key and known[1] == digest(path):
            kept = Kept(int(known[2]), known[1], path)
            return kept, list(read_problems(faults_path)), False
    mark.unlink(missing_ok=True)
    found, problems = make()
    _check_unique(found)
    write_findings(path, found)
    write_problems(faults_path, problems)
    kept = Kept(len(found), digest(path), path, found)
    mark.write_text(f"{key} {kept.digest} {kept.count}", encoding="utf-8")
    return kept, problems, True


def kept_count(folder: Path, name: str) -> int:
    """How many findings stand under `name`; 0 where nothing is kept."""
    mark = folder / f"{name}.key"
    known = mark.read_text(encoding="utf-8").split() if mark.exists() else []
    return int(known[2]) if len(known) == 3 else 0


def write_methods(path: Path, methods: Mapping[str, Any]) -> None:
    """How each kind of finding came about, by id; untouched when nothing changed."""
    text = json.dumps(methods, ensure_ascii=False, indent=1)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        with whole(path) as out:
            out.write(text)


def _check_unique(found: list[Finding]) -> None:
    """Two findings of one id would be one number counted twice."""
    seen: set[str] = set()
    for one in found:
        if one.id in seen:
            raise AssertionError(f"the same finding is reported twice: {one.body()}")
        seen.add(one.id)
