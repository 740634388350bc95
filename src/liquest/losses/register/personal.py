"""Personal files of a claim: encrypted at rest, committed to by a salted digest.

Within the ciphertext a salt of 32 bytes goes before the bytes; the register keeps SHA-256(salt ‖
bytes). The name of a file is encrypted too: export names hold uids.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import NamedTuple

from ...errors import InputError, IntegrityError, Text, UnreadableFile, UsageError
from . import steps
from .database import changing
from .key import SALT
from .register import Register

LIMIT = 256 << 20
"""Bytes of a personal file."""


class PersonalFile(NamedTuple):
    """A file of a claim, by its number from 1."""

    number: int
    name: str
    commitment: str
    added_at: str


def attach(register: Register, id_: str, path: Path) -> PersonalFile:
    """Take a file in; the original is left where it is."""
    register.claim(id_)
    try:
        size = path.stat().st_size
        if size > LIMIT:
            raise InputError(
                Text(f"the file has {size >> 20} MB; {LIMIT >> 20} MB are taken",
                     f"文件 {size >> 20} MB，上限 {LIMIT >> 20} MB"),
                where=str(path),
                remedy=Text("Split it, or attach the exports of the event alone.",
                            "请拆分，或只附上事件期间的导出文件。"),
            )  # fmt: skip
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            Text(f"it cannot be read ({error.strerror})", f"无法读取（{error.strerror}）"),
            where=str(path), remedy=Text("Check the path.", "请检查路径。"),
        ) from None  # fmt: skip
    salted = secrets.token_bytes(SALT) + data
    commitment = hashlib.sha256(salted).hexdigest()
    with changing(register.connection):
        last = register.connection.execute(
            "SELECT coalesce(max(number), 0) FROM personal_file WHERE claim = ?", (id_,)
        )
        number = int(last.fetchone()[0]) + 1
        at = steps.stamp()
        register.connection.execute(
            "INSERT INTO personal_file VALUES (?, ?, ?, ?, ?, ?)",
            (id_, number, register.key.encrypt(path.name.encode()), register.key.encrypt(salted),
             commitment, at),
        )  # fmt: skip
        steps.note(register.connection, "file attached", id_, commitment)
    return PersonalFile(number, path.name, commitment, at)


def files(register: Register, id_: str) -> list[PersonalFile]:
    """The files of a claim, by their names in the clear."""
    register.claim(id_)
    rows = register.connection.execute(
        "SELECT number, name, commitment, added_at FROM personal_file WHERE claim = ? "
        "ORDER BY number", (id_,),
    )  # fmt: skip
    return [
        PersonalFile(r["number"], register.key.decrypt(r["name"], id_).decode(), r["commitment"],
                     r["added_at"])
        for r in rows
    ]  # fmt: skip


def content(register: Register, id_: str, number: int) -> bytes:
    """The bytes of a file, held against its commitment."""
    row = register.connection.execute(
        "SELECT content, commitment FROM personal_file WHERE claim = ? AND number = ?",
        (id_, number),
    ).fetchone()
    if row is None:
        raise UsageError(
            Text(f"{id_} has no file {number}", f"{id_} 没有第 {number} 个文件"),
            remedy=Text(f"See: liquest register show {id_}", f"见：liquest register show {id_}"),
        )
    salted = register.key.decrypt(row["content"], f"{id_}:{number}")
    if (got := hashlib.sha256(salted).hexdigest()) != row["commitment"]:
        raise IntegrityError(
            Text("the file is not what was committed to", "文件与承诺值不符"),
            expected=row["commitment"], got=got, where=f"{id_}:{number}",
            remedy=Text("Restore the register from a copy.", "请用备份恢复登记册。"),
        )  # fmt: skip
    return salted[SALT:]
