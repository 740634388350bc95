"""SQL for one source: raw text columns → the columns of a schema, exactly.

Casting text to a decimal of too small a scale rounds without a word, so every decimal
is guarded: a value with more decimals than the chosen scale stops the query
(`SCALE_ERROR`), and the load measures the file and runs again with the scale it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from ..clock import zone
from ..instruments import Instrument
from .reading import Field, Reading, literal, quoted
from .schema import DEC, INT, SIDE, TEXT, TIME, Schema

SCALE_ERROR = "liquest: more decimals than the scale holds"
ID_ERROR = "liquest: an id is no whole number"
MIXED_ERROR = "liquest: more than one instrument"
WIDTH = 18
"""Digits of a DECIMAL that still fits into 64 bits."""
MOST_DECIMALS = 18
"""Decimals beyond this are noise of printed doubles and are rounded away."""
NUMBER = '"liquest:row"'
"""The column of row numbers beside a file's own columns, one of which may be named row_no."""
LARGEST_ID = 1 << 62
"""Ids beyond this are text: a step from one to the next must still fit into 64 bits."""
SIZE_SCALE = 8
"""Decimals of sizes that follow from a division (inverse contracts)."""


class Scale(NamedTuple):
    """DECIMAL(width, scale)."""

    width: int
    scale: int

    @property
    def sql(self) -> str:
        return f"DECIMAL({self.width}, {self.scale})"


WIDEST = Scale(38, MOST_DECIMALS)
"""The one scale of everything that 64 bits do not hold: decimals of 38 digits and different
scale do not unite without a loss."""


def scale_of(whole: int, fraction: int, *, room: int = 0) -> Scale:
    """The decimal for that many digits before and after the point: 64 bits where they fit.

    `room` adds decimals as far as 64 bits go, for values that were not looked at yet.
    """
    fraction = max(0, min(fraction, MOST_DECIMALS))
    if whole + fraction <= WIDTH:
        return Scale(WIDTH, min(fraction + room, WIDTH - whole))
    return WIDEST


class RawRows(NamedTuple):
    """Where the text columns of a source come from.

    `kind` is "csv" (plain text as it came), "numbered" (headless comma CSV that carries
    row_no first) or "parquet".
    """

    path: str
    kind: str = "csv"

    def sql(self, reading: Reading) -> str:
        """A table expression with every column of the reading as text.

        Of plain text, columns of whole numbers are read as such, which is quicker; a cell
        that is none stops the query, and the load goes the careful way.
        """
        if self.kind == "parquet":
            cast = ", ".join(
                f"CAST({quoted(c)} AS VARCHAR) AS {quoted(c)}" for c in reading.columns
            )
            return (
                f"(SELECT file_row_number + 1 AS {NUMBER}, {cast} "
                f"FROM read_parquet({literal(self.path)}, file_row_number=true))"
            )
        columns = {NUMBER.strip('"'): "BIGINT"} if self.kind == "numbered" else {}
        columns |= dict.fromkeys(reading.columns, "VARCHAR")
        if self.kind == "csv":
            columns |= dict.fromkeys(whole_numbers(reading), "BIGINT")
        types = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns.items())
        header = reading.header and self.kind == "csv"
        delimiter = reading.delimiter if self.kind == "csv" else ","
        return (
            f"read_csv({literal(self.path)}, auto_detect=false, header={str(header).lower()}, "
            f"delim={literal(delimiter)}, quote='\"', escape='\"', nullstr='', "
            f"compression='none', max_line_size=1048576, columns={{{types}}})"
        )

    def row_no(self, reading: Reading) -> str:
        """The row number: a line number in text, a record number elsewhere."""
        if self.kind == "csv":
            return f"row_number() OVER () + {int(reading.header)}"
        return NUMBER


def whole_numbers(reading: Reading) -> list[str]:
    """Columns that one field alone takes, as int64: times in µs and whole ids."""
    taken = [f.expr for f in reading.fields.values()] + [reading.market, reading.symbol]
    return [
        name
        for name in reading.columns
        if any(f.expr == quoted(name) and f.unit in ("us", "int") for f in reading.fields.values())
        and sum(quoted(name) in expr for expr in taken) == 1
    ]


