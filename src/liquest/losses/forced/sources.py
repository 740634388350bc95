"""Where an entry of an account stands: for an error, a problem, or the inputs of a finding."""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import Text
from ...findings import Input
from ...problems import Problem
from ..entries import Exports, Ref

EXTREME = "extreme"


def where(exports: Exports, ref: Ref) -> str:
    """File and row, as an error names them."""
    return f"{exports.files[ref.file].name}:{ref.row}"


def problem_at(
    exports: Exports, ref: Ref, code: str, effect: str, text: Text, sample: str = ""
) -> Problem:
    """A problem of one row."""
    file = exports.files[ref.file]
    return Problem(code, effect, text, file.name, file.sha256, ref.row, ref.row, 1, sample[:200])


def rows_of(exports: Exports, refs: Iterable[Ref], role: str = EXTREME) -> tuple[Input, ...]:
    """The rows as inputs of a finding, each once, in order of file and row."""
    return tuple(
        Input(exports.files[ref.file].sha256, ref.row, ref.row, role) for ref in sorted(set(refs))
    )
