"""Two versions of one file, row by row: what was changed, added, removed.

Both texts are joined on their key in DuckDB, which spills to disk; only rows that differ
come out. Where a key occurs several times, its rows are matched in order, equal ones first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import duckdb

from ..run.database import connection
from ..vault.intake import digest
from .tables import Table, table

CHANGED, ADDED, REMOVED, HEADER = "changed", "added", "removed", "header"
MOST = 10_000
"""Changes of one file that are told one by one; all are counted."""


@dataclass(frozen=True)
class Change:
    """One cell, or one whole row. A row number is None on the side that lacks the row."""

    kind: str
    key: str
    column: str
    old: str | None
    new: str | None
    old_row: int | None
    new_row: int | None
    at: int | None = None


@dataclass
class Comparison:
    """`changes` are the first MOST of them; `rows` counts rows by kind of change."""

    changes: list[Change] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    readable: bool = True
    """False where one side is no text: only the bytes were compared."""

    @property
    def total(self) -> int:
        return sum(self.rows.values())

    @property
    def cut(self) -> bool:
        return self.total > len({(c.key, c.old_row, c.new_row) for c in self.changes})


SQL = """
SELECT coalesce(o.key, n.key) AS key,
       o.row_no AS old_row, o.line AS old_line, n.row_no AS new_row, n.line AS new_line
FROM old o FULL JOIN new n ON o.key = n.key AND o.nth = n.nth
WHERE o.line IS DISTINCT FROM n.line
ORDER BY key, coalesce(o.row_no, n.row_no)
"""


def compare(old: Path, new: Path, scratch: Path) -> Comparison:
    """The differences between two sealed files; none when only the packing differs."""
    scratch.mkdir(parents=True, exist_ok=True)
    texts = [scratch / "old.txt", scratch / "new.txt"]
    try:
        tables = [table(p, into) for p, into in zip((old, new), texts, strict=True)]
        if tables[0] is None or tables[1] is None:
            return Comparison(readable=False)
        if digest(texts[0]) == digest(texts[1]):
            return Comparison()
        return _compared(tables[0], tables[1])
    finally:
        for path in texts:
            path.unlink(missing_ok=True)


def _compared(old: Table, new: Table) -> Comparison:
    done = Comparison()
    if old.header != new.header:
        done.rows[HEADER] = 1
        done.changes.append(
            Change(
                HEADER, HEADER, "", old.header or None, new.header or None,
                1 if old.header else None, 1 if new.header else None,
            )
        )  # fmt: skip
    # A key that only one side has would match nothing.
    key = old.key if old.key == new.key else ()
    db = connection()
    try:
        for name, one in (("old", old), ("new", new)):
            _register(db, name, one, key)
        unique = all(
            db.execute(f"SELECT count(*) = count(DISTINCT key) FROM {n}_rows").fetchall()[0][0]
            for n in ("old", "new")
        )
        for name in ("old", "new"):
            nth = "1" if unique else "row_number() OVER (PARTITION BY key ORDER BY row_no)"
            db.execute(
                f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT *, {nth} AS nth FROM {name}_rows"
            )
        db.execute(f"CREATE OR REPLACE TEMP TABLE differing AS {SQL}")
        counted = db.execute(
            "SELECT count(*) FILTER (WHERE new_line IS NULL), "
            "count(*) FILTER (WHERE old_line IS NULL), count(*) FROM differing"
        ).fetchall()[0]
        pairs = _pairs(db, exact=counted[2] <= 2 * MOST)
        for key_text, before, after in pairs:
            kind = REMOVED if after is None else ADDED if before is None else CHANGED
            done.rows[kind] += 1
            done.changes += _cells(old, new, kind, key_text, before, after)
        if counted[2] > 2 * MOST:
            done.rows[REMOVED], done.rows[ADDED] = counted[0], counted[1]
            done.rows[CHANGED] = counted[2] - counted[0] - counted[1]
        done.changes = done.changes[:MOST]
        done.rows += Counter()
        return done
    finally:
        for name in ("old", "new"):
            db.execute(f"DROP VIEW IF EXISTS {name}")
            db.execute(f"DROP TABLE IF EXISTS {name}_rows")
        db.execute("DROP TABLE IF EXISTS differing")


def _register(db: duckdb.DuckDBPyConnection, name: str, one: Table, key: tuple[int, ...]) -> None:
    """The lines of a text with their numbers and keys, exactly as they stand."""
    mark = _literal(one.delimiter or "\x01")
    parts = [f"split_part(line, {mark}, {place + 1})" for place in key]
    made = f"concat_ws(' ', {', '.join(parts)})" if parts else "line"
    path = _literal(str(one.path))
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE {name}_rows AS SELECT row_no, line, {made} AS key FROM ("
        "SELECT row_number() OVER () AS row_no, line FROM "
        f"read_csv({path}, columns={{'line': 'VARCHAR'}}, delim='\x01', quote='', escape='', "
        "header=false, auto_detect=false, strict_mode=false, new_line='\\n', "
        f"max_line_size=16777216)) WHERE row_no >= {one.first} AND line IS NOT NULL"
    )


_Row = tuple[int, str]


def _pairs(
    db: duckdb.DuckDBPyConnection, *, exact: bool
) -> Iterator[tuple[str, _Row | None, _Row | None]]:
    """(key, old row, new row) that truly differ: equal rows of one key cancel each other."""
    limit = "" if exact else f" LIMIT {MOST}"
    found = db.execute(f"SELECT * FROM differing{limit}").fetchall()
    made: list[tuple[str, _Row | None, _Row | None]] = []
    for key, group in groupby(found, key=lambda r: r[0]):
        rows = list(group)
        before = [(r[1], r[2]) for r in rows if r[2] is not None]
        after = [(r[3], r[4]) for r in rows if r[4] is not None]
        common = Counter(line for _, line in before) & Counter(line for _, line in after)
        before, after = _without(before, Counter(common)), _without(after, Counter(common))
        for place in range(max(len(before), len(after))):
            made.append(
                (
                    key,
                    before[place] if place < len(before) else None,
                    after[place] if place < len(after) else None,
                )
            )
    return iter(sorted(made, key=lambda p: (p[1] or p[2] or (0, ""))[0]))


def _without(rows: list[_Row], taken: Counter[str]) -> list[_Row]:
    kept = []
    for row_no, line in sorted(rows):
        if taken[line]:
            taken[line] -= 1
        else:
            kept.append((row_no, line))
    return kept


def _cells(
    old: Table, new: Table, kind: str, key: str, before: _Row | None, after: _Row | None
) -> Iterator[Change]:
    """One change a cell; the whole row where it came, went or has other columns."""
    old_row, old_line = before or (None, None)
    new_row, new_line = after or (None, None)
    at = old.moment(old_line) if old_line is not None else new.moment(new_line or "")
    if old_line is not None and new_line is not None:
        was, now = old.cells(old_line), new.cells(new_line)
        differ = [i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b]
        if len(was) == len(now) and differ:
            for i in differ:
                yield Change(kind, key, old.name(i), was[i], now[i], old_row, new_row, at)
            return
    yield Change(kind, key, "", old_line, new_line, old_row, new_row, at)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
