"""Which characters the fonts of the package draw, and how the others are written.

Invariant: nothing is dropped. A character without a glyph is written as its code point,
[U+20000], because a name that shows as an empty box can no longer be checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ..findings import plain

FONTS = Path(__file__).parent / "fonts"
_LAID_OUT = frozenset("\n\t")
"""Characters that a template sets without a glyph."""


@cache
def drawn() -> frozenset[str]:
    """Every character that the regular weight draws."""
    found: set[str] = set()
    for line in (FONTS / "coverage.txt").read_text(encoding="ascii").split():
        first, _, last = line.partition("-")
        found.update(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return frozenset(found)


def spelled(text: str) -> str:
    """The text with each character that cannot be drawn as [U+…]."""
    known = drawn() | _LAID_OUT
    if known.issuperset(text):
        return text
    return "".join(c if c in known else f"[U+{ord(c):04X}]" for c in text)


def settable(data: Any) -> Any:
    """Data as a template takes them: texts spelled, decimals in plain notation; floats are
    refused, for they print differently than they were computed."""
    if isinstance(data, str):
        return spelled(data)
    if isinstance(data, Decimal):
        return plain(data)
    if isinstance(data, Mapping):
        return {str(key): settable(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [settable(value) for value in data]
    if data is None or isinstance(data, bool | int):
        return data
    raise TypeError(f"no template can set {data!r}")
