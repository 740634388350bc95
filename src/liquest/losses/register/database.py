"""The register's file: opened, brought up to date by migrations, written in transactions.

Invariant: a register is whole or not there. A migration runs in one transaction with the number
that says it ran; a register of a later version is refused, never guessed at.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import InputError, Text, UnreadableFile, UsageError

APPLICATION = 0x4C515245
"""`PRAGMA application_id` of a register ("LQRE"), so that no other SQLite file is taken for one."""
_FOLDER = Path(__file__).parent / "migrations"
_NAMED = re.compile(r"(\d{4})_\w+\.sql")


def migrations() -> list[tuple[int, str]]:
    """Number and SQL of each, in order, without a hole."""
    found = sorted(
        (int(named[1]), path.read_text(encoding="utf-8"))
        for path in _FOLDER.iterdir()
        if (named := _NAMED.fullmatch(path.name))
    )
    assert [n for n, _ in found] == list(range(1, len(found) + 1))
    return found


def create(path: Path) -> sqlite3.Connection:
    """A new register; raises UsageError where the file exists."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise UsageError(
            Text("there is a file of that name", "已有同名文件"), where=str(path),
            remedy=Text("Choose another name.", "请另选名称。"),
        ) from None  # fmt: skip
    connection = _connect(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    migrate(connection, path)
    return connection


def open_(path: Path) -> sqlite3.Connection:
    """An existing register, brought up to date; raises UnreadableFile for anything else."""
    if not path.is_file():
        raise UsageError(
            Text("there is no register", "此处没有登记册"), where=str(path),
            remedy=Text(
                f"Make one: liquest register new {path}", f"请先建立：liquest register new {path}"
            ),
        )  # fmt: skip
    connection = _connect(path)
    try:
        own = connection.execute("PRAGMA application_id").fetchone()[0]
        damaged = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        connection.close()
        raise _no_register(path, str(error)) from None
    if own != APPLICATION:
        connection.close()
        raise _no_register(path, "another SQLite database")
    if damaged != "ok":
        connection.close()
        raise _no_register(path, str(damaged))
    migrate(connection, path)
    return connection


def version(connection: sqlite3.Connection) -> int:
    """How many migrations a register has seen."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, path: Path, upto: int | None = None) -> None:
    """Run what has not run yet, each whole; raises InputError for a later version."""
    known, now = migrations(), version(connection)
    if now > len(known):
        raise InputError(
            Text(
                f"the register is of version {now}, this program knows {len(known)}",
                f"登记册版本为 {now}，本程序只支持到 {len(known)}",
            ),
            where=str(path), remedy=Text("Use a newer Liquest.", "请使用更新版本的 Liquest。"),
        )  # fmt: skip
    for number, sql in known[now:upto]:
        # executescript commits what is open, so the transaction stands in the script itself.
        try:
            connection.executescript(f"BEGIN;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def changing(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction: all of it, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten: an erased file is not left in free pages.
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def _no_register(path: Path, what: str) -> UnreadableFile:
    return UnreadableFile(
        Text(f"this is no register ({what})", f"这不是登记册（{what}）"), where=str(path),
        remedy=Text(
            "Name the file that `liquest register new` made, or restore it from a copy.",
            "请指定由 liquest register new 建立的文件，或用备份恢复。",
        ),
    )  # fmt: skip
