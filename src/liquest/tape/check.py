"""What is wrong with staged rows: values that are missing or impossible, repeats, disorder.

Rows with impossible values and repeated rows are set aside; rows out of time order stay
in the tape, which never relies on the order of a file, and are reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from ..clock import DAY
from ..errors import Text
from ..problems import ABSENT, ASIDE, KEPT, Problem
from .reading import literal, quoted
from .schema import Schema

EARLIEST = 1_230_768_000_000_000
LATEST = 4_102_444_800_000_000
"""2009-01-01 and 2100-01-01: times outside are faults of unit or of the file."""
_MOST_PLACES = 1000
_LONGEST_NAME = 80
"""Bytes of a symbol; a folder of the lake must still be able to carry it."""
_MOST = 10**15
"""No price or size of a trade is larger, and no trade is worth a thousand times more; sums of
what is below stay far from the 38 digits of a decimal."""
_MOST_TRADES = 10**9
"""Trades that one row can stand for."""
_CONSECUTIVE = 0.99
"""Share of steps by one from which on ids are taken for consecutive, so that a hole is a loss."""
_REPEAT = Text("the same row stood before", "与前面某行重复")
_CONFLICT = Text(
    "the same as a row before, but with other values; the row before counts",
    "与前面某行同一编号但数值不同，以前者为准",
)
_DISORDER = Text("earlier than the row before it", "时间早于上一行")


@dataclass
class Seen:
    """`total` staged rows; `sound` is the SQL condition of those that may go on.

    `spread` is (count, first ts, last ts, first row, last row) of the sound rows.
    """

    total: int
    spread: tuple[int, int, int, int, int]
    sound: str = "true"
    aside: int = 0
    problems: list[Problem] = field(default_factory=list)


def faults(schema: Schema, present: set[str]) -> dict[str, tuple[str, Text]]:
    """code → (SQL condition of a faulty row, words) for the columns that the file has."""
    found = {
        "bad-time": (
            f"ts IS NULL OR ts NOT BETWEEN {EARLIEST} AND {LATEST}",
            Text("the time is missing or impossible", "时间缺失或不合理"),
        )
    }
    for name in schema.required:
        if name != "ts" and name in present:
            found[f"missing-{name}"] = (
                f"{quoted(name)} IS NULL",
                Text(f"{name} is missing or no number", f"{name} 缺失或不是数字"),
            )
    for name in schema.positive:
        if name in present:
            found[f"not-positive-{name}"] = (
                f"{quoted(name)} <= 0",
                Text(f"{name} is zero or negative", f"{name} 为零或负数"),
            )
    negative = [quoted(n) for n in schema.not_negative if n in present]
    if negative:
        found["negative"] = (
            " OR ".join(f"{n} < 0" for n in negative),
            Text("a size or a price is negative", "数量或价格为负数"),
        )
    if "symbol" in present:
        found["no-symbol"] = (
            "symbol IS NULL OR market IS NULL",
            Text("the row names no instrument", "该行未写明合约"),
        )
    if names := [quoted(n) for n in ("symbol", "market") if n in present]:
        found["no-name"] = (
            " OR ".join(
                f"strlen({n}) > {_LONGEST_NAME} OR regexp_matches({n}, '[[:cntrl:]]')"
                for n in names
            ),
            Text("what should be a symbol is no name", "应为合约名处的内容不是名称"),
        )
    if {"price", "raw_size"} <= present:
        found["too-large"] = (
            f"greatest(price::DOUBLE, raw_size::DOUBLE, "
            f"price::DOUBLE * raw_size::DOUBLE / 1000) > {_MOST}",
            Text("price or size is beyond anything traded", "价格或数量大到不可能"),
        )
    if schema.record == "trades" and "n" in present:
        found["bad-count"] = (
            f"n IS NULL OR n NOT BETWEEN 1 AND {_MOST_TRADES}",
            Text("the number of trades is impossible", "成交笔数不合理"),
        )
    if schema.record == "bars":
        found["impossible-bar"] = (
            "high < low OR open > high OR open < low OR close > high OR close < low",
            Text("open, high, low and close contradict each other", "开高低收互相矛盾"),
        )
        if "n" in present:
            found["bad-count"] = (
                f"n NOT BETWEEN 0 AND {_MOST_TRADES}",
                Text("the number of trades is impossible", "成交笔数不合理"),
            )
        found["bad-duration"] = (
            f"duration NOT BETWEEN 1 AND {366 * DAY}",
            Text("the bar has no length, or an impossible one", "K 线时长缺失或不合理"),
        )
        found["not-positive-bar"] = (
            "low <= 0 AND series IS DISTINCT FROM 'premium'",
            Text("a price is zero or negative", "价格为零或负数"),
        )
    return found


def rows(
    db: duckdb.DuckDBPyConnection, staged: Path, schema: Schema, columns: Mapping[str, str]
) -> Seen:
    """Look through the staged rows once; go deeper only where something is wrong.

    `columns` are those of the file with their types as `Staging.columns` gives them. A repeat
    is a row whose `schema.identity` (per market and symbol) stood before.
    """
    table = f"read_parquet({literal(str(staged))})"
    looked = faults(schema, set(columns))
    several = "symbol" in columns
    by_id = schema.identity == ("id",) and columns.get("id") == "BIGINT"
    any_fault = " OR ".join(f"coalesce({condition}, false)" for condition, _ in looked.values())
    aggregates = [
        "count(*)",
        "min(ts)", "max(ts)", "min(row_no)", "max(row_no)",
        "count(*) FILTER (WHERE ts < ts_before)",
        "count(*) FILTER (WHERE id <= id_before)" if by_id else "NULL",
        "count(*) FILTER (WHERE id = id_before + 1)" if by_id else "NULL",
        f"count(*) FILTER (WHERE {any_fault})",
    ]  # fmt: skip
    before = "lag(ts) OVER () AS ts_before" + (", lag(id) OVER () AS id_before" if by_id else "")
    total, ts0, ts1, row0, row1, disorder, backwards, steps, faulty = _one(
        db, f"SELECT {', '.join(aggregates)} FROM (SELECT *, {before} FROM {table})"
    )
    seen = Seen(total, (total, ts0, ts1, row0, row1))
    if not total:
        return seen
    wrong = []
    for code, (condition, text) in looked.items() if faulty else ():
        if found := _places(db, table, condition, Problem(code, ASIDE, text)):
            wrong.append(f"coalesce({condition}, false)")
            seen.problems += found
    if several or not by_id or backwards:
        wrong += _repeats(db, table, schema, columns, wrong, seen)
    if steps and steps < total - 1 and steps >= _CONSECUTIVE * (total - 1):
        _id_holes(db, table, several, not (several or backwards or wrong), wrong, seen)
    if disorder or wrong:
        _disorder(db, table, columns, wrong, seen)
    if wrong:
        seen.sound = f"NOT ({' OR '.join(wrong)})"
        kept = _one(
            db,
            f"SELECT count(*), min(ts), max(ts), min(row_no), max(row_no) FROM {table} "
            f"WHERE {seen.sound}",
        )
        seen.aside = total - kept[0]
        seen.spread = tuple(kept)
    return seen


def _sound(wrong: list[str]) -> str:
    """The WHERE clause that leaves out the rows of any of the conditions."""
    return f" WHERE NOT ({' OR '.join(wrong)})" if wrong else ""


def _one(db: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    return db.execute(query).fetchone() or ()


def _repeats(
    db: duckdb.DuckDBPyConnection, table: str, schema: Schema, types: Mapping[str, str],
    wrong: list[str], seen: Seen,
) -> list[str]:  # fmt: skip
    """Note the repeats among the rows that are not `wrong`; returns the SQL condition that a
    row is one, if any is."""
    key = schema.identity
    if not key or not set(key) <= set(types):
        return []
    known = " AND ".join([*(f"{quoted(n)} IS NOT NULL" for n in key), *(f"NOT {w}" for w in wrong)])
    group = ", ".join([*(n for n in ("market", "symbol") if n in types), *map(quoted, key)])
    values = ", ".join(quoted(n) for n in schema.required if n in types and n not in key)
    rows = (
        f"SELECT row_no FROM (SELECT row_no, row_number() OVER first AS nth, "
        f"row({values}) IS DISTINCT FROM first_value(row({values})) OVER first AS other "
        f"FROM {table} WHERE {known} WINDOW first AS (PARTITION BY {group} ORDER BY row_no)) "
        "WHERE nth > 1"
    )
    same, other = (f"row_no IN ({rows} AND {wanted})" for wanted in ("NOT other", "other"))
    found = _places(db, table, same, Problem("repeat", ASIDE, _REPEAT))
    found += _places(db, table, other, Problem("conflict", ASIDE, _CONFLICT))
    seen.problems += found
    return [f"row_no IN ({rows})"] if found else []


def _id_holes(
    db: duckdb.DuckDBPyConnection, table: str, several: bool, rising: bool, wrong: list[str],
    seen: Seen,
) -> None:  # fmt: skip
    """Note where consecutive ids jump, whatever their order in the file: rows it does not have."""
    # Where ids only rise the order of the file is that of the ids, and nothing need be sorted.
    over = "" if rising else f"{'PARTITION BY market, symbol ' if several else ''}ORDER BY id"
    found = db.execute(
        f"SELECT row_no, id, id_before FROM (SELECT row_no, id, lag(id) OVER ({over}) "
        f"AS id_before FROM {table}{_sound(wrong)}) WHERE id > id_before + 1 ORDER BY row_no"
    ).fetchall()
    for row_no, after, before in found[:_MOST_PLACES]:
        missing = after - before - 1
        seen.problems.append(
            Problem(
                "id-hole",
                ABSENT,
                Text(f"ids jump from {before} to {after}", f"编号由 {before} 跳至 {after}"),
                first=row_no,
                last=row_no,
                count=missing,
            )
        )
    if rest := found[_MOST_PLACES:]:
        words = Text(f"ids jump in {len(rest)} more places", f"另有 {len(rest)} 处编号跳跃")
        lost = sum(after - before - 1 for _, after, before in rest)
        seen.problems.append(
            Problem("id-hole", ABSENT, words, first=rest[0][0], last=rest[-1][0], count=lost)
        )


def _disorder(
    db: duckdb.DuckDBPyConnection,
    table: str,
    types: Mapping[str, str],
    wrong: list[str],
    seen: Seen,
) -> None:
    """Note sound rows earlier than the one before them of the same instrument and series."""
    keys = [n for n in ("market", "symbol", "series", "duration", "percentage") if n in types]
    by = f"PARTITION BY {', '.join(keys)} " if keys else ""
    rows = (
        f"SELECT row_no FROM (SELECT row_no, ts, lag(ts) OVER ({by}ORDER BY row_no) AS before "
        f"FROM {table}{_sound(wrong)}) WHERE ts < before"
    )
    seen.problems += _places(db, table, f"row_no IN ({rows})", Problem("disorder", KEPT, _DISORDER))


def _places(
    db: duckdb.DuckDBPyConnection, table: str, condition: str, like: Problem
) -> list[Problem]:
    """The rows that meet `condition`, consecutive rows as one problem."""
    found = db.execute(
        f"SELECT min(row_no), max(row_no), count(*) FROM (SELECT row_no, row_no - row_number() "
        f"OVER (ORDER BY row_no) AS island FROM {table} WHERE {condition}) "
        f"GROUP BY island ORDER BY 1"
    ).fetchall()
    problems = [
        Problem(like.code, like.effect, like.text, first=first, last=last, count=count)
        for first, last, count in found[:_MOST_PLACES]
    ]
    if rest := found[_MOST_PLACES:]:
        more = Text(
            f"{like.text.en} (and in {len(rest)} more places)",
            f"{like.text.zh}（另有 {len(rest)} 处）",
        )
        problems.append(
            Problem(
                like.code,
                like.effect,
                more,
                first=rest[0][0],
                last=rest[-1][1],
                count=sum(r[2] for r in rest),
            )
        )
    return problems
