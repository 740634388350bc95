"""What a stage writes: each file whole or not at all, and a refusal as one clear error."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import duckdb

from ..errors import OutputError, Text

_FULL = ("no space left", "disk quota", "max_temp_directory_size")
_DENIED = ("read-only file system", "permission denied", "operation not permitted")


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """The folder `out`, made if need be; turns what the file system refuses into OutputError."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        yield
    except (OSError, duckdb.Error) as error:
        refused = output_error(error, out)
        if refused is None:
            raise
        raise refused from error


def output_error(error: OSError | duckdb.Error, out: Path) -> OutputError | None:
    """The OutputError for a full disk or for a place in `out` that may not be written; None
    when the error is about something else, a source for instance."""
    text = str(error).lower()
    code = error.errno if isinstance(error, OSError) else None
    if code in (errno.ENOSPC, errno.EDQUOT) or any(words in text for words in _FULL):
        return OutputError(
            Text("the disk is full", "磁盘空间不足"), where=str(out),
            remedy=Text(
                "Free some space or choose another folder with --out; the run goes on where it "
                "stopped.",
                "请清理空间或用 --out 选择其他文件夹；再次运行会从中断处继续。",
            ),
        )  # fmt: skip
    denied = code in (errno.EACCES, errno.EROFS, errno.EPERM) or any(w in text for w in _DENIED)
    blocked = isinstance(error, FileExistsError | NotADirectoryError | FileNotFoundError)
    if (denied or blocked) and str(out).lower() in text:
        return OutputError(
            Text("the output folder cannot be written", "输出文件夹无法写入"), where=str(out),
            remedy=Text("Choose another with --out.", "请用 --out 另选文件夹。"),
        )  # fmt: skip
    return None


@contextmanager
def whole(path: Path) -> Iterator[IO[str]]:
    """A text file to be written; it takes the place of `path` only when all of it is there."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        with fresh.open("w", encoding="utf-8") as out:
            yield out
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