def time_expr(field: Field, tz: str) -> str:
    """int64 microseconds UTC, null where the text is no time."""
    text = field.expr
    match field.unit:
        case "us-int":
            return text
        case "us":
            return f"try_cast({text} AS BIGINT)"
        case "ms":
            return (
                f"CASE WHEN strpos({text}, '.') = 0 THEN TRY(try_cast({text} AS BIGINT) * 1000) "
                f"ELSE TRY((try_cast({text} AS DECIMAL(38, 3)) * 1000)::BIGINT) END"
            )
        case "s":
            return f"TRY((try_cast({text} AS DECIMAL(38, 6)) * 1000000)::BIGINT)"
        case "ns":
            return f"try_cast({text} AS BIGINT) // 1000"
    # TIMESTAMP reads past an offset without heeding it; only TIMESTAMPTZ does what it says.
    moment = f"replace({text}, ',', '.')"
    marked = f"regexp_matches({text}, ':.*(Z|z|UTC|[+-]\\d\\d(:?\\d\\d)?)\\s*$')"
    offset = zone(tz).utcoffset(None)
    shift = int(offset.total_seconds()) * 1_000_000
    return (
        f"CASE WHEN {marked} THEN epoch_us(try_cast({moment} AS TIMESTAMPTZ)) "
        f"ELSE epoch_us(try_cast({moment} AS TIMESTAMP)) - {shift} END"
    )


def number(expr: str, decimal: str) -> str:
    """The text of a number with a point for its decimals."""
    return f"replace(replace({expr}, '.', ''), ',', '.')" if decimal == "," else expr


def decimal_expr(text: str, scale: Scale) -> str:
    """`text` as an exact decimal: null where it is no number, an error where it would round
    or has more whole digits than fit."""
    cast = f"try_cast({text} AS {scale.sql})"
    wide = f"try_cast({text} AS DECIMAL(38, 18))"
    error = f"error({literal(SCALE_ERROR)})"
    return (
        f"CASE WHEN length({text}) <= {scale.scale} AND NOT contains({text}, 'e') "
        f"AND NOT contains({text}, 'E') "
        f"THEN coalesce({cast}, CASE WHEN {wide} IS NOT NULL THEN {error} END) "
        f"WHEN {text} IS NULL OR {wide} IS NULL OR {wide} = {cast} THEN {cast} "
        f"ELSE {error} END"
    )


def side_expr(field: Field) -> str:
    """ "buy", "sell" or null; an ENUM, which Parquet writes in a third of the time of text."""
    words = field.words or {"buy": "buy", "sell": "sell"}
    kind = "ENUM('buy', 'sell')"
    if all(k == v for k, v in words.items()):
        spaced = f"try_cast(trim({field.expr}) AS {kind})"
        return f"coalesce(try_cast({field.expr} AS {kind}), {spaced})"
    cases = " ".join(f"WHEN {literal(k)} THEN {literal(v)}" for k, v in words.items())
    return f"try_cast(CASE trim({field.expr}) {cases} END AS {kind})"


def column_expr(kind: str, field: Field, reading: Reading, scale: Scale | None) -> str:
    """One schema column from its field."""
    if kind == TIME:
        return time_expr(field, reading.tz)
    if kind == DEC:
        return decimal_expr(number(field.expr, reading.decimal), scale or WIDEST)
    if kind == TEXT and field.unit == "int":
        whole = f"try_cast({field.expr} AS BIGINT)"
        return (
            f"CASE WHEN {whole} BETWEEN {-LARGEST_ID} AND {LARGEST_ID} THEN {whole} "
            f"WHEN {field.expr} IS NOT NULL THEN error({literal(ID_ERROR)}) END"
        )
    if kind == INT:
        return f"TRY(try_cast({field.expr} AS BIGINT))"
    if kind == SIDE:
        return side_expr(field)
    return field.expr


