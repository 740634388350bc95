"""The Parquet lake: `RECORD/venue=V/kind=K/instrument=I/date=D/SOURCE.parquet`.

`kind` stands in the path because one symbol of a venue can be a spot pair and a
perpetual at once. Parts of one instrument may use decimals of different scale; every
scan unites them by name, so none is rounded.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..clock import Window
from ..instruments import Instrument
from ..run.disk import whole
from .reading import literal
from .schema import DEC, INT, SCHEMAS, TIME
from .sql import base_units

_EMPTY = {TIME: "BIGINT", INT: "BIGINT", DEC: "DECIMAL(1, 0)"}

PARQUET = "FORMAT parquet, COMPRESSION snappy, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1000"
"""How every part is written. Snappy: zstd saves a fifth of the bytes and costs a sixth of the
time of a whole load."""
COPY = f"({PARQUET})"


@dataclass(frozen=True)
class Part:
    """Rows of one source, record, instrument and UTC day. `path` is relative to the lake.

    `series` lists the (kind of price, duration in µs) pairs of bars.
    """

    record: str
    instrument: Instrument
    date: str
    path: str
    source: str
    rows: int
    ts_min: int
    ts_max: int
    row_min: int
    row_max: int
    series: tuple[tuple[str, int], ...] = ()

    @property
    def last_end(self) -> int:
        """The moment after which the part knows nothing: a bar lasts beyond its opening."""
        return self.ts_max + max((d for _, d in self.series), default=1)

    def json(self) -> dict[str, Any]:
        size = self.instrument.contract_size
        return {
            **self.__dict__,
            "instrument": {
                **self.instrument.__dict__, "contract_size": None if size is None else str(size)
            },
        }  # fmt: skip

    @classmethod
    def of(cls, data: dict[str, Any]) -> Part:
        made = dict(data)
        inner = dict(made["instrument"])
        size = inner["contract_size"]
        inner["contract_size"] = None if size is None else Decimal(size)
        made["instrument"] = Instrument(**inner)
        made["series"] = tuple((str(s), int(d)) for s, d in made["series"])
        return cls(**made)


def safe(name: str) -> str:
    """A name as one folder: no separators, no dots that climb, reversible."""
    return quote(name, safe="").replace(".", "%2E") or "%00"


def part_path(record: str, instrument: Instrument, date: str, source: str) -> str:
    """Where a part lies below the lake."""
    return (
        f"{record}/venue={safe(instrument.venue)}/kind={instrument.kind}"
        f"/instrument={safe(instrument.symbol)}/date={date}/{source[:16]}.parquet"
    )


@dataclass(frozen=True)
class Lake:
    """Parts below `root`, and how to read them."""

    root: Path
    parts: tuple[Part, ...]

    def state(self) -> list[Any]:
        """What a result that was made from the lake rests on: its parts, and the sizes of their
        contracts."""
        return [
            [(p.path, p.source, p.rows, p.ts_min, p.ts_max) for p in self.parts],
            [str(p.instrument.contract_size) for p in self.parts],
        ]

    @cached_property
    def _by_record(self) -> dict[str, dict[Instrument, tuple[Part, ...]]]:
        grouped: dict[str, dict[Instrument, list[Part]]] = {}
        for part in self.parts:
            grouped.setdefault(part.record, {}).setdefault(part.instrument, []).append(part)
        return {
            record: {i: tuple(found) for i, found in instruments.items()}
            for record, instruments in grouped.items()
        }

    def records(self) -> list[str]:
        """Record kinds that the lake holds."""
        return sorted(self._by_record)

    def instruments(self, *records: str) -> list[Instrument]:
        """Instruments with parts in any of `records` (all when none is named), sorted."""
        wanted = {
            i for record in records or self._by_record for i in self._by_record.get(record, ())
        }
        return sorted(wanted, key=lambda i: i.key)

    def of(
        self, record: str, instrument: Instrument | None = None, window: Window | None = None
    ) -> tuple[Part, ...]:
        """The parts of a record, of one instrument, that reach into the window."""
        found = self._by_record.get(record, {})
        parts = (
            found.get(instrument, ())
            if instrument is not None
            else (p for p in self.parts if p.record == record)
        )
        return tuple(
            p
            for p in parts
            if window is None or (p.ts_min < window.end and p.last_end > window.start)
        )

    def table(self, record: str, instrument: Instrument, window: Window | None = None) -> str:
        """A table expression over one instrument, its normalised size and notional included.

        Rows may lie outside `window`; it only spares parts that cannot reach into it.
        """
        parts = self.of(record, instrument, window)
        columns = "*"
        if record in ("trades", "liquidations"):
            size = ", raw_size AS size" if instrument.counts_coins else ""
            columns = f"*{size}, {_notional(instrument)} AS notional"
        elif record == "bars" and instrument.counts_coins:
            columns = "* EXCLUDE (volume), coalesce(volume, raw_volume) AS volume"
        return f"(SELECT {columns} FROM {self.scan(record, parts)})"

    def scan(self, record: str, parts: Iterable[Part]) -> str:
        """The columns as they lie in the files, missing ones of the schema as null."""
        files = [str(self.root / p.path) for p in parts]
        if record not in SCHEMAS:
            return scan(files)
        return f"(SELECT {_missing(record)} UNION ALL BY NAME SELECT * FROM {scan(files)})"

    def side_by_side(self, record: str, groups: Sequence[Sequence[Part]]) -> str:
        """A table expression over many instruments at once: `track` is the number of the group
        that a row belongs to, `volume` is in base units where that is known."""
        listed = ", ".join(
            f"({literal(str(self.root / part.path))}, {number}, {part.instrument.counts_coins})"
            for number, group in enumerate(groups)
            for part in group
        )
        files = [str(self.root / part.path) for group in groups for part in group]
        return (
            "(SELECT * EXCLUDE (volume, counts_coins), CASE WHEN counts_coins "
            "THEN coalesce(volume, raw_volume) ELSE volume END AS volume FROM "
            f"(SELECT {_missing(record)} UNION ALL BY NAME SELECT p.* EXCLUDE (filename), m.track, "
            f"m.counts_coins FROM {scan(files, named=True)} p "
            f"JOIN (VALUES {listed}) m(filename, track, counts_coins) USING (filename)))"
        )

    def save(self, path: Path) -> None:
        """Write the catalogue, unless it stands there."""
        text = json.dumps([p.json() for p in self.parts], indent=0)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            with whole(path) as out:
                out.write(text)


def _notional(instrument: Instrument) -> str:
    """Value of a trade in the quote currency (USD for inverse contracts), exact.

    Sizes count to twelve decimals; null for a trade of 10¹² or more. One factor is wide on
    purpose: DuckDB may give the product of two narrow decimals no more than 18 digits.
    """
    if instrument.contract_size is None:
        return "NULL::DECIMAL(18, 8)"
    if instrument.inverse:
        return base_units("raw_size", instrument.contract_size)
    size = "raw_size" if instrument.counts_coins else "size"
    return f"TRY(CAST({size} AS DECIMAL(38, 12)) * price)"


def _missing(record: str) -> str:
    """Every column of the schema, of no row: what a file lacks is null."""
    columns = SCHEMAS[record].columns.items()
    nulls = (f"NULL::{_EMPTY.get(kind, 'VARCHAR')} AS {name}" for name, kind in columns)
    return f"{', '.join(nulls)} WHERE false"


def scan(paths: Iterable[str], *, named: bool = False) -> str:
    """A table expression over Parquet files whose decimals may differ in scale; `named`
    adds the column `filename`."""
    listed = ", ".join(literal(p) for p in paths)
    more = ", filename=true" if named else ""
    return f"read_parquet([{listed}], union_by_name=true, hive_partitioning=false{more})"
