"""One file per format. A reader is a module with

    FORMATS: tuple[str, ...]                    names of the formats that it can report
    def recognise(head: Head) -> Reading | None

A new file here is found by itself. Two readers that take the same file are a fault
that `recognise` reports, never a race that the alphabet decides.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Protocol

from ...errors import IntegrityError, Text
from ..reading import Head, Reading

_COMMA = re.compile(r"^[+-]?\d+,\d+$")


class Reader(Protocol):
    """What a module of this package offers."""

    FORMATS: tuple[str, ...]

    def recognise(self, head: Head) -> Reading | None: ...


@cache
def readers() -> Sequence[Reader]:
    """Every reader module, in the order of their names."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


def recognise(head: Head) -> Reading | None:
    """The one reading of the file, None when no reader takes it."""
    found = [r for reader in readers() if (r := reader.recognise(head)) is not None]
    if len(found) > 1:
        raise IntegrityError(
            Text("two readers take the same file", "两个读取器识别了同一文件"),
            expected="one format",
            got=", ".join(r.format for r in found),
            where=head.name,
        )
    return _decimal_comma(head, found[0]) if found else None


def _decimal_comma(head: Head, reading: Reading) -> Reading:
    """The reading with a comma for its decimals, where semicolons part the cells and commas
    stand inside numbers: what a spreadsheet writes in half of Europe."""
    cells = {cell for row in head.rows for cell in row}
    if head.delimiter != ";" or not any(_COMMA.match(c) for c in cells):
        return reading
    note = Text("decimals are taken to be written with a comma", "小数点按逗号理解")
    return replace(reading, decimal=",", notes=(*reading.notes, note))