def size_expr(instrument: Instrument, size: str = "raw_size", price: str = "price") -> str:
    """Base units from the raw size of one instrument; `size` and `price` are column names.

    Linear: raw · contract size, exact. Inverse: raw · contract size / price, no finite
    decimal; one division of doubles, rounded to eight decimals row by row before anything
    is summed. What is exact for an inverse contract is its notional, raw · contract size.
    """
    contract = instrument.contract_size
    if contract is None:
        return "NULL::DECIMAL(18, 8)"
    if not instrument.inverse:
        return base_units(size, contract)
    ratio = f"{size}::DOUBLE * {contract:f} / {price}::DOUBLE"
    return f"try_cast({ratio} AS DECIMAL(38, {SIZE_SCALE}))"


def volume_expr(instrument: Instrument, reading: Reading) -> str:
    """Base units of a bar; null where contracts cannot be turned into coins."""
    contract = instrument.contract_size
    if "raw_volume" not in reading.fields or contract is None or instrument.inverse:
        return "NULL::DECIMAL(18, 8)"
    return base_units("raw_volume", contract)


def base_units(size: str, contract: Decimal) -> str:
    """Contracts times their size. Wide on purpose: DuckDB gives the product of two narrow
    decimals 18 digits, and parts of one scale unite without a loss."""
    return f"TRY_CAST(TRY(CAST({size} AS {WIDEST.sql}) * {contract:f}) AS {WIDEST.sql})"


def select_raw(
    reading: Reading,
    schema: Schema,
    raw: RawRows,
    scales: Mapping[str, Scale],
    only: tuple[str, str] | None = None,
) -> str:
    """Every row of the source in schema columns, with row_no.

    Where market and symbol stand in the rows they become columns, unless `only` names the
    one pair that is expected: then a row of another pair stops the query (MIXED_ERROR).
    """
    columns = []
    for name, kind in schema.columns.items():
        if field := reading.fields.get(name):
            columns.append(
                f"{column_expr(kind, field, reading, scales.get(name))} AS {quoted(name)}"
            )
        elif name in reading.constants:
            value = reading.constants[name]
            columns.append(
                f"{literal(value) if isinstance(value, str) else value} AS {quoted(name)}"
            )
    row_no = raw.row_no(reading)
    if only is not None:
        same = f"{reading.market} = {literal(only[0])} AND {reading.symbol} = {literal(only[1])}"
        row_no = f"CASE WHEN {same} THEN {row_no} ELSE error({literal(MIXED_ERROR)}) END"
    elif reading.instrument is None:
        columns += [
            f"nullif(trim({reading.market}), '') AS market",
            f"nullif(trim({reading.symbol}), '') AS symbol",
        ]
    columns.append(f"{row_no} AS row_no")
    joined = ",\n       ".join(columns)
    return f"SELECT {joined}\nFROM {raw.sql(reading)}"


def digits_query(reading: Reading, schema: Schema, raw: RawRows) -> str:
    """For each decimal column the most digits before and after the point in the whole file."""
    parts = []
    for name in decimals(reading, schema):
        text = f"trim({number(reading.fields[name].expr, reading.decimal)})"
        split = f"regexp_extract({text}, '^[+-]?([0-9]*)[.]?([0-9]*)', "
        power = f"coalesce(try_cast(regexp_extract({text}, '[eE]([+-]?[0-9]+)$', 1) AS INT), 0)"
        valid = f"FILTER (WHERE try_cast({text} AS DECIMAL(38, 18)) IS NOT NULL)"
        parts.append(f"coalesce(max(length({split}1)) + greatest({power}, 0)) {valid}, 1)")
        parts.append(f"coalesce(max(length({split}2)) - {power}) {valid}, 0)")
    return f"SELECT {', '.join(parts)} FROM {raw.sql(reading)}"


def decimals(reading: Reading, schema: Schema) -> Iterable[str]:
    """The decimal columns that the file really has."""
    return [n for n, kind in schema.columns.items() if kind == DEC and n in reading.fields]
