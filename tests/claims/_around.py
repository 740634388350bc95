"""Statements, questions and hypotheses for tests, and their verbs as a person runs them."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import typer
from rich.console import Console

from liquest import terminal
from liquest.claims.reading_statements import read_statements
from liquest.claims.statements import Record
from liquest.claims.statements_commands import register

SHA = "ab" * 32
GOOD_CASE = """
[case]
name = "test"
[windows.crash]
from = "2025-10-10T21:10:00Z"
to = "2025-10-10T21:40:00Z"
"""
NAMES = """
[party.venue]
en = "The venue"
zh = "交易所"
[party.maker]
en = "A maker"
zh = "做市商"
[topic.cause]
en = "Cause"
zh = "原因"
[topic.money]
en = "Money"
zh = "金额"
"""
HELD = f'known = "held"\nfile = "a.md"\nsha256 = "{SHA}"\nlines = 9\n'
RELAYED = 'known = "relayed"\n'


def version(id_: str, *says: str, known: str = HELD, party: str = "venue", more: str = "") -> str:
    """One [[statement]]."""
    return (
        f'[[statement]]\nid = "{id_}"\nparty = "{party}"\n'
        f'title = {{ en = "{id_}", zh = "{id_}" }}\nsource = {{ en = "s", zh = "源" }}\n'
        f"{known}{more}\n" + "".join(says)
    )


def says(point: str, value: str, topic: str = "cause", line: int | None = 3, more: str = "") -> str:
    """One [[statement.says]]; `value` is what versions are compared by."""
    where = "" if line is None else f"line = {line}\n"
    return (
        f'[[statement.says]]\ntopic = "{topic}"\npoint = "{point}"\n'
        f'text = {{ en = "{point}", zh = "要点" }}\n{value}\n{where}{more}\n'
    )


def upholds(topic: str) -> str:
    """One [[statement.upholds]]."""
    return f'[[statement.upholds]]\ntopic = "{topic}"\nquote = "as announced"\nline = 4\n'


def record(folder: Path, *versions: str) -> Record:
    """The record of these versions."""
    path = folder / "statements.toml"
    path.write_text(NAMES + "".join(versions), encoding="utf-8")
    return read_statements(path)


def run(*words: str | Path, lang: str = "en") -> str:
    """What one of the verbs prints."""
    app = typer.Typer()
    register(app)
    out = io.StringIO()
    settings = {"COLUMNS": "200", "LIQUEST_LANG": lang}
    with mock.patch.dict(os.environ, settings), contextlib.redirect_stdout(out):
        with mock.patch.object(terminal, "out", Console(highlight=False)):
            app(list(map(str, words)), standalone_mode=False)
        sys.stdout.flush()
    return out.getvalue()


def keys(found: Sequence[Any]) -> list[tuple[str, str, str]]:
    """(kind, statement, point) of changes."""
    return [(one.kind.split(".")[1], one.statement.id, one.said.point.point) for one in found]
