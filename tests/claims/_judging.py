"""The verbs of claims as a person runs them, and a case with findings as a run leaves it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from unittest import mock

import typer
from _claims import HEAD, WINDOWS, found

from _cli import Done, liquest
from liquest import cli
from liquest.case import Case, read_case
from liquest.claims import commands
from liquest.findings import Finding
from liquest.kept import kept_or_made

CASE = """
[case]
name = "test"

[windows.crash]
from = "2025-10-10T21:10:00Z"
to = "2025-10-10T21:40:00Z"

[windows.scramble]
from = "2025-10-10T20:50:00Z"
to = "2025-10-10T22:20:00Z"

[[source]]
path = "facts"
"""
LOW = found("low", "0.001", coin="ATOM", venue="binance", caveats=("thin",))
OTHER = found("low", "3.56", "USD", coin="ATOM", venue="coinbase")
GAP = found("gap.of_higher", "0.99", "ratio", coin="ATOM", venue="binance")


def case_with(folder: Path, claims: str | None, findings: Iterable[Finding] = (LOW, OTHER, GAP)
              ) -> Case:  # fmt: skip
    """A case whose last run left these findings, each kept under the first part of its name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.toml").write_text(CASE, encoding="utf-8")
    if claims is not None:
        (folder / "claims.toml").write_text(HEAD + claims, encoding="utf-8")
    keep(folder / "out" / "findings", findings)
    case = read_case(folder)
    assert tuple(case.windows) == WINDOWS
    return case


def keep(place: Path, findings: Iterable[Finding]) -> None:
    """Write findings as a stage does."""
    place.mkdir(parents=True, exist_ok=True)
    groups: dict[str, list[Finding]] = {}
    for one in findings:
        groups.setdefault(one.name.split(".")[0], []).append(one)
    for name, group in groups.items():
        ids = "".join(f.id for f in group)
        kept_or_made(place, name, ids, lambda group=group: (group, []))  # type: ignore[misc]


def run(*words: str | Path, env: Mapping[str, str] | None = None) -> Done:
    """One command of a program that has the verbs of claims."""
    app = typer.Typer()
    app.callback()(lambda: None)
    commands.register(app)
    with mock.patch.object(cli, "app", app):
        return liquest(*words, env=env)
