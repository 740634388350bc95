"""What the dossier takes beside the case: findings, and everything that other stages made of
them. Invariant: all of it is data that was computed before; the dossier measures nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..claims.hypotheses import Weighed
from ..claims.questions import Asked
from ..claims.statements import Record
from ..claims.trial import Trial
from ..errors import Text
from ..findings import Finding
from ..problems import Problem
from .replies import Reply


@dataclass(frozen=True)
class Sealed:
    """The log of the vault as it stood when the sources of the run were sealed: `size` lines
    under `root` (hex, RFC 6962), of the log named `origin`, with the public `key` in the form
    of C2SP signed notes."""

    origin: str
    size: int
    root: str
    key: str = ""


@dataclass(frozen=True)
class Inputs:
    """Everything beside the case that the dossier shows.

    `sources` is the inventory (`investigate.inventory_of`), `methods` holds `Method.json()` by
    id, `outlines` what `tape.outline.outlines_json` makes, `custody` the steps of
    `vault.custody` as JSON, `holders` the names of those who are asked (`claims.inquiry`).
    `made_at` is shown as it is given. Where `trials`, `questions` or `hypotheses` are empty, or
    `sealed` is None, the dossier says that there is none.
    """

    sources: Sequence[Mapping[str, Any]]
    problems: Sequence[Problem]
    findings: Sequence[Finding]
    methods: Mapping[str, Mapping[str, Any]]
    outlines: Mapping[str, Any]
    made_at: str | None
    version: str
    trials: Sequence[Trial] = ()
    statements: Record = field(default_factory=Record)
    questions: Sequence[Asked] = ()
    holders: Mapping[str, Text] = field(default_factory=dict)
    hypotheses: Sequence[Weighed] = ()
    sealed: Sealed | None = None
    custody: Sequence[Mapping[str, Any]] = ()
    replies: Sequence[Reply] = ()
