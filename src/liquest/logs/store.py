"""The log lake: `out/logs/SOURCE-NNN.parquet` events, `SOURCE-attempts.parquet` attempts.

One `LogFile` per source. Tables give words for the numbers of the parts (events.py), the
client and the venue that hold for the whole file where a row names none, and `source_id`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..clock import Window
from ..run.disk import whole
from ..tape.reading import literal, quoted
from .events import decoded
from .schema import ATTEMPT_COLUMNS, EVENT_COLUMNS


@dataclass(frozen=True)
class LogFile:
    """One source that was read as a log. `parts` and `attempts` are relative to the lake.

    `venue`, `client` and `interface` hold where a row does not say, a venue that the case gives
    for every row; `offsets` are the µs east of UTC at which times without an offset were
    taken, none where every time had its own.
    """

    source: str
    name: str
    size: int
    lines: int
    rows: int
    ts_min: int
    ts_max: int
    row_min: int
    row_max: int
    parts: tuple[str, ...]
    attempts: str
    attempt_rows: int
    client: str
    venue: str = ""
    venue_given: bool = False
    interface: str = ""
    offsets: tuple[int, ...] = ()
    formats: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()

    @property
    def format(self) -> str:
        """The formats in it, the most frequent first."""
        return ", ".join(sorted(self.formats, key=lambda f: (-self.formats[f], f))[:3])

    def json(self) -> dict[str, Any]:
        return {**self.__dict__, "formats": dict(self.formats), "kinds": dict(self.kinds)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> LogFile:
        made: dict[str, Any] = dict(data)
        for name in ("parts", "offsets", "caveats"):
            made[name] = tuple(made[name])
        return cls(**made)

    def events(self, root: Path) -> str:
        """A table expression of its events."""
        columns = ", ".join(f"{self._column(name)} AS {quoted(name)}" for name in EVENT_COLUMNS)
        files = ", ".join(literal(str(root / part)) for part in self.parts)
        return (
            f"(SELECT {columns}, {literal(self.source)} AS source_id "
            f"FROM read_parquet([{files}], union_by_name=true))"
        )

    def _column(self, name: str) -> str:
        own = {"client": self.client, "venue": self.venue, "interface": self.interface}
        words = decoded(name)
        if name == "venue" and self.venue_given:
            words = literal(self.venue)
        elif own.get(name):
            words = f"coalesce({words}, {literal(own[name])})"
        return f"CAST({words} AS {EVENT_COLUMNS[name]})"


@dataclass(frozen=True)
class Aside:
    """A source that is a log of which nothing can be placed in time. `first` and `last` are its
    times as written, without their zone; 0 where there are none."""

    source: str
    name: str
    format: str
    first: int = 0
    last: int = 0


@dataclass(frozen=True)
class Logs:
    """The logs of a case below `root`. Empty where the case has none that can be used."""

    root: Path = Path()
    files: tuple[LogFile, ...] = ()
    aside: tuple[Aside, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files)

    @property
    def taken(self) -> dict[str, tuple[str, int]]:
        """(format, rows) by SHA-256: what the tape need not look at."""
        used = {f.source: (f.format, f.rows) for f in self.files}
        return used | {a.source: (a.format, 0) for a in self.aside}

    def of(self, window: Window | None = None) -> tuple[LogFile, ...]:
        """The files that reach into the window."""
        return tuple(
            f
            for f in self.files
            if window is None or (f.ts_min < window.end and f.ts_max >= window.start)
        )

    def events(self, window: Window | None = None, files: Iterable[LogFile] | None = None) -> str:
        """A table expression of events (schema.EVENT_COLUMNS, source_id) in the window."""
        found = self.of(window) if files is None else tuple(files)
        return _union([f.events(self.root) for f in found], EVENT_COLUMNS, window)

    def attempts(self, window: Window | None = None, files: Iterable[LogFile] | None = None) -> str:
        """A table expression of attempts (schema.ATTEMPT_COLUMNS, source_id) whose request
        lies in the window."""
        found = self.of(window) if files is None else tuple(files)
        tables = [
            f"(SELECT *, {literal(f.source)} AS source_id FROM "
            f"read_parquet({literal(str(self.root / f.attempts))}))"
            for f in found
        ]
        return _union(tables, ATTEMPT_COLUMNS, window)

    def file(self, source: str) -> LogFile:
        """The file of a source."""
        return next(f for f in self.files if f.source == source)

    def state(self) -> list[Any]:
        """What a result depends on, for a fingerprint."""
        return [f.json() for f in self.files]

    def save(self, path: Path) -> None:
        """Write the catalogue, unless it stands there."""
        text = json.dumps([f.json() for f in self.files], ensure_ascii=False, indent=0)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            with whole(path) as out:
                out.write(text)


EMPTY = Logs()


def _union(tables: list[str], columns: Mapping[str, str], window: Window | None) -> str:
    nulls = ", ".join(f"NULL::{kind} AS {quoted(n)}" for n, kind in columns.items())
    empty = f"(SELECT {nulls}, NULL::VARCHAR AS source_id WHERE false)"
    where = "" if window is None else f" WHERE ts >= {window.start} AND ts < {window.end}"
    union = " UNION ALL BY NAME ".join(f"SELECT * FROM {t}" for t in (empty, *tables))
    return f"(SELECT * FROM ({union}){where})"
