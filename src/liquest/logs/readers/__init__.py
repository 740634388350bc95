"""One file per format of log. A reader is a module with any of

    FORMAT: str                                  what it is called, where it has no forms
    LAYOUTS: tuple[Layout, ...]                  forms of its lines
    WORDS: tuple[tuple[str, str], ...]           (meaning, phrase) that its programs write
    def document(head: Head) -> Document | None  a file that is no lines: records one by one

A new file here is found by itself. Every line of every log is tried against the forms of all
readers, the most demanding first, so a file may hold as many formats as it likes.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from ...errors import IntegrityError, Text
from ...tape.reading import Head
from ..layout import Layout

USER = "pattern"
"""The format of lines that a pattern of the case takes."""

Records = Iterator[tuple[int, bytes]]
"""(row number, one JSON object as text) of every record."""


@dataclass(frozen=True)
class Document:
    """A file of records: `records` reads its plain text and gives one JSON line for each, with
    the keys of vocabulary.toml. `tz` is what the file says of times without offset."""

    format: str
    records: Callable[[Path], Records]
    tz: str = ""
    notes: tuple[Text, ...] = ()


@cache
def readers() -> Sequence[ModuleType]:
    """Every reader module, in the order of their names."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


@cache
def layouts() -> tuple[Layout, ...]:
    """The forms of all readers, the most demanding first; equal ones in the order of readers."""
    found: list[Layout] = [one for r in readers() for one in getattr(r, "LAYOUTS", ())]
    patterns = [one.pattern for one in found]
    if len(set(patterns)) != len(patterns):
        twice = next(p for p in patterns if patterns.count(p) > 1)
        raise IntegrityError(
            Text("two readers take the same form of line", "两个读取器使用同一种行格式"),
            expected="one format",
            got=", ".join(one.format for one in found if one.pattern == twice),
            where=twice,
        )
    return tuple(sorted(found, key=lambda one: one.rank))


@cache
def formats() -> tuple[str, ...]:
    """The names of all formats, sorted."""
    named = {getattr(r, "FORMAT", USER) for r in readers()}
    return tuple(sorted({*named, *(one.format for one in layouts())}))


@cache
def words() -> tuple[tuple[str, str], ...]:
    """What readers add to the vocabulary."""
    return tuple(w for r in readers() for w in getattr(r, "WORDS", ()))


def document(head: Head) -> Document | None:
    """The one reading of a file as records, None when no reader takes it for that."""
    found = [d for r in readers() if hasattr(r, "document") and (d := r.document(head)) is not None]
    if len(found) > 1:
        raise IntegrityError(
            Text("two readers take the same file", "两个读取器识别了同一文件"),
            expected="one format",
            got=", ".join(d.format for d in found),
            where=head.name,
        )
    return found[0] if found else None
