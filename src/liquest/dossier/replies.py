"""replies.toml → replies by the parties, which stand in the report as they were sent.

    [[reply]]
    party = { en = "Binance", zh = "币安" }
    received = "2026-01-15T09:00:00Z"
    file = "replies/binance-2026-01-15.txt"     # in the case folder, UTF-8
    sha256 = "…"                                # of its bytes

Invariant: a reply is shown unedited, and only when its bytes are those of the digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..claims.toml_file import Key, TomlFile
from ..clock import parse_time
from ..errors import CaseError, IntegrityError, Text, UsageError

NAME = "replies.toml"
_KEYS = ("party", "received", "file", "sha256")


@dataclass(frozen=True)
class Reply:
    """What a party sent; `received` in UTC microseconds, `sha256` of the bytes of `text`."""

    party: Text
    received: int
    text: str
    sha256: str


def read_replies(root: Path) -> list[Reply]:
    """The replies of the case in `root`, in the order of the file; none when it is not there.

    Raises CaseError with file, line and remedy, and IntegrityError when a reply is not the one
    that its digest names.
    """
    path = root / NAME
    if not path.is_file():
        return []
    file = TomlFile.read(path)
    file.only((), file.table, ("reply",))
    rows = file.tables(("reply",), file.table.get("reply"))
    return [_reply(file, ("reply", n), row, root) for n, row in enumerate(rows)]


def _reply(file: TomlFile, key: Key, row: Mapping[str, Any], root: Path) -> Reply:
    file.only(key, row, _KEYS, needed=set(_KEYS))
    name, digest = (file.string((*key, k), row[k]) for k in ("file", "sha256"))
    place = (root / name).resolve()
    if not place.is_relative_to(root.resolve()) or not place.is_file():
        raise file.refuse(
            (*key, "file"), Text(f"there is no file '{name}' in the case", f"案件中没有“{name}”"),
            Text("Put the reply into the case folder.", "请将答复放入案件文件夹。"),
        )  # fmt: skip
    data = place.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        raise IntegrityError(
            Text("a reply is not the one that was received", "答复与收到时不符"),
            expected=digest, got=found, where=f"{file.path}:{file.line((*key, 'sha256'))}",
            remedy=Text("Put back the file as it was sent.", "请恢复原始文件。"),
        )  # fmt: skip
    return Reply(
        file.both((*key, "party"), row["party"]), _moment(file, (*key, "received"), row), _text(
            file, (*key, "file"), data
        ), digest,
    )  # fmt: skip


def _moment(file: TomlFile, key: Key, row: Mapping[str, Any]) -> int:
    try:
        return parse_time(file.string(key, row["received"]))
    except UsageError as error:
        raise file.refuse(key, error.what, error.remedy or error.what) from None


def _text(file: TomlFile, key: Key, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_text(file, key) from None


def _not_text(file: TomlFile, key: Key) -> CaseError:
    return file.refuse(
        key, Text("the reply is not written in UTF-8", "答复不是 UTF-8 编码"),
        Text("Name a text file in UTF-8.", "请使用 UTF-8 文本文件。"),
    )  # fmt: skip
