"""Any CSV or Parquet of trades or candles, through a column map of the case.

[[map]]
files = "*candles*.csv"            # glob on the name of the source
record = "bars"                    # or trades, quotes, ticker, depth, liquidations
venue = "bybit"
kind = "linear-perpetual"
symbol = "BTCUSDT"                 # or symbol_column = "symbol"
duration = "5m"                    # bars only
series = "trade"                   # bars only: trade, mark, index, premium
columns = { ts = "time", open = "o", high = "h", low = "l", close = "c" }
tz = "UTC+8"                       # for times without an offset
unit = "ms"                        # for epoch numbers; judged by their size if left out
decimal = ","                      # and delimiter = ";"
sides = { B = "buy", S = "sell" }
contract_size = "0.01"
base = "AAVE"                      # where the symbol does not say; quote likewise
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatch
from functools import partial
from typing import Any

from ..clock import DAY, HOUR, MINUTE, SECOND, UNITS, zone
from ..errors import CaseError, Text, UsageError
from ..instruments import KINDS, Instrument, identify
from .reading import Field, Head, Reading, literal, quoted, split, time_field
from .schema import SCHEMAS, SIDE, TIME

_DURATIONS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_KEYS = {
    "files", "record", "venue", "kind", "symbol", "symbol_column", "duration", "series", "columns",
    "tz", "unit", "decimal", "delimiter", "sides", "contract_size", "base", "quote",
}  # fmt: skip
_INNER = ("columns", "sides")
"""Keys that hold a table of their own; the others hold text."""
SERIES = ("trade", "mark", "index", "premium")


@dataclass(frozen=True)
class ColumnMap:
    """One `[[map]]` of case.toml, checked."""

    files: str
    record: str
    venue: str
    columns: Mapping[str, str]
    kind: str = "spot"
    symbol: str = ""
    symbol_column: str = ""
    duration: int = 0
    series: str = "trade"
    tz: str = "UTC"
    unit: str = ""
    decimal: str = "."
    delimiter: str = ""
    sides: Mapping[str, str] = field(default_factory=dict)
    contract_size: Decimal | None = None
    base: str = ""
    quote: str = ""


def duration_of(text: str) -> int:
    """Microseconds of "1s", "5m", "4h", "1d"; raises ValueError for anything else."""
    if len(text) < 2 or text[-1] not in _DURATIONS or not text[:-1].isdigit() or int(text[:-1]) < 1:
        raise ValueError(text)
    return int(text[:-1]) * _DURATIONS[text[-1]]


def contract_size(value: Any) -> Decimal | None:
    """The size as it is written in TOML, exact; None where it is no number above zero."""
    try:
        size = Decimal(str(value))
    except InvalidOperation:
        return None
    return size if size.is_finite() and size > 0 else None


def parse_map(table: Mapping[str, Any], where: str) -> ColumnMap:
    """A `[[map]]` table as a ColumnMap; raises CaseError naming the key at fault."""

    def refuse(en: str, zh: str) -> CaseError:
        return CaseError(
            Text(f"[[map]] {en}", f"[[map]] {zh}"), where=where,
            remedy=Text("See docs/data.md for a map that works.", "可用示例见 docs/data.md。"),
        )  # fmt: skip

    if unknown := sorted(set(table) - _KEYS):
        raise refuse(f"has unknown keys: {', '.join(unknown)}", f"含未知键：{', '.join(unknown)}")
    for key in ("files", "record", "venue", "columns"):
        if key not in table:
            raise refuse(f"needs '{key}'", f"缺少“{key}”")
    for key, value in table.items():
        if key in _INNER:
            fits = isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values())
        else:
            fits = isinstance(value, str) or key == "contract_size"
        if not fits:
            raise refuse(f"'{key}' is of the wrong type", f"“{key}”的类型不对")
    record = table["record"]
    if record not in SCHEMAS:
        raise refuse(
            f"record '{record}' is none of {', '.join(SCHEMAS)}", f"未知记录类型“{record}”"
        )
    columns = dict(table["columns"])
    known = SCHEMAS[record].columns
    if unknown := sorted(set(columns) - set(known) - {"size"}):
        raise refuse(
            f"maps unknown columns: {', '.join(unknown)}", f"映射了未知列：{', '.join(unknown)}"
        )
    if "size" in columns:
        columns["raw_size"] = columns.pop("size")
    missing = [n for n in SCHEMAS[record].required if n not in columns and n != "duration"]
    if missing:
        raise refuse(f"lacks columns: {', '.join(missing)}", f"缺少列：{', '.join(missing)}")
    if ("symbol" in table) == ("symbol_column" in table):
        raise refuse(
            "needs either 'symbol' or 'symbol_column'", "须二选一给出 symbol 或 symbol_column"
        )
    if table.get("kind", "spot") not in KINDS:
        raise refuse(
            f"kind '{table['kind']}' is none of {', '.join(KINDS)}", f"未知品种“{table['kind']}”"
        )
    if table.get("unit", "us") not in (*UNITS, "ns"):
        raise refuse("unit must be s, ms, us or ns", "unit 须为 s、ms、us 或 ns")
    if table.get("series", "trade") not in SERIES:
        raise refuse(
            f"series must be one of {', '.join(SERIES)}", f"series 须为 {', '.join(SERIES)}"
        )
    if table.get("decimal", ".") not in (".", ","):
        raise refuse('decimal must be "." or ","', 'decimal 须为 "." 或 ","')
    if len(table.get("delimiter", ",")) != 1:
        raise refuse("delimiter must be one character", "delimiter 须为单个字符")
    made = dict(table) | {"columns": columns}
    try:
        zone(made.get("tz", "UTC"))
    except UsageError as error:
        raise CaseError(error.what, where=f"{where}: [[map]]", remedy=error.remedy) from None
    if "contract_size" in made:
        made["contract_size"] = contract_size(made["contract_size"])
        if made["contract_size"] is None:
            raise refuse("contract_size is no number above zero", "contract_size 须大于零")
    if "duration" in made:
        try:
            made["duration"] = duration_of(made["duration"])
        except ValueError:
            raise refuse('duration is none such as "1m"', 'duration 须形如 "1m"') from None
    if record == "bars" and not made.get("duration"):
        raise refuse("needs 'duration' for bars, such as \"1m\"", 'K 线须给出 duration，如 "1m"')
    return ColumnMap(**made)


def apply_maps(head: Head, maps: Iterable[ColumnMap]) -> Reading | None:
    """The reading of the first map whose glob takes the file's name."""
    for column_map in maps:
        if fnmatch(head.name, column_map.files):
            return _reading(head, column_map)
    return None


