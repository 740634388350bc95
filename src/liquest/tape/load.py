"""One source → Parquet parts of the lake, and what could not be used."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import duckdb

from ..errors import LiquestError, Text
from ..problems import ABSENT, ASIDE, KEPT, UNREAD, Problem
from ..run.database import connection
from ..run.disk import output_error
from ..vault.credentials import excerpt
from ..vault.intake import Source
from . import check
from .careful import with_samples
from .lake import Part
from .mapped import ColumnMap, apply_maps
from .publish import Publishing
from .readers import recognise
from .reading import Head, Reading, head_of_text, literal
from .staging import Staging
from .unpack import breaks, container, encoding, peek

_CUT = Text(
    "the archive is cut off or damaged before what it is could be told",
    "压缩文件在开头处即已截断或损坏，无法判断其内容",
)

_LOOKED_AT = 4096
"""Characters by which a binary file is told."""


@dataclass(frozen=True)
class LoadTask:
    """Read `source` into the lake at `lake`; `maps` are the case's own column maps, `contracts`
    its sizes of contracts, by (venue, symbol)."""

    source: Source
    lake: Path
    maps: tuple[ColumnMap, ...] = ()
    contracts: tuple[tuple[tuple[str, str], Decimal], ...] = ()


@dataclass
class Loaded:
    """What became of one source. `format` is "" when no reader takes it."""

    source: Source
    format: str = ""
    record: str = ""
    parts: list[Part] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    read: bool = False


def head_of(source: Source) -> Head:
    """The beginning of a source, as readers see it."""
    kind = container(source.path)
    if kind == "parquet":
        types = connection().execute(
            f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "
            f"read_parquet({literal(str(source.path))}))"
        ).fetchall()  # fmt: skip
        names = tuple(t[0] for t in types)
        first = connection().execute(
            f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet({literal(str(source.path))}) "
            "LIMIT 100"
        ).fetchall()  # fmt: skip
        return Head(
            source.name, source.path, kind, columns=names,
            header=tuple(n.lower() for n in names),
            rows=tuple(tuple(c or "" for c in row) for row in first), types=dict(types),
        )  # fmt: skip
    raw = peek(source.path)
    return head_of_text(source.name, source.path, kind, raw, encoding(raw))


def reading_of(source: Source, maps: Iterable[ColumnMap] = ()) -> tuple[Head, Reading | None]:
    """How the source is to be read: by a map of the case first, else by a reader."""
    head = head_of(source)
    return head, apply_maps(head, maps) or recognise(head)


def load(task: LoadTask) -> Loaded:
    """Read one source; never raises for what is wrong with the source itself."""
    done = Loaded(task.source)
    scratch = task.lake / ".tmp" / task.source.sha256[:16]
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        head, reading = reading_of(task.source, task.maps)
        if reading is None and head.container != "parquet" and breaks(task.source.path):
            done.problems.append(Problem("truncated", UNREAD, _CUT))
        elif reading is None:
            done.problems.append(_unknown(head))
        else:
            done.format, done.record = reading.format, reading.record
            done.problems += [Problem("assumption", KEPT, note) for note in reading.notes]
            scratch.mkdir(parents=True)
            _read(task, done, head, reading, scratch)
            done.read = True
    except LiquestError as error:
        if error.exit_code == 4:
            raise
        done.problems.append(
            Problem(
                "unreadable",
                UNREAD,
                _with_remedy(error),
            )
        )
    except (duckdb.Error, OSError, UnicodeError) as error:
        if not isinstance(error, UnicodeError) and (refused := output_error(error, task.lake)):
            raise refused from error
        done.problems.append(
            Problem(
                "unreadable",
                UNREAD,
                Text(f"cannot be read: {_one_line(error)}", f"无法读取：{_one_line(error)}"),
            )
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    done.problems = [
        replace(p, path=task.source.name, source=task.source.sha256) for p in done.problems
    ]
    return done


def _with_remedy(error: LiquestError) -> Text:
    if error.remedy is None:
        return error.what
    return Text(f"{error.what.en}. {error.remedy.en}", f"{error.what.zh}。{error.remedy.zh}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _unknown(head: Head) -> Problem:
    """What is said of a file that no reader takes; an empty one is an absence."""
    if not head.columns and not head.text.strip():
        return Problem("empty", ABSENT, Text("the file is empty", "文件为空"))
    if _binary(head.text):
        return Problem(
            "unknown-format", ASIDE,
            Text("not taken for market data: binary, not text",
                 "未识别为行情数据：二进制文件，不是文本"),
        )  # fmt: skip
    shown = _printable(excerpt(", ".join(head.columns[:12])) or excerpt(head.text, 80))
    return Problem(
        "unknown-format", ASIDE,
        Text(
            f"not taken for market data (begins with: {shown}); map its columns in case.toml "
            "if it is",
            f"未识别为行情数据（开头为：{shown}）；如属行情，请在 case.toml 中写明列映射",
        ),
        sample=_printable(excerpt(head.text)),
    )  # fmt: skip


def _binary(text: str) -> bool:
    """Whether it is no text: a NUL, or one character in ten that nobody writes."""
    beginning = text[:_LOOKED_AT]
    odd = sum(not c.isprintable() and c not in "\t\r\n\f\x1b\ufeff" for c in beginning)
    return "\0" in beginning or odd * 10 > len(beginning)


def _printable(text: str) -> str:
    """Foreign text without what a terminal or a page would obey."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _read(task: LoadTask, done: Loaded, head: Head, reading: Reading, scratch: Path) -> None:
    """Stage, check, publish."""
    staging = Staging(task.source, head, reading, scratch, dict(task.contracts))
    try:
        done.rows = staging.run()
    finally:
        done.problems += staging.problems
    seen = check.rows(staging.db, staging.staged, staging.schema, staging.columns)
    done.problems += with_samples(seen.problems, scratch / "plain")
    if not seen.spread[0]:
        done.problems.append(
            Problem("empty", ABSENT, Text("holds no usable row", "没有可用的数据行"))
        )
        return
    publishing = Publishing(staging, seen, task.lake)
    publishing.run()
    done.parts += publishing.parts
    done.problems += publishing.problems
