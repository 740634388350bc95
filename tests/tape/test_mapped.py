"""mapped: any table through a column map of the case; what a map gets wrong is named."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from _cases import T0
from _tape import Read, read, read_source, source_of
from liquest.clock import HOUR, MINUTE, SECOND
from liquest.errors import CaseError
from liquest.problems import UNREAD
from liquest.tape.mapped import ColumnMap, contract_size, duration_of, parse_map

TRADES: dict[str, Any] = {
    "files": "*mine*.csv",
    "record": "trades",
    "venue": "kraken",
    "symbol": "ATOM/USD",
    "columns": {"ts": "time", "price": "p", "size": "q"},
}
BARS: dict[str, Any] = {
    "files": "*",
    "record": "bars",
    "venue": "bybit",
    "kind": "linear-perpetual",
    "symbol": "BTCUSDT",
    "duration": "5m",
    "columns": {"ts": "t", "open": "o", "high": "h", "low": "l", "close": "c"},
}


def taken(content: str | bytes, **more: Any) -> Read:
    """A file read through the map of trades with changes."""
    return read("mine.csv", content, parse_map(TRADES | more, "case.toml"))


def test_trades_through_a_map() -> None:
    got = taken(f"time,p,q\n{T0},2.5,7\n{T0 + 1},2.6,8\n")
    assert got.keys == ["kraken:spot:ATOM/USD"] and got.loaded.format == "mapped-trades"
    assert [(r["row_no"], r["ts"], r["price"], r["raw_size"]) for r in got.rows] == [
        (2, T0, Decimal("2.5"), 7),
        (3, T0 + 1, Decimal("2.6"), 8),
    ]


def test_a_decimal_comma_and_a_semicolon() -> None:
    got = taken(f"time;p;q\n{T0};1.234,5;0,001\n", decimal=",")
    assert [(r["price"], r["raw_size"]) for r in got.rows] == [
        (Decimal("1234.5"), Decimal("0.001"))
    ]


def test_the_delimiter_that_the_map_names_counts() -> None:
    """Without a header a decimal comma looks as much like a delimiter as the semicolon."""
    got = taken(
        f"{T0};2,5;7,5\n{T0 + 1};2,6;8,5\n",
        decimal=",", delimiter=";", columns={"ts": "c0", "price": "c1", "size": "c2"},
    )  # fmt: skip
    assert [r["price"] for r in got.rows] == [Decimal("2.5"), Decimal("2.6")]


@pytest.mark.parametrize(
    ("moment", "tz"),
    [
        ("2025-10-10 21:20:00", "UTC"),
        ("2025-10-11 05:20:00", "UTC+8"),
        ("2025-10-11T05:20:00.000", "Asia/Shanghai"),
        ("2025-10-10T21:20:00Z", "UTC+8"),
        ("2025-10-11 05:20:00+08:00", "UTC+8"),
        ("2025-10-11 05:20:00+08", "UTC+8"),
        ("2025-10-11 05:20:00+0800", "UTC"),
        ("2025-10-10 16:20:00-05", "UTC+8"),
        ("2025-10-10 15:50:00", "-05:30"),
    ],
)
def test_text_times_in_their_zone(moment: str, tz: str) -> None:
    got = taken(f"time,p,q\n{moment},2.5,7\n", tz=tz)
    assert [r["ts"] for r in got.rows] == [T0]


@pytest.mark.parametrize(("unit", "value"), [("s", T0 // SECOND), ("ms", T0 // 1000), ("us", T0),
                                             ("ns", T0 * 1000)])  # fmt: skip
@pytest.mark.parametrize("said", [True, False])
def test_epoch_times_in_any_unit_said_or_judged(unit: str, value: int, said: bool) -> None:
    got = taken(f"time,p,q\n{value},2.5,7\n", **({"unit": unit} if said else {}))
    assert [r["ts"] for r in got.rows] == [T0]


def test_sides_by_their_own_words() -> None:
    columns = {**TRADES["columns"], "side": "s"}
    content = f"time,p,q,s\n{T0},1,1,B\n{T0},1,1, S\n{T0},1,1,?\n"
    got = taken(content, columns=columns, sides={"B": "buy", "S": "sell"})
    assert [r.get("side") for r in got.rows] == ["buy", "sell", None]


def test_a_symbol_in_every_row() -> None:
    table = {k: v for k, v in TRADES.items() if k != "symbol"} | {"symbol_column": "coin"}
    content = f"coin,time,p,q\nATOM,{T0},1,1\nDOT,{T0},2,1\n"
    one = parse_map(table | {"quote": "USD"}, "case.toml")
    got = read("mine.csv", content, one)
    assert got.keys == ["kraken:spot:ATOM", "kraken:spot:DOT"]
    assert {(p.instrument.base, p.instrument.quote) for p in got.loaded.parts} == {
        ("ATOM", "USD"),
        ("DOT", "USD"),
    }


def test_sizes_of_contracts_become_coins() -> None:
    one = parse_map(
        TRADES | {"kind": "linear-perpetual", "contract_size": "0.01", "base": "AAVE"}, "case.toml"
    )
    got = read("mine.csv", f"time,p,q\n{T0},250,300000\n{T0},250,999999.5\n", one)
    assert [(r["raw_size"], r["size"]) for r in got.rows] == [
        (300000, 3000),
        (Decimal("999999.5"), Decimal("9999.995")),
    ]
    assert got.loaded.parts[0].instrument.base == "AAVE"


def test_bars_through_a_map() -> None:
    one = parse_map(BARS | {"series": "mark"}, "case.toml")
    got = read("x.csv", f"t,o,h,l,c\n{T0 // 1000},2,4,1,3\n", one)
    (row,) = got.rows
    assert (row["series"], row["duration"], row["ts"]) == ("mark", 5 * MINUTE, T0)
    assert got.loaded.parts[0].series == (("mark", 5 * MINUTE),)


@pytest.mark.parametrize(
    ("kind", "moment"),
    [
        ("BIGINT", T0 // SECOND),
        ("BIGINT", T0 // 1000),
        ("BIGINT", T0),
        ("BIGINT", T0 * 1000),
        ("TIMESTAMP", "2025-10-10 21:20:00"),
        ("TIMESTAMP_NS", "2025-10-10 21:20:00"),
        ("TIMESTAMPTZ", "2025-10-11 05:20:00+08"),
        ("VARCHAR", "2025-10-10T21:20:00Z"),
    ],
)
@pytest.mark.parametrize("tz", ["UTC", "UTC+8"])
def test_parquet_times_of_any_kind(tmp_path: Path, kind: str, moment: Any, tz: str) -> None:
    path = tmp_path / "in.parquet"
    with duckdb.connect() as db:
        db.execute(
            f"COPY (SELECT CAST('{moment}' AS {kind}) AS time, 1e-8::DOUBLE AS p, 7 AS q) "
            f"TO '{path}' (FORMAT parquet)"
        )
    local = kind in ("TIMESTAMP", "TIMESTAMP_NS") and tz == "UTC+8"
    source = source_of(tmp_path, "mine.csv", path.read_bytes())
    got = read_source(source, tmp_path / "lake", parse_map(TRADES | {"tz": tz}, "case.toml"))
    assert [r["ts"] for r in got.rows] == [T0 - 8 * HOUR if local else T0]
    assert [(r["row_no"], r["price"]) for r in got.rows] == [(1, Decimal("0.00000001"))]


@pytest.mark.parametrize("name", ["row_no", "source_id", "ts", "market", "symbol", "n", "select"])
@pytest.mark.parametrize("broken", ["", "broken\n"])
def test_a_column_may_have_any_name(name: str, broken: str) -> None:
    got = taken(f"{name},time,p,q\n9,{T0},2.5,7\n{broken}")
    assert [(r["row_no"], r["price"]) for r in got.rows] == [(2, Decimal("2.5"))]


def test_a_column_that_the_file_does_not_have_is_named_with_those_it_has() -> None:
    got = taken("when,p,q\n1,2,3\n")
    assert [(p.code, p.effect) for p in got.loaded.problems] == [("unreadable", UNREAD)]
    assert "'time'" in got.words and "when, p, q" in got.words and "“time”" in got.words


def test_the_first_map_that_fits_the_name_is_taken() -> None:
    first = parse_map(TRADES | {"venue": "first"}, "case.toml")
    second = parse_map(TRADES | {"venue": "second"}, "case.toml")
    other = parse_map(TRADES | {"files": "*theirs*"}, "case.toml")
    got = read("mine.csv", f"time,p,q\n{T0},1,1\n", other, first, second)
    assert got.keys == ["first:spot:ATOM/USD"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"file": "x"}, "unknown keys: file"),
        ({"files": None}, "'files'"),
        ({"venue": None}, "'venue'"),
        ({"columns": None}, "'columns'"),
        ({"record": "candles"}, "candles"),
        ({"record": ["trades"]}, "'record'"),
        ({"files": 3}, "'files'"),
        ({"columns": "ts"}, "'columns'"),
        ({"columns": {"ts": 1}}, "'columns'"),
        ({"columns": {"ts": "t", "price": "p"}}, "raw_size"),
        ({"columns": {**TRADES["columns"], "prize": "x"}}, "prize"),
        ({"symbol": None}, "symbol_column"),
        ({"symbol_column": "s"}, "symbol_column"),
        ({"kind": "future"}, "future"),
        ({"unit": "minutes"}, "unit"),
        ({"series": "last"}, "series"),
        ({"tz": "Europe/Berlin"}, "time zone"),
        ({"decimal": "·"}, "decimal"),
        ({"delimiter": "::"}, "delimiter"),
        ({"delimiter": ""}, "delimiter"),
        ({"contract_size": "0"}, "contract_size"),
        ({"contract_size": "-1"}, "contract_size"),
        ({"contract_size": "NaN"}, "contract_size"),
        ({"contract_size": "ten"}, "contract_size"),
    ],
)
def test_refusals_name_the_key(change: dict[str, Any], said: str) -> None:
    table = {k: v for k, v in (TRADES | change).items() if v is not None}
    with pytest.raises(CaseError) as refused:
        parse_map(table, "case.toml")
    assert said in refused.value.what.en
    assert "case.toml" in refused.value.where and refused.value.remedy is not None
    assert refused.value.what.zh


@pytest.mark.parametrize("duration", [None, "", "5", "m", "0m", "-5m", "1w", 300, "1.5h"])
def test_bars_need_a_length(duration: Any) -> None:
    table = {k: v for k, v in (BARS | {"duration": duration}).items() if v is not None}
    with pytest.raises(CaseError, match="duration"):
        parse_map(table, "case.toml")


@pytest.mark.parametrize(
    ("text", "us"), [("1s", SECOND), ("5m", 5 * MINUTE), ("4h", 4 * HOUR), ("1d", 24 * HOUR)]
)
def test_lengths(text: str, us: int) -> None:
    assert duration_of(text) == us


@pytest.mark.parametrize(
    ("value", "size"), [("0.1", "0.1"), (0.1, "0.1"), (10, "10"), ("1e2", "100"), (True, None),
                        (float("inf"), None), ("", None), (0, None)]
)  # fmt: skip
def test_a_contract_size_as_toml_gives_it(value: Any, size: str | None) -> None:
    assert contract_size(value) == (None if size is None else Decimal(size))


def test_a_map_is_what_it_says() -> None:
    made = parse_map(TRADES | {"sides": {"B": "buy"}, "decimal": ","}, "case.toml")
    assert isinstance(made, ColumnMap)
    assert made.columns == {"ts": "time", "price": "p", "raw_size": "q"}
    assert (made.sides, made.decimal, made.kind) == ({"B": "buy"}, ",", "spot")