def _reading(head: Head, column_map: ColumnMap) -> Reading:
    if column_map.delimiter not in ("", head.delimiter) and head.container != "parquet":
        head = split(head, column_map.delimiter)
    schema = SCHEMAS[column_map.record]
    fields: dict[str, Field] = {}
    for ours, theirs in column_map.columns.items():
        if theirs not in head.columns:
            raise CaseError(
                Text(
                    f"the map for '{column_map.files}' names a column '{theirs}' that the file "
                    "does not have",
                    f"“{column_map.files}”的列映射提到文件中不存在的列“{theirs}”",
                ),
                where=head.name,
                remedy=Text(
                    f"The file has: {', '.join(head.columns)}",
                    f"文件的列：{', '.join(head.columns)}",
                ),
            )
        kind = schema.columns[ours]
        if kind == TIME:
            fields[ours] = _time(head, theirs, column_map)
        elif kind == SIDE:
            fields[ours] = Field(quoted(theirs), words=column_map.sides)
        else:
            fields[ours] = Field(quoted(theirs))
    constants: dict[str, str | int] = {}
    if column_map.record == "bars":
        constants["series"] = column_map.series
        constants["duration"] = column_map.duration
    fixed = column_map.symbol
    return Reading(
        format=f"mapped-{column_map.record}",
        record=column_map.record,
        columns=head.columns,
        fields=fields,
        header=head.header is not None,
        delimiter=column_map.delimiter or head.delimiter,
        decimal=column_map.decimal,
        instrument=_identify(column_map, "", fixed) if fixed else None,
        market=literal(column_map.venue) if not fixed else "",
        symbol=quoted(column_map.symbol_column) if not fixed else "",
        identify=partial(_identify, column_map),
        constants=constants,
        tz=column_map.tz,
    )


def _time(head: Head, column: str, column_map: ColumnMap) -> Field:
    if column_map.unit:
        return Field(quoted(column), column_map.unit)
    if head.types.get(column, "").startswith("TIMESTAMP"):
        return Field(quoted(column), "text")
    return time_field(head, column) or Field(quoted(column), "text")


def _identify(column_map: ColumnMap, _market: str, symbol: str) -> Instrument:
    """The instrument that the map and a symbol name."""
    made = identify(column_map.venue, symbol, column_map.kind)
    if column_map.base:
        made = replace(made, base=column_map.base)
    elif not made.quote and column_map.quote:
        made = replace(made, base=symbol.upper())
    if column_map.quote:
        made = replace(made, quote=column_map.quote)
    if column_map.contract_size is not None:
        made = replace(made, contract_size=column_map.contract_size)
    return made


def template(head: Head) -> str:
    """A `[[map]]` to be filled in for a file that no reader takes."""
    return (
        f"[[map]]\nfiles = {literal(head.name)}\nrecord = 'bars'\nvenue = '…'\nsymbol = '…'\n"
        f"duration = '1m'\ncolumns = {{ ts = '…', open = '…', high = '…', low = '…', close = '…' }}"
        f"\n# columns of the file: {', '.join(head.columns)}\n"
    )
