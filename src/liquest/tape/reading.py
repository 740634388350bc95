"""What a reader says about a file: which columns mean what.

A reader looks at the `Head` of a file and answers with a `Reading` or None. It never
reads the rows itself: `load` does, the same way for every format.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..clock import epoch_unit
from ..errors import Text
from ..instruments import Instrument

PEEK = 1 << 18
"""Bytes of the beginning of a file that are looked at to tell what it is."""
DELIMITERS = (",", ";", "\t", "|")
_NUMBER = re.compile(r"^[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?$")
_MACHINE_TIME = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


@dataclass(frozen=True)
class Head:
    """The beginning of a file, as every reader sees it.

    `rows` are the first cells split by `delimiter`; `header` the names when the first row
    is one (no cell of it is a number or a time), lower-cased and stripped; `columns` the
    same names as written, or c0, c1 … where there is no header. For JSON `data` holds the
    document, for Parquet `types` its columns.
    """

    name: str
    path: Path
    container: str
    text: str = ""
    delimiter: str = ","
    columns: tuple[str, ...] = ()
    header: tuple[str, ...] | None = None
    rows: tuple[tuple[str, ...], ...] = ()
    data: Any = None
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def first(self) -> tuple[str, ...]:
        """The first data row, empty when there is none."""
        return self.rows[0] if self.rows else ()

    def has(self, *names: str) -> bool:
        """Whether the header holds all of `names`."""
        return self.header is not None and set(names) <= set(self.header)

    def column(self, name: str) -> str | None:
        """The column as written whose lower-cased name is `name`."""
        if self.header is None or name not in self.header:
            return None
        return self.columns[self.header.index(name)]

    def find(self, *names: str) -> str | None:
        """The column as written that is one of `names`, case, spaces and underscores aside."""
        for name in names:
            for at, held in enumerate(self.header or ()):
                if re.sub(r"[\s_]", "", held) == name:
                    return self.columns[at]
        return None

    def values(self, name: str) -> list[str]:
        """The non-empty values of a column in the first rows."""
        if name not in self.columns:
            return []
        at = self.columns.index(name)
        return [r[at] for r in self.rows if at < len(r) and r[at]]

    def sample(self, name: str) -> str:
        """The first non-empty value of a column, "" when there is none."""
        return next(iter(self.values(name)), "")


@dataclass(frozen=True)
class Field:
    """Where a column of the schema comes from.

    `expr` is SQL over the raw columns, all of them text. `unit` is for times: s, ms, us,
    ns (epoch numbers), "text" (ISO times), or "us-int" when `expr` already gives int64
    microseconds. A `Field` for a SIDE may map words: {"Buy": "buy"}.
    """

    expr: str
    unit: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """How to read one file into one record kind.

    Either `instrument` is the whole file's, or `market` and `symbol` are SQL expressions
    that name it per row and `identify` turns them into instruments. `constants` fill
    schema columns with one value. `tz` holds for text times without an offset.
    """

    format: str
    record: str
    columns: tuple[str, ...]
    fields: Mapping[str, Field]
    header: bool = True
    delimiter: str = ","
    decimal: str = "."
    instrument: Instrument | None = None
    market: str = ""
    symbol: str = ""
    identify: Callable[[str, str], Instrument] | None = None
    constants: Mapping[str, str | int] = field(default_factory=dict)
    tz: str = "UTC"
    notes: tuple[Text, ...] = ()


def quoted(name: str) -> str:
    """A column name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def time_field(head: Head, column: str) -> Field | None:
    """The field for a time column, its unit judged by most of the first values; None if the
    column holds no times."""
    units = Counter(unit for value in head.values(column) if (unit := time_unit(value)))
    return Field(quoted(column), units.most_common(1)[0][0]) if units else None


def time_unit(value: str) -> str | None:
    """The unit (see Field) of one written time, None when it is none."""
    whole = value.split(".")[0].lstrip("-")
    if whole.isdecimal():
        return epoch_unit(int(whole))
    return "text" if _MACHINE_TIME.match(value) else None


def is_number(text: str) -> bool:
    """A plain number, with a point or a comma for its decimals."""
    return bool(_NUMBER.match(text))


def head_of_text(name: str, path: Path, container: str, raw: bytes, charset: str) -> Head:
    """Split the beginning of a text file into cells, or parse it when it is JSON."""
    text = raw.decode(charset, errors="replace").removeprefix("\ufeff").replace("\r\n", "\n")
    stripped = text.lstrip()
    if stripped[:1] in "[{":
        return Head(name, path, container, text=text, data=_json(stripped))
    # A file that was seen to its end has a last line in full, with or without an end of line.
    cut = text if len(raw) < PEEK else text[: text.rfind("\n") + 1] or text
    return split(Head(name, path, container, text=cut))


def split(head: Head, delimiter: str = "") -> Head:
    """The head with its text split into cells by `delimiter`, or by the likeliest one."""
    lines = [line for line in head.text.split("\n") if line][:200]
    if not lines:
        return head
    delimiter = delimiter or max(DELIMITERS, key=lambda d: min(line.count(d) for line in lines[:5]))
    try:
        cells = [
            tuple(c.strip() for c in row)
            for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
        ]
    except csv.Error:
        cells = [tuple(line.split(delimiter)) for line in lines]
    first = cells[0]
    named = all(c and not is_number(c) and not _MACHINE_TIME.match(c) for c in first)
    header = tuple(c.lower() for c in first) if named and len(set(first)) == len(first) else None
    return replace(
        head,
        delimiter=delimiter,
        columns=tuple(f"c{i}" for i in range(len(first))) if header is None else first,
        header=header,
        rows=tuple(cells if header is None else cells[1:]),
    )


def _json(text: str) -> Any:
    """The document, or its first complete value when only the beginning was peeked."""
    first = text.splitlines()[0] if text else ""
    for piece in (text, first):
        try:
            return json.loads(piece)
        except (ValueError, RecursionError):
            continue
    return _PARTIAL


_PARTIAL = object()


def is_partial(data: Any) -> bool:
    """Whether a JSON document was longer than the peeked beginning."""
    return data is _PARTIAL
