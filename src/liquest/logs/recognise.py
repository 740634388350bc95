"""Whether a file is a log, and how it is to be read.

A `[[log]]` of the case decides. Else market data come first: what a reader of the tape takes
is no log. What is left is one when most of its first lines say when, and at least one of
them speaks of levels, codes, orders or answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import CaseError, LiquestError, Text
from ..tape.load import head_of
from ..tape.mapped import ColumnMap, apply_maps
from ..tape.readers import recognise as market_data
from ..tape.reading import Head
from ..vault.intake import Source
from . import line
from .readers import Document, document, order_table
from .scanner import Scanned, scanner
from .spec import NOTHING, LogSpec, spec_of

_MANY = 20
"""Lines that say when, so that a file of much noise is a log still."""


@dataclass(frozen=True)
class Reading:
    """How one source is read: line by line, or as the records of `document`."""

    spec: LogSpec
    document: Document | None = None
    forced: bool = False

    @property
    def tz(self) -> str:
        """The zone of times without offset; "" where nobody says."""
        return self.spec.tz or (self.document.tz if self.document else "")


def reading_of(
    source: Source, specs: Sequence[LogSpec], maps: Sequence[ColumnMap] = (), year: int = 0
) -> Reading | None:
    """How the source is to be read as a log; None when it is none.

    Raises LiquestError where a `[[log]]` names it and it cannot be opened.
    """
    spec = spec_of(source.name, specs)
    try:
        head = head_of(source)
        if head.container == "parquet":
            return None
        if spec is None and (apply_maps(head, maps) or market_data(head)):
            return None
    except (LiquestError, OSError, UnicodeError):
        # What it is said to be wrong with it the tape says.
        if spec is None:
            return None
        raise
    return _reading(head, spec, year)


def _reading(head: Head, spec: LogSpec | None, year: int) -> Reading | None:
    forced = spec is not None
    own = spec or NOTHING
    if own.columns:
        _check_columns(head, own)
        tz = order_table.columns_of(list(own.columns.values()))[1]
        return Reading(own, order_table.mapped(head, own.columns, tz), forced)
    if not own.patterns and (found := document(head)) is not None:
        return Reading(own, found, forced)
    return Reading(own, None, forced) if forced or _is_log(head, own, year) else None


def _check_columns(head: Head, spec: LogSpec) -> None:
    missing = [name for name in spec.columns.values() if name not in head.columns]
    if head.header is None or missing or "time" not in spec.columns:
        named = missing[0] if missing else "time"
        raise CaseError(
            Text(
                f"the [[log]] for '{spec.files}' needs a column '{named}' that the file does not "
                "have",
                f"“{spec.files}”的 [[log]] 所需的列“{named}”在文件中不存在",
            ),
            where=head.name,
            remedy=Text(
                f"The file has: {', '.join(head.columns)}",
                f"文件的列：{', '.join(head.columns)}",
            ),
        )


def _is_log(head: Head, spec: LogSpec, year: int) -> bool:
    data = np.frombuffer(head.text.encode("utf-8"), dtype=np.uint8).copy()
    if not len(data):
        return False
    seen = scanner(spec).scan(data, year=year)
    timed = seen.rows.shape[1]
    return (timed >= _MANY or timed > seen.strange) and _speaks(seen, spec)


def _speaks(seen: Scanned, spec: LogSpec) -> bool:
    """Whether any of the events is one of a program or of orders, not a row of numbers."""
    rows, words = seen.rows, scanner(spec).words
    told = 0
    for section in ("outcome", "class", "action", "method"):
        for bit in words.of(section).values():
            told |= bit
    return bool(
        np.any(
            (rows[line.LEVEL] > 0) | (rows[line.MASK] & told != 0)
            | (rows[line.CODE] != line.NONE) | (rows[line.STATUS] != line.NONE)
        )
    )  # fmt: skip
