"""From one recognised source to one staged Parquet file in schema columns, with row numbers.

The fast way lets DuckDB read the unpacked text and checks that every line of the file
is accounted for. Where it is not (a cut line, a blank one, too many cells), the careful
way goes through the file line by line, keeps the broken lines aside with their numbers
and hands the sound ones to the same SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb

from ..instruments import NO_CONTRACTS, Instrument
from ..problems import Problem
from ..run.database import connection
from ..vault.intake import Source
from . import sql
from .careful import sound_rows
from .document import document_rows
from .lake import COPY
from .reading import Head, Reading, is_number, literal, quoted
from .schema import SCHEMAS, Schema
from .unpack import unpack


class Staging:
    """The steps for one source, with what they share. `expected` is the instrument of the
    first row; `only` its market and symbol while no other pair was met."""

    def __init__(
        self,
        source: Source,
        head: Head,
        reading: Reading,
        scratch: Path,
        contracts: Mapping[tuple[str, str], Decimal],
    ) -> None:
        self.source, self.head, self.scratch, self.contracts = source, head, scratch, contracts
        self.problems: list[Problem] = []
        self.reading = reading
        self.reading = self._first_guess()
        self.schema: Schema = SCHEMAS[reading.record]
        self.db = connection()
        self.staged = scratch / "staged.parquet"
        self.scales = guess_scales(head, reading, self.schema)
        self.only = self._first_pair()
        self.expected = self._expected()

    def run(self) -> int:
        """Write `staged` with every well-formed line of the file; returns their number."""
        source = self.source
        plain = self.scratch / "plain"
        if self.head.container == "parquet":
            return self._copy(sql.RawRows(str(source.path), "parquet"))
        unpacked = unpack(source.path, plain, name=source.name)
        self.problems += unpacked.problems
        if self.head.data is not None:
            table = self.scratch / "table.csv"
            document_rows(plain, table, self.reading, source.name)
            return self._copy(sql.RawRows(str(table), "numbered"))
        try:
            rows = self._copy(sql.RawRows(str(plain)))
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            rows = -1
        if rows != unpacked.lines - int(self.reading.header):
            # What broken lines taught of ids and instruments is forgotten.
            self.reading, self.only = self._first_guess(), self._first_pair()
            sound = self.scratch / "sound.csv"
            self.problems += sound_rows(plain, sound, self.reading)
            rows = self._copy(sql.RawRows(str(sound), "numbered"))
        return rows

    def _copy(self, raw: sql.RawRows) -> int:
        """Stage the rows; where the guess of the first rows fails, look closer and do it again."""
        try:
            return self._copy_once(raw)
        except duckdb.InvalidInputException as error:
            if sql.ID_ERROR in str(error):
                self.reading = whole_ids(self.reading, whole=False)
                return self._copy(raw)
            if sql.MIXED_ERROR in str(error):
                self.only = None
                return self._copy(raw)
            if sql.SCALE_ERROR not in str(error):
                raise
        query = sql.digits_query(self.reading, self.schema, raw)
        digits = self.db.execute(query).fetchone() or ()
        for at, name in enumerate(sql.decimals(self.reading, self.schema)):
            self.scales[name] = sql.scale_of(digits[2 * at], digits[2 * at + 1])
        try:
            return self._copy_once(raw)
        except duckdb.InvalidInputException as error:
            if sql.SCALE_ERROR not in str(error):
                raise
        # Numbers written as no one expects, 1_000.5 among them: the widest scale takes all.
        self.scales = dict.fromkeys(self.scales, sql.WIDEST)
        return self._copy_once(raw)

    def _copy_once(self, raw: sql.RawRows) -> int:
        rows = sql.select_raw(self.reading, self.schema, raw, self.scales, self.only)
        added = ", ".join(f"{e} AS {n}" for n, e in self.added(self.expected).items())
        query = f"SELECT *, {added} FROM (\n{rows}\n)"
        done = self.db.execute(f"COPY ({query}) TO {literal(str(self.staged))} {COPY}").fetchone()
        return int(done[0]) if done else 0

    def _first_guess(self) -> Reading:
        """The reading with its ids taken for what they are in the first rows."""
        field = self.reading.fields.get("id")
        shown = [
            v for c in self.head.columns if field is not None and quoted(c) == field.expr
            for v in self.head.values(c)
        ]  # fmt: skip
        return whole_ids(self.reading, whole=all(is_number(v) for v in shown))

    def _first_pair(self) -> tuple[str, str] | None:
        """Market and symbol of the first row, where rows carry them."""
        if self.reading.instrument is not None:
            return None
        names = [
            self.head.sample(c)
            for expr in (self.reading.market, self.reading.symbol)
            for c in self.head.columns
            if quoted(c) == expr
        ]
        return (names[0], names[1]) if len(names) == 2 else None

    def _expected(self) -> Instrument:
        """The instrument of the first row: right for nearly every file, checked by the query."""
        if self.reading.instrument is not None:
            return self.sized(self.reading.instrument)
        if self.only is not None and self.reading.identify is not None:
            return self.sized(self.reading.identify(*self.only))
        return Instrument("", "", "spot")

    @property
    def columns(self) -> dict[str, str]:
        """What `staged` holds: schema columns by their kind ("BIGINT" for whole ids), row_no,
        what follows from instrument and source, and market and symbol where rows carry them."""
        held = {
            name: kind
            for name, kind in self.schema.columns.items()
            if name in self.reading.fields or name in self.reading.constants
        }
        if "id" in held and self.reading.fields["id"].unit == "int":
            held["id"] = "BIGINT"
        if self.reading.instrument is None and self.only is None:
            held |= {"market": "text", "symbol": "text"}
        return {**held, "row_no": "int", **dict.fromkeys(self.added(self.expected), "")}

    def sized(self, instrument: Instrument) -> Instrument:
        """The instrument with the contract size that the case gives, if it gives one."""
        size = self.contracts.get((instrument.venue, instrument.symbol))
        if size is None or instrument.kind in NO_CONTRACTS:
            return instrument
        return replace(instrument, contract_size=size)

    def added(self, instrument: Instrument) -> dict[str, str]:
        """Columns that follow from the instrument and the source: name → SQL.

        Where a contract is one coin the size in base units is the raw size; it is not
        written twice, and the lake shows both.
        """
        sha = literal(self.source.sha256)
        added = {"source_id": f"{sha}::ENUM({sha})"}
        if not instrument.counts_coins:
            if self.reading.record in ("trades", "liquidations"):
                added["size"] = sql.size_expr(instrument)
            if self.reading.record == "bars" and "volume" not in self.reading.fields:
                added["volume"] = sql.volume_expr(instrument, self.reading)
        return added


def whole_ids(reading: Reading, *, whole: bool) -> Reading:
    """The reading with its ids taken for whole numbers, or for text."""
    if "id" not in reading.fields:
        return reading
    ids = replace(reading.fields["id"], unit="int" if whole else "")
    return replace(reading, fields={**reading.fields, "id": ids})


def guess_scales(head: Head, reading: Reading, schema: Schema) -> dict[str, sql.Scale]:
    """Decimals by the first rows: room for three more whole digits, the rest for decimals."""
    scales = {}
    for name in sql.decimals(reading, schema):
        at = next(
            (i for i, c in enumerate(head.columns) if quoted(c) == reading.fields[name].expr), None
        )
        values = [] if at is None else [r[at] for r in head.rows if at < len(r)]
        whole = max(
            (len(v.replace(",", ".").lstrip("+-").split(".")[0]) for v in values if is_number(v)),
            default=8,
        )
        scales[name] = sql.scale_of(min(whole + 3, 12), 0, room=sql.WIDTH)
    return scales
