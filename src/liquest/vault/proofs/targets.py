"""What a kind of proof offers: targets to obtain from, a verifier, commands for others.

A kind is one file of this folder with four names:

    KIND                     the beginning of its folders' names and of its checks
    targets(config)          whom to ask, one target a counterpart
    verify(stored, checkpoint, trust)   offline; one Check
    commands(stored)         shell lines that verify it without Liquest
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from ...errors import Text
from ..check import ASSUMING, INVALID, NOTHING, PENDING, UNSUPPORTED, VALID, Check
from .config import ProveConfig, Trust
from .stored import Made, Stored
from .wire import Wire


class Target(Protocol):
    """One counterpart of one kind."""

    @property
    def kind(self) -> str: ...

    @property
    def source(self) -> str: ...

    def obtain(self, checkpoint: bytes, old: Stored | None, wire: Wire) -> Iterator[Made]:
        """Each state worth keeping, in order; the next step starts when it is on disk.

        `old` is a pending proof to go on from. Raises LiquestError when the counterpart
        cannot be reached or its answer is not to be used.
        """
        ...


class Kind(Protocol):
    """The module of a kind."""

    KIND: str

    def targets(self, config: ProveConfig) -> list[Target]: ...

    def verify(self, stored: Stored, checkpoint: bytes, trust: Trust) -> Check: ...

    def commands(self, stored: Stored) -> list[str]: ...


class Verdict(NamedTuple):
    """A Check without its name and subject."""

    status: str
    detail: Text
    assumption: Text = NOTHING

    def check(self, kind: str, subject: str) -> Check:
        return Check(kind, subject, self.status, self.assumption, self.detail)


def valid(en: str, zh: str) -> Verdict:
    return Verdict(VALID, Text(en, zh))


def assuming(assumption: Text, en: str, zh: str) -> Verdict:
    return Verdict(ASSUMING, Text(en, zh), assumption)


def pending(en: str, zh: str) -> Verdict:
    return Verdict(PENDING, Text(en, zh))


def unsupported(en: str, zh: str) -> Verdict:
    return Verdict(UNSUPPORTED, Text(en, zh))


def invalid(what: Text, *, expected: str, got: str) -> Verdict:
    """Disproven; always with what was expected and what was got."""
    return Verdict(
        INVALID,
        Text(
            f"{what.en}: expected {expected}, got {got}",
            f"{what.zh}：应为 {expected}，实为 {got}",
        ),
    )


def quoted(path: Path) -> str:
    """A path for a shell line."""
    text = str(path)
    plain = all(c.isalnum() or c in "/._-~+=@%:," for c in text) and not text.startswith("~")
    return text if plain else "'" + text.replace("'", "'\\''") + "'"
